//! [`Conv`]: how a singular field on the wire and the value that a program sees become each other.

use ottl_core::function::Type;
use ottl_core::{Arena, ArenaVec, ErrorKind, EvalError, List, ListKind, Time, Value};
use ottl_otlp::wire::{
    Payload, Reader, WireError, WireErrorKind, packed_fixed64, packed_varints, put_varint, zigzag_decode, zigzag_encode,
};

/// The content of a singular field; an absent one has its type's default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldValue<'a> {
    /// Not there.
    Absent,
    /// What the wire carries.
    Present(Payload<'a>),
}

/// The conversion of a singular field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conv {
    /// `string`.
    Str,
    /// `int32` or an enum, as an int; stored truncated to 32 bits.
    I32,
    /// `int32`, as an int; one from the largest of 32 bits on cannot be written, a negative one is truncated to 32 bits.
    I32Below,
    /// `sint32`, as an int; stored truncated to 32 bits.
    Sint32,
    /// `uint32`, as an int; stored truncated to 32 bits.
    U32,
    /// `int64`, as an int.
    I64,
    /// `uint64`, as an int with the same bits; a negative one cannot be written.
    Length,
    /// `fixed32`, as an int; stored truncated to 32 bits.
    Fixed32,
    /// `fixed32`, as an int; writing checks the range.
    Fixed32Checked,
    /// `fixed64` nanoseconds, as an int with the same bits.
    Nanos,
    /// `fixed64` nanoseconds, as a time.
    Time,
    /// `fixed64`, as an int with the same bits.
    FixedInt,
    /// `double` with presence: writing zero keeps the field.
    Double,
    /// 16 bytes or none.
    TraceId,
    /// The same as hex text.
    TraceIdText,
    /// 8 bytes or none.
    SpanId,
    /// The same as hex text.
    SpanIdText,
    /// 16 bytes or none; none cannot be written.
    ProfileId,
    /// The same as hex text.
    ProfileIdText,
    /// `bytes`.
    Bytes,
    /// A span kind as a word.
    SpanKindText,
    /// A span kind as its enum symbol.
    SpanKindSymbol,
}

const KIND_WORDS: [&[u8]; 6] = [b"Unspecified", b"Internal", b"Server", b"Client", b"Producer", b"Consumer"];
const KIND_SYMBOLS: [&[u8]; 6] = [
    b"SPAN_KIND_UNSPECIFIED",
    b"SPAN_KIND_INTERNAL",
    b"SPAN_KIND_SERVER",
    b"SPAN_KIND_CLIENT",
    b"SPAN_KIND_PRODUCER",
    b"SPAN_KIND_CONSUMER",
];

impl Conv {
    /// The static type of a read.
    pub const fn type_read(self) -> Type {
        match self {
            Conv::Str
            | Conv::TraceIdText
            | Conv::SpanIdText
            | Conv::ProfileIdText
            | Conv::SpanKindText
            | Conv::SpanKindSymbol => Type::String,
            Conv::Bytes => Type::Bytes,
            Conv::I32
            | Conv::I32Below
            | Conv::Sint32
            | Conv::U32
            | Conv::I64
            | Conv::Length
            | Conv::Fixed32
            | Conv::Fixed32Checked
            | Conv::Nanos
            | Conv::FixedInt => Type::Int,
            Conv::Time => Type::Time,
            Conv::Double => Type::Float,
            Conv::TraceId => Type::TraceId,
            Conv::SpanId => Type::SpanId,
            Conv::ProfileId => Type::ProfileId,
        }
    }

