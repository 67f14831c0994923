//! What happened to messages: counters per statement, with the statement's text and place.

use std::fmt;
use std::sync::Arc;

use ottl_core::EvalError;
use ottl_diagnostics::Location;
use ottl_engine::{Dropped, Limits, SourceReport};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::Signal;
use crate::config::ProcessorKind;
use crate::ruleset::{Rules, SIGNALS};

/// Counters of one run, or of many added up.
///
/// A report belongs to the rule set that it was last used with; used with another, it begins anew. It can be
/// serialized; the form is stable, fields may be added.
///
/// ```
/// use ottl::{Report, RuleSet, Scratch, Signal};
///
/// let rules = RuleSet::compile("log_statements: ['set(log.severity_text, \"INFO\") where log.body == nil']").unwrap();
/// let (mut scratch, mut report, mut out) = (Scratch::new(), Report::new(), Vec::new());
/// for message in [&b""[..], b""] {
///     rules.transform_into(Signal::Logs, message, &mut scratch, &mut out, &mut report).unwrap();
/// }
/// let statement = report.statements().next().unwrap();
/// assert_eq!((report.messages(), statement.counters.evaluated), (2, 0));
/// assert!(statement.statement.text().starts_with("set("));
/// ```
#[derive(Clone, Default)]
pub struct Report {
    rules: Option<Arc<Rules>>,
    stages: [Vec<ottl_engine::Report>; SIGNALS],
    messages: u64,
    dropped_messages: u64,
    failed_messages: u64,
}

/// A statement or condition of a rule set.
#[derive(Clone, Copy)]
pub struct StatementRef<'r> {
    pub(crate) rules: &'r Rules,
    pub(crate) signal: usize,
    pub(crate) stage: usize,
    pub(crate) source: usize,
}

/// A statement or condition and what happened to it.
#[derive(Clone, Copy, Debug)]
pub struct StatementReport<'r> {
    /// Which.
    pub statement: StatementRef<'r>,
    /// How often it was evaluated, matched, changed something, failed.
    pub counters: SourceReport,
}

impl<'r> StatementRef<'r> {
    /// The text, as OTTL sees it.
    pub fn text(&self) -> &'r str {
        self.rules.stage(self.signal, self.stage).plan().sources.get(self.source).map_or("", String::as_str)
    }

    /// Line and column in the file.
    pub fn location(&self) -> Location {
        let found = self.rules.stage(self.signal, self.stage).locations.get(self.source);
        found.copied().unwrap_or(Location { line: 1, column: 1 })
    }

    /// The file, as the caller named it.
    pub fn file(&self) -> &'r str {
        &self.rules.file
    }

    /// The processor's name in the configuration, for instance `transform/redact`.
    pub fn processor(&self) -> &'r str {
        &self.rules.stage(self.signal, self.stage).processor
    }

    /// The processor's kind: a statement of a transform, or a condition of a filter.
    pub fn kind(&self) -> ProcessorKind {
        self.rules.stage(self.signal, self.stage).kind
    }

    /// The signal.
    pub fn signal(&self) -> Signal {
        Signal::ALL[self.signal]
    }
}

impl fmt::Display for StatementRef<'_> {
    /// ``rules.yaml:3:5: `set(...)` ``
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Location { line, column } = self.location();
        write!(f, "{}:{line}:{column}: `{}`", self.file(), self.text())
    }
}

impl fmt::Debug for StatementRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StatementRef({self})")
    }
}

impl Report {
    /// An empty report.
    pub fn new() -> Report {
        Report::default()
    }

    /// Messages that came in.
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// Messages of which a filter left nothing.
    pub fn dropped_messages(&self) -> u64 {
        self.dropped_messages
    }

    /// Messages that failed.
    pub fn failed_messages(&self) -> u64 {
        self.failed_messages
    }

    /// What filters dropped.
    pub fn dropped(&self) -> Dropped {
        let mut sum = Dropped::default();
        for stage in self.stages.iter().flatten() {
            sum.spans += stage.dropped.spans;
            sum.data_points += stage.dropped.data_points;
            sum.log_records += stage.dropped.log_records;
        }
        sum
    }

