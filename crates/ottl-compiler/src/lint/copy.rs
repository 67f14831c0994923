//! Copies of metrics that are copied again: W0402.

use ottl_core::ops::compare;
use ottl_core::{Arena, Value};
use ottl_diagnostics::Code;

use super::fails::value;
use super::{Lint, constant, walk};
use crate::hir::{Arg, Expr, Kind, PathUse, Statement};

/// The editor that appends a copy of the metric, which is then visited too.
const COPY_METRIC: &str = "copy_metric";

impl Lint<'_> {
    /// `copy_metric` without a condition that its copies do not meet.
    pub(super) fn copies(&mut self, statement: &Statement) {
        let call = &statement.editor;
        if call.def.name != COPY_METRIC {
            return;
        }
        let given = call.def.params.iter().zip(&call.args).filter(|(_, arg)| !matches!(arg, Arg::Absent));
        let changed: Vec<(&str, &Arg)> = given.map(|(param, arg)| (param.name, arg)).collect();
        let arena = Arena::with_limit(1 << 16);
        // What a copy has in place of what the condition looks at.
        let of_copy = |path: &PathUse| {
            let name = ottl_schema::path(path.path).name;
            let (_, arg) = changed.iter().find(|(changed, _)| *changed == name)?;
            constant(Some(arg))?.0.value(&arena).ok()
        };
        let looks = |operand: &Expr| {
            let mut looks = false;
            walk(operand, &mut |expr| {
                let name = |path: &PathUse| ottl_schema::path(path.path).name;
                looks |=
                    matches!(&expr.kind, Kind::Path(path) if changed.iter().any(|(changed, _)| *changed == name(path)));
            });
            looks
        };
        let operands = match &statement.condition {
            None => &[],
            Some(Expr { kind: Kind::And(operands), .. }) => operands.as_slice(),
            Some(condition) => std::slice::from_ref(condition),
        };
        // All else is with the copy as it is with the metric.
        let mut about_copy = operands.iter().filter(|operand| looks(operand));
        if about_copy.any(|operand| holds(operand, &arena, &of_copy) != Some(true)) {
            return;
        }
        let message = "the copy meets the condition too, so it is copied again without end";
        let doubt = self
            .doubt(Code::UNGUARDED_COPY_METRIC, call.span, message)
            .help("give the copy another name, and test the old one: `where metric.name == \"...\"`");
        self.warn(doubt);
    }
}

/// Whether a condition holds for the copy, if that is certain.
fn holds<'a>(condition: &'a Expr, arena: &'a Arena, of_copy: &dyn Fn(&PathUse) -> Option<Value<'a>>) -> Option<bool> {
    let all = |operands: &'a [Expr], decisive: bool| {
        let answers: Vec<_> = operands.iter().map(|operand| holds(operand, arena, of_copy)).collect();
        match answers.contains(&Some(decisive)) {
            true => Some(decisive),
            false => answers.iter().all(Option::is_some).then_some(!decisive),
        }
    };
    match &condition.kind {
        Kind::Not(inner) => holds(inner, arena, of_copy).map(|answer| !answer),
        Kind::And(operands) => all(operands, false),
        Kind::Or(operands) => all(operands, true),
        Kind::Compare { op, left, right } => {
            Some(compare(*op, &value(left, arena, of_copy)?, &value(right, arena, of_copy)?))
        }
        Kind::Test(inner) => match value(inner, arena, of_copy)? {
            Value::Bool(answer) => Some(answer),
            _ => None,
        },
        _ => None,
    }
}
