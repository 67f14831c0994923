//! The open documents, and the answers about them.

use std::collections::{BTreeMap, BTreeSet};

use lsp_server::{ErrorCode, Notification, Request, Response};
use lsp_types::request::{self, Request as _};
use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOptions, CodeActionOrCommand, CodeActionParams, CodeActionProviderCapability,
    CompletionItem, CompletionList, CompletionOptions, CompletionParams, DidChangeTextDocumentParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DocumentFormattingParams, DocumentSymbolParams,
    Documentation, Hover, HoverContents, HoverParams, HoverProviderCapability, InitializeParams, InlayHint,
    InlayHintLabel, InlayHintParams, InlayHintTooltip, MarkupContent, MarkupKind, OneOf, ParameterInformation,
    ParameterLabel, PositionEncodingKind, PublishDiagnosticsParams, Range, SemanticTokens, SemanticTokensFullOptions,
    SemanticTokensLegend, SemanticTokensOptions, SemanticTokensParams, SemanticTokensServerCapabilities,
    ServerCapabilities, SignatureHelp, SignatureHelpOptions, SignatureHelpParams, SignatureInformation,
    TextDocumentIdentifier, TextDocumentPositionParams, TextDocumentSyncCapability, TextDocumentSyncKind,
    TextDocumentSyncOptions, Uri, WorkspaceEdit,
};
use ottl::Compiler;
use ottl::service::{Document, DocumentKind, Encoding, Samples, Topic};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::convert::{Places, token_types};
use crate::pages;

/// All fixes of a file at once.
const FIX_ALL: &str = "source.fixAll.ottl";

/// A document that is open in the editor.
struct Open {
    uri: Uri,
    version: i32,
    document: Document,
    /// Whether diagnostics were sent that the editor still shows.
    has_faults: bool,
}

/// What is known of the editor and its documents.
pub struct Server {
    compiler: Compiler,
    samples: Samples,
    encoding: Encoding,
    takes_snippets: bool,
    nests_symbols: bool,
    open: BTreeMap<String, Open>,
    /// Documents whose diagnostics are not sent yet.
    changed: BTreeSet<String>,
}

/// An answer that is not there, and why.
type Answer = Result<Value, (ErrorCode, String)>;

impl Server {
    /// A server for an editor that says what it can do.
    pub fn new(compiler: Compiler, samples: Samples, params: &InitializeParams) -> Server {
        let capabilities = &params.capabilities;
        let encodings = capabilities.general.as_ref().and_then(|general| general.position_encodings.as_ref());
        let takes_utf8 = encodings.is_some_and(|known| known.contains(&PositionEncodingKind::UTF8));
        let of_text = capabilities.text_document.as_ref();
        let item = of_text.and_then(|text| text.completion.as_ref()?.completion_item.as_ref());
        let symbols = of_text.and_then(|text| text.document_symbol.as_ref());
        Server {
            compiler,
            samples,
            encoding: if takes_utf8 { Encoding::Utf8 } else { Encoding::Utf16 },
            takes_snippets: item.and_then(|item| item.snippet_support).unwrap_or(false),
            nests_symbols: symbols.and_then(|known| known.hierarchical_document_symbol_support).unwrap_or(false),
            open: BTreeMap::new(),
            changed: BTreeSet::new(),
        }
    }

