//! What traces tell.

use ottl::{Compiler, Output, RuleSet, Signal, Trace, TraceOptions, TracedResult};

fn message(signal: Signal, json: &str) -> Vec<u8> {
    let mut out = Vec::new();
    ottl::otlp::json::to_protobuf(signal, json.as_bytes(), &mut out).expect("OTLP/JSON");
    out
}

const LOGS: &str = r#"{"resourceLogs": [{
    "resource": {"attributes": [{"key": "env", "value": {"stringValue": "prod"}}]},
    "scopeLogs": [{"logRecords": [
        {"severityNumber": 9, "body": {"stringValue": "GET /healthz"}},
        {"severityNumber": 17, "body": {"stringValue": "panic: token=abc"}, "attributes": [{"key": "user", "value": {"stringValue": "eve"}}]},
        {"severityNumber": 13, "body": {"kvlistValue": {"values": [{"key": "msg", "value": {"intValue": "7"}}]}}}
    ]}]
}]}"#;

fn trace(rules: &str, signal: Signal, json: &str, options: &TraceOptions) -> Trace {
    let rules = RuleSet::compile(rules).unwrap_or_else(|error| panic!("{error}"));
    rules.trace(signal, &message(signal, json), options).expect("a sound message")
}

/// Steps as lines.
fn lines(trace: &Trace) -> Vec<String> {
    let line = |step: &ottl::TracedStep| {
        let decided = step.decided.as_ref().map_or(String::new(), |part| format!(" by `{}`", part.text));
        let changes: Vec<String> = step
            .changes
            .iter()
            .map(|change| {
                let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
                format!("; {}: {} -> {}", change.path, shown(&change.before), shown(&change.after))
            })
            .collect();
        let record = step.record.map_or("-".to_owned(), |record| record.to_string());
        format!("{record} {} {:?}{decided}{}", step.statement, step.result, changes.concat())
    };
    trace.steps.iter().map(line).collect()
}

#[test]
fn each_statement_says_what_it_did_and_why() {
    let rules = r#"
log_statements:
  - set(log.attributes["level"], "high") where log.severity_number >= 17 and resource.attributes["env"] == "prod"
  - replace_pattern(log.body, "token=\\S+", "token=***")
  - delete_key(log.attributes, "user")
  - set(log.cache["seen"], 1) where not IsString(log.body) or log.severity_number == 9
"#;
    let trace = trace(rules, Signal::Logs, LOGS, &TraceOptions::default());
    assert_eq!(
        lines(&trace),
        [
            "0 0 NotMatched by `log.severity_number >= 17`",
            "0 1 Unchanged",
            "0 2 Unchanged",
            "0 3 Changed by `log.severity_number == 9`; cache[\"seen\"]: - -> 1",
            "1 0 Changed; log.attributes[\"level\"]: - -> \"high\"",
            "1 1 Changed; log.body: \"panic: token=abc\" -> \"panic: token=***\"",
            "1 2 Changed; log.attributes[\"user\"]: \"eve\" -> -",
            "1 3 NotMatched",
            "2 0 NotMatched by `log.severity_number >= 17`",
            "2 1 Unchanged",
            "2 2 Unchanged",
            "2 3 Changed by `IsString(log.body)`; cache[\"seen\"]: - -> 1",
        ]
    );
    assert_eq!(trace.records, 3);
    let first = &trace.steps[4];
    assert_eq!(first.place, "resourceLogs[0].scopeLogs[0].logRecords[1]");
    let values: Vec<(u32, &str, Option<&str>)> =
        first.values.iter().map(|value| (value.depth, &*value.part.text, value.value.as_deref())).collect();
    assert_eq!(
        values,
        [
            (0, r#"log.severity_number >= 17 and resource.attributes["env"] == "prod""#, Some("true")),
            (1, "log.severity_number >= 17", Some("true")),
            (2, "log.severity_number", Some("17")),
            (1, r#"resource.attributes["env"] == "prod""#, Some("true")),
            (2, r#"resource.attributes["env"]"#, Some("\"prod\"")),
        ]
    );
}

#[test]
fn records_keep_their_numbers_behind_filters() {
    let rules = r#"
processors:
  filter: {error_mode: ignore, log_conditions: ['log.severity_number < 13']}
  transform: {log_statements: ['set(log.severity_text, "x")']}
service: {pipelines: {logs: {receivers: [otlp], processors: [filter, transform], exporters: [otlp]}}}
"#;
    let all = trace(rules, Signal::Logs, LOGS, &TraceOptions::default());
    let results: Vec<(Option<u64>, usize, TracedResult)> =
        all.steps.iter().map(|step| (step.record, step.statement, step.result)).collect();
    assert_eq!(
        results,
        [
            (Some(0), 0, TracedResult::Dropped),
            (Some(1), 0, TracedResult::NotMatched),
            (Some(2), 0, TracedResult::NotMatched),
            (Some(1), 1, TracedResult::Changed),
            (Some(2), 1, TracedResult::Changed),
        ]
    );
    assert_eq!(all.steps[3].place, "resourceLogs[0].scopeLogs[0].logRecords[1]");
    let one = trace(rules, Signal::Logs, LOGS, &TraceOptions { records: Some(vec![2]), ..TraceOptions::default() });
    assert_eq!(
        lines(&one),
        ["2 0 NotMatched by `log.severity_number < 13`", "2 1 Changed; log.severity_text: - -> \"x\""]
    );
    assert_eq!(one.steps[1].place, "resourceLogs[0].scopeLogs[0].logRecords[2]");
    assert_eq!(one.records, 3);
    let statement = TraceOptions { statement: Some(1), most: 1, ..TraceOptions::default() };
    let statement = trace(rules, Signal::Logs, LOGS, &statement);
    assert_eq!((lines(&statement).len(), statement.is_cut), (1, true));
}

#[test]
fn what_records_share_is_seen_by_those_behind_also_where_one_is_asked_for() {
    let rules = r#"
log_statements:
  - set(resource.attributes["n"], log.severity_number)
  - set(log.attributes["last"], resource.attributes["n"])
"#;
    let one = trace(rules, Signal::Logs, LOGS, &TraceOptions { records: Some(vec![1]), ..TraceOptions::default() });
    assert_eq!(
        lines(&one),
        ["1 0 Changed; resource.attributes[\"n\"]: 9 -> 17", "1 1 Changed; log.attributes[\"last\"]: - -> 17"]
    );
}

#[test]
fn points_events_and_metrics_that_are_made_are_told() {
    let metrics = r#"{"resourceMetrics": [{"scopeMetrics": [{"metrics": [
        {"name": "a", "sum": {"dataPoints": [{"asInt": "1"}, {"asInt": "2", "attributes": [{"key": "k", "value": {"stringValue": "v"}}]}]}}
    ]}]}]}"#;
    let rules = r#"
