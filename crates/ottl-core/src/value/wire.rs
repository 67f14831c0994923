//! `AnyValue` and `KeyValue` messages from and to bytes.
//!
//! Source of the field numbers: opentelemetry-proto, `common/v1/common.proto`.

use ottl_otlp::wire::{
    Reader, WireError, WireType, fields::any_value, fields::array_value, fields::key_value as kv,
    fields::key_value_list, put_fixed64_field, put_len_field, put_tag, put_varint, put_varint_field, varint_len,
};

use super::check::{Container, check};
use super::{List, Map, Value};

/// How many lists and maps may lie inside each other in a value that is read or made. The reference has no bound.
pub const MAX_DEPTH: u32 = 512;

/// A pair of a map as it lies on the wire.
#[derive(Clone, Copy, Debug)]
pub struct RawPair<'a> {
    /// The key, empty when absent.
    pub key: &'a [u8],
    /// The bytes of the `AnyValue`, empty when absent.
    pub value: &'a [u8],
}

/// Splits a `KeyValue` message.
///
/// # Errors
/// Damage of the framing, or a known field with the wrong wire type.
#[inline]
pub fn key_value(bytes: &[u8]) -> Result<RawPair<'_>, WireError> {
    // PERF: nearly every pair is a key and a value with lengths of one byte, or a value and a key if the reference's
    // marshaler wrote it; anything else takes the loop.
    if let [first, first_len, rest @ ..] = bytes
        && *first_len < 0x80
        && let Some((in_front, [second, second_len, behind @ ..])) = rest.split_at_checked(usize::from(*first_len))
        && *second_len < 0x80
        && usize::from(*second_len) == behind.len()
    {
        match (*first, *second) {
            (0x0a, 0x12) => return Ok(RawPair { key: in_front, value: behind }),
            (0x12, 0x0a) => return Ok(RawPair { key: behind, value: in_front }),
            _ => {}
        }
    }
    key_value_general(bytes)
}

fn key_value_general(bytes: &[u8]) -> Result<RawPair<'_>, WireError> {
    let mut reader = Reader::new(bytes);
    let mut pair = RawPair { key: &[], value: &[] };
    while let Some(field) = reader.next_field()? {
        match field.number {
            kv::KEY => pair.key = field.bytes()?,
            // Repeated occurrences of a message field merge, and of the values in a oneof the last one set wins.
            // Of several, the last that sets anything is therefore the whole answer.
            kv::VALUE => {
                let value = field.bytes()?;
                if pair.value.is_empty() || sets_anything(value)? {
                    pair.value = value;
                }
            }
            _ => {}
        }
    }
    Ok(pair)
}

fn sets_anything(any: &[u8]) -> Result<bool, WireError> {
    let mut reader = Reader::new(any);
    while let Some(field) = reader.next_field()? {
        if (any_value::STRING_VALUE..=any_value::BYTES_VALUE).contains(&field.number) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Reads an `AnyValue`; nested lists and maps are checked, not copied.
///
/// # Errors
/// Damage anywhere in it, or nesting beyond [`MAX_DEPTH`]; the offset counts from the start of `bytes`.
#[inline]
pub fn decode_any(bytes: &[u8]) -> Result<Value<'_>, WireError> {
    // PERF: the common case, a string that fills the message.
    if let [0x0a, len, text @ ..] = bytes
        && *len < 0x80
        && text.len() == *len as usize
    {
        return Ok(Value::Str(text));
    }
    decode_scalar(bytes)
}

/// The other scalars as nearly all are written; the rest takes the loop.
#[inline(never)]
fn decode_scalar(bytes: &[u8]) -> Result<Value<'_>, WireError> {
    match bytes {
        [] => Ok(Value::Nil),
        [0x18, number] if *number < 0x80 => Ok(Value::Int(i64::from(*number))),
        [0x18, low, high] if *low >= 0x80 && *high < 0x80 => {
            Ok(Value::Int(i64::from(low & 0x7f) | i64::from(*high) << 7))
        }
        [0x21, a, b, c, d, e, f, g, h] => Ok(Value::Float(f64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]))),
        [0x10, flag] if *flag < 0x80 => Ok(Value::Bool(*flag != 0)),
        _ => decode_general(bytes),
    }
}

fn decode_general(bytes: &[u8]) -> Result<Value<'_>, WireError> {
    let mut reader = Reader::new(bytes);
    let mut value = Value::Nil;
    while let Some(field) = reader.next_field()? {
        value = match field.number {
            any_value::STRING_VALUE => Value::Str(field.bytes()?),
            any_value::BOOL_VALUE => Value::Bool(field.varint()? != 0),
            any_value::INT_VALUE => Value::Int(field.varint()? as i64),
            any_value::DOUBLE_VALUE => Value::Float(f64::from_bits(field.fixed64()?)),
            any_value::ARRAY_VALUE => {
                let list = field.bytes()?;
                let depth = check(list, Container::List).map_err(|e| e.offset_by(field.end - list.len()))?;
                Value::List(List::Wire(list, depth))
            }
            any_value::KVLIST_VALUE => {
                let map = field.bytes()?;
                let depth = check(map, Container::Map).map_err(|e| e.offset_by(field.end - map.len()))?;
                Value::Map(Map::Wire(map, depth))
            }
            any_value::BYTES_VALUE => Value::Bytes(field.bytes()?),
            _ => value,
        };
    }
    Ok(value)
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
    put_pair(out, key, value, any_len(value));
}

