//! `ottl test`: runs cases that say what rules do.
//!
//! - `files`: case files, their snapshots, and the rules and telemetry that they name.
//! - `work`: running cases on several threads.
//! - `coverage`: which statements and outcomes of conditions the cases met.
//! - `summary`: how many pass, in words and as an exit status.
//! - `text`, `json`, `github`, `junit`: the forms of the result.
//!
//! INVARIANT: what becomes of a case depends on its file, and on nothing that ran before it; results come in the order of the files.
//! Deliberately elsewhere: what a case file says and what it means (`ottl::testing`).

mod coverage;
mod files;
mod github;
mod json;
mod junit;
mod snapshots;
mod summary;
mod text;
mod work;

use std::path::PathBuf;
use std::sync::Arc;

use ottl::Diagnostics;
use ottl::testing::{Suite, Verdict};

use crate::args::{TestArguments, TestFormat};
use crate::failure::{Failure, Status, print};
use crate::{rules, terminal};
use files::{Loaded, Opened};
use terminal::Paint;
use work::Done;

/// What became of a case.
pub struct Tried {
    /// Its number in its file.
    pub case: usize,
    /// What was found, or what kept it from being run: several cases may have the same.
    pub verdict: Result<Verdict, Arc<Diagnostics>>,
}

/// What became of the cases of a file.
pub struct Tested<'t> {
    /// The file.
    pub suite: &'t Suite,
    /// Those that were chosen, in order.
    pub tried: Vec<Tried>,
}

/// A file that is no case file, or that cannot be read.
pub struct Broken {
    /// How it is called.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: Result<Diagnostics, Failure>,
}

/// All that a run of the verb found.
pub struct Results<'t> {
    pub tested: Vec<Tested<'t>>,
    pub broken: Vec<Broken>,
}

/// Runs the verb.
pub fn test(arguments: &TestArguments) -> Result<Status, Failure> {
    let Opened { loaded, broken } = files::open(arguments)?;
    coverage::apart(arguments, &loaded, &broken)?;
    let chosen = |name: &str| arguments.filter.is_empty() || arguments.filter.iter().any(|part| name.contains(part));
    let cases = |one: &Loaded| -> Vec<usize> {
        let all = one.suite.cases().iter().enumerate();
        all.filter(|(_, case)| chosen(&case.name)).map(|(number, _)| number).collect()
    };
    let work: Vec<(&Loaded, Vec<usize>)> = loaded.iter().map(|one| (one, cases(one))).collect();
    if broken.is_empty() && work.iter().all(|(_, cases)| cases.is_empty()) {
        return Err(Failure::Refused(match arguments.filter.is_empty() {
            true => "there are no cases".to_owned(),
            false => format!("no case has a name with `{}`", arguments.filter.join("` or `")),
        }));
    }
    // Said before anything runs: no option makes them pass.
    let expects_snapshot =
        |(one, cases): &(&Loaded, Vec<usize>)| cases.iter().any(|case| one.suite.cases()[*case].expects_snapshot());
    if work.iter().any(|of| of.0.snapshots.is_none() && expects_snapshot(of)) {
        let text = "snapshots are kept beside a case file, and standard input has no place: save it as a file";
        return Err(Failure::Refused(text.to_owned()));
    }
    if arguments.list {
        if matches!(arguments.format, TestFormat::Github | TestFormat::Junit) {
            return Err(Failure::Refused("--list has text and JSON".to_owned()));
        }
        return list(&work, &broken, arguments.format);
    }
    let Done { tried, coverage } = work::run(&work, arguments)?;
    let tested = work.iter().zip(tried).map(|((one, _), tried)| Tested { suite: &one.suite, tried }).collect();
    let results = Results { tested, broken };
    let sum = summary::of(&results);
    // What of the coverage goes to standard output has it for itself.
    let paint = if arguments.is_output_taken() { Paint::on_stderr() } else { Paint::on_stdout() };
    let say = |text: &str| {
        if !arguments.is_output_taken() {
            return print(text);
        }
        terminal::plain(text);
        Ok(())
    };
    say(&match arguments.format {
        TestFormat::Text => text::report(&results, arguments.quiet, paint),
        TestFormat::Short => text::lines(&results),
        TestFormat::Json => json::array(&results),
        TestFormat::Github => github::commands(&results),
        TestFormat::Junit => junit::report(&results),
    })?;
    if arguments.coverage {
        let text = coverage::report(&coverage, paint);
        // Beside forms that machines read it is a note.
        if arguments.format == TestFormat::Text { say(&text)? } else { terminal::plain(text) }
    }
    // Of files that are none there is nothing to say: what was written before stays.
    if !coverage.files().is_empty() {
        coverage::write(&coverage, arguments)?;
    }
    let mut status = sum.status().worse(coverage::settle(&coverage, arguments));
    for (one, tested) in loaded.iter().zip(&results.tested) {
        status = status.worse(snapshots::settle(one, tested, arguments)?);
    }
    if !arguments.quiet {
        match arguments.format {
            TestFormat::Text => say(&format!("{}\n", sum.painted(paint)))?,
            _ => terminal::plain(format!("{sum}\n")),
        }
    }
    Ok(status)
}

/// Names the cases.
fn list(work: &[(&Loaded, Vec<usize>)], broken: &[Broken], format: TestFormat) -> Result<Status, Failure> {
    let named =
        work.iter().flat_map(|(one, cases)| cases.iter().map(|number| (&one.suite, &one.suite.cases()[*number])));
    print(&match format {
        TestFormat::Json => json::list(named),
        _ => text::list(named),
    })?;
    let mut status = Status::Done;
    for Broken { why, .. } in broken {
        match why {
            Ok(found) => {
                terminal::plain(rules::pictures(found, terminal::colors_on_stderr()));
                status = status.worse(Status::Refused);
            }
            Err(failure) => {
                terminal::failure(failure);
                status = status.worse(failure.status());
            }
        }
    }
    Ok(status)
}
