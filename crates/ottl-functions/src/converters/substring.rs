//! `Substring`: a part of a text by bytes.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{ErrorKind, EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Substring")
    .arg("target", ParamType::STRING, "the text")
    .arg("start", ParamType::INT, "where it starts, in bytes")
    .arg("length", ParamType::INT, "how many bytes, at least 1")
    .optional(
        "utf8_safe",
        ParamType::ConstBool,
        "whether both ends move inwards to the borders of characters; default false",
    )
    .returns(Type::String)
    .docs(
        "A part of a text, counted in bytes.\n\nA negative start, a length below 1 and a part that leaves the text \
         are errors.",
    )
    .example(r#"Substring("abcdef", 1, 3)"#, r#""bcd""#)
    .value(eval);

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let text = arguments::text(args, 0)?;
    let (start, length) = (arguments::int(args, 1)?, arguments::int(args, 2)?);
    let range = usize::try_from(start).ok().zip(usize::try_from(length).ok().filter(|&length| length > 0));
    let range = range.and_then(|(start, length)| Some((start, start.checked_add(length)?)));
    let Some((mut start, mut end)) = range.filter(|&(_, end)| end <= text.len()) else {
        return Err(ErrorKind::Part { start, length, of: u32::try_from(text.len()).unwrap_or(u32::MAX) }.into());
    };
    if arguments::any(args, 3).as_bool() == Some(true) {
        let inside_character = |at: usize| text.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
        while inside_character(start) {
            start += 1;
        }
        while start < end && inside_character(end) {
            end -= 1;
        }
        end = end.max(start);
    }
    Ok(Value::Str(&text[start..end]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Bool, Int, Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"abc"), Int(1), Int(2)], "\"bc\""),
                (&[Str(b"abc"), Int(1), Int(3)], "error"),
                (&[Str(b"abc"), Int(-1), Int(1)], "error"),
                (&[Str(b"abc"), Int(0), Int(0)], "error"),
                (&[Str(b"abc"), Int(i64::MAX), Int(i64::MAX)], "error"),
                (&[Str("é€".as_bytes()), Int(1), Int(3)], "\"\\xa9\\xe2\\x82\""),
                (&[Str("é€x".as_bytes()), Int(1), Int(5), Bool(true)], "\"€x\""),
                (&[Str("é€".as_bytes()), Int(1), Int(3), Bool(true)], "\"\""),
                (&[Str(b"abc"), Nil, Int(1)], "error"),
                (&[Nil, Int(0), Int(1)], "error"),
            ],
        );
    }
}
