//! [`Messages`]: the current message of each level, in whichever form it is: not looked at, a [`Compact`] record, or a
//! [`Node`].
//!
//! Messages that are not looked at keep their bytes. Where a level's statements allow it, its messages are compact records;
//! what those cannot do promotes them: a node takes over with everything that was written, and statements see no difference.

use ottl_core::edit::MapMemory;
use ottl_core::{Arena, EvalError};
use ottl_otlp::wire::WireError;
use ottl_schema::{ContextId, PointKind};

use crate::fast::compact::Compact;
use crate::fast::levels::{LEVELS, bit};
use crate::fast::node::{Inner, Node};
use crate::fast::program::Lowered;
use crate::fast::program::effects::FEW;
use crate::fast::program::paths::Touch;

/// A message that is not scanned yet.
#[derive(Clone, Copy, Debug)]
struct Pending<'a> {
    raw: &'a [u8],
    kind: PointKind,
    /// How often rules have looked for a place of it.
    looks: u8,
}

impl<'a> Pending<'a> {
    fn new(raw: &'a [u8], kind: PointKind) -> Self {
        Pending { raw, kind, looks: 0 }
    }
}

/// The current messages of all levels.
pub(crate) struct Messages<'a> {
    arena: &'a Arena,
    /// What the rules look at in the messages of a level.
    pub wanted: &'a [Touch; LEVELS],
    /// Bit per level: rules look only at a few places of a message, so that looking for each costs less than a scan.
    pub few: u16,
    /// How many bytes the output may have.
    pub most_written: usize,
    /// Those that were looked at. They live in the arena: a run costs no more than it looks at.
    nodes: [Option<&'a mut Node<'a>>; LEVELS],
    /// Bit per level: there is a node.
    with_nodes: u16,
    /// The compact record, and the level whose current message it is: one that has no other below it.
    record: Option<&'a mut Compact<'a>>,
    record_of: Option<ContextId>,
    /// The same of a level with another one below it, whose messages may be compact at the same time. It is scanned when something
    /// first looks at it.
    outer: Option<&'a mut Compact<'a>>,
    outer_of: Option<ContextId>,
    is_outer_scanned: bool,
    pending: [Option<Pending<'a>>; LEVELS],
}

impl<'a> Messages<'a> {
    /// None yet.
    pub fn new(lowered: &'a Lowered, arena: &'a Arena, most_written: usize) -> Self {
        Messages {
            arena,
            wanted: &lowered.wanted,
            few: lowered.few,
            most_written,
            nodes: Default::default(),
            with_nodes: 0,
            record: None,
            record_of: None,
            outer: None,
            outer_of: None,
            is_outer_scanned: false,
            pending: [None; LEVELS],
        }
    }

