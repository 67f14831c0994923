//! [`to_protobuf`]: OTLP/JSON text to protobuf bytes, driven by the schema.
//!
//! INVARIANT: the stack holds one level per open object; a level's content is what was appended to the output since
//! its mark. The order of fields in the output is the order of members in the text, which is enough: protobuf
//! readers let the last scalar win, append lists and merge messages, as the reference's JSON decoder does.

use std::ops::Range;

use super::error::{JsonError, JsonErrorKind};
use super::notes::{Notes, Object, Stranger, is_kept};
use super::scan::Scanner;
use crate::framing::signal_of_json;
use crate::schema::{Kind, MAX_DEPTH, MessageDef, MessageId, Presence, Signal};
use crate::wire::{Mark, begin_len, begin_wide_len, end_len, end_wide_len, put_len_field};

/// From this depth on lengths are written five bytes wide, so that closing a deep nest never moves its content
/// once per level.
const WIDE_FROM: usize = 32;

/// Translates one OTLP/JSON message to protobuf and appends it to `out`.
///
/// Zero values are left out unless they override an earlier value of the same field. An absent or `null` message is
/// zero bytes; `out` is cut back to its old length on errors.
///
/// ```
/// use ottl_otlp::{Signal, json};
///
/// let mut out = Vec::new();
/// json::to_protobuf(Signal::Logs, br#"{"resourceLogs":[{"schemaUrl":"x"}]}"#, &mut out)?;
/// assert_eq!(out, [0x0a, 3, 0x1a, 1, b'x']);
/// # Ok::<(), ottl_otlp::json::JsonError>(())
/// ```
///
/// # Errors
/// The first thing in the text that is no OTLP/JSON, with its byte offset.
pub fn to_protobuf(signal: Signal, text: &[u8], out: &mut Vec<u8>) -> Result<(), JsonError> {
    run::<false>(signal, text, out, &mut Notes::default())
}

/// As [`to_protobuf`], and notes what else the document holds: other signals, members that OTLP does not have, and where
/// its records stand, which [`super::from_protobuf_like`] needs. What `notes` held before is gone.
///
/// # Errors
/// As [`to_protobuf`].
pub fn read(signal: Signal, text: &[u8], out: &mut Vec<u8>, notes: &mut Notes) -> Result<(), JsonError> {
    notes.clear();
    run::<true>(signal, text, out, notes)
}

/// All messages of a document that may hold several signals, in order of appearance, as protobuf. [`to_protobuf`] reads
/// one of them. A document of no signal has no messages.
///
/// ```
/// use ottl_otlp::{Signal, json};
///
/// let text = br#"{"resourceSpans":[{"schemaUrl":"x"}],"resourceLogs":[{"schemaUrl":"y"}]}"#;
/// let messages = json::messages(text)?;
/// assert_eq!(messages[0], (Signal::Traces, vec![0x0a, 3, 0x1a, 1, b'x']));
/// assert_eq!(messages[1], (Signal::Logs, vec![0x0a, 3, 0x1a, 1, b'y']));
/// # Ok::<(), ottl_otlp::json::JsonError>(())
/// ```
///
/// # Errors
/// As [`to_protobuf`].
pub fn messages(text: &[u8]) -> Result<Vec<(Signal, Vec<u8>)>, JsonError> {
    let first = signal_of_json(text);
    let mut notes = Notes::default();
    let mut message = Vec::new();
    read(first.unwrap_or(Signal::Logs), text, &mut message, &mut notes)?;
    let Some(first) = first else { return Ok(Vec::new()) };
    let others = std::mem::take(&mut notes.others);
    let mut messages = Vec::with_capacity(1 + others.len());
    // An empty list beside another signal is nothing.
    if others.is_empty() || !message.is_empty() {
        messages.push((first, message));
    }
    for signal in others {
        let mut message = Vec::new();
        to_protobuf(signal, text, &mut message)?;
        messages.push((signal, message));
    }
    Ok(messages)
}

fn run<const NOTED: bool>(signal: Signal, text: &[u8], out: &mut Vec<u8>, notes: &mut Notes) -> Result<(), JsonError> {
    let start = out.len();
    let mut transcoder = Transcoder::<NOTED> {
        text: Scanner::new(text),
        out,
        scratch: Vec::new(),
        last_len: [0; MessageId::COUNT],
        open: Vec::new(),
        notes,
    };
    let result = transcoder.message(signal.message().def());
    if result.is_err() {
        out.truncate(start);
    }
    if NOTED {
        notes.settle(signal.message());
    }
    result
}

/// An open object.
struct Level {
    def: &'static MessageDef,
    /// Where its length stands; none for the whole message.
    mark: Option<Mark>,
    /// The field whose list this object is an element of.
    element_of: Option<(u32, MessageId)>,
    /// Bit per field that has occurred.
    seen: u32,
    /// Where the search for the next name starts: writers keep to one order.
    next_field: usize,
    /// Its index in [`Notes`], if it is noted.
    object: u32,
}

/// The index of what is not noted.
const NOT_NOTED: u32 = u32::MAX;

