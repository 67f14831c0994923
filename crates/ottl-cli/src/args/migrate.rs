//! The arguments of `ottl migrate`.

use std::path::PathBuf;

use clap::Args;

use super::rules::RuleArguments;

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
The filter processor's matchers from before OTTL, `include` and `exclude` of `spans`, `metrics` and `logs`, become \
conditions under `trace_conditions`, `metric_conditions` and `log_conditions` that drop the same. Comments among them are kept above the \
conditions. The older lists of conditions under `traces`, `metrics`, `logs` and `profiles` become entries of the newest form, with \
their comments where they are. Everything else of a file stays byte for byte. What cannot be rewritten safely stays as it is and is named.

Exit status: 0 done, 1 something would change (--check) or a file cannot be read, 2 the rules have errors.

Examples:
  Rewrite a Collector configuration in place:
    ottl migrate collector.yaml
  Only look:
    ottl migrate --stdout collector.yaml | diff collector.yaml -
  Which conditions stand for matchers:
    ottl check --matchers collector.yaml";

/// `ottl migrate`.
#[derive(Debug, Args)]
pub struct MigrateArguments {
    /// Files to rewrite; - or none reads standard input and writes standard output
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub rules: RuleArguments,
    /// Change nothing; name the files that would change, with exit status 1 if there are any
    #[arg(long)]
    pub check: bool,
    /// Write to standard output instead of the files
    #[arg(long, conflicts_with = "check")]
    pub stdout: bool,
}
