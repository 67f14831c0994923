//! What two versions of a message say differently.

use ottl::compare::{Change, Compared, Fate, Outline, compare, count, number_records};
use ottl::{Output, RuleSet, Signal};

fn message(signal: Signal, json: &str) -> Vec<u8> {
    let mut out = Vec::new();
    ottl::otlp::json::to_protobuf(signal, json.as_bytes(), &mut out).expect("OTLP/JSON");
    number_records(signal, &out).expect("a sound message").message
}

fn run(rules: &str, signal: Signal, message: &[u8]) -> Vec<u8> {
    let rules = RuleSet::compile(rules).unwrap_or_else(|error| panic!("{error}"));
    match rules.transform(signal, message).expect("it runs").output {
        Output::Unchanged => message.to_vec(),
        Output::Changed(out) => out,
        Output::Dropped => Vec::new(),
    }
}

/// A change as a line.
fn line(change: &Change<'_>) -> String {
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let fields: Vec<String> = match change.fate {
        Fate::Changed => change
            .differences
            .iter()
            .map(|field| format!(" {}: {} -> {}", field.path, shown(&field.before), shown(&field.after)))
            .collect(),
        _ => Vec::new(),
    };
    let fate = format!("{:?}", change.fate).to_lowercase();
    format!("{} {fate} {} of {}{}", change.context, change.place(), change.records, fields.join(";"))
}

/// What differs between the results of two rule sets.
fn found(signal: Signal, json: &str, old: &str, new: &str) -> (Vec<String>, Compared) {
    let message = message(signal, json);
    let (old, new) = (run(old, signal, &message), run(new, signal, &message));
    let (old, new) = (Outline::of(signal, &old).expect("sound"), Outline::of(signal, &new).expect("sound"));
    let mut lines = Vec::new();
    let compared = compare(&old, &new, |change| lines.push(line(&change))).expect("sound");
    (lines, compared)
}

const NOTHING: &str = "log_statements: []\nmetric_statements: []\ntrace_statements: []";

const LOGS: &str = r#"{"resourceLogs": [
    {"resource": {"attributes": [{"key": "env", "value": {"stringValue": "prod"}}]}, "scopeLogs": [{"scope": {"name": "s"}, "logRecords": [
        {"severityNumber": 9, "body": {"stringValue": "a"}},
        {"severityNumber": 9, "body": {"stringValue": "a"}},
        {"severityNumber": 17, "body": {"stringValue": "b"}}]}]},
    {"scopeLogs": [{"logRecords": [{"severityNumber": 1, "body": {"stringValue": "c"}}]}, {"logRecords": [{"body": {"stringValue": "d"}}]}]}
]}"#;

#[test]
fn records_are_paired_whoever_else_goes() {
    let (lines, compared) = found(
        Signal::Logs,
        LOGS,
        "log_conditions: ['log.severity_number == 1']",
        "processors:
  filter: {log_conditions: ['log.body == \"b\"']}
  transform: {log_statements: ['set(log.severity_text, \"x\") where log.body == \"d\"', 'set(log.attributes[\"n\"], 1) where log.body == \"c\"']}
service: {pipelines: {logs: {receivers: [otlp], processors: [filter, transform], exporters: [otlp]}}}",
    );
    assert_eq!(
        lines,
        [
            "log dropped resourceLogs[0].scopeLogs[0].logRecords[2] of 1",
            "log changed resourceLogs[1].scopeLogs[0].logRecords[0] of 1 log.severity_text: - -> \"x\"",
            "log kept resourceLogs[1].scopeLogs[0].logRecords[0] of 1",
        ]
    );
    assert_eq!((compared.both, compared.changed, compared.dropped, compared.kept), (3, 1, 1, 1));
    assert_eq!(compared.different(), 3);
}

#[test]
fn what_is_shared_is_one_change_of_many_records() {
    let (lines, compared) = found(
        Signal::Logs,
        LOGS,
        NOTHING,
        "log_statements:
  - set(resource.attributes[\"env\"], \"test\") where resource.attributes[\"env\"] != nil
  - set(scope.name, \"t\") where scope.name == \"s\"
  - set(log.body, \"z\") where log.body == \"b\"",
    );
    assert_eq!(
        lines,
        [
            "resource changed resourceLogs[0] of 3 resource.attributes[\"env\"]: \"prod\" -> \"test\"",
            "scope changed resourceLogs[0].scopeLogs[0] of 3 scope.name: \"s\" -> \"t\"",
            "log changed resourceLogs[0].scopeLogs[0].logRecords[2] of 1 log.body: \"b\" -> \"z\"",
        ]
    );
    assert_eq!((compared.both, compared.changed, compared.shared), (5, 3, 2));
}

#[test]
fn order_of_attributes_and_of_groups_is_no_difference() {
    let set = |keys: [&str; 2]| {
        let sets = keys.map(|key| format!("  - set(log.attributes[\"{key}\"], 1)\n"));
        format!("log_statements:\n{}", sets.concat())
    };
    let (lines, compared) = found(Signal::Logs, LOGS, &set(["a", "b"]), &set(["b", "a"]));
    assert!(lines.is_empty() && compared.different() == 0 && compared.both == 5, "{lines:?}");
    let flattened = "flatten: {log: true}\nlog_statements: ['set(log.body, log.body)']";
    let (lines, compared) = found(Signal::Logs, LOGS, NOTHING, flattened);
    assert!(lines.is_empty() && compared.different() == 0 && compared.both == 5, "{lines:?}");
}

const METRICS: &str = r#"{"resourceMetrics": [{"scopeMetrics": [{"metrics": [
    {"name": "a", "sum": {"aggregationTemporality": 2, "isMonotonic": true, "dataPoints": [
        {"asInt": "1", "timeUnixNano": "5"}, {"asInt": "2", "timeUnixNano": "5"}, {"asInt": "3", "timeUnixNano": "5"}]}},
    {"name": "b", "gauge": {"dataPoints": [{"asDouble": 1.5}]}},
    {"name": "h", "exponentialHistogram": {"aggregationTemporality": 2, "dataPoints": [
        {"count": "3", "sum": 6, "scale": 0, "zeroCount": "1", "positive": {"bucketCounts": ["2"]}, "max": 2}]}}
]}]}]}"#;

