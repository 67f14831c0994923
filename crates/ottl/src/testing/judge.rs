//! Cases run, and what came out held against what was expected.

use std::borrow::Cow;
use std::collections::HashSet;

use ottl_diagnostics::{Code, Diagnostic, Location, Span};
use ottl_engine::trace::{RECORD_NUMBER, mark};
use ottl_otlp::wire::{Payload, Reader, WireError, WireErrorKind};

use super::case::{Case, DataFile, Expected, Output as Wanted, Suite, Telemetry, WantedError};
use super::compare::{Mismatch, compare, of_records};
use super::plain::Unwritable;
use super::property::{Answer, Placed, PropertyKind};
use super::records::records;
use super::snapshot::{Snapshot, Snapshots};
use super::telemetry::{Message, record_name};
use crate::{Compiler, Diagnostics, Output, RuleSet, Signal};

/// What cases are judged with.
#[derive(Clone, Copy)]
pub struct Judging<'j> {
    /// The settings that conditions of properties are compiled with.
    pub compiler: &'j Compiler,
    /// The rules of the case, see [`Case::setup`].
    pub rules: &'j RuleSet,
    /// The messages of a file, or why they cannot be had.
    pub read: &'j (dyn Fn(&DataFile) -> Result<Vec<Message>, String> + Sync),
    /// What came out before.
    pub snapshots: &'j Snapshots,
    /// Whether snapshots are taken anew, and not held against those before.
    pub update: bool,
}

/// What became of a case.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Verdict {
    /// What is not as expected; nothing if the case passes.
    pub findings: Vec<Finding>,
    /// What statements failed with, where the error mode lets that pass and nothing was said of it.
    pub notes: Vec<String>,
    /// Conditions that hold since there was no record to ask.
    pub unasked: Vec<String>,
    /// What came out of a case that expects a snapshot.
    pub snapshot: Option<Snapshot>,
}

/// Something that is not as expected.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finding {
    /// Where the case file says what was expected.
    pub at: Location,
    /// What is the matter.
    pub message: String,
    /// The records that it is about.
    pub mismatches: Vec<Mismatch>,
}

/// What a run of the rules gave.
#[derive(Default)]
struct Run {
    output: Vec<Message>,
    /// Why messages failed.
    errors: Vec<String>,
    /// What statements failed with.
    failures: Vec<String>,
}

impl Verdict {
    /// Whether all is as expected.
    pub fn passes(&self) -> bool {
        self.findings.is_empty()
    }
}

impl Suite {
    /// Runs a case.
    ///
    /// # Errors
    /// What is wrong with the case: a file that cannot be had, a condition that is none. A case that does not pass is no error.
    pub fn judge(&self, case: &Case, with: &Judging<'_>) -> Result<Verdict, Diagnostics> {
        let input = self.messages(&case.input, with)?;
        let run = run(with.rules, &input);
        let mut judge = Judge { suite: self, case, with, input: &input, run: &run, verdict: Verdict::default() };
        judge.errors();
        judge.output()?;
        judge.properties()?;
        let mut verdict = judge.verdict;
        verdict.findings.sort_by_key(|finding| (finding.at.line, finding.at.column));
        if case.expected.error.is_none() {
            verdict.notes = run.failures;
            verdict.notes.dedup();
        }
        Ok(verdict)
    }

    /// The messages that come into a case: for those who run its rules by other means.
    ///
    /// # Errors
    /// Their file cannot be had.
    pub fn input<'c>(&self, case: &'c Case, with: &Judging<'_>) -> Result<Cow<'c, [Message]>, Diagnostics> {
        self.messages(&case.input, with)
    }

    fn messages<'c>(&self, telemetry: &'c Telemetry, with: &Judging<'_>) -> Result<Cow<'c, [Message]>, Diagnostics> {
        match telemetry {
            Telemetry::Given(document) => Ok(Cow::Borrowed(&document.messages)),
            Telemetry::File(file) => (with.read)(file)
                .map(Cow::Owned)
                .map_err(|why| self.fault(Diagnostic::new(Code::MISSING_CASE_FILE, file.path.span, why))),
        }
    }
}

fn run(rules: &RuleSet, input: &[Message]) -> Run {
    let mut run = Run::default();
    for Message { signal, bytes } in input {
        match rules.transform(*signal, bytes) {
            Ok(outcome) => {
                for row in outcome.report.statements() {
                    let statement = row.statement;
                    run.failures.extend(row.failures().map(|kind| format!("{statement}: {}", kind.first)));
                }
                let bytes = match outcome.output {
                    Output::Unchanged => bytes.clone(),
                    Output::Changed(bytes) => bytes,
                    Output::Dropped => continue,
                };
                run.output.push(Message { signal: *signal, bytes });
            }
            Err(error) => run.errors.push(error.to_string()),
        }
    }
    run
}

