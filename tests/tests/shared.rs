//! Conditions that stand in several places of a level: asked once, and again after what they look at was written. Both engines
//! in every configuration.

use ottl_engine::Engine as _;
use ottl_engine::fast::Engine;
use ottl_schema::Signal;
use ottl_suite::engines::agreed;
use ottl_suite::{messages, rules};

/// Name, signal, statements or groups, message, and how often the last statement matches.
type Case = (&'static str, Signal, &'static str, &'static str, u64);

const LOGS: &str = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[
    {"severityText":"a","body":{"stringValue":"{\"x\":1}"},"attributes":[
        {"key":"k","value":{"stringValue":"v"}},{"key":"other","value":{"intValue":1}}]},
    {"severityText":"a","attributes":[{"key":"gone","value":{}},
        {"key":"k","value":{"stringValue":"w"}},{"key":"k","value":{"stringValue":"v"}}]},
    {"severityText":"b","body":{"kvlistValue":{"values":[{"key":"k","value":{"stringValue":"v"}}]}}}]}]}]}"#;

const CASES: &[Case] = &[
    (
        "a field that is written between two places",
        Signal::Logs,
        r#"
        - conditions: ['resource.attributes["no"] == nil']
          statements:
            - 'set(log.severity_number, 1) where log.severity_text == "a" and log.flags == 0'
            - 'set(log.severity_number, 2) where log.severity_text == "a" and log.flags == 0'
            - 'set(log.flags, 1) where log.severity_text == "a" and log.flags == 0'
            - 'set(log.severity_number, 3) where log.severity_text == "a" and log.flags == 0'"#,
        LOGS,
        0,
    ),
    (
        "an attribute that is written between two places, and one that is not looked at",
        Signal::Logs,
        r#"
        - statements:
            - 'set(log.attributes["n"], 1) where Len(Trim(log.attributes["k"])) == 1'
            - 'set(log.attributes["k"], "long") where Len(Trim(log.attributes["k"])) == 1 and log.attributes["other"] == 1'
            - 'set(log.attributes["n"], 2) where Len(Trim(log.attributes["k"])) == 1'"#,
        LOGS,
        1,
    ),
    (
        "a pair that is taken out makes another one the first of its key",
        Signal::Logs,
        r#"
        - statements:
            - 'set(log.flags, 1) where Concat([log.attributes["k"], "x"], "") == "vx"'
            - 'delete_key(log.attributes, "gone") where log.severity_text != nil'
            - 'set(log.flags, 2) where Concat([log.attributes["k"], "x"], "") == "vx"'"#,
        LOGS,
        2,
    ),
    (
        "all attributes are looked at, and one of them is written",
        Signal::Logs,
        r#"
        - statements:
            - 'set(log.flags, 1) where Len(log.attributes) == 2'
            - 'set(log.attributes["third"], 1) where Len(log.attributes) == 2 and log.flags == 1'
            - 'set(log.flags, 2) where Len(log.attributes) == 2'"#,
        LOGS,
        0,
    ),
    (
        "groups under the same condition count it each for themselves",
        Signal::Logs,
        r#"
        - conditions: ['IsMatch(log.body, "^\\{")', 'log.severity_text == "a" and log.attributes["k"] == "w"']
          statements: ['set(log.attributes["first"], log.body)']
        - conditions: ['IsMatch(log.body, "^\\{")', 'log.severity_text == "a" and log.attributes["k"] == "w"']
          statements: ['set(log.body, "text")']
        - conditions: ['IsMatch(log.body, "^\\{")', 'log.severity_text == "a" and log.attributes["k"] == "w"']
          statements: ['set(log.attributes["third"], log.body)']"#,
        LOGS,
        1,
    ),
    (
        "what fails in one place fails in the next",
        Signal::Logs,
        r#"
        - statements:
            - 'set(log.flags, 1) where ParseJSON(log.body)["x"] == 1.0'
            - 'set(log.flags, 2) where log.severity_text == "a" and ParseJSON(log.body)["x"] == 1.0'
            - 'set(log.flags, 3) where not (ParseJSON(log.body)["x"] == 1.0)'
            - 'set(log.flags, 4) where ParseJSON(log.body)["x"] == 1.0'"#,
        LOGS,
        1,
    ),
    (
        "a value of a point takes the place of the other one",
        Signal::Metrics,
        r#"
        - statements:
            - 'set(datapoint.flags, 1) where datapoint.value_int + 0 == 1'
            - 'set(datapoint.value_double, 2.0) where datapoint.value_int + 0 == 1 and datapoint.flags == 1'
            - 'set(datapoint.flags, 2) where datapoint.value_int + 0 == 1'"#,
        r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[
            {"asInt":"1"},{"asInt":"2"},{"asDouble":1}]}}]}]}]}"#,
        0,
    ),
    (
        "each record, and each level, is asked anew",
        Signal::Traces,
        r#"
        - statements:
            - 'set(span.kind, 1) where Len(span.name) == 1'
            - 'set(span.kind, 2) where Len(span.name) == 1'
        - statements:
            - 'set(spanevent.name, "n") where Len(spanevent.name) == 2'
            - 'set(spanevent.name, "nn") where Len(span.name) == 1'
            - 'set(spanevent.attributes["same"], true) where Len(span.name) == 1'"#,
        r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a","events":[{"name":"aa"},{"name":"b"}]},
            {"name":"long","events":[{"name":"aa"}]},{"name":"c","events":[{"name":"dd"}]}]}]}]}"#,
        3,
    ),
];

#[test]
fn engines_agree_on_what_is_shared() {
    for (name, signal, groups, message, matches) in CASES {
        let list = match signal {
            Signal::Logs => "log_statements",
            Signal::Traces => "trace_statements",
            _ => "metric_statements",
        };
        let plan = rules::plan("transform", *signal, &format!("{list}:{groups}"));
        let text = Engine::new(&plan).explain();
        assert!(text.contains("asked once, until a write makes it stale"), "{name}: {text}");
        let report = agreed(&plan, &messages::protobuf(*signal, message), name).report;
        assert_eq!(report.sources.last().map(|last| last.matched), Some(*matches), "{name}: {report:?}");
    }
}

/// A statement that replaces the points of its metric leaves an empty one the current point: nothing that was known of it
/// before is so afterwards.
#[test]
fn nothing_is_shared_across_replaced_parts() {
    let list = r#"metric_statements:
        - 'keep_keys(datapoint.cache, []) where Bool(datapoint.attributes["i"])'
        - 'set(metric.data_points, datapoint.negative)'
        - 'keep_keys(datapoint.cache, []) where Bool(datapoint.attributes["i"])'"#;
    let plan = rules::plan("transform", Signal::Metrics, list);
    let message = r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[
        {"attributes":[{"key":"i","value":{"intValue":0}}]}]}}]}]}]}"#;
    agreed(&plan, &messages::protobuf(Signal::Metrics, message), list);
}
