//! Messages in the short form of cases: what [`super::telemetry`] reads, the other way round.

use std::fmt;

use ottl_diagnostics::Span;
use ottl_otlp::json::{self, Style};
use ottl_otlp::schema::{FieldDef, Kind, MessageId, Presence};
use ottl_otlp::wire::WireError;

use super::json::parse;
use super::records::{Record, records};
use super::telemetry::{RESOURCE, RESOURCE_SCHEMA, SCOPE, SCOPE_SCHEMA, is_typed, short_name};
use super::value::{Content, Value, pair};
use crate::Signal;

/// Why telemetry cannot be written in the short form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unwritable {
    /// It is damaged.
    Damaged(WireError),
    /// A text in it is none: files of cases are UTF-8.
    NoUtf8,
}

impl From<WireError> for Unwritable {
    fn from(error: WireError) -> Unwritable {
        Unwritable::Damaged(error)
    }
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unwritable::Damaged(error) => error.fmt(f),
            Unwritable::NoUtf8 => f.write_str("a text of it is not UTF-8, as files of cases are"),
        }
    }
}

/// Telemetry as a document of the short form; of profiles, which have none, of OTLP/JSON.
///
/// # Errors
/// The message cannot be written so.
pub(super) fn document(signal: Signal, message: &[u8]) -> Result<Vec<(String, Value)>, Unwritable> {
    match short_name(signal) {
        Some(name) => {
            let list: Result<Vec<Value>, Unwritable> =
                records(message)?.iter().map(|record| self::record(signal, record)).collect();
            Ok(vec![(name.to_owned(), value(Content::List(list?)))])
        }
        None => {
            let whole = fields(signal.message(), &as_json(signal, message)?);
            Ok(whole.pairs().iter().map(|(key, value)| (key.text.clone(), value.clone())).collect())
        }
    }
}

/// A record in the short form: first its own fields, then its scope and its resource.
///
/// # Errors
/// The record cannot be written so.
pub(super) fn record(signal: Signal, record: &Record<'_>) -> Result<Value, Unwritable> {
    let mut group = fields(signal.message(), &as_json(signal, &record.message())?);
    let mut pairs = Vec::new();
    for (level, list) in signal.lists().into_iter().enumerate() {
        let Some(inner) = group.member(list.snake_name).and_then(first).cloned() else { break };
        for (key, value) in inner.pairs() {
            match (level, &*key.text, &value.content) {
                (0, "schema_url", _) => pairs.push(pair(RESOURCE_SCHEMA, value.clone())),
                (1, "schema_url", _) => pairs.push(pair(SCOPE_SCHEMA, value.clone())),
                // The lists that lead to the record, and a resource or scope that says nothing.
                (0 | 1, _, Content::List(_)) => {}
                (0 | 1, _, Content::Map(fields)) if fields.is_empty() => {}
                _ => pairs.push((key.clone(), value.clone())),
            }
        }
        group = inner;
    }
    // What is the record's own says most.
    let outer = [SCOPE, SCOPE_SCHEMA, RESOURCE, RESOURCE_SCHEMA];
    pairs.sort_by_key(|(key, _)| outer.iter().position(|name| *name == key.text).map_or(0, |at| at + 1));
    Ok(value(Content::Map(pairs)))
}

fn first(list: &Value) -> Option<&Value> {
    match &list.content {
        Content::List(items) => items.first(),
        _ => None,
    }
}

fn value(content: Content) -> Value {
    Value::at(Span::default(), content)
}

/// A message as OTLP/JSON, read again.
fn as_json(signal: Signal, message: &[u8]) -> Result<Value, Unwritable> {
    let mut text = Vec::new();
    json::from_protobuf(signal, message, &mut text, Style::Compact)?;
    // Texts go there and back as they are, and replaced characters would be others.
    Ok(parse(std::str::from_utf8(&text).map_err(|_| Unwritable::NoUtf8)?)?)
}

