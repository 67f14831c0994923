//! Results as JSON, with what they were taken on, and as a table for a page.

use std::fmt::Write;
use std::process::Command;

use serde_json::{Value, json};

use crate::measure::{Clock, Measured, Settings};
use crate::rows::{Data, Row};

/// What a row came to, once for each message that it ran on.
pub struct Entry {
    /// The row.
    pub row: Row,
    /// What was measured, in the order of measuring.
    pub measured: Vec<Measured>,
}

/// What results are of; told before anything is measured, since checkouts change.
pub struct Origin(Value);

impl Origin {
    /// The commit, compiler and processor of now.
    pub fn now(settings: &Settings) -> Origin {
        let changes = output("git", &["status", "--porcelain", "--untracked-files=no"]);
        Origin(json!({
            "commit": output("git", &["rev-parse", "--short=12", "HEAD"]),
            "changed_since": changes.map(|list| !list.is_empty()),
            "rustc": output("rustc", &["--version"]),
            "processor": processor(),
            "clock": if settings.clock() == Clock::Processor { "processor" } else { "wall" },
            "seconds": settings.seconds,
            "rounds": settings.rounds,
        }))
    }
}

/// All results, with what they are of.
pub fn json(origin: Origin, entries: &[Entry], settings: &Settings) -> Value {
    let rows = entries
        .iter()
        .flat_map(|entry| entry.measured.iter().map(|measured| of_row(&entry.row, measured, settings)))
        .collect();
    let Origin(mut all) = origin;
    all["rows"] = Value::Array(rows);
    all
}

fn of_row(row: &Row, measured: &Measured, settings: &Settings) -> Value {
    let family = match &row.data {
        Data::Family(family) => Some(family),
        _ => None,
    };
    json!({
        "row": row.name,
        "processor": row.processor,
        "family": family.map(|family| family.kind.name()),
        "statements": family.map(|family| family.statements),
        "matching_percent": family.map(|family| family.rate),
        "failing": family.map(|family| family.failing),
        "records": measured.shape.records,
        "attributes": measured.shape.attributes,
        "body": measured.shape.body,
        "threads": settings.threads.get(),
        "shared": settings.shared,
        "marshaled": measured.marshaled,
        "bytes": measured.bytes,
        "ns_per_record": measured.nanos,
        "reference_ns_per_record": measured.reference,
        "ratio": measured.ratio,
        "by_hand_ns_per_record": measured.by_hand,
        "bar": row.bar_at(measured.shape.records),
    })
}

/// What a command writes, without blanks around it; nothing if it fails.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let run = Command::new(program).args(arguments).output().ok()?;
    run.status.success().then(|| String::from_utf8_lossy(&run.stdout).trim().to_owned())
}

/// The processor's name and how many of its cores there are, where the system says.
fn processor() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'))?.1.trim();
    let cores = std::thread::available_parallelism().ok()?;
    Some(format!("{name}, {cores} cores"))
}

/// The heads of the lines that [`line()`] makes.
pub const HEAD: &str = "\
| row | records | MB/s | ns/record | reference ns/record | ratio | bar | by hand ns/record |
|---|---|---|---|---|---|---|---|";

/// One line of a table, as soon as it is measured.
pub fn line(row: &Row, measured: &Measured) -> String {
    let speed = measured.bytes as f64 / (measured.nanos * measured.shape.records as f64) * 1e3;
    let order = if measured.marshaled { ", marshaled" } else { "" };
    format!(
        "| {}{order} | {} | {speed:.0} | {:.0} | {} | {} | {} | {} |",
        row.name,
        measured.shape.records,
        measured.nanos,
        number(measured.reference, 0),
        number(measured.ratio, 1),
        number(row.bar_at(measured.shape.records), 0),
        number(measured.by_hand, 0),
    )
}

/// All results as one table: a line for each row, the ratios of its messages beside each other.
pub fn table(entries: &[Entry]) -> String {
    let mut columns: Vec<(bool, usize)> = Vec::new();
    for measured in entries.iter().flat_map(|entry| &entry.measured) {
        let column = (measured.marshaled, measured.shape.records);
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    // In the order of SDKs before that of the reference, large messages first.
    columns.sort_by_key(|(marshaled, records)| (*marshaled, std::cmp::Reverse(*records)));
    let mut text = "| workload | ns a record | by hand | reference | bar |".to_owned();
    for (marshaled, records) in &columns {
        let order = if *marshaled { ", written by a Collector" } else { "" };
        let _ = write!(text, " ratio at {records}{order} |");
    }
    text.push_str("\n|---|---|---|---|---|");
    text.push_str(&"---|".repeat(columns.len()));
    text.push('\n');
    for Entry { row, measured } in entries {
        let find = |column: &(bool, usize)| measured.iter().find(|m| (m.marshaled, m.shape.records) == *column);
        let Some(first) = columns.iter().find_map(find) else { continue };
        let _ = write!(
            text,
            "| {} | {:.0} | {} | {} | {} |",
            row.name,
            first.nanos,
            number(first.by_hand, 0),
            number(first.reference, 0),
            number(row.bar, 0)
        );
        for column in &columns {
            let _ = write!(text, " {} |", number(find(column).and_then(|m| m.ratio), 1));
        }
        text.push('\n');
    }
    text
}

fn number(value: Option<f64>, digits: usize) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.digits$}"))
}

#[cfg(test)]
mod tests {
    use super::{Entry, Origin, json, line, table};
    use crate::measure::{Measured, Settings};
    use crate::rows::find;

    fn measured(records: usize, marshaled: bool, ratio: f64) -> Measured {
        Measured {
            shape: records.into(),
            marshaled,
            bytes: 400 * records,
            nanos: 100.0,
            reference: Some(100.0 * ratio),
            ratio: Some(ratio),
            by_hand: None,
        }
    }

    fn entries() -> Vec<Entry> {
        let full = vec![measured(1, false, 8.0), measured(8192, false, 20.0), measured(8192, true, 19.5)];
        vec![
            Entry { row: find("structural").expect("a row"), measured: full },
            Entry { row: find("keys-100@5").expect("a row"), measured: vec![measured(8192, false, 3.25)] },
        ]
    }

    #[test]
    fn ratios_stand_beside_each_other() {
        let entries = entries();
        assert_eq!(
            table(&entries),
            "\
| workload | ns a record | by hand | reference | bar | ratio at 8192 | ratio at 1 | ratio at 8192, written by a Collector |
|---|---|---|---|---|---|---|---|
| structural | 100 | - | 2000 | 22 | 20.0 | 8.0 | 19.5 |
| keys-100@5 | 100 | - | 325 | 40 | 3.2 | - | - |
"
        );
        let first = &entries[0];
        assert_eq!(line(&first.row, &first.measured[0]), "| structural | 1 | 4000 | 100 | 800 | 8.0 | 15 | - |");
    }

    #[test]
    fn results_say_what_they_are_of() {
        let settings = Settings { rounds: 3, ..Settings::default() };
        let results = json(Origin::now(&settings), &entries(), &settings);
        assert_eq!(results["rows"].as_array().map(Vec::len), Some(4));
        let last = &results["rows"][3];
        assert_eq!(last["family"], "keys");
        assert_eq!(last["statements"], 100);
        assert_eq!(last["matching_percent"], 5);
        assert_eq!(last["ratio"], 3.25);
        assert_eq!(results["rows"][0]["bar"], 15.0);
    }
}
