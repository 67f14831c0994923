//! The groups of one match.

use std::ops::Range;

use regex_automata::util::primitives::NonMaxUsize;

use super::text::Text;

/// The groups of one match, as byte ranges of the text. Reusable: one value serves any number of
/// searches with any patterns.
#[derive(Debug, Clone, Default)]
pub struct Captures {
    slots: Vec<Option<NonMaxUsize>>,
    /// The whole match in offsets of the prepared text, where a next search goes on.
    span: (usize, usize),
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

    pub(super) fn set_whole(&mut self, span: (usize, usize), text: &Text<'_>) {
        self.slots[0] = NonMaxUsize::new(span.0);
        self.slots[1] = NonMaxUsize::new(span.1);
        self.finish(text);
    }

    /// Takes over the slots of a match in the prepared text.
    pub(super) fn finish(&mut self, text: &Text<'_>) {
        let offset = |slot: Option<Option<NonMaxUsize>>| slot.flatten().map_or(0, |at| at.get());
        self.span = (offset(self.slots.first().copied()), offset(self.slots.get(1).copied()));
        self.matched = true;
        for at in self.slots.iter_mut().flatten() {
            if let Some(original) = NonMaxUsize::new(text.original(at.get())) {
                *at = original;
            }
        }
    }

    /// The whole match in offsets of the prepared text.
    pub(super) fn span(&self) -> (usize, usize) {
        self.span
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
