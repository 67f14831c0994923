//! [`Node`]: one message of the tree (resource, scope, record, point …), scanned on demand and written through.
//!
//! A scan remembers where each singular field's last occurrence is and the raw pairs of the attribute map; nothing is
//! decoded. Writes go over it: later reads see them, and [`Node::emit`] writes them out. Attribute pairs become a
//! [`MapEdit`] only when something is written to the map.
//! INVARIANT: bits of `dirty` and entries of `parts` name exactly the fields whose output differs from `raw`.

mod bytes;
mod emit;
mod fields;
mod scan;

use ottl_core::edit::{MapEdit, MapMemory, NamedKey};
use ottl_core::{Arena, EvalError, Struct};
use ottl_otlp::wire::{Payload, Reader, WireError, put_varint};
use ottl_schema::{ContextId, FieldValue, PointKind};

pub(super) use bytes::{merged, messages, put_with_field, with_address};
pub(super) use emit::put_payload;
pub(super) use fields::{
    MAX_LEN, NO_FIELD, PLACES, count_fields, first_of, head_at, run_of, scan_fields, short_end, skip_fields,
};
pub(super) use ottl_otlp::wire::fields::log_record::BODY;
use scan::NO_SCAN;
pub(super) use scan::{Scan, bytes_at, bytes_of, field_at, last_field, next_field_of, raw_attribute};

/// Field numbers below this are kept in the table; no OTLP record has a known field beyond.
pub(super) const FIELDS: usize = 18;
const _: () = assert!(highest_number() < FIELDS as u32);

/// The highest number of a field that a record of any context has.
const fn highest_number() -> u32 {
    let (mut highest, mut context) = (0, 0);
    while context < ContextId::ALL.len() {
        let mut kind = 0;
        while kind < PointKind::ALL.len() {
            if let Some(message) = ContextId::ALL[context].message(PointKind::ALL[kind]) {
                let (fields, mut at) = (message.def().fields, 0);
                while at < fields.len() {
                    highest = if fields[at].number > highest { fields[at].number } else { highest };
                    at += 1;
                }
            }
            kind += 1;
        }
        context += 1;
    }
    highest
}

/// What the scan of a kind of message has to look for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shape {
    /// The number of the attribute map, or 0.
    pub attributes: u32,
    /// Bits of the singular message fields, whose repeated occurrences merge.
    pub merged: u32,
    /// Bits of a oneof's fields: of these only the last occurrence counts.
    pub oneof: u32,
}

/// By level and kind of point: the shape of its messages, which is asked for in lowering for each path of the rules.
static SHAPES: [[Shape; PointKind::ALL.len()]; ContextId::ALL.len()] = shapes();

const fn shapes() -> [[Shape; PointKind::ALL.len()]; ContextId::ALL.len()] {
    let nothing = Shape { attributes: 0, merged: 0, oneof: 0 };
    let mut all = [[nothing; PointKind::ALL.len()]; ContextId::ALL.len()];
    let mut context = 0;
    while context < ContextId::ALL.len() {
        let mut kind = 0;
        while kind < PointKind::ALL.len() {
            let (level, kind_of) = (ContextId::ALL[context], PointKind::ALL[kind]);
            all[level as usize][kind_of as usize] = Shape::from_schema(level, kind_of);
            kind += 1;
        }
        context += 1;
    }
    all
}

impl Shape {
    /// What a level's messages look like.
    pub fn of(level: ContextId, kind: PointKind) -> Shape {
        SHAPES[level as usize][kind as usize]
    }

    const fn from_schema(level: ContextId, kind: PointKind) -> Shape {
        match level.message(kind) {
            Some(message) => {
                let def = message.def();
                let attributes = if let Some(number) = def.attributes() { number } else { 0 };
                Shape { attributes, merged: def.merged(), oneof: def.oneof() }
            }
            None => Shape { attributes: 0, merged: 0, oneof: 0 },
        }
    }

    /// The fields that cannot stand beside this one: all of its oneof, or itself alone.
    #[inline]
    pub const fn rivals(self, bit: u32) -> u32 {
        if self.oneof & bit == 0 { bit } else { self.oneof }
    }
}

/// What the input says of an attribute.
#[derive(Clone, Copy, Debug)]
pub(super) enum InputAttribute<'a> {
    /// There is none.
    Missing,
    /// The bytes of its `AnyValue`.
    Bytes(&'a [u8]),
    /// The pair of this number was written.
    Written(usize),
}

/// The messages of a list in a message, which lie together, as they are now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inner<'a> {
    /// The number of their field.
    pub number: u32,
    /// Where they lie.
    pub place: (u32, u32),
    /// Their fields.
    pub bytes: &'a [u8],
}

impl Inner<'_> {
    /// A bit for the field.
    #[inline]
    pub fn bit(&self) -> u32 {
        1 << self.number
    }

    /// Appends a message that nothing else was written to.
    pub fn emit_in(&self, raw: &[u8], out: &mut Vec<u8>) {
        let (start, end) = (self.place.0 as usize, self.place.1 as usize);
        out.extend_from_slice(raw.get(..start).unwrap_or_default());
        out.extend_from_slice(self.bytes);
        out.extend_from_slice(raw.get(end..).unwrap_or_default());
    }
}

