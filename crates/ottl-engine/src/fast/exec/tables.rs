//! Paths whose data lies in the dictionary of a message of profiles.

use ottl_core::ops::Key;
use ottl_core::{EvalError, Map, Value};
use ottl_otlp::wire::Payload;
use ottl_schema::{ContextId, Conv, FieldValue, Fields, PointKind};

use super::metric::single_field;
use super::state::State;
use crate::fast::node::last_field;
use crate::map_target::whole_map;
use crate::profiles::{Dictionary, indices, packed, text};

impl<'a> State<'a, '_> {
    fn dictionary(&mut self) -> Result<&mut Dictionary, EvalError> {
        self.spare.dictionary.load(self.message)?;
        Ok(&mut self.spare.dictionary)
    }

    /// The index of a text, and the message that names it.
    fn text_index(&mut self, level: ContextId, outer: u32, inner: u8) -> Result<(i32, &'a [u8]), EvalError> {
        let message = self.message_field(level, outer)?;
        let index = Conv::I32.read(last_field(message, u32::from(inner))?, self.arena)?;
        Ok((index.as_int().unwrap_or(0) as i32, message))
    }

    pub(super) fn read_table_text(
        &mut self,
        level: ContextId,
        outer: Fields,
        inner: u8,
    ) -> Result<Value<'a>, EvalError> {
        let Some(outer) = outer.number(PointKind::Number) else { return Ok(Value::Nil) };
        let (message, arena) = (self.message, self.arena);
        let (index, _) = self.text_index(level, outer, inner)?;
        self.dictionary()?.text(index, message, arena).map(Value::Str)
    }

    pub(super) fn write_table_text(
        &mut self,
        level: ContextId,
        outer: Fields,
        inner: u8,
        value: Value<'a>,
    ) -> Result<(), EvalError> {
        let text = text(value)?;
        let Some(outer) = outer.number(PointKind::Number) else { return Ok(()) };
        let (message, arena) = (self.message, self.arena);
        let (now, bytes) = self.text_index(level, outer, inner)?;
        let Some(index) = self.dictionary()?.overwrite_text(now, text, message)? else { return Ok(()) };
        let stored = Conv::I32.write(Value::Int(i64::from(index)), arena)?;
        let bytes = self.with_field(bytes, u32::from(inner), stored)?;
        self.set_field(level, outer, FieldValue::Present(Payload::Bytes(bytes)))
    }

    fn attribute_indices(&mut self, level: ContextId, number: u32) -> Result<Vec<i32>, EvalError> {
        let arena = self.arena;
        let node = self.node(level)?;
        let indices = if node.is_dirty(number) {
            indices(single_field(number, node.field(number), arena)?, number)?
        } else {
            indices(node.raw(), number)?
        };
        self.steps.take(1 + indices.len() as u64 / 8)?;
        Ok(indices)
    }

    pub(super) fn read_table_attributes(
        &mut self,
        n: u32,
        level: ContextId,
        numbers: Fields,
    ) -> Result<Value<'a>, EvalError> {
        let map = match numbers.number(PointKind::Number) {
            Some(number) => {
                let indices = self.attribute_indices(level, number)?;
                let (message, arena) = (self.message, self.arena);
                self.dictionary()?.map(&indices, message, arena)?
            }
            None => Map::EMPTY,
        };
        self.index(Value::Map(map), &self.plan.paths[n as usize].keys)
    }

    pub(super) fn write_table_attributes(
        &mut self,
        n: u32,
        (level, numbers): (ContextId, Fields),
        value: Value<'a>,
    ) -> Result<(), EvalError> {
        let Some(number) = numbers.number(PointKind::Number) else { return Ok(()) };
        let (message, arena) = (self.message, self.arena);
        let Some((first, rest)) = self.plan.paths[n as usize].keys.split_first() else {
            let map = whole_map(value)?;
            let (indices, work) = self.dictionary()?.put_map(map, message)?;
            self.steps.take(work as u64 / 8)?;
            return self.set_indices(level, number, &indices);
        };
        let name = match self.key(first)? {
            Key::Str(name) => name,
            other => return Err(other.misfit()),
        };
        let mut indices = self.attribute_indices(level, number)?;
        // The value is copied, changed, and stored as another one: others may have it, too.
        let current = self.dictionary()?.first(&indices, name, message, arena)?.unwrap_or(Value::Nil);
        let mut keys = arena.vec_for(rest.len())?;
        for key in rest {
            keys.push(self.key(key)?)?;
        }
        let (stored, result) = self.stored(current, &keys, Some(value))?;
        result?;
        let stored = stored.unwrap_or(current);
        let work = self.dictionary()?.put_pair(&mut indices, name, &stored, message)?;
        self.steps.take(work as u64 / 8)?;
        self.set_indices(level, number, &indices)
    }

    fn set_indices(&mut self, level: ContextId, number: u32, indices: &[i32]) -> Result<(), EvalError> {
        let packed = self.arena.copy(&packed(indices))?;
        let stored = if packed.is_empty() { FieldValue::Absent } else { FieldValue::Present(Payload::Bytes(packed)) };
        self.set_field(level, number, stored)
    }
}