#[test]
fn points_are_known_in_metrics_that_change() {
    let (lines, compared) = found(
        Signal::Metrics,
        METRICS,
        "metric_statements: ['set(metric.unit, \"s\") where metric.name == \"b\"']",
        "processors:
  filter: {metric_conditions: ['datapoint.value_int == 1']}
  transform: {metric_statements: [
    {context: metric, statements: ['convert_sum_to_gauge() where metric.name == \"a\"']},
    {context: datapoint, statements: ['set(datapoint.value_int, 7) where datapoint.value_int == 3']}]}
service: {pipelines: {metrics: {receivers: [otlp], processors: [filter, transform], exporters: [otlp]}}}",
    );
    assert_eq!(
        lines,
        [
            "datapoint dropped resourceMetrics[0].scopeMetrics[0].metrics[0].sum.dataPoints[0] of 1",
            "metric changed resourceMetrics[0].scopeMetrics[0].metrics[0] of 2 metric.type: \"sum\" -> \"gauge\"; metric.sum.aggregation_temporality: 2 -> -; metric.sum.is_monotonic: true -> -",
            "datapoint changed resourceMetrics[0].scopeMetrics[0].metrics[0].sum.dataPoints[2] of 1 datapoint.as_int: 3 -> 7",
            "metric changed resourceMetrics[0].scopeMetrics[0].metrics[1] of 1 metric.unit: \"s\" -> -",
        ]
    );
    assert_eq!((compared.both, compared.changed, compared.shared, compared.dropped), (4, 3, 2, 1));
}

#[test]
fn metrics_that_statements_make_are_added() {
    let added = "metric_statements: ['copy_metric(name=\"c\") where metric.name == \"a\"']";
    let (lines, compared) = found(Signal::Metrics, METRICS, NOTHING, added);
    let place = "resourceMetrics[0].scopeMetrics[0].metrics[3].sum.dataPoints";
    assert_eq!(lines, [0, 1, 2].map(|at| format!("datapoint added {place}[{at}] of 1")));
    assert_eq!((compared.both, compared.changed, compared.added), (5, 0, 3));
    let (lines, compared) = found(Signal::Metrics, METRICS, added, NOTHING);
    assert!(compared.removed == 3 && lines.len() == 3, "{lines:?}");
    let (lines, _) = found(Signal::Metrics, METRICS, added, added);
    assert!(lines.is_empty(), "{lines:?}");
    // One that is made of nothing that has a number, with other points.
    let made = |scale: &str| {
        format!(
            "metric_statements: ['extract_sum_metric(true) where metric.name == \"h\"', 'scale_metric({scale}) where metric.name == \"h_sum\"']"
        )
    };
    let (lines, compared) = found(Signal::Metrics, METRICS, &made("1.0"), &made("2.0"));
    assert_eq!((compared.changed, compared.added, compared.removed), (1, 0, 0), "{lines:?}");
    assert!(lines[0].contains("datapoint.as_double: 6 -> 12"), "{lines:?}");
}

#[test]
fn points_of_another_kind_are_the_same_points() {
    let converted = "metric_statements: ['convert_exponential_histogram_to_histogram(\"random\", [1.0, 10.0]) where metric.name == \"h\"']";
    let (lines, compared) = found(Signal::Metrics, METRICS, NOTHING, converted);
    assert_eq!((compared.both, compared.dropped, compared.added, compared.kept), (5, 0, 0, 0), "{lines:?}");
    assert_eq!(compared.changed, 1, "{lines:?}");
    let of_points = lines.iter().find_map(|line| line.split_once(" of 1 datapoint.")).expect("the point changed").1;
    let of_points: Vec<&str> = of_points.split("; datapoint.").collect();
    assert!(of_points.contains(&"explicit_bounds[1]: - -> 10"), "{of_points:?}");
    assert!(of_points.contains(&"positive.bucket_counts[0]: 2 -> -"), "{of_points:?}");
    assert!(!of_points.iter().any(|field| ["count", "sum", "max"].contains(&field.split(':').next().unwrap_or(""))));
    // The buckets of a negative range stand in a field that in histograms is a number.
    let negative = METRICS.replace("positive", "negative");
    let (lines, compared) = found(Signal::Metrics, &negative, converted, NOTHING);
    assert_eq!((compared.both, compared.changed), (5, 1), "{lines:?}");
}

