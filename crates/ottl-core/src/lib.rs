//! Values, operators, function definitions and the kernel contract of OTTL.
//!
//! What both engines and every function share: the [`Value`] an expression has, what comparison, arithmetic,
//! coercion and text conversion mean, how a function describes itself ([`function::FunctionDef`]) and what it may ask
//! of the engine that calls it ([`function::Host`]).
//! Deliberately elsewhere: concrete functions (`ottl-functions`), paths (`ottl-schema`), evaluation (`ottl-engine`).

mod arena;
pub mod data;
pub mod edit;
mod error;
pub mod function;
pub mod number;
pub mod ops;
pub mod space;
mod target;
pub mod value;

pub use arena::{Arena, ArenaBox, ArenaVec, SCRATCH_BYTES, over_budget};
pub use error::{ErrorKind, EvalError, Site};
pub use target::{Gate, Gates, Target, Versions};
pub use value::{List, ListKind, Map, Struct, StructKind, Time, TypeName, Value, Zone};
