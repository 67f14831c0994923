//! The arguments of `ottl check`.

use std::path::PathBuf;

use clap::Args;

use super::names::ReportForm;
use super::rules::RuleArguments;

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
Examples:
  Check a rule set; exit status 2 means errors:
    ottl check redact.yaml
  Warnings are fatal, several files, for a machine to read:
    ottl check --deny warnings --format json rules/*.yaml
  A whole Collector configuration with its variables:
    ottl check --env-file prod.env collector.yaml
  What the fixes would change, and the fixes:
    ottl check --diff rules/*.yaml
    ottl check --fix rules/*.yaml";

/// `ottl check`.
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Rule files; - or none is standard input
    #[arg(value_name = "RULES")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub rules: RuleArguments,
    /// Diagnostics as text, or as one JSON array
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub format: ReportForm,
    /// Say nothing of warnings, unless they are denied
    #[arg(long, short)]
    pub quiet: bool,
    /// Print the conditions that stand for the filter processor's matchers from before OTTL
    #[arg(long, conflicts_with = "format")]
    pub matchers: bool,
    /// Write the fixes of what is found into the files; standard input goes to standard output
    #[arg(long, conflicts_with_all = ["format", "matchers"])]
    pub fix: bool,
    /// Show what --fix would write, as `diff -u` does, with exit status 1 if there is anything
    #[arg(long, conflicts_with_all = ["format", "matchers", "fix"])]
    pub diff: bool,
}
