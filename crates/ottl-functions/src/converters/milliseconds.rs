//! `Milliseconds`: a duration in whole milliseconds.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Milliseconds")
    .arg("duration", ParamType::DURATION, "the duration")
    .returns(Type::Int)
    .docs("A duration in whole milliseconds, cut towards zero.\n\nOnly durations are taken.")
    .example(r#"Milliseconds(Duration("1.5s"))"#, "1500")
    .value(eval);

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    Ok(Value::Int(arguments::duration(args, 0)? / 1_000_000))
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
            &[
                (&[Duration(1_999_999)], "1"),
                (&[Duration(-1_999_999)], "-1"),
                (&[Nil], "error"),
                (&[Float(1.0)], "error"),
            ],
        );
    }
}
