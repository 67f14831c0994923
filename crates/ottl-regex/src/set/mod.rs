//! [`PatternSet`]: many questions about one text, answered by one look at it.
//!
//! Each pattern is known by literals that a text needs to match it. Those are looked for all together:
//!
//! - what a text has to be: by hash (`equals`);
//! - what it has to begin or end with: in order (`affixes`);
//! - what it has to contain: in one pass (`scan`).
//!
//! Where a literal decides, its pattern is answered by that; else the pattern is a candidate and is asked itself. Patterns of
//! which no literal is known are candidates for every text, or, among few, for those with two bytes that they need.
//!
//! INVARIANT: a set says of each pattern what [`TextPattern::is_match`] says.

mod affixes;
#[cfg(test)]
mod agreement;
mod arise;
mod buckets;
mod equals;
mod scan;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};

use smallvec::SmallVec;

use self::affixes::Affixes;
pub use self::arise::Arising;
use self::equals::Equals;
use self::scan::LiteralScan;
use crate::Regex;
use crate::regex::{FewLiterals, Place, Required, TwoBytes, find_byte};

/// A question about a text.
#[derive(Debug, Clone)]
pub enum TextPattern {
    /// Whether the text is this one.
    Equals(Box<[u8]>),
    /// Whether it begins with this one.
    Prefix(Box<[u8]>),
    /// Whether it ends with this one.
    Suffix(Box<[u8]>),
    /// Whether it contains this one.
    Contains(Box<[u8]>),
    /// Whether this matches anywhere in the text.
    Matches(Regex),
}

impl TextPattern {
    /// The answer.
    pub fn is_match(&self, text: &[u8]) -> bool {
        match self {
            TextPattern::Equals(literal) => *text == **literal,
            TextPattern::Prefix(literal) => text.starts_with(literal),
            TextPattern::Suffix(literal) => text.ends_with(literal),
            TextPattern::Contains(literal) => memchr::memmem::find(text, literal).is_some(),
            TextPattern::Matches(regex) => regex.is_match(text),
        }
    }

    fn required(&self) -> Option<Required> {
        match self {
            TextPattern::Equals(literal) => Some(Required::exactly(literal, Place::Whole)),
            TextPattern::Prefix(literal) => Some(Required::exactly(literal, Place::Start)),
            TextPattern::Suffix(literal) => Some(Required::exactly(literal, Place::End)),
            TextPattern::Contains(literal) => Some(Required::exactly(literal, Place::Anywhere)),
            TextPattern::Matches(regex) => regex.required(),
        }
    }

    /// Two bytes that a text needs to match, for patterns of which no literal is known.
    fn two_bytes(&self) -> Option<TwoBytes> {
        if let TextPattern::Matches(regex) = self { regex.two_bytes() } else { None }
    }
}

/// Patterns that look at the same text.
///
/// What finds their literals is built when it is first needed, in a few microseconds for each pattern, and takes up to 16 KiB
/// and, for each literal, its bytes and up to 200 more. Clones share it, but no scratch memory of regexes: as with
/// [`Regex`], give every worker its own.
///
/// ```
/// use ottl_regex::{PatternSet, Regex, TextPattern};
///
/// let patterns = vec![
///     TextPattern::Prefix((*b"GET ").into()),
///     TextPattern::Matches(Regex::new(r"user-\d+")?),
///     TextPattern::Contains((*b"error").into()),
/// ];
/// let set = PatternSet::new(patterns);
/// let mut found = vec![0; set.words()];
/// set.matches(b"GET /user-42", &mut found);
/// assert_eq!(found, [0b011]);
/// assert_eq!(set.first_in(b"nothing of all that in a whole message"), None);
/// # Ok::<(), ottl_regex::RegexError>(())
/// ```
#[derive(Debug, Clone)]
pub struct PatternSet {
    patterns: Box<[TextPattern]>,
    index: Arc<OnceLock<Index>>,
    /// All literals in one scan, if each pattern has some.
    everything: Arc<OnceLock<Option<LiteralScan>>>,
}

impl PatternSet {
    /// A set of the patterns, which are called by their numbers.
    pub fn new(patterns: impl Into<Box<[TextPattern]>>) -> PatternSet {
        PatternSet { patterns: patterns.into(), index: Arc::default(), everything: Arc::default() }
    }

