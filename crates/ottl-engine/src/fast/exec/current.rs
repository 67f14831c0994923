//! What statements look at and write of the current messages, whichever form these have.

use ottl_core::edit::NamedKey;
use ottl_core::value::decode_any;
use ottl_core::{EvalError, Map, Value};
use ottl_otlp::any::{self, AnyRef, Glance};
use ottl_otlp::wire::Payload;
use ottl_schema::{ContextId, Conv, FieldValue, Fields, PointKind};

use super::at_hand::value_at_hand;
use super::state::State;
use crate::fast::compare::number_of;
use crate::fast::node::{BODY, InputAttribute, Node, last_field, raw_attribute};
use crate::fast::pair::SizedPair;

/// From this length on, going over the pairs of a map takes steps.
const LONG_MAP: usize = 1024;

impl<'a> State<'a, '_> {
    /// Makes a message the current one of its level. It is scanned when something first looks at it.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn enter(&mut self, level: ContextId, raw: &'a [u8], kind: PointKind) {
        self.messages.enter(level, raw, kind);
        match level {
            ContextId::Resource => {
                self.parents.enter_resource();
                self.spare.fresh_screens = 0;
            }
            ContextId::Scope => {
                self.parents.enter_scope();
                self.spare.fresh_screens = 0;
            }
            ContextId::Metric => {
                self.metrics.enter_metric();
                self.spare.fresh_screens &= !self.spare.asks_above;
            }
            ContextId::Span => self.spare.fresh_screens &= !self.spare.asks_above,
            _ => {}
        }
        self.caches.clear(level);
    }

    /// The same, as a compact record if the message is in canonical encoding.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn enter_compact(&mut self, level: ContextId, raw: &'a [u8], kind: PointKind) {
        self.enter(level, raw, kind);
        self.messages.scan_compact(level, raw, kind);
    }

    /// The same of a message that others lie in, when something first looks at it.
    pub fn enter_outer(&mut self, level: ContextId, raw: &'a [u8]) {
        self.enter(level, raw, PointKind::Number);
        self.messages.begin_outer(level);
    }

    /// The current message of a level as a node; a compact record is promoted.
    ///
    /// # Errors
    /// Damage of its framing.
    #[inline]
    pub fn node(&mut self, level: ContextId) -> Result<&mut Node<'a>, EvalError> {
        self.messages.node(level, &mut self.spare.maps)
    }

    /// The current message of a level with everything written to it, in the arena.
    ///
    /// # Errors
    /// Damage of its framing, or [`ottl_core::ErrorKind::Budget`].
    pub fn emitted(&mut self, level: ContextId) -> Result<&'a [u8], EvalError> {
        let mut bytes = self.spare_bytes();
        self.messages.emit(level, &mut bytes)?;
        self.keep(bytes)
    }

    /// What is written of an attribute of the current message of a level.
    ///
    /// # Errors
    /// Damage in what is walked.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn input_attribute(&mut self, level: ContextId, key: NamedKey<'_>) -> Result<InputAttribute<'a>, EvalError> {
        if let Some(found) = self.messages.compact(level).and_then(|record| record.attribute(key.known)) {
            return Ok(found.map_or(InputAttribute::Missing, InputAttribute::Bytes));
        }
        self.input_attribute_of_node(level, key)
    }

    #[inline(never)]
    fn input_attribute_of_node(
        &mut self,
        level: ContextId,
        key: NamedKey<'_>,
    ) -> Result<InputAttribute<'a>, EvalError> {
        match self.messages.look(level) {
            Some((raw, kind)) => {
                let shape = self.messages.wanted[level as usize].scans[kind as usize].shape;
                Ok(raw_attribute(raw, shape.attributes, key)?)
            }
            None => self.scanned_attribute(level, key),
        }
    }

    #[inline(never)]
    fn scanned_attribute(&mut self, level: ContextId, key: NamedKey<'_>) -> Result<InputAttribute<'a>, EvalError> {
        let node = self.node(level)?;
        let found = node.input_attribute(key)?;
        if node.map().len() >= LONG_MAP {
            self.searched(level, key.known)?;
        }
        Ok(found)
    }

    /// The kind of the current message of a level, which is scanned.
    ///
    /// # Errors
    /// Damage of its framing.
    pub fn scanned_kind(&mut self, level: ContextId) -> Result<PointKind, EvalError> {
        match self.messages.is_compact(level) {
            true => Ok(self.messages.kind(level)),
            false => Ok(self.node(level)?.kind),
        }
    }

    /// The value of an attribute of the current message of a level.
    ///
    /// # Errors
    /// Damage in what is walked; the steps are spent.
    #[inline]
    pub fn attribute(&mut self, level: ContextId, key: NamedKey<'_>) -> Result<Option<Value<'a>>, EvalError> {
        let mut value = Value::Nil;
        self.attribute_to(level, key, &mut value).map(|is_there| is_there.then_some(value))
    }

    /// The same, put to `to` if there is one.
    ///
    /// # Errors
    /// As [`State::attribute`].
    #[inline]
    pub fn attribute_to(&mut self, level: ContextId, key: NamedKey<'_>, to: &mut Value<'a>) -> Result<bool, EvalError> {
        match self.input_attribute(level, key)? {
            InputAttribute::Missing => return Ok(false),
            InputAttribute::Bytes(any) => self.decode_to(any, to)?,
            InputAttribute::Written(idx) => *to = self.node(level)?.map().value_at(idx)?,
        }
        Ok(true)
    }

    /// The value of the body of the current message of a level.
    ///
    /// # Errors
    /// Damage in it.
    #[inline]
    pub fn body(&mut self, level: ContextId) -> Result<Value<'a>, EvalError> {
        let any = self.message_field(level, BODY)?;
        self.decode(any)
    }

    /// Puts the value of an `AnyValue` to `to`.
    ///
    /// # Errors
    /// Damage in it.
    #[inline]
    pub(super) fn decode_to(&mut self, any: &'a [u8], to: &mut Value<'a>) -> Result<(), EvalError> {
        match value_at_hand(any) {
            Some(value) => *to = value,
            None => *to = self.decode(any)?,
        }
        Ok(())
    }

    /// The value of an `AnyValue`.
    ///
    /// # Errors
    /// Damage in it.
    #[inline]
    pub(super) fn decode(&mut self, any: &'a [u8]) -> Result<Value<'a>, EvalError> {
        match any::glance(any) {
            Glance::Unclear => self.decode_unclear(any),
            _ => Ok(decode_any(any)?),
        }
    }

    /// PERF (bodies that are maps): a list or map is checked down to its last value, and rules mostly look at the same one again.
    #[inline(never)]
    fn decode_unclear(&mut self, any: &'a [u8]) -> Result<Value<'a>, EvalError> {
        if let Some((decoded, value)) = self.decoded
            && std::ptr::eq(decoded, any)
        {
            return Ok(value);
        }
        let value = decode_any(any)?;
        if matches!(value, Value::Map(_) | Value::List(_)) {
            self.decoded = Some((any, value));
        }
        Ok(value)
    }

    /// Remembers the value of a body that was put together from checked parts: a map no deeper than this.
    pub fn know_body(&mut self, any: &'a [u8], depth: u16) {
        if let Some(AnyRef::Map(map)) = any::single(any) {
            self.decoded = Some((any, Value::Map(Map::Wire(map.bytes, depth))));
        }
    }

    /// Takes the steps of going over a long attribute map for one key: all records of a resource may do so.
    ///
    /// # Errors
    /// Damage of the message's framing; the steps are spent.
    #[cold]
    pub fn searched(&mut self, level: ContextId, known: u8) -> Result<(), EvalError> {
        let pairs = self.node(level)?.map().searched(known);
        self.steps.take(pairs as u64 / 64)
    }

    /// Writes a pair of the attribute map of the current message of a level.
    ///
    /// # Errors
    /// Damage in the framing of a pair that was compared.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn put_pair(&mut self, level: ContextId, key: NamedKey<'a>, pair: SizedPair<'a>) -> Result<(), EvalError> {
        self.wrote = true;
        if self.messages.compact(level).and_then(|record| record.put(key, pair)).is_some() {
            return Ok(());
        }
        Ok(self.node(level)?.map().put_encoded(key, pair.any(), pair.pair())?)
    }

    /// A singular field of the current message of a level that is no message.
    ///
    /// # Errors
    /// Damage of the message's framing.
    #[inline]
    pub fn field(&mut self, level: ContextId, number: u32) -> Result<FieldValue<'a>, EvalError> {
        if let Some(field) = self.messages.compact(level).and_then(|record| record.field(number)) {
            return Ok(field);
        }
        if let Some((raw, _)) = self.messages.look(level) {
            return Ok(last_field(raw, number)?);
        }
        Ok(self.node(level)?.field(number))
    }

    /// The same as a number: nothing if it has another wire type than the schema's.
    ///
    /// # Errors
    /// Damage of the message's framing.
    #[inline]
    pub fn number(&mut self, level: ContextId, number: u32, conv: Conv) -> Result<Option<i64>, EvalError> {
        match self.messages.compact(level).and_then(|record| record.number(number, conv)) {
            Some(found) => Ok(found),
            None => Ok(number_of(self.field(level, number)?, conv)),
        }
    }

    /// The same as a text, which is empty where it is absent: nothing if it has another wire type.
    ///
    /// # Errors
    /// Damage of the message's framing.
    #[inline]
    pub fn text_field(&mut self, level: ContextId, number: u32) -> Result<Option<&'a [u8]>, EvalError> {
        if let Some(record) = self.messages.compact(level)
            && let Some(text) = record.message(number)
            && (!text.is_empty() || record.lacks(number))
        {
            return Ok(Some(text));
        }
        self.text_field_at_length(level, number)
    }

    #[inline(never)]
    fn text_field_at_length(&mut self, level: ContextId, number: u32) -> Result<Option<&'a [u8]>, EvalError> {
        Ok(match self.field(level, number)? {
            FieldValue::Absent => Some(&[]),
            FieldValue::Present(Payload::Bytes(text)) => Some(text),
            FieldValue::Present(_) => None,
        })
    }

    /// The same of the number that the kind of the message gives it; nothing if it has no such field.
    ///
    /// # Errors
    /// Damage of the message's framing.
    #[inline]
    pub fn field_of(&mut self, level: ContextId, fields: Fields) -> Result<Option<FieldValue<'a>>, EvalError> {
        match fields.number(self.messages.kind(level)) {
            Some(number) => self.field(level, number).map(Some),
            None => Ok(None),
        }
    }

    /// The bytes of a singular message field of the current message of a level; empty when absent or of another wire type.
    ///
    /// # Errors
    /// Damage of the message's framing.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn message_field(&mut self, level: ContextId, number: u32) -> Result<&'a [u8], EvalError> {
        match self.messages.compact(level).and_then(|record| record.message(number)) {
            Some(bytes) => Ok(bytes),
            None => self.message_of_node(level, number),
        }
    }

    #[inline(never)]
    fn message_of_node(&mut self, level: ContextId, number: u32) -> Result<&'a [u8], EvalError> {
        // Occurrences merge, so this is not looked for without a scan.
        Ok(match self.node(level)?.field(number) {
            FieldValue::Present(Payload::Bytes(bytes)) => bytes,
            _ => &[],
        })
    }

    /// Writes a singular field of the current message of a level.
    ///
    /// # Errors
    /// Damage of the message's framing.
    ///
    /// PERF (tenant): inlined, so that the content is made where it stays.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn set_field(&mut self, level: ContextId, number: u32, content: FieldValue<'a>) -> Result<(), EvalError> {
        self.set_field_to(level, number, |to| *to = content)
    }

    /// The same of a content that is put to where it stays.
    ///
    /// PERF (metrics, spans): elsewhere it would be read as a whole before all of it has left the store buffer.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn set_field_to(
        &mut self,
        level: ContextId,
        number: u32,
        put: impl Fn(&mut FieldValue<'a>),
    ) -> Result<(), EvalError> {
        self.wrote = true;
        match self.messages.compact(level).and_then(|record| record.write_field(number)) {
            Some(to) => put(to),
            None => {
                let mut content = FieldValue::Absent;
                put(&mut content);
                self.node(level)?.set_field(number, content);
            }
        }
        Ok(())
    }

    /// Writes an attribute of the current message of a level; of a key that rules name, `known` is its number.
    ///
    /// # Errors
    /// Damage in what is walked; [`ottl_core::ErrorKind::Budget`].
    pub(super) fn put_attribute(
        &mut self,
        level: ContextId,
        (key, known): (&'a [u8], Option<u8>),
        value: Value<'a>,
    ) -> Result<(), EvalError> {
        if let Some(known) = known
            && !matches!(value, Value::Map(_) | Value::List(_))
            && self.messages.is_compact(level)
        {
            return self.put_scalar(level, NamedKey { key, known }, value);
        }
        self.node(level)?.map().try_put(key, value)?;
        self.wrote = true;
        Ok(())
    }

    /// Writes a singular field of a singular message field of the current message of a level.
    ///
    /// # Errors
    /// Damage of the framing of both; [`ottl_core::ErrorKind::Budget`].
    pub(super) fn set_inner(
        &mut self,
        level: ContextId,
        (outer, number): (u32, u32),
        content: FieldValue<'_>,
    ) -> Result<(), EvalError> {
        let before = self.message_field(level, outer)?;
        let message = self.with_field(before, number, content)?;
        self.set_field(level, outer, FieldValue::Present(Payload::Bytes(message)))
    }
}
