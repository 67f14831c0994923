//! Computing ints.

use ottl_core::EvalError;
use ottl_core::ops::{MathOp, int_arithmetic};

use super::state::State;
use crate::fast::compare::number_of;
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
            IntExpr::Field { level, number, conv } => number_of(self.field(*level, *number)?, *conv),
            IntExpr::Math { op, operands } => return self.int_of(*op, operands),
        })
    }

    /// PERF (spans): most operands are no calculations, and are read here.
    #[inline(never)]
    fn int_of(&mut self, op: MathOp, [left, right]: &[IntExpr; 2]) -> Result<Option<i64>, EvalError> {
        let (Some(left), Some(right)) = (self.int(left)?, self.int(right)?) else { return Ok(None) };
        Ok(int_arithmetic(op, left, right))
    }
}
