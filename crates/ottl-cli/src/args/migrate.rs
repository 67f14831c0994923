//! The arguments of `ottl migrate`.

use std::path::PathBuf;

use clap::Args;

use super::rules::RuleArguments;

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
The filter processor's matchers from before OTTL (`include` and `exclude` of `spans`, `metrics` and `logs`) become equivalent conditions \
under `trace_conditions`, `metric_conditions` and `log_conditions`. Comments among the matchers are kept above the conditions. The older \
lists of conditions under `traces`, `metrics`, `logs` and `profiles` become entries of the newest form and keep their comments. Everything \
else in a file stays byte for byte. Anything that cannot be rewritten safely stays as it is and is reported.

Exit status:
  0  success
  1  something would change (--check), or a file cannot be read
  2  errors in the rules

Examples:
  Rewrite a Collector configuration in place:
    ottl migrate collector.yaml
  Show the changes only:
    ottl migrate --stdout collector.yaml | diff collector.yaml -
  Print the conditions that are equivalent to matchers:
    ottl check --matchers collector.yaml";

/// `ottl migrate`.
#[derive(Debug, Args)]
pub struct MigrateArguments {
    /// Files to rewrite in place; if none, or for -, standard input is rewritten to standard output
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub rules: RuleArguments,
    /// Change nothing; list the files that would change, with exit status 1 if there are any
    #[arg(long)]
    pub check: bool,
    /// Write to standard output instead of the files
    #[arg(long, conflicts_with = "check")]
    pub stdout: bool,
}
