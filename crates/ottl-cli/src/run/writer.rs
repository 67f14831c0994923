//! Results in order: what is written, what cannot stand beside it, and which messages failed.

use ottl::otlp::Signal;
use ottl::otlp::framing::Format;
use serde_json::json;

use super::message::{Layout, Member, MessageFailure, Settings};
use super::output::Output;
use super::pipeline::Done;
use super::tally::{Failed, Tally};
use crate::args::ReportForm;
use crate::failure::{Failure, Status};
use crate::limits;

/// Takes results in order and writes them.
pub struct Writer<'s, 'p> {
    output: Output,
    settings: &'s Settings<'p>,
    form: ReportForm,
    begun: bool,
    /// The signal of what was written so far.
    signal: Option<Signal>,
    messages: u64,
    /// Bytes that were written, before compression.
    bytes: u64,
    /// Bytes that one message may have for whoever reads it again.
    most: u64,
    failed: Tally,
}

impl<'s, 'p> Writer<'s, 'p> {
    /// A writer to this output; failures are said in this form.
    pub fn new(output: Output, settings: &'s Settings<'p>, form: ReportForm, most: usize) -> Writer<'s, 'p> {
        Writer {
            output,
            settings,
            form,
            begun: false,
            signal: None,
            messages: 0,
            bytes: 0,
            most: most as u64,
            failed: Tally::new(form),
        }
    }

    /// How many messages failed.
    pub fn failed(&self) -> u64 {
        self.failed.total()
    }

    fn begin(&mut self) -> Result<(), Failure> {
        if !self.begun
            && let Some(layout) = self.settings.layout.get()
        {
            self.output.compress(*layout, self.settings.threads)?;
        }
        self.begun = true;
        Ok(())
    }

    /// Writes a result.
    ///
    /// # Errors
    /// It cannot be written, or it ends the run.
    pub fn take(&mut self, done: Done) -> Result<(), Failure> {
        self.begin()?;
        for (signal, messages) in &done.signals {
            self.fits(*signal, *messages)?;
        }
        let deflated = done.deflated.as_ref();
        self.bytes += deflated.map_or(done.out.len(), |deflated| deflated.len) as u64;
        self.stays_readable()?;
        match deflated {
            Some(deflated) => self.output.put_deflated(&done.out.made, &deflated.crc)?,
            None => self.output.write(&done.out)?,
        }
        done.out.give_back(&self.settings.pool);
        for message in &done.failures {
            let text = describe(&done.file, message);
            if message.refused {
                return Err(Failure::Refused(text));
            }
            if !self.settings.keep_going && self.form == ReportForm::Text {
                return Err(Failure::Failed(format!(
                    "{text}; --keep-going leaves such messages out and keeps the others"
                )));
            }
            let record = record(&done.file, message);
            self.failed.add(Failed { what: message.text.clone(), text, record });
            if !self.settings.keep_going {
                return Err(Failure::Reported(Status::Failed));
            }
        }
        Ok(())
    }

    /// Whether messages of this signal can stand beside those that were written.
    fn fits(&mut self, signal: Signal, messages: u64) -> Result<(), Failure> {
        let Some(Layout { format, .. }) = self.settings.layout.get() else { return Ok(()) };
        let before = *self.signal.get_or_insert(signal);
        self.messages += messages;
        if *format == Format::Json {
            return Ok(());
        }
        if before != signal {
            let (one, other) = (before.name(), signal.name());
            let text = format!("{one} and {other} cannot be told apart in protobuf: write them with --to json");
            return Err(Failure::Failed(text));
        }
        if *format == Format::Protobuf && signal == Signal::Profiles && self.messages > 1 {
            let text = "several messages of profiles do not make one: write them with --to framed";
            return Err(Failure::Failed(text.to_owned()));
        }
        Ok(())
    }

    /// Protobuf messages that follow each other are one message, which must not be larger than one may be.
    fn stays_readable(&self) -> Result<(), Failure> {
        let is_one = self.settings.layout.get().is_some_and(|layout| layout.format == Format::Protobuf);
        if !is_one || self.bytes <= self.most {
            return Ok(());
        }
        let text = "together the messages are larger than one that can be read again: write them with --to framed; limit \
                    reached: message_bytes";
        let advice = limits::advice("message_bytes").unwrap_or_default();
        Err(Failure::Failed(format!("{text}{advice}")))
    }

    /// Says what is left to say of failures.
    pub fn conclude(&mut self) {
        self.failed.finish();
    }

    /// Ends the output.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(mut self) -> Result<(), Failure> {
        self.begin()?;
        self.output.finish()
    }
}

fn describe(file: &str, failure: &MessageFailure) -> String {
    let MessageFailure { number, offset, in_frame, line, member, text, .. } = failure;
    let at = if *in_frame { "its frame is at byte" } else { "at byte" };
    let Some(Member { path, line, column }) = member else {
        let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
        return format!("{file}: message {number} ({at} {offset}{line}): {text}");
    };
    let of_message = if *in_frame { " of the message" } else { "" };
    let path = if path.is_empty() { String::new() } else { format!("{path}: ") };
    format!(
        "{file}: message {number} ({at} {offset}, column {column}) is no OTLP/JSON: line {line}{of_message}: {path}{text}"
    )
}

fn record(file: &str, failure: &MessageFailure) -> serde_json::Value {
    let MessageFailure { number, offset, line, member, text, .. } = failure;
    let mut record =
        json!({ "severity": "error", "file": file, "message_number": number, "offset": offset, "message": text });
    if let Some(line) = line {
        record["line"] = (*line).into();
    }
    if let Some(Member { path, line, column }) = member {
        record["message"] = format!("this is no OTLP/JSON: {text}").into();
        record["path"] = path.as_str().into();
        record["line"] = (*line).into();
        record["column"] = (*column).into();
    }
    record
}
