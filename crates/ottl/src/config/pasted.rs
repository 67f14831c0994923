//! What a body has of a Collector's file: references and doubled dollar signs, which stand in a body as they are.
//!
//! Nearly every body was pasted out of such a file, where both are expanded. What OTTL itself reads is left alone: `${1}`, and
//! `${name}` beside a pattern with a group of that name.

use std::ops::Range;

use ottl_diagnostics::{Code, Diagnostic, Span};

use super::decode::{Decoder, Place};

/// The other places that one warning shows.
const SHOWN: usize = 4;

/// Warns of what would be expanded in the texts of these places, once.
pub(super) fn warn(decoder: &mut Decoder, places: Range<usize>) {
    let mut found: Vec<(Span, String)> = Vec::new();
    for place in &decoder.places[places] {
        let Place::Text { text, translated: false, .. } = place else { continue };
        if let Some(range) = meant(text.as_str()) {
            found.push((text.span(range.start, range.end), text.as_str()[range].to_owned()));
        }
    }
    let Some((first, what)) = found.first() else { return };
    let message = format!("`{what}` is not expanded here, but a Collector would expand it");
    let mut diagnostic = Diagnostic::new(Code::UNEXPANDED_REFERENCE, *first, message)
        .help("to expand it, use `--expand` (`Compiler::expand`); to keep it as it is, use `--no-expand`");
    for (span, _) in found.iter().skip(1).take(SHOWN) {
        diagnostic = diagnostic.other(*span, "and here");
    }
    decoder.diagnostics.push(diagnostic);
}

/// The first part of a text that is meant to be expanded.
fn meant(text: &str) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    for (at, _) in text.match_indices('$') {
        let rest = &text[at..];
        match &bytes[at + 1..] {
            // In a pattern `\\$$` is a dollar sign at the end.
            [b'$', next, ..] if (is_name(*next) || *next == b'{') && !text[..at].ends_with('\\') => {
                let tail = &rest[2..];
                let end = match tail.strip_prefix('{') {
                    Some(tail) => tail.find('}').map_or(1, |end| end + 2),
                    None => tail.bytes().take_while(|byte| is_name(*byte)).count(),
                };
                return Some(at..at + 2 + end);
            }
            [b'{', ..] if !text[..at].ends_with('$') => {
                let Some(end) = rest.find('}') else { continue };
                let inside = &rest[2..end];
                let scheme = inside.split_once(':').map(|(scheme, _)| scheme);
                let is_reference = match scheme {
                    Some(scheme) => matches!(scheme, "env" | "yaml" | "file" | "http" | "https"),
                    None => {
                        let begins = inside.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
                        let is_group = || text.contains(&format!("<{inside}>"));
                        begins && inside.bytes().all(is_name) && !is_group()
                    }
                };
                if is_reference {
                    return Some(at..at + end + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn what_ottl_reads_itself_is_not_meant() {
        for (text, want) in [
            (r#"replace_pattern(log.body, "(a)", "x.$$1.y")"#, Some("$$1")),
            (r#"replace_pattern(log.body, "(?P<n>a)", "$${n}")"#, Some("$${n}")),
            (r#"set(log.body, "${env:HOME}")"#, Some("${env:HOME}")),
            (r#"set(log.body, "${HOME}")"#, Some("${HOME}")),
            (r#"set(log.body, "${env:A:-b}")"#, Some("${env:A:-b}")),
            (r#"replace_pattern(log.body, "(a)", "$1 ${1}")"#, None),
            (r#"replace_pattern(log.body, "(?P<n>a)", "${n}")"#, None),
            (r#"IsMatch(log.body, "^a$$|\$$b$")"#, None),
            (r#"set(log.body, "${a b} ${ $")"#, None),
            (r#"set(log.body, "5$ $")"#, None),
        ] {
            assert_eq!(meant(text).map(|range| &text[range]), want, "{text}");
        }
    }
}
