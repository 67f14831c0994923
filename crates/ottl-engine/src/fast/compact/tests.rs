//! Compact records on messages made by hand: what is taken up, and what edits make of it.

use std::sync::LazyLock;

use super::super::node::{Scan, Shape};
use super::*;
use crate::fast::pair::EncodedPair;
use ottl_core::Value;
use ottl_core::edit::{KnownKeys, MapMemory};
use ottl_core::value::encode_key_value;
use ottl_otlp::wire::{Payload, put_fixed32_field, put_fixed64_field, put_len_field, put_varint_field};
use ottl_schema::{ContextId, PointKind};

const LEVEL: ContextId = ContextId::Span;

/// `NumberDataPoint.as_double` and `.as_int`
const DOUBLE: u32 = 4;
const INT: u32 = 6;

fn pair(key: &str, value: &Value<'_>, value_first: bool) -> Vec<u8> {
    let mut pair = Vec::new();
    encode_key_value(&mut pair, key.as_bytes(), value);
    if value_first {
        pair.rotate_left(key.len() + 2);
    }
    pair
}

fn span(pairs: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    put_len_field(&mut out, 5, b"name");
    pairs.iter().for_each(|pair| put_len_field(&mut out, 9, pair));
    put_varint_field(&mut out, 10, 1 << 40);
    put_fixed32_field(&mut out, 16, 1);
    out
}

static KEYS: LazyLock<KnownKeys> = LazyLock::new(|| {
    let mut keys = KnownKeys::default();
    ["a", "long", "b"].iter().for_each(|key| assert!(keys.add(key.as_bytes()).is_some()));
    keys
});

fn named(key: &str) -> NamedKey<'_> {
    NamedKey { key: key.as_bytes(), known: KEYS.number(key.as_bytes()).expect("it has a number") }
}

/// The attributes in order, after the edits.
fn edited<'a>(arena: &'a Arena, message: &'a [u8], edits: impl FnOnce(&mut Compact<'a>)) -> Option<Vec<u8>> {
    let record = Compact::new(arena);
    record.scan(message, &Scan::new(Shape::of(LEVEL, PointKind::Number), 1 << 5 | 1 << 3, true), &KEYS)?;
    edits(record);
    let mut out = Vec::new();
    record.emit(&mut out);
    Some(out)
}

#[test]
fn canonical_messages_are_taken_up() {
    let (arena, text, long) = (Arena::new(), "x".repeat(100), "x".repeat(9000));
    for value_first in [false, true] {
        let values = [Value::Int(1), Value::Str(b""), Value::Str(text.as_bytes()), Value::Str(long.as_bytes())];
        let pairs: Vec<_> = values.iter().map(|value| pair("other", value, value_first)).collect();
        let message = span(&pairs);
        assert_eq!(edited(&arena, &message, |_| {}).as_ref(), Some(&message));
    }
    // A message that ends inside a field, a known key twice, attributes apart, a pair without a value.
    let twice = pair("a", &Value::Nil, false);
    let apart = [span(&[pair("c", &Value::Nil, false)]), span(&[pair("d", &Value::Nil, false)])].concat();
    let whole = span(&[]);
    for message in [&whole[..whole.len() - 1], &span(&[twice.clone(), twice]), &apart, &span(&[b"\x0a\x01c".to_vec()])]
    {
        assert!(edited(&arena, message, |_| {}).is_none(), "{}", message.escape_ascii());
    }
}

#[test]
fn edits_keep_the_order_that_the_reference_keeps() {
    let (arena, long) = (Arena::new(), "x".repeat(200));
    for value_first in [false, true] {
        let new = |key, value| pair(key, &value, value_first);
        let text = Value::Str(long.as_bytes());
        let message = span(&[new("a", Value::Int(1)), new("c", Value::Nil), new("long", text), new("d", Value::Nil)]);
        let written = |key: &str, value: i64| {
            let mut bytes = Vec::new();
            let pair = pair(key, &Value::Int(value), false);
            ottl_otlp::wire::put_varint(&mut bytes, pair.len() as u64);
            bytes.extend(pair);
            bytes
        };
        let (b, long_pair) = (written("b", 2), written("long", 3));
        fn sized(bytes: &[u8]) -> SizedPair<'_> {
            SizedPair::of_bytes(bytes)
        }
        // The last pair moves into the hole; what is new comes last; what is overwritten stays where it is.
        let out = edited(&arena, &message, |record| {
            assert_eq!((record.remove(0), record.remove(0), record.remove(77)), (Some(true), Some(false), None));
            record.put(named("b"), sized(&b)).expect("there is room");
            record.put(named("long"), sized(&long_pair)).expect("there is room");
        });
        let want = [new("d", Value::Nil), new("c", Value::Nil), long_pair[1..].to_vec(), b[1..].to_vec()];
        assert_eq!(out, Some(span(&want)));
        // Of those that stay, each keeps its place, and is found there.
        let out = edited(&arena, &message, |record| {
            assert!(record.retain(&[false, true, true, false]));
            assert!(record.attribute(0) == Some(None) && record.attribute(1).flatten().is_some());
            assert_eq!(record.remove(1), Some(true));
        });
        assert_eq!(out, Some(span(&[new("c", Value::Nil)])));
    }
}

