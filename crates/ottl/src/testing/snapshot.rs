//! Snapshots: what came out of cases once, in a file beside the case file, in the short form of telemetry.

use std::fmt::Write as _;
use std::sync::Arc;

use ottl_diagnostics::{Code, Diagnostic};

use super::plain::{self, Unwritable};
use super::telemetry::{Document, Message, document};
use super::value::{Content, Value, pair, read, start};
use crate::config::Sources;
use crate::{Diagnostics, Limits, Signal};

/// The snapshots of a case file.
#[derive(Clone, Debug, Default)]
pub struct Snapshots {
    sources: Arc<Sources>,
    entries: Vec<(String, Value)>,
}

/// What came out of a case.
#[derive(Clone, Debug)]
pub struct Snapshot(Value);

/// The line that a file of snapshots begins with.
const HEAD: &str = "# What came out of the cases that expect a snapshot. `ottl test --update` writes this file.\n";

impl Snapshots {
    /// Reads a file of snapshots.
    ///
    /// # Errors
    /// It is no such file.
    pub fn read(file: &str, text: &str) -> Result<Snapshots, Diagnostics> {
        let mut found = Vec::new();
        let root = read(text, &Limits::default(), &mut found);
        let mut entries = Vec::new();
        match root.as_ref().map(|root| (root, &root.content)) {
            Some((_, Content::Map(pairs))) => {
                entries.extend(pairs.iter().map(|(key, value)| (key.text.clone(), value.clone())));
            }
            Some((_, Content::Null)) | None => {}
            Some((root, _)) => {
                let message = "a file of snapshots is a map from the names of cases to what came out";
                found.push(Diagnostic::new(Code::INVALID_CASE, start(root.span), message));
            }
        }
        if !found.is_empty() {
            if Snapshots::are_own(text) {
                found =
                    found.into_iter().map(|fault| fault.help("`ottl test --update` writes this file anew")).collect();
            }
            return Err(Diagnostics::about(file, text, found));
        }
        Ok(Snapshots { sources: Arc::new(Sources::of(&Arc::from(file), text)), entries })
    }

    /// Whether a file was written here, by its first line, even where it cannot be read: who merges branches leaves marks.
    pub fn are_own(text: &str) -> bool {
        text.starts_with(HEAD.trim_end())
    }

    /// The names of the cases that have one.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(name, _)| name.as_str())
    }

    /// The telemetry of a case.
    ///
    /// # Errors
    /// What stands there is none.
    pub(super) fn of(&self, case: &str) -> Result<Option<Document>, Diagnostics> {
        let Some((_, value)) = self.entries.iter().find(|(name, _)| name == case) else { return Ok(None) };
        let mut found = Vec::new();
        let document = document(value, &mut found);
        match found.is_empty() {
            true => Ok(Some(document)),
            false => Err(Diagnostics::of(self.sources.clone(), found)),
        }
    }

    /// The file with these snapshots in this order: what came out now, or what is kept of it where nothing did.
    pub fn updated<'s>(&self, cases: impl IntoIterator<Item = (&'s str, Option<&'s Snapshot>)>) -> Updated {
        let mut text = HEAD.to_owned();
        let mut out = Updated { removed: self.entries.len(), ..Updated::default() };
        let written = |value: &Value| {
            let mut text = String::new();
            put_value(&mut text, value, 1);
            text
        };
        for (name, taken) in cases {
            let known = self.entries.iter().find(|(known, _)| known == name).map(|(_, value)| written(value));
            let taken = taken.map(|Snapshot(value)| written(value));
            out.removed -= usize::from(known.is_some());
            out.new += usize::from(known.is_none() && taken.is_some());
            out.changed += usize::from(known.is_some() && taken.is_some() && known != taken);
            let Some(value) = taken.or(known) else { continue };
            put_key(&mut text, name, 0);
            text.push_str(&value);
        }
        out.text = (text.len() > HEAD.len()).then_some(text);
        out
    }
}

