//! `flatten_data`: every log record in a group of its own, and back.
//!
//! The reference gives each record its own copy of resource and scope before the groups run, and joins records of
//! equal resource and scope afterwards. Of the resource only its attributes come along, of the scope its name, version,
//! attributes and schema URL; groups without records are lost.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use ottl_core::edit::{KnownKeys, MapEdit};
use ottl_core::{Arena, EvalError};
use ottl_otlp::schema::topology::groups::{MEMBERS, RESOURCES, SCHEMA_URL, SUBJECT};
use ottl_otlp::wire::fields::{instrumentation_scope as scope, resource};
use ottl_otlp::wire::{Payload, Reader, WireError, begin_len, end_len, put_len_field};
use ottl_schema::FieldValue;

use super::group::subject;
use super::node::last_field;
use crate::RunError;
use crate::group_key::{push_map, push_text};

/// What comes along of a scope.
const SCOPE_FIELDS: [u32; 3] = [scope::NAME, scope::VERSION, scope::ATTRIBUTES];

/// The message with one group for each record, of at most so many bytes: every record gets a copy of its resource and scope.
pub(super) fn expand(input: &[u8], arena: &Arena, limit: usize) -> Result<Vec<u8>, RunError> {
    let mut out = Vec::with_capacity(input.len() * 2);
    keep(&mut out, input, |number| number != RESOURCES)?;
    each_member(input, RESOURCES, |group| {
        let (resource, members) = subject(group, arena)?;
        let resource = kept(resource, &[resource::ATTRIBUTES])?;
        each_member(group, members, |scope| {
            let subject = kept(subject(scope, arena)?.0, &SCOPE_FIELDS)?;
            let schema_url = kept(scope, &[SCHEMA_URL])?;
            each_member(scope, MEMBERS, |record| {
                let only = ScopeParts { subject: &subject, schema_url: &schema_url, records: &[record] };
                put_group(&mut out, &resource, &[], [only].into_iter());
                if out.len() > limit { Err(RunError::limit("scratch_bytes")) } else { Ok(()) }
            })
        })
    })?;
    Ok(out)
}

/// Where a record was whose group is this one of the expanded message: its resource, its scope, and itself.
pub(super) fn place_before(message: &[u8], group: u32) -> Option<[u32; 3]> {
    let arena = Arena::new();
    let (mut left, mut at, mut found) = (group, [0; 3], None);
    let walked = each_member(message, RESOURCES, |group| {
        let members = subject(group, &arena)?.1;
        at[1] = 0;
        each_member(group, members, |scope| {
            at[2] = 0;
            each_member(scope, MEMBERS, |_| {
                if left == 0 {
                    found.get_or_insert(at);
                }
                left = left.wrapping_sub(1);
                at[2] += 1;
                Ok(())
            })?;
            at[1] += 1;
            Ok(())
        })?;
        at[0] += 1;
        Ok(())
    });
    walked.ok().and(found)
}

fn each_member<'m>(
    message: &'m [u8],
    number: u32,
    mut visit: impl FnMut(&'m [u8]) -> Result<(), RunError>,
) -> Result<(), RunError> {
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field()? {
        if field.number == number {
            visit(field.bytes()?)?;
        }
    }
    Ok(())
}

/// The fields of a message that have these numbers.
fn kept(message: &[u8], numbers: &[u32]) -> Result<Vec<u8>, WireError> {
    let mut out = Vec::with_capacity(message.len());
    keep(&mut out, message, |number| numbers.contains(&number))?;
    Ok(out)
}

/// Appends the fields of a message whose numbers are wanted.
fn keep(out: &mut Vec<u8>, message: &[u8], wanted: impl Fn(u32) -> bool) -> Result<(), WireError> {
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field()? {
        if wanted(field.number) {
            out.extend_from_slice(&message[field.start..field.end]);
        }
    }
    Ok(())
}

/// What is written of a scope.
struct ScopeParts<'m> {
    subject: &'m [u8],
    /// The field.
    schema_url: &'m [u8],
    records: &'m [&'m [u8]],
}

fn put_group<'m>(out: &mut Vec<u8>, resource: &[u8], schema_url: &[u8], scopes: impl Iterator<Item = ScopeParts<'m>>) {
    let group = begin_len(out, RESOURCES, resource.len());
    put_len_field(out, SUBJECT, resource);
    for ScopeParts { subject, schema_url, records } in scopes {
        let inner = begin_len(out, MEMBERS, records.iter().map(|record| record.len()).sum());
        put_len_field(out, SUBJECT, subject);
        for record in records {
            put_len_field(out, MEMBERS, record);
        }
        out.extend_from_slice(schema_url);
        end_len(out, inner);
    }
    out.extend_from_slice(schema_url);
    end_len(out, group);
}

