//! From OTTL syntax trees to checked, executable plans.
//!
//! | stage | from, to | module |
//! |---|---|---|
//! | infer | trees of a group to the context it runs in | `infer` |
//! | check | tree to typed HIR; names, arguments, literals, contexts | `check` |
//! | lint | HIR to warnings | `lint` |
//! | lower | HIR to [`ottl_plan::Plan`] | `lower` |
//!
//! [`Compiler`] is the way in. What the reference rejects is an error here; what it accepts compiles, and what cannot
//! be meant is a warning.
//! INVARIANT: a plan is made only from rules without an error, and a [`Compiled`] without a plan has an error.
//! INVARIANT: time and stack are bounded by [`Limits`], whatever the rules.
//! Deliberately elsewhere: configuration files (`ottl`), concrete functions (passed in as a
//! [`Registry`](ottl_core::function::Registry)), evaluation (`ottl-engine`).

mod advice;
mod check;
mod compiler;
mod constant;
mod filter;
mod hir;
mod infer;
mod limits;
mod lint;
mod lower;
mod reference;
mod rules;
mod session;
mod transform;
mod value;
mod versions;

pub use advice::paths::context_of_habit;
pub use compiler::{Compiled, Compiler, ImpliedErrorMode};
pub use limits::Limits;
pub use rules::{ConditionList, FilterRules, FilterSpec, GroupSpec, SourceText, TransformOptions};
pub use versions::Change;
