//! Telemetry that rules are tried on again and again: read once, its records numbered.

use ottl::otlp::any::AnyRef;
use ottl::otlp::schema::topology::{find, groups};
use ottl::otlp::schema::{Kind, MessageId};
use ottl::otlp::wire::{Reader, WireError};
use ottl::{Marked, RECORD_NUMBER, Signal, mark};
use serde::Serialize;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::convert::Messages;
use crate::json;
use crate::messages::{Encoding, Read, signal_of};

/// Characters of the line that tells a record from others.
const LABEL: usize = 72;

/// The messages of a file.
#[wasm_bindgen]
pub struct Telemetry {
    messages: Vec<Message>,
}

/// One of them.
pub(crate) struct Message {
    pub(crate) signal: Signal,
    /// As it came.
    pub(crate) bytes: Vec<u8>,
    pub(crate) read: Read,
    /// With numbers in its records, by which they are known behind all rules.
    pub(crate) marked: Marked,
}

/// A record that a trace can be asked for.
#[derive(Serialize)]
struct Name {
    message: usize,
    record: u64,
    kind: &'static str,
    label: String,
}

#[derive(Serialize)]
struct Names {
    count: usize,
    records: Vec<Name>,
}

/// What is at one level: the resource, the scope, the record.
#[derive(Serialize)]
struct Fields {
    level: &'static str,
    /// Paths and values, as traces write them.
    fields: Vec<(String, String)>,
}

impl Telemetry {
    pub(crate) fn messages(&self) -> &[Message] {
        &self.messages
    }

    pub(crate) fn message(&self, number: u32) -> Result<&Message, JsError> {
        self.messages.get(number as usize).ok_or_else(|| JsError::new("there is no message of this number"))
    }
}

#[wasm_bindgen]
impl Telemetry {
    /// Reads a file in any of the forms that the command reads. `name` is the signal, which JSON tells.
    ///
    /// # Errors
    /// Damage, a signal that cannot be told.
    #[wasm_bindgen(constructor)]
    pub fn new(file: &[u8], name: Option<String>) -> Result<Telemetry, JsError> {
        let (mut reader, mut messages) = (Messages::new(file), Vec::new());
        while let Some(bytes) = reader.next()? {
            let read = || {
                let encoding = Encoding::of(&bytes);
                let signal = signal_of(name.as_deref(), &bytes, encoding)?;
                let read = Read::new(signal, &bytes, encoding)?;
                let marked = mark(signal, read.protobuf(&bytes), None).map_err(|error| error.to_string())?;
                Ok((signal, read, marked))
            };
            let (signal, read, marked) = read().map_err(|error: String| JsError::new(&error))?;
            messages.push(Message { signal, bytes, read, marked });
        }
        Ok(Telemetry { messages })
    }

    /// How many messages there are.
    #[wasm_bindgen(getter)]
    pub fn count(&self) -> u32 {
        self.messages.len() as u32
    }

    /// The signal of each message, as JSON.
    pub fn signals(&self) -> String {
        json::text(&self.messages.iter().map(|message| message.signal.name()).collect::<Vec<_>>())
    }

    /// How many records there are, and the names of so many of the first, as JSON.
    pub fn records(&self, most: u32) -> String {
        let mut names = Names { count: 0, records: Vec::new() };
        for (number, message) in self.messages.iter().enumerate() {
            names.count += message.marked.places.len();
            if names.records.len() >= most as usize {
                continue;
            }
            for record in resources(&message.marked.message).unwrap_or_default().iter().flat_map(Group::records) {
                if names.records.len() < most as usize {
                    names.records.push(Name {
                        message: number,
                        record: record.number.unwrap_or_default(),
                        kind: kind(message.signal),
                        label: label(record_id(message.signal), record.bytes),
                    });
                }
            }
        }
        json::text(&names)
    }

    /// All values of a record, its scope and its resource by their paths, as JSON.
    ///
    /// # Errors
    /// There is no such message.
    pub fn fields(&self, message: u32, record: u32) -> Result<String, JsError> {
        let message = self.message(message)?;
        let [resource_group, scope_group, record_id] = ids(message.signal);
        let mut levels = Vec::new();
        for resource in resources(&message.marked.message).unwrap_or_default() {
            for scope in &resource.scopes {
                let Some(found) = scope.records.iter().find(|found| found.number == Some(u64::from(record))) else {
                    continue;
                };
                for (level, id, bytes) in [
                    ("resource", subject(resource_group), resource.subject),
                    ("scope", subject(scope_group), scope.subject),
                    (level(message.signal), record_id, found.bytes),
                ] {
                    levels.push(Fields { level, fields: leaves(id, bytes) });
                }
            }
        }
        Ok(json::text(&levels))
    }
}

/// A resource and its scopes.
pub(crate) struct Group<'m> {
    pub(crate) subject: &'m [u8],
    pub(crate) scopes: Vec<Scope<'m>>,
}

