//! Runs OTTL plans over OTLP bytes.

pub mod fast;
mod group_key;
pub mod interp;
mod named;
mod place;
mod run;
mod steps;

pub use place::Place;
pub use run::{
    ClientInfo, Dropped, Env, Failures, Limits, Metadata, Report, ReportedError, RunError, SourceReport, Status,
};
