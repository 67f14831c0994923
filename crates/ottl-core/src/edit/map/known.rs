//! Keys that rules name, found while the pairs of a map are loaded.
//!
//! INVARIANT: while `complete`, `at` says for every known key where its first pair is, or that there is none.
//! A key that is there twice, and maps of any length, change nothing of that until a pair is removed: the records of a
//! resource may all look at its pairs, and must not search them each.

use super::MapEdit;
use super::pair::{Pair, UNKNOWN, same};

/// How many keys of a map can be known.
pub const MAX_KNOWN: usize = 62;

/// Places for known keys; the last ones stay empty.
const SLOTS: usize = MAX_KNOWN + 2;

/// No pair.
const NONE: u32 = u32::MAX;

/// A key that rules name.
#[derive(Debug)]
struct KnownKey {
    key: Box<[u8]>,
    /// Its last bytes as a number; a shorter key has zeros in front.
    tail: u64,
}

/// How many bytes a tail has.
const TAIL: usize = size_of::<u64>();

/// By how many bytes of a tail are the key's: their bits.
const TAIL_BITS: [u64; TAIL + 1] = {
    let mut bits = [0; TAIL + 1];
    let mut len = 1;
    while len <= TAIL {
        bits[len] = !0 << (8 * (TAIL - len));
        len += 1;
    }
    bits
};

/// The last bytes in front of `end` as a number, the last one highest; those that the key does not have are zero.
///
/// PERF (metrics, structural): one load, which may begin in front of a short key, costs less than a comparison by length.
#[inline(always)]
fn tail(message: &[u8], end: usize, len: usize) -> u64 {
    match message.get(end.wrapping_sub(TAIL)..end).and_then(<[u8]>::first_chunk::<TAIL>) {
        Some(tail) => u64::from_le_bytes(*tail) & TAIL_BITS[len.min(TAIL)],
        None => short_tail(message, end, len),
    }
}

/// The same at the start of a message.
#[cold]
fn short_tail(message: &[u8], end: usize, len: usize) -> u64 {
    let key = message.get(end.saturating_sub(len)..end).unwrap_or_default();
    key.iter().rev().zip((0..TAIL).rev()).fold(0, |tail, (byte, at)| tail | u64::from(*byte) << (8 * at))
}

impl KnownKey {
    fn new(key: &[u8]) -> KnownKey {
        KnownKey { key: key.into(), tail: tail(key, key.len(), key.len()) }
    }

    /// Whether the bytes in front of the tail are those of a key of the same length that ends at `end`.
    #[inline(never)]
    fn has_front(&self, message: &[u8], end: usize) -> bool {
        let (len, start) = (self.key.len(), end.wrapping_sub(self.key.len()));
        let first = |bytes: &[u8]| bytes.first_chunk::<TAIL>().map(|first| u64::from_le_bytes(*first));
        let Some(key) = message.get(start..end) else { return false };
        first(key) == first(&self.key)
            && (len <= 2 * TAIL || self.key.get(TAIL..len - TAIL) == key.get(TAIL..len - TAIL))
    }
}

/// The keys that rules name. Looked up by length first: of sixteen keys rarely two have the same.
#[derive(Debug)]
pub struct KnownKeys {
    keys: Vec<KnownKey>,
    /// By length: one more than the number of the first key that has it.
    first: [u8; 256],
    /// By number: the same for the next key of the same length.
    next: [u8; SLOTS],
    /// By byte: some named prefix begins with it.
    starts: [bool; 256],
    has_prefixes: bool,
}

/// What maps use whose keys nobody knows.
pub(super) static NO_KEYS: KnownKeys =
    KnownKeys { keys: Vec::new(), first: [0; 256], next: [0; SLOTS], starts: [false; 256], has_prefixes: false };

impl Default for KnownKeys {
    fn default() -> Self {
        KnownKeys { keys: Vec::new(), first: [0; 256], next: [0; SLOTS], starts: [false; 256], has_prefixes: false }
    }
}

impl KnownKeys {
    /// How many there are: their numbers lie below.
    #[inline]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// The keys by number.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.keys.iter().map(|known| &*known.key)
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The number of a key, which is added if there is room.
    pub fn add(&mut self, key: &[u8]) -> Option<u8> {
        if let Some(number) = self.number(key) {
            return Some(number);
        }
        let number = self.keys.len();
        if number == MAX_KNOWN {
            return None;
        }
        let first = self.first.get_mut(key.len())?;
        let next = self.next.get_mut(number)?;
        *next = std::mem::replace(first, number as u8 + 1);
        self.keys.push(KnownKey::new(key));
        Some(number as u8)
    }

