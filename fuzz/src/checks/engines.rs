//! [`engines_agree`], and what it means that two engines do.

use std::sync::LazyLock;

use ottl_compiler::Compiler;
use ottl_core::Time;
use ottl_core::function::{FixedClock, Registry, SequenceRng};
use ottl_engine::fast::{self, Options};
use ottl_engine::{Engine as _, Env, Limits, Outcome, RunError, interp};
use ottl_generate::{Case, Choices, Node};
use ottl_otlp::schema::validate;
use ottl_otlp::wire::{WireError, WireErrorKind};
use ottl_plan::Plan;
use ottl_suite::{engines, rules};

use super::meter::within_in_all;

static FUNCTIONS: LazyLock<Registry> = LazyLock::new(ottl_functions::registry);
static COMPILER: LazyLock<Compiler> = LazyLock::new(|| Compiler::new(ottl_functions::registry()));

/// The rewrites of a run: by what is left of its length, all of them, all but one, or none.
pub fn options(data: &[u8]) -> Options {
    let every: Vec<_> = Options::every().collect();
    every[data.len() % every.len()]
}

/// A random program over a random message, both made of the bytes: both engines give the same output and count the
/// same.
pub fn engines_agree(data: &[u8]) {
    let mut case = Case::generate(&mut Choices::from_bytes(data), &FUNCTIONS);
    if data.len() % 5 == 4 {
        case.program.isolate();
    }
    let program = &case.program;
    let processor = program.processor.name();
    let body = program.yaml();
    let Ok(plan) = rules::compile(&COMPILER, processor, program.signal, &body) else { return };
    let message = case.bytes();
    let shown = || format!("{body}{}", Node::text(&case.message));
    agree(&fast::Engine::with(&plan, options(data)), &message, &shown);
}

/// What a run may take in memory besides what is granted for its message: such that statements meet the limit. Those that do
/// get more.
const MEMORY: [usize; 2] = [2 << 20, 8 << 20];

/// What a run may hold beside what its limits grant: the caches of automata, which stay with the plan.
const FIXED: usize = 24 << 20;

/// How many times its length a message may take as a tree of owned fields, and the output while it grows.
const PER_BYTE: usize = 192;

/// How many bytes a step may ask for in all: lambdas may read a map as often as there are steps, and each value in it that
/// holds others is checked.
const PER_STEP: usize = 128;

/// Runs both engines over a message. Of a valid one the results, counters and errors are the same; of any other neither
/// panics. Neither holds more memory than limits and length grant, and what comes out of a run that meets the limit is sound.
/// Answers the fast engine's output, which is none where there is nothing to compare.
pub(super) fn agree(engine: &fast::Engine<&Plan>, message: &[u8], shown: &dyn Fn() -> String) -> Option<Vec<u8>> {
    let plan = engine.plan();
    let compared = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        // Each engine meets the limit of memory at a place of its own, so runs that do are compared with more of it only.
        for memory in MEMORY {
            let (fast, interp) = run(engine, message, memory);
            let short = [&fast, &interp].map(engines::out_of_memory);
            if short == [false; 2] {
                return Some((engines::difference(plan, message, &fast, &interp), fast, interp));
            }
            let wrong =
                [&fast, &interp].into_iter().find_map(|tight| engines::wrong_in_less(plan, message, tight, None));
            assert_eq!(wrong, None);
        }
        None
    }));
    let compared = match compared {
        Ok(compared) => compared,
        // What was run is part of the finding.
        Err(panic) => {
            eprintln!("{}", shown());
            std::panic::resume_unwind(panic);
        }
    };
    let (difference, fast, interp) = compared?;
    // A value that is too deep is damage that only those see who read it, where they read it.
    let too_deep = |outcome: &Outcome| {
        matches!(outcome.result, Err(RunError::Damaged(WireError { kind: WireErrorKind::TooDeep, .. })))
    };
    if too_deep(&fast) || too_deep(&interp) {
        return None;
    }
    if let Some(how) = difference {
        panic!("{how}\n{}", shown());
    }
    let comparable = fast.result.is_ok() && validate(plan.signal, message).is_ok();
    fast.result.ok().filter(|_| comparable)?.bytes(message).map(<[u8]>::to_vec)
}

/// Both engines with so much memory: fast, plain.
fn run(engine: &fast::Engine<&Plan>, message: &[u8], memory: usize) -> (Outcome, Outcome) {
    let plan = engine.plan();
    let limits = Limits { scratch_bytes: memory, new_metrics: 50, segment: 1 << 12, ..Limits::default() };
    // A pass is copied as a whole; there are fewer of them than statements.
    let granted = 2 * limits.scratch(message.len(), plan.sources.len()) + PER_BYTE * message.len() + FIXED;
    let in_all = 64 * granted + PER_STEP * limits.steps as usize;
    let named = |who: &str| format!("{who} on {} bytes", message.len());
    let clock = FixedClock(Time::from_unix_nanos(1_800_000_000_000_000_000));
    let rngs = [SequenceRng::default(), SequenceRng::default()];
    let [of_fast, of_interp] = rngs.each_ref().map(|rng| Env { limits, ..Env::new(&clock, rng) });
    let fast = within_in_all(&named("fast"), granted, in_all, || engine.outcome(message, &of_fast));
    let interp = interp::Engine::new(plan);
    let interp = within_in_all(&named("interp"), granted, in_all, || interp.outcome(message, &of_interp));
    (fast, interp)
}
