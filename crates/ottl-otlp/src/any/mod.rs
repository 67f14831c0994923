//! [`AnyRef`]: values of attributes and bodies, read where they lie.
//!
//! INVARIANT: nothing else takes the bytes of an `AnyValue` or `KeyValue` apart field by field. Who needs less than a value has a
//! cheaper question here: [`text`], [`glance`], [`single`], [`key_value`].
//!
//! An encoding is *canonical* if it is what nearly all writers write: one field, lengths and numbers in no more bytes than they
//! need. Everything else is as valid, and is read by walking.

mod check;
mod place;

use crate::wire::fields::{any_value, array_value, key_value as pair, key_value_list};
use crate::wire::{Payload, Reader, WireError, WireType};

use check::{Container, check};
pub use place::{DEEPEST_PLACE, Place};

/// How many lists and maps may lie inside each other in a value that is read. The reference has no bound.
pub const MAX_DEPTH: u32 = 512;

/// Tags of the fields that values and pairs consist of, all of one byte.
pub mod tags {
    use super::{WireType, any_value, array_value, key_value_list, pair};

    /// `AnyValue.string_value`
    pub const TEXT: u8 = tag(any_value::STRING_VALUE, WireType::Len);
    /// `AnyValue.bool_value`
    pub const BOOL: u8 = tag(any_value::BOOL_VALUE, WireType::Varint);
    /// `AnyValue.int_value`
    pub const INT: u8 = tag(any_value::INT_VALUE, WireType::Varint);
    /// `AnyValue.double_value`
    pub const DOUBLE: u8 = tag(any_value::DOUBLE_VALUE, WireType::Fixed64);
    /// `AnyValue.array_value`
    pub const LIST: u8 = tag(any_value::ARRAY_VALUE, WireType::Len);
    /// `AnyValue.kvlist_value`
    pub const MAP: u8 = tag(any_value::KVLIST_VALUE, WireType::Len);
    /// `KeyValue.key`
    pub const KEY: u8 = tag(pair::KEY, WireType::Len);
    /// `KeyValue.value`
    pub const VALUE: u8 = tag(pair::VALUE, WireType::Len);
    /// `ArrayValue.values` and `KeyValueList.values`
    pub const MEMBER: u8 = tag(array_value::VALUES, WireType::Len);

    const _: () = assert!(array_value::VALUES == key_value_list::VALUES, "lists and maps are walked alike");

    const fn tag(number: u32, wire_type: WireType) -> u8 {
        assert!(number < 16, "the tag has one byte");
        (number << 3) as u8 | wire_type as u8
    }
}

/// An `AnyValue`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AnyRef<'a> {
    /// Nothing is set.
    Empty,
    /// `string_value`; bytes that need not be UTF-8.
    Text(&'a [u8]),
    /// `bool_value`
    Bool(bool),
    /// `int_value`
    Int(i64),
    /// `double_value`
    Double(f64),
    /// `bytes_value`
    Bytes(&'a [u8]),
    /// `array_value`; its elements are [`Members`].
    List(Nested<'a>),
    /// `kvlist_value`; its pairs are [`Members`], each for [`key_value`].
    Map(Nested<'a>),
}

/// A list or map inside a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nested<'a> {
    /// The `ArrayValue` or `KeyValueList`.
    pub bytes: &'a [u8],
    /// How many lists and maps lie inside each other, this one included; 0 if that was not looked at, and neither was
    /// whether it is sound.
    pub depth: u16,
}

impl<'a> AnyRef<'a> {
    /// Reads an `AnyValue`; nested lists and maps are checked, not copied.
    ///
    /// ```
    /// use ottl_otlp::any::AnyRef;
    ///
    /// assert_eq!(AnyRef::read(&[0x0a, 2, b'h', b'i']), Ok(AnyRef::Text(b"hi")));
    /// // Of the values in a oneof the last one set wins.
    /// assert_eq!(AnyRef::read(&[0x0a, 2, b'h', b'i', 0x18, 7]), Ok(AnyRef::Int(7)));
    /// ```
    ///
    /// # Errors
    /// Damage anywhere in it, or nesting beyond [`MAX_DEPTH`]; the offset counts from the start of `bytes`.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn read(bytes: &'a [u8]) -> Result<AnyRef<'a>, WireError> {
        match short_scalar(bytes) {
            Some(scalar) => Ok(scalar),
            None => read_general(bytes),
        }
    }
}

/// The content of the field in front, if it has this tag and its length has one byte or two, and what is behind it.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn short_field(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    match bytes {
        [first, len @ ..0x80, rest @ ..] if *first == tag => rest.split_at_checked(usize::from(*len)),
        [first, low @ 0x80..=0xff, high @ ..0x80, rest @ ..] if *first == tag => {
            rest.split_at_checked(usize::from(*low & 0x7f) | usize::from(*high) << 7)
        }
        _ => None,
    }
}

