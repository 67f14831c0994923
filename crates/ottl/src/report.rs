//! What happened to messages: counters per statement, with the statement's text and place.

use std::fmt;
use std::sync::Arc;

use ottl_core::{ErrorKind, EvalError, Site};
use ottl_diagnostics::Location;
use ottl_engine::{Dropped, Failures, Place, ReportedError, SourceReport};
use ottl_plan::{Arg, Literal};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::config::{ProcessorKind, WrittenText};
use crate::ruleset::{Rules, SIGNALS};
use crate::{RuleSet, Signal};

/// Counters of one run, or of many added up.
///
/// A report belongs to the rule set that it was last used with; used with another, it begins anew, and
/// [`Report::switch_to`] hands out what it had counted. It can be serialized; the form is stable, fields may be added.
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
    /// The number of the next message less one.
    numbered: u64,
    /// The line that the next message begins in.
    line: Option<u64>,
    /// The inputs that messages came from: the number of the first message of each, and its name.
    inputs: Vec<(u64, Arc<str>)>,
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
#[derive(Clone, Copy)]
pub struct StatementReport<'r> {
    /// Which.
    pub statement: StatementRef<'r>,
    /// How often it was evaluated, matched, changed something, failed, and replaced what another record had written.
    pub counters: SourceReport,
    failures: &'r [Failures],
    report: &'r Report,
}

/// Which message: its number, and the input that it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageRef<'r> {
    /// The input's name, if [`Report::name_inputs`] has told it.
    pub input: Option<&'r str>,
    /// The message's number, from 1; in its input, if that has a name.
    pub number: u64,
    /// The line of the input that it begins in, from 1, if [`Report::line_next`] has told it.
    pub line: Option<u64>,
}

/// An error of a statement or condition on a record.
#[derive(Clone, Copy, Debug)]
pub struct Failure<'r> {
    /// The statement or condition.
    pub statement: StatementRef<'r>,
    /// What is wrong.
    pub error: EvalError,
    /// The message.
    pub message: MessageRef<'r>,
    /// The record.
    pub place: Place,
}

/// The errors of one kind in one expression of a statement or condition.
#[derive(Clone, Copy, Debug)]
pub struct FailureKind<'r> {
    /// How many there were.
    pub count: u64,
    /// How many of them the message was given up for: all under `propagate`, and all limits.
    pub fatal: u64,
    /// The first one.
    pub first: Failure<'r>,
}

impl<'r> Failure<'r> {
    /// What is wrong, as [`Failure::error`] says it, with the name of the argument that is to blame.
    pub fn text(&self) -> String {
        self.statement.describe(self.error)
    }

    /// The expression of the statement that failed, as OTTL sees it; none where that is all of the statement.
    pub fn expression(&self) -> Option<&'r str> {
        self.statement.expression(self.error)
    }
}

impl fmt::Display for MessageRef<'_> {
    /// `logs.json: message 3, line 3`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(input) = self.input {
            write!(f, "{input}: ")?;
        }
        write!(f, "message {}", self.number)?;
        match self.line {
            Some(line) => write!(f, ", line {line}"),
            None => Ok(()),
        }
    }
}

impl<'r> StatementReport<'r> {
    /// The kinds of errors that it failed with, by their first message: errors of one expression that differ in nothing but
    /// numbers are of one kind. The counts add up to how often it failed.
    pub fn failures(&self) -> impl Iterator<Item = FailureKind<'r>> + use<'r> {
        let (report, statement) = (self.report, self.statement);
        self.failures.iter().map(move |failures| FailureKind {
            count: failures.count,
            fatal: failures.fatal,
            first: report.failure(statement, &failures.first),
        })
    }
}