impl Level {
    fn new(id: MessageId, mark: Option<Mark>, element_of: Option<(u32, MessageId)>) -> Self {
        Self { def: id.def(), mark, element_of, seen: 0, next_field: 0, object: NOT_NOTED }
    }

    #[inline]
    fn find(&mut self, name: &[u8]) -> Option<usize> {
        let fields = self.def.fields;
        for step in 0..fields.len() {
            let mut index = self.next_field + step;
            if index >= fields.len() {
                index -= fields.len();
            }
            if fields[index].name.as_bytes() == name {
                self.next_field = if index + 1 < fields.len() { index + 1 } else { 0 };
                return Some(index);
            }
        }
        fields.iter().position(|field| field.snake_name.as_bytes() == name)
    }
}

pub(super) struct Transcoder<'t, 'o, const NOTED: bool> {
    pub(super) text: Scanner<'t>,
    pub(super) out: &'o mut Vec<u8>,
    /// Strings with escapes that do not go to the output as they are.
    pub(super) scratch: Vec<u8>,
    /// Length of the last message of each type: the guess for the next one.
    last_len: [usize; MessageId::COUNT],
    /// The objects around the current one.
    open: Vec<Level>,
    /// Left alone unless `NOTED`.
    notes: &'o mut Notes,
}

impl<const NOTED: bool> Transcoder<'_, '_, NOTED> {
    fn message(&mut self, def: &'static MessageDef) -> Result<(), JsonError> {
        match self.text.token()? {
            b'n' => self.text.literal(b"ull")?,
            b'{' => {
                let object = if NOTED { self.note_object(1) } else { NOT_NOTED };
                self.objects(Level { object, ..Level::new(def.id, None, None) })?;
            }
            _ => return Err(self.text.error(JsonErrorKind::WrongType)),
        }
        self.text.end()
    }

    /// Everything from the first member of the outermost object to its closing brace.
    fn objects(&mut self, outermost: Level) -> Result<(), JsonError> {
        let mut level = outermost;
        let mut at_start = true;
        loop {
            match self.text.token()? {
                b'}' => {
                    self.close(&level);
                    let element_of = level.element_of;
                    match self.open.pop() {
                        Some(parent) => level = parent,
                        None => return Ok(()),
                    }
                    at_start = false;
                    if let Some((number, id)) = element_of
                        && self.list_goes_on()?
                    {
                        at_start = self.elements(&mut level, number, id)?;
                    }
                    continue;
                }
                b'"' if at_start => {}
                b',' if !at_start => self.text.expect(b'"')?,
                _ => return Err(self.text.error(JsonErrorKind::UnexpectedByte)),
            }
            at_start = false;
            let name_start = self.text.pos();
            let name = self.text.string(&mut self.scratch)?;
            let index = level.find(name);
            let name_end = self.text.pos() - 1;
            self.text.expect(b':')?;
            let Some(index) = index else {
                let value = self.text.value_start();
                self.text.skip_value()?;
                if NOTED {
                    self.note_unknown(&level, name_start..name_end, value);
                }
                continue;
            };
            let field = &level.def.fields[index];
            let occurs_again = level.seen & (1 << index) != 0;
            level.seen |= 1 << index;
            match field.kind {
                Kind::Message(id) if field.presence == Presence::Repeated => {
                    at_start = self.list_starts()? && self.elements(&mut level, field.number, id)?;
                }
                Kind::Message(id) => {
                    at_start = self.single_message(&mut level, field.number, id)?;
                    if at_start && occurs_again {
                        // A second occurrence merges into the first: its zeros override.
                        level.seen = u32::MAX;
                    }
                }
                _ if field.presence == Presence::Repeated => self.scalars(field)?,
                kind => {
                    // Explicit presence keeps zeros; otherwise a zero matters only when it overrides something.
                    let keep_zero = field.presence != Presence::Implicit || occurs_again;
                    self.scalar(field.number, kind, keep_zero)?;
                }
            }
        }
    }

    /// Notes an object of which so many bytes have been read; its end is noted later.
    fn note_object(&mut self, read: usize) -> u32 {
        let end = self.text.pos();
        let (Ok(start), Ok(end)) = (u32::try_from(end - read), u32::try_from(end)) else { return NOT_NOTED };
        self.notes.objects.push(Object { start, end });
        (self.notes.objects.len() - 1) as u32
    }

    /// Notes a member without a field, which has been read.
    #[cold]
    fn note_unknown(&mut self, level: &Level, name: Range<usize>, value: usize) {
        let text = self.text.text();
        let end = self.text.pos();
        let key = &text[name.clone()];
        let has_it = |signal: &Signal| {
            let fields = signal.message().def().fields;
            fields.iter().any(|field| field.name.as_bytes() == key || field.snake_name.as_bytes() == key)
        };
        // A noted object stands where 32 bits are enough; its members need not.
        let stranger = match (u32::try_from(name.start - 1), u32::try_from(end)) {
            (Ok(start), Ok(end)) if level.object != NOT_NOTED => Some(Stranger { object: level.object, start, end }),
            _ => None,
        };
        // The message of another signal, unless nothing is in it.
        if self.open.is_empty()
            && let Some(other) = Signal::ALL.into_iter().find(has_it)
        {
            let is_empty = match &text[value..end] {
                [b'[' | b'{', inner @ .., _] => inner.trim_ascii().is_empty(),
                content => content == b"null",
            };
            if !is_empty && !self.notes.others.contains(&other) {
                self.notes.follows |= self.notes.others.is_empty() && level.seen == 0;
                self.notes.others.push(other);
            }
            self.notes.other_members.extend(stranger);
            return;
        }
        self.notes.add(level.def.id, key, value);
        self.notes.strangers.extend(stranger);
    }

