//! Both engines behind one form of call, and what it means that they agree.

use ottl_core::Time;
use ottl_core::function::{FixedClock, SequenceRng};
use ottl_engine::fast::{Engine as Fast, Scratch};
use ottl_engine::{Env, Limits, Report, RunError, Status, interp as plain};
use ottl_otlp::Signal as WireSignal;
use ottl_otlp::schema::validate;
use ottl_plan::Plan;
use ottl_schema::Signal;

use crate::tree::decode;

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

/// Both engines over a message: fast, plain. Chance and time are the same for both, and limits are such that nothing grows
/// for long.
pub fn both(plan: &Plan, engine: &Fast<&Plan>, message: &[u8]) -> (Outcome, Outcome) {
    let limits = Limits { scratch_bytes: 64 << 20, new_metrics: 100, ..Limits::default() };
    let clock = FixedClock(Time::from_unix_nanos(1_800_000_000_000_000_000));
    let rngs = [SequenceRng::default(), SequenceRng::default()];
    let [of_fast, of_plain] = rngs.each_ref().map(|rng| Env { limits, ..Env::new(&clock, rng) });
    (ready(engine, message, &of_fast), interp(plan, message, &of_plain))
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
/// Of a message that is damaged only this is asked: that none panics. Memory is another matter for each engine, so where
/// one has used up what it may have, there is nothing to compare; other limits have to be reached by both.
pub fn difference(plan: &Plan, message: &[u8], fast: &Outcome, interp: &Outcome) -> Option<String> {
    let signal = wire(plan.signal);
    if validate(signal, message).is_err() || out_of_memory(fast) || out_of_memory(interp) {
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
    let (a, b) = (decode(signal.message(), a), decode(signal.message(), b));
    (a != b).then(|| format!("the output: fast {a:?}, interp {b:?}"))
}

fn out_of_memory(outcome: &Outcome) -> bool {
    matches!(outcome.result, Err(RunError::Limit { name: "scratch_bytes", .. }))
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
