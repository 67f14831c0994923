//! The current message of a level, in whichever form it is: not looked at, a [`Compact`] record, or a [`Node`].
//!
//! Messages that are not looked at keep their bytes. Where a level's statements allow it, its messages are compact records;
//! what those cannot do promotes them: a node takes over with everything that was written, and statements see no difference.

use ottl_core::edit::{MapEdit, NamedKey};
use ottl_core::value::decode_any;
use ottl_core::{EvalError, Value};
use ottl_otlp::wire::{Payload, WireError};
use ottl_schema::{ContextId, FieldValue, Fields, PointKind};

use super::compact::Compact;
use super::levels::bit;
use super::node::{InputAttribute, Node, last_field, raw_attribute};
use super::pair::SizedPair;
use super::plan::{FEW, Touch};
use super::screen::Screening;
use super::state::State;

/// A message that is not scanned yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending<'a> {
    pub raw: &'a [u8],
    kind: PointKind,
    /// How often rules have looked for a place of it.
    looks: u8,
}

impl<'a> Pending<'a> {
    fn new(raw: &'a [u8], kind: PointKind) -> Self {
        Pending { raw, kind, looks: 0 }
    }
}

/// From this length on, going over the pairs of a map takes steps.
const LONG_MAP: usize = 1024;

