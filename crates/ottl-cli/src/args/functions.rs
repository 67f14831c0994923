//! The arguments of `ottl functions`.

use clap::Args;

use super::names::{ReportForm, target};

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
Examples:
  All functions:
    ottl functions
  Search by topic:
    ottl functions json
    ottl functions redact
  One function, with its parameters and examples:
    ottl functions replace_pattern
  The functions of a version of the Collector:
    ottl functions --target 0.161
  The paths of a context, and its enum symbols:
    ottl functions --paths span
    ottl functions --enums log";

/// `ottl functions`.
#[derive(Debug, Args)]
pub struct FunctionsArguments {
    /// A function to explain, or words to search for; if none, all functions are listed
    #[arg(value_name = "NAME|WORD", conflicts_with_all = ["paths", "enums"])]
    pub words: Vec<String>,
    /// The version of the Collector (contrib); the default is the newest
    #[arg(long, value_name = "VERSION", value_parser = target, conflicts_with_all = ["paths", "enums"])]
    pub target: Option<ottl::Target>,
    /// List the paths of a context, or of all contexts
    #[arg(long, value_name = "CONTEXT", num_args = 0..=1, default_missing_value = "", conflicts_with = "enums")]
    pub paths: Option<String>,
    /// List the enum symbols of a context
    #[arg(long, value_name = "CONTEXT")]
    pub enums: Option<String>,
    /// Output format
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub format: ReportForm,
}
