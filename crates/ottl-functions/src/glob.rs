//! Glob patterns of the `replace_match` editors: gobwas/glob without separators.
//!
//! `*` and `**` stand for any text, `?` for one character, `[a-z]` and `[!abc]` for one of a class,
//! `{a,b}` for alternatives, a backslash takes the next character literally. The pattern has to
//! fit the whole text. It becomes a regular expression, so matching is linear in the text.

use std::fmt::Write as _;

use crate::regex::Regex;

/// A compiled glob.
#[derive(Debug, Clone)]
pub struct Glob {
    regex: Regex,
    /// Whether the empty text fits although the regex says no.
    empty_fits: bool,
}

impl Glob {
    /// Compiles a glob.
    ///
    /// # Errors
    /// A message for a malformed class, for text that is not UTF-8, and for alternatives nested
    /// deeper than regular expressions may be.
    pub fn new(pattern: &[u8]) -> Result<Glob, String> {
        let regex = Regex::shared(Translation::new(pattern).run()?).map_err(|error| error.to_string())?;
        Ok(Glob { regex, empty_fits: one_character(pattern, 0) })
    }

    /// Whether the glob fits the whole text.
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.regex.is_match(text) || (self.empty_fits && text.is_empty())
    }
}

/// Whether a pattern, or one of the alternatives it consists of, is a lone `?` or `[!...]`.
///
/// COMPAT: these look at one character of at most one, so the empty text passes. Inside longer patterns they do not
/// get to see it, except after alternatives of different lengths, which is not followed here.
fn one_character(pattern: &[u8], depth: usize) -> bool {
    /// As many braces around alternatives as are looked through.
    const BRACES: usize = 8;
    match pattern {
        b"?" => true,
        [b'[', b'!', class @ .., b']'] => !class.contains(&b']') && !class.contains(&b'\\'),
        [b'{', inner @ .., b'}'] if depth < BRACES && !inner.contains(&b'\\') => {
            let (mut open, mut start, mut fits) = (0usize, 0, false);
            for (idx, c) in inner.iter().enumerate() {
                match c {
                    b'{' => open += 1,
                    // The first brace closes before the end.
                    b'}' if open == 0 => return false,
                    b'}' => open -= 1,
                    b',' if open == 0 => {
                        fits |= one_character(&inner[start..idx], depth + 1);
                        start = idx + 1;
                    }
                    _ => {}
                }
            }
            open == 0 && (fits || one_character(&inner[start..], depth + 1))
        }
        _ => false,
    }
}

struct Translation<'p> {
    rest: std::iter::Peekable<std::str::Chars<'p>>,
    out: String,
    /// Whether `rest` leads to the end of the pattern and not to text that is not UTF-8.
    readable: bool,
    /// Open braces.
    depth: usize,
}

impl<'p> Translation<'p> {
    fn new(pattern: &'p [u8]) -> Translation<'p> {
        let valid = match std::str::from_utf8(pattern) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&pattern[..error.valid_up_to()]).unwrap_or_default(),
        };
        // The reference takes a genuine U+FFFD for a decoding error as well.
        let text = valid.split(char::REPLACEMENT_CHARACTER).next().unwrap_or_default();
        let readable = text.len() == pattern.len();
        Translation { rest: text.chars().peekable(), readable, out: String::from(r"(?s)\A"), depth: 0 }
    }

    fn run(mut self) -> Result<String, String> {
        while let Some(c) = self.rest.next() {
            match c {
                '*' => {
                    while self.rest.next_if_eq(&'*').is_some() {}
                    self.out.push_str(".*");
                }
                '?' => self.out.push('.'),
                '[' => self.class()?,
                '{' => {
                    self.depth += 1;
                    self.out.push_str("(?:");
                }
                ',' if self.depth > 0 => self.out.push('|'),
                '}' if self.depth > 0 => {
                    self.depth -= 1;
                    self.out.push(')');
                }
                '\\' => {
                    if let Some(c) = self.rest.next() {
                        self.literal(c);
                    }
                }
                _ => self.literal(c),
            }
        }
        if !self.readable {
            return Err("could not read rune".to_owned());
        }
        // Braces may stay open to the end.
        self.out.extend(std::iter::repeat_n(')', self.depth));
        self.out.push_str(r"\z");
        Ok(self.out)
    }

    fn literal(&mut self, c: char) {
        if c.is_ascii_alphanumeric() || !c.is_ascii() {
            self.out.push(c);
        } else {
            self.code(c);
        }
    }

    fn code(&mut self, c: char) {
        // Writing to a string cannot fail.
        let _ = write!(self.out, r"\x{{{:x}}}", u32::from(c));
    }

    /// A class: `[!` then either `lo-hi]` or a list of characters.
    fn class(&mut self) -> Result<(), String> {
        let end = || "unexpected end of input".to_owned();
        self.out.push_str(if self.rest.next_if_eq(&'!').is_some() { "[^" } else { "[" });
        let first = *self.rest.peek().ok_or_else(end)?;
        let mut ahead = self.rest.clone();
        ahead.next();
        if ahead.peek() == Some(&'-') {
            ahead.next();
            let last = ahead.next().ok_or_else(end)?;
            match ahead.next() {
                Some(']') => {}
                Some(_) => return Err("expected close range character".to_owned()),
                None => return Err(end()),
            }
            if last < first {
                return Err(format!("hi character '{last}' should be greater than lo '{first}'"));
            }
            self.rest = ahead;
            self.code(first);
            self.out.push('-');
            self.code(last);
        } else {
            let mut any = false;
            loop {
                let c = match self.rest.next().ok_or_else(end)? {
                    ']' => break,
                    '\\' => self.rest.next().ok_or_else(end)?,
                    c => c,
                };
                any = true;
                self.code(c);
            }
            if !any {
                return Err("could not parse range".to_owned());
            }
        }
        self.out.push(']');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn a_lone_character_fits_the_empty_text() {
        let rows = [
            ("?", true),
            ("[!a]", true),
            ("[!a-c]", true),
            ("{?,b}", true),
            ("{a,?}", true),
            ("{{?,c},b}", true),
            ("{?}", true),
            ("[a]", false),
            ("??", false),
            ("?*", false),
            ("[!a]*", false),
            ("{?,b}*", false),
            ("{?,b}{?,c}", false),
            ("{a?,b}", false),
            ("", true),
        ];
        for (pattern, expected) in rows {
            let glob = Glob::new(pattern.as_bytes()).expect("the pattern is good");
            assert_eq!(glob.is_match(b""), expected, "{pattern}");
        }
    }
}
