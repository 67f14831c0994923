//! `truncate_all`: cuts the texts of a map.

use ottl_core::Value;
use ottl_core::function::{Const, FunctionDef, Kernel, ParamType, Reach, TextRewrite, Truncation};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("truncate_all")
    .arg("target", ParamType::MapTarget, "path of the map")
    .arg("limit", ParamType::ConstInt, "how many bytes a text may have")
    .optional("utf8_safe", ParamType::ConstBool, "whether to cut only between characters; default true")
    .optional("truncation_marker", ParamType::ConstString, "text that ends what was cut; default none")
    .docs(
        "Cuts each text of a map that is longer than `limit` bytes.\n\nThe marker counts: text and marker together \
         keep the limit. Other values and texts in nested maps and lists stay.",
    )
    .example(
        "truncate_all(log.attributes, 2)",
        r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"method","value":{"stringValue":"GE"}},{"key":"status","value":{"intValue":"200"}},{"key":"user","value":{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"ann"}},{"key":"id","value":{"intValue":"7"}}]}}},{"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}}]}"#,
    )
    .compile(compile);

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let limit = args[1].as_int().ok_or("the limit must be an int literal")?;
    // A limit that memory cannot reach is none.
    let limit = u64::try_from(limit).map_err(|_| format!("the limit {limit} is negative"))?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let utf8_safe = !matches!(args[2], Const::Value(Value::Bool(false)));
    let truncation = Truncation::new(limit, utf8_safe, args[3].as_str().unwrap_or_default())?;
    Ok(Kernel::RewriteText(Reach::Values, TextRewrite::Truncate(truncation)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, cases, compile_error};

    #[test]
    fn long_texts_are_cut() {
        let map = r#"{"a":"abcdef","b":12345678,"c":"aäöü","d":["abcdef"],"e":"abc"}"#;
        cases(
            &DEF,
            &[
                (map, &[Arg::Lit("4")], r#"{"a":"abcd","b":12345678,"c":"aä","d":["abcdef"],"e":"abc"}"#),
                (
                    map,
                    &[Arg::Lit("4"), Arg::Lit("false")],
                    r#"{"a":"abcd","b":12345678,"c":"a\xc3\xa4\xc3","d":["abcdef"],"e":"abc"}"#,
                ),
                (
                    map,
                    &[Arg::Lit("4"), Arg::Absent, Arg::Lit(r#"".""#)],
                    r#"{"a":"abc.","b":12345678,"c":"aä.","d":["abcdef"],"e":"abc"}"#,
                ),
                (r#"{"a":"\x80\x80\x80"}"#, &[Arg::Lit("2")], r#"{"a":""}"#),
                (r#"{"a":"b","c":""}"#, &[Arg::Lit("0")], r#"{"a":"","c":""}"#),
                (map, &[Arg::Lit("7")], "unchanged"),
                ("[]", &[Arg::Lit("7")], "error"),
            ],
        );
        assert!(compile_error(&DEF, &[Arg::Lit("-1")]).contains("negative"));
        assert!(compile_error(&DEF, &[Arg::Lit("1"), Arg::Absent, Arg::Lit(r#""ab""#)]).contains("marker"));
    }
}
