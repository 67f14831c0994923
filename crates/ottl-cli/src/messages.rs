//! Messages out of inputs one by one, as protobuf with their signal: for verbs that look at messages and write none.
//!
//! INVARIANT: one message is in memory at a time.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use ottl::otlp::framing::{Format, FrameOptions, Message, foreign};
use ottl::otlp::{Signal, json};

use crate::args::Pprof;
use crate::content::{is_json, oddity};
use crate::failure::Failure;
use crate::input::{Input, paths_or_standard};
use crate::run::is_foreign;
use crate::run::signal::{SignalOfInput, UNKNOWN};
use crate::run::tally::{Failed, Tally};
use crate::terminal::Progress;

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
    /// How many bytes are read at most of an input, and how many its messages may have together, for those who keep them.
    pub bytes: Option<u64>,
    /// Where failures are counted, if they do not end the work.
    pub keep_going: Option<&'r mut Tally>,
    /// Whether one can ask for that.
    pub has_keep_going: bool,
    /// Who is told how many bytes were read.
    pub progress: Option<&'r mut Progress>,
}

/// A message of one signal; one of JSON may be several of these.
pub struct Arrived<'m> {
    pub file: &'m str,
    /// Its number in its input, from 1.
    pub number: u64,
    pub signal: Signal,
    /// What is said of it where it turns out to be no OTLP.
    pub oddity: Option<&'static str>,
    /// As protobuf.
    pub bytes: &'m [u8],
}

/// What a message costs that has no bytes.
const MESSAGE: u64 = 64;

