//! What random rule sets have found that are as people write many of: rules and a message, made small, through both engines
//! in every configuration, with enough memory and with next to none.

use ottl_engine::fast::Engine;
use ottl_schema::Signal;
use ottl_suite::{engines, messages, rules};

/// Name, processor, signal, rules and message.
type Finding = (&'static str, &'static str, Signal, &'static str, &'static str);

const FINDINGS: &[Finding] = &[
    (
        "attributes that only dead steps ask about are not counted among those that living ones do",
        "filter",
        Signal::Metrics,
        r#"metric_conditions:
            - conditions:
                - 'resource.attributes["r"] == "x" and datapoint.attributes["a"] >= 1'
                - 'datapoint.attributes["b"] >= ""'"#,
        r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"n","gauge":{"dataPoints":[{"attributes":[
            {"key":"a","value":{}},{"key":"b","value":{"stringValue":""}}]}]}}]}]}]}"#,
    ),
    (
        "the name of a span is a text, though its field has the number of a body",
        "filter",
        Signal::Traces,
        r#"trace_conditions:
            - conditions:
                - 'IsMatch(span.name, "")'"#,
        r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{}]}]}]}"#,
    ),
    (
        "a key that is deleted changes which of two pairs of another key is the first",
        "transform",
        Signal::Metrics,
        r#"metric_statements:
            - statements:
                - 'delete_key(datapoint.attributes, "4key")'
                - 'set(metric.unit, "") where datapoint.attributes["12key"] == ""'
                - 'set(metric.unit, "nil") where datapoint.attributes["12key"] == nil'
                - 'set(metric.description, "d") where datapoint.attributes["other"] == "b"'"#,
        r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"n","histogram":{"dataPoints":[{"attributes":[
            {"key":"4key","value":{}},{"key":"12key","value":{"stringValue":""}},
            {"key":"other","value":{"stringValue":"a"}},{"key":"12key"}]}]}},
            {"name":"m","histogram":{"dataPoints":[{"attributes":[
            {"key":"4key","value":{}},{"key":"other","value":{"stringValue":"a"}},
            {"key":"12key"},{"key":"other","value":{"stringValue":"b"}}]}]}}]}]}]}"#,
    ),
    (
        "a resource without records that becomes larger than the limit is refused, not cut",
        "transform",
        Signal::Logs,
        r#"log_statements:
            - statements:
                - 'set(resource.attributes["ut.2"], "GET /")'
                - 'set(resource.attributes[""], "")'"#,
        r#"{"resourceLogs":[{}]}"#,
    ),
    (
        "a resource's records see what its own statements wrote, and those ask again after each other",
        "transform",
        Signal::Logs,
        r#"log_statements:
            - context: resource
              statements:
                - 'set(resource.attributes["env"], "a") where resource.attributes["env"] == nil'
                - 'set(resource.attributes["again"], 1) where resource.attributes["env"] == nil'
            - context: scope
              statements:
                - 'set(scope.name, "a") where resource.attributes["env"] == "a" and scope.name == ""'
                - 'set(scope.version, "none") where scope.name == ""'
            - context: log
              statements:
                - 'set(log.attributes["env"], resource.attributes["env"])'
                - 'set(log.attributes["nil"], true) where resource.attributes["env"] == nil'
                - 'set(log.attributes["a"], true) where resource.attributes["env"] == "a" and scope.name == "a"'
                - 'set(log.attributes["unnamed"], true) where scope.name == ""'"#,
        r#"{"resourceLogs":[
            {"scopeLogs":[{"logRecords":[{},{}]},{"scope":{"name":"b"},"logRecords":[{}]}]},
            {"resource":{"attributes":[{"key":"env","value":{"stringValue":"b"}}]},"scopeLogs":[
                {"logRecords":[{},{}]},{"scope":{"name":"a"},"logRecords":[{}]}]},
            {"scopeLogs":[{"scope":{"name":"a"},"logRecords":[{}]}]}]}"#,
    ),
];

#[test]
fn engines_agree_on_rule_sets_that_were_found() {
    for (name, processor, signal, body, message) in FINDINGS {
        let (plan, message) = (rules::plan(processor, *signal, body), messages::protobuf(*signal, message));
        let fast = engines::agreed(&plan, &message, name);
        let (tight, _) = engines::both(&Engine::new(&plan), &message, 0);
        assert_eq!(engines::wrong_in_less(&plan, &message, &tight, Some(&fast)), None, "{name}");
        let matched: u64 = fast.report.sources.iter().map(|source| source.matched).sum();
        assert!(matched > 0, "{name}: nothing matched");
    }
}
