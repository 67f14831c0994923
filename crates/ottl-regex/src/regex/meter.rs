//! What searches of patterns that data chose may cost.
//!
//! Searches answer with matches, not with errors, and a search by a program takes time in proportion to text and program:
//! for patterns that come with the data that is as much as somebody wants. So who runs them grants steps for all searches
//! of a call on this thread; a search that wants more finds nothing, and the call fails.

use std::cell::Cell;

thread_local! {
    /// The steps that are left; none while nobody counts.
    static LEFT: Cell<Option<u64>> = const { Cell::new(None) };
    /// Whether a search wanted more.
    static SPENT: Cell<bool> = const { Cell::new(false) };
}

/// Puts back what was granted before, also when `work` ends by a panic.
struct Restore(Option<u64>, bool);

impl Drop for Restore {
    fn drop(&mut self) {
        LEFT.set(self.0);
        SPENT.set(self.1);
    }
}

/// Runs `work`, whose searches by programs may take so many steps together. Gives how many they took; `None` if one
/// wanted more, and nothing that `work` found is true then.
pub fn within<R>(steps: u64, work: impl FnOnce() -> R) -> (R, Option<u64>) {
    let _restore = Restore(LEFT.replace(Some(steps)), SPENT.replace(false));
    let result = work();
    let taken = steps.saturating_sub(LEFT.get().unwrap_or(0));
    (result, (!SPENT.get()).then_some(taken))
}

/// Runs a search that may take at most `most` steps, and no more than are left. Gives what it found, and its steps.
pub(super) fn search(most: u64, search: impl FnOnce(&mut u64) -> Option<bool>) -> (Option<bool>, u64) {
    let granted = LEFT.get();
    let before = most.min(granted.unwrap_or(u64::MAX));
    let mut left = before;
    let found = search(&mut left);
    let taken = before - left;
    if let Some(granted) = granted {
        LEFT.set(Some(granted - taken));
        if found.is_none() && granted <= most {
            SPENT.set(true);
        }
    }
    (found, taken)
}
