//! Why a message was not transformed.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use ottl_core::EvalError;
use ottl_engine::{Place, ReportedError, RunError};
use ottl_otlp::json::JsonFault;
use ottl_otlp::wire::WireError;

use crate::report::Shown;
use crate::ruleset::Rules;
use crate::{Signal, StatementRef};

/// Why a message was not transformed: damage, a limit, or a statement that failed under `propagate`.
///
/// The predicates say which; [`Error::statement`] names the statement and its place in the file, [`Error::place`] the
/// record. The text never shows the message's contents.
///
/// ```
/// use ottl::{RuleSet, Signal};
///
/// let rules = RuleSet::compile("error_mode: propagate\nlog_statements:\n  - set(log.body, Int(log.body) / 0)\n").unwrap();
/// let message = br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"intValue":"7"}}]}]}]}"#;
/// let error = rules.transform_json(Signal::Logs, message).unwrap_err();
/// assert!(error.is_statement() && !error.is_damaged());
/// let statement = error.statement().unwrap();
/// assert_eq!(statement.text(), "set(log.body, Int(log.body) / 0)");
/// assert_eq!(statement.location().line, 3);
/// assert_eq!(error.place().unwrap().to_string(), "resourceLogs[0].scopeLogs[0].logRecords[0]");
/// assert_eq!(error.error().unwrap().to_string(), "division by zero");
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: Kind,
    rules: Arc<Rules>,
    /// The signal's number and the stage's, for statements.
    at: (usize, usize),
}

#[derive(Clone, Debug)]
enum Kind {
    Json(JsonFault),
    Run(RunError),
    Output(WireError),
    Panic(String),
}

impl Error {
    #[cold]
    pub(crate) fn run(error: RunError, rules: &Arc<Rules>, at: (usize, usize)) -> Error {
        Error(Box::new(Inner { kind: Kind::Run(error), rules: rules.clone(), at }))
    }

    #[cold]
    pub(crate) fn json(error: JsonFault, rules: &Arc<Rules>) -> Error {
        Error(Box::new(Inner { kind: Kind::Json(error), rules: rules.clone(), at: (0, 0) }))
    }

    #[cold]
    pub(crate) fn output(error: WireError, rules: &Arc<Rules>) -> Error {
        Error(Box::new(Inner { kind: Kind::Output(error), rules: rules.clone(), at: (0, 0) }))
    }

    /// A function panicked. The text is the panic's own, where it has one.
    #[cold]
    pub(crate) fn panicked(panic: &(dyn Any + Send), rules: &Arc<Rules>) -> Error {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        Error(Box::new(Inner { kind: Kind::Panic(text), rules: rules.clone(), at: (0, 0) }))
    }

    /// Whether a function panicked, which is a mistake of that function. Other messages are not concerned.
    pub fn is_panic(&self) -> bool {
        matches!(self.0.kind, Kind::Panic(_))
    }

    /// Whether the embedder ended the run; see [`crate::Call::cancel`].
    pub fn is_cancelled(&self) -> bool {
        matches!(self.0.kind, Kind::Run(RunError::Cancelled))
    }

    /// Whether the message is damaged: no OTLP, or not the signal's.
    pub fn is_damaged(&self) -> bool {
        matches!(self.0.kind, Kind::Json(_) | Kind::Output(_) | Kind::Run(RunError::Damaged(_)))
    }

    /// Whether a limit was reached; see [`crate::Limits`].
    pub fn is_limit(&self) -> bool {
        matches!(self.0.kind, Kind::Run(RunError::Limit { .. }))
    }

    /// Whether a statement or condition failed and its error mode is propagate.
    pub fn is_statement(&self) -> bool {
        matches!(self.0.kind, Kind::Run(RunError::Failed(_)))
    }

    /// The statement or condition that failed, or that reached a limit.
    pub fn statement(&self) -> Option<StatementRef<'_>> {
        self.0.rules.statement(self.0.at.0, self.0.at.1, self.culprit()?.source)
    }

    /// The record that [`Error::statement`] was at.
    pub fn place(&self) -> Option<Place> {
        self.culprit().map(|reported| reported.place)
    }

    /// What is wrong with the statement on that record.
    pub fn error(&self) -> Option<EvalError> {
        self.culprit().map(|reported| reported.error)
    }

    /// The expression of the statement that failed, as OTTL sees it; none where that is all of the statement.
    pub fn expression(&self) -> Option<&str> {
        self.statement()?.expression(self.error()?)
    }

    /// The name of the limit that was reached: that of a field of [`crate::Limits`].
    pub fn limit(&self) -> Option<&'static str> {
        match self.0.kind {
            Kind::Run(RunError::Limit { name, .. }) => Some(name),
            _ => None,
        }
    }

    /// The signal of the message, where [`Error::statement`] says a statement.
    pub fn signal(&self) -> Option<Signal> {
        self.statement().map(|_| Signal::ALL[self.0.at.0])
    }

    fn culprit(&self) -> Option<&ReportedError> {
        match &self.0.kind {
            Kind::Run(error) => error.culprit(),
            Kind::Json(_) | Kind::Output(_) | Kind::Panic(_) => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.kind {
            Kind::Json(fault) => write!(f, "damaged message: line {}, column {}: {fault}", fault.line, fault.column),
            Kind::Output(error) => write!(f, "damaged message: {error}"),
            Kind::Panic(text) => write!(f, "a function panicked: {text}"),
            Kind::Run(error) => match (self.statement(), self.culprit()) {
                (Some(statement), Some(reported)) => {
                    write!(f, "{statement}: {}", statement.describe(reported.error))?;
                    if let Some(expression) = self.expression() {
                        write!(f, ", in `{}`", Shown(expression))?;
                    }
                    write!(f, "; at {}", reported.place)
                }
                _ => error.fmt(f),
            },
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("kind", &self.0.kind).field("text", &self.to_string()).finish()
    }
}

impl std::error::Error for Error {}
