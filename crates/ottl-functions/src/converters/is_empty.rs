//! `IsEmpty`: whether a value is empty or zero.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value, Zone};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("IsEmpty")
    .arg("target", ParamType::Any, "the value to look at")
    .returns(Type::Bool)
    .docs(
        "Whether a value is nil, the empty text, empty bytes, list or map, 0, false, an id of zeros, a duration of \
         0 or the first instant of the year 1.\n\nThe Unix epoch is not empty. Parts of records never are.",
    )
    .example(r#"IsEmpty("")"#, "true")
    .example("IsEmpty([0])", "false")
    .value(eval);

/// Seconds of 0001-01-01T00:00:00Z, the zero time of the reference.
const ZERO_TIME: i64 = -62_135_596_800;

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    Ok(Value::Bool(match arguments::any(args, 0) {
        Value::Nil => true,
        Value::Bool(b) => !b,
        Value::Int(i) | Value::GoInt(i) | Value::Duration(i) => i == 0,
        Value::Float(f) => f == 0.0,
        Value::Str(bytes) | Value::Bytes(bytes) => bytes.is_empty(),
        Value::Map(map) => map.is_empty(),
        Value::List(list) => list.is_empty(),
        Value::Time(time) => time.secs == ZERO_TIME && time.nanos == 0 && time.zone == Zone::Utc,
        Value::TraceId(id) => id == [0; 16],
        Value::SpanId(id) => id == [0; 8],
        Value::ProfileId(id) => id == [0; 16],
        _ => false,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Bool, Bytes, Duration, Float, Int, Nil, SpanId, Str, TraceId};

    use crate::test_call::{check, slice};

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Nil], "true"),
                (&[Str(b"")], "true"),
                (&[Str(b" ")], "false"),
                (&[Int(0)], "true"),
                (&[Float(0.0)], "true"),
                (&[Float(-0.0)], "true"),
                (&[Float(f64::NAN)], "false"),
                (&[Bool(false)], "true"),
                (&[Bytes(b"")], "true"),
                (&[slice(&[])], "true"),
                (&[slice(&[Nil])], "false"),
                (&[Value::Map(ottl_core::Map::EMPTY)], "true"),
                (&[Duration(0)], "true"),
                (&[TraceId([0; 16])], "true"),
                (&[SpanId([1; 8])], "false"),
                (&[Value::Time(ottl_core::Time::from_unix_nanos(0))], "false"),
            ],
        );
    }
}
