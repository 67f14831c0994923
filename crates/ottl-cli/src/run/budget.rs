//! What may be between reader and writer: how many bytes, with what comes of them.
//!
//! The size of a result is known when it is there. Until then it is charged as those before it were: what the rules make of a
//! byte is learned from each result.
//!
//! INVARIANT: what is charged is at most [`IN_FLIGHT`] bytes or two messages; or one, where two would be more than two large ones.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::pipeline::{Done, FULL, LARGE};

/// Bytes of input that may be between reader and writer; two larger messages may be, so that two threads have work.
pub const IN_FLIGHT: usize = 8 << 20;
/// The bytes between reader and writer.
pub struct Budget {
    state: Mutex<Spent>,
    changed: Condvar,
    ended: AtomicBool,
}

#[derive(Debug, Default)]
struct Spent {
    used: usize,
    /// How many bytes came of [`ONE`] bytes lately; nothing before the first result.
    growth: Option<usize>,
}

/// What the reader gets for a batch.
pub struct Share {
    /// What it costs until its result is written.
    pub charge: usize,
    /// How many bytes are likely to come of the batch.
    pub room: usize,
    /// Whether no other batch like it fits beside it.
    pub is_alone: bool,
}

/// What growth is measured in.
const ONE: usize = 1 << 10;
/// Batches that are shorter say nothing of the growth of others.
const TELLING: usize = 64 << 10;
/// Batches that are longer wait for the first result, so that it is known what comes of one before there are two.
const HEAVY: usize = 2 * FULL;

impl Spent {
    /// The charge for a batch of so many bytes, and so many of its other forms: as many as its result has, and those. The
    /// batch itself takes about as much again.
    fn charge(&self, weight: usize, forms: usize) -> usize {
        self.result(weight).max(weight) + forms
    }

    /// How many bytes are likely to come of so many.
    fn result(&self, weight: usize) -> usize {
        (weight / ONE).saturating_mul(self.growth.unwrap_or(ONE))
    }

    /// Takes note of what came of a batch. What grows counts at once, what does not grow any more by and by.
    fn learn(&mut self, weight: usize, result: usize) {
        let seen = result / (weight / ONE).max(1);
        let before = self.growth.unwrap_or(0);
        if weight >= TELLING || self.growth.is_none() {
            self.growth = Some(seen.max(before - before.saturating_sub(seen) / 8));
        }
    }
}

impl Budget {
    /// All of it is there.
    pub fn new() -> Budget {
        Budget { state: Mutex::default(), changed: Condvar::new(), ended: AtomicBool::new(false) }
    }

    fn spent(&self) -> MutexGuard<'_, Spent> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is room for a batch of so many bytes, so many of its other forms, and what comes of it; nothing when the run has ended.
    pub fn take(&self, weight: usize, forms: usize) -> Option<Share> {
        let is_first = |spent: &Spent| weight > HEAVY && spent.growth.is_none();
        let is_alone = |spent: &Spent| is_first(spent) || spent.charge(weight, forms) > LARGE;
        let (charge, spent) = self.wait(|spent| (spent.charge(weight, forms), is_first(spent)))?;
        Some(Share { charge, room: spent.result(weight), is_alone: is_alone(&spent) })
    }

    /// Waits until there is room for so many bytes of output; nothing when the run has ended.
    pub fn take_output(&self, bytes: usize) -> Option<()> {
        self.wait(|_| (bytes, false)).map(drop)
    }

    /// Waits until there is room for a charge; where it says so, until there is nothing else.
    fn wait(&self, wanted: impl Fn(&Spent) -> (usize, bool)) -> Option<(usize, MutexGuard<'_, Spent>)> {
        let mut spent = self.spent();
        loop {
            if self.ended.load(Ordering::Acquire) {
                return None;
            }
            let (charge, is_first) = wanted(&spent);
            let limit = if is_first { 0 } else { IN_FLIGHT.max(2 * charge.min(LARGE)) };
            if spent.used == 0 || spent.used + charge <= limit {
                spent.used += charge;
                return Some((charge, spent));
            }
            spent = self.changed.wait(spent).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Charges what came of a batch of so many bytes beyond what was expected.
    pub fn settled(&self, weight: usize, forms: usize, mut done: Done) -> Done {
        let mut spent = self.spent();
        spent.learn(weight, done.out.len());
        let more = (done.out.held() + forms).saturating_sub(done.charge);
        spent.used += more;
        done.charge += more;
        done
    }

    /// Gives back what a result cost that has been written.
    pub fn give_back(&self, charge: usize) {
        self.spent().used -= charge;
        self.changed.notify_all();
    }

    /// Says that the run has ended: nobody waits any more.
    pub fn end(&self) {
        // Under the lock, or the reader could miss it between its look and its wait.
        let _spent = self.spent();
        self.ended.store(true, Ordering::Release);
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_counts_at_once_and_is_forgotten_slowly() {
        let mut spent = Spent::default();
        assert_eq!(spent.charge(FULL, 0), FULL);
        spent.learn(FULL, 3 * FULL);
        assert_eq!((spent.charge(FULL, 0), spent.result(FULL)), (3 * FULL, 3 * FULL));
        // Short batches say nothing.
        spent.learn(100, 100_000);
        assert_eq!(spent.charge(FULL, 0), 3 * FULL);
        spent.learn(FULL, 0);
        assert!((2 * FULL..3 * FULL).contains(&spent.charge(FULL, 0)));
        for _ in 0..100 {
            spent.learn(FULL, FULL / 2);
        }
        assert_eq!(spent.charge(FULL, 0), FULL);
        assert!(spent.result(FULL) < FULL * 51 / 100);
    }

    #[test]
    fn heavy_batches_wait_for_what_comes_of_the_first() {
        let budget = Budget::new();
        let first = budget.take(2 * HEAVY, 0).expect("it goes on");
        assert_eq!((first.charge, first.is_alone), (2 * HEAVY, true));
        budget.give_back(first.charge);
        budget.spent().learn(2 * HEAVY, 2 * HEAVY);
        assert!(!budget.take(2 * HEAVY, 0).expect("it goes on").is_alone);
        budget.spent().learn(2 * HEAVY, 20 * HEAVY);
        budget.give_back(2 * HEAVY);
        let grown = budget.take(2 * HEAVY, 0).expect("it goes on");
        assert!(grown.is_alone && grown.room == 20 * HEAVY);
        budget.end();
        assert!(budget.take(1, 0).is_none());
    }
}