    /// The value of a field.
    ///
    /// # Errors
    /// The wrong wire type, or an id of the wrong length: the message is damaged.
    pub fn read<'a>(self, field: FieldValue<'a>, arena: &'a Arena) -> Result<Value<'a>, EvalError> {
        Ok(match self {
            Conv::Str => Value::Str(bytes(field)?),
            Conv::I32 | Conv::I32Below => Value::Int(i64::from(varint(field)? as i32)),
            Conv::Sint32 => Value::Int(i64::from(zigzag_decode(varint(field)? & 0xffff_ffff) as i32)),
            Conv::U32 => Value::Int(i64::from(varint(field)? as u32)),
            Conv::I64 | Conv::Length => Value::Int(varint(field)? as i64),
            Conv::Fixed32 | Conv::Fixed32Checked => Value::Int(match field {
                FieldValue::Absent => 0,
                FieldValue::Present(Payload::Fixed32(bits)) => i64::from(bits),
                FieldValue::Present(_) => return Err(wrong_wire_type()),
            }),
            Conv::Nanos | Conv::FixedInt => Value::Int(fixed64(field)? as i64),
            Conv::Time => Value::Time(Time::from_unix_nanos(fixed64(field)? as i64)),
            Conv::Double => Value::Float(f64::from_bits(fixed64(field)?)),
            Conv::TraceId => Value::TraceId(id(field)?),
            Conv::SpanId => Value::SpanId(id(field)?),
            Conv::ProfileId => Value::ProfileId(id(field)?),
            Conv::Bytes => Value::Bytes(bytes(field)?),
            Conv::TraceIdText | Conv::ProfileIdText => Value::Str(hex(&id::<16>(field)?, arena)?),
            Conv::SpanIdText => Value::Str(hex(&id::<8>(field)?, arena)?),
            Conv::SpanKindText => Value::Str(word(&KIND_WORDS, varint(field)?)),
            Conv::SpanKindSymbol => Value::Str(word(&KIND_SYMBOLS, varint(field)?)),
        })
    }

    /// What a write stores.
    ///
    /// # Errors
    /// [`ErrorKind::NilWrite`], [`ErrorKind::UnsupportedWrite`] for another type, [`ErrorKind::OutOfRange`], and
    /// [`ErrorKind::BadText`] for a text that is no id or kind.
    pub fn write<'a>(self, value: Value<'a>, arena: &'a Arena) -> Result<FieldValue<'a>, EvalError> {
        let unsupported = |expected| EvalError::new(ErrorKind::UnsupportedWrite { expected, got: value.type_name() });
        if value.is_nil() {
            return Err(ErrorKind::NilWrite.into());
        }
        let int = || value.as_int().ok_or_else(|| unsupported("int64"));
        let text = || value.as_str().ok_or_else(|| unsupported("string"));
        Ok(match self {
            Conv::Str => present_bytes(text()?),
            Conv::I32 => present_varint(i64::from(int()? as i32) as u64),
            Conv::I32Below => match int()? {
                // COMPAT: the largest number itself is refused, too.
                index if index >= i64::from(i32::MAX) => return Err(ErrorKind::OutOfRange.into()),
                index => present_varint(i64::from(index as i32) as u64),
            },
            Conv::Sint32 => present_varint(zigzag_encode(i64::from(int()? as i32))),
            Conv::U32 => present_varint(u64::from(int()? as u32)),
            Conv::I64 => present_varint(int()? as u64),
            Conv::Length => present_varint(u64::try_from(int()?).map_err(|_| EvalError::new(ErrorKind::OutOfRange))?),
            Conv::Fixed32 => present_fixed32(int()? as u32),
            Conv::Fixed32Checked => {
                present_fixed32(u32::try_from(int()?).map_err(|_| EvalError::new(ErrorKind::OutOfRange))?)
            }
            Conv::Nanos | Conv::FixedInt => present_fixed64(int()? as u64),
            Conv::Time => match value {
                Value::Time(t) => present_fixed64(t.unix_nanos() as u64),
                _ => return Err(unsupported("time")),
            },
            Conv::Double => match value {
                Value::Float(f) => FieldValue::Present(Payload::Fixed64(f.to_bits())),
                _ => return Err(unsupported("float64")),
            },
            Conv::TraceId => match value {
                Value::TraceId(id) => present_id(&id, arena)?,
                _ => return Err(unsupported("trace id")),
            },
            Conv::SpanId => match value {
                Value::SpanId(id) => present_id(&id, arena)?,
                _ => return Err(unsupported("span id")),
            },
            Conv::ProfileId => match value {
                Value::ProfileId(id) => present_profile_id(&id, arena)?,
                _ => return Err(unsupported("profile id")),
            },
            Conv::Bytes => match value {
                Value::Bytes(bytes) => present_bytes(bytes),
                _ => return Err(unsupported("bytes")),
            },
            Conv::TraceIdText => {
                present_id(&unhex::<16>(text()?).ok_or(ErrorKind::BadText("trace id of 32 hex digits"))?, arena)?
            }
            Conv::SpanIdText => {
                present_id(&unhex::<8>(text()?).ok_or(ErrorKind::BadText("span id of 16 hex digits"))?, arena)?
            }
            Conv::ProfileIdText => {
                let id = unhex::<16>(text()?).ok_or(ErrorKind::BadText("profile id of 32 hex digits"))?;
                present_profile_id(&id, arena)?
            }
            Conv::SpanKindText => present_varint(position(&KIND_WORDS, text()?)?),
            Conv::SpanKindSymbol => present_varint(position(&KIND_SYMBOLS, text()?)?),
        })
    }
}

