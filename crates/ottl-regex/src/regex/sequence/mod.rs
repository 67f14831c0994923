//! Patterns that are a sequence, matched without an automaton.
//!
//! Most patterns of rules are literals, runs of characters of a class, anchors, groups, and choices between such
//! sequences: `/[0-9]+`, `password=[^ ]+`, `^/(health|ready)z?$`. Trying the choices in their order gives the
//! leftmost-first match directly, start and end in one pass, on the raw bytes: the sets and literals that are
//! accepted (see `build`) never need to know whether the text is valid UTF-8. Only repetitions of something longer
//! than one character, classes with part of Unicode, and patterns that may match nothing are left to the automata.
//!
//! INVARIANT: every search works on fuel, which is spent in proportion to the steps taken. A text that makes the
//! matcher go back too often runs out of it, the search is given up, and the automaton takes over; so matching stays
//! linear.

mod build;
mod choice;
mod run;
mod set;

use regex_automata::util::primitives::NonMaxUsize;
use regex_syntax::hir::Hir;

use self::build::Program;
use self::choice::Choice;
use self::set::Set;
use super::few::TwoBytes;
use super::needle::{Needle, Places, has_byte, is_rare};
use super::text::width;

/// The fuel of a search is this much per byte of the text.
const FUEL_PER_BYTE: isize = 16;

/// Texts beyond this get no more fuel than it gives.
const LONGEST: usize = 1 << 24;

/// Fuel that even the shortest text gets.
const FUEL: isize = 1024;

/// What remains to be spent on one text. Below zero nothing that a search answered is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fuel(isize);

impl Fuel {
    /// For all searches in a text of this length.
    pub(super) fn of(len: usize) -> Fuel {
        Fuel(len.min(LONGEST) as isize * FUEL_PER_BYTE + FUEL)
    }

    /// Whether the last search was given up.
    #[inline]
    pub(super) fn is_spent(self) -> bool {
        self.0 < 0
    }

    #[inline]
    fn spend(&mut self, steps: usize) {
        // Steps are places of one text, of which few fit into memory, so this does not wrap.
        self.0 = self.0.wrapping_sub_unsigned(steps);
    }
}

/// Where a match can start.
#[derive(Debug)]
enum Start {
    /// At the start of the text, with this step.
    Text { node: usize },
    /// At this byte. `after` is the step behind it; one of the bytes `then` has to follow, or with `may_end` none.
    Byte { byte: u8, after: usize, then: Box<[bool; 256]>, may_end: bool },
    /// At this literal, and `after` is the step behind it.
    Literal { needle: Needle, after: usize },
    /// At the first of at least `min` characters of the set before a byte that is not in it, or at the last but `max` of them;
    /// `node` is the step so many bytes behind.
    RunBefore { set: Set, min: usize, max: usize, byte: u8, node: (usize, usize) },
    /// So many bytes before this byte, if the byte there is one of `first`: what stands between has a fixed length.
    Before { byte: u8, offset: usize, first: Box<[bool; 256]> },
    /// At a run of the set whose end `then` or, with `may_end`, the end of the text has to follow; `node` is the step
    /// behind it. Of a run longer than `max` only the last ones can be it.
    Run { set: Set, min: usize, max: usize, node: usize, then: Box<[bool; 256]>, may_end: bool },
    /// At `min` bytes in a row that are of the set: the pattern begins with so many.
    Long { set: Set, min: usize },
    /// At these bytes. If the pattern begins with a run of a set and fails where it starts, it fails in all of it. With
    /// `chars` only the starts of characters count, with `words` only those of words.
    Bytes { first: Box<[bool; 256]>, run: Option<Set>, chars: bool, words: bool },
}

/// A pattern as a sequence.
#[derive(Debug)]
pub(super) struct Sequence {
    start: Start,
    /// A byte that every match has, where it is cheaper to look for than the match.
    required: Option<u8>,
    /// The same byte; where the match is looked for by a rare byte, that one.
    telling: Option<u8>,
    /// The texts that the pattern stands for, if they are few.
    choice: Option<Choice>,
    plain: Program,
    /// The same with the places of groups, if there are any.
    groups: Option<Program>,
}

