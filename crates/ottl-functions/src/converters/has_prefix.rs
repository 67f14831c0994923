//! `HasPrefix`: whether a text starts with another.

use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, TextPredicate, Type};
use ottl_core::{EvalError, Value};
use ottl_regex::TextPattern;

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("HasPrefix")
    .arg("target", ParamType::STRING, "the text")
    .arg("prefix", ParamType::STRING, "what it should start with")
    .returns(Type::Bool)
    .docs("Whether a text starts with another, byte for byte.\n\nOnly texts are taken.")
    .example(r#"HasPrefix("GET /", "GET")"#, "true")
    .compile(compile);

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    Ok(match args[1].as_str() {
        Some(prefix) => Kernel::Predicate(TextPredicate::Matches(TextPattern::Prefix(prefix.into()))),
        None => Kernel::value(computed),
    })
}

/// With a prefix that is known at run time only.
fn computed<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    Ok(Value::Bool(arguments::text(args, 0)?.starts_with(arguments::text(args, 1)?)))
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
                (&[Str(b"abc"), Str(b"ab")], "true"),
                (&[Str(b"abc"), Str(b"")], "true"),
                (&[Str(b"a"), Str(b"ab")], "false"),
                (&[Nil, Str(b"")], "error"),
                (&[Str(b""), Int(1)], "error"),
            ],
        );
    }
}