    /// Names a prefix: keys that may begin with it can be told from the others by their first byte.
    pub fn add_prefix(&mut self, prefix: &[u8]) {
        match prefix.first() {
            Some(first) => self.starts[usize::from(*first)] = true,
            None => self.starts.fill(true),
        }
        self.has_prefixes = true;
    }

    /// Whether prefixes are named.
    #[inline(always)]
    pub fn has_prefixes(&self) -> bool {
        self.has_prefixes
    }

    /// Whether some named prefix begins with this byte.
    #[inline(always)]
    pub fn begins_prefix(&self, first: u8) -> bool {
        self.starts[usize::from(first)]
    }

    /// Whether some key has this length.
    #[inline(always)]
    pub fn has_length(&self, len: u8) -> bool {
        self.first[usize::from(len)] != 0
    }

    /// The number of a key.
    #[inline(always)]
    pub fn number(&self, key: &[u8]) -> Option<u8> {
        let mut candidate = *self.first.get(key.len())?;
        while candidate != 0 {
            let number = candidate - 1;
            if self.keys.get(usize::from(number)).is_some_and(|known| same(&known.key, key)) {
                return Some(number);
            }
            candidate = self.next[usize::from(number) % SLOTS];
        }
        None
    }

    /// The number of the key of this length that ends at this place of a message.
    #[inline(always)]
    pub fn number_before(&self, message: &[u8], end: usize, len: u8) -> Option<u8> {
        let mut candidate = self.first[usize::from(len)];
        if candidate == 0 {
            return None;
        }
        let tail = tail(message, end, usize::from(len));
        loop {
            let number = candidate - 1;
            if let Some(known) = self.keys.get(usize::from(number))
                && known.tail == tail
                && (usize::from(len) <= TAIL || known.has_front(message, end))
            {
                return Some(number);
            }
            candidate = self.next[usize::from(number) % SLOTS];
            if candidate == 0 {
                return None;
            }
        }
    }
}

/// Where the known keys of a map are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places<'a> {
    pub known: &'a KnownKeys,
    at: [u32; SLOTS],
    complete: bool,
    /// Whether a known key was there twice: when the first pair goes, the next one has to be looked for.
    repeated: bool,
}

impl Default for Places<'_> {
    fn default() -> Self {
        Places { known: &NO_KEYS, at: [NONE; SLOTS], complete: true, repeated: false }
    }
}

impl<'a> Places<'a> {
    /// Starts anew without pairs.
    #[inline]
    pub fn start(&mut self, known: &'a KnownKeys) {
        *self = Places { known, at: [NONE; SLOTS], complete: true, repeated: false };
    }

    /// Forgets all pairs, which are gone.
    pub fn clear(&mut self) {
        self.start(self.known);
    }

    /// Pair `idx` was appended, whose key lies at this place of the message: the number of its key.
    #[inline(always)]
    pub fn appended(&mut self, idx: usize, message: &[u8], start: usize, len: u8) -> u8 {
        self.appended_number(idx, self.known.number_before(message, start + usize::from(len), len))
    }

    /// Pair `idx` was appended: the number of its key.
    #[inline]
    pub fn appended_key(&mut self, idx: usize, key: &[u8]) -> u8 {
        self.appended_number(idx, self.known.number(key))
    }

    #[inline(always)]
    fn appended_number(&mut self, idx: usize, number: Option<u8>) -> u8 {
        let Some(number) = number else { return UNKNOWN };
        let place = &mut self.at[usize::from(number) % SLOTS];
        if *place == NONE {
            // Messages have less than 4 GiB, and a pair takes two bytes of them or more.
            *place = idx as u32;
        } else {
            self.repeated = true;
        }
        number
    }

    /// A pair was appended that could not be taken apart.
    pub fn appended_damaged(&mut self) -> u8 {
        self.complete = false;
        UNKNOWN
    }

    /// Pair `idx` was removed, and the last pair, if it was another one, moved there.
    #[inline]
    pub fn swap_removed(&mut self, idx: usize, removed: Pair, pairs: &[Pair]) {
        self.complete &= !self.repeated;
        if removed.known() != UNKNOWN {
            self.at[usize::from(removed.known()) % SLOTS] = NONE;
        }
        if let Some(moved) = pairs.get(idx)
            && moved.known() != UNKNOWN
        {
            self.at[usize::from(moved.known()) % SLOTS] = idx as u32;
        }
    }

    /// The last pairs were removed.
    pub fn truncated(&mut self, removed: impl Iterator<Item = Pair>) {
        self.complete &= !self.repeated;
        for pair in removed {
            if let Some(place) = self.at.get_mut(usize::from(pair.known())) {
                *place = NONE;
            }
        }
    }

