//! Engine-neutral tests of the whole project.
//!
//! - [`engines`]: both engines behind one form of call, and what it means that they agree.
//! - [`evidence`]: what the vectors stand behind.
//! - [`golden`]: the golden vectors, and how an engine's answer is held against them.
//! - [`messages`]: messages as tests write them down.
//! - [`references`]: texts of profiles by what they stand for.
//! - [`rules`]: processor bodies as rules for the compiler.
//! - [`tree`]: messages as trees that are equal exactly when the output counts as the same.

pub mod engines;
pub mod evidence;
pub mod golden;
pub mod messages;
pub mod references;
pub mod rules;
pub mod tree;
