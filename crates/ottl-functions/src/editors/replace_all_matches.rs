//! `replace_all_matches`: replaces the texts of a map that a glob fits.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Reach};
use ottl_core::{EvalError, Value};
use ottl_regex::Glob;

use crate::pattern::with_glob;
use crate::replacement::{FORMAT, FUNCTION, function_of, replacement, whole};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("replace_all_matches")
    .arg("target", ParamType::MapTarget, "path of the map")
    .arg("pattern", ParamType::STRING, "glob for the whole text")
    .arg("replacement", ParamType::STRING, "the new text, taken as it is")
    .param(FUNCTION)
    .param(FORMAT)
    .docs(
        "Replaces the texts of a map that a glob fits as a whole.\n\nOther values and nested maps stay. With \
         `function`, the replacement passes through that converter first, and then through `replacement_format`.",
    )
    .example(
        r#"replace_all_matches(log.attributes, "G?T", "read")"#,
        r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"method","value":{"stringValue":"read"}},{"key":"status","value":{"intValue":"200"}},{"key":"user","value":{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"ann"}},{"key":"id","value":{"intValue":"7"}}]}}},{"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}}]}"#,
    )
    .compile(|args| whole(args, Reach::Values, eval));

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>], literal: Option<&Glob>) -> Result<(), EvalError> {
    with_glob(cx, literal, (args[1], 1), |cx, glob| {
        cx.edit_map(args[0], |host, map| {
            let new = replacement(host, args[2], function_of(args[3]), args[4])?;
            for idx in 0..map.len() {
                if let Some(text) = map.text_at(idx)?
                    && glob.is_match(text)
                    && text != new
                {
                    map.set_at(idx, Value::Str(new));
                }
            }
            Ok(())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, cases, compile_error};

    #[test]
    fn texts_that_fit_are_replaced() {
        let map = r#"{"a":"x1","b":["x1"],"c":"y","d":"x"}"#;
        let args = |pattern, new| [Arg::Lit(pattern), Arg::Lit(new)];
        cases(
            &DEF,
            &[
                (map, &args(r#""x*""#, r#""$0""#), r#"{"a":"$0","b":["x1"],"c":"y","d":"$0"}"#),
                (map, &args(r#""{x,y}""#, r#""z""#), r#"{"a":"x1","b":["x1"],"c":"z","d":"z"}"#),
                (map, &args(r#""z""#, r#""""#), "unchanged"),
                (map, &args(r#""y""#, r#""y""#), "unchanged"),
                (map, &[Arg::Dyn(r#""[""#), Arg::Lit(r#""""#)], "error"),
                (map, &[Arg::Lit(r#""z""#), Arg::Lit(r#""q""#), Arg::Function("fail")], "error"),
                (
                    map,
                    &[Arg::Lit(r#""y""#), Arg::Lit(r#""q""#), Arg::Function("upper"), Arg::Lit(r#""%s!""#)],
                    r#"{"a":"x1","b":["x1"],"c":"Q!","d":"x"}"#,
                ),
                ("7", &args(r#""z""#, r#""""#), "error"),
            ],
        );
        assert!(!compile_error(&DEF, &args(r#""[""#, r#""x""#)).is_empty());
    }
}
