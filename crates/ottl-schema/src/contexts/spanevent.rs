//! `spanevent`: source `trace/v1/trace.proto`, `Span.Event`.

use super::{ContextDecl, ContextId, Signal, attributes, cache, field, renamed, special};
use crate::{Access, Conv, PathDecl};
use ottl_core::function::Type;

const ID: ContextId = ContextId::SpanEvent;

pub(super) const CONTEXT: ContextDecl = ContextDecl {
    id: ID,
    name: "spanevent",
    reaches: &[ID, ContextId::Span, ContextId::Scope, ContextId::Resource, ContextId::OtelCol],
    scope_alias: true,
    signals: &[Signal::Traces],
    in_transform: true,
    in_filter: true,
    enums: super::span::ENUMS,
    paths: PATHS,
};

const PATHS: &[PathDecl] = &[
    field(ID, "time_unix_nano", Conv::Nanos, "Time of the event in nanoseconds since the epoch."),
    renamed(ID, "time", "time_unix_nano", Conv::Time, "Time of the event."),
    field(ID, "name", Conv::Str, "The event's name."),
    attributes(ID, "attributes", "What describes the event."),
    field(
        ID,
        "dropped_attributes_count",
        Conv::U32,
        "How many attributes the producer dropped; stored as 32 bits, truncated.",
    ),
    PathDecl {
        writable: false,
        ..special(
            ID,
            "event_index",
            Access::EventIndex,
            Type::Int,
            false,
            "The event's place in its span; the processors never set it, so reading it is an error.",
        )
    },
    cache(ID),
];
