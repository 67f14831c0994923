//! Both engines behind one form of call, and what it means that they agree.

use ottl_core::function::{FixedClock, SequenceRng};
use ottl_core::{ErrorKind, SCRATCH_BYTES, Time};
use ottl_engine::fast::{Engine as Fast, Options, Scratch};
use ottl_engine::{Env, Limits, Report, RunError, Status, interp as plain};
use ottl_otlp::Signal as WireSignal;
use ottl_otlp::schema::validate;
use ottl_plan::Plan;
use ottl_schema::Signal;

use crate::tree::{decode, in_order};

/// What runs a plan over a message: one of the engines.
pub type Engine = fn(&Plan, &[u8], &Env<'_>) -> Outcome;

/// What became of a message, and what was counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The message.
    pub result: Result<Output, RunError>,
    /// What happened on the way, also in a run that failed.
    pub report: Report,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// The input is the output.
    Unchanged,
    /// The new message.
    Changed(Vec<u8>),
    /// The filter left nothing.
    Dropped,
}

impl Output {
    /// The message that goes on, when `input` came in.
    pub fn bytes<'o>(&'o self, input: &'o [u8]) -> Option<&'o [u8]> {
        match self {
            Output::Unchanged => Some(input),
            Output::Changed(bytes) => Some(bytes),
            Output::Dropped => None,
        }
    }
}

/// The plain engine.
pub fn interp(plan: &Plan, message: &[u8], env: &Env<'_>) -> Outcome {
    outcome(plan, |report, out| plain::run(plan, message, env, report, out))
}

/// The fast engine, made ready for one message.
pub fn fast(plan: &Plan, message: &[u8], env: &Env<'_>) -> Outcome {
    ready(&Fast::new(plan), message, env)
}

/// The fast engine.
pub fn ready(engine: &Fast<&Plan>, message: &[u8], env: &Env<'_>) -> Outcome {
    outcome(engine.plan(), |report, out| engine.run(message, env, &mut Scratch::new(), report, out))
}

/// Both engines over a message: fast, plain. Chance and time are the same for both, limits are such that nothing grows for
/// long.
pub fn both(plan: &Plan, engine: &Fast<&Plan>, message: &[u8], scratch_bytes: usize) -> (Outcome, Outcome) {
    let of_fast = in_test(message, scratch_bytes, |env| ready(engine, message, env));
    (of_fast, in_test(message, scratch_bytes, |env| interp(plan, message, env)))
}

/// How the fast engine with other rewrites than all of them differs from what `interp` made of a message, if it does.
pub fn differs_without(plan: &Plan, message: &[u8], scratch_bytes: usize, interp: &Outcome) -> Option<String> {
    Options::every().skip(1).find_map(|options| {
        let engine = Fast::with(plan, options);
        let fast = in_test(message, scratch_bytes, |env| ready(&engine, message, env));
        difference(plan, message, &fast, interp).map(|how| format!("{how} with {options:?}"))
    })
}