/// Up to this depth, lists and maps count as deep as what is known of them allows: they are far from [`MAX_DEPTH`].
pub const SHALLOW: u16 = 64;

impl<'a> AnyRef<'a> {
    /// Reads an `AnyValue` that lies in a list or map of this depth, which was checked with it, so that nested lists and maps need
    /// not be. Their depth is an upper bound.
    ///
    /// # Errors
    /// As [`AnyRef::read`]; of what was checked there are none.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn read_inside(bytes: &'a [u8], depth: u16) -> Result<AnyRef<'a>, WireError> {
        match short_scalar(bytes) {
            Some(scalar) => Ok(scalar),
            None => read_nested(bytes, depth),
        }
    }
}

#[inline(never)]
fn read_nested(bytes: &[u8], depth: u16) -> Result<AnyRef<'_>, WireError> {
    let tag = bytes.first().copied().unwrap_or_default();
    // A bound that is too high refuses values that may be as deep as they are, so what is really deep is looked at.
    if (2..=SHALLOW).contains(&depth)
        && let Some((bytes, [])) = short_field(tag, bytes)
    {
        match tag {
            tags::LIST => return Ok(AnyRef::List(Nested { bytes, depth: depth - 1 })),
            tags::MAP => return Ok(AnyRef::Map(Nested { bytes, depth: depth - 1 })),
            _ => {}
        }
    }
    read_general(bytes)
}

/// Scalars in canonical encoding: texts with lengths of one byte, integers of one or two.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn short_scalar(bytes: &[u8]) -> Option<AnyRef<'_>> {
    Some(match bytes {
        [tags::TEXT, len, text @ ..] if *len < 0x80 && text.len() == usize::from(*len) => AnyRef::Text(text),
        [] => AnyRef::Empty,
        [tags::INT, number @ ..0x80] => AnyRef::Int(i64::from(*number)),
        [tags::INT, low @ 0x80..=0xff, high @ ..0x80] => AnyRef::Int(i64::from(low & 0x7f) | i64::from(*high) << 7),
        [tags::DOUBLE, a, b, c, d, e, f, g, h] => AnyRef::Double(f64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h])),
        [tags::BOOL, flag @ ..0x80] => AnyRef::Bool(*flag != 0),
        _ => return None,
    })
}

#[inline(never)]
fn read_general(bytes: &[u8]) -> Result<AnyRef<'_>, WireError> {
    let mut reader = Reader::new(bytes);
    let mut value = AnyRef::Empty;
    while let Some(field) = reader.next_field()? {
        value = match field.number {
            any_value::STRING_VALUE => AnyRef::Text(field.bytes()?),
            any_value::BOOL_VALUE => AnyRef::Bool(field.varint()? != 0),
            any_value::INT_VALUE => AnyRef::Int(field.varint()? as i64),
            any_value::DOUBLE_VALUE => AnyRef::Double(f64::from_bits(field.fixed64()?)),
            any_value::BYTES_VALUE => AnyRef::Bytes(field.bytes()?),
            // One that another member takes the place of is checked, too.
            any_value::ARRAY_VALUE | any_value::KVLIST_VALUE => {
                let is_list = field.number == any_value::ARRAY_VALUE;
                let content = field.bytes()?;
                let container = if is_list { Container::List } else { Container::Map };
                let depth = check(content, container).map_err(|e| e.offset_by(field.end - content.len()))?;
                let nested = Nested { bytes: content, depth };
                if is_list { AnyRef::List(nested) } else { AnyRef::Map(nested) }
            }
            _ => value,
        };
    }
    Ok(value)
}

/// The text that an `AnyValue` is, if it is one in canonical encoding of less than 16 384 bytes.
///
/// PERF (benches, json-bodies, filters): left to itself, the compiler inlines it at some places and not at others.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
#[must_use]
pub fn text(any: &[u8]) -> Option<&[u8]> {
    match any {
        [tags::TEXT, len, text @ ..] if *len < 0x80 && usize::from(*len) == text.len() => Some(text),
        [tags::TEXT, low @ 0x80..=0xff, high @ 1..0x80, text @ ..]
            if usize::from(*low & 0x7f) | usize::from(*high) << 7 == text.len() =>
        {
            Some(text)
        }
        _ => None,
    }
}

