//! The counter of conflicting writes: what counts as one, in both engines.

use ottl_schema::Signal;
use ottl_suite::{engines, messages, rules};

/// Two resources, of which the first has two scopes. The texts of the records are a b b, c, and d d.
const LOGS: &str = r#"{"resourceLogs":[
    {"resource":{"attributes":[{"key":"was","value":{"stringValue":"a"}}]},"scopeLogs":[
        {"logRecords":[{"body":{"stringValue":"a"}},{"body":{"stringValue":"b"}},{"body":{"stringValue":"b"}}]},
        {"logRecords":[{"body":{"stringValue":"c"}}]}]},
    {"scopeLogs":[{"logRecords":[{"body":{"stringValue":"d"}},{"body":{"stringValue":"d"}}]}]}]}"#;

const SPANS: &str = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[
    {"name":"s","events":[{"name":"a","timeUnixNano":"1"},{"name":"b","timeUnixNano":"2"}]},{"name":"t","events":[{"name":"c"}]}]}]}]}"#;

const METRICS: &str = r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[
    {"name":"m","sum":{"dataPoints":[{"asInt":"1"},{"asInt":"2"}]}},
    {"name":"n","gauge":{"dataPoints":[{"asInt":"3","exemplars":[{"asInt":"4"},{"asInt":"5"}]}]}}]}]}]}"#;

/// What it is about, statements, message, and how many conflicting writes each statement has.
const CASES: &[(&str, &[&str], &str, &[u64])] = &[
    ("another value in the resource", &[r#"set(resource.attributes["k"], log.body)"#], LOGS, &[2]),
    ("in the scope, of which there are three", &[r#"set(scope.name, log.body)"#], LOGS, &[1]),
    ("the same value", &[r#"set(resource.attributes["k"], "v") where log.body != nil"#], LOGS, &[0]),
    ("of its own record", &[r#"set(log.attributes["k"], log.body)"#], LOGS, &[0]),
    (
        "what another statement has written, but not what it writes itself on the same record",
        &[
            r#"set(resource.attributes["k"], "first") where log.body == "a""#,
            r#"set(resource.attributes["k"], "second") where log.body == "a" or log.body == "b""#,
        ],
        LOGS,
        &[0, 0],
    ),
    (
        "what another statement has written on another record",
        &[
            r#"set(resource.attributes["k"], "first") where log.body == "a""#,
            r#"set(resource.attributes["k"], "second") where log.body == "b""#,
        ],
        LOGS,
        &[0, 1],
    ),
    (
        "another place",
        &[
            r#"set(resource.attributes["k"], "first") where log.body == "a""#,
            r#"set(resource.attributes["l"], "second") where log.body == "b""#,
        ],
        LOGS,
        &[0, 0],
    ),
    ("what was there before is nobody's", &[r#"set(resource.attributes["was"], log.body)"#], LOGS, &[2]),
    (
        "a value that is taken out",
        &[
            r#"set(resource.attributes["k"], log.body) where log.body == "a""#,
            r#"delete_key(resource.attributes, "k") where log.body == "b""#,
        ],
        LOGS,
        &[0, 0],
    ),
    (
        "maps as a whole, in any order",
        &[
            r#"merge_maps(resource.attributes, {"x": 1, "y": 2}, "upsert") where log.body == "a""#,
            r#"set(resource.attributes, {"y": 2, "x": 1, "was": "a"}) where log.body == "b""#,
            r#"delete_key(resource.attributes, "x") where log.body == "c""#,
        ],
        LOGS,
        &[0, 0, 1],
    ),
    (
        "behind keys that are computed",
        &[r#"set(resource.attributes["m"][log.body], 1) where log.body != "d""#],
        LOGS,
        &[2],
    ),
    ("a statement that fails without writing", &[r#"set(resource.attributes["k"], log.body["x"])"#], LOGS, &[0]),
    ("the schema URL", &[r#"set(resource.schema_url, log.body)"#], LOGS, &[2]),
    ("times", &["set(span.start_time, spanevent.time)"], SPANS, &[1]),
    ("events and their span", &["set(span.name, spanevent.name)"], SPANS, &[1]),
    (
        "points and their metric",
        &[
            r#"set(metric.unit, "1") where datapoint.value_int == 1"#,
            r#"set(metric.unit, "2") where datapoint.value_int != 1"#,
        ],
        METRICS,
        &[0, 1],
    ),
    (
        "the monotonicity",
        &[
            "set(metric.is_monotonic, true) where datapoint.value_int == 1",
            "set(metric.is_monotonic, false) where datapoint.value_int == 2",
        ],
        METRICS,
        &[0, 1],
    ),
    ("exemplars and their point", &["set(datapoint.flags, exemplar.int_value)"], METRICS, &[1]),
    (
        "lists of records are no places",
        &["set(span.events, span.events)", "set(span.events, nil) where spanevent.name == \"b\""],
        SPANS,
        &[0, 0],
    ),
];

#[test]
fn writes_conflict_where_another_record_left_another_value() {
    for (name, statements, message, expected) in CASES {
        let (signal, list) = match *message {
            LOGS => (Signal::Logs, "log_statements"),
            SPANS => (Signal::Traces, "trace_statements"),
            _ => (Signal::Metrics, "metric_statements"),
        };
        let statements: Vec<String> = statements.iter().map(|text| format!("\n- '{text}'")).collect();
        let plan = rules::plan("transform", signal, &format!("{list}:{}", statements.concat()));
        let report = engines::agreed(&plan, &messages::protobuf(signal, message), name).report;
        let counts: Vec<u64> = report.sources.iter().map(|source| source.conflicting).collect();
        assert_eq!(counts, *expected, "{name}: {report:?}");
    }
}

#[test]
fn flattened_records_have_parents_of_their_own() {
    let rules = "flatten: {log: true}\nlog_statements:\n- 'set(resource.attributes[\"k\"], log.body)'";
    let plan = rules::plan("transform", Signal::Logs, rules);
    let report = engines::agreed(&plan, &messages::protobuf(Signal::Logs, LOGS), "flattened").report;
    assert_eq!(report.sources[0].conflicting, 0);
}