metric_statements:
  - statements: ['delete_key(datapoint.attributes, "k") where datapoint.value_int == 2']
  - statements:
      - convert_sum_to_gauge() where metric.name == "a"
      - copy_metric(name="b") where metric.name == "a"
"#;
    let points = trace(rules, Signal::Metrics, metrics, &TraceOptions::default());
    let told = lines(&points);
    assert!(told.iter().any(|line| line.ends_with("; datapoint.attributes[\"k\"]: \"v\" -> -")), "{told:#?}");
    assert!(told.iter().any(|line| line.contains("metric.gauge.data_points[0].as_int: - -> 1")), "{told:#?}");
    assert!(told.iter().any(|line| line.starts_with("- 2 NotMatched")), "the copy is a record of its own: {told:#?}");
    assert!(told.iter().any(|line| line.ends_with("scope.metrics[1]: - -> \"b\"")), "{told:#?}");
}

#[test]
fn points_of_one_record_stand_where_they_came_in() {
    let metrics = r#"{"resourceMetrics": [
        {"scopeMetrics": [{"metrics": [{"name": "a", "gauge": {"dataPoints": [{"asInt": "1"}]}}]}]},
        {"scopeMetrics": [{"metrics": [
            {"name": "b", "gauge": {"dataPoints": [{"asInt": "2"}]}},
            {"name": "c", "gauge": {"dataPoints": [{"asInt": "3"}, {"asInt": "4"}]}}
        ]}]}
    ]}"#;
    let rules = "metric_statements: ['set(datapoint.value_int, 0) where datapoint.value_int == 4']";
    let options = TraceOptions { records: Some(vec![2]), ..TraceOptions::default() };
    let places: Vec<String> =
        trace(rules, Signal::Metrics, metrics, &options).steps.into_iter().map(|step| step.place).collect();
    let metric = "resourceMetrics[1].scopeMetrics[0].metrics[1].gauge";
    assert_eq!(places, [format!("{metric}.dataPoints[0]"), format!("{metric}.dataPoints[1]")]);
}

#[test]
fn errors_are_part_of_a_trace() {
    let failing = trace(
        "error_mode: propagate\nlog_statements: ['set(log.body, ParseJSON(log.body))']",
        Signal::Logs,
        LOGS,
        &TraceOptions::default(),
    );
    assert_eq!(failing.steps.len(), 1);
    assert_eq!(failing.steps[0].result, TracedResult::Failed);
    assert!(failing.steps[0].error.is_some() && failing.error.is_some());
    assert_eq!(failing.output, Output::Unchanged);
    let damaged = RuleSet::compile("log_statements: ['set(log.body, 1)']").expect("rules");
    assert!(damaged.trace(Signal::Logs, &[0x0a, 9, 1], &TraceOptions::default()).is_err());
}

#[test]
fn values_of_variables_are_not_shown_as_parts_of_the_text() {
    let compiler = Compiler::new().expand(true).variables(|name| (name == "LEVEL").then(|| "17".to_owned()));
    let rules = compiler
        .compile("log_statements: ['set(log.body, 1) where log.severity_number == ${env:LEVEL}']")
        .expect("rules");
    let trace = rules.trace(Signal::Logs, &message(Signal::Logs, LOGS), &TraceOptions::default()).expect("sound");
    let decided = trace.steps[1].values[0].part.text.clone();
    assert_eq!(decided, "log.severity_number == ${env:LEVEL}");
}
