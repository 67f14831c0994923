//! The record that the examples of editors work on.

/// The log record that the examples in the definitions of editors start from, as OTLP/JSON. The record after the
/// statement is the example's result.
pub const LOG_RECORD: &str = r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"method","value":{"stringValue":"GET"}},{"key":"status","value":{"intValue":"200"}},{"key":"user","value":{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"ann"}},{"key":"id","value":{"intValue":"7"}}]}}},{"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}}]}"#;

/// The metric that the examples of the metric functions start from, as OTLP/JSON; their result is the metric after the
/// statement, for `copy_metric` the list of metrics.
pub const METRIC: &str = r#"{"name":"requests","unit":"1","sum":{"dataPoints":[{"attributes":[{"key":"host","value":{"stringValue":"a"}},{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","asInt":"3"},{"attributes":[{"key":"host","value":{"stringValue":"b"}},{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","asInt":"4"}],"aggregationTemporality":2,"isMonotonic":true}}"#;
