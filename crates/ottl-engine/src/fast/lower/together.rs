//! Several questions about one attribute or field that must all hold, such as `IsString(body) and IsMatch(body, "^b")` or
//! `attributes["status"] >= 400 and attributes["status"] < 500`: one question of the screen, whose answer is that of the whole condition.
//!
//! Why the answer is the same: of an attribute or body that is not there, or nil, the first part does not hold, and asking it cannot fail;
//! so the other parts are only asked of a value. Other fields are never nil. Of a value that some part cannot be answered of at once, the
//! whole condition is evaluated as ever.

use std::borrow::Cow;

use ottl_core::function::TextPredicate;
use ottl_core::ops::CompareOp;
use ottl_plan::{Literal, Plan};
use ottl_schema::ContextId;

use super::atom::Atom;
use crate::fast::compare::nil_against;
use crate::fast::node::BODY;
use crate::fast::program::cond::{Cond, TextOf};
use crate::fast::program::screen::{FIELDS, FieldTest, PairTest};

/// The key that a condition asks about, if it is one question about one attribute of this level.
fn key_of(condition: &Cond, at: ContextId) -> Option<&[u8]> {
    match condition {
        Cond::Attribute { level, key, .. } | Cond::Text { level, of: TextOf::Attribute(key), .. } if *level == at => {
            Some(key.named().key)
        }
        _ => None,
    }
}

/// The number of the singular field that a condition asks about, if it is one question about one field of this level.
fn field_of(condition: &Cond, at: ContextId) -> Option<u32> {
    match condition {
        Cond::Body { level, .. } | Cond::Text { level, of: TextOf::Body, .. } if *level == at => Some(BODY),
        Cond::Field { level, number, .. } if *level == at => Some(*number),
        _ => None,
    }
}

/// Whether a condition does not hold of nil, and cannot fail of it.
fn excludes_nil(condition: &Cond, plan: &Plan) -> bool {
    match condition {
        Cond::Attribute { op, literal, .. } | Cond::Body { op, literal, .. } => {
            plan.literals.get(*literal as usize).is_some_and(|literal| !nil_against(*op, literal))
        }
        Cond::Field { .. } => true,
        Cond::Text { predicate, nil_passes, .. } => *nil_passes && !predicate.holds(None),
        _ => false,
    }
}

/// Whether a condition only says that an attribute or the body is there.
fn is_presence(condition: &Cond, plan: &Plan) -> bool {
    match condition {
        Cond::Body { op: CompareOp::Ne, literal, .. } => plan.literals.get(*literal as usize) == Some(&Literal::Nil),
        _ => condition.presence(plan).is_some(),
    }
}

/// The one question that says whether all these conditions hold, if there is one.
pub(super) fn together<'p>(parts: &'p [Cond], plan: &'p Plan, level: ContextId) -> Option<Atom<'p>> {
    of_attribute(parts, plan, level).or_else(|| of_field(parts, plan, level))
}

fn of_field<'p>(parts: &'p [Cond], plan: &'p Plan, level: ContextId) -> Option<Atom<'p>> {
    let (first, others) = parts.split_first()?;
    let number = field_of(first, level).filter(|number| *number < FIELDS)?;
    if others.is_empty()
        || !excludes_nil(first, plan)
        || !others.iter().all(|part| field_of(part, level) == Some(number))
    {
        return None;
    }
    let is_text = |part: &Cond| matches!(part, Cond::Text { predicate: TextPredicate::IsText, .. });
    let mut asking = parts.iter().filter(|part| !is_presence(part, plan) && !is_text(part));
    if let (Some(Cond::Text { predicate: TextPredicate::Matches(pattern), call, .. }), None) =
        (asking.next(), asking.next())
    {
        // It is only asked of texts.
        return Some(Atom::FieldPattern(number, Cow::Borrowed(pattern), *call));
    }
    let test = |part: &Cond| match part {
        Cond::Field { conv, op, value, .. } => Some(FieldTest::Number { conv: *conv, op: *op, value: *value }),
        Cond::Text { predicate: TextPredicate::IsText, .. } => Some(FieldTest::IsText),
        Cond::Text { predicate: TextPredicate::Length(test), .. } => Some(FieldTest::Length(*test)),
        _ => None,
    };
    let tests: Vec<FieldTest> = parts.iter().map(test).collect::<Option<_>>()?;
    Some(Atom::Field(number, FieldTest::All(tests.into())))
}

fn of_attribute<'p>(parts: &'p [Cond], plan: &'p Plan, level: ContextId) -> Option<Atom<'p>> {
    let (first, others) = parts.split_first()?;
    let key = key_of(first, level)?;
    if others.is_empty() || !excludes_nil(first, plan) || !others.iter().all(|part| key_of(part, level) == Some(key)) {
        return None;
    }
    // What does not hold of nil says that the attribute is there.
    let mut asking: Vec<&Cond> = parts.iter().filter(|part| !is_presence(part, plan)).collect();
    if let [Cond::Text { predicate: TextPredicate::Matches(pattern), call, .. }] = asking.as_slice() {
        // It is only asked of texts.
        return Some(Atom::PairPattern(key, Cow::Borrowed(pattern), *call));
    }
    if asking.first().is_none_or(|part| !excludes_nil(part, plan)) {
        asking.insert(0, first);
    }
    let test = |part: &&Cond| match part {
        Cond::Attribute { op, literal, any, .. } => {
            Some(PairTest::Compare { op: *op, literal: *literal, any: any.as_slice().into() })
        }
        Cond::Text { predicate: TextPredicate::IsText, .. } => Some(PairTest::IsText),
        Cond::Text { predicate: TextPredicate::Length(test), .. } => Some(PairTest::Length(*test)),
        _ => None,
    };
    let mut tests: Vec<PairTest> = asking.iter().map(test).collect::<Option<_>>()?;
    match asking.as_slice() {
        [Cond::Attribute { op, literal, any, .. }] => {
            Some(Atom::comparison(key, *op, (*literal, plan.literals.get(*literal as usize)?), any))
        }
        [_] => Some(Atom::Pair(key, tests.pop()?)),
        _ => Some(Atom::Pair(key, PairTest::All(tests.into()))),
    }
}
