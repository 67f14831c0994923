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
    within_in_all(what, bytes, bytes.saturating_mul(TURNOVER), work)
}

/// The same where what it may ask for in all is known otherwise.
///
/// # Panics
/// If it held more at once, or asked for more in all.
pub(super) fn within_in_all<R>(what: &str, bytes: usize, in_all: usize, work: impl FnOnce() -> R) -> R {
    let mut result = None;
    let used = allocation_counter::measure(|| result = Some(work()));
    let (most, all) = (used.bytes_max as usize, used.bytes_total as usize);
    assert!(most <= bytes, "MEMORY: {what} held {most} bytes at once where {bytes} are allowed");
    assert!(all <= in_all, "MEMORY: {what} asked for {all} bytes in all where {in_all} are allowed");
    result.expect("the work was done")
}
