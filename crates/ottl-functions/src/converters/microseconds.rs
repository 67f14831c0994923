//! `Microseconds`: a duration in whole microseconds.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Microseconds")
    .arg("duration", ParamType::DURATION, "the duration")
    .returns(Type::Int)
    .docs("A duration in whole microseconds, cut towards zero.\n\nOnly durations are taken.")
    .example(r#"Microseconds(Duration("1ms"))"#, "1000")
    .value(eval);

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    Ok(Value::Int(arguments::duration(args, 0)? / 1_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Duration, Float, Nil};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[(&[Duration(1_999)], "1"), (&[Duration(-1_999)], "-1"), (&[Nil], "error"), (&[Float(1.0)], "error")],
        );
    }
}
