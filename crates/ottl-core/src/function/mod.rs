//! How a function describes itself, and what it may ask of the engine that calls it.
//!
//! A [`FunctionDef`] is a row: checker, documentation, completion and both engines read the same one. Each call site has
//! a [`Kernel`]: a function or closure over [`crate::Value`]s, or data. Arguments arrive converted as their [`ParamType`]
//! says (see [`crate::ops::coerce`]); a parameter that is `lazy` arrives as a thunk, to be evaluated with [`CallContext::force`] when the function needs it,
//! because *whether* an argument is evaluated decides which errors a statement raises.

mod constant;
mod context;
mod def;
mod kernel;
mod key_filter;
mod list;
mod param;
mod predicate;
mod registry;
mod rewrite;

pub use constant::{call_without_record, coerce_argument};
pub use context::{
    CallContext, Clock, FixedClock, Host, MapEditor, MetricEditor, MetricText, Rng, SequenceRng, tick_of,
};
pub use def::{Availability, Const, Example, FunctionDef, FunctionKind, MAX_EXAMPLES, MAX_PARAMS, Purity, Type};
pub use kernel::{
    Compile, CompileKernel, EditFn, EditKernel, Extraction, Kernel, KeysEdit, MapFn, MapKernel, ValueFn, ValueKernel,
};
pub use key_filter::{AtMost, KeyFilter, KeySet};
pub use list::ShortList;
pub use param::{Param, ParamType, parameter_name_matches};
pub use predicate::{LengthTest, TextPredicate};
pub use registry::{Function, Registry};
pub use rewrite::{Pieces, Reach, TextRewrite, Truncation};

/// A path of the plan, with its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PathRef(pub u32);

/// An argument of the plan that is evaluated on demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThunkRef(pub u32);

/// A lambda of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LambdaRef(pub u32);

/// A function named as an argument: its number in the plan's table of functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FunctionRef(pub u32);
