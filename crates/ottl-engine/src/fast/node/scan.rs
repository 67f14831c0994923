//! One pass over a message that keeps where the fields are that rules look at; and searches that need no pass.

use ottl_core::Bump;
use ottl_core::edit::KnownKeys;
use ottl_core::value::key_value;
use ottl_otlp::wire::{Payload, Reader, WireError, WireErrorKind};
use ottl_schema::{FieldValue, PointKind};

use super::{InputAttribute, Node, Shape};

/// How a kind of message is scanned for given rules.
#[derive(Debug)]
pub(in crate::fast) struct Scan {
    pub shape: Shape,
    /// Bits of the singular fields that rules look at.
    fields: u32,
    /// Whether they look at the attribute map.
    pairs: bool,
    /// What to do with a field, by its one-byte tag: one of [`STEPS`], perhaps with a flag.
    steps: [u8; 256],
}

/// Of a step: rules look at the field.
pub(in crate::fast) const WANTED: u8 = 0x40;
/// Of a step: the field holds a pair of the attribute map.
pub(in crate::fast) const PAIR: u8 = 0x80;

/// The scan of a node that holds no message yet.
pub(super) static NO_SCAN: Scan =
    Scan { shape: Shape { attributes: 0, merged: 0, oneof: 0 }, fields: 0, pairs: false, steps: STEPS };

impl Scan {
    /// A scan that keeps these fields, and the attribute map or not.
    pub fn new(shape: Shape, fields: u32, pairs: bool) -> Scan {
        let mut steps = STEPS;
        for (tag, step) in steps.iter_mut().enumerate() {
            if *step != OTHER && fields >> (tag >> 3) & 1 != 0 {
                *step |= WANTED;
            }
        }
        if pairs {
            steps[(shape.attributes << 3 | 2) as usize % 256] = LEN | PAIR;
        }
        Scan { shape, fields, pairs, steps }
    }

    /// What to do with a field that has this one-byte tag.
    #[inline(always)]
    pub fn step(&self, tag: u8) -> u8 {
        self.steps[usize::from(tag)]
    }

    /// The tag of attributes.
    #[inline]
    pub fn attribute_tag(&self) -> u8 {
        (self.shape.attributes << 3 | 2) as u8
    }
}

/// How to pass over a field by its one-byte tag: the bytes of a fixed-width one with its tag, or one of those below.
const STEPS: [u8; 256] = {
    let mut steps = [OTHER; 256];
    let mut tag = 8;
    while tag < 0x80 {
        steps[tag] = match tag & 7 {
            0 => VARINT,
            1 => 9,
            2 => LEN,
            5 => 5,
            _ => OTHER,
        };
        tag += 1;
    }
    steps
};
/// A tag of several bytes, or one that is an error.
const OTHER: u8 = 0;
/// A varint follows.
const VARINT: u8 = 1;
/// A length follows.
const LEN: u8 = 2;

