//! [`differences`]: what two versions of a message say differently, field by field.
//!
//! For people who ask what rules changed. Both messages are flattened to places and values; what has the same place and value in
//! both is no difference. INVARIANT: messages of any nesting are flattened on a bounded stack, and at most [`MOST_LEAVES`] values
//! are kept; of the others is known whether they are the same.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::any::{AnyRef, Members, key_value};
use crate::json::{put_f64, put_float, put_hex, put_string};
use crate::schema::{FieldDef, Kind, MessageId, Presence};
use crate::wire::{Payload, Reader, WireError, packed_fixed32, packed_fixed64, packed_varints, zigzag_decode};

/// A place at which two messages differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The place inside the message, with protobuf's names: `severity_text`, `attributes["http.method"]`,
    /// `sum.data_points[0].as_int`, `body["user"][2]`.
    pub path: String,
    /// The value there before, as JSON; nothing if there was none. Integers of 64 bits are numbers, floats among values of any type
    /// have a point, ids are hexadecimal texts, bytes among values of any type are `{"bytes": "61ff"}`, and a text that is not UTF-8 has
    /// its bytes beside it: `{"text": "...", "hex": "61ff"}`.
    pub before: Option<String>,
    /// The same after.
    pub after: Option<String>,
}

/// Values of one message that are compared one by one.
const MOST_LEAVES: usize = 20_000;

/// Lists, maps and messages inside each other that are taken apart; what lies deeper is compared as bytes.
const DEEPEST: usize = 32;

/// What two messages of a type say differently, in the order of the later one, then what only the earlier one has.
///
/// Fields that the schema does not have are left out. Of several attributes with the same key the first counts. What differs
/// behind the first 20 000 values of a message, and there only, is one difference: `(values behind the first 20000)`, with how many
/// bytes the messages have.
///
/// # Errors
/// Damage in one of them.
pub fn differences(id: MessageId, before: &[u8], after: &[u8]) -> Result<Vec<Difference>, WireError> {
    if before == after {
        return Ok(Vec::new());
    }
    differences_of_types((id, before), (id, after))
}

/// What a message says differently than one of another type, as [`differences`]: fields are the same where their names are.
///
/// # Errors
/// Damage in one of them.
pub fn differences_of_types(
    (old_type, before): (MessageId, &[u8]),
    (new_type, after): (MessageId, &[u8]),
) -> Result<Vec<Difference>, WireError> {
    let (mut old, new) = (Leaves::of(old_type, before)?, Leaves::of(new_type, after)?);
    let is_rest_same = old.rest == new.rest;
    let mut found = Vec::new();
    for (path, value) in new.list {
        let before = old.index.remove(&path).map(|at| std::mem::take(&mut old.list[at].1));
        if before.as_ref() != Some(&value) {
            found.push(Difference { path, before, after: Some(value) });
        }
    }
    let gone = old.list.into_iter().filter(|(path, _)| old.index.contains_key(path));
    found.extend(gone.map(|(path, before)| Difference { path, before: Some(before), after: None }));
    if found.is_empty() && !is_rest_same {
        let [before, after] = [before, after].map(|message| Some(format!("\"{} bytes\"", message.len())));
        found.push(Difference { path: format!("(values behind the first {MOST_LEAVES})"), before, after });
    }
    Ok(found)
}

/// The values of a message, in order.
#[derive(Default)]
struct Leaves {
    list: Vec<(String, String)>,
    index: HashMap<String, usize>,
    path: String,
    /// How many values there were so far, kept or not.
    count: usize,
    /// What the values say that are not kept, in whatever order.
    rest: u64,
}

impl Leaves {
    fn of(id: MessageId, message: &[u8]) -> Result<Leaves, WireError> {
        let mut leaves = Leaves::default();
        leaves.message(id, message, 0)?;
        Ok(leaves)
    }

