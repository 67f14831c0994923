//! Keys that rules name, found while the pairs of a map are loaded.
//!
//! INVARIANT: while `complete`, `at` says for every known key where its first pair is, or that there is none.
//! A key that is there twice, and maps of any length, change nothing of that until a pair is removed: the records of a
//! resource may all look at its pairs, and must not search them each.

use ottl_otlp::any::tags;

use super::MapEdit;
use super::pair::{MapEntry, Pair, Slot, UNKNOWN, same};
use crate::{EvalError, Value};

/// How many keys of a map can be known.
pub const MAX_KNOWN: usize = 62;

/// Places for known keys; the last ones stay empty.
const SLOTS: usize = MAX_KNOWN + 2;

/// No pair.
const NONE: u32 = u32::MAX;

/// The last bytes of a key that rules name.
#[derive(Clone, Copy, Debug)]
struct Tail {
    /// As a number, the last one highest; a shorter key has zeros in front.
    bytes: u128,
    /// The bits that are the key's.
    mask: u128,
}

/// How many bytes a tail has.
const TAIL: usize = size_of::<u128>();

/// No key.
const NO_TAIL: Tail = Tail { bytes: 0, mask: 0 };

impl Tail {
    fn new(key: &[u8]) -> Tail {
        let own = 8 * key.len().min(TAIL) as u32;
        Tail { bytes: last_bytes(key, key.len()), mask: !u128::MAX.checked_shr(own).unwrap_or(0) }
    }

    /// Whether it may be that of a key with these last bytes, which [`last_of`] gave.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn ends(&self, last: u32) -> bool {
        let [bytes, mask] = [self.bytes, self.mask].map(|number| (number >> (8 * TAIL - 16)) as u32);
        (bytes ^ last) & mask == 0
    }
}

/// The bytes in front of `end` as a number, the last one highest; where there are fewer, zeros in front of them.
#[cold]
fn last_bytes(message: &[u8], end: usize) -> u128 {
    let front = message.get(..end).unwrap_or_default();
    front.iter().rev().zip((0..TAIL).rev()).fold(0, |bytes, (byte, at)| bytes | u128::from(*byte) << (8 * at))
}

/// The last two bytes of a key, or of what is in front of it in a pair, as [`sieve`] takes them.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(super) fn last_of(key: &[u8]) -> u32 {
    u32::from(u16::from_le_bytes(match *key {
        [.., before, last] => [before, last],
        [last] => [1, last],
        [] => [tags::KEY, 0],
    }))
}

/// The keys that rules name. Looked up by length first: of sixteen keys rarely two have the same.
#[derive(Debug)]
pub struct KnownKeys {
    keys: Vec<Box<[u8]>>,
    /// By number.
    tails: [Tail; SLOTS],
    /// By length: the number of the first key that has it.
    first: [u8; 256],
    /// By number: the next key of the same length.
    next: [u8; SLOTS],
    /// By [`sieve`]: some key has that.
    sieves: [bool; 256],
    /// By byte: some named prefix begins with it.
    starts: [bool; 256],
    has_prefixes: bool,
}

/// What maps use whose keys nobody knows.
pub(super) static NO_KEYS: KnownKeys = KnownKeys::new();

impl Default for KnownKeys {
    fn default() -> Self {
        KnownKeys::new()
    }
}

/// A number that equal keys share and others rarely do, of their length and their last two bytes, the last one higher. Of a key
/// that has fewer the tag or length in front of it take their place.
///
/// PERF (structural, tenant): what is as long as a key that rules name is mostly another key, and looking at that costs as
/// much as an attribute.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn sieve(last: u32, len: u8) -> usize {
    let number = (last.wrapping_mul(0x9e5) >> 8).wrapping_add(u32::from(len) << 3);
    usize::from(number as u8)
}

/// Which keys there may be, by [`sieve`].
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sieve([u64; 4]);

impl Sieve {
    /// Notes a key of this length with these last bytes.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn add(&mut self, last: u32, len: u8) {
        let number = sieve(last, len);
        self.0[number / 64 % 4] |= 1 << (number % 64);
    }

    /// Whether there may be such a key.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn has(&self, last: u32, len: u8) -> bool {
        let number = sieve(last, len);
        self.0[number / 64 % 4] >> (number % 64) & 1 != 0
    }
}

impl KnownKeys {
    const fn new() -> Self {
        KnownKeys {
            keys: Vec::new(),
            tails: [NO_TAIL; SLOTS],
            first: [UNKNOWN; 256],
            next: [UNKNOWN; SLOTS],
            sieves: [false; 256],
            starts: [false; 256],
            has_prefixes: false,
        }
    }

