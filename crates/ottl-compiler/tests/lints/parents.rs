//! What records share, lists that run for children alone, and copies.

use ottl_compiler::{GroupSpec, TransformOptions};
use ottl_schema::ContextId::{DataPoint, Log, Metric, Resource, Span, SpanEvent};
use ottl_schema::Signal;

use super::{compiler, expect, group, statements};

#[test]
fn writes_to_shared_parents() {
    statements(&[
        (Log, r#"append(resource.attributes["l"], "x")"#, "W0401"),
        (Resource, r#"append(attributes["l"], "x")"#, ""),
        (Log, r#"append(attributes["l"], "x")"#, ""),
        (Log, r#"set(attributes["a"], body["b"]["c"]) where body["b"] != nil"#, ""),
        (Log, r#"set(attributes["a"], attributes["l"][0]) where IsMap(attributes["l"])"#, ""),
        (Log, r#"set(attributes["a"], body["b"]) where IsMap(body)"#, "W0304"),
        (Log, r#"set(resource.attributes["a"], "x") where body == "y""#, "W0401"),
        (SpanEvent, r#"set(span.status.code, STATUS_CODE_ERROR) where name == "exception""#, ""),
        (SpanEvent, r#"set(span.status.message, name) where name == "exception""#, "W0401"),
        (Log, r#"set(resource.attributes["a"], body)"#, "W0401 W0304"),
        (Log, r#"set(resource.attributes["a"], "x")"#, ""),
        (Log, r#"set(resource.attributes["a"], scope.name)"#, "W0401"),
        (Log, r#"set(scope.name, resource.schema_url)"#, ""),
        (Log, r#"delete_key(resource.attributes, "x") where severity_number > 8"#, "W0401"),
        (Log, r#"delete_key(resource.attributes, "x") where resource.attributes["y"] == 1"#, ""),
        (DataPoint, r#"set(metric.name, "x") where attributes["a"] == 1"#, "W0401"),
        (DataPoint, r#"set(metric.name, "x") where metric.unit == "s""#, ""),
    ]);
}

#[test]
fn what_builds_on_itself_is_done_once() {
    statements(&[
        (DataPoint, r#"set(metric.name, Concat([metric.name, "_x"], ""))"#, "W0401"),
        (DataPoint, r#"set(metric.name, Concat([metric.name, "_x"], "")) where metric.name == "a""#, ""),
        (DataPoint, r#"set(metric.name, Concat([metric.name, "_x"], "")) where not IsMatch(metric.name, "_x$")"#, ""),
        (DataPoint, r#"set(metric.name, Concat([metric.name, "_x"], "")) where metric.unit == "s""#, ""),
        (DataPoint, r#"set(metric.name, Concat([metric.name, "_x"], "")) where IsMatch(metric.name, "^a")"#, "W0401"),
        (Metric, r#"set(metric.name, Concat([metric.name, "_x"], ""))"#, ""),
        (DataPoint, r#"replace_pattern(metric.name, "^", "x.")"#, "W0401"),
        (DataPoint, r#"replace_pattern(metric.name, "\\.", "_")"#, ""),
        (DataPoint, r#"set(metric.name, ToLowerCase(metric.name))"#, ""),
        (Log, r#"set(resource.attributes["n"], Concat([resource.attributes["n"], "x"], ""))"#, "W0401"),
        (Log, r#"set(resource.attributes["n"], Concat([resource.attributes["a"], "x"], ""))"#, ""),
        (Log, r#"set(resource.attributes["n"], SHA256(resource.attributes["n"]))"#, "W0401"),
        (Log, r#"set(resource.attributes["n"], resource.attributes["n"] * 1000)"#, "W0401"),
        (Log, r#"set(resource.attributes["n"], resource.attributes["n"] + 1)"#, ""),
        (Log, r#"replace_pattern(resource.attributes["k8s.pod.name"], "-[^-]+$", "")"#, "W0401"),
        (Log, r#"replace_all_patterns(resource.attributes, "value", "^", "x")"#, "W0401"),
        (Log, r#"truncate_all(resource.attributes, 10)"#, ""),
        (Log, r#"set(scope.name, Trim(scope.name))"#, ""),
        (Span, r#"delete_index(resource.attributes["l"], 0)"#, "W0401"),
        (Span, r#"set(scope.version, Format("%s-x", [scope.version]))"#, "W0401"),
    ]);
}

#[test]
fn logs_that_are_flattened_share_nothing() {
    let table = [
        (r#"set(resource.attributes["a"], attributes["a"]) where attributes["a"] != nil"#, false, "W0401"),
        (r#"set(resource.attributes["a"], attributes["a"]) where attributes["a"] != nil"#, true, ""),
        (r#"set(scope.name, "x") where severity_number > 8"#, true, ""),
        (r#"append(scope.attributes["a"], "x")"#, true, ""),
    ];
    expect(table.map(|(statement, flatten_data, want)| {
        let options = TransformOptions { flatten_data, ..TransformOptions::default() };
        (statement, want, compiler().compile_transform(Signal::Logs, &[group(Some(Log), &[statement])], options))
    }));
}

#[test]
fn lists_that_run_for_children_alone_are_doubted() {
    let compile =
        |signal, group: GroupSpec<'_>| compiler().compile_transform(signal, &[group], TransformOptions::default());
    let event = r#"set(spanevent.name, "x")"#;
    let table = [
        (r#"set(span.name, "x")"#, None, "W0403"),
        (r#"set(resource.attributes["a"], "x")"#, None, "W0403"),
        (r#"set(span.name, "x") where spanevent.name == "y""#, None, ""),
        (r#"set(spanevent.attributes["a"], span.name)"#, None, ""),
        (r#"set(span.name, "x")"#, Some(SpanEvent), ""),
    ];
    expect(table.map(|(statement, context, want)| {
        (statement, want, compile(Signal::Traces, group(context, &[statement, event])))
    }));
    let points = [r#"set(metric.name, "x")"#, r#"set(datapoint.attributes["a"], 1)"#];
    expect([("nearly every metric has data points", "", compile(Signal::Metrics, group(None, &points)))]);
}

#[test]
fn copies_that_are_copied_again() {
    statements(&[
        (Metric, r#"copy_metric()"#, "W0402"),
        (Metric, r#"copy_metric(name="b")"#, "W0402"),
        (Metric, r#"copy_metric(name="b") where unit == "s""#, "W0402"),
        (Metric, r#"copy_metric(name="b") where name == "a""#, ""),
        (Metric, r#"copy_metric(name="b") where name != "a""#, "W0402"),
        (Metric, r#"copy_metric(name="http.b") where IsMatch(name, "^http")"#, "W0402"),
        (Metric, r#"copy_metric(name="b.http") where IsMatch(name, "^http")"#, ""),
        (Metric, r#"copy_metric(name="http.b") where HasPrefix(name, "http") and unit == "s""#, "W0402"),
        (Metric, r#"copy_metric(name="http.b") where HasPrefix(name, "http") and name != "http.b""#, ""),
        (Metric, r#"copy_metric(name="b") where name == "a" or unit == "s""#, ""),
        (Metric, r#"copy_metric(name=Concat([name, ".b"], "")) where IsMatch(name, "^http")"#, "W0402"),
        (Metric, r#"copy_metric("b", unit="ms") where unit == "s""#, ""),
        // Named after what they are copies of.
        (Metric, r#"copy_metric(name=Concat([name, "_total"], "")) where HasPrefix(name, "http")"#, "W0402"),
        (
            Metric,
            r#"copy_metric(name=Concat([name, "total"], ".")) where IsMatch(metric.name, "^rpc\\.server") and unit == "s""#,
            "W0402",
        ),
        (Metric, r#"copy_metric(metric.name) where name == "a""#, "W0402"),
        (Metric, r#"copy_metric(name=Concat([name, "_total"], "")) where name == "http""#, ""),
        (Metric, r#"copy_metric(name=Concat(["old", name], ".")) where HasPrefix(name, "http")"#, ""),
        (Metric, r#"copy_metric(name=Concat([name, "_total"], "")) where HasSuffix(name, "_count")"#, ""),
    ]);
}
