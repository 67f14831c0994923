//! The pattern as a program over characters, run for all ways to match side by side (Pike's machine, as the reference's).
//!
//! It is ready in no time and small, whatever classes and counts the pattern has, and takes time in proportion to text
//! and program. `mod.rs` says when it runs and when the automata do; both give the same matches, since both try the ways
//! in the same order. Characters are decoded here as in the reference, so texts need no rewriting.

use std::cell::RefCell;
use std::collections::HashMap;

use regex_automata::util::primitives::NonMaxUsize;
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use super::sequence::is_word;
use super::states::{self, Run, Sets};
use super::text::char_at;

/// Scratch memory beyond this is given back after a search, in bytes.
const KEEP: usize = 1 << 20;

type Slot = Option<NonMaxUsize>;

/// One instruction; numbers are places of instructions, or of classes, slots and characters where the name says so.
#[derive(Debug, Clone, Copy)]
pub(super) enum Inst {
    Char {
        c: char,
        next: u32,
    },
    Class {
        class: u32,
        next: u32,
    },
    /// The first is tried before the second.
    Split {
        first: u32,
        second: u32,
    },
    Look {
        look: Look,
        next: u32,
    },
    Save {
        slot: u32,
        next: u32,
    },
    Match,
    Fail,
}

/// A set of characters.
#[derive(Debug)]
pub(super) struct Set {
    ascii: u128,
    /// Ranges of other characters, in order.
    ranges: Box<[(char, char)]>,
}

impl Set {
    pub(super) fn has(&self, c: char) -> bool {
        if c.is_ascii() {
            return self.ascii >> u32::from(c) & 1 != 0;
        }
        let at = self.ranges.partition_point(|&(_, end)| end < c);
        self.ranges.get(at).is_some_and(|&(start, _)| start <= c)
    }
}

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) insts: Vec<Inst>,
    pub(super) sets: Vec<Set>,
    pub(super) start: u32,
    /// Matches begin at the start of the text only.
    pub(super) anchored: bool,
    /// The bytes that a match can begin with; none for what may match nothing.
    pub(super) first: Option<Box<[bool; 256]>>,
    /// Long repetitions of one class, and the instructions that are in none.
    pub(super) runs: Vec<Run>,
    pub(super) loose: Vec<u64>,
}

struct Compiler {
    insts: Vec<Inst>,
    sets: Vec<Set>,
    /// Sets by the address of their class in the tree: counted repetitions visit a class many times.
    known: HashMap<usize, u32>,
}

impl Program {
    /// Compiles the tree. The parser has bounded how many instructions that makes.
    pub(super) fn new(hir: &Hir) -> Program {
        let mut compiler = Compiler { insts: vec![Inst::Match], sets: Vec::new(), known: HashMap::new() };
        let start = compiler.node(hir, 0);
        let anchored = hir.properties().look_set_prefix().contains(Look::Start);
        let Compiler { insts, sets, .. } = compiler;
        let runs = states::runs(&insts);
        let loose = states::loose(&insts, &runs);
        let mut program = Program { insts, sets, start, anchored, first: None, runs, loose };
        program.first = program.first_bytes();
        program
    }

    /// The bytes that can come first, as far as the conditions on the place are met.
    fn first_bytes(&self) -> Option<Box<[bool; 256]>> {
        let mut bytes = Box::new([false; 256]);
        let mut seen = vec![false; self.insts.len()];
        let mut open = vec![self.start];
        while let Some(at) = open.pop() {
            if std::mem::replace(&mut seen[at as usize], true) {
                continue;
            }
            match self.insts[at as usize] {
                Inst::Match => return None,
                Inst::Fail => {}
                Inst::Split { first, second } => open.extend([first, second]),
                Inst::Look { next, .. } | Inst::Save { next, .. } => open.push(next),
                Inst::Char { c, .. } if c.is_ascii() => bytes[c as usize] = true,
                Inst::Char { .. } => bytes[0x80..].fill(true),
                Inst::Class { class, .. } => {
                    let set = &self.sets[class as usize];
                    (0..0x80).for_each(|byte| bytes[byte] |= set.ascii >> byte & 1 != 0);
                    if !set.ranges.is_empty() {
                        bytes[0x80..].fill(true);
                    }
                }
            }
        }
        Some(bytes)
    }

