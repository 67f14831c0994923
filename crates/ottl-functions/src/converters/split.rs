//! `Split`: the parts of a text between delimiters.

use memchr::memmem;
use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{ArenaVec, EvalError, List, ListKind, Value};

use crate::arguments;
use crate::space::first_char;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Split")
    .arg("target", ParamType::STRING, "the text")
    .arg("delimiter", ParamType::STRING, "what stands between the parts; empty splits into characters")
    .returns(Type::List)
    .docs(
        "The parts of a text between delimiters, as a list of texts.\n\nThe empty text has one empty part; with an \
         empty delimiter it has none.",
    )
    .example(r#"Split("a,b", ",")"#, r#"["a","b"]"#)
    .value(eval);

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let text = arguments::text(args, 0)?;
    let delimiter = arguments::text(args, 1)?;
    let arena = ctx.arena();
    let mut parts = arena.vec();
    match delimiter {
        [] => {
            let mut rest = text;
            while let Some((_, after)) = first_char(rest) {
                parts.push(Value::Str(&rest[..rest.len() - after.len()]))?;
                rest = after;
            }
        }
        // PERF (functions): counting first costs less than a list that grows.
        [byte] => {
            parts.reserve(memchr::memchr_iter(*byte, text).count() + 1)?;
            split(text, 1, memchr::memchr_iter(*byte, text), &mut parts)?;
        }
        _ => split(text, delimiter.len(), memmem::find_iter(text, delimiter), &mut parts)?,
    }
    Ok(Value::List(List::new(ListKind::Strings, parts.into_slice())?))
}

/// The parts of a text between delimiters of a length that stand at these places.
fn split<'a>(
    text: &'a [u8],
    length: usize,
    places: impl Iterator<Item = usize>,
    parts: &mut ArenaVec<'a, Value<'a>>,
) -> Result<(), EvalError> {
    let mut start = 0;
    for at in places {
        parts.push(Value::Str(&text[start..at]))?;
        start = at + length;
    }
    parts.push(Value::Str(&text[start..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"a,b,"), Str(b",")], "Strings[\"a\", \"b\", \"\"]"),
                (&[Str(b""), Str(b",")], "Strings[\"\"]"),
                (&[Str(b"aaaa"), Str(b"aa")], "Strings[\"\", \"\", \"\"]"),
                (&[Str("aé€".as_bytes()), Str(b"")], "Strings[\"a\", \"é\", \"€\"]"),
                (&[Str(b"\xe2\x82"), Str(b"")], "Strings[\"\\xe2\", \"\\x82\"]"),
                (&[Str(b""), Str(b"")], "Strings[]"),
                (&[Nil, Str(b"")], "error"),
                (&[Str(b""), Nil], "error"),
            ],
        );
    }
}
