//! The tables: every OTLP message, its fields in the order in which the reference writes JSON.
//!
//! Source: opentelemetry-proto 1.10 (numbers, names, types); the order, which members are always written, and
//! number 1000 are the reference's. Messages of profiles alone are in [`super::profiles`], enum names in
//! [`super::enums`].

use super::Kind::{
    Bool, Bytes, Double, Enum, Fixed32, Fixed64, Id, Int32, Int64, Message, Sfixed64, Sint32, String, Uint32, Uint64,
};
use super::enums::{AGGREGATION_TEMPORALITY, SEVERITY_NUMBER, SPAN_KIND, STATUS_CODE};
use super::profiles::{
    FUNCTION, KEY_VALUE_AND_UNIT, LINE, LINK, LOCATION, MAPPING, PROFILE, PROFILES_DICTIONARY, SAMPLE, STACK,
    VALUE_TYPE,
};
use super::{FieldDef, Kind, MessageDef, MessageId, Presence};

const fn def(number: u32, names: [&'static str; 2], kind: Kind, presence: Presence) -> FieldDef {
    FieldDef { number, name: names[0], snake_name: names[1], kind, presence }
}

pub(super) const fn one(number: u32, names: [&'static str; 2], kind: Kind) -> FieldDef {
    def(number, names, kind, Presence::Implicit)
}

pub(super) const fn always(number: u32, names: [&'static str; 2], message: MessageId) -> FieldDef {
    def(number, names, Message(message), Presence::Always)
}

pub(super) const fn optional(number: u32, names: [&'static str; 2], kind: Kind) -> FieldDef {
    def(number, names, kind, Presence::Optional)
}

pub(super) const fn oneof(number: u32, names: [&'static str; 2], kind: Kind) -> FieldDef {
    def(number, names, kind, Presence::Oneof)
}

pub(super) const fn many(number: u32, names: [&'static str; 2], kind: Kind) -> FieldDef {
    def(number, names, kind, Presence::Repeated)
}

const TRACES_DATA: &[FieldDef] = &[many(1, ["resourceSpans", "resource_spans"], Message(MessageId::ResourceSpans))];

const LOGS_DATA: &[FieldDef] = &[many(1, ["resourceLogs", "resource_logs"], Message(MessageId::ResourceLogs))];

const METRICS_DATA: &[FieldDef] =
    &[many(1, ["resourceMetrics", "resource_metrics"], Message(MessageId::ResourceMetrics))];

const PROFILES_DATA: &[FieldDef] = &[
    many(1, ["resourceProfiles", "resource_profiles"], Message(MessageId::ResourceProfiles)),
    always(2, ["dictionary", "dictionary"], MessageId::ProfilesDictionary),
];

const RESOURCE_SPANS: &[FieldDef] = &[
    always(1, ["resource", "resource"], MessageId::Resource),
    many(2, ["scopeSpans", "scope_spans"], Message(MessageId::ScopeSpans)),
    one(3, ["schemaUrl", "schema_url"], String),
    many(1000, ["deprecatedScopeSpans", "deprecated_scope_spans"], Message(MessageId::ScopeSpans)),
];

const RESOURCE_LOGS: &[FieldDef] = &[
    always(1, ["resource", "resource"], MessageId::Resource),
    many(2, ["scopeLogs", "scope_logs"], Message(MessageId::ScopeLogs)),
    one(3, ["schemaUrl", "schema_url"], String),
    many(1000, ["deprecatedScopeLogs", "deprecated_scope_logs"], Message(MessageId::ScopeLogs)),
];

const RESOURCE_METRICS: &[FieldDef] = &[
    always(1, ["resource", "resource"], MessageId::Resource),
    many(2, ["scopeMetrics", "scope_metrics"], Message(MessageId::ScopeMetrics)),
    one(3, ["schemaUrl", "schema_url"], String),
    many(1000, ["deprecatedScopeMetrics", "deprecated_scope_metrics"], Message(MessageId::ScopeMetrics)),
];

const RESOURCE_PROFILES: &[FieldDef] = &[
    always(1, ["resource", "resource"], MessageId::Resource),
    many(2, ["scopeProfiles", "scope_profiles"], Message(MessageId::ScopeProfiles)),
    one(3, ["schemaUrl", "schema_url"], String),
];

const SCOPE_SPANS: &[FieldDef] = &[
    always(1, ["scope", "scope"], MessageId::InstrumentationScope),
    many(2, ["spans", "spans"], Message(MessageId::Span)),
    one(3, ["schemaUrl", "schema_url"], String),
];

const SCOPE_LOGS: &[FieldDef] = &[
    always(1, ["scope", "scope"], MessageId::InstrumentationScope),
    many(2, ["logRecords", "log_records"], Message(MessageId::LogRecord)),
    one(3, ["schemaUrl", "schema_url"], String),
];

const SCOPE_METRICS: &[FieldDef] = &[
    always(1, ["scope", "scope"], MessageId::InstrumentationScope),
    many(2, ["metrics", "metrics"], Message(MessageId::Metric)),
    one(3, ["schemaUrl", "schema_url"], String),
];

const SCOPE_PROFILES: &[FieldDef] = &[
    always(1, ["scope", "scope"], MessageId::InstrumentationScope),
    many(2, ["profiles", "profiles"], Message(MessageId::Profile)),
    one(3, ["schemaUrl", "schema_url"], String),
];

const RESOURCE: &[FieldDef] = &[
    many(1, ["attributes", "attributes"], Message(MessageId::KeyValue)),
    one(2, ["droppedAttributesCount", "dropped_attributes_count"], Uint32),
    many(3, ["entityRefs", "entity_refs"], Message(MessageId::EntityRef)),
];

const ENTITY_REF: &[FieldDef] = &[
    one(1, ["schemaUrl", "schema_url"], String),
    one(2, ["type", "type"], String),
    many(3, ["idKeys", "id_keys"], String),
    many(4, ["descriptionKeys", "description_keys"], String),
];

const INSTRUMENTATION_SCOPE: &[FieldDef] = &[
    one(1, ["name", "name"], String),
    one(2, ["version", "version"], String),
    many(3, ["attributes", "attributes"], Message(MessageId::KeyValue)),
    one(4, ["droppedAttributesCount", "dropped_attributes_count"], Uint32),
];

const KEY_VALUE: &[FieldDef] = &[
    one(1, ["key", "key"], String),
    always(2, ["value", "value"], MessageId::AnyValue),
    one(3, ["keyStrindex", "key_strindex"], Int32),
];

const ANY_VALUE: &[FieldDef] = &[
    oneof(1, ["stringValue", "string_value"], String),
    oneof(2, ["boolValue", "bool_value"], Bool),
    oneof(3, ["intValue", "int_value"], Int64),
    oneof(4, ["doubleValue", "double_value"], Double),
    oneof(5, ["arrayValue", "array_value"], Message(MessageId::ArrayValue)),
    oneof(6, ["kvlistValue", "kvlist_value"], Message(MessageId::KeyValueList)),
    oneof(7, ["bytesValue", "bytes_value"], Bytes),
    oneof(8, ["stringValueStrindex", "string_value_strindex"], Int32),
];

const ARRAY_VALUE: &[FieldDef] = &[many(1, ["values", "values"], Message(MessageId::AnyValue))];

const KEY_VALUE_LIST: &[FieldDef] = &[many(1, ["values", "values"], Message(MessageId::KeyValue))];

const LOG_RECORD: &[FieldDef] = &[
    one(1, ["timeUnixNano", "time_unix_nano"], Fixed64),
    one(11, ["observedTimeUnixNano", "observed_time_unix_nano"], Fixed64),
    one(2, ["severityNumber", "severity_number"], Enum(SEVERITY_NUMBER)),
    one(3, ["severityText", "severity_text"], String),
    always(5, ["body", "body"], MessageId::AnyValue),
    many(6, ["attributes", "attributes"], Message(MessageId::KeyValue)),
    one(7, ["droppedAttributesCount", "dropped_attributes_count"], Uint32),
    one(8, ["flags", "flags"], Fixed32),
    one(9, ["traceId", "trace_id"], Id(16)),
    one(10, ["spanId", "span_id"], Id(8)),
    one(12, ["eventName", "event_name"], String),
];

const SPAN: &[FieldDef] = &[
    one(1, ["traceId", "trace_id"], Id(16)),
    one(2, ["spanId", "span_id"], Id(8)),
    one(3, ["traceState", "trace_state"], String),
    one(4, ["parentSpanId", "parent_span_id"], Id(8)),
    one(16, ["flags", "flags"], Fixed32),
    one(5, ["name", "name"], String),
    one(6, ["kind", "kind"], Enum(SPAN_KIND)),
    one(7, ["startTimeUnixNano", "start_time_unix_nano"], Fixed64),
    one(8, ["endTimeUnixNano", "end_time_unix_nano"], Fixed64),
    many(9, ["attributes", "attributes"], Message(MessageId::KeyValue)),
    one(10, ["droppedAttributesCount", "dropped_attributes_count"], Uint32),
    many(11, ["events", "events"], Message(MessageId::SpanEvent)),
    one(12, ["droppedEventsCount", "dropped_events_count"], Uint32),
    many(13, ["links", "links"], Message(MessageId::SpanLink)),
    one(14, ["droppedLinksCount", "dropped_links_count"], Uint32),
    always(15, ["status", "status"], MessageId::Status),
];

const SPAN_EVENT: &[FieldDef] = &[
    one(1, ["timeUnixNano", "time_unix_nano"], Fixed64),
    one(2, ["name", "name"], String),
    many(3, ["attributes", "attributes"], Message(MessageId::KeyValue)),
    one(4, ["droppedAttributesCount", "dropped_attributes_count"], Uint32),
];

const SPAN_LINK: &[FieldDef] = &[
    one(1, ["traceId", "trace_id"], Id(16)),
    one(2, ["spanId", "span_id"], Id(8)),
    one(3, ["traceState", "trace_state"], String),
    many(4, ["attributes", "attributes"], Message(MessageId::KeyValue)),
    one(5, ["droppedAttributesCount", "dropped_attributes_count"], Uint32),
    one(6, ["flags", "flags"], Fixed32),
];

const STATUS: &[FieldDef] = &[one(2, ["message", "message"], String), one(3, ["code", "code"], Enum(STATUS_CODE))];

const METRIC: &[FieldDef] = &[
    one(1, ["name", "name"], String),
    one(2, ["description", "description"], String),
    one(3, ["unit", "unit"], String),
    oneof(5, ["gauge", "gauge"], Message(MessageId::Gauge)),
    oneof(7, ["sum", "sum"], Message(MessageId::Sum)),
    oneof(9, ["histogram", "histogram"], Message(MessageId::Histogram)),
    oneof(10, ["exponentialHistogram", "exponential_histogram"], Message(MessageId::ExponentialHistogram)),
    oneof(11, ["summary", "summary"], Message(MessageId::Summary)),
    many(12, ["metadata", "metadata"], Message(MessageId::KeyValue)),
];

const GAUGE: &[FieldDef] = &[many(1, ["dataPoints", "data_points"], Message(MessageId::NumberDataPoint))];

const SUM: &[FieldDef] = &[
    many(1, ["dataPoints", "data_points"], Message(MessageId::NumberDataPoint)),
    one(2, ["aggregationTemporality", "aggregation_temporality"], Enum(AGGREGATION_TEMPORALITY)),
    one(3, ["isMonotonic", "is_monotonic"], Bool),
];

const HISTOGRAM: &[FieldDef] = &[
    many(1, ["dataPoints", "data_points"], Message(MessageId::HistogramDataPoint)),
    one(2, ["aggregationTemporality", "aggregation_temporality"], Enum(AGGREGATION_TEMPORALITY)),
];

const EXPONENTIAL_HISTOGRAM: &[FieldDef] = &[
    many(1, ["dataPoints", "data_points"], Message(MessageId::ExponentialHistogramDataPoint)),
    one(2, ["aggregationTemporality", "aggregation_temporality"], Enum(AGGREGATION_TEMPORALITY)),
];

const SUMMARY: &[FieldDef] = &[many(1, ["dataPoints", "data_points"], Message(MessageId::SummaryDataPoint))];

const NUMBER_DATA_POINT: &[FieldDef] = &[
    many(7, ["attributes", "attributes"], Message(MessageId::KeyValue)),
    one(2, ["startTimeUnixNano", "start_time_unix_nano"], Fixed64),
    one(3, ["timeUnixNano", "time_unix_nano"], Fixed64),
    oneof(4, ["asDouble", "as_double"], Double),
    oneof(6, ["asInt", "as_int"], Sfixed64),
    many(5, ["exemplars", "exemplars"], Message(MessageId::Exemplar)),
    one(8, ["flags", "flags"], Uint32),
];

const HISTOGRAM_DATA_POINT: &[FieldDef] = &[
    many(9, ["attributes", "attributes"], Message(MessageId::KeyValue)),
    one(2, ["startTimeUnixNano", "start_time_unix_nano"], Fixed64),
    one(3, ["timeUnixNano", "time_unix_nano"], Fixed64),
    one(4, ["count", "count"], Fixed64),
    optional(5, ["sum", "sum"], Double),
    many(6, ["bucketCounts", "bucket_counts"], Fixed64),
    many(7, ["explicitBounds", "explicit_bounds"], Double),
    many(8, ["exemplars", "exemplars"], Message(MessageId::Exemplar)),
    one(10, ["flags", "flags"], Uint32),
    optional(11, ["min", "min"], Double),
    optional(12, ["max", "max"], Double),
];

const EXPONENTIAL_HISTOGRAM_DATA_POINT: &[FieldDef] = &[
    many(1, ["attributes", "attributes"], Message(MessageId::KeyValue)),
    one(2, ["startTimeUnixNano", "start_time_unix_nano"], Fixed64),
    one(3, ["timeUnixNano", "time_unix_nano"], Fixed64),
    one(4, ["count", "count"], Fixed64),
    optional(5, ["sum", "sum"], Double),
    one(6, ["scale", "scale"], Sint32),
    one(7, ["zeroCount", "zero_count"], Fixed64),
    always(8, ["positive", "positive"], MessageId::Buckets),
    always(9, ["negative", "negative"], MessageId::Buckets),
    one(10, ["flags", "flags"], Uint32),
    many(11, ["exemplars", "exemplars"], Message(MessageId::Exemplar)),
    optional(12, ["min", "min"], Double),
    optional(13, ["max", "max"], Double),
    one(14, ["zeroThreshold", "zero_threshold"], Double),
];

const BUCKETS: &[FieldDef] =
    &[one(1, ["offset", "offset"], Sint32), many(2, ["bucketCounts", "bucket_counts"], Uint64)];

const SUMMARY_DATA_POINT: &[FieldDef] = &[
    many(7, ["attributes", "attributes"], Message(MessageId::KeyValue)),
    one(2, ["startTimeUnixNano", "start_time_unix_nano"], Fixed64),
    one(3, ["timeUnixNano", "time_unix_nano"], Fixed64),
    one(4, ["count", "count"], Fixed64),
    one(5, ["sum", "sum"], Double),
    many(6, ["quantileValues", "quantile_values"], Message(MessageId::ValueAtQuantile)),
    one(8, ["flags", "flags"], Uint32),
];

const VALUE_AT_QUANTILE: &[FieldDef] = &[one(1, ["quantile", "quantile"], Double), one(2, ["value", "value"], Double)];

const EXEMPLAR: &[FieldDef] = &[
    many(7, ["filteredAttributes", "filtered_attributes"], Message(MessageId::KeyValue)),
    one(2, ["timeUnixNano", "time_unix_nano"], Fixed64),
    oneof(3, ["asDouble", "as_double"], Double),
    oneof(6, ["asInt", "as_int"], Sfixed64),
    one(5, ["traceId", "trace_id"], Id(16)),
    one(4, ["spanId", "span_id"], Id(8)),
];

pub(super) static MESSAGES: [MessageDef; MessageId::COUNT] = [
    MessageDef::new(MessageId::TracesData, "TracesData", TRACES_DATA),
    MessageDef::new(MessageId::LogsData, "LogsData", LOGS_DATA),
    MessageDef::new(MessageId::MetricsData, "MetricsData", METRICS_DATA),
    MessageDef::new(MessageId::ProfilesData, "ProfilesData", PROFILES_DATA),
    MessageDef::new(MessageId::ResourceSpans, "ResourceSpans", RESOURCE_SPANS),
    MessageDef::new(MessageId::ResourceLogs, "ResourceLogs", RESOURCE_LOGS),
    MessageDef::new(MessageId::ResourceMetrics, "ResourceMetrics", RESOURCE_METRICS),
    MessageDef::new(MessageId::ResourceProfiles, "ResourceProfiles", RESOURCE_PROFILES),
    MessageDef::new(MessageId::ScopeSpans, "ScopeSpans", SCOPE_SPANS),
    MessageDef::new(MessageId::ScopeLogs, "ScopeLogs", SCOPE_LOGS),
    MessageDef::new(MessageId::ScopeMetrics, "ScopeMetrics", SCOPE_METRICS),
    MessageDef::new(MessageId::ScopeProfiles, "ScopeProfiles", SCOPE_PROFILES),
    MessageDef::new(MessageId::Resource, "Resource", RESOURCE),
    MessageDef::new(MessageId::EntityRef, "EntityRef", ENTITY_REF),
    MessageDef::new(MessageId::InstrumentationScope, "InstrumentationScope", INSTRUMENTATION_SCOPE),
    MessageDef::new(MessageId::KeyValue, "KeyValue", KEY_VALUE),
    MessageDef::new(MessageId::AnyValue, "AnyValue", ANY_VALUE),
    MessageDef::new(MessageId::ArrayValue, "ArrayValue", ARRAY_VALUE),
    MessageDef::new(MessageId::KeyValueList, "KeyValueList", KEY_VALUE_LIST),
    MessageDef::new(MessageId::LogRecord, "LogRecord", LOG_RECORD),
    MessageDef::new(MessageId::Span, "Span", SPAN),
    MessageDef::new(MessageId::SpanEvent, "SpanEvent", SPAN_EVENT),
    MessageDef::new(MessageId::SpanLink, "SpanLink", SPAN_LINK),
    MessageDef::new(MessageId::Status, "Status", STATUS),
    MessageDef::new(MessageId::Metric, "Metric", METRIC),
    MessageDef::new(MessageId::Gauge, "Gauge", GAUGE),
    MessageDef::new(MessageId::Sum, "Sum", SUM),
    MessageDef::new(MessageId::Histogram, "Histogram", HISTOGRAM),
    MessageDef::new(MessageId::ExponentialHistogram, "ExponentialHistogram", EXPONENTIAL_HISTOGRAM),
    MessageDef::new(MessageId::Summary, "Summary", SUMMARY),
    MessageDef::new(MessageId::NumberDataPoint, "NumberDataPoint", NUMBER_DATA_POINT),
    MessageDef::new(MessageId::HistogramDataPoint, "HistogramDataPoint", HISTOGRAM_DATA_POINT),
    MessageDef::new(
        MessageId::ExponentialHistogramDataPoint,
        "ExponentialHistogramDataPoint",
        EXPONENTIAL_HISTOGRAM_DATA_POINT,
    ),
    MessageDef::new(MessageId::Buckets, "Buckets", BUCKETS),
    MessageDef::new(MessageId::SummaryDataPoint, "SummaryDataPoint", SUMMARY_DATA_POINT),
    MessageDef::new(MessageId::ValueAtQuantile, "ValueAtQuantile", VALUE_AT_QUANTILE),
    MessageDef::new(MessageId::Exemplar, "Exemplar", EXEMPLAR),
    MessageDef::new(MessageId::ProfilesDictionary, "ProfilesDictionary", PROFILES_DICTIONARY),
    MessageDef::new(MessageId::Profile, "Profile", PROFILE),
    MessageDef::new(MessageId::Link, "Link", LINK),
    MessageDef::new(MessageId::ValueType, "ValueType", VALUE_TYPE),
    MessageDef::new(MessageId::Sample, "Sample", SAMPLE),
    MessageDef::new(MessageId::Mapping, "Mapping", MAPPING),
    MessageDef::new(MessageId::Stack, "Stack", STACK),
    MessageDef::new(MessageId::Location, "Location", LOCATION),
    MessageDef::new(MessageId::Line, "Line", LINE),
    MessageDef::new(MessageId::Function, "Function", FUNCTION),
    MessageDef::new(MessageId::KeyValueAndUnit, "KeyValueAndUnit", KEY_VALUE_AND_UNIT),
];
