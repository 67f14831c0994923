//! [`Reader`]: the fields of one protobuf message, in wire order, borrowed from its bytes.
//!
//! INVARIANT: `pos <= buf.len()` at all times, and every field returned lies wholly inside the slice.
//!
//! PERF: this is the innermost loop of everything. Tags of one byte and lengths of one or two take branches and no
//! call; longer ones go through out-of-line functions. [`Reader::next_field`] is always inlined: left to itself the
//! compiler sometimes returns its result through memory, which made a whole-message walk 2.7 times slower.

use super::error::{WireError, WireErrorKind};

/// The value of a field as the wire carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload<'a> {
    /// Wire type 0: bool, enum, int32, int64, uint32, uint64, sint32, sint64.
    Varint(u64),
    /// Wire type 1: fixed64, sfixed64, double, as little-endian bits.
    Fixed64(u64),
    /// Wire type 5: fixed32, sfixed32, float, as little-endian bits.
    Fixed32(u32),
    /// Wire type 2: string, bytes, a message, or packed numbers.
    Bytes(&'a [u8]),
}

/// One field of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// The field number, 1 to 2^31 - 1 (the reference does not insist on the 29 bits of the protobuf specification).
    pub number: u32,
    /// The value.
    pub payload: Payload<'a>,
    /// Where the tag starts, in bytes from the start of the reader's slice.
    pub start: usize,
    /// One past the last byte of the value, in bytes from the start of the reader's slice.
    pub end: usize,
}

impl<'a> Field<'a> {
    /// The content of a length-delimited field.
    ///
    /// # Errors
    /// [`WireErrorKind::WrongWireType`] at the field's tag for any other wire type.
    #[inline]
    pub fn bytes(&self) -> Result<&'a [u8], WireError> {
        match self.payload {
            Payload::Bytes(bytes) => Ok(bytes),
            _ => Err(self.wrong_wire_type()),
        }
    }

    /// The value of a varint field.
    ///
    /// # Errors
    /// [`WireErrorKind::WrongWireType`] at the field's tag for any other wire type.
    #[inline]
    pub fn varint(&self) -> Result<u64, WireError> {
        match self.payload {
            Payload::Varint(value) => Ok(value),
            _ => Err(self.wrong_wire_type()),
        }
    }

    /// The bits of a 64-bit fixed-width field.
    ///
    /// # Errors
    /// [`WireErrorKind::WrongWireType`] at the field's tag for any other wire type.
    #[inline]
    pub fn fixed64(&self) -> Result<u64, WireError> {
        match self.payload {
            Payload::Fixed64(bits) => Ok(bits),
            _ => Err(self.wrong_wire_type()),
        }
    }

    /// The bits of a 32-bit fixed-width field.
    ///
    /// # Errors
    /// [`WireErrorKind::WrongWireType`] at the field's tag for any other wire type.
    #[inline]
    pub fn fixed32(&self) -> Result<u32, WireError> {
        match self.payload {
            Payload::Fixed32(bits) => Ok(bits),
            _ => Err(self.wrong_wire_type()),
        }
    }

    /// The error for a known field whose wire type is not the schema's.
    #[cold]
    #[must_use]
    pub fn wrong_wire_type(&self) -> WireError {
        WireError::new(WireErrorKind::WrongWireType, self.start)
    }

    /// Where the content of a length-delimited field starts, in bytes from the start of the reader's slice;
    /// for other wire types, where the field ends.
    #[inline]
    #[must_use]
    pub fn content_start(&self) -> usize {
        match self.payload {
            Payload::Bytes(bytes) => self.end - bytes.len(),
            _ => self.end,
        }
    }
}

