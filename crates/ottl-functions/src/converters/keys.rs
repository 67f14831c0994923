//! `Keys`: the keys of a map.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, List, ListKind, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Keys")
    .arg("target", ParamType::MAP, "the map")
    .returns(Type::List)
    .docs("The keys of a map, in its order.\n\nOnly maps are taken.")
    .example(r#"Keys({"a": 1})"#, r#"["a"]"#)
    .value(eval);

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let map = arguments::map(args, 0)?;
    let mut keys = ctx.arena().vec_for(map.len())?;
    keys.extend(map.iter().map(|entry| Value::Str(entry.key)))?;
    Ok(Value::List(List::new(ListKind::Slice, keys.into_slice())?))
}

#[cfg(test)]
mod tests {
    use ottl_core::Map;
    use ottl_core::value::Entry;

    use super::*;
    use Value::{Int, Nil};

    use crate::test_call::{check, map, slice};

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[map(&[Entry { key: b"b", value: Int(1) }, Entry { key: b"a", value: Nil }])], "Slice[\"b\", \"a\"]"),
                (&[Value::Map(Map::EMPTY)], "Slice[]"),
                (&[Nil], "error"),
                (&[slice(&[])], "error"),
            ],
        );
    }
}
