//! Giving a pair another key, in place.

use ottl_core::edit::{MAX_KNOWN, Pair};
use ottl_otlp::any::{is_canonical_scalar, tags};
use ottl_otlp::wire::put_varint;

use super::emit::Run;
use super::{Compact, MAX_PAIRS, NONE};

impl<'a> Compact<'a> {
    /// Gives the pair of a known key another one: what a copy to that key, appended if it is not there, and then taking the
    /// first one out leave. `None`, and nothing done, if there is no such pair, if it was written before, and if its value is no
    /// scalar in canonical encoding, of which a copy is written in other bytes.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn rename(&mut self, from: u8, to: u8) -> Option<()> {
        let at = *self.place.get(usize::from(from))?;
        let there = *self.place.get(usize::from(to))?;
        let pair = *self.pairs.get(usize::from(at))?;
        if pair.in_others().is_some() || !is_canonical_scalar(self.raw.get(pair.value())?) {
            return None;
        }
        let renamed = pair.with_known(to);
        self.renamed |= 1 << to;
        if there == NONE {
            // What is taken out last moves into the gap: the copy.
            self.pairs[usize::from(at) % MAX_PAIRS] = renamed;
            self.place[usize::from(to)] = at;
            self.place[usize::from(from)] = NONE;
            self.same = self.same.min(usize::from(at));
            self.map_changed = true;
        } else {
            self.pairs[usize::from(there) % MAX_PAIRS] = renamed;
            self.same = self.same.min(usize::from(there));
            self.remove(from);
        }
        Some(())
    }

    /// Whether a key is there twice, one without a number.
    pub fn has_key_twice(&self) -> bool {
        let pairs = self.pairs();
        let is_twice = |idx: usize| {
            let pair = pairs[idx];
            usize::from(pair.known()) >= MAX_KNOWN
                && (0..idx).any(|other| pairs[other].key_len() == pair.key_len() && self.key(other) == self.key(idx))
        };
        (1..pairs.len()).any(is_twice)
    }

    /// Whether a pair of the message has another key than there.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn is_renamed(&self, pair: Pair) -> bool {
        self.renamed >> pair.known() & 1 != 0
    }

    /// Writes such a pair up to its value; that comes next, in one copy with what follows it in the message.
    pub(super) fn emit_renamed(&self, pair: Pair, run: &mut Run<'a>, out: &mut Vec<u8>) {
        let key = self.keys.key(pair.known()).unwrap_or_default();
        let value = pair.value_field();
        run.flush(out);
        let len = 2 + key.len() + value.len();
        match len {
            ..0x80 => out.extend_from_slice(&[self.tag, len as u8, tags::KEY, key.len() as u8]),
            _ => {
                out.push(self.tag);
                put_varint(out, len as u64);
                out.extend_from_slice(&[tags::KEY, key.len() as u8]);
            }
        }
        out.extend_from_slice(key);
        run.begin(value);
    }
}
