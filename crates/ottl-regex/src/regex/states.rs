//! Whether a program matches at all: its ways to match side by side as a set of bits.
//!
//! Where nobody asks for the place of a match it does not matter which way was first, nor where it began. Then counted
//! repetitions of one class, which are most of a large program, take a step for 64 of their ways at once.

use super::program::{Inst, Program, Step, holds};
use super::text::char_at;

/// Repetitions of a character or class that are at least this long are stepped in words.
const LONG: u32 = 64;

/// What an instruction takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Char(char),
    /// A character of the class of this number.
    Class(u32),
}

/// Instructions in a row that want the same: each leads to the one before it.
#[derive(Debug)]
pub(super) struct Run {
    first: u32,
    last: u32,
    wanted: Wanted,
}

/// The runs of a program, in order.
pub(super) fn runs(insts: &[Inst]) -> Vec<Run> {
    let consumes = |at: u32| matches!(insts[at as usize], Inst::Char { .. } | Inst::Class { .. } | Inst::Match);
    let mut runs: Vec<Run> = Vec::new();
    for (at, inst) in (0..).zip(insts) {
        let (wanted, next) = match *inst {
            Inst::Char { c, next } => (Wanted::Char(c), next),
            Inst::Class { class, next } => (Wanted::Class(class), next),
            _ => continue,
        };
        if at == 0 || next != at - 1 || !consumes(next) {
            continue;
        }
        match runs.last_mut() {
            Some(run) if run.last + 1 == at && run.wanted == wanted => run.last = at,
            _ => runs.push(Run { first: at, last: at, wanted }),
        }
    }
    runs.retain(|run| run.last - run.first >= LONG);
    runs
}

/// The instructions outside of runs, as bits.
pub(super) fn loose(insts: &[Inst], runs: &[Run]) -> Vec<u64> {
    let mut words = vec![u64::MAX; insts.len() / 64 + 1];
    for run in runs {
        let (first, last) = (run.first as usize / 64, run.last as usize / 64);
        for (word, bits) in words.iter_mut().enumerate().take(last + 1).skip(first) {
            *bits &= !States::in_run(word, run);
        }
    }
    words
}

/// A set of instructions.
#[derive(Debug, Default)]
pub(super) struct States {
    words: Vec<u64>,
}

impl States {
    fn clear(&mut self, insts: usize) {
        self.words.clear();
        self.words.resize(insts / 64 + 1, 0);
    }

    fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Adds an instruction; whether it is new.
    fn add(&mut self, at: u32) -> bool {
        let (word, bit) = (&mut self.words[at as usize / 64], 1 << (at % 64));
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// The members of a word that lie in a run.
    fn in_run(word: usize, run: &Run) -> u64 {
        let base = word as u32 * 64;
        let from = run.first.saturating_sub(base).min(64);
        let to = (run.last + 1).saturating_sub(base).min(64);
        let below = |count: u32| if count == 64 { u64::MAX } else { (1 << count) - 1 };
        below(to) & !below(from)
    }
}

/// Memory of searches.
#[derive(Debug, Default)]
pub(super) struct Sets {
    now: States,
    next: States,
    stack: Vec<Step>,
}

impl Sets {
    pub(super) fn bytes(&self) -> usize {
        (self.now.words.capacity() + self.next.words.capacity()) * 8 + self.stack.capacity() * size_of::<Step>()
    }
}

impl Program {
    /// Whether there is a match at or after `from`. Takes from `steps` what it did; `None` when they are used up.
    pub(super) fn matches(&self, sets: &mut Sets, text: &[u8], from: usize, steps: &mut u64) -> Option<bool> {
        let Sets { now, next, stack } = sets;
        now.clear(self.insts.len());
        next.clear(self.insts.len());
        let mut at = from;
        while at <= text.len() {
            if *steps == 0 {
                return None;
            }
            let begins = !(self.anchored && at > 0);
            if now.is_empty() {
                if !begins {
                    return Some(false);
                }
                if let Some(first) = &self.first {
                    match text[at..].iter().position(|&byte| first[usize::from(byte)]) {
                        Some(skipped) => at += skipped,
                        None => return Some(false),
                    }
                }
            }
            if begins && self.reach(now, stack, text, at, self.start, steps) {
                return Some(true);
            }
            let (c, len) = char_at(text, at).map_or((None, 1), |(c, len)| (Some(c), len));
            next.words.fill(0);
            *steps = steps.saturating_sub((self.insts.len() / 64 + self.runs.len() + 1) as u64);
            for run in &self.runs {
                let takes = match run.wanted {
                    Wanted::Char(wanted) => c == Some(wanted),
                    Wanted::Class(class) => c.is_some_and(|c| self.sets[class as usize].has(c)),
                };
                if takes && self.shift(run, now, next) {
                    return Some(true);
                }
            }
            let mut asked = (u32::MAX, false);
            for word in 0..now.words.len() {
                let mut left = now.words[word] & self.loose[word];
                while left != 0 {
                    let inst = word * 64 + left.trailing_zeros() as usize;
                    left &= left - 1;
                    let goal = match self.insts[inst] {
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
                        _ => continue,
                    };
                    if self.reach(next, stack, text, at + len, goal, steps) {
                        return Some(true);
                    }
                }
            }
            std::mem::swap(now, next);
            at += len;
        }
        Some(false)
    }

