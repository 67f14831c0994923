//! Calls that fail on what a record lacks, where an error gives up the whole message: W0405 where nobody chose that, H0302 where
//! somebody did.
//!
//! The functions themselves are asked: an argument that may be nil is given as nil. A condition that looks at the value, of the
//! text itself or of its group, is enough.

use ottl_core::function::{FunctionKind, Purity, call_without_record, coerce_argument};
use ottl_core::{Arena, Value};
use ottl_diagnostics::{Code, Diagnostic, Span};

use super::{Guards, walk, walk_args, write};
use crate::hir::{Arg, Call, Expr, Kind, PathUse, Statement};
use crate::rules::SourceText;

/// How much memory and work finding out about one call may take.
const MEMORY: usize = 64 << 10;
/// See [`MEMORY`].
const WORK: u64 = 10_000;

/// Why an error gives up the whole message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Propagates {
    /// Nothing was said.
    Implied,
    /// It was asked for.
    Chosen,
}

/// The first call that may fail, and how many texts have one, for each reason.
#[derive(Debug, Default)]
pub(crate) struct Fallible {
    implied: Found,
    chosen: Found,
}

#[derive(Debug, Default)]
struct Found {
    first: Option<(u32, Span, String)>,
    count: usize,
}

impl Fallible {
    /// Looks at a statement.
    pub fn statement(&mut self, text: SourceText<'_>, statement: &Statement, guards: &Guards, why: Propagates) {
        let mut found = None;
        let mut see = |expr: &Expr| {
            if found.is_none() {
                found = risk(expr, statement.condition.as_ref(), guards);
            }
        };
        walk_args(&statement.editor, &mut see);
        if let Some(condition) = &statement.condition {
            walk(condition, &mut see);
        }
        let found = found.or_else(|| risk_of_call(&statement.editor, statement.condition.as_ref(), guards));
        self.add(text, found, why);
    }

    /// Looks at a condition of a filter or group.
    pub fn condition(&mut self, text: SourceText<'_>, condition: &Expr, why: Propagates) {
        let mut found = None;
        walk(condition, &mut |expr| {
            if found.is_none() {
                found = risk(expr, Some(condition), &Guards::default());
            }
        });
        self.add(text, found, why);
    }

    fn add(&mut self, text: SourceText<'_>, found: Option<Risk>, why: Propagates) {
        // Who chose it knows that every record has a body.
        let Some(risk) = found.filter(|risk| why == Propagates::Implied || risk.has_keys) else { return };
        let found = match why {
            Propagates::Implied => &mut self.implied,
            Propagates::Chosen => &mut self.chosen,
        };
        found.count += 1;
        found.first.get_or_insert_with(|| (text.id, risk.call, risk.path.of(text.text).to_owned()));
    }

    /// What is to be said of all texts together.
    pub fn finish(self) -> impl Iterator<Item = (u32, Diagnostic)> {
        let implied = self.implied.first.map(|(id, span, path)| {
            let message = format!(
                "this is an error where a record has no `{path}`, and without an `error_mode` an error gives up the whole message"
            );
            let more = more(self.implied.count);
            let help = format!("say `error_mode: ignore`, or ask first whether `{path} != nil`{more}");
            (id, Diagnostic::new(Code::IMPLIED_PROPAGATE, span, message).help(help))
        });
        let chosen = self.chosen.first.map(|(id, span, path)| {
            let message = format!(
                "this is an error where a record has no `{path}`, and `error_mode: propagate` then gives up the whole message"
            );
            let more = more(self.chosen.count);
            let help = format!("ask first whether `{path} != nil`, unless every record has it{more}");
            (id, Diagnostic::new(Code::CHOSEN_PROPAGATE, span, message).help(help))
        });
        implied.into_iter().chain(chosen)
    }
}

/// How many texts can fail beside the first one.
fn more(count: usize) -> String {
    match count.saturating_sub(1) {
        0 => String::new(),
        1 => String::from("; one more text can fail in the same way"),
        more => format!("; {more} more texts can fail in the same way"),
    }
}

/// A call that fails on nil, and the path that may be nil there.
struct Risk {
    call: Span,
    path: Span,
    /// Whether the path is one of many values of a map.
    has_keys: bool,
}

/// A call or arithmetic that fails on nil.
fn risk(expr: &Expr, condition: Option<&Expr>, guards: &Guards) -> Option<Risk> {
    match &expr.kind {
        Kind::Call(call) => risk_of_call(call, condition, guards),
        Kind::Math { left, right, .. } => [left, right].into_iter().find_map(|side| match &side.kind {
            Kind::Path(path) if side.nullable && !is_guarded(path, expr.span, condition, guards) => {
                Some(Risk { call: expr.span, path: side.span, has_keys: !path.keys.is_empty() })
            }
            _ => None,
        }),
        _ => None,
    }
}

fn risk_of_call(call: &Call, condition: Option<&Expr>, guards: &Guards) -> Option<Risk> {
    let mut paths = call.args.iter().filter_map(|arg| match arg {
        Arg::Eager { expr, .. } if expr.nullable => match &expr.kind {
            Kind::Path(path) => Some((path, expr.span)),
            _ => None,
        },
        _ => None,
    });
    let at_risk =
        |path| fails(call, path, &Arena::with_limit(MEMORY)) && !is_guarded(path, call.span, condition, guards);
    let (path, span) = paths.find(|(path, _)| at_risk(path))?;
    Some(Risk { call: call.span, path: span, has_keys: !path.keys.is_empty() })
}

/// Whether a call is an error where this path is nil.
fn fails(call: &Call, path: &PathUse, arena: &Arena) -> bool {
    let mut args = Vec::with_capacity(call.args.len());
    for arg in &call.args {
        args.push(match arg {
            Arg::Absent => Some(Value::Absent),
            Arg::Const(literal, _) => literal.value(arena).ok(),
            Arg::Eager { expr, coerce, each } => match &expr.kind {
                Kind::Path(used) if std::ptr::eq(used, path) => {
                    match coerce_argument(Value::Nil, *coerce, *each, arena) {
                        Ok(nil) => Some(nil),
                        Err(_) => return true,
                    }
                }
                _ => None,
            },
            _ => None,
        });
    }
    let is_known = call.def.kind == FunctionKind::Converter && call.def.purity == Purity::Pure;
    let Some(args) = args.into_iter().collect::<Option<Vec<_>>>().filter(|_| is_known) else { return false };
    arena.set_work(WORK);
    matches!(call_without_record(&call.kernel, &args, arena), Some(Err(_)))
}

/// Whether something else looks at the path before.
fn is_guarded(path: &PathUse, call: Span, condition: Option<&Expr>, guards: &Guards) -> bool {
    let mut looked_at = guards.look_at(path);
    if let Some(condition) = condition {
        walk(condition, &mut |expr| {
            let is_inside = call.start <= expr.span.start && expr.span.end <= call.end;
            looked_at |= !is_inside && matches!(&expr.kind, Kind::Path(other) if write::guards(other, path));
        });
    }
    // What lies in the cache was put there by the rules themselves.
    looked_at || ottl_schema::path(path.path).access == ottl_schema::Access::Cache
}
