//! The arguments of `ottl check`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::rules::RuleArguments;

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
Exit status:
  0  no faults; warnings that are not denied are none
  1  a file cannot be read, a folder has no OTTL, or --diff shows something, and there are no errors
  2  the rules are wrong, a warning is denied, or the arguments are wrong
  3  nothing is wrong, but something that a Collector takes is not supported here

The result goes to standard output, notes and files that cannot be read to standard error. `ottl explain CODE` prints the \
page of a code. A comment in the rules allows a warning, at the end of a line for what stands there, above a statement \
or group for that, before everything else for the file:
    # ottl: allow(W0304): every record has one

Examples:
  Check a rule set:
    ottl check redact.yaml
  Warnings are fatal but for one, a line for each fault:
    ottl check --deny warnings --allow W0401 --format short rules/*.yaml
  Annotations in a workflow of GitHub, and a report for its code scanning:
    ottl check --format github rules/*.yaml
    ottl check --format sarif rules/*.yaml > ottl.sarif
  A whole Collector configuration with its variables:
    ottl check --env-file prod.env collector.yaml
  What a Collector makes of several files:
    ottl check --config base.yaml --config prod.yaml
  What the fixes would change, what they leave, and the fixes:
    ottl check --diff rules/*.yaml
    ottl check --diff --format short rules/*.yaml > fixes.diff
    ottl check --fix rules/*.yaml
  The same for files that make one configuration, with what is left for a machine:
    ottl check --fix --format json --config base.yaml --config prod.yaml";

/// `ottl check`.
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Rule files; - or none is standard input
    #[arg(value_name = "RULES", conflicts_with = "config")]
    pub files: Vec<PathBuf>,
    /// Files that make one configuration: they are merged as a Collector merges them, later ones over earlier ones. yaml:TEXT is the
    /// configuration itself
    #[arg(long, short, value_name = "RULES", conflicts_with = "matchers")]
    pub config: Vec<PathBuf>,
    #[command(flatten)]
    pub rules: RuleArguments,
    /// The form of the result; without it, text
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<CheckFormat>,
    /// Only errors and denied warnings: no other warnings, no notes, no summary
    #[arg(long, short)]
    pub quiet: bool,
    /// Print the conditions that stand for the filter processor's matchers from before OTTL
    #[arg(long, conflicts_with = "format")]
    pub matchers: bool,
    /// Write the fixes of what is found into the files; standard input goes to standard output. What is left is said as --format wants it
    #[arg(long, conflicts_with = "matchers")]
    pub fix: bool,
    /// Show what --fix would write, as `diff -u` does, with exit status 1 if there is anything, and that of what is left where that
    /// says more. What is left goes to standard error, as --format wants it
    #[arg(long, conflicts_with_all = ["matchers", "fix"])]
    pub diff: bool,
}

impl CheckArguments {
    /// The form of the result.
    pub fn form(&self) -> CheckFormat {
        self.format.unwrap_or_default()
    }
}

/// A form of what `check` found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// Pictures with the rules, and a summary
    #[default]
    Text,
    /// A line for each fault: `file:line:column: error[E0201]: message`
    Short,
    /// One array of objects
    Json,
    /// Commands that make annotations in a workflow of GitHub
    Github,
    /// A SARIF 2.1.0 log, for code scanning
    Sarif,
    /// A JUnit report, a suite for each file
    Junit,
}