impl Sequence {
    /// Recognises the shape; `None` if the pattern needs an automaton.
    pub(super) fn recognise(hir: &Hir, required: Option<u8>) -> Option<Sequence> {
        let (plain, ahead) = Program::build(hir, false)?;
        let groups = match hir.properties().explicit_captures_len() {
            0 => None,
            _ => Some(Program::build(hir, true)?.0),
        };
        let start = plain.start(hir, &ahead)?;
        // Choices that nothing announces are the automata's, which look for all of them at once.
        if matches!(start, Start::Bytes { .. }) && required.is_none() && plain.begins_with_choice() {
            return None;
        }
        let required = match start {
            Start::Bytes { .. } | Start::Run { .. } | Start::Long { .. } => required,
            Start::RunBefore { byte, .. } | Start::Before { byte, .. } => Some(byte),
            Start::Text { .. } | Start::Byte { .. } | Start::Literal { .. } => None,
        };
        let telling = match &start {
            Start::Literal { needle, .. } => Some(needle.rarest()),
            Start::Byte { byte, .. } if is_rare(*byte) => Some(*byte),
            _ => required,
        };
        let choice = if matches!(start, Start::Text { .. }) { Choice::recognise(hir) } else { None };
        Some(Sequence { start, required, telling, choice, plain, groups })
    }

    /// Two bytes that every match has at their distance, if there are some that tell much.
    pub(super) fn two_bytes(&self) -> Option<TwoBytes> {
        self.plain.two_bytes()
    }

    /// What can stand in front of a byte and behind it where it is part of a match of a pattern, as sets of bytes, if that says
    /// something.
    pub(super) fn around(hir: &Hir, byte: u8) -> Option<[Box<[bool; 256]>; 2]> {
        Program::around(hir, byte)
    }

    /// Whether one look at the text tells that nothing matches. It is worth it before the first search in a text.
    #[inline]
    pub(super) fn rejects(&self, text: &[u8]) -> bool {
        self.required.is_some_and(|byte| !has_byte(text, byte))
    }

    /// The same where what it would save is a call at least.
    ///
    /// PERF (redaction): the search for a start tells as soon, but a text without one costs a third like this.
    #[inline]
    pub(super) fn rejects_at_once(&self, text: &[u8]) -> bool {
        self.telling.is_some_and(|byte| !has_byte(text, byte))
    }

    /// Whether the pattern matches somewhere.
    #[inline]
    pub(super) fn is_match(&self, text: &[u8], fuel: &mut Fuel) -> bool {
        if let Some(choice) = &self.choice {
            return choice.is_match(text);
        }
        !self.rejects(text) && self.search::<true, false>(text, 0, fuel, &mut []).is_some()
    }

    /// The leftmost match at or after `at`, which is where a character starts.
    #[inline]
    pub(super) fn find(&self, text: &[u8], at: usize, fuel: &mut Fuel) -> Option<(usize, usize)> {
        self.search::<false, false>(text, at, fuel, &mut [])
    }

    /// The same with the groups from the first on: `slots` begins with the two of group 0, which are left alone.
    pub(super) fn captures(
        &self,
        text: &[u8],
        at: usize,
        fuel: &mut Fuel,
        slots: &mut [Option<NonMaxUsize>],
    ) -> Option<(usize, usize)> {
        self.search::<false, true>(text, at, fuel, slots)
    }

