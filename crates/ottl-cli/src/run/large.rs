//! One message that is large: from its bytes in the input to pieces of the output.
//!
//! Text, protobuf form, new protobuf form and new text are never all in memory: a form goes when the next one is there,
//! and text is written while it is made.
//!
//! INVARIANT: memory is at most twice the larger of the message and its new form, and [`SLACK`].
//! INVARIANT: nothing is given away of a message that fails or is dropped.

use std::sync::atomic::Ordering;

use ottl::otlp::edit::Untouched;
use ottl::otlp::framing::Format;
use ottl::otlp::json::{self, Notes, Original};
use ottl::otlp::wire::WireError;
use ottl::otlp::{Signal, schema};

use super::compress;
use super::members::Members;
use super::message::{
    Fault, Incoming, MessageFailure, Settings, Told, damage, delimiter, frame_len, is_text, json_fault, no_frame,
};
use super::pieces::{LEAST, Pieces};
use crate::content::is_json;
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

impl Large {
    /// The same, borrowed.
    pub fn incoming(&self) -> Incoming<'_> {
        let Large { bytes, number, offset, position, format, signal, .. } = self;
        Incoming { bytes, number: *number, offset: *offset, position: *position, format: *format, signal: *signal }
    }
}

/// What is to be written of a message.
pub struct Ready {
    /// The signal of protobuf; text tells it itself.
    pub signal: Option<Signal>,
    form: Form,
}

enum Form {
    /// These, one after the other.
    Bytes([Pieces; 2]),
    /// The text of this protobuf message of this signal, and a line break.
    Json(Signal, Vec<u8>, Option<Source>),
}

/// What a message was read from.
struct Source {
    text: Vec<u8>,
    notes: Notes,
    /// What it was read into; nothing where that is the message still.
    protobuf: Option<Vec<u8>>,
}

