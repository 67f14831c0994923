//! `clear`: writes the zero value of the target's type.

use ottl_core::function::{CallContext, FunctionDef, ParamType};
use ottl_core::{EvalError, List, Map, Time, Value, Zone};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("clear")
    .arg("target", ParamType::Target, "path to reset")
    .docs(
        "Resets a path to the zero value of what it holds.\n\nMaps, lists and texts become empty, numbers 0, bools \
         false, ids zero. Where the path holds nil, nil is written: a missing attribute becomes a null one. A time \
         becomes 1754-08-30T22:43:41.128654848Z, the zero time of the reference as far as nanoseconds reach; clear \
         the path in nanoseconds to get 0. Parts of a record that are neither map nor list (a status, events, \
         points) stay as they are.",
    )
    .example(
        r#"clear(log.attributes["user"])"#,
        r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"method","value":{"stringValue":"GET"}},{"key":"status","value":{"intValue":"200"}},{"key":"user","value":{"kvlistValue":{}}},{"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}}]}"#,
    )
    .edit(eval);

/// Seconds from the epoch to the start of the year 1, Go's zero time.
const YEAR_ONE: i64 = -62_135_596_800;

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<(), EvalError> {
    let zero = match cx.read(args[0])? {
        Value::Bool(_) => Value::Bool(false),
        Value::Int(_) => Value::Int(0),
        Value::Float(_) => Value::Float(0.0),
        Value::Str(_) => Value::Str(b""),
        Value::Bytes(_) => Value::Bytes(b""),
        Value::Map(_) => Value::Map(Map::EMPTY),
        Value::List(list) => Value::List(List::empty(list.kind())),
        Value::Time(_) => Value::Time(Time { secs: YEAR_ONE, nanos: 0, zone: Zone::Utc }),
        Value::Duration(_) => Value::Duration(0),
        Value::TraceId(_) => Value::TraceId([0; 16]),
        Value::SpanId(_) => Value::SpanId([0; 8]),
        Value::ProfileId(_) => Value::ProfileId([0; 16]),
        Value::GoInt(_) => Value::GoInt(0),
        // COMPAT: copying the reference's zero struct over a status or buckets changes nothing, over lists it crashes.
        Value::Struct(_) => return Ok(()),
        other => other,
    };
    cx.write(args[0], zero)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::cases;

    #[test]
    fn every_type_has_a_zero() {
        cases(
            &DEF,
            &[
                ("true", &[], "false"),
                ("7", &[], "0"),
                ("2.5", &[], "0.0"),
                (r#""a""#, &[], r#""""#),
                (r#"{"a":1}"#, &[], "{}"),
                ("[1]", &[], "[]"),
                ("null", &[], "null"),
            ],
        );
    }

    #[test]
    fn the_zero_time_wraps_as_in_the_reference() {
        assert_eq!(Time { secs: YEAR_ONE, nanos: 0, zone: Zone::Utc }.unix_nanos(), -6_795_364_578_871_345_152);
    }
}
