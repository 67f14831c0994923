//! The command as its users see it: arguments in; exit status, output, messages and files out.
//!
//! - `harness`: runs the binary, makes directories and inputs.
//! - the others: one module for each verb, and two for `run`: what comes out, and what goes wrong.

mod bench;
mod check;
mod fmt;
mod functions;
mod harness;
mod run_failures;
mod run_formats;
mod run_output;
