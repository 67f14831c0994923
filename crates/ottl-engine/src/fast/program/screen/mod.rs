//! [`Screen`]: all questions that the steps of a level ask of a record, asked at once.
//!
//! With many rules, nearly all of them have nothing to do with most records. So a record is not tried with one rule after
//! the other: it is gone over once, each attribute and field is found once, and what all steps ask about it is asked
//! there: equalities with texts are one look into a table, whatever their number. What comes of it is the set of steps that
//! may have something to do; a record for which it is empty is left as soon as that is known, and counted.
//! INVARIANT: a step whose bit is not set would not have done anything, and could not have failed (see [`super::super::lower`]).

mod operand;
mod table;
mod wake;

use std::cmp::Ordering;
use std::sync::Arc;

use ottl_core::function::LengthTest;
use ottl_core::ops::CompareOp;
use ottl_regex::PatternSet;
use ottl_schema::{ContextId, Conv};

use super::ParentSlot;
use crate::fast::node::PLACES;
pub(crate) use operand::{AskedKeys, AskedOperand};
pub(crate) use table::TextTable;
pub(crate) use wake::{Again, AskedOf, Wakes, Woken, WokenSteps};

/// Fields with numbers below this can be asked about.
pub(crate) const FIELDS: u32 = PLACES as u32;

/// A set of steps by their bits: the words that are not zero.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mask(pub Vec<(u32, u64)>);

impl Mask {
    pub fn of(bit: u32) -> Mask {
        Mask(vec![(bit / 64, 1 << (bit % 64))])
    }

    pub fn add(&mut self, bit: u32) {
        let (word, bits) = (bit / 64, 1 << (bit % 64));
        // From the last: steps are added in their order, mostly.
        match self.0.iter_mut().rfind(|(known, _)| *known == word) {
            Some((_, known)) => *known |= bits,
            None => self.0.push((word, bits)),
        }
    }

    /// The steps of several sets.
    pub fn of_all<'m>(sets: impl Iterator<Item = &'m Mask>) -> Mask {
        let mut all = Mask::default();
        sets.for_each(|set| set.bits().for_each(|bit| all.add(bit)));
        all
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those of its steps that stand behind one.
    pub fn behind(&self, at: usize) -> Mask {
        let (word, rest) = ((at / 64) as u32, !1 << (at % 64));
        let words = self.0.iter().map(|&(other, bits)| match other.cmp(&word) {
            Ordering::Less => (other, 0),
            Ordering::Equal => (other, bits & rest),
            Ordering::Greater => (other, bits),
        });
        Mask(words.filter(|(_, bits)| *bits != 0).collect())
    }

    /// Whether it has a step behind one.
    pub fn reaches_behind(&self, at: usize) -> bool {
        let (word, rest) = ((at / 64) as u32, !1 << (at % 64));
        self.0.iter().any(|&(other, bits)| other > word && bits != 0 || other == word && bits & rest != 0)
    }

    /// Whether it has a step.
    pub fn has(&self, bit: u32) -> bool {
        self.word(bit as usize / 64) >> (bit % 64) & 1 != 0
    }

    /// Those of its steps that another set does not have.
    pub fn without(&self, others: &Mask) -> Mask {
        let words = self.0.iter().map(|&(word, bits)| (word, bits & !others.word(word as usize)));
        Mask(words.filter(|(_, bits)| *bits != 0).collect())
    }

    /// Its steps of 64 that follow each other: of the numbers from `64 * word` on.
    pub fn word(&self, word: usize) -> u64 {
        self.0.iter().find(|(own, _)| *own as usize == word).map_or(0, |(_, bits)| *bits)
    }

    /// Its steps.
    pub fn bits(&self) -> impl Iterator<Item = u32> + '_ {
        self.0
            .iter()
            .flat_map(|&(word, bits)| (0..64).filter(move |bit| bits >> bit & 1 != 0).map(move |bit| word * 64 + bit))
    }

    /// Whether it has a step of another set.
    pub fn meets(&self, others: &[u64]) -> bool {
        self.0.iter().any(|(word, bits)| others.get(*word as usize).is_some_and(|others| others & bits != 0))
    }

    /// Adds its steps that are among `alive` to a set. Whether there were any.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn fire(&self, alive: &[u64], fire: &mut [u64]) -> bool {
        let mut any = 0;
        for (word, bits) in &self.0 {
            if let (Some(fire), Some(alive)) = (fire.get_mut(*word as usize), alive.get(*word as usize)) {
                *fire |= bits & alive;
                any |= bits & alive;
            }
        }
        any != 0
    }
}

