//! `Log`: the natural logarithm.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;
use crate::elementary::ln;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Log")
    .arg("target", ParamType::FLOAT_LIKE, "the number")
    .returns(Type::Float)
    .docs(
        "The natural logarithm of a number.\n\nValues convert as `Double` does. nil, 0 and negative numbers are \
         errors.",
    )
    .example("Log(1)", "0")
    .value(eval);

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    match arguments::any(args, 0) {
        Value::Float(number) if number > 0.0 || number.is_nan() => Ok(Value::Float(ln(number))),
        _ => Err(EvalError::function("a logarithm needs a number greater than zero").of(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Bool, Float, Int, Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Float(1.0)], "0.0"),
                (&[Int(10)], "2.302585092994046"),
                (&[Str(b"0.1")], "-2.3025850929940455"),
                (&[Float(f64::NAN)], "NaN"),
                (&[Float(f64::INFINITY)], "inf"),
                (&[Float(1e-300)], "-690.7755278982137"),
                (&[Bool(true)], "0.0"),
                (&[Int(0)], "error"),
                (&[Float(-1.0)], "error"),
                (&[Nil], "error"),
                (&[Str(b"x")], "error"),
            ],
        );
    }
}
