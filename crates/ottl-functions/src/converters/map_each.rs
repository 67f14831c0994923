//! `MapEach`: what a lambda makes of each element of a list or map.

use std::ops::ControlFlow;

use ottl_core::Arena;
use ottl_core::function::{CallContext, FunctionDef, ParamType, Purity};
use ottl_core::ops::{from_raw, kept_map};
use ottl_core::value::Entry;
use ottl_core::{EvalError, Gate, List, ListKind, Value};

use crate::elements::{self, rebuilt, useless};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("MapEach")
    .arg("source", ParamType::Any, "list or map")
    .arg("mapper", ParamType::Lambda(2), "lambda of index or key and value that gives the new value")
    .purity(Purity::Record)
    .gate(Gate::Lambda)
    .docs(
        "A list or map like the source with each value replaced by what the lambda gives.\n\nKeys and order stay. \
         Nil, times, durations and ids are errors, and so is a source that is neither list nor map.",
    )
    .example("MapEach([1, 2], (i, v) => v * 10)", "[10,20]")
    .example(r#"MapEach({"a": 1}, (k, v) => Concat([k, v], "="))"#, r#"{"a":"a=1"}"#)
    .value(eval);

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let arena = cx.arena();
    let mut mapped = arena.vec();
    let source = elements::each(cx, args, |result, element| {
        mapped.push(Entry { key: element.key, value: storable(result, arena)? })?;
        Ok(ControlFlow::Continue(()))
    })?;
    rebuilt(&source, mapped)
}

/// The result as an element of the new container: maps and typed lists as they are, the rest by the raw conversion.
fn storable<'a>(value: Value<'a>, arena: &'a Arena) -> Result<Value<'a>, EvalError> {
    match value {
        Value::Nil => Err(useless(value, 1)),
        Value::Map(map) => kept_map(map, arena),
        Value::List(List::Wire(..)) => Ok(value),
        Value::List(List::Values(kind, items, extent)) if kind != ListKind::Any && !kind.is_foreign() => {
            Ok(Value::List(List::Values(ListKind::Slice, items, extent)))
        }
        other => from_raw(other, arena),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::with_lambda;
    use crate::test_call::list;

    #[test]
    fn keys_and_order_stay() {
        fn own<'a>(args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
            Ok(args[1])
        }
        for (source, want) in [
            ("[1,[2],2.5]", "[1,[2],2.5]"),
            (r#"{"b":{"c":1},"a":true}"#, r#"{"b":{"c":1},"a":true}"#),
            ("[1,null]", "error"),
            ("{}", "{}"),
            ("null", "error"),
        ] {
            assert_eq!(with_lambda(&DEF, source, own), want, "{source}");
        }
        assert_eq!(with_lambda(&DEF, r#"{"a":1}"#, |args| Ok(args[0])), r#"{"a":"a"}"#);
        assert_eq!(with_lambda(&DEF, r#"[5,6]"#, |args| Ok(args[0])), "[0,1]");
        assert_eq!(with_lambda(&DEF, "[1]", |_| Ok(Value::Duration(1))), "error");
        let typed = |_: &[Value<'_>]| Ok(list(ListKind::Strings, &[Value::Str(b"x")]));
        assert_eq!(with_lambda(&DEF, "[1]", typed), r#"[["x"]]"#);
        let counts = |_: &[Value<'_>]| Ok(list(ListKind::Uints, &[Value::Int(1)]));
        assert_eq!(with_lambda(&DEF, "[1]", counts), "error");
    }
}
