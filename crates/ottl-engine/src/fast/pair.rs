//! [`SizedPair`]: a pair of an attribute map, encoded once and written wherever it is needed.

use ottl_core::Value;
use ottl_core::value::encode_sized_pair;

/// A pair that is written as a whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct SizedPair<'a> {
    /// Its `KeyValue` with the length in front: the field without its tag.
    pub bytes: &'a [u8],
    /// Where the `KeyValue` starts in it.
    pub pair_at: usize,
    /// Where the `AnyValue` starts in it.
    pub any_at: usize,
}

impl<'a> SizedPair<'a> {
    /// The `KeyValue`.
    #[inline]
    pub fn pair(&self) -> &'a [u8] {
        &self.bytes[self.pair_at..]
    }

    /// The `AnyValue`.
    #[inline]
    pub fn any(&self) -> &'a [u8] {
        &self.bytes[self.any_at..]
    }

    /// The key, which is shorter than 128 bytes. An empty one is not written.
    #[inline]
    pub fn key(&self) -> &'a [u8] {
        match self.pair() {
            [0x0a, len, rest @ ..] => rest.get(..usize::from(*len)).unwrap_or_default(),
            _ => &[],
        }
    }

    /// How many bytes it takes, its tag not counted.
    #[inline]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }
}

/// A pair that is the same for every record.
#[derive(Debug)]
pub(super) struct EncodedPair {
    bytes: Vec<u8>,
    pair_at: usize,
    any_at: usize,
}

impl EncodedPair {
    /// From key and value.
    pub fn new(key: &[u8], value: &Value<'_>) -> EncodedPair {
        let mut bytes = Vec::new();
        let (pair_at, any_at) = encode_sized_pair(&mut bytes, key, value);
        EncodedPair { pair_at, any_at, bytes }
    }

    /// The pair, ready to be written.
    #[inline]
    pub fn sized(&self) -> SizedPair<'_> {
        SizedPair { bytes: &self.bytes, pair_at: self.pair_at, any_at: self.any_at }
    }
}
