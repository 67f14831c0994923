//! Faults for people: as pictures, or a line each.

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

/// `file:line:column: error[E0201]: message`, the form that editors and problem matchers read.
pub fn lines(all: &[Checked]) -> String {
    let mut out = String::new();
    for found in all.iter().filter_map(|checked| checked.found.as_ref().ok()).filter(|found| !found.is_empty()) {
        out.push_str(&found.to_string());
        out.push('\n');
    }
    out
}
