//! What an attribute value, a body or a list element can hold, and what becomes of the rest.

use std::collections::{HashMap, hash_map};

use crate::value::Entry;
use crate::{Arena, ErrorKind, EvalError, List, ListKind, Map, Value};

fn unsupported(value: &Value<'_>) -> EvalError {
    EvalError::new(ErrorKind::UnsupportedWrite { expected: "a value that attributes can hold", got: value.type_name() })
}

/// The value as an attribute or body stores it, and the error that storing it ends with.
///
/// A literal list is stored element by element: an element that cannot be stored becomes nil, and only the last
/// element's error counts. `Err` with no value means that nothing is written.
///
/// # Errors
/// [`ErrorKind::UnsupportedWrite`] for times, durations, ids, record parts and lists of unsigned integers or
/// times.
pub fn storable<'a>(value: Value<'a>, arena: &'a Arena) -> Result<(Value<'a>, Option<EvalError>), EvalError> {
    match value {
        Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::Bytes(_) => {
            Ok((value, None))
        }
        Value::Map(map) => Ok((kept_map(map, arena)?, None)),
        Value::List(List::Values(ListKind::Any, items, _)) => {
            let mut last = None;
            let stored = arena.fill(items.len(), |i| match storable(items[i], arena) {
                Ok((value, error)) => {
                    last = error;
                    value
                }
                Err(error) => {
                    last = Some(error);
                    Value::Nil
                }
            })?;
            Ok((Value::List(List::new(ListKind::Slice, stored)?), last))
        }
        Value::List(list) if list.kind().is_foreign() => Err(unsupported(&value)),
        Value::List(List::Values(_, items, extent)) => {
            Ok((Value::List(List::Values(ListKind::Slice, items, extent)), None))
        }
        Value::List(List::Wire(..)) => Ok((value, None)),
        _ => Err(unsupported(&value)),
    }
}

/// What the parameter of a lambda holds for a value: ints of one kind, and lists that are no list of an attribute as general
/// ones.
#[inline]
pub fn normalised(value: Value<'_>) -> Value<'_> {
    match value {
        Value::List(List::Values(kind, items, extent)) if kind != ListKind::Slice => {
            Value::List(List::Values(ListKind::Any, items, extent))
        }
        other => other.kept(),
    }
}

/// A map as a value holds it: ints of one kind. Maps inside it were kept before, where they were put into it.
///
/// # Errors
/// [`ErrorKind::Budget`].
pub fn kept_map<'a>(map: Map<'a>, arena: &'a Arena) -> Result<Value<'a>, EvalError> {
    match map {
        Map::Entries(entries, _) if entries.iter().any(|entry| matches!(entry.value, Value::GoInt(_))) => {
            let kept = entries.iter().map(|entry| Entry { value: entry.value.kept(), ..*entry });
            arena.map(arena.collect(kept)?)
        }
        _ => Ok(Value::Map(map)),
    }
}

/// The stricter conversion that list parameters, `append` and map literals use: nested lists must be literal lists,
/// and maps, times, durations, ids and typed lists have no place in them.
///
/// # Errors
/// [`ErrorKind::UnsupportedWrite`] for what it does not know.
pub fn from_raw<'a>(value: Value<'a>, arena: &'a Arena) -> Result<Value<'a>, EvalError> {
    match value {
        Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::Bytes(_) => Ok(value),
        Value::GoInt(i) => Ok(Value::Int(i)),
        Value::List(List::Values(ListKind::Any, items, _)) => store_list(items, arena).map(Value::List),
        _ => Err(unsupported(&value)),
    }
}

/// A literal list as a general list, element by element through [`from_raw`].
///
/// # Errors
/// The first element's error.
pub fn store_list<'a>(items: &[Value<'a>], arena: &'a Arena) -> Result<List<'a>, EvalError> {
    let mut failed = None;
    let stored = arena.fill(items.len(), |i| match from_raw(items[i], arena) {
        Ok(value) => value,
        Err(error) => {
            failed = failed.or(Some(error));
            Value::Nil
        }
    })?;
    match failed {
        Some(error) => Err(error),
        None => List::new(ListKind::Slice, stored),
    }
}

/// The value of a pair in a map literal: maps and lists of maps are copied, the rest goes through [`from_raw`].
///
/// # Errors
/// As [`from_raw`].
fn map_literal_value<'a>(value: Value<'a>, arena: &'a Arena) -> Result<Value<'a>, EvalError> {
    match value {
        Value::Map(map) => kept_map(map, arena),
        Value::List(List::Values(ListKind::Any, items, _)) => {
            let mut failed = None;
            let stored = arena.fill(items.len(), |i| {
                let kept = match items[i] {
                    Value::Map(map) => kept_map(map, arena),
                    other => from_raw(other, arena),
                };
                kept.unwrap_or_else(|error| {
                    failed = failed.or(Some(error));
                    Value::Nil
                })
            })?;
            failed.map_or_else(|| List::new(ListKind::Slice, stored).map(Value::List), Err)
        }
        other => from_raw(other, arena),
    }
}

/// The key that an expression in a map literal gives.
///
/// # Errors
/// It is no text.
pub fn map_key(value: Value<'_>) -> Result<&[u8], EvalError> {
    match value {
        Value::Str(key) => Ok(key),
        other => Err(ErrorKind::Type { expected: "string", got: other.type_name() }.into()),
    }
}

/// More pairs than this are looked up in a table when keys may repeat.
const FEW: usize = 16;

/// The same entries, of a repeated key the last value in the place of the first.
fn distinct<'a>(entries: &'a mut [Entry<'a>]) -> &'a mut [Entry<'a>] {
    let mut places = HashMap::new();
    let mut len = 0;
    for at in 0..entries.len() {
        let entry = entries[at];
        let found = if entries.len() <= FEW {
            entries[..len].iter().position(|other| other.key == entry.key)
        } else {
            match places.entry(entry.key) {
                hash_map::Entry::Occupied(place) => Some(*place.get()),
                hash_map::Entry::Vacant(place) => {
                    place.insert(len);
                    None
                }
            }
        };
        entries[found.unwrap_or(len)] = entry;
        len += usize::from(found.is_none());
    }
    &mut entries[..len]
}

/// The map of a map literal whose keys and values have been evaluated; of a repeated key the last value counts.
///
/// # Errors
/// The error of the first value that a map cannot hold.
pub fn map_literal<'a>(pairs: &[(&'a [u8], Value<'a>)], arena: &'a Arena) -> Result<Value<'a>, EvalError> {
    let mut failed = None;
    let entries = arena.fill(pairs.len(), |i| {
        let value = map_literal_value(pairs[i].1, arena).unwrap_or_else(|error| {
            failed = failed.or(Some(error));
            Value::Nil
        });
        Entry { key: pairs[i].0, value }
    })?;
    failed.map_or_else(|| arena.map(distinct(entries)), Err)
}
