//! Documents that hold more than the message that is read: other signals, and members that OTLP does not have.

use ottl_otlp::Signal;
use ottl_otlp::json::{self, Notes, UnknownMember};

fn noted(signal: Signal, text: &str) -> Notes {
    let (mut out, mut notes) = (Vec::new(), Notes::default());
    json::read(signal, text.as_bytes(), &mut out, &mut notes).expect(text);
    let mut plain = Vec::new();
    json::to_protobuf(signal, text.as_bytes(), &mut plain).expect(text);
    assert_eq!(out, plain, "notes change nothing");
    notes
}

#[test]
fn all_messages_of_a_document_are_given() {
    let logs = vec![0x0a, 3, 0x1a, 1, b'l'];
    let spans = vec![0x0a, 3, 0x1a, 1, b's'];
    let profiles = vec![0x12, 3, 0x2a, 1, b'p'];
    type Row<'a> = (&'static str, Vec<(Signal, &'a Vec<u8>)>);
    let rows: [Row<'_>; 8] = [
        (r#"{"resourceLogs":[{"schemaUrl":"l"}]}"#, vec![(Signal::Logs, &logs)]),
        (
            r#"{"resourceLogs":[{"schemaUrl":"l"}],"resource_spans":[{"schemaUrl":"s"}]}"#,
            vec![(Signal::Logs, &logs), (Signal::Traces, &spans)],
        ),
        (
            r#"{"resourceSpans":[{"schemaUrl":"s"}],"resourceLogs":[],"resourceLogs":[{"schemaUrl":"l"}]}"#,
            vec![(Signal::Traces, &spans), (Signal::Logs, &logs)],
        ),
        (
            r#"{"resourceSpans":[],"resourceLogs":[{"schemaUrl":"l"}],"resourceMetrics":null}"#,
            vec![(Signal::Logs, &logs)],
        ),
        (
            r#"{"resourceLogs":[{"schemaUrl":"l"}],"dictionary":{"stringTable":["p"]}}"#,
            vec![(Signal::Logs, &logs), (Signal::Profiles, &profiles)],
        ),
        (r#"{"resourceLogs":[{"schemaUrl":"l","resourceSpans":[{"schemaUrl":"s"}]}]}"#, vec![(Signal::Logs, &logs)]),
        (r#"{"level":"info"}"#, vec![]),
        ("{}", vec![]),
    ];
    for (text, expected) in rows {
        let found = json::messages(text.as_bytes()).expect(text);
        let found: Vec<(Signal, &Vec<u8>)> = found.iter().map(|(signal, message)| (*signal, message)).collect();
        assert_eq!(found, expected, "{text}");
    }
    assert!(json::messages(br#"{"resourceLogs":[],"resourceSpans":[{"schemaUrl":5}]}"#).is_err());
    assert!(json::messages(b"{").is_err());
}

#[test]
fn unknown_members_are_counted_by_type_and_name() {
    let text = r#"{"before":1,"resourceSpans":[{"x":0,"schemaUrl":""},{"x":{"x":1}}],"resourceLogs":[{"x":0,"resource":{"x":[]}}],"after":2}"#;
    let names = |notes: &Notes| -> Vec<(String, u64)> {
        let one = |member: &UnknownMember| (String::from_utf8_lossy(&member.name).into_owned(), member.count);
        notes.unknown().iter().map(one).collect()
    };
    let spans = noted(Signal::Traces, text);
    assert_eq!(spans.others(), [Signal::Logs]);
    assert_eq!(names(&spans), [("before".to_owned(), 1), ("x".to_owned(), 2), ("after".to_owned(), 1)]);
    // What is outside of all messages belongs to the first.
    let logs = noted(Signal::Logs, text);
    assert_eq!(names(&logs), [("x".to_owned(), 1), ("x".to_owned(), 1)]);
    assert_eq!(logs.unknown()[1].path(Signal::Logs, text.as_bytes()), "resourceLogs[0].resource.x");

    let many: Vec<String> = (0..100).map(|number| format!(r#""m{number}":0,"{}":0"#, "n".repeat(1000))).collect();
    let notes = noted(Signal::Logs, &format!(r#"{{"resourceLogs":[{{{}}}]}}"#, many.join(",")));
    assert_eq!((notes.unknown().len(), notes.more_unknown()), (Notes::MOST, 100 - 31));
    assert_eq!((notes.unknown()[1].name.len(), notes.unknown()[1].count), (UnknownMember::SHOWN, 100));
}

#[test]
fn names_of_old_versions_have_names_of_today() {
    let rows = [
        (Signal::Traces, r#"{"resourceSpans":[{"instrumentationLibrarySpans":[]}]}"#, Some("scopeSpans")),
        (Signal::Logs, r#"{"resourceLogs":[{"scopeLogs":[{"instrumentationLibrary":{}}]}]}"#, Some("scope")),
        (Signal::Logs, r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"TraceId":""}]}]}]}"#, Some("traceId")),
        (Signal::Logs, r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"name":""}]}]}]}"#, Some("eventName")),
        (Signal::Metrics, r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"intGauge":{}}]}]}]}"#, Some("gauge")),
        (
            Signal::Metrics,
            r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"dataPoints":[{"labels":[]}]}}]}]}]}"#,
            Some("attributes"),
        ),
        (Signal::Logs, r#"{"resourceLogs":[{"labels":{}}]}"#, None),
    ];
    for (signal, text, expected) in rows {
        let notes = noted(signal, text);
        assert_eq!(notes.unknown().len(), 1, "{text}");
        assert_eq!(notes.unknown()[0].name_of_today(), expected, "{text}");
    }
}
