//! Reusable memory of the current thread, so that kernels do not allocate per call.
//!
//! INVARIANT: memory is taken out of the pool while it is in use, so kernels that call functions which are kernels
//! themselves never meet each other's. Results go to the batch's arena; nothing here outlives a call.

use std::cell::RefCell;

use ottl_core::{ErrorKind, EvalError};

use crate::regex::{Regex, RegexCache};

/// Memory beyond this is given back after the call.
const KEEP: usize = 1 << 20;

/// How many patterns known only at run time each thread remembers.
const PATTERNS: usize = 256;

thread_local! {
    static TEXTS: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
    static CACHE: RefCell<Option<RegexCache>> = const { RefCell::new(None) };
}

/// Runs `work` with an empty buffer.
pub(crate) fn with_text<R>(work: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    let mut text = TEXTS.with_borrow_mut(Vec::pop).unwrap_or_default();
    let result = work(&mut text);
    if text.capacity() <= KEEP {
        text.clear();
        TEXTS.with_borrow_mut(|texts| texts.push(text));
    }
    result
}

/// Runs `work` with the regex of a text that was not known at compile time: that of the argument of this number.
///
/// # Errors
/// A text that is no pattern; then those of `work`.
pub(crate) fn with_pattern<R>(
    pattern: &[u8],
    argument: usize,
    work: impl FnOnce(&Regex) -> Result<R, EvalError>,
) -> Result<R, EvalError> {
    let mut cache = CACHE.take().unwrap_or_else(|| RegexCache::new(PATTERNS));
    let result = match cache.regex(pattern) {
        Ok(regex) => work(regex),
        Err(error) => Err(EvalError::new(ErrorKind::BadPattern(error.kind().message())).of(argument)),
    };
    CACHE.set(Some(cache));
    result
}
