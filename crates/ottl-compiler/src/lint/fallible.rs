//! Calls that fail on what a record lacks, where an error fails the whole message: W0405 where nobody chose that, H0302 where
//! somebody did.
//!
//! The functions themselves are asked: an argument that may be nil is given as nil, and what else only a record knows as a few
//! values. A condition that looks at the value, of the text itself or of its group, is enough.

use ottl_core::function::{FunctionKind, Purity, call_without_record, coerce_argument};
use ottl_core::{Arena, List, ListKind, Map, Value};
use ottl_diagnostics::{Code, Diagnostic, Span};

use super::{Guards, walk, walk_args, write};
use crate::hir::{Arg, Call, Expr, Key, Kind, PathUse, Statement};
use crate::rules::SourceText;

/// How much memory and work finding out about one call may take.
const MEMORY: usize = 64 << 10;
/// See [`MEMORY`].
const WORK: u64 = 10_000;

/// Why an error fails the whole message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Propagates {
    /// Nothing was said.
    Implied,
    /// There is nothing else to say.
    Only,
    /// It was asked for.
    Chosen,
}

/// Converters of whose result a text may lack a part, which is an error where the part is named.
const PARTIAL: [&str; 8] = [
    "ExtractPatterns",
    "ExtractGrokPatterns",
    "ParseJSON",
    "ParseKeyValue",
    "ParseSimplifiedXML",
    "Split",
    "Keys",
    "Values",
];

