//! Numbers in records, by which they are known in the messages of all processors, and in the groups around them.

use ottl_otlp::schema::topology::groups;
use ottl_otlp::wire::{Reader, WireError, begin_len, end_len, put_varint_field};
use ottl_schema::{ContextId, Signal};

use super::{LEFT_OUT, RECORD_NUMBER};
use crate::Place;
use crate::place::DEPTH;

/// A message whose records have numbers.
#[derive(Clone, Debug)]
pub struct Marked {
    /// The message.
    pub message: Vec<u8>,
    /// Where each record was before, by its number: also those that were left out.
    pub places: Vec<Place>,
}

/// Gives each record of a message its [`RECORD_NUMBER`], and the groups of resources and scopes the one of their place in their
/// list. Of the records only those on the list are kept, if there is one, which has to be in order, and what lies around them.
///
/// # Errors
/// Damage of the framing down to the records.
pub fn mark(signal: Signal, message: &[u8], only: Option<&[u64]>) -> Result<Marked, WireError> {
    let mut out = Vec::with_capacity(message.len() + message.len() / 16);
    let mut marking = Marking { signal, only, at: [0; DEPTH], places: Vec::new() };
    marking.list(0, message, &mut out)?;
    Ok(Marked { message: out, places: marking.places })
}

struct Marking<'o> {
    signal: Signal,
    only: Option<&'o [u64]>,
    at: [u32; DEPTH],
    places: Vec<Place>,
}

impl Marking<'_> {
    /// Copies a message that lies in so many lists; whether any of its records was kept.
    fn list(&mut self, depth: usize, content: &[u8], out: &mut Vec<u8>) -> Result<bool, WireError> {
        let mut reader = Reader::new(content);
        let (mut count, mut kept) = (0, false);
        while let Some(field) = reader.next_field()? {
            if !is_member(depth, field.number) {
                out.extend_from_slice(&content[field.start..field.end]);
                continue;
            }
            self.at[depth] = count;
            count += 1;
            let (member, base) = (field.bytes()?, out.len());
            let mark = begin_len(out, field.number, member.len() + 6);
            let is_kept = if depth == 2 { self.record(member, out) } else { self.group(depth + 1, member, out)? };
            match is_kept || self.only.is_none() {
                true => end_len(out, mark),
                false => out.truncate(base),
            }
            kept |= is_kept;
        }
        Ok(kept)
    }

    fn group(&mut self, depth: usize, content: &[u8], out: &mut Vec<u8>) -> Result<bool, WireError> {
        let number = self.at[depth - 1];
        let is_kept = self.list(depth, content, out)?;
        put_varint_field(out, RECORD_NUMBER, u64::from(number));
        Ok(is_kept)
    }

    fn record(&mut self, record: &[u8], out: &mut Vec<u8>) -> bool {
        let number = self.places.len() as u64;
        self.places.push(Place::new(self.signal, ContextId::of_records(self.signal), self.at, 0));
        let is_kept = self.only.is_none_or(|only| only.binary_search(&number).is_ok());
        if is_kept {
            out.extend_from_slice(record);
            put_varint_field(out, RECORD_NUMBER, number);
        }
        is_kept
    }
}

/// Whether a field holds members of the list at this depth: resources, scopes, also in the deprecated field, or records.
pub(super) fn is_member(depth: usize, number: u32) -> bool {
    match depth {
        0 => number == groups::RESOURCES,
        1 => number == groups::SCOPES || number == groups::DEPRECATED_SCOPES,
        _ => number == groups::RECORDS,
    }
}

/// Takes the numbers out of a message again.
///
/// # Errors
/// Damage of the framing down to the fields of records.
pub fn unmark(message: &[u8]) -> Result<Vec<u8>, WireError> {
    let mut out = Vec::with_capacity(message.len());
    unmark_list(0, message, &mut out)?;
    Ok(out)
}

/// The same for a record.
pub(crate) fn unmark_record(record: &[u8]) -> Result<Vec<u8>, WireError> {
    let mut out = Vec::with_capacity(record.len());
    unmark_list(3, record, &mut out)?;
    Ok(out)
}

fn unmark_list(depth: usize, content: &[u8], out: &mut Vec<u8>) -> Result<(), WireError> {
    let mut reader = Reader::new(content);
    while let Some(field) = reader.next_field()? {
        if depth > 0 && (field.number == RECORD_NUMBER || field.number == LEFT_OUT) {
            continue;
        }
        if depth == 3 || !is_member(depth, field.number) {
            out.extend_from_slice(&content[field.start..field.end]);
            continue;
        }
        let member = field.bytes()?;
        let mark = begin_len(out, field.number, member.len());
        unmark_list(depth + 1, member, out)?;
        end_len(out, mark);
    }
    Ok(())
}