/// The same with its length in front. Answers where the `KeyValue` and the `AnyValue` in it start, counted from there.
pub fn encode_sized_pair(out: &mut Vec<u8>, key: &[u8], value: &Value<'_>) -> (usize, usize) {
    let any = any_len(value);
    let len = pair_len(key, any);
    put_varint(out, len as u64);
    put_pair(out, key, value, any);
    let pair_at = varint_len(len as u64);
    (pair_at, pair_at + len - any)
}

/// Appends a pair with a value whose message has a known length.
#[inline]
fn put_pair(out: &mut Vec<u8>, key: &[u8], value: &Value<'_>, any: usize) {
    const KEY_TAG: u8 = (kv::KEY << 3) as u8 | WireType::Len as u8;
    const VALUE_TAG: u8 = (kv::VALUE << 3) as u8 | WireType::Len as u8;
    match key.len() {
        0 => {}
        len @ 1..0x80 => {
            out.extend_from_slice(&[KEY_TAG, len as u8]);
            out.extend_from_slice(key);
        }
        _ => put_len_field(out, kv::KEY, key),
    }
    match value {
        Value::Str(text) if any < 0x80 => {
            const TEXT_TAG: u8 = (any_value::STRING_VALUE << 3) as u8 | WireType::Len as u8;
            out.extend_from_slice(&[VALUE_TAG, any as u8, TEXT_TAG, text.len() as u8]);
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
    let mut lens = Vec::new();
    let len = measure(value, &mut lens);
    out.reserve(len);
    put_measured(out, value, &mut lens.iter());
}

/// The length of a value's message; appends the lengths of the contents of the containers in the arena, outermost
/// first.
fn measure(value: &Value<'_>, lens: &mut Vec<usize>) -> usize {
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
                put_tag(out, key_value_list::VALUES, WireType::Len);
                put_varint(out, pair_len(e.key, any) as u64);
                if !e.key.is_empty() {
                    put_len_field(out, kv::KEY, e.key);
                }
                put_tag(out, kv::VALUE, WireType::Len);
                put_varint(out, any as u64);
                put_measured(out, &e.value, lens);
            }
        }
        Value::List(List::Values(_, values, _)) => {
            put_tag(out, any_value::ARRAY_VALUE, WireType::Len);
            put_varint(out, lens.next().copied().unwrap_or_default() as u64);
            for v in *values {
                let any = next_len(v, lens);
                put_tag(out, array_value::VALUES, WireType::Len);
                put_varint(out, any as u64);
                put_measured(out, v, lens);
            }
        }
        scalar => encode_any(out, scalar),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottl_otlp::wire::WireErrorKind;

    use crate::value::{Entry, ListKind};

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
    fn short_scalars_read_as_the_loop_reads_them() {
        for bytes in [
            &[][..],
            &[0x18, 0x7f],
            &[0x18, 0x80, 0x00],
            &[0x18, 0xff, 0x7f],
            &[0x18, 0x80, 0x80, 0x01],
            &[0x18, 0x80],
            &[0x18],
            &[0x10, 2],
            &[0x10, 0],
            &[0x10, 0x80, 0x01],
            &[0x21, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f],
            &[0x21, 0, 0],
            &[0x18, 1, 0x10],
            &[0x18, 1, 0x10, 1],
        ] {
            let (fast, slow) = (decode_any(bytes), decode_general(bytes));
            assert_eq!(format!("{fast:?}"), format!("{slow:?}"), "{bytes:?}");
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

    #[test]
    fn the_last_value_that_sets_anything_wins() {
        // key "k", value "a", value 7, value {} (sets nothing)
        let pair = [0x0a, 1, b'k', 0x12, 3, 0x0a, 1, b'a', 0x12, 2, 0x18, 7, 0x12, 0];
        let raw = key_value(&pair).expect("well formed");
        assert!(matches!(decode_any(raw.value), Ok(Value::Int(7))));
    }

    #[test]
    fn nesting_is_bounded() {
        let mut any = vec![];
        for _ in 0..10_000 {
            let mut array = Vec::new();
            put_len_field(&mut array, 1, &any);
            any.clear();
            put_len_field(&mut any, any_value::ARRAY_VALUE, &array);
        }
        assert_eq!(decode_any(&any).map_err(|e| e.kind).err(), Some(WireErrorKind::TooDeep));
    }
}
