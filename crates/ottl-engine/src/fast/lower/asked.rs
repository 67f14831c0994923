//! What a screen asks, by what it is about: questions of steps find their places.

use std::borrow::Cow;

use ottl_core::ops::CompareOp;
use ottl_plan::{Literal, Plan};

use super::atom::{Atom, Subject};
use super::collected::{Collected, Place};
use super::operands::{Asking, Question};
use crate::fast::compare::nil_against;
use crate::fast::program::screen::{Asked, AskedField, AskedKeys, AskedOperand, Mask, PairTest, Screen, TextTable};

/// So many equalities of one attribute with ints are asked by a table.
const SEVERAL_INTS: usize = 4;

impl Screen {
    /// Adds a question of a step.
    pub(super) fn ask<'p>(&mut self, bit: u32, atom: Atom<'_>, collected: &mut Collected<'p>, plan: &'p Plan) {
        match atom {
            Atom::PairText(key, text) => self.pair(key).add_text(bit, text),
            Atom::Pair(key, test) => self.pair(key).add(bit, test),
            Atom::PairPattern(key, pattern, call) => {
                self.pair(key).readers.add(bit);
                let number = self.keys.add(key) as usize;
                collected.of(Place::Pair(number)).add(bit, pattern, call, plan);
            }
            Atom::Present(key) => {
                let asked = self.pair(key);
                asked.present.add(bit);
                asked.readers.add(bit);
            }
            Atom::Absent(key) => {
                let asked = self.pair(key);
                asked.absent.add(bit);
                asked.readers.add(bit);
            }
            Atom::FieldText(number, text) => {
                let asked = self.field(number);
                let number = asked.texts.add(text) as usize;
                asked.lists.resize(asked.texts.len(), Mask::default());
                asked.lists[number].add(bit);
                asked.readers.add(bit);
            }
            Atom::FieldPattern(number, pattern, call) => {
                self.field(number).readers.add(bit);
                collected.of(Place::Field(number)).add(bit, pattern, call, plan);
            }
            Atom::Field(number, test) => {
                let asked = self.field(number);
                asked.readers.add(bit);
                match asked.tests.iter_mut().find(|(known, _)| *known == test) {
                    Some((_, steps)) => steps.add(bit),
                    None => asked.tests.push((test, Mask::of(bit))),
                }
            }
            Atom::Operand(Asking { operand: number, key, question }) => {
                let operand = &mut self.operands[number];
                operand.asked.readers.add(bit);
                let key = key.and_then(|key| operand.key(key));
                let asked = operand.asked_of(key);
                asked.readers.add(bit);
                match question {
                    Question::Text(text) => asked.add_text(bit, text),
                    Question::Texts(texts) => texts.iter().for_each(|text| asked.add_text(bit, text)),
                    Question::Int(int) => asked.add_int(bit, int),
                    Question::Compare(op, literal) => {
                        asked.add(bit, PairTest::Compare { op, literal, any: Box::default() });
                    }
                    Question::Pattern(pattern, call, nil_passes) => {
                        if !nil_passes {
                            asked.absent.add(bit);
                        }
                        collected.of(Place::Operand(number, key)).add(bit, Cow::Borrowed(pattern), call, plan);
                    }
                }
            }
            Atom::Values(pattern, call) => {
                collected.of(Place::Values).add(bit, Cow::Owned(pattern), call, plan);
            }
        }
    }

    /// Notes of a step whose condition is nothing but these questions what tells whether it holds.
    pub(super) fn decide(&mut self, bit: u32, atoms: &[Atom<'_>]) {
        // Caches are not asked about with the record, and all values are not asked about again.
        let is_of_record = |atom: &Atom<'_>| match atom {
            Atom::Values(..) => false,
            Atom::Operand(asking) => self.operands.get(asking.operand).is_some_and(|operand| !operand.looks_at_cache),
            _ => true,
        };
        if atoms.iter().all(is_of_record) {
            self.decided.add(bit);
        }
        let Some(first) = atoms.first().map(Atom::place) else { return };
        if atoms.iter().all(|atom| atom.place() == first) {
            match first {
                Some(Subject::Key(key)) => self.pair(key).decided.add(bit),
                Some(Subject::Operand(number)) => self.operands[number].asked.decided.add(bit),
                None => {}
            }
        }
    }

    fn pair(&mut self, key: &[u8]) -> &mut Asked {
        let number = self.keys.add(key) as usize;
        self.pairs.resize_with(self.keys.len(), Asked::default);
        &mut self.pairs[number]
    }

    pub(super) fn field(&mut self, number: u32) -> &mut AskedField {
        let at = match self.fields.iter().position(|field| field.number == number) {
            Some(at) => at,
            None => {
                self.fields.push(AskedField::new(number));
                self.fields.len() - 1
            }
        };
        &mut self.fields[at]
    }
}

