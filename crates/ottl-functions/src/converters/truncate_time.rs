//! `TruncateTime`: a time rounded down to a multiple of a duration.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("TruncateTime")
    .arg("time", ParamType::TIME, "the time")
    .arg("duration", ParamType::DURATION, "what the result is a multiple of")
    .returns(Type::Time)
    .docs(
        "A time rounded down to a multiple of a duration since the first of January of the year 1, in UTC.\n\nThe zone \
         stays, and plays no part: weeks begin on Mondays at 00:00 UTC. A duration that is not positive changes nothing.",
    )
    .example(
        r#"FormatTime(TruncateTime(Time("2024-02-29 03:04:05", "%F %T"), Duration("1h")), "%T")"#,
        r#""03:00:00""#,
    )
    .value(eval);

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let time = arguments::time(args, 0)?;
    Ok(Value::Time(time.plus(-time.past_multiple(arguments::duration(args, 1)?))))
}

#[cfg(test)]
mod tests {
    use ottl_core::{Time, Zone};

    use super::*;
    use Value::{Duration, Int, Nil};

    use crate::test_call::check;

    const fn at(secs: i64, nanos: u32) -> Value<'static> {
        Value::Time(Time { secs, nanos, zone: Zone::Utc })
    }

    #[test]
    fn cases() {
        const DAY: i64 = 86_400_000_000_000;
        check(
            &DEF,
            &[
                (&[at(1_700_000_000, 5), Duration(1_000_000_000)], "time(1700000000, 0)"),
                (&[at(1_700_000_000, 5), Duration(3_000_000_001)], "time(1699999998, 278532259)"),
                (&[at(1_700_000_000, 5), Duration(7 * DAY)], "time(1699833600, 0)"),
                (&[at(-1, 1), Duration(DAY)], "time(-86400, 0)"),
                (&[at(-62_135_596_801, 1), Duration(DAY)], "time(-62135683200, 0)"),
                (&[at(5, 7), Duration(0)], "time(5, 7)"),
                (&[at(5, 7), Duration(i64::MIN)], "time(5, 7)"),
                (&[Nil, Duration(1)], "error"),
                (&[at(5, 7), Int(1)], "error"),
            ],
        );
    }
}