impl<'r> StatementRef<'r> {
    /// The text as it stands in the file: with the names of variables, not their values.
    pub fn text(&self) -> &'r str {
        let stage = self.rules.stage(self.signal, self.stage);
        let written = stage.written.get(self.source).and_then(Option::as_deref);
        written
            .map(WrittenText::as_str)
            .or_else(|| stage.plan().sources.get(self.source).map(String::as_str))
            .unwrap_or("")
    }

    /// What an error says, with the names of the arguments that it is about. Literals of the rules are quoted unless they
    /// may come from variables.
    pub(crate) fn describe(&self, error: EvalError) -> String {
        let stage = self.rules.stage(self.signal, self.stage);
        let plan = stage.plan();
        let call = plan.calls.iter().find(|call| call.site == error.site && error.site != Site::default());
        let param = |idx: u8| call.and_then(|call| call.function.params.get(usize::from(idx))).map(|param| param.name);
        let mut text = match error.argument.and_then(param) {
            Some(name) => format!("argument `{name}`: {error}"),
            None => error.to_string(),
        };
        if let ErrorKind::Layout(idx) = error.kind
            && let Some(Arg::Const(Literal::Str(layout))) = call.and_then(|call| call.args.get(usize::from(idx)))
            && stage.written.get(self.source).is_some_and(Option::is_none)
        {
            text.push_str(&format!(" `{}`", String::from_utf8_lossy(layout)));
        }
        text
    }

    /// The part of the text that an error arose in, unless it is all of it.
    pub(crate) fn expression(&self, error: EvalError) -> Option<&'r str> {
        let stage = self.rules.stage(self.signal, self.stage);
        let site = stage.plan().sites.get(error.site.0 as usize)?;
        let (start, end) = (site.span.0 as usize, site.span.1 as usize);
        let found = match stage.written.get(self.source)? {
            Some(written) => written.part(start, end)?,
            None => self.text().get(start..end)?,
        };
        // The call that the statement is says no more than the statement.
        (site.source as usize == self.source && start > 0 && !found.is_empty()).then_some(found)
    }

    /// Line and column in the file.
    pub fn location(&self) -> Location {
        let found = self.rules.stage(self.signal, self.stage).locations.get(self.source);
        found.map_or(Location { line: 1, column: 1 }, |(_, location)| *location)
    }

    /// The file, as the caller named it.
    pub fn file(&self) -> &'r str {
        let found = self.rules.stage(self.signal, self.stage).locations.get(self.source);
        found.map_or(&self.rules.file, |(file, _)| file)
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
    /// ``rules.yaml:3:5: `set(...)` ``; of a long text only the beginning.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Location { line, column } = self.location();
        write!(f, "{}:{line}:{column}: `{}`", self.file(), Shown(self.text()))
    }
}

/// How many characters of a statement or expression a message shows.
const SHOWN: usize = 400;

/// A statement or expression inside a message.
pub(crate) struct Shown<'t>(pub &'t str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(SHOWN) {
            Some((end, _)) => write!(f, "{}...", &self.0[..end]),
            None => f.write_str(self.0),
        }
    }
}

