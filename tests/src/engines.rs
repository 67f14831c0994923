//! Both engines over a message, and what it means that they agree.

use ottl_core::function::{FixedClock, SequenceRng};
use ottl_core::{ErrorKind, SCRATCH_BYTES, Time};
use ottl_engine::fast::Options;
use ottl_engine::{Engine, Env, Limits, Outcome, Report, RunError, fast, interp};
use ottl_otlp::schema::validate;
use ottl_plan::Plan;

use crate::tree::{decode, in_order};

/// How an engine is made ready for a plan.
pub type Build = for<'p> fn(&'p Plan) -> Box<dyn Engine + 'p>;

/// The plain engine.
pub fn interp(plan: &Plan) -> Box<dyn Engine + '_> {
    Box::new(interp::Engine::new(plan))
}

/// The fast engine.
pub fn fast(plan: &Plan) -> Box<dyn Engine + '_> {
    Box::new(fast::Engine::new(plan))
}

/// What a run may take in memory besides what is granted for its message: enough.
pub const MEMORY: usize = 64 << 20;

/// What both engines make of a message, the fast one in every configuration.
///
/// # Panics
/// If they do not agree.
#[track_caller]
pub fn agreed(plan: &Plan, message: &[u8], name: &str) -> Outcome {
    let (fast, interp) = both(&fast::Engine::new(plan), message, MEMORY);
    assert_eq!(difference(plan, message, &fast, &interp), None, "{name}");
    assert_eq!(differs_without(plan, message, MEMORY, &fast, &interp), None, "{name}");
    fast
}

/// Both engines over a message: fast, plain. Chance and time are the same for both, limits are such that nothing grows for
/// long.
pub fn both(engine: &fast::Engine<&Plan>, message: &[u8], scratch_bytes: usize) -> (Outcome, Outcome) {
    let interp = interp::Engine::new(engine.plan());
    (in_test(engine, message, scratch_bytes), in_test(&interp, message, scratch_bytes))
}

/// How the fast engine with other rewrites than all of them differs from what `interp` made of a message, if it does.
/// `fast` is what all rewrites made of it, which is known not to differ.
pub fn differs_without(
    plan: &Plan,
    message: &[u8],
    scratch_bytes: usize,
    fast: &Outcome,
    interp: &Outcome,
) -> Option<String> {
    let mut same: Vec<Outcome> = Vec::new();
    for options in Options::every().skip(1) {
        let other = in_test(&fast::Engine::with(plan, options), message, scratch_bytes);
        // What equals an outcome that does not differ, to the byte, does not differ. Most are the same in all configurations.
        if other == *fast || same.contains(&other) {
            continue;
        }
        if let Some(how) = difference(plan, message, &other, interp) {
            return Some(format!("{how} with {options:?}"));
        }
        same.push(other);
    }
    None
}

fn in_test(engine: &dyn Engine, message: &[u8], scratch_bytes: usize) -> Outcome {
    // Half of the messages are run record by record, as large ones are run in segments.
    let segment = if message.len().is_multiple_of(2) { 0 } else { Limits::default().segment };
    // Many of them have more errors than are listed.
    let listed_errors = if message.len().is_multiple_of(3) { 2 } else { Limits::default().listed_errors };
    let limits = Limits { scratch_bytes, new_metrics: 100, segment, listed_errors, ..Limits::default() };
    let (clock, rng) = (FixedClock(Time::from_unix_nanos(1_800_000_000_000_000_000)), SequenceRng::default());
    engine.outcome(message, &Env { limits, ..Env::new(&clock, &rng) })
}

/// How what `fast` made of a message differs from what `interp` made of it, if it does.
///
/// Outputs have to be the same message, and the same bytes as far as [`in_order`] says.
///
/// Of a message that is damaged only this is asked: that none panics. Memory is another matter for each engine, so where
/// one had to give the message up for it, there is nothing to compare; other limits have to be reached by both.
pub fn difference(plan: &Plan, message: &[u8], fast: &Outcome, interp: &Outcome) -> Option<String> {
    let signal = plan.signal;
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
    if a == b {
        return None;
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
    let signal = plan.signal;
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
    for (number, text) in (0..).zip(plan.sources.iter()) {
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
