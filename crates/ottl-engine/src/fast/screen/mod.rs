//! [`Screen`]: all questions that the steps of a level ask of a record, asked at once.
//!
//! With many rules, nearly all of them have nothing to do with most records. So a record is not tried with one rule after
//! the other: it is gone over once, each attribute and field is found once, and what all steps ask about it is asked
//! there: equalities with texts are one look into a table, whatever their number. What comes of it is the set of steps that
//! may have something to do; a record for which it is empty is left as soon as that is known, and counted.
//! INVARIANT: a step whose bit is not set would not have done anything, and could not have failed (see [`build`]).

mod ask;
mod build;
mod explain;
mod run;
mod table;
mod wake;

use std::cmp::Ordering;

use ottl_core::ops::CompareOp;
use ottl_plan::Plan;
use ottl_regex::PatternSet;
use ottl_schema::Conv;

use super::parents::ParentSlot;
pub(super) use build::Screened;
use run::next_bit;
use table::TextTable;
use wake::Wakes;

/// Fields with numbers below this can be asked about.
const FIELDS: u32 = 16;

/// A set of steps by their bits: the words that are not zero.
#[derive(Clone, Debug, Default)]
struct Mask(Vec<(u32, u64)>);

impl Mask {
    fn of(bit: u32) -> Mask {
        Mask(vec![(bit / 64, 1 << (bit % 64))])
    }

    fn add(&mut self, bit: u32) {
        let (word, bits) = (bit / 64, 1 << (bit % 64));
        // From the last: steps are added in their order, mostly.
        match self.0.iter_mut().rfind(|(known, _)| *known == word) {
            Some((_, known)) => *known |= bits,
            None => self.0.push((word, bits)),
        }
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those of its steps that stand behind one.
    fn behind(&self, at: usize) -> Mask {
        let (word, rest) = ((at / 64) as u32, !1 << (at % 64));
        let words = self.0.iter().map(|&(other, bits)| match other.cmp(&word) {
            Ordering::Less => (other, 0),
            Ordering::Equal => (other, bits & rest),
            Ordering::Greater => (other, bits),
        });
        Mask(words.filter(|(_, bits)| *bits != 0).collect())
    }

    /// Its steps.
    fn bits(&self) -> impl Iterator<Item = u32> + '_ {
        self.0
            .iter()
            .flat_map(|&(word, bits)| (0..64).filter(move |bit| bits >> bit & 1 != 0).map(move |bit| word * 64 + bit))
    }

    /// Whether it has a step of another set.
    fn meets(&self, others: &[u64]) -> bool {
        self.0.iter().any(|(word, bits)| others.get(*word as usize).is_some_and(|others| others & bits != 0))
    }

