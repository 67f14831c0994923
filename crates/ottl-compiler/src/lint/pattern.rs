//! Globs and regular expressions where texts are taken as they are: W0312.
//!
//! A text may hold any sign, so nothing is said unless the value is a name that never has the sign, or the text is a pattern through and
//! through.

use ottl_core::ops::CompareOp;
use ottl_diagnostics::{Code, Span};
use ottl_plan::Literal;
use ottl_schema::{Access, ContextId, PathDecl};

use super::{Lint, constant};
use crate::hir::{Arg, Call, Expr, Key, Kind, PathUse};

/// The beginnings of attributes that are names.
const NAMES: &[&str] =
    &["k8s.", "service.", "container.", "deployment.", "host.", "cloud.", "telemetry.", "faas.", "os."];

/// What patterns have in them, and other texts seldom.
const SIGNS: &[u8] = b"*^$+\\{";

/// Parts of the keys of attributes whose values are patterns themselves.
const OF_PATTERNS: &[&str] = &["pattern", "regex", "glob", "expr", "rule", "filter", "route", "mask", "query", "match"];

/// Converters that take a beginning or an end as it is.
const ENDS: &[(&str, bool)] = &[("HasPrefix", true), ("HasSuffix", false), ("TrimPrefix", true), ("TrimSuffix", false)];

impl Lint<'_> {
    /// `metric.name == "http.*"`.
    pub(super) fn pattern_as_text(&mut self, op: CompareOp, left: &Expr, right: &Expr) {
        let (Kind::Path(path), Some(Literal::Str(text)), at) = (match left.as_const() {
            None => (&left.kind, right.as_const(), right.span),
            literal => (&right.kind, literal, left.span),
        }) else {
            return;
        };
        // Few texts have a sign of any pattern.
        if !text.iter().any(|byte| SIGNS.contains(byte)) || !matches!(op, CompareOp::Eq | CompareOp::Ne) {
            return;
        }
        let Ok(text) = std::str::from_utf8(text) else { return };
        let is_meant = is_pattern(text) && !holds_patterns(path) || is_name(path) && has_sign(text);
        if !is_meant {
            return;
        }
        let subject = if left.as_const().is_none() { left.span } else { right.span };
        self.taken_as_is(&format!("`{}` compares texts as they are", op.symbol()), text, at, self.source(subject));
    }

    /// `HasPrefix(metric.name, "http*")`.
    pub(super) fn pattern_as_end(&mut self, call: &Call) {
        let Some((name, is_begin)) = ENDS.iter().find(|(name, _)| *name == call.def.name) else { return };
        let (Some(Arg::Eager { expr, .. } | Arg::Lazy(expr, _)), Some((Literal::Str(text), at))) =
            (call.args.first(), constant(call.args.get(1)))
        else {
            return;
        };
        let Ok(text) = std::str::from_utf8(text) else { return };
        let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || "_-./:".contains(c));
        let is_sign = match is_begin {
            true => {
                text.strip_prefix('^').is_some_and(|rest| is_word(rest.chars().next()))
                    || text.strip_suffix('*').is_some_and(|stem| is_word(stem.chars().next_back()))
            }
            false => {
                text.strip_suffix('$').is_some_and(|stem| is_word(stem.chars().next_back()))
                    || text.trim_start_matches('.').strip_prefix('*').is_some_and(|rest| is_word(rest.chars().next()))
            }
        };
        if is_sign || is_pattern(text) {
            self.taken_as_is(&format!("`{name}` takes the text as it is"), text, at, self.source(expr.span));
        }
    }

    #[cold]
    fn taken_as_is(&mut self, what: &str, text: &str, at: Span, subject: &str) {
        let message = format!("{what}, and `{text}` looks like a pattern");
        let help = format!("a regular expression is asked for by `IsMatch({subject}, \"...\")`");
        self.warn(self.doubt(Code::GLOB_OR_REGEX, at, message).help(help));
    }

    /// `$1` in a replacement of what a glob matches, which has no groups.
    pub(super) fn group_of_glob(&mut self, call: &Call) {
        if !matches!(call.def.name, "replace_match" | "replace_all_matches") {
            return;
        }
        let place = call.def.params.iter().position(|param| param.name == "replacement");
        let Some((Literal::Str(text), at)) = constant(place.and_then(|place| call.args.get(place))) else { return };
        let text = String::from_utf8_lossy(text);
        let Some(reference) = group(&text) else { return };
        let message = format!("`{reference}` stands there as it is: a glob has no groups");
        let patterns = if call.def.name == "replace_match" { "replace_pattern" } else { "replace_all_patterns" };
        let help = format!("`{patterns}` takes a regular expression, and its replacement refers to groups");
        self.warn(self.doubt(Code::MISSING_GROUP, at, message).help(help));
    }
}

