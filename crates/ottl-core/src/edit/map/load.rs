//! Taking up the pairs of a map: out of a message, one field after the other or all at once, or out of a value.

use ottl_otlp::any::Members;
use ottl_otlp::wire::WireError;

use super::MapEdit;
use super::known::KnownKeys;
use super::pair::{LONG_KEY, MapEntry, Pair, PairAt, Slot, UNKNOWN, pair_at, short_field};
use super::scan::{MOST_SCANNED, ScannedPairs};
use crate::value::key_value;
use crate::{EvalError, Map};

impl<'a> MapEdit<'a> {
    /// Starts anew with the pairs that lie in `message`; they are added by [`MapEdit::load_field`]. Where the keys are that
    /// `known` holds is then known without a search. For engines.
    #[inline]
    pub fn start(&mut self, message: &'a [u8], known: &'a KnownKeys) {
        self.message = message;
        self.pairs.clear();
        self.others.clear();
        self.changes = 0;
        self.unusual = false;
        self.is_noted = false;
        self.places.start(known);
    }

    /// Adds the pair that the field at `start` of the message holds; not a change. For engines.
    /// Its content is looked at later: [`MapEdit::verify`] has to pass before the map is handed to an editor.
    #[inline(never)]
    pub fn load_field(&mut self, start: u32) {
        let pair = self.raw_content(start as usize).and_then(key_value);
        let known = match pair {
            Ok(pair) => self.places.appended_key(self.pairs.len(), pair.key),
            Err(_) => self.places.appended_damaged(),
        };
        self.unusual = true;
        self.pairs.push(Pair::unusual(start, known));
        self.input_end = self.pairs.len();
    }

    /// Adds the pairs that the fields from `start` on hold as long as they have this tag and lengths of one or two
    /// bytes; answers where they end. For engines, as [`MapEdit::load_field`].
    #[inline(never)]
    pub fn load_fields(&mut self, start: usize, tag: u8) -> usize {
        let message = self.message;
        let keys = self.places.known;
        let mut pos = start;
        if let Some(end) = self.load_usual(start, tag) {
            self.input_end = self.pairs.len();
            return end;
        }
        while message.get(pos) == Some(&tag) {
            // PERF (benches, every row): only keys that are like one that rules name are looked at.
            let usual = pair_at(message, pos as u32).filter(|at| at.end as usize > pos);
            let Some(PairAt { pair, end, last, .. }) = usual else {
                let Some((_, end)) = short_field(message, pos) else { break };
                self.load_field(pos as u32);
                pos = end;
                continue;
            };
            let known = match keys.may_have(last, pair.key_len()) {
                true => self.places.appended(self.pairs.len(), message, pair),
                false => UNKNOWN,
            };
            self.pairs.push(pair.with_known(known));
            pos = end as usize;
        }
        self.input_end = self.pairs.len();
        pos
    }

    /// The same if all of them are usual and few. Else nothing is added.
    ///
    /// PERF (tenant at one record a message): keys are looked up when all pairs are there, as compact records do it; the resource's
    /// attributes take half as much then.
    fn load_usual(&mut self, start: usize, tag: u8) -> Option<usize> {
        let (message, keys, before) = (self.message, self.places.known, self.pairs.len());
        self.pairs.resize(before + MOST_SCANNED, Pair::NONE);
        let room = self.pairs.get_mut(before..).and_then(<[Pair]>::first_chunk_mut);
        let found = room.and_then(|room| keys.scan_pairs::<false>(message, start as u32, tag, room));
        self.pairs.truncate(before + found.map_or(0, |found| found.count));
        let ScannedPairs { end, count, mut candidates } = found?;
        while candidates != 0 {
            // The first one first: of a key that is there twice it counts.
            let bit = candidates.ilog2();
            candidates &= !(1 << bit);
            let idx = (before + count).wrapping_sub(1 + bit as usize);
            if let Some(pair) = self.pairs.get_mut(idx) {
                *pair = pair.with_known(self.places.appended(idx, message, *pair));
            }
        }
        Some(end as usize)
    }

    /// Adds a pair from its `KeyValue` message; not a change. For engines.
    ///
    /// # Errors
    /// Damage in the pair's framing.
    pub fn load_pair(&mut self, raw: &'a [u8]) -> Result<(), WireError> {
        if self.others.capacity() == 0 {
            // Lists of points have many maps, most of them small.
            self.others.reserve_exact(1);
        }
        let pair = key_value(raw)?;
        self.add(MapEntry { key: pair.key, value: Slot::Wire(pair.value), raw });
        Ok(())
    }

    /// Loads the pairs of a value; not a change.
    ///
    /// # Errors
    /// Damage in the map's framing.
    pub fn load(&mut self, map: Map<'a>) -> Result<(), EvalError> {
        self.reset();
        match map {
            Map::Entries(entries, _) => {
                for e in entries {
                    self.add(MapEntry::new(e.key, Slot::Value(e.value.kept())));
                }
            }
            Map::Wire(bytes, _) => {
                for pair in Members::new(bytes) {
                    self.load_pair(pair)?;
                }
            }
        }
        Ok(())
    }

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn add(&mut self, entry: MapEntry<'a>) {
        let key_len = self.key_len_of(entry.key);
        let known = self.places.appended_key(self.pairs.len(), entry.key);
        self.pairs.push(Pair::other(self.others.len() as u32, key_len, known));
        self.others.push(entry);
        self.note(self.pairs.len() - 1);
    }

    /// The length of a key as pairs hold it.
    #[inline]
    pub(super) fn key_len_of(&mut self, key: &[u8]) -> u8 {
        match u8::try_from(key.len()) {
            Ok(len) if len != LONG_KEY => len,
            _ => {
                self.unusual = true;
                LONG_KEY
            }
        }
    }
}
