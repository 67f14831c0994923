//! `Minutes`: a duration in minutes, with fraction.

use ottl_core::function::{
    Availability, CallContext, Eval, Example, FunctionDef, FunctionKind, Param, ParamType, Purity, Type,
};
use ottl_core::ops::Coercion;
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef {
    name: "Minutes",
    kind: FunctionKind::Converter,
    params: &[Param::new("duration", ParamType::Coerced(Coercion::Duration), "the duration")],
    returns: Type::Float,
    purity: Purity::Pure,
    availability: Availability::EVERYWHERE,
    docs: "A duration in minutes, with fraction.\n\nOnly durations are taken.",
    examples: &[Example { code: r#"Minutes(Duration("90s"))"#, result: r#"1.5"# }],
    prepare: None,
    eval: Eval::Converter(eval),
};

/// Nanoseconds in the unit.
const UNIT: i64 = 60_000_000_000;

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let nanos = arguments::duration(args, 0)?;
    // COMPAT: whole units and the rest are converted apart and added, as the reference does; the last bit shows it.
    Ok(Value::Float((nanos / UNIT) as f64 + (nanos % UNIT) as f64 / UNIT as f64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Duration, Int, Nil};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Duration(90_000_000_000)], "1.5"),
                (&[Duration(i64::MIN)], "-153722867.28091294"),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
            ],
        );
    }
}
