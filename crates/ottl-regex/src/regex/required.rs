//! Literals that a pattern needs: a text without any of them does not match.
//!
//! INVARIANT: every text that the pattern matches has one of the literals at the place that is named. Where they suffice, the
//! reverse holds as well. Literals hold whole characters and no U+FFFD, which Go also finds where a byte is not UTF-8.

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use super::literal::{LiteralTest, flatten};
use super::needle::rarity;
use crate::set::TextPattern;

/// Literals of which a text needs one.
const MAX_LITERALS: usize = 64;

/// Texts that a part of a pattern may stand for when it is written out.
const MAX_PRODUCT: usize = 16;

/// Bytes of those texts together.
const MAX_BYTES: usize = 1 << 16;

/// Characters of a class that is written out.
const MAX_CLASS: u32 = 8;

/// Bytes of a literal that does not suffice; more of them tell nothing new.
const MAX_LENGTH: usize = 32;

/// Nodes of a tree that are looked at. A pattern with more is not worth it.
const MAX_NODES: u32 = 10_000;

/// Where a literal has to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    Anywhere,
    Start,
    End,
    /// It is the text.
    Whole,
}

/// The case of a literal's ASCII letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    /// It has no letters.
    None,
    Exact,
    /// Any, of each letter.
    Any,
    /// Any of some letters, so that the literal tells too little.
    Mixed,
}

impl Case {
    fn and(self, other: Case) -> Case {
        match (self, other) {
            (Case::None, case) | (case, Case::None) => case,
            (one, other) if one == other => one,
            _ => Case::Mixed,
        }
    }
}

/// A literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Literal {
    pub(crate) bytes: Vec<u8>,
    case: Case,
}

impl Literal {
    fn new(bytes: &[u8]) -> Literal {
        let has_letters = bytes.iter().any(u8::is_ascii_alphabetic);
        Literal { bytes: bytes.to_vec(), case: if has_letters { Case::Exact } else { Case::None } }
    }

    /// Whether the case of ASCII letters is to be ignored.
    pub(crate) fn ignores_case(&self) -> bool {
        matches!(self.case, Case::Any | Case::Mixed)
    }

    fn then(&self, next: &Literal) -> Literal {
        Literal { bytes: [&*self.bytes, &*next.bytes].concat(), case: self.case.and(next.case) }
    }

    /// How much it tells: more for longer ones and for rarer bytes.
    fn weight(&self) -> usize {
        self.bytes.iter().take(MAX_LENGTH).map(|&byte| 2 + rarity(byte) / 12).sum()
    }
}

/// What a text has to have to match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Required {
    /// One of these.
    pub(crate) literals: Vec<Literal>,
    pub(crate) place: Place,
    /// Whether a text that has one matches.
    pub(crate) suffices: bool,
}

impl Required {
    /// The literal alone, with its case, is what matches.
    pub(crate) fn exactly(bytes: &[u8], place: Place) -> Required {
        Required { literals: vec![Literal::new(bytes)], place, suffices: true }
    }

    /// The question whether a text has the literal, if there is one and its case counts.
    pub(crate) fn question(&self) -> Option<TextPattern> {
        let [literal] = self.literals.as_slice() else { return None };
        if literal.ignores_case() {
            return None;
        }
        let bytes = literal.bytes.as_slice().into();
        Some(match self.place {
            Place::Anywhere => TextPattern::Contains(bytes),
            Place::Start => TextPattern::Prefix(bytes),
            Place::End => TextPattern::Suffix(bytes),
            Place::Whole => TextPattern::Equals(bytes),
        })
    }

    fn weight(&self) -> usize {
        let least = self.literals.iter().map(Literal::weight).min().unwrap_or(0);
        // Two bits of a look for each doubling, and a place is worth about three bytes.
        let placed = if self.place == Place::Anywhere { 0 } else { 8 };
        (least + placed).saturating_sub(2 * self.literals.len().ilog2() as usize)
    }

    /// Whether looking for it is worth anything.
    fn is_useful(&self) -> bool {
        let least = if self.place == Place::Anywhere { 2 } else { 1 };
        (1..=MAX_LITERALS).contains(&self.literals.len())
            && self.literals.iter().all(|literal| literal.bytes.len() >= least)
    }

