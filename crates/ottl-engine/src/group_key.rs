//! Keys that say whether two resources or scopes are equal, for `flatten_data`, and whether two messages that hold records are
//! but for these, for isolated groups.
//!
//! What counts as equal is part of the meaning, so both engines use these.

use ottl_core::value::encode_any;
use ottl_core::{List, Map, Value};
use ottl_otlp::Signal;
use ottl_otlp::schema::{FieldDef, Kind, MessageDef, MessageId, Presence};
use ottl_otlp::wire::{
    Field, Payload, Reader, WireError, begin_len, end_len, put_fixed32_field, put_fixed64_field, put_len_field,
    put_varint, put_varint_field,
};
use ottl_schema::{ContextId, PointKind};

/// Appends bytes that are equal exactly for equal maps, without regard to the order of keys. Of keys that repeat, the
/// first value counts, as often as the key is there.
pub(crate) fn push_map(out: &mut Vec<u8>, map: &Map<'_>) {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_by(|a, b| a.key.cmp(b.key));
    put_varint(out, entries.len() as u64);
    let mut first = 0;
    for idx in 0..entries.len() {
        if entries[idx].key != entries[first].key {
            first = idx;
        }
        push_text(out, entries[idx].key);
        push_value(out, &entries[first].value);
    }
}

fn push_value(out: &mut Vec<u8>, value: &Value<'_>) {
    match value {
        Value::Map(map) => {
            out.push(1);
            push_map(out, map);
        }
        Value::List(list) => push_list(out, list),
        scalar => {
            out.push(0);
            let mut bytes = Vec::new();
            encode_any(&mut bytes, scalar);
            push_text(out, &bytes);
        }
    }
}

fn push_list(out: &mut Vec<u8>, list: &List<'_>) {
    out.push(2);
    put_varint(out, list.len() as u64);
    for value in list.iter() {
        push_value(out, &value);
    }
}

/// Appends a text so that what follows cannot be taken for a part of it.
pub(crate) fn push_text(out: &mut Vec<u8>, text: &[u8]) {
    put_varint(out, text.len() as u64);
    out.extend_from_slice(text);
}

/// A context and all that its records lie in, the resource first.
pub(crate) fn levels_of(context: ContextId) -> Vec<ContextId> {
    let mut levels: Vec<ContextId> = std::iter::successors(Some(context), |level| level.parent()).collect();
    levels.reverse();
    levels
}

/// The message that holds the records of a level: the group around a resource or scope, or a record.
pub(crate) fn shell_message(signal: Signal, level: ContextId, kind: PointKind) -> MessageId {
    let group = |depth: usize| signal.lists()[depth].message();
    let message = match level {
        ContextId::Resource => group(0),
        ContextId::Scope => group(1),
        _ => level.message(kind),
    };
    message.unwrap_or(signal.message())
}

/// How deep messages are put in order for [`push_message`]; what lies deeper counts as it is written.
const ORDERED_DEPTH: usize = 24;

/// Appends bytes that are equal exactly for messages that say the same, whatever the order of their fields and the length of their
/// varints: lists keep their order, unknown fields count, and defaults do not.
///
/// # Errors
/// Damage.
pub(crate) fn push_message(out: &mut Vec<u8>, id: MessageId, bytes: &[u8]) -> Result<(), WireError> {
    push_ordered(out, id, bytes, ORDERED_DEPTH)
}

fn push_ordered(out: &mut Vec<u8>, id: MessageId, bytes: &[u8], depth: usize) -> Result<(), WireError> {
    let def = id.def();
    let mut reader = Reader::new(bytes);
    if is_ordered(def, bytes)? {
        // PERF: as nearly all writers have it, so that nothing is put together anew.
        while let Some(field) = reader.next_field()? {
            push_field(out, def.field(field.number), &field, depth)?;
        }
        return Ok(());
    }
    let mut fields: Vec<Field<'_>> = Vec::new();
    while let Some(field) = reader.next_field()? {
        if def.field(field.number).is_some_and(|known| known.presence == Presence::Oneof) {
            // Of a oneof the last member counts.
            fields.retain(|one| def.field(one.number).is_none_or(|known| known.presence != Presence::Oneof));
        }
        fields.push(field);
    }
    fields.sort_by_key(|field| field.number);
    for same in fields.chunk_by(|one, next| one.number == next.number) {
        let [first, .., last] = same else {
            if let [only] = same {
                push_field(out, def.field(only.number), only, depth)?;
            }
            continue;
        };
        match def.field(first.number) {
            Some(known @ FieldDef { presence: Presence::Implicit | Presence::Always | Presence::Optional, .. }) => {
                let Kind::Message(_) = known.kind else {
                    push_field(out, Some(known), last, depth)?;
                    continue;
                };
                // They merge: one after the other they are the message.
                let mut merged = Vec::new();
                for field in same {
                    merged.extend_from_slice(field.bytes()?);
                }
                push_field(out, Some(known), &Field { payload: Payload::Bytes(&merged), ..*first }, depth)?;
            }
            known => same.iter().try_for_each(|field| push_field(out, known, field, depth))?,
        }
    }
    Ok(())
}

