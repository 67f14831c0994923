//! Many rules, and what is asked for all of them at once: what they do is what they do one by one, also behind a rule that writes what
//! they ask about, and where they ask about the message around theirs.

use ottl_compiler::{GroupSpec, TransformOptions};
use ottl_plan::Plan;
use ottl_schema::{ContextId, Signal};
use ottl_suite::{engines, messages};

use super::{group, statements, transform};

/// How many rules there are: more than are tried one by one, and more than one word of bits.
const RULES: usize = 70;

/// Attributes of records: of every kind of value, a key twice, and more than a compact record takes.
fn records() -> Vec<u8> {
    let text = |key: &str, value: &str| format!(r#"{{"key":"{key}","value":{{"stringValue":"{value}"}}}}"#);
    let mut attributes: Vec<String> = ["v3", "v69", "v3x", ""].iter().map(|value| text("from", value)).collect();
    attributes.push(text("asked", "v5"));
    attributes.push(r#"{"key":"from","value":{"intValue":"3"}}"#.to_owned());
    attributes
        .push(r#"{"key":"from","value":{"kvlistValue":{"values":[{"key":"v","value":{"boolValue":true}}]}}}"#.into());
    attributes.push([text("from", "v4"), text("from", "v6"), text("asked", "v7"), text("asked", "v8")].join(","));
    let many: Vec<_> = (0..70).map(|i| text(&format!("other{i}"), "v")).collect();
    attributes.push(format!("{},{}", many.join(","), text("from", "v9")));
    attributes.push(String::new());
    let bodies = ["v3", "plain", r#"{\"asked\":\"v11\",\"from\":[1]}"#];
    let records: Vec<_> = attributes
        .iter()
        .zip(bodies.iter().cycle())
        .map(|(attributes, body)| {
            format!(r#"{{"body":{{"stringValue":"{body}"}},"severityText":"v1","attributes":[{attributes}]}}"#)
        })
        .collect();
    let text = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{}]}}]}}]}}"#, records.join(","));
    messages::protobuf(Signal::Logs, text)
}