struct Judge<'j> {
    suite: &'j Suite,
    case: &'j Case,
    with: &'j Judging<'j>,
    input: &'j [Message],
    run: &'j Run,
    verdict: Verdict,
}

impl Judge<'_> {
    fn find(&mut self, at: Span, message: impl Into<String>, mismatches: Vec<Mismatch>) {
        let at = self.suite.locate(self.case, at.start);
        self.verdict.findings.push(Finding { at, message: message.into(), mismatches });
    }

    fn damaged(&self, error: WireError) -> Diagnostics {
        let message = match error.kind {
            WireErrorKind::TooDeep => {
                "lists and maps of a record lie too deep inside each other to be compared".to_owned()
            }
            _ => format!("the telemetry is damaged: {error}"),
        };
        let at = match &self.case.input {
            Telemetry::File(file) => file.path.span(),
            Telemetry::Given(_) => self.case.at,
        };
        self.suite.fault(Diagnostic::new(Code::INVALID_TELEMETRY, at, message))
    }

    fn errors(&mut self) {
        let Run { errors, failures, .. } = self.run;
        match &self.case.expected.error {
            None => {
                for error in errors {
                    self.find(self.case.at, format!("the message failed: {error}"), Vec::new());
                }
            }
            Some((WantedError::Nothing, at)) => {
                for error in errors.iter().chain(failures) {
                    self.find(*at, format!("nothing should fail: {error}"), Vec::new());
                }
            }
            Some((WantedError::With(part), at)) => {
                let all = || errors.iter().chain(failures);
                if all().any(|error| error.contains(part.as_str())) {
                    return;
                }
                let said = match all().count() {
                    0 => "nothing failed".to_owned(),
                    _ => all().cloned().collect::<Vec<_>>().join("; "),
                };
                let wanted = if part.is_empty() { String::new() } else { format!(" with `{part}`") };
                self.find(*at, format!("an error{wanted} is expected: {said}"), Vec::new());
            }
        }
    }

    fn output(&mut self) -> Result<(), Diagnostics> {
        let Expected { output, count, .. } = &self.case.expected;
        if let Some((wanted, at)) = output {
            let received = &self.run.output;
            if matches!(wanted, Wanted::Unchanged | Wanted::Dropped) && self.placed(self.input)?.is_empty() {
                self.verdict.unasked.push("the input has no records".to_owned());
            }
            let (message, found) = match wanted {
                Wanted::Exactly(telemetry) => {
                    let expected = self.suite.messages(telemetry, self.with)?;
                    let with_groups = match telemetry {
                        Telemetry::Given(document) => document.is_whole,
                        Telemetry::File(_) => true,
                    };
                    ("the output is not as expected", compare(&expected, received, with_groups))
                }
                Wanted::Unchanged => ("something changed", compare(self.input, received, true)),
                Wanted::Dropped => ("the output is not empty", compare(&[], received, false)),
                Wanted::Patched(patch) => {
                    let mut out = Vec::new();
                    for signal in Signal::ALL {
                        let (given, received) = (joined(self.input, signal), joined(received, signal));
                        let given = records(&given).map_err(|error| self.damaged(error))?;
                        let expected = patch.applied(signal, &given).map_err(|(span, message)| {
                            self.suite.fault(Diagnostic::new(Code::INVALID_CASE, span, message))
                        })?;
                        let expected = expected.concat();
                        let pair = records(&expected).and_then(|one| Ok((one, records(&received)?)));
                        pair.and_then(|(one, other)| of_records(signal, &one, &other, &mut out))
                            .map_err(|error| self.damaged(error))?;
                    }
                    ("the output is not the patched input", Ok(out))
                }
                Wanted::Snapshot => {
                    let taken = match Snapshot::of(received) {
                        Ok(taken) => taken,
                        Err(Unwritable::Damaged(error)) => return Err(self.damaged(error)),
                        Err(why) => {
                            let message = format!("the output cannot be stored as a snapshot: {why}");
                            return Err(self.suite.fault(Diagnostic::new(Code::INVALID_TELEMETRY, *at, message)));
                        }
                    };
                    let known = if self.with.update { None } else { self.with.snapshots.of(&self.case.name)? };
                    self.verdict.snapshot = Some(taken);
                    match known {
                        _ if self.with.update => ("", Ok(Vec::new())),
                        None => {
                            self.find(
                                *at,
                                "there is no snapshot yet: run `ottl test --update` to write it",
                                Vec::new(),
                            );
                            ("", Ok(Vec::new()))
                        }
                        Some(known) => {
                            ("the output differs from the snapshot", compare(&known.messages, received, known.is_whole))
                        }
                    }
                }
            };
            let found = found.map_err(|error| self.damaged(error))?;
            if !found.is_empty() {
                self.find(*at, message, found);
            }
        }
        if let Some((wanted, at)) = count {
            let came = self.placed(&self.run.output)?.len() as u64;
            if came != *wanted {
                let what = if *wanted == 1 { "record" } else { "records" };
                self.find(*at, format!("expected {wanted} {what}, got {came}"), Vec::new());
            }
        }
        Ok(())
    }

    fn properties(&mut self) -> Result<(), Diagnostics> {
        let properties = &self.case.expected.properties;
        if properties.is_empty() {
            return Ok(());
        }
        let came = self.placed(&self.run.output)?;
        for property in properties {
            let is_of_input = property.kind == PropertyKind::DroppedOnly;
            let dropped = if is_of_input { self.dropped()? } else { Vec::new() };
            let records = if is_of_input { &dropped } else { &came };
            match property.asked(self.with.compiler, records) {
                Ok(Answer::Holds) => {}
                Ok(Answer::Unasked(note)) => self.verdict.unasked.push(note),
                Ok(Answer::Broken(message, numbers)) => {
                    let shown = numbers.iter().map(|number| records[*number].shown(!is_of_input));
                    let mismatches = shown.collect::<Result<_, _>>().map_err(|error| self.damaged(error))?;
                    self.find(property.span, message, mismatches);
                }
                Err(found) => return Err(Diagnostics::of(self.suite.sources.clone(), found)),
            }
        }
        Ok(())
    }

    /// Records one by one.
    fn placed(&self, messages: &[Message]) -> Result<Vec<Placed>, Diagnostics> {
        let mut out = Vec::new();
        for signal in Signal::ALL {
            let joined = joined(messages, signal);
            let records = records(&joined).map_err(|error| self.damaged(error))?;
            out.extend(records.iter().enumerate().map(|(number, record)| Placed {
                signal,
                place: format!("{}[{number}]", record_name(signal)),
                bytes: record.message(),
            }));
        }
        Ok(out)
    }

    /// The records that did not come out, as they came in: they are known by a number in a field that OTLP does not have.
    fn dropped(&self) -> Result<Vec<Placed>, Diagnostics> {
        let mut out = Vec::new();
        let mut before = [0_usize; Signal::ALL.len()];
        for Message { signal, bytes } in self.input {
            let damaged = |error| self.damaged(error);
            let all = records(bytes).map_err(damaged)?;
            let marked = mark(*signal, bytes, None).map_err(damaged)?.message;
            let kept = match self.with.rules.transform(*signal, &marked).map(|outcome| outcome.output) {
                Ok(Output::Unchanged) => (0..all.len() as u64).collect(),
                Ok(Output::Changed(message)) => numbers(&message).map_err(damaged)?,
                Ok(Output::Dropped) => HashSet::new(),
                // A message that failed dropped nothing by a condition.
                Err(_) => (0..all.len() as u64).collect(),
            };
            let first = before[*signal as usize];
            before[*signal as usize] += all.len();
            let gone = all.iter().enumerate().filter(|(number, _)| !kept.contains(&(*number as u64)));
            out.extend(gone.map(|(number, record)| Placed {
                signal: *signal,
                place: format!("{}[{}]", record_name(*signal), first + number),
                bytes: record.message(),
            }));
        }
        Ok(out)
    }
}

/// The messages of a signal one behind the other, which are one message.
fn joined(messages: &[Message], signal: Signal) -> Vec<u8> {
    let own = messages.iter().filter(|message| message.signal == signal);
    own.flat_map(|message| message.bytes.iter().copied()).collect()
}

/// The numbers that the records of a message have.
fn numbers(message: &[u8]) -> Result<HashSet<u64>, WireError> {
    let mut out = HashSet::new();
    for record in records(message)? {
        let mut reader = Reader::new(record.bytes);
        while let Some(field) = reader.next_field()? {
            if let (RECORD_NUMBER, Payload::Varint(number)) = (field.number, field.payload) {
                out.insert(number);
            }
        }
    }
    Ok(out)
}
