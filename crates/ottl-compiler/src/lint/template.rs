//! Texts in which a path stands as in a template of another language, or a backspace: W0327, W0317.

use ottl_diagnostics::{Code, Span};
use ottl_schema::context_by_name;

use super::Lint;

/// What begins and ends a place to fill, in other languages.
const BRACES: &[(&str, &str)] = &[("${", "}"), ("{{", "}}"), ("%{", "}"), ("#{", "}")];

impl Lint<'_> {
    /// Doubts a text with a path in the braces of a template, or with a backspace.
    pub(super) fn text(&mut self, text: &[u8], span: Span) {
        if text.contains(&8) && self.source(span).contains("\\b") {
            let message = "`\\b` in a text is a backspace, which no telemetry has";
            let doubt = self.doubt(Code::BACKSPACE_IN_PATTERN, span, message);
            self.warn(doubt.help("a backslash is written `\\\\`, in a Windows path as in a pattern"));
        }
        let Ok(text) = std::str::from_utf8(text) else { return };
        let Some((written, path)) = filled(text) else { return };
        let message = format!("`{written}` is a part of the text: no path is filled in");
        let help = match text == written {
            true => format!("write the path without the quotes: `{path}`"),
            false => format!("join texts and paths: `Concat([\"...\", {path}], \"\")`"),
        };
        self.warn(self.doubt(Code::PATH_IN_TEXT, span, message).help(help));
    }
}

/// The first place of a text that has a path in braces, and the path.
fn filled(text: &str) -> Option<(&str, &str)> {
    for (open, close) in BRACES {
        for (at, _) in text.match_indices(open) {
            let inside = &text[at + open.len()..];
            let Some(end) = inside.find(close) else { break };
            let path = inside[..end].trim();
            if is_path(path) {
                return Some((&text[at..at + open.len() + end + close.len()], path));
            }
        }
    }
    None
}

/// Whether a text is a path with its context, or begins like one.
fn is_path(text: &str) -> bool {
    let Some((first, rest)) = text.split_once('.') else { return false };
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._[]\"'-/".contains(c);
    context_by_name(first).is_some() && rest.starts_with(|c: char| c.is_ascii_lowercase()) && rest.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn only_paths_in_braces_are_found() {
        for (text, want) in [
            ("${log.body}", Some(("${log.body}", "log.body"))),
            ("a {{ span.name }} b", Some(("{{ span.name }}", "span.name"))),
            ("%{resource.attributes[\"a\"]}!", Some(("%{resource.attributes[\"a\"]}", "resource.attributes[\"a\"]"))),
            ("${env:HOME}", None),
            ("${1}", None),
            ("{log.body}", None),
            ("${log}", None),
            ("${a.b} ${log.body", None),
        ] {
            assert_eq!(filled(text), want, "{text}");
        }
    }
}
