//! `ParseJSON`: values from JSON text.
//!
//! The parser is in `json`.

use ottl_core::function::{CallContext, FunctionDef, ParamType};
use ottl_core::{EvalError, Value};

use crate::arguments;
use crate::json;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("ParseJSON")
    .arg("target", ParamType::STRING, "the text of an object or array")
    .docs(
        "The map or list of a JSON object or array.\n\nEvery number becomes a float; of a repeated key the last \
         value stays. Scalars, other text behind the value, numbers that are too large and more than 512 levels \
         are errors.",
    )
    .example(r#"ParseJSON("{\"a\": [1, true]}")"#, r#"{"a":[1,true]}"#)
    .value(eval);

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let text = arguments::text(args, 0)?;
    match json::parse(text, ctx.arena()).map_err(|e| e.of(0))? {
        value @ (Value::Map(_) | Value::List(_)) => Ok(value),
        _ => Err(EvalError::function("the JSON text is neither an object nor an array").of(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Bytes, Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(br#"{"a":1,"b":["x",null]}"#)], "{a: 1.0, b: Slice[\"x\", nil]}"),
                (&[Str(b"[]")], "Slice[]"),
                (&[Str(b"1")], "error"),
                (&[Str(b"null")], "error"),
                (&[Str(b"")], "error"),
                (&[Str(b"{")], "error"),
                (&[Nil], "error"),
                (&[Bytes(b"{}")], "error"),
            ],
        );
    }
}
