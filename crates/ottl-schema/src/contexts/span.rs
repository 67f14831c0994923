//! `span`: source `trace/v1/trace.proto`, `Span`.

use super::{ContextDecl, ContextId, Signal, attributes, cache, field, nested, part, renamed};
use crate::{Conv, Keys, PathDecl};
use ottl_core::StructKind;

const ID: ContextId = ContextId::Span;

pub(super) const CONTEXT: ContextDecl = ContextDecl {
    id: ID,
    name: "span",
    reaches: &[ID, ContextId::Scope, ContextId::Resource, ContextId::OtelCol],
    scope_alias: true,
    signals: &[Signal::Traces],
    in_transform: true,
    in_filter: true,
    enums: ENUMS,
    paths: PATHS,
};

pub(super) const ENUMS: &[(&str, i64)] = &[
    ("SPAN_KIND_UNSPECIFIED", 0),
    ("SPAN_KIND_INTERNAL", 1),
    ("SPAN_KIND_SERVER", 2),
    ("SPAN_KIND_CLIENT", 3),
    ("SPAN_KIND_PRODUCER", 4),
    ("SPAN_KIND_CONSUMER", 5),
    ("STATUS_CODE_UNSET", 0),
    ("STATUS_CODE_OK", 1),
    ("STATUS_CODE_ERROR", 2),
];

const PATHS: &[PathDecl] = &[
    field(ID, "trace_id", Conv::TraceId, "The trace id; written with the converter TraceID."),
    field(ID, "trace_id.string", Conv::TraceIdText, "The trace id as 32 hex digits."),
    field(ID, "span_id", Conv::SpanId, "The span id; written with the converter SpanID."),
    field(ID, "span_id.string", Conv::SpanIdText, "The span id as 16 hex digits."),
    PathDecl {
        keys: Keys::TraceState,
        ..field(ID, "trace_state", Conv::Str, "The W3C trace state; with a key, one of its members.")
    },
    field(ID, "parent_span_id", Conv::SpanId, "The parent's span id; written with the converter SpanID."),
    field(ID, "parent_span_id.string", Conv::SpanIdText, "The parent's span id as 16 hex digits."),
    field(ID, "name", Conv::Str, "The span's name."),
    field(ID, "kind", Conv::I32, "SPAN_KIND_… as a number, stored unchecked."),
    field(ID, "kind.string", Conv::SpanKindText, "Unspecified, Internal, Server, Client, Producer or Consumer."),
    field(ID, "kind.deprecated_string", Conv::SpanKindSymbol, "The kind's enum symbol as text."),
    field(ID, "start_time_unix_nano", Conv::Nanos, "Start in nanoseconds since the epoch."),
    renamed(ID, "start_time", "start_time_unix_nano", Conv::Time, "Start as a time."),
    field(ID, "end_time_unix_nano", Conv::Nanos, "End in nanoseconds since the epoch."),
    renamed(ID, "end_time", "end_time_unix_nano", Conv::Time, "End as a time."),
    attributes(ID, "attributes", "What describes the span."),
    field(
        ID,
        "dropped_attributes_count",
        Conv::U32,
        "How many attributes the producer dropped; stored as 32 bits, truncated.",
    ),
    part(ID, "events", StructKind::SpanEvents, "The events, to be counted or copied."),
    field(ID, "dropped_events_count", Conv::U32, "How many events the producer dropped; stored as 32 bits, truncated."),
    part(ID, "links", StructKind::SpanLinks, "The links, to be counted or copied."),
    field(ID, "dropped_links_count", Conv::U32, "How many links the producer dropped; stored as 32 bits, truncated."),
    part(ID, "status", StructKind::Status, "The status as a whole, to be copied."),
    nested(ID, "status.code", Conv::I32, "STATUS_CODE_… as a number, stored unchecked."),
    nested(ID, "status.message", Conv::Str, "The status message."),
    field(ID, "flags", Conv::Fixed32Checked, "The W3C trace flags and their kin, 0 to 4294967295."),
    cache(ID),
];
