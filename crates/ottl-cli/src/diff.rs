//! What rules change in a message, for people: each record that differs, with its fields before and after.
//!
//! Resources, scopes and records are paired in order where there are as many as before; where some are gone, each is paired
//! with the next that is the same, or mostly so. Only what differs is decoded.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::ops::Range;

use anstyle::{AnsiColor, Style};
use ottl::Signal;
use ottl::otlp::json;
use ottl::otlp::schema::FieldDef;
use ottl::otlp::wire::{Payload, Reader, put_len_field};
use serde_json::Value;

use crate::terminal;

const OLD: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();
const PLACE: Style = AnsiColor::Cyan.on_default();

/// Differences that wait to be written.
#[derive(Debug, Default)]
pub struct Diff {
    found: Vec<Found>,
}

#[derive(Debug)]
struct Found {
    path: String,
    /// What happened to it as a whole.
    fate: &'static str,
    /// Lines with `-` or `+`.
    lines: Vec<(bool, String)>,
}

impl Diff {
    /// Adds what differs between two messages.
    pub fn add(&mut self, signal: Signal, before: &[u8], after: &[u8]) {
        self.lists(Level { signal, depth: 0 }, before, after, "");
    }

    /// Writes what was added, and forgets it.
    pub fn take(&mut self, file: &str, message: u64, out: &mut Vec<u8>) {
        let colored = |style: Style| if terminal::colors_on_stdout() { style } else { Style::new() };
        let (old, new, place) = (colored(OLD), colored(NEW), colored(PLACE));
        for Found { path, fate, lines } in self.found.drain(..) {
            let head = format!("{place}@@ {file}: message {message}: {path} @@{place:#}{fate}\n");
            out.extend_from_slice(head.as_bytes());
            for (is_new, line) in lines {
                let (style, sign) = if is_new { (new, '+') } else { (old, '-') };
                out.extend_from_slice(format!("{style}{sign}{line}{style:#}\n").as_bytes());
            }
        }
    }

    /// What was added without the places, each line behind an indent; it is forgotten.
    pub fn take_lines(&mut self, indent: &str) -> String {
        let mut out = String::new();
        for Found { fate, lines, .. } in self.found.drain(..) {
            if !fate.is_empty() {
                let _ = writeln!(out, "{indent}{}:", fate.trim_start());
            }
            for (is_new, line) in lines {
                let (style, sign) = if is_new { (NEW, '+') } else { (OLD, '-') };
                let _ = writeln!(out, "{indent}{style}{sign}{line}{style:#}");
            }
        }
        out
    }

    /// Compares the lists at the ends of two messages of a level.
    fn lists(&mut self, level: Level, before: &[u8], after: &[u8], path: &str) {
        let (old, new) = (level.children(before), level.children(after));
        let name = level.list().name;
        let at =
            |index: usize| if path.is_empty() { format!("{name}[{index}]") } else { format!("{path}.{name}[{index}]") };
        for pair in pairs(level, &old, &new) {
            match pair {
                (Some(one), Some(other)) if old[one] == new[other] => {}
                (Some(one), Some(other)) => self.pair(level, old[one], new[other], &at(one)),
                (Some(one), None) => self.whole(level, old[one], &at(one), false),
                (None, Some(other)) => self.whole(level, new[other], &at(other), true),
                (None, None) => {}
            }
        }
    }

    fn pair(&mut self, level: Level, before: &[u8], after: &[u8], path: &str) {
        let (old, new) = (leaves(level, before), leaves(level, after));
        let mut lines = Vec::new();
        let find = |list: &[(String, String)]| -> HashMap<String, String> { list.iter().cloned().collect() };
        let (of_old, of_new) = (find(&old), find(&new));
        for (name, value) in &old {
            let now = of_new.get(name);
            if now == Some(value) {
                continue;
            }
            lines.push((false, format!("{name}: {value}")));
            lines.extend(now.map(|now| (true, format!("{name}: {now}"))));
        }
        let added = new.iter().filter(|(name, _)| !of_old.contains_key(name));
        lines.extend(added.map(|(name, value)| (true, format!("{name}: {value}"))));
        if !lines.is_empty() {
            self.found.push(Found { path: path.to_owned(), fate: "", lines });
        }
        if let Some(below) = level.below() {
            self.lists(below, before, after, path);
        }
    }