/// A question about an attribute that is there.
#[derive(Debug)]
pub(crate) enum PairTest {
    /// It against a literal of the plan, of which `any` is the `AnyValue` if it is a text.
    Compare { op: CompareOp, literal: u32, any: Box<[u8]> },
    /// Whether it is a text. Other values trigger: it is converted first.
    IsText,
    /// How many bytes it has, if it is a text. Other values trigger.
    Length(LengthTest),
    /// All of these.
    All(Box<[PairTest]>),
}

impl PairTest {
    pub fn is_same(&self, other: &PairTest) -> bool {
        match (self, other) {
            (PairTest::Compare { op, literal, any }, PairTest::Compare { op: o, literal: l, any: a }) => {
                op == o && (literal == l || !any.is_empty() && any == a)
            }
            (PairTest::IsText, PairTest::IsText) => true,
            (PairTest::Length(test), PairTest::Length(other)) => test == other,
            (PairTest::All(tests), PairTest::All(others)) => {
                tests.len() == others.len() && tests.iter().zip(others).all(|(test, other)| test.is_same(other))
            }
            _ => false,
        }
    }
}

/// A question about a singular field, there or not.
#[derive(Debug, PartialEq)]
pub(crate) enum FieldTest {
    /// A number.
    Number { conv: Conv, op: CompareOp, value: i64 },
    /// Whether the body is a text. Other values but nil trigger.
    IsText,
    /// How many bytes it has, if it is a text. Other values trigger.
    Length(LengthTest),
    /// Whether the body is no text, nil included. What is not canonically encoded is none here.
    IsNoText,
    /// All of these.
    All(Box<[FieldTest]>),
}

impl FieldTest {
    /// Whether the length of a text matters to it.
    pub fn is_of_length(&self) -> bool {
        match self {
            FieldTest::Length(..) => true,
            FieldTest::All(tests) => tests.iter().any(FieldTest::is_of_length),
            FieldTest::Number { .. } | FieldTest::IsText | FieldTest::IsNoText => false,
        }
    }
}

/// The patterns of all steps that look at the same text, in one set.
#[derive(Debug)]
pub(crate) struct Patterns {
    pub set: PatternSet,
    /// By the number of a pattern: the steps that it triggers.
    pub steps: Vec<Mask>,
    /// Those of all: they are triggered by values that are converted to texts first.
    pub all: Mask,
}

/// All that is asked about the attribute of one key.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// The texts that it is compared with.
    pub texts: TextTable,
    /// By the number of such a text: the steps that it triggers.
    pub lists: Vec<Mask>,
    pub patterns: Option<Patterns>,
    /// The ints that it is compared with, each as its eight bytes, if there are several.
    pub ints: TextTable,
    /// By the number of such an int: the steps that it triggers.
    pub int_lists: Vec<Mask>,
    pub tests: Vec<(PairTest, Mask)>,
    /// The steps that it triggers by being there.
    pub present: Mask,
    /// Those that it triggers by not being there, or by being nil: what they ask fails then.
    pub absent: Mask,
    /// All steps that ask about it: they are triggered where nothing else can be said.
    pub readers: Mask,
    /// Those of them whose conditions are nothing but what is asked about it.
    pub decided: Mask,
}

/// All that is asked about one singular field.
#[derive(Debug)]
pub(crate) struct AskedField {
    pub number: u32,
    /// Whether it is an `AnyValue`, not a `string`.
    pub is_any: bool,
    pub texts: TextTable,
    pub lists: Vec<Mask>,
    pub patterns: Option<Patterns>,
    pub tests: Vec<(FieldTest, Mask)>,
    pub readers: Mask,
}

impl AskedField {
    pub fn new(number: u32) -> AskedField {
        AskedField {
            number,
            is_any: false,
            texts: TextTable::default(),
            lists: Vec::new(),
            patterns: None,
            tests: Vec::new(),
            readers: Mask::default(),
        }
    }
}

/// An attribute that gets the value of another one, where that is there, in front of all steps that ask about it.
#[derive(Debug)]
pub(crate) struct Copied {
    /// The key that is copied, by its number.
    pub from: u32,
    /// The other one.
    pub to: u32,
    /// The step that does it.
    pub at: usize,
    /// The steps that ask about the key that is copied itself.
    pub own: Mask,
}

/// A condition on resource or scope that steps need.
#[derive(Debug)]
pub(crate) struct Need {
    pub slot: ParentSlot,
    /// Its number among the conditions that are computed once.
    pub test: u32,
    pub steps: Mask,
}

/// The questions of a level's steps about the metric or span around its messages.
#[derive(Debug)]
pub(crate) struct Above {
    /// The level of that.
    pub level: ContextId,
    /// Steps that ask nothing of it are run on every one, as far as this goes.
    pub screen: Screen,
}

