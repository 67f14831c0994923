//! Text out of a configuration file that remembers where each of its bytes stands there.
//!
//! YAML takes indentation, quotes, escapes and line breaks away, and expansion puts other text in; a diagnostic must
//! still point into the file. So a text carries the file offset of each byte until it is handed to the compiler, and
//! only then is reduced to a [`TextMap`].
//! INVARIANT: there is one origin for each byte.

use ottl_diagnostics::{Span, TextMap};

/// A text and the file offset of each byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text {
    text: String,
    origins: Vec<u32>,
    /// Where the text begins in the file, for a text without bytes.
    start: u32,
}

impl Text {
    /// A text whose bytes stand at these offsets; missing ones stand where the last known one stands.
    pub fn new(text: String, mut origins: Vec<u32>, start: u32) -> Text {
        let last = origins.last().copied().unwrap_or(start);
        origins.resize(text.len(), last);
        Text { text, origins, start }
    }

    /// A text that came from elsewhere and takes the place of `span`: its first byte stands at the first byte of the
    /// range, its last at the last.
    pub fn in_place_of(text: String, span: Span) -> Text {
        let last = span.end.saturating_sub(1).max(span.start);
        let count = text.len();
        let origins = (0..count)
            .map(|i| if i + 1 == count && i > 0 { last } else { (span.start + i as u32).min(last) })
            .collect();
        Text { text, origins, start: span.start }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The file range of a range of the text.
    pub fn span(&self, start: usize, end: usize) -> Span {
        let first = self.origins.get(start).copied().unwrap_or(self.start);
        let last = end.checked_sub(1).and_then(|i| self.origins.get(i)).map_or(first, |at| at + 1);
        Span::new(first, last.max(first))
    }

    /// The way from the text to the file.
    pub fn map(&self) -> TextMap {
        let mut pieces = Vec::new();
        let mut next = None;
        for (at, origin) in self.origins.iter().enumerate() {
            if next != Some(*origin) {
                pieces.push((at as u32, *origin));
            }
            next = Some(origin + 1);
        }
        if pieces.is_empty() {
            pieces.push((0, self.start));
        }
        TextMap::from_pieces(pieces, next.unwrap_or(self.start))
    }

    /// Replaces every occurrence of `old` with `new`. In the file the new text stands where the old one stood.
    pub fn replace(&self, old: &str, new: &str) -> Text {
        let mut out = Text { start: self.start, ..Text::default() };
        let mut done = 0;
        for (at, _) in self.text.match_indices(old) {
            out.push(self, done, at);
            let inserted = Text::in_place_of(new.to_owned(), self.span(at, at + old.len()));
            out.push(&inserted, 0, new.len());
            done = at + old.len();
        }
        out.push(self, done, self.text.len());
        out
    }

    /// The part between two bytes of the text, without blanks around it.
    pub fn part(&self, start: usize, end: usize) -> Text {
        let mut out = Text { start: self.span(start, start).start, ..Text::default() };
        out.push(self, start, end);
        out
    }

    fn push(&mut self, other: &Text, start: usize, end: usize) {
        self.text.push_str(other.text.get(start..end).unwrap_or(""));
        self.origins.extend_from_slice(other.origins.get(start..end).unwrap_or(&[]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaced_text_stands_where_the_reference_stood() {
        let text = Text::new(String::from("a ${X} b"), (10..18).collect(), 10);
        let long = text.replace("${X}", "longer than it");
        assert_eq!(long.as_str(), "a longer than it b");
        let map = long.map();
        assert_eq!(map.span(Span::new(0, 1)), Span::new(10, 11));
        assert_eq!(map.span(Span::new(2, 16)), Span::new(12, 16), "the whole reference");
        assert_eq!(map.span(Span::new(17, 18)), Span::new(17, 18));
        let gone = text.replace("${X}", "");
        assert_eq!((gone.as_str(), gone.map().span(Span::new(2, 4))), ("a  b", Span::new(16, 18)));
    }

    #[test]
    fn a_dropped_byte_shifts_the_rest() {
        let text = Text::new(String::from("$$1 $$2"), (0..7).collect(), 0).replace("$$", "$");
        assert_eq!(text.as_str(), "$1 $2");
        assert_eq!(text.map().span(Span::new(1, 2)), Span::new(2, 3));
        assert_eq!(text.map().span(Span::new(4, 5)), Span::new(6, 7));
    }

    #[test]
    fn an_empty_text_has_a_place() {
        assert_eq!(Text::new(String::new(), Vec::new(), 7).map().span(Span::new(0, 0)), Span::new(7, 7));
    }
}
