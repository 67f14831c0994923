//! `datapoint`: source `metrics/v1/metrics.proto`, the four data point messages.

use super::{ContextDecl, ContextId, Signal, attributes, cache, fields, nested, part, special};
use crate::{Access, Conv, Fields, PathDecl};
use ottl_core::StructKind;
use ottl_core::function::Type;

const ID: ContextId = ContextId::DataPoint;

pub(super) const CONTEXT: ContextDecl = ContextDecl {
    id: ID,
    name: "datapoint",
    reaches: &[ID, ContextId::Metric, ContextId::Scope, ContextId::Resource, ContextId::OtelCol],
    scope_alias: true,
    signals: &[Signal::Metrics],
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
const DOUBLE: Fields = Fields::points(4, 0, 0, 0);
const INT: u8 = 6;

const PATHS: &[PathDecl] = &[
    attributes(ID, "attributes", Fields::points(7, 9, 1, 7), "What tells the point from the others of its metric."),
    fields(
        ID,
        "start_time_unix_nano",
        Fields::points(2, 2, 2, 2),
        Conv::Nanos,
        "Start in nanoseconds since the epoch.",
    ),
    fields(ID, "start_time", Fields::points(2, 2, 2, 2), Conv::Time, "Start as a time."),
    fields(ID, "time_unix_nano", Fields::points(3, 3, 3, 3), Conv::Nanos, "Time in nanoseconds since the epoch."),
    fields(ID, "time", Fields::points(3, 3, 3, 3), Conv::Time, "Time of the point."),
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
    part(
        ID,
        "exemplars",
        Fields::points(5, 8, 11, 0),
        StructKind::Exemplars,
        "The exemplars, to be counted or copied.",
    ),
    fields(ID, "flags", Fields::points(8, 10, 10, 8), Conv::U32, "FLAG_…; stored as 32 bits, truncated."),
    fields(ID, "count", Fields::points(0, 4, 4, 4), Conv::FixedInt, "How many values were recorded."),
    fields(
        ID,
        "sum",
        Fields::points(0, 5, 5, 5),
        Conv::Double,
        "The sum of the values recorded; an absent sum reads 0.",
    ),
    special(
        ID,
        "bucket_counts",
        Access::Uints { inside: 0, field: Fields::points(0, 6, 0, 0) },
        Type::List,
        true,
        "The counts of a histogram's buckets.",
    ),
    special(
        ID,
        "explicit_bounds",
        Access::Floats(Fields::points(0, 7, 0, 0)),
        Type::List,
        true,
        "The bounds of a histogram's buckets.",
    ),
    fields(
        ID,
        "scale",
        Fields::points(0, 0, 6, 0),
        Conv::Sint32,
        "The scale of an exponential histogram, narrowed to 32 bits.",
    ),
    fields(
        ID,
        "zero_count",
        Fields::points(0, 0, 7, 0),
        Conv::FixedInt,
        "The count of the zero bucket of an exponential histogram.",
    ),
    part(
        ID,
        "positive",
        Fields::points(0, 0, 8, 0),
        StructKind::Buckets,
        "The positive buckets of an exponential histogram, to be copied.",
    ),
    nested(
        ID,
        "positive.offset",
        Fields::points(0, 0, 8, 0),
        1,
        Conv::Sint32,
        "The index of the first positive bucket, narrowed to 32 bits.",
    ),
    special(
        ID,
        "positive.bucket_counts",
        Access::Uints { inside: 8, field: Fields::points(0, 0, 2, 0) },
        Type::List,
        true,
        "The counts of the positive buckets.",
    ),
    part(
        ID,
        "negative",
        Fields::points(0, 0, 9, 0),
        StructKind::Buckets,
        "The negative buckets of an exponential histogram, to be copied.",
    ),
    nested(
        ID,
        "negative.offset",
        Fields::points(0, 0, 9, 0),
        1,
        Conv::Sint32,
        "The index of the first negative bucket, narrowed to 32 bits.",
    ),
    special(
        ID,
        "negative.bucket_counts",
        Access::Uints { inside: 9, field: Fields::points(0, 0, 2, 0) },
        Type::List,
        true,
        "The counts of the negative buckets.",
    ),
    part(
        ID,
        "quantile_values",
        Fields::points(0, 0, 0, 6),
        StructKind::QuantileValues,
        "The quantiles of a summary, to be counted or copied.",
    ),
    cache(ID),
];
