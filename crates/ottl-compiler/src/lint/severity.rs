//! Filters that drop the records whose severity nobody set: W0318.

use ottl_core::ops::{CompareOp, compare};
use ottl_core::{Arena, Value};
use ottl_diagnostics::{Code, Span};

use super::{Lint, walk};
use crate::hir::{Expr, Kind};

/// The paths that tell of a severity.
const NUMBER: &str = "severity_number";
/// See [`NUMBER`].
const TEXT: &str = "severity_text";

impl Lint<'_> {
    /// `severity_number < SEVERITY_NUMBER_INFO` in a filter: an unset severity is 0, and smaller than all others.
    pub(super) fn unset_severity(&mut self, condition: &Expr) {
        let mut looks = 0;
        walk(condition, &mut |expr| looks += usize::from(is_path(expr, NUMBER) || is_path(expr, TEXT)));
        // Whoever looks twice, or at the text too, has thought of it.
        if looks != 1 {
            return;
        }
        let Some((span, path)) = below(condition, false) else { return };
        let path = self.source(path);
        let message = "this also drops the records without a severity, whose number is 0";
        let doubt = self.doubt(Code::UNSET_SEVERITY, span, message);
        self.warn(doubt.help(format!("to keep them add `and {path} != SEVERITY_NUMBER_UNSPECIFIED`")));
    }
}

fn is_path(expr: &Expr, name: &str) -> bool {
    matches!(&expr.kind, Kind::Path(path) if ottl_schema::path(path.path).name == name)
}

/// The comparison by order that 0 meets, and the place of the path in it.
fn below(condition: &Expr, is_negated: bool) -> Option<(Span, Span)> {
    match &condition.kind {
        Kind::Not(inner) => below(inner, !is_negated),
        Kind::And(operands) | Kind::Or(operands) => operands.iter().find_map(|operand| below(operand, is_negated)),
        Kind::Compare { op, left, right } => {
            let arena = Arena::new();
            let (path, literal, is_left) = match (left.as_const(), right.as_const()) {
                (None, Some(literal)) => (left, literal, false),
                (Some(literal), None) => (right, literal, true),
                _ => return None,
            };
            let literal = literal.value(&arena).ok()?;
            let holds = |number| {
                let number = Value::Int(number);
                let holds = if is_left { compare(*op, &literal, &number) } else { compare(*op, &number, &literal) };
                holds != is_negated
            };
            let is_order = !matches!(op, CompareOp::Eq | CompareOp::Ne);
            // Where no other severity is dropped, those without one are meant.
            (is_order && is_path(path, NUMBER) && holds(0) && holds(1)).then_some((condition.span, path.span))
        }
        _ => None,
    }
}
