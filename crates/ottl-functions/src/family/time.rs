//! The converters that give a time as a number: `UnixNano` and others, and the parts that clocks and calendars show, `Year`
//! and others.

use ottl_core::Time;
use ottl_core::function::{FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;
use crate::time::{Civil, civil};

/// A row without documentation and kernel.
pub(crate) const fn row(name: &'static str) -> FunctionDef {
    FunctionDef::converter(name).arg("time", ParamType::TIME, "the time").returns(Type::Int)
}

/// The number that belongs to a time.
pub(crate) fn number<'a>(args: &[Value<'a>], number: impl Fn(Time) -> i64) -> Result<Value<'a>, EvalError> {
    arguments::time(args, 0).map(|time| Value::Int(number(time)))
}

/// The number that clocks and calendars in the time's own zone show.
pub(crate) fn part<'a>(args: &[Value<'a>], part: impl Fn(Civil) -> i64) -> Result<Value<'a>, EvalError> {
    number(args, |time| part(civil(&time)))
}
