//! [`validate`]: reads a whole message down to every leaf, keeping nothing.
//!
//! The engine reads only what rules ask for, so damage in bytes that nobody reads passes through; this is the
//! check that finds it.

use super::{FieldDef, Kind, MAX_DEPTH, MessageDef, MessageId, Presence, Signal};
use crate::wire::{
    Field, Payload, Reader, WireError, WireErrorKind, WireType, packed_fixed32, packed_fixed64, packed_varints,
};

/// Checks a message of this signal completely: framing, wire types of known fields, lengths of ids, packed
/// content, nesting. Unknown fields are checked for framing only; strings need not be UTF-8 and enum values need
/// not be known, as in the reference.
///
/// # Errors
/// The first damage in wire order, with its byte offset in `message`.
pub fn validate(signal: Signal, message: &[u8]) -> Result<(), WireError> {
    validate_within(signal, message, usize::MAX)
}

/// The same, with at most so many messages inside each other that hold values: attributes, lists, maps and elements.
///
/// # Errors
/// As [`validate`].
pub fn validate_within(signal: Signal, message: &[u8], values: usize) -> Result<(), WireError> {
    check_nested(signal.message().def(), message, 0, values)
}

/// Checks a message that lies in so many others.
///
/// # Errors
/// As [`validate`].
pub(crate) fn validate_nested(def: &'static MessageDef, message: &[u8], parents: usize) -> Result<(), WireError> {
    check_nested(def, message, parents, usize::MAX)
}

fn check_nested(def: &'static MessageDef, message: &[u8], parents: usize, values: usize) -> Result<(), WireError> {
    // An open message: what remains of it, where it starts in `message`, its type, and in how many of values it lies.
    let mut open: Vec<(Reader<'_>, usize, &'static MessageDef, usize)> = Vec::new();
    let mut current = (Reader::new(message), 0, def, 0);
    loop {
        let (reader, base, def, depth) = &mut current;
        let (base, depth) = (*base, *depth);
        let Some(field) = reader.next_field().map_err(|error| error.offset_by(base))? else {
            match open.pop() {
                Some(parent) => current = parent,
                None => return Ok(()),
            }
            continue;
        };
        let Some(known) = def.field(field.number) else {
            continue;
        };
        let nested = check_value(known, &field).map_err(|error| error.offset_by(base))?;
        if let Some((id, content)) = nested {
            let depth = match id {
                MessageId::KeyValue | MessageId::AnyValue | MessageId::ArrayValue | MessageId::KeyValueList => {
                    depth + 1
                }
                _ => depth,
            };
            if parents + open.len() + 1 >= MAX_DEPTH || depth > values {
                return Err(WireError::new(WireErrorKind::TooDeep, base + field.start));
            }
            let next = (Reader::new(content), base + field.content_start(), id.def(), depth);
            open.push(std::mem::replace(&mut current, next));
        }
    }
}

/// Checks the value of a known field as far as it is no message; a message's type and content are returned.
///
/// # Errors
/// Offsets count from the start of the slice that the field was read from.
#[inline]
pub(crate) fn check_value<'a>(known: &FieldDef, field: &Field<'a>) -> Result<Option<(MessageId, &'a [u8])>, WireError> {
    match (known.kind.wire_type(), field.payload) {
        (WireType::Varint, Payload::Varint(_))
        | (WireType::Fixed64, Payload::Fixed64(_))
        | (WireType::Fixed32, Payload::Fixed32(_)) => Ok(None),
        (WireType::Len, Payload::Bytes(content)) => match known.kind {
            Kind::Message(id) => Ok(Some((id, content))),
            Kind::Id(len) if !content.is_empty() && content.len() != usize::from(len) => {
                Err(WireError::new(WireErrorKind::BadIdLength, field.content_start()))
            }
            _ => Ok(None),
        },
        (wire_type, Payload::Bytes(content)) if known.presence == Presence::Repeated => {
            check_packed(wire_type, content).map_err(|error| error.offset_by(field.content_start()))?;
            Ok(None)
        }
        _ => Err(field.wrong_wire_type()),
    }
}

fn check_packed(wire_type: WireType, content: &[u8]) -> Result<(), WireError> {
    match wire_type {
        WireType::Varint => packed_varints(content).try_for_each(|value| value.map(drop)),
        WireType::Fixed64 => packed_fixed64(content).map(drop),
        WireType::Fixed32 => packed_fixed32(content).map(drop),
        WireType::Len => Ok(()),
    }
}
