//! `replace_match`: replaces a text that a glob fits.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Reach};
use ottl_core::{EvalError, Value};
use ottl_regex::Glob;

use crate::pattern::with_glob;
use crate::replacement::{FORMAT, FUNCTION, function_of, replacement, whole};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("replace_match")
    .arg("target", ParamType::Target, "path of the text; anything else than a text is left alone")
    .arg("pattern", ParamType::STRING, "glob for the whole text")
    .arg("replacement", ParamType::STRING, "the new text, taken as it is")
    .param(FUNCTION)
    .param(FORMAT)
    .docs(
        "Replaces a text if a glob fits the whole of it.\n\nWith `function`, the replacement passes through that \
         converter first, and then through `replacement_format`; their errors surface whether or not the glob \
         fits.",
    )
    .example(
        r#"replace_match(log.body, "GET /users/*", "GET /users/{id}")"#,
        r#"{"body":{"stringValue":"GET /users/{id}"},"attributes":[{"key":"method","value":{"stringValue":"GET"}},{"key":"status","value":{"intValue":"200"}},{"key":"user","value":{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"ann"}},{"key":"id","value":{"intValue":"7"}}]}}},{"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}}]}"#,
    )
    .compile(|args| whole(args, Reach::Target, eval));

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>], literal: Option<&Glob>) -> Result<(), EvalError> {
    with_glob(cx, literal, (args[1], 1), |cx, glob| {
        let current = cx.read(args[0])?;
        let new = replacement(cx.host(), args[2], function_of(args[3]), args[4])?;
        match current {
            Value::Str(text) if glob.is_match(text) => cx.write(args[0], Value::Str(new)),
            _ => Ok(()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, cases, compile_error};

    #[test]
    fn the_whole_text_must_fit() {
        let args = |pattern, new| [Arg::Lit(pattern), Arg::Lit(new)];
        cases(
            &DEF,
            &[
                (r#""abc""#, &args(r#""a*""#, r#""$0""#), r#""$0""#),
                (r#""abc""#, &args(r#""b""#, r#""x""#), "unchanged"),
                (r#""abc""#, &[Arg::Dyn(r#""a?c""#), Arg::Dyn(r#""x""#)], r#""x""#),
                (r#""abc""#, &[Arg::Dyn(r#""[a""#), Arg::Lit(r#""x""#)], "error"),
                ("null", &args(r#""*""#, r#""x""#), "unchanged"),
                ("7", &args(r#""*""#, r#""x""#), "unchanged"),
                ("null", &[Arg::Lit(r#""*""#), Arg::Fails], "error"),
            ],
        );
        assert!(!compile_error(&DEF, &args(r#""[a""#, r#""x""#)).is_empty());
    }

    #[test]
    fn the_function_sees_the_replacement() {
        let args = |function, format| [Arg::Lit(r#""a*""#), Arg::Lit(r#""x""#), Arg::Function(function), format];
        cases(
            &DEF,
            &[
                (r#""abc""#, &args("upper", Arg::Absent), r#""X""#),
                (r#""abc""#, &args("upper", Arg::Dyn(r#""<%s>""#)), r#""<X>""#),
                (r#""b""#, &args("fail", Arg::Absent), "error"),
                (r#""b""#, &args("upper", Arg::Fails), "error"),
                (r#""b""#, &args("number", Arg::Absent), "error"),
            ],
        );
        cases(&DEF, &[(r#""ab""#, &[Arg::Lit(r#""*""#), Arg::Lit(r#""c""#), Arg::Absent, Arg::Fails], r#""c""#)]);
    }
}
