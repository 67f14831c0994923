//! What became of cases, for people: a line for each, and what differs in those that fail.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::Arc;

use anstyle::{AnsiColor, Style};
use ottl::testing::{Case, Finding, Mismatch, MismatchKind, Suite};
use ottl::{Diagnostics, visible};

use super::{Broken, Results, Tested, Tried};
use crate::rules;
use crate::terminal::{self, Paint};

const HEADING: Style = Style::new().bold();
const PASSED: Style = AnsiColor::Green.on_default();
const FAILED: Style = AnsiColor::Red.on_default().bold();
const EXPECTED: Style = AnsiColor::Red.on_default();
const RECEIVED: Style = AnsiColor::Green.on_default();
const PLACE: Style = AnsiColor::Cyan.on_default();

/// Characters of a value that are shown.
const SHOWN: usize = 400;

/// Records of one finding that are shown.
const RECORDS: usize = 20;

/// Causes why cases did not run that are shown: each has a picture of its own.
const CAUSES: usize = 100;

/// The report; without what passes where that is quiet.
pub fn report(results: &Results<'_>, quiet: bool, paint: Paint) -> String {
    let mut out = String::new();
    if !quiet {
        for Tested { suite, tried } in results.tested.iter().filter(|tested| !tested.tried.is_empty()) {
            let _ = writeln!(out, "{}", paint.with(HEADING, &visible(suite.file())));
            for Tried { case, verdict } in tried {
                let (style, word) = match verdict {
                    Ok(verdict) if verdict.passes() => (PASSED, "ok     "),
                    Ok(_) => (FAILED, "FAILED "),
                    Err(_) => (FAILED, "NOT RUN"),
                };
                let _ = writeln!(out, "  {} {}", paint.with(style, word), visible(&suite.cases()[*case].name));
                for note in verdict.iter().flat_map(|verdict| &verdict.unasked) {
                    let _ = writeln!(out, "          note: {}", visible(note));
                }
            }
        }
        out.push('\n');
    }
    for Tested { suite, tried } in &results.tested {
        for Tried { case, verdict } in tried {
            let Ok(verdict) = verdict else { continue };
            if verdict.passes() {
                continue;
            }
            let case = &suite.cases()[*case];
            let (file, at) = (visible(suite.file()), case.location);
            let head = format!("{file}:{}:{}: {}", at.line, at.column, visible(&case.name));
            let _ = writeln!(out, "{} {}", paint.with(FAILED, "FAILED"), paint.with(HEADING, &head));
            for finding in &verdict.findings {
                let _ = writeln!(out, "  line {}: {}", finding.at.line, visible(&finding.message));
                put_mismatches(&mut out, finding, paint);
            }
            for note in &verdict.notes {
                let _ = writeln!(out, "  note: a statement failed: {}", visible(note));
            }
            out.push('\n');
        }
    }
    for found in causes(results) {
        let _ = writeln!(out, "{}", rules::pictures(found, paint.is_on()));
    }
    for broken in &results.broken {
        if let Err(failure) = &broken.why {
            terminal::failure(failure);
        }
    }
    out
}

/// What keeps cases from being run, each once: faults of case files and of rules, as many as somebody reads.
pub(super) fn causes<'r>(results: &'r Results<'_>) -> Vec<&'r Diagnostics> {
    let mut seen: HashSet<*const Diagnostics> = HashSet::new();
    let mut out: Vec<&Diagnostics> = results.broken.iter().filter_map(|Broken { why, .. }| why.as_ref().ok()).collect();
    for found in results.tested.iter().flat_map(|tested| &tested.tried).filter_map(|tried| tried.verdict.as_ref().err())
    {
        if out.len() < CAUSES && seen.insert(Arc::as_ptr(found)) {
            out.push(found);
        }
    }
    out
}

fn put_mismatches(out: &mut String, finding: &Finding, paint: Paint) {
    for mismatch in finding.mismatches.iter().take(RECORDS) {
        let _ = writeln!(out, "    {}{}", paint.with(PLACE, &mismatch.place), fate(mismatch));
        for line in lines_of(mismatch) {
            let style = match line.as_bytes().first() {
                Some(b'+') => RECEIVED,
                Some(b'-') => EXPECTED,
                _ => Style::new(),
            };
            let _ = writeln!(out, "      {}", paint.with(style, &line));
        }
    }
    if finding.mismatches.len() > RECORDS {
        let _ = writeln!(out, "    and {} more", finding.mismatches.len() - RECORDS);
    }
    if finding.mismatches.iter().any(|mismatch| mismatch.kind != MismatchKind::Asked) {
        let (expected, received) = (paint.with(EXPECTED, "- expected"), paint.with(RECEIVED, "+ received"));
        let _ = writeln!(out, "    ({expected}, {received})");
    }
}

fn fate(mismatch: &Mismatch) -> &'static str {
    match mismatch.kind {
        MismatchKind::Differs | MismatchKind::Asked => "",
        MismatchKind::Missing => " is missing",
        MismatchKind::Unexpected => " is unexpected",
        MismatchKind::Grouped => " is in another group of resource and scope",
    }
}

/// `- body: "expected"`, `+ body: "received"`.
fn lines_of(mismatch: &Mismatch) -> impl Iterator<Item = String> {
    mismatch.lines.iter().map(|line| {
        let sign = match (mismatch.kind, line.is_received) {
            (MismatchKind::Asked, _) => ' ',
            (_, true) => '+',
            (_, false) => '-',
        };
        let value = match line.value.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}...", &line.value[..end]),
            None => line.value.clone(),
        };
        format!("{sign} {}: {}", visible(&line.path), visible(&value))
    })
}

/// A finding in lines without colours: what it says, then the records that it is about.
pub(super) fn plain(finding: &Finding) -> String {
    let mut out = visible(&finding.message).into_owned();
    for mismatch in finding.mismatches.iter().take(RECORDS) {
        let _ = write!(out, "\n{}{}", mismatch.place, fate(mismatch));
        for line in lines_of(mismatch) {
            let _ = write!(out, "\n  {line}");
        }
    }
    if finding.mismatches.len() > RECORDS {
        let _ = write!(out, "\nand {} more", finding.mismatches.len() - RECORDS);
    }
    out
}

/// `file:line:column: name` for each case.
pub fn list<'c>(cases: impl Iterator<Item = (&'c Suite, &'c Case)>) -> String {
    let row = |(suite, case): (&Suite, &Case)| {
        format!("{}:{}:{}: {}\n", visible(suite.file()), case.location.line, case.location.column, visible(&case.name))
    };
    cases.map(row).collect()
}

/// `file:line:column: failed: case: message`, the form that editors and problem matchers read.
pub fn lines(results: &Results<'_>) -> String {
    let mut out = String::new();
    for Tested { suite, tried } in &results.tested {
        for Tried { case, verdict } in tried {
            let Ok(verdict) = verdict else { continue };
            let (file, name) = (visible(suite.file()), visible(&suite.cases()[*case].name));
            for Finding { at, message, .. } in &verdict.findings {
                let _ = writeln!(out, "{file}:{}:{}: failed: {name}: {}", at.line, at.column, visible(message));
            }
        }
    }
    for found in causes(results) {
        let _ = writeln!(out, "{found}");
    }
    for broken in &results.broken {
        if let Err(failure) = &broken.why {
            terminal::failure(failure);
        }
    }
    out
}
