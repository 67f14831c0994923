//! `peek`: a filter asks the bytes of each record before it is made the current message.
//!
//! Proof: the conditions read nothing but their record, whose bytes nothing has changed when a filter comes to it, and what is known for
//! a whole resource or scope. They have no effects, so asking them once more is the same as asking them once: where the bytes give no
//! answer at once, or an error, all is forgotten and the record is asked as ever. Texts that are looked at take the same steps.

use ottl_schema::ContextId;

use crate::fast::levels::bit;
use crate::fast::program::LevelProgram;
use crate::fast::program::cond::{Cond, TextOf};
use crate::fast::program::effects::FEW;
use crate::fast::program::pass::Pass;

/// Chooses the levels of a filter whose records are asked so: those inside of which nothing is asked, for that could look at the record.
pub(super) fn peek(pass: &mut Pass) {
    let mut above = bit(ContextId::Resource) | bit(ContextId::Scope);
    for level in ContextId::ALL.into_iter().filter(|level| pass.active & bit(*level) != 0) {
        above |= std::iter::successors(level.parent(), |at| at.parent()).fold(0, |levels, at| levels | bit(at));
    }
    for level in ContextId::ALL.into_iter().filter(|level| pass.active & !above & bit(*level) != 0) {
        let program = &mut pass.levels[level as usize];
        program.peeks = can_peek(program, level);
    }
}

/// Whether the steps of a level, all of which drop, can be asked of the bytes of its records. Each look goes over a record from its
/// beginning, so there may be few.
fn can_peek(program: &LevelProgram, level: ContextId) -> bool {
    let is_simple = program.drops && program.screen.is_none() && program.groups.len() == 1;
    let mut looks = 0;
    let mut conditions = program.steps.iter().map(|step| step.condition.as_ref());
    is_simple
        && conditions.all(|condition| condition.is_some_and(|one| one_can(one, level, &mut looks)))
        && looks <= FEW
}

fn one_can(condition: &Cond, record: ContextId, looks: &mut u8) -> bool {
    match condition {
        Cond::And(parts) | Cond::Or(parts) => parts.iter().all(|part| one_can(part, record, looks)),
        Cond::Not(inner) => one_can(inner, record, looks),
        Cond::Attribute { level, .. } | Cond::Field { level, .. } | Cond::FieldText { level, .. } => {
            *looks = looks.saturating_add(1);
            *level == record
        }
        Cond::Text { level, of, .. } => {
            *looks = looks.saturating_add(1);
            *level == record && matches!(of, TextOf::Attribute(_))
        }
        Cond::PerParent { .. } => true,
        Cond::Expr(_) | Cond::Sure(_) | Cond::Ints { .. } | Cond::Body { .. } | Cond::Shared { .. } => false,
    }
}
