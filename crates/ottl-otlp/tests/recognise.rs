//! Which signal a message is of: the samples, small messages, damage.

use std::path::PathBuf;

use ottl_otlp::Signal::{self, Logs, Metrics, Profiles, Traces};
use ottl_otlp::framing::{Format, FrameOptions, FrameReader, detect, signal_of_json};
use ottl_otlp::json::to_protobuf;
use ottl_otlp::schema::{Recognised, recognise, recognise_within};

/// Every choice of signals in question.
fn choices() -> impl Iterator<Item = Vec<Signal>> {
    (0..1 << 4).map(|mask| (0..4).filter(|at| mask >> at & 1 == 1).map(|at| Signal::ALL[at]).collect())
}

fn protobuf(text: &str) -> (Signal, Vec<u8>) {
    let signal = signal_of_json(text.as_bytes()).expect("it names its signal");
    let mut out = Vec::new();
    to_protobuf(signal, text.as_bytes(), &mut out).expect("OTLP/JSON");
    (signal, out)
}

/// All messages of the project's samples with their signals.
fn samples() -> Vec<(String, Signal, Vec<u8>)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/samples");
    let mut out = Vec::new();
    for folder in ["fileexporter", "marshaler", "sdk"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("the samples are there") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            let told = [("logs", Logs), ("traces", Traces), ("metrics", Metrics), ("summary", Metrics)];
            let named = told.into_iter().find(|(part, _)| name.contains(part)).map(|(_, signal)| signal);
            let mut reader = FrameReader::new(FrameOptions::default());
            reader.push(&std::fs::read(&path).expect("it can be read"));
            reader.finish();
            while let Some(message) = reader.next().expect("a sample is whole") {
                let is_json = message.format == Format::Json || detect(message.bytes) == Format::Json;
                let (signal, bytes) = if is_json {
                    protobuf(std::str::from_utf8(message.bytes).expect("text"))
                } else {
                    (named.expect("the name of the file tells"), message.bytes.to_vec())
                };
                out.push((name.clone(), signal, bytes));
            }
        }
    }
    out
}

#[test]
fn samples_are_recognised_whatever_is_wanted() {
    let samples = samples();
    for signal in [Logs, Traces, Metrics] {
        assert!(samples.iter().any(|(_, other, _)| *other == signal), "{}", signal.name());
    }
    for (name, signal, message) in &samples {
        for wanted in choices() {
            assert_eq!(recognise(message, &wanted), Recognised::As(*signal), "{name} for {wanted:?}");
            let early = recognise_within(message, &wanted, 24);
            assert_eq!(early, Recognised::As(*signal), "the beginning of {name} for {wanted:?}");
        }
    }
}

#[test]
fn damage_does_not_hide_what_a_message_is() {
    for (name, signal, message) in samples().iter().filter(|(_, _, message)| message.len() > 2000) {
        for wanted in choices() {
            // The length of the first field of the message, of its resource and so on no longer fits.
            let cut = &message[..message.len() * 3 / 4];
            let told = recognise(cut, &wanted);
            assert!(matches!(told, Recognised::Nothing) || told == Recognised::As(*signal), "{name}: {told:?}");
            let mut hurt = message.clone();
            let at = hurt.len() - 100;
            hurt[at..at + 8].fill(0xff);
            let told = recognise(&hurt, &wanted);
            assert!(matches!(told, Recognised::Nothing) || told == Recognised::As(*signal), "{name}: {told:?}");
        }
    }
}

