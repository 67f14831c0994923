//! Names of the enum values in OTLP/JSON.
//!
//! Source: opentelemetry-proto 1.10.

use super::EnumName;

const fn name(name: &'static str, value: i32) -> EnumName {
    EnumName { name, value }
}

pub(super) const SEVERITY_NUMBER: &[EnumName] = &[
    name("SEVERITY_NUMBER_UNSPECIFIED", 0),
    name("SEVERITY_NUMBER_TRACE", 1),
    name("SEVERITY_NUMBER_TRACE2", 2),
    name("SEVERITY_NUMBER_TRACE3", 3),
    name("SEVERITY_NUMBER_TRACE4", 4),
    name("SEVERITY_NUMBER_DEBUG", 5),
    name("SEVERITY_NUMBER_DEBUG2", 6),
    name("SEVERITY_NUMBER_DEBUG3", 7),
    name("SEVERITY_NUMBER_DEBUG4", 8),
    name("SEVERITY_NUMBER_INFO", 9),
    name("SEVERITY_NUMBER_INFO2", 10),
    name("SEVERITY_NUMBER_INFO3", 11),
    name("SEVERITY_NUMBER_INFO4", 12),
    name("SEVERITY_NUMBER_WARN", 13),
    name("SEVERITY_NUMBER_WARN2", 14),
    name("SEVERITY_NUMBER_WARN3", 15),
    name("SEVERITY_NUMBER_WARN4", 16),
    name("SEVERITY_NUMBER_ERROR", 17),
    name("SEVERITY_NUMBER_ERROR2", 18),
    name("SEVERITY_NUMBER_ERROR3", 19),
    name("SEVERITY_NUMBER_ERROR4", 20),
    name("SEVERITY_NUMBER_FATAL", 21),
    name("SEVERITY_NUMBER_FATAL2", 22),
    name("SEVERITY_NUMBER_FATAL3", 23),
    name("SEVERITY_NUMBER_FATAL4", 24),
    // A slip of the reference: it knows this name with a space at its end, and only so.
    name("SEVERITY_NUMBER_TRACE ", 1),
];

pub(super) const SPAN_KIND: &[EnumName] = &[
    name("SPAN_KIND_UNSPECIFIED", 0),
    name("SPAN_KIND_INTERNAL", 1),
    name("SPAN_KIND_SERVER", 2),
    name("SPAN_KIND_CLIENT", 3),
    name("SPAN_KIND_PRODUCER", 4),
    name("SPAN_KIND_CONSUMER", 5),
];

pub(super) const STATUS_CODE: &[EnumName] =
    &[name("STATUS_CODE_UNSET", 0), name("STATUS_CODE_OK", 1), name("STATUS_CODE_ERROR", 2)];

pub(super) const AGGREGATION_TEMPORALITY: &[EnumName] = &[
    name("AGGREGATION_TEMPORALITY_UNSPECIFIED", 0),
    name("AGGREGATION_TEMPORALITY_DELTA", 1),
    name("AGGREGATION_TEMPORALITY_CUMULATIVE", 2),
];
