//! Random messages of every signal: protobuf to JSON and back, field orders, and generated types as a second opinion.

use opentelemetry_proto::tonic::logs::v1::LogsData;
use opentelemetry_proto::tonic::metrics::v1::MetricsData;
use opentelemetry_proto::tonic::trace::v1::TracesData;
use ottl_otlp::Signal;
use ottl_otlp::json::{Style, from_protobuf, put_string, to_protobuf};
use ottl_otlp::schema::{FieldDef, Kind, MessageDef, Presence, validate};
use ottl_otlp::wire::{WireError, WireType, put_len_field, put_tag, put_varint, zigzag_encode};
use proptest::prelude::*;
use prost::Message as _;

/// Choices for a random message; zeros when the tape is used up, which ends every list.
struct Tape<'a>(std::slice::Iter<'a, u8>);

impl Tape<'_> {
    fn next(&mut self) -> u8 {
        self.0.next().copied().unwrap_or(0)
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next()).collect()
    }

    fn number(&mut self) -> u64 {
        let width = usize::from(self.next() % 9);
        self.bytes(width).iter().fold(0, |number, &byte| number << 8 | u64::from(byte))
    }
}

/// How a message is laid out. Either way it says the same.
#[derive(Clone, Copy, PartialEq)]
struct Layout {
    /// Fields in the opposite of the schema's order, as the reference's marshaler writes.
    reversed: bool,
    /// Repeated numbers one by one.
    unpacked: bool,
    /// Strings may be any bytes.
    any_bytes: bool,
}

const CANONICAL: Layout = Layout { reversed: false, unpacked: false, any_bytes: false };

/// A message as the transcoder writes it: the schema's order, no zeros, every message that is always there.
fn message(tape: &mut Tape<'_>, def: &MessageDef, depth: usize, layout: Layout) -> Vec<u8> {
    let members: Vec<&FieldDef> = def.fields.iter().filter(|field| field.presence == Presence::Oneof).collect();
    let chosen = match members.len() {
        0 => None,
        count => members.get(usize::from(tape.next()) % (count + 1)).map(|field| field.number),
    };
    let mut parts = Vec::new();
    for field in def.fields {
        let nests = matches!(field.kind, Kind::Message(id) if id.def().name.ends_with("Value") || id.def().name.ends_with("List"));
        let count = match field.presence {
            _ if field.number == 1000 => 0,
            Presence::Oneof => usize::from(chosen == Some(field.number) && !(nests && depth > 12)),
            Presence::Always => 1,
            Presence::Repeated => [0, 1, 1, 2, 3][usize::from(tape.next() % 5)],
            Presence::Implicit | Presence::Optional => usize::from(!tape.next().is_multiple_of(3)),
        };
        let mut part = Vec::new();
        let packed = field.presence == Presence::Repeated && field.kind.packable() && !layout.unpacked;
        let mut content = Vec::new();
        for _ in 0..count {
            match field.kind {
                Kind::Message(id) => {
                    put_len_field(&mut part, field.number, &message(tape, id.def(), depth + 1, layout))
                }
                _ if packed => value(tape, field, &mut content, layout),
                kind => {
                    let start = part.len();
                    put_tag(&mut part, field.number, kind.wire_type());
                    let before = part.len();
                    value(tape, field, &mut part, layout);
                    let zero = part[before..].iter().all(|&byte| byte == 0);
                    if field.presence == Presence::Implicit && zero {
                        part.truncate(start);
                    }
                }
            }
        }
        if !content.is_empty() {
            put_len_field(&mut part, field.number, &content);
        }
        parts.push(part);
    }
    if layout.reversed {
        parts.reverse();
    }
    parts.concat()
}

