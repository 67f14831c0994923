//! `Now`: the current time.

use ottl_core::function::{CallContext, FunctionDef, Purity, Type};
use ottl_core::{EvalError, Value};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Now")
    .returns(Type::Time)
    .purity(Purity::Volatile)
    .docs("The current time.\n\nArguments are ignored.")
    .example("IsEmpty(Now())", "false")
    .value(eval);

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, _: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    Ok(Value::Time(ctx.host().now()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::Int;

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(&DEF, &[(&[], "time(1700000000, 0)"), (&[Int(1)], "time(1700000000, 0)")]);
    }
}
