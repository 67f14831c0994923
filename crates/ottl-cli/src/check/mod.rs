//! `ottl check`: compiles rules and reports all that is wrong with them.
//!
//! - `text`, `json`, `github`, `sarif`, `junit`: the forms of the result.
//! - `summary`: how many faults there are, in words and as an exit status.
//!
//! INVARIANT: the result goes to standard output; notes, and files that cannot be read, go to standard error. The summary is part of
//! the result where people read it and a note beside forms that machines read.

pub mod github;
mod json;
mod junit;
mod sarif;
mod summary;
mod text;

use std::collections::HashSet;
use std::path::Path;

use ottl::{Compiler, Diagnostics, Severity, TranslatedMatcher, visible};

use crate::args::{CheckArguments, CheckFormat};
use crate::failure::{Failure, Status, is_standard, name_of, print};
use crate::folders::{self, Found, Skipped};
use crate::input::paths_or_standard;
use crate::source::Source;
use crate::{mend, referenced, rules, terminal};

/// What became of a file.
pub struct Checked {
    /// The file as the user named it.
    pub name: String,
    pub what: What,
    /// What was found in it, or why it could not be read.
    pub found: Result<Diagnostics, Failure>,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    File,
    /// A folder of which no file was checked.
    Folder,
    /// A file of a folder that was left out, though it may hold OTTL.
    LeftOut,
}

/// Runs the verb.
pub fn check(arguments: &CheckArguments) -> Result<Status, Failure> {
    if arguments.fix || arguments.diff {
        return mend::mend(arguments);
    }
    let compiler = rules::compiler(&arguments.rules)?;
    let length = rules::budgets(&arguments.rules).rules.configuration_length;
    let mut all = Vec::new();
    if !arguments.config.is_empty() {
        let source = Source::files(&arguments.config, length)?;
        let found = source.check(&referenced::for_file(&compiler, &arguments.rules, source.name()));
        add(&mut all, arguments, found, source.count());
    }
    let files = if arguments.config.is_empty() { paths_or_standard(&arguments.files) } else { Vec::new() };
    let mut skipped = Skipped::of(&files);
    let (mut checked, mut read) = (Vec::new(), HashSet::new());
    for Found { path, in_folder } in folders::files(files)? {
        let name = name_of(&path);
        let compiler = referenced::for_file(&compiler, &arguments.rules, &name);
        let found = rules::read_rules(&path, length).map(|text| {
            let found = compiler.check(&text);
            if !arguments.quiet && !found.has_errors() {
                note_older_forms(&compiler, &name, is_standard(&path), &text);
            }
            (text, found)
        });
        let found = match found {
            Ok((text, found)) if in_folder && skipped.takes(&path, &text, &found) => continue,
            Err(_) if in_folder && skipped.takes_unread(&path, length) => continue,
            Ok((text, found)) if arguments.matchers && !found.has_errors() => {
                print(&matchers(&name, &compiler.matchers(&text).unwrap_or_default()))?;
                Ok(found)
            }
            Ok((_, found)) => Ok(found),
            Err(failure) => {
                terminal::failure(&failure);
                Err(failure)
            }
        };
        if let Ok(found) = &found {
            let others = found.by_file().iter().skip(1);
            read.extend(others.filter_map(|other| Path::new(other.file()).canonicalize().ok()));
        }
        checked.push((path, in_folder, found));
    }
    // What another file reads is checked there, as it is read; nobody asked for it alone.
    let is_read = |path: &Path| !read.is_empty() && path.canonicalize().is_ok_and(|path| read.contains(&path));
    for (path, in_folder, found) in checked {
        match found {
            _ if in_folder && is_read(&path) => {}
            Ok(found) => add(&mut all, arguments, found, 1),
            failure => all.push(Checked { name: name_of(&path), what: What::File, found: failure }),
        }
    }
    skipped.forget(is_read);
    for (name, failure) in skipped.empty() {
        terminal::failure(&failure);
        all.push(Checked { name, what: What::Folder, found: Err(failure) });
    }
    all.extend(skipped.left_out().map(|(name, why)| {
        let found = Err(Failure::Failed(format!("{}: {why}", visible(&name))));
        Checked { name, what: What::LeftOut, found }
    }));
    if !arguments.quiet {
        skipped.say();
    }
    report(&all, arguments)
}

/// The result in the form that is asked for.
pub fn formed(all: &[Checked], arguments: &CheckArguments) -> String {
    match arguments.form() {
        CheckFormat::Text => text::pictures(all),
        CheckFormat::Short => text::lines(all),
        CheckFormat::Json => json::array(all),
        CheckFormat::Github => github::commands(all),
        CheckFormat::Sarif => sarif::log(all),
        CheckFormat::Junit => junit::report(all),
    }
}

/// Prints the result in its form, and says how the verb ends.
pub fn report(all: &[Checked], arguments: &CheckArguments) -> Result<Status, Failure> {
    let sum = summary::of(all);
    print(&formed(all, arguments))?;
    if !arguments.quiet && !arguments.matchers {
        match arguments.form() {
            CheckFormat::Text => {
                print(&format!("{sum}\n"))?;
                if let Some(code) =
                    all.iter().flat_map(|checked| checked.found.iter().flatten()).map(|found| found.code).next()
                {
                    terminal::plain(format!("note: run `ottl explain {code}` for the reason and how to fix it\n"));
                }
            }
            _ => terminal::plain(format!("{sum}\n")),
        }
    }
    Ok(sum.status())
}

/// Adds what was found in files of which so many were given, and in those that they read.
pub fn add(all: &mut Vec<Checked>, arguments: &CheckArguments, mut found: Diagnostics, given: usize) {
    if arguments.quiet {
        found.retain(|diagnostic| diagnostic.severity() == Severity::Error);
    }
    if found.left_out() > 0 {
        let name = visible(found.file()).into_owned();
        terminal::plain(format!("note: {name}: {} more faults are not listed\n", found.left_out()));
    }
    // What stands in many places is mended in one way. Editors mark each of them.
    if arguments.form() != CheckFormat::Json {
        found = found.merged();
    }
    for (number, found) in found.by_file().iter().enumerate() {
        // A file that was read and is right was not asked about.
        if number < given || !found.is_empty() {
            all.push(Checked { name: found.file().to_owned(), what: What::File, found: Ok(found.clone()) });
        }
    }
}

/// Says of forms that only still work that `ottl migrate` writes them anew.
fn note_older_forms(compiler: &Compiler, name: &str, is_standard: bool, text: &str) {
    let places = compiler.older_forms(text);
    let Some(first) = places.first() else { return };
    let (what, verb) = match places.len() {
        1 => ("an older form of rules".to_owned(), "writes it"),
        many => (format!("the first of {many} older forms of rules"), "writes them"),
    };
    let name = &*visible(name);
    let file = if is_standard { "" } else { name };
    let command = format!("ottl migrate {file}");
    terminal::plain(format!(
        "note: {name}:{}:{}: {what}; `{}` {verb} in the newest one\n",
        first.line,
        first.column,
        command.trim_end()
    ));
}

/// A line for each condition.
fn matchers(name: &str, matchers: &[TranslatedMatcher]) -> String {
    let line = |one: &TranslatedMatcher| {
        let TranslatedMatcher { location, matcher, context, condition } = one;
        let (name, matcher, condition) = (visible(name), visible(matcher), visible(condition));
        format!("{name}:{}:{}: {matcher}, {context}: {condition}\n", location.line, location.column)
    };
    matchers.iter().map(line).collect()
}
