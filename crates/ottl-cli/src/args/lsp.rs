//! The arguments of `ottl lsp`.

use std::path::PathBuf;

use clap::Args;

use super::rules::RuleArguments;

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
Editors start this server. It speaks the Language Server Protocol on standard input and output. It checks YAML files that contain OTTL, \
and files of the language `ottl` with one statement or condition per line. It ignores other files.

Examples:
  Helix, in languages.toml:
    [language-server.ottl]
    command = \"ottl\"
    args = [\"lsp\"]
  Check for an older Collector, and complete attribute keys from recorded telemetry:
    ottl lsp --target 0.161 --samples recorded.jsonl";

/// `ottl lsp`.
#[derive(Debug, Args)]
pub struct LspArguments {
    #[command(flatten)]
    pub rules: RuleArguments,
    /// Recorded telemetry; completion proposes its attribute keys. May be given several times
    #[arg(long = "samples", value_name = "FILE")]
    pub samples: Vec<PathBuf>,
    /// Accepted and ignored: some editors add it
    #[arg(long, hide = true)]
    pub stdio: bool,
}
