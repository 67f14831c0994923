//! Calls whose patterns are looked for together.

use ottl_core::function::CallContext;
use ottl_core::{EvalError, Map, Value};
use ottl_plan::CallSite;

use super::looked::Looked;
use super::state::State;
use crate::fast::program::extractions::PatternPlace;

impl<'a> State<'a, '_> {
    /// Makes a call whose pattern is looked for together with those of others.
    #[inline(never)]
    pub(super) fn extract(&mut self, site: &'a CallSite, place: PatternPlace) -> Result<Value<'a>, EvalError> {
        let text = self.argument(site, 0)?;
        if let Value::Str(text) = text
            && !self.may_match(text, place)?
        {
            self.steps.take(1)?;
            return Ok(Value::Map(Map::EMPTY));
        }
        // The others are literals.
        self.with_args_from(site, text, |state, args| {
            state.steps.call(args)?;
            site.kernel.call(&mut CallContext::new(state), args)
        })
    }

    /// Whether a pattern may match a text. The text is looked at once for all patterns of the set.
    fn may_match(&mut self, text: &'a [u8], place: PatternPlace) -> Result<bool, EvalError> {
        let PatternPlace { set, number } = place;
        let sets = &self.code.extractions.sets;
        let looked = &mut self.spare.looked;
        if looked.len() < sets.len() {
            looked.resize_with(sets.len(), Looked::default);
        }
        let Looked { text: known, candidates } = &mut looked[set];
        let is = Some((text.as_ptr() as usize, text.len()));
        if *known != is {
            self.steps.look_at(text.len())?;
            candidates.clear();
            candidates.resize(sets[set].words(), 0);
            sets[set].visit_candidates(text, |pattern| {
                candidates[pattern / 64] |= 1 << (pattern % 64);
                std::ops::ControlFlow::Continue(())
            });
            *known = is;
        }
        Ok(candidates[number / 64] >> (number % 64) & 1 != 0)
    }
}
