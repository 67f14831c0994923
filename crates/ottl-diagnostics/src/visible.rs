//! Texts of others in what is printed: names and files can hold any character, and none of them may act on a terminal, begin a line
//! or turn round what is read.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with its control characters escaped, and those that turn the direction of writing: a line break is `\n`, an escape
/// `\u{1b}`. Tabs stay.
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
    let acts = |c: char| (c.is_control() || turns(c)) && !kept.contains(&c);
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

/// Whether a character changes the order in which others are shown, or breaks a line where terminals see none.
fn turns(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_escaped() {
        assert_eq!(visible("a\u{202e}b\u{2066}c\tü"), "a\\u{202e}b\\u{2066}c\tü");
        assert_eq!(visible("a\u{2028}b"), "a\\u{2028}b");
        assert_eq!(visible_lines("a\nb\rc"), "a\nb\\rc");
        assert!(matches!(visible("plain \u{e9}"), Cow::Borrowed(_)));
    }
}
