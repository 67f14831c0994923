//! [`MapEdit`]: the pairs of a map under change, still borrowing what nobody touched.

mod known;
mod load;
mod memory;
mod pair;
mod scan;
#[cfg(test)]
mod tests;
mod whole;

use std::ops::Range;

use ottl_otlp::any::{Glance, glance};
use ottl_otlp::wire::{Reader, WireError, WireErrorKind};

use crate::value::{Entry, Measure, decode_any, key_value};
use crate::{EvalError, Map, Value};

pub use known::{KnownKeys, MAX_KNOWN, NamedKey};
use known::{Places, Sieve, last_of};
pub use memory::MapMemory;
use pair::{LONG_KEY, UNKNOWN, same};
pub use pair::{MapEntry, PREFIXED, Pair, PairAt, Piece, Slot, pair_at};
pub use scan::{PairSearch, ScannedPairs};

/// Up to so many written pairs are compared with a key one by one.
const FEW: usize = 16;

/// An ordered list of pairs that remembers whether it was changed. Reads and writes of a key take the first pair.
///
/// PERF: a loaded pair is two offsets; its key is compared in place, and nothing is decoded that nobody asks for.
#[derive(Clone, Debug, Default)]
pub struct MapEdit<'a> {
    message: &'a [u8],
    pairs: Vec<Pair>,
    others: Vec<MapEntry<'a>>,
    /// How often it was changed since it was loaded.
    changes: u32,
    /// Whether there is or was a pair whose key is not known to have less than [`LONG_KEY`] bytes.
    unusual: bool,
    /// Whether the editor asked that it be left as it was.
    is_left: bool,
    /// The pairs from here on are in `others`.
    input_end: usize,
    /// Whether it is known what the keys in `others` are like: where there are many.
    is_noted: bool,
    /// Then: what they, and those that were there, are like.
    written: Sieve,
    places: Places<'a>,
}

impl<'a> MapEdit<'a> {
    /// An empty map.
    pub fn new() -> Self {
        MapEdit::default()
    }

    /// Forgets all pairs and changes, but keeps the memory.
    #[inline]
    pub fn reset(&mut self) {
        self.message = &[];
        self.pairs.clear();
        self.others.clear();
        self.changes = 0;
        self.unusual = false;
        self.is_left = false;
        self.is_noted = false;
        self.places.clear();
    }

    /// Checks the framing of all pairs, so that the methods without an error can rely on it.
    ///
    /// # Errors
    /// Damage in a pair's framing.
    pub fn verify(&self) -> Result<(), WireError> {
        if !self.unusual {
            return Ok(());
        }
        self.pairs.iter().filter(|pair| !pair.is_usual()).try_for_each(|pair| self.try_entry(*pair).map(|_| ()))
    }

