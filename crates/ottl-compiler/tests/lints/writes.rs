//! Writes that fail, write nothing, or write what may not be there.

use ottl_core::{Gate, Target};
use ottl_schema::ContextId::{DataPoint, Log, Metric, Resource, Span, SpanEvent};

use super::{compiler, expect, statements};

#[test]
fn writes_are_of_types_that_their_places_take() {
    statements(&[
        (Log, r#"set(severity_number, "ERROR")"#, "W0302"),
        (Log, r#"set(severity_number, 1.0)"#, "W0302"),
        (Log, r#"set(severity_number, nil)"#, "W0302"),
        (Log, r#"set(severity_number, Int(body))"#, ""),
        (Log, r#"set(severity_number, ParseJSON(body))"#, ""),
        (Log, r#"set(time, time_unix_nano)"#, "W0302"),
        (Log, r#"set(time, observed_time)"#, ""),
        (Log, r#"set(time, attributes["ts"])"#, "W0302"),
        (Log, r#"set(time, body)"#, "W0302"),
        (Log, r#"set(time, body["ts"]) where body["ts"] != nil"#, "W0302"),
        (Log, r#"set(time, Time(attributes["ts"], "%Y"))"#, ""),
        (Log, r#"set(trace_id, attributes["id"])"#, "W0302"),
        (Span, r#"set(start_time, attributes["ts"])"#, "W0302"),
        (DataPoint, r#"set(time, attributes["ts"])"#, "W0302"),
        (DataPoint, r#"set(exemplars, 1)"#, "W0302"),
        (Span, r#"set(status, "ERROR")"#, "W0302"),
        (Span, r#"set(status, STATUS_CODE_ERROR)"#, "W0302"),
        (Span, r#"set(status, attributes["status"])"#, "W0302"),
        (SpanEvent, r#"set(span.status.code, STATUS_CODE_ERROR) where span.status == 2"#, "W0301"),
        (Span, r#"set(name, "x") where status == "ERROR""#, "W0301"),
        (Span, r#"set(name, "x") where STATUS_CODE_ERROR == status"#, "W0301"),
        (Span, r#"set(name, "x") where status.code == STATUS_CODE_ERROR"#, ""),
        (Span, r#"set(name, "x") where status != nil and name == "y""#, ""),
        (Log, r#"set(attributes, {})"#, ""),
        (Log, r#"set(attributes, nil)"#, ""),
        (Log, r#"set(attributes, "x")"#, "W0302"),
        (Log, r#"set(attributes["a"], time)"#, "W0302"),
        (Log, r#"set(attributes["a"], trace_id)"#, "W0302"),
        (Log, r#"set(attributes["a"], nil)"#, ""),
        (Log, r#"set(body, Duration("1h"))"#, "W0302"),
        (Log, r#"set(body, [1])"#, ""),
        (Log, r#"set(body.string, 1)"#, "W0302"),
        (Log, r#"set(trace_id, trace_id.string)"#, "W0302"),
        (Log, r#"set(otelcol.client.addr, "x")"#, "W0302"),
        (Log, r#"delete_key(severity_text, "x")"#, "W0302"),
        (Log, r#"delete_key(body, "x")"#, ""),
        (Log, r#"delete_index(attributes, 0)"#, "W0302"),
        (DataPoint, r#"set(value_double, 1)"#, "W0302"),
        (DataPoint, r#"set(explicit_bounds, "x")"#, "W0302"),
    ]);
}

#[test]
fn texts_that_ids_and_enums_do_not_have() {
    statements(&[
        (Span, r#"set(kind.string, "SERVER")"#, "W0302"),
        (Span, r#"set(kind.string, "Server")"#, ""),
        (Log, r#"set(trace_id.string, "abc")"#, "W0302"),
        (Log, r#"set(trace_id.string, "0102030405060708090a0b0c0d0e0f10")"#, ""),
        (Log, r#"set(severity_number, "WARNING")"#, "W0302"),
    ]);
}

#[test]
fn numbers_that_a_field_cuts() {
    statements(&[
        (Log, r#"set(dropped_attributes_count, -1)"#, "W0331"),
        (Log, r#"set(flags, 4294967296)"#, "W0331"),
        (Log, r#"set(flags, 4294967295)"#, ""),
        (Log, r#"set(time_unix_nano, -1)"#, "W0331"),
        (Log, r#"set(severity_number, -1)"#, "W0325"),
        (DataPoint, r#"set(value_int, -1)"#, ""),
        (DataPoint, r#"set(scale, -1)"#, ""),
        (DataPoint, r#"set(count, -1)"#, "W0331"),
    ]);
}

#[test]
fn writes_without_an_effect() {
    statements(&[
        // What is there already.
        (Metric, r#"set(type, "x")"#, "W0309"),
        (Log, r#"set(severity_text, severity_text)"#, "W0309"),
        (Log, r#"set(severity_text, log.severity_text) where body == "x""#, "W0309"),
        (Log, r#"set(time, time)"#, "W0309"),
        (Log, r#"set(trace_id, trace_id)"#, "W0309"),
        (Log, r#"set(scope.name, scope.name)"#, "W0309"),
        (Log, r#"set(severity_text, scope.name)"#, ""),
        (Log, r#"set(time_unix_nano, observed_time_unix_nano)"#, ""),
        (Log, r#"set(body, body)"#, "W0309"),
        (Log, r#"set(body, body) where body != nil"#, "W0309"),
        (Log, r#"set(attributes["a"], attributes["a"])"#, "W0309"),
        (Log, r#"set(attributes["a"], attributes["b"])"#, "W0304"),
        (Log, r#"set(attributes, attributes)"#, ""),
        (Log, r#"set(attributes["a"], attributes["a"]) where attributes["a"] == nil"#, ""),
        (DataPoint, r#"set(value_int, value_int)"#, "W0304"),
        (DataPoint, r#"set(attributes["a"], count)"#, "W0304"),
        (DataPoint, r#"set(attributes["a"], count) where metric.type == METRIC_DATA_TYPE_HISTOGRAM"#, ""),
        (DataPoint, r#"set(attributes["a"], attributes["b"]) where metric.type == METRIC_DATA_TYPE_SUM"#, "W0304"),
        // What is replaced or merged.
        (Log, r#"replace_pattern(body, "a b", "a b")"#, "W0309"),
        (Log, r#"replace_all_matches(attributes, replacement="x", pattern="x")"#, "W0309"),
        (Log, r#"replace_pattern(body, "a.", "a.")"#, ""),
        (Log, r#"merge_maps(attributes, {}, "upsert")"#, "W0309"),
        (Span, r#"merge_maps(attributes, span.attributes, "insert")"#, "W0309"),
        (Span, r#"merge_maps(attributes, resource.attributes, "insert")"#, ""),
    ]);
}

#[test]
fn sources_that_can_be_nil() {
    statements(&[
        (Log, r#"set(severity_text, attributes["l"])"#, "W0304"),
        (Log, r#"set(attributes["a"], attributes["l"])"#, "W0304"),
        (Log, r#"set(attributes["a"], cache["l"])"#, "W0321"),
        (Log, r#"set(attributes["a"], attributes["l"]) where attributes["l"] != nil"#, ""),
        (Log, r#"set(attributes["a"], attributes["l"]) where IsString(attributes["l"])"#, ""),
        (Log, r#"set(attributes["a"], attributes["l"]) where attributes["m"] != nil"#, "W0304"),
        (Log, r#"set(attributes["a"], severity_text)"#, ""),
        (Log, r#"set(attributes["a"], resource.attributes["l"])"#, ""),
        (Log, r#"set(body, resource.attributes["l"])"#, ""),
        (Log, r#"set(severity_text, resource.attributes["l"])"#, "W0304"),
        (Resource, r#"set(attributes["a"], attributes["l"]) where attributes["a"] == nil"#, ""),
        (Log, r#"set(attributes["a"], scope.attributes["l"])"#, "W0304"),
        (Log, r#"set(attributes["a"], Concat([attributes["l"]], ","))"#, ""),
        (Log, r#"set(attributes["a"], Concat("x-", body))"#, "E0307"),
        (Log, r#"set(attributes["a"], Concat(ToUpperCase("x"), "-"))"#, "W0307"),
        (Log, r#"set(attributes["a"], Concat(body, "-"))"#, ""),
    ]);
}

#[test]
fn the_gate_of_nil_decides_about_sources() {
    let mut compiler = compiler();
    compiler.target = Target::V0_161;
    compiler.gates = compiler.gates.without(Gate::AllowNil);
    let table = [(r#"set(body, attributes["a"])"#, ""), ("set(body, nil)", "W0309")];
    expect(table.map(|(text, want)| (text, want, compiler.compile_statement(Log, text))));
}

#[test]
fn editors_of_other_metrics() {
    statements(&[
        (Metric, "convert_sum_to_gauge() where type == METRIC_DATA_TYPE_GAUGE", "W0309"),
        (Metric, "convert_sum_to_gauge() where type == METRIC_DATA_TYPE_SUM", ""),
        (Metric, "convert_sum_to_gauge() where not (type == METRIC_DATA_TYPE_GAUGE)", ""),
        (Metric, "extract_sum_metric(true) where type == METRIC_DATA_TYPE_GAUGE", "W0309"),
        (Metric, "extract_sum_metric(true) where type == METRIC_DATA_TYPE_SUMMARY", ""),
    ]);
}
