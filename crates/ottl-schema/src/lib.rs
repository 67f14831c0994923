//! OTTL contexts, paths and enum symbols as constant tables.
//!
//! A path is one row ([`PathDecl`]): its name, where it lies in the OTLP messages, and how it reads and writes.
//! Checker, engines, completion and documentation read the same rows; no other crate knows a path by name.
//! [`Conv`] holds the conversions between a field on the wire and the value that a program sees.
//! Deliberately elsewhere: who may call which path from where is [`ContextDecl::reaches`]; walking messages is the
//! engines' business.

mod access;
mod contexts;
mod conv;
mod topology;
mod trace_state;

pub use access::{Access, Fields, Keys, OtelCol, PathDecl, PathId, PointKind};
pub use contexts::{ContextDecl, ContextId, INFERENCE_PRIORITY, context, context_by_name, path, path_by_name, paths};
// Plans and the compiler know signals by this crate alone.
pub use conv::{
    Conv, FieldValue, Ints, packed_floats, packed_ints, read_floats, read_ints, read_packed_floats, read_packed_ints,
};
pub use ottl_otlp::Signal;
pub use topology::MetricData;
pub use trace_state::{trace_state_member, with_trace_state_member};
