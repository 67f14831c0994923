//! `Hex`: bytes in hexadecimal digits.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;
use crate::hex;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Hex")
    .arg("target", ParamType::BYTES_LIKE, "the value")
    .returns(Type::String)
    .docs(
        "The bytes of a value in lower-case hexadecimal digits.\n\nTexts give their bytes, ints and floats eight \
         bytes with the highest first, bools one byte; nil gives the empty text.",
    )
    .example(r#"Hex("hi")"#, r#""6869""#)
    .example("Hex(1)", r#""0000000000000001""#)
    .value(eval);

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    hex::encode(arguments::bytes(args, 0)?, ctx.arena()).map(Value::Str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Bool, Bytes, Duration, Float, Int, Nil, Str};

    use crate::test_call::{check, slice};

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Nil], "\"\""),
                (&[Str(b"a\xff")], "\"61ff\""),
                (&[Bytes(b"\x01")], "\"01\""),
                (&[Int(-1)], "\"ffffffffffffffff\""),
                (&[Float(1.0)], "\"3ff0000000000000\""),
                (&[Bool(true)], "\"01\""),
                (&[slice(&[])], "error"),
                (&[Duration(1)], "error"),
            ],
        );
    }
}
