//! Patterns of a screen's questions, collected by the text that they look at.

use std::borrow::Cow;
use std::collections::HashMap;

use ottl_plan::{Arg, Literal, Plan};
use ottl_regex::{PatternSet, TextPattern};

use crate::fast::program::screen::{Mask, Patterns};

/// Whether two calls ask the same question about a text: that is the first argument, and all others are literals.
fn asks_the_same(plan: &Plan, call: u32, other: u32) -> bool {
    let (call, other) = (&plan.calls[call as usize], &plan.calls[other as usize]);
    call.function.name == other.function.name && call.args.get(1..) == other.args.get(1..)
}

/// Where a text stands that patterns look at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The number of a key.
    Pair(usize),
    /// The number of a field.
    Field(u32),
    /// The number of a computed value, and that of a key if it is of several.
    Operand(usize, Option<u32>),
    /// All values.
    Values,
}

/// Patterns while they are collected, by the text that they look at.
#[derive(Default)]
pub(super) struct Collected<'p>(pub Vec<(Place, Collecting<'p>)>);

/// Those that look at one text.
#[derive(Default)]
pub(super) struct Collecting<'p> {
    patterns: Vec<TextPattern>,
    /// Patterns by the first text among the arguments that say what is asked: only those can ask the same. There may be
    /// thousands.
    by_text: HashMap<Option<&'p [u8]>, Vec<usize>>,
    /// By pattern: the call that asks it.
    calls: Vec<u32>,
    steps: Vec<Mask>,
    all: Mask,
}

impl<'p> Collected<'p> {
    /// Those that look at a text.
    pub fn of(&mut self, place: Place) -> &mut Collecting<'p> {
        let at = self.0.iter().position(|(known, _)| *known == place).unwrap_or_else(|| {
            self.0.push((place, Collecting::default()));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }
}

impl<'p> Collecting<'p> {
    /// Adds what a step asks by a call.
    pub fn add(&mut self, bit: u32, pattern: Cow<'_, TextPattern>, call: u32, plan: &'p Plan) {
        self.all.add(bit);
        let text = plan.calls[call as usize].args.iter().skip(1).find_map(|arg| match arg {
            Arg::Const(Literal::Str(text)) => Some(&text[..]),
            _ => None,
        });
        let alike = self.by_text.entry(text).or_default();
        match alike.iter().find(|known| asks_the_same(plan, self.calls[**known], call)) {
            Some(known) => self.steps[*known].add(bit),
            None => {
                alike.push(self.calls.len());
                self.patterns.push(pattern.into_owned());
                self.calls.push(call);
                self.steps.push(Mask::of(bit));
            }
        }
    }

    /// All of them in one set.
    pub fn finish(self) -> Patterns {
        Patterns { set: PatternSet::new(self.patterns), steps: self.steps, all: self.all }
    }
}
