//! Renames: a statement copies an attribute to another key, the next one deletes the first key.
//!
//! Where the record is compact and the value a scalar in canonical encoding, the step of the first statement gives the pair
//! the other key where it stands, and the step behind is spared.
//!
//! Why results stay the same:
//! - What is left is the same. A copy to a new key is appended, and a deletion moves the last pair, which is that, into the gap.
//!   If the other key is there, its pair gets the value, and the first pair is taken out as ever. The value is copied byte by
//!   byte by both ways.
//! - Nothing is run between the two steps, and the deletion would be done: it has no condition, or one that only asks whether
//!   the attribute is there. Neither it nor such a copy can fail.
//! - The step of the copy counts what the deletion would count: that it changed something, and that it matched if it has a
//!   condition. One that has none matches where it is run, or on every record.
//! - What the deletion triggers and makes stale, the copy does; where it is a copy alone, more is asked than needs to be. Of a
//!   compact record no key with a number is there twice, so that is all if all keys that are asked about have one.
//! - The deletion stays a step. Where the walk does not leave it out after a rename, it finds nothing to do: there is no such
//!   attribute any more, and a condition that asks for it is asked again.

use ottl_core::edit::MAX_KNOWN;
use ottl_plan::Plan;
use ottl_schema::ContextId;

use crate::fast::program::action::{Action, Assign, Rename, Source};
use crate::fast::program::cond::Cond;
use crate::fast::program::key::Key;
use crate::fast::program::screen::{Mask, Screen, WokenSteps};
use crate::fast::program::{LevelProgram, Step};

/// Finds the renames of a level, after all else is done with it.
pub(super) fn rename(program: &mut LevelProgram, plan: &Plan, level: ContextId) {
    let LevelProgram { groups, steps, screen, numbers, .. } = program;
    if !program.is_compact || screen.is_some() && !numbers.are_all() {
        return;
    }
    for group in groups {
        for at in group.steps.0..group.steps.1.saturating_sub(1) {
            let Some([copy, deletion]) =
                steps.get_mut(at..at + 2).and_then(|steps| <&mut [Step; 2]>::try_from(steps).ok())
            else {
                continue;
            };
            let Some((from, to)) = renamed(copy, deletion, plan, level) else { continue };
            if screen.as_mut().is_some_and(|screen| !screen.wake_for_both(at, deletion.condition.is_some())) {
                continue;
            }
            copy.stales.general |= deletion.stales.general;
            copy.stales.compact |= deletion.stales.compact;
            let copied = std::mem::replace(&mut copy.action, Action::Drop);
            copy.action = Action::Rename(Rename {
                level,
                from,
                to,
                copy: Box::new(copied),
                deletion: deletion.source,
                is_asked: deletion.condition.is_some(),
            });
        }
    }
}

/// The numbers of the two keys, if these steps rename an attribute of their level.
fn renamed(copy: &Step, deletion: &Step, plan: &Plan, level: ContextId) -> Option<(u8, u8)> {
    let (
        Action::Assign(Assign { level: to_level, key, source: Source::Attribute(of, from, _), .. }),
        Action::Delete { level: at, key: gone },
    ) = (&copy.action, &deletion.action)
    else {
        return None;
    };
    let is_here = [to_level, of, at].iter().all(|one| **one == level);
    let has_number = |key: &Key| usize::from(key.number()) < MAX_KNOWN;
    let is_there = |condition: &Cond| asks_presence(condition, plan, level, from);
    let is_rename = is_here
        && has_number(key)
        && has_number(from)
        && from.number() == gone.number()
        && from.number() != key.number()
        // Keys of other lengths are not written in place.
        && (1..0x80).contains(&key.named().key.len())
        && deletion.condition.as_ref().is_none_or(is_there);
    is_rename.then(|| (from.number(), key.number()))
}

/// Whether a condition is that an attribute is there.
fn asks_presence(condition: &Cond, plan: &Plan, at: ContextId, of: &Key) -> bool {
    match condition {
        Cond::Shared { condition, .. } => asks_presence(condition, plan, at, of),
        _ => condition.presence(plan).is_some_and(|(level, key)| level == at && key.number() == of.number()),
    }
}

impl Screen {
    /// Makes a step trigger what the next one triggers, too, and that one's own condition be asked again if it has one. Nothing
    /// is done if that one asks questions again, which costs less than trying all of them.
    fn wake_for_both(&mut self, at: usize, is_asked: bool) -> bool {
        let Some([first, second]) = self.wakes.get_mut(at..at + 2) else { return false };
        let (Some([woken, unsure]), Some([others, not_known]), None) =
            (first.steps.all_of(at), second.steps.all_of(at + 1), &second.again)
        else {
            return false;
        };
        let next = if is_asked { Mask::of(at as u32 + 1) } else { Mask::default() };
        let all = |masks: &[&Mask]| Mask::of_all(masks.iter().copied());
        first.steps = WokenSteps::of(at, all(&[&woken, &others]), all(&[&unsure, &not_known, &next]));
        if let Some(again) = &mut first.again {
            again.others = all(&[&again.others, &others]);
            again.unsure = all(&[&again.unsure, &not_known, &next]);
        }
        true
    }
}
