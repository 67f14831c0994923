//! Paths.

use ottl_diagnostics::{Code, Diagnostic, Span};

use super::Parser;
use crate::ast::{Path, Segment};
use crate::token::{Token, TokenKind};

impl Parser<'_> {
    /// field { "." field }; a name is next.
    ///
    /// The grammar's optional context segment is not split off here, see [`Path::split_context`].
    pub(super) fn path(&mut self) -> Path {
        let start = self.token().span.start;
        // A context and a field, mostly.
        let mut segments = Vec::with_capacity(2);
        segments.push(self.segment());
        while let Some(dot) = self.eat(TokenKind::Dot) {
            if !matches!(self.kind(), TokenKind::Lower | TokenKind::Upper) {
                self.no_field(dot, start);
                break;
            }
            segments.push(self.segment());
        }
        Path { segments, span: self.span_from(start) }
    }

    /// Whether a path begins here whose first name has an upper-case letter: `Log.body`.
    pub(super) fn at_upper_path(&self) -> bool {
        let (word, chunks) = self.word();
        let dot = self.nth(chunks);
        dot.kind == TokenKind::Dot
            && dot.span.start == word.end
            && matches!(self.nth(chunks + 1).kind, TokenKind::Lower | TokenKind::Upper)
    }

    /// Something else behind the dot of a path: mostly a key, or a text that is to be joined.
    #[cold]
    fn no_field(&mut self, dot: Token, start: u32) {
        let token = self.token();
        let before = Span::new(start, dot.span.start).of(self.text);
        let written = self.text_of(token);
        self.unexpected_with("the name of a field", |d| match token.kind {
            TokenKind::String if token.span.start == dot.span.end && !before.ends_with(char::is_whitespace) => d
                .help(format!("keys stand in brackets: `{before}[{written}]`"))
                .fix(dot.span.to(token.span), format!("[{written}]")),
            TokenKind::String => d.help(format!("join texts with `Concat([{}, {written}], \"\")`", before.trim_end())),
            _ => d,
        });
        if token.kind == TokenKind::String {
            self.bump();
        }
    }

    /// Lowercase { key }; a name is next, and upper-case letters in it are reported.
    fn segment(&mut self) -> Segment {
        let first = self.token();
        let mut end = first.span.end;
        let mut clean = first.kind == TokenKind::Lower;
        self.bump();
        // Chunks that touch each other were meant as one name: `traceId`.
        while matches!(self.kind(), TokenKind::Lower | TokenKind::Upper) && self.token().span.start == end {
            end = self.bump().span.end;
            clean = false;
        }
        let name_span = Span::new(first.span.start, end);
        let written = name_span.of(self.text);
        let name = if clean { written.to_owned() } else { self.upper_case(name_span) };
        let keys = self.keys();
        Segment { name, name_span, keys, span: self.span_from(first.span.start) }
    }

    /// Reports a name with upper-case letters; gives the name that was probably meant.
    #[cold]
    fn upper_case(&mut self, span: Span) -> String {
        let written = span.of(self.text);
        let mut meant = String::with_capacity(written.len() + 2);
        let mut lower_before = false;
        for c in written.chars() {
            if c.is_ascii_uppercase() && lower_before {
                meant.push('_');
            }
            lower_before = !c.is_ascii_uppercase() && c != '_';
            meant.push(c.to_ascii_lowercase());
        }
        self.report(
            Diagnostic::new(Code::UPPER_CASE_PATH, span, format!("`{written}` in a path has upper-case letters"))
                .label("paths are written in lower case")
                .fix(span, meant.clone()),
        );
        meant
    }
}
