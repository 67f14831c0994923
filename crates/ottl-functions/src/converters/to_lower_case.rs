//! `ToLowerCase`: a text in lower case.

use ottl_core::function::{
    Availability, CallContext, Eval, Example, FunctionDef, FunctionKind, Param, ParamType, Purity, Type,
};
use ottl_core::ops::Coercion;
use ottl_core::{EvalError, Value};

use crate::arguments;
use crate::letter_case::LetterCase;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef {
    name: "ToLowerCase",
    kind: FunctionKind::Converter,
    params: &[Param::new("target", ParamType::Coerced(Coercion::String), "the text")],
    returns: Type::String,
    purity: Purity::Pure,
    availability: Availability::EVERYWHERE,
    docs: "A text in lower case, character for character.\n\nOnly texts are taken. Each byte that is not valid \
           UTF-8 becomes U+FFFD.",
    examples: &[Example { code: r#"ToLowerCase("ABC")"#, result: r#""abc""# }],
    prepare: None,
    eval: Eval::Converter(eval),
};

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    LetterCase::Lower.apply(arguments::text(args, 0)?, ctx.arena()).map(Value::Str)
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
            &[(&[Str("ÀB İ".as_bytes())], "\"àb i\""), (&[Str(b"")], "\"\""), (&[Nil], "error"), (&[Int(1)], "error")],
        );
    }
}
