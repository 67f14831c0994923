//! Faults as commands of a workflow of GitHub: each makes an annotation in the file.
//!
//! Columns are left out where a fault goes over several lines: GitHub refuses them there.

use std::fmt::Write as _;

use ottl::{Diagnostics, Locator, Severity};

use super::{Checked, What, text};
use crate::github::{data, file};

/// A command on a line for each fault.
pub fn commands(all: &[Checked]) -> String {
    let mut out = String::new();
    for checked in all {
        match &checked.found {
            Ok(found) => of(found, &mut out),
            Err(why) if checked.what == What::LeftOut => {
                let _ = writeln!(out, "::notice {}title=left out::{}", file(&checked.name), data(&why.to_string()));
            }
            Err(failure) => {
                let _ =
                    writeln!(out, "::error {}title=not checked::{}", file(&checked.name), data(&failure.to_string()));
            }
        }
    }
    out
}

/// The commands for the faults of a file, or of several that were read together.
pub fn of(found: &Diagnostics, out: &mut String) {
    for found in found.by_file() {
        let locator = Locator::new(found.text());
        for diagnostic in found {
            let (start, end) = (locator.locate(diagnostic.span.start), locator.locate(diagnostic.span.end));
            let command = match diagnostic.severity() {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Hint => "notice",
            };
            let columns = if start.line == end.line {
                format!(",col={},endColumn={}", start.column, end.column)
            } else {
                String::new()
            };
            let _ = write!(
                out,
                "::{command} {}line={},endLine={}{columns},title={} {}::{}",
                file(found.file()),
                start.line,
                end.line,
                diagnostic.code,
                diagnostic.code.name(),
                data(&diagnostic.message)
            );
            for line in text::beside(diagnostic, found.text(), &locator) {
                let _ = write!(out, "%0A{}", data(&line));
            }
            let _ = writeln!(out, "%0A{}", data(&diagnostic.code.page()));
        }
    }
}
