//! `ProfileID`: the id of a profile.

use ottl_core::Value;
use ottl_core::function::{FunctionDef, ParamType, Type};

use crate::family::id;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("ProfileID")
    .arg("target", ParamType::BYTES_LIKE, "16 bytes or 32 hexadecimal digits, as bytes or text")
    .returns(Type::ProfileId)
    .docs(
        "The id of a profile from 16 bytes or 32 hexadecimal digits of either case, as bytes or as text.\n\nAnything else \
         is an error; a literal is checked when the rules are compiled.",
    )
    .example("String(ProfileID(0x00000000000000000000000000000001))", r#""[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1]""#)
    .compile(|args| id::kernel(args, ("profile id", "profile id of 16 bytes or 32 hex digits"), Value::ProfileId));

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
                (&[Bytes(b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01")], "profile 00000000000000000000000000000001"),
                (&[Str(b"000000000000000000000000000000Ab")], "profile 000000000000000000000000000000ab"),
                (&[Str(b"aaaaaaaaaaaaaaaa")], "profile 61616161616161616161616161616161"),
                (&[Str(b"000000000000000000000000000000xy")], "error"),
                (&[Str(b"")], "error"),
                (&[Nil], "error"),
                (&[Bool(true)], "error"),
                (&[slice(&[])], "error"),
            ],
        );
    }

    #[test]
    fn literals_that_do_not_compile() {
        refuses(&DEF, &[&[Nil], &[Str(b"zz")], &[Int(1)]]);
    }
}
