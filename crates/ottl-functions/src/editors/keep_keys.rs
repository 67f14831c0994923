//! `keep_keys`: keeps only the keys of a list.

use ottl_core::edit::MapEdit;
use ottl_core::function::{Const, FunctionDef, Kernel, KeyFilter, KeySet, ParamType};
use ottl_core::ops::Coercion;
use ottl_core::{Arena, EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("keep_keys")
    .arg("target", ParamType::MapTarget, "path of the map")
    .arg("keys", ParamType::ListOf(Some(Coercion::String)), "keys that stay")
    .docs(
        "Removes the keys of a map that are not in a list.\n\nThe keys that stay keep their order; an empty list \
         empties the map.",
    )
    .example(
        r#"keep_keys(log.attributes, ["status", "method"])"#,
        r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"method","value":{"stringValue":"GET"}},{"key":"status","value":{"intValue":"200"}}]}"#,
    )
    .compile(compile);

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let Const::Value(Value::List(keys)) = &args[1] else { return Ok(Kernel::edit_map(computed)) };
    let set = KeySet::new(keys.iter().filter_map(|key| key.as_str()));
    Ok(Kernel::FilterKeys(KeyFilter::Only(set)))
}

/// With keys that are known at run time only.
fn computed<'a>(map: &mut MapEdit<'a>, args: &[Value<'a>], _: &'a Arena) -> Result<(), EvalError> {
    let Value::List(keys) = arguments::any(args, 1) else { return Err(EvalError::function("the keys must be a list")) };
    // The list was written out in the statement, so it is short.
    map.retain_keys(|pair| keys.iter().any(|key| key.as_str() == Some(pair)));
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
                ("null", &[Arg::Lit("[]")], "error"),
            ],
        );
    }
}
