//! OTLP/JSON against the reference's answers, and errors where they are.
//!
//! `vectors/otlp_json.jsonl` holds one case a line: a signal, an input (`json` text or base64 of `protobuf`), and what the
//! reference (collector-contrib v0.161.0, pdata v1.67.0) writes for it as JSON, `null` where it refuses the input.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ottl_otlp::Signal;
use ottl_otlp::json::{JsonErrorKind, Style, from_protobuf, stream_from_protobuf, to_protobuf};
use ottl_otlp::schema::{MAX_DEPTH, validate};
use ottl_otlp::wire::{WireError, WireErrorKind};

fn signal(name: &str) -> Signal {
    Signal::ALL.into_iter().find(|signal| signal.name() == name).expect("a signal")
}

fn compact(signal: Signal, protobuf: &[u8]) -> String {
    let mut text = Vec::new();
    from_protobuf(signal, protobuf, &mut text, Style::Compact).expect("a message");
    String::from_utf8(text).expect("UTF-8")
}

#[test]
fn vectors_of_the_reference_hold() {
    let mut cases = 0;
    for line in include_str!("vectors/otlp_json.jsonl").lines() {
        let case: serde_json::Value = serde_json::from_str(line).expect("a case");
        let signal = signal(case["signal"].as_str().expect("a signal"));
        let mut protobuf = b"kept".to_vec();
        if let Some(input) = case["protobuf"].as_str() {
            protobuf = STANDARD.decode(input).expect("base64");
        } else {
            let input = case["json"].as_str().expect("an input");
            let read = to_protobuf(signal, input.as_bytes(), &mut protobuf);
            assert_eq!(protobuf.drain(..4).as_slice(), b"kept");
            assert_eq!(read.is_ok(), case["output"].is_string(), "{input}: {read:?}");
            if read.is_err() {
                assert!(protobuf.is_empty(), "{input} leaves something behind");
            }
        }
        if let Some(expected) = case["output"].as_str() {
            assert_eq!(validate(signal, &protobuf), Ok(()), "{line}");
            assert_eq!(compact(signal, &protobuf), expected, "{line}");
        }
        cases += 1;
    }
    assert!(cases > 250, "only {cases} cases");
}

#[test]
fn errors_say_what_and_where() {
    let rows: [(&str, JsonErrorKind, usize); 17] = [
        ("", JsonErrorKind::UnexpectedEnd, 0),
        ("{", JsonErrorKind::UnexpectedEnd, 1),
        ("[]", JsonErrorKind::WrongType, 0),
        ("{} x", JsonErrorKind::TrailingData, 3),
        ("{}{}", JsonErrorKind::TrailingData, 2),
        ("{'a':1}", JsonErrorKind::UnexpectedByte, 1),
        ("{\"a\" 1}", JsonErrorKind::UnexpectedByte, 5),
        ("{\"a\":1,}", JsonErrorKind::UnexpectedByte, 7),
        ("{\"a\":1 \"b\":2}", JsonErrorKind::UnexpectedByte, 7),
        ("{\"a\n\":1}", JsonErrorKind::ControlCharacter, 3),
        ("{\"a\\x\":1}", JsonErrorKind::BadEscape, 4),
        ("{\"a\":01}", JsonErrorKind::BadNumber, 5),
        ("{\"resourceLogs\":[{\"schemaUrl\":5}]}", JsonErrorKind::WrongType, 30),
        ("{\"resourceLogs\":[{\"resource\":{\"droppedAttributesCount\":-1}}]}", JsonErrorKind::NumberOutOfRange, 55),
        ("{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"traceId\":\"0g\"}]}]}]}", JsonErrorKind::BadId, 58),
        (
            "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"severityNumber\":\"LOUD\"}]}]}]}",
            JsonErrorKind::UnknownEnumName,
            65,
        ),
        (
            "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"body\":{\"bytesValue\":\"A\"}}]}]}]}",
            JsonErrorKind::BadBase64,
            69,
        ),
    ];
    for (text, kind, offset) in rows {
        let error = to_protobuf(Signal::Logs, text.as_bytes(), &mut Vec::new()).expect_err(text);
        assert_eq!((error.kind, error.offset), (kind, offset), "{text}");
    }
    let text = "{\n  \"größe\": x\n}";
    let error = to_protobuf(Signal::Logs, text.as_bytes(), &mut Vec::new()).expect_err(text);
    assert_eq!(error.line_column(text.as_bytes()), (2, 12));
}