    /// Makes a message the current one of its level. It is scanned when something first looks at it.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn enter(&mut self, level: ContextId, raw: &'a [u8], kind: PointKind) {
        self.pending[level as usize] = Some(Pending::new(raw, kind));
        self.forget_compact(level);
    }

    /// Makes the message that was entered last a compact record, if it is in canonical encoding.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn scan_compact(&mut self, level: ContextId, raw: &'a [u8], kind: PointKind) {
        let arena = self.arena;
        let Touch { scans, keys, .. } = &self.wanted[level as usize];
        let record = match &mut self.record {
            Some(record) => record,
            none => none.insert(Compact::new(arena)),
        };
        if record.scan(raw, &scans[kind as usize], keys).is_some() {
            self.record_of = Some(level);
        }
    }

    /// The same of a message that others lie in, which may be compact records as well. It is scanned when something looks at it.
    #[inline]
    pub fn begin_outer(&mut self, level: ContextId) {
        self.outer_of = Some(level);
        self.is_outer_scanned = false;
    }

    /// The current message of a level whose messages others lie in.
    #[inline(never)]
    pub fn outer_compact(&mut self, level: ContextId) -> Option<&mut Compact<'a>> {
        if !self.is_outer_scanned {
            self.outer_of = None;
            let Pending { raw, .. } = self.pending[level as usize]?;
            let arena = self.arena;
            let Touch { scans: [scan, ..], keys, .. } = &self.wanted[level as usize];
            self.outer.get_or_insert_with(|| Compact::new(arena)).scan(raw, scan, keys)?;
            self.outer_of = Some(level);
            self.is_outer_scanned = true;
        }
        self.outer.as_deref_mut()
    }

    /// The current message of a level is no compact record, and does not become one.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn forget_compact(&mut self, level: ContextId) {
        if self.record_of == Some(level) {
            self.record_of = None;
        } else if self.outer_of == Some(level) {
            self.outer_of = None;
        }
    }

    /// Whether the current message of a level is a compact record.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn is_compact(&self, level: ContextId) -> bool {
        self.record_of == Some(level) || self.outer_of == Some(level) && self.is_outer_scanned
    }

    /// The current message of a level if it is a compact record.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn compact(&mut self, level: ContextId) -> Option<&mut Compact<'a>> {
        if self.record_of == Some(level) {
            self.record.as_deref_mut()
        } else if self.outer_of == Some(level) {
            self.outer_compact(level)
        } else {
            None
        }
    }

    /// The current message of a level as a node; a compact record is promoted.
    ///
    /// `memory` is for its map.
    ///
    /// # Errors
    /// Damage of its framing.
    #[inline]
    pub fn node(&mut self, level: ContextId, memory: &mut Vec<MapMemory>) -> Result<&mut Node<'a>, EvalError> {
        // The message of a compact record is pending as well.
        if self.pending[level as usize].is_some() || self.nodes[level as usize].is_none() {
            self.scan(level, memory)?;
        }
        match &mut self.nodes[level as usize] {
            Some(node) => Ok(node),
            None => Err(EvalError::function("there is no such record here")),
        }
    }

    /// The same if it was looked at already.
    #[inline]
    pub fn scanned(&self, level: ContextId) -> Option<&Node<'a>> {
        let idx = level as usize;
        if self.pending[idx].is_some() { None } else { self.nodes[idx].as_deref() }
    }

    #[inline(never)]
    fn scan(&mut self, level: ContextId, memory: &mut Vec<MapMemory>) -> Result<(), EvalError> {
        let idx = level as usize;
        self.with_nodes |= bit(level);
        let node = self.nodes[idx]
            .get_or_insert_with(|| Node::new(memory.pop().unwrap_or_default(), self.most_written, self.arena));
        if let Some(Pending { raw, kind, .. }) = self.pending[idx] {
            let Touch { scans, keys, .. } = &self.wanted[idx];
            node.load(raw, &scans[kind as usize], kind, keys, self.arena)?;
            self.pending[idx] = None;
            let record = match Some(level) {
                of if of == self.record_of => self.record.as_deref(),
                of if of == self.outer_of && self.is_outer_scanned => self.outer.as_deref(),
                _ => None,
            };
            if let Some(record) = record {
                record.promote(node);
            }
            self.forget_compact(level);
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
        if let Some(record) = self.as_compact(level) {
            return record.changed();
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
    #[inline]
    pub fn emit(&self, level: ContextId, out: &mut Vec<u8>) -> Result<(), WireError> {
        if self.record_of == Some(level)
            && let Some(record) = &self.record
        {
            record.emit(out);
            return Ok(());
        }
        if self.outer_of != Some(level)
            && let (None, Some(node)) = (&self.pending[level as usize], &self.nodes[level as usize])
        {
            return node.emit(out);
        }
        self.emit_around(level, None, out)
    }

    /// The same with the messages in it as they are now.
    ///
    /// # Errors
    /// Damage of its framing.
    pub fn emit_around(&self, level: ContextId, inner: Option<&Inner<'_>>, out: &mut Vec<u8>) -> Result<(), WireError> {
        if let Some(record) = self.as_compact(level) {
            match inner {
                Some(inner) => record.emit_around(inner, out),
                None => record.emit(out),
            }
            return Ok(());
        }
        match (self.pending[level as usize], &self.nodes[level as usize]) {
            (Some(pending), _) => match inner {
                Some(inner) => inner.emit_in(pending.raw, out),
                None => out.extend_from_slice(pending.raw),
            },
            (None, Some(node)) => node.emit_around(inner, out)?,
            (None, None) => {}
        }
        Ok(())
    }

    /// Bits of the fields that were written to the current message of a level, if nothing else was and it is known where they lie.
    pub fn written_fields(&self, level: ContextId) -> Option<u32> {
        match self.as_compact(level) {
            Some(record) => record.written_fields(),
            None => self.changed_node(level).map_or(Some(0), Node::written_fields),
        }
    }

    /// Where the first of these fields lies that the message has, and its number.
    pub fn first_of(&self, level: ContextId, fields: u32) -> Option<(usize, usize, u32)> {
        match self.as_compact(level) {
            Some(record) => record.first_of(fields),
            None => self.changed_node(level)?.first_of(fields),
        }
    }

    /// Appends one field of the current message of a level as it is now; of a compact record, one that was written.
    pub fn emit_field(&self, level: ContextId, number: u32, out: &mut Vec<u8>) {
        if let Some(record) = self.as_compact(level) {
            return record.emit_field(number, out);
        }
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

    /// The current message of a level, if a place of it is to be looked for without a scan. The children of a message may
    /// all look at it, so each message has only so many looks.
    #[inline]
    pub fn look(&mut self, level: ContextId) -> Option<(&'a [u8], PointKind)> {
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

    /// The current message of a level as a compact record, if it is one.
    #[inline]
    pub fn as_compact(&self, level: ContextId) -> Option<&Compact<'a>> {
        if self.record_of == Some(level) {
            self.record.as_deref()
        } else if self.outer_of == Some(level) && self.is_outer_scanned {
            self.outer.as_deref()
        } else {
            None
        }
    }

    /// Hands on the memory of all.
    #[inline]
    pub fn finish(&mut self, memory: &mut Vec<MapMemory>) {
        if self.with_nodes != 0 {
            self.release_nodes(memory);
        }
    }

    #[inline(never)]
    fn release_nodes(&mut self, memory: &mut Vec<MapMemory>) {
        while self.with_nodes != 0 {
            let idx = self.with_nodes.trailing_zeros() as usize;
            self.with_nodes &= self.with_nodes - 1;
            if let Some(node) = self.nodes[idx].take() {
                memory.push(node.release());
            }
        }
    }
}

impl Drop for Messages<'_> {
    /// After a panic nothing was handed on.
    #[inline]
    fn drop(&mut self) {
        self.finish(&mut Vec::new());
    }
}

/// Appends every occurrence of a field as it is.
pub(crate) fn copy_fields(raw: &[u8], number: u32, out: &mut Vec<u8>) {
    let mut reader = ottl_otlp::wire::Reader::new(raw);
    while let Ok(Some(field)) = reader.next_field() {
        if field.number == number {
            out.extend_from_slice(&raw[field.start..field.end]);
        }
    }
}
