//! Advice about YAML that swallowed a part of a statement.
//!
//! A plain text ends at `: ` and ` #`, a double-quoted one at the first `"` without a backslash. What is left then is
//! rarely valid, and what the parsers say about the rest does not help.

use ottl_diagnostics::{Code, Diagnostic, Span};

/// What to do about plain text that YAML takes for more than text.
pub(crate) const QUOTE: &str =
    "put the whole statement in single quotes: unquoted, `: ` begins a map and ` #` a comment";

/// What to do about a text in place of a list.
pub(crate) const ITEMS: &str = "begin each item of the list with `- ` on a line of its own";

/// What to do about statements in brackets.
pub(crate) const IN_BRACKETS: &str = "in brackets put each statement in single quotes: `['set(...)', 'set(...)']`";

/// What to do about a statement or condition that begins with a sign of YAML.
const SIGN: &str = "put the whole string in single quotes: its first character is special in YAML";

/// What to do about a comment among the lines of a plain text.
const COMMENT: &str =
    "a comment ends an unquoted string: put it above the statement, or write the statement below `- |`";

/// Whether a key is the beginning of a statement, up to a `: ` in it.
pub(crate) fn is_statement(key: &str) -> bool {
    key.contains('(')
}

/// A line from the place where it stops being one, and its number of bytes before that.
fn line_at(file: &str, at: usize) -> Option<(&str, usize)> {
    let begin = file.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    Some((file[begin..].lines().next()?, at - begin))
}

/// The text of a list's item or of a key on a line.
fn value_of(line: &str) -> &str {
    let text = line.trim_start_matches([' ', '-']);
    text.split_once(": ")
        .filter(|(key, _)| !key.contains(['(', '"', '\'']))
        .map_or(text, |(_, value)| value.trim_start())
}

/// Whether a text on a line is a plain statement with something in it that ends a plain text.
fn is_cut(text: &str) -> bool {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic());
    is_plain && text.contains('(') && [": ", " #"].iter().any(|end| text.contains(end))
}

/// Advice for the line at which a file stops being YAML.
pub(crate) fn about_line(file: &str, at: usize) -> Option<&'static str> {
    let (line, column) = line_at(file, at)?;
    if line[..column].trim_start_matches(' ').starts_with('\t') || line[column..].starts_with('\t') {
        return Some("indent with spaces; YAML does not allow tabs");
    }
    // The lines above belong to the same plain text.
    let above = file[..at - column].lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("").trim();
    let goes_on = !line.trim_start().starts_with('-') && !value_of(line).contains(": ");
    let is_comment = line[column..].trim_start().starts_with('#');
    if goes_on && (is_comment || above.starts_with('#') || above.contains(" #") && !above.starts_with(['"', '\''])) {
        return Some(COMMENT);
    }
    if let Some(help) = about_collection(line, column, above) {
        return Some(help);
    }
    let text = value_of(line);
    let is_rule = [" == ", " != ", " > ", " < ", "(", " where "].iter().any(|part| text.contains(part));
    match text.as_bytes().first()? {
        b'"' => Some(
            "inside double quotes `\"` is written `\\\"` and `\\` is written `\\\\`; in single quotes both stay as they are",
        ),
        b'\'' => Some("inside single quotes write `'` as `''`; OTTL strings use double quotes"),
        b'%' | b'@' | b'`' => Some(SIGN),
        b'*' | b'&' | b'!' | b'[' | b'{' | b'|' | b'>' if is_rule => Some(SIGN),
        _ => is_cut(text).then_some(QUOTE),
    }
}

/// Advice for a list or map in brackets, and for a key at the level of the item that it belongs to.
fn about_collection(line: &str, column: usize, above: &str) -> Option<&'static str> {
    let (before, rest) = (line[..column].trim_end(), &line[column..]);
    let (open, in_brackets) = [('[', true), ('{', false)]
        .into_iter()
        .filter_map(|(sign, is_list)| Some((before.find([sign])?, is_list)))
        .filter(|(at, _)| !before[..*at].contains(['(', '"', '\'']))
        .min_by_key(|(at, _)| *at)
        .unwrap_or((usize::MAX, false));
    if open != usize::MAX {
        let items = before[open + 1..].trim_start();
        if rest.starts_with(',') && before.ends_with([',', '[', '{']) {
            return Some("remove one of the commas");
        }
        // One without quotes may stand behind others that have them.
        let item =
            items.rsplit_once("',").filter(|_| items.starts_with('\'')).map_or(items, |(_, item)| item.trim_start());
        if in_brackets && !item.starts_with(['"', '\'']) && item.contains('(') {
            return Some(IN_BRACKETS);
        }
        let ends = before.ends_with(['"', '\'', ']', '}']) || before.ends_with(char::is_alphanumeric);
        if ends && rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '"' | '\'')) {
            return Some("a comma is missing between two items");
        }
    }
    let is_key = ["statements:", "conditions:", "error_mode:", "context:"].iter().any(|key| rest.starts_with(key));
    (is_key && before.is_empty() && above.starts_with("- "))
        .then_some("it belongs to the item above: indent it by two more spaces, like the first key of that item")
}

