//! A value that is known beside a question about it that it answers: W0303.

use ottl_core::Arena;
use ottl_core::ops::CompareOp;
use ottl_diagnostics::Code;

use super::copy::holds;
use super::decided::Leaf;
use super::{Lint, same_path, walk};
use crate::hir::{Expr, Kind, PathUse};

/// How many values and questions are looked at together.
const TOGETHER: usize = 16;

/// How much memory the questions may take.
const MEMORY: usize = 64 << 10;

impl Lint<'_> {
    /// `a == "x" and IsMatch(a, "^b")`, which never holds, and `a != "x" or HasPrefix(a, "x")`, which always does; whether there was
    /// one.
    pub(super) fn answered(&mut self, leaves: &[Leaf<'_>], or: bool) -> bool {
        let values = leaves.iter().filter_map(|leaf| Some((leaf, known(leaf, or)?))).take(TOGETHER);
        let values: Vec<_> = values.collect();
        if values.is_empty() {
            return false;
        }
        let asked = |leaf: &&Leaf<'_>| matches!(leaf.expr.kind, Kind::Test(_));
        for question in leaves.iter().filter(asked).take(TOGETHER) {
            let mut subject = None;
            walk(question.expr, &mut |expr| {
                if let Kind::Path(path) = &expr.kind {
                    subject = values.iter().find(|(_, (known, _))| same_path(known, path)).or(subject);
                }
            });
            let Some((leaf, (path, value))) = subject else { continue };
            // Of `not (a and b)` the chain inside the brackets says it.
            if is_from_brackets(question) && is_from_brackets(leaf) {
                continue;
            }
            let arena = Arena::with_limit(MEMORY);
            let of_path =
                |other: &PathUse| same_path(other, path).then(|| value.as_const()?.value(&arena).ok()).flatten();
            if holds(question.expr, &arena, &of_path).is_some_and(|holds| (holds != question.is_negated) == or) {
                let verdict = if or { "always" } else { "never" };
                let text = self.source(value.span);
                let message = format!("this {verdict} holds beside the comparison with `{text}`, which answers it");
                let doubt = self.doubt(Code::DECIDED_CONDITION, question.span, message);
                self.warn(doubt.other(leaf.span, "the value"));
                return true;
            }
        }
        false
    }
}

/// Whether the `not` of an operand stands before brackets around it and others.
fn is_from_brackets(leaf: &Leaf<'_>) -> bool {
    leaf.is_negated && leaf.span == leaf.expr.span
}

/// The path and the constant that it is, where the rest of a chain matters: of `or`, where it is not another one.
fn known<'e>(leaf: &Leaf<'e>, or: bool) -> Option<(&'e PathUse, &'e Expr)> {
    let Kind::Compare { op, left, right } = &leaf.expr.kind else { return None };
    let is_equality = match op {
        CompareOp::Eq => leaf.is_negated == or,
        CompareOp::Ne => leaf.is_negated != or,
        _ => false,
    };
    match (&left.kind, &right.kind) {
        (Kind::Path(path), Kind::Const(_)) if is_equality => Some((path, right)),
        (Kind::Const(_), Kind::Path(path)) if is_equality => Some((path, left)),
        _ => None,
    }
}
