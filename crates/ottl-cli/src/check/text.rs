//! Faults for people: as pictures, or a line each.

use ottl::{Diagnostic, Label, Locator, visible};

use super::Checked;
use crate::{rules, terminal};

/// Pictures, with a blank line behind each.
pub fn pictures(all: &[Checked]) -> String {
    let mut out = String::new();
    for found in all.iter().filter_map(|checked| checked.found.as_ref().ok()).filter(|found| !found.is_empty()) {
        out.push_str(&rules::pictures(found, terminal::colors_on_stdout()));
        out.push('\n');
    }
    out
}

/// `file:line:column: error[E0201]: message; fix: ...`, the form that editors and problem matchers read. Without a fix the help stands
/// there, which names further places, too.
pub fn lines(all: &[Checked]) -> String {
    let mut out = String::new();
    for found in all.iter().filter_map(|checked| checked.found.as_ref().ok()).flat_map(|found| found.by_file()) {
        for (line, diagnostic) in found.lines().iter().zip(found) {
            let fix = diagnostic.fix.as_ref().map(|fix| fix.in_words(found.text()));
            let help = || diagnostic.help.clone().filter(|_| diagnostic.repeats.is_empty());
            out.push_str(line);
            if let Some(mending) = fix.or_else(help) {
                out.push_str("; ");
                out.push_str(&visible(&mending));
            }
            out.push('\n');
        }
    }
    out
}

/// What is said of a fault beside its message, line by line: its label, other places, help and fix.
pub fn beside(diagnostic: &Diagnostic, text: &str, locator: &Locator<'_>) -> Vec<String> {
    let other = |other: &Label| format!("line {}: {}", locator.locate(other.span.start).line, other.text);
    let label = diagnostic.label.iter().cloned();
    let others = diagnostic.others.iter().map(other);
    let fix = diagnostic.fix.iter().map(|fix| fix.in_words(text));
    label.chain(others).chain(diagnostic.help.iter().cloned()).chain(fix).collect()
}
