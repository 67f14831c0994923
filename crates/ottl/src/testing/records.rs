//! A message taken apart into its records, each with the resource and the scope that it lies in.

use std::sync::Arc;

use ottl_otlp::schema::topology::groups;
use ottl_otlp::schema::{FieldDef, Kind, MessageId, Presence};
use ottl_otlp::wire::{Payload, Reader, WireError, put_len_field};
use ottl_otlp::{Difference, differences};

use crate::Signal;

/// A record: a log record, span, metric or profile.
#[derive(Clone, Debug)]
pub(super) struct Record<'m> {
    /// What its group of the resource says, without the groups of scopes.
    resource: Arc<[u8]>,
    /// What its group of the scope says, without the records.
    scope: Arc<[u8]>,
    pub bytes: &'m [u8],
    /// Where it lies: the numbers of the groups and its own.
    pub place: [usize; 3],
}

/// The records of a message in their order.
pub(super) fn records(message: &[u8]) -> Result<Vec<Record<'_>>, WireError> {
    let mut out = Vec::new();
    for (one, group) in members(message, is_resource)?.enumerate() {
        let resource: Arc<[u8]> = rest(group, is_scope)?.into();
        for (two, inner) in members(group, is_scope)?.enumerate() {
            let scope: Arc<[u8]> = rest(inner, is_record)?.into();
            out.extend(members(inner, is_record)?.enumerate().map(|(three, bytes)| Record {
                resource: resource.clone(),
                scope: scope.clone(),
                bytes,
                place: [one, two, three],
            }));
        }
    }
    Ok(out)
}

fn is_resource(number: u32) -> bool {
    number == groups::RESOURCES
}

fn is_scope(number: u32) -> bool {
    number == groups::SCOPES || number == groups::DEPRECATED_SCOPES
}

fn is_record(number: u32) -> bool {
    number == groups::RECORDS
}

fn members(message: &[u8], is_member: fn(u32) -> bool) -> Result<std::vec::IntoIter<&[u8]>, WireError> {
    let (mut out, mut reader) = (Vec::new(), Reader::new(message));
    while let Some(field) = reader.next_field()? {
        if let Payload::Bytes(content) = field.payload
            && is_member(field.number)
        {
            out.push(content);
        }
    }
    Ok(out.into_iter())
}

fn rest(message: &[u8], is_member: fn(u32) -> bool) -> Result<Vec<u8>, WireError> {
    let (mut out, mut reader) = (Vec::new(), Reader::new(message));
    while let Some(field) = reader.next_field()? {
        if !is_member(field.number) {
            out.extend_from_slice(&message[field.start..field.end]);
        }
    }
    Ok(out)
}

impl Record<'_> {
    /// A message of this record alone.
    pub fn message(&self) -> Vec<u8> {
        let mut scope = self.scope.to_vec();
        put_len_field(&mut scope, groups::RECORDS, self.bytes);
        let mut resource = self.resource.to_vec();
        put_len_field(&mut resource, groups::SCOPES, &scope);
        let mut out = Vec::new();
        put_len_field(&mut out, groups::RESOURCES, &resource);
        out
    }

    /// Whether both are the same in bytes, which is quickly seen.
    pub fn is(&self, other: &Record<'_>) -> bool {
        self.bytes == other.bytes && self.resource == other.resource && self.scope == other.scope
    }

    /// What another record says differently: in itself, its resource or its scope.
    pub fn differences(&self, signal: Signal, other: &Record<'_>) -> Result<Vec<Difference>, WireError> {
        let lists = signal.lists().map(|list| list.message());
        let [Some(resource), Some(scope), Some(record)] = lists else { return Ok(Vec::new()) };
        let named = |level: &str, found: Vec<Difference>| {
            let name = |difference: Difference| {
                let path = match &*difference.path {
                    "schema_url" => format!("{level}_schema_url"),
                    path => path.to_owned(),
                };
                Difference { path, ..difference }
            };
            found.into_iter().map(name).collect::<Vec<_>>()
        };
        let mut out = named("resource", differences(resource, &self.resource, &other.resource)?);
        out.extend(named("scope", differences(scope, &self.scope, &other.scope)?));
        let own = differences(record, self.bytes, other.bytes)?.into_iter();
        out.extend(own.filter(|difference| !is_emptiness(record, difference)));
        Ok(out)
    }

    /// All that it says, as differences from nothing.
    pub fn fields(&self, signal: Signal) -> Result<Vec<Difference>, WireError> {
        let nothing = Record { resource: Arc::new([]), scope: Arc::new([]), bytes: &[], place: self.place };
        nothing.differences(signal, self)
    }
}

/// Whether an empty value stands against none, where OTLP makes no difference: a body that is not there is an empty one.
fn is_emptiness(record: MessageId, Difference { path, before, after }: &Difference) -> bool {
    let empty = |value: &Option<String>| value.as_deref().is_none_or(|value| value == "null");
    let is_it = |field: &FieldDef| {
        field.snake_name == path
            && field.presence == Presence::Always
            && field.kind == Kind::Message(MessageId::AnyValue)
    };
    empty(before) && empty(after) && record.def().fields.iter().any(is_it)
}