/// Where equal messages are in a list.
///
/// PERF (tenant-resources): nearly all equal ones are written alike, and need no key.
#[derive(Default)]
struct Places<'m> {
    last: Option<(Written<'m>, usize)>,
    written: HashMap<Written<'m>, usize>,
    /// By keys that are equal exactly for equal ones.
    equal: HashMap<Vec<u8>, usize>,
}

/// A resource or scope as it is written, and its schema URL if that counts.
type Written<'m> = (&'m [u8], &'m [u8]);

impl<'m> Places<'m> {
    /// The place of a message; of one that is new, this one.
    fn of(
        &mut self,
        written: Written<'m>,
        new: usize,
        key: impl FnOnce() -> Result<Vec<u8>, EvalError>,
    ) -> Result<usize, EvalError> {
        if let Some((last, place)) = self.last
            && last == written
        {
            return Ok(place);
        }
        let place = match self.written.entry(written) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => *unknown.insert(*self.equal.entry(key()?).or_insert(new)),
        };
        self.last = Some((written, place));
        Ok(place)
    }
}

struct Scope<'m> {
    subject: &'m [u8],
    schema_url: Vec<u8>,
    records: Vec<&'m [u8]>,
}

struct Resource<'m> {
    subject: &'m [u8],
    /// What statements wrote; that of the input is lost.
    schema_url: Vec<u8>,
    scopes: Vec<Scope<'m>>,
    places: Places<'m>,
}

/// How many bytes the memory for keys keeps from one group to the next.
const KEPT_VALUES: usize = 1 << 16;

/// Records of equal resource and scope joined, in the order of their first appearance.
pub(super) fn regroup(input: &[u8], out: &mut Vec<u8>) -> Result<(), RunError> {
    let (arena, mut values) = (Arena::new(), Arena::new());
    let mut resources: Vec<Resource<'_>> = Vec::new();
    let mut places = Places::default();
    keep(out, input, |number| number != RESOURCES)?;
    each_member(input, RESOURCES, |group| {
        let (resource, _) = subject(group, &arena)?;
        values.reset(KEPT_VALUES);
        let at = places.of((resource, &[]), resources.len(), || resource_key(resource, &values))?;
        if at == resources.len() {
            let schema_url = kept(group, &[SCHEMA_URL])?;
            resources.push(Resource { subject: resource, schema_url, scopes: Vec::new(), places: Places::default() });
        }
        let resource = &mut resources[at];
        each_member(group, MEMBERS, |scope| {
            let (subject, _) = subject(scope, &arena)?;
            let url = text_of(scope, SCHEMA_URL)?;
            let new = resource.scopes.len();
            let at = resource.places.of((subject, url), new, || scope_key(subject, url, &values))?;
            if at == new {
                resource.scopes.push(Scope { subject, schema_url: kept(scope, &[SCHEMA_URL])?, records: Vec::new() });
            }
            each_member(scope, MEMBERS, |record| {
                resource.scopes[at].records.push(record);
                Ok(())
            })
        })
    })?;
    for Resource { subject, schema_url, scopes, .. } in &resources {
        let scopes =
            scopes.iter().map(|s| ScopeParts { subject: s.subject, schema_url: &s.schema_url, records: &s.records });
        put_group(out, subject, schema_url, scopes);
    }
    Ok(())
}

fn resource_key(subject: &[u8], arena: &Arena) -> Result<Vec<u8>, EvalError> {
    let mut key = Vec::new();
    push_attributes(&mut key, subject, resource::ATTRIBUTES, arena)?;
    Ok(key)
}

fn push_attributes(key: &mut Vec<u8>, message: &[u8], number: u32, arena: &Arena) -> Result<(), EvalError> {
    let keys = KnownKeys::default();
    let mut map = MapEdit::new();
    map.start(message, &keys);
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field()? {
        if field.number == number {
            map.load_pair(field.bytes()?)?;
        }
    }
    push_map(key, &map.to_map(arena)?);
    Ok(())
}

fn scope_key(subject: &[u8], schema_url: &[u8], arena: &Arena) -> Result<Vec<u8>, EvalError> {
    let [name, version, attributes] = SCOPE_FIELDS;
    let mut key = Vec::new();
    for text in [schema_url, text_of(subject, name)?, text_of(subject, version)?] {
        push_text(&mut key, text);
    }
    push_attributes(&mut key, subject, attributes, arena)?;
    Ok(key)
}

/// The text in a field of a message; empty where there is none.
fn text_of(message: &[u8], number: u32) -> Result<&[u8], WireError> {
    Ok(match last_field(message, number)? {
        FieldValue::Present(Payload::Bytes(text)) => text,
        _ => &[],
    })
}
