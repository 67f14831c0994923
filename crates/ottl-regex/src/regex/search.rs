//! Searches in one text: which matcher answers them.
//!
//! In order: the test for literals, the matcher of sequences as long as its fuel lasts, the automata. All places are
//! offsets of the text itself; what the automata see is `text`'s business.

use regex_automata::Input;

use super::sequence::Fuel;
use super::text::Text;
use super::{Captures, Regex};

/// The searches in one text.
#[derive(Debug)]
pub(super) struct Search<'r, 'h> {
    regex: &'r Regex,
    haystack: &'h [u8],
    /// What the sequence matcher may still spend.
    fuel: Fuel,
    /// The text as the automata see it, from their first use on.
    prepared: Option<Box<Text<'h>>>,
}

impl<'r, 'h> Search<'r, 'h> {
    #[inline]
    pub(super) fn new(regex: &'r Regex, haystack: &'h [u8]) -> Search<'r, 'h> {
        Search { regex, haystack, fuel: Fuel::of(haystack.len()), prepared: None }
    }

    /// The text.
    #[inline]
    pub(super) fn haystack(&self) -> &'h [u8] {
        self.haystack
    }

    /// The leftmost match at or after `at`, which is where a character starts.
    #[inline]
    pub(super) fn find(&mut self, at: usize) -> Option<(usize, usize)> {
        // PERF (tenant): behind a match there is often nothing left.
        if self.haystack.len().saturating_sub(at) < self.regex.core.least { None } else { self.find_in_rest(at) }
    }

    fn find_in_rest(&mut self, at: usize) -> Option<(usize, usize)> {
        let core = &*self.regex.core;
        if let Some(literal) = &core.literal
            && let Some(found) = literal.find(self.haystack, at)
        {
            return found;
        }
        if !self.fuel.is_spent()
            && let Some(sequence) = core.sequence()
        {
            let found = sequence.find(self.haystack, at, &mut self.fuel);
            if !self.fuel.is_spent() {
                return found;
            }
        }
        self.find_by_automaton(at)
    }

    #[cold]
    fn find_by_automaton(&mut self, at: usize) -> Option<(usize, usize)> {
        let core = &*self.regex.core;
        let mut span = [None; 2];
        let engine = match core.run(self.haystack, at, &mut span) {
            Ok(true) => return Some((span[0]?.get(), span[1]?.get())),
            Ok(false) => return None,
            Err(engine) => engine,
        };
        let meta = self.regex.meta(engine);
        let text = self.prepared.get_or_insert_with(|| Box::new(self.regex.core.text(self.haystack)));
        let (start, end) = engine.find(meta, &text.bytes, text.prepared(at))?;
        Some((text.original(start), text.original(end)))
    }

    /// Fills `captures` with the leftmost match at or after `at`.
    pub(super) fn captures(&mut self, at: usize, captures: &mut Captures) -> bool {
        let core = &*self.regex.core;
        captures.clear(self.regex.group_count());
        if at > self.haystack.len() {
            return false;
        }
        if self.regex.group_count() == 1 {
            let Some(span) = self.find(at) else { return false };
            captures.set_whole(span);
            return true;
        }
        if !self.fuel.is_spent()
            && let Some(sequence) = core.sequence()
        {
            let found = sequence.captures(self.haystack, at, &mut self.fuel, captures.slots_mut());
            if !self.fuel.is_spent() {
                return found.map(|span| captures.set_whole(span)).is_some();
            }
            captures.clear(self.regex.group_count());
        }
        let engine = match core.run(self.haystack, at, captures.slots_mut()) {
            Ok(found) => {
                captures.set_matched(found);
                return found;
            }
            Err(engine) => engine,
        };
        let meta = self.regex.meta(engine);
        let text = self.prepared.get_or_insert_with(|| Box::new(core.text(self.haystack)));
        let input = Input::new(&*text.bytes).range(text.prepared(at)..);
        if meta.search_slots(&input, captures.slots_mut()).is_none() {
            return false;
        }
        captures.finish(text);
        true
    }
}
