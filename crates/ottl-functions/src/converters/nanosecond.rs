//! `Nanosecond`: the nanosecond of a time's second.

use ottl_core::function::FunctionDef;

use crate::family::time;

/// The function's row.
pub const DEF: FunctionDef = time::row("Nanosecond")
    .docs("The nanoseconds of a time since its last whole second, 0 to 999999999.\n\nOnly times are taken.")
    .example("Nanosecond(Unix(5, 7))", "7")
    .value(|_, args| time::number(args, |time| i64::from(time.nanos)));

#[cfg(test)]
mod tests {
    use ottl_core::{Time, Value, Zone};

    use super::*;
    use Value::{Int, Nil};

    use crate::test_call::check;

    #[test]
    fn cases() {
        const BEFORE: Value<'_> = Value::Time(Time { secs: -1, nanos: 999_999_999, zone: Zone::Utc });
        check(&DEF, &[(&[BEFORE], "999999999"), (&[Nil], "error"), (&[Int(1)], "error")]);
    }
}
