//! Keys and values of the configuration around rules.
//!
//! The place is told by the indentation of the lines above it, because a file that is being written is often no YAML. Lists and maps
//! in brackets are not looked into.
//! INVARIANT: what is proposed are the places that the readers of bodies have ([`crate::config::body_places`]).

use ottl_diagnostics::Span;

use super::{Completion, CompletionKind, Proposals};
use crate::config::{ProcessorKind, body_places};
use crate::service::site::{Quoting, is_comment};
use crate::service::{Document, DocumentKind};

/// Lines above a place that are looked at.
const MOST_LINES: usize = 20_000;

/// A step from the outside of a file to a place.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Item,
}

/// Proposes a key or a value at a place that is in no rule.
pub(super) fn complete(document: &Document, at: u32) -> Vec<Completion> {
    let DocumentKind::Configuration(given) = document.kind else { return Vec::new() };
    let Some(place) = Place::at(&document.text, at as usize) else { return Vec::new() };
    let mut out = Proposals {
        word: document.text[place.word.clone()].to_owned(),
        range: Span::new(place.word.start as u32, place.end as u32),
        quoting: Quoting::None,
        found: Vec::new(),
    };
    let Some((kinds, below)) = body_of(&document.text, &place.steps, given) else { return Vec::new() };
    add(document, &kinds, &below, &place, &mut out);
    out.finish()
}

/// Whether a place is in a processor's body, or in the first word of a file, which may become a body.
pub(super) fn is_begun(text: &str, at: u32) -> bool {
    let Some(place) = Place::at(text, at as usize) else { return false };
    let is_body = place.steps.windows(2).any(|pair| {
        matches!(pair, [Step::Key(outer), Step::Key(inner)] if outer == "processors" && ProcessorKind::of(inner).is_some())
    });
    let is_empty =
        |text: &str| text.lines().all(|line| line.trim().is_empty() || line.starts_with('#') || line == "---");
    is_body || is_empty(&text[..place.word.start]) && is_empty(&text[place.end..])
}

/// Adds the keys of a group where an item of a list of rules begins.
pub(super) fn add_item(document: &Document, at: u32, out: &mut Proposals) {
    let DocumentKind::Configuration(given) = document.kind else { return };
    let Some(place) = Place::at(&document.text, at as usize).filter(|place| place.key.is_none()) else { return };
    if place.steps.last() != Some(&Step::Item) {
        return;
    }
    let Some((kinds, below)) = body_of(&document.text, &place.steps, given) else { return };
    add(document, &kinds, &below, &place, out);
}

/// The places of a body right below one, and those of a key's values.
fn add(document: &Document, kinds: &[ProcessorKind], below: &str, place: &Place, out: &mut Proposals) {
    let separator = if below.is_empty() { "" } else { "." };
    let indent = " ".repeat(place.column(&document.text));
    let taken = place.siblings(&document.text);
    for known in body_places() {
        if !kinds.contains(&known.processor) || !known.versions.contains(document.compiler.rules.target) {
            continue;
        }
        let Some(rest) = known.place.strip_prefix(below).and_then(|rest| rest.strip_prefix(separator)) else {
            continue;
        };
        let end = rest.find(['.', '[', ':']).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        if name.is_empty() {
            continue;
        }
        match place.key.as_deref() {
            Some(key) if key == name => {
                if let Some(value) = behind.strip_prefix(": ") {
                    out.add(0, CompletionKind::Configuration, value, name, None);
                }
            }
            Some(_) => {}
            None if taken.contains(&name) => {}
            None => {
                let (snippet, detail) = match behind {
                    rest if rest.starts_with('[') => (format!("{name}:\n{indent}  - $0"), "list"),
                    rest if rest.starts_with('.') => (format!("{name}:\n{indent}  $0"), "map"),
                    _ => (format!("{name}: $0"), "value"),
                };
                out.write(5, CompletionKind::Configuration, name, detail, None, &format!("{name}: "), Some(snippet));
            }
        }
    }
}

