//! [`NeededBytes`]: what every match has, looked for in bytes that hold many texts.

use memchr::memmem::Finder;

use super::needle::{Places, has_byte};
use super::sequence::Sequence;
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
pub struct NeededBytes {
    finding: Finding,
    /// How many bytes every match has at least.
    least: usize,
}

/// A set of bytes.
type Set = Box<[bool; 256]>;

#[derive(Debug, Clone)]
enum Finding {
    /// A byte, and which bytes can stand in front of it and behind it.
    Byte([u8; 1], Option<[Set; 2]>),
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
            ) if literal.len() > 1 => Some(Finding::Literal(Box::new(Finder::new(&literal).into_owned()))),
            _ => None,
        };
        let byte = || {
            let byte = self.required_byte()?;
            let around = self.core.is_flat().then(|| self.with_tree(|tree| Sequence::around(tree, byte))).flatten();
            Some(Finding::Byte([byte], around))
        };
        literal.or_else(byte).map(|finding| NeededBytes { finding, least: self.core.least })
    }
}

impl NeededBytes {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        match &self.finding {
            Finding::Byte(byte, _) => byte,
            Finding::Literal(finder) => finder.needle(),
        }
    }

    /// Whether a text may match.
    #[inline]
    pub fn may_match(&self, text: &[u8]) -> bool {
        let is_there = || match &self.finding {
            Finding::Byte([byte], _) => has_byte(text, *byte),
            Finding::Literal(_) => true,
        };
        text.len() >= self.least && is_there() && self.find(text, 0).is_some()
    }

    /// The first place at or after `at` where they begin and may be part of a match.
    #[inline]
    pub fn find(&self, texts: &[u8], at: usize) -> Option<usize> {
        match &self.finding {
            Finding::Byte([byte], None) => find_byte(texts.get(at..)?, *byte).map(|found| at + found),
            Finding::Byte([byte], Some(around)) => between(texts, &mut Places::new(texts, at, *byte), at, around),
            Finding::Literal(finder) => finder.find(texts.get(at..)?).map(|found| at + found),
        }
    }

    /// Hands such places at or after `at` to `found`, which says from where on the next one is looked for, or that none is.
    #[inline]
    pub fn find_each(&self, texts: &[u8], at: usize, mut found: impl FnMut(usize) -> Option<usize>) {
        let mut from = Some(at);
        if let Finding::Byte([byte], around) = &self.finding {
            let mut places = Places::new(texts, at, *byte);
            while let Some(at) = from
                && let Some(place) = match around {
                    Some(around) => between(texts, &mut places, at, around),
                    None => places.next_from(at),
                }
            {
                from = found(place);
            }
            return;
        }
        while let Some(at) = from
            && let Some(place) = self.find(texts, at)
        {
            from = found(place);
        }
    }
}

/// The next of the places of a byte that is no less than `from` where it stands between bytes of two sets. At the end anything is
/// behind it.
///
/// PERF (tenant): what stands around a byte tells most places that are none, of `@` the last bytes of floats, and lengths.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn between(texts: &[u8], places: &mut Places<'_>, from: usize, [front, behind]: &[Set; 2]) -> Option<usize> {
    loop {
        let place = places.next_from(from)?;
        let next = texts.get(place + 1).is_none_or(|next| behind[usize::from(*next)]);
        if next && place > 0 && front[usize::from(texts[place - 1])] {
            return Some(place);
        }
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
            (".{4}-.{4}", Some("-")),
            ("error|warn", None),
            ("(?i)error", None),
            ("x", Some("x")),
            ("x*", None),
            ("", None),
        ] {
            let needed = Regex::new(pattern).expect(pattern).needed_bytes();
            assert_eq!(needed.as_ref().map(|needed| needed.bytes()), expected.map(str::as_bytes), "{pattern}");
            let Some(needed) = needed else { continue };
            let texts = [b"aa", needed.bytes(), b"aa", needed.bytes()].concat();
            let second = needed.bytes().len() + 4;
            assert_eq!(
                [0, 2, 3, second + 1, 99].map(|at| needed.find(&texts, at)),
                [Some(2), Some(2), Some(second), None, None]
            );
        }
    }

    #[test]
    fn needed_bytes_are_told_by_what_surrounds_them() {
        for (pattern, texts, expected) in [
            ("[a-z]+@[a-z]+", "@ a@ @a a@A a@b", Some(13)),
            ("[a-z]+@[a-z]+", "a@ @a a@", Some(7)),
            ("[a-z]+@[a-z]+", "@", None),
            ("[a-z]+@[a-z]*", " @ a@ ", Some(4)),
            ("[a-z]{2,}@.", "1@a a@2", Some(5)),
            ("[^ ]+@[^ ]", "é @é é@ é@é", Some(13)),
            ("[a-z]*@[a-z]", "@1", Some(0)),
            (r"[a-z]+@\b", "1@ a@ ", Some(4)),
            ("[aé]{1,2}@b", "é@b", Some(2)),
            ("(a+)@[bc]", "b@b a@b", Some(5)),
        ] {
            let needed = Regex::new(pattern).expect(pattern).needed_bytes().expect("it has one");
            assert_eq!(needed.find(texts.as_bytes(), 0), expected, "{pattern} {texts}");
            let texts = texts.repeat(9);
            for skipped in [1, 3, 70] {
                let (mut from, mut one_by_one, mut each) = (0, Vec::new(), Vec::new());
                while let Some(at) = needed.find(texts.as_bytes(), from) {
                    one_by_one.push(at);
                    from = at + skipped;
                }
                needed.find_each(texts.as_bytes(), 0, |at| {
                    each.push(at);
                    Some(at + skipped)
                });
                assert_eq!(each, one_by_one, "{pattern} {texts}");
            }
            needed.find_each(texts.as_bytes(), 0, |at| {
                assert_eq!(Some(at), needed.find(texts.as_bytes(), 0), "it is asked for no other");
                None
            });
        }
    }
}
