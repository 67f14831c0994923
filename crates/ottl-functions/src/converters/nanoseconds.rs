//! `Nanoseconds`: a duration in whole nanoseconds.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Nanoseconds")
    .arg("duration", ParamType::DURATION, "the duration")
    .returns(Type::Int)
    .docs("A duration in whole nanoseconds.\n\nOnly durations are taken.")
    .example(r#"Nanoseconds(Duration("1us"))"#, "1000")
    .value(eval);

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    Ok(Value::Int(arguments::duration(args, 0)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Duration, Float, Nil};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(&DEF, &[(&[Duration(-7)], "-7"), (&[Nil], "error"), (&[Float(1.0)], "error")]);
    }
}