/// The processors whose body a place may be in, and the place in it as [`body_places`] writes it.
fn body_of(text: &str, steps: &[Step], given: Option<ProcessorKind>) -> Option<(Vec<ProcessorKind>, String)> {
    let written = |steps: &[Step]| {
        let mut out = String::new();
        for step in steps {
            match step {
                Step::Key(key) if out.is_empty() => out.push_str(key),
                Step::Key(key) => {
                    out.push('.');
                    out.push_str(key);
                }
                Step::Item => out.push_str("[]"),
            }
        }
        out
    };
    let processor = |step: &Step| match step {
        Step::Key(key) => ProcessorKind::of(key),
        Step::Item => None,
    };
    let found = steps
        .windows(2)
        .rposition(|pair| pair[0] == Step::Key(String::from("processors")) && processor(&pair[1]).is_some());
    if let Some(at) = found {
        return Some((vec![processor(&steps[at + 1])?], written(&steps[at + 2..])));
    }
    // A body: the file is one, or will be.
    let below = written(steps);
    let is_collector = text.lines().any(|line| {
        ["processors:", "receivers:", "service:", "exporters:", "apiVersion:"].iter().any(|key| line.starts_with(key))
    });
    if is_collector && given.is_none() {
        return None;
    }
    let kinds = match given {
        Some(kind) => vec![kind],
        None => {
            let has = |end: &str| text.lines().any(|line| line.split(':').next().is_some_and(|key| key.ends_with(end)));
            match (has("_statements"), has("_conditions")) {
                (true, false) => vec![ProcessorKind::Transform],
                (false, true) => vec![ProcessorKind::Filter],
                _ => vec![ProcessorKind::Transform, ProcessorKind::Filter],
            }
        }
    };
    Some((kinds, below))
}

/// Where a key or value is being written.
#[derive(Debug)]
struct Place {
    /// From the outside to the map that the key is of.
    steps: Vec<Step>,
    /// The key, where it is its value that is written.
    key: Option<String>,
    /// The word in front of the place, and where it ends behind it.
    word: std::ops::Range<usize>,
    end: usize,
}

/// A line of YAML, without brackets.
struct Line<'t> {
    /// Columns of dashes in front of the content.
    dashes: Vec<usize>,
    /// Column of the content.
    column: usize,
    content: &'t str,
}

impl<'t> Line<'t> {
    fn new(line: &'t str) -> Line<'t> {
        let mut rest = line.trim_start_matches(' ');
        let mut dashes = Vec::new();
        while let Some(behind) = rest.strip_prefix('-')
            && (behind.is_empty() || behind.starts_with(' '))
        {
            dashes.push(line.len() - rest.len());
            rest = behind.trim_start_matches(' ');
        }
        Line { dashes, column: line.len() - rest.len(), content: rest }
    }

    fn key(&self) -> Option<&'t str> {
        let (key, behind) = self.content.split_once(':')?;
        let is_key = behind.is_empty() || behind.starts_with([' ', '\t']);
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '.' | '"' | '\'');
        (is_key && key.chars().all(is_name)).then(|| key.trim_matches(['"', '\'']))
    }
}

