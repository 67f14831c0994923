//! Field numbers of every OTLP message, one module per message, out of the tables of [`crate::schema`].
//!
//! INVARIANT: no number is written here. A field that the tables do not have does not compile.

macro_rules! field_numbers {
    ($($(#[$doc:meta])* $message:ident: $id:ident { $($field:ident),* $(,)? })*) => {
        $(
            $(#[$doc])*
            pub mod $message {
                use crate::schema::{MessageId, topology::number};
                $(
                    #[doc = concat!("The number of this field of `", stringify!($id), "`.")]
                    pub const $field: u32 = number(MessageId::$id, stringify!($field));
                )*
            }
        )*
    };
}

field_numbers! {
    /// `TracesData`.
    traces_data: TracesData {
        RESOURCE_SPANS,
    }
    /// `LogsData`.
    logs_data: LogsData {
        RESOURCE_LOGS,
    }
    /// `MetricsData`.
    metrics_data: MetricsData {
        RESOURCE_METRICS,
    }
    /// `ProfilesData`.
    profiles_data: ProfilesData {
        RESOURCE_PROFILES,
        DICTIONARY,
    }
    /// `ResourceSpans`.
    resource_spans: ResourceSpans {
        RESOURCE,
        SCOPE_SPANS,
        SCHEMA_URL,
        DEPRECATED_SCOPE_SPANS,
    }
    /// `ResourceLogs`.
    resource_logs: ResourceLogs {
        RESOURCE,
        SCOPE_LOGS,
        SCHEMA_URL,
        DEPRECATED_SCOPE_LOGS,
    }
    /// `ResourceMetrics`.
    resource_metrics: ResourceMetrics {
        RESOURCE,
        SCOPE_METRICS,
        SCHEMA_URL,
        DEPRECATED_SCOPE_METRICS,
    }
    /// `ResourceProfiles`.
    resource_profiles: ResourceProfiles {
        RESOURCE,
        SCOPE_PROFILES,
        SCHEMA_URL,
    }
    /// `ScopeSpans`.
    scope_spans: ScopeSpans {
        SCOPE,
        SPANS,
        SCHEMA_URL,
    }
    /// `ScopeLogs`.
    scope_logs: ScopeLogs {
        SCOPE,
        LOG_RECORDS,
        SCHEMA_URL,
    }
    /// `ScopeMetrics`.
    scope_metrics: ScopeMetrics {
        SCOPE,
        METRICS,
        SCHEMA_URL,
    }
    /// `ScopeProfiles`.
    scope_profiles: ScopeProfiles {
        SCOPE,
        PROFILES,
        SCHEMA_URL,
    }
    /// `Resource`.
    resource: Resource {
        ATTRIBUTES,
        DROPPED_ATTRIBUTES_COUNT,
        ENTITY_REFS,
    }
    /// `EntityRef`.
    entity_ref: EntityRef {
        SCHEMA_URL,
        TYPE,
        ID_KEYS,
        DESCRIPTION_KEYS,
    }
    /// `InstrumentationScope`.
    instrumentation_scope: InstrumentationScope {
        NAME,
        VERSION,
        ATTRIBUTES,
        DROPPED_ATTRIBUTES_COUNT,
    }
    /// `KeyValue`.
    key_value: KeyValue {
        KEY,
        VALUE,
        KEY_STRINDEX,
    }
    /// `AnyValue`.
    any_value: AnyValue {
        STRING_VALUE,
        BOOL_VALUE,
        INT_VALUE,
        DOUBLE_VALUE,
        ARRAY_VALUE,
        KVLIST_VALUE,
        BYTES_VALUE,
        STRING_VALUE_STRINDEX,
    }
    /// `ArrayValue`.
    array_value: ArrayValue {
        VALUES,
    }
    /// `KeyValueList`.
    key_value_list: KeyValueList {
        VALUES,
    }
    /// `LogRecord`.
    log_record: LogRecord {
        TIME_UNIX_NANO,
        SEVERITY_NUMBER,
        SEVERITY_TEXT,
        BODY,
        ATTRIBUTES,
        DROPPED_ATTRIBUTES_COUNT,
        FLAGS,
        TRACE_ID,
        SPAN_ID,
        OBSERVED_TIME_UNIX_NANO,
        EVENT_NAME,
    }
    /// `Span`.
    span: Span {
        TRACE_ID,
        SPAN_ID,
        TRACE_STATE,
        PARENT_SPAN_ID,
        NAME,
        KIND,
        START_TIME_UNIX_NANO,
        END_TIME_UNIX_NANO,
        ATTRIBUTES,
        DROPPED_ATTRIBUTES_COUNT,
        EVENTS,
        DROPPED_EVENTS_COUNT,
        LINKS,
        DROPPED_LINKS_COUNT,
        STATUS,
        FLAGS,
    }
    /// `SpanEvent`.
    span_event: SpanEvent {
        TIME_UNIX_NANO,
        NAME,
        ATTRIBUTES,
        DROPPED_ATTRIBUTES_COUNT,
    }
    /// `SpanLink`.
    span_link: SpanLink {
        TRACE_ID,
        SPAN_ID,
        TRACE_STATE,
        ATTRIBUTES,
        DROPPED_ATTRIBUTES_COUNT,
        FLAGS,
    }
    /// `Status`.
    status: Status {
        MESSAGE,
        CODE,
    }
    /// `Metric`.
    metric: Metric {
        NAME,
        DESCRIPTION,
        UNIT,
        GAUGE,
        SUM,
        HISTOGRAM,
        EXPONENTIAL_HISTOGRAM,
        SUMMARY,
        METADATA,
    }
    /// `Gauge`.
    gauge: Gauge {
        DATA_POINTS,
    }
    /// `Sum`.
    sum: Sum {
        DATA_POINTS,
        AGGREGATION_TEMPORALITY,
        IS_MONOTONIC,
    }
    /// `Histogram`.
    histogram: Histogram {
        DATA_POINTS,
        AGGREGATION_TEMPORALITY,
    }
    /// `ExponentialHistogram`.
    exponential_histogram: ExponentialHistogram {
        DATA_POINTS,
        AGGREGATION_TEMPORALITY,
    }
    /// `Summary`.
    summary: Summary {
        DATA_POINTS,
    }
    /// `NumberDataPoint`.
    number_data_point: NumberDataPoint {
        START_TIME_UNIX_NANO,
        TIME_UNIX_NANO,
        AS_DOUBLE,
        EXEMPLARS,
        AS_INT,
        ATTRIBUTES,
        FLAGS,
    }
    /// `HistogramDataPoint`.
    histogram_data_point: HistogramDataPoint {
        START_TIME_UNIX_NANO,
        TIME_UNIX_NANO,
        COUNT,
        SUM,
        BUCKET_COUNTS,
        EXPLICIT_BOUNDS,
        EXEMPLARS,
        ATTRIBUTES,
        FLAGS,
        MIN,
        MAX,
    }
    /// `ExponentialHistogramDataPoint`.
    exponential_histogram_data_point: ExponentialHistogramDataPoint {
        ATTRIBUTES,
        START_TIME_UNIX_NANO,
        TIME_UNIX_NANO,
        COUNT,
        SUM,
        SCALE,
        ZERO_COUNT,
        POSITIVE,
        NEGATIVE,
        FLAGS,
        EXEMPLARS,
        MIN,
        MAX,
        ZERO_THRESHOLD,
    }
    /// `ExponentialHistogramDataPoint.Buckets`.
    buckets: Buckets {
        OFFSET,
        BUCKET_COUNTS,
    }
    /// `SummaryDataPoint`.
    summary_data_point: SummaryDataPoint {
        START_TIME_UNIX_NANO,
        TIME_UNIX_NANO,
        COUNT,
        SUM,
        QUANTILE_VALUES,
        ATTRIBUTES,
        FLAGS,
    }
    /// `ValueAtQuantile`.
    value_at_quantile: ValueAtQuantile {
        QUANTILE,
        VALUE,
    }
    /// `Exemplar`.
    exemplar: Exemplar {
        TIME_UNIX_NANO,
        AS_DOUBLE,
        SPAN_ID,
        TRACE_ID,
        AS_INT,
        FILTERED_ATTRIBUTES,
    }
    /// `ProfilesDictionary`.
    profiles_dictionary: ProfilesDictionary {
        MAPPING_TABLE,
        LOCATION_TABLE,
        FUNCTION_TABLE,
        LINK_TABLE,
        STRING_TABLE,
        ATTRIBUTE_TABLE,
        STACK_TABLE,
    }
    /// `Profile`.
    profile: Profile {
        SAMPLE_TYPE,
        SAMPLES,
        TIME_UNIX_NANO,
        DURATION_NANO,
        PERIOD_TYPE,
        PERIOD,
        PROFILE_ID,
        DROPPED_ATTRIBUTES_COUNT,
        ORIGINAL_PAYLOAD_FORMAT,
        ORIGINAL_PAYLOAD,
        ATTRIBUTE_INDICES,
    }
    /// `Link`.
    link: Link {
        TRACE_ID,
        SPAN_ID,
    }
    /// `ValueType`.
    value_type: ValueType {
        TYPE_STRINDEX,
        UNIT_STRINDEX,
    }
    /// `Sample`.
    sample: Sample {
        STACK_INDEX,
        ATTRIBUTE_INDICES,
        LINK_INDEX,
        VALUES,
        TIMESTAMPS_UNIX_NANO,
    }
    /// `Mapping`.
    mapping: Mapping {
        MEMORY_START,
        MEMORY_LIMIT,
        FILE_OFFSET,
        FILENAME_STRINDEX,
        ATTRIBUTE_INDICES,
    }
    /// `Stack`.
    stack: Stack {
        LOCATION_INDICES,
    }
    /// `Location`.
    location: Location {
        MAPPING_INDEX,
        ADDRESS,
        LINES,
        ATTRIBUTE_INDICES,
    }
    /// `Line`.
    line: Line {
        FUNCTION_INDEX,
        LINE,
        COLUMN,
    }
    /// `Function`.
    function: Function {
        NAME_STRINDEX,
        SYSTEM_NAME_STRINDEX,
        FILENAME_STRINDEX,
        START_LINE,
    }
    /// `KeyValueAndUnit`.
    key_value_and_unit: KeyValueAndUnit {
        KEY_STRINDEX,
        VALUE,
        UNIT_STRINDEX,
    }
}

pub use exponential_histogram_data_point as exp_histogram_data_point;