/// A file of snapshots that was taken anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Updated {
    /// What stands in it; nothing if no case has a snapshot.
    pub text: Option<String>,
    /// How many snapshots are others than before.
    pub changed: usize,
    /// How many there were not before.
    pub new: usize,
    /// How many there were, and are no longer.
    pub removed: usize,
}

impl Snapshot {
    /// Of what came out.
    ///
    /// # Errors
    /// A message cannot be written.
    pub(super) fn of(messages: &[Message]) -> Result<Snapshot, Unwritable> {
        let mut documents = Vec::new();
        for signal in Signal::ALL {
            let own = messages.iter().filter(|message| message.signal == signal);
            match signal {
                // Each has a dictionary of its own.
                Signal::Profiles => {
                    for message in own {
                        documents.push(plain::document(signal, &message.bytes)?);
                    }
                }
                _ => {
                    let joined: Vec<u8> = own.flat_map(|message| message.bytes.iter().copied()).collect();
                    if !joined.is_empty() {
                        documents.push(plain::document(signal, &joined)?);
                    }
                }
            }
        }
        let value = |content| Value::at(ottl_diagnostics::Span::default(), content);
        let map = |pairs: Vec<(String, Value)>| {
            value(Content::Map(pairs.into_iter().map(|(key, inner)| pair(&key, inner)).collect()))
        };
        Ok(Snapshot(match documents.len() {
            0 => map(Vec::new()),
            1 => map(documents.remove(0)),
            _ => value(Content::List(documents.into_iter().map(map).collect())),
        }))
    }
}

/// Characters of a key in quotes: YAML bounds a key that stands on the line of its value, by 1024 with its quotes and escapes.
const KEY: usize = 1000;

/// A key and its colon, at so many levels.
fn put_key(out: &mut String, key: &str, depth: usize) {
    let is_plain = key.len() <= KEY
        && key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
    if is_plain {
        out.push_str(key);
    } else {
        let start = out.len();
        put_text(out, key);
        // One that is longer says that it is a key.
        if out.len() - start > KEY {
            out.insert_str(start, "? ");
            out.push('\n');
            indent(out, depth);
        }
    }
    out.push(':');
}

/// A text in double quotes, as JSON and YAML have it. What does not print is escaped.
fn put_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            // Lines may also end with these, nobody sees a mark of the byte order, and YAML has no place for what is no character.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// What stands behind a key or dash, to the end of its last line.
fn put_value(out: &mut String, value: &Value, depth: usize) {
    match &value.content {
        Content::Map(pairs) if !pairs.is_empty() => {
            out.push('\n');
            for (key, inner) in pairs {
                indent(out, depth);
                put_key(out, &key.text, depth);
                put_value(out, inner, depth + 1);
            }
            return;
        }
        Content::List(items) if !items.is_empty() => {
            out.push('\n');
            for item in items {
                indent(out, depth);
                out.push('-');
                match &item.content {
                    // The first field stands behind the dash.
                    Content::Map(pairs) if !pairs.is_empty() => {
                        for (at, (key, inner)) in pairs.iter().enumerate() {
                            if at == 0 {
                                out.push(' ')
                            } else {
                                indent(out, depth + 1)
                            }
                            put_key(out, &key.text, depth + 1);
                            put_value(out, inner, depth + 2);
                        }
                    }
                    _ => put_value(out, item, depth + 1),
                }
            }
            return;
        }
        _ => out.push(' '),
    }
    match &value.content {
        Content::Null => out.push_str("null"),
        Content::Bool(is) => out.push_str(if *is { "true" } else { "false" }),
        Content::Int(digits) => out.push_str(digits),
        Content::Float(number) if number.is_nan() => out.push_str(".nan"),
        Content::Float(number) if number.is_infinite() => out.push_str(if *number > 0.0 { ".inf" } else { "-.inf" }),
        // With a point or an exponent, so that it stays a float.
        Content::Float(number) => {
            let _ = write!(out, "{number:?}");
        }
        Content::Text(text) => put_text(out, text.as_str()),
        Content::List(_) => out.push_str("[]"),
        Content::Map(_) => out.push_str("{}"),
    }
    out.push('\n');
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}
