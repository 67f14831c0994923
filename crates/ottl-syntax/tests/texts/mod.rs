//! The rows of `reference.txt`, whose head explains the format. The grammar's tests read them through this file, too.

/// A text that the reference was asked about.
pub struct Row {
    /// `S` for a statement, `C` for a condition, `V` for a value expression.
    pub kind: char,
    /// Whether the reference accepts it.
    pub accepted: bool,
    /// The text.
    pub text: String,
}

/// All rows.
pub fn rows() -> impl Iterator<Item = Row> {
    include_str!("../reference.txt").lines().filter(|line| !line.starts_with('#')).map(|line| Row {
        kind: line.chars().next().expect("a kind"),
        accepted: line.as_bytes()[2] == b'+',
        text: line.get(4..).unwrap_or("").replace('\u{2424}', "\n").replace('\u{2409}', "\t"),
    })
}
