//! `ConvertCase`: a text in another letter case.

use ottl_core::Value;
use ottl_core::function::{Const, FunctionDef, Kernel, ParamType, Type};

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
    .compile(compile);

/// The case of the literal name.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let name = args.get(1).and_then(Const::as_str).unwrap_or_default();
    match LetterCase::from_name(name) {
        Some(case) => {
            Ok(Kernel::of_first(move |ctx, args| case.apply(arguments::text(args, 0)?, ctx.arena()).map(Value::Str)))
        }
        None => Err(format!("invalid case {:?}: must be lower, upper, snake or camel", String::from_utf8_lossy(name))),
    }
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
