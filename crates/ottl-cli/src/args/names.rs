//! Values that options take by name.

use clap::ValueEnum;
use ottl::otlp::Signal;
use ottl::otlp::framing::{Compression, Format};

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
    /// OTLP/JSON, one message per line
    Json,
    /// One protobuf message
    Protobuf,
    /// Protobuf messages, each behind its length in 4 bytes, most significant first
    Framed,
    /// Protobuf messages, each behind its length as a varint
    Delimited,
    /// Messages in separate zstd frames, each behind its length in 4 bytes
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
    /// For programs
    Json,
}

/// A version of the reference.
pub fn target(name: &str) -> Result<ottl::Target, String> {
    let names = || ottl::Target::ALL.map(ottl::Target::name).join(", ");
    ottl::Target::by_name(name).ok_or_else(|| format!("the versions are {}; for one between, check with both", names()))
}