    /// The patterns.
    pub fn patterns(&self) -> &[TextPattern] {
        &self.patterns
    }

    /// How many words of 64 bits hold one bit for each pattern.
    pub fn words(&self) -> usize {
        self.patterns.len().div_ceil(64)
    }

    /// Sets the bit of each pattern that matches the text: that of pattern `n` is bit `n % 64` of word `n / 64`. Other bits
    /// stay as they are, and patterns for which there is no word are not looked at.
    ///
    /// Returns how many looks at the text that took: one for all literals, and one for each pattern that was asked itself.
    pub fn matches(&self, text: &[u8], found: &mut [u64]) -> usize {
        self.start(text).map_or(1, |start| self.matches_from(text, start, found))
    }

    /// Where looking at a text is to begin; `None` if it is known to match none, by one search for what every match needs.
    ///
    /// PERF (logs-100, tenant): most texts end here, before anything is set up for what a text has.
    #[inline]
    pub fn start(&self, text: &[u8]) -> Option<usize> {
        let index = self.index();
        match &index.scan {
            Some(scan) if index.is_scan_alone => scan.start(text),
            _ => Some(0),
        }
    }

    /// [`PatternSet::matches`] for a text of which [`PatternSet::start`] has said where to begin.
    pub fn matches_from(&self, text: &[u8], start: usize, found: &mut [u64]) -> usize {
        let index = self.index();
        let mut answers = Answers { index, found, candidates: SmallVec::new(), words: self.words() };
        index.always.iter().for_each(|&pattern| set(answers.found, pattern));
        index.look(text, start, &mut answers);
        let Answers { candidates, found, .. } = &mut answers;
        let mut looks = 1;
        for &pattern in &index.unknown {
            looks += self.ask(pattern, text, found);
        }
        for (word, &bits) in candidates.iter().enumerate() {
            let mut bits = bits;
            while bits != 0 {
                looks += self.ask((word * 64) as u32 + bits.trailing_zeros(), text, found);
                bits &= bits - 1;
            }
        }
        looks
    }

    /// Calls `visit` with the patterns that may match the text, as far as one look at it tells, in their order, until it
    /// breaks. What is left out does not match.
    pub fn visit_candidates(&self, text: &[u8], mut visit: impl FnMut(usize) -> ControlFlow<()>) {
        let Some(start) = self.start(text) else { return };
        let index = self.index();
        let mut maybe: SmallVec<[u64; 8]> = SmallVec::from_elem(0, self.words());
        let mut answers = Answers { index, found: &mut maybe, candidates: SmallVec::new(), words: self.words() };
        index.always.iter().chain(&index.unknown).for_each(|&pattern| set(answers.found, pattern));
        index.look(text, start, &mut answers);
        let candidates = answers.candidates;
        maybe.iter_mut().zip(candidates).for_each(|(word, bits)| *word |= bits);
        for (word, mut bits) in maybe.into_iter().enumerate() {
            while bits != 0 {
                if visit(word * 64 + bits.trailing_zeros() as usize).is_break() {
                    return;
                }
                bits &= bits - 1;
            }
        }
    }

    fn ask(&self, pattern: u32, text: &[u8], found: &mut [u64]) -> usize {
        if let Some(asked) = self.patterns.get(pattern as usize)
            && asked.is_match(text)
        {
            set(found, pattern);
        }
        1
    }

    /// A place in bytes that hold many texts, each in one piece, so that no pattern matches a text that ends before it; `None`
    /// if no pattern matches any of them. Where that cannot be told, the place is the first.
    ///
    /// A text in which the place lies need not match. Looking takes as long as one look at a text of that length.
    pub fn first_in(&self, haystack: &[u8]) -> Option<usize> {
        match self.everything.get_or_init(|| everything(&self.patterns)) {
            Some(scan) => scan.first(haystack),
            None => (!self.patterns.is_empty()).then_some(0),
        }
    }

    /// Memory that finding the literals takes by now, in bytes.
    pub fn memory(&self) -> usize {
        let everything = self.everything.get().and_then(Option::as_ref);
        self.index.get().map_or(0, Index::bytes) + everything.map_or(0, LiteralScan::bytes)
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(&self.patterns))
    }
}

#[inline]
fn set(found: &mut [u64], pattern: u32) {
    if let Some(word) = found.get_mut(pattern as usize / 64) {
        *word |= 1 << (pattern % 64);
    }
}

