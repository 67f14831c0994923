//! Conditions, folded as the reference folds them.
//!
//! COMPAT: comparisons of two literals are decided now; one false operand makes a whole `and` false and one true
//! operand a whole `or` true, also when operands before it would fail at run time; the other constants drop out.

use ottl_core::Arena;
use ottl_core::function::Type;
use ottl_core::ops::{CompareOp, compare};
use ottl_diagnostics::Span;
use ottl_plan::Literal;
use ottl_syntax::ast::{self, BoolChain, BoolExpr, Value};

use super::Checker;
use crate::hir::{Expr, Kind};

impl<'t> Checker<'_, 't> {
    /// Checks a condition.
    pub fn condition(&mut self, condition: &'t BoolExpr) -> Option<Expr> {
        match condition {
            BoolExpr::Or(chain) => self.chain(chain, true),
            BoolExpr::And(chain) => self.chain(chain, false),
            BoolExpr::Not(not) => {
                let operand = self.condition(&not.operand)?;
                Some(match operand.as_bool() {
                    Some(value) => constant(!value, not.span),
                    None => Expr::new(Kind::Not(Box::new(operand)), Type::Bool, not.span),
                })
            }
            BoolExpr::Comparison(comparison) => self.comparison(comparison),
            BoolExpr::Const(literal) => Some(constant(literal.value, literal.span)),
            BoolExpr::Converter(call) => {
                let operand = self.converter(call)?;
                Some(Expr::new(Kind::Test(Box::new(operand)), Type::Bool, call.span))
            }
            BoolExpr::Missing(_) => None,
        }
    }

    /// An `or` (which `true` decides) or an `and` (which `false` decides).
    fn chain(&mut self, chain: &'t BoolChain, decisive: bool) -> Option<Expr> {
        let mut complete = true;
        let mut decided = false;
        let mut open = Vec::with_capacity(chain.operands.len());
        for operand in &chain.operands {
            match self.condition(operand) {
                None => complete = false,
                Some(checked) => match checked.as_bool() {
                    Some(value) => decided |= value == decisive,
                    None => open.push(checked),
                },
            }
        }
        if !complete {
            return None;
        }
        if decided {
            return Some(constant(decisive, chain.span));
        }
        if open.len() < 2 {
            return Some(open.pop().unwrap_or_else(|| constant(!decisive, chain.span)));
        }
        let kind = if decisive { Kind::Or(open) } else { Kind::And(open) };
        Some(Expr::new(kind, Type::Bool, chain.span))
    }

    fn comparison(&mut self, comparison: &'t ast::Comparison) -> Option<Expr> {
        let (left, right) = self.sides(comparison);
        let (left, right) = (left?, right?);
        let op = match comparison.op {
            ast::CompareOp::Eq => CompareOp::Eq,
            ast::CompareOp::Ne => CompareOp::Ne,
            ast::CompareOp::Lt => CompareOp::Lt,
            ast::CompareOp::Le => CompareOp::Le,
            ast::CompareOp::Gt => CompareOp::Gt,
            ast::CompareOp::Ge => CompareOp::Ge,
        };
        let arena = Arena::new();
        if let (Some(a), Some(b)) = (left.as_const(), right.as_const())
            && let (Ok(a), Ok(b)) = (a.value(&arena), b.value(&arena))
        {
            let holds = compare(op, &a, &b);
            return Some(constant(holds, comparison.span));
        }
        let kind = Kind::Compare { op, left: Box::new(left), right: Box::new(right) };
        Some(Expr::new(kind, Type::Bool, comparison.span))
    }

    /// Both sides of a comparison: the one that is a path first, because it tells what a word on the other side stands for.
    fn sides(&mut self, comparison: &'t ast::Comparison) -> (Option<Expr>, Option<Expr>) {
        let (left, right) = (&comparison.left, &comparison.right);
        if matches!(right, Value::Path(_)) && !matches!(left, Value::Path(_)) {
            let checked = self.value(right);
            let other = self.value_beside(left, checked.as_ref());
            return (other, checked);
        }
        let checked = self.value(left);
        let other = self.value_beside(right, checked.as_ref());
        (checked, other)
    }

    /// A value beside another one.
    fn value_beside(&mut self, value: &'t Value, other: Option<&Expr>) -> Option<Expr> {
        let path = match other.map(|other| &other.kind) {
            Some(Kind::Path(used)) => Some(ottl_schema::path(used.path)),
            _ => None,
        };
        let before = std::mem::replace(&mut self.beside, path);
        let checked = self.value(value);
        self.beside = before;
        checked
    }
}

fn constant(value: bool, span: Span) -> Expr {
    Expr::constant(Literal::Bool(value), span)
}
