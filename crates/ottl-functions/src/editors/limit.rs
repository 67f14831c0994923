//! `limit`: keeps a map small.

use ottl_core::Value;
use ottl_core::function::{AtMost, Const, FunctionDef, Kernel, KeyFilter, ParamType};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("limit")
    .arg("target", ParamType::MapTarget, "path of the map")
    .arg("limit", ParamType::ConstInt, "how many keys may stay")
    .arg("priority_keys", ParamType::ConstStrings, "keys that stay in any case; not more than `limit`")
    .docs(
        "Removes keys of a map until at most `limit` are left.\n\nPriority keys stay; of the others the first in \
         the map's order. The keys that stay keep their order.",
    )
    .example(
        r#"limit(log.attributes, 2, ["user"])"#,
        r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"method","value":{"stringValue":"GET"}},{"key":"user","value":{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"ann"}},{"key":"id","value":{"intValue":"7"}}]}}}]}"#,
    )
    .compile(compile);

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let limit = args[1].as_int().ok_or("the limit must be an int literal")?;
    let Const::Value(Value::List(keys)) = &args[2] else {
        return Err("the priority keys must be a list of string literals".to_owned());
    };
    let priority: Vec<Box<[u8]>> = keys.iter().filter_map(|key| key.as_str().map(Box::from)).collect();
    let limit = usize::try_from(limit).map_err(|_| format!("the limit {limit} is negative"))?;
    if limit < priority.len() {
        return Err(format!("the limit {limit} is less than the number of priority keys, {}", priority.len()));
    }
    let filter = AtMost::new(limit, priority.iter().map(|key| &**key));
    Ok(Kernel::FilterKeys(KeyFilter::AtMost(filter)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, cases, compile_error};

    #[test]
    fn priority_keys_stay_and_the_rest_goes_by_order() {
        let map = r#"{"a":1,"b":2,"c":3,"d":4}"#;
        let args = |limit, keys| [Arg::Lit(limit), Arg::Lit(keys)];
        cases(
            &DEF,
            &[
                (map, &args("4", "[]"), "unchanged"),
                (map, &args("2", "[]"), r#"{"a":1,"b":2}"#),
                (map, &args("2", r#"["d"]"#), r#"{"a":1,"d":4}"#),
                (map, &args("2", r#"["d","d"]"#), r#"{"d":4}"#),
                (map, &args("2", r#"["x","y"]"#), r#"{"a":1,"b":2}"#),
                (map, &args("0", "[]"), "{}"),
                (r#"{"a":1,"a":2,"b":3}"#, &args("2", r#"["a"]"#), "unchanged"),
                ("7", &args("2", "[]"), "error"),
            ],
        );
        assert!(compile_error(&DEF, &args("-1", "[]")).contains("negative"));
        assert!(compile_error(&DEF, &args("1", r#"["a","b"]"#)).contains("priority"));
    }
}
