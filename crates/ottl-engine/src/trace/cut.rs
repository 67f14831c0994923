//! Marked messages in pieces: the records that are asked for, and those before them, in what lies around them.

use ottl_otlp::schema::topology::groups;
use ottl_otlp::wire::{Payload, Reader, WireError, begin_len, end_len, put_len_field, put_varint_field};

use super::mark::is_member;
use super::{LEFT_OUT, RECORD_NUMBER};

/// The [`RECORD_NUMBER`] of a record.
fn number_of(record: &[u8]) -> Result<Option<u64>, WireError> {
    let (mut found, mut reader) = (None, Reader::new(record));
    while let Some(field) = reader.next_field()? {
        if let (RECORD_NUMBER, Payload::Varint(number)) = (field.number, field.payload) {
            found = Some(number);
        }
    }
    Ok(found)
}

/// The records of a message that are on a list, which is in order, in their resources and scopes. With `all_groups` the other
/// resources and scopes are there as well, without records. Groups that have no number get that of their place.
///
/// # Errors
/// Damage of the framing down to the fields of records.
pub(super) fn cut(message: &[u8], wanted: &[u64], all_groups: bool) -> Result<Vec<u8>, WireError> {
    let mut out = Vec::new();
    cut_list(0, message, (wanted, all_groups), &mut out)?;
    Ok(out)
}

/// Of a message whose records have numbers, those of a list, which is in order, in their resources and scopes.
///
/// # Errors
/// Damage of the framing down to the fields of records.
pub fn records_of(message: &[u8], wanted: &[u64]) -> Result<Vec<u8>, WireError> {
    cut(message, wanted, false)
}

/// Gives a group the number of its place, if it has none.
fn number_group(own: &mut Vec<u8>, place: usize) -> Result<(), WireError> {
    if number_of(own)?.is_none() {
        put_varint_field(own, RECORD_NUMBER, place as u64);
    }
    Ok(())
}

fn cut_list(
    depth: usize,
    content: &[u8],
    (wanted, all_groups): (&[u64], bool),
    out: &mut Vec<u8>,
) -> Result<bool, WireError> {
    let (mut reader, mut kept, mut place) = (Reader::new(content), false, 0);
    while let Some(field) = reader.next_field()? {
        if !is_member(depth, field.number) {
            out.extend_from_slice(&content[field.start..field.end]);
            continue;
        }
        let member = field.bytes()?;
        if depth == 2 {
            if number_of(member)?.is_some_and(|number| wanted.binary_search(&number).is_ok()) {
                out.extend_from_slice(&content[field.start..field.end]);
                kept = true;
            }
            continue;
        }
        let base = out.len();
        let mark = begin_len(out, field.number, 0);
        let is_kept = cut_list(depth + 1, member, (wanted, all_groups), out)?;
        if number_of(member)?.is_none() {
            put_varint_field(out, RECORD_NUMBER, place);
        }
        place += 1;
        match is_kept || all_groups {
            true => end_len(out, mark),
            false => out.truncate(base),
        }
        kept |= is_kept;
    }
    Ok(kept)
}

/// A message taken apart: what its resources and scopes say, and the records of those that hold one that is asked for.
#[derive(Debug)]
pub(super) struct Apart<'m> {
    /// What stands beside the resources.
    beside: Vec<u8>,
    resources: Vec<Resource>,
    pub records: Vec<Record<'m>>,
}

#[derive(Debug, Default)]
struct Resource {
    own: Vec<u8>,
    scopes: Vec<Scope>,
}

#[derive(Debug)]
struct Scope {
    /// The field that it stands in.
    field: u32,
    own: Vec<u8>,
    /// How many records it has by now.
    count: u64,
}

/// A record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'m> {
    pub is_wanted: bool,
    resource: usize,
    scope: usize,
    bytes: &'m [u8],
}

