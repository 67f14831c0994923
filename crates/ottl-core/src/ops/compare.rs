//! `== != < <= > >=`: the left operand decides the rule, and nothing is an error.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::{List, ListKind, Map, Value};

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>=`
    Ge,
    /// `>`
    Gt,
}

impl CompareOp {
    /// How rules write it.
    pub const fn symbol(self) -> &'static str {
        match self {
            CompareOp::Eq => "==",
            CompareOp::Ne => "!=",
            CompareOp::Lt => "<",
            CompareOp::Le => "<=",
            CompareOp::Ge => ">=",
            CompareOp::Gt => ">",
        }
    }

    /// Whether two values of one type stand so to each other.
    #[inline]
    pub fn of<T: PartialOrd + ?Sized>(self, a: &T, b: &T) -> bool {
        match self {
            CompareOp::Eq => a == b,
            CompareOp::Ne => a != b,
            CompareOp::Lt => a < b,
            CompareOp::Le => a <= b,
            CompareOp::Ge => a >= b,
            CompareOp::Gt => a > b,
        }
    }

    fn equality(self, equal: impl FnOnce() -> bool) -> bool {
        match self {
            CompareOp::Eq => equal(),
            CompareOp::Ne => !equal(),
            _ => false,
        }
    }

    /// What an impossible comparison answers.
    fn incompatible(self) -> bool {
        self == CompareOp::Ne
    }
}

/// Whether two texts are the same.
///
/// PERF (metrics at one record a message): the library's comparison reads some bytes at once, also of texts that have none. Where
/// those are nowhere, the processor takes as long over it as over a thousand instructions.
#[inline]
pub fn same_text(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && (a.is_empty() || a == b)
}

/// Compares two values as the reference does: values of different kinds are unequal and not ordered.
///
/// COMPAT: two typed lists of one kind compare by content here; in the reference the comparison crashes.
pub fn compare(op: CompareOp, a: &Value<'_>, b: &Value<'_>) -> bool {
    match (a, b) {
        // COMPAT: empty bytes are a nil slice in the reference, and equal nil.
        (Value::Nil | Value::Bytes(b""), Value::Nil | Value::Bytes(b"")) => {
            matches!(op, CompareOp::Eq | CompareOp::Le | CompareOp::Ge)
        }
        (Value::Nil | Value::Bytes(b""), _) | (_, Value::Nil | Value::Bytes(b"")) => op.incompatible(),
        (Value::Str(a), Value::Str(b)) | (Value::Bytes(a), Value::Bytes(b)) => match op {
            CompareOp::Eq => same_text(a, b),
            CompareOp::Ne => !same_text(a, b),
            _ => op.of(a, b),
        },
        (Value::Int(a), Value::Int(b)) | (Value::Duration(a), Value::Duration(b)) => op.of(a, b),
        (Value::Float(a), Value::Float(b)) => op.of(a, b),
        (Value::Int(a), Value::Float(b)) => op.of(&(*a as f64), b),
        (Value::Float(a), Value::Int(b)) => op.of(a, &(*b as f64)),
        (Value::Bool(a), Value::Bool(b)) => op.of(a, b),
        (Value::Time(a), Value::Time(b)) => op.of(a, b),
        (Value::Map(a), Value::Map(b)) => op.equality(|| maps_equal(a, b)),
        (Value::List(a), Value::List(b)) => op.equality(|| {
            let general = |l: &List<'_>| matches!(l.kind(), ListKind::Slice | ListKind::Any);
            (general(a) && general(b) || a.kind() == b.kind()) && lists_equal(a, b)
        }),
        (Value::TraceId(a), Value::TraceId(b)) => op.equality(|| a == b),
        (Value::SpanId(a), Value::SpanId(b)) => op.equality(|| a == b),
        (Value::ProfileId(a), Value::ProfileId(b)) => op.equality(|| a == b),
        (Value::GoInt(a), Value::GoInt(b)) => op.equality(|| a == b),
        // The reference compares handles: the same part of the same record, not equal content.
        (Value::Struct(a), Value::Struct(b)) => {
            op.equality(|| a.kind == b.kind && std::ptr::eq(a.messages, b.messages))
        }
        _ => op.incompatible(),
    }
}

/// Equality inside maps and lists: type strict (1 and 1.0 differ), maps without regard to order.
pub fn deep_equal(a: &Value<'_>, b: &Value<'_>) -> bool {
    match (a, b) {
        (Value::Map(a), Value::Map(b)) => maps_equal(a, b),
        (Value::List(a), Value::List(b)) => lists_equal(a, b),
        (Value::Int(_), Value::Float(_)) | (Value::Float(_), Value::Int(_)) => false,
        (Value::Nil, Value::Bytes(_)) | (Value::Bytes(_), Value::Nil) => false,
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b) == Some(Ordering::Equal),
        _ => compare(CompareOp::Eq, a, b),
    }
}

/// Above this many pairs, keys are looked up in an index: without it, two large maps take time by the square of their size.
const INDEXED: usize = 32;

fn maps_equal(a: &Map<'_>, b: &Map<'_>) -> bool {
    let len = a.len();
    if len != b.len() {
        return false;
    }
    if len <= INDEXED {
        return a.iter().all(|pair| b.get(pair.key).is_some_and(|other| deep_equal(&pair.value, &other)));
    }
    let mut index = HashMap::with_capacity(len);
    for pair in b.iter() {
        // The first pair with a key counts.
        index.entry(pair.key).or_insert(pair.value);
    }
    a.iter().all(|pair| index.get(pair.key).is_some_and(|other| deep_equal(&pair.value, other)))
}

fn lists_equal(a: &List<'_>, b: &List<'_>) -> bool {
    a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| deep_equal(&a, &b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_that_differ_are_only_unequal() {
        use CompareOp::{Eq, Ge, Gt, Le, Lt, Ne};
        let table = [
            (Value::Str(b"1"), Value::Int(1), [false, true, false, false, false, false]),
            (Value::Int(1), Value::Float(1.0), [true, false, false, true, true, false]),
            (Value::Float(f64::NAN), Value::Float(f64::NAN), [false, true, false, false, false, false]),
            (Value::Nil, Value::Nil, [true, false, false, true, true, false]),
            (Value::Nil, Value::Bytes(b""), [true, false, false, true, true, false]),
            (Value::Bytes(b""), Value::Bytes(b"a"), [false, true, false, false, false, false]),
            (Value::Nil, Value::Int(0), [false, true, false, false, false, false]),
            (Value::Bool(false), Value::Bool(true), [false, true, true, true, false, false]),
        ];
        for (a, b, want) in table {
            for (op, want) in [Eq, Ne, Lt, Le, Ge, Gt].into_iter().zip(want) {
                assert_eq!(compare(op, &a, &b), want, "{a:?} {op:?} {b:?}");
            }
        }
    }
}
