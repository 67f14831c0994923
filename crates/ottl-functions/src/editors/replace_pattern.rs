//! `replace_pattern`: rewrites the parts of a text that a regular expression matches.

use ottl_core::function::{CallContext, FunctionDef, Param, ParamType, Reach};
use ottl_core::{EvalError, Value};

use crate::pattern::with_regex;
use crate::replacement::{FORMAT, FUNCTION, Literal, Rewrite, function_of, template_of};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("replace_pattern")
    .arg("target", ParamType::Target, "path of the text; anything else than a text is left alone")
    .param(Param::new("regex_pattern", ParamType::STRING, "regular expression; it may match any part").lazy())
    .param(Param::new("replacement", ParamType::STRING, "template: `$1`, `${name}`, `$$` for a dollar").lazy())
    .param(FUNCTION)
    .param(FORMAT)
    .docs(
        "Replaces every match of a regular expression in a text.\n\nThe replacement is a template in which `$1`, \
         `${1}`, `$name` and `${name}` stand for groups and `$$` for a dollar; an unbraced name reaches as far as \
         letters, digits and underscores do. With `function`, each expanded replacement passes through that \
         converter, and then through `replacement_format`.",
    )
    .example(
        r#"replace_pattern(log.body, "/users/(\\d+)", "/users/{id}")"#,
        r#"{"body":{"stringValue":"GET /users/{id}"},"attributes":[{"key":"method","value":{"stringValue":"GET"}},{"key":"status","value":{"intValue":"200"}},{"key":"user","value":{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"ann"}},{"key":"id","value":{"intValue":"7"}}]}}},{"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}}]}"#,
    )
    .compile(|args| Ok(Literal::new(&args[1], &args[2])?.kernel(Reach::Target, &args[3], eval)));

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>], literal: &Literal) -> Result<(), EvalError> {
    let current = cx.read(args[0])?;
    if current.is_nil() {
        return Ok(());
    }
    let function = function_of(args[3]);
    // Evaluated even if the target is no text; the pattern only if it is one.
    let replacement = cx.force(args[2]).map_err(|e| e.of(2))?;
    let Value::Str(text) = current else { return Ok(()) };
    let pattern = cx.force(args[1]).map_err(|e| e.of(1))?;
    let mut place = None;
    let template = template_of(literal.template.as_ref(), replacement, &mut place)?;
    with_regex(literal.regex.as_ref(), cx.arena(), (pattern, 1), |regex| {
        let rewrite = Rewrite { regex, template, function, format: args[4] };
        match rewrite.apply(cx.host(), text)? {
            Some(replaced) => cx.write(args[0], Value::Str(replaced)),
            None => Ok(()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, cases, compile_error, forced};

    #[test]
    fn every_match_is_replaced() {
        let args = |pattern, replacement| [Arg::Lit(pattern), Arg::Lit(replacement)];
        cases(
            &DEF,
            &[
                (r#""a1b22""#, &args(r#""[0-9]+""#, r#""_""#), r#""a_b_""#),
                (r#""a1b22""#, &args(r#""([a-z])([0-9])""#, r#""${2}$1x""#), r#""122""#),
                (r#""a1b22""#, &args(r#""([a-z])([0-9])""#, r#""${2}${1}x$$""#), r#""1ax$2bx$2""#),
                (r#""aa""#, &args(r#""x*""#, r#""-""#), r#""-a-a-""#),
                (r#""ab""#, &[Arg::Dyn(r#""(b)""#), Arg::Dyn(r#""<$1>""#)], r#""a<b>""#),
                (r#""ab""#, &args(r#""c""#, r#""""#), "unchanged"),
                ("7", &args(r#""7""#, r#""8""#), "unchanged"),
                (r#""ab""#, &[Arg::Dyn(r#""(""#), Arg::Lit(r#""""#)], "error"),
            ],
        );
        assert!(!compile_error(&DEF, &args(r#""(""#, r#""""#)).is_empty());
    }

    #[test]
    fn matches_pass_through_the_function_and_the_format() {
        let args = |function, format| [Arg::Lit(r#""b(.)""#), Arg::Lit(r#""<$1>""#), Arg::Function(function), format];
        cases(
            &DEF,
            &[
                (r#""abcbd""#, &args("upper", Arg::Absent), r#""a<C><D>""#),
                (r#""abcbd""#, &args("upper", Arg::Lit(r#""=%s.""#)), r#""a=<C>.=<D>.""#),
                (r#""abc""#, &args("upper", Arg::Dyn(r#""%s%s%""#)), r#""a<C>%!s(MISSING)%!(NOVERB)""#),
                (r#""abc""#, &args("upper", Arg::Lit(r#""%d%s""#)), "error"),
                (r#""abc""#, &args("upper", Arg::Lit(r#""none""#)), "error"),
                (r#""abc""#, &args("upper", Arg::Fails), "error"),
                (r#""xyz""#, &args("upper", Arg::Fails), "unchanged"),
                (r#""abc""#, &args("number", Arg::Absent), "error"),
                (r#""abc""#, &args("fail", Arg::Absent), "error"),
            ],
        );
        cases(&DEF, &[(r#""ab""#, &[Arg::Lit(r#""b""#), Arg::Lit(r#""c""#), Arg::Absent, Arg::Fails], r#""ac""#)]);
    }

    #[test]
    fn arguments_are_evaluated_when_they_are_needed() {
        let fails = [Arg::Fails, Arg::Dyn(r#""x""#)];
        cases(
            &DEF,
            &[
                ("null", &[Arg::Fails, Arg::Fails], "unchanged"),
                ("7", &[Arg::Fails, Arg::Fails], "error"),
                ("7", &fails, "unchanged"),
                (r#""a""#, &fails, "error"),
            ],
        );
        assert_eq!(forced(&DEF, "null", &fails), 0);
        assert_eq!(forced(&DEF, "7", &fails), 1);
        assert_eq!(forced(&DEF, r#""a""#, &fails), 2);
    }
}
