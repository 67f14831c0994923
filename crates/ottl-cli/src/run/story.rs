//! What a run says of itself at its end: a line on a terminal, a table for who asks, and what can hardly be meant.

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::time::Instant;

use ottl::{Dropped, Report, visible};
use serde_json::json;

use crate::args::{ReportForm, RunArguments};
use crate::rules::Counts;
use crate::source;
use crate::terminal::{self, Voice};

/// Statements that are named in one line.
const NAMED: usize = 3;
/// Characters of a statement that are shown in one line.
const SHOWN: usize = 60;

/// A run, from its beginning.
#[derive(Debug)]
pub struct Story {
    started: Instant,
    form: ReportForm,
    stats: bool,
    /// Whether somebody looks.
    seen: bool,
}

impl Story {
    /// A run that begins now.
    pub fn new(arguments: &RunArguments) -> Story {
        let seen = !arguments.quiet && arguments.format == ReportForm::Text && std::io::stderr().is_terminal();
        Story { started: Instant::now(), form: arguments.format, stats: arguments.stats, seen }
    }

    /// Whether it will be told, so that it is worth counting.
    pub fn is_told(&self) -> bool {
        self.stats || self.seen
    }

    /// Tells it; `bytes` are those that were read.
    pub fn tell(&self, report: &Report, counts: Counts, bytes: u64, voice: &mut Voice) {
        if let Some(dropped) = all_dropped(report) {
            voice.warn(format!("everything was dropped: {dropped}"));
        }
        if let Some(idle) = idle(report) {
            voice.warn(idle);
        }
        if !self.is_told() {
            return;
        }
        let seconds = self.started.elapsed().as_secs_f64();
        match self.form {
            ReportForm::Text => {
                let table = if self.stats { table(report) } else { String::new() };
                terminal::plain(format!("{table}{}", line(report, counts, bytes, seconds)));
            }
            ReportForm::Json => {
                let stats = json!({
                    "records": counts.records,
                    "changed_records": counts.changed,
                    "bytes": bytes,
                    "seconds": seconds,
                    "report": report,
                });
                terminal::plain(format!("{}\n", json!({ "severity": "note", "stats": stats })));
            }
        }
    }
}

/// One line for the whole.
fn line(report: &Report, counts: Counts, bytes: u64, seconds: f64) -> String {
    let plural = |count: u64, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let messages = plural(report.messages(), "message");
    let records = plural(counts.records, "record");
    let Dropped { spans, data_points, log_records, samples } = report.dropped();
    let dropped = spans + data_points + log_records + samples;
    let failed = match report.failed_messages() {
        0 => "0 failed".to_owned(),
        count => format!("{} failed", plural(count, "message")),
    };
    let errors = match report.statements().map(|row| row.counters.failed).sum() {
        0 => String::new(),
        count => format!(", {} of statements", plural(count, "error")),
    };
    let conflicts = match report.conflicting_writes() {
        0 => String::new(),
        1 => ", 1 write in conflict with another record's".to_owned(),
        count => format!(", {count} writes in conflict with another record's"),
    };
    let speed = bytes as f64 / seconds.max(1e-6) / 1e6;
    let changed = counts.changed;
    format!(
        "{messages}, {records}: {changed} changed, {dropped} dropped, {failed}{errors}{conflicts}; {seconds:.2} s, {speed:.1} MB/s\n"
    )
}

/// A row for each statement. What few rule sets do has a column only where it was done.
fn table(report: &Report) -> String {
    let has_conflicts = report.conflicting_writes() > 0;
    let mut out = format!("{:>10} {:>10} {:>10} {:>10}", "evaluated", "matched", "changed", "failed");
    out.push_str(if has_conflicts { " conflicting  statement\n" } else { "  statement\n" });
    for row in report.statements() {
        let counters = row.counters;
        let (evaluated, matched) = (counters.evaluated, counters.matched);
        let (changed, failed) = (counters.changed, counters.failed);
        let _ = write!(out, "{evaluated:>10} {matched:>10} {changed:>10} {failed:>10}");
        if has_conflicts {
            let _ = write!(out, " {:>11}", counters.conflicting);
        }
        let _ = writeln!(out, "  {}", visible(&source::named(&row.statement)));
    }
    out
}

/// What was dropped, if that was everything.
fn all_dropped(report: &Report) -> Option<String> {
    let dropped = report.dropped_messages();
    if dropped == 0 || dropped + report.failed_messages() < report.messages() {
        return None;
    }
    let Dropped { spans, data_points, log_records, samples } = report.dropped();
    let kinds =
        [(spans, "span"), (data_points, "data point"), (log_records, "log record"), (samples, "profile sample")];
    let of = |(count, what): (u64, &str)| format!("{count} of {count} {what}{}", if count == 1 { "" } else { "s" });
    let parts: Vec<String> = kinds.into_iter().filter(|(count, _)| *count > 0).map(of).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The statements with a condition, and the conditions, that matched nothing though records came by.
fn idle(report: &Report) -> Option<String> {
    let idle: Vec<_> =
        report.statements().filter(|row| row.counters.evaluated > 0 && row.counters.matched == 0).collect();
    let short = |text: &str| {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match line.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}...", &line[..end]),
            None => line,
        }
    };
    let name = |row: &ottl::StatementReport<'_>| {
        let place = row.statement.location();
        if row.statement.file() == source::GIVEN {
            return format!("{}: `{}`", source::GIVEN, short(row.statement.text()));
        }
        format!("{}:{}:{}: `{}`", row.statement.file(), place.line, place.column, short(row.statement.text()))
    };
    let mut names: Vec<String> = idle.iter().take(NAMED).map(name).collect();
    if idle.len() > NAMED {
        names.push(format!("and {} more", idle.len() - NAMED));
    }
    (!names.is_empty()).then(|| format!("matched nothing: {}", names.join(", ")))
}
