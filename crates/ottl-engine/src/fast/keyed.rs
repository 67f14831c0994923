//! Writing behind keys: `attributes["a"][0]`, `body["a"]`.
//!
//! INVARIANT: before a key that is an expression is evaluated, everything that the keys before it lead to is there, as in
//! the reference: the expression may read it.

use ottl_core::ops::{Key, storable};
use ottl_core::value::{Entry, MAX_DEPTH, decode_any, too_deep};
use ottl_core::{ErrorKind, EvalError, List, ListKind, Map, Value};
use ottl_plan::KeyExpr;
use ottl_schema::ContextId;

use super::node::BODY;
use super::state::State;

/// Where a value with keys lies: a pair of a level's attributes or cache by its place in the map, or the body.
///
/// Converters have no effects, so the place holds while keys are evaluated.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Attribute(ContextId, usize),
    Cache(ContextId, usize),
    Body(ContextId),
}

/// What becomes of a value: the new one, if it changes, and the error that the write ends with. Containers that were made
/// on the way stay when a later step fails.
type Stored<'a> = (Option<Value<'a>>, Result<(), EvalError>);

impl<'a> State<'a, '_> {
    /// Writes the value behind keys. `again` says that the write before has made what they lead to.
    pub(super) fn write_keyed(
        &mut self,
        place: Place,
        keys: &'a [KeyExpr],
        value: Value<'a>,
        again: bool,
    ) -> Result<(), EvalError> {
        if keys.len() > MAX_DEPTH as usize {
            // The walk to the place recurses.
            return Err(too_deep());
        }
        let mut known = self.arena.vec_for(keys.len())?;
        for key in keys {
            if matches!(key, KeyExpr::Expr(_)) {
                self.walk(place, &known, None)?;
            }
            known.push(match self.key(key)? {
                // COMPAT: where nothing was, an index below zero makes a list of one; there is one now.
                Key::Int(idx) if again => Key::Int(idx.max(0)),
                key => key,
            })?;
        }
        self.walk(place, &known, Some(value))
    }

    /// Writes a value behind evaluated keys. Without one, makes what is missing up to there, for one more key to follow.
    fn walk(&mut self, place: Place, keys: &[Key<'a>], value: Option<Value<'a>>) -> Result<(), EvalError> {
        let whole = keys.is_empty() && value.is_some();
        let current = match place {
            _ if whole => Value::Nil,
            Place::Attribute(level, idx) => self.node(level)?.map().value_at(idx)?,
            Place::Cache(level, idx) => self.cache(level).map.value_at(idx)?,
            Place::Body(level) => match decode_any(self.node(level)?.message(BODY))? {
                body @ (Value::Map(_) | Value::List(_)) => body,
                // Unlike other places, an empty body does not become a container.
                other => return Err(ErrorKind::NotIndexable(other.type_name()).into()),
            },
        };
        let (stored, result) = self.stored(current, keys, value)?;
        if let Some(stored) = stored {
            self.wrote |= !matches!(place, Place::Cache(..));
            match place {
                Place::Attribute(level, idx) => self.node(level)?.map().set_at(idx, stored),
                Place::Cache(level, idx) => self.cache(level).map.set_at(idx, stored),
                Place::Body(level) => self.set_body(level, stored)?,
            }
        }
        result
    }

    /// What becomes of `current` in such a walk.
    fn stored(&self, current: Value<'a>, keys: &[Key<'a>], value: Option<Value<'a>>) -> Result<Stored<'a>, EvalError> {
        let arena = self.arena;
        if let ([], Some(value)) = (keys, value) {
            return Ok(match storable(value, arena) {
                Ok((stored, error)) => (Some(stored), error.map_or(Ok(()), Err)),
                Err(error) if error.must_surface() => return Err(error),
                Err(error) => (None, Err(error)),
            });
        }
        if !matches!(current, Value::Map(_) | Value::List(_) | Value::Nil) {
            return Ok((None, Err(ErrorKind::NotIndexable(current.type_name()).into())));
        }
        let Some((&first, rest)) = keys.split_first() else { return Ok((None, Ok(()))) };
        Ok(match (current, first) {
            (Value::Map(map), Key::Str(name)) => {
                let found = map.iter().position(|e| e.key == name);
                let child = map.get(name).unwrap_or(Value::Nil);
                let (stored, result) = self.stored(child, rest, value)?;
                if stored.is_none() && found.is_some() {
                    return Ok((None, result));
                }
                let stored = stored.unwrap_or(child);
                let mut entries = arena.vec_for(map.len() + 1)?;
                entries.extend(map.iter())?;
                match found {
                    Some(idx) => entries[idx].value = stored,
                    None => entries.push(Entry { key: name, value: stored })?,
                }
                (Some(Value::Map(Map::new(entries.into_slice())?)), result)
            }
            (Value::List(list), Key::Int(idx)) => {
                let Some(child) = list.get(idx) else {
                    return Ok((None, Err(ErrorKind::IndexOutOfBounds(idx).into())));
                };
                let (stored, result) = self.stored(child, rest, value)?;
                let Some(stored) = stored else { return Ok((None, result)) };
                let mut values = arena.vec();
                values.extend(list.iter())?;
                let values = values.into_slice();
                values[idx as usize] = stored;
                (Some(Value::List(List::new(ListKind::Slice, values)?)), result)
            }
            (Value::Nil, Key::Str(name)) => {
                let (stored, result) = self.stored(Value::Nil, rest, value)?;
                let entries = arena.alloc([Entry { key: name, value: stored.unwrap_or(Value::Nil) }])?;
                (Some(Value::Map(Map::new(entries)?)), result)
            }
            (Value::Nil, Key::Int(idx)) => {
                let padding = idx.max(0);
                if padding > i64::from(self.env.limits.list_padding) {
                    return Ok((None, Err(ErrorKind::Limit("list_padding").into())));
                }
                let (stored, result) = self.stored(Value::Nil, rest, value)?;
                let values = arena.repeat(padding as usize + 1, Value::Nil)?;
                values[padding as usize] = stored.unwrap_or(Value::Nil);
                (Some(Value::List(List::new(ListKind::Slice, values)?)), result)
            }
            (_, key) => (None, Err(key.misfit())),
        })
    }
}
