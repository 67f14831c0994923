//! One message: from its bytes in the input to its bytes in the output.
//!
//! INVARIANT: a message that fails or is dropped leaves the output as it was.

use std::sync::OnceLock;

use ottl::otlp::framing::{Compression, Format, detect, signal_of_json};
use ottl::otlp::json::{self, Style};
use ottl::otlp::{Signal, schema};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::pipeline::Pool;
use crate::rules::{Outcome, Program, Worker};

/// What to do with messages, the same for all of a run.
pub struct Settings<'p> {
    /// The rules.
    pub program: &'p Program,
    /// The only signal that the rules are applied to, when one was asked for.
    pub only: Option<Signal>,
    /// The signal of protobuf messages.
    pub protobuf: Option<Signal>,
    /// Whether JSON is indented.
    pub pretty: bool,
    /// Whether messages are checked completely.
    pub validate: bool,
    /// Whether a message that fails is left out instead of ending the run.
    pub keep_going: bool,
    /// How the output is laid out: asked for, or known from the first input.
    pub layout: OnceLock<Layout>,
    /// Buffers to use again.
    pub pool: Pool,
}

/// How the output is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// How messages follow each other.
    pub format: Format,
    /// How the output is compressed as a whole.
    pub compression: Compression,
}

/// A message of an input.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// Its bytes without frame and compression.
    pub bytes: &'a [u8],
    /// Its number in its input, from 1.
    pub number: u64,
    /// Where it starts: see [`ottl::otlp::framing::Message::offset`].
    pub offset: u64,
    /// The format of its input.
    pub format: Format,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was written; its signal, unless nothing in it tells.
    Written(Option<Signal>),
    /// The rules left nothing of it.
    Dropped,
}

/// Why a message failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageFailure {
    /// The message's number in its input, from 1.
    pub number: u64,
    /// The byte at fault in the input, in the message where its frame is compressed by itself.
    pub offset: u64,
    /// Whether the offset is that of a compressed frame.
    pub in_frame: bool,
    /// What is wrong.
    pub text: String,
    /// Whether not the message is wrong but the arguments.
    pub refused: bool,
}

/// Buffers that messages reuse; one set for each thread.
#[derive(Default)]
pub struct Buffers {
    protobuf: Vec<u8>,
    transformed: Vec<u8>,
    encoded: Vec<u8>,
}

/// Buffers above this size are given back after the message that needed them.
const KEPT: usize = 2 << 20;

/// A fault: at which byte of the message, and what.
type Fault = (usize, String);

