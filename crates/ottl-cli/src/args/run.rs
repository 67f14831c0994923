//! The arguments of `ottl run`.

use std::path::PathBuf;

use clap::Args;

use super::names::{CompressionArgument, FormatName, ReportForm, compression};
use super::rules::WorkArguments;

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
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
  Ask why a record came out as it did:
    ottl run --config redact.yaml --trace --record 17 --values logs.json
  See what rules would do to the first 100 messages:
    ottl run --config redact.yaml --limit 100 --diff logs.json
  Drop spans by a filter, and count what each condition did:
    ottl run --config filter.yaml --signal traces --report report.json spans.pb --output kept.pb";

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
    /// Show what each statement did with each record, and why, instead of writing the output: values of expressions, the operand
    /// that decided, what changed. With --format json an object for each step
    #[arg(long, conflicts_with_all = ["output", "output_dir", "to", "compress", "pretty", "dry_run", "diff", "report"])]
    pub trace: bool,
    #[command(flatten)]
    pub tracing: TraceArguments,
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

/// What `--trace` shows.
#[derive(Debug, Default, Args)]
pub struct TraceArguments {
    /// Of the record of this number only, counted from 1 over all inputs: log records, spans, metrics or profiles
    #[arg(long, value_name = "N", requires = "trace", conflicts_with = "diff", value_parser = clap::value_parser!(u64).range(1..))]
    pub record: Option<u64>,
    /// Of the statement or condition of this number only, as traces number them; --statement N is the same beside --trace
    #[arg(long = "trace-statement", value_name = "N", requires = "trace", conflicts_with = "diff", value_parser = number)]
    pub statement: Option<usize>,
    /// Of records for which this condition holds before the rules run
    #[arg(long = "where", value_name = "CONDITION", requires = "trace", conflicts_with = "diff")]
    pub condition: Option<String>,
    /// Show the values of the data, too, not only their types
    #[arg(long, requires = "trace", conflicts_with = "diff")]
    pub values: bool,
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "a number from 1".to_owned())
}
