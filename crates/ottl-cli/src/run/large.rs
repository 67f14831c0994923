//! One message that is large: from its bytes in the input to pieces of the output.
//!
//! Text, protobuf form, new protobuf form and new text are never all in memory: a form goes when the next one is there,
//! and text is written while it is made.
//!
//! INVARIANT: memory is at most twice the larger of the message and its new form, and [`SLACK`].
//! INVARIANT: nothing is given away of a message that fails or is dropped.

use ottl::otlp::framing::Format;
use ottl::otlp::json::{self, Notes};
use ottl::otlp::wire::WireError;
use ottl::otlp::{Signal, schema};

use super::compress;
use super::members::Members;
use super::message::{
    Fault, Incoming, MessageFailure, Settings, Told, damage, delimiter, frame_len, is_json, is_text, json_fault,
    no_frame,
};
use crate::failure::Failure;
use crate::rules::{Outcome, Worker};

/// What may be used beyond twice the message, so that the text of one that does not change can be kept.
const SLACK: usize = 16 << 20;

/// A large message, in memory of its own.
pub struct Large {
    /// Its bytes without frame and compression.
    pub bytes: Vec<u8>,
    /// See [`Incoming::number`].
    pub number: u64,
    /// How many numbers of the run come before those of its input.
    pub before: u64,
    /// See [`Incoming::offset`].
    pub offset: u64,
    /// See [`Incoming::position`].
    pub position: Option<(u64, u64)>,
    /// The format of its input.
    pub format: Format,
    /// See [`Incoming::signal`].
    pub signal: Option<Signal>,
}

/// What is to be written of a message.
pub struct Ready {
    /// The signal of protobuf; text tells it itself.
    pub signal: Option<Signal>,
    form: Form,
}

enum Form {
    /// These, one after the other.
    Bytes([Vec<u8>; 2]),
    /// The text of this protobuf message of this signal, and a line break.
    Json(Signal, Vec<u8>),
}

/// The error of a writer that is given pieces.
enum Stop {
    Damage(WireError),
    Ended(Failure),
}

impl From<WireError> for Stop {
    fn from(error: WireError) -> Stop {
        Stop::Damage(error)
    }
}

