//! `ToKeyValueString`: a map as pairs of keys and values in a text.

use memchr::{memchr, memchr3};
use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, Type};
use ottl_core::ops::pdata_text;
use ottl_core::value::Entry;
use ottl_core::{Arena, EvalError, Value};

use crate::arguments;
use crate::delimiters::Delimiters;
use crate::quicksort;
use crate::scratch;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("ToKeyValueString")
    .arg("target", ParamType::MAP, "the map")
    .optional("delimiter", ParamType::ConstString, "what stands between key and value; default `=`")
    .optional("pair_delimiter", ParamType::ConstString, "what stands between pairs; default one space")
    .optional("sort_output", ParamType::ConstBool, "whether pairs are sorted by their keys; default as in the map")
    .returns(Type::String)
    .docs(
        "The pairs of a map as one text, values in the text form of attributes.\n\nA double quote gets a backslash in \
         front of it, and a key or value that holds a delimiter stands in double quotes. nil has an empty text, \
         containers are JSON. Empty or equal delimiters do not compile.",
    )
    .example(r#"ToKeyValueString({"a": 1, "b": "x y"}, sort_output = true)"#, r#""a=1 b=\"x y\"""#)
    .compile(compile);

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let delimiters = Delimiters::of(args)?;
    let sorted = matches!(args.get(3), Some(Const::Value(Value::Bool(true))));
    Ok(Kernel::of_first(move |ctx, args| eval(ctx, args, &delimiters, sorted)))
}

fn eval<'a>(
    ctx: &mut CallContext<'_, 'a>,
    args: &[Value<'a>],
    delimiters: &Delimiters,
    sorted: bool,
) -> Result<Value<'a>, EvalError> {
    let map = arguments::map(args, 0)?;
    let arena = ctx.arena();
    scratch::with_text(|out| {
        if sorted {
            let mut entries = arena.vec();
            entries.extend(map.iter())?;
            let entries = entries.into_slice();
            // COMPAT: of keys that repeat, the reference's sort says which pair comes first.
            quicksort::sort(entries, |a, b| a.key < b.key);
            entries.iter().try_for_each(|entry| write_pair(out, entry, delimiters, arena))?;
        } else {
            map.iter().try_for_each(|entry| write_pair(out, &entry, delimiters, arena))?;
        }
        Ok(Value::Str(arena.copy(out)?))
    })
}

fn write_pair<'a>(
    out: &mut Vec<u8>,
    entry: &Entry<'a>,
    delimiters: &Delimiters,
    arena: &'a Arena,
) -> Result<(), EvalError> {
    let text = pdata_text(&entry.value, arena)?;
    // Each of their bytes may get another one in front of it.
    arena.check(out.len() + 2 * (entry.key.len() + text.len()) + delimiters.pair.needle().len())?;
    if !out.is_empty() {
        out.extend_from_slice(delimiters.pair.needle());
    }
    write_part(out, entry.key, delimiters);
    out.extend_from_slice(delimiters.value.needle());
    write_part(out, text, delimiters);
    Ok(())
}

/// A key or value, with its quotes escaped, and in quotes if a delimiter is in that.
fn write_part(out: &mut Vec<u8>, text: &[u8], delimiters: &Delimiters) {
    // PERF (functions): most parts stand there as they are.
    if let ([pair], [value]) = (delimiters.pair.needle(), delimiters.value.needle())
        && memchr3(b'"', *pair, *value, text).is_none()
    {
        return out.extend_from_slice(text);
    }
    let start = out.len();
    let mut rest = text;
    while let Some(length) = memchr(b'"', rest) {
        out.extend_from_slice(&rest[..length]);
        out.extend_from_slice(b"\\\"");
        rest = &rest[length + 1..];
    }
    out.extend_from_slice(rest);
    let written = &out[start..];
    if delimiters.pair.find(written).is_some() || delimiters.value.find(written).is_some() {
        out.insert(start, b'"');
        out.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Absent, Bool, Bytes, Float, Int, Nil, Str};

    use crate::test_call::{check, map, slice};

    const fn entry(key: &'static str, value: Value<'static>) -> Entry<'static> {
        Entry { key: key.as_bytes(), value }
    }

    const TWO: Value<'static> = map(&[entry("b", Int(1)), entry("a", Str(b"x"))]);
    const QUOTED: Value<'static> = map(&[entry("a b", Str(b"x=\"y\"")), entry("", Str(b"\"")), entry("c", Str(b""))]);
    const TYPES: Value<'static> = map(&[
        entry("n", Nil),
        entry("f", Float(1e21)),
        entry("y", Bytes(b"\x01\x02")),
        entry("l", slice(&[Str(b"p q"), Bool(true)])),
    ]);

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[TWO], "\"b=1 a=x\""),
                (&[TWO, Str(b":"), Str(b", "), Bool(true)], "\"a:x, b:1\""),
                (&[TWO, Absent, Absent, Bool(false)], "\"b=1 a=x\""),
                (&[map(&[])], "\"\""),
                (&[QUOTED], "\"\"a b\"=\"x=\\\"y\\\"\" =\\\" c=\""),
                (&[QUOTED, Str(b"\\\""), Str(b"|")], "\"a b\\\"\"x=\\\"y\\\"\"|\\\"\"\\\"\"|c\\\"\""),
                (&[TYPES], "\"n= f=1e+21 y=\"AQI=\" l=\"[\\\"p q\\\",true]\"\""),
                (&[TWO, Str(b"")], "refused"),
                (&[TWO, Absent, Str(b"")], "refused"),
                (&[TWO, Str(b" ")], "refused"),
                (&[TWO, Str(b"x"), Str(b"x")], "refused"),
                (&[Nil], "error"),
                (&[slice(&[])], "error"),
            ],
        );
    }
}
