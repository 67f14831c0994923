//! `normalise`: conditions in one form of several that say the same, so that more of them have a lowered one.
//!
//! Proof, form by form; `a` and `b` stand for expressions, which keep their order and are evaluated as often as before:
//! - `not (a == b)` is `a != b`, and the other way round: of two values of any kinds exactly one holds, nil and NaN included. For
//!   the operators of order that is not so (nil is neither less nor not less), and they stay.
//! - `not not a` is `a`: an operand of `not` is a condition, so it is a bool or fails.
//! - `a and (b and c)` is `a and b and c`, and so with `or`: each stops at the first operand that decides.
//! - `1 < a` is `a > 1`, for scalars, which are evaluated without failing: comparing is symmetric. Maps are left out, because a
//!   map in which a key stands twice may equal another one that does not equal it.
//! - `IsMatch(a, "x") == true` is `IsMatch(a, "x")`, and so is `!= false`: what asks about a text is a bool or fails. The opposite
//!   would need an expression more, and no other may be changed for it: one that was put in several places is named by all.

use ottl_core::function::Kernel;
use ottl_core::ops::CompareOp;
use ottl_plan::{Expr, ExprId, Literal};

use super::Draft;

/// The form of an expression that rewrites and lowering know.
pub(super) fn normalise(draft: &mut Draft<'_>, id: ExprId) -> Option<Expr> {
    match draft.expr(id) {
        Expr::Not(operand) => match draft.expr(*operand) {
            Expr::Not(inner) => Some(draft.expr(*inner).clone()),
            Expr::Compare { op, left, right } => Some(Expr::Compare { op: opposite(*op)?, left: *left, right: *right }),
            _ => None,
        },
        Expr::And(operands) => {
            flattened(draft, operands, |expr| if let Expr::And(inner) = expr { Some(inner) } else { None })
                .map(Expr::And)
        }
        Expr::Or(operands) => {
            flattened(draft, operands, |expr| if let Expr::Or(inner) = expr { Some(inner) } else { None }).map(Expr::Or)
        }
        Expr::Compare { op, left, right } => {
            let (op, left, right) = (*op, *left, *right);
            match (draft.constant(left), draft.constant(right)) {
                (Some(literal), None) if is_scalar(literal) => {
                    let (op, left, right) = (turned(op), right, left);
                    Some(asked(draft, op, left, right).unwrap_or(Expr::Compare { op, left, right }))
                }
                (None, Some(_)) => asked(draft, op, left, right),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The operands of a chain, with those of chains of its kind in their places.
fn flattened<'d>(
    draft: &'d Draft<'_>,
    operands: &[ExprId],
    inner: impl Fn(&'d Expr) -> Option<&'d Vec<ExprId>>,
) -> Option<Vec<ExprId>> {
    operands.iter().any(|operand| inner(draft.expr(*operand)).is_some()).then(|| {
        let parts = |operand: &ExprId| inner(draft.expr(*operand)).cloned().unwrap_or_else(|| vec![*operand]);
        operands.iter().flat_map(parts).collect()
    })
}

/// A question about a text that is compared with a bool so that it has to hold.
fn asked(draft: &Draft<'_>, op: CompareOp, left: ExprId, right: ExprId) -> Option<Expr> {
    let (Expr::Call(n), Some(bool)) = (draft.expr(left), draft.answer(right)) else { return None };
    let site = draft.plan.calls.get(*n as usize)?;
    let Kernel::Predicate(_) = site.kernel else { return None };
    let wanted = match op {
        CompareOp::Eq => true,
        CompareOp::Ne => false,
        _ => return None,
    };
    (bool == wanted).then_some(Expr::Test { operand: left, site: site.site })
}

/// The comparison that holds where another does not, if there is one.
fn opposite(op: CompareOp) -> Option<CompareOp> {
    match op {
        CompareOp::Eq => Some(CompareOp::Ne),
        CompareOp::Ne => Some(CompareOp::Eq),
        _ => None,
    }
}

/// The comparison of the same two in the other order.
fn turned(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Eq => CompareOp::Eq,
        CompareOp::Ne => CompareOp::Ne,
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Ge => CompareOp::Le,
        CompareOp::Gt => CompareOp::Lt,
    }
}

/// Whether a literal is no container: then it is a value without an arena, and compares in both directions alike.
fn is_scalar(literal: &Literal) -> bool {
    !matches!(literal, Literal::List(..) | Literal::Map(_))
}

#[cfg(test)]
mod tests {
    use ottl_core::ops::compare;
    use ottl_core::value::Entry;
    use ottl_core::{List, ListKind, Map, Value};

    use super::*;

    #[test]
    fn comparisons_are_symmetric_and_have_opposites() {
        use CompareOp::{Eq, Ge, Gt, Le, Lt, Ne};
        let entries = [Entry { key: b"a", value: Value::Int(1) }];
        let values = [
            Value::Nil,
            Value::Bool(false),
            Value::Bool(true),
            Value::Int(1),
            Value::Int((1 << 53) + 1),
            Value::Float(1.0),
            Value::Float(f64::NAN),
            Value::Float(9_007_199_254_740_992.0),
            Value::Str(b""),
            Value::Str(b"a"),
            Value::Bytes(b""),
            Value::Bytes(b"a"),
            Value::Duration(1),
            Value::GoInt(1),
            Value::TraceId([1; 16]),
            Value::Map(Map::new(&entries).expect("it is small")),
            Value::List(List::new(ListKind::Any, &[]).expect("it is small")),
        ];
        for a in &values {
            for b in &values {
                for op in [Eq, Ne, Lt, Le, Ge, Gt] {
                    assert_eq!(compare(op, a, b), compare(turned(op), b, a), "{a:?} {op:?} {b:?}");
                    if let Some(opposite) = opposite(op) {
                        assert_eq!(compare(op, a, b), !compare(opposite, a, b), "{a:?} {op:?} {b:?}");
                    }
                }
            }
        }
    }
}
