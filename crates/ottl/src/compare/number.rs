//! Numbers in records, by which they are known again in what rules make of a message.

use ottl_engine::trace::RECORD_NUMBER;
use ottl_otlp::Signal;
use ottl_otlp::wire::{Payload, Reader, WireError, begin_len, end_len, put_varint_field};

use super::Level;

/// Bytes that a number takes with its tag, at most: where lengths are guessed.
const NUMBER_BYTES: usize = 10;

/// A message whose records have numbers.
#[derive(Clone, Debug)]
pub struct Numbered {
    /// The message.
    pub message: Vec<u8>,
    /// How many records it has.
    pub records: u64,
}

/// Gives the records of a message numbers from 0, as they come: log records, spans, data points (metrics without any count as
/// one) and profiles. The number lies in a field that OTLP does not have, so rules see nothing of it, and it stays with its record
/// wherever that goes.
///
/// # Errors
/// Damage of the framing down to the records.
pub fn number_records(signal: Signal, message: &[u8]) -> Result<Numbered, WireError> {
    let mut out = Vec::with_capacity(message.len() + message.len() / 16);
    let mut numbering = Numbering { signal, next: 0 };
    numbering.copy(Level::Message, message, &mut out)?;
    Ok(Numbered { message: out, records: numbering.next })
}

/// A message without the numbers of its records.
///
/// # Errors
/// Damage of the framing down to the fields of records.
pub fn without_numbers(signal: Signal, message: &[u8]) -> Result<Vec<u8>, WireError> {
    let mut out = Vec::with_capacity(message.len());
    put_unnumbered(signal, Level::Message, message, &mut out)?;
    Ok(out)
}

fn put_unnumbered(signal: Signal, level: Level, content: &[u8], out: &mut Vec<u8>) -> Result<(), WireError> {
    let has_number = matches!(level, Level::Metric | Level::Record);
    let mut reader = Reader::new(content);
    while let Some(field) = reader.next_field()? {
        match level.below(signal, field.number) {
            Some(below) => {
                let member = field.bytes()?;
                let mark = begin_len(out, field.number, member.len());
                put_unnumbered(signal, below, member, out)?;
                end_len(out, mark);
            }
            None if has_number && field.number == RECORD_NUMBER => {}
            None => out.extend_from_slice(&content[field.start..field.end]),
        }
    }
    Ok(())
}

struct Numbering {
    signal: Signal,
    next: u64,
}

impl Numbering {
    fn copy(&mut self, level: Level, content: &[u8], out: &mut Vec<u8>) -> Result<(), WireError> {
        let first = self.next;
        let mut reader = Reader::new(content);
        // What stays as it is is copied in runs.
        let mut copied = 0;
        while let Some(field) = reader.next_field()? {
            let Some(below) = level.below(self.signal, field.number) else { continue };
            out.extend_from_slice(&content[copied..field.start]);
            copied = field.end;
            let member = field.bytes()?;
            let mark = begin_len(out, field.number, member.len() + NUMBER_BYTES);
            if below == Level::Record {
                out.extend_from_slice(member);
                put_varint_field(out, RECORD_NUMBER, self.next);
                self.next += 1;
            } else {
                self.copy(below, member, out)?;
            }
            end_len(out, mark);
        }
        out.extend_from_slice(&content[copied..]);
        if level == Level::Metric {
            let count = self.next - first;
            put_varint_field(out, RECORD_NUMBER, Points { first, count }.packed());
            // A metric without points is a record itself.
            self.next += u64::from(count == 0);
        }
        Ok(())
    }
}

/// The number of a metric: those of its points, which lose theirs where editors make points of another kind out of them; its own if
/// it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Points {
    pub first: u64,
    pub count: u64,
}

impl Points {
    fn packed(self) -> u64 {
        self.first << 32 | self.count & u64::from(u32::MAX)
    }

    pub fn unpacked(number: u64) -> Points {
        Points { first: number >> 32, count: number & u64::from(u32::MAX) }
    }
}

/// The number that a record or metric has.
pub(super) fn number_of(content: &[u8]) -> Result<Option<u64>, WireError> {
    let (mut found, mut reader) = (None, Reader::new(content));
    while let Some(field) = reader.next_field()? {
        if let (RECORD_NUMBER, Payload::Varint(number)) = (field.number, field.payload) {
            found = Some(number);
        }
    }
    Ok(found)
}
