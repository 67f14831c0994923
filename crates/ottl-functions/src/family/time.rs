//! The converters that give a time as a number: `UnixNano` and others.

use ottl_core::Time;
use ottl_core::function::{FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// A row without documentation and kernel.
pub(crate) const fn row(name: &'static str) -> FunctionDef {
    FunctionDef::converter(name).arg("time", ParamType::TIME, "the time").returns(Type::Int)
}

/// The number that belongs to a time.
pub(crate) fn number<'a>(args: &[Value<'a>], number: impl Fn(Time) -> i64) -> Result<Value<'a>, EvalError> {
    arguments::time(args, 0).map(|time| Value::Int(number(time)))
}
