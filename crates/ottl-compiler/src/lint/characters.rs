//! Patterns and words where texts are taken as they are, or letter by letter: W0312, W0333.

use ottl_diagnostics::Code;
use ottl_plan::Literal;
use ottl_schema::{Access, PathDecl};

use super::{Lint, constant};
use crate::hir::{Arg, Call, Key, Kind};

/// Parts of the keys of attributes whose values have slashes in them.
const OF_PATHS: &[&str] = &["url", "uri", "path", "target", "route", "http", "file", "dir", "endpoint", "resource"];

/// What stands behind the last slash of a pattern in other languages.
const FLAGS: &str = "gimsuy";

/// Several of them, in the order in which people write them.
const MANY_FLAGS: &[&str] = &["gi", "ig", "gm", "gim", "igm"];

impl Lint<'_> {
    /// `Split(log.body, "\\s+")`.
    pub(super) fn separator(&mut self, call: &Call) {
        let ("Split", Some((Literal::Str(text), at))) = (call.def.name, constant(call.args.get(1))) else { return };
        let Ok(text) = std::str::from_utf8(text) else { return };
        let Some(meant) = meant_separator(text) else { return };
        let message = format!("`Split` takes the text as it is, and `{text}` looks like a pattern");
        let doubt = self.doubt(Code::GLOB_OR_REGEX, at, message);
        self.warn(match meant {
            Some(plain) if self.source(at) == format!("\"\\\\{plain}\"") => {
                doubt.help(format!("write `\"{plain}\"`")).fix(at, format!("\"{plain}\""))
            }
            Some(plain) => doubt.help(format!("write `\"{plain}\"`")),
            None => doubt.help(
                "make one text of all separators first, `replace_pattern(..., \"\\\\s+\", \" \")`, and split there",
            ),
        });
    }

    /// `Trim(log.body, "\\s")`, and `Trim(attributes["url"], "https://")`.
    pub(super) fn word_as_characters(&mut self, call: &Call) {
        let ("Trim", Some((Literal::Str(text), at))) = (call.def.name, constant(call.args.get(1))) else { return };
        let Ok(text) = std::str::from_utf8(text) else { return };
        let subject = match call.args.first() {
            Some(Arg::Eager { expr, .. } | Arg::Lazy(expr, _)) => self.source(expr.span),
            _ => return,
        };
        if is_class(text) {
            let message = format!("`Trim` takes each of these characters as it is, and `{text}` looks like a pattern");
            let doubt = self.doubt(Code::GLOB_OR_REGEX, at, message);
            self.warn(doubt.help(format!("name the characters: `Trim({subject}, \" \\t\\r\\n\")`")));
        } else if has_letter_twice(text) {
            let message = format!("`Trim` removes each of these characters from both ends, not the string `{text}`");
            let doubt = self.doubt(Code::TEXT_AS_CHARACTERS, at, message);
            let written = self.source(at);
            self.warn(doubt.help(format!(
                "to remove a string use `TrimPrefix({subject}, {written})` or `TrimSuffix({subject}, {written})`"
            )));
        }
    }

    /// `IsMatch(log.body, "/error/i")`; whether there was a doubt.
    pub(super) fn delimited(&mut self, call: &Call, pattern: &str, at: ottl_diagnostics::Span) -> bool {
        // PERF (compile): few patterns begin like this.
        if !pattern.starts_with('/') {
            return false;
        }
        let has_slashes = match call.args.first() {
            Some(Arg::Eager { expr, .. } | Arg::Lazy(expr, _)) => match &expr.kind {
                Kind::Path(path) => is_of_paths(ottl_schema::path(path.path), path.keys.first()),
                _ => true,
            },
            Some(Arg::Target(path)) => is_of_paths(ottl_schema::path(path.path), path.keys.first()),
            _ => true,
        };
        let Some((inner, flags)) = undelimited(pattern, has_slashes) else { return false };
        let message = "the slashes around this pattern are a part of it: nothing else than text stands in quotes";
        let kept: String = flags.chars().filter(|flag| "ims".contains(*flag)).collect();
        let kept = if kept.is_empty() { String::new() } else { format!("(?{kept})") };
        let doubt = self.doubt(Code::GLOB_OR_REGEX, at, message).help(match kept.is_empty() {
            true => format!("write `{inner}`"),
            false => format!("write `{kept}{inner}`: flags stand before the pattern"),
        });
        let written = self.source(at).strip_prefix("\"/").and_then(|rest| rest.strip_suffix(&format!("/{flags}\"")));
        self.warn(match written {
            Some(written) => doubt.fix(at, format!("\"{kept}{written}\"")),
            None => doubt,
        });
        true
    }
}

/// What a separator that looks like a pattern stands for, if it is one text; none where it is no pattern.
fn meant_separator(text: &str) -> Option<Option<&str>> {
    if let Some(escaped) = text.strip_prefix('\\')
        && let Some(c) = escaped.chars().next()
        && escaped.len() == c.len_utf8()
        && "|.+*?()[]{}^$/,;:-".contains(c)
    {
        return Some(Some(escaped));
    }
    let has_class = ["\\s", "\\S", "\\d", "\\D", "\\w", "\\W"].iter().any(|class| text.contains(class));
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or_default();
    let first = inner.chars().next();
    let is_set = !inner.contains(|c: char| c.is_alphanumeric() || c == '[' || c == ']' || c == '\\')
        && !inner.trim().is_empty()
        && (inner.len() == 1 || inner.chars().any(|c| Some(c) != first));
    (has_class || is_set).then_some(None)
}

