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
    use super::*;

    #[test]
    fn cases() {
        time::tests::parts(&DEF, "5", "999999999");
    }
}
