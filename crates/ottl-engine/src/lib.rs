//! Runs OTTL plans over OTLP bytes.

pub mod fast;
mod group_key;
pub mod interp;
mod run;

pub use run::{
    ClientInfo, Dropped, Env, Limits, Metadata, Outcome, Output, Report, ReportedError, RunError, SourceReport,
};
