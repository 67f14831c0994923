//! [`IntExpr`]: an int computed from fields and literals, as data.

use ottl_core::ops::MathOp;
use ottl_schema::{ContextId, Conv};

/// An int.
#[derive(Debug)]
pub(crate) enum IntExpr {
    Literal(i64),
    /// A singular field that is read as an int.
    Field {
        level: ContextId,
        number: u32,
        conv: Conv,
    },
    Math {
        op: MathOp,
        operands: Box<[IntExpr; 2]>,
    },
}
