//! Copies of metrics that are copied again: W0402.

use ottl_core::ops::compare;
use ottl_core::{Arena, Value};
use ottl_diagnostics::Code;
use ottl_plan::Literal;

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
        let given = given.map(|(param, arg)| (param.name, arg));
        let changed: Vec<(&str, &Arg)> = given.filter(|(name, arg)| !is_own(name, arg)).collect();
        let texts = statement.condition.as_ref().map(samples).unwrap_or_default();
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
        let about_copy: Vec<&Expr> = operands.iter().filter(|operand| looks(operand)).collect();
        // Where a copy is named after its metric, that of a metric which meets the condition may meet it, too.
        let recurs = texts.iter().any(|text| {
            let of_metric = |path: &PathUse| (ottl_schema::path(path.path).name == "name").then_some(Value::Str(text));
            let of_named = |path: &PathUse| {
                let (_, arg) = changed.iter().find(|(changed, _)| *changed == ottl_schema::path(path.path).name)?;
                match arg {
                    Arg::Eager { expr, .. } | Arg::Lazy(expr, _) => value(expr, &arena, &of_metric),
                    _ => None,
                }
            };
            about_copy.iter().all(|operand| {
                holds(operand, &arena, &of_metric) == Some(true) && holds(operand, &arena, &of_named) == Some(true)
            })
        });
        if !recurs && about_copy.iter().any(|operand| holds(operand, &arena, &of_copy) != Some(true)) {
            return;
        }
        let message = "the copy matches the condition too, so it is copied again, endlessly";
        let doubt = self
            .doubt(Code::UNGUARDED_COPY_METRIC, call.span, message)
            .help("give the copy another name, and test the old one: `where metric.name == \"...\"`");
        self.warn(doubt);
    }
}

/// Whether a copy gets what the metric has anyway.
fn is_own(name: &str, arg: &Arg) -> bool {
    let (Arg::Eager { expr, .. } | Arg::Lazy(expr, _)) = arg else { return false };
    matches!(&expr.kind, Kind::Path(path) if path.keys.is_empty() && ottl_schema::path(path.path).name == name)
}

/// Texts that a condition may be about: its literals, without the signs of patterns around them.
pub(super) fn samples(condition: &Expr) -> Vec<Vec<u8>> {
    const MOST: usize = 8;
    let mut out: Vec<Vec<u8>> = Vec::new();
    let mut add = |literal: &Literal| {
        if let Literal::Str(text) = literal {
            let text = String::from_utf8_lossy(text).replace("\\.", ".");
            out.push(text.trim_start_matches('^').trim_end_matches('$').as_bytes().to_vec());
        }
    };
    walk(condition, &mut |expr| match &expr.kind {
        Kind::Const(literal) => add(literal),
        Kind::Call(call) => {
            call.args.iter().filter_map(|arg| constant(Some(arg))).for_each(|(literal, _)| add(literal))
        }
        _ => {}
    });
    out.truncate(MOST);
    out
}

/// Whether a condition holds for the copy, if that is certain.
pub(super) fn holds<'a>(
    condition: &'a Expr,
    arena: &'a Arena,
    of_copy: &dyn Fn(&PathUse) -> Option<Value<'a>>,
) -> Option<bool> {
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
