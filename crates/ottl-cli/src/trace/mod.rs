//! `ottl run --trace`: what each statement did with each record, and why.
//!
//! - here: which records of messages are asked for.
//! - `text`: what people see; `lines`: the same for machines.
//!
//! INVARIANT: one message and its trace are in memory at a time.

mod lines;
mod text;

use std::ops::ControlFlow;

use ottl::compare::{Outline, number_records, touched};
use ottl::otlp::Signal;
use ottl::{Code, Output, ProcessorKind, RuleSet, Trace, TraceOptions};

use crate::args::{ReportForm, RunArguments};
use crate::failure::{Failure, Status};
use crate::messages::{Arrived, Reading};
use crate::records;
use crate::rules::{self, Program};
use crate::run::tally::Tally;
use crate::terminal::{self, Voice};

/// Steps of one message that are shown.
const MOST_STEPS: usize = 100_000;

/// Where a message came from.
struct Origin<'o> {
    file: &'o str,
    /// The message's number in its input, from 1.
    message: u64,
    signal: Signal,
    /// How many records came before, in all inputs.
    records_before: u64,
}

/// Runs the verb.
///
/// # Errors
/// As `run`; a message that fails is an error after its trace.
pub fn trace(arguments: &RunArguments) -> Result<Status, Failure> {
    let mut voice = Voice::new(arguments.format, arguments.quiet);
    rules::come_apart(&arguments.work)?;
    let only = arguments.work.signal.map(|name| name.signal());
    let program = Program::load(&arguments.work, only, &mut voice)?;
    let chosen = match &arguments.tracing.condition {
        Some(condition) => Some(chosen(arguments, condition, &program)?),
        None => None,
    };
    let mut shown = Shown { form: arguments.format, values: arguments.tracing.values, text: text::Text::default() };
    let (mut records_before, mut failed, mut statements, mut steps) = (0, false, 0, 0);
    let mut passed = Tally::new(arguments.format);
    let reading = Reading {
        pprof: arguments.work.pprof,
        only,
        limit: arguments.limit,
        keep_going: arguments.keep_going.then_some(&mut passed),
        has_keep_going: true,
        ..Reading::of(&arguments.work.inputs, arguments.work.frames(), program.signals())
    };
    reading.each(|Arrived { file, number, signal, bytes, .. }| {
        let count = records::records(signal, bytes)
            .map_err(|error| Failure::Failed(format!("{file}: message {number}: {error}")))?;
        let origin = Origin { file, message: number, signal, records_before };
        records_before += count;
        if !program.serves(signal) || only.is_some_and(|only| only != signal) {
            return Ok(ControlFlow::Continue(()));
        }
        let wanted = wanted(arguments, chosen.as_ref(), &origin, count, bytes)?;
        if wanted.as_ref().is_some_and(Vec::is_empty) {
            return Ok(ControlFlow::Continue(()));
        }
        let options = TraceOptions {
            records: wanted,
            statement: arguments.tracing.statement.map(|statement| statement - 1),
            most: MOST_STEPS,
        };
        let trace = program.trace(signal, bytes, &options).map_err(Failure::Failed)?;
        failed |= trace.error.is_some();
        statements = statements.max(trace.statements.len());
        steps += trace.steps.len();
        shown.show(&origin, &trace)?;
        let is_last = arguments.tracing.record.is_some_and(|record| record <= records_before);
        Ok(if is_last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    passed.finish();
    failed |= passed.total() > 0;
    if let Some(record) = arguments.tracing.record.filter(|record| *record > records_before) {
        return Err(Failure::Refused(format!("there is no record {record}: the input has {records_before}")));
    }
    if let Some(statement) = arguments.tracing.statement.filter(|statement| (1..*statement).contains(&statements)) {
        return Err(Failure::Refused(format!(
            "there is no statement {statement}: the rules that ran have {statements}"
        )));
    }
    if steps == 0 {
        voice.warn("nothing was traced: no statement ran on a record that was asked for");
    }
    shown.end(failed, arguments.quiet)
}

/// The records of a message that are asked for, by their numbers in it; nothing if all are.
fn wanted(
    arguments: &RunArguments,
    chosen: Option<&Chosen>,
    origin: &Origin<'_>,
    count: u64,
    message: &[u8],
) -> Result<Option<Vec<u64>>, Failure> {
    let mut wanted = match chosen {
        Some(chosen) => Some(chosen.records(origin, message)?),
        None => None,
    };
    if let Some(record) = arguments.tracing.record {
        let number = (record - 1).checked_sub(origin.records_before).filter(|number| *number < count);
        let is_chosen = |number: &u64| wanted.as_ref().is_none_or(|wanted| wanted.contains(number));
        wanted = Some(number.filter(is_chosen).into_iter().collect());
    }
    Ok(wanted)
}

/// Records for which a condition holds: a filter that would drop them says which. Each signal has its own.
struct Chosen(Vec<(Signal, RuleSet)>);

/// The filters of a condition, for the signals of the program for which it makes sense.
fn chosen(arguments: &RunArguments, condition: &str, program: &Program) -> Result<Chosen, Failure> {
    let compiler = rules::compiler(&arguments.work.rules)?.processor(ProcessorKind::Filter).expand(false);
    let compiler = compiler.file("--where");
    let list = |signal: Signal| match signal {
        Signal::Traces => "trace_conditions",
        Signal::Metrics => "metric_conditions",
        Signal::Logs => "log_conditions",
        Signal::Profiles => "profile_conditions",
    };
    let quoted = serde_json::Value::from(condition).to_string();
    let (mut fitting, mut faults) = (Vec::new(), Vec::new());
    for signal in program.signals() {
        match compiler.compile(&format!("error_mode: silent\n{}: [{quoted}]\n", list(signal))) {
            Ok(rules) => fitting.push((signal, rules)),
            Err(error) => faults.extend(error.diagnostics().iter().next().cloned()),
        }
    }
    if !fitting.is_empty() {
        return Ok(Chosen(fitting));
    }
    // That a signal has no such context says nothing where another one has it.
    let fault = faults.iter().find(|fault| fault.code != Code::CONTEXT_OUTSIDE_SIGNAL).or(faults.first());
    let said = fault.map(|fault| match &fault.help {
        Some(help) => format!("{}; {help}", fault.message),
        None => fault.message.clone(),
    });
    Err(Failure::Refused(format!("--where: {}", said.unwrap_or_default())))
}

impl Chosen {
    fn records(&self, origin: &Origin<'_>, message: &[u8]) -> Result<Vec<u64>, Failure> {
        let Some((_, rules)) = self.0.iter().find(|(signal, _)| *signal == origin.signal) else {
            return Ok(Vec::new());
        };
        let failed = |error: &dyn std::fmt::Display| Failure::Failed(error.to_string());
        let signal = origin.signal;
        let numbered = number_records(signal, message).map_err(|error| failed(&error))?;
        let before = Outline::of(signal, &numbered.message).map_err(|error| failed(&error))?;
        let after = match rules.transform(signal, &numbered.message).map_err(|error| failed(&error))?.output {
            Output::Unchanged => return Ok(Vec::new()),
            Output::Changed(after) => after,
            Output::Dropped => Vec::new(),
        };
        let after = Outline::of(signal, &after).map_err(|error| failed(&error))?;
        Ok(touched(&before, &after))
    }
}

/// Where traces go.
struct Shown {
    form: ReportForm,
    values: bool,
    text: text::Text,
}

impl Shown {
    fn show(&mut self, origin: &Origin<'_>, trace: &Trace) -> Result<(), Failure> {
        match self.form {
            ReportForm::Text => self.text.show(origin, trace, self.values),
            ReportForm::Json => lines::show(origin, trace, self.values),
        }
    }

    fn end(self, failed: bool, is_quiet: bool) -> Result<Status, Failure> {
        if self.form == ReportForm::Text {
            let legend = self.text.legend(self.values).filter(|_| !is_quiet);
            self.text.end()?;
            legend.into_iter().for_each(terminal::plain);
        }
        Ok(if failed { Status::Failed } else { Status::Done })
    }
}
