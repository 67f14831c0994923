//! `MD5`: the MD5 of a text.

use md5::{Digest, Md5};
use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;
use crate::hex;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("MD5")
    .arg("target", ParamType::STRING, "the text")
    .returns(Type::String)
    .docs("The MD5 of the bytes of a text, in lower-case hexadecimal digits.\n\nOnly texts are taken.")
    .example(r#"MD5("hello")"#, r#""5d41402abc4b2a76b9719d911017c592""#)
    .value(eval);

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let text = arguments::text(args, 0)?;
    hex::encode(&Md5::digest(text), ctx.arena()).map(Value::Str)
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
                (&[Str(b"")], "\"d41d8cd98f00b204e9800998ecf8427e\""),
                (&[Str(b"hello")], "\"5d41402abc4b2a76b9719d911017c592\""),
                (&[Str(b"\xff\x00")], "\"e0e8bfafbb0689563b2fba789c97b3cc\""),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
                (&[Bytes(b"hello")], "error"),
            ],
        );
    }
}
