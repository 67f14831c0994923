//! What can be asked of the command: its verbs and options, and the help that explains them.
//!
//! - `run`, `check`, `diff`, `explain`, `fmt`, `migrate`, `bench`, `functions`, `lsp`, `test`, `playground`: the arguments of a verb and the
//!   examples of its help.
//! - `levels`: what warnings are taken for.
//! - `rules`: which rules, over what data: what several verbs ask.
//! - `names`: values that options take by name.
//!
//! Deliberately elsewhere: what the verbs do (one module each).

mod bench;
mod check;
mod diff;
mod explain;
mod fmt;
mod functions;
mod levels;
mod lsp;
mod migrate;
mod names;
mod playground;
mod rules;
mod run;
mod test;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Parser, Subcommand};
use clap_complete::Shell;

use crate::convert::{self, ConvertArguments};
use crate::limits;

pub use bench::BenchArguments;
pub use check::{CheckArguments, CheckFormat};
pub use diff::{DiffArguments, DiffFormat, Threshold};
pub use explain::ExplainArguments;
pub use fmt::FmtArguments;
pub use functions::FunctionsArguments;
pub use levels::unknown as unknown_code;
pub use lsp::LspArguments;
pub use migrate::MigrateArguments;
pub use names::{CompressionArgument, FormatName, ProcessorName, ReportForm, SignalName, compression};
pub use playground::PlaygroundArguments;
pub use rules::{Pprof, RuleArguments, SourceArguments, WorkArguments};
pub use run::RunArguments;
pub use test::{TestArguments, TestFormat};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Compile OTTL rules and run them over OTLP data.
///
/// Rules are the statements and conditions of the Collector's transform and filter processors: the body of one processor, or a
/// whole Collector configuration. Data is OTLP: protobuf or JSON, one message or many, compressed or not.
#[derive(Debug, Parser)]
#[command(name = "ottl", version, styles = STYLES, arg_required_else_help = true, after_long_help = EXIT_STATUS)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

impl Arguments {
    /// Those of the command line. Wrong ones end the process with 2, help and version with 0.
    pub fn read() -> Arguments {
        Arguments::parse_from(chosen(std::env::args_os().collect()))
    }

    /// Whether `--max help` asks which limits there are, instead of any work.
    pub fn asks_for_limits(&self) -> bool {
        let max = match &self.verb {
            Verb::Run(arguments) => &arguments.work.rules.max,
            Verb::Bench(arguments) => &arguments.work.rules.max,
            Verb::Convert(arguments) => &arguments.max,
            Verb::Check(arguments) => &arguments.rules.max,
            Verb::Diff(arguments) => &arguments.rules.max,
            Verb::Explain(arguments) => &arguments.rules.max,
            Verb::Test(arguments) => &arguments.rules.max,
            Verb::Migrate(arguments) => &arguments.rules.max,
            Verb::Lsp(arguments) => &arguments.rules.max,
            Verb::Fmt(_) | Verb::Functions(_) | Verb::Playground(_) | Verb::Man { .. } | Verb::Completions { .. } => {
                return false;
            }
        };
        limits::budgets(max).is_none()
    }
}

/// The words of a command line in which `--statement 2` beside `--trace` is `--trace-statement 2`: no statement is a number.
fn chosen(mut words: Vec<OsString>) -> Vec<OsString> {
    const TAKEN: &str = "--statement";
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    if !words[..end].iter().any(|word| word == "--trace") {
        return words;
    }
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    for at in 0..end {
        let beside = words.get(at + 1).and_then(|word| word.to_str());
        let meant = match words[at].to_str().and_then(|word| word.strip_prefix(TAKEN)) {
            Some("") if beside.is_some_and(is_number) => "--trace-statement".to_owned(),
            Some(rest) if rest.strip_prefix('=').is_some_and(is_number) => format!("--trace-statement{rest}"),
            _ => continue,
        };
        words[at] = meant.into();
    }
    words
}

const EXIT_STATUS: &str = "\
Exit status:
  0  success
  1  a file cannot be read, a message is damaged, or a statement failed under error_mode propagate
  2  errors in the rules or in the arguments
  3  no errors, but the rules use something that a Collector supports and ottl does not

If the reader of an output pipe goes away, the status is 1. If it read standard output (for instance head), it has seen enough: \
check, test and diff then end with the status of what they found, and the other verbs with 0.

Colours and the progress bar are used only on a terminal. Set NO_COLOR to turn colours off.";

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run rules over files or streams
    #[command(after_long_help = run::EXAMPLES)]
    Run(RunArguments),
    /// Compile rules and report what is wrong with them
    #[command(after_long_help = check::EXAMPLES)]
    Check(CheckArguments),
    /// Compare what two versions of the rules do to recorded data
    #[command(after_long_help = diff::EXAMPLES)]
    Diff(DiffArguments),
    /// Run test cases for rules
    #[command(after_long_help = test::EXAMPLES)]
    Test(TestArguments),
    /// Show how the engine runs rules, or explain the code of a diagnostic
    #[command(after_long_help = explain::EXAMPLES)]
    Explain(ExplainArguments),
    /// Format statements and conditions
    #[command(after_long_help = fmt::EXAMPLES)]
    Fmt(FmtArguments),
    /// Rewrite older filter syntax in the newest one
    #[command(after_long_help = migrate::EXAMPLES)]
    Migrate(MigrateArguments),
    /// Convert OTLP between its formats, and profiles between OTLP and pprof
    #[command(after_long_help = convert::EXAMPLES)]
    Convert(ConvertArguments),
    /// Measure how fast rules run on data
    #[command(after_long_help = bench::EXAMPLES)]
    Bench(BenchArguments),
    /// List, search and explain functions, paths and enums
    #[command(after_long_help = functions::EXAMPLES)]
    Functions(FunctionsArguments),
    /// Start the language server for editors: diagnostics, completion, hover and more
    #[command(after_long_help = lsp::EXAMPLES)]
    Lsp(LspArguments),
    /// Open the playground in a browser: edit rules and see what they do to data
    #[command(after_long_help = playground::EXAMPLES)]
    Playground(PlaygroundArguments),
    /// Print the manual page of the command, or write the manual pages of all verbs
    #[command(hide = true, after_long_help = MAN_EXAMPLES)]
    Man {
        /// The folder to write them to; created if it does not exist
        #[arg(long, value_name = "DIR")]
        output_dir: Option<PathBuf>,
    },
    /// Print a completion script for a shell
    #[command(after_long_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell
        shell: Shell,
    },
}

const MAN_EXAMPLES: &str = "\
Examples:
  ottl man | man -l -
  ottl man --output-dir ~/.local/share/man/man1";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  ottl completions bash > ~/.local/share/bash-completion/completions/ottl
  ottl completions zsh > \"${fpath[1]}/_ottl\"
  ottl completions fish > ~/.config/fish/completions/ottl.fish";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        super::Arguments::command().debug_assert();
    }

    #[test]
    fn a_number_beside_trace_is_no_statement() {
        for (given, want) in [
            ("run --trace --statement 2 a", "run --trace --trace-statement 2 a"),
            ("run --statement=12 --trace", "run --trace-statement=12 --trace"),
            ("run --statement 2", "run --statement 2"),
            ("run --trace --statement set(log.body,1)", "run --trace --statement set(log.body,1)"),
            ("run --trace -- --statement 2", "run --trace -- --statement 2"),
            ("run --trace --statement", "run --trace --statement"),
        ] {
            let words = given.split(' ').map(Into::into).collect();
            assert_eq!(super::chosen(words).join(" ".as_ref()), want, "{given}");
        }
    }
}