    /// Something that is gone, or was not there.
    fn whole(&mut self, level: Level, content: &[u8], path: &str, is_new: bool) {
        let lines =
            leaves(level, content).into_iter().map(|(name, value)| (is_new, format!("{name}: {value}"))).collect();
        self.found.push(Found { path: path.to_owned(), fate: if is_new { " added" } else { " dropped" }, lines });
        if let Some(below) = level.below() {
            let (old, new): (&[u8], &[u8]) = if is_new { (b"", content) } else { (content, b"") };
            self.lists(below, old, new, path);
        }
    }
}

#[derive(Clone, Copy)]
struct Level {
    signal: Signal,
    /// 0: resources, 1: scopes, 2: records.
    depth: usize,
}

impl Level {
    fn below(self) -> Option<Level> {
        (self.depth < 2).then_some(Level { depth: self.depth + 1, ..self })
    }

    /// The list that this level's items stand in.
    fn list(self) -> &'static FieldDef {
        self.signal.lists()[self.depth]
    }

    fn children(self, message: &[u8]) -> Vec<&[u8]> {
        let mut out = Vec::new();
        let mut reader = Reader::new(message);
        while let Ok(Some(field)) = reader.next_field() {
            if let Payload::Bytes(content) = field.payload
                && field.number == self.list().number
            {
                out.push(content);
            }
        }
        out
    }

    /// What an item says for itself: without the list below it.
    fn own(self, item: &[u8]) -> Vec<u8> {
        let Some(below) = self.below() else { return item.to_vec() };
        let mut out = Vec::new();
        let mut reader = Reader::new(item);
        while let Ok(Some(field)) = reader.next_field() {
            if field.number != below.list().number {
                let range: Range<usize> = field.start..field.end;
                out.extend_from_slice(&item[range]);
            }
        }
        out
    }
}

/// How many items ahead a partner is looked for.
const AHEAD: usize = 1000;

/// Which item of the one list is which of the other.
fn pairs(level: Level, old: &[&[u8]], new: &[&[u8]]) -> Vec<(Option<usize>, Option<usize>)> {
    if old.len() == new.len() {
        return (0..old.len()).map(|index| (Some(index), Some(index))).collect();
    }
    let mut out = Vec::new();
    let (mut one, mut other) = (0, 0);
    while one < old.len() && other < new.len() {
        let gone = old[one..].iter().take(AHEAD).position(|item| *item == new[other]);
        let spare = (old.len() - one).saturating_sub(new.len() - other);
        let same = gone.filter(|gone| *gone <= spare);
        let pairs = match same {
            Some(0) => true,
            Some(_) => false,
            None => spare == 0 || alike(level, old[one], new[other]),
        };
        if pairs {
            out.push((Some(one), Some(other)));
            other += 1;
        } else {
            out.push((Some(one), None));
        }
        one += 1;
    }
    out.extend((one..old.len()).map(|one| (Some(one), None)));
    out.extend((other..new.len()).map(|other| (None, Some(other))));
    out
}

/// Whether one item may have become the other: they share half of what they say.
fn alike(level: Level, old: &[u8], new: &[u8]) -> bool {
    let (old, new) = (leaves(level, old), leaves(level, new));
    let shared = old.iter().filter(|leaf| new.contains(leaf)).count();
    2 * shared >= old.len().min(new.len())
}

/// The fields of an item with their values, as OTLP/JSON has them; attributes by their keys.
fn leaves(level: Level, item: &[u8]) -> Vec<(String, String)> {
    let mut message = level.own(item);
    let lists = level.signal.lists();
    for list in lists[..=level.depth].iter().rev() {
        let mut outer = Vec::new();
        put_len_field(&mut outer, list.number, &message);
        message = outer;
    }
    let mut text = Vec::new();
    let mut out = Vec::new();
    if json::from_protobuf(level.signal, &message, &mut text, json::Style::Compact).is_err() {
        return out;
    }
    let Ok(root) = serde_json::from_slice::<Value>(&text) else { return out };
    let mut value = &root;
    for list in &lists[..=level.depth] {
        value = &value[list.name][0];
    }
    flatten("", value, &mut out);
    out
}

