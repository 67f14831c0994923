//! [`LiteralScan`]: one pass over a text that finds which of many literals it contains.
//!
//! Words of four bytes of the text are hashed into a filter of bits; where one is set, the literals that have such a word
//! are compared. What is shorter than four bytes has a filter of its own, over two bytes. The more bytes the shortest
//! literal has, the more places of the text are passed over: each literal is entered with as many words, one behind the
//! other, and one of them lies where the text is looked at.
//!
//! PERF (143 bytes of a log line, none of 500 literals in it): 77 ns. The automaton of the crate aho-corasick waits for memory
//! at every byte and takes 229 ns, 1.4 ms to build and 0.7 MB (340 ns and 39 KB as its smaller kind); its search with vectors
//! takes 58 ns for 50 literals and does not do more than 64. Here no look waits for another one.
//!
//! INVARIANT: the work for a text is bounded ([`Fuel`]); who runs out of it asks each literal by itself.

use std::collections::HashMap;
use std::ops::ControlFlow;

use memchr::memmem::{Finder, find};

use super::buckets::Buckets;
use crate::regex::{FewLiterals, TwoBytes, rarity};

/// Most places of a text per look: a power of two.
const MAX_STRIDE: usize = 8;

/// Literals that may have a word in common, so that fewer places are looked at.
const MAX_SHARED: usize = 8;

/// Places of a literal among which the best is chosen.
const MAX_LENGTH: usize = 64;

/// What all literals contain is looked for first from this length on.
const MIN_COMMON: usize = 4;

/// Multiplier of the hash of a word: that of Fibonacci hashing.
const SPREAD: u32 = 0x9e37_79b1;

/// Makes ASCII letters small. Other bytes that become equal only cost a comparison.
const SMALL: u32 = 0x2020_2020;
const SMALL_EIGHT: u64 = 0x2020_2020_2020_2020;

/// A literal to look for.
#[derive(Debug)]
struct Literal {
    bytes: Box<[u8]>,
    ignores_case: bool,
}

/// A word of a literal.
#[derive(Debug, Clone, Copy)]
struct Word {
    /// In small letters.
    word: u32,
    literal: u32,
    /// Where it stands in the literal.
    offset: u32,
}

/// What a scan may still do, in comparisons.
#[derive(Debug)]
struct Fuel(usize);

impl Fuel {
    /// As much as looking for so many literals by themselves would be worth in a text of this length.
    fn of(len: usize, literals: usize) -> Fuel {
        Fuel(len.saturating_mul(2).saturating_add(literals.saturating_mul(4)).saturating_add(256))
    }

    #[inline]
    fn burn(&mut self, steps: usize, at: usize) -> ControlFlow<Stop> {
        match self.0.checked_sub(steps) {
            Some(left) => {
                self.0 = left;
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(Stop::Spent(at)),
        }
    }
}

/// Why a scan ends early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The fuel is spent here.
    Spent(usize),
    /// One literal is enough, and this is where it stands.
    Found(usize),
}

/// The words of literals by their hash.
#[derive(Debug)]
struct Words {
    /// A bit for each hash.
    filter: Box<[u64; 1024]>,
    words: Buckets<Word>,
}

impl Words {
    fn new(hashed: Vec<(u16, Word)>) -> Option<Words> {
        if hashed.is_empty() {
            return None;
        }
        let mut filter = Box::new([0; 1024]);
        for (hash, _) in &hashed {
            filter[usize::from(*hash >> 6)] |= 1 << (*hash & 63);
        }
        Some(Words { filter, words: Buckets::new(hashed) })
    }

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn may_have(&self, hash: u16) -> bool {
        self.filter[usize::from(hash >> 6)] >> (hash & 63) & 1 != 0
    }

    fn bytes(&self) -> usize {
        size_of_val(&*self.filter) + self.words.bytes()
    }
}

#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn hash_of(small: u32) -> u16 {
    (small.wrapping_mul(SPREAD) >> 16) as u16
}

#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn small_of(bytes: [u8; 4]) -> u32 {
    u32::from_le_bytes(bytes) | SMALL
}

#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn small_of_two(bytes: [u8; 2]) -> u32 {
    u32::from(u16::from_le_bytes(bytes) | SMALL as u16)
}

/// A part that all literals contain; nothing if it would be too short to say much, or if there is but one.
fn common_part(literals: &[(Vec<u8>, bool)]) -> Option<&[u8]> {
    let [(first, _), rest @ ..] = literals else { return None };
    if rest.is_empty() || literals.iter().any(|(_, ignores_case)| *ignores_case) {
        return None;
    }
    let mut common = first.get(..first.len().min(MAX_LENGTH))?;
    for (literal, _) in rest {
        if find(literal, common).is_none() {
            common = longest_common(common, literal.get(..literal.len().min(MAX_LENGTH))?);
        }
        if common.len() < MIN_COMMON {
            return None;
        }
    }
    Some(common)
}

