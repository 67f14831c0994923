//! The arguments of `ottl test`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::rules::RuleArguments;
use crate::failure::is_standard;

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
A case file is YAML or JSON beside the rules:
    rules: redact.yaml
    cases:
      - name: an address is hidden
        input: {logs: [{body: anna@example.com}]}
        expect: {output: {logs: [{body: <email>}]}}
Instead of `output`, a case expects a `patch` of the input, `dropped`, `unchanged` or a `snapshot`; beside it an `error`, a `count`
of records, and conditions that hold for `none`, `every` or `some` of them, or for `dropped_only`.

Exit status:
  0  all cases pass
  1  a case fails, a file cannot be read, or the coverage is below --fail-under
  2  a case file, the rules or the arguments are wrong
  3  the rules are not wrong, but something that a Collector takes is not supported here

Examples:
  All case files of this folder and those in it:
    ottl test
  One file, and the cases of which the name says so:
    ottl test redact.test.yaml --filter address
  Take what comes out now for what is expected, where cases expect a snapshot:
    ottl test --update
  What no case meets, in words and as a page, and a failure if that is too much:
    ottl test --coverage --html coverage.html --fail-under 90
  Annotations in a workflow of GitHub, and a report for other services:
    ottl test --format github rules
    ottl test --format junit rules > ottl.xml";

/// `ottl test`.
#[derive(Debug, Args)]
pub struct TestArguments {
    /// Case files, or folders with files called NAME.test.yaml or NAME_test.yaml (or .yml, .json); - is standard input, none is the
    /// working directory
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Only cases whose name contains this; with several, one of them
    #[arg(long, short, value_name = "TEXT")]
    pub filter: Vec<String>,
    /// Name the cases and run none
    #[arg(long, conflicts_with = "update")]
    pub list: bool,
    /// Take the snapshots of the cases that run anew, and remove those of cases that are gone
    #[arg(long, short)]
    pub update: bool,
    /// The form of the result
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: TestFormat,
    /// How many threads run cases; the default is one for each processor
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
    /// Say which statements no case ran, and which sides of their conditions no case met
    #[arg(long)]
    pub coverage: bool,
    /// End with status 1 if the cases meet less than so many percent of the statements, or of the sides of conditions
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub fail_under: Option<f64>,
    /// Write the coverage to a file as lcov does, for editors and services; - is standard output, and the result goes to standard error
    #[arg(long, value_name = "FILE")]
    pub lcov: Option<PathBuf>,
    /// Write the coverage to a file as a page; - is standard output, and the result goes to standard error
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Only cases that fail: no others, no notes, no summary
    #[arg(long, short)]
    pub quiet: bool,
    #[command(flatten)]
    pub rules: RuleArguments,
}

impl TestArguments {
    /// Whether coverage is asked for in any form.
    pub fn wants_coverage(&self) -> bool {
        self.coverage || self.fail_under.is_some() || self.lcov.is_some() || self.html.is_some()
    }

    /// Whether a form of the coverage goes to standard output, so that the result does not.
    pub fn is_output_taken(&self) -> bool {
        [&self.lcov, &self.html].into_iter().flatten().any(|path| is_standard(path))
    }
}

fn percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim_end().parse().ok();
    number.filter(|number| (0.0..=100.0).contains(number)).ok_or_else(|| "expected a percentage, 0 to 100".to_owned())
}

/// A form of what became of cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TestFormat {
    /// A line for each case, what differs in those that fail, and a summary
    #[default]
    Text,
    /// A line for each fault: `file:line:column: failed: case: message`
    Short,
    /// One array of objects, one for each case
    Json,
    /// Commands that make annotations in a workflow of GitHub
    Github,
    /// A JUnit report, a suite for each file
    Junit,
}
