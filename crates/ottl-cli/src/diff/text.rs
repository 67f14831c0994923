//! What two rule sets do differently, as text for people.

use std::fmt::Write as _;
use std::time::Duration;

use anstyle::{AnsiColor, Style};

use super::samples::{Field, Kind, Sample};
use super::side::Side;
use super::statements::{Counted, Row};
use super::{Found, SHOWN};

const HEADING: Style = Style::new().bold();
const QUIET: Style = Style::new().dimmed();
const OLD: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();
const PLACE: Style = AnsiColor::Cyan.on_default();

/// The text; without `values` it says no value of the data.
pub(super) fn show(found: &Found, values: bool) -> String {
    let mut out = String::new();
    let Found { old, new, .. } = found;
    let _ = writeln!(out, "{OLD}old  {}{OLD:#}\n{NEW}new  {}{NEW:#}\n", old.name, new.name);
    let _ = writeln!(out, "{HEADING}{:<24}{:>12}{:>12}{HEADING:#}", counted(found.messages, "message"), "old", "new");
    for (name, [one, other]) in totals(found) {
        let _ = writeln!(out, "  {name:<22}{one:>12}{other:>12}");
    }
    let [one, other] = costs(found).map(shown_cost);
    let _ = writeln!(out, "  {:<22}{one:>12}{other:>12}\n", "time for a record");
    differences(&mut out, found);
    fields(&mut out, found);
    // Without records no statement did anything.
    if found.records > 0 {
        statements(&mut out, &found.statements);
    }
    for sample in &found.samples {
        show_sample(&mut out, sample, values);
    }
    out
}

/// What both did, by name.
pub(super) fn totals(found: &Found) -> Vec<(&'static str, [u64; 2])> {
    let of = |value: fn(&Side) -> u64| [value(&found.old), value(&found.new)];
    let mut rows = vec![
        ("records", [found.records; 2]),
        ("changed", of(|side| side.totals.changed)),
        ("dropped", of(|side| side.totals.dropped)),
        ("failed", of(|side| side.totals.failed)),
        ("errors of statements", of(Side::errors)),
    ];
    if found.unreadable > 0 {
        rows.insert(0, ("left out, unreadable", [found.unreadable; 2]));
    }
    let added = of(|side| side.totals.added);
    if added != [0, 0] {
        rows.insert(rows.len() - 2, ("made by statements", added));
    }
    rows
}

/// Time that runs take together before that of a record is told: what else a machine does weighs more in less.
const TELLING: Duration = Duration::from_millis(5);

/// Nanoseconds for a record, of both; nothing for too little work.
pub(super) fn costs(found: &Found) -> [Option<f64>; 2] {
    let sides = [&found.old, &found.new];
    let is_told = found.served > 0 && sides.iter().all(|side| side.spent() >= TELLING);
    sides.map(|side| is_told.then(|| side.spent().as_nanos() as f64 / found.served as f64))
}

/// The time for a record, for people.
pub(super) fn shown_cost(cost: Option<f64>) -> String {
    cost.map_or_else(|| "-".to_owned(), |cost| format!("{cost:.0} ns"))
}

/// What differs, by kind: how many records, and in words.
pub(super) fn kinds(found: &Found) -> Vec<(u64, String)> {
    let compared = &found.compared;
    let counts = [
        (Kind::Failed, found.failed),
        (Kind::Mended, found.mended),
        (Kind::Dropped, compared.dropped),
        (Kind::Kept, compared.kept),
        (Kind::Changed, compared.changed),
        (Kind::Added, compared.added),
        (Kind::Removed, compared.removed),
    ];
    let text = |kind: Kind| match kind {
        Kind::Changed if compared.shared > 0 => {
            format!("{}, {} of them in their resource, scope or metric only", kind.text(), compared.shared)
        }
        _ => kind.text().to_owned(),
    };
    counts.into_iter().filter(|(_, count)| *count > 0).map(|(kind, count)| (count, text(kind))).collect()
}

/// The whole in a sentence.
pub(super) fn verdict(found: &Found) -> String {
    match found.different {
        0 if found.records == 0 => "There are no records.".to_owned(),
        0 if found.served == 0 => "No record is of a signal that there are rules for.".to_owned(),
        0 => "All records come out the same.".to_owned(),
        different => {
            let percent = different as f64 * 100.0 / found.records.max(1) as f64;
            let verb = if different == 1 { "comes out differently" } else { "come out differently" };
            format!("{different} of {} {verb} ({percent:.1} %):", counted(found.records, "record"))
        }
    }
}

