//! Attributes and values in canonical encoding, straight from protobuf to compact text.
//!
//! Nearly all of a message is attributes, and nearly all attributes are a key and one value. Those need neither runs nor
//! sorting. Whatever is encoded otherwise (a field that is repeated, unknown or damaged, an empty key, a reference into the
//! table of strings, deep nests, values of more than [`MOST_BYTES`]) is declined, and the general walk (`write`) writes it or
//! finds the damage.
//!
//! INVARIANT: what is not declined is written byte for byte as the general walk writes it.

use super::number::{put_f64, put_i64};
use super::put::{put_base64, put_quoted};
use super::text::put_string;
use crate::any::{self, AnyRef};
use crate::schema::MessageId;
use crate::wire::fields::key_value;
use crate::wire::{Field, Payload, Reader};

/// Values inside each other. What is declined this deep is looked at again by the walk, level by level, so this bounds how
/// often a byte is looked at, and the stack.
const MOST_NESTED: usize = 8;

/// How many messages inside each other a pair may hold that is not declined: each value inside another is a value, a list and,
/// in a map, a pair.
pub(super) const MOST_MESSAGES: usize = 3 * (MOST_NESTED + 1);

/// Bytes of a pair or value that is written in one go: the text of a message is given away in pieces, which are not to be as
/// long as a list is. Of longer ones the most part is text, so that the general walk costs little.
const MOST_BYTES: usize = 64 << 10;

/// Whether messages of this type are written here.
#[inline]
pub(super) const fn is_direct(id: MessageId) -> bool {
    matches!(id, MessageId::KeyValue | MessageId::AnyValue)
}

/// Appends a message of a type that [`is_direct`], unless its encoding is declined: then nothing is appended.
#[inline]
pub(super) fn put_direct(out: &mut Vec<u8>, id: MessageId, content: &[u8]) -> bool {
    let start = out.len();
    let is_written = content.len() <= MOST_BYTES
        && match id {
            MessageId::KeyValue => put_pair(out, content, MOST_NESTED),
            MessageId::AnyValue => put_any(out, content, MOST_NESTED),
            _ => None,
        }
        .is_some();
    if !is_written {
        out.truncate(start);
    }
    is_written
}

/// The next field, if there is one that is not damaged.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn next<'m>(reader: &mut Reader<'m>) -> Option<Field<'m>> {
    reader.next_field().ok().flatten()
}

/// Appends a `KeyValue`.
#[inline]
fn put_pair(out: &mut Vec<u8>, content: &[u8], nested: usize) -> Option<()> {
    let mut reader = Reader::new(content);
    let (first, second) = (next(&mut reader)?, next(&mut reader)?);
    let (Payload::Bytes(one), Payload::Bytes(other)) = (first.payload, second.payload) else { return None };
    let (key, value) = match (first.number, second.number) {
        (key_value::KEY, key_value::VALUE) => (one, other),
        // The reference's marshaler writes backwards.
        (key_value::VALUE, key_value::KEY) => (other, one),
        _ => return None,
    };
    if key.is_empty() || !reader.is_empty() {
        return None;
    }
    out.extend_from_slice(b"{\"key\":");
    put_string(out, key);
    out.extend_from_slice(b",\"value\":");
    put_any(out, value, nested)?;
    out.push(b'}');
    Some(())
}

/// Appends an `AnyValue`.
#[inline]
fn put_any(out: &mut Vec<u8>, content: &[u8], nested: usize) -> Option<()> {
    match any::single(content)? {
        AnyRef::Empty => {
            out.extend_from_slice(b"{}");
            return Some(());
        }
        AnyRef::Text(text) => {
            out.extend_from_slice(b"{\"stringValue\":");
            put_string(out, text);
        }
        AnyRef::Int(value) => {
            out.extend_from_slice(b"{\"intValue\":");
            put_quoted(out, |out| put_i64(out, value));
        }
        AnyRef::Bool(value) => {
            let text: &[u8] = if value { b"{\"boolValue\":true" } else { b"{\"boolValue\":false" };
            out.extend_from_slice(text);
        }
        AnyRef::Double(value) => {
            out.extend_from_slice(b"{\"doubleValue\":");
            put_f64(out, value);
        }
        AnyRef::Bytes(bytes) => {
            out.extend_from_slice(b"{\"bytesValue\":");
            put_quoted(out, |out| put_base64(out, bytes));
        }
        AnyRef::List(list) => {
            out.extend_from_slice(b"{\"arrayValue\":");
            put_list(out, list.bytes, nested, put_any)?;
        }
        AnyRef::Map(list) => {
            out.extend_from_slice(b"{\"kvlistValue\":");
            put_list(out, list.bytes, nested, put_pair)?;
        }
    }
    out.push(b'}');
    Some(())
}

/// Appends an `ArrayValue` or a `KeyValueList`, whose one field has the same number.
fn put_list(
    out: &mut Vec<u8>,
    list: &[u8],
    nested: usize,
    put: fn(&mut Vec<u8>, &[u8], usize) -> Option<()>,
) -> Option<()> {
    let nested = nested.checked_sub(1)?;
    if list.is_empty() {
        out.extend_from_slice(b"{}");
        return Some(());
    }
    out.extend_from_slice(b"{\"values\":[");
    let mut reader = Reader::new(list);
    let mut is_first = true;
    while !reader.is_empty() {
        // A longer element than this can read is declined with its list.
        let Payload::Bytes(element) = reader.next_member(any::tags::MEMBER)?.payload else { return None };
        if !std::mem::take(&mut is_first) {
            out.push(b',');
        }
        put(out, element, nested)?;
    }
    out.extend_from_slice(b"]}");
    Some(())
}