/// Whether characters to take away are those of a pattern.
fn is_class(text: &str) -> bool {
    let classes = ["\\s", "\\S", "\\d", "\\w", "\\n", "\\r", "\\t"];
    let range = |bytes: &[u8]| bytes[1] == b'-' && bytes[0].is_ascii_alphanumeric() && bytes[2].is_ascii_alphanumeric();
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or_default();
    classes.iter().any(|class| text.contains(class)) || inner.as_bytes().windows(3).any(range)
}

/// Whether a letter or digit stands twice, which among characters says nothing.
fn has_letter_twice(text: &str) -> bool {
    let letters = || text.chars().filter(|c| c.is_alphanumeric());
    letters().enumerate().any(|(at, c)| letters().take(at).any(|other| other == c))
}

/// Whether texts of a place have slashes.
fn is_of_paths(decl: &PathDecl, key: Option<&Key>) -> bool {
    match (decl.access, key) {
        (Access::Body | Access::BodyText, None) => false,
        (_, None) => decl.name == "name",
        (_, Some(Key::Str(key))) => {
            let key = String::from_utf8_lossy(key).to_ascii_lowercase();
            OF_PATHS.iter().any(|part| key.contains(part))
        }
        (_, Some(_)) => true,
    }
}

/// Whether a pattern has a letter that is no class: `\d` has none.
fn has_letter(pattern: &str) -> bool {
    let mut is_escaped = false;
    pattern.chars().any(|c| {
        let is_letter = c.is_alphabetic() && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        is_letter
    })
}

/// A pattern without the slashes that other languages put around it, and the flags behind them.
fn undelimited(pattern: &str, has_slashes: bool) -> Option<(&str, &str)> {
    let (inner, flags) = pattern.strip_prefix('/')?.rsplit_once('/')?;
    let is_open = inner.ends_with('\\') && !inner.ends_with("\\\\");
    let is_plain = !inner.replace("\\/", "").contains('/');
    if inner.is_empty() || is_open || !is_plain || !flags.chars().all(|flag| FLAGS.contains(flag)) {
        return None;
    }
    let is_sure = match flags.len() {
        0 => inner.starts_with('^') || inner.ends_with('$') || inner.contains("\\/"),
        // In a path it may as well be the name of a folder. What has no letters has none in two cases.
        1 => inner.contains('|') || !has_slashes && (flags == "g" || flags == "i" && has_letter(inner)),
        // Others are words: `/sum`, `/img`, `/my`.
        _ => MANY_FLAGS.contains(&flags),
    };
    is_sure.then_some((inner, flags))
}

#[cfg(test)]
mod tests {
    use super::{has_letter_twice, is_class, meant_separator, undelimited};

    #[test]
    fn separators() {
        for (text, want) in [
            ("\\s+", Some(None)),
            (",\\s*", Some(None)),
            ("\\|", Some(Some("|"))),
            ("\\.", Some(Some("."))),
            ("[,;]", Some(None)),
            ("[|]", Some(None)),
            ("|", None),
            ("||", None),
            ("\\", None),
            ("\\\\", None),
            ("\\n", None),
            ("[INFO]", None),
            ("[ ]", None),
            ("[...]", None),
            ("][", None),
            ("[]", None),
            ("", None),
            (", ", None),
        ] {
            assert_eq!(meant_separator(text), want, "{text}");
        }
    }

    #[test]
    fn characters() {
        for (text, class, twice) in [
            ("\\s", true, false),
            ("^\\s+|\\s+$", true, true),
            ("[a-z]", true, false),
            ("http", false, true),
            ("/", false, false),
            ("[]", false, false),
            ("[\"]", false, false),
            ("\"\"", false, false),
            (" \t\r\n", false, false),
            ("\\/", false, false),
            ("ms", false, false),
            ("0123456789", false, false),
            ("", false, false),
        ] {
            assert_eq!((is_class(text), has_letter_twice(text)), (class, twice), "{text}");
        }
    }

    #[test]
    fn slashes_around_patterns() {
        for (pattern, of_texts, of_paths) in [
            ("/error/i", Some(("error", "i")), None),
            ("/error|fatal/i", Some(("error|fatal", "i")), Some(("error|fatal", "i"))),
            ("/error/gi", Some(("error", "gi")), Some(("error", "gi"))),
            ("/^a$/", Some(("^a$", "")), Some(("^a$", ""))),
            ("/a\\/b/", Some(("a\\/b", "")), Some(("a\\/b", ""))),
            ("/[0-9]+/i", None, None),
            ("/[0-9]+/img", None, None),
            ("/error/sum", None, None),
            ("/\\d+ items/i", Some(("\\d+ items", "i")), None),
            ("/api/", None, None),
            ("/api/v1/i", None, None),
            ("/api/|/v1/", None, None),
            ("/login|logout/", None, None),
            ("/users/\\d+/items", None, None),
            ("/a/m", None, None),
            ("//i", None, None),
            ("/", None, None),
            ("/a\\/", None, None),
        ] {
            assert_eq!((undelimited(pattern, false), undelimited(pattern, true)), (of_texts, of_paths), "{pattern}");
        }
    }
}