    /// Without what tells nothing new.
    fn cut(mut self) -> Required {
        if self.suffices {
            return self;
        }
        if self.place == Place::Whole {
            self.place = Place::Start;
        }
        for Literal { bytes, .. } in &mut self.literals {
            let more = bytes.len().saturating_sub(MAX_LENGTH);
            if more > 0 {
                bytes.drain(if self.place == Place::End { 0..more } else { MAX_LENGTH..bytes.len() });
            }
        }
        self
    }
}

/// What a text has to have to match the pattern, as far as it can be told.
pub(super) fn required(hir: &Hir, literal: Option<&LiteralTest>) -> Option<Required> {
    if let Some((place, bytes)) = literal.and_then(LiteralTest::place) {
        return Some(Required::exactly(bytes, place));
    }
    let mut analysis = Analysis { nodes: MAX_NODES };
    let found = analysis.sufficient(hir).or_else(|| analysis.necessary(hir))?;
    Some(found.cut())
}

/// The texts which are all that the pattern says, with anchors at its ends, if they are few; their cases suffice.
pub(super) fn sufficient(hir: &Hir) -> Option<Required> {
    Analysis { nodes: MAX_NODES }.sufficient(hir).filter(|required| required.suffices)
}

struct Analysis {
    /// How many more nodes may be looked at.
    nodes: u32,
}

impl Analysis {
    /// The literals which are all that the pattern says, with anchors at its ends.
    fn sufficient(&mut self, hir: &Hir) -> Option<Required> {
        let mut items = Vec::new();
        flatten(hir, &mut items);
        let is = |item: Option<&&Hir>, look| item.is_some_and(|item| *item.kind() == HirKind::Look(look));
        let (start, end) = (is(items.first(), Look::Start), is(items.last(), Look::End));
        let rest = items.get(usize::from(start)..items.len() - usize::from(end))?;
        if rest.iter().any(|item| !item.properties().look_set().is_empty()) {
            return None;
        }
        let mut literals = vec![Literal::new(b"")];
        for item in rest {
            literals = product(&literals, &self.exact(item)?)?;
        }
        let place = match (start, end) {
            (false, false) => Place::Anywhere,
            (true, false) => Place::Start,
            (false, true) => Place::End,
            (true, true) => Place::Whole,
        };
        let suffices = literals.iter().all(|literal| literal.case != Case::Mixed);
        let required = Required { literals, place, suffices };
        // One that is empty says more than that it tells nothing: every text matches.
        (suffices || required.is_useful()).then_some(required)
    }

    /// The literals that tell most, of those that every match needs.
    fn necessary(&mut self, hir: &Hir) -> Option<Required> {
        self.nodes = self.nodes.checked_sub(1)?;
        match hir.kind() {
            HirKind::Alternation(branches) => {
                let mut all = Vec::new();
                for branch in branches {
                    let found = match self.exact(branch) {
                        Some(literals) => literals,
                        None => self.necessary(branch)?.literals,
                    };
                    all.extend(found);
                    if all.len() > MAX_LITERALS {
                        return None;
                    }
                }
                Some(Required { literals: all, place: Place::Anywhere, suffices: false }).filter(Required::is_useful)
            }
            HirKind::Repetition(repetition) if repetition.min > 0 => self.necessary(&repetition.sub).map(unplaced),
            HirKind::Capture(capture) => self.necessary(&capture.sub),
            HirKind::Literal(_) | HirKind::Concat(_) => {
                let mut items = Vec::new();
                flatten(hir, &mut items);
                self.necessary_of(&items)
            }
            _ => None,
        }
    }

    fn necessary_of(&mut self, items: &[&Hir]) -> Option<Required> {
        let mut runs = Runs::new();
        for item in items {
            match item.kind() {
                HirKind::Look(Look::Start) if runs.is_first() => runs.anchored = true,
                HirKind::Look(Look::End) => {
                    runs.close(Place::End);
                    runs.begin(vec![Literal::new(b"")]);
                }
                HirKind::Literal(literal) if has_replacement(&literal.0) => {
                    let pieces = std::str::from_utf8(&literal.0).unwrap_or_default().split('\u{fffd}');
                    runs.break_off();
                    for piece in pieces {
                        runs.consider(vec![Literal::new(piece.as_bytes())], Place::Anywhere);
                    }
                }
                _ => match self.exact(item) {
                    Some(literals) => runs.extend(literals),
                    None => self.inexact(item, &mut runs),
                },
            }
        }
        runs.close(Place::Anywhere);
        runs.best
    }

