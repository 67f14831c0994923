//! Telemetry as cases write it: OTLP/JSON in YAML, with short forms, to messages.
//!
//! - Names of fields are camelCase or snake_case, as in OTLP/JSON; one that the message does not have is a fault.
//! - A list of `{key, value}` may be a map, and a value of any type may stand for itself.
//! - `logs`, `spans` and `metrics` are lists of records, each with its `resource` and `scope`; neighbours whose resource
//!   and scope are the same share them.
//!
//! What is written is OTLP/JSON, so that what a number, a name of an enum, an id or bytes may be is decided there.

use ottl_diagnostics::{Code, Diagnostic, Span, near_name};
use ottl_otlp::json::{self, put_f64, put_string};
use ottl_otlp::schema::{FieldDef, Kind, MessageId, Presence};

use super::names::{named, no_name, no_object};
use super::value::{Content, Key, Value, start};
use crate::Signal;

/// What stands beside the fields of a record in the short form.
pub(super) const RESOURCE: &str = "resource";
pub(super) const SCOPE: &str = "scope";
pub(super) const RESOURCE_SCHEMA: &str = "resource_schema_url";
pub(super) const SCOPE_SCHEMA: &str = "scope_schema_url";

/// The name of a signal's list of records in the short form. Profiles have none: they share a dictionary.
pub(super) fn short_name(signal: Signal) -> Option<&'static str> {
    match signal {
        Signal::Traces => Some("spans"),
        Signal::Metrics => Some("metrics"),
        Signal::Logs => Some("logs"),
        Signal::Profiles => None,
    }
}

/// How records are called in places: `logs[2]`.
pub(super) fn record_name(signal: Signal) -> &'static str {
    short_name(signal).unwrap_or("profiles")
}

/// An OTLP message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Of which signal.
    pub signal: Signal,
    /// The message as protobuf.
    pub bytes: Vec<u8>,
}

/// Telemetry of a case.
#[derive(Clone, Debug, Default)]
pub(super) struct Document {
    /// A message for each signal and document.
    pub messages: Vec<Message>,
    /// Whether records are grouped by hand: then groups are compared as well.
    pub is_whole: bool,
}

/// JSON under way, and where the values in it come from.
#[derive(Default)]
struct Text {
    json: Vec<u8>,
    /// Offsets in the JSON, in order, with the places of the values there.
    places: Vec<(usize, Span)>,
}

impl Text {
    fn push(&mut self, text: &str) {
        self.json.extend_from_slice(text.as_bytes());
    }

    fn append(&mut self, other: &Text) {
        let base = self.json.len();
        self.json.extend_from_slice(&other.json);
        self.places.extend(other.places.iter().map(|(offset, span)| (offset + base, *span)));
    }

    fn place(&self, offset: usize) -> Option<Span> {
        let after = self.places.partition_point(|(at, _)| *at <= offset);
        after.checked_sub(1).map(|before| self.places[before].1)
    }
}

/// The telemetry that a value is: a document, or a list of them.
pub(super) fn document(value: &Value, found: &mut Vec<Diagnostic>) -> Document {
    let documents = match &value.content {
        Content::List(items) => &items[..],
        _ => std::slice::from_ref(value),
    };
    let mut out = Document::default();
    for one in documents {
        let Content::Map(pairs) = &one.content else {
            let message = format!("telemetry is a map such as `logs: [{{body: text}}]`, and this is {}", one.kind());
            found.push(Diagnostic::new(Code::INVALID_TELEMETRY, start(one.span), message));
            continue;
        };
        for signal in Signal::ALL {
            let short = pairs.iter().find(|(key, _)| Some(&*key.text) == short_name(signal));
            let is_of = |name: &str| signal.message().def().fields.iter().any(|field| is_called(field, name));
            let whole: Vec<_> = pairs.iter().filter(|(key, _)| is_of(&key.text)).collect();
            if let Some((_, records)) = short {
                let text = Writer::new(found, false).short(signal, records);
                out.messages.extend(message(signal, &text, found));
            }
            if !whole.is_empty() {
                out.is_whole = true;
                let mut text = Text::default();
                Writer::new(found, true).fields(
                    signal.message(),
                    whole.iter().map(|(key, value)| (&*key.text, key.span, value)),
                    &mut text,
                );
                out.messages.extend(message(signal, &text, found));
            }
        }
        unknown(pairs, found);
    }
    out
}

