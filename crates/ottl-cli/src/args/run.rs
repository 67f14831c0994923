//! The arguments of `ottl run`.

use std::path::PathBuf;

use clap::Args;

use super::names::{CompressionArgument, FormatName, ReportForm, compression};
use super::rules::WorkArguments;

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
The input format is detected from the content: an OTLP/JSON document, JSON lines (signals may mix, and a signal without rules passes \
through unchanged), one protobuf message, protobuf messages behind 4-byte lengths, the file exporter's zstd frames, and all of these \
inside gzip or zstd. Protobuf does not name its signal: it is inferred from the first message, and data of a signal that the rules are not \
for is rejected unless you pass --signal.

The output has the format and compression of --to and --compress, or else those of the output's file name, or else those of the input. A \
file that is replaced in place keeps its format and compression. Protobuf is not written to a terminal. Several messages \
written as `protobuf` are concatenated, which makes one larger message.

An output file is replaced only when all is done: its owner, mode and links stay, and an interruption leaves the old file. The output \
may be an input, but not the rules, the report or the file of variables. With --keep-going the first 20 failures of a kind are printed \
to standard error, then the number of further ones, and the last one.

Examples:
  Redact a file in place:
    ottl run --config redact.yaml logs.json --output logs.json
  Run a Collector's log pipeline over a compressed export:
    zcat export.jsonl.gz | ottl run --config collector.yaml --signal logs --to json | jq .
  Run one statement without a file of rules:
    ottl run -e 'delete_key(log.attributes, \"password\")' logs.json
  Drop the records that match a condition:
    ottl run --processor filter -e 'log.severity_number < SEVERITY_NUMBER_WARN' logs.json
  Write one output file for each input:
    ottl run --config redact.yaml --output-dir redacted exports/*.json.gz
  Find out why a record came out as it did:
    ottl run --config redact.yaml --trace --record 17 --values logs.json
  Show what the rules would change in the first 100 messages:
    ottl run --config redact.yaml --limit 100 --diff logs.json
  Drop spans by a filter, and count what each condition did:
    ottl run --config filter.yaml --signal traces --report report.json spans.pb --output kept.pb";

/// `ottl run`.
#[derive(Debug, Default, Args)]
pub struct RunArguments {
    #[command(flatten)]
    pub work: WorkArguments,
    /// The file to write, replaced only when all is done; may be an input. Standard output if absent, or for -
    #[arg(long, short, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// Write each input to a file of the same name in this directory, in the input's format or that of --to and --compress. The
    /// directory is created
    #[arg(long, value_name = "DIR", conflicts_with_all = ["output", "diff"])]
    pub output_dir: Option<PathBuf>,
    /// The format of the output, uncompressed unless its name or --compress asks for compression. The default is the format of
    /// the output's name (.json, .jsonl, .pb, .binpb), or else that of the input
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub to: Option<FormatName>,
    /// The compression of the whole output: none, gzip[:1 to 9], zstd[:1 to 22]. The default is that of the output's name (.gz,
    /// .zst), or else (without --to) that of the input
    #[arg(long, value_name = "COMPRESSION", value_parser = compression)]
    pub compress: Option<CompressionArgument>,
    /// Write indented JSON over several lines
    #[arg(long)]
    pub pretty: bool,
    /// Skip messages that fail and a damaged end of the input, and write all others. The exit status is still 1
    #[arg(long)]
    pub keep_going: bool,
    /// Validate every message completely. By default damage in bytes that no rule reads passes through
    #[arg(long)]
    pub validate: bool,
    /// Write what each statement did to this file, as JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Print to standard error what each statement did, and a summary of the run
    #[arg(long)]
    pub stats: bool,
    /// Show what the rules change instead of writing the output: each changed record with its fields before and after
    #[arg(long, conflicts_with_all = ["output", "to", "compress", "pretty", "dry_run"])]
    pub diff: bool,
    /// Show what each statement did with each record, and why, instead of writing the output: the values of expressions, the operand
    /// that decided, and what changed. With --format json, one object per step
    #[arg(long, conflicts_with_all = ["output", "output_dir", "to", "compress", "pretty", "dry_run", "diff", "report"])]
    pub trace: bool,
    #[command(flatten)]
    pub tracing: TraceArguments,
    /// Do everything except write the output
    #[arg(long)]
    pub dry_run: bool,
    /// Stop after the first N messages of all inputs together
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Print no warnings, no progress bar and no closing line
    #[arg(long, short)]
    pub quiet: bool,
    /// The number of threads; the default is one per processor, at most 4
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
    /// The format of diagnostics and errors on standard error
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub format: ReportForm,
}

/// What `--trace` shows.
#[derive(Debug, Default, Args)]
pub struct TraceArguments {
    /// Trace only the record with this number, counted from 1 over all inputs: log records, spans, metrics or profiles
    #[arg(long, value_name = "N", requires = "trace", conflicts_with = "diff", value_parser = clap::value_parser!(u64).range(1..))]
    pub record: Option<u64>,
    /// Trace only the statement or condition with this number, as traces number them. --trace --statement N is the same
    #[arg(long = "trace-statement", value_name = "N", requires = "trace", conflicts_with = "diff", value_parser = number)]
    pub statement: Option<usize>,
    /// Trace only records that match this condition before the rules run
    #[arg(long = "where", value_name = "CONDITION", requires = "trace", conflicts_with = "diff")]
    pub condition: Option<String>,
    /// Show values from the data, not only their types
    #[arg(long, requires = "trace", conflicts_with = "diff")]
    pub values: bool,
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "a number from 1".to_owned())
}
