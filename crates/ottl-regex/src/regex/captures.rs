//! The groups of one match.

use std::ops::Range;

use regex_automata::util::primitives::NonMaxUsize;
use smallvec::SmallVec;

use super::text::Text;

/// Slots of as many groups as need no heap memory, two of each.
const INLINE: usize = 16;

/// The groups of one match, as byte ranges of the text. Reusable: one value serves any number of
/// searches with any patterns.
#[derive(Debug, Clone, Default)]
pub struct Captures {
    slots: SmallVec<[Option<NonMaxUsize>; INLINE]>,
    matched: bool,
}

impl Captures {
    /// An empty value.
    pub fn new() -> Captures {
        Captures::default()
    }

    pub(super) fn clear(&mut self, groups: usize) {
        self.slots.clear();
        self.slots.resize(groups * 2, None);
        self.matched = false;
    }

    pub(super) fn slots_mut(&mut self) -> &mut [Option<NonMaxUsize>] {
        &mut self.slots
    }

    /// The last search matched here.
    pub(super) fn set_whole(&mut self, (start, end): (usize, usize)) {
        self.slots[0] = NonMaxUsize::new(start);
        self.slots[1] = NonMaxUsize::new(end);
        self.matched = true;
    }

    /// The slots are those of a match, or of none.
    pub(super) fn set_matched(&mut self, matched: bool) {
        self.matched = matched;
    }

    /// Takes over the slots of a match in a prepared text.
    pub(super) fn finish(&mut self, text: &Text<'_>) {
        self.matched = true;
        for at in self.slots.iter_mut().flatten() {
            if let Some(original) = NonMaxUsize::new(text.original(at.get())) {
                *at = original;
            }
        }
    }

    /// Whether the last search matched.
    pub fn is_match(&self) -> bool {
        self.matched
    }

    /// Number of groups, the whole match included.
    pub fn len(&self) -> usize {
        self.slots.len() / 2
    }

    /// Whether no search has filled this value yet.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The span of a group; `None` if it took no part in the match or does not exist.
    pub fn group(&self, index: usize) -> Option<Range<usize>> {
        if !self.matched {
            return None;
        }
        let start = self.slots.get(index.checked_mul(2)?).copied().flatten()?;
        let end = self.slots.get(index * 2 + 1).copied().flatten()?;
        Some(start.get()..end.get())
    }

    /// The text of a group in the searched text; empty if it took no part in the match.
    pub fn text<'h>(&self, haystack: &'h [u8], index: usize) -> &'h [u8] {
        self.group(index).and_then(|range| haystack.get(range)).unwrap_or_default()
    }
}
