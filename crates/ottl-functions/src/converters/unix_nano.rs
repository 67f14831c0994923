//! `UnixNano`: a time as nanoseconds since 1970.

use ottl_core::function::FunctionDef;

use crate::family::time;

/// The function's row.
pub const DEF: FunctionDef = time::row("UnixNano")
    .docs(
        "A time as whole nanoseconds since 1970-01-01T00:00:00Z, rounded down; it wraps outside the years 1678 to \
         2262.\n\nOnly times are taken.",
    )
    .example("UnixNano(Unix(5, 7))", "5000000007")
    .value(|_, args| time::number(args, |time| time.unix_nanos()));

#[cfg(test)]
mod tests {
    use ottl_core::Value;

    use super::*;
    use Value::Nil;

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(&DEF, &[(&[Value::Time(AT)], "-1000000001"), (&[Nil], "error")]);
    }

    /// A nanosecond and a second before the epoch.
    const AT: ottl_core::Time = ottl_core::Time { secs: -2, nanos: 999_999_999, zone: ottl_core::Zone::Utc };
}
