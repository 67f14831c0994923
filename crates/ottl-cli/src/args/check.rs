//! The arguments of `ottl check`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::rules::RuleArguments;

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
Exit status:
  0  no errors and no denied warnings
  1  no errors, but a file cannot be read, a folder has no OTTL, or --diff shows a change
  2  errors in the rules, a denied warning, or wrong arguments
  3  no errors, but the rules use something that a Collector supports and ottl does not

The result goes to standard output. Notes, and the names of files that cannot be read, go to standard error. `ottl explain CODE` \
explains a code. A comment in the rules allows a warning: for a line at its end, for a statement or group above it, for the \
whole file at its top:
    # ottl: allow(W0304): every record has one

Examples:
  Check a rule set:
    ottl check redact.yaml
  Deny all warnings except one, and print one line per diagnostic:
    ottl check --deny warnings --allow W0401 --format short rules/*.yaml
  Annotations in a GitHub workflow, and a report for GitHub code scanning:
    ottl check --format github rules/*.yaml
    ottl check --format sarif rules/*.yaml > ottl.sarif
  A Collector configuration with its variables:
    ottl check --env-file prod.env collector.yaml
  Several files, merged as a Collector merges them:
    ottl check --config base.yaml --config prod.yaml
  Show the fixes, save them as a patch, or apply them:
    ottl check --diff rules/*.yaml
    ottl check --diff --format short rules/*.yaml > fixes.diff
    ottl check --fix rules/*.yaml
  Fix the files of one configuration, and print the remaining diagnostics as JSON:
    ottl check --fix --format json --config base.yaml --config prod.yaml";

/// `ottl check`.
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Files or folders to check; standard input if none, or for -
    #[arg(value_name = "RULES", conflicts_with = "config")]
    pub files: Vec<PathBuf>,
    /// Files of one configuration, merged as a Collector merges them: later files override earlier ones. yaml:TEXT gives configuration
    /// as text
    #[arg(long, short, value_name = "RULES", conflicts_with = "matchers")]
    pub config: Vec<PathBuf>,
    #[command(flatten)]
    pub rules: RuleArguments,
    /// Output format [default: text]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<CheckFormat>,
    /// Print only errors and denied warnings: no other warnings, no notes, no summary
    #[arg(long, short)]
    pub quiet: bool,
    /// Print the conditions that are equivalent to the filter processor's matchers from before OTTL
    #[arg(long, conflicts_with = "format")]
    pub matchers: bool,
    /// Apply the fixes to the files; fixed standard input goes to standard output. Remaining diagnostics are printed in --format
    #[arg(long, conflicts_with = "matchers")]
    pub fix: bool,
    /// Show what --fix would change, as `diff -u` does. The exit status is 1 if there are changes, unless the remaining diagnostics
    /// demand a higher one. Remaining diagnostics go to standard error, in --format
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
    /// Source excerpts that mark the place, and a summary
    #[default]
    Text,
    /// One line per diagnostic: `file:line:column: error[E0201]: message`
    Short,
    /// One array of objects
    Json,
    /// Annotations for a GitHub workflow
    Github,
    /// A SARIF 2.1.0 log, for code scanning
    Sarif,
    /// A JUnit report with a suite for each file
    Junit,
}