#[cold]
fn wrong_wire_type() -> EvalError {
    WireError::new(WireErrorKind::WrongWireType, 0).into()
}

fn bytes(field: FieldValue<'_>) -> Result<&[u8], EvalError> {
    match field {
        FieldValue::Absent => Ok(&[]),
        FieldValue::Present(Payload::Bytes(b)) => Ok(b),
        FieldValue::Present(_) => Err(wrong_wire_type()),
    }
}

fn varint(field: FieldValue<'_>) -> Result<u64, EvalError> {
    match field {
        FieldValue::Absent => Ok(0),
        FieldValue::Present(Payload::Varint(v)) => Ok(v),
        FieldValue::Present(_) => Err(wrong_wire_type()),
    }
}

fn fixed64(field: FieldValue<'_>) -> Result<u64, EvalError> {
    match field {
        FieldValue::Absent => Ok(0),
        FieldValue::Present(Payload::Fixed64(v)) => Ok(v),
        FieldValue::Present(_) => Err(wrong_wire_type()),
    }
}

fn id<const N: usize>(field: FieldValue<'_>) -> Result<[u8; N], EvalError> {
    match bytes(field)? {
        [] => Ok([0; N]),
        b => b.try_into().map_err(|_| WireError::new(WireErrorKind::BadIdLength, 0).into()),
    }
}

/// Fields without presence are left out when they hold their default, as the reference's marshaler does.
fn present_varint<'a>(value: u64) -> FieldValue<'a> {
    if value == 0 { FieldValue::Absent } else { FieldValue::Present(Payload::Varint(value)) }
}

fn present_fixed64<'a>(bits: u64) -> FieldValue<'a> {
    if bits == 0 { FieldValue::Absent } else { FieldValue::Present(Payload::Fixed64(bits)) }
}

fn present_fixed32<'a>(bits: u32) -> FieldValue<'a> {
    if bits == 0 { FieldValue::Absent } else { FieldValue::Present(Payload::Fixed32(bits)) }
}

fn present_bytes(bytes: &[u8]) -> FieldValue<'_> {
    if bytes.is_empty() { FieldValue::Absent } else { FieldValue::Present(Payload::Bytes(bytes)) }
}

fn present_id<'a, const N: usize>(id: &[u8; N], arena: &'a Arena) -> Result<FieldValue<'a>, EvalError> {
    Ok(if *id == [0; N] { FieldValue::Absent } else { FieldValue::Present(Payload::Bytes(arena.copy(id)?)) })
}

/// The id of a profile has to be one.
fn present_profile_id<'a>(id: &[u8; 16], arena: &'a Arena) -> Result<FieldValue<'a>, EvalError> {
    match present_id(id, arena)? {
        FieldValue::Absent => Err(ErrorKind::BadText("profile id: it is all zeros").into()),
        id => Ok(id),
    }
}