    /// A part that stands for too many texts.
    fn inexact(&mut self, item: &Hir, runs: &mut Runs) {
        if let HirKind::Repetition(Repetition { min: 1.., sub, .. }) = item.kind()
            && let Some(literals) = self.exact(sub)
        {
            // Its first copy stands behind what was before, its last one before what comes.
            runs.extend(literals.clone());
            runs.break_off();
            runs.begin(literals);
            return;
        }
        runs.break_off();
        if let Some(found) = self.necessary(item) {
            runs.consider(found.literals, Place::Anywhere);
        }
    }

    /// All texts that a part stands for, if they are few; what it asks of their surroundings is left out.
    fn exact(&mut self, hir: &Hir) -> Option<Vec<Literal>> {
        self.nodes = self.nodes.checked_sub(1)?;
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Some(vec![Literal::new(b"")]),
            HirKind::Literal(literal) => (!has_replacement(&literal.0)).then(|| vec![Literal::new(&literal.0)]),
            HirKind::Class(class) => letters(class),
            HirKind::Capture(capture) => self.exact(&capture.sub),
            HirKind::Repetition(Repetition { min, max: Some(max), sub, .. }) if *max <= 4 => {
                let sub = self.exact(sub)?;
                let mut copies = vec![Literal::new(b"")];
                let mut all = Vec::new();
                for count in 0..=*max {
                    if count >= *min {
                        all.extend_from_slice(&copies);
                    }
                    if count < *max {
                        copies = product(&copies, &sub)?;
                    }
                }
                (all.len() <= MAX_PRODUCT).then_some(all)
            }
            HirKind::Repetition(_) => None,
            HirKind::Concat(items) => {
                let mut all = vec![Literal::new(b"")];
                for item in items {
                    all = product(&all, &self.exact(item)?)?;
                }
                Some(all)
            }
            HirKind::Alternation(branches) => {
                let mut all = Vec::new();
                for branch in branches {
                    all.extend(self.exact(branch)?);
                    if all.len() > MAX_LITERALS {
                        return None;
                    }
                }
                Some(all)
            }
        }
    }
}

/// What a sequence of parts writes one behind the other, and the best of what is over.
struct Runs {
    run: Vec<Literal>,
    /// Whether the run is still that of the beginning, and whether the text has to begin there.
    first: bool,
    anchored: bool,
    best: Option<Required>,
}

impl Runs {
    fn new() -> Runs {
        Runs { run: vec![Literal::new(b"")], first: true, anchored: false, best: None }
    }

    /// Whether nothing was written yet.
    fn is_first(&self) -> bool {
        self.first && self.run.iter().all(|literal| literal.bytes.is_empty())
    }

    fn extend(&mut self, next: Vec<Literal>) {
        match product(&self.run, &next) {
            Some(run) if run.iter().all(|literal| literal.bytes.len() <= 2 * MAX_LENGTH) => self.run = run,
            _ => {
                self.break_off();
                self.begin(next);
            }
        }
    }

    /// The run ends here, and anything may follow.
    fn break_off(&mut self) {
        self.close(Place::Anywhere);
        self.begin(vec![Literal::new(b"")]);
    }

    fn begin(&mut self, run: Vec<Literal>) {
        self.run = run;
        self.first = false;
    }

    fn close(&mut self, place: Place) {
        let place = match place {
            Place::Anywhere if self.first && self.anchored => Place::Start,
            place => place,
        };
        self.consider(self.run.clone(), place);
    }

    fn consider(&mut self, literals: Vec<Literal>, place: Place) {
        let found = Required { literals, place, suffices: false };
        if found.is_useful() && self.best.as_ref().is_none_or(|best| best.weight() < found.weight()) {
            self.best = Some(found);
        }
    }
}

fn unplaced(required: Required) -> Required {
    Required { place: Place::Anywhere, ..required }
}

