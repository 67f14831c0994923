//! `TraceID`: a trace id.

use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, Type};
use ottl_core::{ErrorKind, EvalError, Value};

use crate::arguments;
use crate::hex;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("TraceID")
    .arg("target", ParamType::BYTES_LIKE, "16 bytes or 32 hexadecimal digits, as bytes or text")
    .returns(Type::TraceId)
    .docs(
        "A trace id from 16 bytes or 32 hexadecimal digits of either case, as bytes or as text.\n\nAnything else \
         is an error; a literal is checked when the rules are compiled.",
    )
    .example("String(TraceID(0x00000000000000000000000000000001))", r#""[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1]""#)
    .compile(compile);

/// A literal that is no id does not compile.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let literal = match args.first() {
        Some(Const::Value(Value::Bytes(bytes))) => bytes,
        Some(Const::Value(_)) => &[][..],
        _ => return Ok(Kernel::value(eval)),
    };
    match id(literal) {
        Some(_) => Ok(Kernel::value(eval)),
        None => Err("the literal is no trace id".to_owned()),
    }
}

fn id(bytes: &[u8]) -> Option<[u8; 16]> {
    <[u8; 16]>::try_from(bytes).ok().or_else(|| hex::decode(bytes))
}

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let id = id(arguments::bytes(args, 0)?);
    id.map(Value::TraceId)
        .ok_or_else(|| EvalError::new(ErrorKind::BadText("trace id of 16 bytes or 32 hex digits")).of(0))
}

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
                (&[Bytes(b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01")], "trace 00000000000000000000000000000001"),
                (&[Str(b"000000000000000000000000000000Ab")], "trace 000000000000000000000000000000ab"),
                (&[Str(b"aaaaaaaaaaaaaaaa")], "trace 61616161616161616161616161616161"),
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
