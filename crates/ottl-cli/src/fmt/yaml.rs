//! Statements and conditions inside YAML: found by their keys, replaced in place.
//!
//! INVARIANT: the new file has the events of the old one but for the texts that were replaced; that is checked before
//! anybody sees it.

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle};
use ottl::locate;

use super::{Form, Role, standard_form};
use crate::rewrite::{Left, Rewritten};

/// An event of a YAML file, as far as two files are compared.
#[derive(Debug, PartialEq, Eq)]
enum Mark {
    Scalar(String),
    Other(String),
}

/// A scalar that is a statement or condition.
struct Text {
    /// Its number among the marks.
    mark: usize,
    range: Range<usize>,
    style: ScalarStyle,
    role: Role,
}

/// What is open around an event.
enum Level {
    List,
    /// The key that a value is awaited for.
    Map(Option<String>),
}

/// A configuration with its statements in the standard form; the error says why the file cannot be read.
pub fn format(file: &str) -> Result<Rewritten, String> {
    let (mut marks, texts) = read(file)?;
    let mut out = String::with_capacity(file.len());
    let mut left = Vec::new();
    let mut done = 0;
    for text in texts {
        let Mark::Scalar(value) = &marks[text.mark] else { continue };
        let stays = |why: String, is_error| Left { at: locate(file, text.range.start as u32), why, is_error };
        let form = match standard_form(value, text.role) {
            Form::Standard(form) => form,
            Form::Left { why, is_error, .. } => {
                left.push(stays(why, is_error));
                continue;
            }
        };
        // Who breaks lines where the standard form has a blank may keep them: no text of OTTL goes over a line's end.
        if value.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ") == form {
            continue;
        }
        match replacement(file, &text, &form) {
            Some((range, replaced)) if range.start >= done => {
                out.push_str(&file[done..range.start]);
                out.push_str(&replaced);
                done = range.end;
                marks[text.mark] = Mark::Scalar(form);
            }
            _ => left.push(stays("stays as it is: there is no safe way to write it here".to_owned(), false)),
        }
    }
    out.push_str(&file[done..]);
    let same = |old: &Mark, new: &Mark| match (old, new) {
        // Blocks keep the line break at their end, which means nothing to OTTL.
        (Mark::Scalar(old), Mark::Scalar(new)) => old == new || old == new.trim(),
        (old, new) => old == new,
    };
    let (again, _) = read(&out)?;
    if again.len() != marks.len() || !marks.iter().zip(&again).all(|(old, new)| same(old, new)) {
        return Err("cannot be rewritten without changing more than its statements; it stays as it is".to_owned());
    }
    Ok(Rewritten { text: out, left })
}

/// The events of a file, and which of its scalars are OTTL.
fn read(file: &str) -> Result<(Vec<Mark>, Vec<Text>), String> {
    let (mut marks, mut texts) = (Vec::new(), Vec::new());
    let mut levels: Vec<Level> = Vec::new();
    let options = granit_parser::options! { emit_comments: false };
    for event in Parser::new_from_str_with_options(file, options) {
        let (event, span) = event.map_err(|error| {
            let at = error.marker().byte_offset().unwrap_or(file.len()).min(file.len());
            let place = locate(file, at as u32);
            format!("line {}, column {}: this is not YAML: {}", place.line, place.column, error.info())
        })?;
        match event {
            Event::Scalar(value, style, ..) => {
                let is_key = matches!(levels.last(), Some(Level::Map(None)));
                if is_key {
                    if let Some(Level::Map(key)) = levels.last_mut() {
                        *key = Some(value.to_string());
                    }
                } else {
                    if let (Some(role), Some(range)) = (role(&levels), span.byte_range())
                        && file.get(range.clone()).is_some()
                    {
                        texts.push(Text { mark: marks.len(), range, style, role });
                    }
                    value_ended(&mut levels);
                }
                marks.push(Mark::Scalar(value.into_owned()));
            }
            Event::MappingStart(..) => {
                marks.push(Mark::Other("map".to_owned()));
                levels.push(Level::Map(None));
            }
            Event::SequenceStart(..) => {
                marks.push(Mark::Other("list".to_owned()));
                levels.push(Level::List);
            }
            Event::MappingEnd | Event::SequenceEnd => {
                marks.push(Mark::Other("end".to_owned()));
                levels.pop();
                value_ended(&mut levels);
            }
            Event::Alias(anchor) => {
                marks.push(Mark::Other(format!("alias {anchor}")));
                value_ended(&mut levels);
            }
            Event::DocumentEnd => marks.push(Mark::Other("document".to_owned())),
            _ => {}
        }
    }
    Ok((marks, texts))
}

