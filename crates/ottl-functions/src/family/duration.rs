//! The converters that give a duration in a unit: `Hours` and others.

use ottl_core::function::{FunctionDef, Kernel, ParamType};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// A row without result, documentation and kernel.
pub(crate) const fn row(name: &'static str) -> FunctionDef {
    FunctionDef::converter(name).arg("duration", ParamType::DURATION, "the duration")
}

/// The duration in a unit of so many nanoseconds, as a float.
///
/// COMPAT: whole units and the rest are converted apart and added, as the reference does; the last bit shows it.
pub(crate) fn with_fraction<'a>(args: &[Value<'a>], unit: i64) -> Result<Value<'a>, EvalError> {
    let nanos = arguments::duration(args, 0)?;
    Ok(Value::Float((nanos / unit) as f64 + (nanos % unit) as f64 / unit as f64))
}

/// The same, cut towards zero.
pub(crate) fn whole(unit: i64) -> Kernel {
    Kernel::whole_units(unit, move |_, args| Ok(Value::Int(arguments::duration(args, 0)? / unit)))
}
