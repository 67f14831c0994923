//! Computing ints.

use ottl_core::EvalError;
use ottl_core::ops::{CompareOp, int_arithmetic};
use ottl_plan::ExprId;
use ottl_schema::ContextId;

use super::state::State;
use crate::fast::compare::number_of;
use crate::fast::node::{count_fields, last_field};
use crate::fast::program::int::IntExpr;

impl State<'_, '_> {
    /// An int; nothing if its expression has to say what there is instead.
    ///
    /// # Errors
    /// Damage of a message's framing.
    #[inline]
    pub fn int(&mut self, expr: &IntExpr) -> Result<Option<i64>, EvalError> {
        Ok(match expr {
            IntExpr::Literal(value) => Some(*value),
            IntExpr::Field { level, number, conv } => self.number(*level, *number, *conv)?,
            expr => return self.int_of(expr),
        })
    }

    /// PERF (spans): most operands are no calculations, and are read here.
    #[inline(never)]
    fn int_of(&mut self, expr: &IntExpr) -> Result<Option<i64>, EvalError> {
        let (IntExpr::Math { operands, .. } | IntExpr::Since(operands) | IntExpr::Moved { operands, .. }) = expr else {
            return self.int_inside(expr);
        };
        let (Some(left), Some(right)) = (self.int(&operands[0])?, self.int(&operands[1])?) else { return Ok(None) };
        Ok(match expr {
            IntExpr::Math { op, .. } => int_arithmetic(*op, left, right),
            IntExpr::Since(_) => Some(left.saturating_sub(right)),
            IntExpr::Moved { is_back: true, .. } => left.checked_sub(right),
            _ => left.checked_add(right),
        })
    }

    /// What is inside of a field.
    #[inline(never)]
    fn int_inside(&mut self, expr: &IntExpr) -> Result<Option<i64>, EvalError> {
        Ok(match expr {
            IntExpr::Inner { level, outer, number, conv } => match self.message_field(*level, *outer)? {
                [] => Some(0),
                message => last_field(message, *number).ok().and_then(|field| number_of(field, *conv)),
            },
            IntExpr::MetricType => Some(self.metric_type()?),
            IntExpr::Count { level, number } => self.count(*level, *number)?,
            IntExpr::Units { unit, of } => self.int(of)?.and_then(|nanos| nanos.checked_div(*unit)),
            _ => None,
        })
    }

    /// How many messages a list of the current message of a level has; nothing where it is damaged.
    fn count(&mut self, level: ContextId, number: u32) -> Result<Option<i64>, EvalError> {
        if let Some(record) = self.messages.as_compact(level) {
            return Ok(count_fields(record.raw(), number).ok());
        }
        if let Some((raw, _)) = self.messages.look(level) {
            return Ok(count_fields(raw, number).ok());
        }
        Ok(self.node(level)?.count(number).ok())
    }

    /// Whether a comparison of ints holds, which is this expression.
    #[inline(never)]
    pub fn ints_hold(&mut self, op: CompareOp, [left, right]: &[IntExpr; 2], expr: ExprId) -> Result<bool, EvalError> {
        match (self.int(left)?, self.int(right)?) {
            (Some(left), Some(right)) => Ok(op.of(&left, &right)),
            _ => self.test(expr),
        }
    }
}
