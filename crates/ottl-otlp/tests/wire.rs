//! Hostile and odd protobuf bytes: what the reader takes, what it refuses, and where it says the damage is.

use ottl_otlp::Signal;
use ottl_otlp::json::{Style, from_protobuf};
use ottl_otlp::schema::{MAX_DEPTH, validate, validate_within};
use ottl_otlp::wire::{
    Payload, Reader, WireErrorKind, begin_len, begin_wide_len, end_len, end_wide_len, put_fixed32_field,
    put_fixed64_field, put_len_field, put_varint, put_varint_field, read_varint, varint_len, zigzag_decode,
    zigzag_encode,
};

const TEN: [u8; 9] = [0xff; 9];

#[test]
fn varints_are_read_as_the_reference_reads_them() {
    let overlong = [&[0x81][..], &[0x80; 8], &[0x00]].concat();
    let eleven = [&[0x80; 10][..], &[0x00]].concat();
    type Row<'a> = (&'a [u8], Result<(u64, usize), WireErrorKind>);
    let rows: [Row<'_>; 9] = [
        (&[0x00], Ok((0, 1))),
        (&[0x7f, 0xff], Ok((127, 1))),
        (&[0x96, 0x01], Ok((150, 2))),
        (&overlong, Ok((1, 10))),
        (&[&TEN[..], &[0x01]].concat(), Ok((u64::MAX, 10))),
        // Of the tenth byte only one bit fits; the rest is dropped.
        (&[&TEN[..], &[0x7f]].concat(), Ok((u64::MAX, 10))),
        (&eleven, Err(WireErrorKind::VarintTooLong)),
        (&[], Err(WireErrorKind::Truncated)),
        (&[0x80, 0x80], Err(WireErrorKind::Truncated)),
    ];
    for (bytes, expected) in rows {
        assert_eq!(read_varint(bytes, 0).map_err(|error| error.kind), expected, "{bytes:x?}");
    }
}

#[test]
fn damaged_fields_are_refused_where_they_are_damaged() {
    let rows: [(&[u8], WireErrorKind, usize); 14] = [
        (&[0x00], WireErrorKind::BadFieldNumber, 0),
        (&[0x07, 0x01], WireErrorKind::BadFieldNumber, 0),
        // Field number 2^32 is zero after the reference's truncation, 2^31 is negative.
        (&[0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0x00], WireErrorKind::BadFieldNumber, 0),
        (&[0x80, 0x80, 0x80, 0x80, 0x40, 0x00], WireErrorKind::BadFieldNumber, 0),
        (&[0x0e], WireErrorKind::BadWireType, 0),
        (&[0x0f], WireErrorKind::BadWireType, 0),
        (&[0x08, 0x01, 0x0b, 0x0c], WireErrorKind::BadWireType, 2),
        (&[0x0c], WireErrorKind::BadWireType, 0),
        (&[0x08, 0x01, 0x08], WireErrorKind::Truncated, 3),
        (&[0x09, 1, 2, 3, 4, 5, 6, 7], WireErrorKind::Truncated, 1),
        (&[0x0d, 1, 2, 3], WireErrorKind::Truncated, 1),
        (&[0x0a, 0x02, 0x00], WireErrorKind::Truncated, 1),
        // A length of 2^64 - 1 must not wrap around.
        (&[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x00], WireErrorKind::Truncated, 1),
        (&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], WireErrorKind::VarintTooLong, 0),
    ];
    for (bytes, kind, offset) in rows {
        let mut reader = Reader::new(bytes);
        let error = loop {
            match reader.next_field() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("{bytes:x?} was taken"),
                Err(error) => break error,
            }
        };
        assert_eq!((error.kind, error.offset), (kind, offset), "{bytes:x?}");
        assert_eq!(reader.next_field(), Err(error), "the error stays");
    }
}

