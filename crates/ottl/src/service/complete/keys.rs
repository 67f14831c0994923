//! Keys of maps: those of the telemetry, as far as it is known, and those that other rules of the document use.

use std::collections::BTreeMap;

use ottl_schema::{ContextId, context_by_name};
use ottl_syntax::token::{Token, TokenKind, lex};

use super::{CompletionKind, Proposals, escaped};
use crate::service::Document;
use crate::service::site::Site;

/// Keys of one map that are proposed together with its path.
const MOST_PATHS: usize = 50;

/// A map: the context and the path in it.
type Place = (ContextId, String);

/// Adds the keys of the map at a path. `is_open`: the quote in front of the key is written.
pub(super) fn add(document: &Document, site: &Site, path: &[String], is_open: bool, out: &mut Proposals) {
    let Some(place) = place(path, site.context) else { return };
    for (key, detail) in known(document, &place) {
        let quoted = quoted(&key);
        let (label, insert) = if is_open {
            let end = if site.cursor.next == Some('"') { "" } else { "\"]" };
            (key.clone(), format!("{}{end}", &quoted[1..quoted.len() - 1]))
        } else {
            let end = if site.cursor.next == Some(']') { "" } else { "]" };
            (quoted.clone(), format!("{quoted}{end}"))
        };
        out.write(0, CompletionKind::Key, &label, detail, None, &insert, Some(escaped(&insert)));
    }
}

/// Adds paths with the keys that are known of them.
pub(super) fn add_paths(document: &Document, site: &Site, out: &mut Proposals) {
    for owner in site.contexts(&document.compiler) {
        let place = (owner, String::from("attributes"));
        for (key, detail) in document.samples.keys(owner, &place.1).take(MOST_PATHS) {
            let label = format!("{}.attributes[{}]", owner.name(), quoted(key));
            let snippet = escaped(&label);
            out.write(4, CompletionKind::Key, &label, detail, None, &label, Some(snippet));
        }
    }
}

/// A key as a string literal.
fn quoted(key: &str) -> String {
    let mut out = String::from('"');
    for c in key.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Some of these end lines of YAML.
            '\u{2028}' | '\u{2029}' | '\u{feff}' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn place(path: &[String], context: Option<ContextId>) -> Option<Place> {
    match path {
        [first, rest @ ..] if !rest.is_empty() && context_by_name(first).is_some() => {
            Some((context_by_name(first)?, rest.join(".")))
        }
        [] => None,
        names => Some((context?, names.join("."))),
    }
}

/// The keys of a map, and what is known of them.
fn known(document: &Document, place: &Place) -> BTreeMap<String, String> {
    let mut out: BTreeMap<String, String> =
        document.samples.keys(place.0, &place.1).map(|(key, detail)| (key.to_owned(), detail.to_owned())).collect();
    let reading = document.reading();
    for rule in &reading.rules {
        let text = rule.text.as_str();
        if !text.contains('[') {
            continue;
        }
        let tokens = lex(text).tokens;
        for (number, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == TokenKind::String) {
            let is_key = number > 1
                && tokens[number - 1].kind == TokenKind::LeftBracket
                && tokens.get(number + 1).is_some_and(|next| next.kind == TokenKind::RightBracket);
            let literal = token.span.of(text);
            if !is_key || literal.contains('\\') || literal.len() < 3 {
                continue;
            }
            let configured = reading.groups[rule.group].configured;
            if self::place(&path_before(&tokens[..number - 1], text), configured).as_ref() == Some(place) {
                let key = &literal[1..literal.len() - 1];
                out.entry(key.to_owned()).or_insert_with(|| String::from("in other rules"));
            }
        }
    }
    out
}

/// The names of the path that tokens end with.
fn path_before(tokens: &[Token], text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut end = tokens.last().map(|token| token.span.end);
    let mut after_name = false;
    for token in tokens.iter().rev() {
        let is_name = token.kind == TokenKind::Lower && !after_name;
        let is_dot = token.kind == TokenKind::Dot && after_name;
        if end != Some(token.span.end) || !is_name && !is_dot {
            break;
        }
        if is_name {
            names.push(token.span.of(text).to_owned());
        }
        (after_name, end) = (is_name, Some(token.span.start));
    }
    names.reverse();
    names
}
