//! Sharing: a condition that stands in several places of a level is asked once for each record, until a write makes it stale.
//!
//! Whole conditions of groups and steps are shared, and operands of `and`, `or` and `not`. Each has a bit, which says for the
//! current record whether it is known, and a second one, whether it holds.
//!
//! Why results stay the same: what is shared looks at nothing but the message (no cache, no clock, nothing random, nothing that
//! a call brings) and at nothing that another level of the walk writes; so between two places it gives the same unless a step
//! between them has written what it looks at, and each step that may do so takes its bit back (`Written`, `Reads`). Only
//! answers are kept: where asking failed, it is asked again in the next place, and fails there with the site of that place, so
//! that errors, their order, and counters are those of the single places. What an operand is kept from by a short circuit is
//! not asked for it.

use ottl_core::edit::KnownKeys;
use ottl_plan::Plan;
use ottl_schema::ContextId;

use super::alike::Alike;
use super::writes::{Reads, Written};
use crate::fast::program::cond::Cond;
use crate::fast::program::{LevelProgram, NotShared, Stales};

/// How many conditions of a level are shared.
const MOST: usize = 64;

/// Shares what stands in several places of a level. Bits of `written` are the levels that something of the walk writes.
pub(super) fn share(program: &mut LevelProgram, plan: &Plan, level: ContextId, known: &KnownKeys, written: u16) {
    let of_groups: usize = program.groups.iter().map(|group| group.conditions.len()).sum();
    if program.steps.len() + of_groups < 2 {
        return;
    }
    let mut found = Found { plan, level, written, alike: Alike::new(plan), by_number: Vec::new(), seen: Vec::new() };
    let parts = found.program(program, known);
    let (bits, stales) = found.choose(program, known);
    program.not_shared = found.not_shared();
    if bits.is_empty() {
        return;
    }
    program.shared = bits.iter().flatten().count() as u8;
    let of_groups = program.groups.iter_mut().flat_map(|group| &mut group.conditions);
    of_groups.zip(&parts.of_groups).for_each(|((condition, _), part)| mark(condition, part, &bits));
    for ((step, part), stales) in program.steps.iter_mut().zip(&parts.of_steps).zip(stales) {
        step.stales = stales;
        if let (Some(condition), Some(part)) = (&mut step.condition, part) {
            mark(condition, part, &bits);
        }
    }
}

/// A condition and its operands, by their numbers in [`Found::seen`].
struct Part {
    number: usize,
    operands: Vec<Part>,
}

/// The conditions of a level, in their order.
#[derive(Default)]
struct Parts {
    of_groups: Vec<Part>,
    /// By step: its condition, if it has one that is asked.
    of_steps: Vec<Option<Part>>,
}

/// A condition that was found.
struct Seen<'p> {
    /// What it looks at, if it gives the same as long as that is the same.
    reads: Result<Reads<'p>, NotShared>,
    /// The number of the text of the second place where it stands as a whole.
    again: Option<u32>,
    /// In how many places it stands as a whole.
    places: u32,
    /// Whether it may be known where the search for places has come to.
    is_known: bool,
    /// In how many places it may be.
    saved: u32,
}

/// The different conditions of a level.
struct Found<'p> {
    plan: &'p Plan,
    level: ContextId,
    written: u16,
    alike: Alike<'p>,
    /// By the number of [`Alike`], which counts expressions, too: its number in `seen`.
    by_number: Vec<Option<usize>>,
    seen: Vec<Seen<'p>>,
}

impl<'p> Found<'p> {
    /// Goes through a level in the order in which it is run.
    fn program(&mut self, program: &'p LevelProgram, known: &KnownKeys) -> Parts {
        let mut parts = Parts::default();
        for group in &program.groups {
            for (condition, source) in &group.conditions {
                parts.of_groups.push(self.place(condition, *source));
            }
            for (at, step) in program.steps.iter().enumerate().take(group.steps.1).skip(group.steps.0) {
                // What the screen has answered is not asked.
                let is_answered = program.screen.as_ref().is_some_and(|screen| screen.is_exact(at));
                let condition = step.condition.as_ref().filter(|_| !is_answered);
                parts.of_steps.push(condition.map(|condition| self.place(condition, step.source)));
                if step.condition.is_none() && group.conditions.is_empty() {
                    // It is run on every record.
                    let written = Written::new(self.plan, self.level, &step.action);
                    for seen in &mut self.seen {
                        seen.is_known &= seen.reads.as_ref().is_ok_and(|reads| !reads.sees(&written, known, true));
                    }
                }
            }
        }
        parts
    }