/// Reads the fields of one message from its bytes.
///
/// COMPAT: as the reference's unmarshaler, a varint may be non-minimal and up to ten bytes long, and bits
/// that do not fit 64 are dropped; eleven bytes are an error. Field number zero (after truncation to 32
/// bits) and wire types 6 and 7 are errors. Groups (wire types 3 and 4) are always an error here. The reference
/// refuses every well-formed group that has content or ends its message; it lets pass only an empty group of
/// an unknown number amid other fields, and some unclosed ones. No OTLP writer emits groups.
///
/// ```
/// use ottl_otlp::wire::{Payload, Reader};
///
/// let mut reader = Reader::new(&[0x08, 0x96, 0x01, 0x12, 0x02, b'h', b'i']);
/// let first = reader.next_field()?.expect("two fields");
/// assert_eq!((first.number, first.payload), (1, Payload::Varint(150)));
/// let second = reader.next_field()?.expect("two fields");
/// assert_eq!((second.number, second.payload, second.start, second.end), (2, Payload::Bytes(b"hi"), 3, 7));
/// assert!(reader.next_field()?.is_none());
/// # Ok::<(), ottl_otlp::wire::WireError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    buf: &'a [u8],
    pos: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the start of a message.
    #[inline]
    #[must_use]
    pub const fn new(buf: &'a [u8]) -> Self {
        Self { buf, pos: 0 }
    }

    /// A reader that has come to `pos`, where a field starts or the message ends.
    #[inline]
    #[must_use]
    pub const fn new_at(buf: &'a [u8], pos: usize) -> Self {
        Self { buf, pos: if pos < buf.len() { pos } else { buf.len() } }
    }

    /// Bytes consumed so far: the end of the last field returned.
    #[inline]
    #[must_use]
    pub const fn pos(&self) -> usize {
        self.pos
    }

    /// Whether all bytes are consumed.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.pos >= self.buf.len()
    }

    /// The slice that this reader was made from.
    #[inline]
    #[must_use]
    pub const fn buf(&self) -> &'a [u8] {
        self.buf
    }

    /// The next field if it has this tag, which is of one byte and says that a length follows, and a length of one or two
    /// bytes. Otherwise nothing is read, and [`Reader::next_field`] says what comes.
    ///
    /// PERF (metrics): the members of a list, of which a message nearly wholly consists.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn next_member(&mut self, tag: u8) -> Option<Field<'a>> {
        let start = self.pos;
        let (len, content) = match *self.buf.get(start..)? {
            [first, len, ..] if first == tag && len < 0x80 => (usize::from(len), start + 2),
            [first, low, high, ..] if first == tag && high < 0x80 => {
                (usize::from(low & 0x7f) | usize::from(high) << 7, start + 3)
            }
            _ => return None,
        };
        let bytes = self.buf.get(content..)?.get(..len)?;
        self.pos = content + len;
        Some(Field { number: u32::from(tag >> 3), payload: Payload::Bytes(bytes), start, end: self.pos })
    }

    /// The next field, or `None` at the end of the message.
    ///
    /// After an error the position is unchanged: the same call fails in the same way.
    ///
    /// # Errors
    /// [`WireError`] with the byte offset (within the reader's slice) of the tag, varint or length at fault.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn next_field(&mut self) -> Result<Option<Field<'a>>, WireError> {
        let buf = self.buf;
        let start = self.pos;
        let Some(&first) = buf.get(start) else {
            return Ok(None);
        };
        let (number, wire_type, at) =
            if first < 0x80 { (u32::from(first) >> 3, first & 7, start + 1) } else { long_tag(buf, start)? };
        if number == 0 {
            return Err(WireError::new(WireErrorKind::BadFieldNumber, start));
        }
        let (payload, end) = match wire_type {
            2 => {
                let (len, content) = match buf.get(at..) {
                    Some([len, ..]) if *len < 0x80 => (usize::from(*len), at + 1),
                    // Most records have between 128 and 16 383 bytes.
                    Some([low, high, ..]) if *high < 0x80 => {
                        (usize::from(*low & 0x7f) | usize::from(*high) << 7, at + 2)
                    }
                    _ => long_len(buf, at)?,
                };
                match buf.get(content..).and_then(|rest| rest.get(..len)) {
                    Some(bytes) => (Payload::Bytes(bytes), content + len),
                    None => return Err(WireError::new(WireErrorKind::Truncated, at)),
                }
            }
            0 => {
                let (value, end) = read_varint(buf, at)?;
                (Payload::Varint(value), end)
            }
            1 => match buf.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
                Some(bytes) => (Payload::Fixed64(u64::from_le_bytes(*bytes)), at + 8),
                None => return Err(WireError::new(WireErrorKind::Truncated, at)),
            },
            5 => match buf.get(at..).and_then(|rest| rest.first_chunk::<4>()) {
                Some(bytes) => (Payload::Fixed32(u32::from_le_bytes(*bytes)), at + 4),
                None => return Err(WireError::new(WireErrorKind::Truncated, at)),
            },
            _ => return Err(WireError::new(WireErrorKind::BadWireType, start)),
        };
        self.pos = end;
        Ok(Some(Field { number, payload, start, end }))
    }
}

/// Field number and wire type of a tag of several bytes, and the position after it.
#[inline(never)]
fn long_tag(buf: &[u8], start: usize) -> Result<(u32, u8, usize), WireError> {
    let (tag, at) = long_varint(buf, start)?;
    // The reference truncates field numbers to 32 bits and refuses those that are then not positive.
    let number = (tag >> 3) as u32;
    if number > i32::MAX as u32 {
        return Err(WireError::new(WireErrorKind::BadFieldNumber, start));
    }
    Ok((number, (tag & 7) as u8, at))
}

/// A length of several bytes and the position after it.
#[inline(never)]
fn long_len(buf: &[u8], at: usize) -> Result<(usize, usize), WireError> {
    let (len, content) = long_varint(buf, at)?;
    if len > (buf.len() - content) as u64 {
        return Err(WireError::new(WireErrorKind::Truncated, at));
    }
    Ok((len as usize, content))
}

/// Reads the varint at `pos`: its value and the position after it.
///
/// Accepts up to ten bytes, minimal or not; of the tenth byte only the lowest bit counts.
///
/// # Errors
/// [`WireErrorKind::Truncated`] when the input ends inside it, [`WireErrorKind::VarintTooLong`] after ten
/// bytes that all ask for more; the offset is `pos`.
#[inline]
pub fn read_varint(buf: &[u8], pos: usize) -> Result<(u64, usize), WireError> {
    match buf.get(pos) {
        Some(&byte) if byte < 0x80 => Ok((u64::from(byte), pos + 1)),
        _ => long_varint(buf, pos),
    }
}

#[inline(never)]
fn long_varint(buf: &[u8], start: usize) -> Result<(u64, usize), WireError> {
    let rest = buf.get(start..).unwrap_or_default();
    let mut value = 0u64;
    let mut shift = 0u32;
    for (index, &byte) in rest.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok((value, start + index + 1));
        }
        shift += 7;
    }
    let kind = if rest.len() >= 10 { WireErrorKind::VarintTooLong } else { WireErrorKind::Truncated };
    Err(WireError::new(kind, start))
}

/// The signed number of a `sint32` or `sint64` varint.
#[inline]
#[must_use]
pub const fn zigzag_decode(value: u64) -> i64 {
    ((value >> 1) as i64) ^ -((value & 1) as i64)
}
