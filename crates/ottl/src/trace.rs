//! [`RuleSet::trace`]: why rules did what they did to a message, statement by statement.
//!
//! The plain engine runs the rules, so that the fast one pays nothing for being watched; both give the same results. Records
//! carry a number through all processors (`ottl_engine::trace`), by which a step names the record that came in. Of a few records
//! among many the fast one runs what comes before them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ottl_engine::trace::records_of;
use ottl_engine::trace::{
    Chosen, ChosenTrace, Marked, Step, StepResult, TraceOptions as EngineOptions, mark, may_fail, trace_chosen, unmark,
};
use ottl_engine::{Engine, Output, Place, RunError, Status, interp};
use ottl_otlp::wire::WireError;
#[cfg(feature = "testing")]
use ottl_plan::Plan;
use serde::Serialize;

use crate::ruleset::{Rules, number};
use crate::{Call, Error, ProcessorKind, RuleSet, StatementRef};

/// How changes name the cache of a context.
const CACHE: &str = "cache";

/// What a trace shows. More fields may come: `..TraceOptions::default()` fills in the rest.
#[derive(Clone, Debug)]
pub struct TraceOptions {
    /// The records, by their numbers in the message from 0: log records, spans, metrics or profiles, as they come. Those of
    /// all, if there is no list. [`Trace::output`] has these alone. The other ones are run as far as they leave something to these, by
    /// the fast engine where that can be.
    pub records: Option<Vec<u64>>,
    /// The statement or condition, by its number among [`RuleSet::statements`]; all without it.
    pub statement: Option<usize>,
    /// At most so many steps are kept.
    pub most: usize,
}

impl Default for TraceOptions {
    fn default() -> Self {
        TraceOptions { records: None, statement: None, most: 10_000 }
    }
}

/// What rules did to a message.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Trace {
    /// The statements and conditions that messages of the signal meet, in their order.
    pub statements: Vec<TracedStatement>,
    /// What they did, in the order in which it happened.
    pub steps: Vec<TracedStep>,
    /// Whether there was more than the options let through.
    pub is_cut: bool,
    /// How many records the message has.
    pub records: u64,
    /// The message that comes out.
    #[serde(skip)]
    pub output: Output,
    /// The error that ended the run, if one did: then nothing comes out.
    pub error: Option<String>,
}

/// A statement or condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TracedStatement {
    /// The processor's name.
    pub processor: String,
    /// The text as it stands in the file.
    pub text: String,
    /// The file, as the caller named it.
    pub file: String,
    /// Where it begins in the file, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

/// What a statement or condition did with a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TracedStep {
    /// Its number among [`Trace::statements`].
    pub statement: usize,
    /// The record's number in the message; nothing for resources, scopes, and what statements made.
    pub record: Option<u64>,
    /// The record, resource or scope, or what lies in a record, as a path into the OTLP/JSON that came in; for what statements made,
    /// and for resources and scopes behind a processor that flattens, into what the processor got.
    pub place: String,
    /// How it ended.
    pub result: TracedResult,
    /// What failed.
    pub error: Option<String>,
    /// The operand that decided whether the condition holds; nothing where all did.
    pub decided: Option<TextPart>,
    /// The values of expressions, outer ones first.
    pub values: Vec<TracedValue>,
    /// Values that were left out, since there are too many.
    pub more_values: usize,
    /// What was written.
    pub changes: Vec<TracedChange>,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TracedResult {
    /// The condition after `where` does not hold, or that of a group or filter.
    NotMatched,
    /// The condition of a filter holds: the record is dropped.
    Dropped,
    /// A condition of a group holds: its statements run.
    Held,
    /// The statement ran and changed something.
    Changed,
    /// The statement ran and changed nothing.
    Unchanged,
    /// It failed.
    Failed,
}

/// A part of the text of a statement or condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TextPart {
    /// The part.
    pub text: String,
    /// Where it begins in [`TracedStatement::text`], in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// The value of an expression.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TracedValue {
    /// The expression.
    pub part: TextPart,
    /// How many expressions it lies in.
    pub depth: u32,
    /// The value as JSON, or as it is written in OTTL where JSON has no such values; nothing where it failed.
    pub value: Option<String>,
    /// Its type.
    #[serde(rename = "type")]
    pub type_name: Option<String>,
    /// Why there is none.
    pub error: Option<String>,
}

/// Something that a statement changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TracedChange {
    /// The place: `log.attributes["tier"]`, `metric.sum.data_points[0].as_int`. Names of fields are those of OTLP.
    pub path: String,
    /// The value before, as JSON; nothing if there was none.
    pub before: Option<String>,
    /// The value after.
    pub after: Option<String>,
}