/// The first reference to a group: `$1` or `${name}`. An amount of money has more digits, or a point.
fn group(text: &str) -> Option<&str> {
    text.match_indices('$').find_map(|(at, _)| {
        let rest = &text[at + 1..];
        if let Some(inside) = rest.strip_prefix('{') {
            let end = inside.find('}').filter(|end| *end > 0)?;
            return Some(&text[at..at + end + 3]);
        }
        let mut chars = rest.chars();
        let is_digit = chars.next().is_some_and(|c| ('1'..='9').contains(&c));
        let goes_on = chars.next().is_some_and(|c| c.is_ascii_digit() || c == '.' || c == ',');
        (is_digit && !goes_on).then(|| &text[at..at + 2])
    })
}

/// Whether a value is a name, which has no signs of patterns.
fn is_name(path: &PathUse) -> bool {
    let decl = ottl_schema::path(path.path);
    match path.keys.as_slice() {
        [] => is_name_of_metric(decl),
        [Key::Str(key)] if matches!(decl.access, Access::Attributes(_) | Access::TableAttributes(_)) => {
            NAMES.iter().any(|name| key.starts_with(name.as_bytes()))
        }
        _ => false,
    }
}

/// Whether a value may be a pattern that somebody wrote down.
fn holds_patterns(path: &PathUse) -> bool {
    let is_of_patterns = |key: &Key| match key {
        Key::Str(key) => {
            let key = String::from_utf8_lossy(key).to_ascii_lowercase();
            OF_PATTERNS.iter().any(|part| key.contains(part))
        }
        _ => false,
    };
    path.keys.iter().any(is_of_patterns)
}

fn is_name_of_metric(decl: &PathDecl) -> bool {
    matches!((decl.context, decl.name), (ContextId::Metric, "name" | "unit") | (ContextId::Scope, "name"))
}

/// Whether a text has a sign of a pattern.
fn has_sign(text: &str) -> bool {
    text.len() > 1 && (text.contains('*') || text.starts_with('^') || text.ends_with('$') || text.contains(".+"))
}

/// Whether a text is a pattern that nobody writes down for itself: `^a.*`, `^a$`, `*error*`, `id-\d+`.
fn is_pattern(text: &str) -> bool {
    let is_word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_-. ".contains(c));
    let between = text.strip_prefix('*').and_then(|text| text.strip_suffix('*')).is_some_and(is_word);
    let anchored = text.strip_prefix('^').is_some_and(|rest| {
        rest.contains(".*") || rest.contains(".+") || rest.strip_suffix('$').is_some_and(|inner| !inner.is_empty())
    });
    let caret = text.strip_prefix('^').is_some_and(|rest| rest.starts_with(|c: char| c.is_alphabetic() || c == '/'));
    let spread = text.strip_prefix(".*").is_some_and(|rest| is_word(rest.trim_end_matches(".*")))
        || text.strip_suffix(".*").is_some_and(|stem| is_word(stem) && stem.contains(char::is_alphabetic));
    let classes =
        ["\\d+", "\\d{", "\\w+", "\\s+", "\\S+", "[a-z]+", "[0-9]+", "[^/]+"].iter().any(|class| text.contains(class));
    between || anchored || caret || spread || classes
}

#[cfg(test)]
mod tests {
    use super::{group, has_sign, is_pattern};

    #[test]
    fn patterns_are_known_by_their_signs() {
        for (text, pattern, sign) in [
            ("^foo.*", true, true),
            ("^foo$", true, true),
            ("^foo", true, true),
            ("^1.2.3", false, true),
            ("foo.*", true, true),
            ("1.2.*", false, true),
            (".*foo", true, true),
            ("*error*", true, true),
            ("kube-*", false, true),
            ("/api/*", false, true),
            ("*/*", false, true),
            ("*", false, false),
            ("**", false, true),
            ("GET /users/*", false, true),
            ("SELECT * FROM a", false, true),
            ("id-\\d+", true, false),
            ("a.b", false, false),
            ("100$", false, true),
            ("", false, false),
            ("^", false, false),
            (".*", false, true),
        ] {
            assert_eq!((is_pattern(text), has_sign(text)), (pattern, sign), "{text}");
        }
    }

    #[test]
    fn groups_are_no_money() {
        for (text, want) in [
            ("$1", Some("$1")),
            ("a$1b", Some("$1")),
            ("${name}", Some("${name}")),
            ("$15", None),
            ("$1.50", None),
            ("$", None),
            ("${}", None),
            ("US$", None),
            ("$0", None),
        ] {
            assert_eq!(group(text), want, "{text}");
        }
    }
}
