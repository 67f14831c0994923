//! `ToCamelCase`: a text in camel case.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;
use crate::letter_case::LetterCase;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("ToCamelCase")
    .arg("target", ParamType::STRING, "the text")
    .returns(Type::String)
    .docs(
        "A text as words without separators, each with a capital.\n\nWords end at spaces, `_`, `-`, `.` and behind digits. Only ASCII letters and digits stay, and of a run of \
         capitals the first stays one. Only texts are taken.",
    )
    .example(r#"ToCamelCase("some_name")"#, r#""SomeName""#)
    .value(eval);

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    LetterCase::Camel.apply(arguments::text(args, 0)?, ctx.arena()).map(Value::Str)
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
                (&[Str(b"http-status ID2x")], "\"HttpStatusId2X\""),
                (&[Str(b"someHTTPThing")], "\"SomeHttpthing\""),
                (&[Str(b"ID")], "\"Id\""),
                (&[Str(b"")], "\"\""),
                (&[Str(b" \xc3\xa9-a\xff")], "\"A\""),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
            ],
        );
    }
}