    /// No keys.
    #[must_use]
    pub fn none() -> &'static KnownKeys {
        &NO_KEYS
    }

    /// How many there are: their numbers lie below.
    #[inline]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// The key of a number.
    #[inline]
    pub fn key(&self, number: u8) -> Option<&[u8]> {
        self.keys.get(usize::from(number)).map(|key| &**key)
    }

    /// The keys by number.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.keys.iter().map(|key| &**key)
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
        *next = std::mem::replace(first, number as u8);
        self.sieves[sieve(last_of(key), key.len() as u8)] = true;
        self.tails[number] = Tail::new(key);
        self.keys.push(key.into());
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
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn has_prefixes(&self) -> bool {
        self.has_prefixes
    }

    /// Whether some named prefix begins with this byte.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn begins_prefix(&self, first: u8) -> bool {
        self.starts[usize::from(first)]
    }

    /// Whether some key may have this length and these last bytes (see [`sieve`]).
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn may_have(&self, last: u32, len: u8) -> bool {
        self.sieves[sieve(last, len)]
    }

    /// The number of a key.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn number(&self, key: &[u8]) -> Option<u8> {
        match *self.first.get(key.len())? {
            UNKNOWN => None,
            first => self.number_from(first, key),
        }
    }

    /// The same among the keys of its length, of which this is the first.
    // PERF (json-bodies): caches name no keys, and what adds a pair to one is inlined without this.
    #[inline(never)]
    fn number_from(&self, mut number: u8, key: &[u8]) -> Option<u8> {
        let last = last_of(key);
        if !self.may_have(last, key.len() as u8) {
            return None;
        }
        while let Some(known) = self.keys.get(usize::from(number)) {
            if self.tails[usize::from(number) % SLOTS].ends(last) && same(known, key) {
                return Some(number);
            }
            number = self.next[usize::from(number) % SLOTS];
        }
        None
    }

    /// The number of the key of this length that ends at this place of a message; [`UNKNOWN`] if there is none.
    ///
    /// PERF (metrics, structural): one load, which may begin in front of a short key, costs less than a comparison by length.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn number_before(&self, message: &[u8], end: u32, len: u8) -> u8 {
        let mut number = self.first[usize::from(len)];
        let from = end.wrapping_sub(TAIL as u32) as usize;
        let found = match message.get(from..from + TAIL).and_then(<[u8]>::first_chunk) {
            Some(found) => u128::from_le_bytes(*found),
            None => last_bytes(message, end as usize),
        };
        while number != UNKNOWN {
            let tail = &self.tails[usize::from(number) % SLOTS];
            if (tail.bytes ^ found) & tail.mask == 0
                && (usize::from(len) <= TAIL || self.has_front(number, message, end))
            {
                break;
            }
            number = self.next[usize::from(number) % SLOTS];
        }
        number
    }

    /// Whether what is in front of the tail of a known key is in front of the tail of a key of the same length that ends there,
    /// too.
    ///
    /// PERF (spans): the first bytes, which are also some of the last ones of a key that is not much longer than a tail, are one
    /// comparison.
    #[inline(never)]
    fn has_front(&self, number: u8, message: &[u8], end: u32) -> bool {
        let Some((first, key)) = self.keys.get(usize::from(number)).and_then(|key| Some((key.first_chunk()?, key)))
        else {
            return false;
        };
        let start = (end as usize).wrapping_sub(key.len());
        let found: Option<&[u8; TAIL]> = message.get(start..start.wrapping_add(TAIL)).and_then(<[u8]>::first_chunk);
        if found.map(|found| u128::from_le_bytes(*found)) != Some(u128::from_le_bytes(*first)) {
            return false;
        }
        key.len() <= 2 * TAIL || message.get(start + TAIL..(end as usize) - TAIL) == key.get(TAIL..key.len() - TAIL)
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

    /// Pair `idx` was appended, a usual one of the message: the number of its key.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn appended(&mut self, idx: usize, message: &[u8], pair: Pair) -> u8 {
        self.appended_number(idx, self.known.number_before(message, pair.key_end(), pair.key_len()))
    }

    /// Pair `idx` was appended: the number of its key.
    #[inline]
    pub fn appended_key(&mut self, idx: usize, key: &[u8]) -> u8 {
        self.appended_number(idx, self.known.number(key).unwrap_or(UNKNOWN))
    }

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn appended_number(&mut self, idx: usize, number: u8) -> u8 {
        if number == UNKNOWN {
            return UNKNOWN;
        }
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

    /// The value of the first pair with this key. `key.known` has to be the number that the map's [`KnownKeys`] gave it.
    ///
    /// # Errors
    /// Damage in what is walked.
    #[inline]
    pub fn value_named(&self, key: NamedKey<'_>) -> Result<Option<Value<'a>>, EvalError> {
        let mut value = Value::Nil;
        self.value_named_to(key, &mut value).map(|is_there| is_there.then_some(value))
    }

    /// The same, put to `to` if there is one.
    ///
    /// # Errors
    /// Damage in what is walked.
    #[inline]
    pub fn value_named_to(&self, key: NamedKey<'_>, to: &mut Value<'a>) -> Result<bool, EvalError> {
        let Some(idx) = self.find_named(key)? else { return Ok(false) };
        // PERF (calls): a value that is there is copied from where it lies.
        let written = self.pairs.get(idx).and_then(|pair| pair.in_others()).and_then(|other| self.others.get(other));
        match written {
            Some(MapEntry { value: Slot::Value(value), .. }) => *to = *value,
            _ => *to = self.value_at(idx)?,
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
                for key in names.iter().chain([&b"zz"[..], b"zd", b"z"].iter()) {
                    assert_eq!(map.position(key), map.iter().position(|pair| pair.key == *key));
                }
            }
        }
    }
}