/// An object of OTLP/JSON with the names of protobuf and short forms of what is in it.
fn fields(id: MessageId, object: &Value) -> Value {
    let mut out = Vec::new();
    for (key, member) in object.pairs() {
        let Some(field) = id.def().fields.iter().find(|field| field.name == key.text) else { continue };
        let member = match (&member.content, field.presence) {
            (Content::List(items), Presence::Repeated) if field.kind == Kind::Message(MessageId::KeyValue) => {
                pairs(items)
            }
            (Content::List(items), Presence::Repeated) => {
                value(Content::List(items.iter().map(|item| scalar(field, item)).collect()))
            }
            _ => scalar(field, member),
        };
        out.push(pair(field.snake_name, member));
    }
    value(Content::Map(out))
}

fn scalar(field: &FieldDef, member: &Value) -> Value {
    match (field.kind, &member.content) {
        (Kind::Message(MessageId::AnyValue), _) => any(member),
        (Kind::Message(id), Content::Map(_)) => fields(id, member),
        (Kind::Int64 | Kind::Uint64 | Kind::Fixed64 | Kind::Sfixed64, Content::Text(digits)) => {
            value(Content::Int(digits.as_str().to_owned()))
        }
        (Kind::Double, _) => float(member).map_or_else(|| member.clone(), |number| value(Content::Float(number))),
        (Kind::Enum(names), Content::Int(digits)) => {
            let found = digits.parse().ok().and_then(|number: i32| names.iter().find(|name| name.value == number));
            found.map_or_else(|| member.clone(), |name| Value::word(name.name))
        }
        _ => member.clone(),
    }
}

/// A number of OTLP/JSON, which may be a text.
fn float(number: &Value) -> Option<f64> {
    match &number.content {
        Content::Int(digits) => digits.parse().ok(),
        Content::Float(number) => Some(*number),
        Content::Text(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

/// Pairs of keys and values as a map, if each key stands there once.
fn pairs(items: &[Value]) -> Value {
    let key = |item: &Value| item.member("key").and_then(Value::text).unwrap_or_default().to_owned();
    let of = |item: &Value| item.member("value").map_or_else(|| value(Content::Null), any);
    let keys: Vec<String> = items.iter().map(key).collect();
    let unique: std::collections::HashSet<&String> = keys.iter().collect();
    if unique.len() == keys.len() {
        let pairs = keys.iter().zip(items).map(|(key, item)| pair(key, of(item)));
        return value(Content::Map(pairs.collect()));
    }
    let as_pair = |(key, item): (&String, &Value)| {
        value(Content::Map(vec![pair("key", Value::word(key)), pair("value", of(item))]))
    };
    value(Content::List(keys.iter().zip(items).map(as_pair).collect()))
}

/// A value of any type that stands for itself, where that says its type.
fn any(typed: &Value) -> Value {
    let Some((name, inner)) = typed.pairs().first().map(|(key, inner)| (&*key.text, inner)) else {
        return value(Content::Null);
    };
    let items = || match inner.member("values").map(|list| &list.content) {
        Some(Content::List(items)) => &items[..],
        _ => &[],
    };
    match (name, &inner.content) {
        ("stringValue" | "boolValue", _) => inner.clone(),
        ("intValue", Content::Text(digits)) => value(Content::Int(digits.as_str().to_owned())),
        ("intValue", _) => inner.clone(),
        ("doubleValue", _) => float(inner).map_or_else(|| typed.clone(), |number| value(Content::Float(number))),
        ("arrayValue", _) => value(Content::List(items().iter().map(any).collect())),
        ("kvlistValue", _) => {
            let map = pairs(items());
            match map.content {
                Content::Map(_) if !is_typed(&map) => map,
                // A map with one key that is the name of a type, or with a key twice, says its type.
                content => {
                    let list = match content {
                        Content::Map(pairs) => value(Content::List(
                            pairs
                                .into_iter()
                                .map(|(key, inner)| {
                                    value(Content::Map(vec![pair("key", Value::word(&key.text)), pair("value", inner)]))
                                })
                                .collect(),
                        )),
                        content => value(content),
                    };
                    value(Content::Map(vec![pair("kvlist_value", value(Content::Map(vec![pair("values", list)])))]))
                }
            }
        }
        _ => typed.clone(),
    }
}
