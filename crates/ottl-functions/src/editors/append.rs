//! `append`: adds values to the end of a list.

use ottl_core::edit::{MapEntry, Slot};
use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType};
use ottl_core::ops::from_raw;
use ottl_core::value::Entry;
use ottl_core::{Arena, EvalError, List, ListKind, Map, Value};

use crate::pairs::Pairs;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("append")
    .arg("target", ParamType::Target, "path of the list; nil counts as an empty list, a scalar as a list of one")
    .optional("value", ParamType::Any, "value to add")
    .optional("values", ParamType::ListOf(None), "values to add after `value`")
    .docs(
        "Adds values to the end of a list.\n\nAt least one of `value` and `values` must be given. A missing target \
         becomes a list, a scalar the first element of one. Maps, typed lists, times, durations and ids cannot be \
         added.",
    )
    .example(
        r#"append(log.attributes["tags"], "c")"#,
        r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"method","value":{"stringValue":"GET"}},{"key":"status","value":{"intValue":"200"}},{"key":"user","value":{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"ann"}},{"key":"id","value":{"intValue":"7"}}]}}},{"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"},{"stringValue":"c"}]}}}]}"#,
    )
    .compile(compile);

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    if matches!(args, [_, Const::Absent, Const::Absent]) {
        return Err("at least one of 'value' and 'values' must be given".to_owned());
    }
    Ok(Kernel::edit(eval))
}

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<(), EvalError> {
    let arena = cx.arena();
    let current = cx.read(args[0])?;
    let mut items = arena.vec();
    match current {
        Value::Nil => {}
        // What a stored list holds can be stored again, maps included; a list of unsigned integers or times is
        // one element.
        Value::List(list) => match list.kind() {
            ListKind::Any => {
                for item in list.iter() {
                    items.push(from_raw(item, arena)?)?;
                }
            }
            kind if kind.is_foreign() => items.push(from_raw(current, arena)?)?,
            // COMPAT: the reference takes the elements through its own maps, where a repeated key has its last value.
            _ => {
                for item in list.iter() {
                    items.push(without_repeats(item, arena)?)?;
                }
            }
        },
        scalar => items.push(from_raw(scalar, arena)?)?,
    }
    if !args[1].is_absent() {
        items.push(from_raw(args[1], arena)?)?;
    }
    if let Value::List(values) = args[2] {
        for value in values.iter() {
            items.push(from_raw(value, arena)?)?;
        }
    }
    cx.write(args[0], arena.list(ListKind::Slice, items.into_slice())?)
}

/// The value with every key of its maps once.
///
/// Lists and maps have functions of their own, because what one of them keeps on the stack is kept for each level.
fn without_repeats<'a>(value: Value<'a>, arena: &'a Arena) -> Result<Value<'a>, EvalError> {
    match value {
        Value::Map(map) => map_without_repeats(map, arena),
        Value::List(list) if list.kind() == ListKind::Slice => list_without_repeats(list, arena),
        other => Ok(other),
    }
}

#[inline(never)]
fn map_without_repeats<'a>(map: Map<'a>, arena: &'a Arena) -> Result<Value<'a>, EvalError> {
    let mut pairs = Pairs::with_capacity(arena, map.len())?;
    for entry in map.iter() {
        pairs.put(MapEntry::new(entry.key, Slot::Value(without_repeats(entry.value, arena)?)))?;
    }
    let entry = |pair: &MapEntry<'a>| match pair.value {
        Slot::Value(value) => Entry { key: pair.key, value },
        Slot::Wire(_) => Entry { key: pair.key, value: Value::Nil },
    };
    Map::new(arena.collect(pairs.entries().iter().map(entry))?).map(Value::Map)
}

#[inline(never)]
fn list_without_repeats<'a>(list: List<'a>, arena: &'a Arena) -> Result<Value<'a>, EvalError> {
    let mut items = arena.vec();
    for item in list.iter() {
        items.push(without_repeats(item, arena)?)?;
    }
    List::new(ListKind::Slice, items.into_slice()).map(Value::List)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, cases, compile_error};

    #[test]
    fn any_target_becomes_a_list() {
        cases(
            &DEF,
            &[
                ("null", &[Arg::Lit("1")], "[1]"),
                (r#""a""#, &[Arg::Lit("1"), Arg::Lit("[2,null]")], r#"["a",1,2,null]"#),
                (r#"[{"a":1}]"#, &[Arg::Absent, Arg::Dyn("[[3]]")], r#"[{"a":1},[3]]"#),
                (r#"[{"a":1,"b":[{"c":1,"c":2}],"a":3}]"#, &[Arg::Lit("1")], r#"[{"a":3,"b":[{"c":2}]},1]"#),
                (r#"{"a":1}"#, &[Arg::Lit("1")], "error"),
                ("[1]", &[Arg::Dyn(r#"{"a":1}"#)], "error"),
                ("[1]", &[Arg::Fails], "error"),
            ],
        );
        assert!(compile_error(&DEF, &[Arg::Absent, Arg::Absent]).contains("at least one"));
    }
}
