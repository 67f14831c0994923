//! Where the bytes of a YAML scalar stand in the file.
//!
//! The YAML parser gives the value and the place of the whole token. This walks token and value side by side, by the
//! rules of the scalar's style: quotes and escapes, line folding, the indentation of blocks.
//! INVARIANT: offsets never decrease. Where value and token disagree (a style rule that is not known here), the rest of
//! the value stands where the walk stopped: a diagnostic is then less precise, never wrong about the scalar.

use granit_parser::ScalarStyle;

use super::origins::Origins;

/// Where the bytes of `value` stand, the scalar whose token begins at `start` of `file`.
pub(crate) fn align(file: &str, start: usize, style: ScalarStyle, value: &str) -> Origins {
    if let Some(begin) = as_it_is(file, start, style, value) {
        return Origins::run(begin as u32, value.len());
    }
    let mut walk = Walk { file, at: start, value, done: 0, origins: Origins::default() };
    match style {
        ScalarStyle::Plain => walk.flow(&|_| None),
        ScalarStyle::SingleQuoted => {
            walk.at += 1;
            walk.flow(&|rest| rest.starts_with("''").then_some(Escape::Char(2)));
        }
        ScalarStyle::DoubleQuoted => {
            walk.at += 1;
            walk.flow(&escape);
        }
        ScalarStyle::Literal | ScalarStyle::Folded => walk.block(),
    }
    let at = walk.at.min(file.len()) as u32;
    let mut origins = walk.origins;
    let last = origins.last().unwrap_or(start as u32).max(at);
    origins.repeat(last, value.len().saturating_sub(origins.len()));
    origins
}

/// Where a value begins that stands in the file byte by byte, on one line: nearly all do.
fn as_it_is(file: &str, start: usize, style: ScalarStyle, value: &str) -> Option<usize> {
    // What would be written otherwise than it is.
    let (begin, escape) = match style {
        ScalarStyle::Plain => (start, b'\n'),
        ScalarStyle::SingleQuoted => (start + 1, b'\''),
        ScalarStyle::DoubleQuoted => (start + 1, b'\\'),
        ScalarStyle::Literal | ScalarStyle::Folded => return None,
    };
    let written = file.as_bytes().get(begin..begin + value.len())?;
    // All bytes are looked at, with vector instructions, for there is hardly ever one that ends a search early.
    let folds = value.bytes().fold(false, |found, byte| found | matches!(byte, b'\n' | b'\r') | (byte == escape));
    (written == value.as_bytes() && !folds).then_some(begin)
}

/// What a backslash or doubled quote stands for.
enum Escape {
    /// One character of the value, written with this many bytes.
    Char(usize),
    /// Nothing: an escaped line break of this many bytes.
    Break(usize),
}

/// The escape at the start of a double-quoted text.
fn escape(rest: &str) -> Option<Escape> {
    let tail = rest.strip_prefix('\\')?;
    Some(match tail.as_bytes().first()? {
        b'\n' => Escape::Break(2),
        b'\r' => Escape::Break(if tail.starts_with("\r\n") { 3 } else { 2 }),
        b'x' => Escape::Char(4),
        b'u' => {
            let high = tail.get(1..5).and_then(|hex| u32::from_str_radix(hex, 16).ok());
            // A pair of surrogates is one character.
            let pair = high.is_some_and(|unit| (0xd800..0xdc00).contains(&unit)) && tail[5..].starts_with("\\u");
            Escape::Char(if pair { 12 } else { 6 })
        }
        b'U' => Escape::Char(10),
        _ => Escape::Char(1 + tail.chars().next().map_or(0, char::len_utf8)),
    })
}

struct Walk<'t> {
    file: &'t str,
    at: usize,
    value: &'t str,
    done: usize,
    origins: Origins,
}

impl<'t> Walk<'t> {
    /// The next character of the value stands here.
    fn take(&mut self) -> Option<char> {
        let c = self.value[self.done..].chars().next()?;
        self.done += c.len_utf8();
        self.origins.repeat(self.at as u32, c.len_utf8());
        Some(c)
    }

