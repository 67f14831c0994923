//! `Values`: the values of a map.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, List, ListKind, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Values")
    .arg("target", ParamType::MAP, "the map")
    .returns(Type::List)
    .docs("The values of a map, in its order.\n\nOnly maps are taken.")
    .example(r#"Values({"a": 1})"#, "[1]")
    .value(eval);

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let map = arguments::map(args, 0)?;
    let mut values = ctx.arena().vec_for(map.len())?;
    values.extend(map.iter().map(|entry| entry.value))?;
    Ok(Value::List(List::new(ListKind::Slice, values.into_slice())?))
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
                (&[map(&[Entry { key: b"b", value: Int(1) }, Entry { key: b"a", value: Nil }])], "Slice[1, nil]"),
                (&[Value::Map(Map::EMPTY)], "Slice[]"),
                (&[Nil], "error"),
                (&[slice(&[])], "error"),
            ],
        );
    }
}
