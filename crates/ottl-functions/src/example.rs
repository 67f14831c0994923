//! The records that the examples of functions work on.

use ottl_core::function::{Example, FunctionDef};

/// The context in which an example of a function runs, and the record that it starts from, as OTLP/JSON. Functions that
/// are there in conditions alone are conditions of the context `metric`.
pub fn before(function: &FunctionDef, example: &Example) -> (&'static str, &'static str) {
    let context = match function.availability.statements.first().copied().unwrap_or("log") {
        "none" => "metric",
        context => context,
    };
    let record = match context {
        "metric" | "datapoint" => METRIC,
        "span" => SPAN,
        _ => LOG_RECORD,
    };
    (context, example.before.unwrap_or(record))
}

/// The log record that the examples in the definitions of editors start from, as OTLP/JSON. The record after the
/// statement is the example's result.
pub const LOG_RECORD: &str = r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"method","value":{"stringValue":"GET"}},{"key":"status","value":{"intValue":"200"}},{"key":"user","value":{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"ann"}},{"key":"id","value":{"intValue":"7"}}]}}},{"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}}]}"#;

/// The metric that the examples of the metric functions start from, as OTLP/JSON; their result is the metric after the
/// statement, for `copy_metric` the list of metrics.
pub const METRIC: &str = r#"{"name":"requests","unit":"1","sum":{"dataPoints":[{"attributes":[{"key":"host","value":{"stringValue":"a"}},{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","asInt":"3"},{"attributes":[{"key":"host","value":{"stringValue":"b"}},{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","asInt":"4"}],"aggregationTemporality":2,"isMonotonic":true}}"#;

/// A gauge of one point.
pub const GAUGE: &str = r#"{"name":"requests","unit":"1","gauge":{"dataPoints":[{"timeUnixNano":"2","asInt":"3"}]}}"#;

/// A histogram of one point.
pub const HISTOGRAM: &str = r#"{"name":"latency","unit":"ms","histogram":{"dataPoints":[{"attributes":[{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","count":"4","sum":60,"bucketCounts":["1","2","1"],"explicitBounds":[10,20]}],"aggregationTemporality":1}}"#;

/// An exponential histogram of one point.
pub const EXPONENTIAL: &str = r#"{"name":"size","unit":"By","exponentialHistogram":{"dataPoints":[{"timeUnixNano":"2","count":"4","sum":9,"positive":{"bucketCounts":["3","1"]}}],"aggregationTemporality":2}}"#;

/// A summary of one point.
pub const SUMMARY: &str = r#"{"name":"rtt","unit":"s","summary":{"dataPoints":[{"attributes":[{"key":"host","value":{"stringValue":"a"}}],"timeUnixNano":"2","count":"5","sum":12.5,"quantileValues":[{"quantile":0.5,"value":2}]}]}}"#;

/// A span of a server.
pub const SPAN: &str = r#"{"name":"GET /users/7","kind":2,"attributes":[{"key":"http.request.method","value":{"stringValue":"GET"}},{"key":"http.route","value":{"stringValue":"/users/{id}"}}]}"#;
