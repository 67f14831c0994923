//! What static types say about each other.

use ottl_core::function::Type;
use ottl_plan::Literal;
use ottl_schema::{Access, PathDecl};

use crate::hir::{Expr, Kind};

/// With its article, for messages.
pub(super) fn name(ty: Type) -> &'static str {
    match ty {
        Type::Any => "anything",
        Type::Nil => "nil",
        Type::Bool => "a bool",
        Type::Int => "an int",
        Type::Float => "a float",
        Type::String => "a string",
        Type::Bytes => "bytes",
        Type::Map => "a map",
        Type::List => "a list",
        Type::Time => "a time",
        Type::Duration => "a duration",
        Type::TraceId => "a trace id",
        Type::SpanId => "a span id",
        Type::ProfileId => "a profile id",
    }
}

/// Whether a value of this type can be an attribute, a body or an element of one.
pub(super) fn storable(ty: Type) -> bool {
    !matches!(ty, Type::Time | Type::Duration | Type::TraceId | Type::SpanId | Type::ProfileId)
}

/// Whether values of two types can ever be equal.
pub(super) fn comparable(a: Type, b: Type) -> bool {
    let number = |ty| matches!(ty, Type::Int | Type::Float);
    a == b || a == Type::Any || b == Type::Any || number(a) && number(b)
}

/// Whether a path is a part of the record as a whole, such as the status of a span: only its like equals it, and is taken for it.
pub(super) fn is_whole(decl: &PathDecl) -> bool {
    matches!(decl.access, Access::Part(..))
}

/// Whether values of this type are smaller or greater than one another.
pub(super) fn ordered(ty: Type) -> bool {
    !matches!(ty, Type::Map | Type::List | Type::TraceId | Type::SpanId | Type::ProfileId)
}

/// Whether it is certain that the value is not nil. Of functions nothing is known.
pub(super) fn never_nil(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Path(_) => !expr.nullable && expr.ty != Type::Any,
        Kind::Const(literal) => *literal != Literal::Nil,
        _ => false,
    }
}
