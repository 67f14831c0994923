//! What goes into a run beside plan and message, and what comes out of it: the same for both engines.
//!
//! INVARIANT: nothing here depends on how an engine works, and nothing carries payload: errors are kinds and places.

use std::fmt;

use ottl_core::function::{Clock, Rng};
use ottl_core::{ErrorKind, EvalError};
use ottl_otlp::wire::WireError;

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
}

impl<'e> Env<'e> {
    /// An environment with the defaults: no client information, default limits, nil is written.
    pub fn new(clock: &'e dyn Clock, rng: &'e dyn Rng) -> Env<'e> {
        Env { clock, rng, client: None, limits: Limits::default(), allow_nil: true }
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
    /// How many bytes one message may take in the arena, values that statements compute included.
    pub scratch_bytes: usize,
    /// How many errors a report lists one by one; the counters go on.
    pub listed_errors: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { new_metrics: 10_000, list_padding: 10_000, scratch_bytes: 1 << 30, listed_errors: 100 }
    }
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Nothing was written: the input is the output.
    Unchanged,
    /// The new message.
    Changed(Vec<u8>),
    /// The filter left nothing; no message goes on.
    Dropped,
}

/// The result of a run that came to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The message.
    pub output: Output,
    /// What happened on the way.
    pub report: Report,
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
}

/// The counters of one statement or condition.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SourceReport {
    /// How often it was evaluated.
    pub evaluated: u64,
    /// How often its condition held; for a condition, how often it was true.
    pub matched: u64,
    /// How often it wrote something, whether or not the value differed from the old one.
    pub changed: u64,
    /// How often it failed.
    pub failed: u64,
    /// Its first error.
    pub first_error: Option<EvalError>,
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
    /// The item's number among those that the group or filter visited, from 0.
    pub record: u64,
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

    /// Counts an error without listing it.
    pub fn count_failure(&mut self, source: u32, error: EvalError) {
        let counters = self.source(source);
        counters.failed += 1;
        counters.first_error.get_or_insert(error);
    }

    /// Counts an error, and lists it if there is room.
    pub fn fail(&mut self, source: u32, error: EvalError, record: u64, limits: &Limits) {
        self.count_failure(source, error);
        if self.errors.len() < limits.listed_errors {
            self.errors.push(ReportedError { source, error, record });
        }
    }

    /// Adds the counters of another run of the same plan; its listed errors are dropped beyond the limit.
    pub fn merge(&mut self, other: &Report, limits: &Limits) {
        for (idx, theirs) in other.sources.iter().enumerate() {
            let ours = self.source(idx as u32);
            ours.evaluated += theirs.evaluated;
            ours.matched += theirs.matched;
            ours.changed += theirs.changed;
            ours.failed += theirs.failed;
            ours.first_error = ours.first_error.or(theirs.first_error);
        }
        self.dropped.spans += other.dropped.spans;
        self.dropped.data_points += other.dropped.data_points;
        self.dropped.log_records += other.dropped.log_records;
        let room = limits.listed_errors.saturating_sub(self.errors.len());
        self.errors.extend(other.errors.iter().take(room));
    }
}

/// Why a message failed.
#[derive(Clone, Debug, PartialEq)]
pub enum RunError {
    /// The bytes are damaged where they had to be read.
    Damaged(WireError),
    /// A statement or condition failed and its error mode is propagate.
    Failed {
        /// Its number in `Plan::sources`.
        source: u32,
        /// Its error.
        error: EvalError,
    },
    /// A limit was reached; the text names it.
    Limit(&'static str),
}

impl RunError {
    /// The error of a statement, sorted by what it means for the message.
    pub fn from_eval(source: u32, error: EvalError) -> RunError {
        match error.kind {
            ErrorKind::Damaged(damage) => RunError::Damaged(damage),
            ErrorKind::Limit(name) => RunError::Limit(name),
            _ => RunError::Failed { source, error },
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
            RunError::Failed { source, error } => write!(f, "statement {source} failed: {error}"),
            RunError::Limit(name) => write!(f, "limit reached: {name}"),
        }
    }
}

impl std::error::Error for RunError {}