#[test]
fn what_is_written_is_read_back() {
    let mut out = Vec::new();
    put_varint_field(&mut out, 1, u64::MAX);
    put_fixed64_field(&mut out, 15, 7);
    put_fixed32_field(&mut out, 16, 8);
    put_len_field(&mut out, 1000, b"abc");
    let mut reader = Reader::new(&out);
    let mut fields = Vec::new();
    let mut end = 0;
    while let Some(field) = reader.next_field().expect("own bytes") {
        assert_eq!((field.start, field.end), (end, reader.pos()));
        end = field.end;
        fields.push((field.number, field.payload));
    }
    assert!(reader.is_empty());
    let expected = [
        (1, Payload::Varint(u64::MAX)),
        (15, Payload::Fixed64(7)),
        (16, Payload::Fixed32(8)),
        (1000, Payload::Bytes(b"abc")),
    ];
    assert_eq!(fields, expected);
}

#[test]
fn varint_lengths_and_zigzag() {
    for shift in 0..64 {
        for value in [1u64 << shift, (1 << shift) - 1, u64::MAX >> shift] {
            let mut out = Vec::new();
            put_varint(&mut out, value);
            assert_eq!(out.len(), varint_len(value), "{value}");
            assert_eq!(read_varint(&out, 0), Ok((value, out.len())));
            assert_eq!(zigzag_encode(zigzag_decode(value)), value);
        }
    }
    assert_eq!([zigzag_encode(0), zigzag_encode(-1), zigzag_encode(1), zigzag_encode(i64::MIN)], [0, 1, 2, u64::MAX]);
}

#[test]
fn guessed_lengths_come_out_minimal() {
    for guess in [0usize, 127, 128, 20_000, 3_000_000] {
        for len in [0usize, 1, 127, 128, 16_383, 16_384, 300_000] {
            let content: Vec<u8> = (0..len).map(|index| index as u8).collect();
            let mut out = vec![9];
            let outer = begin_len(&mut out, 2, guess);
            let inner = begin_len(&mut out, 3, guess);
            out.extend_from_slice(&content);
            end_len(&mut out, inner);
            end_len(&mut out, outer);
            let mut nested = Vec::new();
            put_len_field(&mut nested, 3, &content);
            let mut expected = vec![9];
            put_len_field(&mut expected, 2, &nested);
            assert!(out == expected, "guess {guess}, length {len}");
            let mut wide = Vec::new();
            let mark = begin_wide_len(&mut wide, 3);
            wide.extend_from_slice(&content);
            end_wide_len(&mut wide, mark);
            let field = Reader::new(&wide).next_field().expect("own bytes").expect("one field");
            assert!(field.payload == Payload::Bytes(&content) && wide.len() == len + 6, "wide, length {len}");
        }
    }
}

/// A body of so many kvlist values around one string.
fn nest(levels: usize) -> Vec<u8> {
    // Built from the inside out in reverse, so that each level costs its own few bytes only.
    let mut reversed: Vec<u8> = Vec::new();
    let wrap = |reversed: &mut Vec<u8>, tag: u8| {
        let mut head = vec![tag];
        put_varint(&mut head, reversed.len() as u64);
        reversed.extend(head.iter().rev());
    };
    for _ in 0..levels {
        for tag in [0x12, 0x0a, 0x32] {
            wrap(&mut reversed, tag);
        }
    }
    for tag in [0x2a, 0x12, 0x12, 0x0a] {
        wrap(&mut reversed, tag);
    }
    reversed.reverse();
    reversed
}

/// The body is a value inside which there are three messages for each map: the map, its pair, the value.
#[test]
fn values_are_nested_within() {
    for (maps, most, sound) in [(33, 100, true), (34, 100, false), (34, usize::MAX, true), (0, 1, true), (1, 3, false)]
    {
        let found = validate_within(Signal::Logs, &nest(maps), most).map_err(|error| error.kind);
        assert_eq!(found, if sound { Ok(()) } else { Err(WireErrorKind::TooDeep) }, "{maps} within {most}");
    }
}

