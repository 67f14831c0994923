//! `resource`: source `resource/v1/resource.proto`; the schema URL lies in `ResourceSpans` and the like.

use super::{ContextDecl, ContextId, SCHEMA_URL, Signal, attributes, cache, field, special};
use crate::{Access, Conv, PathDecl};
use ottl_core::function::Type;

const ID: ContextId = ContextId::Resource;

pub(super) const CONTEXT: ContextDecl = ContextDecl {
    id: ID,
    name: "resource",
    reaches: &[ID, ContextId::OtelCol],
    scope_alias: false,
    signals: &Signal::ALL,
    in_transform: true,
    in_filter: true,
    enums: &[],
    paths: PATHS,
};

const PATHS: &[PathDecl] = &[
    attributes(ID, "attributes", "What describes the resource."),
    field(
        ID,
        "dropped_attributes_count",
        Conv::U32,
        "How many attributes the producer dropped; stored as 32 bits, truncated.",
    ),
    special(
        ID,
        "schema_url",
        Access::Group(SCHEMA_URL, Conv::Str),
        Type::String,
        false,
        "The schema URL of the resource's group.",
    ),
    cache(ID),
];
