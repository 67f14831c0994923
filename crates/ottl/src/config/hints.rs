//! Advice about YAML that swallowed a part of a statement.
//!
//! A plain text ends at `: ` and ` #`, a double-quoted one at the first `"` without a backslash. What is left then is
//! rarely valid, and what the parsers say about the rest does not help.

use ottl_diagnostics::{Code, Diagnostic, Span};

/// What to do about plain text that YAML takes for more than text.
pub(crate) const QUOTE: &str =
    "put the whole statement into single quotes: in plain text `: ` makes a map and ` #` begins a comment";

/// Whether a key is the beginning of a statement, up to a `: ` in it.
pub(crate) fn is_statement(key: &str) -> bool {
    key.contains('(')
}

/// Advice for the line at which a file stops being YAML.
pub(crate) fn about_line(file: &str, at: usize) -> Option<&'static str> {
    let begin = file.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    let line = file[begin..].lines().next()?;
    if line[..at - begin].trim_start_matches(' ').starts_with('\t') || line[at - begin..].starts_with('\t') {
        return Some("indent with blanks; YAML takes no tabs");
    }
    let text = line.trim_start_matches([' ', '-']);
    let text =
        text.split_once(": ").filter(|(key, _)| !key.contains(['(', '"', '\''])).map_or(text, |(_, value)| value);
    if text.starts_with('"') {
        return Some(
            "inside double quotes `\"` is written `\\\"` and `\\` is written `\\\\`; in single quotes both stay as they are",
        );
    }
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic());
    (is_plain && text.contains('(') && [": ", " #"].iter().any(|end| text.contains(end))).then_some(QUOTE)
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

/// The fault of a text that is not YAML because it is the template of one.
pub(crate) fn template(fault: Diagnostic, text: &str) -> Diagnostic {
    let is_comment = |at: usize| {
        let begin = text[..at].rfind('\n').map_or(0, |end| end + 1);
        text[begin..at].trim_start().starts_with('#')
    };
    let at = text.match_indices("{{").map(|(at, _)| at).find(|at| !is_comment(*at));
    let Some(at) = at.filter(|_| fault.code == Code::INVALID_YAML) else { return fault };
    let end = text[at..].lines().next().map_or(at + 2, |line| at + line.find("}}").map_or(2, |end| end + 2));
    let message = "this is the template of a file: what stands in `{{ }}` is put in before it is YAML";
    Diagnostic::new(Code::UNRENDERED_TEMPLATE, Span::new(at as u32, end as u32), message)
        .help("render first: `helm template CHART | ottl check -`")
}