impl Source {
    fn original<'a>(&'a self, message: &'a [u8]) -> Original<'a> {
        let protobuf = self.protobuf.as_deref().unwrap_or(message);
        Original { text: &self.text, protobuf, notes: &self.notes, others: false }
    }
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
        if let Some(depth) = self.validate {
            schema::validate_within(signal, &input, depth).map_err(damage).map_err(failed)?;
        }
        let to = self.format(head.format);
        if !is_text(to, head.format, false) {
            let (mut made, mut left) = (Vec::new(), Untouched::new(LEAST));
            match self.transform(signal, &input, worker, &mut made, Some(&mut left)).map_err(failed)? {
                Outcome::Dropped => return Ok(None),
                Outcome::Changed => {}
                Outcome::Unchanged => {
                    left.leave(0, 0, input.len());
                }
            }
            let mut pieces = Pieces { came: input, made, left };
            pieces.release(&self.pool);
            let form = self.protobuf_form(to, pieces).map_err(failed)?;
            return Ok(Some(Ready { signal: Some(signal), form }));
        }
        let mut changed = Vec::new();
        let outcome = self.transform(signal, &input, worker, &mut changed, None).map_err(failed)?;
        let (result, mut spare) = match outcome {
            Outcome::Dropped => return Ok(None),
            Outcome::Changed => (changed, input),
            Outcome::Unchanged => (input, changed),
        };
        spare.clear();
        // Bytes that no rule read have not been checked, and what is written of them cannot be taken back.
        let whole = if outcome == Outcome::Unchanged { damage } else { |error| Fault { at: 0, ..damage(error) } };
        schema::validate(signal, &result).map_err(whole).map_err(failed)?;
        let form = self.text_form(to, signal, result, spare, None).map_err(failed)?;
        Ok(Some(Ready { signal: None, form }))
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
                parts.push((Some(first), protobuf, notes.has_unknown()));
            }
            for signal in others {
                let mut protobuf = read(signal, &mut notes)?;
                protobuf.shrink_to_fit();
                members.add(&notes, signal, message);
                parts.push((Some(signal), protobuf, notes.has_unknown()));
            }
            parts.retain(|(signal, ..)| signal.is_none_or(|signal| !self.leaves_out(signal, head.format)));
        } else {
            // It holds nothing, but it may be damaged.
            let protobuf = read(Signal::Logs, &mut notes)?;
            parts.push((None, protobuf, notes.has_unknown()));
            self.nothing_in(&bytes);
        }
        // The new message is about as large as the old one. Text that does not fit beside both lends it its memory, and what
        // did not change is then written anew, too.
        // PERF: memory that is freed here instead stays with the allocator for a second.
        let size: usize = parts.iter().map(|(_, protobuf, _)| protobuf.len()).sum();
        let fits = 2 * size + size / 8 <= bytes.len() + SLACK;
        let keeps = self.keeps(message);
        let (mut text, mut changed) =
            if is_text && fits && parts.len() == 1 { (Some(bytes), Vec::new()) } else { (None, bytes) };
        changed.clear();
        let mut all = Vec::with_capacity(parts.len());
        let mut is_anew = false;
        for (told, input, is_strange) in parts {
            let mut changed = std::mem::take(&mut changed);
            worker.number_again();
            let outcome = match told {
                Some(signal) => self.transform(signal, &input, worker, &mut changed, None).map_err(failed)?,
                None => Outcome::Unchanged,
            };
            // What a statement sets to what it was is no change either.
            let is_same = text.is_some() && outcome == Outcome::Changed && changed == input;
            let outcome = if is_same { Outcome::Unchanged } else { outcome };
            let (text, notes) = (text.take(), std::mem::take(&mut notes));
            let signal = told.unwrap_or(Signal::Logs);
            let form = match (outcome, text) {
                (Outcome::Dropped, _) => continue,
                (Outcome::Unchanged, Some(text)) if keeps => match to {
                    Format::ZstdFrames => in_frame(&text).map_err(failed)?,
                    _ => Form::Bytes([text.into(), b"\n".to_vec().into()]),
                },
                (Outcome::Unchanged, Some(text)) => {
                    let source = Source { text, notes, protobuf: None };
                    self.text_form(to, signal, input, Vec::new(), Some(source)).map_err(failed)?
                }
                (Outcome::Changed, Some(text))
                    if input.len() + text.len().min(changed.len()) <= text.len().max(changed.len()) + SLACK =>
                {
                    let source = Source { text, notes, protobuf: Some(input) };
                    self.text_form(to, signal, changed, Vec::new(), Some(source)).map_err(failed)?
                }
                (outcome, _) => {
                    is_anew |= is_text && is_strange;
                    let (result, mut spare) =
                        if outcome == Outcome::Unchanged { (input, changed) } else { (changed, input) };
                    spare.clear();
                    let form = match is_text {
                        true => self.text_form(to, signal, result, spare, None),
                        false => self.protobuf_form(to, result.into()),
                    };
                    form.map_err(failed)?
                }
            };
            all.push(Ready { signal: told.filter(|_| !is_text), form });
        }
        self.seen.anew.fetch_add(u64::from(is_anew), Ordering::Relaxed);
        Ok(all)
    }

    /// A message that becomes text, in the output's layout; `spare` is memory that can be used.
    fn text_form(
        &self,
        to: Format,
        signal: Signal,
        result: Vec<u8>,
        mut spare: Vec<u8>,
        source: Option<Source>,
    ) -> Result<Form, Fault> {
        if to != Format::ZstdFrames {
            return Ok(Form::Json(signal, result, source));
        }
        match &source {
            Some(source) => {
                let original = source.original(&result);
                let is_kept = json::from_protobuf_like(signal, &result, original, &mut spare, self.style());
                self.lost(source, is_kept.map_err(damage)?);
            }
            None => json::from_protobuf(signal, &result, &mut spare, self.style()).map_err(damage)?,
        }
        drop(source);
        drop(result);
        in_frame(&spare)
    }

    /// Counts a message whose unknown members were lost because its text could not be looked at.
    fn lost(&self, source: &Source, is_kept: bool) {
        self.seen.anew.fetch_add(u64::from(!is_kept && source.notes.has_unknown()), Ordering::Relaxed);
    }

    /// A message that stays protobuf, in the output's layout.
    fn protobuf_form(&self, to: Format, result: Pieces) -> Result<Form, Fault> {
        Ok(match to {
            // Text is made elsewhere.
            Format::Json | Format::Protobuf => Form::Bytes([result, Pieces::default()]),
            Format::LengthPrefixed => Form::Bytes([frame_len(result.len())?.to_vec().into(), result]),
            Format::Delimited => Form::Bytes([delimiter(result.len()).into(), result]),
            Format::ZstdFrames => in_frame(&result.joined(&self.pool))?,
        })
    }

    /// Gives a message away, piece by piece.
    ///
    /// # Errors
    /// Those of `give`.
    pub fn write_large(
        &self,
        ready: Ready,
        mut give: impl FnMut(Pieces) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let (signal, protobuf, source) = match ready.form {
            Form::Bytes(pieces) => return pieces.into_iter().try_for_each(give),
            Form::Json(signal, protobuf, source) => (signal, protobuf, source),
        };
        let style = self.style();
        let give_piece = |piece: Vec<u8>| give(piece.into()).map_err(Stop::Ended);
        let given = match &source {
            Some(source) => {
                let original = source.original(&protobuf);
                json::stream_from_protobuf_like(signal, &protobuf, original, style, give_piece)
                    .map(|is_kept| self.lost(source, is_kept))
            }
            None => json::stream_from_protobuf(signal, &protobuf, style, give_piece),
        };
        given.map_err(|stop| match stop {
            Stop::Ended(failure) => failure,
            // It was checked, or comes from the JSON reader.
            Stop::Damage(error) => Failure::Failed(damage(error).text),
        })?;
        give(b"\n".to_vec().into())
    }
}

/// A frame of its own for this content.
fn in_frame(content: &[u8]) -> Result<Form, Fault> {
    let frame = compress::frame(content).map_err(no_frame)?;
    Ok(Form::Bytes([frame_len(frame.len())?.to_vec().into(), frame.into()]))
}