    fn begin(&mut self, number: u32, id: MessageId) -> Result<Mark, JsonError> {
        let depth = self.open.len() + 1;
        if depth >= MAX_DEPTH {
            return Err(self.text.error(JsonErrorKind::TooDeep));
        }
        if depth >= WIDE_FROM {
            return Ok(begin_wide_len(self.out, number));
        }
        let last = self.last_len[id as usize];
        // The outer two levels hold nearly all of the rest, at half the size of its text or so.
        let guess = if last == 0 && depth <= 2 { self.text.remaining() / 2 } else { last };
        Ok(begin_len(self.out, number, guess))
    }

    #[inline]
    fn close(&mut self, level: &Level) {
        if NOTED && let Some(object) = self.notes.objects.get_mut(level.object as usize) {
            object.end = self.text.pos() as u32;
        }
        let Some(mark) = level.mark else { return };
        self.last_len[level.def.id as usize] = self.out.len() - mark.content_start();
        // The level is not in the stack: its depth is the number of levels around it.
        if self.open.len() >= WIDE_FROM {
            end_wide_len(self.out, mark);
        } else {
            end_len(self.out, mark);
        }
    }

    /// Opens a list; false for `null` and for an empty one, which is consumed.
    pub(super) fn list_starts(&mut self) -> Result<bool, JsonError> {
        match self.text.token()? {
            b'n' => {
                self.text.literal(b"ull")?;
                Ok(false)
            }
            b'[' if self.text.peek() == Some(b']') => {
                self.text.expect(b']')?;
                Ok(false)
            }
            b'[' => Ok(true),
            _ => Err(self.text.error(JsonErrorKind::WrongType)),
        }
    }

    /// After an element: whether another one follows.
    #[inline]
    pub(super) fn list_goes_on(&mut self) -> Result<bool, JsonError> {
        match self.text.token()? {
            b',' => Ok(true),
            b']' => Ok(false),
            _ => Err(self.text.error(JsonErrorKind::UnexpectedByte)),
        }
    }

    /// Begins an object whose brace was consumed: it becomes the level, which goes to those that are open.
    ///
    /// PERF: handed out in an `Option` in a `Result`, levels were moved by loads that straddle the stores before them: a tenth of
    /// the time of reading.
    #[inline]
    fn enter(
        &mut self,
        level: &mut Level,
        number: u32,
        id: MessageId,
        element_of: Option<(u32, MessageId)>,
    ) -> Result<(), JsonError> {
        let object = if NOTED && is_kept(id) { self.note_object(1) } else { NOT_NOTED };
        let mark = self.begin(number, id)?;
        self.open.push(std::mem::replace(level, Level { object, ..Level::new(id, Some(mark), element_of) }));
        Ok(())
    }

    /// Elements of a list of messages up to the first one that is an object, which becomes the level; false at the end of
    /// the list. `null` elements are empty messages.
    fn elements(&mut self, level: &mut Level, number: u32, id: MessageId) -> Result<bool, JsonError> {
        // The value in the pair lies two levels deeper than what is open here.
        let is_pair = id == MessageId::KeyValue && self.open.len() + 2 < WIDE_FROM;
        loop {
            if is_pair && self.pair(number) {
                if !self.list_goes_on()? {
                    return Ok(false);
                }
                continue;
            }
            match self.text.token()? {
                b'{' => {
                    self.enter(level, number, id, Some((number, id)))?;
                    return Ok(true);
                }
                b'n' => {
                    self.null_message(number, id)?;
                }
                _ => return Err(self.text.error(JsonErrorKind::WrongType)),
            }
            if !self.list_goes_on()? {
                return Ok(false);
            }
        }
    }

    /// The value of a singular message; an object becomes the level.
    fn single_message(&mut self, level: &mut Level, number: u32, id: MessageId) -> Result<bool, JsonError> {
        match self.text.token()? {
            b'{' => {
                self.enter(level, number, id, None)?;
                Ok(true)
            }
            b'n' => {
                self.null_message(number, id)?;
                Ok(false)
            }
            _ => Err(self.text.error(JsonErrorKind::WrongType)),
        }
    }

    /// `null` after its first letter, where it stands for an empty message.
    fn null_message(&mut self, number: u32, id: MessageId) -> Result<(), JsonError> {
        self.text.literal(b"ull")?;
        put_len_field(self.out, number, b"");
        if NOTED && is_kept(id) {
            self.note_object(b"null".len());
        }
        Ok(())
    }
}
