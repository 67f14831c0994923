//! `SliceToMap`: a map out of the elements of a list.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::number::{INT_TEXT, int_text};
use ottl_core::value::Entry;
use ottl_core::{EvalError, List, Map, Value};

use crate::arguments;
use crate::pairs::Pairs;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("SliceToMap")
    .arg("target", ParamType::LIST, "the list")
    .optional("key_path", ParamType::ConstStrings, "where in an element its key is, key by key; default its index")
    .optional("value_path", ParamType::ConstStrings, "where in an element its value is; default the whole element")
    .returns(Type::Map)
    .docs(
        "A map with a pair for each element of a list.\n\nThe keys of a path lead through maps inside the element. With \
         a path, every element has to be a map that has something there, and under `key_path` a text; other elements \
         are errors, and so is an empty path. Of a repeated key the first place and the last value stay.",
    )
    .example(r#"SliceToMap(["a", "b"])"#, r#"{"0":"a","1":"b"}"#)
    .example(
        r#"SliceToMap(Values({"x": {"name": "a", "n": 1}}), ["name"], ["n"])"#,
        r#"{"a":1}"#,
    )
    .value(eval);

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let list = arguments::list(args, 0)?;
    let path = |idx: usize| {
        if arguments::any(args, idx).is_absent() { Ok(None) } else { arguments::list(args, idx).map(Some) }
    };
    let (key_path, value_path) = (path(1)?, path(2)?);
    let arena = ctx.arena();
    let mut pairs = Pairs::with_capacity(arena, list.len())?;
    let mut idx = 0;
    list.try_each(|element| {
        let inside = |path: List<'a>| match element {
            Value::Map(map) => follow(*map, path).map_err(|e| e.of(0)),
            _ => Err(EvalError::function("an element is no map").of(0)),
        };
        let key = match key_path {
            Some(path) => match inside(path)? {
                Value::Str(key) => key,
                _ => return Err(EvalError::function("the key of an element is no text").of(0)),
            },
            None => arena.copy(int_text(idx, &mut [0; INT_TEXT]))?,
        };
        idx += 1;
        let value = value_path.map_or(Ok(*element), inside)?;
        if key_path.is_some() {
            pairs.put(Entry { key, value })?;
        } else {
            pairs.push_unique(Entry { key, value })?;
        }
        Ok(())
    })?;
    pairs.into_map(arena)
}

/// What lies in a map behind these keys.
fn follow<'a>(map: Map<'a>, path: List<'a>) -> Result<Value<'a>, EvalError> {
    let mut found = None;
    for key in path.iter() {
        let map = match found {
            None => map,
            Some(Value::Map(map)) => map,
            Some(_) => return Err(EvalError::function("a key of the path leads into something that is no map")),
        };
        let value = key.as_str().and_then(|key| map.get(key));
        found = Some(value.ok_or_else(|| EvalError::function("an element has nothing at the path"))?);
    }
    match found {
        // The map of a URL turned into a stored map, and its port into an int.
        Some(Value::GoInt(port)) => Ok(Value::Int(port)),
        Some(value) => Ok(value),
        None => Err(EvalError::function("a path without keys leads nowhere")),
    }
}

#[cfg(test)]
mod tests {
    use ottl_core::ListKind;

    use super::*;
    use Value::{Absent, Int, Nil, Str};

    use crate::test_call::{any, check, list, map, slice};

    const fn entry(key: &'static str, value: Value<'static>) -> Entry<'static> {
        Entry { key: key.as_bytes(), value }
    }

    const fn keys(keys: &'static [Value<'static>]) -> Value<'static> {
        list(ListKind::Strings, keys)
    }

    const INNER: Value<'static> = map(&[entry("id", Str(b"c")), entry("x", Nil)]);
    const ELEMENTS: Value<'static> = slice(&[
        map(&[entry("id", Str(b"a")), entry("n", Int(1)), entry("m", INNER)]),
        map(&[entry("id", Str(b"b")), entry("n", Int(2)), entry("m", INNER)]),
        map(&[entry("id", Str(b"a")), entry("n", Int(3)), entry("m", INNER)]),
    ]);
    const ID: Value<'static> = keys(&[Str(b"id")]);
    const N: Value<'static> = keys(&[Str(b"n")]);
    const M_X: Value<'static> = keys(&[Str(b"m"), Str(b"x")]);
    const M_ID: Value<'static> = keys(&[Str(b"m"), Str(b"id")]);
    const ID_X: Value<'static> = keys(&[Str(b"id"), Str(b"x")]);
    const X: Value<'static> = keys(&[Str(b"x")]);
    const NO_KEYS: Value<'static> = keys(&[]);
    const MIXED: Value<'static> = slice(&[INNER, Int(1)]);

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[any(&[Str(b"a"), Nil])], "{0: \"a\", 1: nil}"),
                (&[MIXED], "{0: {id: \"c\", x: nil}, 1: 1}"),
                (&[slice(&[])], "{}"),
                (&[slice(&[]), NO_KEYS, NO_KEYS], "{}"),
                (&[list(ListKind::Ints, &[Int(5)])], "{0: 5}"),
                (&[ELEMENTS, ID, N], "{a: 3, b: 2}"),
                (&[ELEMENTS, Absent, N], "{0: 1, 1: 2, 2: 3}"),
                (&[ELEMENTS, Absent, M_X], "{0: nil, 1: nil, 2: nil}"),
                (&[ELEMENTS, M_ID, ID], "{c: \"a\"}"),
                (&[slice(&[INNER]), ID], "{c: {id: \"c\", x: nil}}"),
                (&[ELEMENTS, N], "error"),
                (&[ELEMENTS, X], "error"),
                (&[ELEMENTS, Absent, ID_X], "error"),
                (&[ELEMENTS, NO_KEYS], "error"),
                (&[MIXED, ID], "error"),
                (&[MIXED, Absent, ID], "error"),
                (&[Nil], "error"),
                (&[INNER], "error"),
            ],
        );
    }
}
