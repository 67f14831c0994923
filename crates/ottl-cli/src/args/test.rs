//! The arguments of `ottl test`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::rules::RuleArguments;
use crate::failure::is_standard;

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
A case file is YAML or JSON, next to the rules:
    rules: redact.yaml
    cases:
      - name: an address is hidden
        input: {logs: [{body: anna@example.com}]}
        expect: {output: {logs: [{body: <email>}]}}
Instead of an `output`, a case can expect a `patch` of the input, `dropped`, `unchanged` or a `snapshot`. It can also expect an `error`, a \
`count` of records, and conditions that hold for `none`, `every` or `some` of them, or for `dropped_only`.

Exit status:
  0  all cases pass
  1  a case fails, a file cannot be read, or the coverage is below --fail-under
  2  errors in a case file, in the rules or in the arguments
  3  no errors, but the rules use something that a Collector supports and ottl does not

Examples:
  All case files in this folder and its subfolders:
    ottl test
  The cases of one file whose name contains a word:
    ottl test redact.test.yaml --filter address
  Write the current output as the expected output, for cases that expect a snapshot:
    ottl test --update
  Report the coverage as text and as a page, and fail if it is too low:
    ottl test --coverage --html coverage.html --fail-under 90
  Annotations in a GitHub workflow, and a JUnit report:
    ottl test --format github rules
    ottl test --format junit rules > ottl.xml";

/// `ottl test`.
#[derive(Debug, Args)]
pub struct TestArguments {
    /// Case files, or folders with files called NAME.test.yaml or NAME_test.yaml (or .yml, .json); - is standard input. The default
    /// is the working directory
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Run only cases whose name contains this text; if given several times, any of the texts
    #[arg(long, short, value_name = "TEXT")]
    pub filter: Vec<String>,
    /// List the cases and run none
    #[arg(long, conflicts_with = "update")]
    pub list: bool,
    /// Write the snapshots of the cases that run, and remove snapshots of cases that no longer exist
    #[arg(long, short)]
    pub update: bool,
    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: TestFormat,
    /// The number of threads; the default is one per processor
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
    /// Report statements that no case ran, and outcomes (true, false) of conditions that no case reached
    #[arg(long)]
    pub coverage: bool,
    /// End with status 1 if less than this percentage of the statements, or of the outcomes of conditions, is covered
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub fail_under: Option<f64>,
    /// Write the coverage to a file in lcov format; with - to standard output, and the result to standard error
    #[arg(long, value_name = "FILE")]
    pub lcov: Option<PathBuf>,
    /// Write the coverage to a file as an HTML page; with - to standard output, and the result to standard error
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Print only failed cases: no others, no notes, no summary
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
    /// A line for each case, the differences of failed cases, and a summary
    #[default]
    Text,
    /// One line per failure: `file:line:column: failed: case: message`
    Short,
    /// An array with one object per case
    Json,
    /// Annotations for a GitHub workflow
    Github,
    /// A JUnit report with a suite for each file
    Junit,
}