    /// Looks for the leftmost match at or after `from`, and fills as many slots as there are: with none, only whether
    /// there is a match. Takes from `steps` what it did; `None` when they are used up.
    pub(super) fn search(&self, text: &[u8], from: usize, slots: &mut [Slot], steps: &mut u64) -> Option<bool> {
        thread_local! {
            static SCRATCH: RefCell<Scratch> = RefCell::default();
        }
        SCRATCH.with_borrow_mut(|scratch| {
            // PERF: where long repetitions would be followed way by way, it pays to know first whether any of them ends.
            let look_first = slots.is_empty() || !self.runs.is_empty();
            let found = if look_first { self.matches(&mut scratch.sets, text, from, steps) } else { Some(true) };
            let found = match found {
                Some(true) if !slots.is_empty() => self.run(scratch, text, from, slots, steps),
                found => found,
            };
            if scratch.bytes() > KEEP {
                *scratch = Scratch::default();
            }
            found
        })
    }

    fn run(
        &self,
        scratch: &mut Scratch,
        text: &[u8],
        from: usize,
        slots: &mut [Slot],
        steps: &mut u64,
    ) -> Option<bool> {
        scratch.begin(self.insts.len(), slots.len());
        let (mut at, mut matched) = (from, false);
        while at <= text.len() {
            if *steps == 0 {
                return None;
            }
            if scratch.now.threads.is_empty() {
                if matched || self.anchored && at > 0 {
                    break;
                }
                if let Some(first) = &self.first {
                    match text[at..].iter().position(|&byte| first[usize::from(byte)]) {
                        Some(0) => {}
                        Some(skipped) => {
                            at += skipped;
                            scratch.marks.advance();
                        }
                        None => break,
                    }
                }
            }
            if !(matched || self.anchored && at > 0) {
                scratch.current.fill(None);
                if let Some(start) = scratch.current.first_mut() {
                    *start = NonMaxUsize::new(at);
                }
                let Scratch { now, marks, current, stack, .. } = scratch;
                self.follow(now, marks, current, stack, text, at, self.start, steps);
            }
            let (c, len) = char_at(text, at).map_or((None, 1), |(c, len)| (Some(c), len));
            scratch.marks.advance();
            let Scratch { now, next, marks, current, stack, .. } = scratch;
            next.clear();
            *steps = steps.saturating_sub(now.threads.len() as u64);
            // PERF: counted repetitions ask the same class for each thread (`\p{L}{1000}y` over letters beyond ASCII: a third
            // of the time).
            let mut asked = (u32::MAX, false);
            for (idx, &thread) in now.threads.iter().enumerate() {
                let goal = match self.insts[thread as usize] {
                    Inst::Char { c: wanted, next } if c == Some(wanted) => next,
                    Inst::Class { class, next } => {
                        if asked.0 != class {
                            asked = (class, c.is_some_and(|c| self.sets[class as usize].has(c)));
                        }
                        if !asked.1 {
                            continue;
                        }
                        next
                    }
                    Inst::Match => {
                        matched = true;
                        slots.copy_from_slice(now.slots_of(idx, slots.len()));
                        if let Some(end) = slots.get_mut(1) {
                            *end = NonMaxUsize::new(at);
                        }
                        // What comes after is less preferred.
                        break;
                    }
                    _ => continue,
                };
                current.copy_from_slice(now.slots_of(idx, slots.len()));
                self.follow(next, marks, current, stack, text, at + len, goal, steps);
            }
            std::mem::swap(&mut scratch.now, &mut scratch.next);
            at += len;
        }
        Some(matched)
    }

