//! The automata behind a pattern, and when each is used.
//!
//! Two tiers, cheapest first: forward and reverse dense automata, which need no scratch memory
//! and so no pool, for patterns that stay small and texts that are short (`dense`, a feature); and `regex-automata`'s
//! meta engine for captures, long texts (its literal prefilters win there) and large patterns.
//! Both give leftmost-first matches. Deliberately elsewhere: `literal` and `sequence`, which come
//! first and do without automata.

use std::sync::atomic::{AtomicUsize, Ordering};

use regex_automata::{Input, meta};
use regex_syntax::hir::Hir;

use super::dense::Dense;

/// Texts up to this length use the dense automata where the meta engine has no fast prefilter.
const DENSE_TEXT: usize = 256;

/// The same limit where it has one: below it, the prefilter does not pay for its start.
const DENSE_TEXT_ACCELERATED: usize = 32;

/// What a lazy automaton may keep of the states it has seen, in bytes; less when the budget runs low. A pattern has up to two
/// of them, and each thread that searches with it a pair of its own: the share of the budget counts one of the first thread.
const LAZY_LIMIT: usize = 2 << 20;

/// What one state of a pattern's automata takes while they are built and afterwards, in bytes: measured, and rounded up.
const STATE_BYTES: u64 = 16;

/// What the automata of all patterns in the process may take, in bytes. Patterns that come later do without.
const BUDGET: usize = 128 << 20;

/// Largest program of an automaton, in bytes.
const NFA_LIMIT: usize = 16 << 20;

/// How much of [`BUDGET`] is in use.
static IN_USE: AtomicUsize = AtomicUsize::new(0);

/// A part of the budget, given back when it goes.
#[derive(Debug)]
struct Share(usize);

impl Share {
    fn take(bytes: usize) -> Option<Share> {
        let taken = IN_USE.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
            used.checked_add(bytes).filter(|&used| used <= BUDGET)
        });
        taken.ok().map(|_| Share(bytes))
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        IN_USE.fetch_sub(self.0, Ordering::Relaxed);
    }
}

/// The built automata of one pattern.
#[derive(Debug)]
pub(super) struct Engine {
    dense: Option<Dense>,
    dense_text: usize,
    pub(super) meta: meta::Regex,
    _share: Share,
}

impl Engine {
    /// Builds the automata of a pattern with about `cost` states; `None` when they are not worth their memory.
    pub(super) fn build(hir: &Hir, cost: u64) -> Option<Engine> {
        let expected = usize::try_from(cost.checked_mul(STATE_BYTES)?).ok()?;
        let transient = Share::take(expected)?;
        let left = BUDGET.saturating_sub(IN_USE.load(Ordering::Relaxed));
        let lazy = (left / 64).clamp(LAZY_LIMIT / 32, LAZY_LIMIT);
        let config = meta::Config::new()
            .utf8_empty(true)
            .nfa_size_limit(Some(NFA_LIMIT))
            .onepass_size_limit(Some(1 << 20))
            .hybrid_cache_capacity(lazy);
        let meta = meta::Builder::new().configure(config).build_from_hir(hir).ok()?;
        let dense_text = if meta.is_accelerated() { DENSE_TEXT_ACCELERATED } else { DENSE_TEXT };
        let dense = Dense::build(hir);
        drop(transient);
        let share = Share::take(meta.memory_usage() + dense.as_ref().map_or(0, Dense::bytes) + lazy)?;
        Some(Engine { dense, dense_text, meta, _share: share })
    }

    pub(super) fn is_match(&self, meta: &meta::Regex, haystack: &[u8]) -> bool {
        if let Some(dense) = &self.dense
            && (haystack.len() <= self.dense_text || dense.is_anchored())
            && let Some(found) = dense.is_match(haystack)
        {
            return found;
        }
        meta.is_match(haystack)
    }

    pub(super) fn find(&self, meta: &meta::Regex, haystack: &[u8], at: usize) -> Option<(usize, usize)> {
        if at > haystack.len() {
            return None;
        }
        if let Some(dense) = &self.dense
            && !dense.is_nullable()
            && (haystack.len() - at <= self.dense_text || dense.is_anchored())
            && let Some(found) = dense.find(haystack, at)
        {
            return found;
        }
        let input = Input::new(haystack).range(at..);
        meta.search(&input).map(|found| (found.start(), found.end()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `spec/limits.md` says of the memory beside the budget.
    #[test]
    fn caches_of_a_thread_are_bounded() {
        for pattern in [r"(?:\pL\d?){20}x", r"(?s)(a|b.*c){3}.{12}z", r"\w{8}-\w+@[a-m]{30}"] {
            let hir = super::super::parse::parse(pattern.as_bytes(), 64 << 20, super::super::parse::Groups::All)
                .expect("a pattern")
                .hir;
            let engine = Engine::build(&hir, 1 << 16).expect("within the budget");
            let mut cache = engine.meta.create_cache();
            // Letters in no order: every place is a state of its own.
            let letters = |seed: u32| (0..40_000u32).map(move |i| (i ^ seed).wrapping_mul(2_654_435_761) >> 25);
            for seed in 0..4 {
                let text: String = letters(seed).filter_map(|n| char::from_u32(0x61 + n % 0x50)).collect();
                let _ = engine.meta.search_with(&mut cache, &Input::new(&text));
            }
            assert!(cache.memory_usage() <= 2 * LAZY_LIMIT + (2 << 20), "{pattern}: {}", cache.memory_usage());
        }
    }
}
