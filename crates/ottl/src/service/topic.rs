//! [`Topic`]: what a name in a rule is, and what there is to say about it.
//!
//! All of it is read from the rows that checker and engines use; nothing is described here.

use std::fmt::Write as _;

use ottl_core::function::{Example, FunctionDef, FunctionKind, Param, Purity, Type};
use ottl_core::{Target, Versions};
use ottl_diagnostics::Span;
use ottl_schema::{ContextId, Keys, PathDecl, context, context_by_name};
use ottl_syntax::token::{TokenKind, lex};
use serde::{Deserialize, Serialize};

use crate::{Compiler, RuleKind};

use super::Document;
use super::cursor::{Call, Cursor};
use super::site::Site;

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Topic {
    /// An editor or a converter.
    Function {
        /// Its name.
        name: String,
    },
    /// A parameter of a function.
    Parameter {
        /// The function's name.
        function: String,
        /// The parameter's.
        name: String,
    },
    /// A context.
    Context {
        /// Its name.
        name: String,
    },
    /// A path of a context.
    Path {
        /// The context's name.
        context: String,
        /// The path's without the context: `attributes`.
        name: String,
    },
    /// An enum symbol of a context.
    Enum {
        /// The context's name.
        context: String,
        /// The symbol.
        name: String,
    },
    /// A word of the language.
    Keyword {
        /// The word.
        name: String,
    },
}

/// What there is to say about a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hover {
    /// What it is about, in the document.
    pub range: Span,
    /// What the name there stands for; none where a diagnostic is all there is.
    pub topic: Option<Topic>,
    /// The text, in Markdown.
    pub markdown: String,
    /// The codes of the diagnostics there, whose pages say more.
    pub codes: Vec<&'static str>,
}

const KEYWORDS: [(&str, &str); 8] = [
    ("where", "The statement runs for a record if the condition behind it holds."),
    ("and", "Holds if both conditions hold; binds before `or`."),
    ("or", "Holds if one of the conditions holds."),
    ("not", "Holds if the condition behind it does not."),
    ("nil", "No value: what a path gives that is not set."),
    ("true", "The bool, and a condition that always holds."),
    ("false", "The bool, and a condition that never holds."),
    ("=>", "A lambda: parameters in front, the value or condition behind."),
];

impl Document {
    /// What the name at a place is, and what was found there.
    pub fn hover(&self, at: u32) -> Option<Hover> {
        let name = self.site(at).and_then(|site| {
            let (topic, start, end) = site.topic(&self.compiler)?;
            let markdown = self.describe(&topic)?;
            Some(Hover { range: site.range(&self.text, start, end), topic: Some(topic), markdown, codes: Vec::new() })
        });
        let found: Vec<_> =
            self.diagnostics().iter().filter(|found| found.span.start <= at && at <= found.span.end).collect();
        let mut hover = match (name, found.first()) {
            (Some(name), _) => name,
            (None, Some(first)) => Hover { range: first.span, topic: None, markdown: String::new(), codes: Vec::new() },
            (None, None) => return None,
        };
        for diagnostic in found {
            let separator = if hover.markdown.is_empty() { "" } else { "\n\n---\n\n" };
            let _ = write!(hover.markdown, "{separator}**{}** {}", diagnostic.code, diagnostic.message);
            if let Some(help) = &diagnostic.help {
                let _ = write!(hover.markdown, "\n\n{help}");
            }
            hover.codes.push(diagnostic.code.as_str());
        }
        Some(hover)
    }

    /// What there is to say about something, in Markdown.
    pub fn describe(&self, topic: &Topic) -> Option<String> {
        match topic {
            Topic::Function { name } => self.function(name).map(of_function),
            Topic::Parameter { function, name } => {
                let function = self.function(function)?;
                function.visible_params().find(|param| param.name == name).map(of_parameter)
            }
            Topic::Context { name } => context_by_name(name).map(of_context),
            Topic::Path { context: of, name } => {
                let owner = context(context_by_name(of)?);
                owner.paths.iter().find(|path| path.name == name).map(of_path)
            }
            Topic::Enum { context: of, name } => {
                let owner = context(context_by_name(of)?);
                let (name, value) = owner.enums.iter().find(|(symbol, _)| symbol == name)?;
                Some(format!("```ottl\n{name}\n```\nThe number {value}, in the context {}.", owner.name))
            }
            Topic::Keyword { name } => {
                KEYWORDS.iter().find(|(word, _)| word == name).map(|(word, text)| format!("`{word}`\n\n{text}"))
            }
        }
    }

