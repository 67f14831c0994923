//! Pairs of a map in one pass over the message that they lie in.
//!
//! INVARIANT: pairs that are not usual (see [`Pair`]) are left to the caller.

use super::known::{KnownKeys, NamedKey, last_of};
use super::pair::{Pair, PairAt, SHORTEST, pair_at, short_pair_at};

/// What a pass over pairs found.
#[derive(Clone, Copy, Debug)]
pub struct ScannedPairs {
    /// Where the last field ends.
    pub end: u32,
    /// How many there are.
    pub count: usize,
    /// Bits of those whose keys may be known or begin with a named prefix, the last pair lowest.
    pub candidates: u64,
}

/// How many pairs have room.
pub(super) const MOST_SCANNED: usize = u64::BITS as usize;

/// That room.
type Room = [Pair; MOST_SCANNED];

impl KnownKeys {
    /// Takes up the pairs in the fields from `pos` on that have this tag, which is of one byte. Nothing if there are more than
    /// have room, or one is not usual or damaged. With `PREFIXES`, pairs count whose keys may begin with a named prefix.
    /// For engines.
    ///
    /// PERF (structural, metrics): what every attribute of a record costs that is changed. Small loops keep in registers what
    /// one would not: there is one for either order of key and value, and keys are not looked up here.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn scan_pairs<const PREFIXES: bool>(
        &self,
        message: &[u8],
        pos: u32,
        tag: u8,
        pairs: &mut Room,
    ) -> Option<ScannedPairs> {
        let mut found = ScannedPairs { end: pos, count: 0, candidates: 0 };
        loop {
            found = self.scan_alike::<true, PREFIXES>(message, tag, found, pairs)?;
            if message.get(found.end as usize) == Some(&tag) {
                found = self.scan_alike::<false, PREFIXES>(message, tag, found, pairs)?;
            }
            match message.get(found.end as usize) {
                Some(next) if *next == tag => {}
                None if found.end as usize > message.len() => return None,
                _ => return Some(found),
            }
            let PairAt { pair, end, key_at, last } = pair_at(message, found.end)?;
            *pairs.get_mut(found.count)? = pair;
            let is_candidate =
                self.may_have(last, pair.key_len()) || PREFIXES && self.begins_prefix(*message.get(key_at as usize)?);
            found.candidates = found.candidates << 1 | u64::from(is_candidate);
            found.count += 1;
            found.end = end;
        }
    }

    /// The same as long as key and value come in this order and have short lengths. The last one may end behind the message.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn scan_alike<const KEY_FIRST: bool, const PREFIXES: bool>(
        &self,
        message: &[u8],
        tag: u8,
        found: ScannedPairs,
        pairs: &mut Room,
    ) -> Option<ScannedPairs> {
        let ScannedPairs { end: mut pos, mut count, mut candidates } = found;
        while let Some(front) = message.get(pos as usize..pos as usize + SHORTEST).and_then(<[u8]>::first_chunk) {
            let Some(PairAt { pair, end, key_at, last }) = short_pair_at::<KEY_FIRST>(message, pos, tag, front) else {
                break;
            };
            *pairs.get_mut(count)? = pair;
            let mut is_candidate = self.may_have(last, pair.key_len());
            if PREFIXES {
                // Behind an empty key comes something else, and a look at the key itself tells.
                let first = if KEY_FIRST { front[4] } else { *message.get(key_at as usize)? };
                is_candidate |= self.begins_prefix(first);
            }
            candidates = candidates << 1 | u64::from(is_candidate);
            count += 1;
            pos = end;
        }
        Some(ScannedPairs { end: pos, count, candidates })
    }

    /// The number of the key of a usual pair of a message; what is not a number of a key if it is not known. For engines.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn number_of(&self, message: &[u8], pair: Pair) -> u8 {
        self.number_before(message, pair.key_end(), pair.key_len())
    }

    /// Whether the key of a usual pair of a message begins with a byte that some named prefix begins with. For engines.
    #[inline(never)]
    pub fn may_begin_prefix(&self, message: &[u8], pair: Pair) -> bool {
        message.get(pair.key().start).is_some_and(|first| self.begins_prefix(*first))
    }
}

/// Where a search for a key stopped.
#[derive(Clone, Copy, Debug)]
pub struct PairSearch {
    /// The pairs in front of this do not have the key. Where the last one that was looked at ends behind the message, this lies
    /// behind the message.
    pub pos: u32,
    /// Where the `AnyValue` of the pair there starts and ends, if it has the key. No value starts at 0.
    pub value: (u32, u32),
}

impl NamedKey<'_> {
    /// Goes over the usual pairs in the fields from `pos` on that have this tag, which is of one byte, up to the first one with
    /// the key. For engines.
    ///
    /// PERF (filter-logs, filter-spans): what every attribute in front of one costs that is looked for without a scan.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn search_pairs(&self, message: &[u8], mut pos: u32, tag: u8) -> PairSearch {
        let last = last_of(self.key);
        loop {
            let from = pos;
            if let Some(found) = self.search_alike::<true>(message, tag, &mut pos, last) {
                return found;
            }
            if message.get(pos as usize) == Some(&tag)
                && let Some(found) = self.search_alike::<false>(message, tag, &mut pos, last)
            {
                return found;
            }
            if pos == from {
                // One with longer lengths, or an unusual one.
                let Some(PairAt { pair, end, .. }) = pair_at(message, pos) else { break };
                if message.get(pair.key()) == Some(self.key) {
                    let value = pair.value();
                    return PairSearch { pos, value: (value.start as u32, value.end as u32) };
                }
                pos = end;
            }
            if message.get(pos as usize) != Some(&tag) {
                break;
            }
        }
        PairSearch { pos, value: (0, 0) }
    }

    /// The same as long as key and value come in this order and have short lengths.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn search_alike<const KEY_FIRST: bool>(
        &self,
        message: &[u8],
        tag: u8,
        pos: &mut u32,
        last_of_key: u32,
    ) -> Option<PairSearch> {
        while let Some(front) = message.get(*pos as usize..*pos as usize + SHORTEST).and_then(<[u8]>::first_chunk) {
            let PairAt { pair, end, key_at, last } = short_pair_at::<KEY_FIRST>(message, *pos, tag, front)?;
            if last == last_of_key && usize::from(pair.key_len()) == self.key.len() && end as usize <= message.len() {
                let key_end = key_at.wrapping_add(u32::from(pair.key_len()));
                if message.get(key_at as usize..key_end as usize) == Some(self.key) {
                    let value = if KEY_FIRST { (key_end + 2, end) } else { (*pos + 4, key_at.wrapping_sub(2)) };
                    return Some(PairSearch { pos: *pos, value });
                }
            }
            *pos = end;
        }
        None
    }
}
