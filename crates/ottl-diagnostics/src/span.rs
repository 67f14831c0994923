//! Byte ranges in a text, and the way from a text to the file it came from.

use serde::Serialize;

/// A half-open range of bytes `start..end` in one source text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Span { start, end }
    }

    /// The smallest range that holds both.
    pub fn to(self, other: Span) -> Span {
        Span::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// The part of `text` that the range names; empty when the range does not lie in the text.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }

    /// Number of bytes.
    pub const fn len(self) -> usize {
        (self.end.saturating_sub(self.start)) as usize
    }

    /// Whether the range holds no byte.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }
}

/// A place in a file as a person counts: both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Location {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// A byte order mark, which is no character of the line that it stands before.
const MARK: &str = "\u{feff}";

/// Line and column of byte `offset` in `text`; an offset past the end counts as the end.
pub fn locate(text: &str, offset: u32) -> Location {
    let mut end = (offset as usize).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line_start = before.rfind('\n').map_or(if before.starts_with(MARK) { MARK.len() } else { 0 }, |i| i + 1);
    Location {
        line: before.bytes().filter(|b| *b == b'\n').count() as u32 + 1,
        column: before[line_start..].chars().count() as u32 + 1,
    }
}

/// Lines and columns of many places in one text: [`locate`] looks through all that is before each.
#[derive(Clone, Debug)]
pub struct Locator<'t> {
    text: &'t str,
    /// Where each line begins.
    lines: Vec<u32>,
    /// The location at each multiple of [`Locator::STEP`] bytes; empty for a text in ASCII, where columns are bytes.
    known: Vec<Location>,
}

impl<'t> Locator<'t> {
    const STEP: usize = 1024;

    /// A locator for this text. Of a text beyond 4 GiB only the beginning can be named.
    pub fn new(text: &'t str) -> Self {
        let breaks = text.match_indices('\n').map_while(|(at, _)| u32::try_from(at + 1).ok());
        let mut locator = Locator { text, lines: std::iter::once(0).chain(breaks).collect(), known: Vec::new() };
        if !text.is_ascii() {
            let mut last = Location { line: 1, column: 1 };
            locator.known.push(last);
            for chunk in text.as_bytes().chunks_exact(Self::STEP) {
                last = Self::advance(last, chunk);
                locator.known.push(last);
            }
        }
        locator
    }

    /// What [`locate`] says.
    pub fn locate(&self, offset: u32) -> Location {
        let mut end = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let step = end / Self::STEP;
        let mut found = match self.known.get(step) {
            Some(known) => Self::advance(*known, &self.text.as_bytes()[step * Self::STEP..end]),
            None => {
                let line = self.lines.partition_point(|start| *start as usize <= end);
                Location { line: line as u32, column: end as u32 - self.lines[line - 1] + 1 }
            }
        };
        if found.line == 1 && found.column > 1 && self.text.starts_with(MARK) {
            found.column -= 1;
        }
        found
    }

    /// The place behind these bytes.
    fn advance(from: Location, bytes: &[u8]) -> Location {
        // Only its first byte counts for a character.
        let characters = |bytes: &[u8]| bytes.iter().filter(|byte| !matches!(byte, 0x80..=0xbf)).count() as u32;
        match bytes.iter().rposition(|byte| *byte == b'\n') {
            None => Location { line: from.line, column: from.column + characters(bytes) },
            Some(last) => {
                let breaks = bytes[..=last].iter().filter(|byte| **byte == b'\n').count() as u32;
                Location { line: from.line + breaks, column: 1 + characters(&bytes[last + 1..]) }
            }
        }
    }
}

/// Where the bytes of a statement stand in the file it was read from.
///
/// YAML scalars lose indentation, escapes and line breaks on the way to the statement, so the map is a list of
/// pieces: `(offset in the statement, offset in the file)`, ascending in both; between two pieces offsets run alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextMap {
    pieces: Vec<(u32, u32)>,
    end: u32,
}

impl TextMap {
    /// A statement that stands in the file as it is, from `start` on, `len` bytes long.
    pub fn contiguous(start: u32, len: u32) -> Self {
        TextMap { pieces: vec![(0, start)], end: start + len }
    }

    /// A map of pieces `(offset in the statement, offset in the file)`; `end` is the file offset after the last byte.
    pub fn from_pieces(pieces: Vec<(u32, u32)>, end: u32) -> Self {
        TextMap { pieces, end }
    }

    /// The file offset of byte `at` of the statement.
    pub fn offset(&self, at: u32) -> u32 {
        let idx = self.pieces.partition_point(|(text, _)| *text <= at);
        match idx.checked_sub(1).and_then(|i| self.pieces.get(i)) {
            Some((text, file)) => (file + (at - text)).min(self.end),
            None => self.end.min(at),
        }
    }

    /// The file range of a range of the statement.
    pub fn span(&self, span: Span) -> Span {
        if span.is_empty() {
            let at = self.offset(span.start);
            return Span::new(at, at);
        }
        // The end is mapped through the last byte inside, so that a range does not run on over a folded line.
        Span::new(self.offset(span.start), (self.offset(span.end - 1) + 1).min(self.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_count_breaks() {
        assert_eq!(locate("aé\nxy", 3), Location { line: 1, column: 3 });
        assert_eq!(locate("aé\nxy", 5), Location { line: 2, column: 2 });
        assert_eq!(locate("ab", 99), Location { line: 1, column: 3 });
        assert_eq!(locate("\u{feff}ab\nc", 4), Location { line: 1, column: 2 });
        assert_eq!(locate("\u{feff}ab\nc", 6), Location { line: 2, column: 1 });
        let texts = [
            "\u{feff}ab\ncd".to_owned(),
            "aé\n€x y\n\n".repeat(1000) + "é".repeat(5000).as_str(),
            "ab\n\nxyz\n".repeat(300),
            String::new(),
        ];
        for text in texts {
            let locator = Locator::new(&text);
            for offset in (0..text.len() as u32 + 3).step_by(if text.len() < 99 { 1 } else { 7 }) {
                assert_eq!(locator.locate(offset), locate(&text, offset), "{offset}");
            }
        }
    }

    #[test]
    fn pieces_shift_offsets_piecewise() {
        let map = TextMap::from_pieces(vec![(0, 10), (4, 20)], 26);
        assert_eq!(map.span(Span::new(0, 4)), Span::new(10, 14));
        assert_eq!(map.span(Span::new(3, 6)), Span::new(13, 22));
        assert_eq!(map.span(Span::new(10, 10)), Span::new(26, 26));
    }
}
