//! [`Compact`]: a record in arrays of fixed size, for messages in canonical encoding.
//!
//! Statements run on it as on a [`Node`]. What it cannot do is done by the node that it is promoted to ([`Compact::promote`]),
//! edits included; the statements go on from there.
//! INVARIANT: a scan either finds a message in canonical encoding, in which no key or field that rules name is there twice,
//! or refuses it; what it refuses is scanned by [`Node`], which takes everything.

use ottl_core::Arena;
use ottl_core::ArenaVec;
use ottl_core::edit::{KnownKeys, MAX_KNOWN, MapEntry, Pair, Slot, pair_at};
use ottl_otlp::wire::Reader;
use ottl_schema::FieldValue;

use super::node::{Node, Scan, put_payload, short_field_end};
use super::pair::SizedPair;

/// How many attributes a compact record has at most.
pub(super) const MAX_PAIRS: usize = 64;
/// Fields with numbers below this have tags of one byte; no other is kept.
const FIELDS: usize = 16;

/// Places for known keys, and one for those that are not known.
const SLOTS: usize = MAX_KNOWN + 1;
const _: () = assert!(SLOTS.is_power_of_two());

/// No pair.
const NONE: u8 = u8::MAX;

/// One record.
#[derive(Debug)]
pub(super) struct Compact<'a> {
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
    place: [u8; SLOTS],
    /// By the number of a known key that has a pair: the `AnyValue`.
    value: [&'a [u8]; SLOTS],
    written: ArenaVec<'a, SizedPair<'a>>,
    /// Where the fields are that rules look at, by number.
    fields: [(u32, u32); FIELDS],
    present: u32,
    /// Bits of the fields that were written.
    dirty: u32,
    /// By number: what was written.
    contents: [FieldValue<'a>; FIELDS],
    /// Bits of the fields that it knows.
    kept: u32,
}

impl<'a> Compact<'a> {
    /// No message yet.
    pub fn new(arena: &'a Arena) -> Compact<'a> {
        Compact {
            raw: &[],
            tag: 0,
            pairs: [Pair::NONE; MAX_PAIRS],
            count: 0,
            map: (0, 0),
            map_changed: false,
            place: [NONE; SLOTS],
            value: [&[]; SLOTS],
            written: arena.vec(),
            fields: [(0, 0); FIELDS],
            present: 0,
            dirty: 0,
            contents: [FieldValue::Absent; FIELDS],
            kept: 0,
        }
    }

    /// Takes up a message. `None` if it is not in canonical encoding.
    ///
    /// PERF (metrics, structural): everything that changes in the loop is local, and pairs are told by their members'
    /// tags and lengths; nothing is decoded.
    #[inline(never)]
    pub fn scan(&mut self, raw: &'a [u8], scan: &Scan, keys: &KnownKeys) -> Option<()> {
        u32::try_from(raw.len()).ok()?;
        self.raw = raw;
        self.tag = scan.attribute_tag();
        self.kept = scan.compact_fields();
        self.place = [NONE; SLOTS];
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
                let (end, mut pair) = pair_at(raw, pos);
                if end > raw.len() {
                    return None;
                }
                if keys.has_length(pair.key_len())
                    && let Some(number) = keys.number_at(raw, pair.key().start, pair.key_len())
                {
                    let at = usize::from(number) % SLOTS;
                    if self.place[at] != NONE {
                        return None;
                    }
                    self.place[at] = count as u8;
                    self.value[at] = raw.get(pair.value())?;
                    pair = pair.with_known(number);
                }
                *self.pairs.get_mut(count)? = pair;
                count += 1;
                pos = end;
            }
            map = (start as u32, pos as u32);
        }
        self.count = count;
        self.map = map;
        self.present = present;
        Some(())
    }

    /// The `AnyValue` of a known key, if it has a pair. `None` for other keys.
    #[inline]
    pub fn attribute(&self, known: u8) -> Option<Option<&'a [u8]>> {
        let place = *self.place.get(usize::from(known))?;
        Some((place != NONE).then_some(self.value[usize::from(known) % SLOTS]))
    }

    /// A singular field. `None` for those that it does not know.
    #[inline]
    pub fn field(&self, number: u32) -> Option<FieldValue<'a>> {
        let idx = number as usize;
        if self.kept.checked_shr(number).unwrap_or(0) & 1 == 0 || idx >= FIELDS {
            return None;
        }
        if self.dirty & 1 << idx != 0 {
            return Some(self.contents[idx]);
        }
        if self.present & 1 << idx == 0 {
            return Some(FieldValue::Absent);
        }
        let (start, end) = self.fields[idx];
        let field = self.raw.get(start as usize..end as usize).unwrap_or_default();
        let payload = Reader::new(field).next_field().ok().flatten().map(|field| field.payload);
        Some(payload.map_or(FieldValue::Absent, FieldValue::Present))
    }

    /// Writes a singular field. `None` if it does not know it.
    #[inline]
    pub fn set_field(&mut self, number: u32, content: FieldValue<'a>) -> Option<()> {
        if self.kept.checked_shr(number).unwrap_or(0) & 1 == 0 {
            return None;
        }
        *self.contents.get_mut(number as usize)? = content;
        self.dirty |= 1 << number;
        Some(())
    }

    /// Writes the pair of a known key. `None` for other keys, and if there is no room for it.
    #[inline]
    pub fn put(&mut self, known: u8, pair: SizedPair<'a>) -> Option<()> {
        let place = self.place.get_mut(usize::from(known))?;
        let written = Pair::other(self.written.len() as u32, pair.key().len() as u8, known);
        match *place {
            NONE => {
                let end = self.pairs.get_mut(self.count)?;
                self.written.push(pair).ok()?;
                *end = written;
                *place = self.count as u8;
                self.count += 1;
            }
            at => {
                self.written.push(pair).ok()?;
                self.pairs[usize::from(at) % MAX_PAIRS] = written;
            }
        }
        self.value[usize::from(known) % SLOTS] = pair.any();
        self.map_changed = true;
        Some(())
    }

    /// Takes the pair of a known key out; the last one moves into its place. Whether there was one; `None` for other keys.
    #[inline]
    pub fn remove(&mut self, known: u8) -> Option<bool> {
        let number = usize::from(known);
        let at = *self.place.get(number)?;
        if at == NONE {
            return Some(false);
        }
        self.count -= 1;
        let last = self.pairs[self.count % MAX_PAIRS];
        self.pairs[usize::from(at) % MAX_PAIRS] = last;
        if let Some(place) = self.place.get_mut(usize::from(last.known())) {
            *place = at;
        }
        self.place[number] = NONE;
        self.map_changed = true;
        Some(true)
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

    /// The key of a pair.
    #[inline]
    pub fn key(&self, idx: usize) -> Option<&'a [u8]> {
        let pair = *self.pairs.get(idx)?;
        match pair.in_others() {
            Some(written) => self.written.get(written).map(SizedPair::key),
            None => self.raw.get(pair.key()),
        }
    }

    /// Overwrites a pair by one with the same key. `None` if there is no room for it.
    pub fn put_at(&mut self, idx: usize, pair: SizedPair<'a>) -> Option<()> {
        let place = self.pairs.get_mut(idx)?;
        let known = place.known();
        let written = Pair::other(self.written.len() as u32, pair.key().len() as u8, known);
        self.written.push(pair).ok()?;
        *place = written;
        self.map_changed = true;
        if let Some(value) = self.value.get_mut(usize::from(known)) {
            *value = pair.any();
        }
        Some(())
    }

    /// Keeps the pairs that `stays` says, in order. Whether any was taken out.
    pub fn retain(&mut self, stays: &[bool]) -> bool {
        let mut stays = stays.iter();
        self.retain_by(|_| stays.next().is_none_or(|stays| *stays))
    }

    /// Keeps the pairs of those known keys whose bits are set, in order. Whether any was taken out.
    #[inline(never)]
    pub fn keep_known(&mut self, stay: u64) -> bool {
        self.retain_by(|pair| stay >> pair.known() & 1 != 0)
    }

    /// If there are more pairs than `limit`, keeps those of the known keys whose bits are set, and as many of the others, the
    /// first ones, as there is room for. Whether any was taken out.
    #[inline(never)]
    pub fn keep_at_most(&mut self, limit: usize, stay: u64) -> bool {
        if self.count <= limit {
            return false;
        }
        let has_priority = |pair: &Pair| stay >> pair.known() & 1 != 0;
        let count = self.pairs.iter().take(self.count).filter(|pair| has_priority(pair)).count();
        let mut room = limit.saturating_sub(count);
        self.retain_by(|pair| {
            let stays = has_priority(&pair) || room > 0;
            room -= usize::from(stays && !has_priority(&pair));
            stays
        })
    }

    /// Keeps the pairs whose keys begin so, or those whose keys do not, in order. Whether any was taken out.
    #[inline(never)]
    pub fn keep_prefix(&mut self, prefix: &[u8], stay: bool) -> bool {
        let Compact { raw, pairs, count, place, written, .. } = self;
        let first = prefix.first();
        let left = retain_pairs(pairs, *count, place, |pair| {
            let key = match pair.in_others() {
                Some(number) => written.get(number).map(SizedPair::key).unwrap_or_default(),
                None => raw.get(pair.key()).unwrap_or_default(),
            };
            // PERF (structural): nearly all keys differ in their first byte.
            (first.is_none() || key.first() == first && key.starts_with(prefix)) == stay
        });
        self.left(left)
    }

    #[inline(always)]
    fn retain_by(&mut self, stays: impl FnMut(Pair) -> bool) -> bool {
        let left = retain_pairs(&mut self.pairs, self.count, &mut self.place, stays);
        self.left(left)
    }

    /// So many pairs are left. Whether any was taken out.
    #[inline(always)]
    fn left(&mut self, count: usize) -> bool {
        let removed = count != self.count;
        self.count = count;
        self.map_changed |= removed;
        removed
    }

    /// The pairs.
    #[inline]
    pub fn pairs(&self) -> &[Pair] {
        self.pairs.get(..self.count).unwrap_or_default()
    }

    /// A pair that was written, by its number.
    #[inline]
    pub fn written(&self, number: usize) -> Option<&SizedPair<'a>> {
        self.written.get(number)
    }

    /// Whether any pair was written, though it may be gone.
    #[inline]
    pub fn has_written(&self) -> bool {
        !self.written.is_empty()
    }

    /// The message as it came in.
    #[inline]
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// Where the attributes lie in it.
    #[inline]
    pub fn attributes(&self) -> std::ops::Range<usize> {
        self.map.0 as usize..self.map.1 as usize
    }

    /// Writes everything that was written to it to the node that has taken up the same message.
    ///
    /// INVARIANT: the node's map has the pairs of the message, and its known keys are those of the scan.
    #[cold]
    pub fn promote(&self, node: &mut Node<'a>) {
        if self.map_changed {
            let entry =
                |pair: &SizedPair<'a>| MapEntry { key: pair.key(), value: Slot::Wire(pair.any()), raw: pair.pair() };
            node.map().adopt(&self.pairs[..self.count], self.written.iter().map(entry));
        }
        let mut dirty = self.dirty;
        while dirty != 0 {
            let number = dirty.trailing_zeros();
            dirty &= dirty - 1;
            node.set_field(number, self.contents[number as usize % FIELDS]);
        }
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

/// Moves the pairs that stay to the front, in order: how many there are.
#[inline(always)]
fn retain_pairs(
    pairs: &mut [Pair; MAX_PAIRS],
    count: usize,
    place: &mut [u8; SLOTS],
    mut stays: impl FnMut(Pair) -> bool,
) -> usize {
    let mut left = 0;
    for idx in 0..count {
        let pair = pairs[idx % MAX_PAIRS];
        let stays = stays(pair);
        if stays {
            pairs[left % MAX_PAIRS] = pair;
        }
        // Keys that are not known have a place that nobody looks at.
        if let Some(place) = place.get_mut(usize::from(pair.known())) {
            *place = if stays { left as u8 } else { NONE };
        }
        left += usize::from(stays);
    }
    left
}

/// Number and end of a field whose tag, length or value is longer than nearly all are.
#[inline(never)]
pub(super) fn longer_field(raw: &[u8], pos: usize) -> Option<(u32, usize)> {
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

#[cfg(test)]
mod tests {
    use super::super::node::Shape;
    use super::*;
    use ottl_core::Value;
    use ottl_core::value::encode_key_value;
    use ottl_otlp::wire::{Payload, put_fixed32_field, put_len_field, put_varint_field};
    use ottl_schema::{ContextId, PointKind};

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
    fn edited<'a>(arena: &'a Arena, message: &'a [u8], edits: impl FnOnce(&mut Compact<'a>)) -> Option<Vec<u8>> {
        let mut record = Compact::new(arena);
        record.scan(message, &Scan::new(Shape::of(LEVEL, PointKind::Number), 1 << 5 | 1 << 3, true), &keys())?;
        edits(&mut record);
        let mut out = Vec::new();
        record.emit(&mut out);
        Some(out)
    }

    #[test]
    fn canonical_messages_are_taken_up() {
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
                assert_eq!((record.remove(0), record.remove(0), record.remove(77)), (Some(true), Some(false), None));
                record.put(2, sized(&b)).expect("there is room");
                record.put(1, sized(&long_pair)).expect("there is room");
            });
            let want = [new("d", Value::Nil), new("c", Value::Nil), long_pair[1..].to_vec(), b[1..].to_vec()];
            assert_eq!(out, Some(span(&want)));
            // Of those that stay, each keeps its place, and is found there.
            let out = edited(&arena, &message, |record| {
                assert!(record.retain(&[false, true, true, false]));
                assert!(record.attribute(0) == Some(None) && record.attribute(1).flatten().is_some());
                assert_eq!(record.remove(1), Some(true));
            });
            assert_eq!(out, Some(span(&[new("c", Value::Nil)])));
        }
    }

    #[test]
    fn fields_are_written_in_place_or_behind() {
        let (arena, message) = (Arena::new(), span(&[]));
        let bytes = |text| FieldValue::Present(Payload::Bytes(text));
        let out = edited(&arena, &message, |record| {
            assert_eq!(record.field(5), Some(bytes(b"name")));
            assert!(record.set_field(5, bytes(b"other")).is_some() && record.set_field(3, bytes(b"state")).is_some());
            assert_eq!(record.field(3), Some(bytes(b"state")));
            assert!(record.field(9).is_none() && record.set_field(40, bytes(b"")).is_none());
        });
        let mut want = Vec::new();
        put_len_field(&mut want, 5, b"other");
        want.extend_from_slice(&message[6..]);
        put_len_field(&mut want, 3, b"state");
        assert_eq!(out, Some(want));
    }
}
