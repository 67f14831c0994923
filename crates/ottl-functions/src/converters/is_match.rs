//! `IsMatch`: whether a text matches a regular expression.

use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, TextPredicate, Type};
use ottl_core::{EvalError, Value};
use ottl_regex::TextPattern;

use crate::arguments;
use crate::pattern::{literal_regex, with_regex};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("IsMatch")
    .arg("target", ParamType::STRING_LIKE, "the text, or a value with a text form")
    .arg("pattern", ParamType::STRING, "the regular expression (RE2 syntax), matched anywhere in the text")
    .returns(Type::Bool)
    .docs(
        "Whether a regular expression matches anywhere in a text.\n\nValues that are no text are converted as \
         `String` does; nil gives false. A literal pattern is checked when the rules are compiled.",
    )
    .example(r#"IsMatch("GET /users/7", "/[0-9]+$")"#, "true")
    .compile(compile);

/// A literal pattern is compiled now, and the call is a question about a text.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    Ok(match literal_regex(&args[1])? {
        Some(regex) => Kernel::Predicate(TextPredicate::Matches(TextPattern::Matches(regex))),
        None => Kernel::value(computed),
    })
}

/// With a pattern that is known at run time only.
fn computed<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let target = arguments::any(args, 0);
    with_regex(None, ctx.arena(), (arguments::any(args, 1), 1), |regex| {
        Ok(Value::Bool(target.as_str().is_some_and(|text| regex.is_match(text))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Int, Nil, Str};

    use crate::test_call::{check, refuses};

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"xaby"), Str(b"a.$")], "false"),
                (&[Str(b"xaby"), Str(b"a.y$")], "true"),
                (&[Int(15), Str(b"^1")], "true"),
                (&[Nil, Str(b".*")], "false"),
                (&[Nil, Str(b"(")], "error"),
                (&[Str(b""), Nil], "error"),
            ],
        );
    }

    #[test]
    fn literals_that_do_not_compile() {
        refuses(&DEF, &[&[Str(b""), Str(b"(")]]);
    }
}
