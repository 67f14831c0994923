//! Texts in which a path or a value stands as in a template of another language, or a backspace: W0327, W0317.

use ottl_diagnostics::{Code, Span};
use ottl_schema::context_by_name;

use super::Lint;

/// What begins and ends a place to fill, in other languages.
const BRACES: &[(&str, &str)] = &[("${", "}"), ("{{", "}}"), ("%{", "}"), ("#{", "}")];

impl Lint<'_> {
    /// Doubts a text with a path in the braces of a template, or with a backspace.
    pub(super) fn text(&mut self, text: &[u8], span: Span) {
        if text.contains(&8) && self.source(span).contains("\\b") {
            let message = "`\\b` in a string is a backspace character";
            let doubt = self.doubt(Code::BACKSPACE_IN_PATTERN, span, message);
            self.warn(doubt.help("a backslash is written `\\\\`, in a Windows path as in a pattern"));
        }
        let is_path_itself = text.ends_with(b"\"]") && std::str::from_utf8(text).is_ok_and(is_path);
        if !text.contains(&b'{') && !is_path_itself {
            return;
        }
        let Ok(text) = std::str::from_utf8(text) else { return };
        if is_path_itself {
            let message = format!("`{text}` is a string here, not a path");
            let doubt = self.doubt(Code::PATH_IN_TEXT, span, message);
            self.warn(doubt.help(format!("write the path without the quotes: `{text}`")));
            return;
        }
        if let Some(written) = unrendered(text) {
            let message = format!("`{written}` is literal text: strings have no templates");
            let doubt = self.doubt(Code::PATH_IN_TEXT, span, message);
            self.warn(doubt.help("a template is rendered before it is checked: `helm template CHART | ottl check -`"));
            return;
        }
        let Some((written, path)) = filled(text) else { return };
        let message = format!("`{written}` is literal text: strings have no placeholders");
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

/// The first place of a text that is one of a Helm template.
fn unrendered(text: &str) -> Option<&str> {
    text.match_indices("{{").find_map(|(at, _)| {
        let inside = &text[at + 2..];
        let end = inside.find("}}")?;
        let said = inside[..end].trim_start_matches('-').trim_start();
        let is_value =
            said.strip_prefix(['.', '$']).is_some_and(|name| name.starts_with(|c: char| c == '.' || c.is_alphabetic()));
        let is_call = ["include ", "tpl ", "printf "].iter().any(|word| said.starts_with(word));
        (is_value || is_call).then(|| &text[at..at + end + 4])
    })
}

/// Whether a text is a path with its context, or begins like one.
fn is_path(text: &str) -> bool {
    let Some((first, rest)) = text.split_once('.') else { return false };
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._[]\"'-/".contains(c);
    context_by_name(first).is_some() && rest.starts_with(|c: char| c.is_ascii_lowercase()) && rest.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::{filled, unrendered};

    #[test]
    fn templates_are_known_by_their_values() {
        for (text, want) in [
            ("x{{ .Values.env }}y", Some("{{ .Values.env }}")),
            ("{{- $name -}}", Some("{{- $name -}}")),
            ("{{ include \"a.b\" . }}", Some("{{ include \"a.b\" . }}")),
            ("{{ log.body }}", None),
            ("{{.}}", None),
            ("{{ .5 }}", None),
            ("{{ .a", None),
            ("\\{\\{.*", None),
        ] {
            assert_eq!(unrendered(text), want, "{text}");
        }
    }

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
