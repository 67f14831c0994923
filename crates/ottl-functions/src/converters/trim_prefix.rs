//! `TrimPrefix`: a text without a part at its start.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("TrimPrefix")
    .arg("target", ParamType::STRING, "the text")
    .arg("prefix", ParamType::STRING, "what goes, once")
    .returns(Type::String)
    .docs(
        "A text without a part at its start; the text itself when it does not have that part.\n\nOnly texts are \
         taken.",
    )
    .example(r#"TrimPrefix("/users", "/")"#, r#""users""#)
    .value(eval);

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let text = arguments::text(args, 0)?;
    Ok(Value::Str(text.strip_prefix(arguments::text(args, 1)?).unwrap_or(text)))
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
                (&[Str(b"aab"), Str(b"a")], "\"ab\""),
                (&[Str(b"ab"), Str(b"x")], "\"ab\""),
                (&[Str(b"ab"), Str(b"")], "\"ab\""),
                (&[Nil, Str(b"")], "error"),
                (&[Str(b""), Int(1)], "error"),
            ],
        );
    }
}
