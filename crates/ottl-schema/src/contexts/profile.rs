//! `profile`: source `profiles/v1development/profiles.proto`, `Profile`.
//!
//! Texts and attributes lie in the message's dictionary, which all profiles of the message share; writing them adds to it
//! and changes nothing that is there.

use super::{ContextDecl, ContextId, Signal, cache, field, message_in, number, part, renamed, segments, special};
use crate::{Access, Conv, Fields, Ints, Keys, PathDecl};
use ottl_core::StructKind;
use ottl_core::function::Type;

const ID: ContextId = ContextId::Profile;

pub(super) const CONTEXT: ContextDecl = ContextDecl {
    id: ID,
    name: "profile",
    reaches: &[ID, ContextId::Scope, ContextId::Resource, ContextId::OtelCol],
    scope_alias: true,
    signals: &[Signal::Profiles],
    in_transform: true,
    in_filter: true,
    enums: &[],
    paths: PATHS,
};

const PATHS: &[PathDecl] = &[
    part(ID, "sample_type", StructKind::ValueType, "Type and unit of the values as a whole, to be copied."),
    text(ID, "sample_type.type", "type_strindex", "What the values are, for instance `cpu`."),
    text(ID, "sample_type.unit", "unit_strindex", "The unit of the values, for instance `nanoseconds`."),
    PathDecl { name: "sample", ..part(ID, "samples", StructKind::Samples, "The samples, to be counted or copied.") },
    field(ID, "time_unix_nano", Conv::Nanos, "Time of collection in nanoseconds since the epoch."),
    renamed(ID, "time", "time_unix_nano", Conv::Time, "Time of collection."),
    renamed(ID, "duration_unix_nano", "duration_nano", Conv::Length, "Duration in nanoseconds, not negative."),
    renamed(ID, "duration", "duration_nano", Conv::Length, "Duration in nanoseconds, not negative."),
    part(ID, "period_type", StructKind::ValueType, "Type and unit of the period as a whole, to be copied."),
    text(ID, "period_type.type", "type_strindex", "What is counted between two samples, for instance `cpu`."),
    text(ID, "period_type.unit", "unit_strindex", "The unit of the period."),
    field(ID, "period", Conv::I64, "How much lies between two samples."),
    field(ID, "profile_id", Conv::ProfileId, "The profile's id; written with the converter ProfileID, not with zeros."),
    field(ID, "profile_id.string", Conv::ProfileIdText, "The profile's id as 32 hex digits."),
    special(
        ID,
        "attribute_indices",
        Access::Ints { inside: 0, field: Fields::of(ID, "attribute_indices"), ints: Ints::Int32 },
        Type::List,
        false,
        "Where the attributes stand in the dictionary's table; stored unchecked as 32 bits, truncated.",
    ),
    field(
        ID,
        "dropped_attributes_count",
        Conv::U32,
        "How many attributes the producer dropped; stored as 32 bits, truncated.",
    ),
    field(ID, "original_payload_format", Conv::Str, "The format of the original payload, for instance `pprof`."),
    field(ID, "original_payload", Conv::Bytes, "The profile in the form that it was collected in."),
    PathDecl {
        keys: Keys::Map,
        ..special(
            ID,
            "attributes",
            Access::TableAttributes(Fields::of(ID, "attribute_indices")),
            Type::Map,
            false,
            "What describes the profile. Written ones are added to the dictionary, or found there, without a unit.",
        )
    },
    cache(ID),
];

/// A row for a text of the dictionary that a field of a singular message field names by its index.
const fn text(context: ContextId, name: &'static str, index: &str, doc: &'static str) -> PathDecl {
    let (outer, _) = segments(name);
    let access = Access::TableText(Fields::of(context, outer), number(message_in(context, outer), index));
    special(context, name, access, Type::String, false, doc)
}
