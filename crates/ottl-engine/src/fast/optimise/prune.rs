//! `prune`: conditions that hold on every record, or on none, are constants; statements that never act are no steps.
//!
//! Proof: a condition is only replaced if evaluating it cannot fail, and if its answer is the same whatever the record is.
//! - Reading an attribute by one literal key, or a singular field, cannot fail but for damage of the message, and bytes that no
//!   rule reads may be damaged. A comparison with a scalar never fails.
//! - The answers of comparisons of one path with literals are found by trying them on values that stand for all others
//!   ([`ottl_core::ops::witnesses`]). No statement runs between two operands of a condition, so both see the same value.
//! - In a chain, only operands are looked at in front of which nothing can fail. What stands behind does not matter: where those
//!   decide, it is not asked.
//!
//! A statement whose condition is the constant false is not lowered. It is counted as evaluated with its neighbours, matches
//! nothing, and fails nowhere. The same goes for a condition of a filter; of a group whose conditions are all false, no statement
//! is even evaluated.

use ottl_core::ops::{CompareOp, compare, has_order, witnesses};
use ottl_core::{Arena, Value};
use ottl_plan::{Expr, ExprId, KeyExpr, Literal, PathUse, Plan, Program, Statement};
use ottl_schema::{Access, ContextId, Conv, path};

use super::Draft;
use crate::fast::program::LeftOut;

/// How many comparisons of a chain are looked at together: it bounds the work of long ones.
const TOGETHER: usize = 64;

/// The constant that a condition is, or a chain without the constants among its operands.
pub(super) fn decided(draft: &mut Draft<'_>, id: ExprId) -> Option<Expr> {
    let answer = match draft.expr(id) {
        Expr::Compare { op, .. } => {
            // An equality leaves both answers open.
            let is_ordered = !matches!(op, CompareOp::Eq | CompareOp::Ne);
            is_ordered.then(|| Asked::new(draft, id)).flatten().and_then(|asked| only_answer(&asked))
        }
        Expr::Not(operand) => draft.answer(*operand).map(|answer| !answer),
        Expr::And(operands) | Expr::Or(operands) => {
            let decisive = matches!(draft.expr(id), Expr::Or(_));
            let safe = operands.iter().take_while(|operand| cannot_fail(draft, **operand)).count();
            let decides = |operand: &ExprId| draft.answer(*operand) == Some(decisive);
            if operands[..safe].iter().any(decides) || together(draft, &operands[..safe], decisive) {
                Some(decisive)
            } else if operands.iter().any(|operand| draft.answer(*operand).is_some()) {
                let operands = operands.clone();
                return draft.without_constants(&operands, decisive);
            } else {
                None
            }
        }
        _ => None,
    }?;
    Some(draft.literal(Literal::Bool(answer)))
}

/// Whether comparisons of one path decide a chain, whatever the path gives.
fn together(draft: &Draft<'_>, operands: &[ExprId], decisive: bool) -> bool {
    let asked = operands.iter().filter_map(|operand| Asked::new(draft, *operand));
    let asked: Vec<Asked<'_>> = asked.take(TOGETHER).collect();
    asked.iter().enumerate().any(|(at, first)| {
        let is_of_path = |other: &&Asked<'_>| other.path == first.path;
        if !asked[at + 1..].iter().any(|other| is_of_path(&other)) || asked[..at].iter().any(|other| is_of_path(&other))
        {
            return false;
        }
        let of_path: Vec<&Asked<'_>> = asked[at..].iter().filter(is_of_path).collect();
        // `and` of `!=` leaves something over, and `or` of `==` leaves something out.
        let is_open = of_path.iter().all(|asked| asked.equality() == Some(decisive));
        !is_open && decide(&of_path, decisive)
    })
}

/// A comparison of a path with a literal, which cannot fail.
struct Asked<'d> {
    path: &'d PathUse,
    op: CompareOp,
    literal: &'d Literal,
    /// Whether the literal stands on the left.
    is_left: bool,
    /// Whether the opposite is asked.
    is_negated: bool,
}

impl<'d> Asked<'d> {
    fn new(draft: &'d Draft<'_>, id: ExprId) -> Option<Asked<'d>> {
        let (mut inner, mut is_negated) = (draft.expr(id), false);
        while let Expr::Not(opposite) = inner {
            (inner, is_negated) = (draft.expr(*opposite), !is_negated);
        }
        let Expr::Compare { op, left, right } = inner else { return None };
        let (subject, literal, is_left) = match (draft.constant(*left), draft.constant(*right)) {
            (None, Some(literal)) => (*left, literal, false),
            (Some(literal), None) => (*right, literal, true),
            _ => return None,
        };
        let path = read_safely(draft, subject)?;
        Some(Asked { path, op: *op, literal, is_left, is_negated })
    }

    /// Whether it says that the value is the literal (`true`), or that it is not.
    fn equality(&self) -> Option<bool> {
        match self.op {
            CompareOp::Eq => Some(!self.is_negated),
            CompareOp::Ne => Some(self.is_negated),
            _ => None,
        }
    }

    fn holds(&self, value: &Value<'_>, literal: &Value<'_>) -> bool {
        let holds = match self.is_left {
            true => compare(self.op, literal, value),
            false => compare(self.op, value, literal),
        };
        holds != self.is_negated
    }
}

