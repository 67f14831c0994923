//! Text out of a configuration file that remembers where each of its bytes stands there.
//!
//! YAML takes indentation, quotes, escapes and line breaks away, and expansion puts other text in; a diagnostic must
//! still point into the file. So a text carries the file offset of each byte, and gives a [`TextMap`] to what has to be
//! shown.
//! INVARIANT: there is one origin for each byte.

use std::sync::Arc;

use ottl_diagnostics::{Span, TextMap};

use super::origins::Origins;

/// A text and the file offset of each byte. Copies share the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text {
    text: Arc<str>,
    origins: Origins,
    /// Where the text begins in the file, for a text without bytes.
    start: u32,
    /// The parts that stand in the file as something else, mostly as a reference to a variable; in order.
    inserted: Vec<Inserted>,
}

/// A part of a text that expansion put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Inserted {
    start: usize,
    end: usize,
    /// What stands for it in the file.
    written: Span,
}

/// A text as it stands in the file, and where the parts of the expanded text stand in it.
#[derive(Debug, Default)]
pub(crate) struct WrittenText {
    text: String,
    /// Of each part that expansion put in: start and end in the expanded text, and end in this one.
    inserted: Vec<(usize, usize, usize)>,
}

impl WrittenText {
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands in the file for a range of the expanded text; none where that begins or ends inside a value.
    pub fn part(&self, start: usize, end: usize) -> Option<&str> {
        let (start, end) = self.range(start, end)?;
        self.text.get(start..end)
    }

    /// The range in the file's text of a range of the expanded text; none where that begins or ends inside a value.
    pub fn range(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        Some((self.place(start, false)?, self.place(end, true)?))
    }

    fn place(&self, at: usize, is_end: bool) -> Option<usize> {
        let (mut from, mut to) = (0, 0);
        for &(start, end, written) in &self.inserted {
            // What begins with a value begins with the reference to it, and what ends with one likewise.
            if at < start || at == start && !(is_end && start == end) {
                break;
            }
            if at < end {
                return None;
            }
            (from, to) = (end, written);
        }
        Some(at - from + to)
    }
}

/// A text under construction, of parts of other texts and of words that stand in no file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Builder {
    text: String,
    origins: Origins,
    inserted: Vec<Inserted>,
}

impl Builder {
    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Adds words of our own; what is said about them points at `at`.
    pub fn word(&mut self, word: &str, at: u32) {
        self.text.push_str(word);
        self.origins.repeat(at, word.len());
    }

    /// Adds another one.
    pub fn append(&mut self, other: &Builder) {
        let offset = self.text.len();
        let moved = |part: &Inserted| Inserted { start: part.start + offset, end: part.end + offset, ..*part };
        self.inserted.extend(other.inserted.iter().map(moved));
        self.text.push_str(&other.text);
        self.origins.extend_from(&other.origins, 0, other.text.len());
    }

    /// Adds a part of another text.
    pub fn push(&mut self, other: &Text, start: usize, end: usize) {
        let offset = self.text.len();
        let first = other.inserted.partition_point(|part| part.end < start);
        for part in other.inserted[first..].iter().take_while(|part| part.start <= end) {
            let (from, to) = (part.start.max(start), part.end.min(end));
            // An empty part between two pieces belongs to the first.
            if from < to || part.start == part.end && (part.start > start || start == 0) {
                let at = |at: usize| at - start + offset;
                self.inserted.push(Inserted { start: at(from), end: at(to), written: part.written });
            }
        }
        self.text.push_str(other.text.get(start..end).unwrap_or(""));
        self.origins.extend_from(&other.origins, start, end);
    }

    /// The text; one without bytes stands at `start`.
    pub fn finish(self, start: u32) -> Text {
        let Builder { text, origins, inserted } = self;
        Text { text: text.into(), origins, start, inserted }
    }
}

impl Text {
    /// A text whose bytes stand at these offsets; missing ones stand where the last known one stands.
    pub fn new(text: &str, mut origins: Origins, start: u32) -> Text {
        let last = origins.last().unwrap_or(start);
        origins.repeat(last, text.len().saturating_sub(origins.len()));
        Text { text: text.into(), origins, start, inserted: Vec::new() }
    }

    /// A text that came from elsewhere and takes the place of `span`: its first byte stands at the first byte of the
    /// range, its last at the last.
    pub fn in_place_of(text: String, span: Span) -> Text {
        let last = span.end.saturating_sub(1).max(span.start);
        let count = text.len();
        // What is longer than the range ends at its last byte, and so does what is shorter.
        let before = if count == 1 { 1 } else { count.saturating_sub(1).min((last - span.start) as usize) };
        let mut origins = Origins::run(span.start, before);
        origins.repeat(last, count - before);
        Builder { inserted: vec![Inserted { start: 0, end: count, written: span }], text, origins }.finish(span.start)
    }

    /// A text of a file that begins at `by` among several.
    pub fn moved(mut self, by: u32) -> Text {
        self.origins = self.origins.moved(by);
        self.start += by;
        self
    }