    /// Notes a value at the current path. Of singular fields the last one counts, of pairs the first.
    fn leaf(&mut self, value: String, overrides: bool) {
        self.count += 1;
        match self.index.get(&self.path) {
            Some(&at) if overrides => self.list[at].1 = value,
            Some(_) => {}
            None if self.list.len() < MOST_LEAVES => {
                self.index.insert(self.path.clone(), self.list.len());
                self.list.push((self.path.clone(), value));
            }
            None => {
                let mut hasher = DefaultHasher::new();
                (&self.path, value).hash(&mut hasher);
                self.rest = self.rest.wrapping_add(hasher.finish());
            }
        }
    }

    /// Goes into a part of the current path.
    fn within(
        &mut self,
        part: impl FnOnce(&mut String),
        work: impl FnOnce(&mut Self) -> Result<(), WireError>,
    ) -> Result<(), WireError> {
        let len = self.path.len();
        part(&mut self.path);
        let result = work(self);
        self.path.truncate(len);
        result
    }

    fn message(&mut self, id: MessageId, message: &[u8], depth: usize) -> Result<(), WireError> {
        let mut counts: HashMap<u32, usize> = HashMap::new();
        let mut reader = Reader::new(message);
        while let Some(field) = reader.next_field()? {
            let Some(def) = id.def().field(field.number) else { continue };
            if let (Kind::Message(MessageId::KeyValue), Presence::Repeated) = (def.kind, def.presence) {
                let pair = key_value(field.bytes()?)?;
                let part = |path: &mut String| {
                    begin_name(path, def);
                    put_key(path, pair.key);
                };
                self.within(part, |leaves| leaves.any(pair.value, false, depth + 1))?;
                continue;
            }
            let count = counts.entry(field.number).or_default();
            if def.presence != Presence::Repeated {
                self.within(|path| begin_name(path, def), |leaves| leaves.value(def, field.payload, depth))?;
                continue;
            }
            for payload in elements(def, field.payload)? {
                let at = *count;
                *count += 1;
                let part = |path: &mut String| {
                    begin_name(path, def);
                    let _ = write!(path, "[{at}]");
                };
                self.within(part, |leaves| leaves.value(def, payload, depth))?;
            }
        }
        Ok(())
    }

    fn value(&mut self, def: &FieldDef, payload: Payload<'_>, depth: usize) -> Result<(), WireError> {
        match (def.kind, payload) {
            // One that is empty says what one that is not there does; in a list it is an element.
            (Kind::Message(MessageId::AnyValue), Payload::Bytes([])) if def.presence != Presence::Repeated => Ok(()),
            (Kind::Message(MessageId::AnyValue), Payload::Bytes(any)) => self.any(any, true, depth + 1),
            (Kind::Message(id), Payload::Bytes(inner)) if depth < DEEPEST => {
                let before = self.count;
                self.message(id, inner, depth + 1)?;
                // Which member of a oneof it is, and that a list has it, says also one that says nothing else.
                if self.count == before && matches!(def.presence, Presence::Oneof | Presence::Repeated) {
                    self.leaf("{}".to_owned(), false);
                }
                Ok(())
            }
            (kind, payload) => {
                let value = scalar(kind, payload);
                // What is not written is zero, and zero is not written.
                let is_zero = def.presence == Presence::Implicit && matches!(&*value, "0" | "\"\"" | "false");
                if !is_zero || self.index.contains_key(&self.path) {
                    self.leaf(value, true);
                }
                Ok(())
            }
        }
    }

