//! Asking about computed values.

use ottl_core::ops::compare;
use ottl_core::{EvalError, Value};
use ottl_schema::ContextId;

use super::Time;
use super::ask::{Asking, Firing};
use crate::fast::exec::state::State;
use crate::fast::program::screen::{Asked, AskedOf, AskedOperand, PairTest, Screen};

/// So often values are computed again for a record, which takes memory each time; then the steps are tried.
const MOST_AGAIN: u32 = 16;

impl Asked {
    /// Asks all about a value that has been computed.
    pub(super) fn ask_computed(&self, value: &Value<'_>, firing: &mut Firing<'_, '_>) {
        let text = if let Value::Str(text) = value { Some(text) } else { None };
        match (value, text) {
            (_, Some(text)) => firing.ask_texts(&self.texts, &self.lists, text),
            (Value::Nil, _) => firing.try_all(&self.absent),
            _ if self.ints.len() != 0 => self.ask_number(value, firing),
            _ => {}
        }
        if let Some(patterns) = &self.patterns {
            match text {
                Some(text) => firing.ask_patterns(patterns, text),
                None if value.is_nil() => {}
                // It is converted to a text first.
                None => firing.try_all(&patterns.all),
            }
        }
        for (test, steps) in &self.tests {
            let PairTest::Compare { op, literal, .. } = test else { continue };
            let Asking { plan, arena } = firing.asking;
            match plan.literals.get(*literal as usize).map(|literal| literal.value(arena)) {
                Some(Ok(literal)) if compare(*op, value, &literal) => firing.fire(steps),
                Some(Ok(_)) => {}
                _ => firing.try_all(steps),
            }
        }
    }
}

impl<'a> State<'a, '_> {
    /// After a message was entered, or all is asked again about it: computes what several steps ask about.
    ///
    /// # Errors
    /// The steps are spent.
    #[inline]
    pub(super) fn ask_operands_entered(
        &mut self,
        screen: &Screen,
        level: ContextId,
        time: Time,
    ) -> Result<(), EvalError> {
        // What is asked again is chosen by the step that has written.
        if time == Time::Again || screen.operands.is_empty() {
            return Ok(());
        }
        // Caches that records share are not looked at.
        self.caches.is_shared = false;
        let mut of_all = screen.operands.iter().filter(|operand| operand.behind.is_none());
        of_all.try_for_each(|operand| self.ask_operand(operand, level, time))
    }

    /// After step `at` has written something and that was asked: computes again what may be another value now.
    ///
    /// # Errors
    /// The steps are spent.
    #[inline(never)]
    pub(super) fn ask_operands_again(
        &mut self,
        screen: &Screen,
        level: ContextId,
        (at, of): (usize, AskedOf),
    ) -> Result<(), EvalError> {
        let again = screen.wakes.get(at).and_then(|wakes| wakes.again.as_ref());
        let is_again = |number: u32| again.is_some_and(|again| again.operands.contains(&number));
        for (number, operand) in (0..).zip(&screen.operands) {
            // What looks at the cache of another group is no matter of this one.
            let is_asked = (of == AskedOf::All || is_again(number)) && operand.steps.contains(&at);
            if !is_asked || !operand.asked.readers.reaches_behind(at) {
                continue;
            }
            let asking = Asking { plan: self.plan, arena: self.arena };
            let now = &mut self.spare.screens[level as usize];
            now.computed_again += 1;
            if now.computed_again > MOST_AGAIN {
                let (mut firing, ..) = now.questions(asking, Time::Again);
                firing.try_all(&operand.asked.readers);
                continue;
            }
            self.ask_operand(operand, level, Time::Again)?;
        }
        Ok(())
    }

    /// When a group that has conditions begins to run: asks about what is computed for it. Triggered are the steps to run, and
    /// those of them whose conditions are not known.
    ///
    /// # Errors
    /// The steps are spent.
    #[inline]
    pub fn ask_operands_behind(
        &mut self,
        screen: &Screen,
        level: ContextId,
        group: usize,
        triggered: &mut [Vec<u64>; 2],
    ) -> Result<(), EvalError> {
        if screen.operands.iter().all(|operand| operand.behind != Some(group)) {
            return Ok(());
        }
        self.spare.screens[level as usize].begin(Time::Again);
        for operand in screen.operands.iter().filter(|operand| operand.behind == Some(group)) {
            self.ask_operand(operand, level, Time::Again)?;
        }
        let [fire, unsure] = &self.spare.screens[level as usize].again;
        for (triggered, anew) in triggered.iter_mut().zip([fire, unsure]) {
            triggered.iter_mut().zip(anew).for_each(|(all, new)| *all |= new);
        }
        Ok(())
    }

    #[inline(never)]
    fn ask_operand(&mut self, operand: &AskedOperand, level: ContextId, time: Time) -> Result<(), EvalError> {
        // Nobody asks about it here, or after all, because of cheaper questions.
        if !operand.asked.readers.meets(&self.spare.screens[level as usize].alive) {
            return Ok(());
        }
        if let Some(keys) = &operand.keys {
            return self.ask_keys(operand, keys, level, time);
        }
        let value = self.eval(operand.expr);
        let asking = Asking { plan: self.plan, arena: self.arena };
        let (mut firing, ..) = self.spare.screens[level as usize].questions(asking, time);
        match value {
            Ok(value) => operand.asked.ask_computed(&value, &mut firing),
            // The steps fail by themselves.
            Err(_) => firing.try_all(&operand.asked.readers),
        }
        let looked = firing.looked;
        self.steps.look_at(looked)
    }
}
