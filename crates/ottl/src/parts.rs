//! One message on several threads: its resources are shared out, and what becomes of them is put together in order.
//!
//! INVARIANT: output and report are those of a run in one piece. Where the parts do not tell (a part failed, met a limit of
//! memory, or hides the errors of others), what they did is forgotten and the message is run in one piece.
//!
//! Threads are started for each message, which takes 27 us a thread, its end included. Threads that are kept between messages
//! cannot borrow a message without unsafe code: they would have to be given a copy, which takes 21 us for 2 MB.

use std::iter::zip;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::Builder;

use ottl_engine::{parts, resources};
use ottl_plan::Program;

use crate::ruleset::{KEPT_BUFFER, number};
use crate::{Call, Error, Report, RuleSet, Scratch, Status};

/// The least bytes of a part. Lower than what pays on all machines, so that it is for the caller to choose: on two virtual cores
/// of a server two threads take 1.4 times the time of one for 0.25 MB, as long for 1 MB, and 0.6 of it for 3.7 MB.
const LEAST: usize = 64 << 10;
/// The most bytes of a part, if there is a boundary: what parts become is in memory until it is put together.
const MOST: usize = 2 << 20;

/// What a thread works with.
#[derive(Debug, Default)]
pub(crate) struct Hand {
    scratch: Scratch,
    out: Vec<u8>,
}

/// What became of a part.
#[derive(Debug)]
struct Done {
    status: Status,
    report: Report,
    /// The part, and what each processor left of it.
    passed: Vec<Size>,
}

/// The size of a message.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    resources: u32,
    bytes: usize,
}

/// A message that is run in parts.
struct Message<'m> {
    rules: &'m RuleSet,
    signal: usize,
    call: Call<'m>,
    /// Its number and line, for the reports.
    number: u64,
    line: Option<u64>,
}

impl RuleSet {
    /// Runs the rules over one OTLP protobuf message as [`RuleSet::transform_into`] does, on several threads if the message is
    /// large: the calling one and others that are started for it. Each takes resources that follow each other, so that a
    /// message of one large resource is worked on by one thread alone. Output and report do not depend on the number of
    /// threads, unless functions use chance or a limit is reached: limits hold for each part.
    ///
    /// One thread alone works where resources cannot be told apart, as [`RuleSet::explain`] says: where records share a cache
    /// or statements write to levels above their own, and with `flatten_data`. A message that fails is run again by one thread,
    /// so that its error and counters are the right ones.
    ///
    /// Threads are started for each message, which pays from about 2 MB on. For many messages, [`crate::in_order`] costs less.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    /// use ottl::{Report, RuleSet, Scratch, Signal, Status};
    ///
    /// let rules = RuleSet::compile("log_statements: ['set(log.severity_text, \"INFO\")']").unwrap();
    /// // Many resources of one record each.
    /// let message = [0x0a, 6, 0x12, 4, 0x12, 2, 0x10, 9].repeat(100_000);
    /// let (mut scratch, mut report, mut out) = (Scratch::new(), Report::new(), Vec::new());
    /// let two = NonZeroUsize::new(2).unwrap();
    /// let status = rules.transform_on(two, Signal::Logs, &message, &mut scratch, &mut out, &mut report).unwrap();
    /// assert_eq!((status, out.len()), (Status::Changed, 100_000 * (message.len() / 100_000 + 6)));
    /// assert_eq!(report.statements().next().unwrap().counters.changed, 100_000);
    /// ```
    ///
    /// # Errors
    /// Those of [`RuleSet::transform`]; `out` is then as it was.
    pub fn transform_on<'c>(
        &self,
        threads: NonZeroUsize,
        call: impl Into<Call<'c>>,
        message: &[u8],
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
        report: &mut Report,
    ) -> Result<Status, Error> {
        let call = call.into();
        if let Some(signal) = number(call.signal)
            && let Some(parts) = self.parts(signal, message, threads.get())
        {
            report.bind(&self.rules);
            let shared = Message { rules: self, signal, call, number: report.number(), line: report.line() };
            let base = out.len();
            match shared.run(&parts, threads.get(), scratch, out) {
                Some(done) => {
                    shared.join(&done, report);
                    let status = status(done.iter().map(|part| part.status));
                    report.count(status == Status::Dropped, false);
                    return Ok(status);
                }
                None => out.truncate(base),
            }
        }
        self.transform_into(call, message, scratch, out, report)
    }

    /// The parts of a message, if threads can share it.
    fn parts<'m>(&self, signal: usize, message: &'m [u8], threads: usize) -> Option<Vec<&'m [u8]>> {
        let stages = &self.rules.chains[signal];
        if threads < 2 || message.len() < 2 * LEAST || stages.is_empty() {
            return None;
        }
        if stages.iter().any(|stage| stage.engine.why_whole().is_some()) {
            return None;
        }
        let rounds = message.len().div_ceil(threads.saturating_mul(MOST));
        parts(message, rounds.saturating_mul(threads).min(message.len() / LEAST))
    }
}

/// What becomes of a message with these parts.
fn status(parts: impl Iterator<Item = Status> + Clone) -> Status {
    match parts.clone().next() {
        Some(first) if first != Status::Changed && parts.clone().all(|part| part == first) => first,
        _ => Status::Changed,
    }
}