/// Repeated messages that were written as a whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    pub number: u32,
    pub messages: &'a [u8],
}

/// One message under evaluation.
#[derive(Debug)]
pub(super) struct Node<'a> {
    raw: &'a [u8],
    /// How it was scanned.
    scan: &'a Scan,
    /// The kind of point message; the default for other records.
    pub kind: PointKind,
    fields: [Payload<'a>; FIELDS],
    present: u32,
    dirty: u32,
    /// The fields that the input has.
    in_input: u32,
    /// The fields whose content is in `fields` though nobody wrote it: merged occurrences.
    held: u32,
    /// Where each singular field's occurrence lies; true while `simple`.
    ranges: [(u32, u32); FIELDS],
    /// Where the attribute map's pairs lie, if they lie together.
    map_range: (u32, u32),
    /// How many bytes may be written of the attribute map: values may be shared, and writing repeats them.
    pub most_written: usize,
    /// No field that rules look at repeats but the attribute map, and its pairs lie together: the message can be written
    /// from `ranges` without another scan.
    simple: bool,
    /// The attribute map; empty when the scan ignored it.
    map: MapEdit<'a>,
    parts: Vec<Part<'a>>,
    /// Parts that were read and not written since.
    parts_read: Vec<Part<'a>>,
}

impl<'a> Node<'a> {
    /// A node that holds no message yet, in the arena, with the memory of another one's attribute map. Who has it gives back what it
    /// owns ([`Node::release`]).
    // PERF (messages of one record): it is large, and made where it stays: nothing is called between its parts.
    pub fn new(memory: MapMemory, most_written: usize, arena: &'a Arena) -> &'a mut Node<'a> {
        let map = MapEdit::with_memory(memory);
        arena.placed(|| Node {
            raw: &[],
            scan: &NO_SCAN,
            kind: PointKind::Number,
            fields: [Payload::Varint(0); FIELDS],
            present: 0,
            dirty: 0,
            in_input: 0,
            held: 0,
            ranges: [(0, 0); FIELDS],
            map_range: (0, 0),
            most_written,
            simple: true,
            map,
            parts: Vec::new(),
            parts_read: Vec::new(),
        })
    }

    /// Gives up all that lies outside of the arena: the memory of its attribute map.
    pub fn release(&mut self) -> MapMemory {
        (self.parts, self.parts_read) = (Vec::new(), Vec::new());
        self.map.take_memory()
    }
}

