//! [`Record`]: one message as plain steps see it, in arrays of fixed size.
//!
//! INVARIANT: a scan either finds a message that is written as nearly all are, or gives it up; what it gives up is
//! scanned again by [`Node`](super::super::node::Node), which takes everything.

use ottl_core::edit::{KnownKeys, MAX_KNOWN, short_pair};
use ottl_otlp::wire::{Payload, Reader};
use ottl_schema::FieldValue;

use super::super::action::FieldLiteral;
use super::super::node::{PAIR, Scan, WANTED, put_payload, short_field_end};

/// How many attributes a plain message has at most.
const MAX_PAIRS: usize = 64;
/// How many pairs may be written to it.
const MAX_WRITTEN: usize = 16;
/// Fields with numbers below this have tags of one byte; no other is kept.
const FIELDS: usize = 16;

/// No pair.
const NONE: u8 = u8::MAX;

/// Where a pair is: a field of the message, or one of the written pairs.
///
/// PERF: one number, because it is moved soon after it was stored.
#[derive(Clone, Copy)]
struct Place(u64);

/// The start of what lies in no message.
const WRITTEN: u32 = u32::MAX;

impl Place {
    #[inline(always)]
    fn new(start: u32, end: u32) -> Place {
        Place(u64::from(start) << 32 | u64::from(end))
    }

    #[inline(always)]
    fn start(self) -> u32 {
        (self.0 >> 32) as u32
    }

    #[inline(always)]
    fn end(self) -> u32 {
        self.0 as u32
    }
}

/// A pair that is written as a whole.
#[derive(Clone, Copy, Debug)]
pub(in crate::fast) struct SizedPair<'a> {
    /// Its `KeyValue` with the length in front: the field without its tag.
    pub bytes: &'a [u8],
    /// Where the `KeyValue` starts in it.
    pub pair_at: usize,
    /// Where the `AnyValue` starts in it.
    pub any_at: usize,
}

impl<'a> SizedPair<'a> {
    /// The `KeyValue`.
    #[inline]
    pub fn pair(&self) -> &'a [u8] {
        &self.bytes[self.pair_at..]
    }

    /// The `AnyValue`.
    #[inline]
    pub fn any(&self) -> &'a [u8] {
        &self.bytes[self.any_at..]
    }
}