impl Message<'_> {
    /// Runs the parts, as many at a time as there are threads, and appends what becomes of them; nothing if they do not tell what
    /// becomes of the message.
    fn run(&self, parts: &[&[u8]], threads: usize, scratch: &mut Scratch, out: &mut Vec<u8>) -> Option<Vec<Done>> {
        let mut hands = std::mem::take(&mut scratch.hands);
        hands.resize_with(threads.min(parts.len()).max(hands.len()), Hand::default);
        let result = self.rounds(parts, threads, &mut hands, out);
        for hand in &mut hands {
            hand.out.clear();
            if hand.out.capacity() > KEPT_BUFFER {
                hand.out = Vec::new();
            }
        }
        scratch.hands = hands;
        result.filter(|done| self.is_told(done))
    }

    fn rounds(&self, parts: &[&[u8]], threads: usize, hands: &mut [Hand], out: &mut Vec<u8>) -> Option<Vec<Done>> {
        let mut all: Vec<Done> = Vec::with_capacity(parts.len());
        // Parts in front that did not change, which are only copied when a later one does.
        let mut unchanged = 0;
        for round in parts.chunks(threads) {
            // The first one of the round is written where it belongs, unless that is behind parts which are not copied yet.
            let is_in_place = all.is_empty() || unchanged < all.len();
            let done = self.round(round, hands, is_in_place.then_some(&mut *out))?;
            for (at, ((part, hand), done)) in zip(zip(round, &*hands), done).enumerate() {
                let is_first = unchanged == all.len();
                match done.status {
                    Status::Unchanged if is_first => unchanged += 1,
                    _ => {
                        if is_first {
                            parts[..unchanged].iter().for_each(|part| out.extend_from_slice(part));
                        }
                        match done.status {
                            Status::Unchanged => out.extend_from_slice(part),
                            Status::Changed if at == 0 && is_in_place => {}
                            Status::Changed => out.extend_from_slice(&hand.out),
                            Status::Dropped => {}
                        }
                    }
                }
                all.push(done);
            }
        }
        Some(all)
    }

    /// Runs a part on each thread; the calling one takes the first, whose output goes to `first` if that is given.
    fn round(&self, parts: &[&[u8]], hands: &mut [Hand], first: Option<&mut Vec<u8>>) -> Option<Vec<Done>> {
        std::thread::scope(|scope| {
            let mut work = zip(parts, hands);
            let own = work.next();
            let others: Vec<_> = work
                .map(|(part, Hand { scratch, out })| {
                    out.clear();
                    Builder::new().spawn_scoped(scope, move || self.part(part, scratch, out))
                })
                .collect();
            let own = own.map(|(part, Hand { scratch, out })| {
                out.clear();
                self.part(part, scratch, first.unwrap_or(out))
            });
            let others = others.into_iter().map(|thread| thread.ok()?.join().ok()?);
            // Threads that could not be started, or that panicked, leave the message to a run in one piece.
            own.into_iter().chain(others).collect()
        })
    }

    fn part(&self, part: &[u8], scratch: &mut Scratch, out: &mut Vec<u8>) -> Option<Done> {
        let mut report = Report::new();
        report.bind(&self.rules.rules);
        report.number_next(self.number);
        report.line_next(self.line);
        if out.capacity() - out.len() < part.len() {
            out.reserve(part.len() + part.len() / 8);
        }
        let stages = &self.rules.rules.chains[self.signal];
        let mut passed = Vec::with_capacity(stages.len() + 1);
        let mut now = Size { resources: resources(part), bytes: part.len() };
        passed.push(now);
        let run = AssertUnwindSafe(|| {
            self.rules.chain(
                self.signal,
                self.call,
                part,
                (&mut *scratch, out, None),
                &mut report,
                |stage, status, bytes| {
                    now = match (status, &stages[stage].plan().program) {
                        (Status::Unchanged, _) => now,
                        (Status::Dropped, _) => Size::default(),
                        (Status::Changed, Program::Transform(_)) => Size { bytes: bytes.len(), ..now },
                        (Status::Changed, Program::Filter(_)) => {
                            Size { resources: resources(bytes), bytes: bytes.len() }
                        }
                    };
                    passed.push(now);
                },
            )
        });
        match catch_unwind(run) {
            Ok(Ok(status)) => {
                passed.resize(stages.len() + 1, Size::default());
                Some(Done { status, report, passed })
            }
            Ok(Err(_)) => None,
            Err(_) => {
                *scratch = Scratch::new();
                None
            }
        }
    }

    /// Whether what became of the parts tells what would have become of the message in one piece.
    fn is_told(&self, parts: &[Done]) -> bool {
        let rules = &self.rules.rules;
        rules.chains[self.signal].iter().enumerate().all(|(number, stage)| {
            let mut reports = parts.iter().map(|part| &part.report.stages(self.signal)[number]);
            if !reports.clone().all(ottl_engine::Report::is_of_part) {
                return false;
            }
            let bytes = |at: usize| parts.iter().map(|part| part.passed[at].bytes).sum::<usize>();
            if bytes(number + 1) > rules.limits.written(bytes(number)) {
                return false;
            }
            // Places count what the entries of a filter before have left, which is not known.
            let drops = parts.iter().any(|part| part.passed[number].resources != part.passed[number + 1].resources);
            let several = matches!(&stage.plan().program, Program::Filter(program) if program.stages.len() > 1);
            !(several && drops && reports.any(ottl_engine::Report::has_failures))
        })
    }

    /// Adds up what was counted.
    fn join(&self, parts: &[Done], report: &mut Report) {
        let rules = &self.rules.rules;
        for (number, stage) in rules.chains[self.signal].iter().enumerate() {
            let mut before = 0;
            let parts = parts.iter().map(|part| {
                let here = before;
                before += part.passed[number].resources;
                (here, &part.report.stages(self.signal)[number])
            });
            report.stage(self.signal, number).join(parts, stage.plan(), &rules.limits);
        }
    }
}
