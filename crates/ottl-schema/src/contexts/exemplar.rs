//! `exemplar`: source `metrics/v1/metrics.proto`, `Exemplar`.

use super::{ContextDecl, ContextId, Signal, attributes, cache, field, number, renamed, special};
use crate::{Access, Conv, Fields, PathDecl};
use ottl_core::function::Type;
use ottl_otlp::schema::MessageId;

const ID: ContextId = ContextId::Exemplar;

pub(super) const CONTEXT: ContextDecl = ContextDecl {
    id: ID,
    name: "exemplar",
    reaches: &[ID, ContextId::DataPoint, ContextId::Metric, ContextId::Scope, ContextId::Resource, ContextId::OtelCol],
    scope_alias: true,
    signals: &[Signal::Metrics],
    in_transform: true,
    in_filter: false,
    enums: &[],
    paths: PATHS,
};

/// `double` and `sfixed64` of `Exemplar.value`.
const DOUBLE: Fields = Fields::of(ID, "as_double");
const INT: u8 = number(MessageId::Exemplar, "as_int");

const PATHS: &[PathDecl] = &[
    field(ID, "time_unix_nano", Conv::Nanos, "Time of the exemplar in nanoseconds since the epoch."),
    renamed(ID, "time", "time_unix_nano", Conv::Time, "Time of the exemplar."),
    special(
        ID,
        "double_value",
        Access::OneofDouble { double: DOUBLE, int: INT },
        Type::Float,
        false,
        "The value as a float; 0 when it is an int. Writing makes it a float.",
    ),
    special(
        ID,
        "int_value",
        Access::OneofInt { double: DOUBLE, int: INT },
        Type::Int,
        false,
        "The value as an int; 0 when it is a float. Writing makes it an int.",
    ),
    field(ID, "trace_id", Conv::TraceId, "The trace id; written with the converter TraceID."),
    field(ID, "trace_id.string", Conv::TraceIdText, "The trace id as 32 hex digits."),
    field(ID, "span_id", Conv::SpanId, "The span id; written with the converter SpanID."),
    field(ID, "span_id.string", Conv::SpanIdText, "The span id as 16 hex digits."),
    attributes(ID, "filtered_attributes", "Attributes that the point itself does not carry."),
    cache(ID),
];
