//! Reusable memory of the current thread, so that kernels do not allocate per call.
//!
//! INVARIANT: memory is taken out of the pool while it is in use, so kernels that call functions which are kernels
//! themselves never meet each other's. Results go to the batch's arena; nothing here outlives a call.

use std::cell::RefCell;

/// What the buffers of a thread may keep together between calls, in bytes.
const KEEP: usize = 1 << 20;

thread_local! {
    static TEXTS: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
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
