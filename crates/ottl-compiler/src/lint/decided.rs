//! Chains of comparisons of one value with constants, where no value meets all, or every value meets one: W0303.
//!
//! The comparisons are tried on a few values that stand for all others ([`ottl_core::ops::witnesses`]), so that what they mean
//! is written down nowhere else.

use ottl_core::function::Type;
use ottl_core::ops::{CompareOp, compare, has_order, witnesses};
use ottl_core::{Arena, Value};
use ottl_diagnostics::{Code, Diagnostic, Span};
use ottl_plan::Literal;

use super::question::{self, Clash};
use super::{Lint, same, types};
use crate::hir::{Expr, Kind};

/// How many comparisons of one value are looked at together: what clashes stands close by, and long chains take no longer for
/// their length.
const TOGETHER: usize = 64;

/// Of so few comparisons each is looked at beside every other one at once.
const FEW: usize = 8;

/// In how many ways a chain with chains inside it is looked at; more are left alone.
const MOST_WAYS: usize = 16;

/// An operand of a chain, or of a chain inside it that says the same.
#[derive(Clone, Copy)]
pub(super) struct Leaf<'e> {
    pub expr: &'e Expr,
    /// Whether the opposite is asked.
    pub is_negated: bool,
    /// With the `not` before it.
    pub span: Span,
}

/// The operands of a condition as a chain of `or` or of `and`: `not (a or b)` is `not a and not b`. As deep as the text's brackets.
pub(super) fn gather<'e>(expr: &'e Expr, or: bool, out: &mut Vec<Leaf<'e>>) {
    add(expr, or, false, expr.span, out);
}

fn add<'e>(expr: &'e Expr, or: bool, is_negated: bool, span: Span, out: &mut Vec<Leaf<'e>>) {
    match &expr.kind {
        Kind::Not(inner) => add(inner, or, !is_negated, span, out),
        Kind::Or(operands) if or != is_negated => {
            operands.iter().for_each(|operand| add(operand, or, is_negated, operand.span, out));
        }
        Kind::And(operands) if or == is_negated => {
            operands.iter().for_each(|operand| add(operand, or, is_negated, operand.span, out));
        }
        _ => out.push(Leaf { expr, is_negated, span }),
    }
}

/// Whether an operand is a chain itself.
fn is_chain(leaf: &Leaf<'_>) -> bool {
    matches!(leaf.expr.kind, Kind::And(_) | Kind::Or(_))
}

/// The ways in which a chain holds, or with `or`, does not: `a and (b or c)` has `a, b` and `a, c`. None if there is one, or too many.
fn ways<'e>(leaves: &[Leaf<'e>], or: bool) -> Option<Vec<Vec<Leaf<'e>>>> {
    fn expand<'e>(leaves: &[Leaf<'e>], or: bool, depth: usize) -> Option<Vec<Vec<Leaf<'e>>>> {
        let mut out: Vec<Vec<Leaf<'e>>> = vec![Vec::new()];
        for leaf in leaves {
            let mut of_leaf = Vec::new();
            if is_chain(leaf) {
                let mut alternatives = Vec::new();
                add(leaf.expr, !or, leaf.is_negated, leaf.span, &mut alternatives);
                for alternative in alternatives {
                    let mut inner = Vec::new();
                    add(alternative.expr, or, alternative.is_negated, alternative.span, &mut inner);
                    of_leaf.extend(expand(&inner, or, depth.checked_sub(1)?)?);
                }
            } else {
                of_leaf.push(vec![*leaf]);
            }
            if out.len() * of_leaf.len() > MOST_WAYS {
                return None;
            }
            out = out.iter().flat_map(|way| of_leaf.iter().map(|more| [&way[..], &more[..]].concat())).collect();
        }
        Some(out)
    }
    if !leaves.iter().any(is_chain) {
        return None;
    }
    expand(leaves, or, MOST_WAYS).filter(|ways| ways.len() > 1 && ways.iter().all(|way| way.len() <= TOGETHER))
}

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
    fn new(leaf: &Leaf<'e>, arena: &'e Arena) -> Option<Part<'e>> {
        let Kind::Compare { op, left, right } = &leaf.expr.kind else { return None };
        let (subject, literal, is_left) = match (left.as_const(), right.as_const()) {
            (None, Some(literal)) => (left, literal, false),
            (Some(literal), None) => (right, literal, true),
            _ => return None,
        };
        let literal = literal.value(arena).ok()?;
        Some(Part { subject, op: *op, literal, is_left, is_negated: leaf.is_negated, span: leaf.span })
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

/// The comparisons of one value among operands, each with the number of the operand, that decide the whole: two if two are enough.
type Decisive<'e> = Vec<(usize, Part<'e>)>;

