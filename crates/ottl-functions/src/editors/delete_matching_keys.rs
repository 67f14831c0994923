//! `delete_matching_keys`: removes the keys that a regular expression matches.

use ottl_core::function::{FunctionDef, ParamType};

use crate::pattern::{filter_keys, literal_regex};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("delete_matching_keys")
    .arg("target", ParamType::MapTarget, "path of the map")
    .arg("pattern", ParamType::STRING, "regular expression; it may match any part of a key")
    .docs(
        "Removes the keys that a regular expression matches.\n\nThe other keys keep their order. Nested maps are \
         not visited. A pattern that is no literal is compiled when it is used.",
    )
    .example(
        r#"delete_matching_keys(log.attributes, "^(st|me)")"#,
        r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"user","value":{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"ann"}},{"key":"id","value":{"intValue":"7"}}]}}},{"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}}]}"#,
    )
    .compile(|args| Ok(filter_keys(literal_regex(&args[1])?, false)));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, cases, compile_error};

    #[test]
    fn what_matches_goes() {
        cases(
            &DEF,
            &[
                (r#"{"ab":1,"b":2,"ba":3,"c":4}"#, &[Arg::Lit(r#""a""#)], r#"{"b":2,"c":4}"#),
                (r#"{"ab":1,"b":2}"#, &[Arg::Dyn(r#""^b""#)], r#"{"ab":1}"#),
                (r#"{"a":1}"#, &[Arg::Lit(r#""x""#)], "unchanged"),
                (r#"{"a":1}"#, &[Arg::Dyn(r#""(""#)], "error"),
                ("[]", &[Arg::Lit(r#""a""#)], "error"),
            ],
        );
        assert!(!compile_error(&DEF, &[Arg::Lit(r#""(""#)]).is_empty());
    }
}
