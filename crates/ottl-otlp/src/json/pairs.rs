//! Attributes as nearly all writers write them, straight from text to protobuf: no white space, key before value, a string
//! without escapes, an integer or a boolean.
//!
//! Where both lengths are known before anything is written, nothing has to be opened, guessed and moved. Whatever is written
//! otherwise is declined before anything came of it, and read member by member (`read`), which is also what finds errors.
//!
//! INVARIANT: what is not declined becomes byte for byte what reading it member by member makes of it.

use super::read::Transcoder;
use super::text::plain_len;
use crate::wire::fields::{any_value, key_value};
use crate::wire::{WireType, put_len_field, put_tag, put_varint, put_varint_field, varint_len};

/// A value of such an attribute.
enum Plain<'t> {
    Text(&'t [u8]),
    Varint(u32, u64),
}

impl<const NOTED: bool> Transcoder<'_, '_, NOTED> {
    /// Reads an element of a list of attributes that starts here; returns whether it was not declined.
    #[inline]
    pub(super) fn pair(&mut self, number: u32) -> bool {
        let text = self.text.rest();
        let Some((key, value, rest)) = split(text) else { return false };
        let value_len = match value {
            Plain::Text(text) => field_len(text.len()),
            Plain::Varint(_, value) => 1 + varint_len(value),
        };
        let out = &mut *self.out;
        put_tag(out, number, WireType::Len);
        put_varint(out, (field_len(key.len()) + field_len(value_len)) as u64);
        put_len_field(out, key_value::KEY, key);
        put_tag(out, key_value::VALUE, WireType::Len);
        put_varint(out, value_len as u64);
        match value {
            Plain::Text(text) => put_len_field(out, any_value::STRING_VALUE, text),
            Plain::Varint(number, value) => put_varint_field(out, number, value),
        }
        self.text.skip(text.len() - rest.len());
        true
    }
}

/// How long a field is whose content has this length; all fields here have tags of one byte.
#[inline]
const fn field_len(content: usize) -> usize {
    1 + varint_len(content as u64) + content
}

/// Key and value of an attribute, and what follows it.
#[inline]
fn split(text: &[u8]) -> Option<(&[u8], Plain<'_>, &[u8])> {
    let (key, rest) = string(text.strip_prefix(b"{\"key\":\"")?)?;
    if key.is_empty() {
        return None;
    }
    let rest = rest.strip_prefix(b",\"value\":{\"")?;
    let (value, rest) = match rest.first()? {
        b's' => {
            let (text, rest) = string(rest.strip_prefix(b"stringValue\":\"")?)?;
            (Plain::Text(text), rest)
        }
        b'i' => {
            let (value, rest) = integer(rest.strip_prefix(b"intValue\":\"")?)?;
            (Plain::Varint(any_value::INT_VALUE, value), rest)
        }
        b'b' => {
            let rest = rest.strip_prefix(b"boolValue\":")?;
            let (is_true, rest) = match rest.strip_prefix(b"true") {
                Some(rest) => (true, rest),
                None => (false, rest.strip_prefix(b"false")?),
            };
            (Plain::Varint(any_value::BOOL_VALUE, u64::from(is_true)), rest)
        }
        _ => return None,
    };
    Some((key, value, rest.strip_prefix(b"}}")?))
}

/// A string without escapes after its opening quote, and what follows the closing one.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn string(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (content, rest) = text.split_at(plain_len(text));
    Some((content, rest.strip_prefix(b"\"")?))
}

/// A decimal integer that fits for sure, as the wire has it, and what follows its closing quote.
#[inline]
fn integer(text: &[u8]) -> Option<(u64, &[u8])> {
    /// Digits of which every number fits 63 bits.
    const MOST: usize = 18;
    let (is_negative, digits) = match text.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let len = digits.iter().take(MOST + 1).take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=MOST).contains(&len) {
        return None;
    }
    let value = digits[..len].iter().fold(0, |value, byte| value * 10 + u64::from(byte - b'0'));
    Some((if is_negative { value.wrapping_neg() } else { value }, digits[len..].strip_prefix(b"\"")?))
}
