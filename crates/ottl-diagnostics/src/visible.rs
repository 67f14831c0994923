//! Texts of others in what is printed: names and files can hold any character, and none of them may act on a terminal or begin a line.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with its control characters escaped: a line break is `\n`, an escape `\u{1b}`. Tabs stay.
///
/// ```
/// assert_eq!(ottl_diagnostics::visible("a\n\u{1b}b"), r"a\n\u{1b}b");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, &['\t'])
}

/// The same for a text of several lines, which stay lines.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    escaped(text, &['\t', '\n'])
}

fn escaped<'t>(text: &'t str, kept: &[char]) -> Cow<'t, str> {
    let acts = |c: char| c.is_control() && !kept.contains(&c);
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if acts(c) {
            // Writing to memory does not fail.
            let _ = write!(out, "{}", c.escape_default());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}