    fn any(&mut self, any: &[u8], overrides: bool, depth: usize) -> Result<(), WireError> {
        let mut value = String::new();
        match AnyRef::read(any)? {
            AnyRef::List(nested) if depth < DEEPEST && Members::new(nested.bytes).next().is_some() => {
                for (at, member) in Members::new(nested.bytes).enumerate() {
                    let part = |path: &mut String| {
                        let _ = write!(path, "[{at}]");
                    };
                    self.within(part, |leaves| leaves.any(member, overrides, depth + 1))?;
                }
                return Ok(());
            }
            AnyRef::Map(nested) if depth < DEEPEST && Members::new(nested.bytes).next().is_some() => {
                for member in Members::new(nested.bytes) {
                    let pair = key_value(member)?;
                    self.within(|path| put_key(path, pair.key), |leaves| leaves.any(pair.value, false, depth + 1))?;
                }
                return Ok(());
            }
            AnyRef::Empty => value.push_str("null"),
            AnyRef::Text(content) => value = text(content),
            AnyRef::Bool(is) => value.push_str(if is { "true" } else { "false" }),
            AnyRef::Int(number) => {
                let _ = write!(value, "{number}");
            }
            AnyRef::Double(number) => {
                // An int is another value.
                let mut out = Vec::new();
                put_float(&mut out, number);
                value = String::from_utf8_lossy(&out).into_owned();
            }
            // A text of the same digits is another value.
            AnyRef::Bytes(bytes) => value = of_bytes(bytes),
            AnyRef::List(nested) if nested.bytes.is_empty() => value.push_str("[]"),
            AnyRef::Map(nested) if nested.bytes.is_empty() => value.push_str("{}"),
            AnyRef::List(nested) | AnyRef::Map(nested) => value = of_bytes(nested.bytes),
        }
        self.leaf(value, overrides);
        Ok(())
    }
}

/// The values of one occurrence of a repeated field, which may be packed.
fn elements<'m>(def: &FieldDef, payload: Payload<'m>) -> Result<Vec<Payload<'m>>, WireError> {
    let Payload::Bytes(packed) = payload else { return Ok(vec![payload]) };
    if !def.kind.packable() {
        return Ok(vec![payload]);
    }
    match def.kind {
        Kind::Fixed32 => packed_fixed32(packed).map(|list| list.map(Payload::Fixed32).collect()),
        Kind::Fixed64 | Kind::Sfixed64 | Kind::Double => {
            packed_fixed64(packed).map(|list| list.map(Payload::Fixed64).collect())
        }
        _ => packed_varints(packed).map(|number| number.map(Payload::Varint)).collect(),
    }
}

fn begin_name(path: &mut String, def: &FieldDef) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(def.snake_name);
}

fn put_key(path: &mut String, key: &[u8]) {
    path.push('[');
    match quoted(key) {
        Ok(text) => path.push_str(&text),
        Err(text) => {
            let _ = write!(path, "{text} {}", hex(key));
        }
    }
    path.push(']');
}

/// A text as JSON. One that is not UTF-8 has its bytes beside it: two of them that look the same are not.
fn text(text: &[u8]) -> String {
    quoted(text).unwrap_or_else(|shown| format!("{{\"text\": {shown}, \"hex\": {}}}", hex(text)))
}

