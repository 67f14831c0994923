//! Spans, stable codes and diagnostics for the OTTL compiler.
//!
//! A [`Diagnostic`] is plain data: it is built cold, carries byte offsets only, and knows nothing of files.
//! Lines, columns, carets and colours appear in the renderer (feature `render`), the only place that names ariadne.
//! This crate deliberately reads no files and depends on no other crate of the workspace.

mod codes;
mod diagnostic;
pub mod json;
mod near;
#[cfg(feature = "render")]
pub mod render;
mod span;
mod visible;

pub use codes::{CODES, Code, CodeRow, Severity};
pub use diagnostic::{Diagnostic, Fix, Label};
pub use near::{is_slip, near_name};
pub use span::{Location, Locator, Span, TextMap, locate};
pub use visible::{visible, visible_lines};
