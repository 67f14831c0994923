//! Arithmetic with values that have none: W0307.

use ottl_core::function::Type;
use ottl_core::ops::MathOp;
use ottl_diagnostics::{Code, Span};
use ottl_plan::Literal;

use super::{Lint, possible, types};
use crate::hir::Expr;

impl Lint<'_> {
    /// Doubts an operator between values that it never takes, and a division by a zero that is written there.
    pub(super) fn math(&mut self, op: MathOp, left: &Expr, right: &Expr, whole: Span) {
        if op == MathOp::Div && right.as_const() == Some(&Literal::Int(0)) {
            let message = "this divides by zero, which fails for every int";
            self.warn(self.doubt(Code::IMPOSSIBLE_ARGUMENT, whole, message));
        } else if possible::never_computes(op, self.narrowed.of(left), self.narrowed.of(right)) {
            self.never_computed(op, left, right, whole);
        } else if matches!(op, MathOp::Add | MathOp::Sub) {
            self.units(left, right, whole);
        }
    }

    #[cold]
    fn never_computed(&mut self, op: MathOp, left: &Expr, right: &Expr, whole: Span) {
        let (a, b) = (self.summand(left), self.summand(right));
        let what = match op {
            MathOp::Add => format!("{a} and {b} cannot be added"),
            MathOp::Sub => format!("{b} cannot be subtracted from {a}"),
            MathOp::Mul => format!("{a} and {b} cannot be multiplied"),
            MathOp::Div => format!("{a} cannot be divided by {b}"),
        };
        let message = format!("this fails for every record: {what}");
        let doubt = self.doubt(Code::IMPOSSIBLE_ARGUMENT, whole, message);
        self.warn(match self.computed(op, left, right) {
            Some(help) => doubt.help(help),
            None => doubt,
        });
    }

    /// What to write in place of an operator that has no such values.
    fn computed(&self, op: MathOp, left: &Expr, right: &Expr) -> Option<String> {
        let (a, b) = (self.source(left.span), self.source(right.span));
        let is = |ty: Type| left.ty == ty || right.ty == ty;
        let beside = |measure: Type| if left.ty == measure { right } else { left };
        if op == MathOp::Add && is(Type::String) {
            return Some(format!("texts are joined by `Concat([{a}, {b}], \"\")`"));
        }
        if is(Type::Time) && !is(Type::Duration) {
            let other = self.source(beside(Type::Time).span);
            if let Some(time) = other.strip_suffix("_unix_nano") {
                return Some(format!("`{other}` is a number, and the time is `{time}`"));
            }
            return match beside(Type::Time).ty {
                Type::Int | Type::Float if matches!(op, MathOp::Add | MathOp::Sub) => {
                    Some(String::from("a time takes a duration: `Duration(\"5s\")`"))
                }
                Type::Any => Some(format!(
                    "to parse a time use `Time({other}, \"%Y-%m-%dT%H:%M:%S%z\")`, a duration by `Duration({other})`"
                )),
                Type::Time => Some(String::from("a time takes a duration, and a time less another is one")),
                _ => None,
            };
        }
        let length = if left.ty == Type::Duration { a } else { b };
        is(Type::Duration).then(|| {
            let bare = length.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(length);
            format!("a duration takes a time or a duration; its length is a number: `Seconds({bare})`")
        })
    }

    /// Doubts a minus before what is no number.
    pub(super) fn minus(&mut self, operand: &Expr, whole: Span) {
        if possible::never_negates(self.narrowed.of(operand)) {
            let message = format!("this fails for every record: {} has no negative", self.summand(operand));
            self.warn(self.doubt(Code::IMPOSSIBLE_ARGUMENT, whole, message));
        }
    }

    /// A side of an operator in words.
    fn summand(&self, side: &Expr) -> String {
        match side.ty {
            Type::Any => format!("what `{}` holds", self.source(side.span)),
            ty => types::name(ty).to_owned(),
        }
    }
}
