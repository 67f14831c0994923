//! `ottl check`: compiles rules and reports all that is wrong with them.
//!
//! Text goes to standard error and JSON, which is the result, to standard output.

use std::io::Write as _;

use ottl::{Diagnostics, TranslatedMatcher};

use crate::args::{CheckArguments, Deny, ReportForm};
use crate::failure::{Failure, Status, name_of};
use crate::input::paths_or_standard;
use crate::{mend, rules};

/// Runs the verb.
pub fn check(arguments: &CheckArguments) -> Result<Status, Failure> {
    if arguments.fix || arguments.diff {
        return mend::mend(arguments);
    }
    let compiler = rules::compiler(&arguments.rules)?;
    let length = rules::budgets(&arguments.rules).rules.configuration_length;
    let denied = arguments.rules.deny == Some(Deny::Warnings);
    let (mut all, mut unreadable) = (Vec::new(), Vec::new());
    for path in paths_or_standard(&arguments.files) {
        match rules::read_rules(&path, length) {
            Ok(text) => {
                let diagnostics = compiler.clone().file(name_of(&path)).check(&text);
                if arguments.matchers && !diagnostics.has_errors() {
                    write_matchers(&name_of(&path), &compiler.matchers(&text).unwrap_or_default())?;
                }
                if arguments.format == ReportForm::Text && (!arguments.quiet || diagnostics.has_errors() || denied) {
                    rules::show(&diagnostics, ReportForm::Text);
                }
                all.push(diagnostics);
            }
            Err(failure) => {
                if arguments.format == ReportForm::Text {
                    crate::terminal::failure(&failure);
                }
                unreadable.push(failure);
            }
        }
    }
    if arguments.format == ReportForm::Json {
        write_json(&all)?;
        unreadable.iter().for_each(crate::terminal::failure);
    }
    let bad = all.iter().any(|found| found.has_errors() || (denied && !found.is_empty()));
    Ok(if bad || !unreadable.is_empty() { Status::Refused } else { Status::Done })
}

/// A line for each condition.
fn write_matchers(name: &str, matchers: &[TranslatedMatcher]) -> Result<(), Failure> {
    let line = |one: &TranslatedMatcher| {
        let TranslatedMatcher { location, matcher, context, condition } = one;
        format!("{name}:{}:{}: {matcher}, {context}: {condition}\n", location.line, location.column)
    };
    let lines: String = matchers.iter().map(line).collect();
    std::io::stdout().write_all(lines.as_bytes()).map_err(|error| Failure::write("standard output", error))
}

/// One array of the diagnostics of all files.
fn write_json(all: &[Diagnostics]) -> Result<(), Failure> {
    let failed = |error| Failure::write("standard output", error);
    let records: Vec<_> = all.iter().flat_map(Diagnostics::records).collect();
    let mut text = serde_json::to_vec(&records).map_err(|error| failed(error.into()))?;
    text.push(b'\n');
    std::io::stdout().write_all(&text).map_err(failed)
}
