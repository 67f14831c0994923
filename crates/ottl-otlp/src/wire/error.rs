//! The one error of reading protobuf bytes: small, `Copy`, formatted only when somebody asks.

use std::fmt;

/// What is wrong with the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WireErrorKind {
    /// A tag, a varint, a fixed-width number or a length-delimited value ends after the input does.
    Truncated,
    /// A varint has more than ten bytes.
    VarintTooLong,
    /// A tag has field number zero, or one that does not fit 31 bits.
    BadFieldNumber,
    /// A tag has wire type 6 or 7, or one of the group types 3 and 4, which OTLP does not use.
    BadWireType,
    /// A field that the schema knows has another wire type than the schema says.
    WrongWireType,
    /// A trace, span or profile id is neither empty nor of its exact length.
    BadIdLength,
    /// Messages are nested deeper than the limit of whoever walks them.
    TooDeep,
}

/// Damage in protobuf bytes: what, and at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WireError {
    /// What is wrong.
    pub kind: WireErrorKind,
    /// Byte offset, counted from the start of the slice that the reader was made from.
    /// Whoever descends into a nested message adds its start with [`WireError::offset_by`].
    pub offset: usize,
}

impl WireError {
    /// An error of this kind at this byte offset.
    #[must_use]
    pub const fn new(kind: WireErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }

    /// The same error seen from an enclosing slice in which the reader's slice starts at `base`.
    #[must_use]
    pub const fn offset_by(self, base: usize) -> Self {
        Self { kind: self.kind, offset: self.offset + base }
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            WireErrorKind::Truncated => "the message ends inside a field",
            WireErrorKind::VarintTooLong => "a varint has more than ten bytes",
            WireErrorKind::BadFieldNumber => "a tag has an illegal field number",
            WireErrorKind::BadWireType => "a tag has an illegal wire type",
            WireErrorKind::WrongWireType => "a known field has the wrong wire type",
            WireErrorKind::BadIdLength => "an id has the wrong length",
            WireErrorKind::TooDeep => "messages are nested too deep",
        };
        write!(f, "{what} (byte {})", self.offset)
    }
}

impl std::error::Error for WireError {}
