//! One pass over a message that keeps where the fields are that rules look at; and searches that need no pass.

use ottl_core::Bump;
use ottl_core::edit::KnownKeys;
use ottl_core::value::key_value;
use ottl_otlp::wire::{Payload, Reader, WireError, WireErrorKind};
use ottl_schema::{FieldValue, PointKind};

use super::{InputAttribute, Node, Shape};

/// What rules look at in a kind of message.
#[derive(Clone, Copy, Debug)]
pub(in crate::fast) struct Wanted<'a> {
    /// The keys of the attribute map that they name.
    pub keys: &'a KnownKeys,
    /// Bits of the singular fields.
    pub fields: u32,
    /// Whether they look at the attribute map.
    pub pairs: bool,
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

/// Where the field at `pos` ends that has this one-byte tag, if it has a length or value of one byte or a fixed width;
/// else, or beyond what an address can be, a number past every message.
///
/// PERF: a look-up by tag is what a field that nobody wants costs.
#[inline]
fn short_field_end(raw: &[u8], pos: usize, tag: u8) -> usize {
    match (STEPS[usize::from(tag)], raw.get(pos + 1)) {
        (LEN, Some(&len)) if len < 0x80 => pos + 2 + usize::from(len),
        (VARINT, Some(&value)) if value < 0x80 => pos + 2,
        (OTHER | LEN | VARINT, _) => usize::MAX,
        (fixed, _) => pos + usize::from(fixed),
    }
}

impl<'a> Node<'a> {
    /// Scans a message. `pairs` says what becomes of the attribute map.
    ///
    /// # Errors
    /// Damage of the message's framing.
    pub fn load(
        &mut self,
        raw: &'a [u8],
        shape: Shape,
        kind: PointKind,
        wanted: Wanted<'a>,
        arena: &'a Bump,
    ) -> Result<(), WireError> {
        self.raw = raw;
        self.wanted = wanted.fields;
        self.shape = shape;
        self.kind = kind;
        self.present = 0;
        self.dirty = 0;
        self.held = 0;
        self.map.start(raw, wanted.keys);
        self.parts.clear();
        self.parts_read.clear();
        self.simple = true;
        self.map_range = (0, 0);
        if u32::try_from(raw.len()).is_err() {
            // Offsets are 32 bits; a record of 4 GiB cannot be.
            return Err(WireError::new(WireErrorKind::Truncated, 0));
        }
        let keep_pairs = wanted.pairs;
        // PERF (benches, every row): nearly all fields are short and length-delimited, and nearly all of those are
        // attributes. They are told by two bytes; only ranges are kept, and nothing is decoded.
        let attribute_tag = (shape.attributes << 3 | 2) as u8;
        let mut pos = 0;
        while let Some(&tag) = raw.get(pos) {
            if tag == attribute_tag && keep_pairs {
                let end = self.map.load_short_fields(pos, tag);
                if end > pos {
                    self.map_field(pos, end);
                    pos = end;
                    continue;
                }
            }
            let end = short_field_end(raw, pos, tag);
            if end > raw.len() || tag == attribute_tag {
                pos = self.any_field(pos, keep_pairs, arena)?;
            } else {
                if wanted.fields >> (tag >> 3) & 1 != 0 {
                    self.own_field(u32::from(tag >> 3), pos, end, arena);
                }
                pos = end;
            }
        }
        self.in_input = self.present;
        Ok(())
    }

    /// Passes over the field at `pos`, whatever it is; answers where it ends.
    #[inline(never)]
    fn any_field(&mut self, pos: usize, keep_pairs: bool, arena: &'a Bump) -> Result<usize, WireError> {
        let mut reader = Reader::new(&self.raw[pos..]);
        let Some(field) = reader.next_field().map_err(|e| e.offset_by(pos))? else { return Ok(self.raw.len()) };
        let end = pos + field.end;
        if field.number == self.shape.attributes {
            field.bytes().map_err(|e| e.offset_by(pos))?;
            if keep_pairs {
                self.map.load_field(pos as u32, end as u32);
            }
            self.map_field(pos, end);
        } else {
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
        if self.wanted.checked_shr(number).unwrap_or(0) & 1 == 0 {
            return;
        }
        let Some(place) = self.ranges.get_mut(number as usize) else { return };
        let bit = 1 << number;
        if self.present & self.shape.rivals(bit) != 0 {
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
        if self.shape.merged & bit != 0 && self.present & bit != 0 {
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
        if self.shape.oneof & bit != 0 {
            self.present &= !self.shape.oneof;
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
    // PERF (filter-logs, filter-spans): nearly all fields have a tag and a length of one byte, nearly all keys stand first
    // in their pairs.
    while let Some(&tag) = raw.get(pos) {
        let end = short_field_end(raw, pos, tag);
        if tag != attributes && end <= raw.len() {
            pos = end;
            continue;
        }
        if let Some([_, _, content @ ..]) = raw.get(pos..end) {
            pos = end;
            if let [0x0a, key_len, inner @ ..] = content
                && let Some((found, [0x12, value_len, value @ ..])) = inner.split_at_checked(usize::from(*key_len))
                && usize::from(*value_len) == value.len()
            {
                if found == key {
                    return Ok(InputAttribute::Bytes(value));
                }
                continue;
            }
            let pair = key_value(content)?;
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
        let end = short_field_end(message, pos, tag);
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