/// What can be said of an `AnyValue` without a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glance<'a> {
    /// It is a text in canonical encoding.
    Text(&'a [u8]),
    /// It is a number or boolean in canonical encoding, or empty.
    Scalar,
    /// It is anything else: [`AnyRef::read`] tells.
    Unclear,
}

/// Whether an `AnyValue` is a text, as far as a look at its first bytes tells. What is not [`Glance::Unclear`] is sound.
///
/// PERF (benches, redaction, spans): texts and numbers in canonical encoding need no call.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
#[must_use]
pub fn glance(any: &[u8]) -> Glance<'_> {
    match text(any) {
        Some(text) => Glance::Text(text),
        None => match any {
            []
            | [tags::BOOL | tags::INT, ..0x80]
            | [tags::INT, 0x80..=0xff, ..0x80]
            | [tags::DOUBLE, _, _, _, _, _, _, _, _] => Glance::Scalar,
            _ => Glance::Unclear,
        },
    }
}

/// Whether an `AnyValue` is a text, number or boolean in the encoding in which this library writes it: then a copy of the bytes
/// is what decoding and encoding gives.
#[inline]
#[must_use]
pub fn is_canonical_scalar(any: &[u8]) -> bool {
    match any {
        [tags::BOOL, 0 | 1] | [tags::INT, ..0x80] | [tags::INT, 0x80..=0xff, 1..0x80] => true,
        [tags::DOUBLE, rest @ ..] => rest.len() == 8,
        _ => text(any).is_some(),
    }
}

/// A number that an `AnyValue` is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// An integer.
    Int(i64),
    /// A floating-point number.
    Double(f64),
}

/// The number that an `AnyValue` is, if it is a `double` or an integer from 0 to 16 383 and nothing else.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
#[must_use]
pub fn number(any: &[u8]) -> Option<Number> {
    match any {
        [tags::INT, value @ ..0x80] => Some(Number::Int(i64::from(*value))),
        [tags::INT, low @ 0x80..=0xff, high @ ..0x80] => {
            Some(Number::Int(i64::from(low & 0x7f) | i64::from(*high) << 7))
        }
        [tags::DOUBLE, bits @ ..] => bits.try_into().ok().map(|bits| Number::Double(f64::from_le_bytes(bits))),
        _ => None,
    }
}

/// The one value that is set by the one field that there is; of empty bytes [`AnyRef::Empty`]. Lists and maps are not looked
/// into. Nothing where fields repeat, are unknown or are damaged.
#[inline]
#[must_use]
pub fn single(any: &[u8]) -> Option<AnyRef<'_>> {
    let mut reader = Reader::new(any);
    let Some(field) = reader.next_field().ok()? else { return Some(AnyRef::Empty) };
    if !reader.is_empty() {
        return None;
    }
    Some(match (field.number, field.payload) {
        (any_value::STRING_VALUE, Payload::Bytes(text)) => AnyRef::Text(text),
        (any_value::BOOL_VALUE, Payload::Varint(value)) => AnyRef::Bool(value != 0),
        (any_value::INT_VALUE, Payload::Varint(value)) => AnyRef::Int(value as i64),
        (any_value::DOUBLE_VALUE, Payload::Fixed64(bits)) => AnyRef::Double(f64::from_bits(bits)),
        (any_value::BYTES_VALUE, Payload::Bytes(bytes)) => AnyRef::Bytes(bytes),
        (any_value::ARRAY_VALUE, Payload::Bytes(bytes)) => AnyRef::List(Nested { bytes, depth: 0 }),
        (any_value::KVLIST_VALUE, Payload::Bytes(bytes)) => AnyRef::Map(Nested { bytes, depth: 0 }),
        _ => return None,
    })
}

/// The elements of a list or the pairs of a map, in order; damage ends the walk, which what was checked has none of.
#[derive(Clone, Copy, Debug)]
pub struct Members<'a>(&'a [u8]);

impl<'a> Members<'a> {
    /// The members of an `ArrayValue` or `KeyValueList`.
    #[inline]
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Members(bytes)
    }

    /// The next member and what is behind it, if it is short and nothing else stands before it.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn next_short(bytes: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        short_field(tags::MEMBER, bytes)
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = &'a [u8];

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn next(&mut self) -> Option<&'a [u8]> {
        match Members::next_short(self.0) {
            Some((member, rest)) => {
                self.0 = rest;
                Some(member)
            }
            None if self.0.is_empty() => None,
            None => self.next_general(),
        }
    }
}

