//! Writing a message with everything that was written to it.

use ottl_core::Value;
use ottl_core::edit::{Piece, Slot};
use ottl_core::value::{any_len, encode_any, encode_sized_pair};
use ottl_otlp::any::tags;
use ottl_otlp::wire::fields::key_value;
use ottl_otlp::wire::{
    Payload, Reader, WireError, WireType, put_fixed32_field, put_fixed64_field, put_len_field, put_tag,
    put_varint_field,
};
use ottl_schema::FieldValue;

use super::{Inner, Node, messages};

impl Node<'_> {
    /// Writes the message's content: untouched fields in runs as they are, every written one at its first place.
    ///
    /// # Errors
    /// Damage of the framing; cannot be after a successful scan.
    pub fn emit(&self, out: &mut Vec<u8>) -> Result<(), WireError> {
        self.emit_around(None, out)
    }

    /// The same with messages in it as they are now.
    ///
    /// # Errors
    /// As [`Node::emit`].
    pub fn emit_around(&self, inner: Option<&Inner<'_>>, out: &mut Vec<u8>) -> Result<(), WireError> {
        out.reserve(self.raw.len() + 64);
        if self.simple && self.parts.is_empty() {
            self.emit_simple(inner, out);
            return Ok(());
        }
        self.emit_scanned(inner, out)
    }

    /// The same where fields repeat: the input is walked again.
    #[inline(never)]
    fn emit_scanned(&self, inner: Option<&Inner<'_>>, out: &mut Vec<u8>) -> Result<(), WireError> {
        let mut done = 0u32;
        let mut run = 0;
        let mut reader = Reader::new(self.raw);
        while let Some(field) = reader.next_field()? {
            let of_inner = inner.filter(|inner| inner.number == field.number);
            if of_inner.is_none() && !self.rewrites(field.number) {
                continue;
            }
            out.extend_from_slice(&self.raw[run..field.start]);
            run = field.end;
            if done & 1 << field.number == 0 {
                done |= 1 << field.number;
                match of_inner {
                    Some(inner) => out.extend_from_slice(inner.bytes),
                    None => self.emit_field(field.number, out),
                }
            }
        }
        out.extend_from_slice(&self.raw[run..]);
        self.emit_missing(done, out);
        Ok(())
    }

    /// The same for the message that nearly all are: written fields cut the input into runs, in the order of the input.
    fn emit_simple(&self, inner: Option<&Inner<'_>>, out: &mut Vec<u8>) {
        let mut rest = Rest { raw: self.raw, from: 0 };
        if self.dirty | inner.map_or(0, Inner::bit) == 0 && self.map.changed() && self.map_range.1 != 0 {
            // PERF (structural, metrics): mostly only attributes change.
            self.emit_map(&mut rest, self.map_range.0 as usize, self.map_range.1 as usize, out);
            return rest.cut(self.raw.len(), self.raw.len(), out);
        }
        // The attribute map stands for itself under its own number, which the table of fields never holds.
        let map_bit = 1u32 << self.scan.shape.attributes;
        let mut left = self.dirty & self.in_input | inner.map_or(0, Inner::bit);
        if self.map.changed() && self.map_range.1 != 0 {
            left |= map_bit;
        }
        let done = left;
        while left != 0 {
            // The next one in the input; there are rarely more than two.
            let mut bits = left;
            let mut next = (u32::MAX, 0, 0);
            while bits != 0 {
                let number = bits.trailing_zeros();
                bits &= bits - 1;
                let (start, end) = match number {
                    _ if 1 << number == map_bit => self.map_range,
                    number if let Some(inner) = inner.filter(|inner| inner.number == number) => inner.place,
                    number => self.ranges[number as usize],
                };
                if start < next.0 {
                    next = (start, end, number);
                }
            }
            let (start, end, number) = next;
            left &= !(1 << number);
            if 1 << number == map_bit {
                self.emit_map(&mut rest, start as usize, end as usize, out);
            } else {
                rest.cut(start as usize, end as usize, out);
                match inner.filter(|inner| inner.number == number) {
                    Some(inner) => out.extend_from_slice(inner.bytes),
                    None => self.emit_field(number, out),
                }
            }
        }
        rest.cut(self.raw.len(), self.raw.len(), out);
        self.emit_missing(done, out);
    }

    /// Writes the pairs of the attribute map in the place of the input's `start..end`; what came together and stayed
    /// together, the fields around the map included, is one copy.
    fn emit_map(&self, rest: &mut Rest<'_>, start: usize, end: usize, out: &mut Vec<u8>) {
        let (mut run_end, before) = (start, out.len());
        for piece in self.map.pieces() {
            match piece {
                Piece::Input(from, to) => {
                    if from != run_end {
                        rest.cut(run_end, from, out);
                    }
                    run_end = to;
                }
                Piece::Entry(entry) => {
                    if out.len() - before > self.most_written {
                        // The walk over the records fails now: it looks at what was written after each of them.
                        return;
                    }
                    rest.cut(run_end, run_end, out);
                    match entry.value {
                        _ if !entry.raw.is_empty() => put_len_field(out, self.scan.shape.attributes, entry.raw),
                        Slot::Value(value) => put_pair(out, self.scan.shape.attributes, entry.key, &value),
                        Slot::Wire(any) => put_wire_pair(out, self.scan.shape.attributes, entry.key, any),
                    }
                }
            }
        }
        if run_end != end {
            rest.cut(run_end, end, out);
        }
    }

    /// Writes what was written to fields that the input does not have.
    fn emit_missing(&self, done: u32, out: &mut Vec<u8>) {
        let mut missing = self.dirty & !done;
        while missing != 0 {
            let number = missing.trailing_zeros();
            missing &= missing - 1;
            self.emit_field(number, out);
        }
        for part in &self.parts {
            if done & 1 << part.number == 0 {
                self.emit_field(part.number, out);
            }
        }
        if self.map.changed() && done & 1 << self.scan.shape.attributes == 0 {
            self.emit_field(self.scan.shape.attributes, out);
        }
    }

    /// Writes all there is now of one field.
    pub fn emit_field(&self, number: u32, out: &mut Vec<u8>) {
        if let Some(part) = self.parts.iter().find(|p| p.number == number) {
            for message in messages(part.messages) {
                put_len_field(out, number, message);
            }
            return;
        }
        if number == self.scan.shape.attributes {
            // No field lies at the end of the message: all pairs are written.
            let mut rest = Rest { raw: self.raw, from: self.raw.len() };
            self.emit_map(&mut rest, self.raw.len(), self.raw.len(), out);
            rest.cut(self.raw.len(), self.raw.len(), out);
            return;
        }
        if let FieldValue::Present(payload) = self.field(number) {
            put_payload(out, number, payload);
        }
    }
}

