//! `flatten_data`: every log record in a group of its own, and back.
//!
//! The reference gives each record its own copy of resource and scope before the groups run, and joins records of
//! equal resource and scope afterwards. Of the resource only its attributes come along, of the scope its name, version,
//! attributes and schema URL; groups without records are lost.

use std::collections::HashMap;

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
                put_group(&mut out, &resource, &[], &[(&subject, &schema_url, vec![record])]);
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

/// A scope's message, its schema URL field, and its records.
type ScopeParts<'m> = (&'m [u8], &'m [u8], Vec<&'m [u8]>);

fn put_group(out: &mut Vec<u8>, resource: &[u8], schema_url: &[u8], scopes: &[ScopeParts<'_>]) {
    let group = begin_len(out, RESOURCES, resource.len());
    put_len_field(out, SUBJECT, resource);
    for (scope, schema_url, records) in scopes {
        let inner = begin_len(out, MEMBERS, records.iter().map(|record| record.len()).sum());
        put_len_field(out, SUBJECT, scope);
        for record in records {
            put_len_field(out, MEMBERS, record);
        }
        out.extend_from_slice(schema_url);
        end_len(out, inner);
    }
    out.extend_from_slice(schema_url);
    end_len(out, group);
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
    places: HashMap<Vec<u8>, usize>,
}

/// How many bytes the memory for keys keeps from one group to the next.
const KEPT_VALUES: usize = 1 << 16;

/// Records of equal resource and scope joined, in the order of their first appearance.
pub(super) fn regroup(input: &[u8], out: &mut Vec<u8>) -> Result<(), RunError> {
    let (arena, mut values) = (Arena::new(), Arena::new());
    let mut resources: Vec<Resource<'_>> = Vec::new();
    let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
    keep(out, input, |number| number != RESOURCES)?;
    each_member(input, RESOURCES, |group| {
        let (resource, _) = subject(group, &arena)?;
        let mut key = Vec::new();
        values.reset(KEPT_VALUES);
        push_attributes(&mut key, resource, resource::ATTRIBUTES, &values)?;
        let at = *places.entry(key).or_insert(resources.len());
        if at == resources.len() {
            let schema_url = kept(group, &[SCHEMA_URL])?;
            resources.push(Resource { subject: resource, schema_url, scopes: Vec::new(), places: HashMap::new() });
        }
        let resource = &mut resources[at];
        each_member(group, MEMBERS, |scope| {
            let (subject, _) = subject(scope, &arena)?;
            let key = scope_key(subject, scope, &values)?;
            let at = *resource.places.entry(key).or_insert(resource.scopes.len());
            if at == resource.scopes.len() {
                resource.scopes.push(Scope { subject, schema_url: kept(scope, &[SCHEMA_URL])?, records: Vec::new() });
            }
            each_member(scope, MEMBERS, |record| {
                resource.scopes[at].records.push(record);
                Ok(())
            })
        })
    })?;
    for resource in resources {
        let scopes: Vec<ScopeParts<'_>> =
            resource.scopes.iter().map(|s| (s.subject, s.schema_url.as_slice(), s.records.clone())).collect();
        put_group(out, resource.subject, &resource.schema_url, &scopes);
    }
    Ok(())
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

fn scope_key(subject: &[u8], scope: &[u8], arena: &Arena) -> Result<Vec<u8>, EvalError> {
    let [name, version, attributes] = SCOPE_FIELDS;
    let mut key = Vec::new();
    for (message, number) in [(scope, SCHEMA_URL), (subject, name), (subject, version)] {
        match last_field(message, number)? {
            FieldValue::Present(Payload::Bytes(text)) => push_text(&mut key, text),
            _ => push_text(&mut key, b""),
        }
    }
    push_attributes(&mut key, subject, attributes, arena)?;
    Ok(key)
}
