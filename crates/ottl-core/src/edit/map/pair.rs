//! One pair of a map: as editors see it, and as it is kept.

use ottl_otlp::wire::WireError;

use crate::value::{decode_any, key_value};
use crate::{EvalError, Value};

/// The value of a pair: still on the wire, or known.
#[derive(Clone, Copy, Debug)]
pub enum Slot<'a> {
    /// Bytes of an `AnyValue` that nobody has read.
    Wire(&'a [u8]),
    /// A value that was written, or read and kept.
    Value(Value<'a>),
}

/// One pair.
#[derive(Clone, Copy, Debug)]
pub struct MapEntry<'a> {
    /// The key.
    pub key: &'a [u8],
    /// The value.
    pub value: Slot<'a>,
    /// The bytes of the whole `KeyValue` message as long as they say what key and value say; empty when they do not.
    pub raw: &'a [u8],
}

impl<'a> MapEntry<'a> {
    /// A pair that is not what the message says.
    #[inline]
    pub fn new(key: &'a [u8], value: Slot<'a>) -> Self {
        MapEntry { key, value, raw: &[] }
    }

    pub(super) fn from_wire(raw: &'a [u8]) -> Result<Self, WireError> {
        let pair = key_value(raw)?;
        Ok(MapEntry { key: pair.key, value: Slot::Wire(pair.value), raw })
    }

    /// The value.
    ///
    /// # Errors
    /// Damage in bytes that had not been read yet.
    #[inline]
    pub fn value(&self) -> Result<Value<'a>, EvalError> {
        match self.value {
            Slot::Value(v) => Ok(v),
            Slot::Wire(bytes) => Ok(decode_any(bytes)?),
        }
    }
}

/// Where a pair is: a field of the input, or an element of `others`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub start: u32,
    pub end: u32,
    /// The pair's number in `others`, or [`INPUT`].
    pub other: u32,
    /// The length of its key: of a pair of the input only if it is written as nearly all are, `tag len 0a len key 12
    /// len value` with lengths of one byte and nothing else. [`UNUSUAL`] for the others.
    pub key_len: u8,
    /// The number of its key among the known ones.
    pub known: u8,
}

impl Pair {
    /// Whether this is a pair of the input that is written as nearly all are.
    #[inline]
    pub fn is_usual(&self) -> bool {
        self.other == INPUT && self.key_len != UNUSUAL
    }
}

/// Whether two keys are equal.
///
/// PERF (metrics): keys are short; comparing them in place costs less than calling the library's comparison.
#[inline]
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    match (a.first_chunk::<8>(), b.first_chunk::<8>(), a.last_chunk::<8>(), b.last_chunk::<8>()) {
        (Some(a_first), Some(b_first), Some(a_last), Some(b_last)) => {
            u64::from_le_bytes(*a_first) == u64::from_le_bytes(*b_first)
                && u64::from_le_bytes(*a_last) == u64::from_le_bytes(*b_last)
                && (a.len() <= 16 || a[8..a.len() - 8] == b[8..b.len() - 8])
        }
        _ => a.iter().zip(b).all(|(a, b)| a == b),
    }
}

/// A pair whose key has to be taken out to be compared.
pub(super) const UNUSUAL: u8 = u8::MAX;

/// A pair that is still the field of the input.
pub(super) const INPUT: u32 = u32::MAX;

/// A pair as [`super::MapEdit::pieces`] hands it out for writing.
#[derive(Clone, Copy, Debug)]
pub enum Piece<'m, 'a> {
    /// The field `start..end` of the message that the map was loaded from, tag and length included.
    Input(usize, usize),
    /// Any other pair.
    Entry(&'m MapEntry<'a>),
}
