//! Calls that their literals make an error for every record, whatever the record says: W0307.
//!
//! The functions themselves are asked: a call is made with what is known of its arguments. An argument that only a record
//! knows is taken to be what the call certainly likes, for the few functions of which that can be said.

use ottl_core::function::{FunctionKind, ParamType, Purity, Type, call_without_record, coerce_argument};
use ottl_core::ops::{self, Coercion};
use ottl_core::{Arena, ErrorKind, EvalError, List, ListKind, Value};
use ottl_diagnostics::{Code, Span};
use ottl_plan::Literal;

use super::possible::sample;
use super::{Lint, types};
use crate::hir::{Arg, Call, Expr, Key, Kind, PathUse};

/// How many bytes and steps finding out about one call may take.
const MEMORY: usize = 64 << 10;
/// See [`MEMORY`].
const WORK: u64 = 10_000;

/// How long the text is that `Substring` certainly likes.
const LONG: usize = 4096;

/// A text of which every shorter part can be taken.
const TEXT: &[u8] = &[b'a'; LONG];

/// Arguments with which a call fails only for the sake of the others.
const LIKED: &[(&str, &str, Value<'static>)] = &[
    ("ExtractPatterns", "target", Value::Str(b"")),
    ("ParseInt", "target", Value::Str(b"1")),
    ("IsInCIDR", "target", Value::Str(b"10.0.0.1")),
    ("Substring", "target", Value::Str(TEXT)),
    ("Substring", "start", Value::Int(0)),
    ("Substring", "length", Value::Int(1)),
];

impl Lint<'_> {
    /// Doubts a call that fails by its literals.
    pub(super) fn failing(&mut self, call: &Call) {
        let arena = Arena::with_limit(MEMORY);
        let Some(args) = arguments(call, &arena) else { return };
        // The clock matters to a text without a year only, and hardly to whether it is one.
        let Some(Err(error)) = outcome(call, &args, &arena, call.def.name == "Time") else { return };
        if is_too_long(call, &args) {
            return;
        }
        // How long the text is that stands in for the record's is of no interest.
        let reason = error.to_string();
        let reason = reason.split(" (the text has").next().unwrap_or_default();
        let message = format!("this call of `{}` fails for every record: {reason}", call.def.name);
        let doubt = self.doubt(Code::IMPOSSIBLE_ARGUMENT, call.span, message);
        self.warn(match call.args.first() {
            Some(Arg::Const(Literal::Str(text), _)) if call.def.name == "Duration" && is_number(text) => {
                let text = String::from_utf8_lossy(text);
                doubt.help(format!("a duration has a unit: `{text}s`, `{text}ms`, `{text}h`"))
            }
            _ => doubt,
        });
    }

    /// Doubts an argument of a type that the function does not take, although its parameter is declared to take any.
    pub(super) fn mistyped(&mut self, call: &Call) {
        for (at, (param, arg)) in call.def.params.iter().zip(&call.args).enumerate() {
            let (ParamType::Any, Arg::Eager { expr, .. }) = (param.ty, arg) else { continue };
            if matches!(expr.ty, Type::Any | Type::Nil) {
                continue;
            }
            let arena = Arena::with_limit(MEMORY);
            let Some(args) = arguments_with(call, (at, sample(expr.ty)), &arena) else { continue };
            let Some(Err(error)) = result(call, &args, &arena) else { continue };
            if let (ErrorKind::Type { expected, .. }, true) = (error.kind, error.argument == u8::try_from(at).ok()) {
                let (name, is) = (call.def.name, types::name(expr.ty));
                let message = format!("the parameter `{}` of `{name}` takes {expected}, and this is {is}", param.name);
                let doubt = self.doubt(Code::IMPOSSIBLE_ARGUMENT, expr.span, message);
                self.warn(doubt.help("the call fails for every record"));
            }
        }
    }

    /// Doubts a part of a result that literals decide, and that has no such part.
    pub(super) fn missing_part(&mut self, base: &Expr, keys: &[Key], span: Span) {
        let arena = Arena::with_limit(MEMORY);
        let Some(mut part) = value(base, &arena, &|_| None) else { return };
        for key in keys {
            let key = match key {
                Key::Str(name) => ops::Key::Str(name),
                Key::Int(place) => ops::Key::Int(*place),
                Key::Expr(_) => return,
            };
            match ops::index_converter(&part, key) {
                Ok(inner) => part = inner,
                Err(error) => {
                    let message = format!("this fails for every record: {error}");
                    self.warn(self.doubt(Code::IMPOSSIBLE_ARGUMENT, span, message));
                    return;
                }
            }
        }
    }
}