#[test]
fn what_differs_behind_many_values_is_a_difference() {
    let pairs: Vec<String> =
        (0..20_010).map(|at| format!(r#"{{"key": "k{at}", "value": {{"stringValue": "v"}}}}"#)).collect();
    let json = format!(
        r#"{{"resourceLogs": [{{"resource": {{"attributes": [{}]}}, "scopeLogs": [{{"logRecords": [{{}}]}}]}}]}}"#,
        pairs.join(",")
    );
    let rules = "log_statements: ['set(resource.attributes[\"k20005\"], \"other\")']";
    let (lines, compared) = found(Signal::Logs, &json, NOTHING, rules);
    assert_eq!((compared.changed, compared.shared), (1, 1));
    assert!(lines.len() == 1 && lines[0].contains(" resource.(values behind the first 20000): \""), "{lines:?}");
    // Packed values take a byte each.
    let counts = vec!["\"0\""; 20_010].join(",");
    let json = format!(
        r#"{{"resourceMetrics": [{{"scopeMetrics": [{{"metrics": [{{"name": "e", "exponentialHistogram": {{"dataPoints": [
            {{"positive": {{"bucketCounts": [{counts}]}}, "flags": 1}}]}}}}]}}]}}]}}"#
    );
    let set = |flags: &str| format!("metric_statements: ['set(datapoint.flags, {flags})']");
    let (lines, compared) = found(Signal::Metrics, &json, &set("2"), &set("3"));
    assert_eq!(compared.changed, 1, "{lines:?}");
    assert!(lines[0].contains(" datapoint.(values behind the first 20000): \""), "{lines:?}");
}

#[test]
fn counts_are_those_of_comparisons() {
    let message = message(Signal::Logs, LOGS);
    let after = run("log_statements: ['set(log.body, 1) where log.body == \"c\"']", Signal::Logs, &message);
    let (before, after) =
        (Outline::of(Signal::Logs, &message).expect("sound"), Outline::of(Signal::Logs, &after).expect("sound"));
    let counted = count(&before, &after).expect("sound");
    assert_eq!(counted, compare(&before, &after, |_| {}).expect("sound"));
    assert_eq!((counted.both, counted.changed), (5, 1));
    let nothing = count(&before, &Outline::empty(Signal::Logs)).expect("sound");
    assert_eq!((nothing.both, nothing.dropped, nothing.different()), (0, 5, 5));
    assert_eq!(before.traced_record(3), Some(3));
    assert_eq!(before.place_of(3, "resource").as_deref(), Some("resourceLogs[1]"));
    assert_eq!(before.place_of(9, "log"), None);
}

#[test]
fn damage_is_an_error() {
    assert!(number_records(Signal::Logs, &[0x0a, 5, 0]).is_err());
    assert!(Outline::of(Signal::Logs, &[0x0a, 4, 0x12, 2, 0x12, 9]).is_err());
}

#[test]
fn metrics_without_points_are_records() {
    let json = r#"{"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "a", "gauge": {}}, {"name": "b", "gauge": {"dataPoints": [{}]}}]}]}]}"#;
    let rules = "metric_statements: ['set(metric.unit, \"s\")', 'copy_metric(name=\"c\") where metric.name == \"a\"']";
    let (lines, compared) = found(Signal::Metrics, json, NOTHING, rules);
    assert_eq!(
        lines,
        [
            "metric changed resourceMetrics[0].scopeMetrics[0].metrics[0] of 1 metric.unit: - -> \"s\"",
            "metric changed resourceMetrics[0].scopeMetrics[0].metrics[1] of 1 metric.unit: - -> \"s\"",
            "metric added resourceMetrics[0].scopeMetrics[0].metrics[2] of 1",
        ]
    );
    assert_eq!((compared.both, compared.changed, compared.added), (2, 2, 1));
    let (lines, compared) = found(
        Signal::Metrics,
        &json.replace(r#"{"name": "a", "gauge": {}}"#, r#"{"name": "a", "sum": {}}"#),
        NOTHING,
        "metric_statements: [{context: metric, statements: ['convert_sum_to_gauge()']}]",
    );
    let place = "resourceMetrics[0].scopeMetrics[0].metrics[0]";
    assert_eq!(lines, [format!("metric changed {place} of 1 metric.type: \"sum\" -> \"gauge\"")]);
    assert_eq!(compared.changed, 1);
    let message = message(Signal::Metrics, json);
    let outline = Outline::of(Signal::Metrics, &message).expect("sound");
    assert_eq!([0, 1].map(|number| outline.traced_record(number)), [Some(0), Some(1)]);
}
