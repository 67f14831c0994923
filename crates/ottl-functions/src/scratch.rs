//! Reusable memory of the current thread, so that kernels do not allocate per call.
//!
//! INVARIANT: memory is taken away while it is in use, so kernels that call functions which are kernels themselves never
//! meet each other's. Results go to the batch's arena; nothing here outlives a call.

use std::cell::Cell;

/// What the buffer of a thread may keep between calls, in bytes.
const KEEP: usize = 1 << 20;

thread_local! {
    static TEXT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Runs `work` with an empty buffer.
///
/// PERF (functions): calls inside each other are rare, so there is one buffer and not a pool of them.
#[inline]
pub(crate) fn with_text<R>(work: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    let mut text = TEXT.take();
    let result = work(&mut text);
    if text.capacity() <= KEEP {
        text.clear();
        TEXT.set(text);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_inside_each_other_keep_no_more_than_one() {
        fn nested(depth: usize) {
            with_text(|text| {
                assert!(text.is_empty());
                text.resize(KEEP / 4 + depth, 0);
                if depth > 0 {
                    nested(depth - 1);
                }
                assert_eq!(text.len(), KEEP / 4 + depth);
            });
        }
        nested(64);
        let kept = TEXT.take().capacity();
        assert!(kept > 0 && kept <= KEEP, "{kept}");
        with_text(|text| text.resize(KEEP + 1, 0));
        assert_eq!(TEXT.take().capacity(), 0);
    }
}
