//! Single values as JSON text, and which of them need not be written.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::number::{put_f64, put_i64, put_u64};
use super::text::put_string;
use crate::schema::Kind;
use crate::wire::{Payload, zigzag_decode};

/// Whether a value is its type's zero, after the truncation that reading into the type does.
#[inline]
pub(super) fn is_zero(kind: Kind, payload: Payload<'_>) -> bool {
    match payload {
        Payload::Varint(value) => match kind {
            Kind::Int64 | Kind::Uint64 | Kind::Bool => value == 0,
            Kind::Sint32 => zigzag_decode(value) as i32 == 0,
            _ => value as u32 == 0,
        },
        // The negative zero counts: the reference compares floats.
        Payload::Fixed64(bits) if kind == Kind::Double => f64::from_bits(bits) == 0.0,
        Payload::Fixed64(bits) => bits == 0,
        Payload::Fixed32(bits) => bits == 0,
        Payload::Bytes(bytes) if matches!(kind, Kind::Id(_)) => bytes.iter().all(|&byte| byte == 0),
        Payload::Bytes(bytes) => bytes.is_empty(),
    }
}

pub(super) fn put_value(out: &mut Vec<u8>, kind: Kind, payload: Payload<'_>) {
    match payload {
        Payload::Varint(value) => match kind {
            Kind::Bool => out.extend_from_slice(if value != 0 { b"true" } else { b"false" }),
            Kind::Uint32 => put_u64(out, u64::from(value as u32)),
            Kind::Sint32 => put_i64(out, i64::from(zigzag_decode(value) as i32)),
            Kind::Int64 => put_quoted(out, |out| put_i64(out, value as i64)),
            Kind::Uint64 => put_quoted(out, |out| put_u64(out, value)),
            _ => put_i64(out, i64::from(value as i32)),
        },
        Payload::Fixed64(bits) => match kind {
            Kind::Double => put_f64(out, f64::from_bits(bits)),
            Kind::Sfixed64 => put_quoted(out, |out| put_i64(out, bits as i64)),
            _ => put_quoted(out, |out| put_u64(out, bits)),
        },
        Payload::Fixed32(bits) => put_u64(out, u64::from(bits)),
        Payload::Bytes(bytes) => match kind {
            Kind::Id(_) => put_quoted(out, |out| put_hex(out, bytes)),
            Kind::Bytes => put_quoted(out, |out| put_base64(out, bytes)),
            _ => put_string(out, bytes),
        },
    }
}

#[inline]
pub(super) fn put_quoted(out: &mut Vec<u8>, put: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    put(out);
    out.push(b'"');
}

/// Appends bytes as hexadecimal digits in lower case.
pub fn put_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.extend(bytes.iter().flat_map(|byte| [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]));
}

pub(super) fn put_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    // The space is exactly what padded base64 needs, so this cannot fail.
    let written = STANDARD.encode_slice(bytes, &mut out[start..]).unwrap_or(0);
    out.truncate(start + written);
}
