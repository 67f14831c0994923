//! Texts inside of XML and HTML.

/// A text as content or attribute of XML 1.0 and HTML, which have no control characters.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn texts_are_escaped() {
        assert_eq!(
            super::escaped("a<b> & \"c\"\n\u{1}\r\u{e9}\u{ffff}"),
            "a&lt;b&gt; &amp; &quot;c&quot;\n\u{fffd}\u{fffd}\u{e9}\u{fffd}"
        );
    }
}
