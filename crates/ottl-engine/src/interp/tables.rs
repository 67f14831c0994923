//! Paths whose data lies in the dictionary of a message of profiles.

use ottl_core::ops::{Key, index_path};
use ottl_core::{ErrorKind, EvalError, Map, Value};
use ottl_plan::KeyExpr;
use ottl_schema::{Conv, Fields, PointKind};

use super::eval::Interp;
use super::keyed::Slot;
use super::model::{Content, NodeId};
use crate::map_target::whole_map;
use crate::profiles::{indices, packed, text};

/// The field of a node of its own that holds the pair which is being written.
const PAIRS: u32 = 1;

impl<'a> Interp<'a> {
    fn load_dictionary(&mut self) -> Result<(), EvalError> {
        self.dictionary.load(self.model.message())
    }

    /// The index of a text, and the message that names it.
    fn text_index(&mut self, node: NodeId, outer: u32, inner: u8) -> Result<(i32, &'a [u8]), EvalError> {
        let bytes = self.model.merged(node, outer)?.unwrap_or_default();
        let index = Conv::I32.read(self.model.scalar_in(bytes, u32::from(inner))?, self.arena)?;
        Ok((index.as_int().unwrap_or(0) as i32, bytes))
    }

    pub(super) fn read_table_text(&mut self, node: NodeId, outer: Fields, inner: u8) -> Result<Value<'a>, EvalError> {
        let Some(outer) = outer.number(PointKind::Number) else { return Ok(Value::Nil) };
        self.load_dictionary()?;
        let (index, _) = self.text_index(node, outer, inner)?;
        self.dictionary.text(index, self.model.message(), self.arena).map(Value::Str)
    }

    pub(super) fn write_table_text(
        &mut self,
        node: NodeId,
        outer: Fields,
        inner: u8,
        value: Value<'a>,
    ) -> Result<(), EvalError> {
        let text = text(value)?;
        let Some(outer) = outer.number(PointKind::Number) else { return Ok(()) };
        self.load_dictionary()?;
        let message = self.model.message();
        let (now, bytes) = self.text_index(node, outer, inner)?;
        let Some(index) = self.dictionary.overwrite_text(now, text, message)? else { return Ok(()) };
        let stored = Conv::I32.write(Value::Int(i64::from(index)), self.arena)?;
        let bytes = self.model.with_scalar(bytes, u32::from(inner), stored)?;
        self.model.set(node, outer, Some(Content::Bytes(bytes)));
        Ok(())
    }

    fn attribute_indices(&mut self, node: NodeId, number: u32) -> Result<Vec<i32>, EvalError> {
        self.load_dictionary()?;
        let bytes = self.model.bytes(Content::Node(node))?;
        let indices = indices(bytes, number)?;
        self.steps.take(1 + indices.len() as u64 / 8)?;
        Ok(indices)
    }

    fn table_map(&mut self, node: NodeId, numbers: Fields) -> Result<Map<'a>, EvalError> {
        let Some(number) = numbers.number(PointKind::Number) else { return Ok(Map::EMPTY) };
        let indices = self.attribute_indices(node, number)?;
        self.dictionary.map(&indices, self.model.message(), self.arena)
    }

    pub(super) fn read_table_attributes(
        &mut self,
        node: NodeId,
        numbers: Fields,
        keys: &'a [KeyExpr],
    ) -> Result<Value<'a>, EvalError> {
        let mut value = Value::Map(self.table_map(node, numbers)?);
        for key in keys {
            if !value.is_container() {
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

    pub(super) fn write_table_attributes(
        &mut self,
        node: NodeId,
        numbers: Fields,
        keys: &'a [KeyExpr],
        value: Value<'a>,
    ) -> Result<(), EvalError> {
        let Some(number) = numbers.number(PointKind::Number) else { return Ok(()) };
        let message = self.model.message();
        let Some((first, rest)) = keys.split_first() else {
            let map = whole_map(value)?;
            self.load_dictionary()?;
            let (indices, work) = self.dictionary.put_map(map, message)?;
            self.steps.take(work as u64 / 8)?;
            return self.set_indices(node, number, &indices);
        };
        let name = match self.key(first)? {
            Key::Str(name) => name,
            other => return Err(other.misfit()),
        };
        let mut indices = self.attribute_indices(node, number)?;
        // The value is copied, changed, and stored as another one: others may have it, too.
        let current = self.dictionary.first(&indices, name, message, self.arena)?;
        let copy = self.model.scratch_node();
        let slot = Slot::Map(copy, PAIRS);
        self.model.put(slot, &[Key::Str(name)], current.unwrap_or(Value::Nil))?;
        self.write_below(slot, name, current.unwrap_or(Value::Nil), rest, value)?;
        let stored = match self.model.map(copy, PAIRS)? {
            Value::Map(map) => map.get(name).unwrap_or(Value::Nil),
            _ => Value::Nil,
        };
        let work = self.dictionary.put_pair(&mut indices, name, &stored, message)?;
        self.steps.take(work as u64 / 8)?;
        self.set_indices(node, number, &indices)
    }

    fn set_indices(&mut self, node: NodeId, number: u32, indices: &[i32]) -> Result<(), EvalError> {
        let packed = self.arena.copy(&packed(indices))?;
        self.model.replace(node, number, (!packed.is_empty()).then_some(Content::Bytes(packed)));
        Ok(())
    }
}
