//! [`LevelProgram`]: what one walk does on the records of a level, as data.
//!
//! Statements and conditions of filters are steps: under a condition, an action. Dropping a record is one. Steps of a level
//! stand in one list, in the order in which they are run; groups are ranges of it.

use ottl_plan::{ErrorMode, Plan};
use ottl_schema::ContextId;

use super::action::Action;
use super::cond::Cond;
use super::options::{Options, Rewrite};
use super::plan::Touch;
use super::screen::{Screen, Screened};

/// A condition with the number of its text.
pub(super) type NumberedCond = (Cond, u32);

/// A statement, or a condition of a filter.
#[derive(Debug)]
pub(super) struct Step {
    /// The number of its text.
    pub source: u32,
    pub condition: Option<Cond>,
    /// Whether the condition looks at its record in ways that compact records do not know.
    pub asks_general: bool,
    pub action: Action,
    /// Whether the action does what they do not know.
    pub does_general: bool,
}

/// A group of statements.
#[derive(Debug)]
pub(super) struct GroupProgram {
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
}

/// What is done on the records of a level.
#[derive(Debug, Default)]
pub(super) struct LevelProgram {
    pub groups: Vec<GroupProgram>,
    pub steps: Vec<Step>,
    /// Whether the steps drop their records, as those of filters do; steps of transforms never do.
    pub drops: bool,
    /// Whether records are compact as long as they can be.
    pub is_compact: bool,
    /// What the steps ask of a record, all at once.
    pub screen: Option<Box<Screen>>,
    /// By the number of a key of the screen: its number among the known keys of the level.
    pub numbers: Vec<u8>,
    /// Whether all of those are there: then none is twice in a compact record.
    pub is_numbered: bool,
    /// Bit per step: it does what compact records do not know.
    pub general: Vec<u64>,
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
        });
    }

    /// Chooses how records are kept and asked, after all steps are there. With `probed`, what few steps ask is looked for
    /// without a scan of the record.
    pub fn finish(&mut self, plan: &Plan, level: ContextId, touched: &Touch, options: Options, probed: bool) {
        if options.has(Rewrite::Compact) {
            // A filter keeps nothing of its records.
            self.is_compact = !self.drops && !self.groups.is_empty() && self.needs_general().is_none();
        }
        // Whether a group is run at all is not known before its conditions are.
        let is_gated = self.groups.iter().any(|group| !group.conditions.is_empty());
        if !options.has(Rewrite::Screen) || !Screen::is_for(level) || is_gated {
            return;
        }
        let screened: Vec<Screened<'_>> =
            self.steps.iter().map(|step| (step.condition.as_ref(), Some(&step.action))).collect();
        self.screen = Screen::new(plan, level, &screened, &touched.keys, probed).map(Box::new);
        if let Some(screen) = &self.screen {
            self.numbers = screen.keys().map(|key| touched.keys.number(key).unwrap_or(u8::MAX)).collect();
            self.is_numbered = !self.numbers.contains(&u8::MAX);
            self.general = vec![0; self.steps.len().div_ceil(64)];
            for (at, step) in self.steps.iter().enumerate() {
                self.general[at / 64] |= u64::from(step.does_general) << (at % 64);
            }
        }
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