/// Every literal of the one followed by every one of the other, if those are few.
fn product(left: &[Literal], right: &[Literal]) -> Option<Vec<Literal>> {
    let most = if left.len() == 1 || right.len() == 1 { MAX_LITERALS } else { MAX_PRODUCT };
    let bytes = |literals: &[Literal]| literals.iter().map(|literal| literal.bytes.len()).sum::<usize>();
    if left.len() * right.len() > most || bytes(left) * right.len() + bytes(right) * left.len() > MAX_BYTES {
        return None;
    }
    Some(left.iter().flat_map(|left| right.iter().map(|right| left.then(right))).collect())
}

/// The characters of a small class. A letter in both cases is one of any case.
fn letters(class: &Class) -> Option<Vec<Literal>> {
    let Class::Unicode(class) = class else { return None };
    let mut chars = Vec::new();
    for range in class.ranges() {
        if range.end() as u32 - range.start() as u32 + chars.len() as u32 >= MAX_CLASS {
            return None;
        }
        chars.extend(range.start()..=range.end());
    }
    match *chars {
        [] => None,
        [upper, lower] if upper.is_ascii_uppercase() && lower == upper.to_ascii_lowercase() => {
            Some(vec![Literal { bytes: vec![lower as u8], case: Case::Any }])
        }
        _ if chars.contains(&char::REPLACEMENT_CHARACTER) => None,
        // The Kelvin sign and the long s fold into ASCII; written out they would double the literals at every `k` and `s`.
        _ if chars.iter().any(|c| matches!(c, '\u{212a}' | 'ſ')) => None,
        _ => Some(chars.iter().map(|c| Literal::new(c.encode_utf8(&mut [0; 4]).as_bytes())).collect()),
    }
}

fn has_replacement(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, "\u{fffd}".as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regex::Regex;

    fn show(pattern: &str) -> String {
        let Some(required) = Regex::new(pattern).expect(pattern).required() else { return "nothing".to_owned() };
        let literals: Vec<String> = required
            .literals
            .iter()
            .map(|literal| {
                let case = if literal.ignores_case() { "~" } else { "" };
                format!("{case}{}", String::from_utf8_lossy(&literal.bytes))
            })
            .collect();
        let place = match required.place {
            Place::Anywhere => "",
            Place::Start => "^",
            Place::End => "$",
            Place::Whole => "=",
        };
        format!("{place}{}{}", literals.join("|"), if required.suffices { "!" } else { "" })
    }

    #[test]
    fn patterns_need_what_they_say() {
        for (pattern, expected) in [
            ("foo", "foo!"),
            (".*foo.*", "foo!"),
            ("^foo", "^foo!"),
            ("foo$", "$foo!"),
            ("^foo$", "=foo!"),
            ("^.*foo", "foo"),
            ("", "!"),
            ("error|warn|fatal", "error|warn|fatal!"),
            ("^(GET|POST)$", "=GET|POST!"),
            (r"user-\d+", "user-"),
            (r"^user-\d+", "^user-"),
            (r"\d+ms$", "$ms"),
            (r"\d+", "nothing"),
            (r"a\d+", "nothing"),
            (r"^a\d+", "^a"),
            (r"colou?r: \d", "color: |colour: "),
            ("(?i)error", "~error!"),
            ("(?i)password", "~word"),
            ("(?i)error: X", "~error: x!"),
            ("(?i:error) X", "~error X"),
            (r"x(abc|def)+y\d", "xabc|xdef"),
            (r"\d(abc|d\d+e|fgh)", "nothing"),
            (r"\d(abc|dd\d+e|fgh)", "abc|dd|fgh"),
            ("ab[xy]cd.*", "abxcd|abycd"),
            ("[a-z]+@[a-z]+", "nothing"),
            ("\u{fffd}abc.d", "abc"),
            ("ab\u{fffd}c", "ab"),
            ("(?m)^foo", "foo"),
            (r"\bfoo\b", "foo"),
            ("(abc){2}.", "abcabc"),
            (r"(\dabc){2,3}.", "abc"),
            ("x^foo", "xfoo"),
        ] {
            assert_eq!(show(pattern), expected, "{pattern}");
        }
        assert_eq!(show(&"(?:ab|cd)?".repeat(2000)), "!");
        assert_eq!(show(&format!("{}abc", r"\d(?:\d[ab])?".repeat(6000))), "nothing", "more nodes than are looked at");
        assert_eq!(show(&format!(r"{}\d", "a".repeat(100))), "a".repeat(MAX_LENGTH));
    }
}
