//! [`Cond`]: a condition, as data.

use ottl_core::function::TextPredicate;
use ottl_core::ops::CompareOp;
use ottl_plan::{ExprId, Literal, Plan};
use ottl_schema::{ContextId, Conv};

use super::ParentSlot;
use super::int::IntExpr;
use super::key::Key;

/// A condition.
#[derive(Clone, Debug)]
pub(crate) enum Cond {
    /// An expression of the plan.
    Expr(ExprId),
    /// One that only damage of the message can keep from an answer.
    Sure(ExprId),
    /// All of these.
    And(Vec<Cond>),
    /// Any of these.
    Or(Vec<Cond>),
    /// The opposite.
    Not(Box<Cond>),
    /// An attribute against a literal.
    Attribute {
        level: ContextId,
        key: Key,
        op: CompareOp,
        /// The literal's number in the plan.
        literal: u32,
        /// For a text: its `AnyValue` as everybody writes it.
        any: Vec<u8>,
    },
    /// The body of a log record against a literal, as an attribute.
    Body { level: ContextId, op: CompareOp, literal: u32, any: Vec<u8> },
    /// A field of the record against an int.
    Field { level: ContextId, number: u32, conv: Conv, op: CompareOp, value: i64 },
    /// A comparison of ints, which is this expression.
    Ints { op: CompareOp, sides: Box<[IntExpr; 2]>, expr: ExprId, is_sure: bool },
    /// A `string` field of the record against a literal, by `==` or, negated, by `!=`.
    FieldText { level: ContextId, number: u32, text: Vec<u8>, negated: bool },
    /// A question about a text of the record.
    Text {
        level: ContextId,
        of: TextOf,
        predicate: TextPredicate,
        /// The call that asks it.
        call: u32,
        /// Whether nil may be asked about; otherwise, and for all other values, the expression decides.
        nil_passes: bool,
        expr: ExprId,
        /// Where it is known without a search, if something cheap tells.
        known: Option<Box<Known>>,
    },
    /// One that holds or not for a whole resource or scope.
    PerParent {
        slot: ParentSlot,
        /// Its number among those.
        test: u32,
        can_fail: bool,
    },
    /// One that stands in several places: once it is known for a record, it is until a write makes it stale.
    Shared { bit: u8, condition: Box<Cond> },
}

/// What stands behind a search in a chain, costs less, and may decide the chain: then the search need not be done.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub condition: Cond,
    /// The answer of the condition that decides the chain.
    pub decides: bool,
    /// The answer of the search that leaves the decision to it.
    pub answer: bool,
}

/// Where a text stands.
#[derive(Clone, Debug)]
pub(crate) enum TextOf {
    Attribute(Key),
    /// A `string` field of the message.
    Field(u32),
    /// The body of a log record.
    Body,
}

impl Cond {
    /// Whether it is known to say the same as another one.
    pub fn is_same(&self, other: &Cond) -> bool {
        let all = |a: &[Cond], b: &[Cond]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_same(b));
        match (self, other) {
            (Cond::And(a), Cond::And(b)) | (Cond::Or(a), Cond::Or(b)) => all(a, b),
            (Cond::Not(a), Cond::Not(b)) => a.is_same(b),
            (Cond::Shared { condition, .. }, other) | (other, Cond::Shared { condition, .. }) => {
                condition.is_same(other)
            }
            (
                Cond::Attribute { level, key, op, literal, any },
                Cond::Attribute { level: of, key: name, op: by, literal: number, any: bytes },
            ) => {
                let is_same_literal = literal == number || !any.is_empty() && any == bytes;
                level == of && key.named().key == name.named().key && op == by && is_same_literal
            }
            (Cond::Body { level, op, literal, any }, Cond::Body { level: of, op: by, literal: number, any: bytes }) => {
                level == of && op == by && (literal == number || !any.is_empty() && any == bytes)
            }
            (
                Cond::FieldText { level, number, text, negated },
                Cond::FieldText { level: of, number: field, text: other, negated: not },
            ) => level == of && number == field && text == other && negated == not,
            _ => false,
        }
    }

    /// The level and key of an attribute, if it only says that this is there.
    pub fn presence(&self, plan: &Plan) -> Option<(ContextId, &Key)> {
        match self {
            Cond::Attribute { level, key, op: CompareOp::Ne, literal, .. } => {
                let is_nil = plan.literals.get(*literal as usize) == Some(&Literal::Nil);
                is_nil.then_some((*level, key))
            }
            _ => None,
        }
    }

    /// Whether only damage of the message can keep it from an answer.
    pub fn cannot_fail(&self) -> bool {
        match self {
            Cond::Attribute { .. }
            | Cond::Body { .. }
            | Cond::Field { .. }
            | Cond::FieldText { .. }
            | Cond::Sure(_) => true,
            Cond::And(parts) | Cond::Or(parts) => parts.iter().all(Cond::cannot_fail),
            Cond::Not(inner) | Cond::Shared { condition: inner, .. } => inner.cannot_fail(),
            Cond::PerParent { can_fail, .. } => !can_fail,
            Cond::Ints { is_sure, .. } => *is_sure,
            Cond::Text { predicate: TextPredicate::IsText, nil_passes, .. } => *nil_passes,
            Cond::Expr(_) | Cond::Text { .. } => false,
        }
    }
}