    /// Steps all members of a run to the instruction before them; whether one of those is the end.
    fn shift(&self, run: &Run, now: &States, next: &mut States) -> bool {
        for word in run.first as usize / 64..=run.last as usize / 64 {
            let members = now.words[word] & States::in_run(word, run);
            next.words[word] |= members >> 1;
            // A run does not begin with the first instruction, which is the end.
            if members & 1 != 0 {
                next.words[word - 1] |= 1 << 63;
            }
        }
        let goal = run.first - 1;
        matches!(self.insts[goal as usize], Inst::Match) && next.words[goal as usize / 64] >> (goal % 64) & 1 != 0
    }

    /// Adds what an instruction leads to without another character; whether that is the end.
    fn reach(
        &self,
        states: &mut States,
        stack: &mut Vec<Step>,
        text: &[u8],
        at: usize,
        start: u32,
        steps: &mut u64,
    ) -> bool {
        stack.clear();
        let mut goal = start;
        loop {
            while states.add(goal) {
                *steps = steps.saturating_sub(1);
                match self.insts[goal as usize] {
                    Inst::Match => return true,
                    Inst::Char { .. } | Inst::Class { .. } | Inst::Fail => break,
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
                    Inst::Save { next, .. } => goal = next,
                }
            }
            match stack.pop() {
                Some(Step::Follow(next)) => goal = next,
                Some(Step::Restore(..)) | None => return false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::engine::Engine;
    use super::super::parse::{Groups, parse};
    use super::*;

    #[test]
    fn sets_agree_with_threads_and_automata() {
        let patterns = [
            "a{100}b",
            "(a|b){70}c",
            "[ab]{64,130}$",
            r"^\w{200}",
            "(?:é{65}){2}x",
            r"\bx{70}\b",
            "x*y",
            "",
            "^$",
            "a{66}",
            r"(?:a{65}|b{65})+c",
            r"(?:\pL{70}\d?){2,3}$",
            r"^(?:[ab]{80}|a{90}b)$",
            r"(?m)^b{64}$",
            "[^a]{129}a",
            r"\B.{65}\b",
        ];
        let mut texts: Vec<Vec<u8>> = Vec::new();
        for count in [0, 1, 63, 64, 65, 66, 69, 70, 71, 99, 100, 129, 130, 131, 140, 199, 200, 201] {
            for (unit, end) in [("a", "b"), ("b", "c"), ("ab", "c"), ("é", "x"), ("x", ""), ("b", "\n"), ("é1", "a")]
            {
                texts.push(format!("{}{end}", unit.repeat(count)).into_bytes());
                texts.push(format!("-{}{end}-", unit.repeat(count)).into_bytes());
                texts.push([b"\xff", unit.repeat(count).as_bytes(), b"\xc3"].concat());
            }
        }
        let (mut with_runs, mut matched) = (0, 0);
        for pattern in patterns {
            let hir = parse(pattern.as_bytes(), 1 << 20, Groups::All).expect("a pattern").hir;
            let (program, automata) = (Program::new(&hir), Engine::build(&hir, 1 << 12).expect("small enough"));
            with_runs += usize::from(!program.runs.is_empty());
            for text in &texts {
                let (mut few, mut many) = (u64::MAX, u64::MAX);
                let wanted = program.search(text, 0, &mut [None; 2], &mut many);
                let found = program.search(text, 0, &mut [], &mut few);
                assert_eq!(found, wanted, "{pattern} in {:?}", String::from_utf8_lossy(text));
                if std::str::from_utf8(text).is_ok() {
                    assert_eq!(
                        found,
                        Some(automata.meta.is_match(text)),
                        "{pattern} in {:?}",
                        String::from_utf8_lossy(text)
                    );
                }
                matched += usize::from(found == Some(true));
            }
        }
        assert!(with_runs >= 8 && matched > 300, "{with_runs} {matched}");
    }

    #[test]
    fn counted_repetitions_take_a_step_for_many_ways() {
        let program = Program::new(&parse(br"\pL{1000}y", 1 << 20, Groups::All).expect("a pattern").hir);
        let steps = |text: String, slots: &mut [_], found: bool| {
            let mut left = u64::MAX;
            assert_eq!(program.search(text.as_bytes(), 0, slots, &mut left), Some(found));
            u64::MAX - left
        };
        let text = "é".repeat(1200);
        let sets = steps(format!("y{text}"), &mut [], false).max(steps(format!("y{text}"), &mut [None; 2], false));
        let threads = steps(format!("{text}y"), &mut [None; 2], true);
        assert!(sets < 30_000 && threads > 1_000_000, "{sets} {threads}");
    }
}
