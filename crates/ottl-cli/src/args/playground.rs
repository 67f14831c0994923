//! The arguments of `ottl playground`.

use std::path::PathBuf;

use clap::Args;

use super::names::{FormatName, SignalName};

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
The page checks rules as you type, shows what they change in the data, and shows which operand decided. It is served only on the \
loopback interface, under an address that nobody can guess, until you interrupt the command. It loads nothing from other hosts, and \
nothing leaves the machine. Changes in the page are not written to your files.

Examples:
  Open the page with rules and the first messages of a recording:
    ottl playground --config redact.yaml --limit 100 recorded.jsonl.gz
  On a machine without a browser, through an SSH tunnel:
    ottl playground --no-open --port 8100 --config redact.yaml";

/// `ottl playground`.
#[derive(Debug, Args)]
pub struct PlaygroundArguments {
    /// The rules: a processor body or a Collector configuration, which may have errors; - is standard input
    #[arg(long, short, value_name = "RULES")]
    pub config: Option<PathBuf>,
    /// Files to read, in any format that `ottl run` reads; - is standard input
    #[arg(value_name = "DATA")]
    pub inputs: Vec<PathBuf>,
    /// The signal of protobuf data; by default it is inferred
    #[arg(long, value_enum, value_name = "SIGNAL")]
    pub signal: Option<SignalName>,
    /// The format of the data, if it cannot be detected
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub from: Option<FormatName>,
    /// Read only the first N messages of all inputs together
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// The port; by default a free one is chosen
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    pub port: u16,
    /// Print the address and do not open a browser
    #[arg(long)]
    pub no_open: bool,
    /// Serve the page from this folder, as `wasm/playground` builds it, instead of the page inside the command
    #[arg(long, value_name = "DIR")]
    pub page: Option<PathBuf>,
}
