//! [`Record`]: one message as plain steps see it, in arrays of fixed size.
//!
//! INVARIANT: a scan either finds a message that is written as nearly all are, or gives it up; what it gives up is
//! scanned again by [`Node`](super::super::node::Node), which takes everything.

use ottl_core::Arena;
use ottl_core::ArenaVec;
use ottl_core::edit::{KnownKeys, MAX_KNOWN, Pair, short_pair};
use ottl_otlp::wire::{Payload, Reader};
use ottl_schema::{ContextId, FieldValue};

use super::super::node::{Scan, put_payload, short_field_end};

/// How many attributes a plain message has at most.
pub(super) const MAX_PAIRS: usize = 64;
/// Fields with numbers below this have tags of one byte; no other is kept.
const FIELDS: usize = 16;

/// No pair.
const NONE: u8 = u8::MAX;

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

    /// How many bytes it takes, its tag not counted.
    fn len(&self) -> usize {
        self.bytes.len()
    }
}

/// One message.
pub(in crate::fast) struct Record<'a> {
    /// Its level.
    pub level: ContextId,
    raw: &'a [u8],
    /// The tag of attributes.
    tag: u8,
    /// Fields of the message, and elements of `written`.
    pairs: [Pair; MAX_PAIRS],
    count: usize,
    /// Where the attributes lie in the message, all together; `(0, 0)` if there are none.
    map: (u32, u32),
    map_changed: bool,
    /// By the number of a known key: the number of its pair, or [`NONE`].
    place: [u8; MAX_KNOWN],
    /// By the number of a known key that has a pair: the `AnyValue`.
    value: [&'a [u8]; MAX_KNOWN],
    written: ArenaVec<'a, SizedPair<'a>>,
    /// Where the fields are that rules look at, by number.
    fields: [(u32, u32); FIELDS],
    present: u32,
    /// Bits of the fields that were written.
    dirty: u32,
    /// By number: what was written.
    contents: [FieldValue<'a>; FIELDS],
}

impl<'a> Record<'a> {
    /// No message yet.
    pub fn new(arena: &'a Arena) -> Record<'a> {
        Record {
            level: ContextId::Resource,
            raw: &[],
            tag: 0,
            pairs: [Pair::NONE; MAX_PAIRS],
            count: 0,
            map: (0, 0),
            map_changed: false,
            place: [NONE; MAX_KNOWN],
            value: [&[]; MAX_KNOWN],
            written: arena.vec(),
            fields: [(0, 0); FIELDS],
            present: 0,
            dirty: 0,
            contents: [FieldValue::Absent; FIELDS],
        }
    }

    /// Takes up a message. `None` if it is not written as nearly all are.
    ///
    /// PERF (metrics, structural): everything that changes in the loop is local, and pairs are told by their members'
    /// tags and lengths; nothing is decoded.
    #[inline(never)]
    pub fn scan(&mut self, raw: &'a [u8], level: ContextId, scan: &Scan, keys: &KnownKeys) -> Option<()> {
        u32::try_from(raw.len()).ok()?;
        self.level = level;
        self.raw = raw;
        self.tag = scan.attribute_tag();
        self.place = [NONE; MAX_KNOWN];
        self.map_changed = false;
        self.written.clear();
        self.dirty = 0;
        let (mut count, mut present, mut map, mut pos) = (0, 0u32, (0, 0), 0);
        while let Some(&tag) = raw.get(pos) {
            if !scan.is_pair(tag) {
                let (mut number, mut end) = (u32::from(tag >> 3), short_field_end(raw, pos, tag));
                if end > raw.len() {
                    (number, end) = longer_field(raw, pos)?;
                    if number == scan.shape.attributes {
                        return None;
                    }
                }
                if scan.is_wanted(number) && (number as usize) < FIELDS {
                    if present & 1 << number != 0 {
                        return None;
                    }
                    present |= 1 << number;
                    self.fields[number as usize] = (pos as u32, end as u32);
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
                let mut known = NONE;
                if keys.has_length(pair.key_len)
                    && let Some(number) = keys.number_at(raw, pair.key_at, pair.key_len)
                {
                    known = number;
                    let number = usize::from(number) % MAX_KNOWN;
                    if self.place[number] != NONE {
                        return None;
                    }
                    self.place[number] = count as u8;
                    self.value[number] = raw.get(pair.value_at..pair.value_end)?;
                }
                let key_first = pair.key_at < pair.value_at;
                let len = (pair.end - pos) as u16;
                *self.pairs.get_mut(count)? = Pair::usual(key_first, pos as u32, len, pair.key_len, known);
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
        if self.dirty & 1 << idx != 0 {
            return self.contents[idx];
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
    pub fn set_field(&mut self, number: u32, content: FieldValue<'a>) {
        let idx = number as usize % FIELDS;
        self.contents[idx] = content;
        self.dirty |= 1 << idx;
    }

    /// Writes the pair of a known key. `None` if there is no room for it.
    #[inline]
    pub fn put(&mut self, known: u8, pair: SizedPair<'a>) -> Option<()> {
        let number = usize::from(known) % MAX_KNOWN;
        let written = Pair::other(self.written.len() as u32, 0, known);
        match self.place[number] {
            NONE => {
                *self.pairs.get_mut(self.count)? = written;
                self.place[number] = self.count as u8;
                self.count += 1;
            }
            at => self.pairs[usize::from(at) % MAX_PAIRS] = written,
        }
        self.written.push(pair).ok()?;
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
        let last = self.pairs[self.count % MAX_PAIRS];
        self.pairs[usize::from(at) % MAX_PAIRS] = last;
        if let Some(place) = self.place.get_mut(usize::from(last.known())) {
            *place = at;
        }
        self.place[number] = NONE;
        self.map_changed = true;
        true
    }

    /// How many pairs there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.count
    }

    /// The `AnyValue` of a pair.
    #[inline]
    pub fn any(&self, idx: usize) -> Option<&'a [u8]> {
        let pair = *self.pairs.get(idx)?;
        match pair.in_others() {
            Some(written) => self.written.get(written).map(SizedPair::any),
            None => self.raw.get(pair.value()),
        }
    }

    /// How many bytes a pair takes; never less than its value.
    #[inline]
    pub fn size(&self, idx: usize) -> usize {
        match self.pairs.get(idx) {
            Some(pair) => {
                pair.in_others().map_or(pair.len(), |written| self.written.get(written).map_or(0, SizedPair::len))
            }
            None => 0,
        }
    }

    /// The key of a pair.
    #[inline]
    pub fn key(&self, idx: usize) -> Option<&'a [u8]> {
        let pair = *self.pairs.get(idx)?;
        let Some(written) = pair.in_others() else { return self.raw.get(pair.key()) };
        // The keys of written pairs are short, and come first.
        let [_, key_len, rest @ ..] = self.written.get(written)?.pair() else { return None };
        rest.get(..usize::from(*key_len))
    }

    /// Overwrites a pair by one with the same key.
    pub fn put_at(&mut self, idx: usize, pair: SizedPair<'a>) -> Option<()> {
        if let Some(place) = self.pairs.get_mut(idx) {
            let known = place.known();
            *place = Pair::other(self.written.len() as u32, 0, known);
            self.written.push(pair).ok()?;
            self.map_changed = true;
            if let Some(value) = self.value.get_mut(usize::from(known)) {
                *value = pair.any();
            }
        }
        Some(())
    }

    /// Keeps the pairs that `stays` says, in order. Whether any was taken out.
    pub fn retain(&mut self, stays: &[bool]) -> bool {
        let Some(first) = stays.iter().position(|stays| !stays) else { return false };
        let mut count = first;
        for (idx, stays) in stays.iter().enumerate().skip(first) {
            let pair = self.pairs[idx % MAX_PAIRS];
            if let Some(place) = self.place.get_mut(usize::from(pair.known())) {
                *place = if *stays { count as u8 } else { NONE };
            }
            if *stays {
                self.pairs[count % MAX_PAIRS] = pair;
                count += 1;
            }
        }
        self.count = count;
        self.map_changed = true;
        true
    }

    /// Whether anything was written.
    #[inline]
    pub fn changed(&self) -> bool {
        self.map_changed || self.dirty != 0
    }

    /// Writes the message's content.
    #[inline(never)]
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
        if let FieldValue::Present(payload) = self.contents[number as usize % FIELDS] {
            put_payload(out, number, payload);
        }
    }

    /// Writes the pairs; those that stayed together in the message, and what is in front of them, in one copy.
    #[inline(always)]
    fn emit_pairs(&self, run: &mut Run<'a>, out: &mut Vec<u8>) {
        for pair in self.pairs.iter().take(self.count) {
            match pair.in_others() {
                None => run.go_on(pair.start(), pair.start() + pair.len(), out),
                Some(written) => {
                    run.flush(out);
                    out.push(self.tag);
                    out.extend_from_slice(self.written.get(written).map_or(&[], |pair| pair.bytes));
                }
            }
        }
    }
}

/// Number and end of a field whose tag, length or value is longer than nearly all are.
#[inline(never)]
fn longer_field(raw: &[u8], pos: usize) -> Option<(u32, usize)> {
    let field = Reader::new(raw.get(pos..)?).next_field().ok()??;
    Some((field.number, pos + field.end))
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

#[cfg(test)]
mod tests {
    use super::super::super::node::Shape;
    use super::*;
    use ottl_core::Value;
    use ottl_core::value::encode_key_value;
    use ottl_otlp::wire::{put_fixed32_field, put_len_field, put_varint_field};
    use ottl_schema::PointKind;

    const LEVEL: ContextId = ContextId::Span;

    fn pair(key: &str, value: &Value<'_>, value_first: bool) -> Vec<u8> {
        let mut pair = Vec::new();
        encode_key_value(&mut pair, key.as_bytes(), value);
        if value_first {
            pair.rotate_left(key.len() + 2);
        }
        pair
    }

    fn span(pairs: &[Vec<u8>]) -> Vec<u8> {
        let mut out = Vec::new();
        put_len_field(&mut out, 5, b"name");
        pairs.iter().for_each(|pair| put_len_field(&mut out, 9, pair));
        put_varint_field(&mut out, 10, 1 << 40);
        put_fixed32_field(&mut out, 16, 1);
        out
    }

    fn keys() -> KnownKeys {
        let mut keys = KnownKeys::default();
        ["a", "long", "b"].iter().for_each(|key| assert!(keys.add(key.as_bytes()).is_some()));
        keys
    }

    /// The attributes in order, after the edits.
    fn edited<'a>(arena: &'a Arena, message: &'a [u8], edits: impl FnOnce(&mut Record<'a>)) -> Option<Vec<u8>> {
        let mut record = Record::new(arena);
        record.scan(message, LEVEL, &Scan::new(Shape::of(LEVEL, PointKind::Number), 1 << 5, true), &keys())?;
        edits(&mut record);
        let mut out = Vec::new();
        record.emit(&mut out);
        Some(out)
    }

    #[test]
    fn what_nearly_all_write_is_plain() {
        let (arena, text, long) = (Arena::new(), "x".repeat(100), "x".repeat(9000));
        for value_first in [false, true] {
            let values = [Value::Int(1), Value::Str(b""), Value::Str(text.as_bytes()), Value::Str(long.as_bytes())];
            let pairs: Vec<_> = values.iter().map(|value| pair("other", value, value_first)).collect();
            let message = span(&pairs);
            assert_eq!(edited(&arena, &message, |_| {}).as_ref(), Some(&message));
        }
        // A message that ends inside a field, a known key twice, attributes apart, a pair without a value.
        let twice = pair("a", &Value::Nil, false);
        let apart = [span(&[pair("c", &Value::Nil, false)]), span(&[pair("d", &Value::Nil, false)])].concat();
        let whole = span(&[]);
        for message in
            [&whole[..whole.len() - 1], &span(&[twice.clone(), twice]), &apart, &span(&[b"\x0a\x01c".to_vec()])]
        {
            assert!(edited(&arena, message, |_| {}).is_none(), "{}", message.escape_ascii());
        }
    }

    #[test]
    fn edits_keep_the_order_that_the_reference_keeps() {
        let (arena, long) = (Arena::new(), "x".repeat(200));
        for value_first in [false, true] {
            let new = |key, value| pair(key, &value, value_first);
            let text = Value::Str(long.as_bytes());
            let message =
                span(&[new("a", Value::Int(1)), new("c", Value::Nil), new("long", text), new("d", Value::Nil)]);
            let written = |key: &str, value: i64| {
                let mut bytes = Vec::new();
                let pair = pair(key, &Value::Int(value), false);
                ottl_otlp::wire::put_varint(&mut bytes, pair.len() as u64);
                bytes.extend(pair);
                bytes
            };
            let (b, long_pair) = (written("b", 2), written("long", 3));
            fn sized(bytes: &[u8]) -> SizedPair<'_> {
                SizedPair { bytes, pair_at: 1, any_at: 1 }
            }
            // The last pair moves into the hole; what is new comes last; what is overwritten stays where it is.
            let out = edited(&arena, &message, |record| {
                assert!(record.remove(0) && !record.remove(0));
                record.put(2, sized(&b)).expect("there is room");
                record.put(1, sized(&long_pair)).expect("there is room");
            });
            let want = [new("d", Value::Nil), new("c", Value::Nil), long_pair[1..].to_vec(), b[1..].to_vec()];
            assert_eq!(out, Some(span(&want)));
            // Of those that stay, each keeps its place, and is found there.
            let out = edited(&arena, &message, |record| {
                assert!(record.retain(&[false, true, true, false]));
                assert!(record.attribute(0).is_none() && record.attribute(1).is_some());
                assert!(record.remove(1));
            });
            assert_eq!(out, Some(span(&[new("c", Value::Nil)])));
        }
    }

    #[test]
    fn fields_are_written_in_place_or_behind() {
        let (arena, message) = (Arena::new(), span(&[]));
        let bytes = |text| FieldValue::Present(Payload::Bytes(text));
        let out = edited(&arena, &message, |record| {
            assert_eq!(record.field(5), bytes(b"name"));
            record.set_field(5, bytes(b"other"));
            record.set_field(3, bytes(b"state"));
            assert_eq!(record.field(3), bytes(b"state"));
        });
        let mut want = Vec::new();
        put_len_field(&mut want, 5, b"other");
        want.extend_from_slice(&message[6..]);
        put_len_field(&mut want, 3, b"state");
        assert_eq!(out, Some(want));
    }
}
