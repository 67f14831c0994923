//! `delete_key`: removes one key of a map.

use ottl_core::function::{FunctionDef, ParamType};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("delete_key")
    .arg("target", ParamType::MapTarget, "path of the map")
    .arg("key", ParamType::STRING, "key to remove")
    .docs(
        "Removes one key of a map.\n\nA key that is not there is no error. The last pair takes the place of the \
         removed one.",
    )
    .example(
        r#"delete_key(log.attributes, "method")"#,
        r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}},{"key":"status","value":{"intValue":"200"}},{"key":"user","value":{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"ann"}},{"key":"id","value":{"intValue":"7"}}]}}}]}"#,
    )
    .remove_key();

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, cases};

    #[test]
    fn the_last_pair_fills_the_hole() {
        cases(
            &DEF,
            &[
                (r#"{"a":1,"b":2,"c":3}"#, &[Arg::Lit(r#""a""#)], r#"{"c":3,"b":2}"#),
                (r#"{"a":1,"b":2,"a":3}"#, &[Arg::Dyn(r#""a""#)], r#"{"a":3,"b":2}"#),
                (r#"{"a":1}"#, &[Arg::Lit(r#""A""#)], "unchanged"),
                (r#"{"a":1}"#, &[Arg::Fails], "error"),
                ("null", &[Arg::Lit(r#""a""#)], "error"),
            ],
        );
    }
}
