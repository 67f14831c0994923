//! Snapshots and patches: what they say of records, whatever those hold.

use ottl::testing::{DataFile, Judging, Message, Snapshots, Suite, Verdict};
use ottl::{Compiler, Diagnostics};

use super::{rules_of, with_snapshots};

/// What a snapshot says is read back as what it was taken of, whatever values there are.
#[test]
fn snapshots_say_all_that_came_out() {
    let text = r#"
rules: {log_statements: ['set(log.attributes["seen"], true)']}
cases:
  - name: "odd: names # and values"
    input:
      - logs:
          - body: {a: [1, 2.0, null, {}, []], "b c": "x\ny\u0085", stringValue: x, n: .nan, i: -.inf, big: 18446744073709551615.0}
            attributes: [{key: k, value: {intValue: 1}}, {key: k, value: {intValue: 2}}]
            time_unix_nano: 18446744073709551615
            trace_id: "0102030405060708090a0b0c0d0e0f10"
            severity_number: SEVERITY_NUMBER_ERROR
          - body: {bytesValue: "AAE="}
            resource: {attributes: {service.name: a}, dropped_attributes_count: 2}
            resource_schema_url: r
            scope: {name: s}
            scope_schema_url: t
          - body: {kvlistValue: {values: [{key: stringValue, value: {stringValue: x}}]}}
      - spans: [{name: x, kind: SPAN_KIND_SERVER, status: {code: STATUS_CODE_ERROR}, events: [{name: e, attributes: {a: 1}}]}]
      - metrics: [{name: m, histogram: {data_points: [{count: 3, bucket_counts: [1, 2], explicit_bounds: [0.5]}]}}]
    expect: snapshot
"#;
    let verdict = with_snapshots(text, &Snapshots::default(), true).expect("sound").remove(0);
    assert!(verdict.passes(), "{verdict:?}");
    let taken = [("odd: names # and values", verdict.snapshot.as_ref())];
    let written = Snapshots::default().updated(taken).text.expect("there is one");
    let stored = Snapshots::read("a.snap", &written).unwrap_or_else(|found| panic!("{written}\n{found}"));
    let verdict = with_snapshots(text, &stored, false).unwrap_or_else(|found| panic!("{written}\n{found}")).remove(0);
    assert!(verdict.passes(), "{written}\n{:?}", verdict.findings);
    for part in [
        "severity_number: \"SEVERITY_NUMBER_ERROR\"",
        "time_unix_nano: 18446744073709551615",
        "n: .nan",
        "\"b c\": \"x\\ny\\u0085\"",
    ] {
        assert!(written.contains(part), "{part}: {written}");
    }
    // What is not as it was is found.
    let other = Snapshots::read("a.snap", &written.replace("seen: true", "seen: false")).expect("sound");
    assert!(!with_snapshots(text, &other, false).expect("sound").remove(0).passes());
}

