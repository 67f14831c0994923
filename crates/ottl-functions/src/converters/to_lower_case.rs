//! `ToLowerCase`: a text in lower case.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;
use crate::letter_case::LetterCase;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("ToLowerCase")
    .arg("target", ParamType::STRING, "the text")
    .returns(Type::String)
    .docs(
        "A text in lower case, character for character.\n\nOnly texts are taken. Each byte that is not valid UTF-8 \
         becomes U+FFFD.",
    )
    .example(r#"ToLowerCase("ABC")"#, r#""abc""#)
    .value(eval);

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    LetterCase::Lower.apply(arguments::text(args, 0)?, ctx.arena()).map(Value::Str)
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
            &[(&[Str("ÀB İ".as_bytes())], "\"àb i\""), (&[Str(b"")], "\"\""), (&[Nil], "error"), (&[Int(1)], "error")],
        );
    }
}