/// One scan for all literals of all patterns; `None` if some pattern may match without any.
fn everything(patterns: &[TextPattern]) -> Option<LiteralScan> {
    let mut all = Vec::new();
    for pattern in patterns {
        let literals = pattern.required()?.literals;
        if literals.iter().any(|literal| literal.bytes.len() < 2) {
            return None;
        }
        all.extend(literals.into_iter().map(|literal| (literal.ignores_case(), literal)));
    }
    let mut all: Vec<(Vec<u8>, bool)> =
        all.into_iter().map(|(ignores_case, literal)| (literal.bytes, ignores_case)).collect();
    all.sort_unstable();
    all.dedup();
    LiteralScan::new(all, &[])
}

/// What is known of a text.
struct Answers<'i, 'f> {
    index: &'i Index,
    found: &'f mut [u64],
    /// Bits of the patterns that are to be asked; none before the first one.
    candidates: SmallVec<[u64; 8]>,
    words: usize,
}

impl Answers<'_, '_> {
    /// The text has the literal where it should.
    #[inline]
    fn has(&mut self, literal: u32) {
        for &Follows { pattern, suffices } in self.index.follows_of(literal) {
            if suffices {
                set(self.found, pattern);
            } else {
                self.ask(pattern);
            }
        }
    }

    fn ask(&mut self, pattern: u32) {
        if self.candidates.is_empty() {
            self.candidates.resize(self.words, 0);
        }
        set(&mut self.candidates, pattern);
    }
}

/// What follows from a literal.
#[derive(Debug, Clone, Copy)]
struct Follows {
    pattern: u32,
    /// Whether the pattern matches; else it is a candidate.
    suffices: bool,
}

/// The literals of the patterns.
#[derive(Debug)]
struct Index {
    /// Patterns that match every text.
    always: Box<[u32]>,
    /// Patterns of which no literal is known.
    unknown: Box<[u32]>,
    equals: Option<Equals>,
    prefixes: Option<Affixes>,
    suffixes: Option<Affixes>,
    /// Literals of one byte.
    bytes: Box<[(u8, u32)]>,
    scan: Option<LiteralScan>,
    /// Whether every pattern needs a literal of the scan.
    is_scan_alone: bool,
    /// What the literals of the scan are called elsewhere.
    scanned: Box<[u32]>,
    /// Where the follows of each literal begin; those of the next begin where they end.
    starts: Box<[u32]>,
    follows: Box<[Follows]>,
}

/// Literals while they are collected, by what finds them.
#[derive(Default)]
struct Literals {
    numbers: HashMap<(Place, bool, Vec<u8>), u32>,
    follows: Vec<Vec<Follows>>,
    equals: Vec<(Vec<u8>, u32)>,
    prefixes: Vec<(Vec<u8>, u32)>,
    suffixes: Vec<(Vec<u8>, u32)>,
    bytes: Vec<(u8, u32)>,
    scan: Vec<(Vec<u8>, bool)>,
    scanned: Vec<u32>,
}

impl Literals {
    fn add(&mut self, (place, ignores_case, bytes): (Place, bool, Vec<u8>), follows: Follows) {
        let next = self.follows.len() as u32;
        let number = *self.numbers.entry((place, ignores_case, bytes.clone())).or_insert(next);
        if number == next {
            self.follows.push(Vec::new());
            match (place, &*bytes) {
                (Place::Whole, _) => self.equals.push((bytes, number)),
                (Place::Start, _) => self.prefixes.push((bytes, number)),
                (Place::End, _) => self.suffixes.push((bytes, number)),
                (Place::Anywhere, [byte]) => self.bytes.push((*byte, number)),
                (Place::Anywhere, _) => {
                    self.scan.push((bytes, ignores_case));
                    self.scanned.push(number);
                }
            }
        }
        if let Some(all) = self.follows.get_mut(number as usize) {
            all.push(follows);
        }
    }
}

