//! Benchmarks, peers and recorded results.
