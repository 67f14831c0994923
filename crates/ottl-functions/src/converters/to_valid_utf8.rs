//! `ToValidUTF8`: a text without invalid UTF-8.

use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, Type};
use ottl_core::{EvalError, Gate, Target, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("ToValidUTF8")
    .since(Target::V0_165)
    .gate(Gate::Experimental)
    .arg("target", ParamType::STRING, "the text")
    .optional("replacement", ParamType::ConstString, "what stands for bytes that are not valid; default U+FFFD")
    .returns(Type::String)
    .docs(
        "A text in which each run of bytes that are not valid UTF-8 is replaced.\n\nOnly texts are taken; valid ones stay \
         as they are.",
    )
    .example(r#"ToValidUTF8("valid", "?")"#, r#""valid""#)
    .compile(compile);

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let replacement = arguments::literal(args, 1)?.unwrap_or("\u{fffd}").to_owned();
    Ok(Kernel::of_first(move |ctx, args| eval(ctx, args, replacement.as_bytes())))
}

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>], replacement: &[u8]) -> Result<Value<'a>, EvalError> {
    let text = arguments::text(args, 0)?;
    if std::str::from_utf8(text).is_ok() {
        return Ok(Value::Str(text));
    }
    let mut out = ctx.arena().vec_for(text.len())?;
    let mut in_run = false;
    for chunk in text.utf8_chunks() {
        in_run &= chunk.valid().is_empty();
        out.extend_from_slice(chunk.valid().as_bytes())?;
        if !chunk.invalid().is_empty() {
            if !in_run {
                out.extend_from_slice(replacement)?;
            }
            in_run = true;
        }
    }
    Ok(Value::Str(out.into_slice()))
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
                (&[Str("aé".as_bytes())], "\"aé\""),
                (&[Str(b"\xffab\xff\xfec")], "\"\u{fffd}ab\u{fffd}c\""),
                (&[Str(b"\xffab\xff\xfec\xc3"), Str(b"?")], "\"?ab?c?\""),
                (&[Str(b"\xe2\x82\xe2\x82a\xed\xa0\x80"), Str(b"")], "\"a\""),
                (&[Str(b"\xff"), Str(b"xy")], "\"xy\""),
                (&[Str(b"a"), Str(b"\xff")], "refused"),
                (&[Str(b"")], "\"\""),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
                (&[Bytes(b"a")], "error"),
            ],
        );
    }
}
