//! `set`: writes a value.

use ottl_core::function::{FunctionDef, ParamType};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("set")
    .arg("target", ParamType::Target, "path to write")
    .arg("value", ParamType::Any, "what to write; nil empties maps, lists, attributes and bodies")
    .docs(
        "Writes a value to a path.\n\nThe path decides which types it takes. Nil makes a map or list empty and an \
         attribute or a body null; paths of other types refuse it. Maps and lists are copied.",
    )
    .example(
        r#"set(log.attributes["status"], 500)"#,
        r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"method","value":{"stringValue":"GET"}},{"key":"status","value":{"intValue":"500"}},{"key":"user","value":{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"ann"}},{"key":"id","value":{"intValue":"7"}}]}}},{"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}}]}"#,
    )
    .assign();

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, cases};

    #[test]
    fn the_value_reaches_the_target_as_it_is() {
        cases(
            &DEF,
            &[
                (r#""a""#, &[Arg::Lit("1")], "1"),
                (r#"{"a":1}"#, &[Arg::Dyn(r#"{"b":[1,null]}"#)], r#"{"b":[1,null]}"#),
                ("1", &[Arg::Lit("null")], "null"),
                ("1", &[Arg::Fails], "error"),
            ],
        );
    }
}
