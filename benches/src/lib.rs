//! Benchmarks: workloads with their data, loops written by hand, and the comparison with the reference.

pub mod compile;
pub mod data;
pub mod hand;
pub mod rows;
