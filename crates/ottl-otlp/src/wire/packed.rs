//! Packed repeated numbers: iterators over the content of one length-delimited field.
//!
//! A repeated number field may arrive packed, unpacked, or both in turn; these cover the packed content only.

use super::error::{WireError, WireErrorKind};
use super::reader::read_varint;

/// Iterator over packed varints, see [`packed_varints`].
#[derive(Clone, Debug)]
pub struct PackedVarints<'a> {
    buf: &'a [u8],
    pos: usize,
}

/// The varints of a packed field. After the first error the iterator ends.
#[inline]
#[must_use]
pub const fn packed_varints(content: &[u8]) -> PackedVarints<'_> {
    PackedVarints { buf: content, pos: 0 }
}

impl Iterator for PackedVarints<'_> {
    type Item = Result<u64, WireError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.pos >= self.buf.len() {
            return None;
        }
        match read_varint(self.buf, self.pos) {
            Ok((value, next)) => {
                self.pos = next;
                Some(Ok(value))
            }
            Err(error) => {
                self.pos = self.buf.len();
                Some(Err(error))
            }
        }
    }
}

/// Iterator over packed 64-bit numbers, see [`packed_fixed64`].
pub type PackedFixed64<'a> = std::iter::Map<std::slice::Iter<'a, [u8; 8]>, fn(&[u8; 8]) -> u64>;
/// Iterator over packed 32-bit numbers, see [`packed_fixed32`].
pub type PackedFixed32<'a> = std::iter::Map<std::slice::Iter<'a, [u8; 4]>, fn(&[u8; 4]) -> u32>;

/// The bits of the numbers of a packed `fixed64`, `sfixed64` or `double` field.
///
/// # Errors
/// [`WireErrorKind::Truncated`] when the content is not a whole number of numbers; the offset is where the
/// incomplete one starts.
#[inline]
pub fn packed_fixed64(content: &[u8]) -> Result<PackedFixed64<'_>, WireError> {
    match content.as_chunks::<8>() {
        (chunks, []) => Ok(chunks.iter().map(|chunk| u64::from_le_bytes(*chunk))),
        (chunks, _) => Err(WireError::new(WireErrorKind::Truncated, chunks.len() * 8)),
    }
}

/// The bits of the numbers of a packed `fixed32`, `sfixed32` or `float` field.
///
/// # Errors
/// As for [`packed_fixed64`].
#[inline]
pub fn packed_fixed32(content: &[u8]) -> Result<PackedFixed32<'_>, WireError> {
    match content.as_chunks::<4>() {
        (chunks, []) => Ok(chunks.iter().map(|chunk| u32::from_le_bytes(*chunk))),
        (chunks, _) => Err(WireError::new(WireErrorKind::Truncated, chunks.len() * 4)),
    }
}
