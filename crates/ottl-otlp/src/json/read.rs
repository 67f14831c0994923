//! [`to_protobuf`]: OTLP/JSON text to protobuf bytes, driven by the schema.
//!
//! INVARIANT: the stack holds one level per open object; a level's content is what was appended to the output since
//! its mark. The order of fields in the output is the order of members in the text, which is enough: protobuf
//! readers let the last scalar win, append lists and merge messages, as the reference's JSON decoder does.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::error::{JsonError, JsonErrorKind};
use super::number::{parse_float, parse_integer};
use super::scan::Scanner;
use crate::schema::{EnumName, FieldDef, Kind, MAX_DEPTH, MessageDef, MessageId, Presence, Signal};
use crate::wire::{
    Mark, WireType, begin_len, begin_wide_len, end_len, end_wide_len, put_len_field, put_tag, put_varint, zigzag_encode,
};

/// Go's `base64.StdEncoding`: padding required, stray bits in the last character ignored.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

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
    let start = out.len();
    let mut transcoder = Transcoder {
        text: Scanner::new(text),
        out,
        scratch: Vec::new(),
        last_len: [0; MessageId::COUNT],
        open: Vec::new(),
    };
    let result = transcoder.message(signal.message().def());
    if result.is_err() {
        out.truncate(start);
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
}

