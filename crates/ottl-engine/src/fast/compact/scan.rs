//! Taking up a message.

use ottl_core::edit::{KnownKeys, PREFIXED, pair_at};

use super::super::node::{Scan, scan_fields};
use super::{Compact, MAX_PAIRS, NONE, SLOTS};

/// Messages have at most so many bytes: sums of places in them fit 32 bits.
pub(in crate::fast) const MAX_LEN: usize = u32::MAX as usize / 2;

impl<'a> Compact<'a> {
    /// Takes up a message. `None` if it is not in canonical encoding.
    ///
    /// PERF (metrics, structural): everything that changes in the loop is local, and pairs are told by their members'
    /// tags and lengths; nothing is decoded.
    #[inline(never)]
    pub fn scan(&mut self, raw: &'a [u8], scan: &Scan, keys: &KnownKeys) -> Option<()> {
        if raw.len() > MAX_LEN {
            return None;
        }
        self.raw = raw;
        self.tag = scan.attribute_tag();
        self.kept = scan.compact_fields();
        self.place = [NONE; SLOTS];
        self.map_changed = false;
        self.written.clear();
        self.dirty = 0;
        self.count = 0;
        self.map = (0, 0);
        let wanted = scan.short_fields();
        let (mut present, mut pos) = (0, 0);
        while let Some(&first) = raw.get(pos) {
            if !scan.is_pair(first) {
                let fields = (wanted, scan.shape.attributes);
                pos = scan_fields(raw, pos, scan.pairs(), fields, (&mut present, &mut self.fields))?;
                continue;
            }
            if self.map != (0, 0) {
                return None;
            }
            let end = match keys.has_prefixes() {
                false => self.scan_pairs::<false>(raw, pos as u32, first, keys)?,
                true => self.scan_pairs::<true>(raw, pos as u32, first, keys)?,
            };
            self.map = (pos as u32, end);
            pos = end as usize;
        }
        self.same = self.count;
        self.present = present;
        Some(())
    }

    /// Takes up the attributes, which lie together from `pos` on: where they end.
    ///
    /// PERF (structural, metrics): two small loops keep in registers what one would not.
    #[inline(never)]
    fn scan_pairs<const PREFIXES: bool>(&mut self, raw: &[u8], mut pos: u32, tag: u8, keys: &KnownKeys) -> Option<u32> {
        let Compact { pairs, place, .. } = self;
        // Bits of the pairs whose keys may be known.
        let mut candidates = 0u64;
        let mut count = 0;
        while raw.get(pos as usize) == Some(&tag) {
            let (end, mut pair, key_at) = pair_at(raw, pos)?;
            if PREFIXES && keys.begins_prefix(*raw.get(key_at as usize)?) {
                // Behind an empty key comes something else, and a look at the key itself tells.
                pair = pair.with_known(PREFIXED);
            }
            *pairs.get_mut(count)? = pair;
            candidates |= u64::from(keys.has_length(pair.key_len())) << count;
            count += 1;
            pos = end;
        }
        self.count = count;
        while candidates != 0 {
            let idx = candidates.trailing_zeros() as usize;
            candidates &= candidates - 1;
            let pair = &mut pairs[idx % MAX_PAIRS];
            if let Some(number) = keys.number_before(raw, pair.key().end, pair.key_len()) {
                let place = &mut place[usize::from(number) % SLOTS];
                if *place != NONE {
                    return None;
                }
                *place = idx as u8;
                *pair = pair.with_known(number);
            }
        }
        Some(pos)
    }
}
