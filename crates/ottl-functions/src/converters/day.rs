//! `Day`: the day of a time's month.

use ottl_core::function::FunctionDef;

use crate::family::time;

/// The function's row.
pub const DEF: FunctionDef = time::row("Day")
    .docs(
        "The day of the month of a time, 1 to 31.\n\nIt is what the time's own zone shows: times of records are in UTC, and `Time` reads them in the zone that \
         the text or its arguments name. Only times are taken.",
    )
    .example(r#"Day(Time("2024-02-29 03:04:05", "%F %T"))"#, "29")
    .value(|_, args| time::part(args, |at| i64::from(at.day)));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        time::tests::parts(&DEF, "31", "31");
    }
}
