//! [`Answers`]: what is known, for the current record, of the conditions that steps share.

use crate::fast::program::Stales;

/// The answers to shared conditions, a bit each.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Answers {
    /// Those that are known.
    known: u64,
    /// Those of them that hold.
    holding: u64,
}

impl Answers {
    /// Another record is the current one.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn clear(&mut self) {
        self.known = 0;
    }

    /// Whether a condition holds, if that is known.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn get(&self, bit: u8) -> Option<bool> {
        (self.known >> (bit & 63) & 1 != 0).then_some(self.holding >> (bit & 63) & 1 != 0)
    }

    /// Keeps whether a condition holds.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn keep(&mut self, bit: u8, holds: bool) {
        let bit = bit & 63;
        self.known |= 1 << bit;
        self.holding = self.holding & !(1 << bit) | u64::from(holds) << bit;
    }

    /// Whether anything is known.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn is_any_known(&self) -> bool {
        self.known != 0
    }

    /// A step has written.
    #[inline]
    pub fn written(&mut self, stales: &Stales, is_compact: bool) {
        self.known &= !if is_compact { stales.compact } else { stales.general };
    }
}
