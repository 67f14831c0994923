//! [`Action`]: what a statement does, as data.

use ottl_core::Site;
use ottl_core::function::{TextRewrite, Type};
use ottl_otlp::wire::Payload;
use ottl_plan::{Expr, ExprId, KeyExpr, Literal, Plan};
use ottl_regex::NeededBytes;
use ottl_schema::{Access, ContextId, FieldValue};

use super::ParentSlot;
use super::cond::TextOf;
use super::int::IntExpr;
use super::key::Key;
use crate::conflicts::SharedPlace;
use crate::fast::pair::{EncodedPair, PairHead};

/// What a statement does.
#[derive(Debug)]
pub(crate) enum Action {
    /// Drops the item, as conditions of filters do.
    Drop,
    /// Does this, and notes what it leaves in places of parents.
    Noted { action: Box<Action>, places: Box<[SharedPlace]> },
    /// A call of the plan.
    Call(u32),
    /// Writes an attribute.
    Assign(Assign),
    /// Writes a literal to a singular field.
    SetField { level: ContextId, number: u32, value: FieldLiteral },
    /// The same to a singular field of a singular message field.
    SetInner { level: ContextId, outer: u32, number: u32, value: FieldLiteral, site: Site },
    /// Writes anything but a literal to any other path.
    Write { path: u32, expr: ExprId, site: Site },
    /// Rewrites a text.
    RewriteText { level: ContextId, of: TextOf, rewrite: TextRewrite, call: u32 },
    /// Rewrites the values of a map that are texts.
    RewriteValues {
        map: WholeMap,
        rewrite: TextRewrite,
        /// Bytes without which a value stays.
        needed: Option<NeededBytes>,
        call: u32,
    },
    /// Takes an attribute out.
    Delete { level: ContextId, key: Key },
    /// Gives an attribute another key.
    Rename(Rename),
    /// Hands a map to the kernel of a call.
    EditMap { map: WholeMap, call: u32 },
    /// The same where some key matches the pattern of its kernel. If all it does is to give a pair another key, the numbers of both
    /// keys among the known ones.
    EditKeys { map: WholeMap, call: u32, renames: Option<(u8, u8)> },
    /// Takes pairs out of a map.
    FilterKeys { map: WholeMap, pairs: PairsEdit, call: u32 },
}

/// An attribute that is written.
#[derive(Debug)]
pub(crate) struct Assign {
    pub level: ContextId,
    pub key: Key,
    /// What its pairs begin with, unless the key is long.
    pub head: Option<Box<PairHead>>,
    pub source: Source,
    pub site: Site,
    /// The number of its path in the plan.
    pub path: u32,
}

/// A copy of an attribute to another key and, where the record allows it, what the step behind does: taking the first one out.
#[derive(Debug)]
pub(crate) struct Rename {
    pub level: ContextId,
    /// The numbers of both keys among the known ones.
    pub from: u8,
    pub to: u8,
    /// The copy alone. Where that is what is done, the step behind is run as if there were no renames.
    pub copy: Box<Action>,
    /// The number of the text of the step behind.
    pub deletion: u32,
    /// Whether that has a condition.
    pub is_asked: bool,
}

impl Action {
    /// What is done, without what is noted of it.
    pub fn plain(&self) -> &Action {
        match self {
            Action::Noted { action, .. } => action.plain(),
            other => other,
        }
    }

    /// Whether it puts maps or lists into the attribute map of a level, which compact records do not.
    pub fn puts_container(&self, plan: &Plan) -> bool {
        matches!(self, Action::Assign(Assign { source: Source::Expr(expr), .. }) if gives_container(plan, *expr))
    }

    /// Whether it edits the attribute map as a whole, and a compact record can do it.
    pub fn edits_compact(&self) -> bool {
        matches!(
            self,
            Action::Delete { .. }
                | Action::RewriteValues { map: WholeMap::Attributes(_), .. }
                | Action::FilterKeys { map: WholeMap::Attributes(_), .. }
                // Where it changes anything, a node does it.
                | Action::EditKeys { map: WholeMap::Attributes(_), .. }
        )
    }
}

/// Whether an expression gives a map or a list, or may give one.
fn gives_container(plan: &Plan, expr: ExprId) -> bool {
    match &plan.exprs[expr.0 as usize] {
        Expr::Call(n) => matches!(plan.calls[*n as usize].function.returns, Type::Any | Type::Map | Type::List),
        Expr::List(_) | Expr::Map { .. } => true,
        Expr::Const(n) => matches!(plan.literals.get(*n as usize), Some(Literal::List(..) | Literal::Map(_))),
        _ => false,
    }
}

/// What an editor does to the pairs of a compact record.
#[derive(Debug)]
pub(crate) enum PairsEdit {
    /// Pairs stay whose keys have, by their number among the known keys, their bit set; and of the others as many, the first
    /// ones, as there is room for.
    Known { stay: u64, room: Option<usize> },
    /// Pairs stay whose keys begin so, or those whose keys do not; `known` has the bits of the known keys that begin so.
    Prefix { prefix: Vec<u8>, known: u64, stay: bool },
    /// Pairs stay as the filter says.
    Filter,
}

/// Where an assigned value comes from.
#[derive(Debug)]
pub(crate) enum Source {
    /// A literal that attributes can hold: the whole pair.
    Encoded(EncodedPair),
    /// An expression that gives the same for every record of a resource or scope.
    Parent(ParentSlot, ExprId),
    /// Another attribute; where that is no scalar in canonical encoding, the expression that names it.
    Attribute(ContextId, Key, ExprId),
    /// An int; where it is none, or fails, the expression.
    Int(IntExpr, ExprId),
    /// Any expression.
    Expr(ExprId),
}

/// The content of a field as a literal writes it.
#[derive(Clone, Debug)]
pub(crate) enum FieldLiteral {
    Absent,
    Scalar(Payload<'static>),
    Bytes(Vec<u8>),
}

impl FieldLiteral {
    /// What is written.
    #[inline]
    pub fn content(&self) -> FieldValue<'_> {
        let mut content = FieldValue::Absent;
        self.put_to(&mut content);
        content
    }

    /// Puts it to where it stays.
    #[inline]
    pub fn put_to<'a>(&'a self, to: &mut FieldValue<'a>) {
        match self {
            FieldLiteral::Absent => *to = FieldValue::Absent,
            FieldLiteral::Scalar(payload) => *to = FieldValue::Present(*payload),
            FieldLiteral::Bytes(bytes) => *to = FieldValue::Present(Payload::Bytes(bytes)),
        }
    }
}

/// A map that a path without keys names.
#[derive(Clone, Copy, Debug)]
pub(crate) enum WholeMap {
    /// The attribute map of a level.
    Attributes(ContextId),
    /// The cache of a level.
    Cache(ContextId),
}

/// The map that a path of this access and level names, if it is a whole one.
pub(crate) fn whole_map(access: Access, level: ContextId, keys: &[KeyExpr]) -> Option<WholeMap> {
    match access {
        _ if !keys.is_empty() => None,
        Access::Attributes(_) => Some(WholeMap::Attributes(level)),
        Access::Cache => Some(WholeMap::Cache(level)),
        _ => None,
    }
}
