//! [`Compact`]: a record in arrays of fixed size, for messages in canonical encoding.
//!
//! Statements run on it as on a [`Node`]. What it cannot do is done by the node that it is promoted to ([`Compact::promote`]),
//! edits included; the statements go on from there.
//! INVARIANT: a scan either finds a message in canonical encoding, in which no key or field that rules name is there twice,
//! or refuses it; what it refuses is scanned by [`Node`], which takes everything.

use ottl_core::Arena;
use ottl_core::ArenaVec;
use ottl_core::edit::{KnownKeys, MAX_KNOWN, MapEntry, NamedKey, Pair, Slot};
use ottl_schema::{Conv, FieldValue};

use super::compare::number_of;
use super::node::{Node, PLACES, bytes_at, bytes_of, field_at, first_of};
use super::pair::SizedPair;

mod emit;
mod filter;
mod rename;
mod scan;

/// How many attributes a compact record has at most.
pub(super) const MAX_PAIRS: usize = 64;

/// Places for known keys; nothing has the last ones, which stand for keys that are not known.
const SLOTS: usize = MAX_KNOWN + 2;
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
    /// So many of them, the first ones, are as the message has them.
    same: usize,
    /// Where the attributes lie in the message, all together; `(0, 0)` if there are none.
    map: (u32, u32),
    map_changed: bool,
    /// The keys that have numbers.
    keys: &'a KnownKeys,
    /// By the number of a known key: the number of its pair, or [`NONE`].
    place: [u8; SLOTS],
    /// Bits of known keys: a pair of the message that is of such a key has another one there. It took the place of one that has
    /// this key there, so no other pair of the message is of it from then on.
    renamed: u64,
    written: ArenaVec<'a, SizedPair<'a>>,
    /// Where the fields are that rules look at, by number.
    fields: [(u32, u32); PLACES],
    present: u32,
    /// Bits of the fields of a oneof. All that it knows are there or none is.
    oneof: u32,
    /// Bits of the fields that were written.
    dirty: u32,
    /// By number: what was written.
    contents: [FieldValue<'a>; PLACES],
    /// Bits of the fields that it knows.
    kept: u32,
}

impl<'a> Compact<'a> {
    /// No message yet, in the arena.
    // PERF (messages of one record): it is large, and made where it stays: nothing is called between its parts.
    pub fn new(arena: &'a Arena) -> &'a mut Compact<'a> {
        // Few records have more written to them, and memory for these is nearly always at hand.
        let written = arena.vec_for(8).unwrap_or_else(|_| arena.vec());
        arena.placed(|| Compact {
            raw: &[],
            tag: 0,
            pairs: [Pair::NONE; MAX_PAIRS],
            count: 0,
            same: 0,
            map: (0, 0),
            map_changed: false,
            keys: KnownKeys::none(),
            // A scan says that nothing has a place yet.
            place: [0; SLOTS],
            renamed: 0,
            written,
            fields: [(0, 0); PLACES],
            present: 0,
            oneof: 0,
            dirty: 0,
            contents: [FieldValue::Absent; PLACES],
            kept: 0,
        })
    }

