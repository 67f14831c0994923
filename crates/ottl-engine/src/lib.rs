//! Runs OTTL plans over OTLP bytes.
//!
//! There are two engines, [`interp`] and [`fast`], behind one trait: [`Engine`]. What goes in is an [`Env`], what comes out an
//! [`Outcome`].

mod conflicts;
mod engine;
mod env;
pub mod fast;
mod group_key;
pub mod interp;
mod map_target;
mod named;
mod outcome;
mod parts;
mod place;
mod profiles;
mod report;
mod steps;
pub mod trace;

pub use engine::Engine;
pub use env::{ClientInfo, Env, Limits, Metadata, SharedCaches};
pub use fast::Scratch;
pub use outcome::{Outcome, Output, RunError, Status};
pub use parts::{parts, resources};
pub use place::Place;
pub use report::{Dropped, Failures, Report, ReportedError, SourceReport};
