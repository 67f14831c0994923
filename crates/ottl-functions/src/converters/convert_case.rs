//! `ConvertCase`: a text in another letter case.

use ottl_core::function::{CallContext, Const, FunctionDef, ParamType, Prepared, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;
use crate::letter_case::LetterCase;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("ConvertCase")
    .arg("target", ParamType::STRING, "the text")
    .arg("to_case", ParamType::ConstString, "`lower`, `upper`, `snake` or `camel`")
    .returns(Type::String)
    .docs(
        "A text in another letter case.\n\n`lower` and `upper` go character for character. `snake` and `camel` \
         find words by ASCII rules: at spaces, `_`, `-`, `.`, between lower and upper case and between letters and \
         digits; `camel` keeps ASCII letters and digits only.",
    )
    .example(r#"ConvertCase("someName", "snake")"#, r#""some_name""#)
    .example(r#"ConvertCase("some_name", "camel")"#, r#""SomeName""#)
    .prepare(prepare)
    .value(eval);

/// The case of the literal name.
fn prepare(args: &[Const<'_>]) -> Result<Option<Prepared>, String> {
    let name = args.get(1).and_then(Const::as_str).unwrap_or_default();
    match LetterCase::from_name(name) {
        Some(case) => Ok(Some(Box::new(case))),
        None => Err(format!("invalid case {:?}: must be lower, upper, snake or camel", String::from_utf8_lossy(name))),
    }
}

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let case = *ctx.prepared::<LetterCase>().ok_or(EvalError::function("unknown letter case"))?;
    case.apply(arguments::text(args, 0)?, ctx.arena()).map(Value::Str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"ab"), Str(b"upper")], "\"AB\""),
                (&[Str(b"AB"), Str(b"lower")], "\"ab\""),
                (&[Str(b"aB"), Str(b"snake")], "\"a_b\""),
                (&[Str(b"a_b"), Str(b"camel")], "\"AB\""),
                (&[Str(b""), Str(b"camel")], "\"\""),
                (&[Str(b"a"), Str(b"title")], "refused"),
                (&[Nil, Str(b"lower")], "error"),
            ],
        );
    }
}
