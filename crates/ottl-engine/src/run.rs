//! What goes into a run beside plan and message, and what comes out of it: the same for both engines.
//!
//! INVARIANT: nothing here depends on how an engine works, and nothing carries payload: errors are kinds and places.

use std::fmt;
use std::sync::atomic::AtomicBool;

use ottl_core::function::{Clock, Rng};
use ottl_core::value::MAX_DEPTH;
use ottl_core::{ErrorKind, EvalError, Value};
use ottl_otlp::wire::{WireError, WireErrorKind};
use ottl_plan::ErrorMode;

use crate::Place;

/// What a run may use of the world around it, and how far it may go.
pub struct Env<'e> {
    /// Where `Now` and its kin take the time from.
    pub clock: &'e dyn Clock,
    /// Where `UUID` and its kin take chance from.
    pub rng: &'e dyn Rng,
    /// What `otelcol.` paths read; without it they are nil or empty.
    pub client: Option<&'e ClientInfo>,
    /// Bounds of the work.
    pub limits: Limits,
    /// Whether writing nil reaches the path (the reference's gate `ottl.set.allowNil`, on by default); when off, it
    /// does nothing.
    pub allow_nil: bool,
    /// Ends the run soon after it is set, with [`RunError::Cancelled`]: for embedders, from another thread or by a clock.
    pub cancel: Option<&'e AtomicBool>,
    /// The message's number, which goes into what the report notes of errors.
    pub message: u64,
    /// The line of its input that the message begins in, from 1, where that has lines; it goes there as well.
    pub line: Option<u64>,
}

impl<'e> Env<'e> {
    /// An environment with the defaults: no client information, default limits, nil is written.
    pub fn new(clock: &'e dyn Clock, rng: &'e dyn Rng) -> Env<'e> {
        Env {
            clock,
            rng,
            client: None,
            limits: Limits::default(),
            allow_nil: true,
            cancel: None,
            message: 0,
            line: None,
        }
    }
}

impl fmt::Debug for Env<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Env").field("limits", &self.limits).field("allow_nil", &self.allow_nil).finish_non_exhaustive()
    }
}

/// Request metadata: a key and its values, in order.
pub type Metadata = Vec<(String, Vec<String>)>;

/// The client of the call that brought the message, as an embedding server knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientInfo {
    /// The network address as text.
    pub addr: Option<String>,
    /// The request's metadata; keys are compared without regard to case.
    pub metadata: Metadata,
    /// What authentication found out, as text by name.
    pub auth: Vec<(String, String)>,
    /// The incoming gRPC metadata; keys are in lower case.
    pub grpc: Metadata,
}

/// Bounds on what a run may do. The reference has none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many metrics one statement may append to one scope.
    pub new_metrics: u32,
    /// The largest list that writing to an index of an empty value makes.
    pub list_padding: u32,
    /// How many bytes what statements compute and copy for one message may take, besides what [`Limits::scratch`] grants
    /// for the message itself.
    pub scratch_bytes: usize,
    /// How many steps the statements of one message may take, besides 16 for each byte of the message: about as many calls
    /// of lambdas, or looks at 64 bytes.
    pub steps: u64,
    /// How many errors a report lists one by one; the counters go on.
    pub listed_errors: usize,
    /// How many bytes of memory records fill before it is emptied, where they leave nothing to each other. Results do not
    /// depend on it unless a limit is reached.
    pub segment: usize,
}

/// With more keys than these, what a path leads to is deeper than a value may be: the first one may be that of an attribute.
pub(crate) const MOST_KEYS: usize = MAX_DEPTH as usize + 1;

/// What is no map is the target of an editor of maps: its first argument.
#[cold]
pub(crate) fn no_map(value: Value<'_>) -> EvalError {
    EvalError::new(ErrorKind::Type { expected: "map", got: value.type_name() }).of(0)
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            new_metrics: 10_000,
            list_padding: 10_000,
            scratch_bytes: 64 << 20,
            steps: 50_000_000,
            listed_errors: 100,
            segment: 1 << 20,
        }
    }
}

/// How many bytes are granted for each byte of a message, and at most for all of them. What is computed for a record is
/// given back before the next ones come, except where records write to what they share; a JSON text that is parsed takes
/// up to forty times its length.
const SCRATCH_PER_BYTE: usize = 16;
const MOST_FOR_BYTES: usize = 64 << 20;

/// How many bytes a message may become for each byte of it, beside half of `scratch_bytes`: records may share what is written
/// for each.
const WRITTEN_PER_BYTE: usize = 8;