    /// Adds its steps that are among `alive` to a set. Whether there were any.
    #[inline(always)]
    fn fire(&self, alive: &[u64], fire: &mut [u64]) -> bool {
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
enum PairTest {
    /// It against a literal of the plan, of which `any` is the `AnyValue` if it is a text.
    Compare { op: CompareOp, literal: u32, any: Box<[u8]> },
    /// Whether it is a text. Other values trigger: it is converted first.
    IsText,
}

impl PairTest {
    fn is_same(&self, other: &PairTest) -> bool {
        match (self, other) {
            (PairTest::Compare { op, literal, any }, PairTest::Compare { op: o, literal: l, any: a }) => {
                op == o && (literal == l || !any.is_empty() && any == a)
            }
            (PairTest::IsText, PairTest::IsText) => true,
            _ => false,
        }
    }
}

/// A question about a singular field, there or not.
#[derive(Debug, PartialEq)]
enum FieldTest {
    /// A number.
    Number { conv: Conv, op: CompareOp, value: i64 },
    /// Whether the body is a text. Other values but nil trigger.
    IsText,
}

/// The patterns of all steps that look at the same text, in one set.
#[derive(Debug)]
struct Patterns {
    set: PatternSet,
    /// By the number of a pattern: the steps that it triggers.
    steps: Vec<Mask>,
    /// Those of all: they are triggered by values that are converted to texts first.
    all: Mask,
}

/// Whether two calls ask the same question about a text: that is the first argument, and all others are literals.
fn asks_the_same(plan: &Plan, call: u32, other: u32) -> bool {
    let (call, other) = (&plan.calls[call as usize], &plan.calls[other as usize]);
    call.function.name == other.function.name && call.args.get(1..) == other.args.get(1..)
}

/// All that is asked about the attribute of one key.
#[derive(Debug, Default)]
struct Asked {
    /// The texts that it is compared with.
    texts: TextTable,
    /// By the number of such a text: the steps that it triggers.
    lists: Vec<Mask>,
    patterns: Option<Patterns>,
    tests: Vec<(PairTest, Mask)>,
    /// The steps that it triggers by being there.
    present: Mask,
    /// All steps that ask about it: they are triggered where nothing else can be said.
    readers: Mask,
}

/// All that is asked about one singular field.
#[derive(Debug)]
struct AskedField {
    number: u32,
    /// Whether it is an `AnyValue`, not a `string`.
    is_any: bool,
    texts: TextTable,
    lists: Vec<Mask>,
    patterns: Option<Patterns>,
    tests: Vec<(FieldTest, Mask)>,
    readers: Mask,
}

impl AskedField {
    fn new(number: u32) -> AskedField {
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

/// A condition on resource or scope that steps need.
#[derive(Debug)]
struct Need {
    slot: ParentSlot,
    /// Its number among the conditions that are computed once.
    test: u32,
    steps: Mask,
}

/// The questions of a level's steps, by what they are about. A bit per step, in their order.
#[derive(Debug, Default)]
pub(super) struct Screen {
    /// How many steps there are.
    count: usize,
    /// Steps that are run on every record.
    base: Vec<u64>,
    /// Attribute keys that are asked about.
    keys: TextTable,
    /// By the number of the key.
    pairs: Vec<Asked>,
    fields: Vec<AskedField>,
    needs: Vec<Need>,
    /// By step: what its writes trigger.
    wakes: Vec<Wakes>,
    /// What holds for steps whatever the record is.
    pub masks: Vec<Masks>,
}

/// What holds for 64 steps, a bit for each.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Masks {
    /// It counts as matched on every record, though it is only triggered on some.
    pub bulk_matched: u64,
    /// What triggers it is its whole condition.
    pub exact: u64,
}

impl Screen {
    /// Whether a step counts as matched on every record, though it is only triggered on some.
    pub fn is_bulk_matched(&self, step: usize) -> bool {
        self.masks.get(step / 64).is_some_and(|masks| masks.bulk_matched >> (step % 64) & 1 != 0)
    }
}

/// What a screen says of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// No step has anything to do.
    Quiet,
    /// The steps whose bits are set in [`Screening::fire`] may have.
    Fired,
    /// Some steps are run on every record; what the others ask was not asked yet.
    Unasked,
    /// The record is not in canonical encoding: all may have.
    Unknown,
}

/// Stands for the record that a key was seen in if no living step asks about it: later than all records.
const NO_READER: u32 = u32::MAX;

/// What one run knows about the current resource and scope, and memory for the questions.
#[derive(Debug, Default)]
pub(super) struct Screening {
    /// Whether the masks are those of the current scope.
    is_fresh: bool,
    /// Steps whose conditions on parents hold.
    alive: Vec<u64>,
    /// Steps that are run on every record of the scope.
    base: Vec<u64>,
    any_base: bool,
    /// How many attributes and which fields living steps ask about.
    keys_needed: u32,
    fields_needed: u32,
    /// By key: the number of the record that it was last seen in, or [`NO_READER`].
    seen: Vec<u32>,
    record: u32,
    /// Where the fields are that were asked about, by number.
    field_at: [(u32, u32); FIELDS as usize],
    /// The steps that the current record triggers.
    pub fire: Vec<u64>,
    /// Those of them that were triggered without an answer: whether their conditions hold is not known.
    pub unsure: Vec<u64>,
    /// The patterns of a set that match a text.
    found: Vec<u64>,
    /// Whether a condition on the resource or scope failed: no answer of this scope is the whole one.
    is_unsure_scope: bool,
    /// On how many records steps were run, or would not have done anything, and have not been counted as evaluated.
    pub visits: u64,
    /// By step: on how many of these it was the last one, because it dropped the record or failed.
    pub stops: Vec<u64>,
}

impl Screening {
    /// The resource or scope is another one.
    #[inline]
    pub fn stale(&mut self) {
        self.is_fresh = false;
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
        }
    }
}
