//! Clock and chance that are the same for both rule sets: what they do differently is then their own.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicU64, Ordering};

use ottl::host::SystemClock;
use ottl::{Clock, Rng, Time};

/// A clock that stands still.
pub struct Still(Time);

impl Still {
    /// At the time that it is.
    pub fn now() -> Still {
        Still(SystemClock.now())
    }
}

impl Clock for Still {
    fn now(&self) -> Time {
        self.0
    }
}

/// Numbers that look random and come again.
#[derive(Default)]
pub struct Again(AtomicU64);

impl Again {
    /// Begins with those of a message.
    pub fn begin(&self, message: u64) {
        self.0.store(message << 32, Ordering::Relaxed);
    }
}

impl Rng for Again {
    fn bytes(&self) -> [u8; 16] {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        let mut out = [0; 16];
        for (half, salt) in out.chunks_exact_mut(8).zip(0_u8..) {
            let mut hasher = DefaultHasher::new();
            (number, salt).hash(&mut hasher);
            half.copy_from_slice(&hasher.finish().to_le_bytes());
        }
        out
    }
}
