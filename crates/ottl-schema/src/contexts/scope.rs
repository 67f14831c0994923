//! `scope`: source `common/v1/common.proto`, `InstrumentationScope`; the schema URL lies in `ScopeSpans` and the like.

use super::{ContextDecl, ContextId, SCHEMA_URL, Signal, attributes, cache, field, special};
use crate::{Access, Conv, PathDecl};
use ottl_core::function::Type;

const ID: ContextId = ContextId::Scope;

pub(super) const CONTEXT: ContextDecl = ContextDecl {
    id: ID,
    name: "scope",
    reaches: &[ID, ContextId::Resource, ContextId::OtelCol],
    scope_alias: false,
    signals: &Signal::ALL,
    in_transform: true,
    in_filter: true,
    enums: &[],
    paths: PATHS,
};

const PATHS: &[PathDecl] = &[
    field(ID, "name", Conv::Str, "The name of the instrumentation scope."),
    field(ID, "version", Conv::Str, "The version of the instrumentation scope."),
    attributes(ID, "attributes", "What describes the scope."),
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
        "The schema URL of the scope's group.",
    ),
    cache(ID),
];