/// The longest part of `a` that `b` contains.
fn longest_common<'a>(a: &'a [u8], b: &[u8]) -> &'a [u8] {
    let mut best = &a[..0];
    for start in 0..a.len() {
        while let Some(longer) = a.get(start..start + best.len() + 1)
            && find(b, longer).is_some()
        {
            best = longer;
        }
    }
    best
}

/// Finds which of many literals a text contains.
#[derive(Debug)]
pub(super) struct LiteralScan {
    literals: Box<[Literal]>,
    /// Of literals of four bytes and more.
    fours: Option<Words>,
    stride: usize,
    /// Of those of two and three bytes.
    twos: Option<Words>,
    /// What all of them contain.
    common: Option<Finder<'static>>,
    /// All of them, if they are few.
    few: Option<FewLiterals>,
}

impl LiteralScan {
    /// A scan for literals of two bytes or more; each comes with whether the case of ASCII letters is to be ignored, and is
    /// called by its number. If they are few, pairs of bytes may come with them, which are called by the numbers behind.
    pub(super) fn new(literals: Vec<(Vec<u8>, bool)>, pairs: &[TwoBytes]) -> Option<LiteralScan> {
        if literals.is_empty() && pairs.is_empty() {
            return None;
        }
        let shortest = literals.iter().map(|(bytes, _)| bytes.len()).filter(|&len| len >= 4).min().unwrap_or(4);
        let mut stride = MAX_STRIDE;
        let fours = loop {
            if stride == 1 || stride + 3 <= shortest {
                let (words, shared) = fours_of(&literals, stride);
                if stride == 1 || shared <= MAX_SHARED {
                    break words;
                }
            }
            stride /= 2;
        };
        let twos =
            literals.iter().enumerate().filter(|(_, (bytes, _))| bytes.len() < 4).filter_map(|(number, (bytes, _))| {
                let word = small_of_two(*bytes.first_chunk()?);
                Some((hash_of(word), Word { word, literal: number as u32, offset: 0 }))
            });
        let twos = Words::new(twos.collect());
        let common = common_part(&literals).filter(|_| pairs.is_empty()).map(|common| Finder::new(common).into_owned());
        let few = FewLiterals::new(literals.iter().map(|(bytes, ignores_case)| (&**bytes, *ignores_case)), pairs);
        let literals = literals.into_iter().map(|(bytes, ignores_case)| Literal { bytes: bytes.into(), ignores_case });
        Some(LiteralScan { literals: literals.collect(), fours: Words::new(fours), stride, twos, common, few })
    }

