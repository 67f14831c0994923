//! Numbers in records, by which they are known in the messages of all processors.

use ottl_otlp::schema::topology::groups;
use ottl_otlp::wire::{Reader, WireError, begin_len, end_len, put_varint_field};
use ottl_plan::{Arg, CacheKey, ErrorMode, Plan, Program};
use ottl_schema::{ContextId, Signal, path};

use super::RECORD_NUMBER;
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

/// Gives each record of a message its [`RECORD_NUMBER`]. Of the records only those on the list are kept, if there is one, which
/// has to be in order.
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
            let is_kept = if depth == 2 { self.record(member, out) } else { self.list(depth + 1, member, out)? };
            match is_kept || self.only.is_none() {
                true => end_len(out, mark),
                false => out.truncate(base),
            }
            kept |= is_kept;
        }
        Ok(kept)
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
fn is_member(depth: usize, number: u32) -> bool {
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
        if depth == 3 && field.number == RECORD_NUMBER {
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

/// Whether what becomes of a record depends on no other one: then it can be run in a message without them.
pub fn records_stand_alone(plan: &Plan) -> bool {
    let (program, record) = (&plan.program, ContextId::of_records(plan.signal).depth());
    match program {
        Program::Filter(filter) => filter.stages.iter().all(|stage| stage.error_mode != ErrorMode::Propagate),
        Program::Transform(transform) => {
            !transform.flatten_data
                && transform.groups.iter().all(|group| {
                    let lowest = group.context.depth().min(record);
                    let stays_inside = |call: u32| {
                        let call = &plan.calls[call as usize];
                        let mut args = call.args.iter();
                        args.all(|arg| match arg {
                            Arg::Path(used) => path(plan.paths[*used as usize].path).context.depth() >= lowest,
                            _ => true,
                        })
                    };
                    group.error_mode != ErrorMode::Propagate
                        && group.cache == CacheKey::PerRecord
                        && group.statements.iter().all(|statement| stays_inside(statement.editor))
                })
        }
    }
}