/// A pair that gets another key keeps its place, unless there is one of that key: then it takes that one's.
#[test]
fn renamed_pairs_keep_their_place() {
    let arena = Arena::new();
    let texts = ["", "x", &"x".repeat(116), &"x".repeat(121), &"x".repeat(127), &"x".repeat(300)].map(str::to_owned);
    for (value_first, text) in [false, true].into_iter().flat_map(|first| texts.iter().map(move |text| (first, text))) {
        let new = |key, value| pair(key, &value, value_first);
        let (value, last) = (Value::Str(text.as_bytes()), new("c", Value::Int(2)));
        let message = span(&[new("d", Value::Int(1)), new("a", value), last.clone()]);
        let renamed = |to| span(&[new("d", Value::Int(1)), pair(to, &value, false), last.clone()]);
        assert_eq!(edited(&arena, &message, |record| assert!(record.rename(0, 1).is_some())), Some(renamed("long")));
        let twice = edited(&arena, &message, |record| {
            assert!(record.rename(0, 1).is_some() && record.rename(0, 1).is_none() && record.rename(1, 2).is_some());
            assert_eq!((record.key(1), record.attribute(1)), (Some(&b"b"[..]), Some(None)));
            assert_eq!(record.attribute(2).flatten(), record.any(1));
        });
        assert_eq!(twice, Some(renamed("b")));
        // There is one of that key; then the new one is taken out, and written anew.
        let message = span(&[new("b", Value::Int(1)), new("a", value), last.clone()]);
        let out = edited(&arena, &message, |record| assert!(record.rename(0, 2).is_some()));
        assert_eq!(out, Some(span(&[pair("b", &value, false), last.clone()])));
        let encoded = EncodedPair::new(b"b", &Value::Int(3));
        let out = edited(&arena, &message, |record| {
            assert!(record.rename(0, 2).is_some());
            assert_eq!(record.remove(2), Some(true));
            record.put(named("b"), SizedPair::of_bytes(arena.copy(encoded.sized().bytes()).expect("memory")));
        });
        assert_eq!(out, Some(span(&[last, pair("b", &Value::Int(3), false)])));
    }
}

/// What a copy does not copy byte by byte is left to it, and so is what was written.
#[test]
fn other_values_are_not_renamed() {
    let (arena, encoded) = (Arena::new(), EncodedPair::new(b"a", &Value::Int(3)));
    for any in [&[][..], b"\x18\x80\x00", b"\x0a\x81\x00x", b"\x2a\x00", b"\x3a\x01x"] {
        let mut pair = b"\x0a\x01a".to_vec();
        put_len_field(&mut pair, 2, any);
        let message = span(&[pair]);
        let out = edited(&arena, &message, |record| assert!(record.rename(0, 2).is_none()));
        assert_eq!(out.as_ref(), Some(&message));
    }
    let message = span(&[]);
    edited(&arena, &message, |record| {
        record.put(named("a"), SizedPair::of_bytes(arena.copy(encoded.sized().bytes()).expect("memory")));
        assert!(record.rename(0, 2).is_none() && record.attribute(0).flatten().is_some());
    });
}

#[test]
fn pairs_are_found_by_their_length_and_place() {
    let (arena, text) = (Arena::new(), "x".repeat(60));
    let new = |key, text| pair(key, &Value::Str(text), false);
    let message = span(&[new("a", b"1"), new("other", text.as_bytes()), new("long", b"3"), new("c", b"")]);
    let written = |text: &str| SizedPair::of_scalar(&arena, b"b", &Value::Str(text.as_bytes())).ok().flatten();
    let (long, short) = (written(&text).expect("short"), written("s").expect("short"));
    edited(&arena, &message, |record| {
        assert_eq!(
            [0, 11, 12, 60, 70, 300].map(|bytes| record.pairs_longer(bytes)),
            [0b1111, 0b0110, 0b0110, 0b0010, 0b0010, 0]
        );
        record.put(named("b"), long).expect("there is room");
        assert_eq!([8, 30, 70, 300].map(|bytes| record.pairs_longer(bytes)), [0b11111, 0b10010, 0b00010, 0]);
        record.put(named("b"), short).expect("there is room");
        assert_eq!(record.written_that(|pair| pair.len() < 20), 0b10000);
        assert_eq!(record.written_that(|pair| pair.len() > 20), 0, "it is gone");
        let fields: Vec<_> = record.pairs()[..4].iter().map(|pair| pair.field()).collect();
        for at in 0..message.len() {
            let expected = fields.iter().position(|field| field.contains(&at)).map(|idx| (idx, fields[idx].end));
            assert_eq!(record.pair_around(at), expected, "{at}");
        }
    })
    .expect("it is taken up");
}

