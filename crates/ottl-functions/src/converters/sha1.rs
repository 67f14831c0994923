//! `SHA1`: the SHA-1 of a text.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};
use sha1::{Digest, Sha1};

use crate::arguments;
use crate::hex;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("SHA1")
    .arg("target", ParamType::STRING, "the text")
    .returns(Type::String)
    .docs("The SHA-1 of the bytes of a text, in lower-case hexadecimal digits.\n\nOnly texts are taken.")
    .example(r#"SHA1("hello")"#, r#""aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d""#)
    .value(eval);

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let text = arguments::text(args, 0)?;
    hex::encode(&Sha1::digest(text), ctx.arena()).map(Value::Str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Bytes, Int, Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"")], "\"da39a3ee5e6b4b0d3255bfef95601890afd80709\""),
                (&[Str(b"hello")], "\"aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d\""),
                (&[Str(b"\xff\x00")], "\"da33e41954997c24ad31f6c1845e18510b384f67\""),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
                (&[Bytes(b"hello")], "error"),
            ],
        );
    }
}