    /// What is offered.
    pub fn capabilities(&self) -> ServerCapabilities {
        let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
        ServerCapabilities {
            position_encoding: Some(match self.encoding {
                Encoding::Utf8 => PositionEncodingKind::UTF8,
                Encoding::Utf16 | Encoding::Utf32 => PositionEncodingKind::UTF16,
            }),
            text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::INCREMENTAL),
                ..TextDocumentSyncOptions::default()
            })),
            completion_provider: Some(CompletionOptions {
                resolve_provider: Some(true),
                trigger_characters: words(&[".", "[", "\"", "(", ",", "=", " "]),
                ..CompletionOptions::default()
            }),
            hover_provider: Some(HoverProviderCapability::Simple(true)),
            signature_help_provider: Some(SignatureHelpOptions {
                trigger_characters: words(&["(", ","]),
                retrigger_characters: words(&[")", "="]),
                ..SignatureHelpOptions::default()
            }),
            document_formatting_provider: Some(OneOf::Left(true)),
            document_symbol_provider: Some(OneOf::Left(true)),
            code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
                code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, CodeActionKind::new(FIX_ALL)]),
                ..CodeActionOptions::default()
            })),
            semantic_tokens_provider: Some(SemanticTokensServerCapabilities::SemanticTokensOptions(
                SemanticTokensOptions {
                    legend: SemanticTokensLegend { token_types: token_types(), token_modifiers: Vec::new() },
                    full: Some(SemanticTokensFullOptions::Bool(true)),
                    ..SemanticTokensOptions::default()
                },
            )),
            inlay_hint_provider: Some(OneOf::Left(true)),
            ..ServerCapabilities::default()
        }
    }

    /// Takes what the editor says. What is none of ours, or cannot be read, is left alone, as the protocol wants.
    pub fn take(&mut self, notification: Notification) {
        let Notification { method, params, .. } = notification;
        match method.as_str() {
            "textDocument/didOpen" => {
                if let Ok(params) = serde_json::from_value::<DidOpenTextDocumentParams>(params) {
                    let opened = params.text_document;
                    let name = opened.uri.as_str().to_owned();
                    let is_rules = opened.language_id == "ottl" || name.ends_with(".ottl");
                    let kind = match is_rules {
                        true => DocumentKind::Rules { kind: None, signal: None, context: None },
                        false => DocumentKind::Configuration(None),
                    };
                    let mut document = Document::new(self.compiler.clone().file(&name), kind, opened.text);
                    document.set_samples(self.samples.clone());
                    self.changed.insert(name.clone());
                    // Of one that was closed a moment ago the editor may still show some.
                    let has_faults = self.open.get(&name).is_some_and(|before| before.has_faults);
                    let open = Open { uri: opened.uri, version: opened.version, document, has_faults };
                    self.open.insert(name, open);
                }
            }
            "textDocument/didChange" => {
                if let Ok(params) = serde_json::from_value::<DidChangeTextDocumentParams>(params) {
                    self.change(params);
                }
            }
            "textDocument/didClose" => {
                if let Ok(params) = serde_json::from_value::<DidCloseTextDocumentParams>(params)
                    && let Some(open) = self.open.get_mut(params.text_document.uri.as_str())
                {
                    // What is shown of it is taken away with the next diagnostics.
                    open.document.set_text("");
                    self.changed.insert(params.text_document.uri.as_str().to_owned());
                    open.version = i32::MIN;
                }
            }
            _ => {}
        }
    }

    fn change(&mut self, params: DidChangeTextDocumentParams) {
        let name = params.text_document.uri.as_str();
        let Some(open) = self.open.get_mut(name) else { return };
        open.version = params.text_document.version;
        for change in params.content_changes {
            match change.range {
                Some(range) => {
                    let places = Places { document: &open.document, encoding: self.encoding };
                    let span = places.span(range);
                    open.document.edit(span, &change.text);
                }
                None => open.document.set_text(change.text),
            }
        }
        self.changed.insert(name.to_owned());
    }

    /// The diagnostics of the documents that have changed. One that holds no rules has none, and is not spoken of.
    pub fn diagnostics(&mut self) -> Vec<Notification> {
        let mut out = Vec::new();
        for name in std::mem::take(&mut self.changed) {
            let Some(open) = self.open.get_mut(&name) else { continue };
            let is_closed = open.version == i32::MIN;
            let found: Vec<lsp_types::Diagnostic> = if !is_closed && open.document.holds_rules() {
                let places = Places { document: &open.document, encoding: self.encoding };
                open.document.diagnostics().iter().map(|found| places.diagnostic(found, &open.uri)).collect()
            } else {
                Vec::new()
            };
            if open.has_faults || !found.is_empty() {
                open.has_faults = !found.is_empty();
                let version = (!is_closed).then_some(open.version);
                let params = PublishDiagnosticsParams { uri: open.uri.clone(), diagnostics: found, version };
                out.push(Notification::new(String::from("textDocument/publishDiagnostics"), params));
            }
            if is_closed {
                self.open.remove(&name);
            }
        }
        out
    }

    /// Answers a request.
    pub fn answer(&mut self, request: Request) -> Response {
        let Request { id, method, params, .. } = request;
        let answer = match method.as_str() {
            request::Completion::METHOD => self.with(params, Self::complete),
            request::ResolveCompletionItem::METHOD => read(params).and_then(|item| self.resolve(item)),
            request::HoverRequest::METHOD => self.with(params, Self::hover),
            request::SignatureHelpRequest::METHOD => self.with(params, Self::signature),
            request::Formatting::METHOD => self.with(params, Self::format),
            request::DocumentSymbolRequest::METHOD => self.with(params, Self::symbols),
            request::CodeActionRequest::METHOD => self.with(params, Self::actions),
            request::SemanticTokensFullRequest::METHOD => self.with(params, Self::tokens),
            request::InlayHintRequest::METHOD => self.with(params, Self::hints),
            _ => Err((ErrorCode::MethodNotFound, format!("there is no method `{method}`"))),
        };
        match answer {
            Ok(value) => Response::new_ok(id, value),
            Err((code, text)) => Response::new_err(id, code as i32, text),
        }
    }

    /// Answers about a document; nothing about one that is not open or holds no rules.
    fn with<P: DeserializeOwned + About>(
        &self,
        params: Value,
        answer: impl Fn(&Self, Places<'_>, &Open, P) -> Answer,
    ) -> Answer {
        let params: P = read(params)?;
        let Some(open) = self.open.get(params.about().uri.as_str()) else { return Ok(Value::Null) };
        let places = Places { document: &open.document, encoding: self.encoding };
        answer(self, places, open, params)
    }

    fn complete(&self, places: Places<'_>, open: &Open, params: CompletionParams) -> Answer {
        let document = places.document;
        let at = places.offset(params.text_document_position.position);
        if !document.wants_proposals(at) {
            return Ok(Value::Null);
        }
        let found = document.complete(at);
        let name = open.uri.as_str();
        let items: Vec<CompletionItem> = found
            .into_iter()
            .enumerate()
            .map(|(number, one)| places.completion(one, number, self.takes_snippets, name))
            .collect();
        // What does not fit the word so far was left out.
        done(CompletionList { is_incomplete: !items.is_empty(), items })
    }

    fn resolve(&self, mut item: CompletionItem) -> Answer {
        let data = item.data.as_ref();
        let name = data.and_then(|data| data["uri"].as_str());
        let topic = data.and_then(|data| serde_json::from_value::<Topic>(data["topic"].clone()).ok());
        if let (Some(open), Some(topic)) = (name.and_then(|name| self.open.get(name)), topic) {
            item.documentation =
                open.document.describe(&topic).map(|text| Documentation::MarkupContent(markdown(text)));
        }
        done(item)
    }

    fn hover(&self, places: Places<'_>, _: &Open, params: HoverParams) -> Answer {
        let at = places.offset(params.text_document_position_params.position);
        if !places.document.holds_rules() {
            return Ok(Value::Null);
        }
        done(places.document.hover(at).map(|hover| {
            let mut text = hover.markdown;
            for code in hover.codes {
                if let Some((_, page)) = pages::PAGES.iter().find(|(of, _)| *of == code) {
                    text.push_str("\n\n---\n\n");
                    text.push_str(page);
                }
            }
            Hover { contents: HoverContents::Markup(markdown(text)), range: Some(places.range(hover.range)) }
        }))
    }

    fn signature(&self, places: Places<'_>, _: &Open, params: SignatureHelpParams) -> Answer {
        let at = places.offset(params.text_document_position_params.position);
        done(places.document.signature(at).map(|help| {
            // Offsets in labels are units of UTF-16 whatever the encoding; names in front of the arrow are ASCII.
            let parameters = help.parameters.iter().map(|param| ParameterInformation {
                label: ParameterLabel::LabelOffsets([param.label.start, param.label.end]),
                documentation: Some(Documentation::MarkupContent(markdown(format!("{}: {}", param.takes, param.doc)))),
            });
            // A number behind the last one is none of them.
            let active = Some(help.active.unwrap_or(help.parameters.len()) as u32);
            SignatureHelp {
                signatures: vec![SignatureInformation {
                    parameters: Some(parameters.collect()),
                    documentation: Some(Documentation::MarkupContent(markdown(help.summary))),
                    active_parameter: active,
                    label: help.label,
                }],
                active_signature: Some(0),
                active_parameter: active,
            }
        }))
    }

    fn format(&self, places: Places<'_>, _: &Open, _: DocumentFormattingParams) -> Answer {
        if !places.document.holds_rules() {
            return Ok(Value::Null);
        }
        // What cannot be formatted has a diagnostic that says why; an error would open a window at each save.
        let edits = places.document.format(None).unwrap_or_default();
        done(edits.iter().map(|edit| places.edit(edit)).collect::<Vec<_>>())
    }

    fn symbols(&self, places: Places<'_>, open: &Open, _: DocumentSymbolParams) -> Answer {
        let symbols: Vec<_> = places.document.symbols().iter().map(|symbol| places.symbol(symbol)).collect();
        if self.nests_symbols {
            return done(symbols);
        }
        let mut flat = Vec::new();
        let mut left: Vec<_> = symbols.into_iter().rev().map(|symbol| (symbol, None::<String>)).collect();
        while let Some((symbol, container)) = left.pop() {
            let location = json!({ "uri": open.uri, "range": symbol.range });
            let name = symbol.name.clone();
            flat.push(
                json!({ "name": symbol.name, "kind": symbol.kind, "location": location, "containerName": container }),
            );
            let children = symbol.children.unwrap_or_default();
            left.extend(children.into_iter().rev().map(|child| (child, Some(name.clone()))));
        }
        Ok(Value::Array(flat))
    }

    fn actions(&self, places: Places<'_>, open: &Open, params: CodeActionParams) -> Answer {
        let document = places.document;
        if !document.holds_rules() {
            return done(Vec::<CodeAction>::new());
        }
        let wants = |kind: &str| {
            params.context.only.as_ref().is_none_or(|only| {
                only.iter().any(|wanted| kind == wanted.as_str() || kind.starts_with(&format!("{}.", wanted.as_str())))
            })
        };
        let change = |edits: &[ottl::service::TextEdit]| WorkspaceEdit {
            changes: Some([(open.uri.clone(), edits.iter().map(|edit| places.edit(edit)).collect())].into()),
            ..WorkspaceEdit::default()
        };
        let mut out = Vec::new();
        if wants(CodeActionKind::QUICKFIX.as_str()) {
            for action in document.actions(places.span(params.range)) {
                let about = document
                    .diagnostics()
                    .iter()
                    .find(|found| found.span == action.diagnostic && found.code.as_str() == action.code);
                out.push(CodeActionOrCommand::CodeAction(CodeAction {
                    kind: Some(CodeActionKind::QUICKFIX),
                    diagnostics: about.map(|found| vec![places.diagnostic(found, &open.uri)]),
                    edit: Some(change(&action.edits)),
                    is_preferred: action.is_fix.then_some(true),
                    title: action.title,
                    ..CodeAction::default()
                }));
            }
        }
        if wants(FIX_ALL) && document.diagnostics().iter().any(|found| found.fix.is_some()) {
            out.push(CodeActionOrCommand::CodeAction(CodeAction {
                title: String::from("Fix all that can be fixed (OTTL)"),
                kind: Some(CodeActionKind::new(FIX_ALL)),
                edit: Some(change(&document.mend())),
                ..CodeAction::default()
            }));
        }
        done(out)
    }

    fn tokens(&self, places: Places<'_>, _: &Open, _: SemanticTokensParams) -> Answer {
        done(SemanticTokens { result_id: None, data: places.tokens() })
    }

    fn hints(&self, places: Places<'_>, _: &Open, params: InlayHintParams) -> Answer {
        let Range { start, end } = params.range;
        let hints = places.document.hints().into_iter().map(|hint| InlayHint {
            position: places.position(hint.at),
            label: InlayHintLabel::String(hint.label),
            kind: None,
            text_edits: None,
            tooltip: Some(InlayHintTooltip::String(hint.tooltip)),
            padding_left: Some(true),
            padding_right: None,
            data: None,
        });
        done(hints.filter(|hint| start <= hint.position && hint.position <= end).collect::<Vec<_>>())
    }
}