impl fmt::Display for Failure<'_> {
    /// ``the list is empty, in `log.body[0]` ``: what is wrong, and the expression unless that is all of the statement.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())?;
        match self.expression() {
            Some(expression) => write!(f, ", in `{}`", Shown(expression)),
            None => Ok(()),
        }
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

    /// Gives the next message that this report is used for a number, and those after it the following ones. Without,
    /// messages are numbered from 1 in the order in which they come. Reports of several threads that are to be merged
    /// need numbers that say the order of the messages of all.
    pub fn number_next(&mut self, number: u64) {
        self.numbered = number.saturating_sub(1);
    }

    /// Says in which line of its input the next message begins, from 1, where that has lines.
    pub fn line_next(&mut self, line: Option<u64>) {
        self.line = line;
    }

    /// The line that the message begins in.
    pub(crate) fn line(&self) -> Option<u64> {
        self.line
    }

    /// Says which inputs messages came from: the number of the first message of each input, and its name, in order. The
    /// messages of each are then numbered from 1 again where the report names them.
    pub fn name_inputs(&mut self, inputs: impl IntoIterator<Item = (u64, Arc<str>)>) {
        self.inputs = inputs.into_iter().collect();
    }

    /// The number of the message that is being worked on.
    pub(crate) fn number(&self) -> u64 {
        self.numbered.saturating_add(1)
    }

    fn message(&self, number: u64, line: Option<u64>) -> MessageRef<'_> {
        let after = self.inputs.partition_point(|(first, _)| *first <= number);
        match after.checked_sub(1).and_then(|idx| self.inputs.get(idx)) {
            Some((first, name)) => {
                MessageRef { input: Some(name), number: number.saturating_sub(*first).saturating_add(1), line }
            }
            None => MessageRef { input: None, number, line },
        }
    }

    fn failure<'r>(&'r self, statement: StatementRef<'r>, reported: &ReportedError) -> Failure<'r> {
        let ReportedError { error, message, line, place, .. } = *reported;
        Failure { statement, error, message: self.message(message, line), place }
    }

    /// What filters dropped.
    pub fn dropped(&self) -> Dropped {
        let mut sum = Dropped::default();
        for stage in self.stages.iter().flatten() {
            sum.spans += stage.dropped.spans;
            sum.data_points += stage.dropped.data_points;
            sum.log_records += stage.dropped.log_records;
            sum.samples += stage.dropped.samples;
        }
        sum
    }

    /// How often a record's write into what it shares with others (its resource, scope, span, metric or point) left another
    /// value there than a record before it had; of all statements.
    pub fn conflicting_writes(&self) -> u64 {
        self.statements().map(|row| row.counters.conflicting).sum()
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
                        failures: report.failures(source as u32),
                        report: self,
                    })
                })
            })
        })
    }

    /// The first errors one by one, as many as [`crate::Limits::listed_errors`] allows for each processor and signal: of
    /// statements that go on after an error and report it. [`StatementReport::failures`] has all of them, by kind.
    pub fn errors(&self) -> impl Iterator<Item = Failure<'_>> {
        self.rules.iter().flat_map(move |rules| {
            (0..SIGNALS).flat_map(move |signal| {
                self.stages[signal].iter().enumerate().flat_map(move |(stage, report)| {
                    report.errors.iter().filter_map(move |reported| {
                        Some(self.failure(rules.statement(signal, stage, reported.source)?, reported))
                    })
                })
            })
        })
    }

    /// Makes it a report of these rules, and gives what it counted with other rules before, if it was used with others: for
    /// programs that swap rules and lose no count. Messages are numbered on.
    ///
    /// ```
    /// use ottl::{Report, RuleSet, RuleSetHandle, Scratch, Signal};
    ///
    /// let compile = |text: &str| RuleSet::compile(&format!("log_statements: ['set(log.body, {text})']"));
    /// let handle = RuleSetHandle::new(compile("1").unwrap());
    /// let (mut scratch, mut report, mut out) = (Scratch::new(), Report::new(), Vec::new());
    /// let mut ended = Vec::new();
    /// for number in 0..5 {
    ///     if number == 3 {
    ///         handle.swap(compile("2")).unwrap();
    ///     }
    ///     let rules = handle.load();
    ///     ended.extend(report.switch_to(&rules));
    ///     out.clear();
    ///     rules.transform_into(Signal::Logs, b"", &mut scratch, &mut out, &mut report).unwrap();
    /// }
    /// assert_eq!((ended.len(), ended[0].messages(), report.messages()), (1, 3, 2));
    /// ```
    pub fn switch_to(&mut self, rules: &RuleSet) -> Option<Report> {
        let is_other = self.rules.as_ref().is_some_and(|bound| !Arc::ptr_eq(bound, &rules.rules));
        let before = is_other.then(|| self.clone());
        self.bind(&rules.rules);
        before
    }

    /// Adds what another report counted with the same rule set. One of another rule set replaces this one: where rules are
    /// swapped, [`Report::switch_to`] comes first.
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
    #[inline]
    pub(crate) fn bind(&mut self, rules: &Arc<Rules>) {
        if !self.rules.as_ref().is_some_and(|bound| Arc::ptr_eq(bound, rules)) {
            self.bind_anew(rules);
        }
    }

    #[inline(never)]
    fn bind_anew(&mut self, rules: &Arc<Rules>) {
        *self = Report {
            numbered: self.numbered,
            inputs: std::mem::take(&mut self.inputs),
            stages: std::array::from_fn(|signal| {
                rules.chains[signal].iter().map(|stage| ottl_engine::Report::new(stage.plan().sources.len())).collect()
            }),
            rules: Some(rules.clone()),
            ..Report::default()
        };
    }

    /// What the processors of a signal counted.
    #[cfg(feature = "threads")]
    pub(crate) fn stages(&self, signal: usize) -> &[ottl_engine::Report] {
        &self.stages[signal]
    }

    pub(crate) fn stage(&mut self, signal: usize, stage: usize) -> &mut ottl_engine::Report {
        &mut self.stages[signal][stage]
    }

    pub(crate) fn count(&mut self, dropped: bool, failed: bool) {
        self.messages += 1;
        self.numbered = self.number();
        self.line = None;
        self.dropped_messages += u64::from(dropped);
        self.failed_messages += u64::from(failed);
    }
}

