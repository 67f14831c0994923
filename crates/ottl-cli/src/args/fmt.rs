//! The arguments of `ottl fmt`.

use std::path::PathBuf;

use clap::Args;

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
In YAML only statements and conditions change; comments, order and everything else stay. They are formatted wherever `check` finds them, \
including custom resources, Helm values and ConfigMaps. A file without OTTL is an error, but is skipped if you named its folder. A \
file that is not a YAML mapping has one statement or condition per line; blank lines and lines that start with # stay. Line breaks inside a \
statement stay where the standard form has a space. A statement that does not parse, or whose meaning would change after \
${env:...} is expanded, stays as it is and is reported.

Exit status:
  0  success
  1  something would change (--check, --diff), or a file cannot be read
  2  a statement does not parse

Examples:
  Format files in place:
    ottl fmt rules/*.yaml
  In CI:
    ottl fmt --check rules/
  Show the changes to Helm values, with lines of at most 100 characters:
    ottl fmt --diff --width 100 values.yaml
  One statement:
    ottl fmt --statement 'set(log.body,\"x\")where log.severity_number>8'";

/// `ottl fmt`.
#[derive(Debug, Args)]
pub struct FmtArguments {
    /// Files or folders to format in place; if none, or for -, standard input is formatted to standard output
    #[arg(value_name = "FILE", conflicts_with = "statement")]
    pub files: Vec<PathBuf>,
    /// Change nothing; list the files that would change, with exit status 1 if there are any
    #[arg(long)]
    pub check: bool,
    /// Change nothing; print what would change, with exit status 1 if there are changes
    #[arg(long, conflicts_with_all = ["check", "stdout"])]
    pub diff: bool,
    /// Break longer lines at `where`, `and`, `or` and commas; by default line breaks stay as they are
    #[arg(long, value_name = "CHARACTERS", value_parser = width, conflicts_with = "statement")]
    pub width: Option<usize>,
    /// Write to standard output instead of the files
    #[arg(long, conflicts_with = "check")]
    pub stdout: bool,
    /// Print this statement or condition in standard form
    #[arg(long, value_name = "TEXT", conflicts_with = "stdout")]
    pub statement: Option<String>,
}

fn width(text: &str) -> Result<usize, String> {
    let width = text.parse().map_err(|_| "expected a number".to_owned())?;
    if width < 20 { Err("20 characters are the least".to_owned()) } else { Ok(width) }
}
