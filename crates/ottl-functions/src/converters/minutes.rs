//! `Minutes`: a duration in minutes, with fraction.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Minutes")
    .arg("duration", ParamType::DURATION, "the duration")
    .returns(Type::Float)
    .docs("A duration in minutes, with fraction.\n\nOnly durations are taken.")
    .example(r#"Minutes(Duration("90s"))"#, "1.5")
    .value(eval);

/// Nanoseconds in the unit.
const UNIT: i64 = 60_000_000_000;

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let nanos = arguments::duration(args, 0)?;
    // COMPAT: whole units and the rest are converted apart and added, as the reference does; the last bit shows it.
    Ok(Value::Float((nanos / UNIT) as f64 + (nanos % UNIT) as f64 / UNIT as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Duration, Int, Nil};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Duration(90_000_000_000)], "1.5"),
                (&[Duration(i64::MIN)], "-153722867.28091294"),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
            ],
        );
    }
}