    /// The statements and conditions by signal, processor and place, with their counters. None before the first use.
    pub fn statements(&self) -> impl Iterator<Item = StatementReport<'_>> {
        self.rules.iter().flat_map(move |rules| {
            (0..SIGNALS).flat_map(move |signal| {
                self.stages[signal].iter().enumerate().flat_map(move |(stage, report)| {
                    let count = rules.stage(signal, stage).plan().sources.len();
                    (0..count).map(move |source| StatementReport {
                        statement: StatementRef { rules, signal, stage, source },
                        counters: report.sources.get(source).copied().unwrap_or_default(),
                    })
                })
            })
        })
    }

    /// The first errors one by one, as many as [`crate::Limits::listed_errors`] allows: the statement, the number of
    /// the item it failed on among those that it visited in its message, from 0, and the error.
    pub fn errors(&self) -> impl Iterator<Item = (StatementRef<'_>, u64, EvalError)> {
        self.rules.iter().flat_map(move |rules| {
            (0..SIGNALS).flat_map(move |signal| {
                self.stages[signal].iter().enumerate().flat_map(move |(stage, report)| {
                    report.errors.iter().filter_map(move |failure| {
                        let statement = rules.statement(signal, stage, failure.source)?;
                        Some((statement, failure.record, failure.error))
                    })
                })
            })
        })
    }

    /// Adds what another report counted with the same rule set. One of another rule set replaces this one.
    pub fn merge(&mut self, other: &Report) {
        let Some(rules) = &other.rules else { return };
        self.bind(rules);
        let limits = rules.limits;
        for (ours, theirs) in self.stages.iter_mut().zip(&other.stages) {
            for (ours, theirs) in ours.iter_mut().zip(theirs) {
                ours.merge(theirs, &limits);
            }
        }
        self.messages += other.messages;
        self.dropped_messages += other.dropped_messages;
        self.failed_messages += other.failed_messages;
    }

    /// Makes the report one of these rules.
    pub(crate) fn bind(&mut self, rules: &Arc<Rules>) {
        if self.rules.as_ref().is_some_and(|bound| Arc::ptr_eq(bound, rules)) {
            return;
        }
        *self = Report {
            stages: std::array::from_fn(|signal| {
                rules.chains[signal].iter().map(|stage| ottl_engine::Report::new(stage.plan().sources.len())).collect()
            }),
            rules: Some(rules.clone()),
            ..Report::default()
        };
    }

    pub(crate) fn stage(&mut self, signal: usize, stage: usize) -> &mut ottl_engine::Report {
        &mut self.stages[signal][stage]
    }

    pub(crate) fn add_stage(&mut self, signal: usize, stage: usize, other: &ottl_engine::Report, limits: &Limits) {
        self.stages[signal][stage].merge(other, limits);
    }

    pub(crate) fn count(&mut self, dropped: bool, failed: bool) {
        self.messages += 1;
        self.dropped_messages += u64::from(dropped);
        self.failed_messages += u64::from(failed);
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report")
            .field("messages", &self.messages)
            .field("dropped", &self.dropped())
            .field("statements", &self.statements().collect::<Vec<_>>())
            .finish()
    }
}

impl Serialize for StatementReport<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("StatementReport", 11)?;
        let Location { line, column } = self.statement.location();
        out.serialize_field("signal", self.statement.signal().name())?;
        out.serialize_field("processor", self.statement.processor())?;
        out.serialize_field("statement", self.statement.text())?;
        out.serialize_field("file", self.statement.file())?;
        out.serialize_field("line", &line)?;
        out.serialize_field("column", &column)?;
        out.serialize_field("evaluated", &self.counters.evaluated)?;
        out.serialize_field("matched", &self.counters.matched)?;
        out.serialize_field("changed", &self.counters.changed)?;
        out.serialize_field("failed", &self.counters.failed)?;
        out.serialize_field("first_error", &self.counters.first_error.map(|error| error.to_string()))?;
        out.end()
    }
}

/// What a report's `dropped` is in its serialized form.
#[derive(Serialize)]
struct DroppedRecord {
    messages: u64,
    spans: u64,
    data_points: u64,
    log_records: u64,
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Report", 4)?;
        let Dropped { spans, data_points, log_records } = self.dropped();
        let dropped = DroppedRecord { messages: self.dropped_messages, spans, data_points, log_records };
        out.serialize_field("messages", &self.messages)?;
        out.serialize_field("failed_messages", &self.failed_messages)?;
        out.serialize_field("dropped", &dropped)?;
        out.serialize_field("statements", &self.statements().collect::<Vec<_>>())?;
        out.end()
    }
}
