//! [`Node`]: one message of the tree (resource, scope, record, point …), scanned on demand and written through.
//!
//! A scan remembers where each singular field's last occurrence is and the raw pairs of the attribute map; nothing is
//! decoded. Writes go over it: later reads see them, and [`Node::emit`] writes them out. Attribute pairs become a
//! [`MapEdit`] only when something is written to the map.
//! INVARIANT: bits of `dirty` and entries of `parts` name exactly the fields whose output differs from `raw`.

use ottl_core::edit::{KnownKeys, MapEdit, NamedKey, Piece, Slot};
use ottl_core::value::{any_len, encode_any, encode_key_value, key_value, key_value_len};
use ottl_core::{Bump, EvalError, Struct, Value};
use ottl_otlp::wire::{
    Payload, Reader, WireError, WireErrorKind, WireType, put_fixed32_field, put_fixed64_field, put_len_field, put_tag,
    put_varint, put_varint_field, read_varint,
};
use ottl_schema::{FieldValue, PointKind};

/// `LogRecord.body`.
pub(super) const BODY: u32 = 5;

/// Field numbers below this are kept in the table; no OTLP record has a known field beyond.
pub(super) const FIELDS: usize = 18;

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

impl Shape {
    /// The fields that cannot stand beside this one: all of its oneof, or itself alone.
    #[inline]
    const fn rivals(self, bit: u32) -> u32 {
        if self.oneof & bit == 0 { bit } else { self.oneof }
    }
}

/// Shapes by context, source: the field numbers of opentelemetry-proto.
pub(super) mod shape {
    use super::Shape;
    use ottl_schema::PointKind;

    pub const RESOURCE: Shape = Shape { attributes: 1, merged: 0, oneof: 0 };
    pub const SCOPE: Shape = Shape { attributes: 3, merged: 0, oneof: 0 };
    pub const SPAN: Shape = Shape { attributes: 9, merged: 1 << 15, oneof: 0 };
    pub const EVENT: Shape = Shape { attributes: 3, merged: 0, oneof: 0 };
    pub const LOG: Shape = Shape { attributes: 6, merged: 1 << 5, oneof: 0 };
    pub const METRIC: Shape = Shape { attributes: 12, merged: 0, oneof: 1 << 5 | 1 << 7 | 1 << 9 | 1 << 10 | 1 << 11 };
    pub const EXEMPLAR: Shape = Shape { attributes: 7, merged: 0, oneof: 1 << 3 | 1 << 6 };

    pub const fn point(kind: PointKind) -> Shape {
        match kind {
            PointKind::Number => Shape { attributes: 7, merged: 0, oneof: 1 << 4 | 1 << 6 },
            PointKind::Histogram => Shape { attributes: 9, merged: 0, oneof: 0 },
            PointKind::Exponential => Shape { attributes: 1, merged: 1 << 8 | 1 << 9, oneof: 0 },
            PointKind::Summary => Shape { attributes: 7, merged: 0, oneof: 0 },
        }
    }
}

/// What rules look at in a kind of message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
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
    shape: Shape,
    /// Bits of the singular fields that rules look at.
    wanted: u32,
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
    /// No field that rules look at repeats but the attribute map, and its pairs lie together: the message can be written
    /// from `ranges` without another scan.
    simple: bool,
    /// The attribute map; empty when the scan ignored it.
    map: MapEdit<'a>,
    parts: Vec<Part<'a>>,
    /// Parts that were read and not written since.
    parts_read: Vec<Part<'a>>,
}