impl Lint<'_> {
    /// `a != 1 or a != 2`, which always holds, and `a == 1 and a == 2`, which never does.
    pub(super) fn chain(&mut self, operands: &[Expr], or: bool, span: Span) {
        let arena = Arena::new();
        let (mut leaves, mut owners) = (Vec::new(), Vec::new());
        for (owner, operand) in operands.iter().enumerate() {
            gather(operand, or, &mut leaves);
            owners.resize(leaves.len(), owner);
        }
        if self.answered(&leaves, or) {
            return;
        }
        self.questions(&leaves, or, span);
        let owner = |(leaf, _): &(usize, Part<'_>)| owners.get(*leaf);
        // What one operand decides by itself is said of it.
        let decided = decisive(&leaves, or, &arena)
            .filter(|parts| parts.iter().any(|part| owner(part) != parts.first().and_then(owner)));
        if let Some(parts) = decided {
            let (verdict, other, list) =
                if or { ("is always true", "and", "exclude") } else { ("is never true", "or", "allow") };
            let (reason, of_equalities) = reason(&parts, or);
            let mut doubt = self.doubt(Code::DECIDED_CONDITION, span, format!("this condition {verdict}: {reason}"));
            if let [(_, first), (_, second)] = &parts[..] {
                let one = if of_equalities { "one value" } else { "one comparison" };
                doubt = doubt.other(first.span, one).other(second.span, "another");
            }
            if of_equalities {
                doubt = doubt.help(format!("to {list} several values join the comparisons with `{other}`"));
            }
            self.warn(doubt);
        } else if let Some(ways) = ways(&leaves, or)
            && ways.iter().all(|way| decisive(way, or, &arena).is_some())
            && !operands.iter().any(|operand| is_decided(operand, &arena))
        {
            let reason = match or {
                true => "is always true: for every record, one part of it is true",
                false => "is never true: each of its alternatives contradicts the rest",
            };
            self.warn(self.doubt(Code::DECIDED_CONDITION, span, format!("this condition {reason}")));
        }
    }
}

/// Whether a chain decides itself, of which something is said already.
fn is_decided(expr: &Expr, arena: &Arena) -> bool {
    let (Kind::And(operands) | Kind::Or(operands)) = &expr.kind else { return false };
    let or = matches!(expr.kind, Kind::Or(_));
    let mut leaves = Vec::new();
    operands.iter().for_each(|operand| gather(operand, or, &mut leaves));
    decisive(&leaves, or, arena).is_some() || operands.iter().any(|operand| is_decided(operand, arena))
}