    /// Adds the threads that an instruction leads to without another character.
    #[expect(clippy::too_many_arguments, reason = "the parts of the scratch memory are borrowed apart")]
    fn follow(
        &self,
        threads: &mut Threads,
        marks: &mut Marks,
        slots: &mut [Slot],
        stack: &mut Vec<Step>,
        text: &[u8],
        at: usize,
        start: u32,
        steps: &mut u64,
    ) {
        if let Inst::Char { .. } | Inst::Class { .. } | Inst::Match = self.insts[start as usize] {
            if marks.is_new(start) {
                *steps = steps.saturating_sub(1);
                threads.threads.push(start);
                threads.slots.extend_from_slice(slots);
            }
            return;
        }
        stack.push(Step::Follow(start));
        while let Some(step) = stack.pop() {
            let mut goal = match step {
                Step::Follow(goal) => goal,
                Step::Restore(slot, old) => {
                    slots[slot as usize] = old;
                    continue;
                }
            };
            while marks.is_new(goal) {
                *steps = steps.saturating_sub(1);
                match self.insts[goal as usize] {
                    Inst::Char { .. } | Inst::Class { .. } | Inst::Match => {
                        threads.threads.push(goal);
                        threads.slots.extend_from_slice(slots);
                        break;
                    }
                    Inst::Fail => break,
                    Inst::Split { first, second } => {
                        stack.push(Step::Follow(second));
                        goal = first;
                    }
                    Inst::Look { look, next } => {
                        if !holds(look, text, at) {
                            break;
                        }
                        goal = next;
                    }
                    Inst::Save { slot, next } => {
                        if let Some(place) = slots.get_mut(slot as usize) {
                            stack.push(Step::Restore(slot, *place));
                            *place = NonMaxUsize::new(at);
                        }
                        goal = next;
                    }
                }
            }
        }
    }
}

/// Whether a condition on the place is met; places are where characters start.
pub(super) fn holds(look: Look, text: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| text.get(at));
    let after = text.get(at);
    let word = |byte: Option<&u8>| byte.is_some_and(|&byte| is_word(byte));
    match look {
        Look::Start => before.is_none(),
        Look::End => after.is_none(),
        Look::StartLF => before.is_none_or(|&byte| byte == b'\n'),
        Look::EndLF => after.is_none_or(|&byte| byte == b'\n'),
        Look::WordAscii => word(before) != word(after),
        Look::WordAsciiNegate => word(before) == word(after),
        // The parser makes no others.
        _ => false,
    }
}

impl Compiler {
    fn push(&mut self, inst: Inst) -> u32 {
        self.insts.push(inst);
        self.insts.len() as u32 - 1
    }

    /// The instructions of the tree that go on with `next`; gives the first.
    fn node(&mut self, hir: &Hir, next: u32) -> u32 {
        match hir.kind() {
            HirKind::Empty => next,
            // The parser makes literals of whole characters.
            HirKind::Literal(literal) => String::from_utf8_lossy(&literal.0)
                .chars()
                .rev()
                .fold(next, |next, c| self.push(Inst::Char { c, next })),
            HirKind::Class(Class::Unicode(set)) if set.ranges().is_empty() => self.push(Inst::Fail),
            HirKind::Class(class) => {
                let class = self.set(class);
                self.push(Inst::Class { class, next })
            }
            HirKind::Look(look) => self.push(Inst::Look { look: *look, next }),
            HirKind::Repetition(repetition) => self.repetition(repetition, next),
            HirKind::Capture(capture) => {
                let end = self.push(Inst::Save { slot: capture.index * 2 + 1, next });
                let inner = self.node(&capture.sub, end);
                self.push(Inst::Save { slot: capture.index * 2, next: inner })
            }
            HirKind::Concat(subs) => subs.iter().rev().fold(next, |next, sub| self.node(sub, next)),
            HirKind::Alternation(subs) => {
                let branches: Vec<_> = subs.iter().map(|sub| self.node(sub, next)).collect();
                let last = branches.last().copied().unwrap_or(next);
                let others = &branches[..branches.len().saturating_sub(1)];
                others.iter().rev().fold(last, |second, &first| self.push(Inst::Split { first, second }))
            }
        }
    }

