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

#[cfg(test)]
pub(crate) mod tests {
    use ottl_core::Zone;

    use super::*;
    use Value::{Int, Nil};

    use crate::test_call::check;

    /// Holds a part of two times against what it should be: of 2024-12-31T23:29:59.000000005, far in the east, and of
    /// 1969-12-31T23:59:59.999999999 in UTC.
    pub(crate) fn parts(def: &FunctionDef, east: &str, before: &str) {
        const EAST: Value<'_> = Value::Time(Time { secs: 1_735_603_199, nanos: 5, zone: Zone::Fixed(84_600) });
        const BEFORE: Value<'_> = Value::Time(Time { secs: -1, nanos: 999_999_999, zone: Zone::Utc });
        check(def, &[(&[EAST], east), (&[BEFORE], before), (&[Nil], "error"), (&[Int(1)], "error")]);
    }
}