impl Lint<'_> {
    /// `IsMatch(a, "b") and not IsMatch(a, "b")`, and other questions that answer each other.
    fn questions(&mut self, leaves: &[Leaf<'_>], or: bool, span: Span) {
        let leaves: Vec<(Leaf<'_>, &str)> = leaves.iter().map(|leaf| (*leaf, self.text)).collect();
        let Some(Clash { first, second, reason }) = question::clash(&leaves, or) else { return };
        let verdict = if or { "always" } else { "never" };
        let message = format!("this condition is {verdict} true: {reason}");
        let doubt = self.doubt(Code::DECIDED_CONDITION, span, message);
        self.warn(doubt.other(leaves[first].0.span, "one").other(leaves[second].0.span, "another"));
    }
}

/// Doubts a list of conditions of which one always holds: the number of the condition to blame, and what is wrong.
///
/// What is wrong with one condition alone is not said again.
pub(crate) fn alternatives(conditions: &[(&str, &Expr)], is_of_filter: bool) -> Option<(usize, Diagnostic)> {
    let arena = Arena::new();
    let mut owners = Vec::new();
    let mut operands = Vec::new();
    for (owner, (_, condition)) in conditions.iter().enumerate() {
        gather(condition, true, &mut operands);
        owners.resize(operands.len(), owner);
    }
    let consequence = match is_of_filter {
        true => "a record is dropped if any condition of the list is true, and one is always true",
        false => "any condition of the list is enough, and one is always true",
    };
    let Some(parts) = decisive(&operands, true, &arena) else {
        let written: Vec<(Leaf<'_>, &str)> =
            operands.iter().zip(&owners).filter_map(|(leaf, owner)| Some((*leaf, conditions.get(*owner)?.0))).collect();
        let Clash { first, second, reason } = question::clash(&written, true)?;
        let (blamed, (leaf, other)) = (*owners.get(second)?, written[first]);
        if owners.get(first) == Some(&blamed) {
            return None;
        }
        let message = format!("{consequence}: this one or `{}`: {reason}", leaf.span.of(other));
        let doubt = Diagnostic::new(Code::DECIDED_CONDITION, written[second].0.span, message);
        return Some((blamed, doubt.help("to keep several join them with `and` in one condition")));
    };
    let owner = |(operand, _): &(usize, Part<'_>)| owners.get(*operand).copied();
    let last = parts.last()?;
    let blamed = owner(last)?;
    if parts.iter().all(|part| owner(part) == Some(blamed)) {
        return None;
    }
    let (reason, of_equalities) = reason(&parts, true);
    let others = parts.iter().filter(|part| owner(part) != Some(blamed));
    let mut texts: Vec<String> =
        others.filter_map(|part| Some(format!("`{}`", part.1.span.of(conditions.get(owner(part)?)?.0)))).collect();
    texts.dedup();
    let message = format!("{consequence}: this one or {}: {reason}", texts.join(", "));
    let mut doubt = Diagnostic::new(Code::DECIDED_CONDITION, last.1.span, message);
    if of_equalities {
        doubt = doubt.help("to keep several values join the comparisons with `and` in one condition");
    }
    Some((blamed, doubt))
}

/// Why the comparisons decide the whole, and whether they are all `!=` under `or`, or `==` under `and`.
fn reason(parts: &Decisive<'_>, or: bool) -> (&'static str, bool) {
    let of_equalities = parts.iter().all(|(_, part)| part.equality() == Some(!or));
    let reason = match of_equalities {
        true => "no value equals both",
        false if or => "every value matches one of its comparisons",
        false => "no value matches all of its comparisons",
    };
    (reason, of_equalities)
}

fn decisive<'e>(operands: &[Leaf<'e>], or: bool, arena: &'e Arena) -> Option<Decisive<'e>> {
    let parts = operands.iter().enumerate().filter_map(|(idx, operand)| Some((idx, Part::new(operand, arena)?)));
    let parts: Vec<(usize, Part<'e>)> = parts.collect();
    // PERF (compile): in most chains each comparison has a value of its own.
    if let [first, rest @ ..] = &parts[..]
        && rest.len() < FEW
        && !rest.iter().enumerate().any(|(at, (_, part))| {
            same(first.1.subject, part.subject) || rest[..at].iter().any(|(_, other)| same(other.subject, part.subject))
        })
    {
        return None;
    }
    let mut subjects: Vec<Vec<(usize, Part<'e>)>> = Vec::new();
    for (idx, part) in parts {
        let start = subjects.len().saturating_sub(TOGETHER);
        let known = subjects[start..].iter_mut().find(|parts| {
            parts.len() < TOGETHER && parts.iter().take(1).all(|(_, first)| same(first.subject, part.subject))
        });
        match known {
            Some(parts) => parts.push((idx, part)),
            None => subjects.push(vec![(idx, part)]),
        }
    }
    for mut parts in subjects.into_iter().filter(|parts| parts.len() > 1) {
        // `or` of `==` leaves something out, and `and` of `!=` leaves something over.
        if parts.iter().all(|(_, part)| part.equality() == Some(or)) && !is_bool(&parts) {
            continue;
        }
        if let Some(clash) = clash(&parts, or, arena) {
            let mut idx = 0;
            parts.retain(|_| {
                idx += 1;
                clash.contains(&(idx - 1))
            });
            return Some(parts);
        }
    }
    None
}

/// What an order to a constant always answers, whatever the other side gives: none if that depends on it.
pub(super) fn one_answer(subject: &Expr, op: CompareOp, constant: &Literal, is_left: bool) -> Option<bool> {
    let arena = Arena::new();
    let literal = constant.value(&arena).ok()?;
    // PERF (compile): a number has others on both sides of it.
    if has_order(&literal) && matches!(subject.ty, Type::Any | Type::Int | Type::Float) {
        return None;
    }
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

fn is_bool(parts: &Decisive<'_>) -> bool {
    parts.iter().any(|(_, part)| part.subject.ty == Type::Bool)
}

/// Which comparisons leave no value that meets all of them, or with `or`, leave none that meets none: two if two are enough.
fn clash(parts: &Decisive<'_>, or: bool, arena: &Arena) -> Option<Vec<usize>> {
    let literals: Vec<Value<'_>> = parts.iter().map(|(_, part)| part.literal).collect();
    let values = values_of(parts.first()?.1.subject, &literals, arena)?;
    // By comparison and value: whether it leaves the whole open.
    let open: Vec<Vec<bool>> =
        parts.iter().map(|(_, part)| values.iter().map(|value| part.holds(value) != or).collect()).collect();
    let is_open = |which: &[usize]| (0..values.len()).any(|value| which.iter().all(|part| open[*part][value]));
    let all: Vec<usize> = (0..parts.len()).collect();
    if values.is_empty() || is_open(&all) {
        return None;
    }
    let mut pairs = all.iter().flat_map(|second| (0..*second).map(move |first| [first, *second]));
    Some(pairs.find(|pair| !is_open(pair)).map_or(all.clone(), Vec::from))
}
