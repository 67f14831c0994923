//! Values behind keys: `attributes["a"][0]`, `body["a"]`, and whole attribute maps.
//!
//! Writing walks key by key and makes what is missing before it looks at the next key, as the reference does: what was
//! made stays when the write then fails, and an expression key sees it.

use ottl_core::edit::{self, MapEdit};
use ottl_core::ops::{Key, index_path, storable};
use ottl_core::value::{Entry, MAX_DEPTH, decode_any, encode_any, encode_key_value, key_value as pair_of, too_deep};
use ottl_core::{Arena, ErrorKind, EvalError, List, ListKind, Map, Value};
use ottl_otlp::wire::fields::key_value;
use ottl_otlp::wire::put_len_field;
use ottl_plan::KeyExpr;

use super::eval::Interp;
use super::model::{Content, Model, NodeId};

/// Where a value with keys lies: a repeated `KeyValue` field, or an `AnyValue` field.
#[derive(Clone, Copy, Debug)]
pub(super) enum Slot {
    Map(NodeId, u32),
    Any(NodeId, u32),
}

impl<'a> Model<'a> {
    /// The value of an `AnyValue` field.
    pub(super) fn any(&mut self, node: NodeId, number: u32) -> Result<Value<'a>, EvalError> {
        // Occurrences that merge are other bytes each time.
        if let Some(value) = self.remembered(node, number) {
            return Ok(value);
        }
        let bytes = self.merged(node, number)?.unwrap_or_default();
        let value = decode_any(bytes).map_err(|e| self.placed(e, bytes))?;
        Ok(self.remember(node, number, value))
    }

    fn pair(&self, content: Content<'a>) -> Result<(&'a [u8], Value<'a>), EvalError> {
        let bytes = self.bytes(content)?;
        let pair = pair_of(bytes).map_err(|e| self.placed(e, bytes))?;
        let value = decode_any(pair.value).map_err(|e| self.placed(e, pair.value))?;
        Ok((pair.key, value))
    }

    /// All pairs of a map.
    pub(super) fn map(&mut self, node: NodeId, number: u32) -> Result<Value<'a>, EvalError> {
        if let Some(value) = self.remembered(node, number) {
            return Ok(value);
        }
        let mut entries = Vec::new();
        for content in self.repeated(node, number) {
            let (key, value) = self.pair(content)?;
            entries.push(Entry { key, value });
        }
        // Also an empty map has an address of its own: the one spare entry is never seen.
        let len = entries.len();
        entries.push(Entry { key: &[], value: Value::Nil });
        let entries = &self.arena().copy(&entries)?[..len];
        Ok(self.remember(node, number, Value::Map(Map::whole(entries)?)))
    }

    /// Where in the fields of a node the first pair with this key is, and its value.
    fn find(&self, node: NodeId, number: u32, name: &[u8]) -> Result<Option<(usize, Value<'a>)>, EvalError> {
        for (idx, field) in self.fields(node).iter().enumerate() {
            if field.number != number {
                continue;
            }
            let bytes = self.bytes(field.content)?;
            let pair = pair_of(bytes).map_err(|e| self.placed(e, bytes))?;
            if pair.key == name {
                let value = decode_any(pair.value).map_err(|e| self.placed(e, pair.value))?;
                return Ok(Some((idx, value)));
            }
        }
        Ok(None)
    }

    /// Loads a map for editing. Every value is checked, so that damage is found where it can be placed.
    pub(super) fn load_map(&self, node: NodeId, number: u32, edit: &mut MapEdit<'a>) -> Result<(), EvalError> {
        for content in self.repeated(node, number) {
            self.pair(content)?;
            edit.load_pair(self.bytes(content)?)?;
        }
        Ok(())
    }

    /// Stores a map; pairs that nobody touched keep their bytes.
    pub(super) fn store_map(&mut self, node: NodeId, number: u32, map: &MapEdit<'a>) -> Result<(), EvalError> {
        let mut contents = Vec::with_capacity(map.len());
        for entry in map.iter() {
            let bytes = match entry.value {
                _ if !entry.raw.is_empty() => entry.raw,
                // A reference that leads nowhere is no value of rules, and stays under another key.
                edit::Slot::Wire(any) => renamed_bytes(entry.key, any, self.arena())?,
                edit::Slot::Value(value) => pair_bytes(entry.key, &value, self.arena())?,
            };
            contents.push(Content::Bytes(bytes));
        }
        self.replace(node, number, contents);
        Ok(())
    }

    /// Overwrites the value at a place whose containers all exist; of the last map, the key may be new.
    pub(super) fn put(&mut self, slot: Slot, at: &[Key<'a>], value: Value<'a>) -> Result<(), EvalError> {
        match slot {
            Slot::Any(node, number) => {
                let new = rebuilt(self.any(node, number)?, at, value, self.arena())?;
                self.arena().check(new.size())?;
                let mut out = Vec::new();
                encode_any(&mut out, &new);
                let bytes = self.arena().copy(&out)?;
                self.set(node, number, Some(Content::Bytes(bytes)));
            }
            Slot::Map(node, number) => {
                let Some((Key::Str(name), rest)) = at.split_first() else { return Ok(()) };
                match self.find(node, number, name)? {
                    Some((idx, old)) => {
                        let bytes = pair_bytes(name, &rebuilt(old, rest, value, self.arena())?, self.arena())?;
                        self.set_field(node, idx, Content::Bytes(bytes));
                    }
                    None => {
                        let bytes = pair_bytes(name, &value, self.arena())?;
                        self.push(node, number, Content::Bytes(bytes));
                    }
                }
            }
        }
        Ok(())
    }

    /// The value at a place.
    fn at(&mut self, slot: Slot, at: &[Key<'a>]) -> Result<Value<'a>, EvalError> {
        let mut value = match slot {
            Slot::Map(node, number) => self.map(node, number)?,
            Slot::Any(node, number) => self.any(node, number)?,
        };
        for key in at {
            value = index_path(&value, *key)?.unwrap_or(Value::Nil);
        }
        Ok(value)
    }
}

fn pair_bytes<'a>(key: &[u8], value: &Value<'a>, arena: &'a Arena) -> Result<&'a [u8], EvalError> {
    arena.check(key.len() + value.size())?;
    let mut out = Vec::new();
    encode_key_value(&mut out, key, value);
    Ok(arena.copy(&out)?)
}

/// A pair of a key and the bytes of an `AnyValue`.
fn renamed_bytes<'a>(key: &[u8], any: &[u8], arena: &'a Arena) -> Result<&'a [u8], EvalError> {
    arena.check(key.len() + any.len())?;
    let mut out = Vec::new();
    put_len_field(&mut out, key_value::KEY, key);
    put_len_field(&mut out, key_value::VALUE, any);
    Ok(arena.copy(&out)?)
}

