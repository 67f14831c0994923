//! One message: from its bytes in the input to its bytes in the output.
//!
//! INVARIANT: a message that fails or is dropped leaves the output as it was.
//!
//! Deliberately elsewhere: messages so large that their forms must not be in memory together (`large`).

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ottl::otlp::edit::Untouched;
use ottl::otlp::framing::{Compression, Format, signal_of_json};
use ottl::otlp::json::{self, Notes, Original, Style};
use ottl::otlp::wire::{Reader, WireError, WireErrorKind, put_varint};
use ottl::otlp::{Signal, schema};

use super::compress;
use super::helpers::{Help, Helpers};
use super::left::Left;
use super::members::{AllMembers, Members};
use super::pipeline::Pool;
use super::signal;
use crate::content::{begins_like_text, is_json, oddity};
use crate::rules::{Outcome, Program, Worker};

/// What to do with messages, the same for all of a run.
pub struct Settings<'p> {
    /// The rules.
    pub program: &'p Program,
    /// The only signal that the rules are applied to, when one was asked for.
    pub only: Option<Signal>,
    /// Whether JSON is indented.
    pub pretty: bool,
    /// Whether messages are checked completely, and how many values inside each other they may have then.
    pub validate: Option<usize>,
    /// Whether a message that fails is left out instead of ending the run.
    pub keep_going: bool,
    /// How the output is laid out: asked for, or known from the first input.
    pub layout: OnceLock<Layout>,
    /// Threads that work on messages.
    pub threads: usize,
    /// Those of them that have nothing to do.
    pub helpers: Helpers,
    /// Buffers to use again.
    pub pool: Pool,
    /// Whether content tells the format of the input.
    pub guessed: bool,
    /// What has come by.
    pub seen: Seen,
}

/// What has come by, as far as people are told.
#[derive(Debug, Default)]
pub struct Seen {
    /// Whether the rules were applied to a message.
    pub served: AtomicBool,
    /// Whether a message passed through for its signal.
    pub passed: AtomicBool,
    /// JSON messages that hold something, and nothing of OTLP.
    pub strangers: AtomicU64,
    /// JSON messages that were written wholly anew although they held members that OTLP does not have.
    pub anew: AtomicU64,
    /// JSON messages that were left out because another signal was asked for.
    pub left_out: AtomicU64,
    /// Members that OTLP does not have.
    pub members: AllMembers,
}

/// How the output is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// How messages follow each other.
    pub format: Format,
    /// How the output is compressed as a whole.
    pub compression: Compression,
    /// The level of the compression.
    pub level: i32,
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
    /// Its line and column: see [`ottl::otlp::framing::Message::position`].
    pub position: Option<(u64, u64)>,
    /// The format of its input.
    pub format: Format,
    /// What it is if it is protobuf, by what came before it in its input.
    pub signal: Option<Signal>,
}

/// The signals of the protobuf that was written of a message: several for a document that holds several, none where the rules
/// left nothing of it, or where it is text, which tells them itself.
pub type Written = [Option<Signal>; Signal::ALL.len()];

/// Why a message failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageFailure {
    /// The message's number in its input, from 1.
    pub number: u64,
    /// The byte at fault in the input, in the message where its frame is compressed by itself.
    pub offset: u64,
    /// Whether the offset is that of a compressed frame.
    pub in_frame: bool,
    /// The line of the input that the message begins in, from 1, where the input has lines.
    pub line: Option<u64>,
    /// Which member of JSON is at fault, and where it stands.
    pub member: Option<Member>,
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
    notes: Notes,
    /// How many bytes the rules made of 1024 of the message before.
    growth: usize,
    /// What was met since somebody took it.
    pub members: Members,
    /// What stays as it is of one message.
    untouched: Untouched,
}

/// Buffers above this size are given back, but for a few.
const KEPT: usize = 2 << 20;
/// No buffer is kept above this size: what messages need that are not made piece by piece.
const MOST_KEPT: usize = 8 << 20;

/// A member of a JSON message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Names and indices, such as `resourceLogs[0].schemaUrl`.
    pub path: String,
    /// Its line, from 1: in the input, or in the message where its frame is compressed by itself.
    pub line: u64,
    /// Its column in characters, from 1.
    pub column: u64,
}

/// A fault of a message.
pub(super) struct Fault {
    /// At which byte of the message.
    pub at: usize,
    /// At which member, for JSON.
    pub member: Option<Member>,
    /// What is wrong.
    pub text: String,
}