impl<'m> Apart<'m> {
    /// Takes a message apart. The list is in order. With `of_all`, there are also the records of resources without any of these.
    ///
    /// # Errors
    /// Damage of the framing down to the fields of records.
    pub fn new(message: &'m [u8], wanted: &[u64], of_all: bool) -> Result<Apart<'m>, WireError> {
        let mut apart = Apart { beside: Vec::new(), resources: Vec::new(), records: Vec::new() };
        let mut reader = Reader::new(message);
        while let Some(field) = reader.next_field()? {
            if !is_member(0, field.number) {
                apart.beside.extend_from_slice(&message[field.start..field.end]);
                continue;
            }
            let (first, resource) = (apart.records.len(), apart.resources.len());
            let mut found = resource_of(field.bytes()?, |scope, bytes| {
                let is_wanted = number_of(bytes)?.is_some_and(|number| wanted.binary_search(&number).is_ok());
                apart.records.push(Record { is_wanted, resource, scope, bytes });
                Ok(())
            })?;
            number_group(&mut found.own, resource)?;
            for (place, scope) in found.scopes.iter_mut().enumerate() {
                number_group(&mut scope.own, place)?;
            }
            apart.resources.push(found);
            if !of_all && !apart.records[first..].iter().any(|record| record.is_wanted) {
                apart.records.truncate(first);
            }
        }
        Ok(apart)
    }

    /// The message of a run of records, in what lies around them by now.
    pub fn message(&self, records: &[Record<'m>]) -> Vec<u8> {
        let len: usize = records.iter().map(|record| record.bytes.len() + 4).sum();
        let mut out = Vec::with_capacity(len + self.beside.len());
        out.extend_from_slice(&self.beside);
        for of_resource in records.chunk_by(|one, other| one.resource == other.resource) {
            let resource = &self.resources[of_resource[0].resource];
            let mark = begin_len(&mut out, groups::RESOURCES, len);
            out.extend_from_slice(&resource.own);
            let mut rest = of_resource;
            for (number, scope) in resource.scopes.iter().enumerate() {
                let count = rest.iter().take_while(|record| record.scope == number).count();
                let (here, behind) = rest.split_at(count);
                rest = behind;
                let mark = begin_len(&mut out, scope.field, len);
                out.extend_from_slice(&scope.own);
                here.iter().for_each(|record| put_len_field(&mut out, groups::RECORDS, record.bytes));
                put_varint_field(&mut out, LEFT_OUT, scope.count.saturating_sub(count as u64));
                end_len(&mut out, mark);
            }
            end_len(&mut out, mark);
        }
        out
    }

    /// Takes in what rules made of [`Apart::message`] of these records.
    ///
    /// # Errors
    /// Damage of the framing.
    pub fn take(&mut self, message: &[u8], records: &[Record<'m>]) -> Result<(), WireError> {
        let mut of_resources = records.chunk_by(|one, other| one.resource == other.resource);
        let mut reader = Reader::new(message);
        while let Some(field) = reader.next_field()? {
            if !is_member(0, field.number) {
                continue;
            }
            let Some(before) = of_resources.next() else { break };
            let old = &mut self.resources[before[0].resource];
            let mut new = resource_of(field.bytes()?, |_, _| Ok(()))?;
            for (number, (new, old)) in new.scopes.iter_mut().zip(&old.scopes).enumerate() {
                let came = before.iter().filter(|record| record.scope == number).count() as u64;
                new.count = (old.count + new.count).saturating_sub(came);
            }
            *old = new;
        }
        Ok(())
    }
}

/// Takes the group of a resource apart.
fn resource_of<'m>(
    content: &'m [u8],
    mut see: impl FnMut(usize, &'m [u8]) -> Result<(), WireError>,
) -> Result<Resource, WireError> {
    let (mut reader, mut resource) = (Reader::new(content), Resource::default());
    while let Some(field) = reader.next_field()? {
        if !is_member(1, field.number) {
            resource.own.extend_from_slice(&content[field.start..field.end]);
            continue;
        }
        let content = field.bytes()?;
        let mut scope = Scope { field: field.number, own: Vec::new(), count: 0 };
        let mut reader = Reader::new(content);
        while let Some(field) = reader.next_field()? {
            if is_member(2, field.number) {
                see(resource.scopes.len(), field.bytes()?)?;
                scope.count += 1;
            } else if field.number != LEFT_OUT {
                scope.own.extend_from_slice(&content[field.start..field.end]);
            }
        }
        resource.scopes.push(scope);
    }
    Ok(resource)
}
