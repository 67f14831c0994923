//! `ToSnakeCase`: a text in snake case.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;
use crate::letter_case::LetterCase;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("ToSnakeCase")
    .arg("target", ParamType::STRING, "the text")
    .returns(Type::String)
    .docs(
        "A text as words in lower case with `_` between them.\n\nSpaces, `_`, `-` and `.` become `_`, and words end between lower and upper case and between letters and \
         digits, all of ASCII; a run of capitals is one word. Only texts are taken.",
    )
    .example(r#"ToSnakeCase("someName")"#, r#""some_name""#)
    .value(eval);

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    LetterCase::Snake.apply(arguments::text(args, 0)?, ctx.arena()).map(Value::Str)
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
                (&[Str(b"SomeHTTPValue2Foo")], "\"some_http_value_2_foo\""),
                (&[Str(b" a-b.c d ")], "\"a_b_c_d\""),
                (&[Str(b"")], "\"\""),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
            ],
        );
    }
}