fn word<'a>(words: &[&'a [u8]; 6], number: u64) -> &'a [u8] {
    usize::try_from(number as i32).ok().and_then(|i| words.get(i)).copied().unwrap_or(b"")
}

fn position(words: &[&[u8]; 6], text: &[u8]) -> Result<u64, EvalError> {
    words.iter().position(|w| *w == text).map(|i| i as u64).ok_or_else(|| ErrorKind::BadText("span kind").into())
}

/// The digits of each byte.
const HEX: [[u8; 2]; 256] = {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let (mut pairs, mut byte) = ([[0; 2]; 256], 0);
    while byte < 256 {
        pairs[byte] = [DIGITS[byte >> 4], DIGITS[byte & 15]];
        byte += 1;
    }
    pairs
};

fn hex<'a, const N: usize>(id: &[u8; N], arena: &'a Arena) -> Result<&'a [u8], EvalError> {
    let pairs = id.map(|byte| HEX[usize::from(byte)]);
    Ok(arena.copy(pairs.as_flattened())?)
}

fn unhex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    if text.len() != 2 * N {
        return None;
    }
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(text.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = (high * 16 + low) as u8;
    }
    Some(out)
}

/// How the numbers of a repeated integer field lie in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ints {
    /// `fixed64`.
    Fixed64,
    /// `uint64`.
    Uint64,
    /// `int32`; stored truncated to 32 bits.
    Int32,
    /// `int64`.
    Int64,
    /// `fixed64` nanoseconds.
    Nanos,
    /// `fixed64` nanoseconds, as times.
    Times,
}

impl Ints {
    const fn is_fixed(self) -> bool {
        matches!(self, Ints::Fixed64 | Ints::Nanos | Ints::Times)
    }

    /// What a list of them is.
    const fn kind(self) -> ListKind {
        match self {
            Ints::Fixed64 | Ints::Uint64 => ListKind::Uints,
            Ints::Int32 | Ints::Int64 | Ints::Nanos => ListKind::Ints,
            Ints::Times => ListKind::Times,
        }
    }

    fn value(self, bits: u64) -> Value<'static> {
        match self {
            Ints::Int32 => Value::Int(i64::from(bits as i32)),
            Ints::Times => Value::Time(Time::from_unix_nanos(bits as i64)),
            _ => Value::Int(bits as i64),
        }
    }
}

/// Reads a repeated integer field out of a message, packed or not.
///
/// # Errors
/// Damage of the field: the message is damaged.
pub fn read_packed_ints<'a>(
    message: &'a [u8],
    number: u32,
    ints: Ints,
    arena: &'a Arena,
) -> Result<Value<'a>, EvalError> {
    let mut out = arena.vec();
    let fixed = ints.is_fixed();
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field()? {
        if field.number != number {
            continue;
        }
        match field.payload {
            Payload::Varint(v) if !fixed => out.push(ints.value(v))?,
            Payload::Fixed64(v) if fixed => out.push(ints.value(v))?,
            Payload::Bytes(packed) => unpack_ints(packed, ints, &mut out)?,
            _ => return Err(wrong_wire_type()),
        }
    }
    Ok(Value::List(List::new(ints.kind(), out.into_slice())?))
}

/// The list that a packed field of integers holds.
///
/// # Errors
/// Damage of the field.
pub fn read_ints<'a>(packed: &[u8], ints: Ints, arena: &'a Arena) -> Result<Value<'a>, EvalError> {
    let mut out = arena.vec();
    unpack_ints(packed, ints, &mut out)?;
    Ok(Value::List(List::new(ints.kind(), out.into_slice())?))
}

/// Adds the integers of a packed field.
///
/// COMPAT: the reference starts over at every packed occurrence of a fixed-width list.
fn unpack_ints<'a>(packed: &[u8], ints: Ints, out: &mut ArenaVec<'a, Value<'a>>) -> Result<(), EvalError> {
    if ints.is_fixed() {
        let numbers = packed_fixed64(packed)?;
        *out = out.arena().vec_for(numbers.len())?;
        return out.extend(numbers.map(|v| ints.value(v)));
    }
    packed_varints(packed).try_for_each(|v| out.push(ints.value(v?)))
}

