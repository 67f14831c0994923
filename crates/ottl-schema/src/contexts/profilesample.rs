//! `profilesample`: source `profiles/v1development/profiles.proto`, `Sample`.
//!
//! COMPAT: the reference's library has this context, and none of its processors takes it. Its statements cannot name the
//! profile that a sample lies in, although the library prepares for that.

use super::{ContextDecl, ContextId, Signal, cache, field, special};
use crate::{Access, Conv, Fields, Ints, Keys, PathDecl};
use ottl_core::function::Type;

const ID: ContextId = ContextId::ProfileSample;

pub(super) const CONTEXT: ContextDecl = ContextDecl {
    id: ID,
    name: "profilesample",
    reaches: &[ID, ContextId::Scope, ContextId::Resource, ContextId::OtelCol],
    scope_alias: true,
    signals: &[Signal::Profiles],
    in_transform: false,
    in_filter: false,
    enums: &[],
    paths: PATHS,
};

const PATHS: &[PathDecl] = &[
    ints("values", "values", Ints::Int64, "What was measured: one value, or one for each of the times."),
    ints(
        "attribute_indices",
        "attribute_indices",
        Ints::Int32,
        "Where the attributes stand in the dictionary's table; stored unchecked as 32 bits, truncated.",
    ),
    field(
        ID,
        "link_index",
        Conv::I32Below,
        "Where the link to a span stands in the dictionary's table; stored unchecked as 32 bits, those too large are an error.",
    ),
    ints(
        "timestamps_unix_nano",
        "timestamps_unix_nano",
        Ints::Nanos,
        "When it was seen, in nanoseconds since the epoch.",
    ),
    ints(
        "timestamps",
        "timestamps_unix_nano",
        Ints::Times,
        "When it was seen, as times; only such a list can be written.",
    ),
    PathDecl {
        keys: Keys::Map,
        ..special(
            ID,
            "attributes",
            Access::TableAttributes(Fields::of(ID, "attribute_indices")),
            Type::Map,
            false,
            "What describes the sample. Written ones are added to the dictionary, or found there, without a unit.",
        )
    },
    cache(ID),
];

/// A row for a list of integers.
const fn ints(name: &'static str, source: &str, ints: Ints, doc: &'static str) -> PathDecl {
    special(ID, name, Access::Ints { inside: 0, field: Fields::of(ID, source), ints }, Type::List, false, doc)
}