impl Fault {
    /// A fault at this byte.
    pub(super) fn new(at: usize, text: impl Into<String>) -> Fault {
        Fault { at, member: None, text: text.into() }
    }
}

/// A message of one signal, on its way from its input's form to the output's.
#[derive(Clone, Copy)]
struct Part<'a> {
    /// What it comes from.
    message: Incoming<'a>,
    was_json: bool,
    /// Its signal, unless nothing in it tells.
    signal: Option<Signal>,
    /// Whether it is all of what it comes from.
    is_whole: bool,
    /// Its protobuf form as it came.
    input: &'a [u8],
    /// What was noted when it was read, for JSON.
    notes: Option<&'a Notes>,
}

/// What a message carries, as far as can be told.
pub(super) enum Told {
    Signal(Signal),
    /// Nothing that is of any signal: it is empty, or damaged.
    Nothing,
}

impl Settings<'_> {
    /// Transforms a message and appends what is to be written of it to `out`, but for what stays as it is and can be left.
    ///
    /// # Errors
    /// The message is damaged, a statement failed for good, or nothing tells the signal.
    pub fn process(
        &self,
        message: Incoming<'_>,
        worker: &mut Worker,
        buffers: &mut Buffers,
        out: &mut Vec<u8>,
        left: Option<Left<'_>>,
    ) -> Result<Written, MessageFailure> {
        let start = out.len();
        let result = self.written(message, worker, buffers, out, left);
        buffers.clear();
        result.map_err(|(fault, refused)| {
            out.truncate(start);
            message.failure(self.explained(fault, message), refused)
        })
    }

    fn written(
        &self,
        message: Incoming<'_>,
        worker: &mut Worker,
        buffers: &mut Buffers,
        out: &mut Vec<u8>,
        left: Option<Left<'_>>,
    ) -> Result<Written, (Fault, bool)> {
        let failed = |fault: Fault| (fault, false);
        let was_json = is_json(message.format, message.bytes);
        let told = self.told(message.bytes, was_json, message.signal)?;
        let mut written = Written::default();
        let Buffers { protobuf, transformed, encoded, notes, growth, members, untouched } = buffers;
        if !was_json {
            let Told::Signal(signal) = told else { return Ok(written) };
            if let Some(depth) = self.validate {
                schema::validate_within(signal, message.bytes, depth).map_err(damage).map_err(failed)?;
            }
            let input = message.bytes;
            let part = Part { message, was_json, signal: Some(signal), is_whole: true, input, notes: None };
            let outcome = match left {
                Some(left) => self.leave(signal, input, worker, left, untouched, out),
                None => self.part(signal, part, worker, transformed, encoded, out),
            };
            let outcome = outcome.map_err(failed)?;
            written[0] = Some(signal).filter(|_| outcome != Outcome::Dropped);
            return Ok(written);
        }
        // JSON is the longer form, nearly always.
        protobuf.reserve(message.bytes.len());
        let read = |signal: Signal, protobuf: &mut Vec<u8>, notes: &mut Notes| {
            json::read(signal, message.bytes, protobuf, notes)
                .map_err(|error| json_fault(&error, signal, message.bytes))
                .map_err(failed)
        };
        let Told::Signal(first) = told else {
            // It holds nothing, but it may be damaged.
            read(Signal::Logs, protobuf, notes)?;
            self.nothing_in(message.bytes);
            let part = Part { message, was_json, signal: None, is_whole: true, input: &[], notes: None };
            self.write(part, &[], true, encoded, out).map_err(failed)?;
            return Ok(written);
        };
        let start = out.len();
        let mut signals = Written::default();
        signals[0] = Some(first);
        let mut changes = false;
        for index in 0..signals.len() {
            let Some(signal) = signals[index] else { break };
            protobuf.clear();
            transformed.clear();
            read(signal, protobuf, notes)?;
            if index == 0 {
                signals.iter_mut().skip(1).zip(notes.others()).for_each(|(slot, other)| *slot = Some(*other));
                if protobuf.is_empty() && signals[1].is_some() {
                    // An empty list beside another signal is nothing.
                    continue;
                }
            }
            members.add(notes, signal, message);
            if self.leaves_out(signal, message.format) {
                changes = true;
                continue;
            }
            let is_whole = signals[1].is_none();
            // A buffer that doubles takes three times as much while it does.
            transformed.reserve((protobuf.len() / 1024).saturating_mul((*growth).max(1024)) + protobuf.len() / 8);
            worker.number_again();
            let (signal_of_part, notes) = (Some(signal), Some(&*notes));
            let input = &protobuf[..];
            let part = Part { message, was_json, signal: signal_of_part, is_whole, input, notes };
            let outcome = self.part(signal, part, worker, transformed, encoded, out).map_err(failed)?;
            *growth = transformed.len() / (protobuf.len() / 1024).max(1);
            changes |= outcome != Outcome::Unchanged;
            written[index] = Some(signal).filter(|_| outcome != Outcome::Dropped);
        }
        let is_text = is_text(self.format(message.format), message.format, was_json);
        if signals[1].is_some() && !changes && is_text && self.keeps(message) {
            // The messages of a document that stays as it is need not come apart.
            out.truncate(start);
            let part = Part { message, was_json, signal: Some(first), is_whole: true, input: &[], notes: None };
            self.write(part, &[], true, encoded, out).map_err(failed)?;
        }
        Ok(if is_text { Written::default() } else { written })
    }

    /// Runs the rules over a message of one signal and appends what is to be written of it.
    fn part(
        &self,
        signal: Signal,
        part: Part<'_>,
        worker: &mut Worker,
        transformed: &mut Vec<u8>,
        encoded: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<Outcome, Fault> {
        let format = self.format(part.message.format);
        let frame = out.len();
        if format == Format::LengthPrefixed {
            out.extend_from_slice(&[0; 4]);
        }
        // These hold the message as it comes out of the rules, so it can be written where it belongs.
        let is_direct = matches!(format, Format::Protobuf | Format::LengthPrefixed);
        let target = if is_direct { &mut *out } else { &mut *transformed };
        let outcome = self.transform(signal, part.input, worker, target, None)?;
        let unchanged = outcome == Outcome::Unchanged;
        if outcome == Outcome::Dropped {
            out.truncate(frame);
            return Ok(outcome);
        }
        if is_direct {
            if unchanged {
                out.extend_from_slice(part.input);
            }
            if format == Format::LengthPrefixed {
                let len = frame_len(out.len() - frame - 4)?;
                out[frame..frame + 4].copy_from_slice(&len);
            }
            return Ok(outcome);
        }
        let result = if unchanged { part.input } else { &transformed[..] };
        self.write(part, result, unchanged, encoded, out)?;
        Ok(outcome)
    }

    /// Whether a JSON message of this signal is left out: another one was asked for, and the output has room for one only.
    pub(super) fn leaves_out(&self, signal: Signal, input: Format) -> bool {
        let leaves = self.only.is_some_and(|only| only != signal) && !is_text(self.format(input), input, true);
        self.seen.left_out.fetch_add(u64::from(leaves), Ordering::Relaxed);
        leaves
    }

    /// Counts a JSON message that is of no signal, unless it is empty.
    pub(super) fn nothing_in(&self, text: &[u8]) {
        self.seen.strangers.fetch_add(u64::from(text.contains(&b'"')), Ordering::Relaxed);
    }

    /// A fault, with what is said of an input that was taken for protobuf because it resembles nothing.
    pub(super) fn explained(&self, fault: Fault, message: Incoming<'_>) -> Fault {
        if !self.guessed {
            let is_text = !is_json(message.format, message.bytes) && message.bytes.starts_with(b"{");
            let why = if is_text { "; it begins like OTLP/JSON, which needs no --from" } else { "" };
            return Fault { text: format!("{}{why}", fault.text), ..fault };
        }
        let Some(why) = oddity(message.format, message.bytes) else { return fault };
        // Nothing of text is a matter of its signal.
        if fault.text == signal::UNKNOWN && begins_like_text(message.bytes) {
            return Fault { text: why.to_owned(), ..fault };
        }
        Fault { text: format!("{}; {why}", fault.text), ..fault }
    }

    /// The signal of a message; `assumed` is that of the protobuf before it.
    ///
    /// # Errors
    /// The rules are not for it, or it cannot be told.
    pub(super) fn told(&self, message: &[u8], is_json: bool, assumed: Option<Signal>) -> Result<Told, (Fault, bool)> {
        if is_json {
            return Ok(signal_of_json(message).map_or(Told::Nothing, Told::Signal));
        }
        if let Some(only) = self.only {
            return Ok(Told::Signal(only));
        }
        let assumed = assumed.ok_or_else(|| (Fault::new(0, signal::UNKNOWN), true))?;
        signal::checked(self.program, message, assumed).map(Told::Signal).map_err(|text| (Fault::new(0, text), false))
    }

    /// Runs the rules, if they are for this signal; a new message is appended to `target`, but for what can be left.
    pub(super) fn transform(
        &self,
        signal: Signal,
        input: &[u8],
        worker: &mut Worker,
        target: &mut Vec<u8>,
        left: Option<&mut Untouched>,
    ) -> Result<Outcome, Fault> {
        let serves = self.only.is_none_or(|only| only == signal);
        let mark = if serves && self.program.serves(signal) { &self.seen.served } else { &self.seen.passed };
        mark.store(true, Ordering::Relaxed);
        if !serves {
            return Ok(Outcome::Unchanged);
        }
        // Most rules change the size by little; a buffer that doubles would take twice the memory, and so would a
        // slightly larger one beside one that nearly suffices.
        if target.capacity() - target.len() < input.len() {
            target.reserve(input.len() + input.len() / 8);
        }
        let mut help = self.helpers.help(input.len());
        let team = help.as_mut().map(Help::team);
        self.program.transform(signal, input, worker, team, (target, left)).map_err(|text| Fault::new(0, text))
    }

    /// The level of gzip, if that is what the output is.
    pub fn gzip(&self) -> Option<i32> {
        self.layout.get().filter(|layout| layout.compression == Compression::Gzip).map(|layout| layout.level)
    }

    /// Whether protobuf that came in this format and did not change is written as it came, but for its frame.
    pub fn is_laid_out(&self, input: Format) -> bool {
        matches!(input, Format::Protobuf | Format::LengthPrefixed | Format::Delimited)
            && matches!(self.format(input), Format::Protobuf | Format::LengthPrefixed)
    }

    /// The format of what is written of a message that came in this one.
    pub(super) fn format(&self, input: Format) -> Format {
        self.layout.get().map_or(input, |layout| layout.format)
    }

    /// Whether a message that did not change is written as the text that it was. In the file exporter's frames a string may
    /// hold a line break, which would end the message elsewhere.
    pub(super) fn keeps(&self, message: Incoming<'_>) -> bool {
        let is_same = self.format(message.format) == message.format;
        !self.pretty && (is_same || !message.bytes.contains(&b'\n'))
    }

    /// How JSON is laid out.
    pub(super) fn style(&self) -> Style {
        if self.pretty { Style::Pretty } else { Style::Compact }
    }

    /// Appends a message in the output's layout; `result` is its protobuf form now.
    fn write(
        &self,
        part: Part<'_>,
        result: &[u8],
        unchanged: bool,
        encoded: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        match self.format(part.message.format) {
            Format::Json => {
                self.write_json(part, result, unchanged, out)?;
                out.push(b'\n');
            }
            Format::Protobuf => out.extend_from_slice(result),
            Format::LengthPrefixed => framed(result, out)?,
            Format::Delimited => {
                out.extend_from_slice(&delimiter(result.len()));
                out.extend_from_slice(result);
            }
            Format::ZstdFrames => {
                let content = if is_text(Format::ZstdFrames, part.message.format, part.was_json) {
                    encoded.clear();
                    self.write_json(part, result, unchanged, encoded)?;
                    &encoded[..]
                } else {
                    result
                };
                framed(&compress::frame(content).map_err(no_frame)?, out)?;
            }
        }
        Ok(())
    }

    fn write_json(&self, part: Part<'_>, result: &[u8], unchanged: bool, out: &mut Vec<u8>) -> Result<(), Fault> {
        let Part { message, was_json, signal, is_whole, input, notes, .. } = part;
        // What a statement sets to what it was is no change either.
        if was_json && is_whole && (unchanged || notes.is_some() && result == input) {
            if self.keeps(message) {
                out.extend_from_slice(message.bytes);
            } else {
                json::put_laid_out(out, message.bytes, self.style());
            }
            return Ok(());
        }
        out.reserve(message.bytes.len());
        let (signal, style) = (signal.unwrap_or(Signal::Logs), self.style());
        let written = match notes {
            Some(notes) => {
                let original = Original { text: message.bytes, protobuf: input, notes, others: false };
                json::from_protobuf_like(signal, result, original, out, style).map(|is_kept| {
                    self.seen.anew.fetch_add(u64::from(!is_kept && notes.has_unknown()), Ordering::Relaxed);
                })
            }
            None => json::from_protobuf(signal, result, out, style),
        };
        written.map_err(|error| if was_json || !unchanged { Fault { at: 0, ..damage(error) } } else { damage(error) })
    }
}