    /// The function of a name as the version has it.
    pub(super) fn function(&self, name: &str) -> Option<&FunctionDef> {
        function(&self.compiler, name)
    }
}

/// The function of a name as the compiler's version has it.
pub(super) fn function<'c>(compiler: &'c Compiler, name: &str) -> Option<&'c FunctionDef> {
    compiler.rules.registry.find_in(compiler.rules.target, name).map(|function| &**function)
}

/// The parameter that an argument of a call is for.
pub(super) fn parameter<'f>(function: &'f FunctionDef, call: &Call) -> Option<(usize, &'f Param)> {
    let mut all = function.visible_params().enumerate();
    match &call.named {
        Some(name) => all.find(|(_, param)| ottl_core::function::parameter_name_matches(name, param.name)),
        None => all.nth(call.argument),
    }
}

impl Site {
    /// What the name at the place is, with its range in the rule.
    fn topic(&self, compiler: &Compiler) -> Option<(Topic, usize, usize)> {
        let tokens = lex(&self.text).tokens;
        let is_name = |kind: TokenKind| matches!(kind, TokenKind::Upper | TokenKind::Lower | TokenKind::Underscore);
        let at = self.at as u32;
        let touched = |token: &&ottl_syntax::token::Token| token.span.start <= at && at <= token.span.end;
        let token = tokens.iter().find(|token| touched(token) && at < token.span.end && is_name(token.kind));
        let token = token.or_else(|| tokens.iter().find(|token| touched(token) && is_name(token.kind)));
        let Some(token) = token else {
            let keyword = tokens.iter().find(touched)?;
            let name = keyword.span.of(&self.text).to_owned();
            let is_known = KEYWORDS.iter().any(|(word, _)| *word == name);
            return is_known.then_some((
                Topic::Keyword { name },
                keyword.span.start as usize,
                keyword.span.end as usize,
            ));
        };
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (before, after) = self.text.split_at(token.span.start as usize);
        let start = before.trim_end_matches(is_word).len();
        let end = self.text.len() - after.trim_start_matches(is_word).len();
        let name = self.text[start..end].to_owned();
        let rest = self.text[end..].trim_start();
        let here = Cursor::new(&self.text, start, self.kind);
        let found = |topic: Topic| Some((topic, start, end));
        if rest.starts_with('(') && function(compiler, &name).is_some() {
            return found(Topic::Function { name });
        }
        if rest.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("=>") {
            let function = function(compiler, &here.call()?.name)?;
            let all = function.visible_params();
            let param = all.into_iter().find(|param| ottl_core::function::parameter_name_matches(&name, param.name))?;
            return found(Topic::Parameter { function: function.name.to_owned(), name: param.name.to_owned() });
        }
        if name == "where" && here.frames.is_empty() && self.kind == RuleKind::Statement {
            return found(Topic::Keyword { name });
        }
        if here.locals.contains(&name) {
            return None;
        }
        // The names of the path up to this one, and those behind it: `trace_id.string` is one path.
        let mut names = match &here.want {
            super::cursor::Want::Member(before) => before.clone(),
            _ => Vec::new(),
        };
        names.push(name.clone());
        let mut behind = Vec::new();
        let mut tail = &self.text[end..];
        while let Some(next) = tail.strip_prefix('.') {
            let length = next.len() - next.trim_start_matches(is_word).len();
            if length == 0 {
                break;
            }
            behind.push(next[..length].to_owned());
            tail = &next[length..];
        }
        if names.len() == 1 && !behind.is_empty() && context_by_name(&name).is_some() {
            return found(Topic::Context { name });
        }
        if let Some((owner, path)) = self.path(&names, &behind) {
            return found(Topic::Path { context: owner.name().to_owned(), name: path.name.to_owned() });
        }
        if name.starts_with(|c: char| c.is_ascii_uppercase()) {
            for id in self.context.into_iter().chain(self.contexts(compiler)) {
                if context(id).enums.iter().any(|(symbol, _)| *symbol == name) {
                    return found(Topic::Enum { context: id.name().to_owned(), name });
                }
            }
        }
        let is_function = function(compiler, &name).is_some();
        is_function.then_some((Topic::Function { name }, start, end))
    }

