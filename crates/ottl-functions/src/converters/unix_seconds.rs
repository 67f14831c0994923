//! `UnixSeconds`: a time as seconds since 1970.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("UnixSeconds")
    .arg("time", ParamType::TIME, "the time")
    .returns(Type::Int)
    .docs("A time as whole seconds since 1970-01-01T00:00:00Z, rounded down.\n\nOnly times are taken.")
    .example("UnixSeconds(Unix(5))", "5")
    .value(eval);

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let time = arguments::time(args, 0)?;
    Ok(Value::Int(time.secs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Int, Nil};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(&DEF, &[(&[Value::Time(AT)], "-2"), (&[Nil], "error"), (&[Int(1)], "error")]);
    }

    /// A nanosecond and a second before the epoch.
    const AT: ottl_core::Time = ottl_core::Time { secs: -2, nanos: 999_999_999, zone: ottl_core::Zone::Utc };
}
