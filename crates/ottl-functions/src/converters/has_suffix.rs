//! `HasSuffix`: whether a text ends with another.

use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, TextPredicate, Type};
use ottl_core::{EvalError, Value};
use ottl_regex::TextPattern;

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("HasSuffix")
    .arg("target", ParamType::STRING, "the text")
    .arg("suffix", ParamType::STRING, "what it should end with")
    .returns(Type::Bool)
    .docs("Whether a text ends with another, byte for byte.\n\nOnly texts are taken.")
    .example(r#"HasSuffix("a.log", ".log")"#, "true")
    .compile(compile);

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    Ok(match args[1].as_str() {
        Some(suffix) => Kernel::Predicate(TextPredicate::Matches(TextPattern::Suffix(suffix.into()))),
        None => Kernel::value(computed),
    })
}

/// With a suffix that is known at run time only.
fn computed<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    Ok(Value::Bool(arguments::text(args, 0)?.ends_with(arguments::text(args, 1)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Int, Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"abc"), Str(b"bc")], "true"),
                (&[Str(b"abc"), Str(b"")], "true"),
                (&[Str(b"a"), Str(b"ba")], "false"),
                (&[Nil, Str(b"")], "error"),
                (&[Str(b""), Int(1)], "error"),
            ],
        );
    }
}
