//! The arguments of `ottl lsp`.

use std::path::PathBuf;

use clap::Args;

use super::rules::RuleArguments;

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
Editors start it; it speaks the Language Server Protocol on standard input and output. What it checks are YAML files that hold \
OTTL, and files of the language `ottl`, with a statement or condition on each line. Other files are left in peace.

Examples:
  Helix, in languages.toml:
    [language-server.ottl]
    command = \"ottl\"
    args = [\"lsp\"]
  Rules for an older Collector, and keys of attributes out of recorded telemetry:
    ottl lsp --target 0.161 --samples recorded.jsonl";

/// `ottl lsp`.
#[derive(Debug, Args)]
pub struct LspArguments {
    #[command(flatten)]
    pub rules: RuleArguments,
    /// Recorded telemetry, whose keys of attributes are proposed; several are read
    #[arg(long = "samples", value_name = "FILE")]
    pub samples: Vec<PathBuf>,
    /// Does nothing: what editors add to the arguments of servers
    #[arg(long, hide = true)]
    pub stdio: bool,
}
