//! Taking up a message.

use ottl_core::edit::{KnownKeys, PREFIXED, pair_at};
use ottl_otlp::wire::Reader;

use super::super::node::{Scan, short_field_end};
use super::{Compact, FIELDS, NONE, SLOTS};

/// Messages have at most so many bytes: sums of places in them fit 32 bits.
const MAX_LEN: usize = u32::MAX as usize / 2;

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
        let has_prefixes = keys.has_prefixes();
        let (mut count, mut present, mut map, mut pos) = (0, 0u32, (0, 0), 0);
        while let Some(&tag) = raw.get(pos) {
            if !scan.is_pair(tag) {
                let (mut number, mut end) = (u32::from(tag >> 3), short_field_end(raw, pos, tag));
                if end > raw.len() {
                    (number, end) = longer_field(raw, pos)?;
                    if number == scan.shape.attributes {
                        return None;
                    }
                }
                if scan.is_wanted(number) && (number as usize) < FIELDS {
                    if present & 1 << number != 0 {
                        return None;
                    }
                    present |= 1 << number;
                    self.fields[number as usize] = (pos as u32, end as u32);
                }
                pos = end;
                continue;
            }
            if map != (0, 0) {
                return None;
            }
            let start = pos;
            while raw.get(pos) == Some(&tag) {
                let (end, mut pair, key_at) = pair_at(raw, pos as u32);
                if end as usize > raw.len() {
                    return None;
                }
                if keys.has_length(pair.key_len())
                    && let Some(number) = keys.number_at(raw, key_at as usize, pair.key_len())
                {
                    let at = usize::from(number) % SLOTS;
                    if self.place[at] != NONE {
                        return None;
                    }
                    self.place[at] = count as u8;
                    pair = pair.with_known(number);
                } else if has_prefixes && keys.begins_prefix(*raw.get(key_at as usize)?) {
                    // Behind an empty key comes something else, and a look at the key itself tells.
                    pair = pair.with_known(PREFIXED);
                }
                *self.pairs.get_mut(count)? = pair;
                count += 1;
                pos = end as usize;
            }
            map = (start as u32, pos as u32);
        }
        self.count = count;
        self.same = count;
        self.map = map;
        self.present = present;
        Some(())
    }
}

/// Number and end of a field whose tag, length or value is longer than nearly all are.
#[inline(never)]
pub(in crate::fast) fn longer_field(raw: &[u8], pos: usize) -> Option<(u32, usize)> {
    let field = Reader::new(raw.get(pos..)?).next_field().ok()??;
    Some((field.number, pos + field.end))
}
