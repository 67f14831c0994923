//! The service's data as the protocol has it.

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, DiagnosticRelatedInformation, DiagnosticSeverity,
    DocumentSymbol, InsertTextFormat, Location, NumberOrString, Position, Range, SemanticToken, SemanticTokenType,
    SymbolKind as Kind, TextEdit, Uri,
};
use ottl::service::{self, Completion, CompletionKind, Document, Encoding, Symbol, SymbolKind, TokenType};
use ottl::{Diagnostic, Severity, Span};

/// A document's places in the units that were agreed on.
#[derive(Clone, Copy)]
pub struct Places<'d> {
    pub document: &'d Document,
    pub encoding: Encoding,
}

impl Places<'_> {
    pub fn position(self, at: u32) -> Position {
        let place = self.document.lines().position(self.document.text(), at, self.encoding);
        Position { line: place.line, character: place.column }
    }

    pub fn range(self, span: Span) -> Range {
        Range { start: self.position(span.start), end: self.position(span.end) }
    }

    pub fn offset(self, position: Position) -> u32 {
        let place = service::Position { line: position.line, column: position.character };
        self.document.lines().offset(self.document.text(), place, self.encoding)
    }

    pub fn span(self, range: Range) -> Span {
        Span::new(self.offset(range.start), self.offset(range.end))
    }

    pub fn edit(self, edit: &service::TextEdit) -> TextEdit {
        TextEdit { range: self.range(edit.range), new_text: edit.replacement.clone() }
    }

    /// A diagnostic with what else it points at.
    pub fn diagnostic(self, found: &Diagnostic, uri: &Uri) -> lsp_types::Diagnostic {
        let mut message = found.message.clone();
        for more in found.label.iter().chain(&found.help) {
            message.push('\n');
            message.push_str(more);
        }
        let other = |label: &ottl::Label| DiagnosticRelatedInformation {
            location: Location { uri: uri.clone(), range: self.range(label.span) },
            message: label.text.clone(),
        };
        let others: Vec<_> = found.others.iter().map(other).collect();
        lsp_types::Diagnostic {
            range: self.range(found.span),
            severity: Some(match found.severity() {
                Severity::Error => DiagnosticSeverity::ERROR,
                Severity::Warning => DiagnosticSeverity::WARNING,
                Severity::Hint => DiagnosticSeverity::HINT,
            }),
            code: Some(NumberOrString::String(found.code.as_str().to_owned())),
            source: Some(String::from("ottl")),
            message,
            related_information: (!others.is_empty()).then_some(others),
            ..lsp_types::Diagnostic::default()
        }
    }

    /// A proposal; `number` is its place in the list.
    pub fn completion(self, one: Completion, number: usize, takes_snippets: bool, uri: &str) -> CompletionItem {
        let (text, format) = match one.snippet.filter(|_| takes_snippets) {
            Some(snippet) => (snippet, Some(InsertTextFormat::SNIPPET)),
            None => (one.insert, None),
        };
        CompletionItem {
            // What is filtered by is what stands there, which may have escapes.
            filter_text: Some(one.label.clone()),
            sort_text: Some(format!("{number:05}")),
            kind: Some(match one.kind {
                CompletionKind::Editor => CompletionItemKind::FUNCTION,
                CompletionKind::Converter => CompletionItemKind::METHOD,
                CompletionKind::Path => CompletionItemKind::FIELD,
                CompletionKind::Variable => CompletionItemKind::VARIABLE,
                CompletionKind::Enum => CompletionItemKind::ENUM_MEMBER,
                CompletionKind::Key => CompletionItemKind::PROPERTY,
                CompletionKind::Argument => CompletionItemKind::PROPERTY,
                CompletionKind::Keyword => CompletionItemKind::KEYWORD,
                CompletionKind::Configuration => CompletionItemKind::PROPERTY,
                CompletionKind::Snippet => CompletionItemKind::SNIPPET,
            }),
            detail: (!one.detail.is_empty()).then_some(one.detail),
            text_edit: Some(CompletionTextEdit::Edit(TextEdit { range: self.range(one.range), new_text: text })),
            insert_text_format: format,
            data: one.topic.map(|topic| serde_json::json!({ "uri": uri, "topic": topic })),
            label: one.label,
            ..CompletionItem::default()
        }
    }

    #[expect(deprecated, reason = "a field that has to be there and means nothing")]
    pub fn symbol(self, symbol: &Symbol) -> DocumentSymbol {
        let children: Vec<DocumentSymbol> = symbol.children.iter().map(|child| self.symbol(child)).collect();
        DocumentSymbol {
            name: symbol.name.clone(),
            detail: (!symbol.detail.is_empty()).then(|| symbol.detail.clone()),
            kind: match symbol.kind {
                SymbolKind::Processor => Kind::MODULE,
                SymbolKind::Group => Kind::NAMESPACE,
                SymbolKind::Statement => Kind::FUNCTION,
                SymbolKind::Condition => Kind::BOOLEAN,
                SymbolKind::Value => Kind::VARIABLE,
            },
            tags: None,
            deprecated: None,
            range: self.range(symbol.range),
            selection_range: self.range(symbol.selection),
            children: (!children.is_empty()).then_some(children),
        }
    }

    /// All words, each by its distance from the one before, as the protocol has them. One over several lines is one on each.
    pub fn tokens(self) -> Vec<SemanticToken> {
        let text = self.document.text();
        let mut out = Vec::new();
        let mut last = Position::default();
        for token in self.document.tokens() {
            let kind = TokenType::ALL.iter().position(|kind| *kind == token.token_type).unwrap_or_default() as u32;
            let mut at = token.range.start;
            for line in token.range.of(text).split_inclusive('\n') {
                let written = line.trim_end_matches(['\r', '\n']);
                let indent = if at == token.range.start { 0 } else { written.len() - written.trim_start().len() };
                let range = self.range(Span::new(at + indent as u32, at + written.len() as u32));
                at += line.len() as u32;
                let length = range.end.character.saturating_sub(range.start.character);
                if length == 0 {
                    continue;
                }
                let delta_line = range.start.line - last.line;
                out.push(SemanticToken {
                    delta_line,
                    delta_start: range.start.character - if delta_line == 0 { last.character } else { 0 },
                    length,
                    token_type: kind,
                    token_modifiers_bitset: 0,
                });
                last = range.start;
            }
        }
        out
    }
}

/// The names of the kinds of words, in the order of [`TokenType::ALL`].
pub fn token_types() -> Vec<SemanticTokenType> {
    let name = |kind: &TokenType| match kind {
        TokenType::Keyword => SemanticTokenType::KEYWORD,
        TokenType::Function => SemanticTokenType::FUNCTION,
        TokenType::Method => SemanticTokenType::METHOD,
        TokenType::Namespace => SemanticTokenType::NAMESPACE,
        TokenType::Property => SemanticTokenType::PROPERTY,
        TokenType::Parameter => SemanticTokenType::PARAMETER,
        TokenType::EnumMember => SemanticTokenType::ENUM_MEMBER,
        TokenType::String => SemanticTokenType::STRING,
        TokenType::Number => SemanticTokenType::NUMBER,
        TokenType::Operator => SemanticTokenType::OPERATOR,
    };
    TokenType::ALL.iter().map(name).collect()
}
