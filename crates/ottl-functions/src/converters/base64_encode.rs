//! `Base64Encode`: a text in base64.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Base64Encode")
    .arg("target", ParamType::STRING, "the text")
    .optional("variant", ParamType::STRING, "`base64` (the default), `base64-raw`, `base64-url` or `base64-raw-url`")
    .returns(Type::String)
    .docs(
        "A text in base64.\n\nThe raw variants have no padding; the url variants use `-` and `_`. Another variant \
         is an error when the rule runs.",
    )
    .example(r#"Base64Encode("hi?")"#, r#""aGk/""#)
    .example(r#"Base64Encode("hi?", "base64-url")"#, r#""aGk_""#)
    .value(eval);

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let text = arguments::text(args, 0)?;
    let variant = if arguments::any(args, 1).is_absent() { &b"base64"[..] } else { arguments::text(args, 1)? };
    let engine = match variant {
        b"base64" => &STANDARD,
        b"base64-raw" => &STANDARD_NO_PAD,
        b"base64-url" => &URL_SAFE,
        b"base64-raw-url" => &URL_SAFE_NO_PAD,
        _ => {
            return Err(EvalError::function(
                "the variant is none of base64, base64-raw, base64-url and base64-raw-url",
            )
            .of(1));
        }
    };
    let out = ctx.arena().repeat(text.len().div_ceil(3) * 4, 0u8)?;
    let Ok(len) = engine.encode_slice(text, out) else { return Err(EvalError::function("no room for base64")) };
    Ok(Value::Str(&out[..len]))
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
                (&[Str(b"")], "\"\""),
                (&[Str(b"a")], "\"YQ==\""),
                (&[Str(b"\xfb\xff"), Str(b"base64-raw")], "\"+/8\""),
                (&[Str(b"\xfb\xff"), Str(b"base64-url")], "\"-_8=\""),
                (&[Str(b"\xfb\xff"), Str(b"base64-raw-url")], "\"-_8\""),
                (&[Str(b"a"), Str(b"hex")], "error"),
                (&[Nil], "error"),
                (&[Str(b"a"), Nil], "error"),
                (&[Bytes(b"a")], "error"),
            ],
        );
    }
}
