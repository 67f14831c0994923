//! Appending protobuf fields to a buffer.
//!
//! The length of a nested message is not known before it is written. Counting first costs a second walk,
//! and writing backwards costs more still, so [`begin_len`] reserves as many length bytes as a guess needs
//! (for an edited message: its old length) and [`end_len`] moves the content only when the width changes.

/// The wire types that OTLP uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum WireType {
    /// Variable-width integers.
    Varint = 0,
    /// Eight little-endian bytes.
    Fixed64 = 1,
    /// A length and that many bytes.
    Len = 2,
    /// Four little-endian bytes.
    Fixed32 = 5,
}

/// How many bytes [`put_varint`] writes for a value: 1 to 10.
#[inline]
#[must_use]
pub const fn varint_len(value: u64) -> usize {
    // 9/64 is a hair above 1/7 and exact over the 64 bit lengths that occur.
    ((value | 1).ilog2() as usize * 9 + 73) / 64
}

/// The varint value of a `sint32` or `sint64`.
#[inline]
#[must_use]
pub const fn zigzag_encode(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// Appends a minimal varint.
#[inline]
pub fn put_varint(out: &mut Vec<u8>, value: u64) {
    if value < 0x80 {
        out.push(value as u8);
    } else if value < 0x4000 {
        out.extend_from_slice(&two_bytes(value as usize));
    } else {
        put_long_varint(out, value);
    }
}

/// The varint of a number of 8 to 14 bits.
#[inline]
const fn two_bytes(value: usize) -> [u8; 2] {
    [value as u8 | 0x80, (value >> 7) as u8]
}

fn put_long_varint(out: &mut Vec<u8>, mut value: u64) {
    let mut bytes = [0u8; 10];
    let mut len = 0;
    while value >= 0x80 && len < 9 {
        bytes[len] = value as u8 | 0x80;
        value >>= 7;
        len += 1;
    }
    bytes[len] = value as u8;
    out.extend_from_slice(&bytes[..=len]);
}

/// Appends a tag.
#[inline]
pub fn put_tag(out: &mut Vec<u8>, number: u32, wire_type: WireType) {
    put_varint(out, u64::from(number) << 3 | wire_type as u64);
}

/// Appends a length-delimited field: string, bytes or a finished message.
#[inline]
pub fn put_len_field(out: &mut Vec<u8>, number: u32, content: &[u8]) {
    if number < 16 && content.len() < 0x80 {
        out.extend_from_slice(&[(number << 3) as u8 | WireType::Len as u8, content.len() as u8]);
    } else {
        put_tag(out, number, WireType::Len);
        put_varint(out, content.len() as u64);
    }
    out.extend_from_slice(content);
}

/// Appends a varint field, zero included.
#[inline]
pub fn put_varint_field(out: &mut Vec<u8>, number: u32, value: u64) {
    put_tag(out, number, WireType::Varint);
    put_varint(out, value);
}

/// Appends a 64-bit fixed-width field from its bits, zero included.
#[inline]
pub fn put_fixed64_field(out: &mut Vec<u8>, number: u32, bits: u64) {
    put_tag(out, number, WireType::Fixed64);
    out.extend_from_slice(&bits.to_le_bytes());
}

/// Appends a 32-bit fixed-width field from its bits, zero included.
#[inline]
pub fn put_fixed32_field(out: &mut Vec<u8>, number: u32, bits: u32) {
    put_tag(out, number, WireType::Fixed32);
    out.extend_from_slice(&bits.to_le_bytes());
}

/// An open length-delimited field: where its length stands and how many bytes are reserved for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use = "the length is only right after `end_len`"]
pub struct Mark {
    /// Offset of the first length byte in the output.
    len_at: usize,
    /// Bytes reserved for the length, 1 to 10.
    width: u8,
}

impl Mark {
    /// A field that is open in the output with so many bytes for its length, from this offset on.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(crate) fn new(len_at: usize, width: usize) -> Mark {
        Mark { len_at, width: width as u8 }
    }

    /// Bytes reserved for the length.
    pub(crate) fn width(&self) -> usize {
        usize::from(self.width)
    }

    /// Offset in the output of the first byte of the content. Stays true until [`end_len`].
    #[inline]
    #[must_use]
    pub const fn content_start(&self) -> usize {
        self.len_at + self.width as usize
    }
}