/// A scope and its records.
pub(crate) struct Scope<'m> {
    pub(crate) subject: &'m [u8],
    pub(crate) records: Vec<Record<'m>>,
}

pub(crate) struct Record<'m> {
    pub(crate) bytes: &'m [u8],
    /// None, where rules made it.
    pub(crate) number: Option<u64>,
}

impl<'m> Group<'m> {
    pub(crate) fn records(&self) -> impl Iterator<Item = &Record<'m>> {
        self.scopes.iter().flat_map(|scope| &scope.records)
    }
}

/// The resources of a message with all that lies in them.
pub(crate) fn resources(message: &[u8]) -> Result<Vec<Group<'_>>, WireError> {
    let (mut reader, mut found) = (Reader::new(message), Vec::new());
    while let Some(field) = reader.next_field()? {
        if field.number == groups::RESOURCES {
            found.push(resource(field.bytes()?)?);
        }
    }
    Ok(found)
}

fn resource(content: &[u8]) -> Result<Group<'_>, WireError> {
    let (mut reader, mut group) = (Reader::new(content), Group { subject: &[], scopes: Vec::new() });
    while let Some(field) = reader.next_field()? {
        match field.number {
            groups::SUBJECT => group.subject = field.bytes()?,
            groups::SCOPES | groups::DEPRECATED_SCOPES => group.scopes.push(scope(field.bytes()?)?),
            _ => {}
        }
    }
    Ok(group)
}

fn scope(content: &[u8]) -> Result<Scope<'_>, WireError> {
    let (mut reader, mut scope) = (Reader::new(content), Scope { subject: &[], records: Vec::new() });
    while let Some(field) = reader.next_field()? {
        match field.number {
            groups::SUBJECT => scope.subject = field.bytes()?,
            groups::RECORDS => scope.records.push(Record { bytes: field.bytes()?, number: number(field.bytes()?) }),
            _ => {}
        }
    }
    Ok(scope)
}

fn number(record: &[u8]) -> Option<u64> {
    let mut reader = Reader::new(record);
    while let Some(field) = reader.next_field().ok()? {
        if field.number == RECORD_NUMBER {
            return field.varint().ok();
        }
    }
    None
}

/// What is listed at each level: groups of resources, of scopes, records.
pub(crate) fn ids(signal: Signal) -> [MessageId; 3] {
    signal.lists().map(|list| list.message().unwrap_or(MessageId::Resource))
}

/// The type of records.
pub(crate) fn record_id(signal: Signal) -> MessageId {
    ids(signal)[2]
}

/// The resource or scope that a group belongs to.
pub(crate) fn subject(group: MessageId) -> MessageId {
    let field = group.def().field(groups::SUBJECT);
    field.and_then(|field| field.message()).unwrap_or(MessageId::Resource)
}

/// What people call records of a signal.
pub(crate) fn kind(signal: Signal) -> &'static str {
    match signal {
        Signal::Logs => "log record",
        Signal::Traces => "span",
        Signal::Metrics => "metric",
        Signal::Profiles => "profile",
    }
}

/// What OTTL calls them.
fn level(signal: Signal) -> &'static str {
    match signal {
        Signal::Logs => "log",
        _ => kind(signal),
    }
}

fn leaves(id: MessageId, bytes: &[u8]) -> Vec<(String, String)> {
    let found = ottl::otlp::differences(id, &[], bytes).unwrap_or_default();
    found.into_iter().filter_map(|leaf| Some((leaf.path, leaf.after?))).collect()
}

/// A line that tells a record from others: its name, its body, its service, or what comes first in it.
pub(crate) fn label(id: MessageId, record: &[u8]) -> String {
    let text = plain(id, record, "name").or_else(|| plain(id, record, "body")).unwrap_or_else(|| {
        let leaves = leaves(id, record);
        let named = leaves.iter().find(|(path, _)| path.starts_with("body") || path == "attributes[\"service.name\"]");
        named.or(leaves.first()).map(|(_, value)| value.trim_matches('"').to_owned()).unwrap_or_default()
    });
    let mut label: String = text.chars().take(LABEL).collect();
    if label.len() < text.len() {
        label.push('…');
    }
    label
}

/// The text of a field that is one.
fn plain(id: MessageId, record: &[u8], name: &str) -> Option<String> {
    let def = find(id, name)?;
    let (mut reader, mut found) = (Reader::new(record), None);
    while let Some(field) = reader.next_field().ok()? {
        if field.number == def.number {
            found = match def.kind {
                Kind::String => Some(field.bytes().ok()?),
                Kind::Message(MessageId::AnyValue) => match AnyRef::read(field.bytes().ok()?).ok()? {
                    AnyRef::Text(text) => Some(text),
                    _ => None,
                },
                _ => None,
            };
        }
    }
    found.filter(|text| !text.is_empty()).map(|text| String::from_utf8_lossy(text).into_owned())
}
