//! Values from `AnyValue` messages, which [`ottl_otlp::any`] reads, and to `AnyValue` and `KeyValue` messages.

use ottl_otlp::any::{AnyRef, tags};
use ottl_otlp::wire::fields::{any_value, array_value, key_value as kv, key_value_list};
use ottl_otlp::wire::{
    WireError, WireType, put_fixed64_field, put_len_field, put_tag, put_varint, put_varint_field, varint_len,
};

use smallvec::SmallVec;

use super::{List, Map, Value};

/// Reads an `AnyValue`; nested lists and maps are checked, not copied.
///
/// # Errors
/// Damage anywhere in it, or nesting beyond [`super::MAX_DEPTH`]; the offset counts from the start of `bytes`.
#[inline]
pub fn decode_any(bytes: &[u8]) -> Result<Value<'_>, WireError> {
    // PERF: the common case, a string that fills the message.
    if let [tags::TEXT, len, text @ ..] = bytes
        && *len < 0x80
        && text.len() == *len as usize
    {
        return Ok(Value::Str(text));
    }
    decode_others(bytes)
}

/// The same of one that lies in a checked list or map of this depth: see [`AnyRef::read_inside`].
///
/// # Errors
/// As [`decode_any`]; of what was checked there are none.
#[inline]
pub(crate) fn decode_inside(bytes: &[u8], depth: u16) -> Result<Value<'_>, WireError> {
    if let [tags::TEXT, len, text @ ..] = bytes
        && *len < 0x80
        && text.len() == *len as usize
    {
        return Ok(Value::Str(text));
    }
    decode_others_inside(bytes, depth)
}

/// The same, put to `to`. Whether it was whole.
#[inline]
pub(crate) fn decode_inside_to<'a>(bytes: &'a [u8], depth: u16, to: &mut Value<'a>) -> bool {
    match decode_inside(bytes, depth) {
        Ok(value) => *to = value,
        Err(_) => return false,
    }
    true
}

#[inline(never)]
fn decode_others(bytes: &[u8]) -> Result<Value<'_>, WireError> {
    AnyRef::read(bytes).map(value)
}

#[inline(never)]
fn decode_others_inside(bytes: &[u8], depth: u16) -> Result<Value<'_>, WireError> {
    AnyRef::read_inside(bytes, depth).map(value)
}

#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn value(any: AnyRef<'_>) -> Value<'_> {
    match any {
        AnyRef::Empty => Value::Nil,
        AnyRef::Text(text) => Value::Str(text),
        AnyRef::Bool(value) => Value::Bool(value),
        AnyRef::Int(value) => Value::Int(value),
        AnyRef::Double(value) => Value::Float(value),
        AnyRef::Bytes(bytes) => Value::Bytes(bytes),
        AnyRef::List(list) => Value::List(List::Wire(list.bytes, list.depth)),
        AnyRef::Map(map) => Value::Map(Map::Wire(map.bytes, map.depth)),
    }
}

/// The length of the `AnyValue` message of a value.
///
/// Values that a message cannot hold (times, ids, …) count as nil; [`crate::ops::storable`] refuses them first.
#[inline]
pub fn any_len(value: &Value<'_>) -> usize {
    match value {
        Value::Str(s) | Value::Bytes(s) => 1 + len_len(s.len()),
        Value::Float(_) => 9,
        Value::Int(i) | Value::GoInt(i) => 1 + varint_len(*i as u64),
        Value::Bool(_) => 2,
        Value::Map(_) | Value::List(_) => container_len(value),
        _ => 0,
    }
}

#[inline]
fn len_len(len: usize) -> usize {
    varint_len(len as u64) + len
}

#[inline(never)]
fn container_len(value: &Value<'_>) -> usize {
    1 + len_len(match value {
        Value::Map(Map::Wire(bytes, _)) | Value::List(List::Wire(bytes, _)) => bytes.len(),
        Value::Map(Map::Entries(entries, _)) => {
            entries.iter().map(|e| 1 + len_len(key_value_len(e.key, &e.value))).sum()
        }
        Value::List(List::Values(_, values, _)) => values.iter().map(|v| 1 + len_len(any_len(v))).sum(),
        _ => 0,
    })
}

/// The length of the `KeyValue` message of a pair. As the reference writes it, the value is always there.
#[inline]
fn key_value_len(key: &[u8], value: &Value<'_>) -> usize {
    pair_len(key, any_len(value))
}

#[inline]
fn pair_len(key: &[u8], any_len: usize) -> usize {
    let key = if key.is_empty() { 0 } else { 1 + len_len(key.len()) };
    key + 1 + len_len(any_len)
}

/// Appends the content of the `KeyValue` message of a pair.
pub fn encode_key_value(out: &mut Vec<u8>, key: &[u8], value: &Value<'_>) {
    match value {
        Value::Map(Map::Entries(..)) | Value::List(List::Values(..)) => {
            let mut lens = Lens::new();
            let any = measure(value, &mut lens);
            put_container_pair(out, key, value, (any, &lens));
        }
        _ => put_pair(out, key, value, any_len(value)),
    }
}

