//! What a step that writes triggers: found from its action.

use ottl_core::edit::KnownKeys;
use ottl_core::function::TextRewrite;
use ottl_plan::{Literal, Plan};
use ottl_regex::TextPattern;
use ottl_schema::ContextId;

use super::operands::Operands;
use super::screen::Screened;
use super::writes::{What, Written};
use crate::fast::program::action::{Action, Assign, Source};
use crate::fast::program::screen::{Asked, Mask, PairTest, Patterns, Screen, TextTable, Wakes, WokenSteps};

/// Questions of a kind beyond which it is not found out which of them a rewrite can make hold.
const MAX_QUESTIONS: usize = 64;

/// What a rewrite of texts triggers, of the steps that ask about them. A text stays one, so only what it says matters.
///
/// PERF (tenant): a body in which a password was replaced is not searched again for what `password=***` has no part in.
struct Rewritten<'r> {
    screen: &'r Screen,
    plan: &'r Plan,
    /// What pieces of the text become, if that is always the same.
    piece: Option<&'r [u8]>,
    /// Steps that may have something to do now.
    steps: Mask,
    /// And those whose conditions may hold no more.
    unsure: Mask,
}

impl<'r> Rewritten<'r> {
    fn new(screen: &'r Screen, plan: &'r Plan, rewrite: &'r TextRewrite) -> Rewritten<'r> {
        Rewritten { screen, plan, piece: rewrite.piece(), steps: Mask::default(), unsure: Mask::default() }
    }

    fn may_match(&self, pattern: &TextPattern) -> bool {
        self.piece.is_none_or(|piece| pattern.arising().may_come_of(piece))
    }

    /// Takes in what asks about what is written. Whether it is known what that is.
    fn add(&mut self, what: What<'_>) -> bool {
        match what {
            What::Pair(key) => self.add_key(key),
            What::Pairs(_) => self.add_values(),
            What::Fields(fields) if fields.is_power_of_two() => self.add_field(fields.trailing_zeros()),
            What::Nothing | What::Fields(_) | What::Anything => return false,
        }
        true
    }

    fn add_steps(&mut self, steps: &Mask, may_hold: bool) {
        for bit in steps.bits() {
            self.unsure.add(bit);
            if may_hold {
                self.steps.add(bit);
            }
        }
    }

    fn add_texts(&mut self, texts: &TextTable, lists: &[Mask]) {
        for (text, steps) in texts.iter().zip(lists) {
            let may_hold = texts.len() > MAX_QUESTIONS || self.may_match(&TextPattern::Equals(text.into()));
            self.add_steps(steps, may_hold);
        }
    }

    fn add_patterns(&mut self, patterns: Option<&Patterns>) {
        let Some(patterns) = patterns else { return };
        let asked = patterns.set.patterns();
        for (pattern, steps) in asked.iter().zip(&patterns.steps) {
            self.add_steps(steps, asked.len() > MAX_QUESTIONS || self.may_match(pattern));
        }
    }

    /// Whether what a text says matters to a question. A text equals no number.
    fn is_of_texts(&self, test: &PairTest) -> bool {
        match test {
            PairTest::IsText => false,
            PairTest::Length(..) => true,
            PairTest::Compare { literal, .. } => !matches!(
                self.plan.literals.get(*literal as usize),
                Some(Literal::Nil | Literal::Bool(_) | Literal::Int(_) | Literal::Float(_))
            ),
            PairTest::All(tests) => tests.iter().any(|test| self.is_of_texts(test)),
        }
    }

    fn add_pair(&mut self, asked: &Asked) {
        self.add_texts(&asked.texts, &asked.lists);
        self.add_patterns(asked.patterns.as_ref());
        for (test, steps) in &asked.tests {
            if self.is_of_texts(test) {
                self.add_steps(steps, true);
            }
        }
    }

    /// An attribute is rewritten.
    fn add_key(&mut self, key: &[u8]) {
        self.add_patterns(self.screen.values.as_ref());
        if let Some(asked) = self.screen.keys.find(key).and_then(|number| self.screen.pairs.get(number as usize)) {
            self.add_pair(asked);
        }
    }

    /// All attributes are.
    fn add_values(&mut self) {
        self.add_patterns(self.screen.values.as_ref());
        let is_many = self.screen.pairs.len() > MAX_QUESTIONS;
        for asked in &self.screen.pairs {
            if is_many { self.add_steps(&asked.readers, true) } else { self.add_pair(asked) }
        }
    }

    /// A field is.
    fn add_field(&mut self, number: u32) {
        let Some(asked) = self.screen.fields.iter().find(|field| field.number == number) else { return };
        self.add_texts(&asked.texts, &asked.lists);
        self.add_patterns(asked.patterns.as_ref());
        for (_, steps) in asked.tests.iter().filter(|(test, _)| test.is_of_length()) {
            self.add_steps(steps, true);
        }
    }

    fn wakes(self, at: usize) -> Wakes {
        Wakes::new(WokenSteps::of(at, self.steps.behind(at), self.unsure.behind(at)), false)
    }
}

impl Screen {
    /// What a step triggers, whose level's keys have these numbers.
    pub(super) fn wakes_of(
        &self,
        plan: &Plan,
        level: ContextId,
        steps: &[Screened<'_>],
        at: usize,
        (known, operands): (&KnownKeys, &Operands<'_>),
    ) -> Wakes {
        let action = steps[at].1.plain();
        let written = Written::new(plan, level, action);
        if let Action::RewriteText { rewrite, .. } | Action::RewriteValues { rewrite, .. } = action {
            let mut rewritten = Rewritten::new(self, plan, rewrite);
            if rewritten.add(written.what) {
                rewritten.add_steps(&self.readers_of_operands(at, &written, known, operands), true);
                return rewritten.wakes(at);
            }
        }
        let of_fields = |fields: u32| {
            let asked = self.fields.iter().filter(move |field| fields >> (field.number & 31) & 1 != 0);
            asked.map(|asked| &asked.readers)
        };
        // There may be thousands of keys.
        let readers = match written.what {
            What::Anything => None,
            What::Nothing => Some(Mask::default()),
            What::Pair(key) => Some(self.keys.find(key).map_or_else(Mask::default, |key| self.readers_of_key(at, key))),
            What::Pairs(_) => {
                let asked = (0..).zip(self.keys()).filter(|(_, key)| written.has_pair(key, known));
                let readers: Vec<Mask> = asked.map(|(number, _)| self.readers_of_key(at, number)).collect();
                Some(Mask::of_all(readers.iter()))
            }
            What::Fields(fields) => Some(Mask::of_all(of_fields(fields))),
        };
        let readers = readers.map(|readers| match action {
            // A value that is taken out has nothing more.
            Action::Delete { .. } | Action::FilterKeys { .. } => readers,
            Action::Assign(Assign { source, .. }) if written.has_pairs() => {
                Mask::of_all(self.readers_of_value(source).into_iter().chain([&readers]))
            }
            _ if written.has_pairs() => Mask::of_all(self.values.iter().map(|values| &values.all).chain([&readers])),
            _ => readers,
        });
        let of_operands = self.readers_of_operands(at, &written, known, operands);
        let readers = readers.map(|readers| Mask::of_all([&readers, &of_operands].into_iter()));
        let steps = match readers {
            Some(readers) => WokenSteps::of(at, readers.behind(at), readers.behind(at)),
            None if at + 1 == steps.len() => WokenSteps::of(at, Mask::default(), Mask::default()),
            None => WokenSteps::All,
        };
        Wakes::new(steps, written.takes_pairs_out)
    }

    /// The steps that ask about computed values that a write may change.
    fn readers_of_operands(
        &self,
        at: usize,
        written: &Written<'_>,
        known: &KnownKeys,
        operands: &Operands<'_>,
    ) -> Mask {
        let asked = self.operands.iter().zip(&operands.all).filter(|(_, operand)| operand.sees(at, written, known));
        Mask::of_all(asked.map(|(asked, _)| &asked.asked.readers))
    }

    /// The steps that ask about all keys and values and may have something to do with a pair that is written.
    fn readers_of_value(&self, source: &Source) -> Vec<&Mask> {
        let Some(values) = &self.values else { return Vec::new() };
        let Source::Encoded(pair) = source else { return vec![&values.all] };
        let asked = values.set.patterns().iter().zip(&values.steps);
        asked.filter(|(pattern, _)| pattern.is_match(pair.sized().pair())).map(|(_, steps)| steps).collect()
    }
}
