//! Ranges and fixes of texts as those of the file that they stand in: quotes and escapes of YAML lie between.
//!
//! INVARIANT: a fix edits what the file has itself, and leaves the quotes around it.

use ottl_diagnostics::{Diagnostic, Fix, Span, TextMap};

/// A text as it is written in the file.
pub(super) struct Written<'t> {
    pub text: &'t str,
    pub map: TextMap,
    /// The whole token.
    pub token: Span,
    pub file: &'t str,
}

impl Written<'_> {
    fn quote(&self) -> Option<u8> {
        self.token.of(self.file).bytes().next().filter(|first| matches!(first, b'"' | b'\''))
    }

    /// The range of the file for a range of the text, escapes whole.
    pub fn range(&self, span: Span) -> Span {
        let range = self.map.span(span);
        if span.is_empty() {
            return range;
        }
        let next = match self.quote() {
            Some(_) if span.end as usize >= self.text.len() => self.token.end.saturating_sub(1),
            _ => self.map.offset(span.end),
        };
        let escape = Span::new(range.end, next.max(range.end)).of(self.file).trim_end().len() as u32;
        Span::new(range.start, range.end + escape)
    }

    /// A text as its quotes want it.
    fn escaped(&self, text: &str) -> String {
        match self.quote() {
            Some(b'"') => text.replace('\\', "\\\\").replace('"', "\\\""),
            Some(_) => text.replace('\'', "''"),
            None => text.to_owned(),
        }
    }

    /// A fix of the text as an edit of the file: only where the file has the text itself, not what expands or unfolds
    /// to it.
    pub fn edit(&self, fix: &Fix) -> Option<Fix> {
        let at = fix.span.start;
        let before = self.text.get(..at as usize)?.chars().next_back();
        let before = Span::new(at - before.map_or(0, char::len_utf8) as u32, at);
        // What is inserted stands behind the character before it: the next one may be on another line.
        let inserts = fix.span.is_empty() && !before.is_empty();
        let witness = if inserts { before } else { fix.span };
        if self.range(witness).of(self.file) != self.escaped(witness.of(self.text)) {
            return None;
        }
        let range = self.range(witness);
        let span = if inserts { Span::new(range.end, range.end) } else { range };
        Some(Fix { span, replacement: self.escaped(&fix.replacement) })
    }
}

/// A fix of a word of a configuration leaves the quotes around the word: JSON needs them.
pub(super) fn inside_quotes(mut diagnostic: Diagnostic, file: &str) -> Diagnostic {
    if let Some(fix) = &mut diagnostic.fix {
        let old = fix.span.of(file);
        let is_quoted = |quote: char| old.len() > 1 && old.starts_with(quote) && old.ends_with(quote);
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '/' | '.' | '-');
        if (is_quoted('"') || is_quoted('\'')) && !fix.replacement.is_empty() && fix.replacement.chars().all(is_word) {
            fix.span = Span::new(fix.span.start + 1, fix.span.end - 1);
        }
    }
    diagnostic
}
