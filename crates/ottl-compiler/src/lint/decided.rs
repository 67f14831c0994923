//! Chains of comparisons of one value with constants, where no value meets all, or every value meets one: W0303.
//!
//! The comparisons are tried on a few values that stand for all others ([`ottl_core::ops::witnesses`]), so that what they mean
//! is written down nowhere else.

use ottl_core::function::Type;
use ottl_core::ops::{CompareOp, compare, witnesses};
use ottl_core::{Arena, Value};
use ottl_diagnostics::{Code, Span};
use ottl_plan::Literal;

use super::{Lint, same, types};
use crate::hir::{Expr, Kind};

/// How many comparisons of one value are looked at together: what clashes stands close by, and long chains take no longer for
/// their length.
const TOGETHER: usize = 64;

/// A comparison of a value with a constant.
struct Part<'e> {
    subject: &'e Expr,
    op: CompareOp,
    literal: Value<'e>,
    /// Whether the constant stands on the left.
    is_left: bool,
    /// Whether the opposite is asked.
    is_negated: bool,
    span: Span,
}

impl<'e> Part<'e> {
    fn new(operand: &'e Expr, arena: &'e Arena) -> Option<Part<'e>> {
        let (mut inner, mut is_negated) = (operand, false);
        while let Kind::Not(opposite) = &inner.kind {
            (inner, is_negated) = (opposite, !is_negated);
        }
        let Kind::Compare { op, left, right } = &inner.kind else { return None };
        let (subject, literal, is_left) = match (left.as_const(), right.as_const()) {
            (None, Some(literal)) => (left, literal, false),
            (Some(literal), None) => (right, literal, true),
            _ => return None,
        };
        let literal = literal.value(arena).ok()?;
        Some(Part { subject, op: *op, literal, is_left, is_negated, span: operand.span })
    }

    fn holds(&self, value: &Value<'_>) -> bool {
        let holds = match self.is_left {
            true => compare(self.op, &self.literal, value),
            false => compare(self.op, value, &self.literal),
        };
        holds != self.is_negated
    }

    /// Whether it says that the value is the constant (`true`), or that it is not.
    fn equality(&self) -> Option<bool> {
        match self.op {
            CompareOp::Eq => Some(!self.is_negated),
            CompareOp::Ne => Some(self.is_negated),
            _ => None,
        }
    }
}

impl Lint<'_> {
    /// `a != 1 or a != 2`, which always holds, and `a == 1 and a == 2`, which never does.
    pub(super) fn chain(&mut self, operands: &[Expr], or: bool, span: Span) {
        let arena = Arena::new();
        let mut subjects: Vec<Vec<Part<'_>>> = Vec::new();
        for part in operands.iter().filter_map(|operand| Part::new(operand, &arena)) {
            let start = subjects.len().saturating_sub(TOGETHER);
            let known = subjects[start..].iter_mut().find(|parts| {
                parts.len() < TOGETHER && parts.iter().take(1).all(|first| same(first.subject, part.subject))
            });
            match known {
                Some(parts) => parts.push(part),
                None => subjects.push(vec![part]),
            }
        }
        for parts in subjects.iter().filter(|parts| parts.len() > 1) {
            // `or` of `==` leaves something out, and `and` of `!=` leaves something over.
            if parts.iter().all(|part| part.equality() == Some(or)) && !is_bool(parts) {
                continue;
            }
            if let Some(clash) = clash(parts, or, &arena) {
                self.decided(parts, &clash, or, span);
                return;
            }
        }
    }

    #[cold]
    fn decided(&mut self, parts: &[Part<'_>], clash: &[usize], or: bool, span: Span) {
        let (verdict, other, list) =
            if or { ("always holds", "and", "exclude") } else { ("never holds", "or", "allow") };
        let of_equalities = clash.iter().all(|part| parts[*part].equality() == Some(!or));
        let message = match of_equalities {
            true => format!("this condition {verdict}: nothing equals both"),
            false if or => format!("this condition {verdict}: every value meets one of its comparisons"),
            false => format!("this condition {verdict}: no value meets all of its comparisons"),
        };
        let mut doubt = self.doubt(Code::DECIDED_CONDITION, span, message);
        if let [first, second] = clash {
            let one = if of_equalities { "one value" } else { "one comparison" };
            doubt = doubt.other(parts[*first].span, one).other(parts[*second].span, "another");
        }
        if of_equalities {
            doubt = doubt.help(format!("to {list} several values join the comparisons with `{other}`"));
        }
        self.warn(doubt);
    }
}

/// What a comparison with a constant always answers, whatever the other side gives: none if that depends on it.
pub(super) fn one_answer(subject: &Expr, op: CompareOp, constant: &Literal, is_left: bool) -> Option<bool> {
    let arena = Arena::new();
    let literal = constant.value(&arena).ok()?;
    let part = Part { subject, op, literal, is_left, is_negated: false, span: subject.span };
    let values = values_of(subject, &[literal], &arena)?;
    let first = part.holds(values.first()?);
    values.iter().all(|value| part.holds(value) == first).then_some(first)
}

/// Values that stand for all that an expression can give, as far as comparisons with these constants can tell.
fn values_of<'a>(subject: &Expr, literals: &[Value<'a>], arena: &'a Arena) -> Option<Vec<Value<'a>>> {
    let mut values = witnesses(literals, arena).ok()??;
    if types::never_nil(subject) {
        values.retain(|value| match (subject.ty, value) {
            // The witnesses of numbers are floats; which integers lie between two neighbours is not asked.
            (Type::Int, Value::Float(float)) => !float.is_nan(),
            (Type::Float, Value::Float(_)) | (Type::String, Value::Str(_)) | (Type::Bool, Value::Bool(_)) => true,
            (Type::Int | Type::Float | Type::String | Type::Bool, _) => false,
            _ => true,
        });
    }
    Some(values)
}

fn is_bool(parts: &[Part<'_>]) -> bool {
    parts.iter().any(|part| part.subject.ty == Type::Bool)
}

/// Which comparisons leave no value that meets all of them, or with `or`, leave none that meets none: two if two are enough.
fn clash(parts: &[Part<'_>], or: bool, arena: &Arena) -> Option<Vec<usize>> {
    let literals: Vec<Value<'_>> = parts.iter().map(|part| part.literal).collect();
    let values = values_of(parts.first()?.subject, &literals, arena)?;
    // By comparison and value: whether it leaves the whole open.
    let open: Vec<Vec<bool>> =
        parts.iter().map(|part| values.iter().map(|value| part.holds(value) != or).collect()).collect();
    let is_open = |which: &[usize]| (0..values.len()).any(|value| which.iter().all(|part| open[*part][value]));
    let all: Vec<usize> = (0..parts.len()).collect();
    if values.is_empty() || is_open(&all) {
        return None;
    }
    let mut pairs = all.iter().flat_map(|second| (0..*second).map(move |first| [first, *second]));
    Some(pairs.find(|pair| !is_open(pair)).map_or(all.clone(), Vec::from))
}