#[test]
fn a_raw_control_character_passes_after_an_escape() {
    // COMPAT: the reference looks for them before the first escape only.
    let text = b"{\"resourceLogs\":[{\"schemaUrl\":\"\\n\x01\"}]}";
    let mut protobuf = Vec::new();
    to_protobuf(Signal::Logs, text, &mut protobuf).expect("the reference takes it");
    let expected = r#"{"resourceLogs":[{"resource":{},"schemaUrl":"\n\u0001"}]}"#;
    assert_eq!(compact(Signal::Logs, &protobuf), expected);
}

#[test]
fn any_cut_of_a_text_is_refused() {
    let text = br#"{"resourceLogs":[{"x":[{"y":"\u00e4"},1.5e3,true],"scopeLogs":[{"logRecords":[{"timeUnixNano":"12",
        "body":{"doubleValue":-1.5e-3},"traceId":"0102030405060708090a0b0c0d0e0f10"},null]}]}]}"#;
    to_protobuf(Signal::Logs, text, &mut Vec::new()).expect("whole");
    for len in 0..text.len() {
        let result = to_protobuf(Signal::Logs, &text[..len], &mut Vec::new());
        assert!(result.is_err(), "cut to {len} bytes");
    }
}

#[test]
fn deep_nests_are_refused_but_never_overflow() {
    let known = |levels: usize| {
        let open = r#"{"kvlistValue":{"values":[{"value":"#.repeat(levels);
        let close = "}]}}".repeat(levels);
        format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"body":{open}{{}}{close}}}]}}]}}]}}"#)
    };
    let unknown = |levels: usize| format!(r#"{{"x":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    // A body stands four levels deep, and each step of the nest adds three.
    let deepest = (MAX_DEPTH - 6) / 3;
    let rows = [
        (known(deepest), true),
        (known(deepest + 1), false),
        (known(MAX_DEPTH * 3), false),
        (unknown(MAX_DEPTH), true),
        (unknown(MAX_DEPTH + 1), false),
        ("[".repeat(1_000_000), false),
        (r#"{"x":["#.to_owned() + &r#"{"a":["#.repeat(1_000_000), false),
    ];
    for (text, taken) in rows {
        let mut protobuf = Vec::new();
        let result = to_protobuf(Signal::Logs, text.as_bytes(), &mut protobuf);
        assert_eq!(result.is_ok(), taken, "{} bytes: {result:?}", text.len());
        if taken {
            assert_eq!(validate(Signal::Logs, &protobuf), Ok(()));
        }
    }
}

#[test]
fn closing_a_deep_nest_costs_no_more_than_its_bytes() {
    // Two thousand levels around two megabytes: moving the content once a level would move four gigabytes.
    let leaf = "x".repeat(2_000_000);
    let open = r#"{"arrayValue":{"values":["#.repeat(2000);
    let close = "]}}".repeat(2000);
    let text = format!(
        r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"body":{open}{{"stringValue":"{leaf}"}}{close}}}]}}]}}]}}"#
    );
    let mut protobuf = Vec::new();
    to_protobuf(Signal::Logs, text.as_bytes(), &mut protobuf).expect("2000 levels");
    assert!(protobuf.len() < 2_000_000 + 2000 * 13, "{} bytes", protobuf.len());
    assert!(compact(Signal::Logs, &protobuf).contains(&leaf));
}

#[test]
fn damage_is_found_in_what_json_leaves_out() {
    // A gauge that a sum overrides; an older string of a list that a second list overrides; scopes in the deprecated field.
    let rows: [(Signal, &[u8]); 3] = [
        (Signal::Metrics, b"\x0a\x09\x12\x07\x12\x05\x2a\x01\xff\x3a\x00"),
        (Signal::Logs, b"\x0a\x0b\x12\x09\x12\x07\x2a\x05\x2a\x01\xff\x2a\x00"),
        (Signal::Logs, b"\x0a\x06\xc2\x3e\x01\xff\x12\x00"),
    ];
    for (signal, message) in rows {
        let damage = validate(signal, message).expect_err("damage");
        let mut text = b"kept".to_vec();
        assert_eq!(from_protobuf(signal, message, &mut text, Style::Compact), Err(damage));
        assert_eq!(text, b"kept");
    }
}

