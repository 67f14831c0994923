//! `ToUpperCase`: a text in upper case.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;
use crate::letter_case::LetterCase;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("ToUpperCase")
    .arg("target", ParamType::STRING, "the text")
    .returns(Type::String)
    .docs(
        "A text in upper case, character for character.\n\nOnly texts are taken. Each byte that is not valid UTF-8 \
         becomes U+FFFD.",
    )
    .example(r#"ToUpperCase("abc")"#, r#""ABC""#)
    .value(eval);

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    LetterCase::Upper.apply(arguments::text(args, 0)?, ctx.arena()).map(Value::Str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Int, Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str("àbß".as_bytes())], "\"ÀBß\""),
                (&[Str(b"ab\xff")], "\"AB�\""),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
            ],
        );
    }
}
