//! Messages out of files and streams: which format is this, where does each message start and end, and what is
//! in it when it is compressed.
//!
//! Formats are told by content, never by a name. [`detect`], [`Frames`] and [`decompress`] work on whole slices;
//! [`FrameReader`] takes input in chunks of any size and holds one message at a time. Neither decodes messages:
//! what is inside a frame is the business of [`crate::json`] and [`crate::wire`].
//!
//! INVARIANT: memory is bounded by [`FrameOptions::message_bytes`], compressed bombs included, and work by what an input may
//! decompress to.

mod block;
mod decompress;
mod detect;
mod foreign;
mod reader;
mod split;
mod zstd;

pub use decompress::{Compression, decompress};
pub use detect::{detect, signal_of_json};
pub use foreign::{Foreign, foreign};
pub use reader::{FrameOptions, FrameReader, Message};
pub use split::{Frame, Frames};
pub use zstd::{NewZstdDecoder, ZstdDamage, ZstdDecoder};

use std::fmt;

/// How messages follow each other in a file or stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// OTLP/JSON: one document, or several one after the other, each on a line of its own as a rule (JSON lines).
    Json,
    /// One protobuf message without a frame.
    Protobuf,
    /// Protobuf messages, each after its length in four bytes, most significant first: the Collector's file exporter
    /// with `format: proto`.
    LengthPrefixed,
    /// Protobuf messages, each after its length as a varint. Never detected, for it looks like a bare message.
    Delimited,
    /// Messages of either encoding, each a Zstandard frame of its own after its length in four bytes, most significant
    /// first: the Collector's file exporter with `compression: zstd`.
    ZstdFrames,
}

/// What is wrong with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FrameErrorKind {
    /// The input ends inside a message or inside its length.
    Truncated,
    /// A message is, or decompresses to, more than [`FrameOptions::message_bytes`].
    TooLarge,
    /// The input decompresses to more than [`FrameOptions::decompressed_bytes`].
    DecompressedTooLarge,
    /// The input decompresses to more than [`FrameOptions::decompression_ratio`] times its size.
    DecompressionRatio,
    /// A varint length has more than ten bytes.
    BadLength,
    /// Damaged gzip data, or something behind it that is no gzip.
    BadGzip,
    /// Damaged Zstandard data.
    BadZstd,
    /// A Zstandard frame asks for a window of more than [`FrameOptions::zstd_window`].
    WindowTooLarge,
    /// The input ends inside gzip data.
    CutGzip,
    /// The input ends inside Zstandard data.
    CutZstd,
    /// This build reads no gzip: the feature `gzip` is off.
    NoGzip,
    /// This build reads no Zstandard: the feature `zstd` is off.
    NoZstd,
}

impl FrameErrorKind {
    /// The limit that was reached, by the name of the field of [`FrameOptions`]; none for damage.
    #[must_use]
    pub const fn limit(self) -> Option<&'static str> {
        match self {
            FrameErrorKind::TooLarge => Some("message_bytes"),
            FrameErrorKind::DecompressedTooLarge => Some("decompressed_bytes"),
            FrameErrorKind::DecompressionRatio => Some("decompression_ratio"),
            FrameErrorKind::WindowTooLarge => Some("zstd_window"),
            _ => None,
        }
    }

    /// Whether the input ends too early: what came before is whole.
    #[must_use]
    pub const fn is_cut(self) -> bool {
        matches!(self, FrameErrorKind::Truncated | FrameErrorKind::CutGzip | FrameErrorKind::CutZstd)
    }
}

/// An input that cannot be split into messages any further: what, and at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrameError {
    /// What is wrong.
    pub kind: FrameErrorKind,
    /// Byte offset of the frame at fault, counted in the uncompressed stream (for [`Format::ZstdFrames`] and damaged
    /// compression: in the input as it came).
    pub offset: u64,
}

impl FrameError {
    pub(crate) const fn new(kind: FrameErrorKind, offset: u64) -> Self {
        Self { kind, offset }
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            FrameErrorKind::Truncated => "the input ends inside a message",
            FrameErrorKind::TooLarge => "a message is too large",
            FrameErrorKind::DecompressedTooLarge => "the input decompresses to too much",
            FrameErrorKind::DecompressionRatio => "the input decompresses to too many times its size",
            FrameErrorKind::BadLength => "the length of a message is malformed",
            FrameErrorKind::BadGzip => "damaged gzip data",
            FrameErrorKind::BadZstd => "damaged zstd data",
            FrameErrorKind::WindowTooLarge => "a zstd frame asks for too large a window",
            FrameErrorKind::CutGzip => "the input ends inside gzip data",
            FrameErrorKind::CutZstd => "the input ends inside zstd data",
            FrameErrorKind::NoGzip => "gzip support is not built in",
            FrameErrorKind::NoZstd => "zstd support is not built in",
        };
        match self.kind.limit() {
            Some(limit) => write!(f, "{what}: limit reached: {limit} (byte {})", self.offset),
            None => write!(f, "{what} (byte {})", self.offset),
        }
    }
}

impl std::error::Error for FrameError {}
