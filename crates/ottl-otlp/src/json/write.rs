//! [`from_protobuf`]: protobuf bytes to OTLP/JSON text, driven by the schema.
//!
//! JSON members come in the schema's order, wire fields in any. So each message is scanned once into runs of equal
//! fields (`runs`; a scope with thousands of records is usually one run), the runs are put in order, and then written.
//! Attributes and their values, which are most of a message, are written in one go where their encoding allows (`direct`).
//!
//! INVARIANT: a run holds only fields that the scan has checked, so writing cannot find new damage in it except inside
//! nested messages, which are scanned when they are opened, or checked when they are left out.

use super::direct::{MOST_MESSAGES, is_direct, put_direct};
use super::layout::{Style, put_line};
use super::like::{Counterpart, Kept, Original, ROOT};
use super::notes::is_kept;
use super::put::{is_zero, put_value};
use super::runs::Run;
use crate::schema::{FieldDef, Kind, MAX_DEPTH, MessageDef, MessageId, Presence, Signal};
use crate::wire::{
    Field, Payload, Reader, WireError, WireErrorKind, WireType, packed_fixed32, packed_fixed64, packed_varints,
};

/// Translates one protobuf message to OTLP/JSON and appends it to `out`, without a line break at its end.
///
/// Unknown fields are left out: JSON has no place for them. Strings are written as they are, valid UTF-8 or not.
/// Scopes in the deprecated field 1000 are shown under the present name when there are none there, else left out,
/// as the reference does on decoding. `out` is cut back to its old length on errors.
///
/// # Errors
/// Damage in the message, with its byte offset: the same damage that [`crate::schema::validate`] finds, though not
/// always the first in wire order.
pub fn from_protobuf(signal: Signal, message: &[u8], out: &mut Vec<u8>, style: Style) -> Result<(), WireError> {
    write(signal, message, None, out, style)
}

/// As [`from_protobuf`], and what did not change since it was read is written as the text that it was: records, resources
/// and scopes, each by itself. What JSON has no place for is kept, too: members that OTLP does not have stay in the objects
/// that they stood in, as long as those can be told. In the compact style line breaks of the original are left out.
///
/// Returns whether the original was looked at: one with little text for each record is not (`spec/limits.md`), and then all is
/// written as by [`from_protobuf`].
///
/// ```
/// use ottl_otlp::Signal;
/// use ottl_otlp::json::{self, Notes, Original, Style};
///
/// let text = br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"flags": "1", "mine": 0.50}]}]}]}"#;
/// let (mut protobuf, mut notes, mut out) = (Vec::new(), Notes::default(), Vec::new());
/// json::read(Signal::Logs, text, &mut protobuf, &mut notes)?;
/// let original = Original { text, protobuf: &protobuf, notes: &notes, others: false };
/// json::from_protobuf_like(Signal::Logs, &protobuf, original, &mut out, Style::Compact)?;
/// assert!(String::from_utf8(out)?.contains(r#"[{"flags": "1", "mine": 0.50}]"#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`from_protobuf`].
pub fn from_protobuf_like(
    signal: Signal,
    message: &[u8],
    original: Original<'_>,
    out: &mut Vec<u8>,
    style: Style,
) -> Result<bool, WireError> {
    let kept = Kept::new(signal, message, original);
    let is_kept = kept.is_some();
    write(signal, message, kept, out, style).map(|()| is_kept)
}

fn write(
    signal: Signal,
    message: &[u8],
    kept: Option<Kept<'_>>,
    out: &mut Vec<u8>,
    style: Style,
) -> Result<(), WireError> {
    let start = out.len();
    let result = Writer::new(message, kept, out, style).run(signal.message().def(), |_| Ok(()));
    if result.is_err() {
        out.truncate(start);
    }
    result
}

/// The size from which [`stream_from_protobuf`] gives a piece away.
const PIECE: usize = 256 << 10;

