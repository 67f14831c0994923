//! Compiled rules, and what a run of them gives.

use std::cell::RefCell;

use ottl::{Call, ClientInfo, Error, Output, Report, RuleSet, Scratch, Signal, Status, TraceOptions};
use serde::Serialize;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::comparison::Comparison;
use crate::json;
use crate::messages::{Encoding, Read, signal, signal_of};
use crate::telemetry::{Message, Telemetry};

/// Records among which the one that failed is looked for.
const MOST_LOOKED_AT: u64 = 2000;

/// Compiled rules.
#[wasm_bindgen]
pub struct Rules {
    rules: RuleSet,
    scratch: RefCell<Scratch>,
    client: Option<ClientInfo>,
}

impl Rules {
    pub(crate) fn new(rules: RuleSet) -> Rules {
        Rules { rules, scratch: RefCell::new(Scratch::new()), client: None }
    }
}

/// What went wrong with a message.
#[derive(Serialize)]
struct Fault<'f> {
    message: String,
    /// `damaged`, `statement`, `limit` or `other`.
    kind: &'static str,
    statement: Option<&'f str>,
    line: Option<u32>,
    column: Option<u32>,
    /// The record, such as `resourceLogs[0].scopeLogs[0].logRecords[0]`.
    place: Option<String>,
    /// The same as its numbers: of the message, and of the record in it.
    record: Option<(usize, u64)>,
}

impl<'f> Fault<'f> {
    fn damaged(message: String) -> Fault<'f> {
        Fault { message, kind: "damaged", statement: None, line: None, column: None, place: None, record: None }
    }

    fn of(error: &'f Error) -> Fault<'f> {
        let statement = error.statement();
        let location = statement.as_ref().map(|statement| statement.location());
        Fault {
            message: error.to_string(),
            kind: match () {
                () if error.is_statement() => "statement",
                () if error.is_limit() => "limit",
                () if error.is_damaged() => "damaged",
                () => "other",
            },
            line: location.map(|location| location.line),
            column: location.map(|location| location.column),
            place: error.place().map(|place| place.to_string()),
            statement: statement.map(|statement| statement.text()),
            record: None,
        }
    }

    /// With the number of the record that it was at, as traces count them; of a resource the first in it.
    fn in_message(mut self, number: usize, message: &Message) -> Fault<'f> {
        let outline = message.outline();
        let lies_in = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let is_at = |at: &str, record: u64| {
            outline.place_of(record, "").is_some_and(|place| lies_in(at, &place) || lies_in(&place, at))
        };
        // Each one is looked for from the beginning.
        let mut records = 0..message.numbered.records.min(MOST_LOOKED_AT);
        let found = self.place.as_deref().and_then(|at| records.find(|record| is_at(at, *record)));
        self.record = found.and_then(|record| Some((number, outline.traced_record(record)?)));
        self
    }
}

/// A statement or condition, and where it stands.
#[derive(Serialize)]
struct Row<'r> {
    text: &'r str,
    processor: &'r str,
    line: u32,
    column: u32,
}

#[wasm_bindgen]
impl Rules {
    /// The signals that have rules, as JSON.
    pub fn signals(&self) -> String {
        json::text(&self.rules.signals().map(Signal::name).collect::<Vec<_>>())
    }

    /// The statements and conditions that messages of a signal meet, as JSON.
    ///
    /// # Errors
    /// A signal that does not exist.
    pub fn statements(&self, name: &str) -> Result<String, JsError> {
        let signal = signal(name).map_err(|error| JsError::new(&error))?;
        let row = |statement: ottl::StatementRef<'_>| {
            let place = statement.location();
            json::text(&Row {
                text: statement.text(),
                processor: statement.processor(),
                line: place.line,
                column: place.column,
            })
        };
        let rows: Vec<String> = self.rules.statements(signal).map(row).collect();
        Ok(format!("[{}]", rows.join(",")))
    }

    /// What the engine made of the rules, as text for people.
    pub fn explain(&self) -> String {
        self.rules.explain()
    }

    /// A value of the calling client's metadata, for `otelcol.client.metadata`.
    pub fn metadata(&mut self, key: &str, value: String) {
        let client = self.client.get_or_insert_default();
        match client.metadata.iter_mut().find(|(known, _)| known == key) {
            Some((_, values)) => values.push(value),
            None => client.metadata.extend([(key.to_owned(), vec![value])]),
        }
    }

    /// Runs the rules over one message. `name` is the signal, which JSON tells; `from` is how the message is encoded, which its bytes tell;
    /// `to` is how the result shall be, by default as the message.
    ///
    /// # Errors
    /// Names that do not exist, a signal that cannot be told. What is wrong with the message is in the result.
    pub fn run(
        &self,
        message: &[u8],
        name: Option<String>,
        from: Option<String>,
        to: Option<String>,
    ) -> Result<Run, JsError> {
        let named = || {
            let from = from.as_deref().map_or(Ok(Encoding::of(message)), Encoding::by_name)?;
            let to = to.as_deref().map_or(Ok(from), Encoding::by_name)?;
            Ok((signal_of(name.as_deref(), message, from)?, from, to))
        };
        let (signal, from, to) = named().map_err(|error: String| JsError::new(&error))?;
        let mut report = Report::new();
        let (status, output, fault) = match self.outcome(message, signal, from, to, &mut report) {
            Ok((status, output)) => (status, output, None),
            Err(fault) => ("failed", None, Some(fault)),
        };
        Ok(Run { signal, status, output, fault, report: json::text(&report) })
    }
}