/// The message of a record in the short form; it was written here, or looked at before.
pub(super) fn record(signal: Signal, record: &Value) -> Result<Vec<u8>, String> {
    let mut found = Vec::new();
    let list = Value::at(record.span, Content::List(vec![record.clone()]));
    let text = Writer::new(&mut found, false).short(signal, &list);
    let message = message(signal, &text, &mut found);
    match (found.into_iter().next(), message) {
        (Some(fault), _) => Err(fault.message),
        (None, message) => Ok(message.map(|message| message.bytes).unwrap_or_default()),
    }
}

/// Says which fields of a record, or of what lies in it, are none.
pub(super) fn look_at_record(signal: Signal, record: &Value, found: &mut Vec<Diagnostic>) {
    let list = Value::at(record.span, Content::List(vec![record.clone()]));
    let text = Writer::new(found, false).short(signal, &list);
    message(signal, &text, found);
}

fn message(signal: Signal, text: &Text, found: &mut Vec<Diagnostic>) -> Option<Message> {
    let mut bytes = Vec::new();
    match json::to_protobuf(signal, &text.json, &mut bytes) {
        Ok(()) => Some(Message { signal, bytes }),
        Err(error) => {
            let fault = error.explain(signal, &text.json);
            let span = text.place(error.offset).unwrap_or_default();
            let message = format!("{} is wanted, this is {}", fault.wanted, fault.found);
            found.push(Diagnostic::new(Code::INVALID_TELEMETRY, span, message));
            None
        }
    }
}

/// Says which keys of a document are no telemetry.
fn unknown(pairs: &[(Key, Value)], found: &mut Vec<Diagnostic>) {
    let short = || Signal::ALL.into_iter().filter_map(short_name);
    let whole = || Signal::ALL.into_iter().flat_map(|signal| signal.message().def().fields);
    for (key, _) in pairs {
        let name = &*key.text;
        if short().any(|short| short == name) || whole().any(|field| is_called(field, name)) {
            continue;
        }
        let names = short().chain(whole().map(|field| field.name));
        let fault = Diagnostic::new(Code::INVALID_TELEMETRY, key.span, format!("`{name}` is no telemetry"));
        found.push(match near_name(name, names) {
            Some(near) => fault.help(format!("did you mean `{near}`?")).fix(key.span, near),
            None => fault.help("telemetry is `logs`, `spans` or `metrics`, or OTLP/JSON: `resourceLogs` and so on"),
        });
    }
}

fn is_called(field: &FieldDef, name: &str) -> bool {
    field.name == name || field.snake_name == name
}

struct Writer<'f> {
    found: &'f mut Vec<Diagnostic>,
    /// Whether what is written is OTLP/JSON as a whole.
    is_whole: bool,
    /// Whether an empty object in the place of a value of any type is none.
    empty_is_none: bool,
}

