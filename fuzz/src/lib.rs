//! What the fuzz targets check.
//!
//! The checks are functions of bytes that panic when a property does not hold. The targets under `fuzz_targets` only
//! call them, and `tests/tests/regressions.rs` of the project calls the same functions on the inputs kept here, so that
//! a finding stays found without this workspace.

pub mod checks;

use std::sync::Once;
use std::time::Duration;

use checks::Check;
use rustix::time::{ClockId, clock_gettime};

/// What a check may take whatever its input is, in time of its thread: what is built on first use, and the largest things that
/// small inputs make.
const FIXED: Duration = Duration::from_secs(5);

/// What it may take for each byte of its input.
const PER_BYTE: Duration = Duration::from_micros(50);

/// Runs a check with the meter of time: the processor's time of this thread, so that what else a machine does is no matter.
///
/// # Panics
/// If the check does, or took longer than its input justifies.
pub fn metered(check: Check, data: &[u8]) {
    static FIRST: Once = Once::new();
    FIRST.call_once(|| check(&[0; 64]));
    let start = thread_time();
    check(data);
    let (used, allowed) = (thread_time().saturating_sub(start), FIXED + PER_BYTE * data.len() as u32);
    assert!(used <= allowed, "TIME: {used:?} for {} bytes where {allowed:?} are allowed", data.len());
}

fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
