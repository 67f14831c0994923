//! Texts that a field never has, because it is an id or one of a few words: W0316.
//!
//! Whether there is such a text is found by writing it to the field and reading it back.

use ottl_core::ops::CompareOp;
use ottl_core::{Arena, Value};
use ottl_diagnostics::{Code, Span};
use ottl_plan::Literal;
use ottl_schema::{Access, Conv, PathDecl};

use super::Lint;
use crate::hir::{Expr, Kind};

impl Lint<'_> {
    /// `span.kind.string == "SERVER"`, which is never so.
    pub(super) fn impossible_text(&mut self, op: CompareOp, left: &Expr, right: &Expr, span: Span) {
        let (Kind::Path(path), Some(Literal::Str(text)), at) = (match left.as_const() {
            None => (&left.kind, right.as_const(), right.span),
            literal => (&right.kind, literal, left.span),
        }) else {
            return;
        };
        let decl = ottl_schema::path(path.path);
        let Some(conv) = conversion(decl).filter(|_| matches!(op, CompareOp::Eq | CompareOp::Ne)) else { return };
        if has(conv, text) {
            return;
        }
        let verdict = if op == CompareOp::Ne { "is always true" } else { "is never true" };
        let text = String::from_utf8_lossy(text);
        let message = format!("this comparison {verdict}: `{}` is never `{text}`", decl.name);
        let doubt = self.doubt(Code::IMPOSSIBLE_TEXT, span, message);
        let words = words(conv);
        let doubt = match hex_digits(conv) {
            Some(digits) if text.len() == digits && has(conv, text.to_ascii_lowercase().as_bytes()) => {
                let lower = text.to_ascii_lowercase();
                doubt.help("its hex digits are lower case").fix(at, format!("\"{lower}\""))
            }
            Some(digits) => {
                let long = text.chars().count();
                doubt.help(format!("it is {digits} hex digits in lower case, and this text has {long} characters"))
            }
            None => match words.iter().find(|word| is_meant(word, &text)) {
                Some(word) => doubt.help(format!("write `\"{word}\"`")).fix(at, format!("\"{word}\"")),
                None => doubt.help(format!("it is one of `{}`", words.join("`, `"))),
            },
        };
        self.warn(doubt);
    }
}

/// How a field becomes one of a few texts.
pub(super) fn conversion(decl: &PathDecl) -> Option<Conv> {
    let (Access::Field(_, conv) | Access::Nested(_, _, conv)) = decl.access else { return None };
    let is_text = hex_digits(conv).is_some() || matches!(conv, Conv::SpanKindText | Conv::SpanKindSymbol);
    is_text.then_some(conv)
}

/// How many hex digits a text of this conversion has, if it is an id.
pub(super) fn hex_digits(conv: Conv) -> Option<usize> {
    match conv {
        Conv::TraceIdText | Conv::ProfileIdText => Some(32),
        Conv::SpanIdText => Some(16),
        _ => None,
    }
}

/// Whether some field reads as this text.
fn has(conv: Conv, text: &[u8]) -> bool {
    let arena = Arena::new();
    // What is absent, or no kind that has a word, cannot be written as a text.
    let is_zero = hex_digits(conv).is_some_and(|digits| text.len() == digits && text.iter().all(|b| *b == b'0'));
    let written = conv.write(Value::Str(text), &arena);
    let read = written.and_then(|field| conv.read(field, &arena));
    is_zero || (text.is_empty() && hex_digits(conv).is_none()) || read.is_ok_and(|read| read.as_str() == Some(text))
}

/// The words of an enum in the order of its numbers.
pub(super) fn words(conv: Conv) -> Vec<String> {
    let arena = Arena::new();
    let word = |number| {
        let field = Conv::I32.write(Value::Int(number), &arena).ok()?;
        let word = conv.read(field, &arena).ok()?;
        word.as_str().map(|word| String::from_utf8_lossy(word).into_owned()).filter(|word| !word.is_empty())
    };
    if hex_digits(conv).is_some() { Vec::new() } else { (0..).map_while(word).collect() }
}

/// Whether a word is what a text of another form says.
pub(super) fn is_meant(word: &str, text: &str) -> bool {
    let last = |text: &str| text.rsplit('_').next().unwrap_or(text).to_ascii_lowercase();
    last(word) == last(text)
}
