//! The syntax tree: what was written, with a [`Span`] on every node.
//!
//! Invariants: one type for each role in the language; literals are decoded; chains of operators are flat lists, so
//! that the depth of a tree is bounded by the nesting of brackets in the text (see [`crate::parse::Limits`]).
//! Redundant parentheses around conditions are not kept (the nesting of [`BoolExpr`] says it all); parentheses around
//! arithmetic are ([`MathKind::Group`]), because a parenthesised literal is not a constant for the language.
//! Where the parser recovered from an error the tree holds [`Value::Missing`] or [`BoolExpr::Missing`].
//! Deliberately elsewhere: contexts, types, and whether a name exists (`ottl-compiler`).

mod boolean;
mod value;

pub use boolean::{BoolChain, BoolExpr, CompareOp, Comparison, Not};
pub use value::{
    Argument, ArgumentValue, Call, EnumSymbol, Ident, Key, KeyKind, Lambda, LambdaBody, List, Literal, Map, MapEntry,
    Math, MathKind, MathOp, MathRest, Number, Path, Segment, Sign, Value,
};

use ottl_diagnostics::Span;

/// One statement: an editor call and, after `where`, the condition under which it runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The call that edits. In a tree with errors its name may be empty or that of a converter.
    pub editor: Call,
    /// The condition after `where`; a statement without one always runs.
    pub condition: Option<BoolExpr>,
    /// From the editor's name to the end of the condition.
    pub span: Span,
}