    /// The leftmost match; with `EARLIEST` its end is any of the possible ones.
    #[inline]
    fn search<const EARLIEST: bool, const GROUPS: bool>(
        &self,
        text: &[u8],
        at: usize,
        fuel: &mut Fuel,
        slots: &mut [Option<NonMaxUsize>],
    ) -> Option<(usize, usize)> {
        let program = if GROUPS { self.groups.as_ref().unwrap_or(&self.plain) } else { &self.plain };
        // Steps that the search for a start has done already are not done again, unless groups are to be marked.
        let step = |start: usize, node: usize, at: usize| if GROUPS { (program.entry(), start) } else { (node, at) };
        match &self.start {
            Start::Text { node } => {
                if at > 0 {
                    return None;
                }
                let (node, at) = step(0, *node, 0);
                program.run::<EARLIEST, GROUPS>(text, node, at, fuel, slots).map(|end| (0, end))
            }
            Start::Byte { byte, after, then, may_end } => {
                for start in Places::new(text, at, *byte) {
                    if !text.get(start + 1).map_or(*may_end, |&byte| then[usize::from(byte)]) {
                        continue;
                    }
                    fuel.spend(1);
                    let (node, at) = step(start, *after, start + 1);
                    let end = program.begin::<EARLIEST, GROUPS>(text, node, at, fuel, slots);
                    if end.is_some() || fuel.is_spent() {
                        return end.map(|end| (start, end));
                    }
                }
                None
            }
            Start::Literal { needle, after } => {
                for start in needle.occurrences(text, at) {
                    fuel.spend(1);
                    let (node, at) = step(start, *after, start + needle.bytes().len());
                    let end = program.begin::<EARLIEST, GROUPS>(text, node, at, fuel, slots);
                    if end.is_some() || fuel.is_spent() {
                        return end.map(|end| (start, end));
                    }
                }
                None
            }
            Start::RunBefore { set, min, max, byte, node } => {
                let mut floor = at;
                for end in Places::new(text, at, *byte) {
                    let run = set.count_back(&text[floor.max(end.saturating_sub(*max))..end]);
                    floor = end + 1;
                    if run < *min {
                        continue;
                    }
                    fuel.spend(1);
                    let start = end - run;
                    let (node, at) = step(start, node.0, end + node.1);
                    let end = program.run::<EARLIEST, GROUPS>(text, node, at, fuel, slots);
                    if end.is_some() || fuel.is_spent() {
                        return end.map(|end| (start, end));
                    }
                }
                None
            }
            Start::Before { byte, offset, first } => {
                for place in Places::new(text, at.saturating_add(*offset), *byte) {
                    let start = place - offset;
                    if !first[usize::from(text[start])] {
                        continue;
                    }
                    fuel.spend(1);
                    let end = program.begin::<EARLIEST, GROUPS>(text, program.entry(), start, fuel, slots);
                    if end.is_some() || fuel.is_spent() {
                        return end.map(|end| (start, end));
                    }
                }
                None
            }
            Start::Run { set, min, max, node, then, may_end } => {
                let mut from = at;
                loop {
                    let first = set.next_run(text, from, *min)?;
                    let end = set.run_end(text, first);
                    from = end;
                    if end - first < *min || !text.get(end).map_or(*may_end, |&byte| then[usize::from(byte)]) {
                        continue;
                    }
                    fuel.spend(1);
                    let start = first.max(end.saturating_sub(*max));
                    let (node, at) = step(start, *node, end);
                    let end = program.run::<EARLIEST, GROUPS>(text, node, at, fuel, slots);
                    if end.is_some() || fuel.is_spent() {
                        return end.map(|end| (start, end));
                    }
                }
            }
            Start::Long { set, min } => {
                let mut from = at;
                loop {
                    let start = set.next_run(text, from, *min)?;
                    fuel.spend(1);
                    let end = program.begin::<EARLIEST, GROUPS>(text, program.entry(), start, fuel, slots);
                    if end.is_some() || fuel.is_spent() {
                        return end.map(|end| (start, end));
                    }
                    from = start + 1;
                }
            }
            Start::Bytes { first, run, chars, words } => {
                let mut from = at;
                loop {
                    let start = match chars {
                        false => from + text.get(from..)?.iter().position(|&byte| first[usize::from(byte)])?,
                        true => {
                            let mut start = from;
                            while !first[usize::from(*text.get(start)?)] {
                                start += width(text, start);
                            }
                            start
                        }
                    };
                    if *words && start > 0 && is_word(text[start - 1]) {
                        from = start + 1;
                        continue;
                    }
                    fuel.spend(1);
                    let end = program.begin::<EARLIEST, GROUPS>(text, program.entry(), start, fuel, slots);
                    if end.is_some() || fuel.is_spent() {
                        return end.map(|end| (start, end));
                    }
                    from = match run {
                        // Where the run is empty, the byte begins what follows it.
                        Some(set) => set.run_end(text, start).max(start + 1),
                        None if *chars => start + width(text, start),
                        None => start + 1,
                    };
                }
            }
        }
    }
}

/// Whether the byte is part of a word: an ASCII letter or digit, or an underscore.
pub(super) fn is_word(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}
