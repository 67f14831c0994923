//! The place of `dense` in builds without the feature `perf`: no pattern has such automata, and the meta engine is always asked.

use regex_syntax::hir::Hir;

/// The automata of no pattern.
#[derive(Debug)]
pub(super) enum Dense {}

impl Dense {
    pub(super) fn build(_: &Hir) -> Option<Dense> {
        None
    }

    pub(super) fn bytes(&self) -> usize {
        match *self {}
    }

    pub(super) fn is_anchored(&self) -> bool {
        match *self {}
    }

    pub(super) fn is_nullable(&self) -> bool {
        match *self {}
    }

    pub(super) fn is_match(&self, _: &[u8]) -> Option<bool> {
        match *self {}
    }

    pub(super) fn find(&self, _: &[u8], _: usize) -> Option<Option<(usize, usize)>> {
        match *self {}
    }
}
