//! Benchmarks: workloads with their data, loops written by hand, and the comparison with the reference.

pub mod bodies;
pub mod compile;
pub mod data;
pub mod families;
pub mod functions;
pub mod hand;
pub mod measure;
pub mod print;
pub mod reference;
pub mod results;
pub mod rows;