    /// The `AnyValue` of a known key, if it has a pair. `None` for other keys.
    #[inline]
    pub fn attribute(&self, known: u8) -> Option<Option<&'a [u8]>> {
        let place = *self.place.get(usize::from(known))?;
        Some(if place == NONE { None } else { self.any(usize::from(place)) })
    }

    /// Whether there is a pair of a known key. `None` for other keys.
    #[inline]
    pub fn has(&self, known: u8) -> Option<bool> {
        self.place.get(usize::from(known)).map(|place| *place != NONE)
    }

    /// A singular field. `None` for those that it does not know.
    #[inline]
    pub fn field(&self, number: u32) -> Option<FieldValue<'a>> {
        let idx = number as usize % PLACES;
        if self.kept.checked_shr(number).unwrap_or(0) & 1 == 0 {
            return None;
        }
        if self.dirty & 1 << number != 0 {
            return Some(self.contents[idx]);
        }
        if self.present & 1 << number == 0 {
            return Some(FieldValue::Absent);
        }
        let (start, end) = self.fields[idx];
        let field = self.raw.get(start as usize..end as usize).unwrap_or_default();
        Some(field_at(field))
    }

    /// The bytes of a singular field that is a message; none where it is absent or of another wire type. `None` for fields that it
    /// does not know.
    ///
    /// PERF (redaction): bytes come in registers. A whole field comes through memory, and is read from there before all of it has
    /// left the store buffer.
    #[inline(never)]
    pub fn message(&self, number: u32) -> Option<&'a [u8]> {
        let idx = number as usize % PLACES;
        if self.kept.checked_shr(number).unwrap_or(0) & 1 == 0 {
            return None;
        }
        if self.dirty & 1 << number != 0 {
            return Some(bytes_of(&self.contents[idx]));
        }
        if self.present & 1 << number == 0 {
            return Some(&[]);
        }
        let (start, end) = self.fields[idx];
        let field = self.raw.get(start as usize..end as usize).unwrap_or_default();
        Some(bytes_at(field))
    }

    /// Whether a singular field that it knows is neither in the message nor written.
    #[inline]
    pub fn lacks(&self, number: u32) -> bool {
        (self.present | self.dirty).checked_shr(number).unwrap_or(0) & 1 == 0
    }

    /// A singular field as a number: nothing in it if it has another wire type than the schema's. `None` for fields that it does not
    /// know.
    ///
    /// PERF (spans): as in [`Compact::message`].
    #[inline(never)]
    pub fn number(&self, number: u32, conv: Conv) -> Option<Option<i64>> {
        self.field(number).map(|field| number_of(field, conv))
    }

    /// The place of what is written to a singular field; one of a oneof takes the others out. `None` if it does not know it.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn write_field(&mut self, number: u32) -> Option<&mut FieldValue<'a>> {
        if self.kept.checked_shr(number).unwrap_or(0) & 1 == 0 {
            return None;
        }
        if self.oneof.checked_shr(number).unwrap_or(0) & 1 != 0 {
            self.clear_oneof();
        }
        self.dirty |= 1 << number;
        Some(&mut self.contents[number as usize % PLACES])
    }

    /// Takes the field of the oneof out that is there.
    #[inline(never)]
    fn clear_oneof(&mut self) {
        let mut others = (self.present | self.dirty) & self.oneof;
        self.dirty |= others;
        while others != 0 {
            self.contents[others.trailing_zeros() as usize % PLACES] = FieldValue::Absent;
            others &= others - 1;
        }
    }

    /// Writes the pair of a known key. `None` for other keys, and if there is no room for it.
    ///
    /// PERF (redaction): what makes room goes on by itself, so that no registers are saved for it.
    #[inline(never)]
    pub fn put(&mut self, named: NamedKey<'_>, pair: SizedPair<'a>) -> Option<()> {
        if self.written.is_full() {
            return self.put_growing(named, pair);
        }
        let NamedKey { key, known } = named;
        let place = self.place.get_mut(usize::from(known))?;
        let written = Pair::other(self.written.len() as u32, key.len() as u8, known);
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
                self.same = self.same.min(usize::from(at));
            }
        }
        self.map_changed = true;
        Some(())
    }

    #[cold]
    fn put_growing(&mut self, named: NamedKey<'_>, pair: SizedPair<'a>) -> Option<()> {
        self.written.reserve(1).ok()?;
        self.put(named, pair)
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
        self.same = self.same.min(usize::from(at));
        self.map_changed = true;
        Some(true)
    }

    /// How many pairs there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.count
    }

    /// The `AnyValue` of a pair.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
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
        if self.is_renamed(pair) {
            return self.keys.key(pair.known());
        }
        key_of(self.raw, &self.written, pair)
    }

    /// The `AnyValue` of the first pair of any key.
    pub fn value_of(&self, key: &[u8]) -> Option<&'a [u8]> {
        let len = u8::try_from(key.len()).ok()?;
        let has_key = |idx: &usize| {
            // A pair that was renamed has the length of its old key.
            let pair = self.pairs[*idx];
            (pair.key_len() == len || self.is_renamed(pair)) && self.key(*idx) == Some(key)
        };
        self.any((0..self.count).find(has_key)?)
    }

    /// Overwrites a pair by one with the same key. `None` if there is no room for it.
    pub fn put_at(&mut self, idx: usize, pair: SizedPair<'a>) -> Option<()> {
        let place = self.pairs.get_mut(idx)?;
        let known = place.known();
        let written = Pair::other(self.written.len() as u32, pair.key().len() as u8, known);
        self.written.push(pair).ok()?;
        *place = written;
        self.same = self.same.min(idx);
        self.map_changed = true;
        Some(())
    }

    /// The pairs.
    #[inline]
    pub fn pairs(&self) -> &[Pair] {
        self.pairs.get(..self.count).unwrap_or_default()
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
            let mut pairs = self.pairs;
            let entry =
                |pair: &SizedPair<'a>| MapEntry { key: pair.key(), value: Slot::Wire(pair.any()), raw: pair.pair() };
            let mut others: Vec<_> = self.written.iter().map(entry).collect();
            for (idx, pair) in pairs.iter_mut().enumerate().take(self.count).filter(|(_, pair)| self.is_renamed(**pair))
            {
                let (key, any) = (self.key(idx).unwrap_or_default(), self.any(idx).unwrap_or_default());
                *pair = Pair::other(others.len() as u32, key.len() as u8, pair.known());
                others.push(MapEntry::new(key, Slot::Wire(any)));
            }
            node.map().adopt(&pairs[..self.count], others.into_iter());
        }
        let mut dirty = self.dirty;
        while dirty != 0 {
            let number = dirty.trailing_zeros();
            dirty &= dirty - 1;
            let content = self.contents[number as usize % PLACES];
            // Of a oneof, the one that is there takes the others out.
            let is_taken_out = self.oneof >> number & 1 != 0 && matches!(content, FieldValue::Absent);
            if !is_taken_out || self.dirty & self.oneof & !(1 << number) == 0 {
                node.set_field(number, content);
            }
        }
    }

    /// Bits of the fields that were written, if nothing else was.
    #[inline]
    pub fn written_fields(&self) -> Option<u32> {
        (!self.map_changed).then_some(self.dirty)
    }

    /// Where the first of these fields lies that the message has, and its number.
    #[inline]
    pub fn first_of(&self, fields: u32) -> Option<(usize, usize, u32)> {
        first_of(&self.fields, fields & self.present)
    }

    /// Whether anything was written.
    #[inline]
    pub fn changed(&self) -> bool {
        self.map_changed || self.dirty != 0
    }
}

/// The key of a pair of the message or of those that were written.
#[inline(never)]
fn key_of<'a>(raw: &'a [u8], written: &[SizedPair<'a>], pair: Pair) -> Option<&'a [u8]> {
    match pair.in_others() {
        Some(number) => written.get(number).map(SizedPair::key),
        None => raw.get(pair.key()),
    }
}

#[cfg(test)]
mod tests;
