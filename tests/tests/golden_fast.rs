//! The fast engine against the golden vectors.

use ottl_engine::fast::{Engine, Scratch, Status};
use ottl_engine::{Env, Outcome, Output, Report, RunError};
use ottl_plan::Plan;
use ottl_suite::golden::compare_all;

fn fast(plan: &Plan, message: &[u8], env: &Env<'_>) -> Result<Outcome, RunError> {
    let engine = Engine::new(plan);
    let mut report = Report::new(plan.sources.len());
    let mut out = Vec::new();
    let output = match engine.run(message, env, &mut Scratch::new(), &mut report, &mut out)? {
        Status::Unchanged => Output::Unchanged,
        Status::Changed => Output::Changed(out),
        Status::Dropped => Output::Dropped,
    };
    Ok(Outcome { output, report })
}

#[test]
fn the_fast_engine_agrees_with_the_reference() {
    // Deeply nested messages are part of the corpus, and the comparison recurses.
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(|| compare_all(fast)).expect("a thread");
    let different = thread.join().expect("the comparison runs to its end");
    assert_eq!(different, 0, "vectors differ; see the list above");
}
