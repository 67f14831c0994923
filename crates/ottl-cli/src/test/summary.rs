//! How many cases pass: in one line, and as the exit status.

use std::fmt;

use anstyle::{AnsiColor, Style};
use ottl::{Code, Diagnostics};

use super::Results;
use crate::failure::Status;
use crate::rules;
use crate::terminal::Paint;

/// Cases of all files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Files with cases.
    pub files: usize,
    pub passed: usize,
    pub failed: usize,
    /// Cases that could not be run.
    pub not_run: usize,
    /// Cases that were not chosen.
    pub left_out: usize,
    /// Files that are no case files.
    pub broken: usize,
    status: Status,
}

/// Counts.
pub fn of(results: &Results<'_>) -> Summary {
    let mut sum = Summary {
        files: results.tested.len(),
        passed: 0,
        failed: 0,
        not_run: 0,
        left_out: 0,
        broken: results.broken.len(),
        status: Status::Done,
    };
    for tested in &results.tested {
        sum.left_out += tested.suite.cases().len() - tested.tried.len();
        for tried in &tested.tried {
            match &tried.verdict {
                Ok(verdict) if verdict.passes() => sum.passed += 1,
                Ok(_) => {
                    sum.failed += 1;
                    sum.status = sum.status.worse(Status::Failed);
                }
                Err(found) => {
                    sum.not_run += 1;
                    sum.status = sum.status.worse(status(found));
                }
            }
        }
    }
    for broken in &results.broken {
        sum.status = sum.status.worse(match &broken.why {
            Ok(found) => status(found),
            Err(failure) => failure.status(),
        });
    }
    sum
}

/// What keeps a case from being run: a file that is not there is no mistake of the rules.
fn status(found: &Diagnostics) -> Status {
    match found.iter().all(|fault| fault.code == Code::MISSING_CASE_FILE) {
        true => Status::Failed,
        false => rules::status(found),
    }
}

impl Summary {
    /// The exit status.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The line with colours.
    pub fn painted(&self, paint: Paint) -> String {
        let colour = if self.status == Status::Done { AnsiColor::Green } else { AnsiColor::Red };
        paint.with(Style::new().fg_color(Some(colour.into())).bold(), &self.to_string())
    }
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

impl fmt::Display for Summary {
    /// `12 cases in 2 files: 11 passed, 1 failed`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary { passed, failed, not_run, left_out, .. } = *self;
        let cases = passed + failed + not_run;
        if self.files == 0 {
            return write!(f, "{} not read", count(self.broken, "file"));
        }
        write!(f, "{} in {}: {passed} passed", count(cases, "case"), count(self.files, "file"))?;
        for (number, what) in [(failed, "failed"), (not_run, "not run"), (left_out, "left out")] {
            if number > 0 {
                write!(f, ", {number} {what}")?;
            }
        }
        if self.broken > 0 {
            write!(f, "; {} not read", count(self.broken, "file"))?;
        }
        Ok(())
    }
}
