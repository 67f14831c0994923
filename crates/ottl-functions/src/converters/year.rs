//! `Year`: the year of a time.

use ottl_core::function::FunctionDef;

use crate::family::time;

/// The function's row.
pub const DEF: FunctionDef = time::row("Year")
    .docs(
        "The year of a time; the year before 1 is 0.\n\nIt is what the time's own zone shows: times of records are in UTC, and `Time` reads them in the zone that \
         the text or its arguments name. Only times are taken.",
    )
    .example(r#"Year(Time("2024-02-29 03:04:05", "%F %T"))"#, "2024")
    .value(|_, args| time::part(args, |at| at.year));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        time::tests::parts(&DEF, "2024", "1969");
    }
}
