//! [`Arising`]: whether a text can come to match a pattern because pieces of it are replaced.
//!
//! INVARIANT: it may say that a text can where none can, never the reverse. What matches where no replaced piece has a part in
//! it matched before, since what stands around a piece stays, and a piece that is ASCII leaves alone which bytes are
//! characters.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::TextPattern;

/// What a pattern would need of a piece that takes part in a match.
///
/// ```
/// use ottl_regex::TextPattern;
///
/// let arising = TextPattern::Contains((*b"token=").into()).arising();
/// assert!(!arising.may_come_of(b"password=***"));
/// assert!(arising.may_come_of(b"my-to"), "if `ken=` follows");
/// assert!(arising.may_come_of(b""), "what stood around the piece comes together");
/// ```
#[derive(Debug)]
pub struct Arising(Parts);

#[derive(Debug)]
enum Parts {
    /// A match is one of these texts; ASCII letters may be of either case if that is said.
    Literals(Vec<(Vec<u8>, bool)>),
    /// A match has no other bytes of ASCII than these, a bit for each.
    Bytes(u128),
    Anything,
}

impl TextPattern {
    /// What a replaced piece of a text needs for the text to match.
    pub fn arising(&self) -> Arising {
        if let Some(required) = self.required()
            && required.suffices
        {
            let literals = required.literals.into_iter();
            let literals = literals.map(|literal| (literal.ignores_case(), literal.bytes));
            return Arising(Parts::Literals(literals.map(|(ignores_case, bytes)| (bytes, ignores_case)).collect()));
        }
        let TextPattern::Matches(regex) = self else { return Arising(Parts::Anything) };
        Arising(regex.with_tree(bytes_of).map_or(Parts::Anything, Parts::Bytes))
    }
}

impl Arising {
    /// Whether a text that does not match may match when pieces of it become this one.
    pub fn may_come_of(&self, piece: &[u8]) -> bool {
        if piece.is_empty() || !piece.is_ascii() {
            return true;
        }
        match &self.0 {
            Parts::Literals(literals) => literals.iter().any(|(bytes, ignores_case)| meet(bytes, piece, *ignores_case)),
            Parts::Bytes(bytes) => piece.iter().any(|&byte| bytes >> byte & 1 != 0),
            Parts::Anything => true,
        }
    }
}

/// Whether there is a way of laying one text over the other so that they agree where both are.
fn meet(a: &[u8], b: &[u8], ignores_case: bool) -> bool {
    let agree = |(a, b): (&u8, &u8)| a == b || ignores_case && a.eq_ignore_ascii_case(b);
    let starts_in = |a: &[u8], b: &[u8]| (0..a.len()).any(|at| a.iter().skip(at).zip(b).all(agree));
    a.is_empty() || starts_in(a, b) || starts_in(b, a)
}