/// One message.
pub(in crate::fast) struct Record<'a> {
    raw: &'a [u8],
    /// The tag of attributes.
    tag: u8,
    pairs: [Place; MAX_PAIRS],
    count: usize,
    /// Where the attributes lie in the message, all together; `(0, 0)` if there are none.
    map: (u32, u32),
    map_changed: bool,
    /// How many known keys there are.
    known: usize,
    /// By the number of a known key: the number of its pair, or [`NONE`].
    place: [u8; MAX_KNOWN],
    /// By the number of a known key that has a pair: the `AnyValue`.
    value: [&'a [u8]; MAX_KNOWN],
    written: [&'a [u8]; MAX_WRITTEN],
    written_count: usize,
    /// Where the fields are that rules look at, by number.
    fields: [(u32, u32); FIELDS],
    present: u32,
    /// Bits of the fields that were written, and what was.
    dirty: u32,
    literals: [Option<&'a FieldLiteral>; FIELDS],
}

impl<'a> Record<'a> {
    /// No message yet.
    pub fn new() -> Record<'a> {
        Record {
            raw: &[],
            tag: 0,
            pairs: [Place(0); MAX_PAIRS],
            count: 0,
            map: (0, 0),
            map_changed: false,
            known: 0,
            place: [NONE; MAX_KNOWN],
            value: [&[]; MAX_KNOWN],
            written: [&[]; MAX_WRITTEN],
            written_count: 0,
            fields: [(0, 0); FIELDS],
            present: 0,
            dirty: 0,
            literals: [None; FIELDS],
        }
    }

    /// Takes up a message. `None` if it is not written as nearly all are.
    ///
    /// PERF (metrics, structural): everything that changes in the loop is local, and pairs are told by their members'
    /// tags and lengths; nothing is decoded.
    #[inline]
    pub fn scan(&mut self, raw: &'a [u8], scan: &Scan, keys: &KnownKeys) -> Option<()> {
        u32::try_from(raw.len()).ok().filter(|len| *len < WRITTEN)?;
        self.raw = raw;
        self.tag = scan.attribute_tag();
        self.known = keys.len();
        self.place = [NONE; MAX_KNOWN];
        self.map_changed = false;
        self.written_count = 0;
        self.dirty = 0;
        let (mut count, mut present, mut map, mut pos) = (0, 0u32, (0, 0), 0);
        while let Some(&tag) = raw.get(pos) {
            let step = scan.step(tag);
            if step & PAIR == 0 {
                let end = short_field_end(raw, pos, step & !WANTED);
                if end > raw.len() {
                    return None;
                }
                if step & WANTED != 0 {
                    let number = usize::from(tag >> 3) % FIELDS;
                    if present & 1 << number != 0 {
                        return None;
                    }
                    present |= 1 << number;
                    self.fields[number] = (pos as u32, end as u32);
                }
                pos = end;
                continue;
            }
            if map != (0, 0) {
                return None;
            }
            let start = pos;
            while raw.get(pos) == Some(&tag) {
                let pair = short_pair(raw, pos)?;
                *self.pairs.get_mut(count)? = Place::new(pos as u32, pair.end as u32);
                if keys.has_length(pair.key_len)
                    && let Some(number) = keys.number_at(raw, pair.key_at, pair.key_len)
                {
                    let number = usize::from(number) % MAX_KNOWN;
                    if self.place[number] != NONE {
                        return None;
                    }
                    self.place[number] = count as u8;
                    self.value[number] = raw.get(pair.value_at..pair.value_end)?;
                }
                count += 1;
                pos = pair.end;
            }
            map = (start as u32, pos as u32);
        }
        self.count = count;
        self.map = map;
        self.present = present;
        Some(())
    }

    /// The `AnyValue` of a known key, if it has a pair.
    #[inline]
    pub fn attribute(&self, known: u8) -> Option<&'a [u8]> {
        let number = usize::from(known) % MAX_KNOWN;
        (self.place[number] != NONE).then_some(self.value[number])
    }

    /// A singular field.
    #[inline]
    pub fn field(&self, number: u32) -> FieldValue<'a> {
        let idx = number as usize % FIELDS;
        if let (true, Some(literal)) = (self.dirty & 1 << idx != 0, self.literals[idx]) {
            return literal.content();
        }
        if self.present & 1 << idx == 0 {
            return FieldValue::Absent;
        }
        let (start, end) = self.fields[idx];
        let field = self.raw.get(start as usize..end as usize).unwrap_or_default();
        let payload = Reader::new(field).next_field().ok().flatten().map(|field| field.payload);
        payload.map_or(FieldValue::Absent, FieldValue::Present)
    }

    /// Writes a singular field.
    #[inline]
    pub fn set_field(&mut self, number: u32, literal: &'a FieldLiteral) {
        let idx = number as usize % FIELDS;
        self.literals[idx] = Some(literal);
        self.dirty |= 1 << idx;
    }

    /// Writes the pair of a known key. `None` if there is no room for it.
    #[inline]
    pub fn put(&mut self, known: u8, pair: SizedPair<'a>) -> Option<()> {
        let number = usize::from(known) % MAX_KNOWN;
        *self.written.get_mut(self.written_count)? = pair.bytes;
        let place = Place::new(WRITTEN, self.written_count as u32);
        match self.place[number] {
            NONE => {
                *self.pairs.get_mut(self.count)? = place;
                self.place[number] = self.count as u8;
                self.count += 1;
            }
            at => self.pairs[usize::from(at) % MAX_PAIRS] = place,
        }
        self.written_count += 1;
        self.value[number] = pair.any();
        self.map_changed = true;
        Some(())
    }

    /// Takes the pair of a known key out; the last one moves into its place. Whether there was one.
    #[inline]
    pub fn remove(&mut self, known: u8) -> bool {
        let number = usize::from(known) % MAX_KNOWN;
        let at = self.place[number];
        if at == NONE {
            return false;
        }
        self.count -= 1;
        let last = self.count;
        self.pairs[usize::from(at) % MAX_PAIRS] = self.pairs[last % MAX_PAIRS];
        for place in self.place.iter_mut().take(self.known) {
            if usize::from(*place) == last {
                *place = at;
            }
        }
        self.place[number] = NONE;
        self.map_changed = true;
        true
    }

    /// Whether anything was written.
    #[inline]
    pub fn changed(&self) -> bool {
        self.map_changed || self.dirty != 0
    }

    /// Writes the message's content.
    #[inline]
    pub fn emit(&self, out: &mut Vec<u8>) {
        let mut run = Run { raw: self.raw, from: 0, to: 0 };
        let end = self.raw.len();
        if self.dirty == 0 && self.map.1 != 0 {
            run.to = self.map.0 as usize;
            self.emit_pairs(&mut run, out);
            run.go_on(self.map.1 as usize, end, out);
            return run.flush(out);
        }
        self.emit_fields(run, out);
    }

    /// The same when fields were written, or there were no attributes.
    #[inline(never)]
    fn emit_fields(&self, mut run: Run<'a>, out: &mut Vec<u8>) {
        // The attributes stand for themselves under their own number, which is never one of a singular field.
        let map_bit = 1u32 << (self.tag >> 3);
        let mut left = self.dirty & self.present;
        if self.map_changed && self.map.1 != 0 {
            left |= map_bit;
        }
        let done = left;
        while left != 0 {
            // The next one in the message; there are rarely more than two.
            let (mut bits, mut next) = (left, (u32::MAX, 0, 0));
            while bits != 0 {
                let number = bits.trailing_zeros();
                bits &= bits - 1;
                let (start, end) =
                    if 1 << number == map_bit { self.map } else { self.fields[number as usize % FIELDS] };
                if start < next.0 {
                    next = (start, end, number);
                }
            }
            let (start, end, number) = next;
            left &= !(1 << number);
            run.to = start as usize;
            if 1 << number == map_bit {
                self.emit_pairs(&mut run, out);
            } else {
                run.flush(out);
                self.emit_field(number, out);
            }
            run.go_on(end as usize, end as usize, out);
        }
        run.to = self.raw.len();
        run.flush(out);
        let mut missing = self.dirty & !done;
        while missing != 0 {
            self.emit_field(missing.trailing_zeros(), out);
            missing &= missing - 1;
        }
        if self.map_changed && done & map_bit == 0 {
            let end = self.raw.len();
            self.emit_pairs(&mut Run { raw: self.raw, from: end, to: end }, out);
        }
    }

    fn emit_field(&self, number: u32, out: &mut Vec<u8>) {
        let literal = self.literals[number as usize % FIELDS];
        if let Some(FieldValue::Present(payload)) = literal.map(FieldLiteral::content) {
            put_payload(out, number, payload);
        }
    }

    /// Writes the pairs; those that stayed together in the message, and what is in front of them, in one copy.
    #[inline(always)]
    fn emit_pairs(&self, run: &mut Run<'a>, out: &mut Vec<u8>) {
        for place in self.pairs.iter().take(self.count) {
            let (start, end) = (place.start() as usize, place.end() as usize);
            if place.start() == WRITTEN {
                run.flush(out);
                out.push(self.tag);
                out.extend_from_slice(self.written.get(end).copied().unwrap_or_default());
            } else {
                run.go_on(start, end, out);
            }
        }
    }
}

/// Bytes of the message that are still to be copied.
struct Run<'a> {
    raw: &'a [u8],
    from: usize,
    to: usize,
}

impl Run<'_> {
    /// Copies what there is.
    #[inline(always)]
    fn flush(&mut self, out: &mut Vec<u8>) {
        if let Some(run) = self.raw.get(self.from..self.to)
            && !run.is_empty()
        {
            out.extend_from_slice(run);
        }
        self.from = self.to;
    }

    /// `start..end` comes next.
    #[inline(always)]
    fn go_on(&mut self, start: usize, end: usize, out: &mut Vec<u8>) {
        if start != self.to {
            self.flush(out);
            self.from = start;
        }
        self.to = end;
    }
}

/// Whether a field's content is a message or text.
pub(super) fn bytes_of<'a>(field: FieldValue<'a>) -> Option<&'a [u8]> {
    match field {
        FieldValue::Absent => Some(&[]),
        FieldValue::Present(Payload::Bytes(bytes)) => Some(bytes),
        FieldValue::Present(_) => None,
    }
}
