//! One pass over a message that keeps where the fields are that rules look at; and searches that need no pass.

use ottl_core::edit::{KnownKeys, NamedKey, PairSearch};
use ottl_core::value::key_value;
use ottl_core::{Arena, EvalError};
use ottl_otlp::wire::{Payload, Reader, WireError, WireErrorKind, WireType};
use ottl_schema::{FieldValue, PointKind};

use super::fields::{MAX_LEN, PLACES, head_at, short_end};
use super::{InputAttribute, Node, Shape, merged};

/// How a kind of message is scanned for given rules.
#[derive(Debug)]
pub(in crate::fast) struct Scan {
    pub shape: Shape,
    /// Bits of the singular fields that rules look at; attributes are none.
    fields: u32,
    /// The tag of attributes, if they look at those; else no tag of one byte.
    pairs: u16,
    /// Bits of the fields that a compact record knows.
    compact: u32,
}

/// Bits of the fields that a compact record may know: those that have places.
const COMPACT: u32 = (2 << PLACES) - 1;

/// No tag of one byte.
const NO_TAG: u16 = 0x100;

/// The scan of a node that holds no message yet.
pub(super) static NO_SCAN: Scan =
    Scan { shape: Shape { attributes: 0, merged: 0, oneof: 0 }, fields: 0, pairs: NO_TAG, compact: 0 };

impl Scan {
    /// A scan that keeps these fields, and the attribute map or not.
    pub fn new(shape: Shape, fields: u32, pairs: bool) -> Scan {
        let fields = fields & !(1 << shape.attributes);
        let compact = fields & COMPACT;
        Scan { shape, fields, pairs: if pairs { (shape.attributes as u16) << 3 | 2 } else { NO_TAG }, compact }
    }

    /// The same, of which a compact record also knows the members of the message's oneof.
    pub fn with_oneof(self) -> Scan {
        Scan { compact: (self.compact | self.shape.oneof) & COMPACT, ..self }
    }

    /// Whether rules look at attributes.
    pub fn has_pairs(&self) -> bool {
        self.pairs != NO_TAG
    }

    /// Whether rules look at singular fields.
    pub fn any_field(&self) -> bool {
        self.fields != 0
    }

    /// Whether fields with this one-byte tag are attributes that rules look at.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn is_pair(&self, tag: u8) -> bool {
        u16::from(tag) == self.pairs
    }

    /// The tag of attributes that rules look at, or no tag of one byte.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn pairs(&self) -> u16 {
        self.pairs
    }

    /// Whether rules look at the singular field of this number.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn is_wanted(&self, number: u32) -> bool {
        self.fields.checked_shr(number).unwrap_or(0) & 1 != 0
    }

    /// Bits of the wanted fields that a compact record knows.
    #[inline]
    pub fn compact_fields(&self) -> u32 {
        self.compact
    }

    /// The tag of attributes.
    #[inline]
    pub fn attribute_tag(&self) -> u8 {
        (self.shape.attributes << 3 | 2) as u8
    }
}

impl<'a> Node<'a> {
    /// Scans a message.
    ///
    /// # Errors
    /// Damage of the message's framing.
    pub fn load(
        &mut self,
        raw: &'a [u8],
        scan: &'a Scan,
        kind: PointKind,
        keys: &'a KnownKeys,
        arena: &'a Arena,
    ) -> Result<(), EvalError> {
        self.raw = raw;
        self.scan = scan;
        self.kind = kind;
        self.present = 0;
        self.dirty = 0;
        self.held = 0;
        self.map.start(raw, keys);
        self.parts.clear();
        self.parts_read.clear();
        self.simple = true;
        self.map_range = (0, 0);
        if u32::try_from(raw.len()).is_err() {
            // Offsets are 32 bits; a record of 4 GiB cannot be.
            return Err(WireError::new(WireErrorKind::Truncated, 0).into());
        }
        // PERF (benches, every row): nearly all fields are short, and nearly all of them are attributes or nothing that
        // rules look at. They are told by their first byte; only ranges are kept, and nothing is decoded.
        let mut pos = 0;
        while raw.len() <= MAX_LEN
            && let Some(head) = head_at(raw, pos as u32)
        {
            let tag = head as u8;
            if scan.is_pair(tag) {
                let end = self.map.load_fields(pos, tag);
                if end > pos {
                    self.map_field(pos, end);
                    pos = end;
                    continue;
                }
            } else {
                let (end, number) = (short_end(head, pos as u32) as usize, u32::from(tag >> 3));
                if end <= raw.len() && number != 0 {
                    if scan.is_wanted(number) {
                        self.own_field(number, pos, end);
                    }
                    pos = end;
                    continue;
                }
            }
            pos = self.any_field(pos)?;
        }
        while pos < raw.len() {
            pos = self.any_field(pos)?;
        }
        if self.held != 0 {
            self.merge_held(arena)?;
        }
        self.in_input = self.present;
        Ok(())
    }

