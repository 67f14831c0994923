//! Conditions about a value that a statement before has replaced: W0334.
//!
//! Behind `set(name, "a")` a name is `a`, and behind `set(name, "a") where name == "b"` none is `b`. Only literals are kept in
//! mind, and places of which every such write succeeds.

use ottl_core::ops::{CompareOp, compare};
use ottl_core::{Arena, Value};
use ottl_diagnostics::{Code, Diagnostic, Span};
use ottl_plan::Literal;
use ottl_schema::{Access, Conv};

use super::constant;
use super::fails::value;
use super::flow::{Kept, Place};
use crate::hir::{Expr, Key, Kind, PathUse, Statement};

/// How many replaced values are kept in mind.
const TOGETHER: usize = 32;

/// How much memory finding out about one condition may take.
const MEMORY: usize = 64 << 10;

/// What writes left at places.
#[derive(Debug, Default)]
pub(super) struct Replaced(Vec<Fact>);

/// What is known of a place.
#[derive(Debug)]
struct Fact {
    place: Kept,
    /// What it holds, if that is certain.
    is: Option<Literal>,
    /// What it certainly does not hold.
    gone: Vec<Literal>,
    /// The statement that saw to it.
    by: String,
}

/// A part of a condition with its answer, and the number of the fact that gives it.
struct Answer {
    holds: bool,
    span: Span,
    fact: usize,
}

impl Replaced {
    /// Everything may have changed.
    pub fn forget(&mut self) {
        self.0.clear();
    }

    /// A place may have changed.
    pub fn touch(&mut self, place: Place<'_>) {
        self.0.retain(|fact| !fact.place.as_place().overlaps(place));
    }

    /// The doubt about a condition that asks for what was replaced.
    pub fn doubt(&self, condition: &Expr) -> Option<Diagnostic> {
        if self.0.is_empty() {
            return None;
        }
        let arena = Arena::with_limit(MEMORY);
        let Answer { holds: false, span, fact } = self.answer(condition, &arena)? else { return None };
        let Fact { is, by, .. } = self.0.get(fact)?;
        let message = match is {
            Some(_) => format!("this is never true: `{by}` has already written another value"),
            None => format!("this is never true: `{by}` has already replaced this value"),
        };
        let help = "move it above that statement, or test for the new value";
        Some(Diagnostic::new(Code::REPLACED_BEFORE_ASKED, span, message).help(help))
    }

    /// Keeps in mind what a `set` writes; `by` is how the statement is called.
    pub fn wrote(&mut self, statement: &Statement, target: &PathUse, by: impl Fn() -> String) {
        let place = Place::new(target);
        let written = constant(statement.editor.args.get(1)).map(|(literal, _)| literal);
        let Some(literal) = written.filter(|literal| is_stored_as_is(target, literal)) else {
            return self.touch(place);
        };
        let gone = match &statement.condition {
            None => Some(Vec::new()),
            Some(condition) => asked_for(condition, target),
        };
        // What was known to be gone stays so, but for what is written now.
        let mut known: Vec<Literal> = self
            .0
            .iter_mut()
            .filter(|fact| fact.place.as_place().is_same(place))
            .flat_map(|fact| std::mem::take(&mut fact.gone))
            .collect();
        self.touch(place);
        known.extend(gone.into_iter().flatten());
        known.retain(|gone| gone != literal);
        let is = statement.condition.is_none().then(|| literal.clone());
        if (is.is_some() || !known.is_empty()) && self.0.len() < TOGETHER {
            self.0.push(Fact { place: place.keep(), is, gone: known, by: by() });
        }
    }

