//! `UnixSeconds`: a time as seconds since 1970.

use ottl_core::function::FunctionDef;

use crate::family::time;

/// The function's row.
pub const DEF: FunctionDef = time::row("UnixSeconds")
    .docs("A time as whole seconds since 1970-01-01T00:00:00Z, rounded down.\n\nOnly times are taken.")
    .example("UnixSeconds(Unix(5))", "5")
    .value(|_, args| time::number(args, |time| time.secs));

#[cfg(test)]
mod tests {
    use ottl_core::Value;

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
