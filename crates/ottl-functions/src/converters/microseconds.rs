//! `Microseconds`: a duration in whole microseconds.

use ottl_core::function::{
    Availability, CallContext, Eval, Example, FunctionDef, FunctionKind, Param, ParamType, Purity, Type,
};
use ottl_core::ops::Coercion;
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef {
    name: "Microseconds",
    kind: FunctionKind::Converter,
    params: &[Param::new("duration", ParamType::Coerced(Coercion::Duration), "the duration")],
    returns: Type::Int,
    purity: Purity::Pure,
    availability: Availability::EVERYWHERE,
    docs: "A duration in whole microseconds, cut towards zero.\n\nOnly durations are taken.",
    examples: &[Example { code: r#"Microseconds(Duration("1ms"))"#, result: r#"1000"# }],
    prepare: None,
    eval: Eval::Converter(eval),
};

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    Ok(Value::Int(arguments::duration(args, 0)? / 1_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Duration, Float, Nil};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[(&[Duration(1_999)], "1"), (&[Duration(-1_999)], "-1"), (&[Nil], "error"), (&[Float(1.0)], "error")],
        );
    }
}
