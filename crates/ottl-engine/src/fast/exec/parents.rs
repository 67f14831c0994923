//! [`Parents`]: what is computed once for each resource or scope.

use ottl_core::EvalError;
use ottl_core::edit::emptied;

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
#[derive(Debug, Default)]
pub(crate) struct Parents<'a>([Vec<Parent<'a>>; 2]);

impl<'a> Parents<'a> {
    /// The memory of this one for another message.
    pub fn emptied<'b>(self) -> Parents<'b> {
        Parents(self.0.map(emptied))
    }

    /// Another resource is the current one.
    #[inline]
    pub fn enter_resource(&mut self) {
        self.0.iter_mut().for_each(Vec::clear);
    }

    /// Another scope is the current one.
    #[inline]
    pub fn enter_scope(&mut self) {
        self.0[1].clear();
    }

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn get(&self, slot: ParentSlot) -> Option<&Parent<'a>> {
        self.0[usize::from(slot.scope)].get(slot.number as usize)
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

    /// Keeps something.
    pub fn keep(&mut self, slot: ParentSlot, value: Parent<'a>) {
        let known = &mut self.0[usize::from(slot.scope)];
        let number = slot.number as usize;
        if known.len() <= number {
            known.resize(number + 1, Parent::Unknown);
        }
        known[number] = value;
    }
}
