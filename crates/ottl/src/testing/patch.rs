//! What comes out said by what came in: fields that change, and records that go.
//!
//! A patch of a record is a merge patch (RFC 7396): nothing takes a field or attribute away, maps are merged, and anything else
//! takes the place of what was there.

use ottl_diagnostics::{Code, Diagnostic, Span, near_name};
use ottl_otlp::schema::{Kind, MessageId, Presence};

use super::plain;
use super::records::Record;
use super::telemetry::{RESOURCE, RESOURCE_SCHEMA, SCOPE, SCOPE_SCHEMA, look_at_record, record, short_name};
use super::value::{Content, Key, Value, start};
use crate::Signal;

/// Changes of records by signal.
#[derive(Clone, Debug, Default)]
pub(super) struct Patch {
    lists: Vec<List>,
}

#[derive(Clone, Debug)]
struct List {
    signal: Signal,
    /// By the number of the record among those that come in.
    changes: Vec<(usize, Change)>,
    /// How many records there have to be, where the list names all.
    len: Option<usize>,
    span: Span,
}

#[derive(Clone, Debug)]
enum Change {
    Dropped,
    Merged(Value),
}

impl Patch {
    /// Reads a patch.
    pub fn read(value: &Value, found: &mut Vec<Diagnostic>) -> Patch {
        let mut out = Patch::default();
        let wrong = |span: Span, message: String| Diagnostic::new(Code::INVALID_CASE, start(span), message);
        let Content::Map(pairs) = &value.content else {
            let message =
                format!("a patch is a map such as `logs: {{0: {{body: text}}}}`, and this is {}", value.kind());
            found.push(wrong(value.span, message));
            return out;
        };
        let names = || Signal::ALL.into_iter().filter_map(short_name);
        for (key, list) in pairs {
            let Some(signal) = Signal::ALL.into_iter().find(|signal| short_name(*signal) == Some(&key.text)) else {
                let fault =
                    Diagnostic::new(Code::UNKNOWN_CASE_KEY, key.span, format!("a patch has no key `{}`", key.text));
                found.push(match near_name(&key.text, names()) {
                    Some(near) => fault.help(format!("did you mean `{near}`?")).fix(key.span, near),
                    None => fault.help("a patch is of `logs`, `spans` or `metrics`"),
                });
                continue;
            };
            let (numbered, len): (Vec<(usize, &Value)>, _) = match &list.content {
                Content::List(items) => (items.iter().enumerate().collect(), Some(items.len())),
                Content::Map(pairs) => {
                    let number = |(key, value)| numbered(key, value, found);
                    (pairs.iter().map(|(key, value)| (key, value)).filter_map(number).collect(), None)
                }
                _ => {
                    let message = "records are named by their numbers from 0, or listed all";
                    found.push(wrong(list.span, message.to_owned()));
                    continue;
                }
            };
            let mut changes = Vec::new();
            for (number, change) in numbered {
                match &change.content {
                    Content::Text(text) if text.as_str() == "dropped" => changes.push((number, Change::Dropped)),
                    Content::Map(_) => {
                        look_at_record(signal, change, found);
                        changes.push((number, Change::Merged(named(signal, change))));
                    }
                    Content::Null => {}
                    _ => {
                        let message =
                            format!("a map of what changes or `dropped` is wanted, this is {}", change.kind());
                        found.push(wrong(change.span, message));
                    }
                }
            }
            out.lists.push(List { signal, changes, len, span: key.span });
        }
        out
    }

    /// The records that come out, for those that come in, each as a message of its own.
    ///
    /// # Errors
    /// A place in the file, and why what stands there makes no sense for these records.
    pub fn applied(&self, signal: Signal, records: &[Record<'_>]) -> Result<Vec<Vec<u8>>, (Span, String)> {
        let mut out: Vec<Option<Vec<u8>>> = records.iter().map(|record| Some(record.message())).collect();
        for list in self.lists.iter().filter(|list| list.signal == signal) {
            if let Some(len) = list.len.filter(|len| *len != records.len()) {
                let message = format!("the patch lists {len} records, and {} come in", records.len());
                return Err((list.span, message));
            }
            for (number, change) in &list.changes {
                let Some(given) = records.get(*number) else {
                    let message = format!("there is no record {number}: {} come in, from 0", records.len());
                    return Err((list.span, message));
                };
                out[*number] = match change {
                    Change::Dropped => None,
                    Change::Merged(patch) => {
                        let given = plain::record(signal, given).map_err(|why| {
                            (
                                list.span,
                                format!("record {number} cannot be patched: {why}; expect an `output` from a file"),
                            )
                        })?;
                        Some(record(signal, &merged(given, patch)).map_err(|message| (patch.span, message))?)
                    }
                };
            }
        }
        Ok(out.into_iter().flatten().collect())
    }
}

fn numbered<'v>(key: &Key, value: &'v Value, found: &mut Vec<Diagnostic>) -> Option<(usize, &'v Value)> {
    let number = key.text.parse().ok();
    if number.is_none() {
        let message = format!("`{}` is no number of a record; they count from 0", key.text);
        found.push(Diagnostic::new(Code::INVALID_CASE, key.span, message));
    }
    Some((number?, value))
}

/// A record as a patch leaves it.
fn merged(given: Value, patch: &Value) -> Value {
    let (Content::Map(mut pairs), Content::Map(changes)) = (given.content, &patch.content) else {
        return patch.clone();
    };
    for (key, change) in changes {
        let at = pairs.iter().position(|(known, _)| known.text == key.text);
        match (at, change.is_null()) {
            (Some(at), true) => drop(pairs.remove(at)),
            (None, true) => {}
            (Some(at), false) => {
                let before = std::mem::replace(&mut pairs[at].1, Value::at(change.span, Content::Null));
                pairs[at].1 = merged(before, change);
            }
            (None, false) => {
                let nothing = Value::at(change.span, Content::Map(Vec::new()));
                pairs.push((key.clone(), merged(nothing, change)));
            }
        }
    }
    Value::at(patch.span, Content::Map(pairs))
}

/// A record's patch with the names of fields as protobuf has them.
fn named(signal: Signal, patch: &Value) -> Value {
    let [resources, scopes, records] = signal.lists().map(|list| list.message().unwrap_or(MessageId::AnyValue));
    let pairs = patch.pairs().iter().map(|(key, value)| {
        let (group, name) = match &*key.text {
            RESOURCE => (resources, "resource"),
            SCOPE => (scopes, "scope"),
            RESOURCE_SCHEMA | SCOPE_SCHEMA => return (key.clone(), value.clone()),
            name => (records, name),
        };
        field_named(group, name, key, value)
    });
    Value::at(patch.span, Content::Map(pairs.collect()))
}

fn field_named(id: MessageId, name: &str, key: &Key, value: &Value) -> (Key, Value) {
    let found = id.def().fields.iter().find(|field| field.name == name || field.snake_name == name);
    let Some(field) = found else { return (key.clone(), value.clone()) };
    let inside = |inner: MessageId, value: &Value| {
        let pairs = value.pairs().iter().map(|(key, value)| field_named(inner, &key.text, key, value));
        Value::at(value.span, Content::Map(pairs.collect()))
    };
    let value = match (field.kind, &value.content) {
        (Kind::Message(MessageId::AnyValue | MessageId::KeyValue), _) => value.clone(),
        (Kind::Message(inner), Content::Map(_)) if field.presence != Presence::Repeated => inside(inner, value),
        _ => value.clone(),
    };
    (Key { text: field.snake_name.to_owned(), span: key.span }, value)
}
