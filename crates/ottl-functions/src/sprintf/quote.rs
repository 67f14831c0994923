//! Go's quoted strings and characters, and characters of text that need not be UTF-8.

use std::sync::OnceLock;

use ottl_regex::Regex;

/// The first character and its length; an invalid byte is U+FFFD. `None` at the end.
pub(super) fn decode(text: &[u8]) -> Option<(char, usize)> {
    let first = *text.first()?;
    if first < 0x80 {
        return Some((char::from(first), 1));
    }
    let valid = |len: usize| text.get(..len).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let found = (2..=4).find_map(|len| valid(len).and_then(|text| text.chars().next()));
    Some(found.map_or((char::REPLACEMENT_CHARACTER, 1), |c| (c, c.len_utf8())))
}

/// The number of characters, invalid bytes counted one each.
pub(super) fn char_count(mut text: &[u8]) -> usize {
    let mut count = 0;
    while let Some((_, len)) = decode(text) {
        text = &text[len..];
        count += 1;
    }
    count
}

pub(super) fn push_char(out: &mut Vec<u8>, c: char) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Go's `strconv.IsPrint`: letters, marks, numbers, punctuation, symbols and the blank.
pub(super) fn is_print(c: char) -> bool {
    static CLASS: OnceLock<Option<Regex>> = OnceLock::new();
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    let class = CLASS.get_or_init(|| Regex::new(r"^[\pL\pM\pN\pP\pS]$").ok());
    class.as_ref().is_some_and(|class| class.is_match(c.encode_utf8(&mut [0; 4]).as_bytes()))
}

/// The character as it stands between quotes of the given kind.
fn push_escaped(out: &mut Vec<u8>, c: char, quote: char, ascii: bool) {
    let short = match c {
        '\x07' => 'a',
        '\x08' => 'b',
        '\x0c' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\x0b' => 'v',
        '\\' => '\\',
        _ if c == quote => quote,
        _ if is_print(c) && (c.is_ascii() || !ascii) => return push_char(out, c),
        _ => {
            let code = u32::from(c);
            let text = match code {
                0..0x20 | 0x7f => format!("\\x{code:02x}"),
                0..0x10000 => format!("\\u{code:04x}"),
                _ => format!("\\U{code:08x}"),
            };
            return out.extend_from_slice(text.as_bytes());
        }
    };
    out.push(b'\\');
    push_char(out, short);
}

/// Appends a string in double quotes.
pub(super) fn push_string(out: &mut Vec<u8>, mut text: &[u8], ascii: bool) {
    out.push(b'"');
    while let Some((c, len)) = decode(text) {
        if c == char::REPLACEMENT_CHARACTER && len == 1 {
            out.extend_from_slice(format!("\\x{:02x}", text[0]).as_bytes());
        } else {
            push_escaped(out, c, '"', ascii);
        }
        text = &text[len..];
    }
    out.push(b'"');
}

/// Appends a character in single quotes.
pub(super) fn push_rune(out: &mut Vec<u8>, c: char, ascii: bool) {
    out.push(b'\'');
    push_escaped(out, c, '\'', ascii);
    out.push(b'\'');
}

/// Whether the text can stand between back quotes.
pub(super) fn can_backquote(text: &[u8]) -> bool {
    std::str::from_utf8(text)
        .is_ok_and(|text| text.chars().all(|c| c == '\t' || c >= ' ' && !matches!(c, '`' | '\x7f' | '\u{feff}')))
}

/// The text in Go's double quotes, as `%q` writes it.
pub fn quoted(text: &[u8]) -> String {
    let mut out = Vec::with_capacity(text.len() + 2);
    push_string(&mut out, text, false);
    // Whatever is not printable UTF-8 was escaped.
    String::from_utf8(out).unwrap_or_default()
}
