//! Patterns that say nothing but a few texts, matched without an automaton: `^/(health|ready)z?$`, `^(GET|HEAD) `.
//!
//! INVARIANT: [`Words::is_match`] gives exactly the answer of the whole pattern for "does it match somewhere".

use regex_syntax::hir::{Hir, Look};

use super::required::{Place, sufficient};

/// More words than these are told apart faster by an automaton.
const MAX_WORDS: usize = 16;

/// The texts that a pattern matches, or which a text begins with that it matches.
#[derive(Debug)]
pub(super) struct Words {
    words: Box<[Box<[u8]>]>,
    /// The first bytes that words have, by their lowest six bits; all bits if there is an empty one.
    firsts: u64,
    /// If the words are whole texts, the lengths that they have: bit 63 stands for all from there on. Else all bits.
    lengths: u64,
    /// Whether the words are whole texts.
    are_whole: bool,
}

impl Words {
    /// Recognises the shape; `None` if the pattern says more, or is no anchored one.
    pub(super) fn recognise(hir: &Hir) -> Option<Words> {
        if !hir.properties().look_set_prefix().contains(Look::Start) {
            return None;
        }
        let required = sufficient(hir)?;
        let are_whole = match required.place {
            Place::Whole => true,
            Place::Start => false,
            Place::Anywhere | Place::End => return None,
        };
        if required.literals.len() > MAX_WORDS || required.literals.iter().any(|literal| literal.ignores_case()) {
            return None;
        }
        let words: Box<[Box<[u8]>]> = required.literals.into_iter().map(|literal| literal.bytes.into()).collect();
        let firsts =
            words.iter().fold(0, |bits, word| bits | word.first().map_or(u64::MAX, |&first| 1 << (first & 63)));
        let lengths = match are_whole {
            true => words.iter().fold(0, |bits, word| bits | 1 << word.len().min(63)),
            false => u64::MAX,
        };
        Some(Words { words, firsts, lengths, are_whole })
    }

    /// Whether the pattern matches the text.
    #[inline]
    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        let begins_otherwise = text.first().is_some_and(|first| self.firsts >> (first & 63) & 1 == 0);
        if begins_otherwise || self.lengths >> text.len().min(63) & 1 == 0 {
            return false;
        }
        self.words.iter().any(|word| if self.are_whole { **word == *text } else { text.starts_with(word) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Regex;

    /// Texts near the words: themselves, cut, and with something around them.
    fn texts(words: &[&str]) -> Vec<Vec<u8>> {
        let around = |word: &&str| {
            let word = word.as_bytes();
            let cut = word.get(..word.len().saturating_sub(1)).unwrap_or_default();
            [
                word.to_vec(),
                cut.to_vec(),
                [word, b"x"].concat(),
                [b"x", word].concat(),
                [word, b"\n"].concat(),
                [word, b"\xff"].concat(),
            ]
        };
        words.iter().flat_map(around).chain([Vec::new(), vec![b'/'; 70], vec![b'a'; 100]]).collect()
    }

    #[test]
    fn words_answer_as_the_automaton_does() {
        let long = "a".repeat(100);
        for pattern in [
            "^/(health|ready|live)z?$",
            "^(GET|HEAD|POST) ",
            "^(GET|POST)$",
            "^(a|ab|abc)$",
            "^(|a)$",
            "^(|a)b",
            "^[abc]x?$",
            "^(é|ü)$",
            &format!("^({long}|b)$"),
        ] {
            let regex = Regex::new(pattern).expect(pattern);
            assert!(regex.core.words.is_some(), "{pattern}");
            for text in texts(&["/health", "/healthz", "/live", "GET ", "GET", "a", "ab", "abc", "cx", "b", "é", &long])
            {
                assert_eq!(regex.is_match(&text), regex.is_match_by_automaton(&text), "{pattern} on {text:?}");
            }
        }
    }

    #[test]
    fn other_patterns_are_no_words() {
        for pattern in [
            "(GET|POST)$",
            "GET|POST",
            "^(?i)(get|post)$",
            r"^(GET|\d)$",
            "(?m)^(a|b)$",
            "^(a|b)+$",
            r"^(a|b)\b",
            "^(a|\u{fffd})$",
        ] {
            assert!(Regex::new(pattern).expect(pattern).core.words.is_none(), "{pattern}");
        }
        let many: Vec<String> = (0..20).map(|n| n.to_string()).collect();
        assert!(Regex::new(format!("^({})$", many.join("|"))).expect("a pattern").core.words.is_none());
    }
}
