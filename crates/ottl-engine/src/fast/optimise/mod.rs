//! Rewrites of a plan's expressions, before they are lowered: each in a file, with the proof that nobody can see it.
//!
//! An expression is put in the place of another one, under its number, so that nothing that refers to it has to be changed. The
//! tables that are not rewritten are shared with the plan, and where no rewrite finds anything to do there is no second plan.
//! INVARIANT: what stands under a number gives the same value, or the same error at the same place, on every record, and does
//! the same beside it. It may take fewer steps and less memory. An expression refers to smaller numbers only, as in every plan.

mod fold;
mod normalise;
mod prune;

use std::borrow::Cow;

use ottl_plan::{Expr, ExprId, Literal, Plan};

use super::options::{Options, Rewrite};
use super::program::LeftOut;

/// What stands for an expression whose operands were rewritten; none if that is itself.
type Pass = fn(&mut Draft<'_>, ExprId) -> Option<Expr>;

/// In the order in which they are applied.
const PASSES: [(Rewrite, Pass); 3] =
    [(Rewrite::Fold, fold::fold), (Rewrite::Normalise, normalise::normalise), (Rewrite::Prune, prune::decided)];

/// What became of a plan.
#[derive(Default)]
pub(super) struct Rewritten {
    /// With its expressions rewritten, and without what never acts; none if it stays as it is.
    pub plan: Option<Plan>,
    /// By the number of a group, in the order of lowering: what was left out.
    pub left_out: Vec<Vec<LeftOut>>,
}

/// Rewrites a plan.
pub(super) fn rewritten(plan: &Plan, options: Options) -> Rewritten {
    let mut draft = Draft { plan, exprs: Cow::Borrowed(&plan.exprs), literals: Cow::Borrowed(&plan.literals) };
    for (_, pass) in PASSES.iter().filter(|(rewrite, _)| options.has(*rewrite)) {
        // Operands have smaller numbers, so they are as they will be when what uses them is looked at.
        for number in 0..draft.exprs.len() {
            if let Some(expr) = pass(&mut draft, ExprId(number as u32)) {
                draft.exprs.to_mut()[number] = expr;
            }
        }
    }
    if matches!(draft.exprs, Cow::Borrowed(_)) && !(options.has(Rewrite::Prune) && prune::has_never(plan)) {
        return Rewritten::default();
    }
    let mut plan = plan.with(draft.exprs.into_owned(), draft.literals.into_owned());
    let left_out = if options.has(Rewrite::Prune) { prune::leave_out(&mut plan) } else { Vec::new() };
    Rewritten { plan: Some(plan), left_out }
}

/// A plan whose expressions are being rewritten.
struct Draft<'p> {
    plan: &'p Plan,
    exprs: Cow<'p, [Expr]>,
    literals: Cow<'p, [Literal]>,
}

impl Draft<'_> {
    fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize]
    }

    /// The constant that an expression is.
    fn constant(&self, id: ExprId) -> Option<&Literal> {
        match self.expr(id) {
            Expr::Const(n) => self.literals.get(*n as usize),
            _ => None,
        }
    }

    /// The answer of a condition that is a constant.
    fn answer(&self, id: ExprId) -> Option<bool> {
        match self.constant(id) {
            Some(Literal::Bool(answer)) => Some(*answer),
            _ => None,
        }
    }

    /// A constant as an expression.
    fn literal(&mut self, literal: Literal) -> Expr {
        let literals = self.literals.to_mut();
        literals.push(literal);
        Expr::Const((literals.len() - 1) as u32)
    }

    /// An `and` (which false decides) or an `or` (which true decides) without operands that are constants. What stands behind a
    /// deciding one is never asked; what stands in front of it may fail, and stays.
    fn without_constants(&mut self, operands: &[ExprId], decisive: bool) -> Option<Expr> {
        let end = operands.iter().position(|operand| self.answer(*operand) == Some(decisive));
        let asked = operands.get(..end.map_or(operands.len(), |end| end + 1)).unwrap_or_default();
        let left: Vec<ExprId> =
            asked.iter().copied().filter(|operand| self.answer(*operand) != Some(!decisive)).collect();
        match left.as_slice() {
            [] => Some(self.literal(Literal::Bool(!decisive))),
            [only] => Some(self.expr(*only).clone()),
            _ if left.len() == operands.len() => None,
            _ => Some(if decisive { Expr::Or(left) } else { Expr::And(left) }),
        }
    }
}