    /// Passes over the field at `pos`, whatever it is; answers where it ends.
    #[inline(never)]
    fn any_field(&mut self, pos: usize) -> Result<usize, WireError> {
        let mut reader = Reader::new(&self.raw[pos..]);
        let Some(field) = reader.next_field().map_err(|e| e.offset_by(pos))? else { return Ok(self.raw.len()) };
        let end = pos + field.end;
        if field.number == self.scan.shape.attributes {
            field.bytes().map_err(|e| e.offset_by(pos))?;
            if self.scan.pairs != NO_TAG {
                self.map.load_field(pos as u32);
            }
            self.map_field(pos, end);
        } else if self.scan.is_wanted(field.number) {
            self.own_field(field.number, pos, end);
        }
        Ok(end)
    }

    #[inline]
    fn map_field(&mut self, start: usize, end: usize) {
        if self.map_range.1 != start as u32 {
            self.simple &= self.map_range == (0, 0);
            self.map_range.0 = start as u32;
        }
        self.map_range.1 = end as u32;
    }

    #[inline]
    fn own_field(&mut self, number: u32, start: usize, end: usize) {
        let Some(place) = self.ranges.get_mut(number as usize) else { return };
        let bit = 1 << number;
        if self.present & self.scan.shape.rivals(bit) != 0 {
            return self.repeated_field(number, start, end);
        }
        *place = (start as u32, end as u32);
        self.present |= bit;
    }

    /// A field that is there already, or another one of its oneof.
    #[cold]
    fn repeated_field(&mut self, number: u32, start: usize, end: usize) {
        let bit = 1 << number;
        self.simple = false;
        if self.scan.shape.merged & bit != 0 {
            // Its occurrences are put together when all are known.
            self.held |= bit;
            return;
        }
        if self.scan.shape.oneof & bit != 0 {
            self.present &= !self.scan.shape.oneof;
        }
        self.ranges[number as usize] = (start as u32, end as u32);
        self.present |= bit;
    }

    /// Puts the occurrences of singular messages together. What comes of it counts as written, but is what the input
    /// says: only what `dirty` names goes to the output.
    #[cold]
    fn merge_held(&mut self, arena: &'a Arena) -> Result<(), EvalError> {
        let mut left = self.held;
        while left != 0 {
            let number = left.trailing_zeros();
            left &= left - 1;
            self.fields[number as usize] = Payload::Bytes(merged(self.raw, number, arena)?);
        }
        Ok(())
    }
}

/// What a message says of an attribute, by a walk that ends where the attribute is found.
///
/// # Errors
/// Damage in what is walked.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(in crate::fast) fn raw_attribute<'a>(
    raw: &'a [u8],
    number: u32,
    key: NamedKey<'_>,
) -> Result<InputAttribute<'a>, WireError> {
    match short_attribute(raw, (number << 3 | 2) as u8, key) {
        (0, _) => Ok(InputAttribute::Missing),
        (u32::MAX, from) => irregular_attribute(raw, from, number, key.key),
        (start, end) => Ok(InputAttribute::Bytes(raw.get(start as usize..end as usize).unwrap_or_default())),
    }
}

/// Where the `AnyValue` of an attribute starts and ends in a message, whose tag of attributes this is; 0 if there is none. A
/// number past every message, and where the walk has come to, if that is something that is written as few are.
///
/// PERF (filter-logs, filter-spans): nearly all fields have a tag of one byte and a length of one or two.
#[inline(never)]
fn short_attribute(raw: &[u8], attributes: u8, key: NamedKey<'_>) -> (u32, u32) {
    let mut pos = 0;
    if raw.len() > MAX_LEN {
        return (u32::MAX, 0);
    }
    while let Some(head) = head_at(raw, pos) {
        let tag = head as u8;
        let from = pos;
        if tag == attributes {
            let PairSearch { pos: passed, value } = key.search_pairs(raw, pos, tag);
            if value.0 != 0 {
                return value;
            }
            pos = passed;
        } else if tag >= 8 {
            pos = short_end(head, pos);
        }
        if pos == from || pos as usize > raw.len() {
            return (u32::MAX, from);
        }
    }
    (0, 0)
}

