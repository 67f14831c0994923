//! Vectors: a case and what the reference answered, one JSON line each.
//!
//! An answer is kept only if all rounds agree. Where they differ in the order of lists alone, the
//! vector is marked `unordered` and its lists of objects are stored sorted, so that the files do
//! not change from run to run.

use super::cases::Case;
use super::reference::{Answer, VERSIONS};
use serde::Serialize;
use serde_json::{Value, value::RawValue};
use std::collections::BTreeMap;

type Error = Box<dyn std::error::Error>;

/// What became of a case.
pub enum Settled {
    /// A line of the vector file.
    Vector(String),
    /// The rounds disagree; there is nothing to keep.
    Random,
    /// The reference panicked, which defines nothing.
    Crash(String),
}

/// The answer half of a vector.
#[derive(Default, PartialEq, Serialize)]
struct Kept {
    #[serde(skip_serializing_if = "String::is_empty")]
    config_error: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    error: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    dropped: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unchanged: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<Message>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    outputs: Vec<Message>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_pb: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failed: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_by: Option<&'static str>,
}

/// A message as the reference wrote it.
struct Message(Box<RawValue>);

impl PartialEq for Message {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Serialize for Message {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[derive(Serialize)]
struct Vector<'a> {
    #[serde(flatten)]
    case: &'a Case,
    #[serde(flatten)]
    kept: Kept,
}

#[derive(Serialize)]
struct Header<'a> {
    reference: &'a str,
    family: &'a str,
    vectors: usize,
}

/// Compares the rounds of one case and forms its vector.
pub fn settle(case: &Case, rounds: &[Answer], plain: &BTreeMap<String, String>) -> Result<Settled, Error> {
    let first = rounds.first().ok_or("no answer")?;
    if first.error.starts_with("panic: ") {
        return Ok(Settled::Crash(first.error.clone()));
    }
    let mut unordered = case.unordered;
    if !unordered {
        let kept = keep(first, rounds, false)?;
        for round in rounds {
            unordered |= keep(round, rounds, false)? != kept;
        }
    }
    let mut kept = keep(first, rounds, unordered)?;
    for round in rounds {
        if keep(round, rounds, unordered)? != kept {
            return Ok(Settled::Random);
        }
    }
    if let (Some(output), Some(text)) = (&kept.output, case.input.as_ref().and_then(|name| plain.get(name))) {
        let plain: Box<RawValue> = serde_json::from_str(text)?;
        kept.unchanged = message(&plain, unordered)? == *output;
    }
    if kept.unchanged {
        kept.output = None;
    }
    // The reference's answer to protobuf is absent where it has no bytes.
    let answered = kept.dropped || !kept.error.is_empty() || !kept.config_error.is_empty();
    if case.input_pb.is_some() && !answered {
        kept.output_pb.get_or_insert_default();
    }
    let case = Case { unordered, ..case.clone() };
    Ok(Settled::Vector(serde_json::to_string(&Vector { case: &case, kept })?))
}

/// The part of an answer that counts. Error texts are for information: where they differ between
/// the rounds (the reference lists names in random order) that alone is kept.
fn keep(answer: &Answer, rounds: &[Answer], sorted: bool) -> Result<Kept, Error> {
    let settled = |text: &str, of: fn(&Answer) -> &str| {
        let varies = rounds.iter().any(|r| of(r) != text && !of(r).is_empty());
        if varies && !text.is_empty() { "(the text varies)".to_owned() } else { brief(text) }
    };
    Ok(Kept {
        config_error: settled(&answer.config_error, |r| &r.config_error),
        error: settled(&answer.error, |r| &r.error),
        dropped: answer.dropped,
        unchanged: false,
        output: answer.output.as_deref().map(|o| message(o, sorted)).transpose()?,
        outputs: answer.outputs.iter().map(|o| message(o, sorted)).collect::<Result<_, _>>()?,
        errors: answer.errors.iter().map(|text| brief(text)).collect(),
        output_pb: answer.output_pb.clone(),
        failed: answer.failed.clone(),
        answered_by: answer.answered_by,
    })
}

/// A message as it is, or with its lists sorted.
fn message(raw: &RawValue, sorted: bool) -> Result<Message, Error> {
    if !sorted {
        return Ok(Message(raw.to_owned()));
    }
    let mut value: Value = serde_json::from_str(raw.get())?;
    sort(&mut value);
    Ok(Message(serde_json::value::to_raw_value(&value)?))
}

/// The start of an error text; a long one is of no use.
fn brief(text: &str) -> String {
    const LONGEST: usize = 160;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// Sorts every list of objects by its text, innermost first.
fn sort(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(sort);
            if items.iter().all(Value::is_object) {
                items.sort_by_cached_key(Value::to_string);
            }
        }
        Value::Object(fields) => fields.values_mut().for_each(sort),
        _ => {}
    }
}

/// The text of a vector file. A line of `before` that says the same in other words is kept.
pub fn file(family: &str, lines: &[String], before: &str) -> Result<String, Error> {
    let mut known = BTreeMap::new();
    for line in before.lines().skip(1) {
        let value: Value = serde_json::from_str(line)?;
        if let Some(id) = value["id"].as_str() {
            known.insert(id.to_owned(), (line, wordless(value)));
        }
    }
    let reference = format!("opentelemetry-collector-contrib {}", VERSIONS[0].release);
    let header = Header { reference: &reference, family, vectors: lines.len() };
    let mut text = serde_json::to_string(&header)? + "\n";
    for line in lines {
        let value: Value = serde_json::from_str(line)?;
        let old = value["id"].as_str().and_then(|id| known.get(id));
        text += match old {
            Some((old, same)) if *same == wordless(value) => old,
            _ => line,
        };
        text.push('\n');
    }
    Ok(text)
}

/// A vector without the words of its errors.
fn wordless(mut vector: Value) -> Value {
    for field in ["config_error", "error"] {
        if let Some(text) = vector.get_mut(field) {
            *text = Value::Bool(true);
        }
    }
    if let Some(Value::Array(texts)) = vector.get_mut("errors") {
        for text in texts {
            *text = Value::Bool(text != "");
        }
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::{file, sort};
    use serde_json::json;

    #[test]
    fn lists_of_objects_are_sorted_and_others_kept() {
        let mut value = json!([{"k": [2, 1]}, {"a": [{"z": 1}, {"b": 1}]}]);
        sort(&mut value);
        assert_eq!(value, json!([{"a": [{"b": 1}, {"z": 1}]}, {"k": [2, 1]}]));
    }

    #[test]
    fn a_line_that_differs_in_words_only_is_kept() {
        let lines = [r#"{"id":"f/1","error":"new"}"#.to_owned(), r#"{"id":"f/2","dropped":true}"#.to_owned()];
        let before = "{}\n{\"id\":\"f/1\",\"error\":\"old\"}\n{\"id\":\"f/2\",\"error\":\"old\"}\n";
        let text = file("f", &lines, before).unwrap_or_default();
        let kept: Vec<_> = text.lines().skip(1).collect();
        assert_eq!(kept, [r#"{"id":"f/1","error":"old"}"#, lines[1].as_str()]);
    }
}
