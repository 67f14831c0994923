//! Whether conditions hold.

use ottl_core::function::TextPredicate;
use ottl_core::ops::{CompareOp, same_text};
use ottl_core::{ErrorKind, EvalError, Value};
use ottl_otlp::any;
use ottl_schema::{ContextId, Conv};

use super::parents::Parent;
use super::state::State;
use crate::fast::compare::{against, bytes_against, nil_against};
use crate::fast::node::{BODY, InputAttribute};
use crate::fast::program::ParentSlot;
use crate::fast::program::cond::{Cond, Known, TextOf};
use crate::fast::program::key::Key;

impl<'a> State<'a, '_> {
    /// Whether a condition holds.
    ///
    /// PERF (tenant): each form is a function of its own, so that none saves registers for what another one calls.
    pub fn holds(&mut self, condition: &'a Cond) -> Result<bool, EvalError> {
        match condition {
            Cond::Expr(id) | Cond::Sure(id) => self.test(*id),
            Cond::And(parts) => self.all_hold(parts),
            Cond::Or(parts) => self.any_holds(parts),
            Cond::Not(inner) => self.holds_not(inner),
            Cond::Attribute { level, key, op, literal, any } => self.attribute_holds(*level, key, *op, *literal, any),
            Cond::Body { level, op, literal, any } => self.body_holds(*level, *op, *literal, any),
            Cond::Field { level, number, conv, op, value } => self.field_holds(*level, *number, *conv, *op, *value),
            Cond::Ints { op, sides, expr, .. } => self.ints_hold(*op, sides, *expr),
            Cond::FieldText { level, number, text, negated } => self.field_is(*level, *number, text, *negated),
            Cond::Text { .. } => self.text_holds(condition),
            Cond::PerParent { slot, test, .. } => self.holds_for_parent(*slot, *test),
            Cond::Shared { bit, condition } => match self.answers.get(*bit) {
                Some(holds) => Ok(holds),
                None => self.ask_shared(*bit, condition),
            },
        }
    }

    #[inline(never)]
    fn all_hold(&mut self, parts: &'a [Cond]) -> Result<bool, EvalError> {
        for part in parts {
            if !self.holds(part)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    #[inline(never)]
    fn any_holds(&mut self, parts: &'a [Cond]) -> Result<bool, EvalError> {
        for part in parts {
            if self.holds(part)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    #[inline(never)]
    fn holds_not(&mut self, inner: &'a Cond) -> Result<bool, EvalError> {
        self.holds(inner).map(|holds| !holds)
    }

    #[inline(never)]
    fn attribute_holds(
        &mut self,
        level: ContextId,
        key: &'a Key,
        op: CompareOp,
        literal: u32,
        any: &[u8],
    ) -> Result<bool, EvalError> {
        let literal = &self.plan.literals[literal as usize];
        match self.input_attribute(level, key.named())? {
            InputAttribute::Bytes(bytes) => bytes_against(op, bytes, literal, any, self.arena),
            InputAttribute::Missing => Ok(nil_against(op, literal)),
            InputAttribute::Written(idx) => {
                let value = self.node(level)?.map().value_at(idx)?;
                Ok(against(op, &value, literal, self.arena))
            }
        }
    }

    #[inline(never)]
    fn body_holds(&mut self, level: ContextId, op: CompareOp, literal: u32, any: &[u8]) -> Result<bool, EvalError> {
        let literal = &self.plan.literals[literal as usize];
        match self.message_field(level, BODY)? {
            [] => Ok(nil_against(op, literal)),
            bytes => bytes_against(op, bytes, literal, any, self.arena),
        }
    }

    #[inline(never)]
    fn field_holds(
        &mut self,
        level: ContextId,
        number: u32,
        conv: Conv,
        op: CompareOp,
        value: i64,
    ) -> Result<bool, EvalError> {
        let found = match self.number(level, number, conv)? {
            Some(found) => found,
            None => match conv.read(self.field(level, number)?, self.arena)? {
                Value::Int(i) => i,
                other => return Err(ErrorKind::Operand(other.type_name()).into()),
            },
        };
        Ok(op.of(&found, &value))
    }

    #[inline(never)]
    fn field_is(&mut self, level: ContextId, number: u32, text: &[u8], negated: bool) -> Result<bool, EvalError> {
        let found = match self.text_field(level, number)? {
            Some(found) => found,
            None => match Conv::Str.read(self.field(level, number)?, self.arena)? {
                Value::Str(found) => found,
                other => return Err(ErrorKind::Operand(other.type_name()).into()),
            },
        };
        Ok(same_text(found, text) != negated)
    }

    /// Whether a text is as a condition of that form asks.
    #[inline(never)]
    fn text_holds(&mut self, condition: &'a Cond) -> Result<bool, EvalError> {
        let Cond::Text { level, of, predicate, nil_passes, expr, known, .. } = condition else { return Ok(false) };
        let any = match of {
            TextOf::Attribute(key) => match self.input_attribute(*level, key.named())? {
                InputAttribute::Bytes(any) => any,
                InputAttribute::Missing => &[],
                InputAttribute::Written(_) => return self.test(*expr),
            },
            TextOf::Body => self.message_field(*level, BODY)?,
            TextOf::Field(number) => match self.text_field(*level, *number)? {
                Some([]) => return Ok(predicate.holds(Some(&[]))),
                Some(text) => {
                    self.steps.look_at(text.len())?;
                    return self.found(predicate, text, known);
                }
                None => return self.test(*expr),
            },
        };
        self.steps.look_at(any.len())?;
        match any::text(any) {
            Some(text) => self.found(predicate, text, known),
            None if any.is_empty() && *nil_passes => Ok(predicate.holds(None)),
            None => self.test(*expr),
        }
    }

    /// Whether a text that was found is as asked.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn found(
        &mut self,
        predicate: &TextPredicate,
        text: &[u8],
        known: &'a Option<Box<Known>>,
    ) -> Result<bool, EvalError> {
        match known {
            Some(known) if self.is_known(known)? => Ok(known.answer),
            _ => Ok(predicate.holds(Some(text))),
        }
    }

    /// Whether it makes no difference what a search finds.
    // PERF (filter-logs): apart from the search, so that this costs nothing where there is nothing to know.
    #[inline(never)]
    fn is_known(&mut self, known: &'a Known) -> Result<bool, EvalError> {
        self.holds(&known.condition).map(|holds| holds == known.decides)
    }

    /// Asks what steps share. An error is not kept: it is raised again in the next place.
    #[inline(never)]
    fn ask_shared(&mut self, bit: u8, condition: &'a Cond) -> Result<bool, EvalError> {
        let holds = self.holds(condition)?;
        self.answers.keep(bit, holds);
        Ok(holds)
    }

    /// Whether a condition holds that is computed once for each resource or scope.
    #[inline]
    pub fn holds_for_parent(&mut self, slot: ParentSlot, test: u32) -> Result<bool, EvalError> {
        if let Some(known) = self.parents.condition(slot) {
            return *known;
        }
        let result = self.holds(&self.code.hoisted[test as usize]);
        self.parents.keep(slot, || Parent::Condition(result), self.arena);
        result
    }
}