impl<'a> Members<'a> {
    #[inline(never)]
    fn next_general(&mut self) -> Option<&'a [u8]> {
        while !self.0.is_empty() {
            let field = Reader::new(self.0).next_field().ok()??;
            self.0 = &self.0[field.end..];
            if field.number == array_value::VALUES {
                return field.bytes().ok();
            }
        }
        None
    }
}

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
    // PERF: nearly every pair is short; anything else takes the loop.
    match short_key_value(bytes) {
        Some(pair) => Ok(pair),
        None => key_value_general(bytes),
    }
}

/// The halves of a pair that is a short key and a short value, or a value and a key, as the reference's marshaler writes it.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn short_key_value(bytes: &[u8]) -> Option<RawPair<'_>> {
    let (in_front, rest) = short_field(*bytes.first()?, bytes)?;
    let (behind, []) = short_field(*rest.first()?, rest)? else { return None };
    match (bytes[0], rest[0]) {
        (tags::KEY, tags::VALUE) => Some(RawPair { key: in_front, value: behind }),
        (tags::VALUE, tags::KEY) => Some(RawPair { key: behind, value: in_front }),
        _ => None,
    }
}

/// The `AnyValue` of the first pair with a key among the members of a `KeyValueList`, which has been checked.
///
/// PERF (rules about keys of bodies): a pair that has another key is passed over by its lengths.
#[must_use]
pub fn value_of<'a>(pairs: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let mut members = Members::new(pairs);
    loop {
        while let [tags::MEMBER, len @ ..0x80, tags::KEY, key_len @ ..0x80, rest @ ..] = members.0 {
            let (len, key_len) = (usize::from(*len), usize::from(*key_len));
            let Some([tags::VALUE, value_len]) = rest.get(key_len..key_len + 2) else { break };
            let value = key_len + 2..key_len + 2 + usize::from(*value_len);
            // The pair is a key and a value, and nothing else.
            if value.end + 2 != len {
                break;
            }
            let Some(behind) = rest.get(value.end..) else { break };
            if key_len == key.len() && rest.get(..key_len) == Some(key) {
                return rest.get(value);
            }
            members = Members::new(behind);
        }
        let pair = key_value(members.next()?).ok()?;
        if pair.key == key {
            return Some(pair.value);
        }
    }
}

