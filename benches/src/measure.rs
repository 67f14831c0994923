//! One row of a comparison: all contestants take turns on the same bytes in memory, and their outputs are compared.
//!
//! Every round times each contestant once. Its time is the median of the rounds, and the ratio is the median of the
//! rounds' ratios: what else runs on the machine changes from round to round, but hardly within one.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::time::Instant;

use ottl::{Compiler, Output, Report, RuleSet, Scratch, Status, in_order};

use crate::data::{self, Shape};
use crate::reference::{Reference, same};
use crate::rows::Row;

/// How to measure.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long a contestant runs in one round, in seconds; 0 for one message.
    pub seconds: f64,
    /// How many rounds there are.
    pub rounds: u32,
    /// How many threads work.
    pub threads: NonZeroUsize,
    /// Whether they share each message, instead of taking messages in turn.
    pub shared: bool,
    /// Whether loops written by hand take part.
    pub by_hand: bool,
    /// Whether groups of statements are isolated here; the reference knows no such thing.
    pub isolated: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { seconds: 0.5, rounds: 5, threads: NonZeroUsize::MIN, shared: false, by_hand: true, isolated: false }
    }
}

/// Which time counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Time on a processor, which other programs do not change much.
    Processor,
    /// Time that passes.
    Wall,
}

impl Settings {
    /// The clock: time on a processor for one thread, where the system counts that. Who wants no time does not pay for
    /// the look at it either.
    pub fn clock(&self) -> Clock {
        match self.threads {
            NonZeroUsize::MIN if self.seconds > 0.0 && processor_time().is_some() => Clock::Processor,
            _ => Clock::Wall,
        }
    }
}

/// What came out.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The message's records.
    pub shape: Shape,
    /// Whether it was written as the reference's marshaler writes it.
    pub marshaled: bool,
    /// Its size in bytes.
    pub bytes: usize,
    /// Nanoseconds of a record in this engine.
    pub nanos: f64,
    /// The same of the reference.
    pub reference: Option<f64>,
    /// How many times as fast as the reference this engine is.
    pub ratio: Option<f64>,
    /// Nanoseconds of a record in the loop written by hand.
    pub by_hand: Option<f64>,
}

/// Nanoseconds that this thread has spent on a processor, where the system says so: what others do there is not in it.
fn processor_time() -> Option<u64> {
    // The kernel's count is brought up to date when the thread gives way.
    std::thread::yield_now();
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split_whitespace().next()?.parse().ok()
}

/// Nanoseconds of `work`, and what it gives: on a processor if `clock` says so and the system tells, else as they pass.
pub fn nanos<R>(clock: Clock, work: impl FnOnce() -> R) -> (f64, R) {
    let processor_time = || if clock == Clock::Processor { processor_time() } else { None };
    let (start, before) = (Instant::now(), processor_time());
    let result = work();
    let passed = start.elapsed().as_secs_f64() * 1e9;
    let nanos = match (before, processor_time()) {
        (Some(before), Some(after)) => after.saturating_sub(before) as f64,
        _ => passed,
    };
    (nanos, result)
}

/// Nanoseconds of one call, over at least `seconds`.
fn time(seconds: f64, clock: Clock, mut run: impl FnMut()) -> f64 {
    let (nanos, calls) = nanos(clock, || {
        let start = Instant::now();
        // Reading the clock takes 30 ns, a twentieth of a message of one record: short calls are made several at a time.
        let (mut calls, mut at_once) = (0u32, 1u32);
        loop {
            (0..at_once).for_each(|_| run());
            calls += at_once;
            let elapsed = start.elapsed().as_secs_f64();
            if elapsed >= seconds {
                break calls;
            }
            if elapsed * 64.0 < seconds {
                at_once *= 2;
            }
        }
    });
    nanos / f64::from(calls)
}

/// Nanoseconds of one message when `threads` of them work on copies of it, over about `seconds`.
fn time_threads(seconds: f64, rules: &RuleSet, row: &Row, message: &[u8], threads: NonZeroUsize) -> f64 {
    let start = Instant::now();
    let mut sent = 0u64;
    // Messages are handed out for as long as there is time, a few for each thread at least.
    let messages = std::iter::from_fn(|| {
        let more = sent < 4 * threads.get() as u64 || start.elapsed().as_secs_f64() < seconds;
        sent += u64::from(more);
        more.then_some(message)
    });
    in_order(rules, threads, messages, |_| row.signal.into(), &mut Report::new(), |_| ControlFlow::Continue(()));
    start.elapsed().as_secs_f64() * 1e9 / sent as f64
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = values.get(values.len() / 2)?;
    let lower = values.get((values.len() - 1) / 2)?;
    Some((lower + upper) / 2.0)
}