/// The same from a field on that is written as few are.
#[inline(never)]
fn irregular_attribute<'a>(raw: &'a [u8], from: u32, number: u32, key: &[u8]) -> Result<InputAttribute<'a>, WireError> {
    let from = from as usize;
    let mut reader = Reader::new(raw.get(from..).unwrap_or_default());
    while let Some(field) = reader.next_field().map_err(|e| e.offset_by(from))? {
        if field.number == number {
            let pair = key_value(field.bytes().map_err(|e| e.offset_by(from))?)?;
            if pair.key == key {
                return Ok(InputAttribute::Bytes(pair.value));
            }
        }
    }
    Ok(InputAttribute::Missing)
}

/// A singular field of a message: its last occurrence.
///
/// # Errors
/// Damage of the message's framing.
pub(in crate::fast) fn last_field(message: &[u8], number: u32) -> Result<FieldValue<'_>, WireError> {
    let mut found = FieldValue::Absent;
    let mut pos = 0;
    loop {
        if message.len() <= MAX_LEN {
            pos = pass_others(message, pos as u32, number) as usize;
        }
        let mut reader = Reader::new(message.get(pos..).unwrap_or_default());
        let Some(field) = reader.next_field().map_err(|e| e.offset_by(pos))? else { break };
        if field.number == number {
            found = FieldValue::Present(field.payload);
        }
        pos += field.end;
    }
    Ok(found)
}

/// From `pos` on, where the first field of a message is that has this number or is written as few are, or where it ends.
#[inline(never)]
pub(in crate::fast) fn next_field_of(message: &[u8], pos: usize, number: u32) -> usize {
    if message.len() > MAX_LEN { pos } else { pass_others(message, pos as u32, number) as usize }
}

/// From `pos` on, where the first field is that has this number or is written as few are, or where the message ends.
///
/// PERF (filter-logs): nearly all fields have a tag of one byte and a length of one or two.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn pass_others(message: &[u8], mut pos: u32, number: u32) -> u32 {
    let mut last = pos;
    while let Some(head) = head_at(message, pos) {
        let tag = head as u8;
        if tag < 8 || u32::from(tag >> 3) == number {
            break;
        }
        last = pos;
        pos = short_end(head, pos);
    }
    // One that ends behind the message is damaged, or longer than these are.
    if pos as usize > message.len() { last } else { pos }
}

/// Wire types of fields whose tags have one byte.
const TEXT: u8 = WireType::Len as u8;
const NUMBER: u8 = WireType::Varint as u8;
const FIXED: u8 = WireType::Fixed64 as u8;

/// A field from its bytes, which a scan has seen to be sound; absent if there are none.
///
/// PERF (tenant): nearly all fields that rules look at are short texts and small numbers, and times, which have eight bytes.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(in crate::fast) fn field_at(field: &[u8]) -> FieldValue<'_> {
    if let [tag, first @ ..0x80, rest @ ..] = field {
        match tag & 0x87 {
            TEXT if rest.len() == usize::from(*first) => return FieldValue::Present(Payload::Bytes(rest)),
            NUMBER if rest.is_empty() => return FieldValue::Present(Payload::Varint(u64::from(*first))),
            _ => {}
        }
    }
    if let Ok([tag, a, b, c, d, e, f, g, h]) = <[u8; 9]>::try_from(field)
        && tag & 0x87 == FIXED
    {
        return FieldValue::Present(Payload::Fixed64(u64::from_le_bytes([a, b, c, d, e, f, g, h])));
    }
    longer_field_at(field)
}

#[inline(never)]
fn longer_field_at(field: &[u8]) -> FieldValue<'_> {
    Reader::new(field)
        .next_field()
        .ok()
        .flatten()
        .map_or(FieldValue::Absent, |field| FieldValue::Present(field.payload))
}

/// The bytes of such a field; none if it has another wire type.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(in crate::fast) fn bytes_at(field: &[u8]) -> &[u8] {
    match field {
        [tag, first @ ..0x80, rest @ ..] if tag & 0x87 == TEXT && rest.len() == usize::from(*first) => rest,
        // A length of two bytes.
        [tag, low @ 0x80..=0xff, high @ ..0x80, rest @ ..]
            if tag & 0x87 == TEXT && rest.len() == usize::from(*low & 0x7f) | usize::from(*high) << 7 =>
        {
            rest
        }
        _ => bytes_of(&longer_field_at(field)),
    }
}

/// The bytes of a field; none if it has another wire type.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(in crate::fast) fn bytes_of<'a>(field: &FieldValue<'a>) -> &'a [u8] {
    match field {
        FieldValue::Present(Payload::Bytes(bytes)) => bytes,
        _ => &[],
    }
}
