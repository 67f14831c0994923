//! [`Samples`]: what is known of the telemetry that rules are written for.

use std::collections::BTreeMap;

use ottl_otlp::any::{AnyRef, key_value};
use ottl_otlp::schema::{Kind, MessageId};
use ottl_otlp::wire::{Payload, Reader};
use ottl_schema::{ContextId, PointKind};

use crate::Signal;

/// Keys of one map that are kept.
const MOST_KEYS: usize = 1000;

/// Characters of a value that are shown.
const SHOWN: usize = 40;

/// Messages inside each other that are looked into.
const DEPTH: usize = 16;

/// The keys of attributes, by context, with an example of each.
///
/// ```
/// use ottl::schema::ContextId;
/// use ottl::service::Samples;
///
/// let mut samples = Samples::default();
/// samples.add(ContextId::Resource, "attributes", "service.name", "cart");
/// let keys: Vec<_> = samples.keys(ContextId::Resource, "attributes").collect();
/// assert_eq!(keys, [("service.name", "cart")]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Samples {
    keys: BTreeMap<(ContextId, String), BTreeMap<String, String>>,
}

impl Samples {
    /// Adds a key of the map at a path of a context, with what is shown beside it. Of two of one name the first stays.
    pub fn add(&mut self, context: ContextId, path: &str, key: &str, detail: &str) {
        let keys = self.keys.entry((context, path.to_owned())).or_default();
        if keys.len() < MOST_KEYS && !keys.contains_key(key) {
            let mut shown: String = detail.chars().take(SHOWN).collect();
            if shown.len() < detail.len() {
                shown.push('…');
            }
            keys.insert(key.to_owned(), shown);
        }
    }

    /// Adds the attributes of a message, as it comes from the wire; what is damaged in it is left out.
    pub fn add_message(&mut self, signal: Signal, message: &[u8]) {
        self.walk(signal.message(), message, DEPTH);
    }

    /// The keys of the map at a path, in their order, and what is shown beside them.
    pub fn keys(&self, context: ContextId, path: &str) -> impl Iterator<Item = (&str, &str)> {
        let found = self.keys.get(&(context, path.to_owned()));
        found.into_iter().flatten().map(|(key, detail)| (key.as_str(), detail.as_str()))
    }

    fn walk(&mut self, id: MessageId, message: &[u8], depth: usize) {
        let mut reader = Reader::new(message);
        while let Ok(Some(field)) = reader.next_field() {
            let (Payload::Bytes(bytes), Some(def)) = (field.payload, id.def().field(field.number)) else { continue };
            match def.kind {
                Kind::Message(MessageId::KeyValue) if def.snake_name == "attributes" => {
                    if let (Some(context), Some((key, value))) = (context_of(id), pair(bytes)) {
                        self.add(context, "attributes", key, &value);
                    }
                }
                Kind::Message(inner) if depth > 0 => self.walk(inner, bytes, depth - 1),
                _ => {}
            }
        }
    }
}

/// The context whose records are messages of this kind.
fn context_of(id: MessageId) -> Option<ContextId> {
    let kinds = [PointKind::Number, PointKind::Histogram, PointKind::Exponential, PointKind::Summary];
    ContextId::ALL.into_iter().find(|context| kinds.iter().any(|kind| context.message(*kind) == Some(id)))
}

fn pair(bytes: &[u8]) -> Option<(&str, String)> {
    let pair = key_value(bytes).ok()?;
    let key = std::str::from_utf8(pair.key).ok()?;
    let value = match AnyRef::read(pair.value).ok()? {
        AnyRef::Empty => String::from("nil"),
        AnyRef::Text(text) => format!("{:?}", String::from_utf8_lossy(text)),
        AnyRef::Bool(value) => value.to_string(),
        AnyRef::Int(value) => value.to_string(),
        AnyRef::Double(value) => value.to_string(),
        AnyRef::Bytes(_) => String::from("bytes"),
        AnyRef::List(_) => String::from("list"),
        AnyRef::Map(_) => String::from("map"),
    };
    Some((key, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_of_messages_are_keys_of_their_contexts() {
        let text = br#"{"resourceMetrics": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "cart"}}]},
            "scopeMetrics": [{"scope": {"attributes": [{"key": "s", "value": {"boolValue": true}}]}, "metrics": [{"name": "m",
            "histogram": {"dataPoints": [{"attributes": [{"key": "code", "value": {"intValue": "200"}}]}]}}]}]}]}"#;
        let mut message = Vec::new();
        ottl_otlp::json::to_protobuf(Signal::Metrics, text, &mut message).expect("OTLP");
        let mut samples = Samples::default();
        samples.add_message(Signal::Metrics, &message);
        for (context, want) in [
            (ContextId::Resource, ("service.name", "\"cart\"")),
            (ContextId::Scope, ("s", "true")),
            (ContextId::DataPoint, ("code", "200")),
        ] {
            assert_eq!(samples.keys(context, "attributes").collect::<Vec<_>>(), [want]);
        }
        let before = samples.clone();
        samples.add_message(Signal::Metrics, &message[..message.len() / 2]);
        samples.add_message(Signal::Metrics, b"\xff\xff\xff");
        assert_eq!(samples, before);
    }
}
