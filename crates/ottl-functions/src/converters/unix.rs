//! `Unix`: the time at a number of seconds since 1970.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Time, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Unix")
    .arg("seconds", ParamType::INT, "seconds since 1970-01-01T00:00:00Z")
    .optional("nanoseconds", ParamType::INT, "nanoseconds to add, any number; default 0")
    .returns(Type::Time)
    .docs("The time at a number of seconds since 1970-01-01T00:00:00Z.\n\nOnly ints are taken.")
    .example("UnixNano(Unix(1, 5))", "1000000005")
    .value(eval);

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let seconds = arguments::int(args, 0)?;
    let nanos = if arguments::any(args, 1).is_absent() { 0 } else { arguments::int(args, 1)? };
    // COMPAT: seconds wrap around here, where adding a duration ends at the last instant.
    let secs = seconds.wrapping_add(nanos.div_euclid(1_000_000_000));
    Ok(Value::Time(Time { secs, nanos: nanos.rem_euclid(1_000_000_000) as u32, ..Time::default() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Float, Int, Nil};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Int(5)], "time(5, 0)"),
                (&[Int(5), Int(-1)], "time(4, 999999999)"),
                (&[Int(0), Int(2_000_000_001)], "time(2, 1)"),
                (&[Int(i64::MAX), Int(i64::MAX)], "time(-9223372027631403773, 854775807)"),
                (&[Float(1.0)], "error"),
                (&[Nil], "error"),
                (&[Int(1), Nil], "error"),
            ],
        );
    }
}
