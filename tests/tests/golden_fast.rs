//! The fast engine against the golden vectors: as it is, with memory for one record only, and without rewrites.

use ottl_engine::fast::{Engine, Options};
use ottl_engine::{Env, Limits};
use ottl_plan::Plan;
use ottl_suite::engines::{Outcome, fast, ready};
use ottl_suite::golden::compare_all;

fn plain(plan: &Plan, message: &[u8], env: &Env<'_>) -> Outcome {
    let limits = Limits { segment: 0, ..env.limits };
    ready(&Engine::with(plan, Options::plain()), message, &Env { limits, ..*env })
}

fn record_by_record(plan: &Plan, message: &[u8], env: &Env<'_>) -> Outcome {
    let limits = Limits { segment: 0, ..env.limits };
    fast(plan, message, &Env { limits, ..*env })
}

#[test]
fn the_fast_engine_agrees_with_the_reference() {
    for engine in [fast, record_by_record, plain] {
        // Deeply nested messages are part of the corpus, and the comparison recurses.
        let thread =
            std::thread::Builder::new().stack_size(256 << 20).spawn(move || compare_all(engine)).expect("a thread");
        let different = thread.join().expect("the comparison runs to its end");
        assert_eq!(different, 0, "vectors differ; see the list above");
    }
}
