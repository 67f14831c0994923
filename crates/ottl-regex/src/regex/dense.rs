//! Automata that are built ahead, forward and reverse: the first tier of `engine`.

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson::{self, NFA, WhichCaptures};
use regex_automata::{Anchored, Input, MatchKind};
use regex_syntax::hir::{Hir, Look};

/// Largest automaton kept per direction, in bytes.
const DENSE_LIMIT: usize = 256 << 10;

/// Scratch memory while one is built, in bytes.
const DETERMINIZE_LIMIT: usize = 1 << 20;

/// The automata of a pattern.
#[derive(Debug)]
pub(super) struct Dense {
    forward: dense::DFA<Vec<u32>>,
    /// Absent when every match begins at the start of the text, or when it became too large.
    reverse: Option<dense::DFA<Vec<u32>>>,
    anchored: bool,
    /// An empty pattern part makes spans subject to rules that the meta engine knows.
    nullable: bool,
}

impl Dense {
    pub(super) fn build(hir: &Hir) -> Option<Dense> {
        let properties = hir.properties();
        let anchored = properties.look_set_prefix().contains(Look::Start);
        let forward = build_dense(hir, anchored, false)?;
        let reverse = if anchored { None } else { build_dense(hir, true, true) };
        let nullable = properties.minimum_len() == Some(0);
        Some(Dense { forward, reverse, anchored, nullable })
    }

    pub(super) fn bytes(&self) -> usize {
        self.forward.memory_usage() + self.reverse.as_ref().map_or(0, dense::DFA::memory_usage)
    }

    /// Whether every match begins at the start of the text.
    pub(super) fn is_anchored(&self) -> bool {
        self.anchored
    }

    pub(super) fn is_nullable(&self) -> bool {
        self.nullable
    }

    fn anchor(&self) -> Anchored {
        if self.anchored { Anchored::Yes } else { Anchored::No }
    }

    /// Whether there is a match; `None` means "ask the meta engine".
    pub(super) fn is_match(&self, haystack: &[u8]) -> Option<bool> {
        let input = Input::new(haystack).anchored(self.anchor()).earliest(true);
        self.forward.try_search_fwd(&input).ok().map(|end| end.is_some())
    }

    /// The leftmost match; the outer `None` means "ask the meta engine".
    pub(super) fn find(&self, haystack: &[u8], at: usize) -> Option<Option<(usize, usize)>> {
        let input = Input::new(haystack).range(at..).anchored(self.anchor());
        if self.anchored {
            // `^` looks at the text before `at`, so only a search from 0 can succeed.
            if at > 0 {
                return Some(None);
            }
            let end = self.forward.try_search_fwd(&input).ok()?;
            return Some(end.map(|end| (0, end.offset())));
        }
        let reverse = self.reverse.as_ref()?;
        let Some(end) = self.forward.try_search_fwd(&input).ok()? else { return Some(None) };
        let back = Input::new(haystack).range(at..end.offset()).anchored(Anchored::Yes);
        let start = reverse.try_search_rev(&back).ok()??;
        Some(Some((start.offset(), end.offset())))
    }
}

fn build_dense(hir: &Hir, anchored: bool, reverse: bool) -> Option<dense::DFA<Vec<u32>>> {
    let config = thompson::Config::new()
        .utf8(true)
        .reverse(reverse)
        .which_captures(WhichCaptures::None)
        .nfa_size_limit(Some(DETERMINIZE_LIMIT));
    let nfa: NFA = thompson::Compiler::new().configure(config).build_from_hir(hir).ok()?;
    let kind = if anchored { StartKind::Anchored } else { StartKind::Unanchored };
    let match_kind = if reverse { MatchKind::All } else { MatchKind::LeftmostFirst };
    let config = dense::Config::new()
        .start_kind(kind)
        .match_kind(match_kind)
        .dfa_size_limit(Some(DENSE_LIMIT))
        .determinize_size_limit(Some(DETERMINIZE_LIMIT));
    dense::Builder::new().configure(config).build_from_nfa(&nfa).ok()
}
