//! Traces as text: record by record, with counts of all statements at the end.

use std::fmt::Write as _;
use std::io::Write as _;

use anstyle::{AnsiColor, Style};
use ottl::{Trace, TracedResult, TracedStatement, TracedStep, visible};

use super::Origin;
use crate::failure::Failure;
use crate::source::GIVEN;
use crate::terminal::Paint;

/// Columns that the text of an expression takes in front of its value; longer ones push it to the right.
const WIDTH: usize = 44;

/// Text under way, and what statements did so far.
#[derive(Default)]
pub(super) struct Text {
    /// By processor and text: evaluated, matched, changed, failed.
    counts: Vec<(TracedStatement, [u64; 4])>,
}

const HEADING: Style = Style::new().bold();
const QUIET: Style = Style::new().dimmed();
const BAD: Style = AnsiColor::Red.on_default();
const GOOD: Style = AnsiColor::Green.on_default();
const REPLACED: Style = AnsiColor::Yellow.on_default();

impl Text {
    /// Writes the trace of a message.
    pub fn show(&mut self, origin: &Origin<'_>, trace: &Trace, values: bool) -> Result<(), Failure> {
        let paint = Paint::on_stdout();
        let mut out = String::new();
        for (place, steps) in by_place(trace) {
            let number = steps
                .iter()
                .find_map(|step| step.record)
                .map_or(String::new(), |record| format!("record {}, ", origin.records_before + record + 1));
            let heading = format!("{}: message {}, {number}{place}", origin.file, origin.message);
            let _ = writeln!(out, "{}", paint.with(HEADING, &heading));
            for step in steps {
                self.count(trace, step);
                show_step(&mut out, trace, step, values, &paint);
            }
            out.push('\n');
        }
        if trace.is_cut {
            let _ = writeln!(out, "{}: message {}: there is more than is shown", origin.file, origin.message);
        }
        if let Some(error) = &trace.error {
            let _ = writeln!(out, "{}", paint.with(BAD, &format!("the message failed: {error}")));
        }
        std::io::stdout().write_all(out.as_bytes()).map_err(|error| Failure::write("standard output", error))
    }

    fn count(&mut self, trace: &Trace, step: &TracedStep) {
        let statement = &trace.statements[step.statement];
        let at = self.counts.iter().position(|(known, _)| known == statement).unwrap_or_else(|| {
            self.counts.push((statement.clone(), [0; 4]));
            self.counts.len() - 1
        });
        let counts = &mut self.counts[at].1;
        counts[0] += 1;
        let is_match = !matches!(step.result, TracedResult::NotMatched | TracedResult::Failed);
        counts[1] += u64::from(is_match);
        counts[2] += u64::from(step.changed_telemetry());
        counts[3] += u64::from(step.result == TracedResult::Failed);
    }

    /// What the signs mean, and what is hidden; nothing where nothing was shown.
    pub fn legend(&self, values: bool) -> Option<String> {
        let hidden =
            if values { "" } else { "\nvalues are hidden (their types stand in brackets): --values shows them" };
        let signs = "signs: * changed, = changed nothing or holds, - not matched, x dropped, ! failed; + added, ~ replaced, - removed";
        (!self.counts.is_empty()).then(|| format!("{signs}{hidden}\n"))
    }

    /// Writes what all statements did.
    pub fn end(mut self) -> Result<(), Failure> {
        self.counts.sort_by(|(one, _), (other, _)| {
            (&one.file, one.line, one.column).cmp(&(&other.file, other.line, other.column))
        });
        let mut out = String::new();
        if !self.counts.is_empty() {
            out.push_str("evaluated  matched  changed  failed  statement\n");
        }
        for (statement, [evaluated, matched, changed, failed]) in &self.counts {
            let (place, text) = (place(statement), first_line(&statement.text));
            let _ = writeln!(out, "{evaluated:>9}  {matched:>7}  {changed:>7}  {failed:>6}  {place}{text}");
        }
        std::io::stdout().write_all(out.as_bytes()).map_err(|error| Failure::write("standard output", error))
    }
}

/// The steps of each record together, in the order in which the records came first.
fn by_place(trace: &Trace) -> Vec<(&str, Vec<&TracedStep>)> {
    let mut places: Vec<(&str, Vec<&TracedStep>)> = Vec::new();
    let mut known = std::collections::HashMap::new();
    for step in &trace.steps {
        let at = *known.entry(&*step.place).or_insert_with(|| {
            places.push((&step.place, Vec::new()));
            places.len() - 1
        });
        places[at].1.push(step);
    }
    places
}

/// Where a statement stands, if it is in a file: `rules.yaml:3: `.
fn place(statement: &TracedStatement) -> String {
    match &*statement.file {
        GIVEN => String::new(),
        file => format!("{}:{}: ", visible(file), statement.line),
    }
}

fn first_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn show_step(out: &mut String, trace: &Trace, step: &TracedStep, values: bool, paint: &Paint) {
    let statement = &trace.statements[step.statement];
    let (mark, colour, word) = match step.result {
        TracedResult::NotMatched => ("-", QUIET, "not matched"),
        TracedResult::Dropped => ("x", BAD, "dropped"),
        TracedResult::Held => ("=", GOOD, "holds"),
        TracedResult::Changed => ("*", GOOD, "changed"),
        TracedResult::Unchanged => ("=", Style::new(), "changed nothing"),
        _ => ("!", BAD, "failed"),
    };
    let line = format!("  {mark} {}  {}", step.statement + 1, first_line(&statement.text));
    let _ = writeln!(out, "{}", paint.with(colour, &line));
    let decided = match &step.decided {
        Some(part) if part.text.len() < statement.text.len() => format!(", decided by `{}`", first_line(&part.text)),
        _ => String::new(),
    };
    let error = step.error.as_ref().map_or(String::new(), |error| format!(": {error}"));
    let _ = writeln!(out, "      {}{word}{decided}{error}", place(statement));
    for value in &step.values {
        let text = format!("{}{}", "  ".repeat(value.depth as usize), first_line(&value.part.text));
        let shown = match (&value.value, &value.type_name, &value.error) {
            (_, _, Some(error)) => format!("failed: {error}"),
            (Some(shown), Some(of), None) if values || of == "bool" || of == "nil" => shown.clone(),
            (_, Some(of), None) => format!("({of})"),
            _ => String::new(),
        };
        let _ = writeln!(out, "        {text:WIDTH$} {shown}");
    }
    if step.more_values > 0 {
        let _ = writeln!(out, "        and {} values more", step.more_values);
    }
    for change in &step.changes {
        let masked = |value: &String| if values { value.clone() } else { "***".to_owned() };
        let shown = match (&change.before, &change.after) {
            (None, Some(after)) => paint.with(GOOD, &format!("+ {} = {}", change.path, masked(after))),
            (Some(before), None) => paint.with(BAD, &format!("- {} = {}", change.path, masked(before))),
            (Some(before), Some(after)) if values => {
                paint.with(REPLACED, &format!("~ {}: {before} -> {after}", change.path))
            }
            _ => paint.with(REPLACED, &format!("~ {}: ***", change.path)),
        };
        let _ = writeln!(out, "      {shown}");
    }
}
