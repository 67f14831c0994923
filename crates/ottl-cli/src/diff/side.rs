//! [`Side`]: one of the two rule sets, what it made of the message at hand, and what it did so far.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ottl::compare::Compared;
use ottl::otlp::framing::{Compression, signal_of_json};
use ottl::{Signal, TraceOptions, TracedResult};

use super::samples::Blame;
use super::sources::{Again, Still};
use crate::args::DiffArguments;
use crate::failure::{Failure, name_of};
use crate::rules::{self, Outcome, Program, Worker};
use crate::source::Source;
use crate::terminal::Voice;

/// Bytes of a file that tell telemetry from rules.
const HEAD: u64 = 4 << 10;

/// Bytes of a message that is traced for a sample: traces take a hundred times as long as runs.
const TRACED: usize = 4 << 20;

/// The same where all of its records have to run.
const TRACED_WHOLE: usize = 256 << 10;

/// Steps of a trace that are looked at.
const STEPS: usize = 100_000;

/// A rule set at work.
pub struct Side {
    /// As the user named it.
    pub name: String,
    pub program: Program,
    chance: Arc<Again>,
    worker: Worker,
    /// The signals that it has run on: the first message of each also builds automata.
    warm: Vec<Signal>,
    out: Vec<u8>,
    outcome: Result<Outcome, String>,
    spent: Duration,
    pub totals: Totals,
}

/// What a rule set did with all records.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    pub changed: u64,
    pub dropped: u64,
    /// Records that statements made.
    pub added: u64,
    /// Records of messages that failed.
    pub failed: u64,
    pub failed_messages: u64,
}

impl Side {
    /// Compiles rules.
    ///
    /// # Errors
    /// They cannot be read, or are wrong.
    pub fn load(arguments: &DiffArguments, path: &Path, clock: Arc<Still>, voice: &mut Voice) -> Result<Side, Failure> {
        let chance = Arc::new(Again::default());
        let compiler = rules::compiler(&arguments.rules)?.clock(clock).rng(chance.clone());
        let limit = rules::budgets(&arguments.rules).rules.configuration_length;
        if let Some(what) = telemetry(path) {
            let text = format!("{}: this is {what}: the order is OLD NEW DATA", name_of(path));
            return Err(Failure::Refused(text));
        }
        let files: Vec<PathBuf> = arguments.config.iter().cloned().chain([path.to_owned()]).collect();
        let source = Source::files(&files, limit)?;
        let signal = arguments.signal.map(|name| name.signal());
        let program = Program::of_source(&source, &compiler, &arguments.rules, signal, voice)?;
        Ok(Side {
            name: source.all().last().map_or("", |(name, _)| name).to_owned(),
            program,
            chance,
            worker: Worker::default(),
            warm: Vec::new(),
            out: Vec::new(),
            outcome: Ok(Outcome::Unchanged),
            spent: Duration::ZERO,
            totals: Totals::default(),
        })
    }

    /// Runs over a message with this number among all, whose records have numbers; `came` is the message without.
    pub fn run(&mut self, signal: Signal, (came, message): (&[u8], &[u8]), number: u64) {
        if !self.warm.contains(&signal) {
            self.chance.begin(number);
            let _ = self.program.transform(signal, message, &mut Worker::default(), None, (&mut self.out, None));
            self.warm.push(signal);
        }
        self.chance.begin(number);
        self.out.clear();
        self.worker.number_next(number, None);
        let started = Instant::now();
        self.outcome = self.program.transform(signal, message, &mut self.worker, None, (&mut self.out, None));
        self.spent += started.elapsed();
        if let Err(error) = &mut self.outcome
            && let Err(plain) =
                self.program.transform(signal, came, &mut Worker::default(), None, (&mut self.out, None))
        {
            // Offsets are those of the message as it came.
            *error = plain;
        }
    }

    /// What the last run left of its message.
    ///
    /// # Errors
    /// The message failed.
    pub fn result<'r>(&'r self, message: &'r [u8]) -> Result<&'r [u8], &'r str> {
        match &self.outcome {
            Ok(Outcome::Unchanged) => Ok(message),
            Ok(Outcome::Changed) => Ok(&self.out),
            Ok(Outcome::Dropped) => Ok(b""),
            Err(error) => Err(error),
        }
    }

    /// Whether the last run left its message as it was.
    pub fn is_idle(&self) -> bool {
        matches!(self.outcome, Ok(Outcome::Unchanged))
    }

    /// What statements did so far.
    pub fn worker(&self) -> &Worker {
        &self.worker
    }

    /// The time that runs took.
    pub fn spent(&self) -> Duration {
        self.spent
    }

    /// How often statements failed.
    pub fn errors(&self) -> u64 {
        self.worker.report().statements().map(|row| row.counters.failed).sum()
    }

    /// Which statements wrote these paths of a record last, or dropped it; without a record, of what records share. Nothing where
    /// tracing takes too long.
    pub fn blame(
        &self,
        (signal, message): (Signal, &[u8]),
        record: Option<u64>,
        place: &str,
        paths: &[&str],
    ) -> Vec<Option<Blame>> {
        let nothing = vec![None; paths.len().max(1)];
        let most = if record.is_some() { TRACED } else { TRACED_WHOLE };
        if message.len() > most || !self.program.serves(signal) {
            return nothing;
        }
        let records = record.map(|record| vec![record]);
        let options = TraceOptions { records, most: STEPS, ..TraceOptions::default() };
        let Ok(trace) = self.program.trace(signal, message, &options) else { return nothing };
        // What records share is written by its own statements and by those of what lies in it.
        let is_there = |step: &&ottl::TracedStep| place.starts_with(&*step.place) || step.place.starts_with(place);
        let steps = || trace.steps.iter().rev().filter(is_there);
        let blame = |step: &ottl::TracedStep| trace.statements.get(step.statement).map(Blame::of);
        if paths.is_empty() {
            return vec![steps().find(|step| step.result == TracedResult::Dropped).and_then(blame)];
        }
        let wrote = |path: &str| steps().find(|step| step.changes.iter().any(|change| change.path == path));
        paths.iter().map(|path| wrote(path).and_then(blame)).collect()
    }
}

/// What data a file is that was named as rules, as far as its beginning tells.
fn telemetry(path: &Path) -> Option<&'static str> {
    let mut head = Vec::new();
    let file = File::open(path).ok().filter(|file| file.metadata().is_ok_and(|found| found.is_file()))?;
    file.take(HEAD).read_to_end(&mut head).ok()?;
    let is_control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    match (Compression::detect(&head), head.first()?) {
        (Compression::None, b'{') => signal_of_json(&head).map(|_| "OTLP/JSON"),
        // What messages and frames of protobuf begin with, and no text.
        (Compression::None, 0x0a | 0x12 | 0) => head.iter().any(is_control).then_some("binary data"),
        (Compression::None, _) => None,
        _ => Some("compressed data"),
    }
}

impl Totals {
    /// Adds what became of a message's records.
    pub fn add(&mut self, compared: Compared) {
        self.changed += compared.changed;
        self.dropped += compared.dropped;
        self.added += compared.added;
    }

    /// Adds a message that failed.
    pub fn fail(&mut self, records: u64) {
        self.failed += records;
        self.failed_messages += 1;
    }
}