    /// The content of the field at `start` of the message.
    fn raw_content(&self, start: usize) -> Result<&'a [u8], WireError> {
        match Reader::new(self.message.get(start..).unwrap_or_default()).next_field()? {
            Some(field) => field.bytes(),
            None => Err(WireError::new(WireErrorKind::Truncated, 0)),
        }
    }

    /// Where the field of a pair of the input lies.
    #[inline]
    fn field(&self, pair: Pair) -> Range<usize> {
        if pair.is_usual() { pair.field() } else { self.unusual_field(pair) }
    }

    #[inline(never)]
    fn unusual_field(&self, pair: Pair) -> Range<usize> {
        let start = pair.start();
        let field = Reader::new(&self.message[start..]).next_field();
        start..start + field.ok().flatten().map_or(0, |field| field.end)
    }

    #[inline]
    fn try_entry(&self, pair: Pair) -> Result<MapEntry<'a>, WireError> {
        match pair.in_others() {
            None => self.input_entry(pair),
            Some(other) => Ok(self.others[other]),
        }
    }

    #[inline]
    fn input_entry(&self, pair: Pair) -> Result<MapEntry<'a>, WireError> {
        if !pair.is_usual() {
            return MapEntry::from_wire(self.raw_content(pair.start())?);
        }
        let part = |range| self.message.get(range).unwrap_or_default();
        Ok(MapEntry { key: part(pair.key()), value: Slot::Wire(part(pair.value())), raw: part(pair.content()) })
    }

    /// The pair; an empty one where the framing is damaged, which [`MapEdit::verify`] rules out.
    #[inline]
    fn entry(&self, pair: Pair) -> MapEntry<'a> {
        match pair.in_others() {
            Some(other) => self.others[other],
            None => self.input_entry(pair).unwrap_or(MapEntry::new(&[], Slot::Value(Value::Nil))),
        }
    }

    /// The bits of all keys, as [`Map::key_bit`] gives them: a key whose bit is not set is not in a verified map.
    pub fn key_bits(&self) -> u64 {
        self.pairs.iter().fold(0, |bits, pair| bits | Map::key_bit(self.key(pair)))
    }

    /// Whether a pair whose key is known to have the right length has this key.
    #[inline]
    fn has_key(&self, pair: Pair, key: &[u8]) -> bool {
        match pair.in_others() {
            None => self.message.get(pair.key()).is_some_and(|own| same(own, key)),
            Some(other) => self.others[other].key == key,
        }
    }

    /// The same for pairs that are not written as nearly all are.
    #[inline(never)]
    fn unusual_has_key(&self, pair: Pair, key: &[u8]) -> Result<bool, WireError> {
        match pair.in_others() {
            None => Ok(key_value(self.raw_content(pair.start())?)?.key == key),
            Some(other) => Ok(self.others[other].key == key),
        }
    }

    /// [`MapEdit::find`] where there may be pairs that are not written as nearly all are.
    #[inline(never)]
    fn find_unusual(&self, key: &[u8]) -> Result<Option<usize>, WireError> {
        for (idx, pair) in self.pairs.iter().enumerate() {
            let found = match pair.key_len() {
                LONG_KEY => self.unusual_has_key(*pair, key)?,
                len => usize::from(len) == key.len() && self.has_key(*pair, key),
            };
            if found {
                return Ok(Some(idx));
            }
        }
        Ok(None)
    }

    /// Where the first pair with this key is.
    ///
    /// # Errors
    /// Damage in the framing of a pair before it.
    #[inline]
    pub fn find(&self, key: &[u8]) -> Result<Option<usize>, WireError> {
        if self.unusual || key.len() >= usize::from(LONG_KEY) {
            return self.find_unusual(key);
        }
        if self.is_noted {
            return Ok(self.find_among_many(key));
        }
        let len = key.len() as u8;
        Ok(self.pairs.iter().position(|pair| pair.key_len() == len && self.has_key(*pair, key)))
    }

    /// [`MapEdit::find`] where it is known what the keys in `others` are like.
    ///
    /// PERF (records that get a hundred attributes: three quarters of all): nearly all keys that are written are new ones, which
    /// none that was written before is like.
    #[inline(never)]
    fn find_among_many(&self, key: &[u8]) -> Option<usize> {
        let len = key.len() as u8;
        let likeness = Pair::likeness(key, len);
        let may_have = |pair: Pair| pair.is_like(likeness) || pair.in_others().is_none() && pair.key_len() == len;
        let end = if self.written.has(last_of(key), len) { self.pairs.len() } else { self.input_end };
        let pairs = self.pairs.get(..end).unwrap_or(&self.pairs);
        pairs.iter().position(|pair| may_have(*pair) && self.has_key(*pair, key))
    }

    /// Notes what the key of a pair is like that was put into `others`, where these are many.
    #[inline]
    fn note(&mut self, idx: usize) {
        // One pair that is overwritten again and again leaves many behind, too.
        if self.is_noted || self.others.len() > FEW && self.pairs.len() > FEW {
            self.note_among_many(idx);
        }
    }

    #[inline(never)]
    fn note_among_many(&mut self, idx: usize) {
        if !self.is_noted {
            (self.is_noted, self.written) = (true, Sieve::default());
            return (0..self.pairs.len()).for_each(|idx| self.note_among_many(idx));
        }
        if let Some(pair) = self.pairs.get_mut(idx)
            && let Some(entry) = pair.in_others().and_then(|other| self.others.get(other))
        {
            *pair = pair.like(entry.key);
            self.written.add(last_of(entry.key), pair.key_len());
        }
    }

    /// Where the first pair with this key is, in a verified map.
    #[inline]
    pub fn position(&self, key: &[u8]) -> Option<usize> {
        self.find(key).ok().flatten()
    }

    /// The bytes of the `AnyValue` of pair `idx` while they are the input's.
    ///
    /// # Errors
    /// Damage in the pair's framing.
    #[inline]
    pub fn input_value(&self, idx: usize) -> Result<Option<&'a [u8]>, WireError> {
        match self.pairs.get(idx) {
            Some(pair) if pair.in_others().is_none() => self.input_any(*pair).map(Some),
            _ => Ok(None),
        }
    }

    /// Whether a pair was added, removed, moved or overwritten since the map was loaded.
    #[inline]
    pub fn changed(&self) -> bool {
        self.changes != 0
    }

    /// Says that the map has not to be written back: most editors write what they have not changed, too, which a path may
    /// tell.
    #[inline]
    pub fn leave(&mut self) {
        self.is_left = true;
    }

    /// Whether it has not to be written back.
    #[inline]
    pub fn is_left(&self) -> bool {
        self.is_left
    }

    /// How often it was: a number that grows with every change.
    #[inline]
    pub fn changes(&self) -> u32 {
        self.changes
    }

    /// Makes the map count as changed.
    #[inline]
    pub fn touch(&mut self) {
        self.changes = self.changes.saturating_add(1);
    }

    /// Number of pairs.
    #[inline]
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether there is no pair.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The pairs in order.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = MapEntry<'a>> + '_ {
        self.pairs.iter().map(|pair| self.entry(*pair))
    }

    /// The pairs in order, for writing them: fields of the input are named by their place.
    #[inline]
    pub fn pieces(&self) -> impl Iterator<Item = Piece<'_, 'a>> {
        self.pairs.iter().map(|pair| match pair.in_others() {
            None => {
                let Range { start, end } = self.field(*pair);
                Piece::Input(start, end)
            }
            Some(other) => Piece::Entry(&self.others[other]),
        })
    }

    /// The value of the first pair with this key.
    ///
    /// # Errors
    /// Damage in what is walked.
    #[inline]
    pub fn value_of(&self, key: &[u8]) -> Result<Option<Value<'a>>, EvalError> {
        match self.find(key)? {
            Some(idx) => self.value_at(idx).map(Some),
            None => Ok(None),
        }
    }

    /// The value of pair `idx`.
    ///
    /// # Errors
    /// Damage in bytes that had not been read yet; an index past the end is an [`crate::ErrorKind::IndexOutOfBounds`].
    #[inline]
    pub fn value_at(&self, idx: usize) -> Result<Value<'a>, EvalError> {
        let Some(pair) = self.pairs.get(idx) else {
            return Err(crate::ErrorKind::out_of_bounds(idx as i64, self.pairs.len()).into());
        };
        match pair.in_others() {
            Some(other) => self.others[other].value(),
            None => Ok(decode_any(self.input_any(*pair)?)?),
        }
    }

    /// The bytes of the `AnyValue` of a pair of the input.
    #[inline]
    fn input_any(&self, pair: Pair) -> Result<&'a [u8], WireError> {
        if pair.is_usual() {
            return Ok(self.message.get(pair.value()).unwrap_or_default());
        }
        Ok(key_value(self.raw_content(pair.start())?)?.value)
    }

    /// The text of pair `idx`, if its value is one.
    ///
    /// # Errors
    /// As [`MapEdit::value_at`].
    #[inline]
    pub fn text_at(&self, idx: usize) -> Result<Option<&'a [u8]>, EvalError> {
        let Some(pair) = self.pairs.get(idx) else { return Ok(None) };
        // PERF: texts and numbers as nearly all are written, without making a value of them.
        if pair.is_usual()
            && let Some(any) = self.message.get(pair.value())
        {
            match glance(any) {
                Glance::Text(text) => return Ok(Some(text)),
                Glance::Scalar => return Ok(None),
                Glance::Unclear => {}
            }
        }
        Ok(self.value_at(idx)?.as_str())
    }

    /// The first text among the pairs from `from` on, with the number of its pair; one of more than `spared` bytes, if that is
    /// said.
    ///
    /// # Errors
    /// As [`MapEdit::value_at`].
    #[inline]
    pub fn next_text(&self, from: usize, spared: Option<usize>) -> Result<Option<(usize, &'a [u8])>, EvalError> {
        for (idx, pair) in self.pairs.iter().enumerate().skip(from) {
            // PERF: what is not longer as a whole has no longer value.
            if pair.is_usual() && spared.is_some_and(|spared| pair.len() <= spared) {
                continue;
            }
            if let Some(text) = self.text_at(idx)?
                && spared.is_none_or(|spared| text.len() > spared)
            {
                return Ok(Some((idx, text)));
            }
        }
        Ok(None)
    }

    /// Overwrites the value of pair `idx`; an index past the end does nothing.
    #[inline]
    pub fn set_at(&mut self, idx: usize, value: Value<'a>) {
        if let Some(pair) = self.pairs.get(idx).copied() {
            let key = self.entry(pair).key;
            self.overwrite(idx, MapEntry::new(key, Slot::Value(value)));
        }
    }

    #[inline]
    fn overwrite(&mut self, idx: usize, entry: MapEntry<'a>) {
        let key_len = self.key_len_of(entry.key);
        self.touch();
        let pair = &mut self.pairs[idx];
        match pair.in_others() {
            None => {
                *pair = Pair::other(self.others.len() as u32, key_len, pair.known());
                self.others.push(entry);
                self.note(idx);
            }
            Some(other) => self.others[other] = entry,
        }
    }

    /// Overwrites the first pair with this key, or appends one, by the bytes of its `KeyValue` message, of which `any`
    /// is the value. For engines.
    ///
    /// # Errors
    /// Damage in the framing of a pair that was compared.
    #[inline]
    pub fn put_encoded(&mut self, key: NamedKey<'a>, any: &'a [u8], raw: &'a [u8]) -> Result<(), WireError> {
        let entry = MapEntry { key: key.key, value: Slot::Wire(any), raw };
        match self.find_named(key)? {
            Some(idx) => self.overwrite(idx, entry),
            None => {
                self.add(entry);
                self.touch();
            }
        }
        Ok(())
    }

    /// Overwrites the first pair with this key, or appends one.
    ///
    /// # Errors
    /// Damage in the framing of a pair that was compared.
    #[inline]
    pub fn try_put(&mut self, key: &'a [u8], value: Value<'a>) -> Result<(), WireError> {
        match self.find(key)? {
            Some(idx) => self.overwrite(idx, MapEntry::new(key, Slot::Value(value))),
            None => self.push(key, value),
        }
        Ok(())
    }

    /// The same for a key that may be known.
    ///
    /// # Errors
    /// Damage in the framing of a pair that was compared.
    #[inline]
    pub fn put_named(&mut self, key: NamedKey<'a>, value: Value<'a>) -> Result<(), WireError> {
        match self.find_named(key)? {
            Some(idx) => self.overwrite(idx, MapEntry::new(key.key, Slot::Value(value))),
            None => self.push(key.key, value),
        }
        Ok(())
    }

    /// The same in a verified map.
    #[inline]
    pub fn put(&mut self, key: &'a [u8], value: Value<'a>) {
        if self.try_put(key, value).is_err() {
            self.push(key, value);
        }
    }

    /// Appends a pair without looking for its key.
    ///
    /// PERF (json-bodies): it is made where it stays. A pair made elsewhere is copied before the store buffer has let go of its
    /// parts, which was a tenth of the row's time.
    #[inline(never)]
    pub fn push(&mut self, key: &'a [u8], value: Value<'a>) {
        self.add(MapEntry::new(key, Slot::Value(value)));
        self.touch();
    }

    /// Removes pair `idx` and moves the last pair into the hole, as the reference's removal of a single key does.
    #[inline]
    pub fn swap_remove(&mut self, idx: usize) {
        if idx < self.pairs.len() {
            let removed = self.pairs.swap_remove(idx);
            self.places.swap_removed(idx, removed, &self.pairs);
            self.touch();
        }
    }

    /// Keeps the pairs whose keys `keep` wants, in order, as the reference's bulk removals do.
    pub fn retain_keys(&mut self, mut keep: impl FnMut(&'a [u8]) -> bool) {
        let pairs = std::mem::take(&mut self.pairs);
        self.retain_pairs(pairs, |map, pair| keep(map.key(pair)));
    }

    /// Keeps the first `len` pairs.
    pub fn truncate(&mut self, len: usize) {
        if len < self.pairs.len() {
            self.touch();
            self.places.truncated(self.pairs.drain(len..));
        }
    }

    /// Keeps the pairs whose numbers `keep` wants, in order.
    pub fn retain_places(&mut self, mut keep: impl FnMut(usize) -> bool) {
        let pairs = std::mem::take(&mut self.pairs);
        let mut idx = 0;
        self.retain_pairs(pairs, |_, _| {
            idx += 1;
            keep(idx - 1)
        });
    }

    #[inline]
    fn retain_pairs(&mut self, mut pairs: Vec<Pair>, mut keep: impl FnMut(&Self, &Pair) -> bool) {
        let before = pairs.len();
        pairs.retain(|pair| keep(self, pair));
        self.pairs = pairs;
        if self.pairs.len() != before {
            self.touch();
            self.places.retained(&self.pairs);
        }
    }

    /// The keys in order.
    #[inline]
    pub fn keys(&self) -> impl Iterator<Item = &'a [u8]> + '_ {
        self.pairs.iter().map(|pair| self.key(pair))
    }

    #[inline]
    fn key(&self, pair: &Pair) -> &'a [u8] {
        if pair.is_usual() {
            return self.message.get(pair.key()).unwrap_or_default();
        }
        self.entry(*pair).key
    }

    /// Removes all pairs.
    pub fn clear(&mut self) {
        if !self.pairs.is_empty() {
            self.touch();
        }
        self.places.clear();
        self.pairs.clear();
    }

    /// Replaces all pairs.
    pub fn replace(&mut self, entries: impl IntoIterator<Item = MapEntry<'a>>) {
        self.places.clear();
        self.pairs.clear();
        self.others.clear();
        self.others.extend(entries);
        self.pairs.extend(self.others.iter().zip(0..).map(|(entry, other)| {
            let key_len = u8::try_from(entry.key.len()).unwrap_or(LONG_KEY);
            self.unusual |= key_len == LONG_KEY;
            let known = self.places.appended_key(other as usize, entry.key);
            Pair::other(other, key_len, known)
        }));
        self.is_noted = false;
        self.note(0);
        self.touch();
    }

    /// Makes the pairs these: fields of the same message, and elements of `others`; a change. For engines.
    pub fn adopt(&mut self, pairs: &[Pair], others: impl Iterator<Item = MapEntry<'a>>) {
        self.pairs.clear();
        self.pairs.extend(pairs.iter().map(|pair| match pair.known() {
            PREFIXED => pair.with_known(UNKNOWN),
            _ => *pair,
        }));
        self.others.clear();
        self.others.extend(others);
        let last = self.pairs.iter().rposition(|pair| pair.in_others().is_none());
        self.input_end = last.map_or(0, |last| last + 1);
        self.is_noted = false;
        self.note(0);
        self.places.retained(&self.pairs);
        self.touch();
    }

    /// The map as a value in the arena.
    ///
    /// # Errors
    /// Damage in bytes that had not been read yet.
    pub fn to_map(&self, arena: &'a crate::Arena) -> Result<Map<'a>, EvalError> {
        let mut failed = None;
        let mut measure = Measure::NOTHING;
        let entries = arena.collect(self.pairs.iter().map(|pair| {
            // PERF (benches, json-bodies): pairs that have values are copied straight.
            if let Some(other) = pair.in_others()
                && let MapEntry { key, value: Slot::Value(value), .. } = &self.others[other]
            {
                measure.add(key, value);
                return Entry { key, value: *value };
            }
            let entry = self.decoded(*pair).unwrap_or_else(|error| {
                failed = failed.or(Some(error));
                Entry { key: &[], value: Value::Nil }
            });
            measure.add(entry.key, &entry.value);
            entry
        }))?;
        match failed {
            None => Map::measured(entries, measure),
            Some(error) => Err(error),
        }
    }

    #[inline(never)]
    fn decoded(&self, pair: Pair) -> Result<Entry<'a>, EvalError> {
        let entry = self.try_entry(pair)?;
        Ok(Entry { key: entry.key, value: entry.value()? })
    }
}
