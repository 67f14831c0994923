//! Glob patterns of the `replace_match` editors: gobwas/glob without separators.
//!
//! `*` and `**` stand for any text, `?` for one character, `[a-z]` and `[!abc]` for one of a class,
//! `{a,b}` for alternatives, a backslash takes the next character literally. The pattern has to
//! fit the whole text.
//!
//! - `syntax`: the pattern as a tree.
//! - `matcher`: what the tree fits in the reference, which is not always what it says.
//!
//! Invariant: the work for one text is bounded (`STEPS`); what goes beyond is left to a regular expression.

mod matcher;
mod syntax;

use std::sync::OnceLock;

use crate::regex::{Regex, RegexError};
use matcher::Matcher;
use syntax::Node;

/// Bytes that the search for one text may look at, on top of eight times its own.
const STEPS: usize = 4_000_000;

/// A compiled glob.
#[derive(Debug, Clone)]
pub struct Glob {
    node: Node,
    /// Absent for patterns of too many pieces.
    matcher: Option<Matcher>,
    /// What the pattern says, for what the matcher does not answer.
    regex: OnceLock<Option<Regex>>,
}

impl Glob {
    /// Compiles a glob.
    ///
    /// # Errors
    /// A message for a malformed class, for text that is not UTF-8, for alternatives nested deeper than regular
    /// expressions may be, and for one of so many pieces that it would have to become one and cannot.
    pub fn new(pattern: &[u8]) -> Result<Glob, String> {
        Glob::with(pattern, Regex::shared)
    }

    /// Like [`Glob::new`] for a glob that data chose, whose regular expression is bounded as such.
    ///
    /// # Errors
    /// As [`Glob::new`].
    pub fn of_data(pattern: &[u8]) -> Result<Glob, String> {
        Glob::with(pattern, Regex::of_data)
    }

    fn with(pattern: &[u8], compile: fn(String) -> Result<Regex, RegexError>) -> Result<Glob, String> {
        let node = syntax::parse(pattern)?;
        let matcher = matcher::compile(&node);
        let regex = OnceLock::new();
        if matcher.is_none() {
            let compiled = compile(syntax::regex(&node)).map_err(|error| error.to_string())?;
            // Nobody else has set it.
            let _ = regex.set(Some(compiled));
        }
        Ok(Glob { node, matcher, regex })
    }

    /// Whether the glob fits the whole text.
    pub fn is_match(&self, text: &[u8]) -> bool {
        let mut steps = STEPS.saturating_add(text.len().saturating_mul(8));
        match self.matcher.as_ref().map(|matcher| matcher.fits(text, &mut steps)) {
            Some(Ok(fits)) => fits,
            Some(Err(matcher::Gone)) | None => {
                let regex = self.regex.get_or_init(|| Regex::shared(syntax::regex(&self.node)).ok());
                regex.as_ref().is_some_and(|regex| regex.is_match(text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;

    fn fits(pattern: &str, text: &str) -> bool {
        Glob::new(pattern.as_bytes()).expect("the pattern is good").is_match(text.as_bytes())
    }

    #[test]
    fn globs_fit_what_the_reference_says() {
        let rows = [
            ("a*", "ab", true),
            ("a*", "ba", false),
            ("{ab,b}c", "bc", true),
            ("{ab,b}c", "ac", false),
            ("[a-c]é", "bé", false),
            ("[a-c]?", "bx", true),
            // Prefix and suffix may overlap.
            ("a*a", "a", true),
            ("/a/*/b", "/a/b", true),
            // Rows count bytes.
            ("é?", "éb", false),
            // A lone character fits the empty text, and so does nothing else of one character.
            ("?", "", true),
            ("[!a]", "", true),
            ("[!a-c]", "", true),
            ("{?,b}", "", true),
            ("{{?,c},b}", "", true),
            ("[a]", "", false),
            ("??", "", false),
            ("?*", "", false),
            ("[!a]*", "", false),
            ("{?,b}*", "", false),
            ("{a?,b}", "", false),
            ("", "", true),
            // NUL ends the pattern, but in a text only that.
            ("a\0b", "ab", true),
            ("*\0b", "x", true),
        ];
        for (pattern, text, expected) in rows {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn work_is_bounded() {
        let text = "ab".repeat(50_000);
        assert!(fits(&format!("{}c*", "*a*b".repeat(16)), &format!("{text}c")));
        assert!(!fits(&format!("{}c*", "*a*b".repeat(16)), &text));
        assert!(fits(&"*a*b".repeat(1000), &text));
        assert!(fits(&format!("{{{}b}}*", "a,".repeat(100_000)), &text));
        assert!(fits(&"?a".repeat(1000), &"éa".repeat(1000)));
        assert!(Glob::new("?".repeat(1_000_000).as_bytes()).is_err());
        assert!(Glob::of_data("?".repeat(100_000).as_bytes()).is_err());
        assert!(Glob::new("{".repeat(100_000).as_bytes()).is_err());
        assert!(Glob::new("{".repeat(250).as_bytes()).is_ok());
    }
}