/// The same with its length in front.
pub fn encode_sized_pair(out: &mut Vec<u8>, key: &[u8], value: &Value<'_>) {
    match value {
        Value::Map(Map::Entries(..)) | Value::List(List::Values(..)) => {
            let mut lens = Lens::new();
            let any = measure(value, &mut lens);
            put_varint(out, pair_len(key, any) as u64);
            put_container_pair(out, key, value, (any, &lens));
        }
        _ => {
            let any = any_len(value);
            put_varint(out, pair_len(key, any) as u64);
            put_pair(out, key, value, any);
        }
    }
}

/// The same of a value that is an `AnyValue` message.
pub(crate) fn encode_sized_any(out: &mut Vec<u8>, key: &[u8], any: &[u8]) {
    put_varint(out, pair_len(key, any.len()) as u64);
    put_key(out, key);
    put_len_field(out, kv::VALUE, any);
}

/// The lengths of the contents of lists and maps in the arena, outermost first.
type Lens = SmallVec<[usize; 16]>;

/// Appends a pair with a list or map in the arena that was measured.
fn put_container_pair(out: &mut Vec<u8>, key: &[u8], value: &Value<'_>, (any, lens): (usize, &Lens)) {
    out.reserve(pair_len(key, any));
    put_key(out, key);
    put_tag(out, kv::VALUE, WireType::Len);
    put_varint(out, any as u64);
    put_measured(out, value, &mut lens.iter());
}

#[inline]
fn put_key(out: &mut Vec<u8>, key: &[u8]) {
    match key.len() {
        0 => {}
        len @ 1..0x80 => {
            out.extend_from_slice(&[tags::KEY, len as u8]);
            out.extend_from_slice(key);
        }
        _ => put_len_field(out, kv::KEY, key),
    }
}

/// Appends a pair with a value whose message has a known length.
#[inline]
fn put_pair(out: &mut Vec<u8>, key: &[u8], value: &Value<'_>, any: usize) {
    put_key(out, key);
    match value {
        Value::Str(text) if any < 0x80 => {
            out.extend_from_slice(&[tags::VALUE, any as u8, tags::TEXT, text.len() as u8]);
            out.extend_from_slice(text);
        }
        _ => {
            put_tag(out, kv::VALUE, WireType::Len);
            put_varint(out, any as u64);
            encode_any(out, value);
        }
    }
}

/// Appends the content of the `AnyValue` message of a value.
#[inline]
pub fn encode_any(out: &mut Vec<u8>, value: &Value<'_>) {
    match value {
        Value::Str(s) => put_len_field(out, any_value::STRING_VALUE, s),
        Value::Float(f) => put_fixed64_field(out, any_value::DOUBLE_VALUE, f.to_bits()),
        Value::Int(i) | Value::GoInt(i) => put_varint_field(out, any_value::INT_VALUE, *i as u64),
        Value::Bool(b) => put_varint_field(out, any_value::BOOL_VALUE, u64::from(*b)),
        Value::Bytes(b) => put_len_field(out, any_value::BYTES_VALUE, b),
        Value::Map(Map::Wire(bytes, _)) => put_len_field(out, any_value::KVLIST_VALUE, bytes),
        Value::List(List::Wire(bytes, _)) => put_len_field(out, any_value::ARRAY_VALUE, bytes),
        Value::Map(_) | Value::List(_) => encode_container(out, value),
        _ => {}
    }
}

#[inline(never)]
fn encode_container(out: &mut Vec<u8>, value: &Value<'_>) {
    // The length of each container stands before its content. Asking for it at each level would walk what lies deep
    // once for each level above it, so all are computed once, in the order in which they are written.
    let mut lens = Lens::new();
    let len = measure(value, &mut lens);
    out.reserve(len);
    put_measured(out, value, &mut lens.iter());
}

/// The length of a value's message; appends the lengths of the contents of the containers in the arena, outermost
/// first.
fn measure(value: &Value<'_>, lens: &mut Lens) -> usize {
    let at = lens.len();
    let len = match value {
        Value::Map(Map::Entries(entries, _)) => {
            lens.push(0);
            entries.iter().map(|e| 1 + len_len(pair_len(e.key, measure(&e.value, lens)))).sum()
        }
        Value::List(List::Values(_, values, _)) => {
            lens.push(0);
            values.iter().map(|v| 1 + len_len(measure(v, lens))).sum()
        }
        scalar => return any_len(scalar),
    };
    lens[at] = len;
    1 + len_len(len)
}

