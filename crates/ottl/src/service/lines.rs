//! Lines and columns as editors count them.
//!
//! Deliberately elsewhere: lines and columns for people, from 1 and in characters ([`crate::locate`]).

use ottl_diagnostics::Span;
use serde::{Deserialize, Serialize};

/// What a column counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16, as most editors do.
    #[default]
    Utf16,
    /// Characters.
    Utf32,
}

/// A place in a text, both from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column, in what the [`Encoding`] says.
    pub column: u32,
}

/// Where the lines of a text begin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    starts: Vec<u32>,
}

impl Lines {
    /// The lines of a text; they end with `\n`, `\r\n` or `\r`.
    pub fn new(text: &str) -> Lines {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let behind = ends.map_while(|(at, _)| u32::try_from(at + 1).ok());
        Lines { starts: std::iter::once(0).chain(behind).collect() }
    }

    /// The position of a byte of the text; one beyond the end counts as the end, one inside of a character as its start.
    pub fn position(&self, text: &str, offset: u32, encoding: Encoding) -> Position {
        let mut at = (offset as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let line = self.starts.partition_point(|start| *start as usize <= at).saturating_sub(1);
        let start = self.starts.get(line).map_or(0, |start| *start as usize);
        let before = text.get(start..at).unwrap_or_default();
        let column = match encoding {
            Encoding::Utf8 => before.len(),
            Encoding::Utf16 if before.is_ascii() => before.len(),
            Encoding::Utf16 => before.chars().map(char::len_utf16).sum(),
            Encoding::Utf32 => before.chars().count(),
        };
        Position { line: line as u32, column: column as u32 }
    }

    /// The byte of a position. A column behind the end of its line counts as the end, one inside of a character as its start, and a
    /// line behind the last one as the end of the text.
    pub fn offset(&self, text: &str, position: Position, encoding: Encoding) -> u32 {
        let line = position.line as usize;
        let Some(start) = self.starts.get(line).map(|start| *start as usize) else { return text.len() as u32 };
        let end = self.starts.get(line + 1).map_or(text.len(), |end| *end as usize);
        let written = text.get(start..end).unwrap_or_default().trim_end_matches(['\r', '\n']);
        let column = position.column as usize;
        let mut at = 0;
        let mut seen = 0;
        for c in written.chars() {
            seen += match encoding {
                Encoding::Utf8 => c.len_utf8(),
                Encoding::Utf16 => c.len_utf16(),
                Encoding::Utf32 => 1,
            };
            if seen > column {
                break;
            }
            at += c.len_utf8();
        }
        (start + at) as u32
    }

    /// Both ends of a range.
    pub fn range(&self, text: &str, span: Span, encoding: Encoding) -> (Position, Position) {
        (self.position(text, span.start, encoding), self.position(text, span.end, encoding))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_lead_to_bytes_and_back() {
        let text = "a\u{e9}\u{1f600}b\r\n\rlast\n";
        let lines = Lines::new(text);
        for (offset, utf8, utf16, utf32) in [
            (0, (0, 0), (0, 0), (0, 0)),
            (1, (0, 1), (0, 1), (0, 1)),
            (3, (0, 3), (0, 2), (0, 2)),
            (7, (0, 7), (0, 4), (0, 3)),
            (8, (0, 8), (0, 5), (0, 4)),
            (10, (1, 0), (1, 0), (1, 0)),
            (11, (2, 0), (2, 0), (2, 0)),
            (15, (2, 4), (2, 4), (2, 4)),
            (16, (3, 0), (3, 0), (3, 0)),
        ] {
            for (encoding, (line, column)) in
                [(Encoding::Utf8, utf8), (Encoding::Utf16, utf16), (Encoding::Utf32, utf32)]
            {
                let position = Position { line, column };
                assert_eq!(lines.position(text, offset, encoding), position, "{offset} {encoding:?}");
                assert_eq!(lines.offset(text, position, encoding), offset, "{position:?} {encoding:?}");
            }
        }
        let outside = |line, column| lines.offset(text, Position { line, column }, Encoding::Utf16);
        assert_eq!((outside(0, 99), outside(9, 0), outside(0, 3)), (8, 16, 3));
        assert_eq!(lines.position(text, 99, Encoding::Utf8), Position { line: 3, column: 0 });
        assert_eq!(lines.position(text, 2, Encoding::Utf8), Position { line: 0, column: 1 });
    }
}