fn read<P: DeserializeOwned>(params: Value) -> Result<P, (ErrorCode, String)> {
    serde_json::from_value(params).map_err(|error| (ErrorCode::InvalidParams, error.to_string()))
}

fn done(answer: impl serde::Serialize) -> Answer {
    serde_json::to_value(answer).map_err(|error| (ErrorCode::InternalError, error.to_string()))
}

fn markdown(value: String) -> MarkupContent {
    MarkupContent { kind: MarkupKind::Markdown, value }
}

/// Parameters that are about a document.
trait About {
    fn about(&self) -> &TextDocumentIdentifier;
}

impl About for TextDocumentPositionParams {
    fn about(&self) -> &TextDocumentIdentifier {
        &self.text_document
    }
}

impl About for CompletionParams {
    fn about(&self) -> &TextDocumentIdentifier {
        &self.text_document_position.text_document
    }
}

impl About for HoverParams {
    fn about(&self) -> &TextDocumentIdentifier {
        self.text_document_position_params.about()
    }
}

impl About for SignatureHelpParams {
    fn about(&self) -> &TextDocumentIdentifier {
        self.text_document_position_params.about()
    }
}

macro_rules! about {
    ($($params:ty),*) => {
        $(impl About for $params {
            fn about(&self) -> &TextDocumentIdentifier {
                &self.text_document
            }
        })*
    };
}

about!(DocumentFormattingParams, DocumentSymbolParams, CodeActionParams, SemanticTokensParams, InlayHintParams);