    /// Pairs were removed, the others stay in order.
    pub fn retained(&mut self, pairs: &[Pair]) {
        self.complete &= !self.repeated;
        self.at = [NONE; SLOTS];
        for (idx, pair) in pairs.iter().enumerate() {
            if pair.known() != UNKNOWN {
                self.at[usize::from(pair.known()) % SLOTS] = idx as u32;
            }
        }
    }

    /// Where the first pair of a known key is; `None` when that has to be looked for.
    #[inline]
    pub fn find(&self, number: u8) -> Option<Option<usize>> {
        if !self.complete {
            return None;
        }
        match self.at.get(usize::from(number)) {
            Some(&NONE) => Some(None),
            Some(&idx) => Some(Some(idx as usize)),
            None => None,
        }
    }
}

/// A key that rules name, and its number among the known ones if it has one.
#[derive(Clone, Copy, Debug)]
pub struct NamedKey<'k> {
    /// The key.
    pub key: &'k [u8],
    /// Its number; what is not a number of the map's [`KnownKeys`] is none.
    pub known: u8,
}

impl<'a> MapEdit<'a> {
    /// How many pairs [`MapEdit::find_named`] goes over. Those of a map with pairs that have to be taken apart for it count
    /// 64 times: that is about what they cost.
    #[inline]
    pub fn searched(&self, known: u8) -> usize {
        match self.places.find(known) {
            Some(_) => 0,
            None if self.unusual => 64 * self.len(),
            None => self.len(),
        }
    }

    /// Where the first pair with this key is. `key.known` has to be the number that the map's [`KnownKeys`] gave it.
    ///
    /// # Errors
    /// As [`MapEdit::find`].
    #[inline]
    pub fn find_named(&self, key: NamedKey<'_>) -> Result<Option<usize>, ottl_otlp::wire::WireError> {
        match self.places.find(key.known) {
            Some(place) => Ok(place),
            None => self.find(key.key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use crate::value::encode_key_value;
    use ottl_otlp::wire::put_len_field;

    #[test]
    fn places_of_many_pairs_are_known() {
        let mut known = KnownKeys::default();
        let [early, late] = [b"twice", b"later"].map(|key| known.add(key).expect("room"));
        let mut map = MapEdit::new();
        let mut bytes = Vec::new();
        let mut pair = Vec::new();
        let keys = std::iter::repeat_n(b"other", 70_000).chain([b"twice", b"twice", b"later"]);
        for key in keys {
            pair.clear();
            encode_key_value(&mut pair, key, &Value::Int(1));
            put_len_field(&mut bytes, 6, &pair);
        }
        map.start(&bytes, &known);
        assert_eq!(map.load_fields(0, 0x32), bytes.len());
        // Without a search.
        assert_eq!([early, late].map(|n| map.places.find(n)), [Some(Some(70_000)), Some(Some(70_002))]);
        map.swap_remove(70_000);
        let at = [(b"twice", early), (b"later", late)].map(|(key, known)| map.find_named(NamedKey { key, known }));
        assert_eq!(at, [Ok(Some(70_001)), Ok(Some(70_000))]);
    }

    /// Random edits: named keys are always where a search finds them.
    #[test]
    fn places_follow_every_edit() {
        let names: [&[u8]; 6] = [b"a", b"b", b"cc", b"dd", b"long.key", b""];
        let mut known = KnownKeys::default();
        let numbers: Vec<_> = names.iter().map(|name| known.add(name).expect("room")).collect();
        let mut seed = 7u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        for _ in 0..2000 {
            let mut bytes = Vec::new();
            for _ in 0..random(6) {
                let mut pair = Vec::new();
                let key = [names[random(6)], b"zz"][random(2)];
                encode_key_value(&mut pair, key, &Value::Int(random(300) as i64));
                if random(8) == 0 && !key.is_empty() {
                    // Value before key, as the reference's marshaler writes.
                    pair = [&pair[2 + key.len()..], &pair[..2 + key.len()]].concat();
                }
                put_len_field(&mut bytes, 6, &pair);
            }
            let mut map = MapEdit::new();
            map.start(&bytes, &known);
            let end = map.load_fields(0, 0x32);
            assert_eq!(end, bytes.len());
            for _ in 0..8 {
                let key = names[random(6)];
                match random(6) {
                    0 => map.put(key, Value::Int(1)),
                    1 => map.swap_remove(random(4)),
                    2 => map.retain_keys(|k| k != key),
                    3 => map.push(b"zz", Value::Nil),
                    4 => map.truncate(random(7)),
                    _ => map.set_at(random(4), Value::Bool(true)),
                }
                for (key, number) in names.iter().zip(&numbers) {
                    let named = map.find_named(NamedKey { key, known: *number }).expect("sound");
                    assert_eq!(named, map.iter().position(|pair| pair.key == *key));
                }
            }
        }
    }
}
