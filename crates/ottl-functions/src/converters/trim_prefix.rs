//! `TrimPrefix`: a text without a part at its start.

use ottl_core::function::{
    Availability, CallContext, Eval, Example, FunctionDef, FunctionKind, Param, ParamType, Purity, Type,
};
use ottl_core::ops::Coercion;
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef {
    name: "TrimPrefix",
    kind: FunctionKind::Converter,
    params: &[
        Param::new("target", ParamType::Coerced(Coercion::String), "the text"),
        Param::new("prefix", ParamType::Coerced(Coercion::String), "what goes, once"),
    ],
    returns: Type::String,
    purity: Purity::Pure,
    availability: Availability::EVERYWHERE,
    docs: "A text without a part at its start; the text itself when it does not have that part.\n\nOnly texts are \
           taken.",
    examples: &[Example { code: r#"TrimPrefix("/users", "/")"#, result: r#""users""# }],
    prepare: None,
    eval: Eval::Converter(eval),
};

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let text = arguments::text(args, 0)?;
    Ok(Value::Str(text.strip_prefix(arguments::text(args, 1)?).unwrap_or(text)))
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
                (&[Str(b"aab"), Str(b"a")], "\"ab\""),
                (&[Str(b"ab"), Str(b"x")], "\"ab\""),
                (&[Str(b"ab"), Str(b"")], "\"ab\""),
                (&[Nil, Str(b"")], "error"),
                (&[Str(b""), Int(1)], "error"),
            ],
        );
    }
}