impl Incoming<'_> {
    /// Of protobuf without frames that is cut off: how long its whole resources are, and what is said of the rest. Such an
    /// input is one message, however many were written to it.
    pub(super) fn cut(&self) -> Option<(usize, MessageFailure)> {
        if self.format != Format::Protobuf {
            return None;
        }
        let mut whole = 0;
        let mut reader = Reader::new(self.bytes);
        let error = loop {
            match reader.next_field() {
                Ok(Some(field)) => whole = field.end,
                Ok(None) => return None,
                Err(error) => break error,
            }
        };
        let is_cut = error.kind == WireErrorKind::Truncated && whole > 0;
        is_cut.then(|| {
            (whole, self.failure(Fault::new(whole, format!("{error}: what is whole before it is kept")), false))
        })
    }

    /// What is said when the message fails with this.
    pub(super) fn failure(&self, fault: Fault, refused: bool) -> MessageFailure {
        let Fault { at, mut member, text } = fault;
        let in_frame = self.format == Format::ZstdFrames;
        let offset = if in_frame { self.offset } else { self.offset + at as u64 };
        if let (Some(member), Some((line, column))) = (&mut member, self.position) {
            member.column += if member.line == 1 { column - 1 } else { 0 };
            member.line += line - 1;
        }
        let line = self.position.map(|(line, _)| line);
        MessageFailure { number: self.number, offset, in_frame, line, member, text, refused }
    }
}