fn in_test(message: &[u8], scratch_bytes: usize, run: impl FnOnce(&Env<'_>) -> Outcome) -> Outcome {
    // Half of the messages are run record by record, as large ones are run in segments.
    let segment = if message.len().is_multiple_of(2) { 0 } else { Limits::default().segment };
    let limits = Limits { scratch_bytes, new_metrics: 100, segment, ..Limits::default() };
    let (clock, rng) = (FixedClock(Time::from_unix_nanos(1_800_000_000_000_000_000)), SequenceRng::default());
    run(&Env { limits, ..Env::new(&clock, &rng) })
}

/// # Panics
/// If a run leaves something in the buffer without saying so.
fn outcome(plan: &Plan, run: impl FnOnce(&mut Report, &mut Vec<u8>) -> Result<Status, RunError>) -> Outcome {
    let (mut report, mut out) = (Report::new(plan.sources.len()), Vec::new());
    let status = run(&mut report, &mut out);
    assert!(status == Ok(Status::Changed) || out.is_empty(), "{status:?} leaves something in the buffer");
    let result = status.map(|status| match status {
        Status::Unchanged => Output::Unchanged,
        Status::Changed => Output::Changed(out),
        Status::Dropped => Output::Dropped,
    });
    Outcome { result, report }
}

/// The signal as the wire knows it.
pub fn wire(signal: Signal) -> WireSignal {
    match signal {
        Signal::Traces => WireSignal::Traces,
        Signal::Metrics => WireSignal::Metrics,
        Signal::Logs => WireSignal::Logs,
    }
}

/// How what `fast` made of a message differs from what `interp` made of it, if it does.
///
/// Outputs have to be the same message, and the same bytes as far as [`in_order`] says.
///
/// Of a message that is damaged only this is asked: that none panics. Memory is another matter for each engine, so where
/// one had to give the message up for it, there is nothing to compare; other limits have to be reached by both.
pub fn difference(plan: &Plan, message: &[u8], fast: &Outcome, interp: &Outcome) -> Option<String> {
    let signal = wire(plan.signal);
    let given_up = |outcome: &Outcome| matches!(outcome.result, Err(RunError::Limit { name: SCRATCH_BYTES, .. }));
    if validate(signal, message).is_err() || given_up(fast) || given_up(interp) {
        return None;
    }
    let (a, b) = match (&fast.result, &interp.result) {
        (Err(a), Err(b)) if a == b => return reports(plan, &fast.report, &interp.report),
        (Ok(a), Ok(b)) => (a, b),
        (a, b) => return Some(format!("the result: fast {a:?}, interp {b:?}")),
    };
    if let Some(how) = reports(plan, &fast.report, &interp.report) {
        return Some(how);
    }
    if std::mem::discriminant(a) != std::mem::discriminant(b) {
        return Some(format!("what became of it: fast {a:?}, interp {b:?}"));
    }
    let (Some(a), Some(b)) = (a.bytes(message), b.bytes(message)) else { return None };
    if let Err(error) = validate(signal, a) {
        return Some(format!("the output of fast is damaged: {error}"));
    }
    let trees = (decode(signal.message(), a), decode(signal.message(), b));
    if trees.0 != trees.1 {
        return Some(format!("the output: fast {:?}, interp {:?}", trees.0, trees.1));
    }
    // Each engine has a place for what is new, and only interp puts untouched messages in parts together.
    // Unknown fields of values come along where fast copies a container as the bytes that it is.
    let ordered = |bytes, strangers| in_order(signal.message(), bytes, strangers);
    let known_only = ordered(message, true) != ordered(message, false);
    let same = ordered(a, !known_only) == ordered(b, !known_only);
    (!same).then(|| format!("the bytes: fast {}, interp {}", a.escape_ascii(), b.escape_ascii()))
}

/// Whether the run, or a statement in it, met the limit of memory. Each engine meets it at a place of its own, after which
/// their messages differ: only with more memory can they be compared.
pub fn out_of_memory(outcome: &Outcome) -> bool {
    let of_statements = || {
        let sources = 0..outcome.report.sources.len() as u32;
        let mut failures = sources.flat_map(|source| outcome.report.failures(source));
        failures.any(|failures| failures.first.error.kind == ErrorKind::Budget(SCRATCH_BYTES))
    };
    matches!(outcome.result, Err(RunError::Limit { name: SCRATCH_BYTES, .. })) || of_statements()
}

/// How a run with less memory is wrong, if it is: with `roomy`, the same with enough. Its output is sound where it met the
/// limit, and the same in all else where it did not.
pub fn wrong_in_less(plan: &Plan, message: &[u8], tight: &Outcome, roomy: Option<&Outcome>) -> Option<String> {
    let signal = wire(plan.signal);
    if validate(signal, message).is_err() {
        return None;
    }
    if out_of_memory(tight) {
        let output = tight.result.as_ref().ok()?.bytes(message)?;
        return validate(signal, output).err().map(|error| format!("the output in less memory is damaged: {error}"));
    }
    roomy.filter(|roomy| tight != *roomy).map(|roomy| format!("in less memory: {tight:?}, in enough {roomy:?}"))
}

/// The first thing that two reports do not count alike.
fn reports(plan: &Plan, fast: &Report, interp: &Report) -> Option<String> {
    for (number, text) in (0..).zip(&plan.sources) {
        let (a, b) = (fast.sources.get(number as usize), interp.sources.get(number as usize));
        if a != b {
            return Some(format!("counters of `{text}`: fast {a:?}, interp {b:?}"));
        }
        let (a, b) = (fast.failures(number), interp.failures(number));
        if a != b {
            return Some(format!("errors of `{text}`: fast {a:?}, interp {b:?}"));
        }
    }
    if fast.errors != interp.errors {
        return Some(format!("listed errors: fast {:?}, interp {:?}", fast.errors, interp.errors));
    }
    (fast.dropped != interp.dropped).then(|| format!("dropped: fast {:?}, interp {:?}", fast.dropped, interp.dropped))
}