    /// A text of a text of the file as one of the file.
    pub fn inside(&self, outer: &Text) -> Text {
        Text {
            text: self.text.clone(),
            origins: self.origins.through(&outer.origins),
            start: outer.span(self.start as usize, self.start as usize).start,
            inserted: self.inserted.clone(),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether parts of it stand in the file as something else.
    pub fn is_expanded(&self) -> bool {
        !self.inserted.is_empty()
    }

    /// The text with what stands in the file for the parts that expansion put in: no value of a variable shows.
    pub fn as_written(&self, file: &str) -> WrittenText {
        let mut out = WrittenText::default();
        let (mut done, mut shown) = (0, 0);
        for part in self.inserted.iter() {
            out.text.push_str(self.text.get(done..part.start).unwrap_or(""));
            // A reference whose value has references again stands for all of that once.
            if part.written.start >= shown {
                out.text.push_str(part.written.of(file));
                shown = part.written.end;
            }
            done = part.end.max(done);
            out.inserted.push((part.start, part.end, out.text.len()));
        }
        out.text.push_str(self.text.get(done..).unwrap_or(""));
        out
    }

    /// The file range of a range of the text.
    pub fn span(&self, start: usize, end: usize) -> Span {
        let first = self.origins.of(start).unwrap_or(self.start);
        let last = end.checked_sub(1).and_then(|i| self.origins.of(i)).map_or(first, |at| at + 1);
        Span::new(first, last.max(first))
    }

    /// How many bytes of the text stand in front of a place in the file, whole characters.
    #[cfg(feature = "service")]
    pub fn bytes_before(&self, file: u32) -> usize {
        let (mut low, mut high) = (0, self.text.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.origins.of(middle).is_some_and(|at| at < file) { low = middle + 1 } else { high = middle }
        }
        while !self.text.is_char_boundary(low) {
            low += 1;
        }
        low
    }

    /// Where the text begins in the file.
    pub fn begin(&self) -> u32 {
        self.origins.of(0).unwrap_or(self.start)
    }

    /// The way from the text to the file.
    pub fn map(&self) -> TextMap {
        self.origins.map(self.start)
    }

    /// Replaces every occurrence of `old` with `new`. In the file the new text stands where the old one stood.
    pub fn replace(&self, old: &str, new: &str) -> Text {
        let mut out = Builder::default();
        let mut done = 0;
        for (at, _) in self.text.match_indices(old) {
            out.push(self, done, at);
            let inserted = Text::in_place_of(new.to_owned(), self.span(at, at + old.len()));
            out.push(&inserted, 0, new.len());
            done = at + old.len();
        }
        out.push(self, done, self.text.len());
        out.finish(self.start)
    }

    /// The part between two bytes of the text, without blanks around it.
    pub fn part(&self, start: usize, end: usize) -> Text {
        let mut out = Builder::default();
        out.push(self, start, end);
        out.finish(self.span(start, start).start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaced_text_stands_where_the_reference_stood() {
        let text = Text::new("a ${X} b", Origins::run(10, 8), 10);
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
    fn references_are_shown_and_not_what_they_became() {
        let file = "a ${X} b ${Y}${Z}";
        let text = Text::new(file, Origins::run(0, file.len()), 0);
        let nested = text.replace("${X}", "<${Y}>");
        assert_eq!(nested.as_written(file).as_str(), file);
        let expanded = nested.replace("${Y}", "secret").replace("${Z}", "");
        assert_eq!((expanded.as_str(), expanded.as_written(file).as_str()), ("a <secret> b secret", file));
        assert!(expanded.is_expanded() && !text.is_expanded());
        let written = expanded.as_written(file);
        let parts = [(0, 1), (2, 10), (0, 10), (11, 12), (11, 19), (2, 19), (13, 19)].map(|(a, b)| written.part(a, b));
        let want = ["a", "${X}", "a ${X}", "b", "b ${Y}${Z}", "${X} b ${Y}${Z}", "${Y}${Z}"].map(Some);
        assert_eq!(parts, want);
        assert_eq!((written.part(0, 5), written.part(5, 11)), (None, None), "values have no parts");
        let whole = Text::in_place_of(String::from("one,two"), Span::new(2, 6));
        assert_eq!((whole.part(0, 3).as_written(file).as_str(), whole.part(4, 7).as_str()), ("${X}", "two"));
    }

    #[test]
    fn a_dropped_byte_shifts_the_rest() {
        let text = Text::new("$$1 $$2", Origins::run(0, 7), 0).replace("$$", "$");
        assert_eq!(text.as_str(), "$1 $2");
        assert_eq!(text.map().span(Span::new(1, 2)), Span::new(2, 3));
        assert_eq!(text.map().span(Span::new(4, 5)), Span::new(6, 7));
    }

    #[test]
    fn an_empty_text_has_a_place() {
        assert_eq!(Text::new("", Origins::default(), 7).map().span(Span::new(0, 0)), Span::new(7, 7));
    }
}
