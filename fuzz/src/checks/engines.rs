//! [`engines_agree`], and what it means that two engines do.

use std::sync::LazyLock;

use ottl_compiler::Compiler;
use ottl_core::function::{FixedClock, Registry, SequenceRng};
use ottl_core::{ErrorKind, Time};
use ottl_engine::fast::Engine;
use ottl_engine::{Env, Limits, Report, RunError};
use ottl_generate::{Case, Choices, Node, Processor};
use ottl_otlp::schema::validate;
use ottl_otlp::wire::{WireError, WireErrorKind};
use ottl_plan::Plan;
use ottl_suite::engines::Outcome;
use ottl_suite::{engines, rules};

use super::meter::within;

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

/// The limits of runs here: such that statements meet them.
const LIMITS: fn() -> Limits = || Limits { scratch_bytes: 2 << 20, new_metrics: 50, ..Limits::default() };

/// What a run may hold beside what its limits grant: the caches of automata, which stay with the plan.
const FIXED: usize = 24 << 20;

/// How many times its length a message may take as a tree of owned fields, and the output while it grows.
const PER_BYTE: usize = 192;

/// Runs both engines over a message. Of a valid one the results, counters and errors are the same; of any other neither
/// panics. Neither holds more memory than limits and length grant. Answers the fast engine's output, which is none where
/// there is nothing to compare.
pub(super) fn agree(
    plan: &Plan,
    engine: &Engine<&Plan>,
    message: &[u8],
    shown: &dyn Fn() -> String,
) -> Option<Vec<u8>> {
    // A pass is copied as a whole; there are fewer of them than statements.
    let granted = 2 * LIMITS().scratch(message.len(), plan.sources.len()) + PER_BYTE * message.len() + FIXED;
    let named = |who: &str| format!("{who} on {} bytes", message.len());
    let clock = FixedClock(Time::from_unix_nanos(1_800_000_000_000_000_000));
    let rngs = [SequenceRng::default(), SequenceRng::default()];
    let [of_fast, of_interp] = rngs.each_ref().map(|rng| Env { limits: LIMITS(), ..Env::new(&clock, rng) });
    let run = || {
        let fast = within(&named("fast"), granted, || engines::ready(engine, message, &of_fast));
        let interp = within(&named("interp"), granted, || engines::interp(plan, message, &of_interp));
        (fast, interp)
    };
    let (fast, interp) = match std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)) {
        Ok(both) => both,
        // What was run is part of the finding.
        Err(panic) => {
            eprintln!("{}", shown());
            std::panic::resume_unwind(panic);
        }
    };
    // How much an engine needs is its own matter, so where one of them has used up what it may have, nothing is compared.
    if [&fast.report, &interp.report].into_iter().any(|report| out_of_memory(plan, report)) {
        return None;
    }
    // A value that is too deep is damage that only those see who read it, where they read it.
    let too_deep = |outcome: &Outcome| {
        matches!(outcome.result, Err(RunError::Damaged(WireError { kind: WireErrorKind::TooDeep, .. })))
    };
    if too_deep(&fast) || too_deep(&interp) {
        return None;
    }
    if let Some(how) = engines::difference(plan, message, &fast, &interp) {
        panic!("{how}\n{}", shown());
    }
    let comparable = fast.result.is_ok() && validate(engines::wire(plan.signal), message).is_ok();
    fast.result.ok().filter(|_| comparable)?.bytes(message).map(<[u8]>::to_vec)
}

fn out_of_memory(plan: &Plan, report: &Report) -> bool {
    let failures = (0..plan.sources.len() as u32).flat_map(|source| report.failures(source));
    failures.into_iter().any(|failures| matches!(failures.first.error.kind, ErrorKind::Budget(_)))
}
