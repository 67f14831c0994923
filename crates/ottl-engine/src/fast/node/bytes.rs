//! Lists of messages, messages with one field replaced, and messages that come in parts.

use ottl_core::{Arena, EvalError};
use ottl_otlp::wire::{Reader, WireError, read_varint};
use ottl_schema::FieldValue;

use super::put_payload;

/// Messages that lie one after the other, each with its length in front.
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
///
/// # Errors
/// [`ottl_core::ErrorKind::Budget`].
pub(in crate::fast) fn with_address<'a>(bytes: &[u8], arena: &'a Arena) -> Result<&'a [u8], EvalError> {
    Ok(match bytes {
        [] => &arena.alloc([0u8])?[..0],
        bytes => arena.copy(bytes)?,
    })
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

/// A singular message of which there are several occurrences: bytes that follow each other are protobuf's merge.
///
/// All are copied at once. A copy for each that is added to those before would be quadratic.
///
/// # Errors
/// Damage of the message's framing, an occurrence that is no message, or [`ottl_core::ErrorKind::Budget`].
#[cold]
pub(in crate::fast) fn merged<'a>(message: &[u8], number: u32, arena: &'a Arena) -> Result<&'a [u8], EvalError> {
    let mut len = 0;
    each(message, number, |part| len += part.len())?;
    let out = arena.repeat(len, 0)?;
    let mut at = 0;
    each(message, number, |part| {
        out[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    })?;
    Ok(out)
}

fn each<'m>(message: &'m [u8], number: u32, mut take: impl FnMut(&'m [u8])) -> Result<(), WireError> {
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field()? {
        if field.number == number {
            take(field.bytes()?);
        }
    }
    Ok(())
}