    fn set(&mut self, class: &Class) -> u32 {
        if let Some(&known) = self.known.get(&std::ptr::from_ref(class).addr()) {
            return known;
        }
        let (mut ascii, mut ranges) = (0, Vec::new());
        let mut add = |start: char, end: char| {
            (u32::from(start)..=u32::from(end).min(0x7f)).for_each(|c| ascii |= 1 << c);
            if !end.is_ascii() {
                ranges.push((start.max('\u{80}'), end));
            }
        };
        match class {
            Class::Unicode(class) => class.ranges().iter().for_each(|range| add(range.start(), range.end())),
            // Simplification makes them of ASCII characters only.
            Class::Bytes(class) => {
                class.ranges().iter().for_each(|range| add(char::from(range.start()), char::from(range.end())));
            }
        }
        self.sets.push(Set { ascii, ranges: ranges.into() });
        let number = self.sets.len() as u32 - 1;
        self.known.insert(std::ptr::from_ref(class).addr(), number);
        number
    }

    fn split(&mut self, greedy: bool, body: u32, exit: u32) -> Inst {
        if greedy { Inst::Split { first: body, second: exit } } else { Inst::Split { first: exit, second: body } }
    }

    fn repetition(&mut self, repetition: &Repetition, next: u32) -> u32 {
        let Repetition { min, max, greedy, ref sub } = *repetition;
        let Some(max) = max else {
            // The last copy is a loop.
            let again = self.push(Inst::Fail);
            let body = self.node(sub, again);
            self.insts[again as usize] = self.split(greedy, body, next);
            return match min {
                // A body that may be empty has to be tried once before the loop ends, and only then.
                0 if sub.properties().minimum_len() == Some(0) => {
                    let optional = self.split(greedy, body, next);
                    self.push(optional)
                }
                0 => again,
                _ => (1..min).fold(body, |next, _| self.node(sub, next)),
            };
        };
        let optional = (min..max).fold(next, |entry, _| {
            let body = self.node(sub, entry);
            let split = self.split(greedy, body, next);
            self.push(split)
        });
        (0..min).fold(optional, |next, _| self.node(sub, next))
    }
}

/// The ways to match that are alive at a place, the preferred ones first.
#[derive(Debug, Default)]
struct Threads {
    threads: Vec<u32>,
    /// The slots of each.
    slots: Vec<Slot>,
}

impl Threads {
    fn clear(&mut self) {
        self.threads.clear();
        self.slots.clear();
    }

    fn slots_of(&self, idx: usize, count: usize) -> &[Slot] {
        &self.slots[idx * count..(idx + 1) * count]
    }
}

/// Which instructions were reached at the current place.
#[derive(Debug, Default)]
struct Marks {
    marks: Vec<u32>,
    now: u32,
}

impl Marks {
    fn advance(&mut self) {
        if self.now == u32::MAX {
            self.marks.fill(0);
            self.now = 0;
        }
        self.now += 1;
    }

    fn is_new(&mut self, inst: u32) -> bool {
        let mark = &mut self.marks[inst as usize];
        std::mem::replace(mark, self.now) != self.now
    }
}

/// What is left to do while threads are followed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Follow(u32),
    Restore(u32, Slot),
}

/// Memory of searches, kept by the thread.
#[derive(Debug, Default)]
struct Scratch {
    now: Threads,
    next: Threads,
    marks: Marks,
    current: Vec<Slot>,
    stack: Vec<Step>,
    /// Those of searches that ask only whether there is a match.
    sets: Sets,
}

impl Scratch {
    fn begin(&mut self, insts: usize, slots: usize) {
        self.now.clear();
        self.next.clear();
        self.stack.clear();
        self.current.clear();
        self.current.resize(slots, None);
        if self.marks.marks.len() < insts {
            self.marks.marks.resize(insts, 0);
        }
        self.marks.advance();
    }

    fn bytes(&self) -> usize {
        let threads = |threads: &Threads| threads.threads.capacity() * 4 + threads.slots.capacity() * 8;
        threads(&self.now)
            + threads(&self.next)
            + self.marks.marks.capacity() * 4
            + self.stack.capacity() * 24
            + self.sets.bytes()
    }
}
