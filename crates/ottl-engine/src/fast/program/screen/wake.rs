//! What a step that writes triggers: the steps behind it that ask about what it writes.
//!
//! INVARIANT: a step whose trigger did not hold, or whose condition is known to hold, stays so unless a step in front of it
//! triggers it here. Triggers hold on nothing that is not there, so taking a pair out triggers only those that asked about it.

use super::{Mask, Screen};

/// What a step triggers when it has written something.
#[derive(Debug, Default)]
pub(crate) struct Wakes {
    pub steps: WokenSteps,
    /// Whether it may take pairs out: of a key that is there twice, another pair is the first one then.
    pub takes_pairs_out: bool,
}

/// The steps that a write triggers.
#[derive(Debug, Default)]
pub(crate) enum WokenSteps {
    #[default]
    None,
    /// These steps.
    Some(Mask),
    /// All that come after it.
    All,
}

impl Screen {
    /// Triggers the steps behind one that may have something to do because of what it has written. With `is_once`, no key
    /// that is asked about is there twice. `triggered` are the steps to run, and those of them whose conditions are not
    /// known.
    #[inline]
    pub fn wake(&self, step: usize, is_once: bool, triggered: &mut [Vec<u64>; 2]) {
        let Some(Wakes { steps, takes_pairs_out }) = self.wakes.get(step) else { return };
        match steps {
            _ if *takes_pairs_out && !is_once => self.wake_behind(step, triggered),
            WokenSteps::None => {}
            WokenSteps::Some(steps) => {
                for (word, bits) in &steps.0 {
                    for triggered in &mut *triggered {
                        if let Some(triggered) = triggered.get_mut(*word as usize) {
                            *triggered |= bits;
                        }
                    }
                }
            }
            WokenSteps::All => self.wake_behind(step, triggered),
        }
    }

    fn wake_behind(&self, step: usize, triggered: &mut [Vec<u64>; 2]) {
        for steps in triggered {
            (step + 1..self.count).for_each(|bit| steps[bit / 64] |= 1 << (bit % 64));
        }
    }
}