/// Writes what [`measure`] has measured.
fn put_measured(out: &mut Vec<u8>, value: &Value<'_>, lens: &mut std::slice::Iter<'_, usize>) {
    let next_len = |value: &Value<'_>, lens: &std::slice::Iter<'_, usize>| match (value, lens.as_slice()) {
        (Value::Map(Map::Entries(..)) | Value::List(List::Values(..)), [len, ..]) => 1 + len_len(*len),
        _ => any_len(value),
    };
    match value {
        Value::Map(Map::Entries(entries, _)) => {
            put_tag(out, any_value::KVLIST_VALUE, WireType::Len);
            put_varint(out, lens.next().copied().unwrap_or_default() as u64);
            for e in *entries {
                let any = next_len(&e.value, lens);
                let pair = pair_len(e.key, any);
                if let (1.., 0..0x80) = (e.key.len(), pair) {
                    // PERF (functions): the lengths of short pairs are one byte each.
                    out.extend_from_slice(&[tags::MEMBER, pair as u8, tags::KEY, e.key.len() as u8]);
                    out.extend_from_slice(e.key);
                    out.extend_from_slice(&[tags::VALUE, any as u8]);
                } else {
                    put_tag(out, key_value_list::VALUES, WireType::Len);
                    put_varint(out, pair as u64);
                    put_key(out, e.key);
                    put_tag(out, kv::VALUE, WireType::Len);
                    put_varint(out, any as u64);
                }
                put_element(out, &e.value, any, lens);
            }
        }
        Value::List(List::Values(_, values, _)) => {
            put_tag(out, any_value::ARRAY_VALUE, WireType::Len);
            put_varint(out, lens.next().copied().unwrap_or_default() as u64);
            for v in *values {
                let any = next_len(v, lens);
                put_tag(out, array_value::VALUES, WireType::Len);
                put_varint(out, any as u64);
                put_element(out, v, any, lens);
            }
        }
        scalar => encode_any(out, scalar),
    }
}

/// The same for an element whose message has a known length.
#[inline]
fn put_element(out: &mut Vec<u8>, value: &Value<'_>, any: usize, lens: &mut std::slice::Iter<'_, usize>) {
    match value {
        Value::Str(text) if any < 0x80 => {
            out.extend_from_slice(&[tags::TEXT, text.len() as u8]);
            out.extend_from_slice(text);
        }
        value => put_measured(out, value, lens),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::value::{Entry, ListKind, MAX_DEPTH, key_value};

    fn round_trip(value: &Value<'_>) -> String {
        let mut out = Vec::new();
        encode_any(&mut out, value);
        assert_eq!(out.len(), any_len(value));
        let back = decode_any(&out).expect("what was encoded decodes");
        let mut again = Vec::new();
        encode_any(&mut again, &back);
        assert_eq!(out, again);
        format!("{:?}", back.type_name())
    }

    #[test]
    fn values_survive_the_wire() {
        let long = vec![b'x'; 300];
        let entries = [
            Entry { key: b"a", value: Value::Int(-1) },
            Entry { key: b"", value: Value::Nil },
            Entry { key: b"l", value: Value::Str(&long) },
        ];
        let map = Value::Map(Map::new(&entries).expect("small"));
        let values = [Value::Float(-0.0), Value::Bool(true), map, Value::Bytes(b"\xff")];
        let list = Value::List(List::new(ListKind::Slice, &values).expect("small"));
        for (value, ty) in [(Value::Nil, "Nil"), (map, "Map"), (list, "List"), (Value::Str(b"\xff"), "String")] {
            assert_eq!(round_trip(&value), ty);
        }
    }

    #[test]
    fn pairs_split_as_they_were_put_together() {
        let (short, long) = (vec![b'k'; 127], vec![b'k'; 128]);
        let entries = [Entry { key: b"a", value: Value::Str(&long) }];
        for key in [&b""[..], b"k", &short, &long] {
            for value in [
                Value::Nil,
                Value::Str(b""),
                Value::Str(&short[2..]),
                Value::Str(&short[1..]),
                Value::Bytes(b"x"),
                Value::Float(1.5),
                Value::Int(-1),
                Value::Map(Map::new(&entries).expect("small")),
                Value::List(List::Wire(&[0x0a, 0], 1)),
            ] {
                let (mut message, mut any) = (Vec::new(), Vec::new());
                encode_key_value(&mut message, key, &value);
                encode_any(&mut any, &value);
                assert_eq!((message.len(), any.len()), (key_value_len(key, &value), any_len(&value)));
                let back = key_value(&message).expect("what was encoded splits");
                assert_eq!((back.key, back.value), (key, &any[..]));
            }
        }
    }

    #[test]
    fn containers_in_containers_are_measured_as_they_are_written() {
        let arena = crate::Arena::new();
        let leaves = vec![Value::Str(b"text"); 500];
        let mut value = Value::List(List::new(ListKind::Slice, &leaves).expect("small"));
        for depth in 0..MAX_DEPTH - 1 {
            let around = [Value::Int(1), value, Value::List(List::empty(ListKind::Slice)), Value::Nil];
            value = match depth % 2 {
                0 => Value::List(
                    List::new(ListKind::Slice, arena.copy(&around).expect("no limit")).expect("not too deep"),
                ),
                _ => {
                    let entries = arena.collect(around.map(|value| Entry { key: b"key", value })).expect("no limit");
                    Value::Map(Map::new(entries).expect("not too deep"))
                }
            };
        }
        assert_eq!(round_trip(&value), "List");
    }
}