/// These statements, and then one for each number of which `condition` says when it acts.
fn behind(first: &[&str], condition: impl Fn(usize) -> String) -> Plan {
    let rules = (0..RULES).map(|i| format!(r#"set(attributes["out"], {i}) where {}"#, condition(i)));
    let all: Vec<String> = first.iter().map(|&first| first.to_owned()).chain(rules).collect();
    statements(&all.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Which of the rules acted, and on how many records.
fn acted(plan: &Plan, message: &[u8], name: &str) -> Vec<(usize, u64)> {
    let report = engines::agreed(plan, message, name).report;
    let rules = report.sources.iter().skip(report.sources.len().saturating_sub(RULES)).enumerate();
    rules.filter(|(_, counters)| counters.matched > 0).map(|(at, counters)| (at, counters.matched)).collect()
}

#[test]
fn rules_ask_about_what_was_written() {
    let message = records();
    let asked = |i| format!(r#"attributes["asked"] == "v{i}""#);
    let cases: [(&str, &[(usize, u64)]); 8] = [
        (r#"set(attributes["asked"], attributes["from"])"#, &[(3, 1), (4, 1), (9, 1), (69, 1)]),
        (r#"set(attributes["asked"], "v2")"#, &[(2, 10)]),
        (r#"set(attributes["asked"], 2)"#, &[]),
        (r#"replace_pattern(attributes["asked"], "^v", "v1")"#, &[(15, 1), (17, 1)]),
        (r#"replace_all_patterns(attributes, "value", "^v", "v1")"#, &[(15, 1), (17, 1)]),
        (r#"delete_key(attributes, "asked")"#, &[(8, 1)]),
        (r#"keep_keys(attributes, ["from"])"#, &[]),
        (
            r#"merge_maps(attributes, ParseJSON(body), "upsert") where IsMatch(body, "^\\{")"#,
            &[(5, 1), (7, 1), (11, 3)],
        ),
    ];
    for (first, expected) in cases {
        let plan = behind(&[first], asked);
        assert_eq!(acted(&plan, &message, first), expected, "{first:?}");
    }
}

#[test]
fn rules_ask_about_fields_and_bodies_that_were_written() {
    let message = records();
    let plan = behind(&[r#"set(severity_text, "v2")"#], |i| format!(r#"severity_text == "v{i}""#));
    assert_eq!(acted(&plan, &message, "severity"), [(2, 10)]);
    let plan = behind(&[r#"replace_pattern(body, "^v", "w1")"#], |i| format!(r#"IsMatch(body, "^w{i}$")"#));
    assert_eq!(acted(&plan, &message, "body"), [(13, 4)]);
    // Each of these writes what the next ones ask about.
    let chain: Vec<_> = (0..RULES)
        .map(|i| format!(r#"set(attributes["asked"], "v{}") where attributes["asked"] == "v{i}""#, i + 1))
        .collect();
    let plan = statements(&chain.iter().map(String::as_str).collect::<Vec<_>>());
    let expected: Vec<_> = (5..RULES).map(|i| (i, if i < 7 { 1 } else { 2 })).collect();
    assert_eq!(acted(&plan, &message, "chain"), expected);
}

/// What a merge brings is rewritten behind it, though little else is asked about, and nothing had such a value before.
#[test]
fn values_that_were_written_are_rewritten() {
    let message = records();
    let rewrite = r#"replace_all_patterns(attributes, "value", "secret\\d+", "***")"#;
    let others: Vec<_> = (0..7).map(|i| format!(r#"set(severity_text, "s{i}") where body == "y{i}""#)).collect();
    for first in [
        r#"merge_maps(attributes, {"k": "secret123"}, "upsert") where body == "plain""#,
        r#"set(attributes, {"k": "secret123", "l": "secret4"}) where body == "plain""#,
        r#"set(attributes["asked"], "secret5") where body == "plain""#,
    ] {
        let all: Vec<&str> = [first, rewrite].into_iter().chain(others.iter().map(String::as_str)).collect();
        let plan = statements(&all);
        let report = engines::agreed(&plan, &message, first).report;
        assert_eq!(report.sources.get(1).map(|counters| counters.changed), Some(3), "{first}");
    }
}

/// Texts with no match, one and many, of every length at which an encoding changes, in bodies, attributes and fields.
#[test]
fn texts_of_all_lengths_are_rewritten() {
    let lens = [0, 1, 60, 100, 115, 120, 125, 126, 127, 128, 129, 200, 16_380, 16_384];
    let texts = lens.iter().flat_map(|len| {
        let text = "x".repeat(*len);
        [text.clone(), format!("{text}a.b@c.d"), format!("a@b.c {text}"), format!("a@b.c{text} @ b@c.d{text}")]
    });
    let record = |text: String| {
        let attribute = |key: &str| format!(r#"{{"key":"{key}","value":{{"stringValue":"{text}"}}}}"#);
        let attributes = [attribute("k"), r#"{"key":"@","value":{"doubleValue":3.0}}"#.to_owned(), attribute("other")];
        format!(
            r#"{{"body":{{"stringValue":"{text}"}},"severityText":"{text}","attributes":[{}]}}"#,
            attributes.join(",")
        )
    };
    let records: Vec<_> = texts.map(record).collect();
    let text = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{}]}}]}}]}}"#, records.join(","));
    let message = messages::protobuf(Signal::Logs, text);
    for (pattern, changed) in [("[a-z.]+@[a-z.]+", 42), ("x+$", 0), ("@", 42), (" @ ", 14), ("a", 42)] {
        for new in ["<email>", "", "@", "$0", "[$0]"] {
            let rules = [
                format!(r#"replace_all_patterns(attributes, "value", "{pattern}", "{new}")"#),
                format!(r#"replace_pattern(body, "{pattern}", "{new}")"#),
                format!(r#"replace_pattern(severity_text, "{pattern}", "{new}")"#),
                format!(r#"replace_pattern(attributes["k"], "{pattern}", "{new}")"#),
                r#"replace_all_patterns(attributes, "value", "b", "@a@")"#.to_owned(),
            ];
            let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
            let report = engines::agreed(&statements(&rules), &message, pattern).report;
            if changed != 0 && new == "<email>" {
                assert_eq!(report.sources.first().map(|counters| counters.changed), Some(changed), "{pattern}");
            }
        }
    }
}

/// Each rule rewrites the key that the one before has made, which a rule in front of all may write.
#[test]
fn keys_that_were_written_are_rewritten() {
    let message = records();
    let rules: Vec<_> = (0..RULES)
        .map(|i| format!(r#"replace_all_patterns(attributes, "key", "^other{i}$", "other{}")"#, i + 1))
        .collect();
    let changed = |first: &str| {
        let all: Vec<&str> = std::iter::once(first).chain(rules.iter().map(String::as_str)).collect();
        let report = engines::agreed(&statements(&all), &message, first).report;
        report.sources.iter().skip(1).map(|counters| counters.changed).collect::<Vec<_>>()
    };
    let from = |first: usize, count: u64| (0..RULES).map(|i| if i < first { 1 } else { count }).collect::<Vec<_>>();
    assert_eq!(changed(r#"set(severity_text, "other3")"#), from(0, 1));
    assert_eq!(changed(r#"set(attributes["other3"], true)"#), from(3, 10));
    assert_eq!(changed(r#"set(attributes["other3"], body)"#), from(3, 10));
    assert_eq!(changed(r#"set(attributes["from"], "other3")"#), from(0, 1));
    assert_eq!(changed(r#"merge_maps(attributes, {"other60": 1}, "upsert") where body == "plain""#), from(60, 4));
    assert_eq!(changed(r#"delete_matching_keys(attributes, "^other")"#), from(0, 0));
    // What no rewrite changes is left alone, also in a cache, and with a key there twice.
    let plan = statements(&[
        r#"set(cache, attributes)"#,
        r#"replace_all_patterns(cache, "key", "^from$", "came")"#,
        r#"set(attributes["came"], cache["came"])"#,
        r#"replace_all_patterns(attributes, "key", "^nothing", "x")"#,
    ]);
    let report = engines::agreed(&plan, &message, "cache").report;
    assert_eq!(report.sources.get(3).map(|counters| (counters.matched, counters.changed)), Some((10, 0)));
}

/// More keys than have numbers, beside a statement that acts on every record.
#[test]
fn keys_without_numbers_are_found() {
    let message = records();
    let first = [r#"set(attributes["seen"], true)"#];
    let plan = behind(&first, |i| format!(r#"attributes["other{i}"] == "v""#));
    let expected: Vec<_> = (0..RULES).map(|i| (i, 1)).collect();
    assert_eq!(acted(&plan, &message, "other keys"), expected);
    let keys = |i: usize| if i == 66 { "from".to_owned() } else { format!("unknown{i}") };
    let plan = behind(&first, |i| format!(r#"attributes["{}"] == "v4""#, keys(i)));
    assert_eq!(acted(&plan, &message, "a key twice"), [(66, 1)]);
}

/// Spans whose events have statements are no compact records.
#[test]
fn records_with_children_are_asked_at_once() {
    let event = r#"{"name":"e","attributes":[{"key":"k","value":{"stringValue":"v1"}}]}"#;
    let span = |value: &str| {
        format!(
            r#"{{"name":"s","attributes":[{{"key":"from","value":{{"stringValue":"{value}"}}}}],"events":[{event}]}}"#
        )
    };
    let spans = format!(r#"[{},{}]"#, span("v3"), span("v64"));
    let message =
        messages::protobuf(Signal::Traces, format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":{spans}}}]}}]}}"#));
    let rules = (0..RULES).map(|i| format!(r#"set(attributes["out"], {i}) where attributes["asked"] == "v{i}""#));
    let all: Vec<_> =
        std::iter::once(r#"set(attributes["asked"], attributes["from"])"#.to_owned()).chain(rules).collect();
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    let of_events = [r#"set(attributes["k"], "v2")"#];
    let groups = [group(ContextId::SpanEvent, &of_events), group(ContextId::Span, &all)];
    let plan = transform(Signal::Traces, &groups, TransformOptions::default());
    assert_eq!(acted(&plan, &message, "spans first"), [(3, 1), (64, 1)]);
    let groups = [group(ContextId::Span, &all), group(ContextId::SpanEvent, &of_events)];
    let plan = transform(Signal::Traces, &groups, TransformOptions::default());
    let report = engines::agreed(&plan, &message, "events behind").report;
    let matched: Vec<_> = report.sources.iter().skip(1).take(RULES).map(|counters| counters.matched).collect();
    assert_eq!((matched[3], matched[64], matched.iter().sum::<u64>()), (1, 1, 2));
}

/// Metrics of two points each; `m3` is there twice.
fn metrics() -> Vec<u8> {
    let point = r#"{"asInt":"1","attributes":[{"key":"k","value":{"stringValue":"v1"}}]}"#;
    let metric = |name: &str| format!(r#"{{"name":"{name}","unit":"u","sum":{{"dataPoints":[{point},{point}]}}}}"#);
    let all = ["m3", "m64", "other", "", "m3"].map(metric).join(",");
    messages::protobuf(
        Signal::Metrics,
        format!(r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[{all}]}}]}}]}}"#),
    )
}

#[test]
fn points_ask_about_their_metric() {
    let message = metrics();
    let of_points: Vec<_> = (0..RULES)
        .map(|i| {
            format!(r#"set(datapoint.attributes["out"], {i}) where metric.name == "m{i}" and attributes["k"] == "v1""#)
        })
        .collect();
    let points: Vec<_> = of_points.iter().map(String::as_str).collect();
    let transform = |groups: &[_]| transform(Signal::Metrics, groups, TransformOptions::default());
    let plan = transform(&[group(ContextId::DataPoint, &points)]);
    assert_eq!(acted(&plan, &message, "points"), [(3, 4), (64, 2)]);
    // What the metric's own statements have written is seen.
    let rename = [r#"replace_pattern(name, "^m", "m1")"#];
    let plan = transform(&[group(ContextId::Metric, &rename), group(ContextId::DataPoint, &points)]);
    assert_eq!(acted(&plan, &message, "renamed before"), [(13, 4)]);
    // A point writes it for those that follow.
    let from_below = r#"set(metric.name, "m5") where metric.name == "other""#;
    let all: Vec<_> = std::iter::once(from_below).chain(points.iter().copied()).collect();
    let plan = transform(&[group(ContextId::DataPoint, &all)]);
    assert_eq!(acted(&plan, &message, "renamed from below"), [(3, 4), (5, 2), (64, 2)]);
    // Conditions of the group, about the metric and the point.
    for condition in
        [r#"metric.name == "m3""#, r#"attributes["k"] == "v1""#, r#"metric.name == "m3" or attributes["k"] == """#]
    {
        let conditions = super::sources(&[condition]);
        let plan = transform(&[GroupSpec { conditions, ..group(ContextId::DataPoint, &points) }]);
        let expected: &[_] = if condition.starts_with("metric") { &[(3, 4)] } else { &[(3, 4), (64, 2)] };
        assert_eq!(acted(&plan, &message, condition), expected);
    }
    let all: Vec<_> = std::iter::once(r#"set(attributes["k"], "v1")"#).chain(points.iter().copied()).collect();
    let plan = transform(&[group(ContextId::DataPoint, &all)]);
    assert_eq!(acted(&plan, &message, "behind one that always acts"), [(3, 4), (64, 2)]);
}

#[test]
fn events_ask_about_their_span() {
    let event = r#"{"name":"e","attributes":[{"key":"k","value":{"stringValue":"v1"}}]}"#;
    let span = |name: &str, code: u32| {
        format!(
            r#"{{"name":"{name}","status":{{"code":{code}}},"attributes":[{{"key":"k","value":{{"stringValue":"{name}"}}}}],"events":[{event},{event}]}}"#
        )
    };
    let spans = [span("v3", 2), span("v64", 1), span("v64", 2)].join(",");
    let message = messages::protobuf(
        Signal::Traces,
        format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{spans}]}}]}}]}}"#),
    );
    let events: Vec<_> = (0..RULES)
        .map(|i| format!(r#"set(spanevent.attributes["out"], {i}) where span.attributes["k"] == "v{i}""#))
        .collect();
    let events: Vec<_> = events.iter().map(String::as_str).collect();
    let plan = transform(Signal::Traces, &[group(ContextId::SpanEvent, &events)], TransformOptions::default());
    assert_eq!(acted(&plan, &message, "events"), [(3, 2), (64, 4)]);
    let failed: Vec<_> = (0..RULES)
        .map(|i| {
            format!(
                r#"set(attributes["out"], {i}) where status.code == STATUS_CODE_ERROR and attributes["k"] == "v{i}""#
            )
        })
        .collect();
    let failed: Vec<_> = failed.iter().map(String::as_str).collect();
    let plan = transform(Signal::Traces, &[group(ContextId::Span, &failed)], TransformOptions::default());
    assert_eq!(acted(&plan, &message, "status"), [(3, 1), (64, 1)]);
}

#[test]
fn bodies_of_all_kinds_are_compared() {
    let bodies = [
        r#""body":{"stringValue":"v3"}"#,
        r#""body":{"stringValue":""}"#,
        r#""body":{"intValue":"3"}"#,
        r#""body":{"kvlistValue":{"values":[{"key":"v3","value":{"stringValue":"v3"}}]}}"#,
        r#""body":{}"#,
        r#""severityText":"v3""#,
        r#""body":{"stringValue":"v69"}"#,
    ];
    let records: Vec<_> = bodies.iter().map(|body| format!("{{{body}}}")).collect();
    let text = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{}]}}]}}]}}"#, records.join(","));
    let message = messages::protobuf(Signal::Logs, text);
    let plan = behind(&[], |i| format!(r#"body == "v{i}""#));
    assert_eq!(acted(&plan, &message, "equal"), [(3, 1), (69, 1)]);
    let plan = behind(&[r#"set(body, "v4") where body == nil"#], |i| format!(r#"body == "v{i}""#));
    assert_eq!(acted(&plan, &message, "written"), [(3, 1), (4, 2), (69, 1)]);
    for (condition, count) in
        [("body != nil", 5), ("body == nil", 2), ("body == 3", 1), (r#"body != "v3""#, 6), ("body > 2", 1)]
    {
        let rule = format!(r#"set(attributes["out"], true) where {condition}"#);
        let report = engines::agreed(&statements(&[&rule]), &message, condition).report;
        assert_eq!(report.sources.first().map(|counters| counters.matched), Some(count), "{condition}");
    }
}

#[test]
fn rules_that_fail_where_nothing_is_fail_there() {
    let message = records();
    let prefix = |i: usize| format!(r#"HasPrefix(attributes["from"], "v{i}")"#);
    for first in [&[][..], &[r#"set(attributes["seen"], true)"#], &[r#"delete_key(attributes, "from")"#]] {
        let plan = behind(first, prefix);
        let report = engines::agreed(&plan, &message, "prefix").report;
        let rules = report.sources.iter().skip(first.len());
        let (matched, failed) = rules.fold((0, 0), |(m, f), counters| (m + counters.matched, f + counters.failed));
        // Two records have no such attribute, and an int and a map are no texts; after the deletion one has its second.
        let expected = if first.first().is_some_and(|first| first.starts_with("delete")) { (1, 9) } else { (6, 4) };
        assert_eq!((matched, failed / RULES as u64), expected, "{first:?}");
    }
}

#[test]
fn ints_are_found_in_a_table() {
    let values = [
        r#"{"intValue":"3"}"#,
        r#"{"intValue":"-1"}"#,
        r#"{"intValue":"9007199254740993"}"#,
        r#"{"doubleValue":3}"#,
        r#"{"doubleValue":3.5}"#,
        r#"{"doubleValue":9007199254740992}"#,
        r#"{"stringValue":"3"}"#,
        r#"{"boolValue":true}"#,
        r#"{"arrayValue":{"values":[{"intValue":"3"}]}}"#,
        r#"{}"#,
    ];
    let records: Vec<_> =
        values.iter().map(|value| format!(r#"{{"attributes":[{{"key":"n","value":{value}}}]}}"#)).collect();
    let text = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{}]}}]}}]}}"#, records.join(","));
    let message = messages::protobuf(Signal::Logs, text);
    let number = |i: usize| match i {
        66 => -1,
        67 => (1 << 53) + 1,
        68 => 1 << 53,
        i => i as i64,
    };
    for first in [&[][..], &[r#"set(attributes["seen"], true)"#], &[r#"set(attributes["n"], attributes["n"])"#]] {
        let plan = behind(first, |i| format!(r#"attributes["n"] == {}"#, number(i)));
        assert_eq!(acted(&plan, &message, "ints"), [(3, 2), (66, 1), (67, 2), (68, 1)], "{first:?}");
    }
}
