//! `UnixMilli`: a time as milliseconds since 1970.

use ottl_core::function::FunctionDef;

use crate::family::time;

/// The function's row.
pub const DEF: FunctionDef = time::row("UnixMilli")
    .docs("A time as whole milliseconds since 1970-01-01T00:00:00Z, rounded down.\n\nOnly times are taken.")
    .example("UnixMilli(Unix(5))", "5000")
    .value(|_, args| {
        time::number(args, |time| time.secs.wrapping_mul(1_000).wrapping_add(i64::from(time.nanos / 1_000_000)))
    });

#[cfg(test)]
mod tests {
    use ottl_core::Value;

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