#[wasm_bindgen]
impl Rules {
    /// What each statement did with each record of a message, as JSON. `records` and `statement` are the numbers of those that are
    /// wanted, all by default; at most so many steps are kept as `most` says.
    ///
    /// # Errors
    /// Names that do not exist, a signal that cannot be told, a damaged message.
    pub fn trace(
        &self,
        message: &[u8],
        name: Option<String>,
        from: Option<String>,
        records: Option<Vec<u32>>,
        statement: Option<u32>,
        most: Option<u32>,
    ) -> Result<String, JsError> {
        let read = || {
            let from = from.as_deref().map_or(Ok(Encoding::of(message)), Encoding::by_name)?;
            let signal = signal_of(name.as_deref(), message, from)?;
            Ok((signal, Read::new(signal, message, from)?))
        };
        let (signal, read) = read().map_err(|error: String| JsError::new(&error))?;
        self.traced(signal, read.protobuf(message), (records, statement, most))
    }

    /// The same for a message that was read before.
    ///
    /// # Errors
    /// There is no such message.
    #[wasm_bindgen(js_name = traceOf)]
    pub fn trace_of(
        &self,
        telemetry: &Telemetry,
        message: u32,
        records: Option<Vec<u32>>,
        statement: Option<u32>,
        most: Option<u32>,
    ) -> Result<String, JsError> {
        let message = telemetry.message(message)?;
        self.traced(message.signal, message.read.protobuf(&message.bytes), (records, statement, most))
    }

    /// Runs the rules over all messages, and compares what comes out; at most so many changes are listed.
    pub fn compare(&self, telemetry: &Telemetry, most: u32) -> Comparison {
        let (mut report, mut comparison) = (Report::new(), Comparison::new(most as usize));
        for (number, message) in telemetry.messages().iter().enumerate() {
            let call = Call { client: self.client.as_ref(), ..Call::from(message.signal) };
            let (mut scratch, mut new) = (self.scratch.borrow_mut(), Vec::new());
            let status =
                self.rules.transform_into(call, &message.numbered.message, &mut scratch, &mut new, &mut report);
            match status {
                Ok(Status::Unchanged) => comparison.add(message, Output::Unchanged),
                Ok(Status::Changed) => comparison.add(message, Output::Changed(new)),
                Ok(Status::Dropped) => comparison.add(message, Output::Dropped),
                Err(error) => {
                    comparison.fail(json::text(&Fault::of(&error).in_message(number, message)));
                    break;
                }
            }
        }
        comparison.end(json::text(&report));
        comparison
    }
}

impl Rules {
    fn traced(
        &self,
        signal: Signal,
        protobuf: &[u8],
        (records, statement, most): (Option<Vec<u32>>, Option<u32>, Option<u32>),
    ) -> Result<String, JsError> {
        let default = TraceOptions::default();
        let options = TraceOptions {
            records: records.map(|records| records.into_iter().map(u64::from).collect()),
            statement: statement.map(|statement| statement as usize),
            most: most.map_or(default.most, |most| most as usize),
        };
        let call = Call { client: self.client.as_ref(), ..Call::from(signal) };
        let trace = self.rules.trace(call, protobuf, &options);
        trace.map(|trace| json::text(&trace)).map_err(|error| JsError::new(&error.to_string()))
    }

    fn outcome(
        &self,
        message: &[u8],
        signal: Signal,
        from: Encoding,
        to: Encoding,
        report: &mut Report,
    ) -> Result<(&'static str, Option<Vec<u8>>), String> {
        let damaged = |error| json::text(&Fault::damaged(error));
        let read = Read::new(signal, message, from).map_err(damaged)?;
        let call = Call { client: self.client.as_ref(), ..Call::from(signal) };
        let (mut scratch, mut new) = (self.scratch.borrow_mut(), Vec::new());
        let status = self.rules.transform_into(call, read.protobuf(message), &mut scratch, &mut new, report);
        let (status, new) = match status.map_err(|error| json::text(&Fault::of(&error)))? {
            Status::Dropped => return Ok(("dropped", None)),
            Status::Changed => ("changed", new),
            // The message is the result; in another encoding, or laid out in another way, it is written anew.
            Status::Unchanged if from == to => return Ok(("unchanged", None)),
            Status::Unchanged => ("unchanged", read.protobuf(message).to_vec()),
        };
        Ok((status, Some(read.write(signal, message, new, to).map_err(damaged)?)))
    }
}

/// What became of a message.
#[wasm_bindgen]
pub struct Run {
    signal: Signal,
    status: &'static str,
    output: Option<Vec<u8>>,
    fault: Option<String>,
    report: String,
}

#[wasm_bindgen]
impl Run {
    /// The message's signal.
    #[wasm_bindgen(getter)]
    pub fn signal(&self) -> String {
        self.signal.name().to_owned()
    }

    /// `unchanged`, `changed`, `dropped` or `failed`.
    #[wasm_bindgen(getter)]
    pub fn status(&self) -> String {
        self.status.to_owned()
    }

    /// The new message; none where it is the old one as it was, or nothing. It can be taken once.
    #[wasm_bindgen(js_name = takeOutput)]
    pub fn take_output(&mut self) -> Option<Vec<u8>> {
        self.output.take()
    }

    /// Why the message failed, as JSON.
    #[wasm_bindgen(getter)]
    pub fn fault(&self) -> Option<String> {
        self.fault.clone()
    }

    /// Counters and errors of all statements, as JSON.
    #[wasm_bindgen(getter)]
    pub fn report(&self) -> String {
        self.report.clone()
    }
}