impl<'f> Writer<'f> {
    fn new(found: &'f mut Vec<Diagnostic>, is_whole: bool) -> Writer<'f> {
        Writer { found, is_whole, empty_is_none: is_whole }
    }

    /// A document of a list of records.
    fn short(&mut self, signal: Signal, records: &Value) -> Text {
        let mut out = Text::default();
        let Content::List(records) = &records.content else {
            let message = format!("a list of records is wanted, this is {}", records.kind());
            self.found.push(Diagnostic::new(Code::INVALID_TELEMETRY, start(records.span), message));
            out.push("{}");
            return out;
        };
        let lists = signal.lists();
        let mut last: Option<(Text, Text)> = None;
        out.push(&format!("{{\"{}\":[", lists[0].name));
        for record in records {
            let (resource, scope, own) = self.parts(signal, record);
            let (same_resource, same_scope) = match &last {
                Some((one, other)) => (one.json == resource.json, other.json == scope.json),
                None => (false, false),
            };
            if same_resource && same_scope {
                out.push(",");
            } else {
                match (&last, same_resource) {
                    (None, _) => {}
                    (Some(_), true) => out.push("]},"),
                    (Some(_), false) => out.push("]}]},"),
                }
                if !same_resource {
                    out.push("{");
                    out.append(&resource);
                    out.push(&format!("\"{}\":[", lists[1].name));
                }
                out.push("{");
                out.append(&scope);
                out.push(&format!("\"{}\":[", lists[2].name));
            }
            out.append(&own);
            last = Some((resource, scope));
        }
        out.push(if last.is_some() { "]}]}]}" } else { "]}" });
        out
    }

    /// A record: members of its resource's and its scope's group, each with a comma behind it, and the record itself.
    fn parts(&mut self, signal: Signal, record: &Value) -> (Text, Text, Text) {
        let [resources, scopes, records] = signal.lists().map(|list| list.message().unwrap_or(MessageId::AnyValue));
        let (mut resource, mut scope, mut own) = (Text::default(), Text::default(), Text::default());
        let Content::Map(pairs) = &record.content else {
            let message = format!("a record is a map of its fields, and this is {}", record.kind());
            self.found.push(Diagnostic::new(Code::INVALID_TELEMETRY, start(record.span), message));
            own.push("{}");
            return (resource, scope, own);
        };
        let mut fields = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let (group, text, name) = match &*key.text {
                RESOURCE => (resources, &mut resource, "resource"),
                SCOPE => (scopes, &mut scope, "scope"),
                RESOURCE_SCHEMA => (resources, &mut resource, "schemaUrl"),
                SCOPE_SCHEMA => (scopes, &mut scope, "schemaUrl"),
                name => {
                    fields.push((name, key.span, value));
                    continue;
                }
            };
            if let Some(field) = group.def().fields.iter().find(|field| field.name == name) {
                self.field(field, value, text);
                text.push(",");
            }
        }
        own.places.push((0, start(record.span)));
        self.fields(records, fields.into_iter(), &mut own);
        (resource, scope, own)
    }