/// Where the field at `pos` ends that is passed over by this step, if it has a length or value of one or two bytes or a
/// fixed width; else, or beyond what an address can be, a number past every message.
///
/// PERF: a look-up by tag is what a field that nobody wants costs.
#[inline(always)]
pub(in crate::fast) fn short_field_end(raw: &[u8], pos: usize, step: u8) -> usize {
    let next = raw.get(pos + 1..).unwrap_or_default();
    match (step, next) {
        (LEN, [len, ..]) if *len < 0x80 => pos + 2 + usize::from(*len),
        (LEN, [low, high, ..]) if *high < 0x80 => pos + 3 + (usize::from(*low & 0x7f) | usize::from(*high) << 7),
        (VARINT, [value, ..]) if *value < 0x80 => pos + 2,
        (VARINT, [_, high, ..]) if *high < 0x80 => pos + 3,
        (OTHER | LEN | VARINT, _) => usize::MAX,
        (fixed, _) => pos + usize::from(fixed),
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
        arena: &'a Bump,
    ) -> Result<(), WireError> {
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
            return Err(WireError::new(WireErrorKind::Truncated, 0));
        }
        // PERF (benches, every row): nearly all fields are short, and nearly all of them are attributes or nothing that
        // rules look at. They are told by their first byte; only ranges are kept, and nothing is decoded.
        let mut pos = 0;
        while let Some(&tag) = raw.get(pos) {
            let step = scan.steps[usize::from(tag)];
            if step & PAIR != 0 {
                let end = self.map.load_fields(pos, tag);
                if end > pos {
                    self.map_field(pos, end);
                    pos = end;
                    continue;
                }
            } else {
                let end = short_field_end(raw, pos, step & !WANTED);
                if end <= raw.len() {
                    if step & WANTED != 0 {
                        self.own_field(u32::from(tag >> 3), pos, end, arena);
                    }
                    pos = end;
                    continue;
                }
            }
            pos = self.any_field(pos, arena)?;
        }
        self.in_input = self.present;
        Ok(())
    }

    /// Passes over the field at `pos`, whatever it is; answers where it ends.
    #[inline(never)]
    fn any_field(&mut self, pos: usize, arena: &'a Bump) -> Result<usize, WireError> {
        let mut reader = Reader::new(&self.raw[pos..]);
        let Some(field) = reader.next_field().map_err(|e| e.offset_by(pos))? else { return Ok(self.raw.len()) };
        let end = pos + field.end;
        if field.number == self.scan.shape.attributes {
            field.bytes().map_err(|e| e.offset_by(pos))?;
            if self.scan.pairs {
                self.map.load_field(pos as u32);
            }
            self.map_field(pos, end);
        } else if self.scan.fields.checked_shr(field.number).unwrap_or(0) & 1 != 0 {
            self.own_field(field.number, pos, end, arena);
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
    fn own_field(&mut self, number: u32, start: usize, end: usize, arena: &'a Bump) {
        let Some(place) = self.ranges.get_mut(number as usize) else { return };
        let bit = 1 << number;
        if self.present & self.scan.shape.rivals(bit) != 0 {
            return self.repeated_field(number, start, end, arena);
        }
        *place = (start as u32, end as u32);
        self.present |= bit;
    }

    /// A field that is there already, or another one of its oneof.
    #[cold]
    fn repeated_field(&mut self, number: u32, start: usize, end: usize, arena: &'a Bump) {
        let bit = 1 << number;
        self.simple = false;
        if self.scan.shape.merged & bit != 0 && self.present & bit != 0 {
            // Bytes that follow each other are protobuf's merge. The merged message counts as written, but is what the
            // input says: `merged_fields` keeps it out of the output.
            let after = payload_at(&self.raw[start..end]);
            if let (FieldValue::Present(Payload::Bytes(before)), Some(Payload::Bytes(after))) =
                (self.field(number), after)
            {
                let merged = arena.alloc_slice_fill_copy(before.len() + after.len(), 0);
                merged[..before.len()].copy_from_slice(before);
                merged[before.len()..].copy_from_slice(after);
                self.fields[number as usize] = Payload::Bytes(merged);
                self.held |= bit;
                return;
            }
        }
        if self.scan.shape.oneof & bit != 0 {
            self.present &= !self.scan.shape.oneof;
        }
        self.ranges[number as usize] = (start as u32, end as u32);
        self.present |= bit;
    }
}

/// What a message says of an attribute, by a walk that ends where the attribute is found.
///
/// # Errors
/// Damage in what is walked.
pub(in crate::fast) fn raw_attribute<'a>(
    raw: &'a [u8],
    number: u32,
    key: &[u8],
) -> Result<InputAttribute<'a>, WireError> {
    let attributes = (number << 3 | 2) as u8;
    let mut pos = 0;
    // PERF (filter-logs, filter-spans): nearly all fields have a tag of one byte and a length of one or two.
    while let Some(&tag) = raw.get(pos) {
        let end = short_field_end(raw, pos, STEPS[usize::from(tag)]);
        if tag != attributes && end <= raw.len() {
            pos = end;
            continue;
        }
        if let Some([_, len, content @ ..]) = raw.get(pos..end) {
            pos = end;
            let pair = key_value(if *len < 0x80 { content } else { &content[1..] })?;
            if pair.key == key {
                return Ok(InputAttribute::Bytes(pair.value));
            }
            continue;
        }
        let mut reader = Reader::new(&raw[pos..]);
        let Some(field) = reader.next_field().map_err(|e| e.offset_by(pos))? else { break };
        if field.number == number {
            let pair = key_value(field.bytes().map_err(|e| e.offset_by(pos))?)?;
            if pair.key == key {
                return Ok(InputAttribute::Bytes(pair.value));
            }
        }
        pos += field.end;
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
    while let Some(&tag) = message.get(pos) {
        let end = short_field_end(message, pos, STEPS[usize::from(tag)]);
        if end <= message.len() && u32::from(tag >> 3) != number {
            pos = end;
            continue;
        }
        let mut reader = Reader::new(&message[pos..]);
        let Some(field) = reader.next_field().map_err(|e| e.offset_by(pos))? else { break };
        if field.number == number {
            found = FieldValue::Present(field.payload);
        }
        pos += field.end;
    }
    Ok(found)
}

/// The payload of a field from its bytes, which a scan has seen to be sound.
#[inline]
pub(super) fn payload_at(field: &[u8]) -> Option<Payload<'_>> {
    Reader::new(field).next_field().ok().flatten().map(|f| f.payload)
}
