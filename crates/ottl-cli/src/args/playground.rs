//! The arguments of `ottl playground`.

use std::path::PathBuf;

use clap::Args;

use super::names::{FormatName, SignalName};

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
The page checks rules while one types, shows what they change in the data and which operand decided. It is served on the \
loopback interface only, under an address that nobody can guess, until the command is interrupted; it fetches nothing from \
elsewhere, and nothing leaves the machine. What is changed in it stays in it: files are not written.

Examples:
  Open the page with rules and the first messages of a recording:
    ottl playground --config redact.yaml --limit 100 recorded.jsonl.gz
  On a machine without a browser, through a tunnel of ssh:
    ottl playground --no-open --port 8100 --config redact.yaml";

/// `ottl playground`.
#[derive(Debug, Args)]
pub struct PlaygroundArguments {
    /// The rules: a processor body or a Collector configuration; - is standard input. They may be wrong
    #[arg(long, short, value_name = "RULES")]
    pub config: Option<PathBuf>,
    /// Files to read, in any form that `ottl run` takes; - is standard input
    #[arg(value_name = "DATA")]
    pub inputs: Vec<PathBuf>,
    /// The signal of protobuf data, which is told by content without it
    #[arg(long, value_enum, value_name = "SIGNAL")]
    pub signal: Option<SignalName>,
    /// The format of the data, where content does not tell
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub from: Option<FormatName>,
    /// Take the first N messages of all inputs together
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// The port; a free one without it
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    pub port: u16,
    /// Print the address and open no browser
    #[arg(long)]
    pub no_open: bool,
    /// Serve the page out of this folder, as `wasm/playground` builds it, instead of the one inside the command
    #[arg(long, value_name = "DIR")]
    pub page: Option<PathBuf>,
}