/// Records with these bodies, as OTLP/JSON holds them.
fn hostile() -> Vec<(&'static str, String)> {
    let nest = |count: usize, open: &str, close: &str| {
        let inner = r#"{"stringValue":"deep"}"#;
        format!("{}{inner}{}", open.repeat(count), close.repeat(count))
    };
    let text = |c: &str| format!(r#"{{"stringValue":"a{c}b"}}"#);
    let map = (r#"{"kvlistValue":{"values":[{"key":"k","value":"#, "}]}}");
    let list = (r#"{"arrayValue":{"values":["#, "]}}");
    let key = |key: &str| format!(r#"{{"kvlistValue":{{"values":[{{"key":"{key}","value":{{"intValue":"1"}}}}]}}}}"#);
    vec![
        ("delete", text("\u{7f}")),
        ("c1", text("\u{80}\u{85}\u{9f}")),
        ("no characters", text("\u{fffe}\u{ffff}\u{feff}\u{1fffe}")),
        ("lines", text("\u{2028}\\r\\n\\t\\u0001")),
        ("maps", nest(40, map.0, map.1)),
        ("lists", nest(50, list.0, list.1)),
        ("long key", key(&"k".repeat(3000))),
        ("long key in quotes", key(&"k \u{fffe}".repeat(300))),
        ("key that is a word", key("true")),
        ("key that is nothing", key("null")),
        ("empty", "{}".to_owned()),
        ("bytes", r#"{"bytesValue":"AAE="}"#.to_owned()),
        ("float", r#"{"doubleValue":1.0000000000000002e-300}"#.to_owned()),
        ("whole float", r#"{"doubleValue":-0}"#.to_owned()),
        ("no number", r#"{"doubleValue":"NaN"}"#.to_owned()),
        ("int", r#"{"intValue":"-9223372036854775808"}"#.to_owned()),
    ]
}

/// The cases of these files: each with records that YAML cannot hold as they are, read from a file.
fn with_records(
    rules: &str,
    expect: &str,
    body: &str,
    snapshots: &Snapshots,
    update: bool,
) -> Result<Verdict, Diagnostics> {
    let text =
        format!("rules: {{log_statements: [{rules}]}}\ncases: [{{name: a, input: data.json, expect: {expect}}}]\n");
    let json = format!(
        r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"severityText":"a","body":{body},"attributes":[{{"key":"keep","value":{body}}}]}}]}}]}}]}}"#
    );
    let suite = Suite::read("a.test.yaml", &text)?;
    let compiler = Compiler::new();
    let read = |_: &DataFile| -> Result<Vec<Message>, String> {
        let mut bytes = Vec::new();
        ottl::otlp::json::to_protobuf(ottl::Signal::Logs, json.as_bytes(), &mut bytes)
            .map_err(|error| error.to_string())?;
        for at in 0..bytes.len().saturating_sub(7) {
            if bytes[at..].starts_with(b"NO-UTF8") {
                bytes[at] = 0xff;
            }
        }
        Ok(vec![Message { signal: ottl::Signal::Logs, bytes }])
    };
    let case = &suite.cases()[0];
    let rules = &rules_of(&suite, case, &compiler)?;
    suite.judge(case, &Judging { compiler: &compiler, rules, read: &read, snapshots, update })
}

/// What a patch does not name stays, and what rules did to it is found, whatever characters and depths a record has.
#[test]
fn patches_are_of_the_whole_record() {
    let patch = "{patch: {logs: {0: {severity_text: b}}}}";
    let set = "'set(log.severity_text, \"b\")'";
    for (name, body) in hostile() {
        let judged = |rules: &str, expect: &str| {
            with_records(rules, expect, &body, &Snapshots::default(), false)
                .unwrap_or_else(|found| panic!("{name}: {found}"))
        };
        let verdict = judged(set, patch);
        assert!(verdict.passes(), "{name}: {verdict:?}");
        let lossy = format!("{set}, 'keep_keys(log.attributes, [\"none\"])', 'set(log.body, \"\")'");
        let verdict = judged(&lossy, "{patch: {logs: {0: {severity_text: b, body: \"\"}}}}");
        assert!(!verdict.passes(), "{name}: the attribute is gone");
    }
    // So is a text that is not UTF-8: no file of cases can say it.
    for expect in [patch, "snapshot"] {
        let found = with_records(set, expect, "{\"stringValue\":\"NO-UTF8\"}", &Snapshots::default(), true);
        let found = found.expect_err("it cannot be said").to_string();
        assert!(found.contains("not UTF-8"), "{found}");
    }
    // What lies deeper than a case can say is an error, and no other record.
    let deep = format!("{}{{}}{}", r#"{"arrayValue":{"values":["#.repeat(300), "]}}".repeat(300));
    let found = with_records(set, patch, &deep, &Snapshots::default(), false).expect_err("too deep");
    assert!(found.to_string().contains("too deep"), "{found}");
}

/// What was written is read again as what it was.
#[test]
fn snapshots_hold_all_that_telemetry_may_be() {
    let none = Snapshots::default();
    for (name, body) in hostile() {
        let taken = with_records("'set(log.severity_text, \"b\")'", "snapshot", &body, &none, true);
        let taken = taken.unwrap_or_else(|found| panic!("{name}: {found}")).snapshot.expect("what came out");
        let text = none.updated([("a", Some(&taken))]).text.expect("a file");
        let read = Snapshots::read("a.snap", &text).unwrap_or_else(|found| panic!("{name}: {found}\n{text}"));
        let verdict = with_records("'set(log.severity_text, \"b\")'", "snapshot", &body, &read, false);
        let verdict = verdict.unwrap_or_else(|found| panic!("{name}: {found}"));
        assert!(verdict.passes(), "{name}: {verdict:?}");
        let verdict = with_records("'set(log.body, 1)'", "snapshot", &body, &read, false);
        assert!(!verdict.expect("it runs").passes(), "{name}");
    }
}