/// A value is complete: in a map, a key comes next. A list or map that stands as a key counts as one without a name.
fn value_ended(levels: &mut [Level]) {
    if let Some(Level::Map(key)) = levels.last_mut() {
        *key = if key.is_some() { None } else { Some(String::new()) };
    }
}

/// What the scalar at this place is, if it is OTTL.
fn role(levels: &[Level]) -> Option<Role> {
    let path: Vec<&str> = levels
        .iter()
        .map(|level| match level {
            Level::List => "[]",
            Level::Map(key) => key.as_deref().unwrap_or(""),
        })
        .collect();
    let is_ours = |name: &str| matches!(name.split('/').next().unwrap_or("").trim(), "transform" | "filter");
    let body = match &path[..] {
        ["processors", name, body @ ..] if is_ours(name) => body,
        ["processors", ..] => return None,
        // The inside of a `processors:` block.
        [name, body @ ..] if is_ours(name) => body,
        body => body,
    };
    let is_signal = |name: &str| matches!(name, "trace" | "metric" | "log" | "profile");
    let role_of_list = |key: &str| match key.rsplit_once('_') {
        Some((signal, "statements")) if is_signal(signal) => Some(Role::Statement),
        Some((signal, "conditions")) if is_signal(signal) => Some(Role::Condition),
        _ => None,
    };
    match body {
        [list, "[]"] => role_of_list(list),
        [list, "[]", "statements", "[]"] => role_of_list(list).filter(|role| *role == Role::Statement),
        [list, "[]", "conditions", "[]"] => role_of_list(list).map(|_| Role::Condition),
        ["traces", "resource" | "span" | "spanevent", "[]"]
        | ["metrics", "resource" | "metric" | "datapoint", "[]"]
        | ["logs", "resource" | "log_record", "[]"]
        | ["profiles", "resource" | "profile", "[]"] => Some(Role::Condition),
        _ => None,
    }
}

/// What to put where, so that the scalar's value is `form` in the style it has.
fn replacement(file: &str, text: &Text, form: &str) -> Option<(Range<usize>, String)> {
    if form.chars().any(|c| c.is_control() && c != '\t' && c != '\n') {
        return None;
    }
    let one_line = !form.contains('\n');
    let single = || one_line.then(|| format!("'{}'", form.replace('\'', "''")));
    match text.style {
        ScalarStyle::Plain => {
            let replaced = if is_plain(form) { form.to_owned() } else { single()? };
            Some((text.range.clone(), replaced))
        }
        ScalarStyle::SingleQuoted => Some((text.range.clone(), single()?)),
        ScalarStyle::DoubleQuoted => {
            let escaped = form.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t");
            Some((text.range.clone(), format!("\"{escaped}\"")))
        }
        ScalarStyle::Literal | ScalarStyle::Folded => {
            let range = block_content(file, text.range.start)?;
            one_line.then(|| (range, form.to_owned()))
        }
    }
}

/// Whether a text can stand without quotes: it starts with a letter and holds nothing that YAML would see.
fn is_plain(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with(':')
        && ![": ", " #", "\n", "\t"].iter().any(|special| text.contains(special))
}