/// Values that stand for what only a record knows.
const SAMPLES: [Value<'static>; 4] =
    [Value::Str(b"1"), Value::Int(1), Value::Map(Map::EMPTY), Value::List(List::empty(ListKind::Slice))];

/// Up to so many arguments that only a record knows are tried.
const MOST_UNKNOWN: usize = 2;

/// The first call that may fail, and how many texts have one, for each reason.
#[derive(Debug, Default)]
pub(crate) struct Fallible {
    implied: Found,
    only: Found,
    chosen: Found,
}

#[derive(Debug, Default)]
struct Found {
    first: Option<First>,
    count: usize,
}

/// What is said of the first text.
#[derive(Debug)]
struct First {
    id: u32,
    span: Span,
    /// When it is an error.
    when: String,
    /// What to do about it.
    advice: String,
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
        let Some(risk) = found.filter(|risk| why != Propagates::Chosen || risk.has_keys) else { return };
        let found = match why {
            Propagates::Implied => &mut self.implied,
            Propagates::Only => &mut self.only,
            Propagates::Chosen => &mut self.chosen,
        };
        found.count += 1;
        found.first.get_or_insert_with(|| {
            let (when, advice) = match risk.lack {
                Lack::Value(path) => {
                    let path = path.of(text.text);
                    (format!("a record has no `{path}`"), format!("check first that `{path} != nil`"))
                }
                Lack::Part(call) => (
                    format!("`{}` has no such part", call.of(text.text)),
                    String::from("check first with `IsMatch` or `Len` that it exists"),
                ),
            };
            First { id: text.id, span: risk.span, when, advice }
        });
    }

    /// What is to be said of all texts together.
    pub fn finish(self) -> impl Iterator<Item = (u32, Diagnostic)> {
        let of = |found: Found, code, consequence: &str, help: fn(&str) -> String| {
            found.first.map(|First { id, span, when, advice }| {
                let diagnostic = Diagnostic::new(code, span, format!("this fails if {when}, and {consequence}"));
                (id, diagnostic.help(format!("{}{}", help(&advice), more(found.count))))
            })
        };
        let implied = of(
            self.implied,
            Code::IMPLIED_PROPAGATE,
            "without an `error_mode` an error fails the whole message",
            |advice| format!("set `error_mode: ignore`, or {advice}"),
        );
        let only = of(
            self.only,
            Code::IMPLIED_PROPAGATE,
            "in this component, which has no `error_mode`, an error fails the whole message",
            str::to_owned,
        );
        let chosen =
            of(self.chosen, Code::CHOSEN_PROPAGATE, "with `error_mode: propagate` the whole message fails", |advice| {
                format!("{advice}, unless every record has it")
            });
        [implied, only, chosen].into_iter().flatten()
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

/// What may fail.
struct Risk {
    span: Span,
    lack: Lack,
    /// Whether what lacks is one of many values of a map.
    has_keys: bool,
}

/// What a record may lack.
enum Lack {
    /// The value of a path.
    Value(Span),
    /// A part of what a call makes of its text.
    Part(Span),
}

/// A call or arithmetic that fails on nil, or a part of a result that may not be there.
fn risk(expr: &Expr, condition: Option<&Expr>, guards: &Guards) -> Option<Risk> {
    match &expr.kind {
        Kind::Call(call) => risk_of_call(call, condition, guards),
        Kind::Math { left, right, .. } => [left, right].into_iter().find_map(|side| match &side.kind {
            Kind::Path(path) if side.nullable && !is_guarded(path, expr.span, condition, guards) => {
                Some(Risk { span: expr.span, lack: Lack::Value(side.span), has_keys: !path.keys.is_empty() })
            }
            _ => None,
        }),
        Kind::Index { base, keys } => match &base.kind {
            Kind::Call(call) if may_lack(call, keys.first()?) && !is_asked(call, expr.span, condition, guards) => {
                Some(Risk { span: expr.span, lack: Lack::Part(base.span), has_keys: true })
            }
            _ => None,
        },
        _ => None,
    }
}

fn risk_of_call(call: &Call, condition: Option<&Expr>, guards: &Guards) -> Option<Risk> {
    let at_risk = |path| fails(call, path) && !is_guarded(path, call.span, condition, guards);
    let mut paths = paths(call).filter(|expr| expr.nullable).filter_map(|expr| Some((path_of(expr)?, expr.span)));
    let (path, span) = paths.find(|(path, _)| at_risk(path))?;
    Some(Risk { span: call.span, lack: Lack::Value(span), has_keys: !path.keys.is_empty() })
}

/// The arguments that are paths.
fn paths(call: &Call) -> impl Iterator<Item = &Expr> {
    call.args.iter().filter_map(|arg| match arg {
        Arg::Eager { expr, .. } => path_of(expr).map(|_| expr),
        _ => None,
    })
}

fn path_of(expr: &Expr) -> Option<&PathUse> {
    match &expr.kind {
        Kind::Path(path) => Some(path),
        _ => None,
    }
}

/// Whether what a converter makes of a record's text may lack this part.
fn may_lack(call: &Call, key: &Key) -> bool {
    let is_there = call.def.name == "Split" && matches!(key, Key::Int(0));
    PARTIAL.contains(&call.def.name) && !is_there && paths(call).next().is_some()
}

/// Whether another question is asked about a path that a call takes.
fn is_asked(call: &Call, whole: Span, condition: Option<&Expr>, guards: &Guards) -> bool {
    let is_same = |path: &PathUse| paths(call).filter_map(path_of).any(|own| write::guards(path, own));
    let mut asked = paths(call).filter_map(path_of).any(|own| guards.look_at(own));
    if let Some(condition) = condition {
        walk(condition, &mut |expr| {
            let is_inside = whole.start <= expr.span.start && expr.span.end <= whole.end;
            asked |=
                !is_inside && matches!(&expr.kind, Kind::Call(other) if paths(other).filter_map(path_of).any(is_same));
        });
    }
    // What lies in the cache was put there by the rules themselves.
    asked || paths(call).filter_map(path_of).all(is_cache)
}

/// Whether a call is an error where this path is nil, whatever its other arguments are.
pub(super) fn fails(call: &Call, path: &PathUse) -> bool {
    let arena = Arena::with_limit(MEMORY);
    let is_own = |arg: &Arg| match arg {
        Arg::Eager { expr, .. } => path_of(expr).is_some_and(|used| std::ptr::eq(used, path)),
        _ => false,
    };
    let Some(own) = call.args.iter().position(is_own) else { return false };
    let Some(nil) = coerced(&call.args[own], Value::Nil, &arena) else { return true };
    let is_known = call.def.kind == FunctionKind::Converter && call.def.purity == Purity::Pure;
    let is_unknown = |at: &usize| *at != own && !matches!(call.args[*at], Arg::Absent | Arg::Const(..));
    let unknown: Vec<usize> = (0..call.args.len()).filter(is_unknown).collect();
    if !is_known || unknown.len() > MOST_UNKNOWN {
        return false;
    }
    let choices = || 0..SAMPLES.len().pow(unknown.len() as u32);
    let succeeds = |value, choice| succeeds(call, (own, value), (&unknown, choice), &arena);
    let of_nil: Vec<bool> = choices().filter_map(|choice| succeeds(nil, choice)).collect();
    let is_error = !of_nil.is_empty() && !of_nil.contains(&true);
    // It has to be nil that is to blame, not what stands for the others.
    let is_blamed = || {
        let values = SAMPLES.iter().filter_map(|sample| coerced(&call.args[own], *sample, &arena));
        values.into_iter().any(|value| choices().any(|choice| succeeds(value, choice) == Some(true)))
    };
    is_error && (unknown.is_empty() || is_blamed())
}

fn coerced<'a>(arg: &Arg, value: Value<'a>, arena: &'a Arena) -> Option<Value<'a>> {
    match arg {
        Arg::Eager { coerce, each, .. } => coerce_argument(value, *coerce, *each, arena).ok(),
        _ => None,
    }
}

/// Whether a call gives something with a value for one argument and a choice of samples for those that are unknown: none for a choice
/// that the parameters do not take.
fn succeeds<'a>(
    call: &'a Call,
    (own, value): (usize, Value<'a>),
    (unknown, choice): (&[usize], usize),
    arena: &'a Arena,
) -> Option<bool> {
    let mut args = Vec::with_capacity(call.args.len());
    for (at, arg) in call.args.iter().enumerate() {
        let place = unknown.iter().position(|place| *place == at);
        args.push(match arg {
            _ if at == own => value,
            Arg::Absent => Value::Absent,
            Arg::Const(literal, _) => literal.value(arena).ok()?,
            arg => coerced(arg, SAMPLES[choice / SAMPLES.len().pow(place? as u32) % SAMPLES.len()], arena)?,
        });
    }
    arena.set_work(WORK);
    call_without_record(&call.kernel, &args, arena).map(|result| result.is_ok())
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
    looked_at || is_cache(path)
}

fn is_cache(path: &PathUse) -> bool {
    ottl_schema::path(path.path).access == ottl_schema::Access::Cache
}
