//! The arguments of `ottl fmt`.

use std::path::PathBuf;

use clap::Args;

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
In YAML only the statements and conditions change; comments, order and everything else stay. They are found wherever `check` finds \
them, in custom resources, values of charts and ConfigMaps, too; a file without any is an error, and left out of a folder. A file that is no YAML \
mapping holds statements or conditions, one a line; blank lines and lines that start with # stay. Line breaks inside \
a statement stay where the standard form has a blank. A statement that does not parse, or that would read differently \
after ${env:...} is expanded, stays as it is and is named.

Exit status: 0 done, 1 something would change (--check, --diff) or a file cannot be read, 2 a statement does not parse.

Examples:
  Rewrite rule files:
    ottl fmt rules/*.yaml
  In a pipeline of checks:
    ottl fmt --check rules/
  What it would do to a chart's values, in lines of 100 characters:
    ottl fmt --diff --width 100 values.yaml
  One statement:
    ottl fmt --statement 'set(log.body,\"x\")where log.severity_number>8'";

/// `ottl fmt`.
#[derive(Debug, Args)]
pub struct FmtArguments {
    /// Files to rewrite, or folders of them; - or none reads standard input and writes standard output
    #[arg(value_name = "FILE", conflicts_with = "statement")]
    pub files: Vec<PathBuf>,
    /// Change nothing; name the files that would change, with exit status 1 if there are any
    #[arg(long)]
    pub check: bool,
    /// Change nothing; print what would change, with exit status 1 if anything would
    #[arg(long, conflicts_with_all = ["check", "stdout"])]
    pub diff: bool,
    /// Break longer lines at `where`, `and`, `or` and commas; without it, lines stay as they are broken
    #[arg(long, value_name = "CHARACTERS", value_parser = width, conflicts_with = "statement")]
    pub width: Option<usize>,
    /// Write to standard output instead of the files
    #[arg(long, conflicts_with = "check")]
    pub stdout: bool,
    /// Print this statement or condition in the standard form
    #[arg(long, value_name = "TEXT", conflicts_with = "stdout")]
    pub statement: Option<String>,
}

fn width(text: &str) -> Result<usize, String> {
    let width = text.parse().map_err(|_| "expected a number".to_owned())?;
    if width < 20 { Err("20 characters are the least".to_owned()) } else { Ok(width) }
}
