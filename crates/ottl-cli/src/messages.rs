//! Messages out of inputs one by one, as protobuf with their signal: for verbs that look at messages and write none.
//!
//! INVARIANT: one message is in memory at a time.

use std::ops::ControlFlow;
use std::path::PathBuf;

use ottl::otlp::framing::{Format, FrameOptions, Message, foreign};
use ottl::otlp::{Signal, json};

use crate::args::Pprof;
use crate::failure::Failure;
use crate::input::{Input, paths_or_standard};
use crate::run::is_foreign;
use crate::run::message::is_json;
use crate::run::signal::{SignalOfInput, UNKNOWN};

/// What is read, and how.
pub struct Reading<'r> {
    /// Files; none is standard input.
    pub inputs: &'r [PathBuf],
    pub frames: FrameOptions,
    pub pprof: Pprof,
    /// The signals that have rules, for protobuf, which does not name its own.
    pub served: Vec<Signal>,
    /// The signal that was asked for.
    pub only: Option<Signal>,
    /// How many messages are read at most.
    pub limit: Option<u64>,
}

/// A message of one signal; one of JSON may be several of these.
pub struct Arrived<'m> {
    pub file: &'m str,
    /// Its number in its input, from 1.
    pub number: u64,
    pub signal: Signal,
    /// As protobuf.
    pub bytes: &'m [u8],
}

impl Reading<'_> {
    /// Shows all messages, until it is told that these were enough.
    ///
    /// # Errors
    /// An input cannot be read, or is no OTLP, and what is shown ends it with.
    pub fn each(self, mut see: impl FnMut(Arrived<'_>) -> Result<ControlFlow<()>, Failure>) -> Result<(), Failure> {
        let mut left = self.limit.unwrap_or(u64::MAX);
        for path in paths_or_standard(self.inputs) {
            let mut input = Input::open(&path, self.frames, self.pprof)?;
            let file = input.name().clone();
            let mut told = SignalOfInput::new(self.served.clone(), self.only);
            let mut number = 0;
            loop {
                let ended = input.read()?.is_none();
                loop {
                    if left == 0 {
                        return Ok(());
                    }
                    let message = match input.next() {
                        Ok(Some(message)) => message,
                        Ok(None) => break,
                        Err(error) => return Err(input.explained(error, false)),
                    };
                    (number, left) = (number + 1, left - 1);
                    for (signal, bytes) in signals_of(&file, number == 1, &message, &mut told)? {
                        if see(Arrived { file: &file, number, signal, bytes: &bytes })?.is_break() {
                            return Ok(());
                        }
                    }
                }
                if ended {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// The messages that one is: JSON may hold several signals.
fn signals_of(
    file: &str,
    is_first: bool,
    message: &Message<'_>,
    told: &mut SignalOfInput,
) -> Result<Vec<(Signal, Vec<u8>)>, Failure> {
    let Message { bytes, format, position, .. } = *message;
    if is_json(format, bytes) {
        return json::messages(bytes).map_err(|error| {
            let (line, column) = error.line_column(bytes);
            let line = position.map_or(1, |(line, _)| line) as usize + line - 1;
            Failure::Failed(format!("{file}:{line}:{column}: {error}"))
        });
    }
    if is_first
        && format != Format::Json
        && let Some(foreign) = foreign(bytes)
    {
        return Err(Failure::Failed(is_foreign(file, foreign)));
    }
    match told.settle(file, format, bytes)? {
        Some(signal) => Ok(vec![(signal, bytes.to_vec())]),
        None => Err(Failure::Refused(UNKNOWN.to_owned())),
    }
}
