//! Keys that say whether two resources or scopes are equal, for `flatten_data`.
//!
//! What counts as equal is part of the meaning, so both engines use these.

use ottl_core::value::encode_any;
use ottl_core::{List, Map, Value};
use ottl_otlp::wire::put_varint;

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