impl Buffers {
    fn clear(&mut self) {
        for buffer in self.all() {
            buffer.clear();
            buffer.shrink_to(MOST_KEPT);
        }
        self.notes.shrink_to(KEPT);
    }

    /// Whether a message needed more than is kept otherwise.
    pub fn has_grown(&self) -> bool {
        [&self.protobuf, &self.transformed, &self.encoded].into_iter().any(|buffer| buffer.capacity() > KEPT)
    }

    /// Gives back what a large message needed.
    pub fn shrink(&mut self) {
        self.all().into_iter().for_each(|buffer| buffer.shrink_to(KEPT));
    }

    fn all(&mut self) -> [&mut Vec<u8>; 3] {
        [&mut self.protobuf, &mut self.transformed, &mut self.encoded]
    }
}

/// Whether a message is written as text.
pub(super) fn is_text(output: Format, input: Format, was_json: bool) -> bool {
    match output {
        Format::Json => true,
        Format::ZstdFrames => was_json && input == Format::ZstdFrames,
        Format::Protobuf | Format::LengthPrefixed | Format::Delimited => false,
    }
}

pub(super) fn damage(error: WireError) -> Fault {
    Fault::new(error.offset, format!("damaged message: {error}"))
}

/// The fault of a JSON message of this signal.
pub(super) fn json_fault(error: &json::JsonError, signal: Signal, text: &[u8]) -> Fault {
    let fault = error.explain(signal, text);
    let text = format!("{} is wanted, this is {}", fault.wanted, fault.found);
    let member = Member { path: fault.path, line: fault.line as u64, column: fault.column as u64 };
    Fault { at: error.offset, member: Some(member), text }
}

/// What is said of a message that cannot be compressed.
pub(super) fn no_frame(error: std::io::Error) -> Fault {
    Fault::new(0, format!("the message cannot be compressed: {error}"))
}

fn framed(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    out.extend_from_slice(&frame_len(bytes.len())?);
    out.extend_from_slice(bytes);
    Ok(())
}

/// The length in front of a message.
pub(super) fn frame_len(len: usize) -> Result<[u8; 4], Fault> {
    let len = u32::try_from(len).map_err(|_| Fault::new(0, "a message of 4 GiB or more has no 4-byte length"))?;
    Ok(len.to_be_bytes())
}

/// The length in front of a message, as a varint.
pub(super) fn delimiter(len: usize) -> Vec<u8> {
    let mut out = Vec::new();
    put_varint(&mut out, len as u64);
    out
}