impl Settings<'_> {
    /// Transforms a message: what is to be written of it, signal by signal.
    ///
    /// # Errors
    /// As for [`Settings::process`].
    pub fn transform_large(
        &self,
        large: Large,
        worker: &mut Worker,
        members: &mut Members,
    ) -> Result<Vec<Ready>, MessageFailure> {
        let Large { bytes, number, offset, position, format, signal, .. } = large;
        let head = bytes[..bytes.len().min(64)].to_vec();
        let incoming = |bytes| Incoming { bytes, number, offset, position, format, signal };
        let ready = if is_json(format, &bytes) {
            self.ready_json(bytes, incoming(&head), worker, members)
        } else {
            self.ready_protobuf(bytes, incoming(&head), worker).map(|ready| ready.into_iter().collect())
        };
        ready.map_err(|(fault, refused)| incoming(&head).failure(self.explained(fault, incoming(&head)), refused))
    }

    fn ready_protobuf(
        &self,
        input: Vec<u8>,
        head: Incoming<'_>,
        worker: &mut Worker,
    ) -> Result<Option<Ready>, (Fault, bool)> {
        let failed = |fault: Fault| (fault, false);
        let Told::Signal(signal) = self.told(&input, false, head.signal)? else { return Ok(None) };
        if self.validate {
            schema::validate(signal, &input).map_err(damage).map_err(failed)?;
        }
        let to = self.format(head.format);
        let mut changed = Vec::new();
        let outcome = self.transform(signal, &input, worker, &mut changed).map_err(failed)?;
        let (result, mut spare) = match outcome {
            Outcome::Dropped => return Ok(None),
            Outcome::Changed => (changed, input),
            Outcome::Unchanged => (input, changed),
        };
        spare.clear();
        let is_text = is_text(to, head.format, false);
        if is_text {
            // Bytes that no rule read have not been checked, and what is written of them cannot be taken back.
            let whole = if outcome == Outcome::Unchanged { damage } else { |error| Fault { at: 0, ..damage(error) } };
            schema::validate(signal, &result).map_err(whole).map_err(failed)?;
        }
        let form = self.form(to, is_text.then_some(signal), result, spare, None).map_err(failed)?;
        Ok(Some(Ready { signal: Some(signal).filter(|_| !is_text), form }))
    }

    fn ready_json(
        &self,
        bytes: Vec<u8>,
        head: Incoming<'_>,
        worker: &mut Worker,
        members: &mut Members,
    ) -> Result<Vec<Ready>, (Fault, bool)> {
        let failed = |fault: Fault| (fault, false);
        let message = Incoming { bytes: &bytes, ..head };
        let mut notes = Notes::default();
        let read = |signal: Signal, notes: &mut Notes| {
            let mut protobuf = Vec::with_capacity(bytes.len());
            json::read(signal, &bytes, &mut protobuf, notes)
                .map_err(|error| json_fault(&error, signal, &bytes))
                .map_err(failed)?;
            Ok(protobuf)
        };
        let to = self.format(head.format);
        let is_text = is_text(to, head.format, true);
        let mut parts = Vec::new();
        if let Told::Signal(first) = self.told(&bytes, true, head.signal)? {
            let protobuf = read(first, &mut notes)?;
            let others = notes.others().to_vec();
            // An empty list beside another signal is nothing.
            if others.is_empty() || !protobuf.is_empty() {
                members.add(&notes, first, message);
                parts.push((Some(first), protobuf));
            }
            for signal in others {
                let mut protobuf = read(signal, &mut notes)?;
                protobuf.shrink_to_fit();
                members.add(&notes, signal, message);
                parts.push((Some(signal), protobuf));
            }
            parts.retain(|(signal, _)| signal.is_none_or(|signal| !self.leaves_out(signal, head.format)));
        } else {
            // It holds nothing, but it may be damaged.
            parts.push((None, read(Signal::Logs, &mut notes)?));
            self.nothing_in(&bytes);
        }
        // The new message is about as large as the old one. Text that does not fit beside both lends it its memory;
        // if the rules then change nothing, the text is made again.
        // PERF: memory that is freed here instead stays with the allocator for a second.
        let size: usize = parts.iter().map(|(_, protobuf)| protobuf.len()).sum();
        let fits = 2 * size + size / 8 <= bytes.len() + SLACK;
        let keeps = is_text && fits && parts.len() == 1 && self.keeps(message);
        let (mut text, mut changed) = if keeps { (Some(bytes), Vec::new()) } else { (None, bytes) };
        changed.clear();
        let mut all = Vec::with_capacity(parts.len());
        for (told, input) in parts {
            let mut changed = std::mem::take(&mut changed);
            worker.number_again();
            let outcome = match told {
                Some(signal) => self.transform(signal, &input, worker, &mut changed).map_err(failed)?,
                None => Outcome::Unchanged,
            };
            let (result, mut spare, text) = match outcome {
                Outcome::Dropped => continue,
                Outcome::Changed => (changed, input, None),
                Outcome::Unchanged => (input, changed, text.take()),
            };
            spare.clear();
            let signal = told.unwrap_or(Signal::Logs);
            let form = self.form(to, is_text.then_some(signal), result, spare, text).map_err(failed)?;
            all.push(Ready { signal: told.filter(|_| !is_text), form });
        }
        Ok(all)
    }

    /// The message in the output's layout: `result` is its protobuf form, `text` what it was and still is; `json` is the
    /// signal of a message that is to be text, and `spare` memory that can be used.
    fn form(
        &self,
        to: Format,
        json: Option<Signal>,
        result: Vec<u8>,
        mut spare: Vec<u8>,
        text: Option<Vec<u8>>,
    ) -> Result<Form, Fault> {
        Ok(match (to, text) {
            (Format::Json, Some(text)) => Form::Bytes([text, b"\n".to_vec()]),
            (Format::Json, None) => Form::Json(json.unwrap_or(Signal::Logs), result),
            (Format::Protobuf, _) => Form::Bytes([result, Vec::new()]),
            (Format::LengthPrefixed, _) => Form::Bytes([frame_len(result.len())?.to_vec(), result]),
            (Format::Delimited, _) => Form::Bytes([delimiter(result.len()), result]),
            (Format::ZstdFrames, text) => {
                let content = match (text, json) {
                    (Some(text), _) => text,
                    (None, Some(signal)) => {
                        json::from_protobuf(signal, &result, &mut spare, self.style()).map_err(damage)?;
                        spare
                    }
                    (None, None) => result,
                };
                let frame = compress::frame(&content).map_err(no_frame)?;
                Form::Bytes([frame_len(frame.len())?.to_vec(), frame])
            }
        })
    }

    /// Gives a message away, piece by piece.
    ///
    /// # Errors
    /// Those of `give`.
    pub fn write_large(
        &self,
        ready: Ready,
        mut give: impl FnMut(Vec<u8>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let (signal, protobuf) = match ready.form {
            Form::Bytes(pieces) => return pieces.into_iter().try_for_each(give),
            Form::Json(signal, protobuf) => (signal, protobuf),
        };
        json::stream_from_protobuf(signal, &protobuf, self.style(), |piece| give(piece).map_err(Stop::Ended)).map_err(
            |stop| match stop {
                Stop::Ended(failure) => failure,
                // It was checked, or comes from the JSON reader.
                Stop::Damage(error) => Failure::Failed(damage(error).text),
            },
        )?;
        give(b"\n".to_vec())
    }
}
