//! What the fuzz targets check.
//!
//! The checks are functions of bytes that panic when a property does not hold. The targets under `fuzz_targets` only
//! call them, and `tests/tests/regressions.rs` of the project calls the same functions on the inputs kept here, so that
//! a finding stays found without this workspace.

pub mod checks;