impl Limits {
    /// How many bytes what is computed and copied for a message of this length may take; `passes` is how often the message
    /// as a whole is copied.
    ///
    /// INVARIANT: a hostile message costs no more than a fixed amount and a multiple of its size.
    pub fn scratch(&self, message_len: usize, passes: usize) -> usize {
        let for_message = message_len.saturating_mul(SCRATCH_PER_BYTE).min(MOST_FOR_BYTES);
        let for_passes = message_len.saturating_mul(2 * passes);
        self.scratch_bytes.saturating_add(for_message).saturating_add(for_passes)
    }

    /// How many bytes a message of this length may become.
    pub fn written(&self, message_len: usize) -> usize {
        (self.scratch_bytes / 2).saturating_add(message_len.saturating_mul(WRITTEN_PER_BYTE))
    }
}

/// What became of a message; the bytes are in the buffer that the caller passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing was written, neither to the message nor to the buffer: the input is the output.
    Unchanged,
    /// The new message was appended to the buffer.
    Changed,
    /// The filter left nothing; the buffer is as it was.
    Dropped,
}

/// What happened in one run, or in several added up with [`Report::merge`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Per statement or condition, by its number in `Plan::sources`.
    pub sources: Vec<SourceReport>,
    /// What the filter dropped.
    pub dropped: Dropped,
    /// Errors one by one, the first ones only; see [`Limits::listed_errors`].
    pub errors: Vec<ReportedError>,
    /// The kinds of errors of each statement or condition in the order in which they came, by its number in
    /// `Plan::sources`; those behind the last one that failed are not there.
    failures: Vec<Vec<Failures>>,
}

/// The counters of one statement or condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceReport {
    /// How often it was evaluated.
    pub evaluated: u64,
    /// How often its condition held; for a condition, how often it was true.
    pub matched: u64,
    /// How often it wrote something to the message, whether or not the value differed from the old one. Caches are no
    /// part of the message, and what is written to the place that it was read from stays as it is.
    pub changed: u64,
    /// How often it failed.
    pub failed: u64,
}

/// How many items the filter dropped, those inside a dropped parent included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Spans.
    pub spans: u64,
    /// Data points.
    pub data_points: u64,
    /// Log records.
    pub log_records: u64,
}

/// An error of a statement or condition on a record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReportedError {
    /// The statement's or condition's number in `Plan::sources`.
    pub source: u32,
    /// What failed.
    pub error: EvalError,
    /// The message's number, as [`Env::message`] says.
    pub message: u64,
    /// Its line, as [`Env::line`] says.
    pub line: Option<u64>,
    /// The record.
    pub place: Place,
}

/// The errors of one kind in one expression of a statement or condition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Failures {
    /// The first one.
    pub first: ReportedError,
    /// How many there were.
    pub count: u64,
    /// How many of them the message was given up for.
    pub fatal: u64,
}

impl Report {
    /// A report for a plan with this many sources.
    pub fn new(sources: usize) -> Report {
        Report { sources: vec![SourceReport::default(); sources], ..Report::default() }
    }

    /// The counters of a source. Numbers that the plan does not have get counters, too.
    #[inline]
    pub fn source(&mut self, source: u32) -> &mut SourceReport {
        let idx = source as usize;
        if idx >= self.sources.len() {
            self.grow(idx);
        }
        &mut self.sources[idx]
    }

    #[cold]
    fn grow(&mut self, idx: usize) {
        self.sources.resize(idx + 1, SourceReport::default());
    }

    /// The kinds of errors of a source, in the order in which they came.
    pub fn failures(&self, source: u32) -> &[Failures] {
        self.failures.get(source as usize).map_or(&[], Vec::as_slice)
    }

    /// Counts an error, lists it if its mode says so and there is room, and gives the message up if mode or kind say so.
    ///
    /// # Errors
    /// The message is given up: always after damage and limits, after other errors under propagate.
    #[cold]
    pub(crate) fn fail(&mut self, error: ReportedError, mode: ErrorMode, limits: &Limits) -> Result<(), RunError> {
        let is_fatal = error.error.is_fatal() || mode == ErrorMode::Propagate;
        self.source(error.source).failed += 1;
        self.add(Failures { first: error, count: 1, fatal: is_fatal.into() });
        if is_fatal {
            return Err(error.into());
        }
        if mode == ErrorMode::Ignore && self.errors.len() < limits.listed_errors {
            self.errors.push(error);
        }
        Ok(())
    }

