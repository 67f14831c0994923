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
    ottl check --env-file prod.env collector.yaml";

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
}