impl RuleSet {
    /// Runs the rules over one OTLP protobuf message and tells what each statement and condition did with each record: whether
    /// it matched, the values of its expressions, which operand decided, what it changed. It takes about a hundred times as
    /// long as [`RuleSet::transform`], and is for people who look at few records.
    ///
    /// ```
    /// use ottl::{RuleSet, Signal, TraceOptions, TracedResult};
    ///
    /// let rules = RuleSet::compile("log_statements: ['set(log.severity_text, \"WARN\") where log.severity_number > 12']").unwrap();
    /// let message = [0x0a, 6, 0x12, 4, 0x12, 2, 0x10, 13];
    /// let trace = rules.trace(Signal::Logs, &message, &TraceOptions::default()).unwrap();
    /// assert_eq!(trace.steps[0].result, TracedResult::Changed);
    /// assert_eq!(trace.steps[0].values[1].value.as_deref(), Some("13"));
    /// assert_eq!(trace.steps[0].changes[0].path, "log.severity_text");
    /// ```
    ///
    /// # Errors
    /// Damage of the message's framing, and a function that panicked. What else goes wrong is part of the trace.
    pub fn trace<'c>(&self, call: impl Into<Call<'c>>, message: &[u8], options: &TraceOptions) -> Result<Trace, Error> {
        let call = call.into();
        catch_unwind(AssertUnwindSafe(|| self.traced(call, message, options)))
            .unwrap_or_else(|panic| Err(Error::panicked(&*panic, &self.rules)))
    }

    fn traced(&self, call: Call<'_>, message: &[u8], options: &TraceOptions) -> Result<Trace, Error> {
        let signal = number(call.signal).unwrap_or_default();
        let chain = &self.rules.chains[signal];
        let damaged = |error| Error::run(RunError::Damaged(error), &self.rules, (signal, 0));
        let mut trace = Trace {
            statements: self.statements(call.signal).map(TracedStatement::of).collect(),
            steps: Vec::new(),
            is_cut: false,
            records: 0,
            output: Output::Unchanged,
            error: None,
        };
        let wanted = options.records.as_ref().map(|records| {
            let mut records = records.clone();
            records.sort_unstable();
            records
        });
        if let Some(wanted) = &wanted {
            // What ends the run with any record is told by the trace of all.
            let ends = || chain.iter().any(|stage| may_fail(stage.plan())) && self.transform(call, message).is_err();
            if !ends() && self.trace_records(call, message, (wanted, options), &mut trace).map_err(damaged)? {
                return Ok(trace);
            }
        }
        let Marked { message: mut now, places } = mark(call.signal, message, None).map_err(damaged)?;
        trace.records = places.len() as u64;
        let env = self.rules.env(call, 0, None);
        let (mut first, mut changed) = (0, false);
        for (stage, compiled) in chain.iter().enumerate() {
            let count = compiled.plan().sources.len();
            let left = options.most.saturating_sub(trace.steps.len());
            let asked = EngineOptions {
                records: wanted.clone(),
                // That of another processor is none of this one's.
                source: options
                    .statement
                    .map(|number| number.checked_sub(first).map_or(u32::MAX, |source| source as u32)),
                // One more tells that there is more.
                most: left.saturating_add(1),
            };
            let (mut steps, mut out) = (Vec::new(), Vec::new());
            let mut report = ottl_engine::Report::new(count);
            let engine = interp::Engine::new(compiled.plan());
            let status = engine.trace(&now, &env, (&asked, &mut steps), &mut report, &mut out);
            trace.add(&self.rules, (signal, stage, first), (steps, &places), left);
            first += count;
            match status {
                Ok(Status::Unchanged) => {}
                Ok(Status::Changed) => {
                    now = out;
                    changed = true;
                }
                Ok(Status::Dropped) => {
                    trace.output = Output::Dropped;
                    return Ok(trace);
                }
                Err(error) => {
                    trace.error = Some(Error::run(error, &self.rules, (signal, stage)).to_string());
                    return Ok(trace);
                }
            }
        }
        if let Some(wanted) = &wanted {
            now = records_of(&now, wanted).map_err(damaged)?;
        }
        if changed || wanted.is_some() {
            trace.output = Output::Changed(unmark(&now).map_err(damaged)?);
        }
        Ok(trace)
    }

    /// Adds what rules did with records, which are in order, if that can be told without a look at what they did with all others.
    fn trace_records(
        &self,
        call: Call<'_>,
        message: &[u8],
        (wanted, options): (&[u64], &TraceOptions),
        trace: &mut Trace,
    ) -> Result<bool, WireError> {
        let signal = number(call.signal).unwrap_or_default();
        let chain = &self.rules.chains[signal];
        let firsts: Vec<usize> = chain
            .iter()
            .scan(0, |next, stage| Some(std::mem::replace(next, *next + stage.plan().sources.len())))
            .collect();
        let source = options.statement.map(|number| {
            let stage = firsts.partition_point(|first| *first <= number).saturating_sub(1);
            (stage, (number - firsts.get(stage).copied().unwrap_or_default()) as u32)
        });
        let engines: Vec<&dyn Engine> = chain.iter().map(|stage| &*stage.engine as &dyn Engine).collect();
        let env = self.rules.env(call, 0, None);
        let chosen = Chosen { records: wanted, source, most: options.most.saturating_add(1) };
        let Some(ChosenTrace { steps, places, output }) = trace_chosen(&engines, message, &env, &chosen)? else {
            return Ok(false);
        };
        trace.records = places.len() as u64;
        for (stage, first) in firsts.into_iter().enumerate() {
            let left = options.most.saturating_sub(trace.steps.len());
            let own = steps.iter().filter(|(of, _)| *of == stage).map(|(_, step)| step.clone());
            trace.add(&self.rules, (signal, stage, first), (own.collect(), &places), left);
        }
        trace.output = match output {
            Output::Changed(marked) => Output::Changed(unmark(&marked)?),
            other => other,
        };
        Ok(true)
    }
}

