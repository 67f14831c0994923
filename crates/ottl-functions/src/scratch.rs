//! Reusable memory of the current thread, so that kernels do not allocate per call.
//!
//! INVARIANT: memory is taken out of the pool while it is in use, so kernels that call functions which are kernels
//! themselves never meet each other's. Results go to the batch's arena; nothing here outlives a call.

use std::cell::RefCell;

use ottl_core::{Arena, ErrorKind, EvalError};

use crate::regex::{Regex, RegexCache, meter};

/// What the buffers of a thread may keep together between calls, in bytes.
const KEEP: usize = 1 << 20;

/// How many patterns known only at run time each thread remembers.
const PATTERNS: usize = 256;

/// Steps of a search that cost about as much as one step of a message.
const SEARCH_STEPS: u64 = 32;

thread_local! {
    static TEXTS: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
    static CACHE: RefCell<Option<RegexCache>> = const { RefCell::new(None) };
}

/// Runs `work` with an empty buffer.
pub(crate) fn with_text<R>(work: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    let mut text = TEXTS.with_borrow_mut(Vec::pop).unwrap_or_default();
    let result = work(&mut text);
    keep(text);
    result
}

/// Keeps a buffer for the next call, if the thread does not keep too much by then: calls inside each other have one each.
fn keep(mut text: Vec<u8>) {
    TEXTS.with_borrow_mut(|texts| {
        let kept: usize = texts.iter().map(Vec::capacity).sum();
        if kept + text.capacity() <= KEEP {
            text.clear();
            texts.push(text);
        }
    });
}

/// Runs `work`, which searches by patterns that data chose, and charges what that costs to the message.
///
/// # Errors
/// The message has no more steps; else those of `work`.
pub(crate) fn metered<R>(arena: &Arena, work: impl FnOnce() -> Result<R, EvalError>) -> Result<R, EvalError> {
    let granted = arena.work_left().saturating_mul(SEARCH_STEPS);
    let (result, taken) = meter::within(granted, work);
    arena.spend(taken.map_or(u64::MAX, |taken| taken / SEARCH_STEPS))?;
    result
}

/// Runs `work` with the regex of a text that was not known at compile time: that of the argument of this number.
///
/// # Errors
/// A text that is no pattern; no more steps for searches; then those of `work`.
pub(crate) fn with_pattern<R>(
    arena: &Arena,
    pattern: &[u8],
    argument: usize,
    work: impl FnOnce(&Regex) -> Result<R, EvalError>,
) -> Result<R, EvalError> {
    let mut cache = CACHE.take().unwrap_or_else(|| RegexCache::new(PATTERNS));
    let result = match cache.regex(pattern) {
        Ok(regex) => metered(arena, || work(regex)),
        Err(error) => Err(EvalError::new(ErrorKind::BadPattern(error.kind().message())).of(argument)),
    };
    CACHE.set(Some(cache));
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_inside_each_other_keep_no_more_than_one() {
        fn nested(depth: usize) {
            with_text(|text| {
                text.resize(KEEP / 4 + depth, 0);
                if depth > 0 {
                    nested(depth - 1);
                }
            });
        }
        nested(64);
        let kept: usize = TEXTS.with_borrow(|texts| texts.iter().map(Vec::capacity).sum());
        assert!(kept > 0 && kept <= KEEP, "{kept}");
        with_text(|text| assert!(text.is_empty()));
    }
}
