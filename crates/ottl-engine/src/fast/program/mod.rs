//! [`LevelProgram`]: what one walk does on the records of a level, as data.
//!
//! Statements and conditions of filters are steps: under a condition, an action. Dropping a record is one. Steps of a level
//! stand in one list, in the order in which they are run; groups are ranges of it.

pub mod action;
pub mod cond;
pub mod effects;
pub mod extractions;
pub mod int;
pub mod kept;
pub mod key;
pub mod pass;
pub mod paths;
pub mod screen;

use std::ops::Range;

use ottl_plan::ErrorMode;

use super::levels::LEVELS;
use crate::conflicts::SharedPlaces;
use action::Action;
use cond::Cond;
use extractions::Extractions;
use int::Ints;
use kept::KeptPlaces;
use paths::{Paths, Touch};
use screen::Screen;

/// What belongs to no level.
#[derive(Debug, Default)]
pub(crate) struct Code {
    /// How many groups there are: they have counters.
    pub groups: usize,
    /// Conditions that are computed once for each resource or scope, by their number.
    pub hoisted: Vec<Cond>,
    /// What statements write of parents.
    pub shared_places: SharedPlaces,
    /// Calls whose patterns are looked for together.
    pub extractions: Extractions,
    /// Places in bodies that several expressions look at.
    pub kept: KeptPlaces,
    /// Operators that are computed without values.
    pub ints: Ints,
}

/// What an engine works out of a plan once.
#[derive(Debug)]
pub(crate) struct Lowered {
    pub paths: Paths,
    pub code: Code,
    /// What rules look at in the messages of a level.
    pub wanted: [Touch; LEVELS],
    /// Bit per level: rules look only at a few places of a message.
    pub few: u16,
}

/// Where something is kept that is computed once for a resource or a scope.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ParentSlot {
    /// Whether it depends on the scope; else only on the resource.
    pub scope: bool,
    pub number: u32,
}

/// A condition with the number of its text.
pub(crate) type NumberedCond = (Cond, u32);

/// A statement, or a condition of a filter.
#[derive(Debug)]
pub(crate) struct Step {
    /// The number of its text.
    pub source: u32,
    pub condition: Option<Cond>,
    /// Whether the condition looks at its record in ways that compact records do not know.
    pub asks_general: bool,
    pub action: Action,
    /// Whether the action does what they do not know.
    pub does_general: bool,
    /// What of that which steps share its writes make stale.
    pub stales: Stales,
}

/// The shared conditions that a write may change: a bit each.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stales {
    /// In any record.
    pub general: u64,
    /// In a compact one: there no key with a number is twice, and where a pair is taken out, no other one is the first then.
    pub compact: u64,
}

/// A statement or condition that never acts: it is no step, and counted with them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeftOut {
    /// How many steps of its group stand in front of it.
    pub before: usize,
    /// The number of its text.
    pub source: u32,
}

/// A group of statements.
#[derive(Debug)]
pub(crate) struct GroupProgram {
    /// Its number among all groups.
    pub number: usize,
    pub mode: ErrorMode,
    /// Whether the records of a message share its cache.
    pub shares_cache: bool,
    /// It is run where one of them holds, if there are any.
    pub conditions: Vec<NumberedCond>,
    /// Whether these look at their record in ways that compact records do not know.
    pub asks_general: bool,
    /// The first of its steps, and the first one behind them.
    pub steps: (usize, usize),
    /// What is evaluated between them without being run, in order.
    pub left_out: Vec<LeftOut>,
    /// The numbers of the texts of both, which follow each other mostly: what a record evaluates on which no step ends the others.
    pub sources: Vec<Range<usize>>,
    /// Of those, the ones of steps that count as matched on every record, though they are only triggered on some.
    pub matched: Vec<Range<usize>>,
}

impl GroupProgram {
    /// Tells a group what was left out of it. Steps and screen are those of its level.
    pub fn leave_out(&mut self, left_out: Vec<LeftOut>, steps: &[Step], screen: Option<&Screen>) {
        let own = (self.steps.0..).zip(&steps[self.steps.0..self.steps.1]);
        let matched = own.clone().filter(|(at, _)| screen.is_some_and(|screen| screen.is_bulk_matched(*at)));
        self.matched = runs(matched.map(|(_, step)| step.source));
        self.sources = runs(own.map(|(_, step)| step.source).chain(left_out.iter().map(|one| one.source)));
        self.left_out = left_out;
    }
}

