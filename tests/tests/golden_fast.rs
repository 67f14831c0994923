//! The fast engine against the golden vectors: as it is, with memory for one record only, and without rewrites.

use ottl_engine::fast::{self, Options};
use ottl_engine::{Engine, Limits};
use ottl_plan::Plan;
use ottl_suite::engines::{Build, fast};
use ottl_suite::golden::compare_all;

fn plain(plan: &Plan) -> Box<dyn Engine + '_> {
    Box::new(fast::Engine::with(plan, Options::plain()))
}

#[test]
fn the_fast_engine_agrees_with_the_reference() {
    let rows: [(Build, usize); 3] = [(fast, Limits::default().segment), (fast, 0), (plain, 0)];
    for (engine, segment) in rows {
        // Deeply nested messages are part of the corpus, and the comparison recurses.
        let compare = move || compare_all(engine, segment);
        let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(compare).expect("a thread");
        let different = thread.join().expect("the comparison runs to its end");
        assert_eq!(different, 0, "vectors differ; see the list above");
    }
}
