//! What can be asked of `ottl convert`, and the help that explains it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::args::{CompressionArgument, FormatName, SignalName, compression};
use crate::limits::{self, Setting};

/// The help behind the options.
pub const EXAMPLES: &str = "\
Input formats are detected from the content, and output formats follow the name of the output, as in `ottl run`. pprof files, with or without \
gzip, are also detected. Output names that end with .pprof, .pprof.gz or .pb.gz are pprof (for OTLP pass --to protobuf --compress gzip). \
pprof is compressed with gzip unless you pass --compress none.

A pprof file becomes one message with a profile for each of its sample types. In the other direction, consecutive profiles of a scope become one \
pprof file if they differ only in their sample types and their samples line up. If there are several pprof files, --output-dir is required. \
Data that pprof has no field for is reported on standard error.

Examples:
  A Go heap profile as OTLP/JSON:
    ottl convert heap.pb.gz --to json | jq .
  OTLP profiles for Go's pprof tool:
    ottl convert profiles.json --output cpu.pb.gz && go tool pprof -top cpu.pb.gz
  Run rules over a pprof file:
    ottl convert cpu.pb.gz --to protobuf | ottl run --config rules.yaml --signal profiles | ottl convert - -o out.pb.gz
  JSON lines to framed protobuf:
    ottl convert logs.jsonl --to framed --output logs.framed";

/// `ottl convert`.
#[derive(Debug, Args)]
pub struct ConvertArguments {
    /// Files to read; standard input if none, or for -
    #[arg(value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// The file to write, replaced only when all is done; standard output if absent, or for -
    #[arg(long, short, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// Write the result of each input to files in this directory, with the input's name and the extension of the format. The
    /// directory is created
    #[arg(long, value_name = "DIR", conflicts_with = "output", requires = "to")]
    pub output_dir: Option<PathBuf>,
    /// The format of the input, if it cannot be detected
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub from: Option<ConvertFormat>,
    /// The format of the output. The default is that of the output's name, or else that of the input; pprof becomes OTLP protobuf
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub to: Option<ConvertFormat>,
    /// The compression of the whole output: none, gzip[:1 to 9], zstd[:1 to 22]. The default is that of the output's name, and
    /// gzip for pprof
    #[arg(long, value_name = "COMPRESSION", value_parser = compression)]
    pub compress: Option<CompressionArgument>,
    /// The signal of protobuf input; by default it is inferred
    #[arg(long, value_enum, value_name = "SIGNAL")]
    pub signal: Option<SignalName>,
    /// Write indented JSON over several lines
    #[arg(long)]
    pub pretty: bool,
    /// Set a limit: a number, or bytes such as 64MiB; `--max help` lists the names, their defaults and meaning
    #[arg(long, value_name = "NAME=VALUE", value_parser = limits::parse)]
    pub max: Vec<Setting>,
    /// Print no warnings, no notes and no progress bar
    #[arg(long, short)]
    pub quiet: bool,
}

/// A format of `ottl convert`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ConvertFormat {
    /// pprof's profile.proto
    Pprof,
    /// OTLP/JSON, one message per line
    Json,
    /// One OTLP protobuf message
    Protobuf,
    /// Protobuf messages, each behind its length in 4 bytes, most significant first
    Framed,
    /// Protobuf messages, each behind its length as a varint
    Delimited,
    /// Messages in separate zstd frames, each behind its length in 4 bytes
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