    /// Adds errors of one kind.
    fn add(&mut self, new: Failures) {
        let idx = new.first.source as usize;
        if idx >= self.failures.len() {
            self.failures.resize_with(idx + 1, Vec::new);
        }
        let kinds = &mut self.failures[idx];
        let error = new.first.error;
        let is_same = |known: &EvalError| {
            known.site == error.site && known.argument == error.argument && known.kind.is_same_kind(&error.kind)
        };
        match kinds.iter_mut().find(|known| is_same(&known.first.error)) {
            Some(known) => {
                known.count += new.count;
                known.fatal += new.fatal;
                if new.first.message < known.first.message {
                    known.first = new.first;
                }
            }
            None => kinds.push(new),
        }
    }

    /// Adds the counters of another run of the same plan; its listed errors are dropped beyond the limit. Of each kind of
    /// error, the first one is that of the message with the lowest number.
    pub fn merge(&mut self, other: &Report, limits: &Limits) {
        for (idx, theirs) in other.sources.iter().enumerate() {
            let ours = self.source(idx as u32);
            ours.evaluated += theirs.evaluated;
            ours.matched += theirs.matched;
            ours.changed += theirs.changed;
            ours.failed += theirs.failed;
        }
        self.dropped.spans += other.dropped.spans;
        self.dropped.data_points += other.dropped.data_points;
        self.dropped.log_records += other.dropped.log_records;
        other.failures.iter().flatten().for_each(|failures| self.add(*failures));
        for kinds in &mut self.failures {
            kinds.sort_by_key(|failures| failures.first.message);
        }
        self.errors.extend(&other.errors);
        self.errors.sort_by_key(|error| error.message);
        self.errors.truncate(limits.listed_errors);
    }
}

/// Why a message failed.
#[derive(Clone, Debug, PartialEq)]
pub enum RunError {
    /// The bytes are damaged where they had to be read.
    Damaged(WireError),
    /// A statement or condition failed and its error mode is propagate.
    Failed(ReportedError),
    /// A limit was reached.
    Limit {
        /// Its name.
        name: &'static str,
        /// The statement or condition that reached it and the record, unless the message did.
        by: Option<ReportedError>,
    },
    /// The embedder ended the run; see [`Env::cancel`].
    Cancelled,
}

impl RunError {
    /// A limit that no statement but the message reaches.
    pub(crate) fn limit(name: &'static str) -> RunError {
        RunError::Limit { name, by: None }
    }

    /// The statement or condition at fault and the record that it was at.
    pub fn culprit(&self) -> Option<&ReportedError> {
        match self {
            RunError::Failed(error) | RunError::Limit { by: Some(error), .. } => Some(error),
            RunError::Damaged(_) | RunError::Limit { by: None, .. } | RunError::Cancelled => None,
        }
    }
}

impl From<ReportedError> for RunError {
    /// The error of a statement, sorted by what it means for the message.
    fn from(reported: ReportedError) -> Self {
        match reported.error.kind {
            ErrorKind::Damaged(damage) => RunError::Damaged(damage),
            ErrorKind::Cancelled => RunError::Cancelled,
            ErrorKind::Limit(name) | ErrorKind::Budget(name) => RunError::Limit { name, by: Some(reported) },
            _ => RunError::Failed(reported),
        }
    }
}

impl From<EvalError> for RunError {
    /// An error of work on the message between statements.
    fn from(error: EvalError) -> Self {
        match error.kind {
            ErrorKind::Damaged(damage) => RunError::Damaged(damage),
            ErrorKind::Cancelled => RunError::Cancelled,
            ErrorKind::Limit(name) | ErrorKind::Budget(name) => RunError::limit(name),
            // Without a statement, reading fails for no other reason.
            _ => RunError::Damaged(WireError::new(WireErrorKind::WrongWireType, 0)),
        }
    }
}

impl From<WireError> for RunError {
    fn from(error: WireError) -> Self {
        RunError::Damaged(error)
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunError::Damaged(error) => write!(f, "damaged message: {error}"),
            RunError::Failed(ReportedError { source, error, place, .. }) => {
                write!(f, "statement {source} failed at {place}: {error}")
            }
            RunError::Cancelled => f.write_str("cancelled"),
            RunError::Limit { name, by: None } => write!(f, "limit reached: {name}"),
            RunError::Limit { name, by: Some(ReportedError { source, place, .. }) } => {
                write!(f, "statement {source} at {place}: limit reached: {name}")
            }
        }
    }
}

impl std::error::Error for RunError {}
