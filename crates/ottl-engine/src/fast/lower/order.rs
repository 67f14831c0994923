//! `order`: in a chain of `and` or `or`, what costs little is asked before what costs much.
//!
//! Proof: an operand that cannot fail changes nothing and says nothing but its answer, so where none of a chain can fail, their
//! order shows nowhere. An operand that can fail has to be asked before those behind it, because its error comes before their
//! answer. A search in a text can only fail where there is no text (then a value is converted, or missing), so it is asked in its
//! place, looks whether there is a text, and if there is one, asks first what stands behind it: where that decides the chain, both
//! answers of the search lead to the same end, and it is not done. Between the two nothing may stand that can fail, for that has
//! to be asked if the search finds something. Steps of work that a search would take are not taken where it is not done.

use ottl_core::function::TextPredicate;
use ottl_regex::TextPattern;

use crate::fast::program::LevelProgram;
use crate::fast::program::cond::{Cond, Known};

/// The operands of a chain: where none can fail, those first that are known for a whole resource or scope.
pub(super) fn sorted(mut conditions: Vec<Cond>) -> Vec<Cond> {
    if conditions.iter().all(Cond::cannot_fail) {
        conditions.sort_by_key(|condition| !matches!(condition, Cond::PerParent { .. }));
    }
    conditions
}

/// Looks behind the searches of a level. What several conditions share is searched in any case: it is done once for all.
pub(super) fn look_behind(program: &mut LevelProgram) {
    let of_groups = program.groups.iter_mut().flat_map(|group| &mut group.conditions).map(|(condition, _)| condition);
    let of_steps = program.steps.iter_mut().filter_map(|step| step.condition.as_mut());
    of_groups.chain(of_steps).for_each(chains);
}

/// Looks behind the searches of all chains in a condition.
fn chains(condition: &mut Cond) {
    match condition {
        Cond::And(parts) => chain(parts, false),
        Cond::Or(parts) => chain(parts, true),
        Cond::Not(inner) | Cond::Shared { condition: inner, .. } => chains(inner),
        _ => {}
    }
}

/// Looks behind the searches of a chain that one answer decides.
fn chain(conditions: &mut [Cond], decisive: bool) {
    conditions.iter_mut().for_each(chains);
    for at in 0..conditions.len() {
        let (searches, behind) = conditions.split_at_mut(at + 1);
        let Some((place, is_negated)) = searches.last_mut().and_then(|condition| search(condition, false)) else {
            continue;
        };
        let safe = behind.iter().take_while(|condition| condition.cannot_fail());
        let cheapest = safe.filter_map(|condition| Some((cost(condition)?, condition))).min_by_key(|(cost, _)| *cost);
        *place = cheapest.map(|(_, condition)| {
            Box::new(Known { condition: condition.clone(), decides: decisive, answer: decisive != is_negated })
        });
    }
}

/// Where to say when a search need not be done, and whether the operand is the opposite of the search.
fn search(condition: &mut Cond, is_negated: bool) -> Option<(&mut Option<Box<Known>>, bool)> {
    match condition {
        Cond::Text { predicate: TextPredicate::Matches(pattern), known, .. } => {
            // The others cost no more than what would be asked in their place.
            let is_dear = matches!(pattern, TextPattern::Contains(_) | TextPattern::Matches(_));
            is_dear.then_some((known, is_negated))
        }
        Cond::Not(inner) => search(inner, !is_negated),
        _ => None,
    }
}

/// What a condition costs that may be asked twice; nothing for those that are not worth it.
fn cost(condition: &Cond) -> Option<u32> {
    match condition {
        Cond::PerParent { .. } => Some(0),
        Cond::Field { .. } => Some(1),
        Cond::FieldText { .. } => Some(2),
        Cond::Attribute { .. } | Cond::Body { .. } => Some(3),
        Cond::Shared { condition, .. } => cost(condition),
        _ => None,
    }
}
