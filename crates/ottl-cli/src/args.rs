//! What can be asked of the command: its verbs and options, and the help that explains them.
//!
//! Deliberately elsewhere: what the verbs do (one module each).

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use ottl::otlp::Signal;
use ottl::otlp::framing::{Compression, Format, FrameOptions};

use crate::convert::{self, ConvertArguments};
use crate::limits::{self, Setting};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Compile OTTL rules and run them over OTLP data.
///
/// Rules are what the Collector's transform and filter processors take: the body of one processor, or a whole
/// Collector configuration. Data is OTLP: protobuf or JSON, one message or many, compressed or not.
#[derive(Debug, Parser)]
#[command(name = "ottl", version, styles = STYLES, arg_required_else_help = true, after_long_help = EXIT_STATUS)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

impl Arguments {
    /// Whether `--max help` asks which limits there are, instead of any work.
    pub fn asks_for_limits(&self) -> bool {
        let max = match &self.verb {
            Verb::Run(arguments) => &arguments.work.rules.max,
            Verb::Bench(arguments) => &arguments.work.rules.max,
            Verb::Convert(arguments) => &arguments.max,
            Verb::Check(arguments) => &arguments.rules.max,
            Verb::Explain(arguments) => &arguments.rules.max,
            Verb::Migrate(arguments) => &arguments.rules.max,
            Verb::Fmt(_) | Verb::Functions(_) | Verb::Completions { .. } => return false,
        };
        limits::budgets(max).is_none()
    }
}

const EXIT_STATUS: &str = "\
Exit status:
  0  done
  1  the work failed: unreadable input, a damaged message, a failure under error_mode propagate, a reader of the
     output's named pipe that went away (one of standard output, such as head, has seen enough: that is 0)
  2  the rules or the arguments are wrong

Colours and the progress bar appear on a terminal only; NO_COLOR turns colours off.";

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run rules over files or streams
    #[command(after_long_help = RUN_EXAMPLES)]
    Run(RunArguments),
    /// Compile rules and report what is wrong with them
    #[command(after_long_help = CHECK_EXAMPLES)]
    Check(CheckArguments),
    /// Show what the engine makes of rules: what is looked at, asked together, computed once, and why not
    #[command(after_long_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArguments),
    /// Put statements into the standard form
    #[command(after_long_help = FMT_EXAMPLES)]
    Fmt(FmtArguments),
    /// Write older forms of rules in the newest one
    #[command(after_long_help = MIGRATE_EXAMPLES)]
    Migrate(MigrateArguments),
    /// Convert OTLP between its formats, and profiles between OTLP and pprof
    #[command(after_long_help = convert::EXAMPLES)]
    Convert(ConvertArguments),
    /// Measure how fast rules run on data
    #[command(after_long_help = BENCH_EXAMPLES)]
    Bench(BenchArguments),
    /// List and explain functions, paths and enums
    #[command(after_long_help = FUNCTIONS_EXAMPLES)]
    Functions(FunctionsArguments),
    /// Print a completion script for a shell
    #[command(after_long_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell
        shell: Shell,
    },
}

const RUN_EXAMPLES: &str = "\
Formats are told by content: an OTLP/JSON document, JSON lines (signals may mix; a signal without rules passes \
through), one protobuf message, protobuf messages behind 4-byte lengths, the file exporter's zstd frames, and all of \
these inside gzip or zstd. Protobuf does not name its signal: it is told from the first message, and data that the rules \
are not for is refused unless --signal insists. The output has the format and compression that --to, --compress or its \
name say, else those of the input; a file that is replaced in place stays what it is. Protobuf is not written to a terminal. Several messages written as `protobuf` follow each other, which is one larger message.

A file that is written is replaced when all is done: owner, mode and links stay, and an interruption leaves the old one. \
It may be an input, but not the rules, the report or the variables. With --keep-going the first 20 failures of a kind \
are written to standard error, then how many more there were and the last.

