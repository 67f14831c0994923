//! Faults of OTLP/JSON are told with the member, what belongs there and what stands there, and never with a value.

use ottl_otlp::Signal;
use ottl_otlp::json::to_protobuf;

fn fault(signal: Signal, text: &str) -> String {
    let mut out = Vec::new();
    let error = to_protobuf(signal, text.as_bytes(), &mut out).expect_err(text);
    assert!(out.is_empty(), "{text}");
    let fault = error.explain(signal, text.as_bytes());
    assert_eq!((fault.line, fault.column), error.line_column(text.as_bytes()));
    fault.to_string()
}

/// A log record with these members.
fn record(members: &str) -> String {
    format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{}},{{"logRecords":[{{}},{{{members}}}]}}]}}]}}"#)
}

const RECORD: &str = "resourceLogs[0].scopeLogs[1].logRecords[1]";

#[test]
fn values_of_the_wrong_kind_name_their_member() {
    // Members of a log record, the path below it, what is wanted and what is found.
    let rows = [
        (r#""attributes":{"k":"v"}"#, ".attributes", r#"a list of {"key", "value"}"#, "an object"),
        (r#""attributes":[null, "k"]"#, ".attributes[1]", r#"an object {"key", "value"}"#, "a string"),
        (
            r#""attributes":[{"key":"k","value":"v"}]"#,
            ".attributes[0].value",
            r#"an object such as {"stringValue": "..."}"#,
            "a string",
        ),
        (
            r#""attributes":[{"value":{"intValue":1.5}}]"#,
            ".attributes[0].value.intValue",
            "an integer of 64 bits",
            "a number with a fraction",
        ),
        (r#""body":"hello""#, ".body", r#"an object such as {"stringValue": "..."}"#, "a string"),
        (r#""body":{"stringValue":5}"#, ".body.stringValue", "a string", "a number"),
        (r#""body":{"boolValue":"true"}"#, ".body.boolValue", "true or false", "a string"),
        (r#""body":{"intValue":1e3}"#, ".body.intValue", "an integer of 64 bits", "a number with an exponent"),
        (r#""body":{"intValue":"ten"}"#, ".body.intValue", "an integer of 64 bits", "a string that is no number"),
        (r#""body":{"intValue":""}"#, ".body.intValue", "an integer of 64 bits", "an empty string"),
        (
            r#""body":{"intValue":"1.0"}"#,
            ".body.intValue",
            "an integer of 64 bits",
            "a string of a number with a fraction or an exponent",
        ),
        (
            r#""body":{"intValue":9223372036854775808}"#,
            ".body.intValue",
            "an integer of 64 bits",
            "a number out of range",
        ),
        (r#""body":{"doubleValue":"x"}"#, ".body.doubleValue", "a number", "a string that is no number"),
        (r#""body":{"doubleValue":1e999}"#, ".body.doubleValue", "a number", "a number out of range"),
        (r#""body":{"doubleValue":null}"#, ".body.doubleValue", "a number", "null"),
        (r#""body":{"doubleValue":01}"#, ".body.doubleValue", "a number", "a malformed number"),
        (
            r#""body":{"bytesValue":"YQ"}"#,
            ".body.bytesValue",
            "a string of padded base64",
            "base64 without padding, or cut off",
        ),
        (r#""body":{"bytesValue":"_-=="}"#, ".body.bytesValue", "a string of padded base64", "base64 of URLs"),
        (r#""body":{"bytesValue":"?"}"#, ".body.bytesValue", "a string of padded base64", "a string that is no base64"),
        (r#""body":{"bytesValue":[1]}"#, ".body.bytesValue", "a string of padded base64", "a list"),
        (r#""body":{"arrayValue":[]}"#, ".body.arrayValue", "an object", "a list"),
        (
            r#""body":{"arrayValue":{"values":["a"]}}"#,
            ".body.arrayValue.values[0]",
            r#"an object such as {"stringValue": "..."}"#,
            "a string",
        ),
        (
            r#""timeUnixNano":"2026-11-28T06:00:00Z""#,
            ".timeUnixNano",
            "an integer of nanoseconds since 1970",
            "a time as RFC 3339 writes it, it seems",
        ),
        (
            r#""timeUnixNano":1.7e18"#,
            ".timeUnixNano",
            "an integer of nanoseconds since 1970",
            "a number with an exponent",
        ),
        (
            r#""time_unix_nano":-1"#,
            ".time_unix_nano",
            "an integer of nanoseconds since 1970",
            "a negative number or one too small",
        ),
        (
            r#""severityNumber":"INFO""#,
            ".severityNumber",
            "a number or a name such as SEVERITY_NUMBER_TRACE",
            "another name",
        ),
        (
            r#""severityNumber":true"#,
            ".severityNumber",
            "a number or a name such as SEVERITY_NUMBER_TRACE",
            "a boolean",
        ),
        (r#""flags":4294967296"#, ".flags", "an integer from 0 to 4294967295", "a number out of range"),
        (r#""traceId":"abc""#, ".traceId", "a string of 32 hex digits", "a string of 3 bytes"),
        (
            r#""traceId":"zz02030405060708090a0b0c0d0e0f10""#,
            ".traceId",
            "a string of 32 hex digits",
            "a string with other characters",
        ),
        (
            r#""traceId":"AQIDBAUGBwgJCgsMDQ4PEA==""#,
            ".traceId",
            "a string of 32 hex digits",
            "base64, it seems, as protobuf's own JSON has it",
        ),
        (
            r#""traceId":"01020304-0506-0708-090a-0b0c0d0e0f10""#,
            ".traceId",
            "a string of 32 hex digits",
            "a UUID with dashes, it seems",
        ),
        (r#""spanId":7"#, ".spanId", "a string of 16 hex digits", "a number"),
        (r#""unknown":{"a":[1,{"b":tru}]}"#, ".unknown.a[1].b", "a value", "a word without quotes"),
        (r#""severityText":'x'"#, ".severityText", "a string", "a single quote"),
        (r#""severityText":}"#, ".severityText", "a string", "`}`"),
    ];
    for (members, path, wanted, found) in rows {
        let expected = format!("{RECORD}{path}: {wanted} is wanted, this is {found}");
        assert_eq!(fault(Signal::Logs, &record(members)), expected, "{members}");
    }
    let rows = [
        (
            Signal::Metrics,
            r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[{"explicitBounds":{},"x":1}]}}]}]}]}"#,
            "resourceMetrics[0].scopeMetrics[0].metrics[0].histogram.dataPoints[0].explicitBounds: a list of numbers is wanted, this is an object",
        ),
        (
            Signal::Metrics,
            r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[{"bucketCounts":["1",2.5]}]}}]}]}]}"#,
            "resourceMetrics[0].scopeMetrics[0].metrics[0].histogram.dataPoints[0].bucketCounts[1]: an integer of 64 bits from 0 is wanted, this is a number with a fraction",
        ),
        (
            Signal::Traces,
            r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"server"}]}]}]}"#,
            "resourceSpans[0].scopeSpans[0].spans[0].kind: a number or a name such as SPAN_KIND_INTERNAL is wanted, this is another name",
        ),
        (Signal::Logs, r#"{"resourceLogs":{}}"#, "resourceLogs: a list of objects is wanted, this is an object"),
    ];
    for (signal, text, expected) in rows {
        assert_eq!(fault(signal, text), expected);
    }
}

