//! `otelcol`: the client information of the call that brought the data; nil or empty unless the embedder sets it.

use super::{ContextDecl, ContextId, cache};
use crate::{Access, Keys, OtelCol, PathDecl};
use ottl_core::function::Type;

const ID: ContextId = ContextId::OtelCol;

pub(super) const CONTEXT: ContextDecl = ContextDecl {
    id: ID,
    name: "otelcol",
    reaches: &[ID],
    scope_alias: false,
    signals: &[],
    in_transform: false,
    in_filter: false,
    enums: &[],
    paths: PATHS,
};

const fn row(
    name: &'static str,
    access: OtelCol,
    keys: Keys,
    read: Type,
    nullable: bool,
    doc: &'static str,
) -> PathDecl {
    PathDecl { context: ID, name, access: Access::OtelCol(access), keys, read, nullable, writable: false, doc }
}

const PATHS: &[PathDecl] = &[
    row("client.addr", OtelCol::ClientAddr, Keys::None, Type::String, true, "The client's network address."),
    row(
        "client.metadata",
        OtelCol::ClientMetadata,
        Keys::Metadata,
        Type::Map,
        false,
        "The request's metadata: lists of strings by key, case ignored.",
    ),
    row("client.auth.attributes", OtelCol::ClientAuth, Keys::Map, Type::Map, false, "What authentication found out."),
    row(
        "grpc.metadata",
        OtelCol::GrpcMetadata,
        Keys::Metadata,
        Type::Map,
        false,
        "The gRPC metadata: lists of strings by key.",
    ),
    cache(ID),
];