impl AskedOperand {
    /// The number of a key, where it is the values behind those of a map.
    fn key(&mut self, key: &[u8]) -> Option<u32> {
        let AskedKeys { keys, asked, .. } = self.keys.as_mut()?;
        let number = keys.add(key);
        asked.resize_with(keys.len(), Asked::default);
        Some(number)
    }

    /// What is asked about it, or about the value behind a key.
    pub(super) fn asked_of(&mut self, key: Option<u32>) -> &mut Asked {
        match (&mut self.keys, key) {
            (Some(keys), Some(key)) => &mut keys.asked[key as usize],
            _ => &mut self.asked,
        }
    }
}

impl AskedKeys {
    /// Those of the map that a path without its last key leads to.
    pub(super) fn new(path: u32) -> AskedKeys {
        AskedKeys { path, keys: TextTable::default(), asked: Vec::new(), missing: Vec::new() }
    }

    /// Notes what is asked of nothing, when all questions are known.
    pub(super) fn note_missing(&mut self, plan: &Plan) {
        let holds = |test: &PairTest| match test {
            PairTest::Compare { op, literal, .. } => {
                plan.literals.get(*literal as usize).is_none_or(|literal| nil_against(*op, literal))
            }
            _ => true,
        };
        let asks = |asked: &Asked| !asked.absent.is_empty() || asked.tests.iter().any(|(test, _)| holds(test));
        self.missing = (0..).zip(&self.asked).filter(|(_, asked)| asks(asked)).map(|(key, _)| key).collect();
    }
}

impl Asked {
    /// Several equalities with ints are one look into a table.
    pub(super) fn collect_ints(&mut self, plan: &Plan) {
        let int = |test: &PairTest| match test {
            PairTest::Compare { op: CompareOp::Eq, literal, .. } => match plan.literals.get(*literal as usize) {
                Some(Literal::Int(int)) => Some(*int),
                _ => None,
            },
            _ => None,
        };
        if self.tests.iter().filter(|(test, _)| int(test).is_some()).count() < SEVERAL_INTS {
            return;
        }
        for (test, steps) in std::mem::take(&mut self.tests) {
            match int(&test) {
                Some(int) => {
                    steps.bits().for_each(|bit| self.add_int(bit, int));
                }
                None => self.tests.push((test, steps)),
            }
        }
    }

    fn add_int(&mut self, bit: u32, int: i64) {
        let number = self.ints.add(&int.to_le_bytes()) as usize;
        self.int_lists.resize(self.ints.len(), Mask::default());
        self.int_lists[number].add(bit);
    }

    fn add_text(&mut self, bit: u32, text: &[u8]) {
        let number = self.texts.add(text) as usize;
        self.lists.resize(self.texts.len(), Mask::default());
        self.lists[number].add(bit);
        self.readers.add(bit);
    }

    fn add(&mut self, bit: u32, test: PairTest) {
        self.readers.add(bit);
        match self.tests.iter_mut().find(|(known, _)| known.is_same(&test)) {
            Some((_, steps)) => steps.add(bit),
            None => self.tests.push((test, Mask::of(bit))),
        }
    }
}
