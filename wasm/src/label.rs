//! Lines that tell records from others.

use std::cell::OnceCell;

use ottl::Signal;
use ottl::otlp::any::AnyRef;
use ottl::otlp::schema::topology::find;
use ottl::otlp::schema::{Kind, MessageId};
use ottl::otlp::wire::Reader;

/// Characters of a line.
const LABEL: usize = 72;

/// What labels of a message are made with: its records, and the strings that its profiles refer to.
pub(crate) struct Labels<'m> {
    signal: Signal,
    message: &'m [u8],
    strings: OnceCell<Vec<&'m [u8]>>,
}

impl<'m> Labels<'m> {
    pub(crate) fn new(signal: Signal, message: &'m [u8]) -> Labels<'m> {
        Labels { signal, message, strings: OnceCell::new() }
    }

    /// A line for a record, scope or resource: its name, its body, its service, or what comes first in it.
    pub(crate) fn of(&self, id: MessageId, record: &[u8]) -> String {
        let text = self
            .profile(id, record)
            .or_else(|| plain(id, record, "name"))
            .or_else(|| plain(id, record, "body"))
            .unwrap_or_else(|| {
                let leaves = ottl::otlp::differences(id, &[], record).unwrap_or_default();
                let is_name = |path: &str| path.starts_with("body") || path.ends_with("attributes[\"service.name\"]");
                let value = leaves
                    .iter()
                    .find(|leaf| is_name(&leaf.path))
                    .or(leaves.first())
                    .and_then(|leaf| leaf.after.as_deref());
                value.unwrap_or_default().trim_matches('"').to_owned()
            });
        let mut label: String = text.chars().take(LABEL).collect();
        if label.len() < text.len() {
            label.push('…');
        }
        label
    }

    /// What a profile measures, such as `cpu (nanoseconds)`.
    fn profile(&self, id: MessageId, record: &[u8]) -> Option<String> {
        if self.signal != Signal::Profiles || id != MessageId::Profile {
            return None;
        }
        let sample_type = content(id, record, "sample_type")?;
        let text = |name| self.string(index(MessageId::ValueType, sample_type, name)?);
        let what = text("type_strindex")?;
        Some(text("unit_strindex").map_or_else(|| what.clone(), |unit| format!("{what} ({unit})")))
    }

    /// A text of the dictionary that is not empty.
    fn string(&self, index: usize) -> Option<String> {
        let strings = self.strings.get_or_init(|| strings(self.message).unwrap_or_default());
        let text = strings.get(index).filter(|text| !text.is_empty())?;
        Some(String::from_utf8_lossy(text).into_owned())
    }
}

/// The texts of the dictionary of a message of profiles.
fn strings(message: &[u8]) -> Option<Vec<&[u8]>> {
    let dictionary = content(MessageId::ProfilesData, message, "dictionary")?;
    let def = find(MessageId::ProfilesDictionary, "string_table")?;
    let (mut reader, mut found) = (Reader::new(dictionary), Vec::new());
    while let Some(field) = reader.next_field().ok()? {
        if field.number == def.number {
            found.push(field.bytes().ok()?);
        }
    }
    Some(found)
}

/// The message in a field.
fn content<'m>(id: MessageId, message: &'m [u8], name: &str) -> Option<&'m [u8]> {
    let def = find(id, name)?;
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field().ok()? {
        if field.number == def.number {
            return field.bytes().ok();
        }
    }
    None
}

/// The number in a field; zero where it is not there.
fn index(id: MessageId, message: &[u8], name: &str) -> Option<usize> {
    let def = find(id, name)?;
    let (mut reader, mut found) = (Reader::new(message), 0);
    while let Some(field) = reader.next_field().ok()? {
        if field.number == def.number {
            found = field.varint().ok()?;
        }
    }
    usize::try_from(found).ok()
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