/// Numbers as runs of those that follow each other.
fn runs(numbers: impl Iterator<Item = u32>) -> Vec<Range<usize>> {
    let mut numbers: Vec<_> = numbers.map(|number| number as usize).collect();
    numbers.sort_unstable();
    let mut runs: Vec<Range<usize>> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some(run) if run.end == number => run.end += 1,
            _ => runs.push(number..number + 1),
        }
    }
    runs
}

/// What is done on the records of a level.
#[derive(Debug, Default)]
pub(crate) struct LevelProgram {
    pub groups: Vec<GroupProgram>,
    pub steps: Vec<Step>,
    /// Whether the steps drop their records, as those of filters do; steps of transforms never do.
    pub drops: bool,
    /// Whether records are compact as long as they can be.
    pub is_compact: bool,
    /// Whether the steps, which drop, are asked of a record's bytes before it is made the current one.
    pub peeks: bool,
    /// What the steps ask of a record, all at once.
    pub screen: Option<Box<Screen>>,
    /// What numbers the keys of the screen have among the known keys of the level.
    pub numbers: KeyNumbers,
    /// Bit per step: it does what compact records do not know.
    pub general: Vec<u64>,
    /// How many conditions steps and groups share.
    pub shared: u8,
    /// Conditions that stand in several places and are asked in each, by the number of the second one's text.
    pub not_shared: Vec<(u32, NotShared)>,
}

/// The keys of a screen among the known keys of its level.
#[derive(Debug, Default)]
pub(crate) struct KeyNumbers {
    /// The keys that are known, by their numbers in the screen, with their numbers among the known ones.
    known: Vec<(u32, u8)>,
    /// By the number in the screen: that among the known ones, or one that none has.
    by_key: Vec<u8>,
    /// Whether all keys are known.
    are_all: bool,
}

impl KeyNumbers {
    /// Of the keys of a screen, in order.
    pub fn new(numbers: impl Iterator<Item = Option<u8>>) -> KeyNumbers {
        let by_key: Vec<_> = numbers.map(|number| number.unwrap_or(u8::MAX)).collect();
        let known: Vec<_> = (0..).zip(by_key.iter().copied()).filter(|(_, number)| *number != u8::MAX).collect();
        KeyNumbers { are_all: known.len() == by_key.len(), known, by_key }
    }

    /// Those that are known.
    #[inline]
    pub fn known(&self) -> &[(u32, u8)] {
        &self.known
    }

    /// Whether all are: then none is twice in a compact record.
    #[inline]
    pub fn are_all(&self) -> bool {
        self.are_all
    }

    /// The number of a key of the screen among the known ones, or one that none has.
    pub fn of(&self, key: usize) -> u8 {
        self.by_key.get(key).copied().unwrap_or(u8::MAX)
    }
}

/// Why a condition that stands in several places is asked in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotShared {
    /// It looks at a cache, or at what the call brings.
    LooksBeside,
    /// It may give something else each time, or looks at more than it names.
    Impure,
    /// Statements of other levels write what it looks at.
    WrittenElsewhere,
    /// What it looks at is written between the places on every record.
    Stale,
}

impl LevelProgram {
    /// Takes in conditions of a filter.
    pub fn drop_where(&mut self, number: usize, mode: ErrorMode, steps: impl Iterator<Item = Step>) {
        let from = self.steps.len();
        self.steps.extend(steps);
        self.drops = true;
        self.groups.push(GroupProgram {
            number,
            mode,
            shares_cache: false,
            conditions: Vec::new(),
            asks_general: false,
            steps: (from, self.steps.len()),
            left_out: Vec::new(),
            sources: Vec::new(),
            matched: Vec::new(),
        });
    }

    /// What keeps records from being compact: the number of the text of a statement or condition that always asks or does
    /// what they do not know. What stands behind a condition does not count, because it runs on few records, and promotes
    /// those.
    pub fn needs_general(&self) -> Option<u32> {
        self.groups.iter().find_map(|group| {
            let (from, to) = group.steps;
            if let Some((_, source)) = group.conditions.first().filter(|_| group.asks_general) {
                return Some(*source);
            }
            let always = |step: &Step| group.conditions.is_empty() && step.condition.is_none();
            let blocks = |step: &&Step| step.asks_general || always(step) && step.does_general;
            self.steps[from..to].iter().find(blocks).map(|step| step.source)
        })
    }
}
