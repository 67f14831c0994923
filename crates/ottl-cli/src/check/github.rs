//! Faults as commands of a workflow of GitHub: each makes an annotation in the file.
//!
//! Columns are left out where a fault goes over several lines: GitHub refuses them there.

use std::fmt::Write as _;

use ottl::{Locator, Severity, visible};

use super::Checked;

/// A command on a line for each fault.
pub fn commands(all: &[Checked]) -> String {
    let mut out = String::new();
    for checked in all {
        match &checked.found {
            Ok(found) => {
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
                        file(&checked.name),
                        start.line,
                        end.line,
                        diagnostic.code,
                        diagnostic.code.name(),
                        data(&diagnostic.message)
                    );
                    if let Some(help) = &diagnostic.help {
                        let _ = write!(out, "%0A{}", data(help));
                    }
                    let _ = writeln!(out, "%0A{}", data(&diagnostic.code.page()));
                }
            }
            Err(failure) => {
                let _ =
                    writeln!(out, "::error {}title=not checked::{}", file(&checked.name), data(&failure.to_string()));
            }
        }
    }
    out
}

/// The property that names the file; standard input is none.
fn file(name: &str) -> String {
    if name == "standard input" {
        return String::new();
    }
    format!("file={},", data(name.trim_start_matches("./")).replace(':', "%3A").replace(',', "%2C"))
}

/// A text in a command.
fn data(text: &str) -> String {
    visible(&text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")).into_owned()
}
