//! `ottl check --fix` and `--diff`: the fixes of what is found, written or shown.
//!
//! Deliberately elsewhere: which fixes there are (`ottl`), how files are replaced (`rewrite`), and the forms of what is left (`check`).

use std::path::Path;

use ottl::{Diagnostics, Mended, visible};

use crate::args::{CheckArguments, ReportForm};
use crate::check::{self, Checked};
use crate::failure::{Failure, Status, is_standard};
use crate::input::paths_or_standard;
use crate::rewrite::{self, Mode, Rewritten};
use crate::source::Source;
use crate::{interrupt, referenced, replace, rules, terminal};

/// What has no fix.
struct Left<'a> {
    arguments: &'a CheckArguments,
    /// In a form that was asked for, what is left of all files is one result.
    all: Vec<Checked>,
    status: Status,
}

impl Left<'_> {
    /// Takes what is left of files of which so many were given.
    fn add(&mut self, source: &Source, left: &Diagnostics, given: usize) {
        if self.arguments.format.is_some() {
            check::add(&mut self.all, self.arguments, left.clone(), given);
        } else if left.has_errors() || !self.arguments.quiet {
            rules::show(source, left, ReportForm::Text);
        }
        self.status = self.status.worse(rules::status(left));
    }

    fn finish(self) -> Result<Status, Failure> {
        match self.arguments.format {
            // What would change is the output then.
            Some(_) if self.arguments.diff => {
                terminal::plain(check::formed(&self.all, self.arguments));
                Ok(self.status)
            }
            Some(_) => Ok(check::report(&self.all, self.arguments)?.worse(self.status)),
            None => Ok(self.status),
        }
    }
}

/// Runs the verb. What has no fix is said as always, and errors among it count as always.
pub fn mend(arguments: &CheckArguments) -> Result<Status, Failure> {
    let compiler = rules::compiler(&arguments.rules)?;
    let mode = if arguments.diff { Mode::Diff } else { Mode::Write };
    let mut left = Left { arguments, all: Vec::new(), status: Status::Done };
    let given =
        if arguments.config.is_empty() { paths_or_standard(&arguments.files) } else { arguments.config.clone() };
    let is_read = || given.iter().any(|path| is_standard(path));
    if arguments.format.is_some() && arguments.fix && is_read() {
        let why = "with `--fix` standard input goes to standard output, where the result in this format goes, too";
        return Err(Failure::Refused(why.to_owned()));
    }
    if !arguments.config.is_empty() {
        let status = mend_one_configuration(arguments, &compiler, mode, &mut left)?;
        return Ok(status.worse(left.finish()?));
    }
    let mut mend_one = |name: &str, text: &str| {
        let mended = referenced::for_file(&compiler, &arguments.rules, name).mend(text);
        if !arguments.quiet && mode == Mode::Write {
            terminal::plain(told(&[name], &mended));
        }
        left.add(&Source::file(name.to_owned(), mended.text().to_owned()), mended.left(), 1);
        Ok(Rewritten { text: mended.text().to_owned(), left: Vec::new() })
    };
    let status = rewrite::files(&arguments.files, mode, "", &mut mend_one)?;
    Ok(status.worse(left.finish()?))
}

/// Files that are merged: each gets the fixes of what is found in it.
fn mend_one_configuration(
    arguments: &CheckArguments,
    compiler: &ottl::Compiler,
    mode: Mode,
    left: &mut Left<'_>,
) -> Result<Status, Failure> {
    let length = rules::budgets(&arguments.rules).rules.configuration_length;
    let paths: Vec<Option<&Path>> = arguments.config.iter().map(|path| Source::path_of(path)).collect();
    if mode == Mode::Write {
        interrupt::watch();
        for path in paths.iter().flatten().filter(|path| !is_standard(path)) {
            replace::recover(path);
        }
    }
    let source = Source::files(&arguments.config, length)?;
    let files = source.all();
    let mended = referenced::for_file(compiler, &arguments.rules, source.name()).mend_files(&files);
    if !arguments.quiet && mode == Mode::Write {
        terminal::plain(told(&files.iter().map(|(name, _)| *name).collect::<Vec<_>>(), &mended));
    }
    let mut status = Status::Done;
    for ((path, (name, old)), new) in paths.iter().zip(&files).zip(mended.texts()) {
        status = status.worse(match path {
            Some(path) => rewrite::settle(path, mode, "", old, new)?,
            // What stands on the command line has no file to be written to.
            None => rewrite::settle(Path::new(name), if new == *old { mode } else { Mode::Diff }, "", old, new)?,
        });
    }
    left.add(&source, mended.left(), files.len());
    Ok(status)
}

/// A line for each fix.
fn told(names: &[&str], mended: &Mended) -> String {
    let mut out = String::new();
    for one in mended.done() {
        let name = visible(names.get(one.file).copied().unwrap_or_default());
        let place = format!("{name}:{}:{}: {}", one.location.line, one.location.column, one.code);
        let (old, new) = (visible(one.old.trim_end()), visible(one.new.trim_end()));
        out.push_str(&match (old.is_empty(), new.is_empty()) {
            (true, _) => format!("{place}: added `{}`\n", new.trim_start()),
            (_, true) => format!("{place}: removed `{old}`\n"),
            _ => format!("{place}: `{old}` is now `{new}`\n"),
        });
    }
    out
}
