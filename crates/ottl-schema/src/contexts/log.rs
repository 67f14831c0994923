//! `log`: source `logs/v1/logs.proto`, `LogRecord`.

use super::{ContextDecl, ContextId, Signal, attributes, cache, field, renamed, special};
use crate::{Access, Conv, Keys, PathDecl};
use ottl_core::function::Type;

const ID: ContextId = ContextId::Log;

pub(super) const CONTEXT: ContextDecl = ContextDecl {
    id: ID,
    name: "log",
    reaches: &[ID, ContextId::Scope, ContextId::Resource, ContextId::OtelCol],
    scope_alias: true,
    signals: &[Signal::Logs],
    in_transform: true,
    in_filter: true,
    enums: &[
        ("SEVERITY_NUMBER_UNSPECIFIED", 0),
        ("SEVERITY_NUMBER_TRACE", 1),
        ("SEVERITY_NUMBER_TRACE2", 2),
        ("SEVERITY_NUMBER_TRACE3", 3),
        ("SEVERITY_NUMBER_TRACE4", 4),
        ("SEVERITY_NUMBER_DEBUG", 5),
        ("SEVERITY_NUMBER_DEBUG2", 6),
        ("SEVERITY_NUMBER_DEBUG3", 7),
        ("SEVERITY_NUMBER_DEBUG4", 8),
        ("SEVERITY_NUMBER_INFO", 9),
        ("SEVERITY_NUMBER_INFO2", 10),
        ("SEVERITY_NUMBER_INFO3", 11),
        ("SEVERITY_NUMBER_INFO4", 12),
        ("SEVERITY_NUMBER_WARN", 13),
        ("SEVERITY_NUMBER_WARN2", 14),
        ("SEVERITY_NUMBER_WARN3", 15),
        ("SEVERITY_NUMBER_WARN4", 16),
        ("SEVERITY_NUMBER_ERROR", 17),
        ("SEVERITY_NUMBER_ERROR2", 18),
        ("SEVERITY_NUMBER_ERROR3", 19),
        ("SEVERITY_NUMBER_ERROR4", 20),
        ("SEVERITY_NUMBER_FATAL", 21),
        ("SEVERITY_NUMBER_FATAL2", 22),
        ("SEVERITY_NUMBER_FATAL3", 23),
        ("SEVERITY_NUMBER_FATAL4", 24),
    ],
    paths: PATHS,
};

const PATHS: &[PathDecl] = &[
    field(ID, "time_unix_nano", Conv::Nanos, "Time of the record in nanoseconds since the epoch."),
    renamed(ID, "time", "time_unix_nano", Conv::Time, "Time of the record."),
    field(ID, "observed_time_unix_nano", Conv::Nanos, "When the record was seen, in nanoseconds since the epoch."),
    renamed(ID, "observed_time", "observed_time_unix_nano", Conv::Time, "When the record was seen."),
    field(ID, "severity_number", Conv::I32, "SEVERITY_NUMBER_… as a number, stored unchecked."),
    field(ID, "severity_text", Conv::Str, "The severity as the producer wrote it."),
    PathDecl {
        keys: Keys::Body,
        ..special(ID, "body", Access::Body, Type::Any, true, "The body; with keys, an element of a map or list body.")
    },
    special(
        ID,
        "body.string",
        Access::BodyText,
        Type::String,
        false,
        "The body's text form; writing makes the body a string.",
    ),
    attributes(ID, "attributes", "What describes the record."),
    field(
        ID,
        "dropped_attributes_count",
        Conv::U32,
        "How many attributes the producer dropped; stored as 32 bits, truncated.",
    ),
    field(ID, "flags", Conv::Fixed32, "The trace flags; stored as 32 bits, truncated."),
    field(ID, "trace_id", Conv::TraceId, "The trace id; written with the converter TraceID."),
    field(ID, "trace_id.string", Conv::TraceIdText, "The trace id as 32 hex digits."),
    field(ID, "span_id", Conv::SpanId, "The span id; written with the converter SpanID."),
    field(ID, "span_id.string", Conv::SpanIdText, "The span id as 16 hex digits."),
    field(ID, "event_name", Conv::Str, "The name of the event that the record is."),
    cache(ID),
];
