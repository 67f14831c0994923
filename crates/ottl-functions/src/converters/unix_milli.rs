//! `UnixMilli`: a time as milliseconds since 1970.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("UnixMilli")
    .arg("time", ParamType::TIME, "the time")
    .returns(Type::Int)
    .docs("A time as whole milliseconds since 1970-01-01T00:00:00Z, rounded down.\n\nOnly times are taken.")
    .example("UnixMilli(Unix(5))", "5000")
    .value(eval);

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let time = arguments::time(args, 0)?;
    Ok(Value::Int(time.secs.wrapping_mul(1_000).wrapping_add(i64::from(time.nanos / 1_000_000))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::Nil;

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(&DEF, &[(&[Value::Time(AT)], "-1001"), (&[Nil], "error")]);
    }

    /// A nanosecond and a second before the epoch.
    const AT: ottl_core::Time = ottl_core::Time { secs: -2, nanos: 999_999_999, zone: ottl_core::Zone::Utc };
}
