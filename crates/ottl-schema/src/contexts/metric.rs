//! `metric`: source `metrics/v1/metrics.proto`, `Metric` and its data messages.

use super::{ContextDecl, ContextId, Signal, attributes, cache, field, special};
use crate::{Access, Conv, PathDecl};
use ottl_core::function::Type;

const ID: ContextId = ContextId::Metric;

pub(super) const CONTEXT: ContextDecl = ContextDecl {
    id: ID,
    name: "metric",
    reaches: &[ID, ContextId::Scope, ContextId::Resource, ContextId::OtelCol],
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
    ],
    paths: PATHS,
};

const PATHS: &[PathDecl] = &[
    field(ID, "name", Conv::Str, "The metric's name."),
    field(ID, "description", Conv::Str, "What the metric measures."),
    field(ID, "unit", Conv::Str, "The unit, after UCUM."),
    special(ID, "type", Access::MetricType, Type::Int, false, "METRIC_DATA_TYPE_…; a write does nothing."),
    special(
        ID,
        "aggregation_temporality",
        Access::MetricTemporality,
        Type::Int,
        true,
        "AGGREGATION_TEMPORALITY_…; nil for gauges, summaries and empty metrics.",
    ),
    special(
        ID,
        "is_monotonic",
        Access::MetricMonotonic,
        Type::Bool,
        true,
        "Whether a sum only grows; nil for every other metric.",
    ),
    special(ID, "data_points", Access::MetricPoints, Type::Any, true, "All points, to be counted or copied."),
    attributes(ID, "metadata", "What describes the metric beside its points."),
    cache(ID),
];
