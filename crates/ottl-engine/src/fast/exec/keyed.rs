//! Writing behind keys: `attributes["a"][0]`, `body["a"]`.
//!
//! INVARIANT: before a key that is an expression is evaluated, everything that the keys before it lead to is there, as in
//! the reference: the expression may read it.

use arrayvec::ArrayVec;
use ottl_core::ops::{Key, storable};
use ottl_core::value::{Entry, MAX_DEPTH, too_deep};
use ottl_core::{ArenaVec, ErrorKind, EvalError, List, ListKind, Map, Value};
use ottl_otlp::any;
use ottl_otlp::wire::Payload;
use ottl_plan::KeyExpr;
use ottl_schema::{ContextId, FieldValue};

use super::state::State;
use crate::fast::node::BODY;

/// Where a value with keys lies: a pair of a level's attributes or cache by its place in the map, or the body.
///
/// Converters have no effects, so the place holds while keys are evaluated.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    Attribute(ContextId, usize),
    Cache(ContextId, usize),
    Body(ContextId),
}

/// What becomes of a value: the new one, if it changes, and the error that the write ends with. Containers that were made
/// on the way stay when a later step fails.
pub(super) type Stored<'a> = (Option<Value<'a>>, Result<(), EvalError>);

impl<'a> State<'a, '_> {
    /// Writes the value behind keys. `again` says that the write before has made what they lead to.
    pub(crate) fn write_keyed(
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
                // COMPAT: where nothing was, an index below zero made a list of one, as it does behind each of several.
                for key in known.iter_mut() {
                    if let Key::Int(idx) = key {
                        *idx = (*idx).max(0);
                    }
                }
            }
            known.push(match self.key(key)? {
                // The write before has made what they lead to.
                Key::Int(idx) if again => Key::Int(idx.max(0)),
                key => key,
            })?;
        }
        self.walk(place, &known, Some(value))
    }

    /// Writes a value behind evaluated keys. Without one, makes what is missing up to there, for one more key to follow.
    fn walk(&mut self, place: Place, keys: &[Key<'a>], value: Option<Value<'a>>) -> Result<(), EvalError> {
        if let (Place::Body(level), Some(value)) = (place, value)
            && let Some(error) = self.put_in_body(level, keys, value)?
        {
            return error;
        }
        let whole = keys.is_empty() && value.is_some();
        let current = match place {
            _ if whole => Value::Nil,
            Place::Attribute(level, idx) => self.node(level)?.map().value_at(idx)?,
            Place::Cache(level, idx) => self.cache(level).map.value_at(idx)?,
            Place::Body(level) => match self.body(level)? {
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

    /// Writes a value behind keys of a body that is a map, beside which everything stays as it is written. Nothing is done where
    /// that takes more: the answer is what the write ends with.
    fn put_in_body(
        &mut self,
        level: ContextId,
        keys: &[Key<'a>],
        value: Value<'a>,
    ) -> Result<Option<Result<(), EvalError>>, EvalError> {
        let Value::Map(Map::Wire(_, depth)) = self.body(level)? else { return Ok(None) };
        let mut names = ArrayVec::<_, { any::DEEPEST_PLACE }>::new();
        for key in keys {
            let Key::Str(name) = key else { return Ok(None) };
            if names.try_push(*name).is_err() {
                return Ok(None);
            }
        }
        let Some(place) = any::Place::find(self.message_field(level, BODY)?, names.iter().copied()) else {
            return Ok(None);
        };
        let Ok((stored, error)) = storable(value, self.arena) else { return Ok(None) };
        let inner = match &stored {
            Value::Map(map) => map.extent().depth(),
            Value::List(list) => list.extent().depth(),
            _ => 0,
        };
        // No deeper than this, where it is far from being too deep.
        let depth = depth.max(keys.len() as u16 + inner);
        if depth > any::SHALLOW {
            return Ok(None);
        }
        let stored = self.any_bytes(&stored)?;
        let body = self.in_arena(|out| place.put(out, stored))?;
        self.set_field(level, BODY, FieldValue::Present(Payload::Bytes(body)))?;
        self.know_body(body, depth);
        Ok(Some(error.map_or(Ok(()), Err)))
    }

    /// What becomes of `current` in such a walk. It does not recurse: keys may be as many as a value may be deep.
    pub(super) fn stored(
        &self,
        current: Value<'a>,
        keys: &[Key<'a>],
        value: Option<Value<'a>>,
    ) -> Result<Stored<'a>, EvalError> {
        let mut passed = self.arena.vec_for(keys.len())?;
        let (mut stored, result) = self.at_end(current, keys, value, &mut passed)?;
        while let Some(Step { container, key, child }) = passed.pop() {
            stored = self.around(container, key, child, stored)?;
        }
        Ok((stored, result))
    }

    /// Walks down the keys and gives what becomes of the value that they lead to.
    fn at_end(
        &self,
        mut current: Value<'a>,
        keys: &[Key<'a>],
        value: Option<Value<'a>>,
        passed: &mut ArenaVec<'a, Step<'a>>,
    ) -> Result<Stored<'a>, EvalError> {
        for &key in keys {
            let child = match (current, key) {
                (Value::Map(map), Key::Str(name)) => map.get(name),
                (Value::List(list), Key::Int(idx)) => match list.get(idx) {
                    None => return Ok((None, Err(ErrorKind::out_of_bounds(idx, list.len()).into()))),
                    child => child,
                },
                (Value::Nil, Key::Str(_)) => None,
                (Value::Nil, Key::Int(idx)) if idx > i64::from(self.env.limits.list_padding) => {
                    return Ok((None, Err(ErrorKind::Limit("list_padding").into())));
                }
                (Value::Nil, Key::Int(_)) => None,
                (Value::Map(_) | Value::List(_) | Value::Nil, key) => return Ok((None, Err(key.misfit()))),
                (other, _) => return Ok((None, Err(ErrorKind::NotIndexable(other.type_name()).into()))),
            };
            passed.push(Step { container: current, key, child })?;
            current = child.unwrap_or(Value::Nil);
        }
        let Some(value) = value else {
            return Ok(match current {
                Value::Map(_) | Value::List(_) | Value::Nil => (None, Ok(())),
                other => (None, Err(ErrorKind::NotIndexable(other.type_name()).into())),
            });
        };
        match storable(value, self.arena) {
            Ok((stored, error)) => Ok((Some(stored), error.map_or(Ok(()), Err))),
            Err(error) if error.must_surface() => Err(error),
            Err(error) => Ok((None, Err(error))),
        }
    }

    /// What becomes of a container when this is stored behind a key of it; nothing if it stays as it is.
    fn around(
        &self,
        container: Value<'a>,
        key: Key<'a>,
        child: Option<Value<'a>>,
        stored: Option<Value<'a>>,
    ) -> Result<Option<Value<'a>>, EvalError> {
        let arena = self.arena;
        Ok(match (container, key) {
            // What was there stays.
            (Value::Map(_) | Value::List(_), _) if stored.is_none() && child.is_some() => None,
            (Value::Map(map), Key::Str(name)) => {
                let stored = stored.unwrap_or(Value::Nil);
                let mut entries = arena.vec_for(map.len() + 1)?;
                entries.extend(map.iter())?;
                match entries.iter_mut().find(|entry| entry.key == name) {
                    Some(entry) => entry.value = stored,
                    None => entries.push(Entry { key: name, value: stored })?,
                }
                Some(Value::Map(Map::new(entries.into_slice())?))
            }
            (Value::List(list), Key::Int(idx)) => {
                let mut values = arena.vec();
                values.extend(list.iter())?;
                if let (Some(place), Some(stored)) = (values.get_mut(idx as usize), stored) {
                    *place = stored;
                }
                Some(Value::List(List::new(ListKind::Slice, values.into_slice())?))
            }
            (Value::Nil, Key::Str(name)) => {
                let entries = arena.alloc([Entry { key: name, value: stored.unwrap_or(Value::Nil) }])?;
                Some(Value::Map(Map::new(entries)?))
            }
            (Value::Nil, Key::Int(idx)) => {
                let padding = idx.max(0) as usize;
                let values = arena.repeat(padding + 1, Value::Nil)?;
                values[padding] = stored.unwrap_or(Value::Nil);
                Some(Value::List(List::new(ListKind::Slice, values)?))
            }
            // The walk down has refused all else.
            _ => None,
        })
    }
}

/// A container that a walk went through.
struct Step<'a> {
    container: Value<'a>,
    key: Key<'a>,
    /// What stood behind the key.
    child: Option<Value<'a>>,
}