/// Writes a field, if the record knows it.
fn set_field<'a>(record: &mut Compact<'a>, number: u32, content: FieldValue<'a>) -> Option<()> {
    *record.write_field(number)? = content;
    Some(())
}

#[test]
fn fields_are_written_in_place_or_behind() {
    let (arena, message) = (Arena::new(), span(&[]));
    let bytes = |text| FieldValue::Present(Payload::Bytes(text));
    let out = edited(&arena, &message, |record| {
        assert_eq!(record.field(5), Some(bytes(b"name")));
        assert!(set_field(record, 5, bytes(b"other")).is_some() && set_field(record, 3, bytes(b"state")).is_some());
        assert_eq!(record.field(3), Some(bytes(b"state")));
        assert_eq!([5, 3].map(|number| record.message(number)), [Some(&b"other"[..]), Some(b"state")]);
        assert!(record.message(9).is_none() && record.message(40).is_none());
        assert!(set_field(record, 3, FieldValue::Present(Payload::Varint(1))).is_some());
        assert_eq!(record.message(3), Some(&[][..]), "it is none");
        assert!(set_field(record, 3, bytes(b"state")).is_some());
        assert!(record.field(9).is_none() && set_field(record, 40, bytes(b"")).is_none());
    });
    let mut want = Vec::new();
    put_len_field(&mut want, 5, b"other");
    want.extend_from_slice(&message[6..]);
    put_len_field(&mut want, 3, b"state");
    assert_eq!(out, Some(want));
}

/// The bytes of messages are those of the fields.
#[test]
fn messages_are_found_by_their_number() {
    let arena = Arena::new();
    for len in [0, 1, 127, 128, 300, 20_000] {
        let text = vec![b'x'; len];
        let mut message = span(&[]);
        assert_eq!(message.drain(..6).count(), 6);
        edited(&arena, arena.copy(&message).expect("memory"), |record| assert_eq!(record.message(5), Some(&[][..])));
        put_len_field(&mut message, 5, &text);
        let message = arena.copy(&message).expect("memory");
        edited(&arena, message, |record| assert_eq!(record.message(5), Some(&text[..]))).expect("it is taken up");
    }
}

/// The value of a point: one field takes the other one out, in the record and in the node that it becomes.
#[test]
fn of_a_oneof_one_field_stays() {
    let arena = Arena::new();
    let scan = Scan::new(Shape::of(ContextId::DataPoint, PointKind::Number), 1 << DOUBLE | 1 << INT, true);
    let fixed = |number: u32, value: u64| {
        let mut field = Vec::new();
        put_fixed64_field(&mut field, number, value);
        field
    };
    let time = fixed(3, 9);
    let (double, int) = (fixed(DOUBLE, 1), fixed(INT, 2));
    let both = [&time[..], &int, &double].concat();
    assert!(Compact::new(&arena).scan(&both, &scan, &KEYS).is_none(), "the last one counts, which a node knows");
    for message in [[&int[..], &time].concat(), [&time[..], &double].concat(), time.clone()] {
        for writes in [&[DOUBLE][..], &[INT], &[DOUBLE, INT], &[INT, DOUBLE], &[INT, INT, DOUBLE]] {
            let record = Compact::new(&arena);
            record.scan(&message, &scan, &KEYS).expect("it is taken up");
            let node = Node::new(MapMemory::default(), usize::MAX, &arena);
            node.load(&message, &scan, PointKind::Number, &KEYS, &arena).expect("it is sound");
            let promoted = Node::new(MapMemory::default(), usize::MAX, &arena);
            promoted.load(&message, &scan, PointKind::Number, &KEYS, &arena).expect("it is sound");
            for (value, number) in (20..).zip(writes) {
                let content = FieldValue::Present(Payload::Fixed64(value));
                set_field(record, *number, content).expect("it is known");
                node.set_field(*number, content);
                for number in [DOUBLE, INT] {
                    assert_eq!(record.field(number), Some(node.field(number)), "{writes:?} {number}");
                }
            }
            record.promote(promoted);
            let mut out = [const { Vec::new() }; 3];
            record.emit(&mut out[0]);
            node.emit(&mut out[1]).expect("it is sound");
            promoted.emit(&mut out[2]).expect("it is sound");
            assert!(out[0] == out[1] && out[1] == out[2], "{writes:?}: {out:?}");
        }
    }
}