#[test]
fn pieces_make_the_whole() {
    let records = vec![r#"{"body":{"stringValue":"some text"}}"#; 20_000].join(",");
    let long = "x".repeat(1 << 20);
    let text = format!(
        r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{records},{{"severityText":"{long}"}}]}}]}},{{}}]}}"#
    );
    let mut protobuf = Vec::new();
    to_protobuf(Signal::Logs, text.as_bytes(), &mut protobuf).expect("a message");
    for style in [Style::Compact, Style::Pretty] {
        let mut whole = Vec::new();
        from_protobuf(Signal::Logs, &protobuf, &mut whole, style).expect("a message");
        let mut pieces: Vec<Vec<u8>> = Vec::new();
        stream_from_protobuf(Signal::Logs, &protobuf, style, |piece| {
            pieces.push(piece);
            Ok::<(), WireError>(())
        })
        .expect("a message");
        assert!(pieces.concat() == whole, "{style:?}");
        let longest = pieces.iter().map(Vec::len).max();
        assert!(pieces.len() > 2 && longest < Some((1 << 20) + (300 << 10)), "{} pieces, {longest:?}", pieces.len());
        // Who takes the pieces can end it.
        let mut given = 0;
        let ended = stream_from_protobuf(Signal::Logs, &protobuf, style, |_| {
            given += 1;
            Err(WireError { kind: WireErrorKind::Truncated, offset: given })
        });
        assert_eq!(ended, Err(WireError { kind: WireErrorKind::Truncated, offset: 1 }));
    }
}

#[test]
fn pretty_is_compact_with_white_space() {
    let text = br#"{"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{},"logRecords":[{"body":{"arrayValue":{"values":[{"intValue":"1"},{}]}}},{"body":{}}]}]}]}"#;
    let mut protobuf = Vec::new();
    to_protobuf(Signal::Logs, text, &mut protobuf).expect("a message");
    assert_eq!(compact(Signal::Logs, &protobuf).as_bytes(), text);
    let mut pretty = Vec::new();
    from_protobuf(Signal::Logs, &protobuf, &mut pretty, Style::Pretty).expect("a message");
    let expected: serde_json::Value = serde_json::from_slice(text).expect("JSON");
    let found: serde_json::Value = serde_json::from_slice(&pretty).expect("JSON");
    assert_eq!(found, expected);
    // Members are in the schema's order, which is also that of serde_json for this text's first lines.
    let head = "{\n  \"resourceLogs\": [\n    {\n      \"resource\": {},\n      \"scopeLogs\": [\n        {\n          \"scope\": {},";
    assert!(pretty.starts_with(head.as_bytes()), "{}", String::from_utf8_lossy(&pretty));
    assert!(pretty.ends_with(b"\n        }\n      ]\n    }\n  ]\n}"), "{}", String::from_utf8_lossy(&pretty));
}

#[test]
fn profiles_are_transcoded_too() {
    let text = r#"{"resourceProfiles":[{"resource":{},"scopeProfiles":[{"scope":{},"profiles":[{"sampleType":{"typeStrindex":1},"samples":[{"stackIndex":2,"attributeIndices":[1,2],"values":["5","-6"],"timestampsUnixNano":["7"]}],"timeUnixNano":"9","durationNano":"3","periodType":{},"profileId":"0102030405060708090a0b0c0d0e0f10","originalPayload":"AQI="}]}]}],"dictionary":{"locationTable":[{},{"address":"18446744073709551615","lines":[{"functionIndex":1,"line":"-4"}]}],"stringTable":["","cpu"],"attributeTable":[{"keyStrindex":1,"value":{"stringValueStrindex":1}}]}}"#;
    let mut protobuf = Vec::new();
    to_protobuf(Signal::Profiles, text.as_bytes(), &mut protobuf).expect("profiles");
    assert_eq!(validate(Signal::Profiles, &protobuf), Ok(()));
    assert_eq!(compact(Signal::Profiles, &protobuf), text);
}