impl Settings<'_> {
    /// Transforms a message and appends what is to be written of it to `out`.
    ///
    /// # Errors
    /// The message is damaged, a statement failed for good, or nothing tells the signal.
    pub fn process(
        &self,
        message: Incoming<'_>,
        worker: &mut Worker,
        buffers: &mut Buffers,
        out: &mut Vec<u8>,
    ) -> Result<Fate, MessageFailure> {
        let start = out.len();
        let is_json = is_json(&message);
        let result = self.fate(message, is_json, worker, buffers, out);
        buffers.shrink();
        result.map_err(|(fault, refused)| {
            out.truncate(start);
            let (at, text) = fault;
            let in_frame = message.format == Format::ZstdFrames;
            let offset = if in_frame { message.offset } else { message.offset + at as u64 };
            MessageFailure { number: message.number, offset, in_frame, text, refused }
        })
    }

    fn fate(
        &self,
        message: Incoming<'_>,
        is_json: bool,
        worker: &mut Worker,
        buffers: &mut Buffers,
        out: &mut Vec<u8>,
    ) -> Result<Fate, (Fault, bool)> {
        let failed = |fault: Fault| (fault, false);
        let told = if is_json { signal_of_json(message.bytes) } else { self.protobuf };
        let Some(signal) = told else {
            if !is_json {
                let text = "protobuf does not tell its signal, and the rules serve several: add --signal".to_owned();
                return Err(((0, text), true));
            }
            // A message without a member that tells its signal holds nothing; but it may be damaged.
            json::to_protobuf(Signal::Logs, message.bytes, &mut buffers.protobuf)
                .map_err(json_fault)
                .map_err(failed)?;
            self.write(None, &message, is_json, &[], true, &mut buffers.encoded, out).map_err(failed)?;
            return Ok(Fate::Written(None));
        };
        let input = if is_json {
            // JSON is the longer form, nearly always.
            buffers.protobuf.reserve(message.bytes.len());
            json::to_protobuf(signal, message.bytes, &mut buffers.protobuf).map_err(json_fault).map_err(failed)?;
            &buffers.protobuf[..]
        } else {
            if self.validate {
                let damage = |error: ottl::otlp::wire::WireError| (error.offset, format!("damaged message: {error}"));
                schema::validate(signal, message.bytes).map_err(damage).map_err(failed)?;
            }
            message.bytes
        };
        let format = self.format(&message);
        let frame = out.len();
        if format == Format::LengthPrefixed {
            out.extend_from_slice(&[0; 4]);
        }
        // These hold the message as it comes out of the rules, so it can be written where it belongs.
        let is_direct = matches!(format, Format::Protobuf | Format::LengthPrefixed);
        let target = if is_direct { &mut *out } else { &mut buffers.transformed };
        target.reserve(input.len() + input.len() / 8);
        let outcome = if self.only.is_none_or(|only| only == signal) {
            let fault = |text| failed((0, text));
            self.program.transform(signal, input, worker, target).map_err(fault)?
        } else {
            Outcome::Unchanged
        };
        let unchanged = outcome == Outcome::Unchanged;
        if outcome == Outcome::Dropped {
            out.truncate(frame);
            return Ok(Fate::Dropped);
        }
        if is_direct {
            if unchanged {
                out.extend_from_slice(input);
            }
            if format == Format::LengthPrefixed {
                let len = frame_len(out.len() - frame - 4).map_err(failed)?;
                out[frame..frame + 4].copy_from_slice(&len);
            }
            return Ok(Fate::Written(Some(signal)));
        }
        let result = if unchanged {
            input
        } else {
            if buffers.protobuf.capacity() > KEPT {
                buffers.protobuf = Vec::new();
            }
            &buffers.transformed[..]
        };
        self.write(Some(signal), &message, is_json, result, unchanged, &mut buffers.encoded, out).map_err(failed)?;
        Ok(Fate::Written(Some(signal)))
    }

    /// The format of what is written of a message.
    fn format(&self, message: &Incoming<'_>) -> Format {
        self.layout.get().map_or(message.format, |layout| layout.format)
    }

    /// Appends a message in the output's layout: `result` is its protobuf form, `message` what it was.
    #[expect(clippy::too_many_arguments, reason = "one place that knows all of a message")]
    fn write(
        &self,
        signal: Option<Signal>,
        message: &Incoming<'_>,
        was_json: bool,
        result: &[u8],
        unchanged: bool,
        encoded: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let format = self.format(message);
        let framed_json = format == Format::ZstdFrames && message.format == Format::ZstdFrames && was_json;
        if format == Format::Json {
            self.write_json(signal, message, was_json, result, unchanged, out)?;
            out.push(b'\n');
            return Ok(());
        }
        match format {
            Format::Json | Format::Protobuf => out.extend_from_slice(result),
            Format::LengthPrefixed => framed(result, out)?,
            Format::Delimited => {
                let mut len = result.len() as u64;
                while len >= 0x80 {
                    out.push(len as u8 | 0x80);
                    len >>= 7;
                }
                out.push(len as u8);
                out.extend_from_slice(result);
            }
            Format::ZstdFrames => {
                encoded.clear();
                if framed_json {
                    self.write_json(signal, message, was_json, result, unchanged, encoded)?;
                } else {
                    encoded.extend_from_slice(result);
                }
                framed(&compress_to_vec(&encoded[..], CompressionLevel::Fastest), out)?;
            }
        }
        Ok(())
    }

    fn write_json(
        &self,
        signal: Option<Signal>,
        message: &Incoming<'_>,
        was_json: bool,
        result: &[u8],
        unchanged: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        // What is one line already and did not change stays as it was written.
        if was_json && unchanged && !self.pretty && !message.bytes.contains(&b'\n') {
            out.extend_from_slice(message.bytes);
            return Ok(());
        }
        let style = if self.pretty { Style::Pretty } else { Style::Compact };
        out.reserve(message.bytes.len());
        json::from_protobuf(signal.unwrap_or(Signal::Logs), result, out, style).map_err(|error| {
            let at = if was_json || !unchanged { 0 } else { error.offset };
            (at, format!("damaged message: {error}"))
        })
    }
}

impl Buffers {
    fn shrink(&mut self) {
        for buffer in [&mut self.protobuf, &mut self.transformed, &mut self.encoded] {
            buffer.clear();
            buffer.shrink_to(KEPT);
        }
    }
}

/// Whether the message is JSON. The file exporter's frames hold either encoding.
fn is_json(message: &Incoming<'_>) -> bool {
    match message.format {
        Format::Json => true,
        Format::ZstdFrames => !message.bytes.is_empty() && detect(message.bytes) == Format::Json,
        Format::Protobuf | Format::LengthPrefixed | Format::Delimited => false,
    }
}

fn json_fault(error: json::JsonError) -> Fault {
    (error.offset, format!("this is no OTLP/JSON: {error}"))
}

fn framed(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    out.extend_from_slice(&frame_len(bytes.len())?);
    out.extend_from_slice(bytes);
    Ok(())
}

/// The length in front of a message.
fn frame_len(len: usize) -> Result<[u8; 4], Fault> {
    let len = u32::try_from(len).map_err(|_| (0, "a message of 4 GiB or more has no 4-byte length".to_owned()))?;
    Ok(len.to_be_bytes())
}
