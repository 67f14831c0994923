//! `SpanID`: a span id.

use ottl_core::Value;
use ottl_core::function::{FunctionDef, ParamType, Type};

use crate::family::id;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("SpanID")
    .arg("target", ParamType::BYTES_LIKE, "8 bytes or 16 hexadecimal digits, as bytes or text")
    .returns(Type::SpanId)
    .docs(
        "A span id from 8 bytes or 16 hexadecimal digits of either case, as bytes or as text.\n\nAnything else is \
         an error; a literal is checked when the rules are compiled. Ints and floats give their eight bytes.",
    )
    .example("String(SpanID(0x0000000000000001))", r#""[0,0,0,0,0,0,0,1]""#)
    .compile(|args| id::kernel(args, ("span id", "span id of 8 bytes or 16 hex digits"), Value::SpanId));

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Bool, Bytes, Int, Nil, Str};

    use crate::test_call::{check, refuses, slice};

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Bytes(b"\0\0\0\0\0\0\0\x01")], "span 0000000000000001"),
                (&[Str(b"00000000000000Ab")], "span 00000000000000ab"),
                (&[Str(b"aaaaaaaa")], "span 6161616161616161"),
                (&[Str(b"00000000000000xy")], "error"),
                (&[Str(b"")], "error"),
                (&[Nil], "error"),
                (&[Bool(true)], "error"),
                (&[slice(&[])], "error"),
                (&[Int(255)], "span 00000000000000ff"),
            ],
        );
    }

    #[test]
    fn literals_that_do_not_compile() {
        refuses(&DEF, &[&[Nil], &[Str(b"zz")], &[Bool(true)]]);
    }
}
