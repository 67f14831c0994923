//! Patterns that stand for a few texts: `^/(health|ready|live)z?$`, `^(GET|HEAD) `.
//!
//! Whether one matches is a comparison with those of the text's length, or with what it begins with.

use regex_syntax::hir::Hir;

use super::super::literal::starts_with;
use super::super::required::{self, Place};

/// Of the lengths of texts all from this one on are one.
const LONGEST: usize = u64::BITS as usize - 1;

/// The texts of a pattern that is anchored at the start.
#[derive(Debug)]
pub(super) struct Choice {
    /// Whether the text has to be one of them; else it has to begin with one.
    whole: bool,
    /// A bit for the length of each, or where the text only begins with them, for the shortest one and all above it.
    lengths: u64,
    /// What all begin with, which is compared once.
    shared: Box<[u8]>,
    /// What follows in each. None is twice there.
    rests: Box<[Box<[u8]>]>,
}

impl Choice {
    /// The texts of a pattern, if they are few and have a case.
    pub(super) fn recognise(hir: &Hir) -> Option<Choice> {
        let required = required::required(hir, None).filter(|required| required.suffices)?;
        let whole = match required.place {
            Place::Whole => true,
            Place::Start => false,
            Place::Anywhere | Place::End => return None,
        };
        if required.literals.iter().any(|literal| literal.ignores_case()) {
            return None;
        }
        let mut texts: Vec<Vec<u8>> = required.literals.into_iter().map(|literal| literal.bytes).collect();
        texts.sort_unstable();
        texts.dedup();
        let (first, last) = (texts.first()?, texts.last()?);
        let shared: Box<[u8]> =
            first.iter().zip(last).take_while(|(one, other)| one == other).map(|(b, _)| *b).collect();
        let bit = |text: &Vec<u8>| 1 << text.len().min(LONGEST);
        let lengths = match whole {
            true => texts.iter().map(bit).fold(0, |all, bit| all | bit),
            false => texts.iter().map(bit).min().map_or(0, |least: u64| least.wrapping_neg()),
        };
        let rests = texts.iter().map(|text| text[shared.len()..].into()).collect();
        Some(Choice { whole, lengths, shared, rests })
    }

    /// Whether the pattern matches.
    ///
    /// PERF (filter-logs): most texts are of another length, or differ in the first byte behind what all share; a walk through
    /// the steps of the sequence takes five times as many instructions.
    #[inline]
    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        if self.lengths >> text.len().min(LONGEST) & 1 == 0 || !starts_with(text, &self.shared) {
            return false;
        }
        let Some(rest) = text.get(self.shared.len()..) else { return false };
        self.rests.iter().any(|choice| (!self.whole || choice.len() == rest.len()) && starts_with(rest, choice))
    }
}

#[cfg(test)]
mod tests {
    use super::Choice;
    use crate::regex::Regex;

    fn choice(pattern: &str) -> Option<Choice> {
        Regex::new(pattern).expect(pattern).with_tree(Choice::recognise)
    }

    #[test]
    fn patterns_for_a_few_texts_are_recognised() {
        for (pattern, texts) in [
            ("^/(health|ready|live)z?$", 6),
            ("^(GET|HEAD) ", 2),
            ("^[ab]c$", 2),
            ("^(a|ab|a)$", 2),
            ("^(a|)$", 2),
            ("^x", 1),
        ] {
            assert_eq!(choice(pattern).map(|choice| choice.rests.len()), Some(texts), "{pattern}");
        }
        for pattern in
            ["(GET|HEAD)", "(GET|HEAD)$", "^(?i:get|head)", "^a+$", "(?m)^(a|b)$", r"^(a|b)\b", "^(a|\u{fffd})$"]
        {
            assert!(choice(pattern).is_none(), "{pattern}");
        }
    }

    #[test]
    fn choices_say_what_comparisons_say() {
        let long = "x".repeat(70);
        let patterns = ["(health|ready|live)z?", "(a|ab|abc|)", "(b|bb|ba)c?", &format!("{long}(y|z|)"), "q"];
        let texts =
            ["", "a", "ab", "abcd", "b", "bac", "bb", "healthz", "healthzz", "health", "heal", "q", "qq", "\u{e9}"];
        let longer = [long.clone(), format!("{long}y"), format!("{long}yy"), format!("x{long}"), long[1..].to_owned()];
        let texts = || texts.iter().copied().chain(longer.iter().map(String::as_str));
        for pattern in patterns {
            for (anchored, ends) in [(format!("^{pattern}"), false), (format!("^{pattern}$"), true)] {
                let choice = choice(&anchored).unwrap_or_else(|| panic!("{anchored}"));
                let alternatives = regex_automata::meta::Regex::new(&anchored).expect("an ordinary pattern");
                assert_eq!(choice.whole, ends, "{anchored}");
                for text in texts() {
                    assert_eq!(choice.is_match(text.as_bytes()), alternatives.is_match(text), "{anchored} in {text}");
                }
            }
        }
    }
}
