//! Taking pairs out by their keys, and finding them by what their fields are like.

use std::ops::Range;

use ottl_core::edit::{PREFIXED, Pair};

use super::super::pair::SizedPair;
use super::{Compact, MAX_PAIRS, NONE, SLOTS, key_of};

const _: () = assert!(MAX_PAIRS <= u64::BITS as usize);

impl Compact<'_> {
    /// Bits of the pairs that take more than so many bytes: what does not has no longer value.
    pub fn pairs_longer(&self, bytes: usize) -> u64 {
        // PERF (tenant): the lengths one over the other are no less than each.
        let pairs = self.pairs().iter().fold(0, |all, pair| all | pair.len());
        let written = self.written.iter().fold(0, |all, pair| all | pair.len());
        if pairs | written <= bytes { 0 } else { self.each_longer(bytes) }
    }

    fn each_longer(&self, bytes: usize) -> u64 {
        let long = |bits, (idx, pair): (usize, &Pair)| bits | u64::from(pair.len() > bytes) << idx;
        self.pairs().iter().enumerate().fold(0, long) | self.written_that(|pair| pair.len() > bytes)
    }

    /// Bits of the pairs that were written of which this is so. Those that are gone are asked about, too.
    #[inline]
    pub fn written_that(&self, is_so: impl Fn(&SizedPair<'_>) -> bool) -> u64 {
        let mut bits = 0;
        for (number, written) in self.written.iter().enumerate() {
            if is_so(written)
                && let Some(idx) = self.pairs().iter().position(|pair| pair.in_others() == Some(number))
            {
                bits |= 1 << idx;
            }
        }
        bits
    }

    /// The pair of the message that has this place of it: its number, and where it ends.
    pub fn pair_around(&self, at: usize) -> Option<(usize, usize)> {
        // Pairs that were written have no length.
        let has = |pair: &Pair| at.wrapping_sub(pair.start()) < pair.len();
        let idx = self.pairs().iter().position(has)?;
        Some((idx, self.pairs[idx].field().end))
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
    ///
    /// PERF (spans): those that go are the last ones of the others, and mostly few, so they are looked for from the end.
    #[inline(never)]
    pub fn keep_at_most(&mut self, limit: usize, stay: u64) -> bool {
        let count = self.count.min(MAX_PAIRS);
        let (mut excess, mut gone, mut at) = (count.saturating_sub(limit), 0u64, count);
        while excess != 0 && at != 0 {
            at -= 1;
            let goes = stay >> self.pairs[at].known() & 1 == 0;
            gone |= u64::from(goes) << at;
            excess -= usize::from(goes);
        }
        let removed = (gone != 0).then(|| {
            let first = gone.trailing_zeros() as usize;
            let left = move_up(&mut self.pairs, first..count, &mut self.place, |at, _| gone >> at & 1 == 0);
            Removed { first, left }
        });
        self.retained(removed)
    }

    /// Keeps the pairs whose keys begin so, or those whose keys do not, in order. Whether any was taken out. `known` has the
    /// bits of the known keys that begin so.
    ///
    /// INVARIANT: the prefix is a named one of the scan's known keys, so keys that begin so are known or marked.
    #[inline(never)]
    pub fn keep_prefix(&mut self, prefix: &[u8], known: u64, stay: bool) -> bool {
        let Compact { raw, pairs, count, place, written, .. } = self;
        let removed = retain(pairs, *count, place, |pair| {
            let begins = match pair.known() {
                PREFIXED => key_of(raw, written, pair).is_some_and(|key| key.starts_with(prefix)),
                number => known >> number & 1 != 0,
            };
            begins == stay
        });
        self.retained(removed)
    }

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn retain_by(&mut self, stays: impl FnMut(Pair) -> bool) -> bool {
        let removed = retain(&mut self.pairs, self.count, &mut self.place, stays);
        self.retained(removed)
    }

    /// Whether any pair was taken out.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn retained(&mut self, removed: Option<Removed>) -> bool {
        let Some(Removed { first, left }) = removed else { return false };
        self.count = left;
        self.same = self.same.min(first);
        self.map_changed = true;
        true
    }
}

/// What becomes of pairs of which some are taken out.
struct Removed {
    /// The number of the first one.
    first: usize,
    /// How many are left.
    left: usize,
}

/// Moves the pairs that stay to the front, in order. Nothing if all stay.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn retain(
    pairs: &mut [Pair; MAX_PAIRS],
    count: usize,
    place: &mut [u8; SLOTS],
    mut stays: impl FnMut(Pair) -> bool,
) -> Option<Removed> {
    let first = pairs.get(..count)?.iter().position(|pair| !stays(*pair))?;
    let left = move_up(pairs, first..count, place, |at, pair| at != first && stays(pair));
    Some(Removed { first, left })
}

/// Moves those of the last pairs that stay up to where the range begins, in order: where they end.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn move_up(
    pairs: &mut [Pair; MAX_PAIRS],
    last: Range<usize>,
    place: &mut [u8; SLOTS],
    mut stays: impl FnMut(usize, Pair) -> bool,
) -> usize {
    let mut left = last.start;
    for idx in last {
        let pair = pairs[idx % MAX_PAIRS];
        let stays = stays(idx, pair);
        if stays {
            pairs[left % MAX_PAIRS] = pair;
        }
        // Keys that are not known have a place that nobody looks at.
        place[usize::from(pair.known()) % SLOTS] = if stays { left as u8 } else { NONE };
        left += usize::from(stays);
    }
    left
}