impl Trace {
    /// Adds steps of a processor, of whose statements the first one has this number.
    fn add(
        &mut self,
        rules: &Rules,
        (signal, stage, first): (usize, usize, usize),
        (steps, places): (Vec<Step>, &[Place]),
        most: usize,
    ) {
        self.is_cut |= steps.len() > most;
        for step in steps.into_iter().take(most) {
            // The message that is traced may have fewer records than the one that came in.
            let place = match step.record.and_then(|record| places.get(record as usize)) {
                Some(record) => step.place.at_record(record).to_string(),
                None => step.place.to_string(),
            };
            let statement = StatementRef { rules, signal, stage, source: step.source as usize };
            self.steps.push(TracedStep::of(step, first, place, statement));
        }
    }
}

impl TracedStatement {
    fn of(statement: StatementRef<'_>) -> TracedStatement {
        let place = statement.location();
        TracedStatement {
            processor: statement.processor().to_owned(),
            text: statement.text().to_owned(),
            file: statement.file().to_owned(),
            line: place.line,
            column: place.column,
        }
    }
}

impl StatementRef<'_> {
    /// A part of the expanded text, as it stands in the file; nothing where it begins or ends inside a value.
    pub(crate) fn traced_part(&self, (start, end): (u32, u32)) -> Option<TextPart> {
        let stage = self.rules.stage(self.signal, self.stage);
        let (start, end) = (start as usize, end as usize);
        let (start, end) = match stage.written.get(self.source)? {
            Some(written) => written.range(start, end)?,
            None => (start, end),
        };
        Some(TextPart { text: self.text().get(start..end)?.to_owned(), start, end })
    }

    /// The plan that it is in, and the number of its text there.
    #[cfg(feature = "testing")]
    pub(crate) fn plan(&self) -> (&Plan, u32) {
        (self.rules.stage(self.signal, self.stage).plan(), self.source as u32)
    }

    /// Whether it is a condition of a filter processor.
    fn is_of_filter(&self) -> bool {
        self.rules.stage(self.signal, self.stage).kind == ProcessorKind::Filter
    }
}

impl TracedStep {
    /// Whether telemetry was changed, as reports count it: a cache is none.
    pub fn changed_telemetry(&self) -> bool {
        let is_cache = |change: &TracedChange| {
            let rest = change.path.strip_prefix(CACHE);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.']))
        };
        self.result == TracedResult::Changed && (self.changes.is_empty() || !self.changes.iter().all(is_cache))
    }

    fn of(step: Step, first: usize, place: String, statement: StatementRef<'_>) -> TracedStep {
        let result = match step.result {
            StepResult::NotMatched => TracedResult::NotMatched,
            StepResult::Held if statement.is_of_filter() => TracedResult::Dropped,
            StepResult::Held => TracedResult::Held,
            StepResult::Changed => TracedResult::Changed,
            StepResult::Unchanged => TracedResult::Unchanged,
            StepResult::Failed(_) => TracedResult::Failed,
        };
        let error = match step.result {
            StepResult::Failed(error) => Some(statement.describe(error)),
            _ => None,
        };
        let values = step.values.into_iter().filter_map(|value| {
            let (shown, error) = match value.result {
                Ok(shown) => (Some(shown), None),
                Err(error) => (None, Some(statement.describe(error))),
            };
            let (type_name, value_text) = shown.map(|shown| (shown.type_name, shown.text)).unzip();
            let part = statement.traced_part(value.span)?;
            Some(TracedValue { part, depth: value.depth, value: value_text, type_name, error })
        });
        let changes = step.changes.into_iter().map(|change| {
            let level = change.level.map_or(CACHE, |level| level.name());
            let inner = change.difference.path;
            let dot = if inner.is_empty() || inner.starts_with('[') { "" } else { "." };
            TracedChange {
                path: format!("{level}{dot}{inner}"),
                before: change.difference.before,
                after: change.difference.after,
            }
        });
        TracedStep {
            statement: first + step.source as usize,
            record: step.record,
            place,
            result,
            error,
            decided: step.decided.and_then(|span| statement.traced_part(span)),
            values: values.collect(),
            more_values: step.more_values,
            changes: changes.collect(),
        }
    }
}
