//! One message that is large: from its bytes in the input to pieces of the output.
//!
//! Text, protobuf form, new protobuf form and new text are never all in memory: a form goes when the next one is there,
//! and text is written while it is made.
//!
//! INVARIANT: memory is at most twice the larger of the message and its new form, and [`SLACK`].
//! INVARIANT: nothing is given away of a message that fails or is dropped.

use ottl::otlp::framing::Format;
use ottl::otlp::wire::WireError;
use ottl::otlp::{Signal, json, schema};
use ruzstd::encoding::{CompressionLevel, compress};

use super::message::{
    Fault, Incoming, MessageFailure, Settings, Told, damage, delimiter, frame_len, is_json, json_fault,
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
    /// Its signal, unless nothing in it tells.
    pub signal: Option<Signal>,
    form: Form,
}

enum Form {
    /// These, one after the other.
    Bytes([Vec<u8>; 2]),
    /// The text of this protobuf message, and a line break.
    Json(Vec<u8>),
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
    /// Transforms a message; none when the rules leave nothing of it.
    ///
    /// # Errors
    /// As for [`Settings::process`].
    pub fn transform_large(&self, large: Large, worker: &mut Worker) -> Result<Option<Ready>, MessageFailure> {
        let Large { bytes, number, offset, position, format, signal, .. } = large;
        let head = bytes[..bytes.len().min(64)].to_vec();
        let failure = |(fault, refused)| {
            let message = Incoming { bytes: &head, number, offset, position, format, signal };
            message.failure(self.explained(fault, message), refused)
        };
        self.ready(bytes, format, signal, worker).map_err(failure)
    }

    fn ready(
        &self,
        bytes: Vec<u8>,
        from: Format,
        assumed: Option<Signal>,
        worker: &mut Worker,
    ) -> Result<Option<Ready>, (Fault, bool)> {
        let failed = |fault: Fault| (fault, false);
        let was_json = is_json(from, &bytes);
        let to = self.format(from);
        let json_inside = match to {
            Format::Json => true,
            Format::ZstdFrames => was_json && from == Format::ZstdFrames,
            Format::Protobuf | Format::LengthPrefixed | Format::Delimited => false,
        };
        let mut changed = Vec::new();
        let (told, input, text) = if was_json {
            let signal = match self.told(&bytes, was_json, assumed)? {
                Told::Signal(signal) => Some(signal),
                Told::Nothing => None,
            };
            if signal.is_none() {
                self.nothing_in(&bytes);
            }
            let mut protobuf = Vec::with_capacity(bytes.len());
            let read_as = signal.unwrap_or(Signal::Logs);
            json::to_protobuf(read_as, &bytes, &mut protobuf)
                .map_err(|error| json_fault(&error, read_as, &bytes))
                .map_err(failed)?;
            // The new message is about as large as the old one. Text that does not fit beside both lends it its memory;
            // if the rules then change nothing, the text is made again.
            // PERF: memory that is freed here instead stays with the allocator for a second.
            let fits = 2 * protobuf.len() + protobuf.len() / 8 <= bytes.len() + SLACK;
            let text = if json_inside && fits && self.keeps(&bytes) {
                Some(bytes)
            } else {
                changed = bytes;
                changed.clear();
                None
            };
            (signal, protobuf, text)
        } else {
            let signal = match self.told(&bytes, was_json, assumed)? {
                Told::Signal(signal) => Some(signal),
                Told::Nothing => None,
            };
            if let Some(signal) = signal.filter(|_| self.validate) {
                schema::validate(signal, &bytes).map_err(damage).map_err(failed)?;
            }
            (signal, bytes, None)
        };
        let outcome = match told {
            Some(signal) => self.transform(signal, &input, worker, &mut changed).map_err(failed)?,
            None => Outcome::Unchanged,
        };
        let (result, mut spare, text) = match outcome {
            Outcome::Dropped => return Ok(None),
            Outcome::Changed => (changed, input, None),
            Outcome::Unchanged => (input, changed, text),
        };
        spare.clear();
        let signal = told.unwrap_or(Signal::Logs);
        if json_inside && text.is_none() && !was_json {
            // Bytes that no rule read have not been checked, and what is written of them cannot be taken back.
            let whole = if outcome == Outcome::Unchanged { damage } else { |error| Fault { at: 0, ..damage(error) } };
            schema::validate(signal, &result).map_err(whole).map_err(failed)?;
        }
        let form = self.form(to, json_inside.then_some(signal), result, spare, text).map_err(failed)?;
        Ok(Some(Ready { signal: told, form }))
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
            (Format::Json, None) => Form::Json(result),
            (Format::Protobuf, _) => Form::Bytes([result, Vec::new()]),
            (Format::LengthPrefixed, _) => Form::Bytes([frame_len(result.len())?.to_vec(), result]),
            (Format::Delimited, _) => Form::Bytes([delimiter(result.len()), result]),
            (Format::ZstdFrames, text) => {
                let (content, mut frame) = match (text, json) {
                    (Some(text), _) => (text, result),
                    (None, Some(signal)) => {
                        json::from_protobuf(signal, &result, &mut spare, self.style()).map_err(damage)?;
                        (spare, result)
                    }
                    (None, None) => (result, spare),
                };
                frame.clear();
                compress(&content[..], &mut frame, CompressionLevel::Fastest);
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
        let protobuf = match ready.form {
            Form::Bytes(pieces) => return pieces.into_iter().try_for_each(give),
            Form::Json(protobuf) => protobuf,
        };
        let signal = ready.signal.unwrap_or(Signal::Logs);
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