/// Where the text of a fault at a place begins: a `"` behind `: ` opens one that goes on over the lines below.
pub(crate) fn opened_above(file: &str, at: usize) -> Option<usize> {
    /// Lines that such a text goes over.
    const LINES: usize = 20;
    let (line, column) = line_at(file, at)?;
    if is_cut(value_of(line)) {
        return None;
    }
    let mut end = at - column;
    for _ in 0..LINES {
        let before = file[..end.checked_sub(1)?].rfind('\n').map_or(0, |end| end + 1);
        let line = &file[before..end];
        let opens = [": \"", ": '"].iter().filter_map(|sign| line.rfind(sign)).max();
        if let Some(opens) = opens.filter(|_| is_cut(value_of(line))) {
            return Some(before + opens + 2);
        }
        end = before;
    }
    None
}

/// Advice about a text that YAML takes a sign from: `!log.body` is a tag and no text, `&log.body` an anchor.
pub(crate) fn after_sign(diagnostic: Diagnostic, token: Span, file: &str) -> Diagnostic {
    let Some((line, column)) = line_at(file, token.start as usize) else { return diagnostic };
    let before = line[..column].trim_start_matches([' ', '-']);
    let sign = before.split_once(": ").map_or(before, |(_, value)| value);
    if diagnostic.severity() != ottl_diagnostics::Severity::Error
        || !sign.starts_with(['!', '&'])
        || sign.trim().len() < 2
    {
        return diagnostic;
    }
    Diagnostic { fix: None, ..diagnostic }.help(SIGN)
}

/// The diagnostic of a statement whose end is missing because a comment begins behind `token`.
pub(crate) fn cut_by_comment(diagnostic: Diagnostic, token: Span, file: &str) -> Diagnostic {
    let is_open = [Code::UNCLOSED_STRING, Code::UNCLOSED_BRACKET].contains(&diagnostic.code);
    let is_plain = !token.of(file).starts_with(['"', '\'', '|', '>']);
    let rest = file.get(token.end as usize..).unwrap_or("");
    if !(is_open && is_plain && rest.trim_start_matches([' ', '\t']).starts_with('#')) {
        return diagnostic;
    }
    Diagnostic { fix: None, ..diagnostic }.help(QUOTE)
}

/// Whether a part of a text that was split at commas can be no statement and no condition: it ends in a string or in
/// parentheses.
pub(crate) fn is_broken(part: &str) -> bool {
    let (mut open, mut in_string, mut escaped) = (0i32, false, false);
    for c in part.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '(' if !in_string => open += 1,
            ')' if !in_string => open -= 1,
            _ => {}
        }
    }
    in_string || open != 0
}

/// Languages of configurations that are not read: what begins a block of one, which `{` ends, how it is called, and the way out.
const FOREIGN: [(&[&str], &str, &str); 2] = [
    (
        &["otelcol.processor.", "otelcol.connector."],
        "Alloy's language",
        "copy `statements` and `conditions` into lists such as `log_statements:` of a YAML file",
    ),
    (
        &["resource \"", "module \"", "locals {", "variable \"", "terraform {", "data \""],
        "Terraform's language",
        "keep the configuration in a YAML file, which `file(\"collector.yaml\")` reads, and check that",
    ),
];

/// What is said of a file in another language, in place of what it is not.
pub(crate) fn foreign(fault: Diagnostic, text: &str) -> Diagnostic {
    let begins = |line: &&str| {
        let is_begin = |(words, ..): &&(&[&str], &str, &str)| words.iter().any(|word| line.starts_with(word));
        FOREIGN.iter().find(is_begin).filter(|_| line.trim_end().ends_with('{'))
    };
    let Some((line, (_, name, help))) = text.lines().find_map(|line| Some((line, begins(&line)?))) else {
        return fault;
    };
    let at = line.as_ptr() as usize - text.as_ptr() as usize;
    let span = Span::new(at as u32, (at + line.len()) as u32);
    Diagnostic::new(Code::FOREIGN_LANGUAGE, span, format!("this is a configuration in {name}, which is not supported"))
        .help(*help)
}

/// The fault of a text that is not YAML because it is the template of one, or in another language.
pub(crate) fn template(fault: Diagnostic, text: &str) -> Diagnostic {
    let fault = if fault.code == Code::INVALID_YAML { foreign(fault, text) } else { fault };
    let is_comment = |at: usize| {
        let begin = text[..at].rfind('\n').map_or(0, |end| end + 1);
        text[begin..at].trim_start().starts_with('#')
    };
    let at = text.match_indices("{{").map(|(at, _)| at).find(|at| !is_comment(*at));
    let Some(at) = at.filter(|_| fault.code == Code::INVALID_YAML) else { return fault };
    let end = text[at..].lines().next().map_or(at + 2, |line| at + line.find("}}").map_or(2, |end| end + 2));
    let message = "this is a template: it is YAML only after `{{ }}` is rendered";
    Diagnostic::new(Code::UNRENDERED_TEMPLATE, Span::new(at as u32, end as u32), message)
        .help("render first: `helm template CHART | ottl check -`")
}