impl fmt::Debug for StatementReport<'_> {
    // The report that it is a part of is left out: that shows its statements, each with the report again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatementReport")
            .field("statement", &self.statement)
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report")
            .field("messages", &self.messages)
            .field("dropped", &self.dropped())
            .field("statements", &self.statements().map(|row| (row.statement, row.counters)).collect::<Vec<_>>())
            .finish()
    }
}

impl Serialize for StatementReport<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("StatementReport", 13)?;
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
        out.serialize_field("conflicting", &self.counters.conflicting)?;
        let errors: Vec<ErrorRecord<'_>> = self.failures().map(ErrorRecord::new).collect();
        out.serialize_field("first_error", &errors.first().map(|first| &first.error))?;
        out.serialize_field("errors", &errors)?;
        out.end()
    }
}

/// What a kind of errors is in a report's serialized form.
#[derive(Serialize)]
struct ErrorRecord<'r> {
    error: String,
    expression: Option<&'r str>,
    count: u64,
    first: PlaceRecord<'r>,
}

/// Where the first one of a kind of errors was.
#[derive(Serialize)]
struct PlaceRecord<'r> {
    input: Option<&'r str>,
    message: u64,
    line: Option<u64>,
    place: String,
}

impl<'r> ErrorRecord<'r> {
    fn new(kind: FailureKind<'r>) -> Self {
        let Failure { message: MessageRef { input, number: message, line }, place, .. } = kind.first;
        let first = PlaceRecord { input, message, line, place: place.to_string() };
        ErrorRecord { error: kind.first.text(), expression: kind.first.expression(), count: kind.count, first }
    }
}

/// What a report's `dropped` is in its serialized form.
#[derive(Serialize)]
struct DroppedRecord {
    messages: u64,
    spans: u64,
    data_points: u64,
    log_records: u64,
    samples: u64,
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Report", 5)?;
        let Dropped { spans, data_points, log_records, samples } = self.dropped();
        let dropped = DroppedRecord { messages: self.dropped_messages, spans, data_points, log_records, samples };
        out.serialize_field("messages", &self.messages)?;
        out.serialize_field("failed_messages", &self.failed_messages)?;
        out.serialize_field("dropped", &dropped)?;
        out.serialize_field("conflicting_writes", &self.conflicting_writes())?;
        out.serialize_field("statements", &self.statements().collect::<Vec<_>>())?;
        out.end()
    }
}
