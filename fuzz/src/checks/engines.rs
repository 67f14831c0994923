//! [`engines_agree`], and what it means that two engines do.

use std::sync::LazyLock;

use ottl_compiler::Compiler;
use ottl_core::Time;
use ottl_core::function::{FixedClock, Registry, SequenceRng};
use ottl_engine::fast::{Engine, Scratch, Status};
use ottl_engine::{Env, Limits, Outcome, Output, Report, RunError, interp};
use ottl_generate::{Case, Choices, Node, Processor};
use ottl_otlp::Signal;
use ottl_otlp::schema::validate;
use ottl_plan::Plan;
use ottl_suite::{rules, tree};

static FUNCTIONS: LazyLock<Registry> = LazyLock::new(ottl_functions::registry);
static COMPILER: LazyLock<Compiler> = LazyLock::new(|| Compiler::new(ottl_functions::registry()));

/// A random program over a random message, both made of the bytes: both engines give the same output and fail in the same
/// statements.
pub fn engines_agree(data: &[u8]) {
    let case = Case::generate(&mut Choices::from_bytes(data), &FUNCTIONS);
    let program = &case.program;
    let processor = if program.processor == Processor::Transform { "transform" } else { "filter" };
    let body = program.yaml();
    let Ok(plan) = rules::compile(&COMPILER, processor, program.signal, &body) else { return };
    let message = case.bytes();
    let shown = || format!("{body}{}", Node::text(&case.message));
    agree(&plan, &Engine::new(&plan), wire(program.signal), &message, &shown);
}

/// The signal as the wire knows it.
pub(super) fn wire(signal: ottl_schema::Signal) -> Signal {
    match signal {
        ottl_schema::Signal::Traces => Signal::Traces,
        ottl_schema::Signal::Metrics => Signal::Metrics,
        ottl_schema::Signal::Logs => Signal::Logs,
    }
}

/// Runs both engines over a message. Of a valid one the results are the same and valid; of any other neither panics.
/// Answers the fast engine's output, which is none where there is nothing to compare.
pub(super) fn agree(
    plan: &Plan,
    engine: &Engine<&Plan>,
    signal: Signal,
    message: &[u8],
    shown: &dyn Fn() -> String,
) -> Option<Vec<u8>> {
    let (clock, rng) = (FixedClock(Time::from_unix_nanos(1_800_000_000_000_000_000)), SequenceRng::default());
    let limits = Limits { scratch_bytes: 64 << 20, new_metrics: 100, ..Limits::default() };
    let env = Env { limits, ..Env::new(&clock, &rng) };
    let fast = fast(engine, message, &env);
    // Chance and time begin anew for each engine.
    let rng = SequenceRng::default();
    let env = Env { limits, ..Env::new(&clock, &rng) };
    let plain = interp::run(plan, message, &env);
    if validate(signal, message).is_err() {
        return None;
    }
    let (fast, plain) = match (fast, plain) {
        (Ok(fast), Ok(plain)) => (fast, plain),
        // Engines need memory in different places.
        (Err(RunError::Limit(_)), _) | (_, Err(RunError::Limit(_))) => return None,
        (Err(_), Err(_)) => return None,
        (fast, plain) => panic!("fast: {fast:?}\ninterp: {plain:?}\n{}", shown()),
    };
    let failed = |report: &Report| report.sources.iter().map(|source| source.failed).collect::<Vec<_>>();
    assert_eq!(failed(&fast.report), failed(&plain.report), "failures, fast and interp\n{}", shown());
    assert_eq!(fast.report.dropped, plain.report.dropped, "dropped items, fast and interp\n{}", shown());
    let (fast, plain) = match (fast.output, plain.output) {
        (Output::Dropped, Output::Dropped) => return None,
        (Output::Dropped, _) => panic!("only fast drops the message\n{}", shown()),
        (_, Output::Dropped) => panic!("only interp drops the message\n{}", shown()),
        (fast, plain) => (bytes(fast, message), bytes(plain, message)),
    };
    assert_eq!(validate(signal, &fast), Ok(()), "the output of fast\n{}", shown());
    let trees = (tree::decode(signal.message(), &fast), tree::decode(signal.message(), &plain));
    assert!(trees.0 == trees.1, "fast: {:?}\ninterp: {:?}\n{}", trees.0, trees.1, shown());
    Some(fast)
}

fn bytes(output: Output, message: &[u8]) -> Vec<u8> {
    if let Output::Changed(bytes) = output { bytes } else { message.to_vec() }
}

fn fast(engine: &Engine<&Plan>, message: &[u8], env: &Env<'_>) -> Result<Outcome, RunError> {
    let mut report = Report::new(engine.plan().sources.len());
    let mut out = Vec::new();
    let status = engine.run(message, env, &mut Scratch::new(), &mut report, &mut out);
    assert!(matches!(status, Ok(Status::Changed)) || out.is_empty(), "{status:?} leaves something in the buffer");
    let output = match status? {
        Status::Unchanged => Output::Unchanged,
        Status::Changed => Output::Changed(out),
        Status::Dropped => Output::Dropped,
    };
    Ok(Outcome { output, report })
}