#[test]
fn damaged_texts_name_what_is_around() {
    let rows = [
        ("", r#"a message such as {"resourceLogs": [...]} is wanted, this is the end of the text"#),
        (
            "[{}]",
            r#"a message such as {"resourceLogs": [...]} is wanted, this is a list: `jq -c '.[]'` makes a message of each of its elements"#,
        ),
        ("7", r#"a message such as {"resourceLogs": [...]} is wanted, this is a number"#),
        ("{} x", "nothing more is wanted, this is a word without quotes"),
        ("{'a':1}", "the name of a member in quotes, or `}`, is wanted, this is a single quote"),
        ("{a:1}", "the name of a member in quotes, or `}`, is wanted, this is a word without quotes"),
        (r#"{"a":1,"resour"#, "the name of a member in quotes is wanted, this is a string that does not end"),
        (r#"{"a" 1}"#, "a: a colon is wanted, this is a number"),
        (r#"{"a":1,}"#, "the name of a member in quotes is wanted, this is `}`"),
        (r#"{"a":1 "b":2}"#, "a comma or `}` is wanted, this is a string"),
        (r#"{"a":1 // note"#, "a comma or `}` is wanted, this is a comment, which JSON does not have"),
        (
            r#"{"resourceLogs":[{"schemaUrl":"x"}"#,
            "resourceLogs: a comma or `]` is wanted, this is the end of the text",
        ),
        (
            r#"{"resourceLogs":[{"schemaUrl":"x""#,
            "resourceLogs[0]: a comma or `}` is wanted, this is the end of the text",
        ),
        (
            r#"{"resourceLogs":[{"schemaUrl":"x"#,
            "resourceLogs[0].schemaUrl: a string is wanted, this is a string that does not end",
        ),
        (
            r#"{"resourceLogs":[{"schemaUrl":"#,
            "resourceLogs[0].schemaUrl: a string is wanted, this is the end of the text",
        ),
        (
            "{\"resourceLogs\":[{\"schemaUrl\":\"a\tb\"}]}",
            "resourceLogs[0].schemaUrl: a string without raw control characters is wanted, this is a tab",
        ),
        (
            r#"{"resourceLogs":[{"schemaUrl":"\x"}]}"#,
            r"resourceLogs[0].schemaUrl: an escape such as `\n` or `\u00e4` is wanted, this is something else behind a backslash",
        ),
        (
            r#"{"resourceLogs":[{"schema\u0055rl":5}]}"#,
            r"resourceLogs[0].schema\u0055rl: a string is wanted, this is a number",
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(fault(Signal::Logs, text), expected, "{text}");
    }
}

#[test]
fn any_cut_and_any_other_byte_is_explained() {
    let text = record(
        r#""body":{"kvlistValue":{"values":[{"key":"s\u00e4cret","value":{"doubleValue":-1.5e3}}]}},"traceId":"","x":[{}]"#,
    );
    for at in 0..text.len() {
        let cut = &text[..at];
        if let Err(error) = to_protobuf(Signal::Logs, cut.as_bytes(), &mut Vec::new()) {
            assert!(!error.explain(Signal::Logs, cut.as_bytes()).to_string().contains("cret"), "{cut}");
        }
        for byte in *b"{}[]\",:x1-n\\\n\xff " {
            let mut damaged = text.clone().into_bytes();
            damaged[at] = byte;
            if let Err(error) = to_protobuf(Signal::Logs, &damaged, &mut Vec::new()) {
                let fault = error.explain(Signal::Logs, &damaged);
                assert!(!fault.wanted.is_empty() && !fault.found.is_empty());
            }
        }
    }
}

#[test]
fn deep_paths_and_long_names_are_shortened() {
    let deep = format!(r#"{}{}"#, r#"{"x":["#.repeat(3000), "?");
    let told = fault(Signal::Logs, &deep);
    assert!(told.starts_with("x[0].x[0].x") && told.contains('…') && told.len() < 200, "{told}");
    let long = format!(r#"{{"{}":?}}"#, "n".repeat(100_000));
    assert!(fault(Signal::Logs, &long).len() < 200);
    let nest = format!(r#"{{"x":{}"#, "[".repeat(20_000));
    assert!(fault(Signal::Logs, &nest).ends_with("nesting of at most 10000 levels is wanted, this is one level more"));
}