/// A value without its tag.
fn value(tape: &mut Tape<'_>, field: &FieldDef, out: &mut Vec<u8>, layout: Layout) {
    let number = tape.number();
    match field.kind {
        Kind::Bool => put_varint(out, number & 1),
        Kind::Int32 | Kind::Enum(_) => put_varint(out, i64::from(number as i32) as u64),
        Kind::Sint32 => put_varint(out, zigzag_encode(i64::from(number as i32))),
        Kind::Uint32 => put_varint(out, u64::from(number as u32)),
        Kind::Int64 | Kind::Uint64 => put_varint(out, number),
        Kind::Fixed32 => out.extend_from_slice(&(number as u32).to_le_bytes()),
        Kind::Fixed64 | Kind::Sfixed64 => out.extend_from_slice(&number.to_le_bytes()),
        Kind::Double => {
            let float = match f64::from_bits(number) {
                // JSON has one NaN, and where zero is absent a negative zero is too.
                nan if nan.is_nan() => f64::NAN,
                0.0 => 0.0,
                float if tape.next().is_multiple_of(2) => float,
                _ => number as i32 as f64 / 64.0,
            };
            out.extend_from_slice(&float.to_le_bytes());
        }
        Kind::String | Kind::Bytes => {
            let len = usize::from(tape.next() % 20) * usize::from(tape.next() % 20);
            let mut bytes = tape.bytes(len.min(200));
            if field.kind == Kind::String && !layout.any_bytes {
                bytes = String::from_utf8_lossy(&bytes).into_owned().into_bytes();
            }
            put_varint(out, bytes.len() as u64);
            out.extend_from_slice(&bytes);
        }
        Kind::Id(len) => {
            let id = tape.bytes(usize::from(len));
            if id.iter().all(|&byte| byte == 0) {
                out.push(0);
            } else {
                out.push(len);
                out.extend_from_slice(&id);
            }
        }
        Kind::Message(_) => unreachable!("messages are written by their caller"),
    }
}

fn json(signal: Signal, protobuf: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    from_protobuf(signal, protobuf, &mut text, Style::Compact).expect("own message");
    text
}

/// The text that the general walk writes, without its white space: in the pretty style nothing is written in one go.
fn walked(signal: Signal, protobuf: &[u8]) -> Result<Vec<u8>, WireError> {
    let mut pretty = Vec::new();
    from_protobuf(signal, protobuf, &mut pretty, Style::Pretty)?;
    let (mut in_string, mut escaped) = (false, false);
    pretty.retain(|&byte| {
        let is_kept = in_string || !matches!(byte, b' ' | b'\n');
        in_string ^= byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        is_kept
    });
    Ok(pretty)
}

/// An `AnyValue`, or a `KeyValue` around one, whose fields come as they please.
fn odd(tape: &mut Tape<'_>, is_pair: bool, depth: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let choice = tape.next();
    if is_pair {
        let value = odd(tape, false, depth);
        let key = tape.bytes(usize::from(choice % 5));
        let parts: &[u32] = match choice % 12 {
            0 => &[1, 2, 1],
            1 => &[2, 1, 2],
            2 => &[2],
            3 => &[1, 2, 3],
            4 => &[1, 9, 2],
            5 | 6 => &[2, 1],
            7 => &[1],
            _ => &[1, 2],
        };
        for part in parts {
            match part {
                1 => put_len_field(&mut out, 1, &key),
                2 => put_len_field(&mut out, 2, &value),
                number => {
                    put_tag(&mut out, *number, WireType::Varint);
                    put_varint(&mut out, tape.number());
                }
            }
        }
        return out;
    }
    // One member of the oneof, or several of them.
    for _ in 0..[1, 1, 1, 1, 1, 1, 2, 0][usize::from(choice % 8)] {
        let number = u32::from(tape.next() % 10);
        match number {
            1 | 7 => {
                let text = tape.bytes(usize::from(choice / 8));
                put_len_field(&mut out, number, &text);
            }
            2 | 3 | 8 => {
                put_tag(&mut out, number, WireType::Varint);
                put_varint(&mut out, tape.number());
            }
            4 => {
                put_tag(&mut out, number, WireType::Fixed64);
                out.extend_from_slice(&tape.number().to_le_bytes());
            }
            5 | 6 if depth < 20 => {
                let mut list = Vec::new();
                for _ in 0..tape.next() % 4 {
                    let element = odd(tape, number == 6, depth + 1);
                    match tape.next() {
                        // A length that is longer than it need be.
                        0..4 => {
                            list.extend([0x0a, element.len() as u8 | 0x80, (element.len() >> 7) as u8 | 0x80, 0]);
                            list.extend(element);
                        }
                        4..8 => put_len_field(&mut list, 2, &element),
                        _ => put_len_field(&mut list, 1, &element),
                    }
                }
                put_len_field(&mut out, number, &list);
            }
            _ => put_len_field(&mut out, 9, b"unknown"),
        }
    }
    out
}

fn random(signal: Signal, tape: &[u8], layout: Layout) -> Vec<u8> {
    message(&mut Tape(tape.iter()), signal.message().def(), 0, layout)
}

fn signals() -> impl Strategy<Value = Signal> {
    prop::sample::select(&Signal::ALL[..])
}

