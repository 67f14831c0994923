//! `Double`: converts a value to float.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Double")
    .arg("target", ParamType::FLOAT_LIKE, "the value to convert")
    .returns(Type::Float)
    .docs(
        "Converts a value to float.\n\nInts are widened, true is 1 and false 0. Texts are decimal or hexadecimal \
         floats, `inf`, `infinity` or `nan` in any case; underscores may stand between digits. nil stays nil; \
         everything else is an error.",
    )
    .example(r#"Double("2.5")"#, "2.5")
    .example("Double(true)", "1")
    .value(eval);

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    // The parameter has converted it already.
    Ok(arguments::any(args, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Bool, Bytes, Float, Int, Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Nil], "nil"),
                (&[Int(3)], "3.0"),
                (&[Float(0.5)], "0.5"),
                (&[Bool(true)], "1.0"),
                (&[Str(b"1_0.5e1")], "105.0"),
                (&[Str(b"0x1p-2")], "0.25"),
                (&[Str(b"-inf")], "-inf"),
                (&[Str(b" 1")], "error"),
                (&[Str(b"1e400")], "error"),
                (&[Bytes(b"1")], "error"),
            ],
        );
    }
}
