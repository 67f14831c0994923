//! What the patterns of one rule set may weigh together.
//!
//! Patterns are prepared call by call, and each is bounded by itself; ten thousand of them would still be too many. So
//! whoever compiles a rule set does it within a budget of the thread, and each distinct pattern is charged once.

use std::cell::RefCell;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// What is left, and which patterns were charged.
struct Budget {
    left: u64,
    hashes: RandomState,
    charged: HashSet<u64>,
}

thread_local! {
    static BUDGET: RefCell<Option<Budget>> = const { RefCell::new(None) };
}

/// Takes the budget away again, also when `work` ends by a panic.
struct Restore(Option<Budget>);

impl Drop for Restore {
    fn drop(&mut self) {
        BUDGET.set(self.0.take());
    }
}

/// Runs `work`, which compiles rules; the patterns that it prepares may weigh `bytes` together, as estimated by
/// [`super::Regex::weight`].
pub fn within<R>(bytes: u64, work: impl FnOnce() -> R) -> R {
    let budget = Budget { left: bytes, hashes: RandomState::new(), charged: HashSet::new() };
    let _restore = Restore(BUDGET.replace(Some(budget)));
    work()
}

/// Charges a pattern; false if the budget does not have that much left.
pub(super) fn charge(pattern: &[u8], weight: u64) -> bool {
    BUDGET.with_borrow_mut(|budget| {
        let Some(budget) = budget else { return true };
        // Patterns that are charged as others were are too few to matter.
        if !budget.charged.insert(budget.hashes.hash_one(pattern)) {
            return true;
        }
        match budget.left.checked_sub(weight) {
            Some(left) => {
                budget.left = left;
                true
            }
            None => false,
        }
    })
}
