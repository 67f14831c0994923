//! The command as its users see it: arguments in; exit status, output, messages and files out.
//!
//! - `harness`: runs the binary, makes directories and inputs.
//! - the others: one module for each verb, and several for `run`.

mod bench;
mod check;
mod check_formats;
mod convert;
mod cookbook;
mod diff;
mod docs;
mod explain;
mod faulty;
mod files;
mod fmt;
mod functions;
mod harness;
mod limits;
mod lsp;
mod mend;
mod migrate;
mod playground;
mod run_failures;
mod run_formats;
mod run_json;
mod run_large;
mod run_output;
mod run_signals;
mod run_story;
mod several;
mod test;
mod trace;
mod workflows;
