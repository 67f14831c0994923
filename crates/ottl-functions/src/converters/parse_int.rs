//! `ParseInt`: an integer out of a text in a base.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::number::{NumberError, parse_int_in};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("ParseInt")
    .arg("target", ParamType::STRING, "the text")
    .arg("base", ParamType::INT, "2 to 36, or 0: as the text's prefix says")
    .returns(Type::Int)
    .docs(
        "The integer that a text writes in a base, with an optional sign.\n\nDigits above 9 are letters in either case. \
         With base 0 the prefixes `0b`, `0o` or `0`, and `0x` choose base 2, 8 and 16, and underscores may stand \
         between digits. Texts of another form, numbers beyond 64 bits and other bases are errors.",
    )
    .example(r#"ParseInt("ff", 16)"#, "255")
    .example(r#"ParseInt("0b1_01", 0)"#, "5")
    .value(eval);

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let text = arguments::text(args, 0)?;
    let base = match u32::try_from(arguments::int(args, 1)?) {
        Ok(base @ (0 | 2..=36)) => base,
        _ => return Err(EvalError::function("a base is 0, or 2 to 36").of(1)),
    };
    parse_int_in(text, base).map(Value::Int).map_err(|error| {
        EvalError::function(match error {
            NumberError::Syntax => "the text is no number of this base",
            NumberError::Range => "the number does not fit into 64 bits",
        })
        .of(0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Float, Int, Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"-7f"), Int(16)], "-127"),
                (&[Str(b"0x7F"), Int(0)], "127"),
                (&[Str(b"Zz"), Int(36)], "1295"),
                (&[Str(b""), Int(10)], "error"),
                (&[Str(b"9223372036854775808"), Int(10)], "error"),
                (&[Str(b"1"), Int(1)], "error"),
                (&[Str(b"1"), Int(37)], "error"),
                (&[Str(b"1"), Int(-2)], "error"),
                (&[Str(b"1"), Int(1 << 32)], "error"),
                (&[Int(1), Int(10)], "error"),
                (&[Nil, Int(10)], "error"),
                (&[Str(b"1"), Float(10.0)], "error"),
            ],
        );
    }
}
