//! `datapoint`: source `metrics/v1/metrics.proto`, the four data point messages.

use super::{ContextDecl, ContextId, Signal, attributes, cache, field, nested, number, part, renamed, special};
use crate::{Access, Conv, Fields, Ints, PathDecl, PointKind};
use ottl_core::StructKind;
use ottl_core::function::Type;
use ottl_otlp::schema::MessageId;

const ID: ContextId = ContextId::DataPoint;

pub(super) const CONTEXT: ContextDecl = ContextDecl {
    id: ID,
    name: "datapoint",
    reaches: &[ID, ContextId::Metric, ContextId::Scope, ContextId::Resource, ContextId::OtelCol],
    scope_alias: true,
    signals: &[Signal::Metrics],
    in_transform: true,
    in_filter: true,
    enums: &[
        ("AGGREGATION_TEMPORALITY_UNSPECIFIED", 0),
        ("AGGREGATION_TEMPORALITY_DELTA", 1),
        ("AGGREGATION_TEMPORALITY_CUMULATIVE", 2),
        ("METRIC_DATA_TYPE_NONE", 0),
        ("METRIC_DATA_TYPE_GAUGE", 1),
        ("METRIC_DATA_TYPE_SUM", 2),
        ("METRIC_DATA_TYPE_HISTOGRAM", 3),
        ("METRIC_DATA_TYPE_EXPONENTIAL_HISTOGRAM", 4),
        ("METRIC_DATA_TYPE_SUMMARY", 5),
        ("FLAG_NONE", 0),
        ("FLAG_NO_RECORDED_VALUE", 1),
    ],
    paths: PATHS,
};

/// `double` and `sfixed64` of `NumberDataPoint.value`.
const DOUBLE: Fields = Fields::of(ID, "as_double");
const INT: u8 = number(MessageId::NumberDataPoint, "as_int");
/// The counts of one half of an exponential histogram.
const BUCKET_COUNTS: Fields = Fields::only(PointKind::Exponential, number(MessageId::Buckets, "bucket_counts"));

const PATHS: &[PathDecl] = &[
    attributes(ID, "attributes", "What tells the point from the others of its metric."),
    field(ID, "start_time_unix_nano", Conv::Nanos, "Start in nanoseconds since the epoch."),
    renamed(ID, "start_time", "start_time_unix_nano", Conv::Time, "Start as a time."),
    field(ID, "time_unix_nano", Conv::Nanos, "Time in nanoseconds since the epoch."),
    renamed(ID, "time", "time_unix_nano", Conv::Time, "Time of the point."),
    special(
        ID,
        "value_double",
        Access::OneofDouble { double: DOUBLE, int: INT },
        Type::Float,
        true,
        "The value of a number point as a float; 0 when it holds an int. Writing makes it a float.",
    ),
    special(
        ID,
        "value_int",
        Access::OneofInt { double: DOUBLE, int: INT },
        Type::Int,
        true,
        "The value of a number point as an int; 0 when it holds a float. Writing makes it an int.",
    ),
    part(ID, "exemplars", StructKind::Exemplars, "The exemplars, to be counted or copied."),
    field(ID, "flags", Conv::U32, "FLAG_…; stored as 32 bits, truncated."),
    field(ID, "count", Conv::FixedInt, "How many values were recorded."),
    field(ID, "sum", Conv::Double, "The sum of the values recorded; an absent sum reads 0."),
    special(
        ID,
        "bucket_counts",
        Access::Ints { inside: 0, field: Fields::of(ID, "bucket_counts"), ints: Ints::Fixed64 },
        Type::List,
        true,
        "The counts of a histogram's buckets.",
    ),
    special(
        ID,
        "explicit_bounds",
        Access::Floats(Fields::of(ID, "explicit_bounds")),
        Type::List,
        true,
        "The bounds of a histogram's buckets.",
    ),
    field(ID, "scale", Conv::Sint32, "The scale of an exponential histogram, narrowed to 32 bits."),
    field(ID, "zero_count", Conv::FixedInt, "The count of the zero bucket of an exponential histogram."),
    part(ID, "positive", StructKind::Buckets, "The positive buckets of an exponential histogram, to be copied."),
    nested(ID, "positive.offset", Conv::Sint32, "The index of the first positive bucket, narrowed to 32 bits."),
    special(
        ID,
        "positive.bucket_counts",
        Access::Ints {
            inside: number(MessageId::ExponentialHistogramDataPoint, "positive"),
            field: BUCKET_COUNTS,
            ints: Ints::Uint64,
        },
        Type::List,
        true,
        "The counts of the positive buckets.",
    ),
    part(ID, "negative", StructKind::Buckets, "The negative buckets of an exponential histogram, to be copied."),
    nested(ID, "negative.offset", Conv::Sint32, "The index of the first negative bucket, narrowed to 32 bits."),
    special(
        ID,
        "negative.bucket_counts",
        Access::Ints {
            inside: number(MessageId::ExponentialHistogramDataPoint, "negative"),
            field: BUCKET_COUNTS,
            ints: Ints::Uint64,
        },
        Type::List,
        true,
        "The counts of the negative buckets.",
    ),
    part(ID, "quantile_values", StructKind::QuantileValues, "The quantiles of a summary, to be counted or copied."),
    cache(ID),
];
