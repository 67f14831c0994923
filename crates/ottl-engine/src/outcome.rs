//! [`Outcome`]: what comes out of a run, and why there may be nothing; the same for both engines.
//!
//! INVARIANT: nothing here depends on how an engine works, and errors carry no payload.

use std::fmt;

use ottl_core::{ErrorKind, EvalError};
use ottl_otlp::wire::{WireError, WireErrorKind};

use crate::{Report, ReportedError};

/// What became of a message, and what was counted on the way, also in a run that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The message.
    pub result: Result<Output, RunError>,
    /// Counters and errors.
    pub report: Report,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Nothing was written: the input is the output.
    Unchanged,
    /// The new message.
    Changed(Vec<u8>),
    /// A filter left nothing; no message goes on.
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

/// What became of a message whose bytes are in the caller's buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Nothing was written, neither to the message nor to the buffer: the input is the output.
    Unchanged,
    /// The new message was appended to the buffer.
    Changed,
    /// A filter left nothing; the buffer is as it was.
    Dropped,
}

impl Status {
    /// The output of a run that wrote to this buffer, which was empty before.
    pub fn output(self, buffer: Vec<u8>) -> Output {
        match self {
            Status::Unchanged => Output::Unchanged,
            Status::Changed => Output::Changed(buffer),
            Status::Dropped => Output::Dropped,
        }
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
    /// The embedder ended the run; see [`crate::Env::cancel`].
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

impl From<EvalError> for Box<RunError> {
    #[cold]
    fn from(error: EvalError) -> Self {
        Box::new(error.into())
    }
}

impl From<WireError> for Box<RunError> {
    #[cold]
    fn from(error: WireError) -> Self {
        Box::new(error.into())
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
