//! What two rule sets do differently, in Markdown: for pull requests and summaries of workflows.

use std::fmt::Write as _;

use super::samples::Sample;
use super::statements::{Counted, Row};
use super::text::{costs, heading, kinds, shown_cost, totals, verdict};
use super::{Found, SHOWN};

/// The tables and samples; without `values` they say no value of the data.
pub(super) fn show(found: &Found, values: bool) -> String {
    let mut out = format!("### Rules: {} to {}\n\n", code(&found.old.name), code(&found.new.name));
    let _ = writeln!(out, "{}\n", verdict(found));
    for (count, text) in kinds(found) {
        let _ = writeln!(out, "- {count} {text}");
    }
    if found.different > 0 {
        out.push('\n');
    }
    out.push_str("| | old | new |\n|---|---:|---:|\n");
    for (name, [old, new]) in totals(found) {
        let _ = writeln!(out, "| {name} | {old} | {new} |");
    }
    let [old, new] = costs(found).map(shown_cost);
    let _ = writeln!(out, "| time for a record | {old} | {new} |\n");
    let rows = found.fields.rows();
    if !rows.is_empty() {
        out.push_str("| records | differ in |\n|---:|---|\n");
        for (path, count) in rows.iter().take(SHOWN) {
            let _ = writeln!(out, "| {count} | {} |", code(path));
        }
        out.push('\n');
    }
    statements(&mut out, &found.statements);
    if !found.samples.is_empty() {
        out.push_str("<details><summary>Samples</summary>\n\n");
        for sample in &found.samples {
            show_sample(&mut out, sample, values);
        }
        out.push_str("</details>\n");
    }
    out
}

fn statements(out: &mut String, rows: &[Row]) {
    let others: Vec<&Row> = rows.iter().filter(|row| !row.is_same()).collect();
    if others.is_empty() {
        return;
    }
    out.push_str("| | statement | old: matched | changed | failed | new: matched | changed | failed |\n");
    out.push_str("|---|---|---:|---:|---:|---:|---:|---:|\n");
    for row in others {
        let sign = match row.sides {
            [Some(_), None] => "gone",
            [None, Some(_)] => "new",
            _ => "",
        };
        let [old, new] = row.sides.each_ref().map(|side| counts(side.as_ref()));
        let _ = writeln!(out, "| {sign} | {} | {old} | {new} |", code(&row.text));
    }
    out.push('\n');
}

fn counts(side: Option<&Counted>) -> String {
    match side.map(|side| side.counters) {
        Some(counters) => format!("{} | {} | {}", counters.matched, counters.changed, counters.failed),
        None => " | | ".to_owned(),
    }
}

/// A sample as a block of a diff.
fn show_sample(out: &mut String, sample: &Sample, values: bool) {
    let masked = |value: &str| if values { value.to_owned() } else { "***".to_owned() };
    let _ = writeln!(out, "{}: {}", code(&heading(sample)), sample.kind.text());
    if let Some(by) = &sample.by {
        let _ = writeln!(out, "by {}", code(&by.text));
    }
    let mut lines = String::new();
    if let Some(error) = &sample.error {
        let _ = writeln!(lines, "{error}");
    }
    for field in &sample.fields {
        for (sign, value) in [('-', &field.old), ('+', &field.new)] {
            if let Some(value) = value {
                let _ = writeln!(lines, "{sign} {}: {}", field.path, masked(value));
            }
        }
    }
    let fence = fence(&lines);
    let _ = writeln!(out, "\n{fence}diff\n{lines}{fence}\n");
}

/// A text as code, in a cell of a table or outside of one.
fn code(text: &str) -> String {
    let ticks = "`".repeat(longest_run(text) + 1);
    let text = text.replace('|', "\\|");
    if text.starts_with('`') || text.ends_with('`') {
        format!("{ticks} {text} {ticks}")
    } else {
        format!("{ticks}{text}{ticks}")
    }
}

/// Backticks that end a block of these lines and stand nowhere in them.
fn fence(lines: &str) -> String {
    "`".repeat(longest_run(lines).max(2) + 1)
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_stays_code() {
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("`a``"), "``` `a`` ```");
        assert_eq!(fence("a\n````\n"), "`````");
        assert_eq!(fence(""), "```");
    }
}
