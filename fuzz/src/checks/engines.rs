//! [`engines_agree`], and what it means that two engines do.

use std::sync::LazyLock;

use ottl_compiler::Compiler;
use ottl_core::function::Registry;
use ottl_engine::fast::Engine;
use ottl_generate::{Case, Choices, Node, Processor};
use ottl_otlp::schema::validate;
use ottl_plan::Plan;
use ottl_suite::{engines, rules};

static FUNCTIONS: LazyLock<Registry> = LazyLock::new(ottl_functions::registry);
static COMPILER: LazyLock<Compiler> = LazyLock::new(|| Compiler::new(ottl_functions::registry()));

/// A random program over a random message, both made of the bytes: both engines give the same output and count the
/// same.
pub fn engines_agree(data: &[u8]) {
    let case = Case::generate(&mut Choices::from_bytes(data), &FUNCTIONS);
    let program = &case.program;
    let processor = if program.processor == Processor::Transform { "transform" } else { "filter" };
    let body = program.yaml();
    let Ok(plan) = rules::compile(&COMPILER, processor, program.signal, &body) else { return };
    let message = case.bytes();
    let shown = || format!("{body}{}", Node::text(&case.message));
    agree(&plan, &Engine::new(&plan), &message, &shown);
}

/// Runs both engines over a message. Of a valid one the results, counters and errors are the same; of any other neither
/// panics. Answers the fast engine's output, which is none where there is nothing to compare.
pub(super) fn agree(
    plan: &Plan,
    engine: &Engine<&Plan>,
    message: &[u8],
    shown: &dyn Fn() -> String,
) -> Option<Vec<u8>> {
    let (fast, interp) = engines::both(plan, engine, message);
    if let Some(how) = engines::difference(plan, message, &fast, &interp) {
        panic!("{how}\n{}", shown());
    }
    let comparable = fast.result.is_ok() && validate(engines::wire(plan.signal), message).is_ok();
    fast.result.ok().filter(|_| comparable)?.bytes(message).map(<[u8]>::to_vec)
}
