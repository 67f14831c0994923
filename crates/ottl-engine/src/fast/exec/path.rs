//! Reading and writing paths on the current tree of nodes.

use ottl_core::edit::NamedKey;
use ottl_core::ops::{Key, index_path, pdata_text, storable};
use ottl_core::value::Entry;
use ottl_core::{Arena, ErrorKind, EvalError, List, ListKind, Map, Struct, StructKind, Value};
use ottl_otlp::wire::Payload;
use ottl_plan::KeyExpr;
use ottl_schema::{
    Access, ContextId, Conv, FieldValue, Keys, PointKind, packed_floats, packed_ints, path, read_floats, read_ints,
    read_packed_floats, read_packed_ints, trace_state_member, with_trace_state_member,
};

use super::keyed::Place;
use super::state::State;
use crate::conflicts::{SharedPlace, fingerprint, fingerprint_of_map, fingerprint_of_pair};
use crate::fast::node::{BODY, last_field, with_address};
use crate::map_target::whole_map;

impl<'a> State<'a, '_> {
    /// Takes the steps of reading a path in a lambda, for each of many elements: it may walk over its level's whole message.
    #[inline(never)]
    fn look_up(&mut self, n: u32) -> Result<(), EvalError> {
        let code = self.paths.at(n);
        let bytes = match code.access {
            Access::Cache => self.cache(code.level).map.len() * 16,
            Access::OtelCol(_) => 0,
            _ => self.messages.input_len(code.level),
        };
        self.steps.take(1 + bytes as u64 / 256)
    }

    /// The value of a path of the plan.
    #[inline]
    pub fn read_path(&mut self, n: u32) -> Result<Value<'a>, EvalError> {
        let code = self.paths.at(n);
        if self.lambdas > 0 {
            self.look_up(n)?;
        }
        match code.access {
            Access::Attributes(_) => {
                let keys = &self.plan.paths[n as usize].keys;
                match keys.as_slice() {
                    [KeyExpr::Str(key)] => {
                        let value = self.attribute(code.level, NamedKey { key, known: code.known })?;
                        Ok(value.unwrap_or(Value::Nil))
                    }
                    [] => {
                        let arena = self.arena;
                        let map = self.node(code.level)?.map().to_map(arena)?;
                        Ok(Value::Map(self.remember(map, code.level, false)?))
                    }
                    [KeyExpr::Str(key), rest @ ..] => {
                        let value = self.attribute(code.level, NamedKey { key, known: code.known })?;
                        value.map_or(Ok(Value::Nil), |value| self.index(value, rest))
                    }
                    [first, rest @ ..] => {
                        let key = match self.key(first)? {
                            Key::Str(key) => key,
                            other => return Err(other.misfit()),
                        };
                        self.searched(code.level, u8::MAX)?;
                        let value = self.node(code.level)?.map().value_of(key)?;
                        value.map_or(Ok(Value::Nil), |value| self.index(value, rest))
                    }
                }
            }
            Access::Field(fields, conv) => {
                let arena = self.arena;
                let keys = &self.plan.paths[n as usize].keys;
                let Some(field) = self.field_of(code.level, fields)? else { return Ok(Value::Nil) };
                let value = conv.read(field, arena)?;
                match (keys.as_slice(), value) {
                    ([], value) => Ok(value),
                    ([KeyExpr::Str(key)], Value::Str(state)) => {
                        Ok(trace_state_member(state, key).map_or(Value::Nil, Value::Str))
                    }
                    _ => Err(EvalError::function("the trace state takes one string key")),
                }
            }
            Access::Body => {
                let value = self.body(code.level)?;
                let keys = &self.plan.paths[n as usize].keys;
                self.index(value, keys)
            }
            Access::BodyText => {
                let value = self.body(code.level)?;
                pdata_text(&value, self.arena).map(Value::Str)
            }
            _ => self.read_rare(n),
        }
    }

    pub(super) fn index(&mut self, value: Value<'a>, keys: &'a [KeyExpr]) -> Result<Value<'a>, EvalError> {
        Ok(self.within(value, keys)?.unwrap_or(Value::Nil))
    }

    /// What the keys lead to in a value; nothing if one is not there.
    pub(super) fn within(&mut self, mut value: Value<'a>, keys: &'a [KeyExpr]) -> Result<Option<Value<'a>>, EvalError> {
        for key in keys {
            // What cannot be indexed fails before its key is evaluated.
            if !matches!(value, Value::Map(_) | Value::List(_)) {
                return Err(ErrorKind::NotIndexable(value.type_name()).into());
            }
            let key = self.key(key)?;
            match index_path(&value, key)? {
                Some(inner) => value = inner,
                None => return Ok(None),
            }
        }
        Ok(Some(value))
    }

    fn read_rare(&mut self, n: u32) -> Result<Value<'a>, EvalError> {
        let code = self.paths.at(n);
        let arena = self.arena;
        match code.access {
            Access::Group(number, conv) => {
                let group = &mut self.groups[usize::from(code.level == ContextId::Scope)];
                let field = match group.schema_url.or(group.input_schema_url) {
                    Some(known) => known,
                    None => *group.input_schema_url.insert(last_field(group.raw, u32::from(number))?),
                };
                conv.read(field, arena)
            }
            Access::Nested(outer, inner, conv) => {
                let Some(number) = outer.number(self.messages.kind(code.level)) else { return Ok(Value::Nil) };
                conv.read(last_field(self.message_field(code.level, number)?, u32::from(inner))?, arena)
            }
            Access::Part(fields, kinds) => {
                let node = self.node(code.level)?;
                let Some(number) = fields.number(node.kind) else { return Ok(Value::Nil) };
                let (messages, count) = node.part(number, arena)?;
                Ok(Value::Struct(Struct { kind: kinds[node.kind as usize], count, messages }))
            }
            Access::Ints { inside, field, ints } => {
                let node = self.node(code.level)?;
                let Some(number) = field.number(node.kind) else { return Ok(Value::Nil) };
                match inside {
                    0 if node.is_dirty(number) => read_ints(node.message(number), ints, arena),
                    0 => read_packed_ints(node.raw(), number, ints, arena),
                    outer => read_packed_ints(node.message(u32::from(outer)), number, ints, arena),
                }
            }
            Access::Floats(field) => {
                let node = self.node(code.level)?;
                let Some(number) = field.number(node.kind) else { return Ok(Value::Nil) };
                if node.is_dirty(number) {
                    read_floats(node.message(number), arena)
                } else {
                    read_packed_floats(node.raw(), number, arena)
                }
            }
            Access::OneofInt { double, int } => match double.number(self.scanned_kind(code.level)?) {
                Some(_) => Conv::FixedInt.read(self.field(code.level, u32::from(int))?, arena),
                None => Ok(Value::Nil),
            },
            Access::OneofDouble { double, .. } => match double.number(self.scanned_kind(code.level)?) {
                Some(number) => Conv::Double.read(self.field(code.level, number)?, arena),
                None => Ok(Value::Nil),
            },
            Access::MetricType | Access::MetricTemporality | Access::MetricMonotonic | Access::MetricPoints => {
                self.read_metric(code.access)
            }
            Access::Cache => {
                let keys = &self.plan.paths[n as usize].keys;
                let Some((first, rest)) = keys.split_first() else {
                    let map = self.cache(code.level).map.to_map(arena)?;
                    return Ok(Value::Map(self.remember(map, code.level, true)?));
                };
                let key = match self.key(first)? {
                    Key::Str(key) => key,
                    other => return Err(other.misfit()),
                };
                let map = &self.cache(code.level).map;
                match map.value_named(NamedKey { key, known: code.known })? {
                    Some(value) => self.index(value, rest),
                    None => Ok(Value::Nil),
                }
            }
            Access::TableText(outer, inner) => self.read_table_text(code.level, outer, inner),
            Access::TableAttributes(numbers) => self.read_table_attributes(n, code.level, numbers),
            Access::OtelCol(what) => self.read_client(what, n),
            Access::EventIndex => Err(ErrorKind::WrongRecord("the processors do not set event_index").into()),
            Access::Attributes(_) | Access::Field(..) | Access::Body | Access::BodyText => self.read_path(n),
        }
    }

    /// Writes a path of the plan.
    pub fn write_path(&mut self, n: u32, value: Value<'a>) -> Result<(), EvalError> {
        match value {
            // A map that is written to where it was read from stays as it is.
            Value::Map(map) if self.is_whole(n, &map) => return Ok(()),
            // Of lists of numbers the numbers are stored.
            Value::List(_) if matches!(self.paths.at(n).access, Access::Ints { .. } | Access::Floats(_)) => {
                return self.write_copy(n, value, false);
            }
            Value::Map(_) | Value::List(_) => {}
            _ => return self.write_copy(n, value, false),
        }
        let Some(depth) = self.aliased(n, &value)? else {
            // What is stored is another container, also where it is written back to where it came from.
            return self.write_copy(n, fresh(value, self.arena)?, false);
        };
        // COMPAT: a target of the same kind is replaced once the copy is complete, so the copy holds what it was.
        let target = self.container(n, self.plan.paths[n as usize].keys.len());
        if matches!((target, value), (Ok(Value::Map(_)), Value::Map(_)) | (Ok(Value::List(_)), Value::List(_))) {
            return self.write_copy(n, fresh(value, self.arena)?, false);
        }
        // COMPAT: the reference first makes the target an empty container and then copies what is there by now.
        let empty = match value {
            Value::List(_) => Value::List(List::empty(ListKind::Slice)),
            _ => Value::Map(Map::EMPTY),
        };
        self.write_copy(n, empty, false)?;
        let now = self.container(n, depth)?;
        self.write_copy(n, fresh(now, self.arena)?, true)
    }

    /// After a statement that wrote: counts the places of parents that another record has left otherwise.
    #[cold]
    #[inline(never)]
    pub(super) fn note_shared(&mut self, places: &[SharedPlace]) {
        for place in places {
            let now = self.fingerprint_of(place).ok();
            if self.spare.conflicts.note(place, self.at.indexes(), now) {
                self.report.source(self.statement).conflicting += 1;
            }
        }
    }

    fn fingerprint_of(&mut self, place: &SharedPlace) -> Result<u64, EvalError> {
        let (code, keys) = (self.paths.at(place.path), &self.plan.paths[place.path as usize].keys);
        if let (Access::Attributes(_), 0) = (code.access, place.keys) {
            // Records may write large maps, so nothing is copied.
            let map = self.node(code.level)?.map();
            let mut pairs = Vec::with_capacity(map.len());
            for entry in map.iter() {
                pairs.push(fingerprint_of_pair(entry.key, &entry.value()?));
            }
            return Ok(fingerprint_of_map(pairs.into_iter()));
        }
        let now = match place.keys == keys.len() {
            true => self.read_path(place.path)?,
            false => self.container(place.path, place.keys)?,
        };
        Ok(fingerprint(&now))
    }

    /// The container that the first `depth` keys of a path lead to.
    fn container(&mut self, n: u32, depth: usize) -> Result<Value<'a>, EvalError> {
        let code = self.paths.at(n);
        let arena = self.arena;
        let keys = self.plan.paths[n as usize].keys.get(..depth).unwrap_or(&[]);
        let whole = match code.access {
            Access::Attributes(_) => Value::Map(self.node(code.level)?.map().to_map(arena)?),
            Access::Cache => Value::Map(self.cache(code.level).map.to_map(arena)?),
            _ => self.body(code.level)?,
        };
        self.index(whole, keys)
    }

    /// Whether a container is written into itself: how many keys lead to it. The reference hands out live handles; here
    /// a value is one when it is the very memory that stands there.
    fn aliased(&mut self, n: u32, value: &Value<'a>) -> Result<Option<usize>, EvalError> {
        let code = self.paths.at(n);
        let keys = &self.plan.paths[n as usize].keys;
        let Some((first, rest)) = keys.split_first() else { return Ok(None) };
        let (mut current, keys) = match code.access {
            Access::Attributes(_) | Access::Cache => {
                let owner = (code.level, code.access == Access::Cache);
                if matches!(value, Value::Map(Map::Entries(e, _)) if self.whole_map == Some((owner, e.as_ptr() as usize)))
                {
                    return Ok(Some(0));
                }
                let Key::Str(key) = self.key(first)? else { return Ok(None) };
                let found = match code.access {
                    Access::Cache => self.cache(code.level).map.value_named(NamedKey { key, known: code.known })?,
                    _ => self.node(code.level)?.map().value_of(key)?,
                };
                (found.unwrap_or(Value::Nil), rest)
            }
            Access::Body => (self.body(code.level)?, keys.as_slice()),
            _ => return Ok(None),
        };
        let passed = self.plan.paths[n as usize].keys.len() - keys.len();
        for (i, key) in keys.iter().enumerate() {
            if same_memory(&current, value) {
                return Ok(Some(passed + i));
            }
            // A key that fails does so again when the write comes to it, after making what is before it.
            let Ok(key) = self.key(key) else { return Ok(None) };
            current = match index_path(&current, key) {
                Ok(Some(inner)) => inner,
                _ => return Ok(None),
            };
        }
        Ok(None)
    }

    /// Whether a map is the one that a path without keys has named.
    fn is_whole(&self, n: u32, map: &Map<'a>) -> bool {
        let code = self.paths.at(n);
        let owner = match code.access {
            Access::Attributes(_) => (code.level, false),
            Access::Cache => (code.level, true),
            _ => return false,
        };
        self.plan.paths[n as usize].keys.is_empty()
            && matches!(map, Map::Entries(e, _) if self.whole_map == Some((owner, e.as_ptr() as usize)))
    }

    /// Remembers whose map this is, so that it is known when it comes back to be written.
    fn remember(&mut self, map: Map<'a>, level: ContextId, cache: bool) -> Result<Map<'a>, EvalError> {
        let entries = match map {
            Map::Entries(entries, _) if !entries.is_empty() => entries,
            // Empty slices have no address of their own.
            _ => &self.arena.alloc([Entry { key: &[], value: Value::Nil }])?[..0],
        };
        self.whole_map = Some(((level, cache), entries.as_ptr() as usize));
        Ok(Map::Entries(entries, map.extent()))
    }

    /// Writes a value as it is. `again` says that the write before has made what the keys lead to.
    fn write_copy(&mut self, n: u32, value: Value<'a>, again: bool) -> Result<(), EvalError> {
        let code = self.paths.at(n);
        let arena = self.arena;
        let keys = &self.plan.paths[n as usize].keys;
        match code.access {
            Access::Attributes(_) => match keys.split_first() {
                None => {
                    let map = whole_map(value)?;
                    let node = self.node(code.level)?;
                    let edit = node.map();
                    edit.load(map)?;
                    edit.touch();
                    self.wrote = true;
                    Ok(())
                }
                Some((first, rest)) => {
                    let key = match self.key(first)? {
                        Key::Str(key) => key,
                        other => return Err(other.misfit()),
                    };
                    if rest.is_empty() {
                        return match storable(value, arena) {
                            Ok((stored, error)) => {
                                let known = matches!(first, KeyExpr::Str(_)).then_some(code.known);
                                self.put_attribute(code.level, (key, known), stored)?;
                                error.map_or(Ok(()), Err)
                            }
                            // The key is made before its value is refused.
                            Err(error) => {
                                let node = self.node(code.level)?;
                                if node.map().find(key)?.is_none() {
                                    node.map().try_put(key, Value::Nil)?;
                                    self.wrote = true;
                                }
                                Err(error)
                            }
                        };
                    }
                    let map = self.node(code.level)?.map();
                    let idx = match map.find(key)? {
                        Some(idx) => idx,
                        None => {
                            map.push(key, Value::Nil);
                            let idx = map.len() - 1;
                            self.wrote = true;
                            idx
                        }
                    };
                    self.write_keyed(Place::Attribute(code.level, idx), rest, value, again)
                }
            },
            Access::Field(fields, conv) => {
                let members = path(self.plan.paths[n as usize].path).keys == Keys::TraceState;
                let number = fields.number(self.messages.kind(code.level));
                match keys.as_slice() {
                    [] => {
                        let stored = conv.write(value, arena)?;
                        let number =
                            number.ok_or(ErrorKind::WrongRecord("this kind of data point has no such field"))?;
                        self.set_field(code.level, number, stored)
                    }
                    [KeyExpr::Str(key)] if members => {
                        let FieldValue::Present(Payload::Bytes(member)) = conv.write(value, arena)? else {
                            // An empty value is no valid member: nothing changes.
                            return Ok(());
                        };
                        let number =
                            number.ok_or(ErrorKind::WrongRecord("this kind of data point has no such field"))?;
                        match with_trace_state_member(self.message_field(code.level, number)?, key, member) {
                            Some(state) => {
                                let state = FieldValue::Present(Payload::Bytes(arena.copy(&state)?));
                                self.set_field(code.level, number, state)
                            }
                            None => Ok(()),
                        }
                    }
                    _ => Err(EvalError::function("the trace state takes one string key")),
                }
            }
            Access::Body => self.write_keyed(Place::Body(code.level), keys, value, again),
            Access::BodyText => match value {
                Value::Str(_) => self.set_body(code.level, value),
                Value::Nil => Err(ErrorKind::NilWrite.into()),
                other => Err(ErrorKind::UnsupportedWrite { expected: "string", got: other.type_name() }.into()),
            },
            Access::Cache => self.write_cache(n, value, again),
            _ => {
                self.wrote |= self.write_rare(n, value)?;
                Ok(())
            }
        }
    }

    pub(crate) fn set_body(&mut self, level: ContextId, value: Value<'a>) -> Result<(), EvalError> {
        let bytes = self.any_bytes(&value)?;
        self.set_field(level, BODY, FieldValue::Present(Payload::Bytes(bytes)))?;
        if let Value::Map(map) = &value {
            self.know_body(bytes, map.extent().depth());
        }
        Ok(())
    }

    /// Writes one of the rarer paths: whether anything was written.
    fn write_rare(&mut self, n: u32, value: Value<'a>) -> Result<bool, EvalError> {
        let code = self.paths.at(n);
        let arena = self.arena;
        let no_field = ErrorKind::WrongRecord("this kind of data point has no such field");
        match code.access {
            Access::Group(_, conv) => {
                let stored = conv.write(value, arena)?;
                self.groups[usize::from(code.level == ContextId::Scope)].schema_url = Some(stored);
                Ok(true)
            }
            Access::Nested(outer, inner, conv) => {
                let stored = conv.write(value, arena)?;
                let number = outer.number(self.messages.kind(code.level)).ok_or(no_field)?;
                self.set_inner(code.level, (number, u32::from(inner)), stored)?;
                Ok(true)
            }
            Access::Part(fields, kinds) => {
                let node = self.node(code.level)?;
                let number = fields.number(node.kind).ok_or(no_field)?;
                let kind = kinds[node.kind as usize];
                let part = match value {
                    Value::Struct(part) if part.kind == kind => Some(part),
                    Value::Nil if kind.is_list() => None,
                    Value::Nil => return Err(ErrorKind::NilWrite.into()),
                    other => {
                        return Err(ErrorKind::UnsupportedWrite {
                            expected: "the same part of a record",
                            got: other.type_name(),
                        }
                        .into());
                    }
                };
                let wrote = node.set_part(number, part);
                // A part that is gone reads as empty to whoever still stands on it.
                match (part, kind) {
                    (None, StructKind::SpanEvents) => self.messages.enter(ContextId::SpanEvent, &[], PointKind::Number),
                    (None, StructKind::Samples) => {
                        self.messages.enter(ContextId::ProfileSample, &[], PointKind::Number);
                    }
                    (None, StructKind::Exemplars) => self.messages.enter(ContextId::Exemplar, &[], PointKind::Number),
                    _ => {}
                }
                Ok(wrote)
            }
            Access::Ints { inside, field, ints } => {
                let node = self.node(code.level)?;
                let number = field.number(node.kind).ok_or(no_field)?;
                let packed = packed_ints(value, ints, arena)?;
                let stored =
                    if packed.is_empty() { FieldValue::Absent } else { FieldValue::Present(Payload::Bytes(packed)) };
                if inside == 0 {
                    node.set_field(number, stored);
                } else {
                    let outer = u32::from(inside);
                    let before = node.message(outer);
                    let message = self.with_field(before, number, stored)?;
                    self.node(code.level)?.set_field(outer, FieldValue::Present(Payload::Bytes(message)));
                }
                Ok(true)
            }
            Access::Floats(field) => {
                let node = self.node(code.level)?;
                let number = field.number(node.kind).ok_or(no_field)?;
                let packed = packed_floats(value, arena)?;
                node.set_field(
                    number,
                    if packed.is_empty() { FieldValue::Absent } else { FieldValue::Present(Payload::Bytes(packed)) },
                );
                Ok(true)
            }
            Access::OneofInt { double, int } => match value {
                Value::Int(i) => {
                    double.number(self.scanned_kind(code.level)?).ok_or(no_field)?;
                    let content = FieldValue::Present(Payload::Fixed64(i as u64));
                    self.set_field(code.level, u32::from(int), content)?;
                    Ok(true)
                }
                Value::Nil => Err(ErrorKind::NilWrite.into()),
                other => Err(ErrorKind::UnsupportedWrite { expected: "int64", got: other.type_name() }.into()),
            },
            Access::OneofDouble { double, .. } => {
                let stored = Conv::Double.write(value, arena)?;
                let number = double.number(self.scanned_kind(code.level)?).ok_or(no_field)?;
                self.set_field(code.level, number, stored)?;
                Ok(true)
            }
            Access::MetricType | Access::MetricTemporality | Access::MetricMonotonic | Access::MetricPoints => {
                self.write_metric(code.access, value)
            }
            Access::TableText(outer, inner) => self.write_table_text(code.level, outer, inner, value).map(|()| false),
            Access::TableAttributes(numbers) => {
                self.write_table_attributes(n, (code.level, numbers), value).map(|()| false)
            }
            Access::OtelCol(_) | Access::EventIndex => Err(ErrorKind::ReadOnly.into()),
            Access::Attributes(_) | Access::Field(..) | Access::Body | Access::BodyText | Access::Cache => {
                self.write_copy(n, value, false).map(|()| false)
            }
        }
    }

    fn write_cache(&mut self, n: u32, value: Value<'a>, again: bool) -> Result<(), EvalError> {
        let level = self.paths.at(n).level;
        let keys = &self.plan.paths[n as usize].keys;
        self.cache(level).used = true;
        let Some((first, rest)) = keys.split_first() else {
            let map = whole_map(value)?;
            return self.cache(level).map.load(map);
        };
        let key = match self.key(first)? {
            Key::Str(key) => key,
            other => return Err(other.misfit()),
        };
        let known = self.paths.at(n).known;
        if rest.is_empty() {
            return self.put_in_cache(level, NamedKey { key, known }, value);
        }
        let map = &mut self.cache(level).map;
        let idx = match map.find_named(NamedKey { key, known })? {
            Some(idx) => idx,
            None => {
                map.push(key, Value::Nil);
                map.len() - 1
            }
        };
        self.write_keyed(Place::Cache(level, idx), rest, value, again)
    }

    fn put_in_cache(&mut self, level: ContextId, key: NamedKey<'a>, value: Value<'a>) -> Result<(), EvalError> {
        match storable(value, self.arena) {
            Ok((stored, error)) => {
                self.cache(level).map.put_named(key, stored)?;
                error.map_or(Ok(()), Err)
            }
            // The key is made before its value is refused.
            Err(error) => {
                let map = &mut self.cache(level).map;
                if map.find_named(key)?.is_none() {
                    map.push(key.key, Value::Nil);
                }
                Err(error)
            }
        }
    }
}