fn key_value_general(bytes: &[u8]) -> Result<RawPair<'_>, WireError> {
    let mut reader = Reader::new(bytes);
    let mut found = RawPair { key: &[], value: &[] };
    while let Some(field) = reader.next_field()? {
        match field.number {
            pair::KEY => found.key = field.bytes()?,
            // Repeated occurrences of a message field merge, and of the values in a oneof the last one set wins.
            // Of several, the last that sets anything is therefore the whole answer.
            pair::VALUE => {
                let value = field.bytes()?;
                if found.value.is_empty() || sets_anything(value)? {
                    found.value = value;
                }
            }
            _ => {}
        }
    }
    Ok(found)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{WireErrorKind, put_len_field};

    #[test]
    fn short_ways_read_as_the_walk_reads() {
        let long = [&[0x0a, 0x80, 0x01][..], &[b'x'; 128]].concat();
        let padded = [&[0x0a, 0x85, 0x00][..], b"abcde", &[0x40; 2]].concat();
        let odd = [&[0x0a, 0x85, 0x00][..], b"abcde", &[0x7a, 123], &[0; 123]].concat();
        for bytes in [
            &[][..],
            &long,
            &padded,
            // The first byte of its length is that of what follows.
            &odd,
            &[0x0a, 0],
            &[0x0a, 2, b'a'],
            &[0x0a, 0x81, 0x00, b'a'],
            &[0x0a, 1, b'a', 0x18, 1],
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
            &[0x3a, 1, b'b'],
            &[0x40, 1],
            &[0x2a, 2, 0x0a, 0],
            &[0x2a, 1, 0x0a],
            &[0x32, 4, 0x0a, 2, 0x12, 0],
        ] {
            let walked = read_general(bytes);
            assert_eq!(AnyRef::read(bytes), walked, "{bytes:?}");
            let is_text = |found: &[u8]| walked == Ok(AnyRef::Text(found));
            assert!(text(bytes).is_none_or(is_text), "{bytes:?}");
            match glance(bytes) {
                Glance::Text(found) => assert!(is_text(found), "{bytes:?}"),
                Glance::Scalar => {
                    let walked = walked.expect("it is sound");
                    let others = matches!(walked, AnyRef::Text(_) | AnyRef::List(_) | AnyRef::Map(_));
                    assert!(!others, "{bytes:?}: {walked:?}");
                }
                Glance::Unclear => {}
            }
            match (single(bytes), walked) {
                (Some(AnyRef::List(a)), Ok(AnyRef::List(b))) => assert_eq!(a.bytes, b.bytes),
                (Some(AnyRef::Map(a)), Ok(AnyRef::Map(b))) => assert_eq!(a.bytes, b.bytes),
                (Some(AnyRef::List(_) | AnyRef::Map(_)), Err(_)) | (None, _) => {}
                (Some(found), walked) => assert_eq!(Ok(found), walked, "{bytes:?}"),
            }
        }
    }

    #[test]
    fn members_are_walked_in_order() {
        let list = [0x0a, 2, 0x18, 1, 0x10, 7, 0x0a, 0];
        assert_eq!(Members::new(&list).collect::<Vec<_>>(), [&[0x18, 1][..], &[]]);
        assert_eq!(Members::new(&[0x0a, 9]).count(), 0);
    }

    #[test]
    fn the_last_value_that_sets_anything_wins() {
        // key "k", value "a", value 7, value {} (sets nothing)
        let bytes = [0x0a, 1, b'k', 0x12, 3, 0x0a, 1, b'a', 0x12, 2, 0x18, 7, 0x12, 0];
        let raw = key_value(&bytes).expect("well formed");
        assert_eq!(AnyRef::read(raw.value), Ok(AnyRef::Int(7)));
    }

    #[test]
    fn nesting_is_bounded() {
        let mut any = vec![];
        for _ in 0..10_000 {
            let mut array = Vec::new();
            put_len_field(&mut array, array_value::VALUES, &any);
            any.clear();
            put_len_field(&mut any, any_value::ARRAY_VALUE, &array);
        }
        assert_eq!(AnyRef::read(&any).map_err(|e| e.kind), Err(WireErrorKind::TooDeep));
    }

    #[test]
    fn a_key_is_found_in_pairs_of_any_form() {
        let long = "v".repeat(200);
        let pair = |key: &[u8], value: &[u8]| {
            [&[tags::KEY, key.len() as u8], key, &[tags::VALUE, value.len() as u8], value].concat()
        };
        let text = |text: &str| [&[0x0a, text.len() as u8], text.as_bytes()].concat();
        let value_first = |key: &[u8], value: &[u8]| {
            [&[tags::VALUE, value.len() as u8], value, &[tags::KEY, key.len() as u8], key].concat()
        };
        let mut long_text = vec![0x0a, 0xc8, 1];
        long_text.extend(long.bytes());
        let mut long_pair = vec![tags::KEY, 4];
        long_pair.extend(b"long");
        put_len_field(&mut long_pair, 2, &long_text);
        let pairs: Vec<(&str, Vec<u8>, Vec<u8>)> = vec![
            ("a", pair(b"a", &text("1")), text("1")),
            ("back", value_first(b"back", &text("2")), text("2")),
            ("long", long_pair, long_text),
            // The last key counts.
            ("c", [pair(b"b", &text("3")), vec![tags::KEY, 1, b'c']].concat(), text("3")),
            ("", vec![tags::VALUE, 3, 0x0a, 1, b'4'], text("4")),
            ("nil", vec![tags::KEY, 3, b'n', b'i', b'l'], vec![]),
            ("other", [pair(b"other", &text("5")), vec![0x18, 7]].concat(), text("5")),
            ("a", pair(b"a", &text("6")), text("6")),
        ];
        for from in 0..pairs.len() {
            let mut map = Vec::new();
            pairs[from..].iter().for_each(|(_, pair, _)| put_len_field(&mut map, 1, pair));
            for key in ["a", "b", "c", "back", "long", "", "nil", "other", "lon", "d"] {
                let expected = pairs[from..].iter().find(|(name, ..)| *name == key).map(|(.., value)| &value[..]);
                assert_eq!(value_of(&map, key.as_bytes()), expected, "{key} from {from}");
            }
        }
        assert_eq!(value_of(&[tags::MEMBER, 9, tags::KEY, 1, b'a'], b"a"), None);
    }
}
