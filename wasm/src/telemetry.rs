//! Telemetry that rules are tried on again and again: read once, its records numbered.

use ottl::Signal;
use ottl::compare::{Numbered, Outline, number_records};
use serde::Serialize;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::convert::Messages;
use crate::json;
use crate::label::Labels;
use crate::messages::{Encoding, Read, signal_of};

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
    pub(crate) numbered: Numbered,
}

impl Message {
    /// Where its records lie; nothing of one that is damaged.
    pub(crate) fn outline(&self) -> Outline<'_> {
        Outline::of(self.signal, &self.numbered.message).unwrap_or_else(|_| Outline::empty(self.signal))
    }
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
                let numbered = number_records(signal, read.protobuf(&bytes)).map_err(|error| error.to_string())?;
                Ok((signal, read, numbered))
            };
            let (signal, read, numbered) = read().map_err(|error: String| JsError::new(&error))?;
            messages.push(Message { signal, bytes, read, numbered });
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
            let labels = Labels::new(message.signal, &message.numbered.message);
            for record in message.outline().traced() {
                names.count += 1;
                if names.records.len() < most as usize {
                    names.records.push(Name {
                        message: number,
                        record: record.number,
                        kind: kind(record.context),
                        label: labels.of(record.id, record.bytes),
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
        let values = self.message(message)?.outline().values(u64::from(record)).unwrap_or_default();
        let levels: Vec<Fields> = values
            .into_iter()
            .map(|(level, values)| Fields {
                level,
                fields: values.into_iter().filter_map(|leaf| Some((inner(level, &leaf.path), leaf.after?))).collect(),
            })
            .collect();
        Ok(json::text(&levels))
    }
}

/// What people call what has paths of a context.
pub(crate) fn kind(context: &'static str) -> &'static str {
    match context {
        "log" => "log record",
        "datapoint" => "data point",
        other => other,
    }
}

/// A path without the context of all that it stands beside.
pub(crate) fn inner(context: &str, path: &str) -> String {
    let inner = path.strip_prefix(context).and_then(|rest| rest.strip_prefix('.'));
    inner.unwrap_or(path).to_owned()
}
