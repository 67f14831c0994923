//! Values that are no messages, from JSON to protobuf: the part of the reader that knows numbers, strings, ids and bytes.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::error::{JsonError, JsonErrorKind};
use super::number::{parse_float, parse_integer};
use super::read::Transcoder;
use crate::schema::{EnumName, FieldDef, Kind};
use crate::wire::{WireType, begin_len, end_len, put_len_field, put_tag, put_varint, zigzag_encode};

/// Go's `base64.StdEncoding`: padding required, stray bits in the last character ignored.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

impl<const NOTED: bool> Transcoder<'_, '_, NOTED> {
    /// A list of values that are no messages.
    pub(super) fn scalars(&mut self, field: &FieldDef) -> Result<(), JsonError> {
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
    pub(super) fn scalar(&mut self, number: u32, kind: Kind, keep_zero: bool) -> Result<(), JsonError> {
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
