//! `HasSuffix`: whether a text ends with another.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("HasSuffix")
    .arg("target", ParamType::STRING, "the text")
    .arg("suffix", ParamType::STRING, "what it should end with")
    .returns(Type::Bool)
    .docs("Whether a text ends with another, byte for byte.\n\nOnly texts are taken.")
    .example(r#"HasSuffix("a.log", ".log")"#, "true")
    .value(eval);

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    Ok(Value::Bool(arguments::text(args, 0)?.ends_with(arguments::text(args, 1)?)))
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
                (&[Str(b"abc"), Str(b"bc")], "true"),
                (&[Str(b"abc"), Str(b"")], "true"),
                (&[Str(b"a"), Str(b"ba")], "false"),
                (&[Nil, Str(b"")], "error"),
                (&[Str(b""), Int(1)], "error"),
            ],
        );
    }
}
