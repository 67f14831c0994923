//! What a function parameter makes of the value it is given.

use crate::Arena;
use crate::function::Type;

use super::text::json_text;
use super::{kept_map, store_list};
use crate::number::{parse_float, parse_int};
use crate::{ErrorKind, EvalError, List, ListKind, Value};

/// The getter of a parameter. The `…Like` ones convert and let nil through; the others are strict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coercion {
    /// Text.
    String,
    /// 64-bit integer.
    Int,
    /// 64-bit float.
    Float,
    /// Bool.
    Bool,
    /// Time.
    Time,
    /// Duration.
    Duration,
    /// Map.
    Map,
    /// List; every kind becomes a general list.
    List,
    /// Text, or what has a text form.
    StringLike,
    /// Integer, or what converts to one.
    IntLike,
    /// Float, or what converts to one.
    FloatLike,
    /// Bool, or what converts to one.
    BoolLike,
    /// Bytes, or what has bytes.
    BytesLike,
}

impl Coercion {
    /// Whether a value stays as it is.
    #[inline]
    pub fn keeps(self, value: &Value<'_>) -> bool {
        matches!(
            (self, value),
            (Coercion::String | Coercion::StringLike, Value::Str(_))
                | (Coercion::Int | Coercion::IntLike, Value::Int(_))
                | (Coercion::Float | Coercion::FloatLike, Value::Float(_))
                | (Coercion::Bool | Coercion::BoolLike, Value::Bool(_))
                | (Coercion::Time, Value::Time(_))
                | (Coercion::Duration, Value::Duration(_))
                | (Coercion::BytesLike, Value::Bytes(_))
        )
    }

    /// The only type that passes the conversion, if there is only one.
    pub fn only_type(self) -> Option<Type> {
        Some(match self {
            Coercion::String => Type::String,
            Coercion::Int => Type::Int,
            Coercion::Float => Type::Float,
            Coercion::Bool => Type::Bool,
            Coercion::Time => Type::Time,
            Coercion::Duration => Type::Duration,
            Coercion::Map => Type::Map,
            Coercion::List => Type::List,
            Coercion::StringLike
            | Coercion::IntLike
            | Coercion::FloatLike
            | Coercion::BoolLike
            | Coercion::BytesLike => return None,
        })
    }

    /// The name for error texts.
    pub fn name(self) -> &'static str {
        match self {
            Coercion::String | Coercion::StringLike => "string",
            Coercion::Int | Coercion::IntLike => "int64",
            Coercion::Float | Coercion::FloatLike => "float64",
            Coercion::Bool | Coercion::BoolLike => "bool",
            Coercion::Time => "time",
            Coercion::Duration => "duration",
            Coercion::Map => "map",
            Coercion::List => "list",
            Coercion::BytesLike => "bytes",
        }
    }
}

/// Converts an argument to what its parameter takes.
///
/// # Errors
/// Strict getters: [`ErrorKind::Type`] for another type and for nil. Converting getters: nil stays nil,
/// [`ErrorKind::Unconvertible`] for types that do not convert, [`ErrorKind::BadText`] for texts that do not parse.
#[inline]
pub fn coerce<'a>(to: Coercion, value: Value<'a>, arena: &'a Arena) -> Result<Value<'a>, EvalError> {
    match (to, value) {
        _ if to.keeps(&value) => Ok(value),
        (Coercion::Map, Value::Map(map)) => kept_map(map, arena),
        _ => convert(to, value, arena),
    }
}

fn convert<'a>(to: Coercion, value: Value<'a>, arena: &'a Arena) -> Result<Value<'a>, EvalError> {
    let unconvertible = || EvalError::new(ErrorKind::Unconvertible { expected: to.name(), got: value.type_name() });
    match to {
        Coercion::List => match value {
            Value::List(List::Values(ListKind::Any, items, _)) => store_list(items, arena).map(Value::List),
            // COMPAT: of typed lists the reference knows all but those of times here.
            Value::List(List::Values(kind, items, extent)) if kind != ListKind::Times => {
                Ok(Value::List(List::Values(ListKind::Slice, items, extent)))
            }
            Value::List(list @ List::Wire(..)) => Ok(Value::List(list)),
            _ => Err(ErrorKind::Type { expected: to.name(), got: value.type_name() }.into()),
        },
        Coercion::String
        | Coercion::Int
        | Coercion::Float
        | Coercion::Bool
        | Coercion::Time
        | Coercion::Duration
        | Coercion::Map => Err(ErrorKind::Type { expected: to.name(), got: value.type_name() }.into()),
        _ if value.is_nil() => Ok(Value::Nil),
        Coercion::StringLike => match value {
            Value::Bytes(bytes) => hex(bytes, arena).map(Value::Str),
            other => json_text(&other, arena).map(Value::Str),
        },
        Coercion::IntLike => match value {
            Value::Str(s) => parse_int(s).map(Value::Int).map_err(|_| ErrorKind::BadText("int").into()),
            // The reference converts as amd64 does: what does not fit becomes the smallest integer.
            Value::Float(f) if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&f) => {
                Ok(Value::Int(f as i64))
            }
            Value::Float(_) => Ok(Value::Int(i64::MIN)),
            Value::Bool(b) => Ok(Value::Int(i64::from(b))),
            _ => Err(unconvertible()),
        },
        Coercion::FloatLike => match value {
            Value::Str(s) => parse_float(s).map(Value::Float).map_err(|_| ErrorKind::BadText("float").into()),
            Value::Int(i) => Ok(Value::Float(i as f64)),
            Value::Bool(b) => Ok(Value::Float(f64::from(u8::from(b)))),
            _ => Err(unconvertible()),
        },
        Coercion::BoolLike => match value {
            Value::Str(s) => match s {
                b"1" | b"t" | b"T" | b"TRUE" | b"true" | b"True" => Ok(Value::Bool(true)),
                b"0" | b"f" | b"F" | b"FALSE" | b"false" | b"False" => Ok(Value::Bool(false)),
                _ => Err(ErrorKind::BadText("bool").into()),
            },
            // Only this conversion knows the integers of Go: the port of a URL is not one for the others.
            Value::Int(i) | Value::GoInt(i) => Ok(Value::Bool(i != 0)),
            Value::Float(f) => Ok(Value::Bool(f != 0.0)),
            _ => Err(unconvertible()),
        },
        Coercion::BytesLike => match value {
            Value::Str(s) => Ok(Value::Bytes(s)),
            Value::Int(i) => Ok(Value::Bytes(arena.copy(&i.to_be_bytes())?)),
            Value::Float(f) => Ok(Value::Bytes(arena.copy(&f.to_bits().to_be_bytes())?)),
            Value::Bool(b) => Ok(Value::Bytes(arena.copy(&[u8::from(b)])?)),
            _ => Err(unconvertible()),
        },
    }
}

fn hex<'a>(bytes: &[u8], arena: &'a Arena) -> Result<&'a [u8], EvalError> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = arena.fill(bytes.len() * 2, |i| {
        let byte = bytes[i / 2];
        DIGITS[usize::from(if i % 2 == 0 { byte >> 4 } else { byte & 15 })]
    })?;
    Ok(digits)
}
