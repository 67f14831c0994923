//! Attributes that get the value of another one in front of the steps that ask about them: `set(attributes["new"], attributes["old"])
//! where attributes["old"] != nil`, and then questions about `new`.
//!
//! Such a copy is made wherever the other attribute is there. So what the steps behind ask of the key is asked of that one's value as
//! well, and the copy triggers none of them: they need not be tried on every record that has the old key.
//!
//! Why results stay the same:
//! - All steps that ask about the copy's key stand behind the step that makes it, which is triggered exactly where its condition holds.
//!   So they see the other attribute's value where that is there, and the key's own otherwise. Where both are there they are tried.
//! - Making the copy of a value that is no scalar, or damaged, may fail. Of such a one nothing can be answered: the steps are tried.
//! - A step in front of the copy that writes one of the two attributes triggers them; nothing is asked again in its place.
//! - What is asked again later is not asked of the other attribute in the place of the copy: they are tried.

use ottl_plan::Plan;
use ottl_schema::ContextId;

use super::screen::Screened;
use crate::fast::program::action::{Action, Assign, Source};
use crate::fast::program::cond::Cond;
use crate::fast::program::key::Key;
use crate::fast::program::screen::{Copied, Mask, Screen};

/// So many copies of a level are asked about ahead: each is looked at on every record. Others trigger the steps behind them.
const MOST_COPIES: usize = 16;

impl Screen {
    /// Finds the copies, when it is known what all steps ask.
    pub(super) fn find_copies(&mut self, plan: &Plan, level: ContextId, steps: &[Screened<'_>]) {
        if !self.gates.is_empty() {
            // Whether the copy's group is run is not known before.
            return;
        }
        for (at, (condition, action)) in steps.iter().enumerate() {
            if self.copies.len() == MOST_COPIES {
                break;
            }
            let Some((from, to)) = condition.and_then(|condition| copied(condition, action.plain(), plan, level))
            else {
                continue;
            };
            let (Some(from), Some(to)) = (self.keys.find(from.named().key), self.keys.find(to.named().key)) else {
                continue;
            };
            let (Some(source), Some(asked)) = (self.pairs.get(from as usize), self.pairs.get(to as usize)) else {
                continue;
            };
            let are_behind = !asked.readers.is_empty() && asked.readers.bits().all(|bit| bit as usize > at);
            if from != to && are_behind && !self.copies.iter().any(|other| other.to == to) {
                self.copies.push(Copied { from, to, at, own: source.readers.clone() });
            }
        }
        self.copies.sort_by_key(|copied| copied.from);
    }

    /// The copies of an attribute.
    fn copies_of(&self, from: u32) -> impl Iterator<Item = &Copied> {
        let begin = self.copies.partition_point(|copied| copied.from < from);
        self.copies[begin..].iter().take_while(move |copied| copied.from == from)
    }

    /// The steps that ask about an attribute and may have something to do when a step has written it.
    pub(super) fn readers_of_key(&self, at: usize, number: u32) -> Mask {
        let readers = |number: u32| self.pairs.get(number as usize).map(|asked| &asked.readers);
        let is_copy = self.copies.iter().any(|copied| copied.at == at && copied.to == number);
        let own = match self.copies_of(number).next() {
            // Of a copy, all was asked before.
            _ if is_copy => None,
            Some(copied) => Some(&copied.own),
            None => readers(number),
        };
        let behind = self.copies_of(number).filter(|copied| copied.at > at);
        Mask::of_all(behind.filter_map(|copied| readers(copied.to)).chain(own))
    }

    /// Whether an attribute may not be asked again after a step has written it: what it says is not all that decides.
    pub(super) fn decides_copies(&self, at: usize, number: u32) -> bool {
        let decides = |copied: &Copied| copied.from == number || copied.to == number && copied.at > at;
        self.copies.iter().any(decides)
    }
}

/// The two keys, if a step copies an attribute of its level wherever it is there.
fn copied<'p>(condition: &Cond, action: &'p Action, plan: &Plan, at: ContextId) -> Option<(&'p Key, &'p Key)> {
    let Action::Assign(Assign { level, key, source: Source::Attribute(of, from, _), .. }) = action else { return None };
    let (asked, guard) = condition.presence(plan)?;
    let is_here = [*level, *of, asked].iter().all(|one| *one == at);
    (is_here && guard.named().key == from.named().key).then_some((from, key))
}