    /// Memory that the scan takes beside itself, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let literals = self.literals.iter().map(|literal| literal.bytes.len() + size_of::<Literal>()).sum::<usize>();
        literals + self.fours.as_ref().map_or(0, Words::bytes) + self.twos.as_ref().map_or(0, Words::bytes)
    }

    /// A place in the text before which no literal ends; `None` if it contains none. What contains the place may contain one.
    pub(super) fn first(&self, text: &[u8]) -> Option<usize> {
        if self.has_none(text) {
            return None;
        }
        let mut fuel = Fuel::of(text.len(), self.literals.len());
        let mut stop = |_, at| ControlFlow::Break(Stop::Found(at));
        let place = |flow: ControlFlow<Stop>| match flow {
            ControlFlow::Break(Stop::Found(at) | Stop::Spent(at)) => Some(at),
            ControlFlow::Continue(()) => None,
        };
        let four = self.fours.as_ref().and_then(|words| place(self.run_fours(words, text, &mut fuel, &mut stop)));
        // Those of two or three bytes that begin before that place.
        let rest = four.map_or(text, |at| text.get(..at + 3).unwrap_or(text));
        let two = self.twos.as_ref().and_then(|words| place(self.run_twos(words, rest, &mut fuel, &mut stop)));
        two.or(four)
    }

    /// Where looking at a text is to begin, as [`LiteralScan::run`] does it; `None` if it has no literal.
    #[inline]
    pub(super) fn start(&self, text: &[u8]) -> Option<usize> {
        match &self.few {
            Some(few) => few.start(text),
            None => (!self.has_none(text)).then_some(0),
        }
    }

    /// Tells `found` of places where literals stand, by number of the literal and place: of each at least of one. What is in
    /// front of `start` is known to have none.
    #[inline]
    pub(super) fn run(
        &self,
        text: &[u8],
        start: usize,
        found: &mut dyn FnMut(u32, usize) -> ControlFlow<Stop>,
    ) -> ControlFlow<Stop> {
        let fuel = &mut Fuel::of(text.len(), self.literals.len());
        if let Some(few) = &self.few {
            return few.run(text, start, |steps, at| fuel.burn(steps, at), found);
        }
        if let Some(words) = &self.fours {
            self.run_fours(words, text, fuel, found)?;
        }
        match &self.twos {
            Some(words) => self.run_twos(words, text, fuel, found),
            None => ControlFlow::Continue(()),
        }
    }

    /// Whether a text lacks what all literals contain.
    ///
    /// PERF (logs-100): a search with vectors for one needle takes an eighth of the time of the words.
    #[inline]
    fn has_none(&self, text: &[u8]) -> bool {
        self.common.as_ref().is_some_and(|common| common.find(text).is_none())
    }

    fn run_fours(
        &self,
        words: &Words,
        text: &[u8],
        fuel: &mut Fuel,
        found: &mut dyn FnMut(u32, usize) -> ControlFlow<Stop>,
    ) -> ControlFlow<Stop> {
        match self.stride {
            1 => self.run_strides::<1>(words, text, fuel, found),
            2 => self.run_strides::<2>(words, text, fuel, found),
            4 => self.run_strides::<4>(words, text, fuel, found),
            _ => self.run_strides::<MAX_STRIDE>(words, text, fuel, found),
        }
    }

    fn run_strides<const STRIDE: usize>(
        &self,
        words: &Words,
        text: &[u8],
        fuel: &mut Fuel,
        found: &mut dyn FnMut(u32, usize) -> ControlFlow<Stop>,
    ) -> ControlFlow<Stop> {
        let mut rest = text;
        // Eight bytes have all words that begin in the first four.
        while let Some(eight) = rest.first_chunk() {
            let small = u64::from_le_bytes(*eight) | SMALL_EIGHT;
            for offset in (0..4).step_by(STRIDE) {
                let small = (small >> (8 * offset)) as u32;
                let hash = hash_of(small);
                if words.may_have(hash) {
                    self.compare(words, hash, small, (text, text.len() - rest.len() + offset), fuel, found)?;
                }
            }
            rest = &rest[STRIDE.max(4)..];
        }
        while let Some(four) = rest.first_chunk() {
            let small = small_of(*four);
            let hash = hash_of(small);
            if words.may_have(hash) {
                self.compare(words, hash, small, (text, text.len() - rest.len()), fuel, found)?;
            }
            rest = rest.get(STRIDE..).unwrap_or_default();
        }
        ControlFlow::Continue(())
    }

    fn run_twos(
        &self,
        words: &Words,
        text: &[u8],
        fuel: &mut Fuel,
        found: &mut dyn FnMut(u32, usize) -> ControlFlow<Stop>,
    ) -> ControlFlow<Stop> {
        for (at, window) in text.windows(2).enumerate() {
            let small = small_of_two(window.try_into().unwrap_or_default());
            let hash = hash_of(small);
            if words.may_have(hash) {
                self.compare(words, hash, small, (text, at), fuel, found)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// Compares the literals that have such a word with what surrounds it in the text.
    #[cold]
    #[inline(never)]
    fn compare(
        &self,
        words: &Words,
        hash: u16,
        small: u32,
        (text, at): (&[u8], usize),
        fuel: &mut Fuel,
        found: &mut dyn FnMut(u32, usize) -> ControlFlow<Stop>,
    ) -> ControlFlow<Stop> {
        for &Word { word, literal, offset } in words.words.of(hash) {
            if word != small {
                fuel.burn(1, at)?;
                continue;
            }
            let (Some(start), Some(wanted)) = (at.checked_sub(offset as usize), self.literals.get(literal as usize))
            else {
                continue;
            };
            fuel.burn(1 + wanted.bytes.len() / 8, at)?;
            let Some(here) = text.get(start..start + wanted.bytes.len()) else { continue };
            if *here == *wanted.bytes || wanted.ignores_case && here.eq_ignore_ascii_case(&wanted.bytes) {
                found(literal, start)?;
            }
        }
        ControlFlow::Continue(())
    }
}

/// The words of the literals that have four bytes, as many of each as there are places per look, and how many literals have
/// the same.
fn fours_of(literals: &[(Vec<u8>, bool)], stride: usize) -> (Vec<(u16, Word)>, usize) {
    let mut words = Vec::new();
    let mut taken = HashMap::new();
    for (number, (bytes, _)) in literals.iter().enumerate() {
        let Some(at) = best_words(bytes, stride, &taken) else { continue };
        for (offset, word) in smalls(bytes).enumerate().skip(at).take(stride) {
            *taken.entry(word).or_insert(0) += 1;
            words.push((hash_of(word), Word { word, literal: number as u32, offset: offset as u32 }));
        }
    }
    (words, taken.into_values().max().unwrap_or(0))
}

/// Where the words of a literal are rarest, and shared with the fewest others.
fn best_words(bytes: &[u8], stride: usize, taken: &HashMap<u32, usize>) -> Option<usize> {
    let last = bytes.len().checked_sub(stride + 3)?;
    // Beyond this nothing better is expected.
    let last = last.min(MAX_LENGTH);
    let shared: Vec<usize> =
        smalls(bytes).take(last + stride).map(|word| taken.get(&word).copied().unwrap_or(0)).collect();
    let rare: Vec<usize> = bytes.iter().take(last + stride + 3).map(|&byte| rarity(byte)).collect();
    (0..=last).max_by_key(|&at| {
        let rare: usize = rare[at..at + stride + 3].iter().sum();
        let shared: usize = shared[at..at + stride].iter().sum();
        (rare / (stride + 3)) as isize - 16 * shared as isize
    })
}

/// The words of four bytes.
fn smalls(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.windows(4).map(|word| small_of(word.try_into().unwrap_or_default()))
}
