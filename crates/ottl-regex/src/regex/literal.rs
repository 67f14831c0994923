//! Patterns that are a literal in disguise, matched without an automaton.
//!
//! Invariant: a [`LiteralTest`] gives exactly the answer of the whole pattern for "does it match
//! somewhere"; [`LiteralTest::find`] answers only where the span is that of the literal itself.
//! What may stand around the literal is `^`, `$`, and pieces which may match nothing at an open
//! end (`foo.*` is "contains foo"), because such a piece never changes whether there is a match.

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use super::needle::{Needle, rarity};
use super::required::Place;

/// What the pattern demands on one side of the literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// Anything may stand there.
    Open,
    /// The text begins or ends there.
    Text,
    /// The rest of the text has no newline (`^.*foo`).
    Line,
}

/// A pattern that is a literal with optional anchors.
#[derive(Debug)]
pub(super) struct LiteralTest {
    literal: Needle,
    before: Side,
    after: Side,
    /// Whether a match spans exactly the literal, which is not empty.
    has_places: bool,
    /// Whether the text only has to begin with the literal, the most frequent form.
    is_prefix: bool,
}

impl LiteralTest {
    /// Recognises the shape; `None` if the pattern needs an automaton.
    pub(super) fn recognise(hir: &Hir) -> Option<LiteralTest> {
        let mut items = Vec::new();
        flatten(hir, &mut items);
        let mut rest = items.as_slice();
        let mut exact_span = true;
        let before = strip(&mut rest, true, &mut exact_span);
        let after = strip(&mut rest, false, &mut exact_span);
        let mut literal = Vec::new();
        for item in rest {
            match item.kind() {
                HirKind::Literal(part) => literal.extend_from_slice(&part.0),
                _ => return None,
            }
        }
        if (before == Side::Line || after == Side::Line) && literal.contains(&b'\n') {
            return None;
        }
        // In Go a literal U+FFFD matches an invalid byte as well.
        if memchr::memmem::find(&literal, "\u{fffd}".as_bytes()).is_some() {
            return None;
        }
        let is_prefix = (before, after) == (Side::Text, Side::Open);
        let has_places = exact_span && !literal.is_empty() && before != Side::Line && after != Side::Line;
        Some(LiteralTest { literal: Needle::new(&literal), before, after, has_places, is_prefix })
    }

    /// The literal and where it stands, if that is all there is to the pattern.
    pub(super) fn place(&self) -> Option<(Place, &[u8])> {
        let place = match (self.before, self.after) {
            (Side::Open, Side::Open) => Place::Anywhere,
            (Side::Text, Side::Open) => Place::Start,
            (Side::Open, Side::Text) => Place::End,
            (Side::Text, Side::Text) => Place::Whole,
            (Side::Line, _) | (_, Side::Line) => return None,
        };
        Some((place, self.literal.bytes()))
    }

    #[inline]
    pub(super) fn is_match(&self, haystack: &[u8]) -> bool {
        if self.is_prefix {
            return starts_with(haystack, self.literal.bytes());
        }
        self.is_match_elsewhere(haystack)
    }

    fn is_match_elsewhere(&self, haystack: &[u8]) -> bool {
        let literal = self.literal.bytes();
        match (self.before, self.after) {
            (Side::Open, Side::Open) => self.contained_in(haystack),
            (Side::Text, Side::Open) => starts_with(haystack, literal),
            (Side::Open, Side::Text) => haystack.ends_with(literal),
            (Side::Text, Side::Text) => haystack == literal,
            // PERF (tenant): most texts do not have the literal, so that is found out first.
            (Side::Line, Side::Open) => {
                self.literal.find(haystack, 0).is_some_and(|start| one_line(&haystack[..start]))
            }
            (Side::Open, Side::Line) => self.literal.find(haystack, 0).is_some_and(|start| {
                let line = memchr::memrchr(b'\n', &haystack[start..]);
                line.is_none_or(|at| self.contained_in(&haystack[start + at + 1..]))
            }),
            (Side::Text, Side::Line) => haystack.starts_with(literal) && one_line(haystack),
            (Side::Line, Side::Text) => haystack.ends_with(literal) && one_line(haystack),
            (Side::Line, Side::Line) => self.contained_in(haystack) && one_line(haystack),
        }
    }

    fn contained_in(&self, haystack: &[u8]) -> bool {
        self.literal.find(haystack, 0).is_some()
    }

    /// Whether [`LiteralTest::find`] knows the places of matches.
    #[inline]
    pub(super) fn has_places(&self) -> bool {
        self.has_places
    }

