//! How many faults there are: in one line, and as the exit status.

use std::fmt;

use ottl::Severity;

use super::{Checked, What};
use crate::failure::{Failure, Status};

/// Faults of all files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files that were checked.
    pub files: usize,
    /// Files that were not.
    pub unread: usize,
    /// Files among those that are no text, or too large: they are wrong, and not missing.
    pub refused: usize,
    /// Folders of which no file was checked.
    pub folders: usize,
    /// Files of folders that were left out, though they may hold OTTL.
    pub left_out: usize,
    /// Errors, and warnings that are denied.
    pub errors: usize,
    /// What the reference takes and is not supported.
    pub unsupported: usize,
    /// Warnings that are not denied.
    pub warnings: usize,
    /// What does nothing and nobody has to act on.
    pub hints: usize,
}

/// Counts.
pub fn of(all: &[Checked]) -> Summary {
    let mut sum = Summary::default();
    for checked in all {
        match &checked.found {
            Ok(found) => {
                sum.files += 1;
                for diagnostic in found {
                    *match diagnostic.severity() {
                        Severity::Error if diagnostic.code.is_unsupported() => &mut sum.unsupported,
                        Severity::Error => &mut sum.errors,
                        Severity::Warning => &mut sum.warnings,
                        Severity::Hint => &mut sum.hints,
                    } += 1;
                }
            }
            Err(_) if checked.what == What::Folder => sum.folders += 1,
            Err(_) if checked.what == What::LeftOut => sum.left_out += 1,
            Err(failure) => {
                sum.unread += 1;
                sum.refused += usize::from(matches!(failure, Failure::Refused(_)));
            }
        }
    }
    sum
}

impl Summary {
    /// The exit status: what is wrong counts before what is missing, and that before what is not supported.
    pub fn status(&self) -> Status {
        match self {
            Summary { errors: 1.., .. } | Summary { refused: 1.., .. } => Status::Refused,
            Summary { unread: 1.., .. } | Summary { folders: 1.., .. } => Status::Failed,
            Summary { unsupported: 1.., .. } => Status::Unsupported,
            _ => Status::Done,
        }
    }
}

/// `1 error`, `2 errors`.
pub fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

impl fmt::Display for Summary {
    /// `2 errors, 1 warning in 3 files`, `3 files checked: no faults`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unsupported = format!("{} unsupported", self.unsupported);
        let parts = [
            (self.errors, count(self.errors, "error")),
            (self.unsupported, unsupported),
            (self.warnings, count(self.warnings, "warning")),
            (self.hints, count(self.hints, "hint")),
        ];
        let parts: Vec<String> = parts.into_iter().filter(|(number, _)| *number > 0).map(|(_, text)| text).collect();
        let files = count(self.files, "file");
        match (self.files, parts.is_empty()) {
            (0, _) => {}
            (_, true) => write!(f, "{files} checked: no faults")?,
            (_, false) => write!(f, "{} in {files}", parts.join(", "))?,
        }
        let others = [
            (self.unread, "file", "not checked"),
            (self.folders, "folder", "without OTTL"),
            (self.left_out, "file", "left out"),
        ];
        let mut separator = if self.files > 0 { "; " } else { "" };
        for (number, what, how) in others.into_iter().filter(|(number, ..)| *number > 0) {
            write!(f, "{separator}{} {how}", count(number, what))?;
            separator = "; ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_words_and_a_status() {
        let none = Summary::default();
        let rows = [
            (Summary { files: 3, ..none }, "3 files checked: no faults", Status::Done),
            (Summary { files: 1, warnings: 1, ..none }, "1 warning in 1 file", Status::Done),
            (Summary { files: 3, errors: 2, warnings: 1, ..none }, "2 errors, 1 warning in 3 files", Status::Refused),
            (Summary { files: 2, unsupported: 1, ..none }, "1 unsupported in 2 files", Status::Unsupported),
            (
                Summary { files: 2, errors: 1, unsupported: 1, unread: 1, ..none },
                "1 error, 1 unsupported in 2 files; 1 file not checked",
                Status::Refused,
            ),
            (
                Summary { files: 1, unread: 1, unsupported: 1, ..none },
                "1 unsupported in 1 file; 1 file not checked",
                Status::Failed,
            ),
            (Summary { unread: 2, ..none }, "2 files not checked", Status::Failed),
            (Summary { folders: 1, ..none }, "1 folder without OTTL", Status::Failed),
            (
                Summary { files: 1, unread: 1, folders: 2, ..none },
                "1 file checked: no faults; 1 file not checked; 2 folders without OTTL",
                Status::Failed,
            ),
            (Summary { files: 1, left_out: 2, ..none }, "1 file checked: no faults; 2 files left out", Status::Done),
            (Summary { unread: 1, refused: 1, ..none }, "1 file not checked", Status::Refused),
        ];
        for (sum, text, status) in rows {
            assert_eq!((sum.to_string().as_str(), sum.status()), (text, status), "{sum:?}");
        }
    }
}