impl<'a> Node<'a> {
    /// The message as it came in.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// The content of a singular field, as last written or as in the input.
    #[inline]
    pub fn field(&self, number: u32) -> FieldValue<'a> {
        let bit = 1 << number;
        if self.present & bit == 0 {
            return FieldValue::Absent;
        }
        if (self.dirty | self.held) & bit != 0 {
            return FieldValue::Present(self.fields[number as usize]);
        }
        let (start, end) = self.ranges[number as usize];
        field_at(&self.raw[start as usize..end as usize])
    }

    /// Whether a field is there; of a oneof, whether it is the one that is set.
    #[inline]
    pub fn has(&self, number: u32) -> bool {
        self.present & 1 << number != 0
    }

    /// The bytes of a singular message field, empty when absent or of another wire type.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn message(&self, number: u32) -> &'a [u8] {
        match self.field(number) {
            FieldValue::Present(Payload::Bytes(b)) => b,
            _ => &[],
        }
    }

    /// Whether a field was written.
    #[inline]
    pub fn is_dirty(&self, number: u32) -> bool {
        self.dirty & 1 << number != 0
    }

    /// Writes a singular field; one of a oneof clears the others.
    pub fn set_field(&mut self, number: u32, value: FieldValue<'a>) {
        if !self.parts_read.is_empty() {
            self.parts_read.retain(|p| p.number != number);
        }
        let bit = 1 << number;
        if self.scan.shape.oneof & bit != 0 {
            self.dirty |= self.present & self.scan.shape.oneof;
            self.present &= !self.scan.shape.oneof;
        }
        match value {
            FieldValue::Absent => self.present &= !bit,
            FieldValue::Present(payload) => {
                self.fields[number as usize] = payload;
                self.present |= bit;
            }
        }
        self.dirty |= bit;
    }

    /// What the input says of an attribute.
    ///
    /// # Errors
    /// Damage in what is walked.
    #[inline]
    pub fn input_attribute(&self, key: NamedKey<'_>) -> Result<InputAttribute<'a>, WireError> {
        Ok(match self.map.find_named(key)? {
            None => InputAttribute::Missing,
            Some(idx) => self.map.input_value(idx)?.map_or(InputAttribute::Written(idx), InputAttribute::Bytes),
        })
    }

    /// The attribute map, to be changed by key.
    #[inline]
    pub fn map(&mut self) -> &mut MapEdit<'a> {
        &mut self.map
    }

    /// Takes the attribute map out, for an editor; [`Node::put_map`] brings it back.
    ///
    /// # Errors
    /// Damage in a pair's framing.
    pub fn take_map(&mut self) -> Result<MapEdit<'a>, WireError> {
        self.map.verify()?;
        Ok(std::mem::take(&mut self.map))
    }

    /// A copy of the attribute map, for an editor that reads the map while it edits it.
    ///
    /// # Errors
    /// As [`Node::take_map`].
    pub fn copy_map(&mut self) -> Result<MapEdit<'a>, WireError> {
        self.map.verify()?;
        Ok(self.map.clone())
    }

    /// Brings the attribute map back.
    pub fn put_map(&mut self, map: MapEdit<'a>) {
        self.map = map;
    }

    /// The messages of a repeated or singular message field, each with its length before it, and their number.
    /// Reading twice gives the same memory, which is how a part is known to be the same.
    ///
    /// # Errors
    /// The wrong wire type.
    pub fn part(&mut self, number: u32, arena: &'a Arena) -> Result<(&'a [u8], u32), EvalError> {
        let known = self.parts.iter().chain(&self.parts_read).find(|p| p.number == number);
        if let Some(part) = known {
            return Ok((part.messages, messages(part.messages).count() as u32));
        }
        let mut out = Vec::new();
        let mut count = 0;
        if self.dirty & 1 << number != 0 || self.scan.shape.merged & 1 << number != 0 {
            let message = self.message(number);
            put_varint(&mut out, message.len() as u64);
            out.extend_from_slice(message);
            count = 1;
        } else {
            let mut reader = Reader::new(self.raw);
            while let Some(field) = reader.next_field()? {
                if field.number == number {
                    put_varint(&mut out, field.bytes()?.len() as u64);
                    out.extend_from_slice(field.bytes()?);
                    count += 1;
                }
            }
        }
        let messages = with_address(&out, arena)?;
        self.parts_read.push(Part { number, messages });
        Ok((messages, count))
    }

    /// How many messages a list has.
    ///
    /// # Errors
    /// The wrong wire type.
    pub fn count(&self, number: u32) -> Result<i64, WireError> {
        match self.parts.iter().find(|part| part.number == number) {
            Some(part) => Ok(messages(part.messages).count() as i64),
            None => count_fields(self.raw, number),
        }
    }

    /// Writes all messages of a field at once; answers whether that writes anything.
    pub fn set_part(&mut self, number: u32, part: Option<Struct<'a>>) -> bool {
        // Copied into itself, a part stays what it is.
        let same = |known: &Part<'_>| part.is_some_and(|p| std::ptr::eq(p.messages, known.messages));
        if self.parts.iter().chain(&self.parts_read).any(|known| known.number == number && same(known)) {
            return false;
        }
        self.parts_read.retain(|p| p.number != number);
        self.parts.retain(|p| p.number != number);
        self.parts.push(Part { number, messages: part.map_or(&[], |p| p.messages) });
        self.present &= !(1 << number);
        self.dirty &= !(1 << number);
        // A singular message is read through the table of fields.
        if self.scan.shape.merged & 1 << number != 0
            && let Some(first) = part.and_then(|p| messages(p.messages).next())
        {
            self.parts.pop();
            self.set_field(number, FieldValue::Present(Payload::Bytes(first)));
        }
        true
    }

    /// Whether anything was written.
    #[inline]
    pub fn changed(&self) -> bool {
        self.dirty != 0 || !self.parts.is_empty() || self.map.changed()
    }

    /// Whether a list of messages was written as a whole.
    pub fn replaces(&self, number: u32) -> bool {
        self.parts.iter().any(|p| p.number == number)
    }

    /// Bits of the fields whose output differs from the input.
    pub fn written(&self) -> u32 {
        let oneof = if self.dirty & self.scan.shape.oneof != 0 { self.scan.shape.oneof } else { 0 };
        let map = if self.map.changed() { 1 << self.scan.shape.attributes } else { 0 };
        self.parts.iter().fold(self.dirty | oneof | map, |bits, part| bits | 1 << part.number)
    }

    /// Bits of the fields that were written, if nothing else was and it is known where they lie.
    #[inline]
    pub fn written_fields(&self) -> Option<u32> {
        (self.simple && self.parts.is_empty() && !self.map.changed()).then_some(self.dirty)
    }

    /// Where the first of these fields lies that the input has, and its number.
    #[inline]
    pub fn first_of(&self, fields: u32) -> Option<(usize, usize, u32)> {
        first_of(&self.ranges, fields & self.in_input)
    }

    /// Whether a field's output differs from the input.
    #[inline]
    pub fn rewrites(&self, number: u32) -> bool {
        // Where one of a oneof is written, no other may come after it.
        (number as usize) < FIELDS && self.dirty & self.scan.shape.rivals(1 << number) != 0
            || number == self.scan.shape.attributes && self.map.changed()
            || self.parts.iter().any(|p| p.number == number)
    }
}
