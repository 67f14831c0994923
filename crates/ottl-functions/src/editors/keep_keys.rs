//! `keep_keys`: keeps only the keys of a list.

use ottl_core::edit::MapEdit;
use ottl_core::function::{Const, FunctionDef, Kernel, KeyFilter, KeySet, ParamType};
use ottl_core::ops::Coercion;
use ottl_core::{Arena, ErrorKind, EvalError, ListKind, Target, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("keep_keys")
    .arg("target", ParamType::MapTarget, "path of the map")
    .arg("keys", ParamType::Elements(Some(Coercion::String)), "keys that stay, all of them texts")
    .since(Target::V0_165)
    .before(&LITERAL)
    .docs(
        "Removes the keys of a map that are not in a list.\n\nThe keys that stay keep their order; an empty list \
         empties the map.",
    )
    .example(
        r#"keep_keys(log.attributes, ["status", "method"])"#,
        r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"method","value":{"stringValue":"GET"}},{"key":"status","value":{"intValue":"200"}}]}"#,
    )
    .compile(compile);

/// As versions had it that took a list literal only.
const LITERAL: FunctionDef = FunctionDef::editor("keep_keys")
    .arg("target", ParamType::MapTarget, "path of the map")
    .arg("keys", ParamType::ListOf(Some(Coercion::String)), "keys that stay")
    .until(Target::V0_161)
    .compile(compile);

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let keys = match &args[1] {
        Const::Value(Value::List(keys)) => keys,
        Const::Value(_) => return Err("the keys must be a list of texts".to_owned()),
        _ => return Ok(Kernel::edit_map(computed)),
    };
    let set = KeySet::new(keys.iter().filter_map(|key| key.as_str()));
    Ok(Kernel::FilterKeys(KeyFilter::Only(set)))
}

/// More keys than this are looked up in a table.
const FEW: usize = 8;

fn is_slice_of_numbers(kind: ListKind) -> bool {
    match kind {
        ListKind::Slice | ListKind::Any | ListKind::Strings => false,
        ListKind::Ints | ListKind::Uints | ListKind::Floats | ListKind::Bools | ListKind::Times => true,
    }
}

/// With keys that are known at run time only.
fn computed<'a>(map: &mut MapEdit<'a>, args: &[Value<'a>], _: &'a Arena) -> Result<(), EvalError> {
    let got = |value: &Value<'_>, expected| EvalError::new(ErrorKind::Type { expected, got: value.type_name() }).of(1);
    let keys = match arguments::any(args, 1) {
        // COMPAT: bytes and lists of numbers are slices of Go to the reference, and its own are nil where they are empty.
        Value::Bytes(b"") => return Err(EvalError::function("there is no list of keys").of(1)),
        Value::List(keys) if keys.is_empty() && is_slice_of_numbers(keys.kind()) => {
            return Err(EvalError::function("there is no list of keys").of(1));
        }
        Value::List(keys) => keys,
        other => return Err(got(&other, "list")),
    };
    if let Some(other) = keys.iter().find(|key| key.as_str().is_none()) {
        return Err(got(&other, "string"));
    }
    if keys.len() <= FEW {
        map.retain_keys(|pair| keys.iter().any(|key| key.as_str() == Some(pair)));
    } else {
        let set = KeySet::new(keys.iter().filter_map(|key| key.as_str()));
        map.retain_keys(|pair| set.contains(pair));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, cases};

    #[test]
    fn only_listed_keys_stay() {
        let map = r#"{"a":1,"b":2,"c":3}"#;
        cases(
            &DEF,
            &[
                (map, &[Arg::Lit(r#"["c","a","x"]"#)], r#"{"a":1,"c":3}"#),
                (map, &[Arg::Dyn(r#"["c","a","x"]"#)], r#"{"a":1,"c":3}"#),
                (map, &[Arg::Lit(r#"["a","b","c"]"#)], "unchanged"),
                (map, &[Arg::Lit("[]")], "{}"),
                (map, &[Arg::Dyn(r#"["1","2","3","4","5","6","7","8","c","a"]"#)], r#"{"a":1,"c":3}"#),
                (map, &[Arg::Dyn("[]")], "{}"),
                (map, &[Arg::Dyn(r#"["a",1]"#)], "error"),
                (map, &[Arg::Dyn(r#""a""#)], "error"),
                (map, &[Arg::Dyn("null")], "error"),
                ("null", &[Arg::Lit("[]")], "error"),
            ],
        );
    }
}