    fn rest(&self) -> &'t str {
        self.file.get(self.at..).unwrap_or("")
    }

    /// Plain and quoted scalars.
    fn flow(&mut self, escape: &dyn Fn(&str) -> Option<Escape>) {
        while self.done < self.value.len() {
            match escape(self.rest()) {
                Some(Escape::Char(len)) => {
                    self.take();
                    self.at += len;
                    continue;
                }
                Some(Escape::Break(len)) => {
                    self.at += len;
                    let blank = blanks(self.rest());
                    self.fold(blank, 0);
                    continue;
                }
                None => {}
            }
            let blank = blanks(self.rest());
            if self.rest()[..blank].contains(['\n', '\r']) {
                self.fold(blank, 1);
                continue;
            }
            let Some(c) = self.rest().chars().next() else { return };
            // A run of blanks is taken at once, for whether a line break ends it was asked of the whole run.
            let len = blank.max(c.len_utf8());
            let same = self.rest().bytes().zip(self.value[self.done..].bytes()).take(len);
            let len = same.take_while(|(a, b)| a == b).count();
            if len < c.len_utf8() {
                return;
            }
            // Bytes of one character stand side by side.
            self.origins.extend(self.at as u32, len);
            self.done += len;
            self.at += len;
        }
    }

    /// A run of blanks with line breaks: one break is a blank, more are one line feed less than there are. `hidden`
    /// is how many breaks leave nothing.
    fn fold(&mut self, blank: usize, hidden: usize) {
        let breaks = self.rest()[..blank].matches('\n').count();
        if hidden == 1 && breaks == 1 {
            self.take();
        } else {
            for _ in hidden..breaks {
                self.take();
            }
        }
        self.at += blank;
    }

    /// Literal and folded blocks: every line of the source that is not blank continues the value, after the line feeds
    /// or the blank that the lines before left.
    fn block(&mut self) {
        // The token begins at the first character of the content, so the blanks before it are the indentation.
        let line_start = self.file[..self.at].rfind('\n').map_or(0, |at| at + 1);
        let indent = self.at - line_start;
        self.at = line_start;
        while self.done < self.value.len() {
            let line = self.rest().split('\n').next().unwrap_or("");
            let len = line.len();
            let content = line.strip_suffix('\r').unwrap_or(line);
            let stripped =
                content.get(indent.min(content.len() - content.trim_start_matches(' ').len())..).unwrap_or("");
            let begin = self.at + (content.len() - stripped.len());
            let last = self.at + len >= self.file.len();
            if !stripped.is_empty() {
                let value = &self.value[self.done..];
                let gap = value.bytes().take_while(|b| matches!(b, b'\n' | b' ')).count();
                let Some(skip) = (0..=gap).find(|skip| value[*skip..].starts_with(stripped)) else { return };
                // What folding left stands at the break before this line.
                let break_at = self.at.saturating_sub(1) as u32;
                self.origins.repeat(break_at, skip);
                self.origins.extend(begin as u32, stripped.len());
                self.done += skip + stripped.len();
            }
            self.at += len;
            if last {
                // What is left of the value are line feeds: they stand at the break that ends the file, if one does.
                self.at = self.at.saturating_sub(usize::from(len == 0));
                return;
            }
            self.at += 1;
        }
    }
}

/// The number of bytes of blanks and line breaks at the start.
fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t', '\n', '\r']).len()
}

#[cfg(test)]
mod tests {
    use granit_parser::{Event, Parser};

    use super::align;

    /// For each scalar of a YAML text: the value with each byte replaced by the one that stands in the file where the
    /// byte is said to stand.
    fn seen(file: &str) -> Vec<(String, String)> {
        let scalars = Parser::new_from_str(file).filter_map(|event| {
            let (event, span) = event.expect("valid YAML");
            let Event::Scalar(value, style, ..) = event else { return None };
            let origins = align(file, span.byte_range().expect("a range").start, style, &value);
            assert_eq!(origins.len(), value.len());
            let origins: Vec<u32> = (0..value.len()).filter_map(|byte| origins.of(byte)).collect();
            assert!(origins.is_sorted(), "{origins:?}");
            let bytes = origins.iter().map(|at| file.as_bytes().get(*at as usize).copied().unwrap_or(b'$'));
            let seen = String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned();
            Some((value.into_owned(), seen))
        });
        scalars.collect()
    }

    #[test]
    fn every_byte_stands_where_it_was_written() {
        // In the right column, `\` stands for a byte that an escape made, `_` for a folded or final line break.
        for (file, value, want) in [
            ("a b", "a b", "a b"),
            ("- a\n  b\n\n  c", "a b\nc", "a_b_c"),
            ("'it''s'", "it's", "it's"),
            ("- 'a\n\n\n  b'", "a\n\nb", "a__b"),
            (r#""a\tb\x41c\ud83d\ude00d""#, "a\tbAc\u{1f600}d", r"a\b\c\\\\d"),
            ("- \"a\\\n   b c\"", "ab c", "ab c"),
            ("- \"a \\\n\n   b\"", "a \nb", "a _b"),
            ("- \"a  \n   b\"", "a b", "a_b"),
            ("- |\n  a\n   b\n\n  c\n", "a\n b\n\nc\n", "a_ b__c_"),
            ("- |2\n    a\n   b\n", "  a\n b\n", "  a_ b_"),
            ("- |+\n\n  a\n\n", "\na\n\n", "_a__"),
            ("- >-\n  a\n  b\n\n  c\n    d\n  e\n", "a b\nc\n  d\ne", "a_b_c_  d_e"),
            ("- >\r\n  a\r\n  b\r\n", "a b\n", "a_b_"),
            ("é: \"ü\"", "ü", "ü"),
        ] {
            let (got, seen) = seen(file).pop().expect("a scalar");
            assert_eq!(got, value, "{file:?}");
            let fits = seen.len() == want.len()
                && want.bytes().zip(seen.bytes()).all(|(want, seen)| match want {
                    b'_' => seen.is_ascii_whitespace(),
                    _ => want == seen,
                });
            assert!(fits, "{file:?}: {value:?} was seen as {seen:?}");
        }
    }
}