/// What of a message has not been copied yet.
struct Rest<'r> {
    raw: &'r [u8],
    from: usize,
}

impl Rest<'_> {
    /// Copies up to `start` and goes on at `end`.
    #[inline]
    fn cut(&mut self, start: usize, end: usize, out: &mut Vec<u8>) {
        if self.from < start {
            out.extend_from_slice(&self.raw[self.from..start]);
        }
        self.from = end;
    }
}

/// Appends a pair of an attribute map.
#[inline]
fn put_pair(out: &mut Vec<u8>, number: u32, key: &[u8], value: &Value<'_>) {
    let any_len = any_len(value);
    let pair_len = key.len() + any_len + 4;
    if pair_len < 0x80 && !key.is_empty() && number < 16 {
        // PERF: the lengths of short pairs are one byte each, and known.
        out.extend_from_slice(&[(number << 3 | 2) as u8, pair_len as u8, tags::KEY, key.len() as u8]);
        out.extend_from_slice(key);
        if let Value::Str(text) = value {
            out.extend_from_slice(&[tags::VALUE, any_len as u8, tags::TEXT, text.len() as u8]);
            out.extend_from_slice(text);
        } else {
            out.extend_from_slice(&[tags::VALUE, any_len as u8]);
            encode_any(out, value);
        }
        return;
    }
    put_tag(out, number, WireType::Len);
    encode_sized_pair(out, key, value);
}

/// A pair whose value is still on the wire but whose key is new.
fn put_wire_pair(out: &mut Vec<u8>, number: u32, key: &[u8], any: &[u8]) {
    let mut pair = Vec::with_capacity(key.len() + any.len() + 12);
    if !key.is_empty() {
        put_len_field(&mut pair, key_value::KEY, key);
    }
    put_len_field(&mut pair, key_value::VALUE, any);
    put_len_field(out, number, &pair);
}

/// Appends a field.
pub(in crate::fast) fn put_payload(out: &mut Vec<u8>, number: u32, payload: Payload<'_>) {
    match payload {
        Payload::Varint(v) => put_varint_field(out, number, v),
        Payload::Fixed64(bits) => put_fixed64_field(out, number, bits),
        Payload::Fixed32(bits) => put_fixed32_field(out, number, bits),
        Payload::Bytes(bytes) => put_len_field(out, number, bytes),
    }
}
