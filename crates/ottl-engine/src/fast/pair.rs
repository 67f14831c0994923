//! [`SizedPair`]: a pair of an attribute map, encoded once and written wherever it is needed.

use ottl_core::value::encode_sized_pair;
use ottl_core::{Arena, EvalError, Value};
use ottl_otlp::any::tags;

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
    /// A key and an `AnyValue`, which comes in two parts, in the arena. Nothing if the key is empty or has 128 bytes or more,
    /// or the value has 8 KiB or more.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`].
    ///
    /// PERF (tenant, spans): it is written where it stays, since its length is known.
    #[inline(never)]
    pub fn new(arena: &'a Arena, key: &[u8], any: [&[u8]; 2]) -> Result<Option<SizedPair<'a>>, EvalError> {
        let any_len = any[0].len() + any[1].len();
        if !(1..0x80).contains(&key.len()) || any_len >= 0x2000 {
            return Ok(None);
        }
        let (any_head, any_head_len) = length(any_len);
        let len = 2 + key.len() + 1 + any_head_len + any_len;
        let (pair_head, pair_at) = length(len);
        let bytes = arena.repeat(pair_at + len, 0)?;
        let any_at = bytes.len() - any_len;
        let parts = [
            &pair_head[..pair_at],
            &[tags::KEY, key.len() as u8],
            key,
            &[tags::VALUE],
            &any_head[..any_head_len],
            any[0],
            any[1],
        ];
        let mut left = &mut *bytes;
        for part in parts {
            if let Some((to, behind)) = left.split_at_mut_checked(part.len()) {
                to.copy_from_slice(part);
                left = behind;
            } else {
                return Ok(None);
            }
        }
        Ok(Some(SizedPair { bytes, pair_at, any_at }))
    }

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

/// The varint of a length below 16 384, and how many bytes it has.
#[inline(always)]
fn length(len: usize) -> ([u8; 2], usize) {
    if len < 0x80 { ([len as u8, 0], 1) } else { ([len as u8 | 0x80, (len >> 7) as u8], 2) }
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