impl<'a> State<'a, '_> {
    /// Makes a message the current one of its level. It is scanned when something first looks at it.
    #[inline(always)]
    pub fn enter(&mut self, level: ContextId, raw: &'a [u8], kind: PointKind) {
        self.pending[level as usize] = Some(Pending::new(raw, kind));
        self.forget_compact(level);
        match level {
            ContextId::Resource => {
                self.parents.enter_resource();
                self.spare.screens.iter_mut().for_each(Screening::stale);
            }
            ContextId::Scope => {
                self.parents.enter_scope();
                self.spare.screens.iter_mut().for_each(Screening::stale);
            }
            ContextId::Metric => {
                self.metrics.enter_metric();
            }
            _ => {}
        }
        self.caches.clear(level);
    }

    /// The same, as a compact record if the message is in canonical encoding.
    #[inline(always)]
    pub fn enter_compact(&mut self, level: ContextId, raw: &'a [u8], kind: PointKind) {
        self.enter(level, raw, kind);
        let arena = self.arena;
        let Touch { scans, keys, .. } = &self.wanted[level as usize];
        let record = self.compact.get_or_insert_with(|| arena.boxed(Compact::new(arena)));
        if record.scan(raw, &scans[kind as usize], keys).is_some() {
            self.compact_at = Some(level);
        }
    }

    /// Exchanges the current message of a level and keeps its cache.
    pub fn enter_again(&mut self, level: ContextId, raw: &'a [u8]) {
        self.pending[level as usize] = Some(Pending::new(raw, PointKind::Number));
        self.forget_compact(level);
    }

    /// Makes the current message of a level an empty one and keeps its cache.
    pub fn enter_emptied(&mut self, level: ContextId, kind: PointKind) {
        self.pending[level as usize] = Some(Pending::new(&[], kind));
        self.forget_compact(level);
    }

    #[inline(always)]
    fn forget_compact(&mut self, level: ContextId) {
        if self.compact_at == Some(level) {
            self.compact_at = None;
        }
    }

    /// Whether the current message of a level is a compact record.
    #[inline(always)]
    pub fn is_compact(&self, level: ContextId) -> bool {
        self.compact_at == Some(level)
    }

    /// The current message of a level if it is a compact record.
    #[inline(always)]
    pub fn compact(&mut self, level: ContextId) -> Option<&mut Compact<'a>> {
        if self.is_compact(level) { self.compact.as_deref_mut() } else { None }
    }

    /// The current message of a level as a node; a compact record is promoted.
    ///
    /// # Errors
    /// Damage of its framing.
    #[inline]
    pub fn node(&mut self, level: ContextId) -> Result<&mut Node<'a>, EvalError> {
        // The message of a compact record is pending as well.
        if self.pending[level as usize].is_some() || self.nodes[level as usize].is_none() {
            self.scan(level)?;
        }
        match &mut self.nodes[level as usize] {
            Some(node) => Ok(node),
            None => Err(EvalError::function("there is no such record here")),
        }
    }

    #[inline(never)]
    fn scan(&mut self, level: ContextId) -> Result<(), EvalError> {
        let idx = level as usize;
        let node = self.nodes[idx].get_or_insert_with(|| {
            let map = MapEdit::with_memory(self.spare.maps.pop().unwrap_or_default());
            let mut node = Node::new(map);
            node.most_written = self.most_written;
            self.arena.boxed(node)
        });
        if let Some(Pending { raw, kind, .. }) = self.pending[idx] {
            let Touch { scans, keys, .. } = &self.wanted[idx];
            node.load(raw, &scans[kind as usize], kind, keys, self.arena)?;
            self.pending[idx] = None;
            if self.compact_at == Some(level) {
                self.compact_at = None;
                if let Some(record) = &self.compact {
                    record.promote(node);
                }
            }
        }
        Ok(())
    }

    /// A message that nothing was written to, as it came in.
    pub fn unchanged(&self, level: ContextId) -> Option<&'a [u8]> {
        let idx = level as usize;
        match (&self.pending[idx], &self.nodes[idx]) {
            (Some(pending), _) => (!self.changed(level)).then_some(pending.raw),
            (None, Some(node)) => (!node.changed()).then(|| node.raw()),
            (None, None) => Some(&[]),
        }
    }

    /// Whether anything was written to the current message of a level.
    #[inline]
    pub fn changed(&self, level: ContextId) -> bool {
        if self.is_compact(level) {
            return self.compact.as_ref().is_some_and(|record| record.changed());
        }
        self.changed_node(level).is_some()
    }

    /// The current message of a level if it is a node and anything was written to it.
    #[inline]
    pub fn changed_node(&self, level: ContextId) -> Option<&Node<'a>> {
        let idx = level as usize;
        let node = self.nodes[idx].as_deref()?;
        (self.pending[idx].is_none() && node.changed()).then_some(node)
    }

    /// Appends the current message of a level with everything written to it.
    ///
    /// # Errors
    /// Damage of its framing.
    pub fn emit(&self, level: ContextId, out: &mut Vec<u8>) -> Result<(), WireError> {
        if self.is_compact(level)
            && let Some(record) = &self.compact
        {
            record.emit(out);
            return Ok(());
        }
        match (self.pending[level as usize], &self.nodes[level as usize]) {
            (Some(pending), _) => out.extend_from_slice(pending.raw),
            (None, Some(node)) => node.emit(out)?,
            (None, None) => {}
        }
        Ok(())
    }

    /// Appends one field of the current message of a level, which is no compact record, as it is now.
    pub fn emit_field(&self, level: ContextId, number: u32, out: &mut Vec<u8>) {
        let idx = level as usize;
        match (self.pending[idx], &self.nodes[idx]) {
            // Nothing looked at the message: every occurrence stands as it came.
            (Some(pending), _) => copy_fields(pending.raw, number, out),
            (None, Some(node)) if node.rewrites(number) => node.emit_field(number, out),
            (None, Some(node)) => copy_fields(node.raw(), number, out),
            (None, None) => {}
        }
    }

    /// The kind of point that the current message of a level is; the default for other records.
    pub fn kind(&self, level: ContextId) -> PointKind {
        match (&self.pending[level as usize], &self.nodes[level as usize]) {
            (Some(pending), _) => pending.kind,
            (None, Some(node)) => node.kind,
            (None, None) => PointKind::Number,
        }
    }

    /// How many bytes the current message of a level had when it came in.
    pub fn input_len(&self, level: ContextId) -> usize {
        match (&self.pending[level as usize], &self.nodes[level as usize]) {
            (Some(pending), _) => pending.raw.len(),
            (None, Some(node)) => node.raw().len(),
            (None, None) => 0,
        }
    }

    /// What is written of an attribute of the current message of a level.
    ///
    /// # Errors
    /// Damage in what is walked.
    #[inline(always)]
    pub fn input_attribute(&mut self, level: ContextId, key: NamedKey<'_>) -> Result<InputAttribute<'a>, EvalError> {
        if let Some(found) = self.compact(level).and_then(|record| record.attribute(key.known)) {
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
        if let Some((raw, kind)) = self.look(level) {
            let shape = self.wanted[level as usize].scans[kind as usize].shape;
            return Ok(raw_attribute(raw, shape.attributes, key.key)?);
        }
        let node = self.node(level)?;
        let found = node.input_attribute(key)?;
        if node.map().len() >= LONG_MAP {
            self.searched(level, key.known)?;
        }
        Ok(found)
    }

    /// The value of an attribute of the current message of a level.
    ///
    /// # Errors
    /// Damage in what is walked; the steps are spent.
    #[inline]
    pub fn attribute(&mut self, level: ContextId, key: NamedKey<'_>) -> Result<Option<Value<'a>>, EvalError> {
        if let Some(found) = self.compact(level).and_then(|record| record.attribute(key.known)) {
            return Ok(found.map(decode_any).transpose()?);
        }
        // PERF (structural at one record a message): most of a resource is not looked at.
        if self.few & bit(level) != 0 {
            match self.input_attribute_of_node(level, key)? {
                InputAttribute::Missing => return Ok(None),
                InputAttribute::Bytes(any) => return Ok(Some(decode_any(any)?)),
                InputAttribute::Written(_) => {}
            }
        }
        let node = self.node(level)?;
        let value = node.attribute(key)?;
        if node.map().len() >= LONG_MAP {
            self.searched(level, key.known)?;
        }
        Ok(value)
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
    #[inline(always)]
    pub fn put_pair(&mut self, level: ContextId, key: NamedKey<'a>, pair: SizedPair<'a>) -> Result<(), EvalError> {
        self.wrote = true;
        if self.compact(level).and_then(|record| record.put(key.known, pair)).is_some() {
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
        if let Some(field) = self.compact(level).and_then(|record| record.field(number)) {
            return Ok(field);
        }
        if let Some((raw, _)) = self.look(level) {
            return Ok(last_field(raw, number)?);
        }
        Ok(self.node(level)?.field(number))
    }

    /// The same of the number that the kind of the message gives it; nothing if it has no such field.
    ///
    /// # Errors
    /// Damage of the message's framing.
    #[inline]
    pub fn field_of(&mut self, level: ContextId, fields: Fields) -> Result<Option<FieldValue<'a>>, EvalError> {
        match fields.number(self.kind(level)) {
            Some(number) => self.field(level, number).map(Some),
            None => Ok(None),
        }
    }

    /// The bytes of a singular message field of the current message of a level; empty when absent or of another wire type.
    ///
    /// # Errors
    /// Damage of the message's framing.
    #[inline]
    pub fn message_field(&mut self, level: ContextId, number: u32) -> Result<&'a [u8], EvalError> {
        let field = match self.compact(level).and_then(|record| record.field(number)) {
            Some(field) => field,
            // Occurrences merge, so this is not looked for without a scan.
            None => self.node(level)?.field(number),
        };
        Ok(match field {
            FieldValue::Present(Payload::Bytes(bytes)) => bytes,
            _ => &[],
        })
    }

    /// Writes a singular field of the current message of a level.
    ///
    /// # Errors
    /// Damage of the message's framing.
    #[inline]
    pub fn set_field(&mut self, level: ContextId, number: u32, content: FieldValue<'a>) -> Result<(), EvalError> {
        self.wrote = true;
        if self.compact(level).and_then(|record| record.set_field(number, content)).is_some() {
            return Ok(());
        }
        self.node(level)?.set_field(number, content);
        Ok(())
    }

    /// The current message of a level, if a place of it is to be looked for without a scan. The children of a message may
    /// all look at it, so each message has only so many looks.
    #[inline]
    fn look(&mut self, level: ContextId) -> Option<(&'a [u8], PointKind)> {
        if self.few & bit(level) == 0 {
            return None;
        }
        let pending = self.pending[level as usize].as_mut()?;
        pending.looks = pending.looks.saturating_add(1);
        (pending.looks <= FEW).then_some((pending.raw, pending.kind))
    }

    /// The bytes of a singular message field of the current message of a level, which has been scanned.
    pub fn message(&self, level: ContextId, number: u32) -> &'a [u8] {
        self.nodes[level as usize].as_ref().map_or(&[], |node| node.message(number))
    }
}

/// Appends every occurrence of a field as it is.
pub(super) fn copy_fields(raw: &[u8], number: u32, out: &mut Vec<u8>) {
    let mut reader = ottl_otlp::wire::Reader::new(raw);
    while let Ok(Some(field)) = reader.next_field() {
        if field.number == number {
            out.extend_from_slice(&raw[field.start..field.end]);
        }
    }
}