/// Whether for every value of their path one of these answers what decides a chain.
fn decide(asked: &[&Asked<'_>], decisive: bool) -> bool {
    let arena = Arena::new();
    let literals: Option<Vec<Value<'_>>> = asked.iter().map(|asked| asked.literal.value(&arena).ok()).collect();
    let Some(literals) = literals else { return false };
    let Ok(Some(values)) = witnesses(&literals, &arena) else { return false };
    let decides = |value| asked.iter().zip(&literals).any(|(asked, literal)| asked.holds(value, literal) == decisive);
    values.iter().all(decides)
}

/// The answer that this, an order, gives for every value of its path.
fn only_answer(asked: &Asked<'_>) -> Option<bool> {
    let arena = Arena::new();
    let literal = asked.literal.value(&arena).ok()?;
    // PERF (compile): what stands for all values has numbers on both sides of most literals.
    if has_order(&literal) {
        return None;
    }
    let values = witnesses(&[literal], &arena).ok()??;
    let mut answers = values.iter().map(|value| asked.holds(value, &literal));
    let first = answers.next()?;
    answers.all(|answer| answer == first).then_some(first)
}

/// Whether a condition always has an answer, but for damage of the message.
fn cannot_fail(draft: &Draft<'_>, id: ExprId) -> bool {
    match draft.expr(id) {
        Expr::Const(_) => draft.answer(id).is_some(),
        Expr::Compare { left, right, .. } => [left, right].into_iter().all(|side| {
            let is_scalar = |literal: &Literal| !matches!(literal, Literal::List(..) | Literal::Map(_));
            draft.constant(*side).is_some_and(is_scalar) || read_safely(draft, *side).is_some()
        }),
        Expr::Not(operand) => cannot_fail(draft, *operand),
        Expr::And(operands) | Expr::Or(operands) => operands.iter().all(|operand| cannot_fail(draft, *operand)),
        _ => false,
    }
}

/// The path that an expression reads, if only damage of the message can keep it from giving a value.
fn read_safely<'d>(draft: &'d Draft<'_>, id: ExprId) -> Option<&'d PathUse> {
    let Expr::Path(n) = draft.expr(id) else { return None };
    let used = draft.plan.paths.get(*n as usize)?;
    let decl = path(used.path);
    let is_safe = match (decl.access, used.keys.as_slice()) {
        (Access::Attributes(_), [KeyExpr::Str(_)]) => true,
        (Access::Field(_, Conv::I32 | Conv::U32 | Conv::Nanos | Conv::FixedInt | Conv::Str), []) => {
            decl.context != ContextId::DataPoint
        }
        _ => false,
    };
    is_safe.then_some(used)
}

/// Whether a plan has a condition that is the constant false.
pub(super) fn has_never(plan: &Plan) -> bool {
    let never = |id: ExprId| is(&plan.exprs, &plan.literals, id, false);
    match &plan.program {
        Program::Transform(program) => program.groups.iter().any(|group| {
            group.conditions.iter().any(|(id, _)| never(*id))
                || group.statements.iter().any(|statement| statement.condition.is_some_and(never))
        }),
        Program::Filter(program) => {
            let lists = program.stages.iter().flat_map(|stage| &stage.conditions);
            lists.flat_map(|(_, list)| list).any(|(id, _)| never(*id))
        }
    }
}

/// Whether a condition is this constant.
fn is(exprs: &[Expr], literals: &[Literal], id: ExprId, answer: bool) -> bool {
    match &exprs[id.0 as usize] {
        Expr::Const(n) => literals.get(*n as usize) == Some(&Literal::Bool(answer)),
        _ => false,
    }
}

/// Takes out of a plan what never acts: by the number of a group, in the order of lowering, what was left out of it.
pub(super) fn leave_out(plan: &mut Plan) -> Vec<Vec<LeftOut>> {
    let Plan { program, exprs, literals, .. } = plan;
    let never = |id: ExprId| is(exprs, literals, id, false);
    match program {
        Program::Transform(program) => program
            .groups
            .iter_mut()
            .map(|group| {
                for statement in &mut group.statements {
                    statement.condition = statement.condition.filter(|id| !is(exprs, literals, *id, true));
                }
                if !group.conditions.is_empty() && group.conditions.iter().all(|(id, _)| never(*id)) {
                    group.statements.clear();
                    return kept(&mut group.conditions, |_| false, |(_, source)| *source);
                }
                if group.isolate {
                    // What its statements write decides whether records are run alone, which the places of errors show.
                    return Vec::new();
                }
                let acts = |statement: &Statement| !statement.condition.is_some_and(never);
                kept(&mut group.statements, acts, |statement| statement.source)
            })
            .collect(),
        Program::Filter(program) => {
            let lists = program.stages.iter_mut().flat_map(|stage| &mut stage.conditions);
            lists.map(|(_, list)| kept(list, |(id, _)| !never(*id), |(_, source)| *source)).collect()
        }
    }
}

/// Keeps some of a list; the others, each with how many of those that stay stand in front of it.
fn kept<T>(list: &mut Vec<T>, stays: impl Fn(&T) -> bool, source: impl Fn(&T) -> u32) -> Vec<LeftOut> {
    let mut left_out = Vec::new();
    let mut before = 0;
    list.retain(|one| {
        let stays = stays(one);
        match stays {
            true => before += 1,
            false => left_out.push(LeftOut { before, source: source(one) }),
        }
        stays
    });
    left_out
}
