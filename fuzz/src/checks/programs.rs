//! The rules that [`super::edit`] runs: each kind of read, write and function that touches messages in a way of its own.

use ottl_schema::Signal;

/// What a text is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Statements of a group in this context.
    Transform(&'static str),
    /// Conditions of the filter processor.
    Filter,
}

use Kind::{Filter, Transform};
use Signal::{Logs, Metrics, Traces};

/// A program: its signal, its kind, and its statements or conditions.
pub(super) type Program = (Signal, Kind, &'static [&'static str]);

/// All programs; the first byte of an input chooses one.
pub(super) const PROGRAMS: &[Program] = &[
    // Logs: fields of the record.
    (Logs, Transform("log"), &[r#"set(log.body, "x")"#]),
    (Logs, Transform("log"), &[r#"set(log.severity_text, "WARN") where log.severity_number >= 13"#]),
    (Logs, Transform("log"), &["set(log.time_unix_nano, log.observed_time_unix_nano)"]),
    (Logs, Transform("log"), &["set(log.trace_id, TraceID(0x0102030405060708090a0b0c0d0e0f10))"]),
    (Logs, Transform("log"), &[r#"set(log.event_name, "e") where log.flags == 1"#]),
    (Logs, Transform("log"), &["set(log.body, nil)", "set(log.dropped_attributes_count, 7)"]),
    // Logs: attributes.
    (Logs, Transform("log"), &[r#"set(log.attributes["a"], log.body)"#]),
    (Logs, Transform("log"), &[r#"delete_key(log.attributes, "a")"#, r#"set(log.attributes["b"], 1)"#]),
    (Logs, Transform("log"), &[r#"delete_matching_keys(log.attributes, "^a")"#]),
    (Logs, Transform("log"), &[r#"keep_keys(log.attributes, ["a", "b"])"#]),
    (Logs, Transform("log"), &[r#"limit(log.attributes, 2, ["b"])"#]),
    (Logs, Transform("log"), &["truncate_all(log.attributes, 1)"]),
    (Logs, Transform("log"), &[r#"replace_all_patterns(log.attributes, "value", "a", "bb")"#]),
    (Logs, Transform("log"), &[r#"replace_all_patterns(log.attributes, "key", "a", "a")"#]),
    (Logs, Transform("log"), &[r#"set(log.attributes["a"]["b"], 1)"#, r#"set(log.attributes["l"][1], 2.5)"#]),
    (Logs, Transform("log"), &[r#"set(log.attributes, log.attributes["m"])"#]),
    (Logs, Transform("log"), &["flatten(log.attributes)"]),
    (Logs, Transform("log"), &[r#"merge_maps(log.attributes, ParseJSON(log.body), "upsert")"#]),
    (Logs, Transform("log"), &[r#"append(log.attributes["l"], "x")"#]),
    (Logs, Transform("log"), &[r#"set(log.body["k"], log.body["l"][0])"#]),
    // Logs: parents, caches, several records.
    (Logs, Transform("log"), &[r#"set(resource.attributes["n"], log.body)"#]),
    (Logs, Transform("log"), &[r#"set(scope.name, log.severity_text) where scope.version == """#]),
    (Logs, Transform("log"), &[r#"set(log.cache["a"], log.attributes["a"])"#, r#"set(log.body, log.cache["a"])"#]),
    (
        Logs,
        Transform("log"),
        &[r#"set(log.body, resource.attributes["a"]) where IsMatch(resource.attributes["a"], "^x")"#],
    ),
    (Logs, Transform("resource"), &[r#"set(resource.attributes["a"], 1)"#, r#"delete_key(resource.attributes, "b")"#]),
    (Logs, Transform("resource"), &[r#"set(resource.schema_url, "u")"#, "set(resource.dropped_attributes_count, 1)"]),
    (Logs, Transform("scope"), &[r#"set(scope.attributes["a"], scope.name)"#, r#"set(scope.schema_url, "u")"#]),
    (
        Logs,
        Transform("log"),
        &[r#"replace_pattern(log.body, "[0-9]+", "_")"#, "set(log.attributes[\"h\"], SHA256(log.body))"],
    ),
    (Logs, Transform("log"), &[r#"set(log.attributes["s"], String(log.body))"#, "set(log.body, Len(log.attributes))"]),
    // Logs: filters.
    (Logs, Filter, &[r#"log.attributes["a"] == "x""#]),
    (Logs, Filter, &["log.severity_number < 9", r#"IsMatch(log.body, "a+")"#]),
    (Logs, Filter, &[r#"resource.attributes["a"] != nil"#]),
    (Logs, Filter, &[r#"scope.name == "s""#]),
    (Logs, Filter, &["log.flags >= 0 or true"]),
    // Traces.
    (Traces, Transform("span"), &[r#"set(span.name, "n")"#]),
    (Traces, Transform("span"), &["set(span.kind, SPAN_KIND_SERVER)", "set(span.status.code, STATUS_CODE_ERROR)"]),
    (Traces, Transform("span"), &[r#"set(span.status.message, span.name) where span.status.code == 2"#]),
    (Traces, Transform("span"), &["set(span.end_time_unix_nano, span.start_time_unix_nano + 5)"]),
    (Traces, Transform("span"), &[r#"set(span.trace_state["a"], "b")"#]),
    (Traces, Transform("span"), &["set(span.parent_span_id, SpanID(0x0102030405060708))", "set(span.flags, 1)"]),
    (Traces, Transform("span"), &[r#"set(span.attributes["a"], span.trace_id.string)"#]),
    (Traces, Transform("span"), &["set(span.status, nil)", "set(span.events, nil)"]),
    (Traces, Transform("span"), &["set(span.links, nil) where Len(span.events) == 1"]),
    (
        Traces,
        Transform("spanevent"),
        &[r#"set(spanevent.name, "e")"#, r#"set(spanevent.attributes["i"], spanevent.event_index)"#],
    ),
    (Traces, Transform("spanevent"), &[r#"set(span.attributes["last"], spanevent.name)"#]),
    (Traces, Filter, &[r#"span.name == "n""#, r#"spanevent.name == "e""#]),
    (Traces, Filter, &["spanevent.event_index > 0"]),
    (Traces, Filter, &["span.kind == SPAN_KIND_CLIENT and span.dropped_events_count == 0"]),
    // Metrics.
    (Metrics, Transform("metric"), &[r#"set(metric.name, Concat([metric.name, "x"], "."))"#]),
    (
        Metrics,
        Transform("metric"),
        &[r#"set(metric.description, "d")"#, r#"set(metric.unit, "") where metric.type == 2"#],
    ),
    (Metrics, Transform("metric"), &["set(metric.is_monotonic, true)", "set(metric.aggregation_temporality, 1)"]),
    (Metrics, Transform("metric"), &["convert_gauge_to_sum(\"delta\", true)"]),
    (Metrics, Transform("metric"), &["convert_sum_to_gauge()"]),
    (Metrics, Transform("metric"), &[r#"set(metric.metadata["a"], metric.name)"#]),
    (Metrics, Transform("metric"), &["set(metric.data_points, nil) where metric.type == 1"]),
    (Metrics, Transform("metric"), &[r#"aggregate_on_attributes("sum", ["a"])"#]),
    (Metrics, Transform("metric"), &[r#"set(resource.attributes["n"], Len(metric.data_points))"#]),
    (Metrics, Transform("metric"), &[r#"copy_metric(name="copied") where metric.name == "n""#]),
    (Metrics, Transform("metric"), &["scale_metric(10.0)"]),
    (Metrics, Transform("metric"), &[r#"delete_matching_keys(scope.attributes, "a") where metric.name != """#]),
    (
        Metrics,
        Transform("datapoint"),
        &["set(datapoint.start_time_unix_nano, datapoint.time_unix_nano)", "set(datapoint.negative.offset, 3)"],
    ),
    (Metrics, Transform("datapoint"), &[r#"set(datapoint.attributes["a"], metric.name)"#]),
    (Metrics, Transform("datapoint"), &["set(datapoint.value_double, 1.5)"]),
    (Metrics, Transform("datapoint"), &["set(datapoint.value_int, datapoint.count)", "set(datapoint.sum, 2.0)"]),
    (
        Metrics,
        Transform("datapoint"),
        &["set(datapoint.explicit_bounds, [1.0])", "set(datapoint.bucket_counts, [1, 2])"],
    ),
    (Metrics, Transform("datapoint"), &["set(datapoint.positive.bucket_counts, [1, 2])", "set(datapoint.scale, -1)"]),
    (Metrics, Transform("datapoint"), &["set(datapoint.exemplars, nil)", "set(datapoint.quantile_values, nil)"]),
    (Metrics, Transform("datapoint"), &[r#"set(metric.unit, "u") where datapoint.attributes["a"] == "x""#]),
    (Metrics, Filter, &[r#"metric.name == "n""#, "datapoint.flags == 1"]),
    (Metrics, Filter, &["metric.type == METRIC_DATA_TYPE_SUM", r#"datapoint.attributes["a"] == 1"#]),
    // Several plain statements on one record: all of them run in one go.
    (
        Logs,
        Transform("log"),
        &[
            r#"delete_key(log.attributes, "a")"#,
            r#"set(log.attributes["b"], log.attributes["m"]) where log.attributes["b"] == nil"#,
            r#"keep_matching_keys(log.attributes, "^[a-m]")"#,
            r#"replace_all_patterns(log.attributes, "value", "a+", "bb")"#,
            r#"set(log.severity_text, log.attributes["l"]) where log.severity_number > 1"#,
            r#"limit(log.attributes, 1, ["b"])"#,
            r#"set(log.attributes["a"], "again")"#,
        ],
    ),
    (
        Traces,
        Transform("span"),
        &[
            r#"replace_pattern(span.name, "[0-9]", "")"#,
            r#"set(span.attributes["d"], span.end_time_unix_nano - span.start_time_unix_nano)"#,
            r#"delete_key(span.attributes, "d") where span.attributes["d"] < 5"#,
            r#"set(span.status.code, STATUS_CODE_ERROR) where span.attributes["a"] >= 500"#,
            "truncate_all(span.attributes, 2)",
            r#"set(span.attributes["s"], resource.attributes["a"])"#,
        ],
    ),
    (
        Metrics,
        Transform("datapoint"),
        &[
            r#"delete_key(datapoint.attributes, "a")"#,
            r#"set(datapoint.attributes["b"], "x") where datapoint.attributes["b"] == nil"#,
            r#"delete_key(datapoint.attributes, "b") where datapoint.attributes["c"] == 1"#,
        ],
    ),
    (
        Traces,
        Transform("spanevent"),
        &[r#"set(spanevent.attributes["a"], span.name)"#, r#"replace_pattern(spanevent.name, "a", "b")"#],
    ),
    (
        Logs,
        Transform("log"),
        &[
            r#"replace_pattern(log.attributes["a"], "x*", "-")"#,
            r#"set(log.body, log.attributes["a"]) where IsString(log.body)"#,
        ],
    ),
];