/// Opens a length-delimited field: writes the tag and as many length bytes as `guess_len` needs.
///
/// Whatever is appended until [`end_len`] is the content. Fields nest; close them in reverse order.
///
/// ```
/// use ottl_otlp::wire::{begin_len, end_len, put_varint_field};
///
/// let mut out = Vec::new();
/// let mark = begin_len(&mut out, 1, 0);
/// put_varint_field(&mut out, 2, 7);
/// end_len(&mut out, mark);
/// assert_eq!(out, [0x0a, 2, 0x10, 7]);
/// ```
#[inline]
pub fn begin_len(out: &mut Vec<u8>, number: u32, guess_len: usize) -> Mark {
    put_tag(out, number, WireType::Len);
    let len_at = out.len();
    put_varint(out, guess_len as u64);
    Mark { len_at, width: (out.len() - len_at) as u8 }
}

/// Closes the field: fixes its length, and moves the content only if the length needs another number of bytes
/// than the guess did. The length is always minimal.
///
/// # Panics
/// When `out` was cut below the content's start since [`begin_len`], or `mark` belongs to another buffer:
/// errors of the program, never of the data.
#[inline]
pub fn end_len(out: &mut Vec<u8>, mark: Mark) {
    end_len_beside(out, mark, 0);
}

/// Closes the field as [`end_len`] does, when so many bytes of its content are elsewhere, or come next.
///
/// # Panics
/// As [`end_len`].
#[inline]
pub fn end_len_beside(out: &mut Vec<u8>, mark: Mark, elsewhere: usize) {
    let len = out.len() - mark.content_start() + elsewhere;
    // PERF: nearly every record has a length of one or two bytes, before and after.
    match mark.width {
        1 if len < 0x80 => out[mark.len_at] = len as u8,
        2 if (0x80..0x4000).contains(&len) => out[mark.len_at..mark.len_at + 2].copy_from_slice(&two_bytes(len)),
        _ => fix_len(out, mark, len),
    }
}

/// Opens a length-delimited field with five length bytes, whatever the length will be.
///
/// [`end_wide_len`] never moves content, so a deep nest costs no more than its bytes; the price is a length that
/// is not minimal, which every protobuf reader accepts.
#[inline]
pub fn begin_wide_len(out: &mut Vec<u8>, number: u32) -> Mark {
    put_tag(out, number, WireType::Len);
    let len_at = out.len();
    out.extend_from_slice(&[0; WIDE as usize]);
    Mark { len_at, width: WIDE }
}

/// Closes a field that [`begin_wide_len`] opened.
///
/// # Panics
/// As [`end_len`].
pub fn end_wide_len(out: &mut [u8], mark: Mark) {
    let mut rest = out.len() - mark.content_start();
    for (index, byte) in out[mark.len_at..].iter_mut().enumerate().take(usize::from(WIDE)) {
        *byte = (rest & 0x7f) as u8 | if index + 1 < usize::from(WIDE) { 0x80 } else { 0 };
        rest >>= 7;
    }
}

/// Five bytes carry 35 bits, more than any buffer that a message fits in.
const WIDE: u8 = 5;

#[inline(never)]
fn fix_len(out: &mut Vec<u8>, mark: Mark, len: usize) {
    let mut bytes = [0u8; 10];
    let width = varint_len(len as u64);
    let mut rest = len;
    for (index, byte) in bytes[..width].iter_mut().enumerate() {
        *byte = (rest & 0x7f) as u8 | if index + 1 < width { 0x80 } else { 0 };
        rest >>= 7;
    }
    let old_width = usize::from(mark.width);
    let content = mark.content_start();
    if width > old_width {
        let grow = width - old_width;
        let end = out.len();
        out.resize(end + grow, 0);
        out.copy_within(content..end, content + grow);
    } else if width < old_width {
        let shrink = old_width - width;
        let end = out.len();
        out.copy_within(content..end, content - shrink);
        out.truncate(end - shrink);
    }
    out[mark.len_at..mark.len_at + width].copy_from_slice(&bytes[..width]);
}
