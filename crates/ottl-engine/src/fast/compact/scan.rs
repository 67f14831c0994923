//! Taking up a message.

use ottl_core::edit::{KnownKeys, MAX_KNOWN, PREFIXED};

use super::super::node::{MAX_LEN, Scan, scan_fields};
use super::{Compact, MAX_PAIRS, NONE, SLOTS};

impl<'a> Compact<'a> {
    /// Takes up a message. `None` if it is not in canonical encoding.
    ///
    /// PERF (metrics, structural): everything that changes in the loop is local, and pairs are told by their members'
    /// tags and lengths; nothing is decoded.
    #[inline(never)]
    pub fn scan(&mut self, raw: &'a [u8], scan: &Scan, keys: &'a KnownKeys) -> Option<()> {
        if raw.len() > MAX_LEN {
            return None;
        }
        self.raw = raw;
        self.tag = scan.attribute_tag();
        self.kept = scan.compact_fields();
        self.keys = keys;
        self.place = [NONE; SLOTS];
        self.renamed = 0;
        self.map_changed = false;
        self.written.clear();
        self.dirty = 0;
        self.count = 0;
        self.map = (0, 0);
        let wanted = self.kept;
        let (mut present, mut pos) = (0, 0);
        while let Some(&first) = raw.get(pos as usize) {
            if !scan.is_pair(first) {
                let fields = (wanted, scan.shape.attributes);
                pos = scan_fields(raw, pos, scan.pairs(), fields, (&mut present, &mut self.fields))?;
                continue;
            }
            if self.map != (0, 0) {
                return None;
            }
            let end = self.scan_pairs(raw, pos, first, keys)?;
            self.map = (pos, end);
            pos = end;
        }
        self.oneof = scan.shape.oneof;
        if (present & self.oneof).count_ones() > 1 {
            return None;
        }
        self.same = self.count;
        self.present = present;
        Some(())
    }

    /// Takes up the attributes, which lie together from `pos` on: where they end.
    #[inline(never)]
    fn scan_pairs(&mut self, raw: &[u8], pos: u32, tag: u8, keys: &KnownKeys) -> Option<u32> {
        let found = match keys.has_prefixes() {
            false => keys.scan_pairs::<false>(raw, pos, tag, &mut self.pairs)?,
            true => keys.scan_pairs::<true>(raw, pos, tag, &mut self.pairs)?,
        };
        self.count = found.count;
        self.name_pairs(raw, found.candidates, keys).then_some(found.end)
    }

    /// Looks up the keys of pairs. Whether none is there twice that rules name.
    #[inline(never)]
    fn name_pairs(&mut self, raw: &[u8], mut candidates: u64, keys: &KnownKeys) -> bool {
        let Compact { pairs, place, count, .. } = self;
        while candidates != 0 {
            let idx = count.wrapping_sub(1 + candidates.trailing_zeros() as usize) % MAX_PAIRS;
            candidates &= candidates - 1;
            let pair = &mut pairs[idx];
            let number = keys.number_of(raw, *pair);
            if usize::from(number) >= MAX_KNOWN {
                if keys.may_begin_prefix(raw, *pair) {
                    *pair = pair.with_known(PREFIXED);
                }
                continue;
            }
            let place = &mut place[usize::from(number)];
            if *place != NONE {
                return false;
            }
            *place = idx as u8;
            *pair = pair.with_known(number);
        }
        true
    }
}
