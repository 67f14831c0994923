//! The plain engine against the golden vectors.

use ottl_suite::engines::interp;
use ottl_suite::golden::compare_all;

#[test]
fn interp_agrees_with_the_reference() {
    // Deeply nested messages are part of the corpus, and the comparison recurses.
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(|| compare_all(interp, 0)).expect("a thread");
    let different = thread.join().expect("the comparison runs to its end");
    assert_eq!(different, 0, "vectors differ; see the list above");
}