Examples:
  Redact a file in place:
    ottl run --config redact.yaml logs.json --output logs.json
  Run a Collector's log pipeline over a compressed export and look at the result:
    zcat export.jsonl.gz | ottl run --config collector.yaml --signal logs --to json | jq .
  Change something without a file of rules:
    ottl run -e 'delete_key(log.attributes, \"password\")' logs.json
  Drop records by a condition:
    ottl run --processor filter -e 'log.severity_number < SEVERITY_NUMBER_WARN' logs.json
  Many files, each by itself:
    ottl run --config redact.yaml --output-dir redacted exports/*.json.gz
  See what rules would do to the first 100 messages:
    ottl run --config redact.yaml --limit 100 --diff logs.json
  Drop spans by a filter, and count what each condition did:
    ottl run --config filter.yaml --signal traces --report report.json spans.pb --output kept.pb";

const CHECK_EXAMPLES: &str = "\
Examples:
  Check a rule set; exit status 2 means errors:
    ottl check redact.yaml
  Warnings are fatal, several files, for a machine to read:
    ottl check --deny warnings --format json rules/*.yaml
  A whole Collector configuration with its variables:
    ottl check --env-file prod.env collector.yaml";

const EXPLAIN_EXAMPLES: &str = "\
There is a section for each signal and processor, and in it a part for each walk over the message:
  apart from walk N   why the statements of a walk do not run together with those before
  c1, c2, ...         conditions that are computed once for each resource or scope, and which statements use them
  scanned for         the attributes and fields that are found in one go; `looked for` is one search for each of few
  layout              `compact`: a record is a short list of the fields and attributes that rules name; `general`: all of it is \
kept open, and the statement is named that needs that
  asked at once       what all statements ask of a record in one go; only those whose questions are answered with yes are run
  1., 2., ...         the statements, each with the condition and the action in the form in which they run; an expression in \
brackets has no faster form
The values of variables are shown as they are. The form of the text may change with any version.

Examples:
  A file of rules:
    ottl explain redact.yaml
  One statement:
    ottl explain -e 'set(log.attributes[\"team\"], \"shop\") where resource.attributes[\"service.name\"] == \"cart\"'
  The log pipeline of a Collector configuration, for a machine to read:
    ottl explain --signal logs --format json collector.yaml";

const FMT_EXAMPLES: &str = "\
In YAML only the statements and conditions change; comments, order and everything else stay. A file that is no YAML \
mapping holds statements or conditions, one a line; blank lines and lines that start with # stay. Line breaks inside \
a statement stay where the standard form has a blank. A statement that does not parse, or that would read differently \
after ${env:...} is expanded, stays as it is and is named.

Exit status: 0 done, 1 something would change (--check), 2 a statement does not parse.

Examples:
  Rewrite rule files:
    ottl fmt rules/*.yaml
  In a pipeline of checks:
    ottl fmt --check rules/*.yaml
  One statement:
    ottl fmt --statement 'set(log.body,\"x\")where log.severity_number>8'";

const MIGRATE_EXAMPLES: &str = "\
The filter processor's matchers from before OTTL, `include` and `exclude` of `spans`, `metrics` and `logs`, become \
conditions under `trace_conditions`, `metric_conditions` and `log_conditions` that drop the same. Comments among them are kept above the \
conditions. The older lists of conditions under `traces`, `metrics`, `logs` and `profiles` become entries of the newest form, with \
their comments where they are. Everything else of a file stays byte for byte. What cannot be rewritten safely stays as it is and is named.

Exit status: 0 done, 1 something would change (--check), 2 the rules have errors.

Examples:
  Rewrite a Collector configuration in place:
    ottl migrate collector.yaml
  Only look:
    ottl migrate --stdout collector.yaml | diff collector.yaml -
  Which conditions stand for matchers:
    ottl check --matchers collector.yaml";

const BENCH_EXAMPLES: &str = "\
Input is read into memory as protobuf, then transformed again and again, every time from the input bytes to output \
bytes. One iteration is one pass over all messages; a record is a log record, a span or a data point.

Examples:
  One thread, three seconds:
    ottl bench --config redact.yaml --signal logs logs.pb
  Two threads, for a machine to read:
    ottl bench --config redact.yaml --signal logs --threads 2 --seconds 10 --format json logs.pb";

const FUNCTIONS_EXAMPLES: &str = "\
Examples:
  All functions:
    ottl functions
  One of them, with its parameters and examples:
    ottl functions replace_pattern
  The paths of a context, and its enum symbols:
    ottl functions --paths span
    ottl functions --enums log";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  ottl completions bash > ~/.local/share/bash-completion/completions/ottl
  ottl completions zsh > \"${fpath[1]}/_ottl\"
  ottl completions fish > ~/.config/fish/completions/ottl.fish";

/// Where rules come from and how they are read.
#[derive(Debug, Default, Args)]
pub struct RuleArguments {
    /// Which processor the rules are for, where their keys do not tell
    #[arg(long, value_enum, value_name = "PROCESSOR")]
    pub processor: Option<ProcessorName>,
    /// The version of the Collector (contrib) that the rules are for; without it, the newest
    #[arg(long, value_name = "VERSION", value_parser = target)]
    pub target: Option<ottl::Target>,
    /// Switch a feature gate of the reference on, or off with a dash before its name (--gate=-NAME)
    #[arg(long = "gate", value_name = "NAME", allow_hyphen_values = true)]
    pub gates: Vec<String>,
    /// Also take contexts that the reference's library has and its processors refuse: profilesample
    #[arg(long)]
    pub library_contexts: bool,
    /// Expand ${env:NAME} and $$ in a processor body too; in a Collector configuration they always are
    #[arg(long)]
    pub expand: bool,
    /// Lines NAME=VALUE: variables for ${env:NAME}, before those of the environment
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Take no variables from the environment: for rules from others
    #[arg(long)]
    pub no_host_env: bool,
    /// Which pipeline of a Collector configuration to take, where a signal has several; one for each signal
    #[arg(long = "pipeline", value_name = "NAME")]
    pub pipelines: Vec<String>,
    /// Keep what a record writes into its resource, scope, metric, span or point from its neighbours, as `isolate: true` does
    /// for a group of statements
    #[arg(long)]
    pub isolate: bool,
    /// Treat warnings as errors
    #[arg(long, value_enum, value_name = "WHAT")]
    pub deny: Option<Deny>,
    /// Set a limit: a number, or bytes such as 64MiB; `--max help` lists the names, their defaults and meaning
    #[arg(long, value_name = "NAME=VALUE", value_parser = limits::parse)]
    pub max: Vec<Setting>,
    /// Leave out a rewrite of the engine: results do not depend on it
    #[arg(long = "without", value_name = "REWRITE", value_parser = rewrite, hide = true)]
    pub without: Vec<ottl::Rewrite>,
}

fn target(name: &str) -> Result<ottl::Target, String> {
    let names = || ottl::Target::ALL.map(ottl::Target::name).join(", ");
    ottl::Target::by_name(name).ok_or_else(|| format!("the versions are {}", names()))
}

fn rewrite(name: &str) -> Result<ottl::Rewrite, String> {
    let names = || ottl::Rewrite::ALL.map(ottl::Rewrite::name).join(", ");
    ottl::Rewrite::by_name(name).ok_or_else(|| format!("the rewrites are {}", names()))
}

/// Which rules: a file of them, or statements.
#[derive(Debug, Default, Args)]
pub struct SourceArguments {
    /// The rules: a processor body or a Collector configuration
    #[arg(long, short, value_name = "RULES", conflicts_with = "statements")]
    pub config: Option<PathBuf>,
    /// A statement instead of a file's, or a condition that drops records with --processor filter; several run in order. It
    /// is one of every signal that it makes sense for
    #[arg(long = "statement", short = 'e', value_name = "STATEMENT")]
    pub statements: Vec<String>,
}

/// What rules, over what data.
#[derive(Debug, Default, Args)]
pub struct WorkArguments {
    #[command(flatten)]
    pub source: SourceArguments,
    #[command(flatten)]
    pub rules: RuleArguments,
    /// The only signal to work on, and that of protobuf input, which is told by content without it; JSON of other signals
    /// passes through, or is left out where the output is protobuf
    #[arg(long, value_enum, value_name = "SIGNAL")]
    pub signal: Option<SignalName>,
    /// Files to read; - or none is standard input
    #[arg(value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// The format of the input, where content does not tell
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub from: Option<FormatName>,
    /// Whether inputs may be pprof files.
    #[arg(skip)]
    pub pprof: Pprof,
}

/// Whether an input may be a pprof file, which is then read as a message of OTLP profiles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pprof {
    /// It is taken for OTLP.
    #[default]
    No,
    /// If its content says so.
    Told,
    /// It has to be one.
    Always,
}

impl WorkArguments {
    /// How inputs are read.
    pub fn frames(&self) -> FrameOptions {
        let format = self.from.map(|name| name.format());
        FrameOptions { format, ..limits::budgets(&self.rules.max).unwrap_or_default().frames }
    }
}

/// `ottl run`.
#[derive(Debug, Default, Args)]
pub struct RunArguments {
    #[command(flatten)]
    pub work: WorkArguments,
    /// The file to write, replaced when all is done; may be the input; - or none is standard output
    #[arg(long, short, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// Write each input to a file of its name in this directory, in the form that it has or that --to and --compress say;
    /// the directory is made
    #[arg(long, value_name = "DIR", conflicts_with_all = ["output", "diff"])]
    pub output_dir: Option<PathBuf>,
    /// The format of the output, uncompressed unless its name or --compress say otherwise; without it, what its name says
    /// (.json, .jsonl, .pb, .binpb), else that of the input
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub to: Option<FormatName>,
    /// The compression of the output as a whole: none, gzip[:1 to 9], zstd[:1 to 22]; without it, what the output's name
    /// says (.gz, .zst), else (without --to) that of the input
    #[arg(long, value_name = "COMPRESSION", value_parser = compression)]
    pub compress: Option<CompressionArgument>,
    /// JSON over several lines, indented
    #[arg(long)]
    pub pretty: bool,
    /// Leave out messages that fail, and what a damaged end of the input has no more of, and write the others; the exit
    /// status is 1 all the same
    #[arg(long)]
    pub keep_going: bool,
    /// Check every message completely; without it, damage in bytes that no rule reads passes through
    #[arg(long)]
    pub validate: bool,
    /// Write what each statement did as JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Write to standard error what each statement did and the run as a whole
    #[arg(long)]
    pub stats: bool,
    /// Show what the rules change instead of writing it: each record that changes, with its fields before and after
    #[arg(long, conflicts_with_all = ["output", "to", "compress", "pretty", "dry_run"])]
    pub diff: bool,
    /// Do everything but write the output
    #[arg(long)]
    pub dry_run: bool,
    /// Stop after the first N messages of all inputs together
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// No warnings, no progress bar, and not the line that ends a run on a terminal
    #[arg(long, short)]
    pub quiet: bool,
    /// How many threads transform; the default is one for each processor, at most 4
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
    /// How diagnostics and errors are written to standard error
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub format: ReportForm,
}

/// `ottl check`.
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Rule files; - or none is standard input
    #[arg(value_name = "RULES")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub rules: RuleArguments,
    /// Diagnostics as text, or as one JSON array
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub format: ReportForm,
    /// Say nothing of warnings, unless they are denied
    #[arg(long, short)]
    pub quiet: bool,
    /// Print the conditions that stand for the filter processor's matchers from before OTTL
    #[arg(long, conflicts_with = "format")]
    pub matchers: bool,
}

/// `ottl explain`.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// Rule files; - or none is standard input
    #[arg(value_name = "RULES", conflicts_with_all = ["config", "statements"])]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub source: SourceArguments,
    #[command(flatten)]
    pub rules: RuleArguments,
    /// The only signal to explain
    #[arg(long, value_enum, value_name = "SIGNAL")]
    pub signal: Option<SignalName>,
    /// Text, or one JSON array of objects with `file`, `signal`, `processor` and `text`
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub format: ReportForm,
    /// No warnings
    #[arg(long, short)]
    pub quiet: bool,
}

/// `ottl fmt`.
#[derive(Debug, Args)]
pub struct FmtArguments {
    /// Files to rewrite; - or none reads standard input and writes standard output
    #[arg(value_name = "FILE", conflicts_with = "statement")]
    pub files: Vec<PathBuf>,
    /// Change nothing; name the files that would change, with exit status 1 if there are any
    #[arg(long)]
    pub check: bool,
    /// Write to standard output instead of the files
    #[arg(long, conflicts_with = "check")]
    pub stdout: bool,
    /// Print this statement or condition in the standard form
    #[arg(long, value_name = "TEXT", conflicts_with = "stdout")]
    pub statement: Option<String>,
}

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

/// `ottl bench`.
#[derive(Debug, Args)]
pub struct BenchArguments {
    #[command(flatten)]
    pub work: WorkArguments,
    /// How many threads transform at the same time, each on its own
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: u16,
    /// For how long to measure
    #[arg(long, value_name = "S", default_value_t = 3.0, value_parser = seconds)]
    pub seconds: f64,
    /// A table, or one JSON object
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub format: ReportForm,
}

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

/// Seconds: a number above zero, at most a day.
fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value <= 86_400.0 => Ok(value),
        _ => Err("expected a number of seconds above 0, at most 86400".to_owned()),
    }
}

/// A processor's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProcessorName {
    /// Statements that change records
    Transform,
    /// Conditions that drop records
    Filter,
}

/// A signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SignalName {
    /// Spans
    Traces,
    /// Metrics
    Metrics,
    /// Log records
    Logs,
    /// Profiles
    Profiles,
}

impl SignalName {
    /// The signal of this name.
    pub const fn signal(self) -> Signal {
        match self {
            SignalName::Traces => Signal::Traces,
            SignalName::Metrics => Signal::Metrics,
            SignalName::Logs => Signal::Logs,
            SignalName::Profiles => Signal::Profiles,
        }
    }
}

/// How messages follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormatName {
    /// OTLP/JSON, a message a line
    Json,
    /// One protobuf message
    Protobuf,
    /// Protobuf messages, each behind its length in 4 bytes, most significant first
    Framed,
    /// Protobuf messages, each behind its length as a varint
    Delimited,
    /// Messages in zstd frames of their own, each behind its length in 4 bytes
    ZstdFrames,
}

impl FormatName {
    /// The format of this name.
    pub const fn format(self) -> Format {
        match self {
            FormatName::Json => Format::Json,
            FormatName::Protobuf => Format::Protobuf,
            FormatName::Framed => Format::LengthPrefixed,
            FormatName::Delimited => Format::Delimited,
            FormatName::ZstdFrames => Format::ZstdFrames,
        }
    }
}

/// How the output is compressed as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompressionArgument {
    /// With what.
    pub compression: Compression,
    /// How hard, where that was said.
    pub level: Option<i32>,
}

/// `none`, `gzip`, `zstd`, the latter two with `:LEVEL` or without.
pub fn compression(text: &str) -> Result<CompressionArgument, String> {
    let (name, level) = match text.split_once(':') {
        Some((name, level)) => (name, Some(level)),
        None => (text, None),
    };
    let (compression, levels) = match name {
        "none" if level.is_none() => (Compression::None, 0..=0),
        "gzip" => (Compression::Gzip, 1..=9),
        "zstd" => (Compression::Zstd, 1..=22),
        _ => return Err("expected none, gzip, gzip:LEVEL, zstd or zstd:LEVEL".to_owned()),
    };
    let level = match level.map(str::parse::<i32>) {
        None => None,
        Some(Ok(level)) if levels.contains(&level) => Some(level),
        Some(_) => return Err(format!("the levels of {name} are {} to {}", levels.start(), levels.end())),
    };
    Ok(CompressionArgument { compression, level })
}

/// For whom to write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ReportForm {
    /// For people
    #[default]
    Text,
    /// For machines
    Json,
}

/// What to treat as an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// Every warning
    Warnings,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        super::Arguments::command().debug_assert();
    }
}