    /// What a condition answers for certain, by what is known.
    fn answer(&self, condition: &Expr, arena: &Arena) -> Option<Answer> {
        match &condition.kind {
            Kind::Not(inner) => self.answer(inner, arena).map(|answer| Answer { holds: !answer.holds, ..answer }),
            Kind::And(operands) | Kind::Or(operands) => {
                let decides = matches!(condition.kind, Kind::Or(_));
                let answers = || operands.iter().map(|operand| self.answer(operand, arena));
                if let Some(answer) = answers().flatten().find(|answer| answer.holds == decides) {
                    return Some(answer);
                }
                let first = answers().collect::<Option<Vec<_>>>()?.into_iter().next()?;
                Some(Answer { span: condition.span, ..first })
            }
            Kind::Compare { op, left, right } => {
                self.gone(*op, left, right).or_else(|| self.gone(*op, right, left)).or_else(|| {
                    let (left, of_left) = self.value(left, arena)?;
                    let (right, of_right) = self.value(right, arena)?;
                    Some((compare(*op, &left, &right), of_left.or(of_right)?))
                })
            }
            .map(|(holds, fact)| Answer { holds, span: condition.span, fact }),
            Kind::Test(inner) => {
                let (Value::Bool(holds), fact) = self.value(inner, arena)? else { return None };
                Some(Answer { holds, span: condition.span, fact: fact? })
            }
            _ => None,
        }
    }

    /// The answer of a comparison with a value that is gone.
    fn gone(&self, op: CompareOp, subject: &Expr, other: &Expr) -> Option<(bool, usize)> {
        let (Kind::Path(path), Some(literal)) = (&subject.kind, other.as_const()) else { return None };
        let holds = match op {
            CompareOp::Eq => false,
            CompareOp::Ne => true,
            _ => return None,
        };
        let place = Place::new(path);
        let is_gone = |fact: &Fact| fact.gone.contains(literal) && fact.place.as_place().is_same(place);
        self.0.iter().position(is_gone).map(|fact| (holds, fact))
    }

    /// A value that is known, and the number of the fact that it is known by.
    fn value<'a>(&'a self, expr: &'a Expr, arena: &'a Arena) -> Option<(Value<'a>, Option<usize>)> {
        let by = std::cell::Cell::new(None);
        let of_path = |path: &PathUse| {
            let place = Place::new(path);
            let fact = self.0.iter().position(|fact| fact.is.is_some() && fact.place.as_place().is_same(place))?;
            by.set(Some(fact));
            self.0[fact].is.as_ref()?.value(arena).ok()
        };
        let value = value(expr, arena, &of_path)?;
        Some((value, by.get()))
    }
}

/// The values of which one is asked for, if that is all that a condition asks: `a == "b" or a == "c"`.
fn asked_for(condition: &Expr, path: &PathUse) -> Option<Vec<Literal>> {
    match &condition.kind {
        Kind::Or(operands) => {
            let each: Option<Vec<Vec<Literal>>> = operands.iter().map(|operand| asked_for(operand, path)).collect();
            Some(each?.concat())
        }
        Kind::Compare { op: CompareOp::Eq, left, right } => {
            let (subject, literal) = match (left.as_const(), right.as_const()) {
                (None, Some(literal)) => (left, literal),
                (Some(literal), None) => (right, literal),
                _ => return None,
            };
            let Kind::Path(asked) = &subject.kind else { return None };
            let is_asked = Place::new(asked).is_same(Place::new(path));
            (is_asked && matches!(literal, Literal::Str(_) | Literal::Int(_))).then(|| vec![literal.clone()])
        }
        _ => None,
    }
}

/// Whether a literal is read from a place as it was written, and its write never fails.
fn is_stored_as_is(target: &PathUse, literal: &Literal) -> bool {
    let decl = ottl_schema::path(target.path);
    match (decl.access, target.keys.as_slice()) {
        (Access::Field(_, Conv::Str) | Access::Nested(_, _, Conv::Str), []) => matches!(literal, Literal::Str(_)),
        (Access::Field(_, Conv::I32) | Access::Nested(_, _, Conv::I32), []) => {
            matches!(literal, Literal::Int(number) if i32::try_from(*number).is_ok())
        }
        (Access::Body, []) | (Access::Attributes(_) | Access::Cache, [Key::Str(_)]) => {
            matches!(literal, Literal::Str(_) | Literal::Int(_) | Literal::Bool(_))
        }
        _ => false,
    }
}