/// Reads a repeated `double` out of a message, packed or not.
///
/// # Errors
/// Damage of the field: the message is damaged.
pub fn read_packed_floats<'a>(message: &'a [u8], number: u32, arena: &'a Arena) -> Result<Value<'a>, EvalError> {
    let mut out = arena.vec();
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field()? {
        if field.number != number {
            continue;
        }
        match field.payload {
            Payload::Fixed64(v) => out.push(Value::Float(f64::from_bits(v)))?,
            // COMPAT: as for counts, the reference starts over here.
            Payload::Bytes(packed) => out = unpacked_floats(packed, arena)?,
            _ => return Err(wrong_wire_type()),
        }
    }
    Ok(Value::List(List::new(ListKind::Floats, out.into_slice())?))
}

/// The list that a packed field of doubles holds.
///
/// # Errors
/// Damage of the field.
pub fn read_floats<'a>(packed: &[u8], arena: &'a Arena) -> Result<Value<'a>, EvalError> {
    Ok(Value::List(List::new(ListKind::Floats, unpacked_floats(packed, arena)?.into_slice())?))
}

fn unpacked_floats<'a>(packed: &[u8], arena: &'a Arena) -> Result<ArenaVec<'a, Value<'a>>, EvalError> {
    let numbers = packed_fixed64(packed)?;
    let mut out = arena.vec_for(numbers.len())?;
    out.extend(numbers.map(|v| Value::Float(f64::from_bits(v))))?;
    Ok(out)
}

/// The packed content that writing a list of counts stores; nil is an empty list.
///
/// # Errors
/// [`ErrorKind::UnsupportedWrite`] for anything but a list of ints; where they are times, for anything but what such a path
/// reads.
pub fn packed_ints<'a>(value: Value<'a>, ints: Ints, arena: &'a Arena) -> Result<&'a [u8], EvalError> {
    let list = match value {
        Value::Nil => return Ok(&[]),
        Value::List(list) => list,
        other => return Err(ErrorKind::UnsupportedWrite { expected: "list of int64", got: other.type_name() }.into()),
    };
    if (ints == Ints::Times) != (list.kind() == ListKind::Times) {
        let expected = if ints == Ints::Times { "list of times" } else { "list of int64" };
        return Err(ErrorKind::UnsupportedWrite { expected, got: value.type_name() }.into());
    }
    let mut out = Vec::with_capacity(list.len() * size_of::<u64>());
    for item in list.iter() {
        let v = match item {
            Value::Int(v) => v,
            Value::Time(time) if ints == Ints::Times => time.unix_nanos(),
            _ => return Err(ErrorKind::UnsupportedWrite { expected: "list of int64", got: item.type_name() }.into()),
        };
        match ints {
            Ints::Fixed64 | Ints::Nanos | Ints::Times => out.extend_from_slice(&v.to_le_bytes()),
            Ints::Uint64 | Ints::Int64 => put_varint(&mut out, v as u64),
            Ints::Int32 => put_varint(&mut out, i64::from(v as i32) as u64),
        }
    }
    Ok(arena.copy(&out)?)
}

/// The packed content that writing a list of bounds stores; nil is an empty list.
///
/// # Errors
/// [`ErrorKind::UnsupportedWrite`] for anything but a list of floats.
pub fn packed_floats<'a>(value: Value<'a>, arena: &'a Arena) -> Result<&'a [u8], EvalError> {
    let list = match value {
        Value::Nil => return Ok(&[]),
        Value::List(list) => list,
        other => return Err(ErrorKind::UnsupportedWrite { expected: "list of float64", got: other.type_name() }.into()),
    };
    let mut out = Vec::with_capacity(list.len() * size_of::<f64>());
    for item in list.iter() {
        let Value::Float(v) = item else {
            return Err(ErrorKind::UnsupportedWrite { expected: "list of float64", got: item.type_name() }.into());
        };
        out.extend_from_slice(&v.to_bits().to_le_bytes());
    }
    Ok(arena.copy(&out)?)
}
