//! The arguments of `ottl functions`.

use clap::Args;

use super::names::ReportForm;

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
Examples:
  All functions:
    ottl functions
  One of them, with its parameters and examples:
    ottl functions replace_pattern
  The paths of a context, and its enum symbols:
    ottl functions --paths span
    ottl functions --enums log";

/// `ottl functions`.
#[derive(Debug, Args)]
pub struct FunctionsArguments {
    /// The function to explain; without it, all are listed
    #[arg(value_name = "NAME", conflicts_with_all = ["paths", "enums"])]
    pub name: Option<String>,
    /// The paths of a context, or of all
    #[arg(long, value_name = "CONTEXT", num_args = 0..=1, default_missing_value = "", conflicts_with = "enums")]
    pub paths: Option<String>,
    /// The enum symbols of a context
    #[arg(long, value_name = "CONTEXT")]
    pub enums: Option<String>,
    /// Text, or JSON
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub format: ReportForm,
}
