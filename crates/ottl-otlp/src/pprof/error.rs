//! [`PprofError`]: why a profile cannot be converted, and where that is.

use std::fmt;

use crate::wire::WireError;

/// Why a profile cannot be converted, and where that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PprofError {
    /// What is wrong.
    pub kind: PprofErrorKind,
    /// The field that is at fault, from the message's root: `sample[3].location_id[1]` in pprof,
    /// `resourceProfiles[0].scopeProfiles[0].profiles[2].samples[7].stackIndex` in OTLP. Empty where it is the message as a
    /// whole.
    pub place: String,
}

/// What is wrong with a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PprofErrorKind {
    /// The bytes are no protobuf, or of another message; the offset counts from the start of the message that the place names.
    Damaged(WireError),
    /// The first text of pprof's string table has to be empty, and there has to be one.
    FirstText,
    /// A reference to an entry of a table that has no such entry.
    NoEntry {
        /// The index or id.
        reference: i64,
        /// What the table holds.
        of: &'static str,
        /// How many entries it has.
        entries: usize,
    },
    /// Two entries of a table have this id.
    DuplicateId(u64),
    /// An entry of a table has no id, or 0, which stands for nothing.
    NoId,
    /// A sample has another number of values than the profile has sample types.
    Values {
        /// How many values it has.
        values: usize,
        /// How many sample types there are.
        types: usize,
    },
    /// The values of a sample have a sum beyond 64 bits.
    Overflow,
    /// The dictionary would have more entries than an `int32` can count.
    TooMany,
    /// What is written would be longer than this many bytes.
    TooLarge {
        /// The limit that was given.
        limit: usize,
    },
}

impl PprofError {
    pub(super) fn new(kind: PprofErrorKind, place: impl Into<String>) -> PprofError {
        PprofError { kind, place: place.into() }
    }

    /// Damage of the message at a place.
    pub(super) fn damaged(error: WireError, place: impl Into<String>) -> PprofError {
        PprofError::new(PprofErrorKind::Damaged(error), place)
    }

    /// The same error, of a field inside this one. What lies in OTLP's dictionary is not inside of who refers to it.
    #[cold]
    pub(super) fn inside(mut self, outer: &str) -> PprofError {
        self.place = match self.place.as_str() {
            "" => outer.to_owned(),
            inner if inner.starts_with("dictionary.") => return self,
            inner => format!("{outer}.{inner}"),
        };
        self
    }
}

impl From<WireError> for PprofError {
    fn from(error: WireError) -> PprofError {
        PprofError::damaged(error, "")
    }
}

impl fmt::Display for PprofError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        match self.kind {
            PprofErrorKind::Damaged(error) => error.fmt(f),
            PprofErrorKind::FirstText => f.write_str("the first text of the string table has to be empty"),
            PprofErrorKind::NoEntry { reference, of, entries } => {
                write!(f, "{reference} is none of the {entries} {of}")
            }
            PprofErrorKind::DuplicateId(id) => write!(f, "the id {id} is given twice"),
            PprofErrorKind::NoId => f.write_str("there is no id, or it is 0"),
            PprofErrorKind::Values { values, types } => {
                write!(f, "the number of values is {values}, that of sample types {types}")
            }
            PprofErrorKind::Overflow => f.write_str("the sum of the values has more than 64 bits"),
            PprofErrorKind::TooMany => f.write_str("a table would have more than 2147483647 entries"),
            PprofErrorKind::TooLarge { limit } => write!(f, "what is written would be longer than {limit} bytes"),
        }
    }
}

impl std::error::Error for PprofError {}