    /// What stands behind the only match that a text can have, if the text begins with it.
    #[inline]
    pub(super) fn behind<'h>(&self, haystack: &'h [u8]) -> Option<&'h [u8]> {
        if self.has_places && self.is_prefix { haystack.strip_prefix(self.literal.bytes()) } else { None }
    }

    /// The leftmost match at or after `at`; the outer `None` means "ask another matcher".
    #[inline]
    pub(super) fn find(&self, haystack: &[u8], at: usize) -> Option<Option<(usize, usize)>> {
        let literal = self.literal.bytes();
        // An empty literal would need the rules for empty matches inside characters.
        if !self.has_places {
            return None;
        }
        let len = literal.len();
        let start = match (self.before, self.after) {
            (Side::Open, Side::Open) => self.literal.find(haystack, at),
            (Side::Text, Side::Open) => (at == 0 && starts_with(haystack, literal)).then_some(0),
            (Side::Open, Side::Text) => {
                haystack.ends_with(literal).then(|| haystack.len() - len).filter(|&start| start >= at)
            }
            (Side::Text, Side::Text) => (at == 0 && haystack == literal).then_some(0),
            _ => return None,
        };
        Some(start.map(|start| (start, start + len)))
    }
}

/// As the slice's, but without a call where the first byte tells.
#[inline]
pub(super) fn starts_with(text: &[u8], literal: &[u8]) -> bool {
    match (text, literal) {
        (_, []) => true,
        ([first, text @ ..], [expected, literal @ ..]) => first == expected && text.starts_with(literal),
        ([], _) => false,
    }
}

/// The rarest ASCII byte that every match contains, if there is one.
pub(super) fn required_byte(hir: &Hir) -> Option<u8> {
    let rarest = |bytes: &mut dyn Iterator<Item = u8>| bytes.max_by_key(|&byte| rarity(byte));
    match hir.kind() {
        HirKind::Literal(literal) => rarest(&mut literal.0.iter().copied().filter(u8::is_ascii)),
        HirKind::Repetition(repetition) if repetition.min > 0 => required_byte(&repetition.sub),
        HirKind::Capture(capture) => required_byte(&capture.sub),
        HirKind::Concat(subs) => rarest(&mut subs.iter().filter_map(required_byte)),
        _ => None,
    }
}

/// How many characters every match has at least, each of which takes a byte or more.
pub(super) fn least_length(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.iter().filter(|&byte| byte & 0xc0 != 0x80).count(),
        HirKind::Class(_) => 1,
        HirKind::Repetition(repetition) => least_length(&repetition.sub).saturating_mul(repetition.min as usize),
        HirKind::Capture(capture) => least_length(&capture.sub),
        HirKind::Concat(subs) => subs.iter().map(least_length).fold(0, usize::saturating_add),
        HirKind::Alternation(subs) => subs.iter().map(least_length).min().unwrap_or(0),
    }
}

fn one_line(haystack: &[u8]) -> bool {
    memchr::memchr(b'\n', haystack).is_none()
}

/// The concatenation with groups dissolved: they do not change whether the pattern matches.
pub(super) fn flatten<'h>(hir: &'h Hir, items: &mut Vec<&'h Hir>) {
    match hir.kind() {
        HirKind::Capture(capture) => flatten(&capture.sub, items),
        HirKind::Concat(subs) => subs.iter().for_each(|sub| flatten(sub, items)),
        HirKind::Empty => {}
        _ => items.push(hir),
    }
}

/// Takes the anchors and skippable pieces off one end and says what that end demands.
fn strip(rest: &mut &[&Hir], front: bool, exact_span: &mut bool) -> Side {
    let mut side = Side::Open;
    loop {
        let Some(item) = (if front { rest.first() } else { rest.last() }) else { return side };
        let anchor = if front { Look::Start } else { Look::End };
        match item.kind() {
            HirKind::Look(look) if *look == anchor => side = Side::Text,
            _ if side == Side::Open => {
                let properties = item.properties();
                if properties.minimum_len() != Some(0) || !properties.look_set().is_empty() {
                    return side;
                }
                *exact_span = false;
            }
            HirKind::Repetition(repetition) => match gap(repetition) {
                // `^(?s:.*)foo` is `foo`.
                Some(true) => {
                    side = Side::Open;
                    *exact_span = false;
                }
                Some(false) => {
                    side = Side::Line;
                    *exact_span = false;
                }
                None => return side,
            },
            _ => return side,
        }
        *rest = if front { &rest[1..] } else { &rest[..rest.len() - 1] };
        // Only one gap of a line: `^.*^` and the like go to the automaton.
        if side == Side::Line {
            return side;
        }
    }
}

/// Whether the repetition is `.*`: `Some(true)` with newlines, `Some(false)` without.
fn gap(repetition: &Repetition) -> Option<bool> {
    if repetition.min != 0 || repetition.max.is_some() {
        return None;
    }
    let HirKind::Class(Class::Unicode(set)) = repetition.sub.kind() else { return None };
    match set.ranges() {
        [all] if all.start() == '\0' && all.end() == char::MAX => Some(true),
        [low, high]
            if low.start() == '\0' && low.end() == '\x09' && high.start() == '\x0b' && high.end() == char::MAX =>
        {
            Some(false)
        }
        _ => None,
    }
}
