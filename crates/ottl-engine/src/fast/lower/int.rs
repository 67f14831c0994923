//! Lowering arithmetic on ints: what is made of int fields, times, lengths of lists and literals is computed without values.
//!
//! INVARIANT: an expression of this kind has no other result than one of its kind, and no error but a division by zero; where it
//! has one, a time is no number of nanoseconds, or a field is written in an encoding that is not the schema's, the expression
//! itself is evaluated.

use ottl_core::Value;
use ottl_core::function::Kernel;
use ottl_core::ops::{CompareOp, MathOp};
use ottl_plan::{Arg, Expr, ExprId, Literal, Plan};
use ottl_schema::{Access, ContextId, Conv, PointKind, path};

use super::Lowering;
use crate::fast::program::cond::Cond;
use crate::fast::program::int::{IntExpr, IntKind, Ints};

/// How deep operators are nested at most: running them recurs.
const MAX_DEPTH: u32 = 8;

impl Lowering<'_> {
    /// An int.
    pub fn int_of(&self, id: ExprId) -> Option<IntExpr> {
        let (int, kind) = self.int(id, MAX_DEPTH)?;
        (kind == IntKind::Int).then_some(int)
    }

    /// The operators of the plan.
    pub fn ints(&self) -> Ints {
        let numbers = (0..).zip(&self.plan.exprs);
        Ints::new(numbers.map(|(number, expr)| match expr {
            Expr::Math { .. } => self.int(ExprId(number), MAX_DEPTH),
            _ => None,
        }))
    }

    /// A comparison of ints.
    pub fn int_comparison(&self, expr: ExprId, op: CompareOp, left: ExprId, right: ExprId) -> Option<Cond> {
        let ((left, kind), (right, other)) = (self.int(left, MAX_DEPTH)?, self.int(right, MAX_DEPTH)?);
        let is_sure = !divides(&left) && !divides(&right);
        (kind == other).then(|| Cond::Ints { op, sides: Box::new([left, right]), expr, is_sure })
    }

    fn int(&self, id: ExprId, depth: u32) -> Option<(IntExpr, IntKind)> {
        match &self.plan.exprs[id.0 as usize] {
            Expr::Const(n) => match self.plan.literals[*n as usize] {
                Literal::Int(value) => Some((IntExpr::Literal(value), IntKind::Int)),
                Literal::Duration(nanos) => Some((IntExpr::Literal(nanos), IntKind::Duration)),
                _ => None,
            },
            Expr::Path(n) => self.int_field(*n),
            Expr::Call(n) => {
                let int = match counted(self.plan, *n) {
                    Some((level, number)) => IntExpr::Count { level, number },
                    None => self.units(*n, depth.checked_sub(1)?)?,
                };
                Some((int, IntKind::Int))
            }
            Expr::Math { op, left, right, .. } => {
                let depth = depth.checked_sub(1)?;
                math(*op, self.int(*left, depth)?, self.int(*right, depth)?)
            }
            _ => None,
        }
    }

    /// A duration in whole units.
    fn units(&self, call: u32, depth: u32) -> Option<IntExpr> {
        let site = self.plan.calls.get(call as usize)?;
        let (Kernel::WholeUnits(unit, _), [Arg::Eager { expr, coerce, each: None }]) = (&site.kernel, &site.args[..])
        else {
            return None;
        };
        let (of, IntKind::Duration) = self.int(*expr, depth)? else { return None };
        let is_kept = coerce.is_none_or(|to| to.keeps(&Value::Duration(0)));
        is_kept.then(|| IntExpr::Units { unit: *unit, of: Box::new(of) })
    }

    fn int_field(&self, n: u32) -> Option<(IntExpr, IntKind)> {
        let kind_of = |conv| match conv {
            Conv::I32 | Conv::U32 | Conv::Nanos | Conv::FixedInt | Conv::Fixed32 | Conv::Fixed32Checked => {
                Some(IntKind::Int)
            }
            Conv::Time => Some(IntKind::Time),
            _ => None,
        };
        if let Some((level, number, conv)) = self.field(n) {
            return Some((IntExpr::Field { level, number, conv }, kind_of(conv)?));
        }
        let used = self.plan.paths.get(n as usize)?;
        if matches!((path(used.path).access, used.keys.as_slice()), (Access::MetricType, [])) {
            return Some((IntExpr::MetricType, IntKind::Int));
        }
        let (level, outer, number, conv) = self.inner_field(n)?;
        Some((IntExpr::Inner { level, outer, number, conv }, kind_of(conv)?))
    }

    /// The singular field of a singular message field that a path names: its level, both numbers, and its conversion.
    pub fn inner_field(&self, n: u32) -> Option<(ContextId, u32, u32, Conv)> {
        let used = self.plan.paths.get(n as usize)?;
        let decl = path(used.path);
        match decl.access {
            Access::Nested(outer, inner, conv) if used.keys.is_empty() && decl.context != ContextId::DataPoint => {
                Some((decl.context, outer.number(PointKind::Number)?, u32::from(inner), conv))
            }
            _ => None,
        }
    }
}

/// The list of messages whose length a call gives, if it does nothing else: its level and the number of its field.
pub(super) fn counted(plan: &Plan, call: u32) -> Option<(ContextId, u32)> {
    let site = plan.calls.get(call as usize)?;
    let (Kernel::Length(_), [Arg::Eager { expr, coerce: None, each: None }]) = (&site.kernel, site.args.as_slice())
    else {
        return None;
    };
    let Expr::Path(n) = plan.exprs.get(expr.0 as usize)? else { return None };
    let used = plan.paths.get(*n as usize)?;
    let decl = path(used.path);
    match decl.access {
        Access::Part(fields, [kind, ..])
            if kind.is_counted() && used.keys.is_empty() && decl.context != ContextId::DataPoint =>
        {
            Some((decl.context, fields.number(PointKind::Number)?))
        }
        _ => None,
    }
}

fn math(op: MathOp, left: (IntExpr, IntKind), right: (IntExpr, IntKind)) -> Option<(IntExpr, IntKind)> {
    let kinds = (left.1, right.1);
    let operands = Box::new([left.0, right.0]);
    let is_back = op == MathOp::Sub;
    Some(match (kinds, op) {
        ((IntKind::Int, IntKind::Int), _) => (IntExpr::Math { op, operands }, IntKind::Int),
        ((IntKind::Duration, IntKind::Duration), MathOp::Add | MathOp::Sub) => {
            (IntExpr::Math { op, operands }, IntKind::Duration)
        }
        ((IntKind::Time, IntKind::Time), MathOp::Sub) => (IntExpr::Since(operands), IntKind::Duration),
        ((IntKind::Time, IntKind::Duration), MathOp::Add | MathOp::Sub)
        | ((IntKind::Duration, IntKind::Time), MathOp::Add) => (IntExpr::Moved { is_back, operands }, IntKind::Time),
        _ => return None,
    })
}

/// Whether an int has a division that may fail.
fn divides(int: &IntExpr) -> bool {
    match int {
        IntExpr::Math { op: MathOp::Div, operands } => {
            !matches!(operands[1], IntExpr::Literal(1..)) || divides(&operands[0])
        }
        IntExpr::Math { operands, .. } | IntExpr::Since(operands) | IntExpr::Moved { operands, .. } => {
            operands.iter().any(divides)
        }
        IntExpr::Units { of, .. } => divides(of),
        IntExpr::Literal(_)
        | IntExpr::Field { .. }
        | IntExpr::Inner { .. }
        | IntExpr::MetricType
        | IntExpr::Count { .. } => false,
    }
}
