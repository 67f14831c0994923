//! Which statements the cases ran, and which sides of their conditions they met: counted, and in three forms.
//!
//! - `text`: what was not met, for people; `lcov`: for editors and services; `html`: a page with the rules.

mod html;
mod lcov;
mod text;

use std::path::{Path, PathBuf};

use ottl::testing::{Coverage, Share};

use super::Broken;
use super::files::Loaded;
use crate::apart;
use crate::args::{TestArguments, TestFormat};
use crate::failure::{Failure, Status, is_standard, print};
use crate::terminal;

pub use text::report;

/// Refuses to write a form of the coverage where something is read, or written too.
///
/// # Errors
/// It would be.
pub fn apart(arguments: &TestArguments, loaded: &[Loaded], broken: &[Broken]) -> Result<(), Failure> {
    let TestArguments { lcov, html, format, .. } = arguments;
    let is_out = |path: &Option<PathBuf>| path.as_deref().is_some_and(is_standard);
    if is_out(lcov) && is_out(html) {
        let text = "--lcov and --html cannot both go to standard output: write one of them to a file";
        return Err(Failure::Refused(text.to_owned()));
    }
    if arguments.is_output_taken() && matches!(format, TestFormat::Json | TestFormat::Github | TestFormat::Junit) {
        let text = "coverage and result cannot both go to standard output: write the coverage to a file";
        return Err(Failure::Refused(text.to_owned()));
    }
    let form =
        |name: &'static str, path: &'_ Option<PathBuf>| Some((name, path.clone().filter(|path| !is_standard(path))?));
    let written: Vec<(&str, PathBuf)> = [form("lcov", lcov), form("html", html)].into_iter().flatten().collect();
    if let [(one, path), (other, second)] = &written[..] {
        apart::apart((one, path), (other, second))?;
    }
    let variables = arguments.rules.env_file.iter().map(|path| ("variables", path.clone()));
    let broken = broken.iter().map(|broken| ("case file", broken.path.clone()));
    let read: Vec<_> = loaded.iter().flat_map(Loaded::files).chain(broken).chain(variables).collect();
    for (form, path) in &written {
        for (role, other) in read.iter().filter(|(_, other)| !is_standard(other)) {
            apart::apart((form, path), (role, other))?;
        }
    }
    Ok(())
}

/// Writes the forms that go to files.
///
/// # Errors
/// One cannot be written.
pub fn write(coverage: &Coverage, arguments: &TestArguments) -> Result<(), Failure> {
    if let Some(path) = &arguments.lcov {
        put(path, &lcov::report(coverage))?;
    }
    arguments.html.as_ref().map_or(Ok(()), |path| put(path, &html::page(coverage)))
}

/// Whether as much was met as was asked for; less is said.
pub fn settle(coverage: &Coverage, arguments: &TestArguments) -> Status {
    let Some(least) = arguments.fail_under else { return Status::Done };
    let rows = || (0..coverage.files().len()).flat_map(|file| coverage.statements(file));
    let parts = [("statements", Coverage::ran(rows())), ("outcomes of conditions", Coverage::sides(rows()))];
    let is_less = |part: Share| (part.met as f64) * 100.0 < least * part.all as f64;
    let mut status = Status::Done;
    for (what, part) in parts.into_iter().filter(|(_, part)| is_less(*part)) {
        terminal::error(format!("coverage of {what}: {}: less than --fail-under {least}", share(part)));
        status = Status::Failed;
    }
    status
}

fn put(path: &Path, text: &str) -> Result<(), Failure> {
    if is_standard(path) {
        return print(text);
    }
    std::fs::write(path, text).map_err(|error| Failure::write_file(path.display(), error))
}

/// `4 of 5`, with the share of it.
fn share(share: Share) -> String {
    let Share { met, all } = share;
    match all {
        0 => "none".to_owned(),
        all => format!("{met} of {all} ({} %)", met * 100 / all),
    }
}