/// Whether two containers are the same memory.
fn same_memory(a: &Value<'_>, b: &Value<'_>) -> bool {
    match (a, b) {
        (Value::Map(Map::Wire(a, _)), Value::Map(Map::Wire(b, _)))
        | (Value::List(List::Wire(a, _)), Value::List(List::Wire(b, _))) => std::ptr::eq(*a, *b),
        (Value::Map(Map::Entries(a, _)), Value::Map(Map::Entries(b, _))) => std::ptr::eq(*a, *b),
        (Value::List(List::Values(_, a, _)), Value::List(List::Values(_, b, _))) => std::ptr::eq(*a, *b),
        _ => false,
    }
}

/// The same container in memory of its own, down to the last one in it.
///
/// # Errors
/// [`ErrorKind::Budget`].
fn fresh<'a>(value: Value<'a>, arena: &'a Arena) -> Result<Value<'a>, EvalError> {
    Ok(match value {
        Value::Map(Map::Wire(bytes, depth)) => Value::Map(Map::Wire(with_address(bytes, arena)?, depth)),
        Value::List(List::Wire(bytes, depth)) => Value::List(List::Wire(with_address(bytes, arena)?, depth)),
        Value::Map(Map::Entries([], _)) => Value::Map(Map::Wire(with_address(&[], arena)?, 1)),
        Value::Map(Map::Entries(entries, extent)) => {
            let copies = arena.copy(entries)?;
            for entry in copies.iter_mut().filter(|entry| entry.value.is_container()) {
                entry.value = fresh(entry.value, arena)?;
            }
            Value::Map(Map::Entries(copies, extent))
        }
        Value::List(List::Values(kind, values, extent)) if !values.is_empty() => {
            let copies = arena.copy(values)?;
            for value in copies.iter_mut().filter(|value| value.is_container()) {
                *value = fresh(*value, arena)?;
            }
            Value::List(List::Values(kind, copies, extent))
        }
        other => other,
    })
}