/// Whether the fields of a message stand in the order of their numbers, and what is there once at most is not repeated.
fn is_ordered(def: &MessageDef, bytes: &[u8]) -> Result<bool, WireError> {
    let (mut last, mut has_oneof) = (0, false);
    let mut reader = Reader::new(bytes);
    while let Some(field) = reader.next_field()? {
        let presence = def.field(field.number).map(|known| known.presence);
        let is_oneof = presence == Some(Presence::Oneof);
        let may_repeat = matches!(presence, None | Some(Presence::Repeated));
        if field.number < last || field.number == last && !may_repeat || is_oneof && has_oneof {
            return Ok(false);
        }
        (last, has_oneof) = (field.number, has_oneof | is_oneof);
    }
    Ok(true)
}

fn push_field(out: &mut Vec<u8>, known: Option<&FieldDef>, field: &Field<'_>, depth: usize) -> Result<(), WireError> {
    let counts_zero = known.is_none_or(|known| !matches!(known.presence, Presence::Implicit | Presence::Always));
    match (field.payload, known.map(|known| known.kind)) {
        (Payload::Bytes(bytes), Some(Kind::Message(inner))) if depth > 0 => {
            let before = out.len();
            let mark = begin_len(out, field.number, bytes.len());
            let begun = out.len();
            push_ordered(out, inner, bytes, depth - 1)?;
            if counts_zero || out.len() > begun {
                end_len(out, mark);
            } else {
                out.truncate(before);
            }
        }
        (Payload::Bytes(bytes), _) if counts_zero || !bytes.is_empty() => put_len_field(out, field.number, bytes),
        (Payload::Varint(value), _) if counts_zero || value != 0 => put_varint_field(out, field.number, value),
        (Payload::Fixed64(bits), _) if counts_zero || bits != 0 => put_fixed64_field(out, field.number, bits),
        (Payload::Fixed32(bits), _) if counts_zero || bits != 0 => put_fixed32_field(out, field.number, bits),
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottl_otlp::wire::fields::{any_value, key_value, resource};
    use ottl_otlp::wire::{WireType, put_tag};

    fn pair(key: &str, value: i64, is_reversed: bool) -> Vec<u8> {
        let (mut any, mut one, mut other) = (Vec::new(), Vec::new(), Vec::new());
        put_varint_field(&mut any, any_value::INT_VALUE, value as u64);
        put_len_field(&mut one, key_value::KEY, key.as_bytes());
        put_len_field(&mut other, key_value::VALUE, &any);
        if is_reversed { [other, one].concat() } else { [one, other].concat() }
    }

    fn resource(pairs: &[Vec<u8>], dropped: u64) -> Vec<u8> {
        let mut out = Vec::new();
        put_varint_field(&mut out, resource::DROPPED_ATTRIBUTES_COUNT, dropped);
        pairs.iter().for_each(|pair| put_len_field(&mut out, resource::ATTRIBUTES, pair));
        out
    }

    #[test]
    fn messages_that_say_the_same_have_one_key() {
        let key = |bytes: &[u8]| {
            let mut out = Vec::new();
            push_message(&mut out, MessageId::Resource, bytes).expect("sound");
            out
        };
        let (a, b) = (pair("a", 1, false), pair("b", 2, false));
        let plain = key(&resource(&[a.clone(), b.clone()], 0));
        let mut long = Vec::new();
        put_tag(&mut long, resource::DROPPED_ATTRIBUTES_COUNT, WireType::Varint);
        long.extend_from_slice(&[0x80, 0x00]);
        for same in [
            resource(&[pair("a", 1, true), b.clone()], 0),
            [resource(&[a.clone(), b.clone()], 7), resource(&[], 0)].concat(),
            [resource(std::slice::from_ref(&a), 0), long, resource(std::slice::from_ref(&b), 0)].concat(),
        ] {
            assert_eq!(key(&same), plain);
        }
        let stranger = [resource(&[a.clone(), b.clone()], 0), vec![0x78, 0]].concat();
        let others = [resource(&[b.clone(), a.clone()], 0), resource(&[a, b, pair("a", 1, false)], 0), stranger];
        for other in others {
            assert_ne!(key(&other), plain);
        }
    }
}
