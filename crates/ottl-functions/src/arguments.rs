//! Arguments of a call by place and type.
//!
//! Engines convert arguments before a kernel sees them, so a misfit here means that a function was called past its
//! definition; it is answered with the same type error that the conversion would have given.

use ottl_core::function::{Const, LambdaRef};
use ottl_core::{ErrorKind, EvalError, List, Map, Time, Value};

fn misfit(args: &[Value<'_>], idx: usize, expected: &'static str) -> EvalError {
    let got = args.get(idx).unwrap_or(&Value::Absent).type_name();
    EvalError::new(ErrorKind::Type { expected, got }).of(idx)
}

/// The argument as it is; absent when there is none.
#[inline]
pub(crate) fn any<'a>(args: &[Value<'a>], idx: usize) -> Value<'a> {
    args.get(idx).copied().unwrap_or(Value::Absent)
}

/// A text.
#[inline]
pub(crate) fn text<'a>(args: &[Value<'a>], idx: usize) -> Result<&'a [u8], EvalError> {
    match args.get(idx) {
        Some(Value::Str(text)) => Ok(text),
        _ => Err(misfit(args, idx, "string")),
    }
}

/// Bytes; nil counts as none.
#[inline]
pub(crate) fn bytes<'a>(args: &[Value<'a>], idx: usize) -> Result<&'a [u8], EvalError> {
    match args.get(idx) {
        Some(Value::Bytes(bytes)) => Ok(bytes),
        Some(Value::Nil) => Ok(&[]),
        _ => Err(misfit(args, idx, "bytes")),
    }
}

/// An int.
#[inline]
pub(crate) fn int(args: &[Value<'_>], idx: usize) -> Result<i64, EvalError> {
    match args.get(idx) {
        Some(Value::Int(int)) => Ok(*int),
        _ => Err(misfit(args, idx, "int64")),
    }
}

/// A duration in nanoseconds.
#[inline]
pub(crate) fn duration(args: &[Value<'_>], idx: usize) -> Result<i64, EvalError> {
    match args.get(idx) {
        Some(Value::Duration(nanos)) => Ok(*nanos),
        _ => Err(misfit(args, idx, "duration")),
    }
}

/// A time.
#[inline]
pub(crate) fn time(args: &[Value<'_>], idx: usize) -> Result<Time, EvalError> {
    match args.get(idx) {
        Some(Value::Time(time)) => Ok(*time),
        _ => Err(misfit(args, idx, "time")),
    }
}

/// A map.
#[inline]
pub(crate) fn map<'a>(args: &[Value<'a>], idx: usize) -> Result<Map<'a>, EvalError> {
    match args.get(idx) {
        Some(Value::Map(map)) => Ok(*map),
        _ => Err(misfit(args, idx, "map")),
    }
}

/// A list.
#[inline]
pub(crate) fn list<'a>(args: &[Value<'a>], idx: usize) -> Result<List<'a>, EvalError> {
    match args.get(idx) {
        Some(Value::List(list)) => Ok(*list),
        _ => Err(misfit(args, idx, "list")),
    }
}

/// A lambda.
#[inline]
pub(crate) fn lambda(args: &[Value<'_>], idx: usize) -> Result<LambdaRef, EvalError> {
    match args.get(idx) {
        Some(Value::Lambda(lambda)) => Ok(*lambda),
        _ => Err(misfit(args, idx, "lambda expression")),
    }
}

/// The text of a literal that must be valid UTF-8; `None` when it was left out.
///
/// # Errors
/// A text with invalid UTF-8, for the report at compile time.
pub(crate) fn literal<'v>(args: &[Const<'v>], idx: usize) -> Result<Option<&'v str>, String> {
    let text = args.get(idx).and_then(Const::as_str);
    text.map(std::str::from_utf8).transpose().map_err(|error| error.to_string())
}