/// The content of a block scalar, from its first letter to its last; `start` is in its first line or its header.
fn block_content(file: &str, start: usize) -> Option<Range<usize>> {
    // No statement or condition starts like a header.
    let begin = match file[start..].starts_with(['|', '>']) {
        true => start + file[start..].find('\n')? + 1,
        false => file[..start].rfind('\n')? + 1,
    };
    let mut content: Option<(usize, usize, usize)> = None;
    let mut at = begin;
    for line in file[begin..].split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let end = at + line.trim_end().len();
        if !line.trim().is_empty() {
            match &mut content {
                None => content = Some((indent, at + indent, end)),
                Some((first, _, last)) if indent >= *first => *last = end,
                Some(_) => break,
            }
        }
        at += line.len();
    }
    content.map(|(_, from, to)| from..to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formatted(file: &str) -> String {
        format(file).expect("YAML").text
    }

    #[test]
    fn every_style_keeps_its_style_and_its_surroundings() {
        let rows = [
            ("log_statements:\n- set(log.body,1) # why\n", "log_statements:\n- set(log.body, 1) # why\n"),
            ("log_statements: ['set(log.body,\"it''s\")']\n", "log_statements: ['set(log.body, \"it''s\")']\n"),
            (
                "log_statements: [\"set(log.body,\\\"\\\\\\\\d\\\")\"]",
                "log_statements: [\"set(log.body, \\\"\\\\\\\\d\\\")\"]",
            ),
            (
                "log_statements:\n  - statements:\n      - |\n        set( log.body,\n            1)\n        where true\n\n  # next\n  - set(log.body, 2)\n",
                "log_statements:\n  - statements:\n      - |\n        set(log.body, 1) where true\n\n  # next\n  - set(log.body, 2)\n",
            ),
            (
                "log_statements:\n  - context: log\n    conditions: [ body==1 ]\n    statements:\n      - >-\n        set(body\n        ,1)\n    error_mode: ignore",
                "log_statements:\n  - context: log\n    conditions: [ body == 1 ]\n    statements:\n      - >-\n        set(body, 1)\n    error_mode: ignore",
            ),
            ("traces:\n  span:\n  - name==\"a\"\n", "traces:\n  span:\n  - name == \"a\"\n"),
            (
                "log_statements:\n- set(log.body\n    ,1)\n- set(log.body,\"a:b\")\n",
                "log_statements:\n- set(log.body, 1)\n- set(log.body, \"a:b\")\n",
            ),
            (
                "processors:\n  filter/x:\n    log_conditions: &c\n      - log.body==1\n  other:\n    log_conditions:\n      - a==b\n  filter/y:\n    log_conditions: *c\n",
                "processors:\n  filter/x:\n    log_conditions: &c\n      - log.body == 1\n  other:\n    log_conditions:\n      - a==b\n  filter/y:\n    log_conditions: *c\n",
            ),
            (
                "log_statements:\n- |\n  set(log.body,\n    1)\n  where true\n",
                "log_statements:\n- |\n  set(log.body,\n    1)\n  where true\n",
            ),
            (
                "transform/x:\n  log_statements:\n  - set(log.body,1)\n",
                "transform/x:\n  log_statements:\n  - set(log.body, 1)\n",
            ),
            ("log_statements:\r\n- set(log.body,1)\r\n", "log_statements:\r\n- set(log.body, 1)\r\n"),
        ];
        for (file, expected) in rows {
            assert_eq!(formatted(file), expected);
            assert_eq!(formatted(expected), expected, "the form is stable");
        }
    }

    #[test]
    fn what_cannot_be_parsed_stays_and_is_named() {
        let file = "log_statements:\n- set(log.body\n- set(log.body,1)\nlog_conditions:\n- log.body<${env:A}\n";
        let formatted = format(file).expect("YAML");
        assert_eq!(formatted.text, file.replace("y,1", "y, 1"));
        let places: Vec<(u32, bool)> = formatted.left.iter().map(|left| (left.at.line, left.is_error)).collect();
        assert_eq!(places, [(2, true), (5, false)]);
        assert!(format("a: [").is_err());
    }
}