impl Index {
    fn new(patterns: &[TextPattern]) -> Index {
        let (mut always, mut unknown, mut pairs) = (Vec::new(), Vec::new(), Vec::new());
        let mut literals = Literals::default();
        for (number, pattern) in patterns.iter().enumerate() {
            let number = number as u32;
            let Some(required) = pattern.required() else {
                // Of few patterns it costs little to find out.
                match if patterns.len() <= FewLiterals::MAX { pattern.two_bytes() } else { None } {
                    Some(two) => pairs.push((two, number)),
                    None => unknown.push(number),
                }
                continue;
            };
            let is_empty = required.literals.iter().any(|literal| literal.bytes.is_empty());
            if is_empty && required.place != Place::Whole {
                // It needs nothing.
                if required.suffices {
                    always.push(number)
                } else {
                    unknown.push(number)
                }
                continue;
            }
            if required.literals.iter().any(|literal| literal.ignores_case() && literal.bytes.len() < 2) {
                unknown.push(number);
                continue;
            }
            for literal in required.literals {
                // Only the scan ignores case.
                let elsewhere = literal.ignores_case() && required.place != Place::Anywhere;
                let place = if elsewhere { Place::Anywhere } else { required.place };
                let follows = Follows { pattern: number, suffices: required.suffices && !elsewhere };
                literals.add((place, literal.ignores_case(), literal.bytes), follows);
            }
        }
        // Beside many literals, looking for bytes takes longer than asking the patterns.
        if literals.scan.len() + pairs.len() > FewLiterals::MAX {
            unknown.extend(pairs.drain(..).map(|(_, number)| number));
        }
        for &(_, pattern) in &pairs {
            literals.scanned.push(literals.follows.len() as u32);
            literals.follows.push(vec![Follows { pattern, suffices: false }]);
        }
        let pairs: Vec<TwoBytes> = pairs.into_iter().map(|(two, _)| two).collect();
        let mut starts = vec![0];
        let mut follows = Vec::new();
        for of_literal in literals.follows {
            follows.extend(of_literal);
            starts.push(follows.len() as u32);
        }
        let is_scan_alone = always.is_empty()
            && unknown.is_empty()
            && literals.equals.is_empty()
            && literals.prefixes.is_empty()
            && literals.suffixes.is_empty()
            && literals.bytes.is_empty();
        Index {
            is_scan_alone,
            always: always.into(),
            unknown: unknown.into(),
            equals: Equals::new(literals.equals),
            prefixes: Affixes::new(literals.prefixes, false),
            suffixes: Affixes::new(literals.suffixes, true),
            bytes: literals.bytes.into(),
            scan: LiteralScan::new(literals.scan, &pairs),
            scanned: literals.scanned.into(),
            starts: starts.into(),
            follows: follows.into(),
        }
    }

    #[inline]
    fn follows_of(&self, literal: u32) -> &[Follows] {
        let ends = (self.starts.get(literal as usize), self.starts.get(literal as usize + 1));
        let (Some(&start), Some(&end)) = ends else { return &[] };
        self.follows.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Tells what literals a text has. If all are looked for by the scan, it is known to begin at `start`.
    fn look(&self, text: &[u8], start: usize, answers: &mut Answers<'_, '_>) {
        if let Some(literal) = self.equals.as_ref().and_then(|equals| equals.find(text)) {
            answers.has(literal);
        }
        for affixes in [&self.prefixes, &self.suffixes].into_iter().flatten() {
            affixes.each(text, |literal| answers.has(literal));
        }
        for &(byte, literal) in &self.bytes {
            if find_byte(text, byte).is_some() {
                answers.has(literal);
            }
        }
        let Some(scan) = &self.scan else { return };
        let known = self.is_scan_alone.then_some(start);
        let Some(start) = known.or_else(|| scan.start(text)) else { return };
        let told = scan.run(text, start, &mut |literal, _| {
            answers.has(self.scanned.get(literal as usize).copied().unwrap_or(u32::MAX));
            ControlFlow::Continue(())
        });
        if told.is_break() {
            // Each may be in what was not looked at.
            for &literal in &self.scanned {
                self.follows_of(literal).iter().for_each(|follows| answers.ask(follows.pattern));
            }
        }
    }

    fn bytes(&self) -> usize {
        self.equals.as_ref().map_or(0, Equals::bytes)
            + [&self.prefixes, &self.suffixes].into_iter().flatten().map(Affixes::bytes).sum::<usize>()
            + self.scan.as_ref().map_or(0, LiteralScan::bytes)
            + size_of_val(&*self.scanned)
            + size_of_val(&*self.starts)
            + size_of_val(&*self.follows)
            + 4 * (self.always.len() + self.unknown.len())
            + size_of_val(&*self.bytes)
    }
}