impl<'r> Reading<'r> {
    /// All messages of inputs.
    pub fn of(inputs: &'r [PathBuf], frames: FrameOptions, served: Vec<Signal>) -> Reading<'r> {
        Reading {
            inputs,
            frames,
            pprof: Pprof::No,
            served,
            only: None,
            limit: None,
            bytes: None,
            keep_going: None,
            has_keep_going: false,
            progress: None,
        }
    }

    /// Shows all messages, until it is told that these were enough.
    ///
    /// # Errors
    /// An input cannot be read, or is no OTLP, and what is shown ends it with. Where the work goes on, these are counted instead.
    pub fn each(mut self, mut see: impl FnMut(Arrived<'_>) -> Result<ControlFlow<()>, Failure>) -> Result<(), Failure> {
        let mut left = self.limit.unwrap_or(u64::MAX);
        for path in paths_or_standard(self.inputs) {
            let flow = self.input(&path, &mut left, &mut see).or_else(|failure| self.passed(failure))?;
            if flow.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Shows the messages of an input.
    fn input(
        &mut self,
        path: &Path,
        left: &mut u64,
        see: &mut impl FnMut(Arrived<'_>) -> Result<ControlFlow<()>, Failure>,
    ) -> Result<ControlFlow<()>, Failure> {
        let mut input = Input::open(path, self.frames, self.pprof)?;
        let file = input.name().clone();
        let mut told = SignalOfInput::new(self.served.clone(), self.only);
        let (mut number, mut read, mut held) = (0, 0, 0);
        loop {
            let part = input.read()?;
            read += part.unwrap_or(0) as u64;
            if let Some(progress) = &mut self.progress {
                progress.advance(part.unwrap_or(0));
            }
            loop {
                if *left == 0 {
                    return Ok(ControlFlow::Break(()));
                }
                let message = match input.next() {
                    Ok(Some(message)) => message,
                    Ok(None) => break,
                    Err(error) => return Err(input.explained(error, self.keep_going.is_some() || !self.has_keep_going)),
                };
                (number, *left) = (number + 1, *left - 1);
                held += message.bytes.len() as u64 + MESSAGE;
                self.bounded(&file, held)?;
                let shown = signals_of(&file, number, &message, &mut told).and_then(|parts| {
                    for (signal, bytes) in parts {
                        let oddity = oddity(message.format, message.bytes);
                        if see(Arrived { file: &file, number, signal, oddity, bytes: &bytes })?.is_break() {
                            return Ok(ControlFlow::Break(()));
                        }
                    }
                    Ok(ControlFlow::Continue(()))
                });
                if shown.or_else(|failure| self.passed(failure))?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            self.bounded(&file, read)?;
            if part.is_none() {
                return Ok(ControlFlow::Continue(()));
            }
        }
    }

    /// Refuses more bytes than were allowed.
    fn bounded(&self, file: &str, bytes: u64) -> Result<(), Failure> {
        match self.bytes.filter(|most| bytes > *most) {
            Some(most) => {
                Err(Failure::Failed(format!("{file}: more than {} MiB are too much to keep in memory", most >> 20)))
            }
            None => Ok(()),
        }
    }

    /// Counts a failure, if the work goes on after it.
    fn passed(&mut self, failure: Failure) -> Result<ControlFlow<()>, Failure> {
        match (&mut self.keep_going, failure) {
            (Some(tally), Failure::Failed(text)) => {
                tally.add(Failed::whole(text));
                Ok(ControlFlow::Continue(()))
            }
            (_, failure) => Err(failure),
        }
    }
}

/// The messages that one is: JSON may hold several signals.
fn signals_of(
    file: &str,
    number: u64,
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
    if number == 1
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a file; how many messages came, and how it ended.
    fn read(text: &str, with: impl FnOnce(&mut Reading<'_>)) -> (u64, Result<(), String>) {
        let path = std::env::temp_dir().join(format!("ottl-messages-{}-{}.jsonl", std::process::id(), text.len()));
        std::fs::write(&path, text).expect("a writable file");
        let inputs = [path.clone()];
        let mut reading = Reading::of(&inputs, FrameOptions::default(), vec![Signal::Logs]);
        with(&mut reading);
        let mut count = 0;
        let read = reading.each(|_| {
            count += 1;
            Ok(ControlFlow::Continue(()))
        });
        let _ = std::fs::remove_file(&path);
        (count, read.map_err(|failure| failure.to_string()))
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let line = "{\"resourceLogs\":[]}\n";
        let text = line.repeat(3 << 20 >> 5);
        let (count, ended) = read(&text, |reading| reading.bytes = Some(1 << 20));
        assert!(ended.as_ref().is_err_and(|why| why.contains(": more than 1 MiB are")), "{ended:?}");
        assert!((1000..1 << 20).contains(&count), "small messages have a cost, too: {count}");
        // Text without any message.
        let (count, ended) = read(&"\n".repeat(3 << 20), |reading| reading.bytes = Some(1 << 20));
        assert!(ended.is_err() && count == 0, "{ended:?}");
        let (count, ended) = read(&text, |reading| reading.bytes = Some(1 << 30));
        assert_eq!((count, ended), (3 << 20 >> 5, Ok(())));
    }

    #[test]
    fn what_cannot_be_read_is_passed_over() {
        let text = "{\"resourceLogs\":[]}\n{\"resourceLogs\":7}\n{\"resourceLogs\":[ ]}\n";
        let (count, ended) = read(text, |_| {});
        assert!(count == 1 && ended.is_err_and(|why| why.contains(".jsonl:2:17: ")), "{count}");
        let mut tally = Tally::new(crate::args::ReportForm::Text);
        let path = std::env::temp_dir().join(format!("ottl-passed-{}.jsonl", std::process::id()));
        std::fs::write(&path, text).expect("a writable file");
        let inputs = [path.clone(), PathBuf::from("/nowhere/at/all.jsonl")];
        let mut count = 0;
        let reading = Reading {
            keep_going: Some(&mut tally),
            ..Reading::of(&inputs, FrameOptions::default(), vec![Signal::Logs])
        };
        let read = reading.each(|_| {
            count += 1;
            Ok(ControlFlow::Continue(()))
        });
        let _ = std::fs::remove_file(&path);
        assert!(read.is_ok());
        assert_eq!((count, tally.total()), (2, 2));
    }
}
