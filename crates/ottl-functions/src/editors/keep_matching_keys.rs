//! `keep_matching_keys`: keeps only the keys that a regular expression matches.

use ottl_core::function::{FunctionDef, ParamType};

use crate::pattern::{filter_keys, literal_regex};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("keep_matching_keys")
    .arg("target", ParamType::MapTarget, "path of the map")
    .arg("pattern", ParamType::STRING, "regular expression; it may match any part of a key")
    .docs(
        "Removes the keys that a regular expression does not match.\n\nThe other keys keep their order. Nested \
         maps are not visited. A pattern that is no literal is compiled when it is used.",
    )
    .example(
        r#"keep_matching_keys(log.attributes, "^(st|me)")"#,
        r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"method","value":{"stringValue":"GET"}},{"key":"status","value":{"intValue":"200"}}]}"#,
    )
    .compile(|args| Ok(filter_keys(literal_regex(&args[1])?, true)));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, cases, compile_error};

    #[test]
    fn what_matches_stays() {
        cases(
            &DEF,
            &[
                (r#"{"ab":1,"b":2,"ba":3,"c":4}"#, &[Arg::Lit(r#""a""#)], r#"{"ab":1,"ba":3}"#),
                (r#"{"ab":1,"b":2}"#, &[Arg::Dyn(r#""^b""#)], r#"{"b":2}"#),
                (r#"{"a":1}"#, &[Arg::Lit(r#""""#)], "unchanged"),
                (r#"{"a":1}"#, &[Arg::Dyn(r#""(""#)], "error"),
                (r#"{"a":1}"#, &[Arg::Fails], "error"),
            ],
        );
        assert!(!compile_error(&DEF, &[Arg::Lit(r#""[""#)]).is_empty());
    }
}
