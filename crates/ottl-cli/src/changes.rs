//! What rules change in a message, for people: each record that differs, with its fields before and after.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use ottl::Signal;
use ottl::compare::{Change, Fate, Outline, compare};

use crate::terminal;

const OLD: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();
const PLACE: Style = AnsiColor::Cyan.on_default();

/// Changes that wait to be written.
#[derive(Debug, Default)]
pub struct Changes {
    found: Vec<Found>,
}

#[derive(Debug)]
struct Found {
    place: String,
    /// What happened to it as a whole.
    fate: &'static str,
    /// Lines with `-` or `+`.
    lines: Vec<(bool, String)>,
}

impl Changes {
    /// Adds what differs between a message, whose records are numbered, and what was made of it.
    pub fn add(&mut self, signal: Signal, before: &[u8], after: &[u8]) {
        let (Ok(before), Ok(after)) = (Outline::of(signal, before), Outline::of(signal, after)) else { return };
        // Damage that no rule read is none here: there is no more to show.
        let _ = compare(&before, &after, |change| self.found.push(Found::of(change)));
    }

    /// Writes what was added, and forgets it.
    pub fn take(&mut self, file: &str, message: u64, out: &mut Vec<u8>) {
        let colored = |style: Style| if terminal::colors_on_stdout() { style } else { Style::new() };
        let (old, new, at) = (colored(OLD), colored(NEW), colored(PLACE));
        for Found { place, fate, lines } in self.found.drain(..) {
            let head = format!("{at}@@ {file}: message {message}: {place} @@{at:#}{fate}\n");
            out.extend_from_slice(head.as_bytes());
            for (is_new, line) in lines {
                let (style, sign) = if is_new { (new, '+') } else { (old, '-') };
                out.extend_from_slice(format!("{style}{sign}{line}{style:#}\n").as_bytes());
            }
        }
    }

    /// What was added without the places, each line behind an indent; it is forgotten.
    pub fn take_lines(&mut self, indent: &str) -> String {
        let mut out = String::new();
        for Found { fate, lines, .. } in self.found.drain(..) {
            if !fate.is_empty() {
                let _ = writeln!(out, "{indent}{}:", fate.trim_start());
            }
            for (is_new, line) in lines {
                let (style, sign) = if is_new { (NEW, '+') } else { (OLD, '-') };
                let _ = writeln!(out, "{indent}{style}{sign}{line}{style:#}");
            }
        }
        out
    }
}

impl Found {
    fn of(change: Change<'_>) -> Found {
        let place = change.place();
        let fate = match change.fate {
            Fate::Changed => "",
            Fate::Dropped => " dropped",
            Fate::Removed => " removed",
            Fate::Kept | Fate::Added => " added",
        };
        let mut differences = change.differences;
        // Fields stand together, in the same order for all records, whatever was written when.
        differences.sort_by(|one, other| field_of(&one.path).cmp(field_of(&other.path)));
        let mut lines = Vec::new();
        for difference in differences {
            // The place says already what a record is.
            let path = match change.context {
                "resource" | "scope" => &difference.path,
                context => difference
                    .path
                    .strip_prefix(context)
                    .and_then(|rest| rest.strip_prefix('.'))
                    .unwrap_or(&difference.path),
            };
            lines.extend(difference.before.map(|value| (false, format!("{path}: {value}"))));
            lines.extend(difference.after.map(|value| (true, format!("{path}: {value}"))));
        }
        Found { place, fate, lines }
    }
}

/// The context and field that a path begins with.
fn field_of(path: &str) -> &str {
    let mut ends = path.match_indices(['.', '[']).map(|(at, _)| at);
    match (ends.next(), ends.next()) {
        (_, Some(end)) => &path[..end],
        _ => path,
    }
}