fn differences(out: &mut String, found: &Found) {
    let _ = writeln!(out, "{HEADING}{}{HEADING:#}", verdict(found));
    for (count, text) in kinds(found) {
        let _ = writeln!(out, "{count:>12}  {text}");
    }
    out.push('\n');
}

fn fields(out: &mut String, found: &Found) {
    let rows = found.fields.rows();
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(out, "{HEADING}{:>12}  differ in{HEADING:#}", "records");
    for (path, count) in rows.iter().take(SHOWN) {
        let _ = writeln!(out, "{count:>12}  {path}");
    }
    if rows.len() > SHOWN || found.fields.others() > 0 {
        let _ = writeln!(out, "{:>12}  and more fields", "");
    }
    out.push('\n');
}

/// Statements that did not do the same under both.
fn statements(out: &mut String, rows: &[Row]) {
    let (same, others): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.is_same());
    if !others.is_empty() {
        let names = format!("{:>10} {:>10} {:>8}", "matched", "changed", "failed");
        let _ = writeln!(out, "{HEADING}{:>32}   {:>30}{HEADING:#}", "old", "new");
        let _ = writeln!(out, "{HEADING}  {names}   {names}  statement{HEADING:#}");
    }
    for row in others {
        let (sign, style) = match row.sides {
            [Some(_), None] => ('-', OLD),
            [None, Some(_)] => ('+', NEW),
            _ => (' ', Style::new()),
        };
        let [old, new] = row.sides.each_ref().map(|side| counts(side.as_ref()));
        let _ = writeln!(out, "{style}{sign} {old}   {new}  {}{style:#}", row.text);
    }
    if !same.is_empty() {
        let what = match (same.len() == rows.len(), same.len()) {
            (true, 1) => "the statement".to_owned(),
            (true, count) => format!("all {count} statements"),
            (false, count) => counted(count as u64, "further statement"),
        };
        let _ = writeln!(out, "  {what} did the same under both");
    }
    out.push('\n');
}

fn counts(side: Option<&Counted>) -> String {
    match side.map(|side| side.counters) {
        Some(counters) => format!("{:>10} {:>10} {:>8}", counters.matched, counters.changed, counters.failed),
        None => format!("{:>10} {:>10} {:>8}", ".", ".", "."),
    }
}

fn show_sample(out: &mut String, sample: &Sample, values: bool) {
    let _ = writeln!(out, "{PLACE}@@ {} @@{PLACE:#} {}", heading(sample), sample.kind.text());
    if let Some(error) = &sample.error {
        let _ = writeln!(out, "  {error}");
    }
    if let Some(by) = &sample.by {
        let _ = writeln!(out, "  {QUIET}by {}: {}{QUIET:#}", by.place(), by.text);
    }
    for field in &sample.fields {
        show_field(out, field, sample.kind, values);
    }
    if sample.more_fields > 0 {
        let _ = writeln!(out, "  and {} more", counted(sample.more_fields as u64, "field"));
    }
    out.push('\n');
}

fn show_field(out: &mut String, field: &Field, kind: Kind, values: bool) {
    let masked = |value: &str| if values { value.to_owned() } else { "***".to_owned() };
    if kind != Kind::Changed {
        // Of what is there or not there nobody asks where each field came from.
        let value = field.old.as_deref().or(field.new.as_deref()).unwrap_or_default();
        let (sign, style) = if field.old.is_some() { ('-', OLD) } else { ('+', NEW) };
        let _ = writeln!(out, "  {style}{sign} {}: {}{style:#}", field.path, masked(value));
        return;
    }
    let _ = writeln!(out, "  {}", field.path);
    for (sign, style, value, by) in [('-', OLD, &field.old, &field.by[0]), ('+', NEW, &field.new, &field.by[1])] {
        let value = value.as_deref().map_or_else(|| "(nothing)".to_owned(), masked);
        let by = by.as_ref().map_or_else(String::new, |by| format!("  {QUIET}{}: {}{QUIET:#}", by.place(), by.text));
        let _ = writeln!(out, "    {style}{sign} {value}{style:#}{by}");
    }
}

/// Where a sample is.
pub(super) fn heading(sample: &Sample) -> String {
    let Sample { file, message, record, point, place, records, .. } = sample;
    match record {
        Some(record) => {
            let point = point.map_or_else(String::new, |point| format!("point {point} of "));
            format!("{file}: message {message}, {point}record {record}: {place}")
        }
        None if place.is_empty() => format!("{file}: message {message} with {}", counted(*records, "record")),
        None => format!("{file}: message {message}: {place} with {}", counted(*records, "record")),
    }
}

/// `1 record`, `2 records`.
fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
