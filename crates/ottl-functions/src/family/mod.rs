//! What functions share that differ in little: a row to begin with, and a kernel for what is the difference.
//!
//! Each function has a file of its own all the same, with its documentation, its examples and its cases.

pub(crate) mod conversion;
pub(crate) mod digest;
pub(crate) mod duration;
pub(crate) mod id;
pub(crate) mod log_format;
pub(crate) mod quantifier;
pub(crate) mod summary_total;
pub(crate) mod time;
pub(crate) mod type_test;
pub(crate) mod uuid;
