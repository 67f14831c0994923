//! What can be asked of `ottl convert`, and the help that explains it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::args::{CompressionArgument, FormatName, SignalName, compression};
use crate::limits::{self, Setting};

/// The help behind the options.
pub const EXAMPLES: &str = "\
Formats are told by content and written by the name of the output, as `ottl run` does it; a file of pprof, gzip or not, is told by \
its content, too. Names that end with .pprof, .pprof.gz or .pb.gz are pprof (--to protobuf --compress gzip for OTLP), which is \
compressed with gzip unless --compress none says otherwise.

A pprof file becomes one message with a profile for each of its sample types. Profiles of a scope that follow each other, differ in \
their sample types alone, and whose samples line up become one pprof file again; several files need --output-dir. What pprof has no \
field for is named on standard error.

Examples:
  A heap profile of Go as OTLP/JSON:
    ottl convert heap.pb.gz --to json | jq .
  OTLP profiles for Go's pprof tool:
    ottl convert profiles.json --output cpu.pb.gz && go tool pprof -top cpu.pb.gz
  Rules over a pprof file:
    ottl convert cpu.pb.gz --to protobuf | ottl run --config rules.yaml --signal profiles | ottl convert - -o out.pb.gz
  An export of logs from JSON lines to framed protobuf:
    ottl convert logs.jsonl --to framed --output logs.framed";

/// `ottl convert`.
#[derive(Debug, Args)]
pub struct ConvertArguments {
    /// Files to read; - or none is standard input
    #[arg(value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// The file to write, replaced when all is done; - or none is standard output
    #[arg(long, short, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// Write what comes of each input to files in this directory, with its name and the ending of the format; the directory is
    /// made
    #[arg(long, value_name = "DIR", conflicts_with = "output", requires = "to")]
    pub output_dir: Option<PathBuf>,
    /// The format of the input, where content does not tell
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub from: Option<ConvertFormat>,
    /// The format of the output; without it, what its name says, else that of the input, and OTLP protobuf for pprof
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub to: Option<ConvertFormat>,
    /// The compression of the output as a whole: none, gzip[:1 to 9], zstd[:1 to 22]; without it, what the output's name
    /// says, and gzip for pprof
    #[arg(long, value_name = "COMPRESSION", value_parser = compression)]
    pub compress: Option<CompressionArgument>,
    /// The signal of protobuf input, which is told by content without it
    #[arg(long, value_enum, value_name = "SIGNAL")]
    pub signal: Option<SignalName>,
    /// JSON over several lines, indented
    #[arg(long)]
    pub pretty: bool,
    /// Set a limit: a number, or bytes such as 64MiB; `--max help` lists the names, their defaults and meaning
    #[arg(long, value_name = "NAME=VALUE", value_parser = limits::parse)]
    pub max: Vec<Setting>,
    /// No warnings, no notes and no progress bar
    #[arg(long, short)]
    pub quiet: bool,
}

/// A format of `ottl convert`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ConvertFormat {
    /// pprof's profile.proto
    Pprof,
    /// OTLP/JSON, a message a line
    Json,
    /// One protobuf message of OTLP
    Protobuf,
    /// Protobuf messages, each behind its length in 4 bytes, most significant first
    Framed,
    /// Protobuf messages, each behind its length as a varint
    Delimited,
    /// Messages in zstd frames of their own, each behind its length in 4 bytes
    ZstdFrames,
}

impl ConvertFormat {
    /// The format of OTLP that it is, if it is one.
    pub const fn of_otlp(self) -> Option<FormatName> {
        match self {
            ConvertFormat::Pprof => None,
            ConvertFormat::Json => Some(FormatName::Json),
            ConvertFormat::Protobuf => Some(FormatName::Protobuf),
            ConvertFormat::Framed => Some(FormatName::Framed),
            ConvertFormat::Delimited => Some(FormatName::Delimited),
            ConvertFormat::ZstdFrames => Some(FormatName::ZstdFrames),
        }
    }
}