fn tapes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..1500)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn canonical_messages_survive_json_byte_for_byte(signal in signals(), tape in tapes(), any_bytes: bool) {
        let protobuf = random(signal, &tape, Layout { any_bytes, ..CANONICAL });
        prop_assert_eq!(validate(signal, &protobuf), Ok(()));
        for style in [Style::Compact, Style::Pretty] {
            let mut text = Vec::new();
            from_protobuf(signal, &protobuf, &mut text, style).expect("own message");
            let mut back = Vec::new();
            to_protobuf(signal, &text, &mut back).expect("own text");
            prop_assert!(back == protobuf, "{}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn field_order_and_packing_make_no_difference(signal in signals(), tape in tapes()) {
        // Both draw from the tape in the same order, and lay out what they drew differently.
        let expected = json(signal, &random(signal, &tape, CANONICAL));
        for (reversed, unpacked) in [(true, false), (false, true), (true, true)] {
            let other = random(signal, &tape, Layout { reversed, unpacked, ..CANONICAL });
            prop_assert!(json(signal, &other) == expected);
        }
    }

    #[test]
    fn values_in_one_go_are_what_the_walk_writes(tape in tapes(), at: prop::sample::Index, flip in 1u8..) {
        let tape = &mut Tape(tape.iter());
        let mut record = Vec::new();
        for _ in 0..5 {
            put_len_field(&mut record, 6, &odd(tape, true, 0));
        }
        put_len_field(&mut record, 5, &odd(tape, false, 0));
        let (mut scope, mut resource, mut message) = (Vec::new(), Vec::new(), Vec::new());
        put_len_field(&mut scope, 2, &record);
        put_len_field(&mut resource, 2, &scope);
        put_len_field(&mut message, 1, &resource);
        prop_assert!(json(Signal::Logs, &message) == walked(Signal::Logs, &message).expect("own message"));
        let at = at.index(message.len());
        message[at] ^= flip;
        let mut text = Vec::new();
        let flipped = from_protobuf(Signal::Logs, &message, &mut text, Style::Compact).map(|()| text);
        prop_assert_eq!(flipped, walked(Signal::Logs, &message));
    }

    #[test]
    fn generated_types_agree(tape in tapes(), reversed: bool) {
        let layout = Layout { reversed, ..CANONICAL };
        for signal in [Signal::Traces, Signal::Metrics, Signal::Logs] {
            let protobuf = random(signal, &tape, layout);
            let expected = json(signal, &protobuf);
            let recoded = match signal {
                Signal::Traces => TracesData::decode(&protobuf[..]).map(|data| data.encode_to_vec()),
                Signal::Metrics => MetricsData::decode(&protobuf[..]).map(|data| data.encode_to_vec()),
                _ => LogsData::decode(&protobuf[..]).map(|data| data.encode_to_vec()),
            };
            prop_assert!(json(signal, &recoded.expect("own message")) == expected, "{}", signal.name());
        }
    }

    #[test]
    fn any_cut_or_flip_is_survived(signal in signals(), tape in tapes(), at: prop::sample::Index, flip in 1u8..) {
        let mut protobuf = random(signal, &tape, CANONICAL);
        if !protobuf.is_empty() {
            let at = at.index(protobuf.len());
            let mut text = Vec::new();
            let cut = from_protobuf(signal, &protobuf[..at], &mut text, Style::Compact);
            prop_assert_eq!(cut.is_ok(), validate(signal, &protobuf[..at]).is_ok());
            protobuf[at] ^= flip;
            text.clear();
            let flipped = from_protobuf(signal, &protobuf, &mut text, Style::Compact);
            prop_assert_eq!(flipped.is_ok(), validate(signal, &protobuf).is_ok());
            prop_assert_eq!(flipped.map(|()| text.clone()), walked(signal, &protobuf));
            if flipped.is_ok() {
                let mut back = Vec::new();
                to_protobuf(signal, &text, &mut back).expect("own text");
                prop_assert!(json(signal, &back) == text);
            }
        }
    }

    #[test]
    fn attributes_read_in_one_go_are_what_their_members_are(tape in tapes(), at: prop::sample::Index, byte: u8) {
        let tape = &mut Tape(tape.iter());
        let mut text = br#"{"resourceLogs":[{"resource":{"attributes":["#.to_vec();
        for index in 0..tape.next() % 8 {
            if index > 0 {
                text.push(b',');
            }
            text.extend(br#"{"key":"#);
            put_string(&mut text, &vec![b'k'; usize::from(tape.next() % 20)]);
            text.extend(br#","value":{"#);
            match tape.next() % 8 {
                0 => text.extend(format!(r#""boolValue":{}"#, tape.next() % 2 == 0).bytes()),
                1 => text.extend(format!(r#""intValue":"{}""#, tape.number() as i64).bytes()),
                2 => text.extend(format!(r#""intValue":"-0{}""#, tape.number() >> 4).bytes()),
                3 => text.extend(format!(r#""intValue":{}"#, tape.number() as i64).bytes()),
                4 => text.extend(format!(r#""doubleValue":{}"#, tape.next()).bytes()),
                5 => {
                    text.extend(br#""stringValue":"#);
                    let len = usize::from(tape.next()) * usize::from(tape.next() % 2 * 99 + 1);
                    put_string(&mut text, &vec![b'v'; len]);
                }
                6 => text.extend(br#""stringValue":"x","stringValue":"y""#),
                _ => {
                    text.extend(br#""stringValue":"#);
                    let len = usize::from(tape.next() % 40);
                    put_string(&mut text, &tape.bytes(len));
                }
            }
            text.extend([&b"}}"[..], b"}}", b"}}", br#"},"key":"again"}"#][usize::from(tape.next() % 4)]);
        }
        text.extend(b"]}}]}");
        for is_damaged in [false, true] {
            if is_damaged {
                let at = at.index(text.len());
                text[at] = byte;
            }
            // A blank where writers have none.
            let slow = text.split(|&byte| byte == b'{').collect::<Vec<_>>().join(&b"{ "[..]);
            let read = |text: &[u8]| {
                let mut out = Vec::new();
                to_protobuf(Signal::Logs, text, &mut out).map(|()| out).map_err(|error| error.kind)
            };
            let (fast, slow) = (read(&text), read(&slow));
            prop_assert!(is_damaged || fast.is_ok());
            prop_assert_eq!(fast.is_ok(), slow.is_ok());
            // Braces in strings have a blank behind them now.
            if fast.as_ref().is_ok_and(|bytes| !bytes.contains(&b'{')) {
                prop_assert_eq!(fast, slow);
            }
        }
    }

    #[test]
    fn any_flip_in_a_text_is_survived(signal in signals(), tape in tapes(), at: prop::sample::Index, byte: u8) {
        let mut text = json(signal, &random(signal, &tape, CANONICAL));
        let at = at.index(text.len());
        text[at] = byte;
        let mut protobuf = Vec::new();
        match to_protobuf(signal, &text, &mut protobuf) {
            Ok(()) => prop_assert_eq!(validate(signal, &protobuf), Ok(())),
            Err(error) => prop_assert!(error.offset <= text.len() && protobuf.is_empty()),
        }
    }
}

#[test]
fn attributes_read_in_one_go_have_lengths_as_wide_as_others() {
    for levels in 0..20 {
        let open = r#"{"kvlistValue":{"values":[{"key":"k","value":"#.repeat(levels);
        let close = "}]}}".repeat(levels);
        let text = format!(
            r#"{{"resourceLogs":[{{"resource":{{"attributes":[{{"key":"k","value":{open}{{"stringValue":"v"}}{close}}}]}}}}]}}"#
        );
        let (mut fast, mut slow) = (Vec::new(), Vec::new());
        to_protobuf(Signal::Logs, text.as_bytes(), &mut fast).expect("a message");
        to_protobuf(Signal::Logs, text.replace('{', "{ ").as_bytes(), &mut slow).expect("a message");
        assert_eq!(fast, slow, "{levels}");
    }
}

#[test]
fn random_messages_reach_every_field() {
    // The properties above say little if their messages are small: of a thousand tapes together nothing may be missing.
    let mut state = 1u64;
    let mut step = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    };
    for signal in Signal::ALL {
        let mut texts = Vec::new();
        for _ in 0..1000 {
            let tape: Vec<u8> = (0..1500).map(|_| step()).collect();
            texts.extend(json(signal, &random(signal, &tape, CANONICAL)));
        }
        let mut reached = std::collections::BTreeSet::from([signal.message()]);
        let mut open = vec![signal.message()];
        while let Some(id) = open.pop() {
            for field in id.def().fields.iter().filter(|field| field.number != 1000) {
                let name = format!("\"{}\":", field.name);
                let found = texts.windows(name.len()).any(|window| window == name.as_bytes());
                assert!(found, "{}: no {}.{}", signal.name(), id.def().name, field.name);
                if let Kind::Message(id) = field.kind
                    && reached.insert(id)
                {
                    open.push(id);
                }
            }
        }
    }
}

#[test]
fn wire_types_are_named_as_numbered() {
    let numbers = [WireType::Varint, WireType::Fixed64, WireType::Len, WireType::Fixed32].map(|kind| kind as u8);
    assert_eq!(numbers, [0, 1, 2, 5]);
}
