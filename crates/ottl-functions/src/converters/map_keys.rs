//! `MapKeys`: a map with what a lambda makes of its keys.

use std::ops::ControlFlow;

use ottl_core::edit::{MapEntry, Slot};
use ottl_core::function::{CallContext, FunctionDef, ParamType, Purity, Type};
use ottl_core::value::Entry;
use ottl_core::{EvalError, Gate, Value};

use crate::elements::{each, rebuilt, useless};
use crate::pairs::Pairs;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("MapKeys")
    .arg("source", ParamType::MAP, "the map")
    .arg("key_mapper", ParamType::Lambda(2), "lambda of key and value that gives the new key")
    .returns(Type::Map)
    .purity(Purity::Record)
    .gate(Gate::Lambda)
    .docs(
        "A map like the source with each key replaced by what the lambda gives.\n\nValues and order stay. A key that \
         comes twice keeps its first place and its last value. A lambda that gives no text is an error.",
    )
    .example(r#"MapKeys({"a": 1, "b": 2}, (k, v) => ToUpperCase(k))"#, r#"{"A":1,"B":2}"#)
    .value(eval);

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let arena = cx.arena();
    let mut known = Pairs::with_capacity(arena, 0)?;
    let mut renamed = arena.vec();
    let source = each(cx, args, |result, Entry { value, .. }| {
        let Value::Str(key) = result else { return Err(useless(result, 1)) };
        match known.position(key) {
            Some(at) => renamed[at] = Entry { key, value },
            None => {
                known.push_unique(MapEntry::new(key, Slot::Value(Value::Nil)))?;
                renamed.push(Entry { key, value })?;
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    rebuilt(&source, renamed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::with_lambda;

    #[test]
    fn values_and_order_stay() {
        fn value_or_key<'a>(args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
            Ok(if matches!(args[1], Value::Str(_)) { args[1] } else { args[0] })
        }
        for (source, want) in [
            (r#"{"b":1,"a":[2]}"#, r#"{"b":1,"a":[2]}"#),
            (r#"{"b":"x","a":2,"c":"x"}"#, r#"{"x":"x","a":2}"#),
            (r#"{"b":1,"a":"b","c":null}"#, r#"{"b":"b","c":null}"#),
            ("{}", "{}"),
        ] {
            assert_eq!(with_lambda(&DEF, source, value_or_key), want, "{source}");
        }
        assert_eq!(with_lambda(&DEF, r#"{"a":1}"#, |args| Ok(args[1])), "error");
        assert_eq!(with_lambda(&DEF, r#"{"a":1}"#, |_| Ok(Value::Bytes(b"a"))), "error");
    }
}