fn flatten(path: &str, value: &Value, out: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                match plain(member) {
                    Some(text) => out.push((path, text)),
                    None => flatten(&path, member, out),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let (path, item) = match (item["key"].as_str(), item.get("value")) {
                    (Some(key), value) => (format!("{path}[{}]", Value::from(key)), value.unwrap_or(&Value::Null)),
                    (None, _) => (format!("{path}[{index}]"), item),
                };
                match plain(item) {
                    Some(text) => out.push((path, text)),
                    None => flatten(&path, item, out),
                }
            }
        }
        other => out.push((path.to_owned(), other.to_string())),
    }
}

/// A value that stands on one line: a scalar, or an `AnyValue` of one.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Object(members) => {
            let (name, inner) = members.iter().next().filter(|_| members.len() == 1)?;
            match (name.as_str(), inner) {
                ("intValue", Value::String(number)) => Some(number.clone()),
                ("stringValue" | "boolValue" | "doubleValue", inner) => Some(inner.to_string()),
                ("bytesValue", inner) => Some(format!("bytes {inner}")),
                _ => None,
            }
        }
        Value::Array(_) => None,
        other => {
            let mut text = String::new();
            let _ = write!(text, "{other}");
            Some(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(before: &str, after: &str) -> String {
        let protobuf = |text: &str| {
            let mut out = Vec::new();
            json::to_protobuf(Signal::Logs, text.as_bytes(), &mut out).expect("well-formed");
            out
        };
        let records = |records: &str| {
            protobuf(&format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{records}]}}]}}]}}"#))
        };
        let mut diff = Diff::default();
        diff.add(Signal::Logs, &records(before), &if after == "nothing" { Vec::new() } else { records(after) });
        let mut out = Vec::new();
        diff.take("f", 3, &mut out);
        let text = String::from_utf8(out).expect("text");
        anstream::adapter::strip_str(&text).to_string()
    }

    const A: &str =
        r#"{"body":{"stringValue":"a"},"severityNumber":9,"attributes":[{"key":"k","value":{"intValue":"1"}}]}"#;
    const B: &str = r#"{"body":{"stringValue":"b"},"severityNumber":17}"#;

    #[test]
    fn only_what_differs_is_shown() {
        let after = r#"{"body":{"stringValue":"x"},"severityNumber":9,"severityText":"T","attributes":[]}"#;
        let place = "@@ f: message 3: resourceLogs[0].scopeLogs[0].logRecords";
        assert_eq!(
            shown(&format!("{B},{A}"), &format!("{B},{after}")),
            format!("{place}[1] @@\n-attributes[\"k\"]: 1\n-body: \"a\"\n+body: \"x\"\n+severityText: \"T\"\n")
        );
        assert_eq!(shown(A, A), "");
        let dropped = shown(&format!("{A},{B},{A}"), &format!("{A},{A}"));
        assert_eq!(dropped, format!("{place}[1] @@ dropped\n-body: \"b\"\n-severityNumber: 17\n"));
        assert!(shown(A, "nothing").contains("logRecords[0] @@ dropped"));
        assert!(shown(A, &format!("{A},{B}")).contains("logRecords[1] @@ added"));
        // One goes and one changes.
        let both = shown(&format!("{B},{A}"), after);
        assert!(both.contains("[0] @@ dropped") && both.contains("[1] @@\n-attributes"), "{both}");
    }

    #[test]
    fn values_are_shown_by_their_paths() {
        let rows = [
            (r#"{"a":{"stringValue":"x"}}"#, "a: \"x\""),
            (r#"{"a":[{"key":"b c","value":{"doubleValue":1.5}}]}"#, "a[\"b c\"]: 1.5"),
            (
                r#"{"b":{"kvlistValue":{"values":[{"key":"c","value":{"boolValue":true}}]}}}"#,
                "b.kvlistValue.values[\"c\"]: true",
            ),
            (r#"{"d":[{"asInt":"1"}]}"#, "d[0].asInt: \"1\""),
        ];
        for (value, expected) in rows {
            let mut out = Vec::new();
            flatten("", &serde_json::from_str(value).expect("JSON"), &mut out);
            let lines: Vec<String> = out.iter().map(|(path, value)| format!("{path}: {value}")).collect();
            assert_eq!(lines, [expected]);
        }
    }
}
