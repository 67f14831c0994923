//! `Weekday`: the day of a time's week.

use ottl_core::function::FunctionDef;

use crate::family::time;

/// The function's row.
pub const DEF: FunctionDef = time::row("Weekday")
    .docs(
        "The day of the week of a time, 0 for Sunday to 6 for Saturday.\n\nIt is what the time's own zone shows: times of records are in UTC, and `Time` reads them in the zone that \
         the text or its arguments name. Only times are taken.",
    )
    .example(r#"Weekday(Time("2024-02-29 03:04:05", "%F %T"))"#, "4")
    .value(|_, args| time::part(args, |at| i64::from(at.weekday)));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        time::tests::parts(&DEF, "2", "3");
    }
}