/// A value with the one inside it at these keys overwritten; a map's missing key is appended.
fn rebuilt<'a>(old: Value<'a>, at: &[Key<'a>], new: Value<'a>, arena: &'a Arena) -> Result<Value<'a>, EvalError> {
    let Some((first, rest)) = at.split_first() else { return Ok(new) };
    Ok(match (old, first) {
        (Value::Map(map), Key::Str(name)) => {
            let mut entries: Vec<Entry<'a>> = map.iter().collect();
            match entries.iter_mut().find(|e| e.key == *name) {
                Some(entry) => entry.value = rebuilt(entry.value, rest, new, arena)?,
                None => entries.push(Entry { key: name, value: new }),
            }
            Value::Map(Map::new(arena.copy(&entries)?)?)
        }
        (Value::List(list), Key::Int(idx)) => {
            let mut values: Vec<Value<'a>> = list.iter().collect();
            if let Some(value) = usize::try_from(*idx).ok().and_then(|i| values.get_mut(i)) {
                *value = rebuilt(*value, rest, new, arena)?;
            }
            Value::List(List::new(ListKind::Slice, arena.copy(&values)?)?)
        }
        // The walk has seen to it that containers and keys fit.
        (other, _) => other,
    })
}

/// Whether two values are one live handle in the reference: the same map or list of the record, not an equal one.
fn same_handle(a: &Value<'_>, b: &Value<'_>) -> bool {
    match (a, b) {
        (Value::Map(Map::Wire(a, _)), Value::Map(Map::Wire(b, _)))
        | (Value::List(List::Wire(a, _)), Value::List(List::Wire(b, _))) => std::ptr::eq(*a, *b),
        (Value::Map(Map::Entries(a, _)), Value::Map(Map::Entries(b, _))) => std::ptr::eq(*a, *b),
        _ => false,
    }
}

impl<'a> Interp<'a> {
    /// Reads the value behind keys.
    pub(super) fn read_keyed(&mut self, slot: Slot, keys: &'a [KeyExpr]) -> Result<Value<'a>, EvalError> {
        let (mut value, keys) = match (slot, keys.split_first()) {
            (Slot::Map(node, number), None) => return self.model.map(node, number),
            (Slot::Map(node, number), Some((first, rest))) => match self.key(first)? {
                Key::Str(name) => match self.model.find(node, number, name)? {
                    Some((_, value)) => (value, rest),
                    None => return Ok(Value::Nil),
                },
                other => return Err(other.misfit()),
            },
            (Slot::Any(node, number), _) => (self.model.any(node, number)?, keys),
        };
        for key in keys {
            if !matches!(value, Value::Map(_) | Value::List(_)) {
                return Err(ErrorKind::NotIndexable(value.type_name()).into());
            }
            let key = self.key(key)?;
            match index_path(&value, key)? {
                Some(inner) => value = inner,
                None => return Ok(Value::Nil),
            }
        }
        Ok(value)
    }

    /// Writes a whole map: nil empties it.
    pub(super) fn write_map(&mut self, node: NodeId, number: u32, value: Value<'a>) -> Result<(), EvalError> {
        match value {
            Value::Nil => self.model.replace(node, number, []),
            Value::Map(map) => {
                if self.model.remembered(node, number).is_some_and(|now| same_handle(&now, &value)) {
                    return Ok(());
                }
                let mut contents = Vec::with_capacity(map.len());
                for entry in map.iter() {
                    contents.push(Content::Bytes(pair_bytes(entry.key, &entry.value, self.arena)?));
                }
                self.model.replace(node, number, contents);
            }
            other => return Err(ErrorKind::UnsupportedWrite { expected: "map", got: other.type_name() }.into()),
        }
        Ok(())
    }

    /// Writes the value behind keys. Without keys, an `AnyValue` as a whole.
    pub(super) fn write_keyed(&mut self, slot: Slot, keys: &'a [KeyExpr], value: Value<'a>) -> Result<(), EvalError> {
        if keys.len() > MAX_DEPTH as usize {
            // The walk to the place recurses.
            return Err(too_deep());
        }
        let mut at: Vec<Key<'a>> = Vec::with_capacity(keys.len());
        // What stood at every step of the walk before it, to recognise a container that is copied into itself.
        let mut passed: Vec<Value<'a>> = Vec::new();
        let (current, keys) = match (slot, keys.split_first()) {
            (Slot::Map(node, number), Some((first, rest))) => {
                passed.push(self.model.remembered(node, number).unwrap_or(Value::Nil));
                let name = match self.key(first)? {
                    Key::Str(name) => name,
                    other => return Err(other.misfit()),
                };
                at.push(Key::Str(name));
                match self.model.find(node, number, name)? {
                    Some((_, value)) => (value, rest),
                    None => {
                        self.model.put(slot, &at, Value::Nil)?;
                        (Value::Nil, rest)
                    }
                }
            }
            (Slot::Map(node, number), None) => return self.write_map(node, number, value),
            (Slot::Any(node, number), first) => {
                let body = self.model.any(node, number)?;
                if first.is_some() && !matches!(body, Value::Map(_) | Value::List(_)) {
                    return Err(ErrorKind::NotIndexable(body.type_name()).into());
                }
                (body, keys)
            }
        };
        self.write_rest(slot, (at, passed), current, keys, value)
    }

    /// Writes the value behind more keys in the pair of a map that has this key, and this value.
    pub(super) fn write_below(
        &mut self,
        slot: Slot,
        name: &'a [u8],
        current: Value<'a>,
        keys: &'a [KeyExpr],
        value: Value<'a>,
    ) -> Result<(), EvalError> {
        self.write_rest(slot, (vec![Key::Str(name)], Vec::new()), current, keys, value)
    }

    /// Goes on behind the keys that led to `current`, and writes the value.
    fn write_rest(
        &mut self,
        slot: Slot,
        (mut at, mut passed): (Vec<Key<'a>>, Vec<Value<'a>>),
        mut current: Value<'a>,
        keys: &'a [KeyExpr],
        value: Value<'a>,
    ) -> Result<(), EvalError> {
        for key in keys {
            passed.push(current);
            current = self.step(slot, &mut at, current, key)?;
        }
        let (stored, failed) = storable(value, self.arena)?;
        match passed.iter().position(|p| same_handle(p, &value)) {
            None => self.model.put(slot, &at, stored)?,
            // COMPAT: a target of the same kind is replaced once the copy is complete, so the copy holds what it was.
            Some(_) if same_kind(&current, &value) => self.model.put(slot, &at, stored)?,
            // COMPAT: the reference first makes the target an empty container and then copies what is there by now.
            Some(depth) => {
                let empty = match value {
                    Value::List(_) => Value::List(List::empty(ListKind::Slice)),
                    _ => Value::Map(Map::EMPTY),
                };
                self.model.put(slot, &at, empty)?;
                let now = self.model.at(slot, at.get(..depth).unwrap_or(&at))?;
                self.model.put(slot, &at, now)?;
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// One step of a write's walk: the value that the key leads to, made if it was missing.
    fn step(
        &mut self,
        slot: Slot,
        at: &mut Vec<Key<'a>>,
        current: Value<'a>,
        key: &'a KeyExpr,
    ) -> Result<Value<'a>, EvalError> {
        match current {
            Value::Map(map) => match self.key(key)? {
                Key::Str(name) => {
                    at.push(Key::Str(name));
                    match map.get(name) {
                        Some(value) => Ok(value),
                        None => {
                            self.model.put(slot, at, Value::Nil)?;
                            Ok(Value::Nil)
                        }
                    }
                }
                other => Err(other.misfit()),
            },
            Value::List(list) => match self.key(key)? {
                Key::Int(idx) => {
                    at.push(Key::Int(idx));
                    list.get(idx).ok_or_else(|| ErrorKind::out_of_bounds(idx, list.len()).into())
                }
                other => Err(other.misfit()),
            },
            Value::Nil => {
                let key = self.key(key)?;
                match key {
                    Key::Str(name) => {
                        let entries = self.arena.copy(&[Entry { key: name, value: Value::Nil }])?;
                        self.model.put(slot, at, Value::Map(Map::new(entries)?))?;
                        at.push(key);
                    }
                    Key::Int(idx) => {
                        if idx > i64::from(self.env.limits.list_padding) {
                            return Err(ErrorKind::Limit("list_padding").into());
                        }
                        let last = usize::try_from(idx).unwrap_or(0);
                        let items = self.arena.repeat(last + 1, Value::Nil)?;
                        self.model.put(slot, at, Value::List(List::new(ListKind::Slice, items)?))?;
                        at.push(Key::Int(last as i64));
                    }
                    Key::Other(_) => return Err(key.misfit()),
                }
                Ok(Value::Nil)
            }
            scalar => Err(ErrorKind::NotIndexable(scalar.type_name()).into()),
        }
    }
}

/// Whether both are maps, or both lists.
fn same_kind(a: &Value<'_>, b: &Value<'_>) -> bool {
    matches!((a, b), (Value::Map(_), Value::Map(_)) | (Value::List(_), Value::List(_)))
}
