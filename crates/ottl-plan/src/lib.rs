//! The compiled form of OTTL rules, as data.
//!
//! A [`Plan`] is what the compiler hands to the engines: expressions in one flat table, names gone, paths resolved to
//! rows of the schema, literal arguments converted, kernels of functions made. It is immutable and shared;
//! engines keep their own tables beside it.
//! INVARIANT: every id in a plan names an existing element, and an expression refers only to expressions with smaller
//! numbers, except that lambdas' bodies refer to their locals by slot.
//! Deliberately elsewhere: meaning (`ottl-engine`), how a plan comes to be (`ottl-compiler`).

mod dump;
mod expr;
mod program;

pub use expr::{Arg, CallSite, Expr, ExprId, KeyExpr, LambdaDef, Literal, NamedFunction, PathUse};
pub use program::{
    CacheKey, ErrorMode, FilterProgram, FilterStage, Group, GroupSource, Plan, PlanBuilder, Program, SiteInfo,
    Statement, TransformProgram,
};