impl Default for Node<'_> {
    fn default() -> Self {
        Node {
            raw: &[],
            shape: Shape::default(),
            wanted: 0,
            kind: PointKind::Number,
            fields: [Payload::Varint(0); FIELDS],
            present: 0,
            dirty: 0,
            in_input: 0,
            held: 0,
            ranges: [(0, 0); FIELDS],
            map_range: (0, 0),
            simple: true,
            map: MapEdit::new(),
            parts: Vec::new(),
            parts_read: Vec::new(),
        }
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
        payload_at(&self.raw[start as usize..end as usize]).map_or(FieldValue::Absent, FieldValue::Present)
    }

    /// Whether a field is there; of a oneof, whether it is the one that is set.
    #[inline]
    pub fn has(&self, number: u32) -> bool {
        self.present & 1 << number != 0
    }

    /// The bytes of a singular message field, empty when absent or of another wire type.
    #[inline]
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
        if self.shape.oneof & bit != 0 {
            self.dirty |= self.present & self.shape.oneof;
            self.present &= !self.shape.oneof;
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

    /// The value of an attribute, or `None`.
    ///
    /// # Errors
    /// Damage in what is walked.
    #[inline]
    pub fn attribute(&self, key: NamedKey<'_>) -> Result<Option<Value<'a>>, EvalError> {
        match self.map.find_named(key)? {
            Some(idx) => self.map.value_at(idx).map(Some),
            None => Ok(None),
        }
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

    /// Brings the attribute map back.
    pub fn put_map(&mut self, map: MapEdit<'a>) {
        self.map = map;
    }

    /// The messages of a repeated or singular message field, each with its length before it, and their number.
    /// Reading twice gives the same memory, which is how a part is known to be the same.
    ///
    /// # Errors
    /// The wrong wire type.
    pub fn part(&mut self, number: u32, arena: &'a Bump) -> Result<(&'a [u8], u32), WireError> {
        let known = self.parts.iter().chain(&self.parts_read).find(|p| p.number == number);
        if let Some(part) = known {
            return Ok((part.messages, messages(part.messages).count() as u32));
        }
        let mut out = Vec::new();
        let mut count = 0;
        if self.dirty & 1 << number != 0 || self.shape.merged & 1 << number != 0 {
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
        let messages = with_address(&out, arena);
        self.parts_read.push(Part { number, messages });
        Ok((messages, count))
    }

    /// Writes all messages of a field at once.
    pub fn set_part(&mut self, number: u32, part: Option<Struct<'a>>) {
        // Copied into itself, a part stays what it is.
        let same = |known: &Part<'_>| part.is_some_and(|p| std::ptr::eq(p.messages, known.messages));
        if self.parts_read.iter().any(|known| known.number == number && same(known)) {
            return;
        }
        self.parts_read.retain(|p| p.number != number);
        self.parts.retain(|p| p.number != number);
        self.parts.push(Part { number, messages: part.map_or(&[], |p| p.messages) });
        self.present &= !(1 << number);
        self.dirty &= !(1 << number);
        // A singular message is read through the table of fields.
        if self.shape.merged & 1 << number != 0
            && let Some(first) = part.and_then(|p| messages(p.messages).next())
        {
            self.parts.pop();
            self.set_field(number, FieldValue::Present(Payload::Bytes(first)));
        }
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

    /// Whether a field's output differs from the input.
    #[inline]
    pub fn rewrites(&self, number: u32) -> bool {
        // Where one of a oneof is written, no other may come after it.
        (number as usize) < FIELDS && self.dirty & self.shape.rivals(1 << number) != 0
            || number == self.shape.attributes && self.map.changed()
            || self.parts.iter().any(|p| p.number == number)
    }

    /// Writes the message's content: untouched fields in runs as they are, every written one at its first place.
    ///
    /// # Errors
    /// Damage of the framing; cannot be after a successful scan.
    pub fn emit(&self, out: &mut Vec<u8>) -> Result<(), WireError> {
        out.reserve(self.raw.len() + 64);
        if self.simple && self.parts.is_empty() {
            self.emit_simple(out);
            return Ok(());
        }
        self.emit_scanned(out)
    }

    /// The same where fields repeat: the input is walked again.
    #[inline(never)]
    fn emit_scanned(&self, out: &mut Vec<u8>) -> Result<(), WireError> {
        let mut done = 0u32;
        let mut run = 0;
        let mut reader = Reader::new(self.raw);
        while let Some(field) = reader.next_field()? {
            if !self.rewrites(field.number) {
                continue;
            }
            out.extend_from_slice(&self.raw[run..field.start]);
            run = field.end;
            if done & 1 << field.number == 0 {
                done |= 1 << field.number;
                self.emit_field(field.number, out);
            }
        }
        out.extend_from_slice(&self.raw[run..]);
        self.emit_missing(done, out);
        Ok(())
    }

    /// The same for the message that nearly all are: written fields cut the input into runs, in the order of the input.
    fn emit_simple(&self, out: &mut Vec<u8>) {
        let mut rest = Rest { raw: self.raw, from: 0 };
        if self.dirty == 0 && self.map.changed() && self.map_range.1 != 0 {
            // PERF (structural, metrics): mostly only attributes change.
            self.emit_map(&mut rest, self.map_range.0 as usize, self.map_range.1 as usize, out);
            return rest.cut(self.raw.len(), self.raw.len(), out);
        }
        // The attribute map stands for itself under its own number, which the table of fields never holds.
        let map_bit = 1u32 << self.shape.attributes;
        let mut left = self.dirty & self.in_input;
        if self.map.changed() && self.map_range.1 != 0 {
            left |= map_bit;
        }
        let done = left;
        while left != 0 {
            // The next one in the input; there are rarely more than two.
            let mut bits = left;
            let mut next = (u32::MAX, 0, 0);
            while bits != 0 {
                let number = bits.trailing_zeros();
                bits &= bits - 1;
                let (start, end) = if 1 << number == map_bit { self.map_range } else { self.ranges[number as usize] };
                if start < next.0 {
                    next = (start, end, number);
                }
            }
            let (start, end, number) = next;
            left &= !(1 << number);
            if 1 << number == map_bit {
                self.emit_map(&mut rest, start as usize, end as usize, out);
            } else {
                rest.cut(start as usize, end as usize, out);
                self.emit_field(number, out);
            }
        }
        rest.cut(self.raw.len(), self.raw.len(), out);
        self.emit_missing(done, out);
    }

    /// Writes the pairs of the attribute map in the place of the input's `start..end`; what came together and stayed
    /// together, the fields around the map included, is one copy.
    fn emit_map(&self, rest: &mut Rest<'_>, start: usize, end: usize, out: &mut Vec<u8>) {
        let mut run_end = start;
        for piece in self.map.pieces() {
            match piece {
                Piece::Input(from, to) => {
                    if from != run_end {
                        rest.cut(run_end, from, out);
                    }
                    run_end = to;
                }
                Piece::Entry(entry) => {
                    rest.cut(run_end, run_end, out);
                    match entry.value {
                        _ if !entry.raw.is_empty() => put_len_field(out, self.shape.attributes, entry.raw),
                        Slot::Value(value) => put_pair(out, self.shape.attributes, entry.key, &value),
                        Slot::Wire(any) => put_wire_pair(out, self.shape.attributes, entry.key, any),
                    }
                }
            }
        }
        if run_end != end {
            rest.cut(run_end, end, out);
        }
    }

    /// Writes what was written to fields that the input does not have.
    fn emit_missing(&self, done: u32, out: &mut Vec<u8>) {
        let mut missing = self.dirty & !done;
        while missing != 0 {
            let number = missing.trailing_zeros();
            missing &= missing - 1;
            self.emit_field(number, out);
        }
        for part in &self.parts {
            if done & 1 << part.number == 0 {
                self.emit_field(part.number, out);
            }
        }
        if self.map.changed() && done & 1 << self.shape.attributes == 0 {
            self.emit_field(self.shape.attributes, out);
        }
    }

    /// Writes all there is now of one field.
    pub fn emit_field(&self, number: u32, out: &mut Vec<u8>) {
        if let Some(part) = self.parts.iter().find(|p| p.number == number) {
            for message in messages(part.messages) {
                put_len_field(out, number, message);
            }
            return;
        }
        if number == self.shape.attributes {
            // No field lies at the end of the message: all pairs are written.
            let mut rest = Rest { raw: self.raw, from: self.raw.len() };
            self.emit_map(&mut rest, self.raw.len(), self.raw.len(), out);
            rest.cut(self.raw.len(), self.raw.len(), out);
            return;
        }
        if let FieldValue::Present(payload) = self.field(number) {
            put_payload(out, number, payload);
        }
    }
}

/// What a message says of an attribute, by a walk that ends where the attribute is found.
///
/// # Errors
/// Damage in what is walked.
pub(super) fn raw_attribute<'a>(raw: &'a [u8], number: u32, key: &[u8]) -> Result<InputAttribute<'a>, WireError> {
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

/// What of a message has not been copied yet.
struct Rest<'r> {
    raw: &'r [u8],
    from: usize,
}

impl Rest<'_> {
    /// Copies up to `start` and goes on at `end`.
    #[inline]
    fn cut(&mut self, start: usize, end: usize, out: &mut Vec<u8>) {
        if self.from < start {
            out.extend_from_slice(&self.raw[self.from..start]);
        }
        self.from = end;
    }
}

/// Appends a pair of an attribute map.
#[inline]
fn put_pair(out: &mut Vec<u8>, number: u32, key: &[u8], value: &Value<'_>) {
    let any_len = any_len(value);
    let pair_len = key.len() + any_len + 4;
    if pair_len < 0x80 && !key.is_empty() && number < 16 {
        // PERF: the lengths of short pairs are one byte each, and known.
        out.extend_from_slice(&[(number << 3 | 2) as u8, pair_len as u8, 0x0a, key.len() as u8]);
        out.extend_from_slice(key);
        out.extend_from_slice(&[0x12, any_len as u8]);
        encode_any(out, value);
        return;
    }
    put_tag(out, number, WireType::Len);
    put_varint(out, key_value_len(key, value) as u64);
    encode_key_value(out, key, value);
}

/// A pair whose value is still on the wire but whose key is new.
fn put_wire_pair(out: &mut Vec<u8>, number: u32, key: &[u8], any: &[u8]) {
    let mut pair = Vec::with_capacity(key.len() + any.len() + 12);
    if !key.is_empty() {
        put_len_field(&mut pair, 1, key);
    }
    put_len_field(&mut pair, 2, any);
    put_len_field(out, number, &pair);
}

/// Bytes in the arena at an address of their own, even when there are none.
pub(super) fn with_address<'a>(bytes: &[u8], arena: &'a Bump) -> &'a [u8] {
    match bytes {
        [] => &arena.alloc([0u8])[..0],
        bytes => arena.alloc_slice_copy(bytes),
    }
}

