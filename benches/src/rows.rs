//! The workloads: rules, data, and how outputs compare.

use crate::data;

/// One workload.
pub struct Row {
    /// Its name; `definitions/NAME.yaml` holds the rules.
    pub name: &'static str,
    /// What it stands for.
    pub what: &'static str,
    /// `transform` or `filter`.
    pub processor: &'static str,
    /// `logs`, `traces` or `metrics`.
    pub signal: &'static str,
    /// The rules.
    pub rules: &'static str,
    /// Makes a message of this many records (logs, spans, data points).
    pub message: fn(usize) -> Vec<u8>,
    /// How much faster than the reference this has to be at 8 192 records.
    pub bar: f64,
}

macro_rules! row {
    ($name:literal, $what:literal, $processor:literal, $signal:literal, $message:expr, $bar:expr) => {
        Row {
            name: $name,
            what: $what,
            processor: $processor,
            signal: $signal,
            rules: include_str!(concat!("../definitions/", $name, ".yaml")),
            message: $message,
            bar: $bar,
        }
    };
}

/// All workloads.
pub const ROWS: &[Row] = &[
    row!("untouched-logs", "rules that change nothing in this message", "transform", "logs", data::logs, 1.0),
    row!(
        "filter-logs",
        "a regex on an attribute; severity and a resource attribute",
        "filter",
        "logs",
        data::logs,
        20.0
    ),
    row!("filter-spans", "two equalities", "filter", "traces", data::spans, 15.0),
    row!("structural", "five structural log statements", "transform", "logs", data::logs, 10.0),
    row!("redaction", "two regex replacements, SHA256 of the body", "transform", "logs", data::logs, 8.0),
    row!("json-bodies", "JSON bodies into attributes, a third of the records", "transform", "logs", data::logs, 8.0),
    row!("spans", "seven span statements", "transform", "traces", data::spans, 8.0),
    row!(
        "metrics",
        "four metric statements on names and data point attributes",
        "transform",
        "metrics",
        data::points,
        12.0
    ),
];
