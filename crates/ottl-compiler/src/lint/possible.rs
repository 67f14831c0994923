//! What values can be, before there is a record: of a path the types that it can hold, of a call those that it gives.
//!
//! What a parameter or operator makes of a type is asked of the conversions and operators themselves, with one value of each
//! type: whether a type is taken does not depend on the value.

use ottl_core::function::{Type, coerce_argument};
use ottl_core::ops::{Coercion, MathOp, arithmetic, negate};
use ottl_core::{Arena, ErrorKind, List, ListKind, Map, Time, Value};
use ottl_schema::Access;

use super::types;
use crate::hir::{Arg, Expr, Kind, PathUse};

/// All types that a value can have; nil is none here, because nothing that is looked at takes it.
const EVERY: [Type; 12] = [
    Type::Bool,
    Type::Int,
    Type::Float,
    Type::String,
    Type::Bytes,
    Type::Map,
    Type::List,
    Type::Time,
    Type::Duration,
    Type::TraceId,
    Type::SpanId,
    Type::ProfileId,
];

/// Converters that give one of several types, and their types.
const SEVERAL: &[(&str, Types)] = &[("ParseJSON", Types::of(Type::Map).with(Type::List))];

/// A set of types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Types(u16);

impl Types {
    const ANY: Types = Types(u16::MAX);

    pub const fn of(ty: Type) -> Types {
        Types(1 << ty as u16)
    }

    const fn with(self, ty: Type) -> Types {
        Types(self.0 | 1 << ty as u16)
    }

    pub fn or(self, other: Types) -> Types {
        Types(self.0 | other.0)
    }

    pub fn without(self, other: Types) -> Types {
        if self.is_any() { self } else { Types(self.0 & !other.0) }
    }

    /// What attributes, bodies and caches can hold.
    fn stored() -> Types {
        EVERY.into_iter().filter(|ty| types::storable(*ty)).fold(Types(0), Types::with)
    }

    /// Whether anything is possible.
    pub fn is_any(self) -> bool {
        self == Types::ANY
    }

    pub fn has(self, ty: Type) -> bool {
        self.0 & 1 << ty as u16 != 0
    }

    pub fn iter(self) -> impl Iterator<Item = Type> {
        EVERY.into_iter().filter(move |ty| self.has(*ty))
    }
}

/// What an expression can give, nil aside.
pub(super) fn of(expr: &Expr) -> Types {
    if expr.ty != Type::Any {
        return Types::of(expr.ty);
    }
    match &expr.kind {
        Kind::Path(path) => match ottl_schema::path(path.path).access {
            Access::Attributes(_) | Access::TableAttributes(_) | Access::Cache | Access::Body => Types::stored(),
            _ => Types::ANY,
        },
        Kind::Call(call) => {
            SEVERAL.iter().find(|(name, _)| *name == call.def.name).map_or(Types::ANY, |(_, types)| *types)
        }
        // What is parsed out of a text is what attributes can hold. What lambdas make may be anything.
        Kind::Index { base, .. } => match &base.kind {
            Kind::Call(call) if is_parsed(base) && !call.args.iter().any(|arg| matches!(arg, Arg::Lambda(_))) => {
                Types::stored()
            }
            _ => Types::ANY,
        },
        _ => Types::ANY,
    }
}

fn is_parsed(base: &Expr) -> bool {
    base.ty == Type::Map || matches!(&base.kind, Kind::Call(call) if call.def.name == "ParseJSON")
}

/// A type that a path can hold.
pub(super) fn of_path(path: &PathUse) -> Option<Type> {
    match ottl_schema::path(path.path).read {
        _ if !path.keys.is_empty() => Some(Type::String),
        Type::Any | Type::Nil => None,
        ty => Some(ty),
    }
}

/// Whether the values of two expressions can ever be equal, nil aside.
pub(super) fn comparable(left: &Expr, right: &Expr) -> bool {
    let (left, right) = (of(left), of(right));
    left.is_any() || right.is_any() || left.iter().any(|a| right.iter().any(|b| types::comparable(a, b)))
}

/// Whether a parameter of this conversion takes none of these types.
pub(super) fn never_passes(to: Coercion, types: Types) -> bool {
    let arena = Arena::with_limit(MEMORY);
    !types.iter().any(|ty| {
        let value = coerce_argument(sample(ty), Some(to), None, &arena);
        !matches!(value, Err(error) if is_of_type(error.kind))
    })
}

/// How much memory one question may take.
const MEMORY: usize = 4 << 10;

/// Whether an error is about the type of a value.
pub(super) fn is_of_type(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Type { .. } | ErrorKind::Unconvertible { .. } | ErrorKind::Operand(_))
}

/// Whether an operator takes no two values of these types.
pub(super) fn never_computes(op: MathOp, left: Types, right: Types) -> bool {
    let number = Types::of(Type::Int).with(Type::Float);
    if left.0 & number.0 != 0 && right.0 & number.0 != 0 {
        return false;
    }
    !left.iter().any(|left| right.iter().any(|right| arithmetic(op, sample(left), sample(right)).is_ok()))
}

/// Whether a minus stands before nothing that it takes.
pub(super) fn never_negates(types: Types) -> bool {
    !types.iter().any(|ty| negate(sample(ty)).is_ok())
}

/// A value of a type.
pub(super) fn sample(ty: Type) -> Value<'static> {
    match ty {
        Type::Any | Type::Nil => Value::Nil,
        Type::Bool => Value::Bool(true),
        Type::Int => Value::Int(1),
        Type::Float => Value::Float(1.5),
        Type::String => Value::Str(b"1"),
        Type::Bytes => Value::Bytes(b"1"),
        Type::Map => Value::Map(Map::EMPTY),
        Type::List => Value::List(List::empty(ListKind::Slice)),
        Type::Time => Value::Time(Time::from_unix_nanos(1)),
        Type::Duration => Value::Duration(1),
        Type::TraceId => Value::TraceId([1; 16]),
        Type::SpanId => Value::SpanId([1; 8]),
        Type::ProfileId => Value::ProfileId([1; 16]),
    }
}