impl Level {
    fn new(id: MessageId, mark: Option<Mark>, element_of: Option<(u32, MessageId)>) -> Self {
        Self { def: id.def(), mark, element_of, seen: 0, next_field: 0 }
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

struct Transcoder<'t, 'o> {
    text: Scanner<'t>,
    out: &'o mut Vec<u8>,
    /// Strings with escapes that do not go to the output as they are.
    scratch: Vec<u8>,
    /// Length of the last message of each type: the guess for the next one.
    last_len: [usize; MessageId::COUNT],
    /// The objects around the current one.
    open: Vec<Level>,
}

impl Transcoder<'_, '_> {
    fn message(&mut self, def: &'static MessageDef) -> Result<(), JsonError> {
        match self.text.token()? {
            b'n' => self.text.literal(b"ull")?,
            b'{' => self.objects(Level::new(def.id, None, None))?,
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
                        && let Some(element) = self.elements(number, id)?
                    {
                        self.open.push(std::mem::replace(&mut level, element));
                        at_start = true;
                    }
                    continue;
                }
                b'"' if at_start => {}
                b',' if !at_start => self.text.expect(b'"')?,
                _ => return Err(self.text.error(JsonErrorKind::UnexpectedByte)),
            }
            at_start = false;
            let name = self.text.string(&mut self.scratch)?;
            let index = level.find(name);
            self.text.expect(b':')?;
            let Some(index) = index else {
                self.text.skip_value()?;
                continue;
            };
            let field = &level.def.fields[index];
            let child = match field.kind {
                Kind::Message(id) if field.presence == Presence::Repeated => {
                    if self.list_starts()? {
                        self.elements(field.number, id)?
                    } else {
                        None
                    }
                }
                Kind::Message(id) => {
                    let mut child = self.single_message(field.number, id)?;
                    // A second occurrence merges into the first: its zeros override.
                    if let Some(child) = &mut child
                        && level.seen & (1 << index) != 0
                    {
                        child.seen = u32::MAX;
                    }
                    child
                }
                _ if field.presence == Presence::Repeated => {
                    self.scalars(field)?;
                    None
                }
                kind => {
                    // Explicit presence keeps zeros; otherwise a zero matters only when it overrides something.
                    let keep_zero = field.presence != Presence::Implicit || level.seen & (1 << index) != 0;
                    self.scalar(field.number, kind, keep_zero)?;
                    None
                }
            };
            level.seen |= 1 << index;
            if let Some(child) = child {
                self.open.push(std::mem::replace(&mut level, child));
                at_start = true;
            }
        }
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
    fn list_starts(&mut self) -> Result<bool, JsonError> {
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
    fn list_goes_on(&mut self) -> Result<bool, JsonError> {
        match self.text.token()? {
            b',' => Ok(true),
            b']' => Ok(false),
            _ => Err(self.text.error(JsonErrorKind::UnexpectedByte)),
        }
    }

    /// Elements of a list of messages up to the first one that is an object; `null` elements are empty messages.
    fn elements(&mut self, number: u32, id: MessageId) -> Result<Option<Level>, JsonError> {
        loop {
            match self.text.token()? {
                b'{' => {
                    let mark = self.begin(number, id)?;
                    return Ok(Some(Level::new(id, Some(mark), Some((number, id)))));
                }
                b'n' => {
                    self.text.literal(b"ull")?;
                    put_len_field(self.out, number, b"");
                }
                _ => return Err(self.text.error(JsonErrorKind::WrongType)),
            }
            if !self.list_goes_on()? {
                return Ok(None);
            }
        }
    }

    fn single_message(&mut self, number: u32, id: MessageId) -> Result<Option<Level>, JsonError> {
        match self.text.token()? {
            b'{' => {
                let mark = self.begin(number, id)?;
                Ok(Some(Level::new(id, Some(mark), None)))
            }
            b'n' => {
                self.text.literal(b"ull")?;
                put_len_field(self.out, number, b"");
                Ok(None)
            }
            _ => Err(self.text.error(JsonErrorKind::WrongType)),
        }
    }

    /// A list of values that are no messages.
    fn scalars(&mut self, field: &FieldDef) -> Result<(), JsonError> {
        if !self.list_starts()? {
            return Ok(());
        }
        if !field.kind.packable() {
            loop {
                self.scalar(field.number, field.kind, true)?;
                if !self.list_goes_on()? {
                    return Ok(());
                }
            }
        }
        // Sixteen doubles already need a second length byte; short lists of small counts do not.
        let mark = begin_len(self.out, field.number, 1);
        loop {
            let value = self.numeric(field.kind)?;
            self.put_value(value);
            if !self.list_goes_on()? {
                break;
            }
        }
        end_len(self.out, mark);
        Ok(())
    }

    #[inline]
    fn scalar(&mut self, number: u32, kind: Kind, keep_zero: bool) -> Result<(), JsonError> {
        match kind {
            Kind::String => self.string(number, keep_zero),
            Kind::Bytes => self.bytes(number, keep_zero),
            Kind::Id(len) => self.id(number, usize::from(len), keep_zero),
            _ => {
                let value = self.numeric(kind)?;
                if keep_zero || value.bits != 0 {
                    put_tag(self.out, number, value.wire_type);
                    self.put_value(value);
                }
                Ok(())
            }
        }
    }

    #[inline]
    fn put_value(&mut self, value: Numeric) {
        match value.wire_type {
            WireType::Fixed64 => self.out.extend_from_slice(&value.bits.to_le_bytes()),
            WireType::Fixed32 => self.out.extend_from_slice(&(value.bits as u32).to_le_bytes()),
            _ => put_varint(self.out, value.bits),
        }
    }

    fn string(&mut self, number: u32, keep_zero: bool) -> Result<(), JsonError> {
        match self.text.token()? {
            b'"' => {
                if let Some(text) = self.text.plain_string()? {
                    if keep_zero || !text.is_empty() {
                        put_len_field(self.out, number, text);
                    }
                } else {
                    let mark = begin_len(self.out, number, 0);
                    self.text.unescape(self.out)?;
                    end_len(self.out, mark);
                }
            }
            b'n' => {
                self.text.literal(b"ull")?;
                if keep_zero {
                    put_len_field(self.out, number, b"");
                }
            }
            _ => return Err(self.text.error(JsonErrorKind::WrongType)),
        }
        Ok(())
    }

    fn bytes(&mut self, number: u32, keep_zero: bool) -> Result<(), JsonError> {
        if self.text.token()? != b'"' {
            return Err(self.text.error(JsonErrorKind::WrongType));
        }
        let at = self.text.pos();
        let text = self.text.raw_string()?;
        if text.is_empty() && !keep_zero {
            return Ok(());
        }
        let mark = begin_len(self.out, number, text.len() / 4 * 3);
        // Go skips line breaks; writers do not make them, so the copy is rare.
        let decoded = if memchr::memchr2(b'\r', b'\n', text).is_some() {
            self.scratch.clear();
            self.scratch.extend(text.iter().filter(|byte| !matches!(byte, b'\r' | b'\n')));
            BASE64.decode_vec(&self.scratch, self.out)
        } else {
            BASE64.decode_vec(text, self.out)
        };
        decoded.map_err(|_| JsonError::new(JsonErrorKind::BadBase64, at))?;
        end_len(self.out, mark);
        Ok(())
    }

    fn id(&mut self, number: u32, len: usize, keep_zero: bool) -> Result<(), JsonError> {
        if self.text.token()? != b'"' {
            return Err(self.text.error(JsonErrorKind::WrongType));
        }
        let at = self.text.pos();
        let text = self.text.raw_string()?;
        if text.is_empty() {
            if keep_zero {
                put_len_field(self.out, number, b"");
            }
            return Ok(());
        }
        let bad = JsonError::new(JsonErrorKind::BadId, at);
        let mut id = [0u8; 16];
        let id = id.get_mut(..len).ok_or(bad)?;
        if text.len() != 2 * len {
            return Err(bad);
        }
        let (pairs, _) = text.as_chunks::<2>();
        for (byte, pair) in id.iter_mut().zip(pairs) {
            let (high, low) = (HEX[usize::from(pair[0])], HEX[usize::from(pair[1])]);
            if high > 15 || low > 15 {
                return Err(bad);
            }
            *byte = high << 4 | low;
        }
        if keep_zero || id.iter().any(|&byte| byte != 0) {
            put_len_field(self.out, number, id);
        }
        Ok(())
    }

    /// A value that is a number on the wire.
    #[inline]
    fn numeric(&mut self, kind: Kind) -> Result<Numeric, JsonError> {
        let bits = match kind {
            Kind::Double => self.float()?.to_bits(),
            Kind::Bool => u64::from(self.bool()?),
            Kind::Enum(names) => self.enum_value(names)?,
            Kind::Int32 => self.integer(i32::MIN.into(), i32::MAX as u64)?,
            Kind::Sint32 => zigzag_encode(self.integer(i32::MIN.into(), i32::MAX as u64)? as i64),
            Kind::Uint32 | Kind::Fixed32 => self.integer(0, u32::MAX.into())?,
            Kind::Int64 | Kind::Sfixed64 => self.integer(i64::MIN, i64::MAX as u64)?,
            _ => self.integer(0, u64::MAX)?,
        };
        Ok(Numeric { bits, wire_type: kind.wire_type() })
    }

    fn bool(&mut self) -> Result<bool, JsonError> {
        match self.text.token()? {
            b't' => self.text.literal(b"rue").map(|()| true),
            b'f' => self.text.literal(b"alse").map(|()| false),
            _ => Err(self.text.error(JsonErrorKind::WrongType)),
        }
    }

    fn enum_value(&mut self, names: &'static [EnumName]) -> Result<u64, JsonError> {
        if self.text.peek() != Some(b'"') {
            return self.integer(i32::MIN.into(), i32::MAX as u64);
        }
        self.text.expect(b'"')?;
        let at = self.text.pos();
        let text = self.text.string(&mut self.scratch)?;
        let known = names.iter().find(|known| known.name.as_bytes() == text);
        // Enums are int32: negative numbers are sign-extended on the wire, and none has a name.
        known.map(|known| known.value as u64).ok_or(JsonError::new(JsonErrorKind::UnknownEnumName, at))
    }

    /// An integer as number or decimal string, sign-extended to 64 bits.
    fn integer(&mut self, min: i64, max: u64) -> Result<u64, JsonError> {
        let first = self.text.token()?;
        let at = self.text.pos();
        let digits = match first {
            b'"' => self.text.string(&mut self.scratch)?,
            b'-' | b'0'..=b'9' => self.text.number()?,
            _ => return Err(self.text.error(JsonErrorKind::WrongType)),
        };
        // A negative number for an unsigned field, minus zero included, is out of range, not malformed.
        let signed = min < 0 || first == b'-';
        let out_of_range = JsonError::new(JsonErrorKind::NumberOutOfRange, at - 1);
        match parse_integer(digits, signed) {
            None => Err(JsonError::new(JsonErrorKind::BadNumber, at - 1)),
            Some(Ok((false, magnitude))) if magnitude <= max => Ok(magnitude),
            Some(Ok((true, magnitude))) if min < 0 && magnitude <= min.unsigned_abs() => Ok(magnitude.wrapping_neg()),
            Some(_) => Err(out_of_range),
        }
    }

    fn float(&mut self) -> Result<f64, JsonError> {
        let first = self.text.token()?;
        let at = self.text.pos() - 1;
        let text = match first {
            b'"' => self.text.string(&mut self.scratch)?,
            b'-' | b'0'..=b'9' => self.text.number()?,
            _ => return Err(self.text.error(JsonErrorKind::WrongType)),
        };
        match parse_float(text) {
            Some(Ok(value)) => Ok(value),
            Some(Err(())) => Err(JsonError::new(JsonErrorKind::NumberOutOfRange, at)),
            None => Err(JsonError::new(JsonErrorKind::BadNumber, at)),
        }
    }
}

/// A number ready for the wire.
#[derive(Clone, Copy)]
struct Numeric {
    bits: u64,
    wire_type: WireType,
}

/// Value of each hex digit; above 15 for everything else.
const HEX: [u8; 256] = {
    let mut table = [u8::MAX; 256];
    let mut digit = 0u8;
    while digit < 10 {
        table[(b'0' + digit) as usize] = digit;
        digit += 1;
    }
    let mut letter = 0u8;
    while letter < 6 {
        table[(b'a' + letter) as usize] = 10 + letter;
        table[(b'A' + letter) as usize] = 10 + letter;
        letter += 1;
    }
    table
};