#[test]
fn deep_nests_are_walked_or_refused_but_never_overflow() {
    let shallow = nest(1000);
    assert_eq!(validate(Signal::Logs, &shallow), Ok(()));
    let mut text = Vec::new();
    from_protobuf(Signal::Logs, &shallow, &mut text, Style::Pretty).expect("1000 levels");
    assert!(text.windows(11).filter(|window| window == b"kvlistValue").count() == 1000);
    let deep = nest(MAX_DEPTH);
    assert_eq!(validate(Signal::Logs, &deep).map_err(|error| error.kind), Err(WireErrorKind::TooDeep));
    text.clear();
    let refused = from_protobuf(Signal::Logs, &deep, &mut text, Style::Compact);
    assert_eq!(refused.map_err(|error| error.kind), Err(WireErrorKind::TooDeep));
    assert!(text.is_empty(), "nothing is left of a refused message");
}

#[test]
fn known_fields_are_checked_down_to_the_leaves() {
    let record = |content: &[u8]| {
        let mut message = content.to_vec();
        for number in [2, 2, 1] {
            let inner = std::mem::take(&mut message);
            put_len_field(&mut message, number, &inner);
        }
        message
    };
    // Three tags and lengths precede the record.
    type Row<'a> = (&'a [u8], Result<(), (WireErrorKind, usize)>);
    let rows: [Row<'_>; 12] = [
        (&[], Ok(())),
        (&[0x09, 1, 2, 3, 4, 5, 6, 7, 8], Ok(())),
        (&[0x08, 1], Err((WireErrorKind::WrongWireType, 6))),
        (&[0x12, 1, 1], Err((WireErrorKind::WrongWireType, 6))),
        (&[0x4a, 0], Ok(())),
        (&[0x4a, 3, 1, 2, 3], Err((WireErrorKind::BadIdLength, 8))),
        (&[0x52, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9], Err((WireErrorKind::BadIdLength, 8))),
        (&[0x2a, 2, 0x10, 0x80], Err((WireErrorKind::Truncated, 9))),
        (&[0x2a, 2, 0x08, 0x01], Err((WireErrorKind::WrongWireType, 8))),
        // Strings need not be UTF-8, enum values need not be known, unknown fields have any type.
        (&[0x1a, 2, 0xff, 0xfe, 0x10, 0x99, 0x01], Ok(())),
        (&[0xa0, 0x06, 1, 0xa5, 0x06, 1, 2, 3, 4], Ok(())),
        (&[0xa6, 0x06], Err((WireErrorKind::BadWireType, 6))),
    ];
    for (content, expected) in rows {
        let message = record(content);
        let found = validate(Signal::Logs, &message).map_err(|error| (error.kind, error.offset));
        assert_eq!(found, expected, "{content:x?}");
        let mut text = Vec::new();
        let written = from_protobuf(Signal::Logs, &message, &mut text, Style::Compact);
        assert_eq!(written.map_err(|error| (error.kind, error.offset)), expected, "{content:x?} to JSON");
    }
}

#[test]
fn packed_lists_are_checked() {
    let point = |content: &[u8]| {
        let mut message = content.to_vec();
        for number in [1, 9, 2, 2, 1] {
            let inner = std::mem::take(&mut message);
            put_len_field(&mut message, number, &inner);
        }
        message
    };
    let rows: [(&[u8], Option<&str>); 5] = [
        (&[0x32, 8, 5, 0, 0, 0, 0, 0, 0, 0], Some(r#"{"bucketCounts":["5"]}"#)),
        (&[0x31, 5, 0, 0, 0, 0, 0, 0, 0], Some(r#"{"bucketCounts":["5"]}"#)),
        (&[0x32, 0], Some("{}")),
        (&[0x32, 7, 5, 0, 0, 0, 0, 0, 0], None),
        (&[0x30, 5], None),
    ];
    for (content, expected) in rows {
        let message = point(content);
        assert_eq!(validate(Signal::Metrics, &message).is_ok(), expected.is_some(), "{content:x?}");
        let mut text = Vec::new();
        let written = from_protobuf(Signal::Metrics, &message, &mut text, Style::Compact);
        let start = text.windows(12).position(|window| window == b"\"dataPoints\"").unwrap_or(0);
        let text = String::from_utf8_lossy(&text[start..]).into_owned();
        match expected {
            Some(expected) => assert!(text.starts_with(&format!("\"dataPoints\":[{expected}]")), "{text}"),
            None => assert!(written.is_err(), "{content:x?}"),
        }
    }
}
