//! [`within`]: the memory meter.
//!
//! INVARIANT: what it counts depends on nothing but the work, so it can stand in ordinary tests as well. The meter of time
//! cannot, and is in the fuzzing workspace alone.

/// How many times what it may hold at once a piece of work may ask for in all. Work that copies what it has again and again
/// passes this long before it takes long enough for a clock.
const TURNOVER: usize = 64;

/// The work's result, if it held no more than so many bytes at once.
///
/// # Panics
/// If it held more, or asked for many times as much in all.
pub(super) fn within<R>(what: &str, bytes: usize, work: impl FnOnce() -> R) -> R {
    let mut result = None;
    let used = allocation_counter::measure(|| result = Some(work()));
    let (most, all) = (used.bytes_max as usize, used.bytes_total as usize);
    assert!(most <= bytes, "MEMORY: {what} held {most} bytes at once where {bytes} are allowed");
    let turnover = bytes.saturating_mul(TURNOVER);
    assert!(all <= turnover, "MEMORY: {what} asked for {all} bytes in all where {turnover} are allowed");
    result.expect("the work was done")
}
