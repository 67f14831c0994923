//! The host's clock and a random source seeded by the host (feature `host`).
//!
//! Nothing else of the library asks the host for anything; without this feature the caller passes both.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use ottl_core::function::tick_of;

use crate::{Clock, Rng, Time};

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Time {
        let nanos = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |nanos| -nanos),
        };
        Time::from_unix_nanos(nanos)
    }

    /// Greater than every earlier one of this process.
    fn tick(&self) -> i64 {
        static LAST: AtomicI64 = AtomicI64::new(i64::MIN);
        let now = tick_of(self.now());
        let later = |last: i64| Some(now.max(last.saturating_add(1)));
        // The update never refuses; either arm has what was there before.
        let (Ok(last) | Err(last)) = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
        now.max(last.saturating_add(1))
    }
}

/// A random source for identifiers: a keyed hash over a counter, with keys from the host.
///
/// Good for `UUID()` and the like, and cheap: the host is asked once. It is no source of secrets.
#[derive(Debug)]
pub struct HostRng {
    keys: [RandomState; 2],
    counter: AtomicU64,
}

impl Default for HostRng {
    fn default() -> Self {
        HostRng { keys: [RandomState::new(), RandomState::new()], counter: AtomicU64::new(0) }
    }
}

impl Rng for HostRng {
    fn bytes(&self) -> [u8; 16] {
        let number = self.counter.fetch_add(1, Ordering::Relaxed);
        let mut out = [0; 16];
        for (key, half) in self.keys.iter().zip(out.chunks_exact_mut(8)) {
            let mut hasher = key.build_hasher();
            hasher.write_u64(number);
            half.copy_from_slice(&hasher.finish().to_le_bytes());
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_grow() {
        let ticks: Vec<i64> = (0..10_000).map(|_| SystemClock.tick()).collect();
        assert!(ticks.is_sorted_by(|a, b| a < b));
        assert!(ticks[0] >> 12 > 1_700_000_000_000);
    }

    #[test]
    fn random_bytes_do_not_repeat() {
        let rng = HostRng::default();
        let all: std::collections::HashSet<[u8; 16]> = (0..10_000).map(|_| rng.bytes()).collect();
        assert_eq!(all.len(), 10_000);
    }
}
