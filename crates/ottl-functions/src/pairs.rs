//! [`Pairs`]: a map under construction in the arena.
//!
//! INVARIANT: keys in [`Pairs`] are unique; putting a key again overwrites its value and keeps its place, as the
//! reference's `PutEmpty` does. Both cost one look-up per key whatever the size, so hostile maps stay cheap.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;

use ottl_core::Arena;
use ottl_core::ArenaVec;
use ottl_core::edit::MapEntry;
use ottl_core::value::Entry;
use ottl_core::{EvalError, Map, Value};

/// Up to here a walk over the pairs beats hashing.
const SMALL: usize = 16;

/// No pair in this slot of the index.
const FREE: u32 = u32::MAX;

fn hash(key: &[u8]) -> u64 {
    // Keyed with chance, so that nobody can prepare colliding keys.
    static STATE: OnceLock<RandomState> = OnceLock::new();
    STATE.get_or_init(RandomState::new).hash_one(key)
}

/// A pair as it lies in a map: of one that is edited, or of a value.
pub(crate) trait Keyed<'a>: Copy {
    /// Its key.
    fn key(&self) -> &'a [u8];
}

impl<'a> Keyed<'a> for MapEntry<'a> {
    #[inline]
    fn key(&self) -> &'a [u8] {
        self.key
    }
}

impl<'a> Keyed<'a> for Entry<'a> {
    #[inline]
    fn key(&self) -> &'a [u8] {
        self.key
    }
}

/// An ordered list of pairs with unique keys.
pub(crate) struct Pairs<'a, P = MapEntry<'a>> {
    entries: ArenaVec<'a, P>,
    /// The bits of the keys.
    seen: u64,
    /// Positions by hash, open addressing, at most half full; empty while there are few pairs.
    index: ArenaVec<'a, u32>,
}

impl<'a> Pairs<'a, Entry<'a>> {
    /// The map of the pairs. They may share values: see [`Arena::map`].
    pub(crate) fn into_map(self, arena: &'a Arena) -> Result<Value<'a>, EvalError> {
        arena.map(self.entries.into_slice())
    }
}

impl<'a, P: Keyed<'a>> Pairs<'a, P> {
    /// No pairs yet, with room for some.
    #[inline]
    pub(crate) fn with_capacity(arena: &'a Arena, capacity: usize) -> Result<Self, EvalError> {
        Ok(Pairs { entries: arena.vec_for(capacity)?, seen: 0, index: arena.vec() })
    }

    /// The pairs in order.
    pub(crate) fn entries(&self) -> &[P] {
        &self.entries
    }

    /// Where this key is.
    #[inline]
    pub(crate) fn position(&self, key: &[u8]) -> Option<usize> {
        self.position_of(key, Map::key_bit(key))
    }

    #[inline]
    fn position_of(&self, key: &[u8], bit: u64) -> Option<usize> {
        if self.seen & bit == 0 { None } else { self.search(key) }
    }

    #[inline(never)]
    fn search(&self, key: &[u8]) -> Option<usize> {
        if self.index.is_empty() {
            return self.entries.iter().position(|e| e.key() == key);
        }
        let mask = self.index.len() - 1;
        let mut slot = hash(key) as usize & mask;
        loop {
            let at = self.index[slot];
            if at == FREE {
                return None;
            }
            if self.entries[at as usize].key() == key {
                return Some(at as usize);
            }
            slot = (slot + 1) & mask;
        }
    }

    /// Overwrites the pair with this key, or appends it. Answers whether it is new.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(crate) fn put(&mut self, entry: P) -> Result<bool, EvalError> {
        let bit = Map::key_bit(entry.key());
        match self.position_of(entry.key(), bit) {
            Some(at) => {
                self.entries[at] = entry;
                Ok(false)
            }
            None => {
                self.push(entry, bit)?;
                Ok(true)
            }
        }
    }

    /// Appends a pair whose key is known to be new.
    #[inline]
    pub(crate) fn push_unique(&mut self, entry: P) -> Result<(), EvalError> {
        self.push(entry, Map::key_bit(entry.key()))
    }

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn push(&mut self, entry: P, bit: u64) -> Result<(), EvalError> {
        self.seen |= bit;
        self.entries.push(entry)?;
        if self.entries.len() > SMALL { self.index_last() } else { Ok(()) }
    }

    #[inline(never)]
    fn index_last(&mut self) -> Result<(), EvalError> {
        if self.entries.len() * 2 > self.index.len() {
            return self.reindex();
        }
        self.enter(self.entries.len() - 1);
        Ok(())
    }

    fn reindex(&mut self) -> Result<(), EvalError> {
        let size = (self.entries.len() * 4).next_power_of_two();
        self.index.clear();
        self.index.resize(size, FREE)?;
        for at in 0..self.entries.len() {
            self.enter(at);
        }
        Ok(())
    }

    fn enter(&mut self, at: usize) {
        let mask = self.index.len() - 1;
        let mut slot = hash(self.entries[at].key()) as usize & mask;
        while self.index[slot] != FREE {
            slot = (slot + 1) & mask;
        }
        self.index[slot] = at as u32;
    }
}

/// Whether a key occurs twice.
pub(crate) fn has_duplicates<'k>(
    entries: impl Iterator<Item = MapEntry<'k>>,
    arena: &Arena,
) -> Result<bool, EvalError> {
    let mut keys = arena.vec();
    keys.extend(entries.map(|e| e.key))?;
    if keys.len() <= SMALL {
        let mut seen = 0;
        return Ok(keys.iter().enumerate().any(|(i, key)| {
            let bit = Map::key_bit(key);
            let maybe = seen & bit != 0;
            seen |= bit;
            maybe && keys[..i].contains(key)
        }));
    }
    let mut seen = arena.vec_for(keys.len())?;
    seen.extend(keys.iter().map(|key| (hash(key), *key)))?;
    seen.sort_unstable();
    Ok(seen.windows(2).any(|pair| pair[0] == pair[1]))
}

#[cfg(test)]
mod tests {
    use ottl_core::Value;
    use ottl_core::edit::Slot;

    use super::*;

    #[test]
    fn a_key_keeps_its_place_at_any_size() {
        let arena = Arena::new();
        for count in [1_usize, 15, 16, 17, 40, 1000] {
            let mut pairs = Pairs::with_capacity(&arena, 4).expect("no limit");
            let entry = |key: usize, value: i64| {
                let key = arena.copy(key.to_string().as_bytes()).expect("no limit");
                MapEntry::new(key, Slot::Value(Value::Int(value)))
            };
            for key in 0..count {
                assert!(pairs.put(entry(key, 0)).expect("no limit"));
            }
            for key in 0..count {
                assert!(!pairs.put(entry(key, 1)).expect("no limit"), "{key} of {count}");
                assert_eq!(pairs.position(key.to_string().as_bytes()), Some(key));
            }
            assert_eq!(pairs.position(b"none"), None);
            assert_eq!(pairs.entries().len(), count);
            assert!(pairs.entries().iter().all(|e| matches!(e.value, Slot::Value(Value::Int(1)))));
            assert!(!has_duplicates(pairs.entries().iter().copied(), &arena).expect("no limit"));
            let doubled: Vec<_> = pairs.entries().iter().chain(&pairs.entries()[..1]).copied().collect();
            assert!(has_duplicates(doubled.into_iter(), &arena).expect("no limit"));
        }
    }
}
