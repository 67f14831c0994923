//! Clock and chance: those of the host, or a fixed time.

use std::sync::atomic::{AtomicI64, Ordering};

use ottl::function::tick_of;
use ottl::{Clock, Rng, Time};
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Date)]
    fn now() -> f64;

    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues)]
    fn get_random_values(bytes: &mut [u8]);
}

/// The host's clock, which counts milliseconds.
#[derive(Debug)]
pub(crate) struct HostClock;

impl Clock for HostClock {
    fn now(&self) -> Time {
        Time::from_unix_nanos((now() * 1e6) as i64)
    }

    /// Greater than every earlier one of this module.
    fn tick(&self) -> i64 {
        static LAST: AtomicI64 = AtomicI64::new(i64::MIN);
        let now = tick_of(self.now());
        let tick = now.max(LAST.load(Ordering::Relaxed).saturating_add(1));
        LAST.store(tick, Ordering::Relaxed);
        tick
    }
}

/// The host's random source.
#[derive(Debug)]
pub(crate) struct HostRng;

impl Rng for HostRng {
    fn bytes(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        get_random_values(&mut bytes);
        bytes
    }
}
