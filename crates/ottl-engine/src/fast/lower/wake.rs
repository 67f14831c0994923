//! What a step that writes triggers: found from its action.

use ottl_core::edit::KnownKeys;
use ottl_plan::Plan;
use ottl_schema::ContextId;

use super::screen::Screened;
use super::writes::{What, Written};
use crate::fast::program::screen::{Mask, Screen, Wakes, WokenSteps};

impl Screen {
    /// What a step triggers, whose level's keys have these numbers.
    pub(crate) fn wakes_of(
        &self,
        plan: &Plan,
        level: ContextId,
        steps: &[Screened<'_>],
        at: usize,
        known: &KnownKeys,
    ) -> Wakes {
        let written = Written::new(plan, level, steps[at].1);
        let of_fields = |fields: u32| {
            let asked = self.fields.iter().filter(move |field| fields >> (field.number & 31) & 1 != 0);
            asked.map(|asked| &asked.readers)
        };
        // There may be thousands of keys.
        let readers = match written.what {
            What::Anything => None,
            What::Nothing => Some(Mask::default()),
            What::Pair(key) => {
                let asked = self.keys.find(key).and_then(|number| self.pairs.get(number as usize));
                Some(asked.map_or_else(Mask::default, |asked| asked.readers.clone()))
            }
            What::Pairs(_) => {
                let asked = self.keys.iter().zip(&self.pairs).filter(|(key, _)| written.has_pair(key, known));
                Some(Mask::of_all(asked.map(|(_, asked)| &asked.readers)))
            }
            What::Fields(fields) => Some(Mask::of_all(of_fields(fields))),
        };
        let steps = match readers {
            Some(readers) => WokenSteps::of(at, readers.behind(at)),
            None if at + 1 == steps.len() => WokenSteps::of(at, Mask::default()),
            None => WokenSteps::All,
        };
        Wakes { steps, takes_pairs_out: written.takes_pairs_out }
    }
}