    /// A place where a condition is asked.
    fn place(&mut self, condition: &'p Cond, source: u32) -> Part {
        let part = self.part(condition);
        if let Some(seen) = self.seen.get_mut(part.number) {
            seen.places += 1;
            seen.again = seen.again.or((seen.places > 1).then_some(source));
        }
        self.count(&part);
        part
    }

    fn part(&mut self, condition: &'p Cond) -> Part {
        let operands: Vec<Part> = match condition {
            Cond::And(parts) | Cond::Or(parts) => parts.iter().map(|part| self.part(part)).collect(),
            Cond::Not(inner) => vec![self.part(inner)],
            _ => Vec::new(),
        };
        let numbers: Vec<u32> = operands.iter().map(|operand| operand.number as u32).collect();
        let number = self.alike.condition(condition, &numbers);
        let (number, next) = (number as usize, self.seen.len());
        if self.by_number.len() <= number {
            self.by_number.resize(number + 1, None);
        }
        let at = *self.by_number[number].get_or_insert(next);
        if at == next {
            let reads = match operands.first() {
                None => Reads::new(self.plan, self.level, self.written, condition),
                Some(_) => operands.iter().try_fold(Reads::default(), |mut all, operand| {
                    all.add(self.seen[operand.number].reads.as_ref().map_err(|why| *why)?);
                    Ok(all)
                }),
            };
            self.seen.push(Seen { reads, again: None, places: 0, is_known: false, saved: 0 });
        }
        Part { number: at, operands }
    }

    /// Where a whole condition is known, its operands are not asked.
    fn count(&mut self, part: &Part) {
        if let Some(seen) = self.seen.get_mut(part.number).filter(|seen| seen.can_be_shared()) {
            if seen.is_known {
                seen.saved += 1;
                return;
            }
            seen.is_known = true;
        }
        part.operands.iter().for_each(|operand| self.count(operand));
    }

    /// The bits of those that are shared, by their numbers in [`Found::seen`], and by step which of them it makes stale.
    fn choose(&self, program: &LevelProgram, known: &KnownKeys) -> (Vec<Option<u8>>, Vec<Stales>) {
        let mut chosen: Vec<usize> = (0..self.seen.len()).filter(|at| self.seen[*at].saved > 0).collect();
        chosen.sort_by_key(|at| std::cmp::Reverse(self.seen[*at].saved));
        chosen.truncate(MOST);
        chosen.sort_unstable();
        let stales = program.steps.iter().map(|step| {
            let written = Written::new(self.plan, self.level, &step.action);
            let bits = |is_once| {
                let sees = |at: &usize| match &self.seen[*at].reads {
                    Ok(reads) => reads.sees(&written, known, is_once),
                    Err(_) => true,
                };
                chosen.iter().enumerate().fold(0, |bits, (bit, at)| bits | u64::from(sees(at)) << bit)
            };
            Stales { general: bits(false), compact: bits(true) }
        });
        let stales = stales.collect();
        if chosen.is_empty() {
            return (Vec::new(), stales);
        }
        let mut bits = vec![None; self.seen.len()];
        chosen.into_iter().zip(0..).for_each(|(at, bit)| bits[at] = Some(bit));
        (bits, stales)
    }

    /// The whole conditions that stand in several places and are asked in each.
    fn not_shared(&self) -> Vec<(u32, NotShared)> {
        let why = |seen: &Seen<'_>| match &seen.reads {
            Err(why) => Some(*why),
            Ok(reads) => (reads.is_of_record() && seen.saved == 0).then_some(NotShared::Stale),
        };
        self.seen.iter().filter_map(|seen| Some((seen.again?, why(seen)?))).collect()
    }
}

impl Seen<'_> {
    fn can_be_shared(&self) -> bool {
        self.reads.as_ref().is_ok_and(Reads::is_of_record)
    }
}

/// Gives a condition and its operands their bits.
fn mark(condition: &mut Cond, part: &Part, bits: &[Option<u8>]) {
    match condition {
        Cond::And(parts) | Cond::Or(parts) => {
            parts.iter_mut().zip(&part.operands).for_each(|(condition, part)| mark(condition, part, bits));
        }
        Cond::Not(inner) => part.operands.iter().for_each(|part| mark(inner, part, bits)),
        _ => {}
    }
    if let Some(Some(bit)) = bits.get(part.number) {
        let shared = std::mem::replace(condition, Cond::And(Vec::new()));
        *condition = Cond::Shared { bit: *bit, condition: Box::new(shared) };
    }
}