impl Place {
    fn at(text: &str, at: usize) -> Option<Place> {
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let start = text[..at].rfind('\n').map_or(0, |before| before + 1);
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let begin = text[..at].trim_end_matches(is_word).len();
        let end = text.len() - text[at..].trim_start_matches(is_word).len();
        let before = &text[start..begin];
        // A comment, or a dash that is the beginning of a word so far.
        if before.ends_with('-') || is_comment(before) {
            return None;
        }
        let line = Line::new(before);
        let key = match line.content.trim_end() {
            "" => None,
            // Behind a key stands its value; anything else is no place for a key.
            _ => Some(Line { dashes: Vec::new(), column: 0, content: line.content.trim_end() }.key()?.to_owned()),
        };
        if begin > 0 && key.is_some() && !before.ends_with(' ') {
            return None;
        }
        let mut steps = Vec::new();
        let mut column = if key.is_some() { line.column } else { before.len() };
        let take_dashes = |dashes: &[usize], column: &mut usize, steps: &mut Vec<Step>| {
            let before = *column;
            for dash in dashes.iter().rev().filter(|dash| **dash < before) {
                steps.push(Step::Item);
                *column = *dash;
            }
            *column < before
        };
        let mut is_item = take_dashes(&line.dashes, &mut column, &mut steps);
        for above in text[..start].lines().rev().take(MOST_LINES) {
            if column == 0 && !is_item {
                break;
            }
            let line = Line::new(above);
            if line.content.is_empty() && line.dashes.is_empty() || line.content.starts_with('#') {
                continue;
            }
            if let Some(key) = line.key()
                && (line.column < column || is_item && line.column <= column)
            {
                steps.push(Step::Key(key.to_owned()));
                column = line.column;
                is_item = take_dashes(&line.dashes, &mut column, &mut steps);
            } else if line.column == column && !is_item && !line.dashes.is_empty() {
                // The first key of the map that this one is of stands behind its dash.
                is_item = take_dashes(&line.dashes, &mut column, &mut steps);
            }
        }
        steps.reverse();
        Some(Place { steps, key, word: begin..at, end })
    }

    /// How far the word is indented.
    fn column(&self, text: &str) -> usize {
        self.word.start - text[..self.word.start].rfind('\n').map_or(0, |before| before + 1)
    }

    /// The other keys of the map that a key at the place is of.
    fn siblings<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let column = self.column(text);
        let start = self.word.start - column;
        let end = text[self.end..].find('\n').map_or(text.len(), |length| self.end + length + 1);
        let mut out = Vec::new();
        // The lines of the map are those up to one that is indented less, or begins the item that the map is.
        let mut take = |line: Line<'t>, is_above: bool| {
            if line.content.is_empty() && line.dashes.is_empty() || line.content.starts_with('#') {
                return true;
            }
            let begins = line.dashes.first().is_some_and(|dash| *dash < column);
            if line.column == column && (is_above || !begins) {
                out.extend(line.key());
            }
            line.column >= column && !begins
        };
        // Behind a dash the map begins.
        if Line::new(&text[start..self.word.start]).dashes.is_empty() {
            let _ = text[..start].lines().rev().take(MOST_LINES).all(|line| take(Line::new(line), true));
        }
        let _ = text[end..].lines().take(MOST_LINES).all(|line| take(Line::new(line), false));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_by_indentation() {
        let collector = "processors:\n  transform/a:\n    # why\n    log_statements:\n      - context: log\n        st";
        for (text, want, key) in [
            ("lo", "", None),
            ("log_statements:\n  - ", "log_statements[]", None),
            ("log_statements:\n- co", "log_statements[]", None),
            ("log_statements:\n  - context: log\n    ", "log_statements[]", None),
            ("log_statements:\n  - context: lo", "log_statements[]", Some("context")),
            ("log_statements:\n  - conditions:\n      - a\n    err", "log_statements[]", None),
            ("log_statements:\n  - a\nerror_mode: ", "", Some("error_mode")),
            (collector, "log_statements[]", None),
        ] {
            let place = Place::at(text, text.len()).expect("a place");
            let (kinds, below) = body_of(text, &place.steps, None).expect("a body");
            assert_eq!((below.as_str(), place.key.as_deref()), (want, key), "{text}");
            assert!(kinds.contains(&ProcessorKind::Transform));
        }
        assert!(Place::at("log_statements: [", 17).is_none());
        let outside = "receivers:\n  otlp:\n    pro";
        let place = Place::at(outside, outside.len()).expect("a place");
        assert!(body_of(outside, &place.steps, None).is_none());
    }
}