/// What a call gives with another first argument, if all others are literals.
pub(super) fn call_with<'a>(call: &'a Call, first: Value<'a>, arena: &'a Arena) -> Option<Value<'a>> {
    let args = call.args.iter().enumerate().map(|(at, arg)| match arg {
        _ if at == 0 => Some(first),
        Arg::Absent => Some(Value::Absent),
        Arg::Const(literal, _) => literal.value(arena).ok(),
        _ => None,
    });
    result(call, &args.collect::<Option<Vec<_>>>()?, arena)?.ok()
}

/// The arguments of a call with one that is given, and samples of what the others can be.
fn arguments_with<'a>(call: &'a Call, (at, value): (usize, Value<'a>), arena: &'a Arena) -> Option<Vec<Value<'a>>> {
    let args = call.args.iter().enumerate().map(|(idx, arg)| match arg {
        _ if idx == at => Some(value),
        Arg::Absent => Some(Value::Absent),
        Arg::Const(literal, _) => literal.value(arena).ok(),
        Arg::Eager { expr, coerce, each: None } => {
            let wanted = coerce.and_then(Coercion::only_type).unwrap_or(match expr.ty {
                Type::Any => Type::String,
                ty => ty,
            });
            coerce_argument(sample(wanted), *coerce, None, arena).ok()
        }
        _ => None,
    });
    args.collect()
}

/// What the call gives with these arguments, if that needs no record.
fn result<'a>(call: &Call, args: &[Value<'a>], arena: &'a Arena) -> Option<Result<Value<'a>, EvalError>> {
    outcome(call, args, arena, false)
}

/// The same, also of a call that looks at the clock, if that does not matter.
fn outcome<'a>(
    call: &Call,
    args: &[Value<'a>],
    arena: &'a Arena,
    at_any_time: bool,
) -> Option<Result<Value<'a>, EvalError>> {
    let is_known = call.def.kind == FunctionKind::Converter
        && (call.def.purity == Purity::Pure || at_any_time && call.def.purity == Purity::Volatile)
        && call.def.is_constant();
    if !is_known {
        return None;
    }
    arena.set_work(WORK);
    // What takes too much memory or work for this is no fault of the call.
    call_without_record(&call.kernel, args, arena)
        .filter(|result| !matches!(result, Err(error) if matches!(error.kind, ErrorKind::Budget(_))))
}

/// The arguments of a call, some of them in place of what only a record knows. At least one is known.
fn arguments<'a>(call: &'a Call, arena: &'a Arena) -> Option<Vec<Value<'a>>> {
    let mut is_any_known = false;
    let args = call.def.params.iter().zip(&call.args).map(|(param, arg)| {
        let known = match arg {
            Arg::Absent => return Some(Value::Absent),
            Arg::Const(literal, _) => literal.value(arena).ok(),
            Arg::Eager { expr, coerce, each } => {
                value(expr, arena, &|_| None).and_then(|value| coerce_argument(value, *coerce, *each, arena).ok())
            }
            _ => None,
        };
        is_any_known |= known.is_some();
        let liked = LIKED.iter().find(|(function, name, _)| *function == call.def.name && *name == param.name);
        known.or(liked.map(|(.., value)| *value))
    });
    let args = args.collect::<Option<Vec<_>>>()?;
    is_any_known.then_some(args)
}

/// The value of an expression of constants, and of paths whose values are known.
pub(super) fn value<'a>(
    expr: &'a Expr,
    arena: &'a Arena,
    of_path: &dyn Fn(&PathUse) -> Option<Value<'a>>,
) -> Option<Value<'a>> {
    match &expr.kind {
        Kind::Path(path) => of_path(path),
        Kind::Const(literal) => literal.value(arena).ok(),
        Kind::List(items) => {
            let mut values = arena.vec_for(items.len()).ok()?;
            for item in items {
                values.push(value(item, arena, of_path)?).ok()?;
            }
            List::new(ListKind::Any, values.into_slice()).ok().map(Value::List)
        }
        Kind::Math { op, left, right } => {
            ops::arithmetic(*op, value(left, arena, of_path)?, value(right, arena, of_path)?).ok()
        }
        Kind::Call(call) => {
            let args = call.args.iter().map(|arg| match arg {
                Arg::Absent => Some(Value::Absent),
                Arg::Const(literal, _) => literal.value(arena).ok(),
                Arg::Eager { expr, coerce, each } => {
                    coerce_argument(value(expr, arena, of_path)?, *coerce, *each, arena).ok()
                }
                _ => None,
            });
            let args = args.collect::<Option<Vec<_>>>()?;
            result(call, &args, arena)?.ok()
        }
        _ => None,
    }
}

/// Whether a part is asked for that [`TEXT`] is too short for.
fn is_too_long(call: &Call, args: &[Value<'_>]) -> bool {
    let asked = args.iter().filter_map(Value::as_int).fold(0, i64::saturating_add);
    call.def.name == "Substring"
        && !matches!(call.args.first(), Some(Arg::Const(..)))
        && usize::try_from(asked).is_ok_and(|asked| asked > LONG)
}

fn is_number(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}
