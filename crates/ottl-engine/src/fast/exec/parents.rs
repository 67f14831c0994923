//! [`Parents`]: what is computed once for each resource or scope.

use ottl_core::{Arena, EvalError};

use crate::fast::pair::SizedPair;
use crate::fast::program::ParentSlot;

/// Something that is computed once for a resource or scope.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Parent<'a> {
    /// It was not asked for yet, or cannot be kept.
    #[default]
    Unknown,
    /// Whether a condition holds.
    Condition(Result<bool, EvalError>),
    /// A pair to be put into attribute maps.
    Pair(SizedPair<'a>),
}

/// What was computed for the current resource, and for the current scope.
///
/// PERF (messages of one record): most rules compute one thing, which needs no memory beside this.
#[derive(Debug, Default)]
pub(crate) struct Parents<'a> {
    first: [Parent<'a>; 2],
    /// The others, in the arena.
    others: [&'a mut [Parent<'a>]; 2],
}

impl<'a> Parents<'a> {
    /// Another resource is the current one.
    #[inline]
    pub fn enter_resource(&mut self) {
        self.first[0] = Parent::Unknown;
        self.others[0].fill(Parent::Unknown);
        self.enter_scope();
    }

    /// Another scope is the current one.
    #[inline]
    pub fn enter_scope(&mut self) {
        self.first[1] = Parent::Unknown;
        self.others[1].fill(Parent::Unknown);
    }

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn get(&self, ParentSlot { scope, number }: ParentSlot) -> Option<&Parent<'a>> {
        match (number as usize).checked_sub(1) {
            None => Some(&self.first[usize::from(scope)]),
            Some(number) => self.others[usize::from(scope)].get(number),
        }
    }

    /// Whether a condition holds, if that was computed.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn condition(&self, slot: ParentSlot) -> Option<&Result<bool, EvalError>> {
        match self.get(slot) {
            Some(Parent::Condition(known)) => Some(known),
            _ => None,
        }
    }

    /// The pair, if it was encoded.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn pair(&self, slot: ParentSlot) -> Option<SizedPair<'a>> {
        match self.get(slot) {
            Some(Parent::Pair(pair)) => Some(*pair),
            _ => None,
        }
    }

    /// Keeps something, if there is room for it.
    ///
    /// PERF (messages of one record): it is made where it stays. Elsewhere it would be read as a whole before all of it has left the
    /// store buffer.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn keep(
        &mut self,
        ParentSlot { scope, number }: ParentSlot,
        value: impl FnOnce() -> Parent<'a>,
        arena: &'a Arena,
    ) {
        match (number as usize).checked_sub(1) {
            None => self.first[usize::from(scope)] = value(),
            Some(number) => self.keep_other((scope, number), value(), arena),
        }
    }

    #[inline(never)]
    fn keep_other(&mut self, (scope, number): (bool, usize), value: Parent<'a>, arena: &'a Arena) {
        let known = &mut self.others[usize::from(scope)];
        if known.len() <= number {
            let count = (number + 1).max(2 * known.len());
            let Ok(more) = arena.fill(count, |idx| known.get(idx).copied().unwrap_or_default()) else { return };
            *known = more;
        }
        known[number] = value;
    }
}
