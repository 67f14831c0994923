//! Field numbers of every OTLP message, one module per message.
//!
//! Source: the message definitions of opentelemetry-proto 1.10 (`opentelemetry/proto/*/v1/*.proto`; profiles:
//! `v1development`). Deprecated number 1000 of the resource messages is a name of our own, as in the reference.
//! Types, JSON names and presence rules of the fields are in [`crate::schema`].

macro_rules! field_numbers {
    ($($(#[$doc:meta])* $message:ident { $($field:ident = $number:literal),* $(,)? })*) => {
        $(
            $(#[$doc])*
            pub mod $message {
                $(
                    #[doc = concat!("Field number ", $number, " of `", stringify!($message), "`.")]
                    pub const $field: u32 = $number;
                )*
            }
        )*
    };
}

field_numbers! {
    /// `TracesData`.
    traces_data {
        RESOURCE_SPANS = 1,
    }
    /// `LogsData`.
    logs_data {
        RESOURCE_LOGS = 1,
    }
    /// `MetricsData`.
    metrics_data {
        RESOURCE_METRICS = 1,
    }
    /// `ProfilesData`.
    profiles_data {
        RESOURCE_PROFILES = 1,
        DICTIONARY = 2,
    }
    /// `ResourceSpans`.
    resource_spans {
        RESOURCE = 1,
        SCOPE_SPANS = 2,
        SCHEMA_URL = 3,
        DEPRECATED_SCOPE_SPANS = 1000,
    }
    /// `ResourceLogs`.
    resource_logs {
        RESOURCE = 1,
        SCOPE_LOGS = 2,
        SCHEMA_URL = 3,
        DEPRECATED_SCOPE_LOGS = 1000,
    }
    /// `ResourceMetrics`.
    resource_metrics {
        RESOURCE = 1,
        SCOPE_METRICS = 2,
        SCHEMA_URL = 3,
        DEPRECATED_SCOPE_METRICS = 1000,
    }
    /// `ResourceProfiles`.
    resource_profiles {
        RESOURCE = 1,
        SCOPE_PROFILES = 2,
        SCHEMA_URL = 3,
    }
    /// `ScopeSpans`.
    scope_spans {
        SCOPE = 1,
        SPANS = 2,
        SCHEMA_URL = 3,
    }
    /// `ScopeLogs`.
    scope_logs {
        SCOPE = 1,
        LOG_RECORDS = 2,
        SCHEMA_URL = 3,
    }
    /// `ScopeMetrics`.
    scope_metrics {
        SCOPE = 1,
        METRICS = 2,
        SCHEMA_URL = 3,
    }
    /// `ScopeProfiles`.
    scope_profiles {
        SCOPE = 1,
        PROFILES = 2,
        SCHEMA_URL = 3,
    }
    /// `Resource`.
    resource {
        ATTRIBUTES = 1,
        DROPPED_ATTRIBUTES_COUNT = 2,
        ENTITY_REFS = 3,
    }
    /// `EntityRef`.
    entity_ref {
        SCHEMA_URL = 1,
        TYPE = 2,
        ID_KEYS = 3,
        DESCRIPTION_KEYS = 4,
    }
    /// `InstrumentationScope`.
    instrumentation_scope {
        NAME = 1,
        VERSION = 2,
        ATTRIBUTES = 3,
        DROPPED_ATTRIBUTES_COUNT = 4,
    }
    /// `KeyValue`.
    key_value {
        KEY = 1,
        VALUE = 2,
        KEY_STRINDEX = 3,
    }
    /// `AnyValue`.
    any_value {
        STRING_VALUE = 1,
        BOOL_VALUE = 2,
        INT_VALUE = 3,
        DOUBLE_VALUE = 4,
        ARRAY_VALUE = 5,
        KVLIST_VALUE = 6,
        BYTES_VALUE = 7,
        STRING_VALUE_STRINDEX = 8,
    }
    /// `ArrayValue`.
    array_value {
        VALUES = 1,
    }
    /// `KeyValueList`.
    key_value_list {
        VALUES = 1,
    }
    /// `LogRecord`.
    log_record {
        TIME_UNIX_NANO = 1,
        SEVERITY_NUMBER = 2,
        SEVERITY_TEXT = 3,
        BODY = 5,
        ATTRIBUTES = 6,
        DROPPED_ATTRIBUTES_COUNT = 7,
        FLAGS = 8,
        TRACE_ID = 9,
        SPAN_ID = 10,
        OBSERVED_TIME_UNIX_NANO = 11,
        EVENT_NAME = 12,
    }
    /// `Span`.
    span {
        TRACE_ID = 1,
        SPAN_ID = 2,
        TRACE_STATE = 3,
        PARENT_SPAN_ID = 4,
        NAME = 5,
        KIND = 6,
        START_TIME_UNIX_NANO = 7,
        END_TIME_UNIX_NANO = 8,
        ATTRIBUTES = 9,
        DROPPED_ATTRIBUTES_COUNT = 10,
        EVENTS = 11,
        DROPPED_EVENTS_COUNT = 12,
        LINKS = 13,
        DROPPED_LINKS_COUNT = 14,
        STATUS = 15,
        FLAGS = 16,
    }
    /// `SpanEvent`.
    span_event {
        TIME_UNIX_NANO = 1,
        NAME = 2,
        ATTRIBUTES = 3,
        DROPPED_ATTRIBUTES_COUNT = 4,
    }
    /// `SpanLink`.
    span_link {
        TRACE_ID = 1,
        SPAN_ID = 2,
        TRACE_STATE = 3,
        ATTRIBUTES = 4,
        DROPPED_ATTRIBUTES_COUNT = 5,
        FLAGS = 6,
    }
    /// `Status`.
    status {
        MESSAGE = 2,
        CODE = 3,
    }
    /// `Metric`.
    metric {
        NAME = 1,
        DESCRIPTION = 2,
        UNIT = 3,
        GAUGE = 5,
        SUM = 7,
        HISTOGRAM = 9,
        EXPONENTIAL_HISTOGRAM = 10,
        SUMMARY = 11,
        METADATA = 12,
    }
    /// `Gauge`.
    gauge {
        DATA_POINTS = 1,
    }
    /// `Sum`.
    sum {
        DATA_POINTS = 1,
        AGGREGATION_TEMPORALITY = 2,
        IS_MONOTONIC = 3,
    }
    /// `Histogram`.
    histogram {
        DATA_POINTS = 1,
        AGGREGATION_TEMPORALITY = 2,
    }
    /// `ExponentialHistogram`.
    exponential_histogram {
        DATA_POINTS = 1,
        AGGREGATION_TEMPORALITY = 2,
    }
    /// `Summary`.
    summary {
        DATA_POINTS = 1,
    }
    /// `NumberDataPoint`.
    number_data_point {
        START_TIME_UNIX_NANO = 2,
        TIME_UNIX_NANO = 3,
        AS_DOUBLE = 4,
        EXEMPLARS = 5,
        AS_INT = 6,
        ATTRIBUTES = 7,
        FLAGS = 8,
    }
    /// `HistogramDataPoint`.
    histogram_data_point {
        START_TIME_UNIX_NANO = 2,
        TIME_UNIX_NANO = 3,
        COUNT = 4,
        SUM = 5,
        BUCKET_COUNTS = 6,
        EXPLICIT_BOUNDS = 7,
        EXEMPLARS = 8,
        ATTRIBUTES = 9,
        FLAGS = 10,
        MIN = 11,
        MAX = 12,
    }
    /// `ExponentialHistogramDataPoint`.
    exponential_histogram_data_point {
        ATTRIBUTES = 1,
        START_TIME_UNIX_NANO = 2,
        TIME_UNIX_NANO = 3,
        COUNT = 4,
        SUM = 5,
        SCALE = 6,
        ZERO_COUNT = 7,
        POSITIVE = 8,
        NEGATIVE = 9,
        FLAGS = 10,
        EXEMPLARS = 11,
        MIN = 12,
        MAX = 13,
        ZERO_THRESHOLD = 14,
    }
    /// `ExponentialHistogramDataPoint.Buckets`.
    buckets {
        OFFSET = 1,
        BUCKET_COUNTS = 2,
    }
    /// `SummaryDataPoint`.
    summary_data_point {
        START_TIME_UNIX_NANO = 2,
        TIME_UNIX_NANO = 3,
        COUNT = 4,
        SUM = 5,
        QUANTILE_VALUES = 6,
        ATTRIBUTES = 7,
        FLAGS = 8,
    }
    /// `ValueAtQuantile`.
    value_at_quantile {
        QUANTILE = 1,
        VALUE = 2,
    }
    /// `Exemplar`.
    exemplar {
        TIME_UNIX_NANO = 2,
        AS_DOUBLE = 3,
        SPAN_ID = 4,
        TRACE_ID = 5,
        AS_INT = 6,
        FILTERED_ATTRIBUTES = 7,
    }
    /// `ProfilesDictionary`.
    profiles_dictionary {
        MAPPING_TABLE = 1,
        LOCATION_TABLE = 2,
        FUNCTION_TABLE = 3,
        LINK_TABLE = 4,
        STRING_TABLE = 5,
        ATTRIBUTE_TABLE = 6,
        STACK_TABLE = 7,
    }
    /// `Profile`.
    profile {
        SAMPLE_TYPE = 1,
        SAMPLES = 2,
        TIME_UNIX_NANO = 3,
        DURATION_NANO = 4,
        PERIOD_TYPE = 5,
        PERIOD = 6,
        PROFILE_ID = 7,
        DROPPED_ATTRIBUTES_COUNT = 8,
        ORIGINAL_PAYLOAD_FORMAT = 9,
        ORIGINAL_PAYLOAD = 10,
        ATTRIBUTE_INDICES = 11,
    }
    /// `Link`.
    link {
        TRACE_ID = 1,
        SPAN_ID = 2,
    }
    /// `ValueType`.
    value_type {
        TYPE_STRINDEX = 1,
        UNIT_STRINDEX = 2,
    }
    /// `Sample`.
    sample {
        STACK_INDEX = 1,
        ATTRIBUTE_INDICES = 2,
        LINK_INDEX = 3,
        VALUES = 4,
        TIMESTAMPS_UNIX_NANO = 5,
    }
    /// `Mapping`.
    mapping {
        MEMORY_START = 1,
        MEMORY_LIMIT = 2,
        FILE_OFFSET = 3,
        FILENAME_STRINDEX = 4,
        ATTRIBUTE_INDICES = 5,
    }
    /// `Stack`.
    stack {
        LOCATION_INDICES = 1,
    }
    /// `Location`.
    location {
        MAPPING_INDEX = 1,
        ADDRESS = 2,
        LINES = 3,
        ATTRIBUTE_INDICES = 4,
    }
    /// `Line`.
    line {
        FUNCTION_INDEX = 1,
        LINE = 2,
        COLUMN = 3,
    }
    /// `Function`.
    function {
        NAME_STRINDEX = 1,
        SYSTEM_NAME_STRINDEX = 2,
        FILENAME_STRINDEX = 3,
        START_LINE = 4,
    }
    /// `KeyValueAndUnit`.
    key_value_and_unit {
        KEY_STRINDEX = 1,
        VALUE = 2,
        UNIT_STRINDEX = 3,
    }
}

pub use exponential_histogram_data_point as exp_histogram_data_point;