/// Measures a row on a message of this shape.
///
/// # Errors
/// Rules or message are refused, a contestant cannot be run, or an output differs: then there is no number.
pub fn measure(
    row: &Row,
    shape: Shape,
    marshaled: bool,
    settings: &Settings,
    reference: Option<&Reference>,
) -> Result<Measured, String> {
    let mut message = row.message(shape)?;
    if marshaled {
        let plain = std::mem::take(&mut message);
        message = data::marshaled(row.signal, &plain).map_err(|e| e.to_string())?;
        if let Some(reference) = reference
            && reference.marshaled(row.signal, &plain)? != message
        {
            return Err("the reference's marshaler writes another order".to_owned());
        }
    }
    let rules = Compiler::new().isolate(settings.isolated).compile(&row.rules).map_err(|e| e.to_string())?;
    let (status, ours) = match rules.transform(row.signal, &message).map_err(|e| e.to_string())?.output {
        Output::Unchanged => (Status::Unchanged, Vec::new()),
        Output::Changed(bytes) => (Status::Changed, bytes),
        Output::Dropped => (Status::Dropped, Vec::new()),
    };
    // They know how fields are written, and how long; and they are one thread.
    let usual = !marshaled && shape == Shape::from(shape.records) && settings.threads == NonZeroUsize::MIN;
    let by_hand = row.by_hand.filter(|_| usual && settings.by_hand);
    let (mut scratch, mut report, mut out) = (Scratch::new(), Report::default(), Vec::new());
    let (mut nanos, mut hand, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let clock = settings.clock();
    for round in 0..settings.rounds {
        let own = match settings.threads.get() {
            1 => time(settings.seconds, clock, || {
                out.clear();
                // Whether it runs was seen above.
                let _ = rules.transform_into(row.signal, &message, &mut scratch, &mut out, &mut report);
            }),
            _ if settings.shared => time(settings.seconds, clock, || {
                out.clear();
                let threads = settings.threads;
                let _ = rules.transform_on(threads, row.signal, &message, &mut scratch, &mut out, &mut report);
            }),
            _ => time_threads(settings.seconds, &rules, row, &message, settings.threads),
        };
        nanos.push(own);
        if let Some(by_hand) = by_hand {
            let mut result = None;
            hand.push(time(settings.seconds / 2.0, clock, || {
                out.clear();
                result = by_hand(&message, &mut out);
            }));
            if result != Some(status) || (round == 0 && out != ours) {
                return Err(format!("the loop written by hand gives another output: {result:?}, not {status:?}"));
            }
        }
        if let Some(reference) = reference {
            let (nanos, output) = reference.run(row, &message, settings, clock)?;
            let ours = if status == Status::Unchanged { &message } else { &ours };
            if round == 0 && !same(row.signal, ours, &output, row.is_unordered())? {
                return Err("the reference gives another output".to_owned());
            }
            theirs.push(nanos);
            ratios.push(nanos / own);
        }
    }
    let per_record = |nanos: f64| nanos / shape.records as f64;
    Ok(Measured {
        shape,
        marshaled,
        bytes: message.len(),
        nanos: median(nanos).map(per_record).ok_or("no round")?,
        reference: median(theirs).map(per_record),
        ratio: median(ratios),
        by_hand: median(hand).map(per_record),
    })
}

#[cfg(test)]
mod tests {
    use super::{Settings, measure, median};
    use crate::rows::all;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
    }

    #[test]
    fn loops_written_by_hand_write_what_the_engine_writes() {
        let settings = Settings { seconds: 0.0, rounds: 1, ..Settings::default() };
        let rows: Vec<_> = all().into_iter().filter(|row| row.by_hand.is_some()).collect();
        assert!(rows.len() >= 9);
        for row in rows {
            for records in [1, 32, 1100, 8192] {
                let measured = measure(&row, records.into(), false, &settings, None);
                let measured = measured.unwrap_or_else(|error| panic!("{} at {records}: {error}", row.name));
                assert!(measured.by_hand.is_some());
            }
        }
    }
}