/// The bytes of ASCII that matches may have; `None` if a match also asks what stands next to it.
fn bytes_of(hir: &Hir) -> Option<u128> {
    let looks = hir.properties().look_set();
    if looks.iter().any(|look| !matches!(look, Look::Start | Look::End)) {
        return None;
    }
    let (mut found, mut left) = (0, vec![hir]);
    let bit = |byte: u8| 1u128.checked_shl(u32::from(byte)).unwrap_or(0);
    while let Some(hir) = left.pop() {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => found = literal.0.iter().fold(found, |found, &byte| found | bit(byte)),
            HirKind::Class(Class::Unicode(class)) => {
                let last = |range: &regex_syntax::hir::ClassUnicodeRange| u32::from(range.end()).min(0x7f);
                let ranges = class.ranges().iter();
                let bytes = ranges.flat_map(|range| u32::from(range.start())..=last(range));
                found = bytes.fold(found, |found, byte| found | bit(byte as u8));
            }
            HirKind::Class(Class::Bytes(class)) => {
                let bytes = class.ranges().iter().flat_map(|range| range.start()..=range.end());
                found = bytes.fold(found, |found, byte| found | bit(byte));
            }
            HirKind::Repetition(repetition) => left.push(&repetition.sub),
            HirKind::Capture(capture) => left.push(&capture.sub),
            HirKind::Concat(subs) | HirKind::Alternation(subs) => left.extend(subs),
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use crate::regex::agreement::Numbers;
    use crate::{Regex, Template, TextPattern};

    #[test]
    fn pieces_that_cannot_take_part_are_told() {
        let matches = |pattern: &str| TextPattern::Matches(Regex::new(pattern).expect("valid"));
        let contains = |text: &str| TextPattern::Contains(text.as_bytes().into());
        let table: &[(TextPattern, &str, bool)] = &[
            (contains("token="), "password=***", false),
            (contains("token="), "***t", true),
            (contains("token="), "=", true),
            (contains("token="), "=***", true),
            (contains("token="), "a token=", true),
            (contains("token="), "Token=", false),
            (contains("é"), "e", false),
            (contains("e"), "é", true),
            (contains(""), "x", true),
            (TextPattern::Equals((*b"ab").into()), "c", false),
            (TextPattern::Equals((*b"ab").into()), "b", true),
            (TextPattern::Prefix((*b"ab").into()), "xa", true),
            (TextPattern::Suffix((*b"ab").into()), "x", false),
            (matches("(?i)panic|fatal"), "password=***", false),
            (matches("(?i)panic|fatal"), "C-", true),
            (matches("(?i)panic|fatal"), "xFA", true),
            (matches("[0-9]{4}-[0-9]{4}"), "password=***", false),
            (matches("[0-9]{4}-[0-9]{4}"), "x-", true),
            (matches("^[0-9]+$"), "x", false),
            (matches(r"\b[0-9]+x"), "-", true),
            (matches("(?m)^[0-9]+x"), "\n", true),
            (matches("a.*b"), "x", true),
            (matches("[^x]y"), "x", false),
        ];
        for (pattern, piece, expected) in table {
            assert_eq!(pattern.arising().may_come_of(piece.as_bytes()), *expected, "{pattern:?} {piece}");
        }
    }

    #[test]
    fn what_is_ruled_out_does_not_come_to_match() {
        let mut numbers = Numbers(0xa515);
        let mut text = |most: usize| -> String {
            let len = numbers.below(most + 1);
            (0..len).map(|_| numbers.pick(&["a", "b", "C", "1", "-", "é"])).collect()
        };
        let regexes = ["ab|C1", "(?i)bc", "[0-9]+-", "^a[b1]", "a+b$", "^-a$", r"1\b", "[^a]C", "é-?1"];
        let regexes = regexes.map(|pattern| TextPattern::Matches(Regex::new(pattern).expect("valid")));
        let replaced = ["a", "b+", "[C1]", "é", "-", "^", "1*"].map(|pattern| Regex::new(pattern).expect("valid"));
        let mut ruled_out = 0;
        for _ in 0..4000 {
            let (piece, before) = (text(3), text(8));
            let literal: Box<[u8]> = text(3).into_bytes().into();
            let literals = [TextPattern::Contains, TextPattern::Prefix, TextPattern::Suffix, TextPattern::Equals];
            let literals = literals.map(|question| question(literal.clone()));
            for pattern in literals.iter().chain(&regexes) {
                if pattern.is_match(before.as_bytes()) || pattern.arising().may_come_of(piece.as_bytes()) {
                    continue;
                }
                ruled_out += 1;
                for regex in &replaced {
                    let mut after = Vec::new();
                    let template = Template::new(&piece).bind(regex);
                    if regex.replace_all(before.as_bytes(), &template, &mut after) {
                        assert!(!pattern.is_match(&after), "{pattern:?}: {before} {regex:?} {piece}");
                    }
                }
            }
        }
        assert!(ruled_out > 1000, "{ruled_out}");
    }
}
