//! Lowering arithmetic on ints: what is made of int fields and literals is computed without values.
//!
//! INVARIANT: an expression of this kind has no other result than an int, and no error but a division by zero; where it has one,
//! or a field is written in an encoding that is not the schema's, the expression itself is evaluated.

use ottl_plan::{Expr, ExprId, Literal};
use ottl_schema::Conv;

use super::Lowering;
use crate::fast::program::int::IntExpr;

/// How deep operators are nested at most: running them recurs.
const MAX_DEPTH: u32 = 8;

impl Lowering<'_> {
    /// An operator on ints.
    pub fn int_math(&self, id: ExprId) -> Option<IntExpr> {
        matches!(self.plan.exprs[id.0 as usize], Expr::Math { .. }).then(|| self.int(id, MAX_DEPTH))?
    }

    fn int(&self, id: ExprId, depth: u32) -> Option<IntExpr> {
        match &self.plan.exprs[id.0 as usize] {
            Expr::Const(n) => match self.plan.literals[*n as usize] {
                Literal::Int(value) => Some(IntExpr::Literal(value)),
                _ => None,
            },
            Expr::Path(n) => match self.field(*n)? {
                (level, number, conv @ (Conv::I32 | Conv::Nanos | Conv::FixedInt)) => {
                    Some(IntExpr::Field { level, number, conv })
                }
                _ => None,
            },
            Expr::Math { op, left, right, .. } => {
                let depth = depth.checked_sub(1)?;
                let operands = Box::new([self.int(*left, depth)?, self.int(*right, depth)?]);
                Some(IntExpr::Math { op: *op, operands })
            }
            _ => None,
        }
    }
}
