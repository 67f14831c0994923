//! Files of rules that a verb rewrites, in place or to standard output.
//!
//! Deliberately elsewhere: what is written (`fmt`, `migrate`), and how a file is replaced (`replace`).

use std::path::{Path, PathBuf};

use ottl::{Limits, Location};

use crate::failure::{Failure, Status, is_standard, name_of, print};
use crate::folders::{self, Found, Skipped};
use crate::input::paths_or_standard;
use crate::{interrupt, replace, rules, terminal};

/// A text that stays as it is, and why.
#[derive(Debug, PartialEq, Eq)]
pub struct Left {
    pub at: Location,
    pub why: String,
    /// Whether the text is at fault.
    pub is_error: bool,
}

/// What shall take a file's place.
#[derive(Debug, PartialEq, Eq)]
pub struct Rewritten {
    pub text: String,
    pub left: Vec<Left>,
}

/// What becomes of the new texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// They take the place of the old ones; that of standard input goes to standard output.
    #[default]
    Write,
    /// They go to standard output.
    Print,
    /// They are forgotten: files that would change are named.
    Check,
    /// The same with what would change.
    Diff,
}

impl Mode {
    /// What the options of a verb ask for.
    pub fn of(check: bool, stdout: bool, diff: bool) -> Mode {
        match (check, stdout, diff) {
            (_, _, true) => Mode::Diff,
            (true, ..) => Mode::Check,
            (_, true, _) => Mode::Print,
            _ => Mode::Write,
        }
    }
}

/// Rewrites files. Those that would change are named as `what` they are; `form` gets a file's name and text.
pub fn files(
    files: &[PathBuf],
    mode: Mode,
    what: &str,
    mut form: impl FnMut(&str, &str) -> Result<Rewritten, Failure>,
) -> Result<Status, Failure> {
    let in_place = |path: &Path| !is_standard(path) && mode == Mode::Write;
    if files.iter().any(|path| in_place(path)) {
        interrupt::watch();
    }
    let mut status = Status::Done;
    let files = paths_or_standard(files);
    let mut skipped = Skipped::of(&files);
    for Found { path, in_folder } in folders::files(files)? {
        if in_place(&path) {
            replace::recover(&path);
        }
        let changed = match rewritten(&path, in_folder.then_some(&mut skipped), &mut form) {
            Ok(None) => continue,
            Ok(Some((old, new, found))) => {
                let done = settle(&path, mode, what, &old, &new);
                done.map(|done| if found == Status::Refused { found } else { done })
            }
            Err(failure) => Err(failure),
        };
        match changed {
            // A fault weighs more than a change.
            Ok(found) => status = status.worse(found),
            Err(Failure::ClosedPipe) => return Err(Failure::ClosedPipe),
            Err(failure) => {
                terminal::failure(&failure);
                status = status.worse(failure.status());
            }
        }
    }
    skipped.say();
    for (_, failure) in skipped.empty() {
        terminal::failure(&failure);
        status = status.worse(failure.status());
    }
    Ok(status)
}

/// Does with a file's new text what the mode asks for.
pub fn settle(path: &Path, mode: Mode, what: &str, old: &str, new: &str) -> Result<Status, Failure> {
    let changed = new != old;
    let in_place = !is_standard(path) && mode == Mode::Write;
    match mode {
        Mode::Check | Mode::Diff if !changed => Ok(Status::Done),
        Mode::Check => {
            terminal::plain(format!("{}: {what}\n", name_of(path)));
            Ok(Status::Failed)
        }
        Mode::Diff => print_out(&unified(&name_of(path), old, new)).map(|_| Status::Failed),
        Mode::Write if in_place && !changed => Ok(Status::Done),
        Mode::Write if in_place => replace::replace(path, new.as_bytes(), Some(old.as_bytes())).map(|_| Status::Done),
        Mode::Write | Mode::Print => print_out(new),
    }
}

/// A file's text, what shall take its place, and whether there is a fault in it. What stays is named. None for a file of a folder
/// that has no rules.
fn rewritten(
    path: &Path,
    mut skipped: Option<&mut Skipped>,
    form: &mut impl FnMut(&str, &str) -> Result<Rewritten, Failure>,
) -> Result<Option<(String, String, Status)>, Failure> {
    let name = name_of(path);
    let limit = Limits::default().configuration_length;
    let text = rules::read_rules(path, limit);
    if text.is_err() && skipped.as_mut().is_some_and(|skipped| skipped.takes_unread(path, limit)) {
        return Ok(None);
    }
    let text = text?;
    if skipped.is_some_and(|skipped| skipped.takes_unseen(path, &text)) {
        return Ok(None);
    }
    let rewritten = form(&name, &text)?;
    let mut status = Status::Done;
    for Left { at, why, is_error } in &rewritten.left {
        let line = format!("{name}:{}:{}: {why}", at.line, at.column);
        if *is_error {
            terminal::error(line);
            status = Status::Refused;
        } else {
            terminal::plain(format!("note: {line}\n"));
        }
    }
    Ok(Some((text, rewritten.text, status)))
}

/// What differs between two texts, as `diff -u` says it.
fn unified(name: &str, old: &str, new: &str) -> String {
    let (before, after) = (format!("a/{name}"), format!("b/{name}"));
    similar::TextDiff::from_lines(old, new).unified_diff().header(&before, &after).to_string()
}

/// Writes a text to standard output.
pub fn print_out(text: &str) -> Result<Status, Failure> {
    print(text).map(|()| Status::Done)
}