/// A text in quotes; one that is not UTF-8 with signs for what cannot be shown.
fn quoted(text: &[u8]) -> Result<String, String> {
    let mut out = Vec::with_capacity(text.len() + 2);
    put_string(&mut out, text);
    String::from_utf8(out).map_err(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn float(number: f64) -> String {
    let mut out = Vec::new();
    put_f64(&mut out, number);
    String::from_utf8_lossy(&out).into_owned()
}

fn hex(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(bytes.len() * 2);
    put_hex(&mut out, bytes);
    format!("\"{}\"", String::from_utf8_lossy(&out))
}

/// Bytes among values of any type.
fn of_bytes(bytes: &[u8]) -> String {
    format!("{{\"bytes\": {}}}", hex(bytes))
}

fn scalar(kind: Kind, payload: Payload<'_>) -> String {
    match (kind, payload) {
        (Kind::Bool, Payload::Varint(value)) => (value != 0).to_string(),
        (Kind::Uint64, Payload::Varint(value)) => value.to_string(),
        (Kind::Int64, Payload::Varint(value)) => (value as i64).to_string(),
        (Kind::Uint32, Payload::Varint(value)) => (value as u32).to_string(),
        (Kind::Sint32, Payload::Varint(value)) => (zigzag_decode(value) as i32).to_string(),
        (_, Payload::Varint(value)) => (value as i32).to_string(),
        (Kind::Double, Payload::Fixed64(bits)) => float(f64::from_bits(bits)),
        (Kind::Sfixed64, Payload::Fixed64(bits)) => (bits as i64).to_string(),
        (_, Payload::Fixed64(bits)) => bits.to_string(),
        (_, Payload::Fixed32(bits)) => bits.to_string(),
        (Kind::String, Payload::Bytes(content)) => text(content),
        (_, Payload::Bytes(bytes)) => hex(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::{Difference, differences};
    use crate::json::to_protobuf;
    use crate::schema::{MessageId, Signal};

    fn shown(before: &str, after: &str) -> Vec<String> {
        let message = |record: &str| {
            let json = format!(r#"{{"resourceLogs": [{{"scopeLogs": [{{"logRecords": [{record}]}}]}}]}}"#);
            let mut out = Vec::new();
            to_protobuf(Signal::Logs, json.as_bytes(), &mut out).expect("OTLP/JSON");
            out
        };
        let found = differences(MessageId::LogsData, &message(before), &message(after)).expect("sound messages");
        let value = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        let place = |path: &str| path.trim_start_matches("resource_logs[0].scope_logs[0].log_records[0].").to_owned();
        found
            .into_iter()
            .map(|Difference { path, before, after }| {
                format!("{}: {} -> {}", place(&path), value(before), value(after))
            })
            .collect()
    }

    #[test]
    fn what_differs_is_told_by_its_place() {
        assert_eq!(shown(r#"{"severityNumber": 9}"#, r#"{"severityNumber": 9}"#), [""; 0]);
        assert_eq!(
            shown(
                r#"{"severityNumber": 9, "timeUnixNano": "18446744073709551615", "traceId": "0102030405060708090a0b0c0d0e0f10",
                    "body": {"kvlistValue": {"values": [{"key": "a", "value": {"arrayValue": {"values": [{"intValue": "1"}, {"intValue": "2"}]}}}]}}}"#,
                r#"{"severityNumber": 13, "attributes": [{"key": "k \"q\"", "value": {"doubleValue": 1.5}}, {"key": "n", "value": {}}],
                    "body": {"kvlistValue": {"values": [{"key": "a", "value": {"arrayValue": {"values": [{"intValue": "1"}, {"stringValue": "x"}]}}}]}}}"#,
            ),
            [
                "severity_number: 9 -> 13",
                r#"attributes["k \"q\""]: - -> 1.5"#,
                r#"attributes["n"]: - -> null"#,
                r#"body["a"][1]: 2 -> "x""#,
                "time_unix_nano: 18446744073709551615 -> -",
                r#"trace_id: "0102030405060708090a0b0c0d0e0f10" -> -"#,
            ]
        );
        assert_eq!(
            shown(r#"{"body": {"intValue": "2"}}"#, r#"{"body": {"doubleValue": 2}}"#),
            ["body: 2 -> 2.0"],
            "an int is no float"
        );
        // A map that is emptied, and of a repeated key the first.
        assert_eq!(
            shown(
                r#"{"body": {"kvlistValue": {"values": [{"key": "a", "value": {"boolValue": true}}]}}}"#,
                r#"{"body": {"kvlistValue": {}}}"#
            ),
            ["body: - -> {}", r#"body["a"]: true -> -"#]
        );
        let twice =
            r#"{"attributes": [{"key": "k", "value": {"intValue": "1"}}, {"key": "k", "value": {"intValue": "2"}}]}"#;
        let once = r#"{"attributes": [{"key": "k", "value": {"intValue": "1"}}]}"#;
        assert_eq!(shown(twice, once), [""; 0]);
    }

    #[test]
    fn what_lies_behind_the_most_is_the_same_or_not() {
        let record = |last: &str, is_turned: bool| {
            let mut keys: Vec<String> = (0..super::MOST_LEAVES + 3).map(|at| format!("k{at}")).collect();
            if is_turned {
                keys[super::MOST_LEAVES..].reverse();
            }
            let pair = |key: String| {
                let value = if key == "k20001" { last } else { "v" };
                format!(r#"{{"key": "{key}", "value": {{"stringValue": "{value}"}}}}"#)
            };
            let pairs: Vec<String> = keys.into_iter().map(pair).collect();
            format!(r#"{{"attributes": [{}]}}"#, pairs.join(","))
        };
        let found = shown(&record("v", false), &record("changed", true));
        assert!(found.len() == 1 && found[0].starts_with("(values behind the first 20000): \""), "{found:?}");
        assert_eq!(shown(&record("v", false), &record("v", true)), [""; 0]);
    }

    #[test]
    fn what_looks_the_same_is_not() {
        let body = |any: &[u8]| [&[0x2a, any.len() as u8], any].concat();
        let found = |before: &[u8], after: &[u8]| {
            let found = differences(MessageId::LogRecord, &body(before), &body(after)).expect("sound values");
            found.into_iter().map(|found| (found.before.unwrap_or_default(), found.after.unwrap_or_default())).next()
        };
        let text = |bytes: &[u8]| [&[0x0a, bytes.len() as u8], bytes].concat();
        let shown = |hex: &str| format!("{{\"text\": \"\u{fffd}\", \"hex\": \"{hex}\"}}");
        assert_eq!(found(&text(b"\xff"), &text(b"\xfe")), Some((shown("ff"), shown("fe"))));
        assert_eq!(found(&text(b"\xff"), &text("\u{fffd}".as_bytes())), Some((shown("ff"), "\"\u{fffd}\"".to_owned())));
        let bytes = [0x3a, 1, 0x61];
        assert_eq!(found(&bytes, &text(b"61")), Some(("{\"bytes\": \"61\"}".to_owned(), "\"61\"".to_owned())));
        // Keys, too.
        let pair = |key: u8| [0x32, 5, 0x0a, 3, 0x0a, 1, key];
        let keys = differences(MessageId::LogRecord, &body(&pair(0xff)), &body(&pair(0xfe))).expect("sound values");
        let paths: Vec<_> = keys.iter().map(|key| &*key.path).collect();
        assert_eq!(paths, ["body[\"\u{fffd}\" \"fe\"]", "body[\"\u{fffd}\" \"ff\"]"]);
    }

    #[test]
    fn empty_members_are_there() {
        let found = |before: &[u8], after: &[u8]| {
            let found = differences(MessageId::Metric, before, after).expect("sound metrics");
            found.into_iter().map(|found| (found.path, found.before, found.after)).collect::<Vec<_>>()
        };
        let empty = || Some("{}".to_owned());
        // An empty gauge and an empty sum; a gauge with an empty point.
        assert_eq!(
            found(&[0x2a, 0], &[0x3a, 0]),
            [("sum".to_owned(), None, empty()), ("gauge".to_owned(), empty(), None)]
        );
        assert_eq!(
            found(&[0x2a, 0], &[0x2a, 2, 0x0a, 0]),
            [("gauge.data_points[0]".to_owned(), None, empty()), ("gauge".to_owned(), empty(), None)]
        );
        // A value of any type that is empty is none.
        assert_eq!(differences(MessageId::LogRecord, &[0x2a, 0], &[]), Ok(Vec::new()));
        let units = [[0x32, 0].as_slice(), &[0x32, 2, 0x12, 0]];
        let dictionary = MessageId::ProfilesDictionary;
        assert_eq!(differences(dictionary, units[0], units[1]), Ok(Vec::new()));
    }

    #[test]
    fn deep_and_damaged_messages_are_no_harm() {
        // Lists in lists, each a `array_value` of one `AnyValue`.
        let mut any: Vec<u8> = vec![0x18, 1];
        for _ in 0..400 {
            let mut list = vec![0x0a];
            crate::wire::put_varint(&mut list, any.len() as u64);
            list.extend_from_slice(&any);
            any = vec![0x2a];
            crate::wire::put_varint(&mut any, list.len() as u64);
            any.extend_from_slice(&list);
        }
        let mut record = Vec::new();
        crate::wire::put_len_field(&mut record, crate::wire::fields::log_record::BODY, &any);
        let found = differences(MessageId::LogRecord, &[], &record).expect("a sound record");
        assert!(found.len() == 1 && found[0].path.starts_with("body[0][0]"), "{}", found[0].path);
        assert!(differences(MessageId::LogRecord, &[], &record[..record.len() - 1]).is_err());
    }
}
