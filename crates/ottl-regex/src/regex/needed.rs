//! [`NeededBytes`]: what every match has, looked for in bytes that hold many texts.

use memchr::memmem::Finder;

use super::{Regex, find_byte};
use crate::set::TextPattern;

/// Bytes that every match of a pattern has, one after the other: where they are not, no text is that matches.
///
/// ```
/// use ottl_regex::Regex;
///
/// let needed = Regex::new("password=[^ ]+")?.needed_bytes().expect("it has one");
/// let texts = b"\x12\x03one\x12\x14some password=secret";
/// assert_eq!(needed.find(texts, 0), Some(12));
/// assert_eq!(needed.find(texts, 13), None);
/// # Ok::<(), ottl_regex::RegexError>(())
/// ```
#[derive(Debug, Clone)]
pub struct NeededBytes(Finding);

#[derive(Debug, Clone)]
enum Finding {
    Byte([u8; 1]),
    Literal(Box<Finder<'static>>),
}

impl Regex {
    /// A question to which bytes that hold many texts, each in one piece, answer yes if one of the texts matches. It costs little.
    pub fn needed_among(&self) -> Option<TextPattern> {
        let bytes = self.needed_bytes()?;
        // What it says about a place does not depend on what stands around a match.
        let is_local = || !self.core.wants_valid && self.with_tree(|tree| tree.properties().look_set().is_empty());
        if bytes.bytes().len() < 2 && is_local() {
            return Some(TextPattern::Matches(self.clone()));
        }
        Some(TextPattern::Contains(bytes.bytes().into()))
    }

    /// The bytes that tell most, if any are known.
    pub fn needed_bytes(&self) -> Option<NeededBytes> {
        let literal = match self.required().as_ref().and_then(|required| required.question()) {
            Some(
                TextPattern::Contains(literal)
                | TextPattern::Prefix(literal)
                | TextPattern::Suffix(literal)
                | TextPattern::Equals(literal),
            ) if literal.len() > 1 => Some(NeededBytes(Finding::Literal(Box::new(Finder::new(&literal).into_owned())))),
            _ => None,
        };
        literal.or_else(|| self.required_byte().map(|byte| NeededBytes(Finding::Byte([byte]))))
    }
}

impl NeededBytes {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        match &self.0 {
            Finding::Byte(byte) => byte,
            Finding::Literal(finder) => finder.needle(),
        }
    }

    /// The first place at or after `at` where they begin.
    #[inline]
    pub fn find(&self, texts: &[u8], at: usize) -> Option<usize> {
        let rest = texts.get(at..)?;
        let found = match &self.0 {
            Finding::Byte([byte]) => find_byte(rest, *byte),
            Finding::Literal(finder) => finder.find(rest),
        };
        found.map(|found| at + found)
    }
}

#[cfg(test)]
mod tests {
    use crate::Regex;

    #[test]
    fn matching_texts_are_told_among_others() {
        for (pattern, text, expected) in [
            ("[a-z]+@[a-z]+", "a@b", true),
            ("[a-z]+@[a-z]+", "@b", false),
            ("^[a-z]+@[a-z]+$", "a@b", true),
            ("^[a-z]+@[a-z]+$", "@", true),
            (r"\bpassword=[^ ]+", "password=", true),
            (r"\bpassword=[^ ]+", "password", false),
            ("é@", "é@", true),
            ("[^a]@", "b@", true),
        ] {
            let needed = Regex::new(pattern).expect(pattern).needed_among().expect("it has one");
            let texts = [b"\xc3\x40\x12", text.as_bytes(), b"\xff@"].concat();
            assert_eq!(needed.is_match(&texts), expected, "{pattern} {text}");
        }
        assert!(Regex::new("a|b").expect("valid").needed_among().is_none());
    }

    #[test]
    fn needed_bytes_are_in_every_match() {
        for (pattern, expected) in [
            ("password=[^ ]+", Some("password=")),
            ("^password=", Some("password=")),
            ("[a-z]+@[a-z]+", Some("@")),
            ("[0-9]{4}-[0-9]{4}", Some("-")),
            ("error|warn", None),
            ("(?i)error", None),
            ("x", Some("x")),
            ("x*", None),
            ("", None),
        ] {
            let needed = Regex::new(pattern).expect(pattern).needed_bytes();
            assert_eq!(needed.as_ref().map(|needed| needed.bytes()), expected.map(str::as_bytes), "{pattern}");
            let Some(needed) = needed else { continue };
            let texts = [b"..", needed.bytes(), b"..", needed.bytes()].concat();
            let second = needed.bytes().len() + 4;
            assert_eq!(
                [0, 2, 3, second + 1, 99].map(|at| needed.find(&texts, at)),
                [Some(2), Some(2), Some(second), None, None]
            );
        }
    }
}