/// What a screen knows of a group.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    /// The number of the group, for texts.
    pub number: usize,
    /// The bit of its conditions, if it has any: their triggers are those of all of them.
    pub bit: Option<u32>,
    /// Its steps that are run whenever it is.
    pub always: Mask,
}

/// What no two screens have in common, for what a run remembers of one. It is kept with that, so no later screen gets the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity(Arc<()>);

impl PartialEq for Identity {
    fn eq(&self, other: &Identity) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The questions of a level's steps, by what they are about. A bit per step, in their order; behind them, one for each group
/// that has conditions.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    pub identity: Identity,
    /// How many bits there are.
    pub count: usize,
    /// Steps that are run on every record.
    pub base: Vec<u64>,
    /// All groups, if any of them has conditions.
    pub gates: Vec<Gate>,
    /// Then: the bits of conditions, and of steps whose groups have none. Where none of these is set, nothing is run.
    pub free: Vec<u64>,
    /// Attribute keys that are asked about.
    pub keys: TextTable,
    /// By the number of the key.
    pub pairs: Vec<Asked>,
    /// The keys that trigger steps where they are not there, but for those of copies.
    pub absent: Vec<u32>,
    /// Copies, ordered by what is copied: that is asked what is asked of the copies, too.
    pub copies: Vec<Copied>,
    pub fields: Vec<AskedField>,
    pub operands: Vec<AskedOperand>,
    /// What is asked about all values of the attributes together: whether they have bytes without which none is rewritten.
    pub values: Option<Patterns>,
    pub needs: Vec<Need>,
    /// What the steps ask of the message that the level's messages lie in: asked once for each.
    pub above: Option<Box<Above>>,
    /// By step: what its writes trigger.
    pub wakes: Vec<Wakes>,
    /// What holds for steps whatever the record is.
    pub masks: Vec<Masks>,
    /// The steps whose conditions are nothing but what is asked about the record.
    pub decided: Mask,
}

/// What holds for 64 steps, a bit for each.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Masks {
    /// It counts as matched on every record, though it is only triggered on some.
    pub bulk_matched: u64,
    /// What triggers it is its whole condition.
    pub exact: u64,
    /// After it has written something, something may be asked again.
    pub again: u64,
    /// It may write a cache that computed values look at.
    pub caches: u64,
}

impl Screen {
    /// The keys that it asks about, by number.
    pub fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.keys.iter()
    }

    /// Whether a step counts as matched on every record, though it is only triggered on some.
    pub fn is_bulk_matched(&self, step: usize) -> bool {
        self.masks.get(step / 64).is_some_and(|masks| masks.bulk_matched >> (step % 64) & 1 != 0)
    }

    /// Whether a step may write a cache that computed values look at.
    pub fn writes_cache(&self, step: usize) -> bool {
        self.masks.get(step / 64).is_some_and(|masks| masks.caches >> (step % 64) & 1 != 0)
    }

    /// Whether something may be asked again after a step has written something.
    pub fn may_ask_again(&self, step: usize) -> bool {
        self.masks.get(step / 64).is_some_and(|masks| masks.again >> (step % 64) & 1 != 0)
    }

    /// Whether what triggers a step is its whole condition.
    pub fn is_exact(&self, step: usize) -> bool {
        self.masks.get(step / 64).is_some_and(|masks| masks.exact >> (step % 64) & 1 != 0)
    }
}

/// The next step whose bit is set, from one on.
#[inline]
pub(crate) fn next_bit(fire: &[u64], from: usize) -> Option<usize> {
    let mut word = from / 64;
    let mut left = fire.get(word)? >> (from % 64) << (from % 64);
    loop {
        if left != 0 {
            return Some(word * 64 + left.trailing_zeros() as usize);
        }
        word += 1;
        left = *fire.get(word)?;
    }
}

#[cfg(test)]
mod tests {
    use super::Mask;

    #[test]
    fn steps_behind_one_are_those_with_higher_numbers() {
        let steps = [0, 1, 62, 63, 64, 127, 128, 300];
        let mut mask = Mask::default();
        steps.iter().for_each(|step| mask.add(*step));
        assert!(mask.bits().eq(steps));
        for at in 0..310 {
            let mut expected = Mask::default();
            steps.iter().filter(|step| **step as usize > at).for_each(|step| expected.add(*step));
            assert_eq!(mask.behind(at).0, expected.0, "{at}");
            assert_eq!(mask.reaches_behind(at), !expected.is_empty(), "{at}");
        }
    }
}