/// The payload of a field from its bytes, which a scan has seen to be sound.
#[inline]
fn payload_at(field: &[u8]) -> Option<Payload<'_>> {
    Reader::new(field).next_field().ok().flatten().map(|f| f.payload)
}

/// Appends a field.
pub(super) fn put_payload(out: &mut Vec<u8>, number: u32, payload: Payload<'_>) {
    match payload {
        Payload::Varint(v) => put_varint_field(out, number, v),
        Payload::Fixed64(bits) => put_fixed64_field(out, number, bits),
        Payload::Fixed32(bits) => put_fixed32_field(out, number, bits),
        Payload::Bytes(bytes) => put_len_field(out, number, bytes),
    }
}

/// The bytes of an `AnyValue` message in the arena.
pub(super) fn any_bytes<'a>(value: &Value<'a>, arena: &'a Bump) -> &'a [u8] {
    let mut out = Vec::with_capacity(any_len(value));
    encode_any(&mut out, value);
    arena.alloc_slice_copy(&out)
}

/// The messages of a [`Struct`].
pub(super) fn messages(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let (len, at) = read_varint(bytes, 0).ok()?;
        let message = bytes.get(at..)?.get(..usize::try_from(len).ok()?)?;
        bytes = &bytes[at + message.len()..];
        Some(message)
    })
}

/// A copy of a message in the arena with one singular field replaced.
///
/// # Errors
/// Damage of the message's framing.
pub(super) fn with_field<'a>(
    message: &[u8],
    number: u32,
    value: FieldValue<'_>,
    arena: &'a Bump,
) -> Result<&'a [u8], WireError> {
    let mut out = Vec::with_capacity(message.len() + 16);
    let mut run = 0;
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field()? {
        if field.number == number {
            out.extend_from_slice(&message[run..field.start]);
            run = field.end;
        }
    }
    out.extend_from_slice(&message[run..]);
    if let FieldValue::Present(payload) = value {
        put_payload(&mut out, number, payload);
    }
    Ok(arena.alloc_slice_copy(&out))
}

/// A singular field of a message: its last occurrence.
///
/// # Errors
/// Damage of the message's framing.
pub(super) fn last_field(message: &[u8], number: u32) -> Result<FieldValue<'_>, WireError> {
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
