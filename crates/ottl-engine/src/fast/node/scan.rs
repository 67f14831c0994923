//! One pass over a message that keeps where the fields are that rules look at; and searches that need no pass.

use ottl_core::edit::{KnownKeys, short_pair};
use ottl_core::value::key_value;
use ottl_core::{Arena, EvalError};
use ottl_otlp::wire::{Payload, Reader, WireError, WireErrorKind};
use ottl_schema::{FieldValue, PointKind};

use super::fields::short_field_end;
use super::{InputAttribute, Node, Shape, merged};

/// How a kind of message is scanned for given rules.
#[derive(Debug)]
pub(in crate::fast) struct Scan {
    pub shape: Shape,
    /// Bits of the singular fields that rules look at.
    fields: u32,
    /// The tag of attributes, if they look at those; else no tag of one byte.
    pairs: u16,
}

/// No tag of one byte.
const NO_TAG: u16 = 0x100;

/// The scan of a node that holds no message yet.
pub(super) static NO_SCAN: Scan =
    Scan { shape: Shape { attributes: 0, merged: 0, oneof: 0 }, fields: 0, pairs: NO_TAG };

impl Scan {
    /// A scan that keeps these fields, and the attribute map or not.
    pub fn new(shape: Shape, fields: u32, pairs: bool) -> Scan {
        Scan { shape, fields, pairs: if pairs { (shape.attributes as u16) << 3 | 2 } else { NO_TAG } }
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
    #[inline(always)]
    pub fn is_pair(&self, tag: u8) -> bool {
        u16::from(tag) == self.pairs
    }

    /// The tag of attributes that rules look at, or no tag of one byte.
    #[inline(always)]
    pub fn pairs(&self) -> u16 {
        self.pairs
    }

    /// Whether rules look at the singular field of this number.
    #[inline(always)]
    pub fn is_wanted(&self, number: u32) -> bool {
        self.fields.checked_shr(number).unwrap_or(0) & 1 != 0
    }

    /// Bits of the wanted fields that have tags of one byte.
    #[inline(always)]
    pub fn short_fields(&self) -> u32 {
        self.fields & 0xffff
    }

    /// Bits of the wanted fields that a compact record knows: those with a tag of one byte that are none of a oneof.
    #[inline]
    pub fn compact_fields(&self) -> u32 {
        self.fields & 0xffff & !self.shape.oneof & !(1 << self.shape.attributes)
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
        while let Some(&tag) = raw.get(pos) {
            if scan.is_pair(tag) {
                let end = self.map.load_fields(pos, tag);
                if end > pos {
                    self.map_field(pos, end);
                    pos = end;
                    continue;
                }
            } else {
                let end = short_field_end(raw, pos, tag);
                if end <= raw.len() {
                    let number = u32::from(tag >> 3);
                    if scan.is_wanted(number) {
                        self.own_field(number, pos, end);
                    }
                    pos = end;
                    continue;
                }
            }
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
pub(in crate::fast) fn raw_attribute<'a>(
    raw: &'a [u8],
    number: u32,
    key: &[u8],
) -> Result<InputAttribute<'a>, WireError> {
    let attributes = (number << 3 | 2) as u8;
    let mut pos = 0;
    // PERF (filter-logs, filter-spans): nearly all fields have a tag of one byte and a length of one or two.
    while let Some(&tag) = raw.get(pos) {
        if tag == attributes {
            if let Some(pair) = short_pair(raw, pos) {
                if usize::from(pair.key_len) == key.len() && raw.get(pair.key_at..pair.key_at + key.len()) == Some(key)
                {
                    return Ok(InputAttribute::Bytes(raw.get(pair.value_at..pair.value_end).unwrap_or_default()));
                }
                pos = pair.end;
                continue;
            }
        } else {
            let end = short_field_end(raw, pos, tag);
            if end <= raw.len() {
                pos = end;
                continue;
            }
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
pub(in crate::fast) fn payload_at(field: &[u8]) -> Option<Payload<'_>> {
    Reader::new(field).next_field().ok().flatten().map(|f| f.payload)
}
