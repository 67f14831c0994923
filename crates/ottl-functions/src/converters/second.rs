//! `Second`: the second of a time.

use ottl_core::function::FunctionDef;

use crate::family::time;

/// The function's row.
pub const DEF: FunctionDef = time::row("Second")
    .docs(
        "The second of a time, 0 to 59.\n\nIt is what the time's own zone shows: times of records are in UTC, and `Time` reads them in the zone that \
         the text or its arguments name. Only times are taken.",
    )
    .example(r#"Second(Time("2024-02-29 03:04:05", "%F %T"))"#, "5")
    .value(|_, args| time::part(args, |at| i64::from(at.second)));

#[cfg(test)]
mod tests {
    use ottl_core::{Time, Value, Zone};

    use super::*;
    use Value::{Int, Nil};

    use crate::test_call::check;

    #[test]
    fn cases() {
        const EAST: Value<'_> = Value::Time(Time { secs: 1_735_603_199, nanos: 5, zone: Zone::Fixed(84_600) });
        const BEFORE: Value<'_> = Value::Time(Time { secs: -1, nanos: 999_999_999, zone: Zone::Utc });
        check(&DEF, &[(&[EAST], "59"), (&[BEFORE], "59"), (&[Nil], "error"), (&[Int(1)], "error")]);
    }
}