    /// An object of a message's fields.
    fn fields<'v>(&mut self, id: MessageId, pairs: impl Iterator<Item = (&'v str, Span, &'v Value)>, out: &mut Text) {
        let def = id.def();
        out.push("{");
        let mut is_first = true;
        for (name, span, value) in pairs {
            let Some(field) = def.fields.iter().find(|field| is_called(field, name)) else {
                let fault =
                    Diagnostic::new(Code::INVALID_TELEMETRY, span, format!("{} has no field `{name}`", def.name));
                let is_camel = name.contains(|c: char| c.is_ascii_uppercase());
                let names = def.fields.iter().map(|field| if is_camel { field.name } else { field.snake_name });
                self.found.push(match near_name(name, names.clone()) {
                    Some(near) => fault.help(format!("did you mean `{near}`?")).fix(span, near),
                    None => fault.help(format!("its fields are {}", names.collect::<Vec<_>>().join(", "))),
                });
                continue;
            };
            if value.is_null() {
                continue;
            }
            if !std::mem::take(&mut is_first) {
                out.push(",");
            }
            // In OTLP/JSON an empty object is no value; where values stand for themselves it is a map.
            let is_otlp = matches!(id, MessageId::KeyValue | MessageId::KeyValueAndUnit | MessageId::ArrayValue);
            let outer = std::mem::replace(&mut self.empty_is_none, is_otlp || self.is_whole);
            self.field(field, value, out);
            self.empty_is_none = outer;
        }
        out.push("}");
    }

    /// A member: its name and value.
    fn field(&mut self, field: &FieldDef, value: &Value, out: &mut Text) {
        out.push(&format!("\"{}\":", field.name));
        match (field.presence, &value.content) {
            (Presence::Repeated, Content::Map(pairs)) if field.kind == Kind::Message(MessageId::KeyValue) => {
                out.places.push((out.json.len(), value.span));
                self.pairs(pairs.iter().map(|(key, value)| (&*key.text, value)), out);
            }
            (Presence::Repeated, Content::List(items)) => {
                out.places.push((out.json.len(), value.span));
                self.list(items, out, |writer, item, out| writer.value(field.kind, item, out));
            }
            (Presence::Repeated, _) => self.plain(value, out),
            _ => self.value(field.kind, value, out),
        }
    }

    fn list(&mut self, items: &[Value], out: &mut Text, mut write: impl FnMut(&mut Self, &Value, &mut Text)) {
        out.push("[");
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                out.push(",");
            }
            write(self, item, out);
        }
        out.push("]");
    }

    fn value(&mut self, kind: Kind, value: &Value, out: &mut Text) {
        match (kind, &value.content) {
            (Kind::Message(MessageId::AnyValue), Content::Map(pairs)) if self.empty_is_none && pairs.is_empty() => {
                out.push("{}");
            }
            (Kind::Message(MessageId::AnyValue), _) => self.any(value, out),
            (Kind::Enum(names), Content::Text(text)) if named(names, text.as_str()).is_none() => {
                self.found.push(no_name(names, text.as_str(), value.span));
                out.push("0");
            }
            (Kind::Message(id), Content::Text(text)) => {
                self.found.push(no_object(id, text.as_str(), value.span));
                out.push("{}");
            }
            (Kind::Message(id), Content::Map(pairs)) => {
                out.places.push((out.json.len(), value.span));
                self.fields(id, pairs.iter().map(|(key, value)| (&*key.text, key.span, value)), out);
            }
            _ => self.plain(value, out),
        }
    }

    /// Pairs of keys and values of any type.
    fn pairs<'v>(&mut self, pairs: impl Iterator<Item = (&'v str, &'v Value)>, out: &mut Text) {
        out.push("[");
        for (at, (key, value)) in pairs.enumerate() {
            if at > 0 {
                out.push(",");
            }
            out.push("{\"key\":");
            put_string(&mut out.json, key.as_bytes());
            out.push(",\"value\":");
            self.any(value, out);
            out.push("}");
        }
        out.push("]");
    }

    /// A value of any type: one that says its type, or one that stands for itself.
    fn any(&mut self, value: &Value, out: &mut Text) {
        out.places.push((out.json.len(), value.span));
        if is_typed(value) {
            let pairs = value.pairs().iter().map(|(key, value)| (&*key.text, key.span, value));
            return self.fields(MessageId::AnyValue, pairs, out);
        }
        let name = match &value.content {
            Content::Null => return out.push("{}"),
            Content::Bool(_) => "boolValue",
            Content::Int(_) => "intValue",
            Content::Float(_) => "doubleValue",
            Content::Text(_) => "stringValue",
            Content::List(_) => "arrayValue",
            Content::Map(_) => "kvlistValue",
        };
        out.push(&format!("{{\"{name}\":"));
        match &value.content {
            Content::List(items) => {
                out.push("{\"values\":");
                self.list(items, out, Writer::any);
                out.push("}");
            }
            Content::Map(pairs) => {
                out.push("{\"values\":");
                self.pairs(pairs.iter().map(|(key, value)| (&*key.text, value)), out);
                out.push("}");
            }
            _ => self.plain(value, out),
        }
        out.push("}");
    }

    /// A value as JSON has it: what it may be is for the reader of OTLP/JSON to say.
    fn plain(&mut self, value: &Value, out: &mut Text) {
        out.places.push((out.json.len(), value.span));
        match &value.content {
            Content::Null => out.push("null"),
            Content::Bool(is) => out.push(if *is { "true" } else { "false" }),
            Content::Int(digits) => out.push(digits),
            Content::Float(number) => put_f64(&mut out.json, *number),
            Content::Text(text) => put_string(&mut out.json, text.as_str().as_bytes()),
            Content::List(items) => self.list(items, out, Writer::plain),
            Content::Map(pairs) => {
                out.push("{");
                for (at, (key, value)) in pairs.iter().enumerate() {
                    if at > 0 {
                        out.push(",");
                    }
                    put_string(&mut out.json, key.text.as_bytes());
                    out.push(":");
                    self.plain(value, out);
                }
                out.push("}");
            }
        }
    }
}

/// Whether a value says its type: `{stringValue: text}`.
pub(super) fn is_typed(value: &Value) -> bool {
    let [(key, _)] = value.pairs() else { return false };
    MessageId::AnyValue.def().fields.iter().any(|field| is_called(field, &key.text))
}
