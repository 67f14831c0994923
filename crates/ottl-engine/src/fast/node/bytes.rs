//! Lists of messages, and messages with one field replaced.

use ottl_core::Bump;
use ottl_otlp::wire::{Reader, WireError, read_varint};
use ottl_schema::FieldValue;

use super::put_payload;

/// The messages of a [`Struct`].
pub(in crate::fast) fn messages(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let (len, at) = read_varint(bytes, 0).ok()?;
        let message = bytes.get(at..)?.get(..usize::try_from(len).ok()?)?;
        bytes = &bytes[at + message.len()..];
        Some(message)
    })
}

/// Bytes in the arena at an address of their own, even when there are none.
pub(in crate::fast) fn with_address<'a>(bytes: &[u8], arena: &'a Bump) -> &'a [u8] {
    match bytes {
        [] => &arena.alloc([0u8])[..0],
        bytes => arena.alloc_slice_copy(bytes),
    }
}

/// Appends a message with one singular field replaced.
///
/// # Errors
/// Damage of the message's framing; the buffer then holds a part of it.
pub(in crate::fast) fn put_with_field(
    out: &mut Vec<u8>,
    message: &[u8],
    number: u32,
    value: FieldValue<'_>,
) -> Result<(), WireError> {
    let mut run = 0;
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field()? {
        if field.number == number {
            out.extend_from_slice(&message[run..field.start]);
            run = field.end;
        }
    }
    out.extend_from_slice(&message[run..]);
    if let FieldValue::Present(payload) = value {
        put_payload(out, number, payload);
    }
    Ok(())
}