    /// The path that begins with names, the longest that goes on with some of those behind.
    fn path(&self, names: &[String], behind: &[String]) -> Option<(ContextId, &'static PathDecl)> {
        let (owner, names) = match names {
            [first, rest @ ..] if !rest.is_empty() && context_by_name(first).is_some() => {
                (context_by_name(first)?, rest)
            }
            names => (self.context?, names),
        };
        let find = |name: &str| context(owner).paths.iter().find(|path| path.name == name);
        (0..=behind.len())
            .rev()
            .find_map(|count| {
                let all: Vec<&str> = names.iter().chain(&behind[..count]).map(String::as_str).collect();
                find(&all.join("."))
            })
            .map(|path| (owner, path))
    }
}

/// What a type is called.
pub(super) fn type_name(ty: Type) -> String {
    format!("{ty:?}").to_lowercase()
}

/// `name(a, b, [c])`: optional parameters in brackets.
pub(super) fn signature(function: &FunctionDef) -> String {
    let name = |param: &Param| if param.optional { format!("[{}]", param.name) } else { param.name.to_owned() };
    let params: Vec<String> = function.visible_params().map(name).collect();
    format!("{}({})", function.name, params.join(", "))
}

fn of_function(function: &FunctionDef) -> String {
    let mut out = format!("```ottl\n{}\n```\n", signature(function));
    let _ = match function.kind {
        FunctionKind::Editor => writeln!(out, "Editor."),
        FunctionKind::Converter => writeln!(out, "Converter, gives {}.", type_name(function.returns)),
    };
    let _ = writeln!(out, "\n{}", function.docs);
    if function.visible_params().next().is_some() {
        out.push('\n');
        for param in function.visible_params() {
            let _ = writeln!(out, "- {}", of_parameter(param));
        }
    }
    let contexts = function.availability.statements;
    if !contexts.is_empty() {
        let _ = writeln!(out, "\nIn statements of the contexts {}.", contexts.join(", "));
    }
    let Versions { since, until } = function.versions;
    if since > Target::OLDEST {
        let _ = writeln!(out, "\nSince {}.", since.release());
    }
    if until < Target::NEWEST {
        let _ = writeln!(out, "\nUntil {}.", until.release());
    }
    if let Some(gate) = function.gate {
        let _ = writeln!(out, "\nBehind the gate `{}`.", gate.name());
    }
    if function.purity == Purity::Volatile {
        let _ = writeln!(out, "\nThe result depends on the time or on chance.");
    }
    let example = |example: &Example| match function.kind {
        FunctionKind::Editor => example.code.to_owned(),
        FunctionKind::Converter => format!("{}\n  → {}", example.code, example.result),
    };
    let examples: Vec<String> = function.examples.into_iter().map(example).collect();
    if !examples.is_empty() {
        let _ = write!(out, "\n```ottl\n{}\n```", examples.join("\n"));
    }
    out.trim_end().to_owned()
}

fn of_parameter(param: &Param) -> String {
    let optional = if param.optional { ", optional" } else { "" };
    format!("`{}` ({}{optional}): {}", param.name, param.ty, param.doc)
}

fn of_context(id: ContextId) -> String {
    let decl = context(id);
    let others: Vec<&str> = decl.reaches.iter().skip(1).map(|id| id.name()).collect();
    let mut out = format!("```ottl\n{}\n```\nContext with {} paths", decl.name, decl.paths.len());
    if !others.is_empty() {
        let _ = write!(out, "; its statements may also use those of {}", others.join(", "));
    }
    out.push('.');
    out
}

fn of_path(path: &PathDecl) -> String {
    let keys = match path.keys {
        Keys::None => "",
        Keys::Map | Keys::Body | Keys::TraceState | Keys::Metadata => "[...]",
    };
    let nil = if path.nullable { ", may be nil" } else { "" };
    let access = if path.writable { "" } else { ", read-only" };
    format!(
        "```ottl\n{}.{}{keys}\n```\nPath of the context {}: {}{nil}{access}.\n\n{}",
        path.context.name(),
        path.name,
        path.context.name(),
        type_name(path.read),
        path.doc
    )
}