/// The same in pieces, for messages whose text should never be in memory as a whole: `give` takes one piece after the
/// other, in order. A piece is 256 KiB long, or as much longer as the text of one string is, or of one attribute of at
/// most 64 KiB.
///
/// # Errors
/// Damage as in [`from_protobuf`], when pieces may have been given already: [`crate::schema::validate`] finds it
/// before. And the error of `give`, which is not called again.
pub fn stream_from_protobuf<E: From<WireError>>(
    signal: Signal,
    message: &[u8],
    style: Style,
    give: impl FnMut(Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    stream(signal, message, None, style, give)
}

/// [`from_protobuf_like`] in pieces. A piece may also be as long as the text of one record.
///
/// # Errors
/// As [`stream_from_protobuf`].
pub fn stream_from_protobuf_like<E: From<WireError>>(
    signal: Signal,
    message: &[u8],
    original: Original<'_>,
    style: Style,
    give: impl FnMut(Vec<u8>) -> Result<(), E>,
) -> Result<bool, E> {
    let kept = Kept::new(signal, message, original);
    let is_kept = kept.is_some();
    stream(signal, message, kept, style, give).map(|()| is_kept)
}

fn stream<E: From<WireError>>(
    signal: Signal,
    message: &[u8],
    kept: Option<Kept<'_>>,
    style: Style,
    mut give: impl FnMut(Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let mut out = Vec::new();
    Writer::new(message, kept, &mut out, style).run(signal.message().def(), |out| {
        if out.len() < PIECE { Ok(()) } else { give(std::mem::replace(out, Vec::with_capacity(PIECE + PIECE / 8))) }
    })?;
    give(out)
}

/// A message being written.
pub(super) struct Level {
    pub(super) def: &'static MessageDef,
    /// Its first run; the runs up to those of the next level are its own.
    pub(super) first_run: usize,
    /// The next run to write.
    next_run: usize,
    pub(super) runs_end: usize,
    /// The next field to write.
    field: usize,
    /// Elements left in a list of messages that is being written: a range of the current run.
    list: Option<std::ops::Range<usize>>,
    /// Whether a member was written.
    members: bool,
    /// The object of the original that this was.
    object: Option<u32>,
}

pub(super) struct Writer<'m, 'o> {
    pub(super) message: &'m [u8],
    kept: Option<Kept<'m>>,
    out: &'o mut Vec<u8>,
    style: Style,
    /// The runs of all open messages, outermost first.
    pub(super) runs: Vec<Run>,
    /// The messages around the current one.
    open: Vec<Level>,
    /// Open brackets.
    indent: usize,
}

impl<'m, 'o> Writer<'m, 'o> {
    fn new(message: &'m [u8], kept: Option<Kept<'m>>, out: &'o mut Vec<u8>, style: Style) -> Self {
        Self { message, kept, out, style, runs: Vec::new(), open: Vec::new(), indent: 0 }
    }

    /// Writes the whole message; `between` sees the output between any two members and elements.
    fn run<E: From<WireError>>(
        &mut self,
        def: &'static MessageDef,
        mut between: impl FnMut(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut level = self.start_message(def);
        level.object = self.kept.as_ref().map(|_| ROOT);
        self.scan(def, 0..self.message.len())?;
        self.finish_scan(&mut level, 0)?;
        loop {
            between(self.out)?;
            let child = match level.list.take() {
                Some(rest) => self.next_element(&mut level, rest, true)?,
                None if level.field < level.def.fields.len() => self.next_member(&mut level)?,
                None => {
                    self.end_message(&level);
                    match self.open.pop() {
                        Some(parent) => level = parent,
                        None => return Ok(()),
                    }
                    None
                }
            };
            if let Some(child) = child {
                if self.open.len() + 1 >= MAX_DEPTH {
                    let at = self.runs.get(child.first_run).map_or(self.message.len(), |run| run.start);
                    return Err(WireError::new(WireErrorKind::TooDeep, at).into());
                }
                self.open.push(std::mem::replace(&mut level, child));
            }
        }
    }

    fn start_message(&mut self, def: &'static MessageDef) -> Level {
        self.out.push(b'{');
        self.indent += 1;
        let first_run = self.runs.len();
        Level {
            def,
            first_run,
            next_run: first_run,
            runs_end: first_run,
            field: 0,
            list: None,
            members: false,
            object: None,
        }
    }

    /// The next member of the level's message, or a member that is not there; a message to descend into is returned.
    fn next_member(&mut self, level: &mut Level) -> Result<Option<Level>, WireError> {
        let index = level.field;
        let field = &level.def.fields[index];
        let there = level.next_run < level.runs_end && self.runs[level.next_run].field == index;
        match field.kind {
            Kind::Message(_) if there && field.presence == Presence::Repeated => {
                self.key(level, field);
                self.out.push(b'[');
                self.indent += 1;
                let run = self.runs[level.next_run];
                return self.next_element(level, run.start..run.end, false);
            }
            Kind::Message(id) if there => {
                self.key(level, field);
                let counterpart = self.counterpart_of_run(id, self.runs[level.next_run]);
                level.field += 1;
                if self.is_direct(id) && self.put_direct_member(level, index, id) {
                    level.next_run += 1;
                    return Ok(None);
                }
                if let Some(Counterpart::Same(object)) = counterpart {
                    self.put_kept(object);
                    level.next_run += 1;
                    return Ok(None);
                }
                let mut child = self.merged_message(level, index, id.def())?;
                child.object = counterpart.map(Counterpart::object);
                return Ok(Some(child));
            }
            Kind::Message(_) => {
                if field.presence == Presence::Always {
                    self.key(level, field);
                    self.out.extend_from_slice(b"{}");
                }
            }
            _ if !there => {}
            _ if field.presence == Presence::Repeated => self.scalars(level, field)?,
            kind => {
                let mut last = level.next_run;
                while last + 1 < level.runs_end && self.runs[last + 1].field == index {
                    last += 1;
                }
                level.next_run = last + 1;
                if let Some(value) = last_field(self.message, &self.runs[last])
                    && (field.presence != Presence::Implicit || !is_zero(kind, value.payload))
                {
                    self.key(level, field);
                    put_value(self.out, kind, value.payload);
                }
            }
        }
        level.field += 1;
        Ok(None)
    }

    /// The next element of a list of messages, or the end of the list.
    fn next_element(
        &mut self,
        level: &mut Level,
        mut rest: std::ops::Range<usize>,
        goes_on: bool,
    ) -> Result<Option<Level>, WireError> {
        let index = level.field;
        if rest.is_empty() {
            level.next_run += 1;
            if level.next_run >= level.runs_end || self.runs[level.next_run].field != index {
                self.indent -= 1;
                self.line();
                self.out.push(b']');
                level.field += 1;
                return Ok(None);
            }
            let run = self.runs[level.next_run];
            rest = run.start..run.end;
        }
        let mut goes_on = goes_on;
        if let Kind::Message(id) = level.def.fields[index].kind
            && self.is_direct(id)
        {
            let written = self.put_direct_elements(id, rest.clone(), goes_on);
            goes_on |= written > 0;
            rest.start += written;
            if rest.is_empty() {
                level.list = Some(rest);
                return Ok(None);
            }
        }
        let base = rest.start;
        let mut reader = Reader::new(&self.message[rest.clone()]);
        if let (Some(field), Kind::Message(id)) = (reader.next_field()?, level.def.fields[index].kind) {
            if goes_on {
                self.out.push(b',');
            }
            self.line();
            level.list = Some(base + field.end..rest.end);
            let counterpart = self.counterpart(id, base + field.content_start());
            if let Some(Counterpart::Same(object)) = counterpart {
                self.put_kept(object);
                return Ok(None);
            }
            let mut child = self.start_message(id.def());
            child.object = counterpart.map(Counterpart::object);
            self.scan(id.def(), base + field.content_start()..base + field.end)?;
            self.finish_scan(&mut child, self.open.len() + 1)?;
            return Ok(Some(child));
        }
        Ok(None)
    }

    /// Opens a singular message, of which every occurrence adds its fields.
    fn merged_message(
        &mut self,
        level: &mut Level,
        index: usize,
        def: &'static MessageDef,
    ) -> Result<Level, WireError> {
        let mut child = self.start_message(def);
        while level.next_run < level.runs_end && self.runs[level.next_run].field == index {
            let run = self.runs[level.next_run];
            let mut reader = Reader::new(&self.message[run.start..run.end]);
            while let Some(field) = reader.next_field()? {
                self.scan(def, run.start + field.content_start()..run.start + field.end)?;
            }
            level.next_run += 1;
        }
        self.finish_scan(&mut child, self.open.len() + 1)?;
        Ok(child)
    }

    /// Whether messages of this type are tried in one go here.
    #[inline]
    fn is_direct(&self, id: MessageId) -> bool {
        is_direct(id) && self.style == Style::Compact && self.open.len() + MOST_MESSAGES < MAX_DEPTH
    }

    /// Writes a singular message in one go, if it occurs once and its encoding allows.
    fn put_direct_member(&mut self, level: &Level, index: usize, id: MessageId) -> bool {
        let run = self.runs[level.next_run];
        let next = self.runs[..level.runs_end].get(level.next_run + 1);
        let mut reader = Reader::new(&self.message[run.start..run.end]);
        match reader.next_field() {
            Ok(Some(Field { payload: Payload::Bytes(content), .. }))
                if reader.is_empty() && next.is_none_or(|next| next.field != index) =>
            {
                put_direct(self.out, id, content)
            }
            _ => false,
        }
    }

    /// Writes elements of a list in one go, as many as encodings and the size of a piece allow; returns how many bytes of the
    /// list that was.
    fn put_direct_elements(&mut self, id: MessageId, list: std::ops::Range<usize>, goes_on: bool) -> usize {
        let mut reader = Reader::new(&self.message[list]);
        let mut written = 0;
        // What is given away in pieces is shorter than one here.
        let most = if self.out.len() < PIECE { PIECE } else { usize::MAX };
        while let Ok(Some(Field { payload: Payload::Bytes(content), .. })) = reader.next_field() {
            let start = self.out.len();
            if goes_on || written > 0 {
                self.out.push(b',');
            }
            if !put_direct(self.out, id, content) {
                self.out.truncate(start);
                break;
            }
            written = reader.pos();
            if self.out.len() >= most {
                break;
            }
        }
        written
    }

    /// A list of values that are no messages; nothing at all when it is empty.
    fn scalars(&mut self, level: &mut Level, field: &FieldDef) -> Result<(), WireError> {
        let mut elements = 0usize;
        while level.next_run < level.runs_end && self.runs[level.next_run].field == level.field {
            let run = self.runs[level.next_run];
            let mut reader = Reader::new(&self.message[run.start..run.end]);
            while let Some(value) = reader.next_field()? {
                match (field.kind.wire_type(), value.payload) {
                    (WireType::Varint, Payload::Bytes(packed)) => {
                        for value in packed_varints(packed) {
                            self.element(level, field, Payload::Varint(value?), &mut elements);
                        }
                    }
                    (WireType::Fixed64, Payload::Bytes(packed)) => {
                        for bits in packed_fixed64(packed)? {
                            self.element(level, field, Payload::Fixed64(bits), &mut elements);
                        }
                    }
                    (WireType::Fixed32, Payload::Bytes(packed)) => {
                        for bits in packed_fixed32(packed)? {
                            self.element(level, field, Payload::Fixed32(bits), &mut elements);
                        }
                    }
                    (_, payload) => self.element(level, field, payload, &mut elements),
                }
            }
            level.next_run += 1;
        }
        if elements > 0 {
            self.indent -= 1;
            self.line();
            self.out.push(b']');
        }
        Ok(())
    }

    fn element(&mut self, level: &mut Level, field: &FieldDef, payload: Payload<'_>, elements: &mut usize) {
        if *elements == 0 {
            self.key(level, field);
            self.out.push(b'[');
            self.indent += 1;
        } else {
            self.out.push(b',');
        }
        *elements += 1;
        self.line();
        put_value(self.out, field.kind, payload);
    }

    /// What the original has for a message of this type whose content starts here.
    #[inline]
    fn counterpart(&mut self, id: MessageId, start: usize) -> Option<Counterpart> {
        if is_kept(id) { self.kept.as_mut()?.counterpart(start) } else { None }
    }

    /// As [`Writer::counterpart`], for the first message of a run.
    #[inline]
    fn counterpart_of_run(&mut self, id: MessageId, run: Run) -> Option<Counterpart> {
        if !is_kept(id) || self.kept.is_none() {
            return None;
        }
        let first = Reader::new(&self.message[run.start..run.end]).next_field().ok()??;
        self.counterpart(id, run.start + first.content_start())
    }

    fn put_kept(&mut self, object: u32) {
        if let Some(kept) = &self.kept {
            kept.put(object, self.out, self.style, self.indent);
        }
    }

    /// Writes the unknown members that stood in the message; returns whether there are any.
    fn put_strangers(&mut self, level: &Level) -> bool {
        let Some(object) = level.object else { return false };
        let Some(kept) = self.kept.take() else { return false };
        let mut members = level.members;
        for stranger in kept.strangers(object) {
            if members {
                self.out.push(b',');
            }
            members = true;
            self.line();
            kept.put_stranger(stranger, self.out, self.style, self.indent);
        }
        self.kept = Some(kept);
        members
    }

    fn end_message(&mut self, level: &Level) {
        self.runs.truncate(level.first_run);
        let members = level.members | (level.object.is_some() && self.put_strangers(level));
        self.indent -= 1;
        if members {
            self.line();
        }
        self.out.push(b'}');
    }

    fn key(&mut self, level: &mut Level, field: &FieldDef) {
        if level.members {
            self.out.push(b',');
        }
        level.members = true;
        self.line();
        self.out.push(b'"');
        self.out.extend_from_slice(field.name.as_bytes());
        self.out.extend_from_slice(if self.style == Style::Pretty { b"\": " } else { b"\":" });
    }

    /// Starts a line, in the pretty style.
    #[inline]
    fn line(&mut self) {
        if self.style == Style::Pretty {
            put_line(self.out, self.indent);
        }
    }
}

/// The last field of a run, whose damage the scan has excluded.
fn last_field<'m>(message: &'m [u8], run: &Run) -> Option<Field<'m>> {
    let mut reader = Reader::new(&message[run.start..run.end]);
    let mut last = None;
    while let Ok(Some(field)) = reader.next_field() {
        last = Some(field);
    }
    last
}