fn one(signal: Signal, record: &str) -> Vec<u8> {
    let [resources, scopes, records] = match signal {
        Logs => ["resourceLogs", "scopeLogs", "logRecords"],
        Traces => ["resourceSpans", "scopeSpans", "spans"],
        Metrics => ["resourceMetrics", "scopeMetrics", "metrics"],
        Profiles => ["resourceProfiles", "scopeProfiles", "profiles"],
    };
    protobuf(&format!(r#"{{"{resources}":[{{"{scopes}":[{{"{records}":[{record}]}}]}}]}}"#)).1
}

#[test]
fn small_records_are_recognised() {
    let rows = [
        (Logs, r#"{"severityNumber":9}"#),
        (Logs, r#"{"body":{"stringValue":"connection refused"}}"#),
        // 32 bytes: the length is a blank, and the tag in front of it a line break.
        (Logs, r#"{"body":{"stringValue":"connection refused by the other one"}}"#),
        (Logs, r#"{"timeUnixNano":"1"}"#),
        (Logs, r#"{"attributes":[{"key":"a","value":{"intValue":"1"}}]}"#),
        (Logs, r#"{"traceId":"5b8efff798038103d269b633813fc60c"}"#),
        (Logs, r#"{"body":{"stringValue":""},"severityText":"INFO","eventName":"x"}"#),
        (Traces, r#"{"name":"GET /cart"}"#),
        (Traces, r#"{"name":"SELECT *\n  FROM carts"}"#),
        (Traces, r#"{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"x"}"#),
        (Traces, r#"{"startTimeUnixNano":"1544712660000000000","kind":2}"#),
        (Traces, r#"{"attributes":[{"key":"a","value":{"intValue":"1"}}],"name":"x"}"#),
        (Traces, r#"{"events":[{"name":"x"}],"name":"x"}"#),
        (Metrics, r#"{"name":"requests"}"#),
        (Metrics, r#"{"name":"requests","gauge":{"dataPoints":[{"timeUnixNano":"1544712660000000000","asInt":"3"}]}}"#),
        (Metrics, r#"{"name":"requests","unit":"1","sum":{"isMonotonic":true,"dataPoints":[{"asDouble":1.5}]}}"#),
        (Metrics, r#"{"name":"s","summary":{"dataPoints":[{"count":"1","sum":2}]}}"#),
        (Profiles, r#"{"sampleType":{"typeStrindex":1,"unitStrindex":2},"samples":[{"stackIndex":1,"values":["5"]}]}"#),
        (Profiles, r#"{"timeUnixNano":"1544712660000000000","durationNano":"5"}"#),
    ];
    for (signal, record) in rows {
        let message = one(signal, record);
        for wanted in choices() {
            assert_eq!(recognise(&message, &wanted), Recognised::As(signal), "{record} for {wanted:?}");
        }
    }
}

#[test]
fn what_may_be_several_is_what_is_wanted() {
    // The severity's text, a trace state, and a unit are all texts in field 3.
    let text = one(Logs, r#"{"severityText":"INFO"}"#);
    for signal in [Logs, Traces, Metrics] {
        assert_eq!(recognise(&text, &[signal]), Recognised::As(signal));
        assert_eq!(recognise(&text, &[signal, Profiles]), Recognised::As(signal));
    }
    assert_eq!(recognise(&text, &[Logs, Traces]), Recognised::Several);
    assert_eq!(recognise(&text, &[Profiles]), Recognised::As(Traces));
    for wanted in choices() {
        for nothing in ["{}", r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"a"}]}}]}"#] {
            let mut message = Vec::new();
            to_protobuf(Logs, nothing.as_bytes(), &mut message).expect("OTLP/JSON");
            assert_eq!(recognise(&message, &wanted), Recognised::Nothing, "{nothing}");
        }
        assert_eq!(recognise(b"\xff\xff\xff", &wanted), Recognised::Nothing);
    }
    // A trace id of one byte in a log record might be an odd text in a profile.
    let hurt = [0x0a, 7, 0x12, 5, 0x12, 3, 0x4a, 1, 7];
    assert_eq!(recognise(&hurt, &[Logs]), Recognised::As(Logs));
}

#[test]
fn fields_of_a_later_otlp_are_no_reason_to_doubt() {
    // A log record with fields 13 and 14, which are a span's link and a number there.
    let mut message = one(Logs, r#"{"timeUnixNano":"1","body":{"stringValue":"x"}}"#);
    message.extend_from_slice(&[0x6a, 1, b'x', 0x70, 1]);
    for (at, level) in [(1, 5), (3, 5), (5, 5)] {
        message[at] += level;
    }
    for wanted in choices() {
        assert_eq!(recognise(&message, &wanted), Recognised::As(Logs), "{wanted:?}");
    }
}
