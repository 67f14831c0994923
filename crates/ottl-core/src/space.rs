//! White space as the reference trims it.

/// The text without Unicode white space at its ends. Bytes that are not valid UTF-8 are no white space.
#[inline]
pub fn trim_space(text: &[u8]) -> &[u8] {
    // PERF (functions): most texts have none.
    match text {
        [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => text,
        _ => trim_characters(text),
    }
}

fn trim_characters(mut text: &[u8]) -> &[u8] {
    while let Some((c, rest)) = first_char(text)
        && c.is_whitespace()
    {
        text = rest;
    }
    while let Some((c, rest)) = last_char(text)
        && c.is_whitespace()
    {
        text = rest;
    }
    text
}

/// The first character and what follows; a byte that starts none counts as U+FFFD.
#[inline]
pub fn first_char(text: &[u8]) -> Option<(char, &[u8])> {
    match text {
        [first @ ..0x80, rest @ ..] => Some((char::from(*first), rest)),
        _ => first_of_several(text),
    }
}

fn first_of_several(text: &[u8]) -> Option<(char, &[u8])> {
    let (_, rest) = text.split_first()?;
    let chars = text[..text.len().min(4)].utf8_chunks().next().map_or("", |chunk| chunk.valid());
    match chars.chars().next() {
        Some(c) => Some((c, &text[c.len_utf8()..])),
        None => Some(('\u{fffd}', rest)),
    }
}

/// The last character and what stands before it; a byte that ends none counts as U+FFFD.
pub fn last_char(text: &[u8]) -> Option<(char, &[u8])> {
    let (&last, rest) = text.split_last()?;
    if last.is_ascii() {
        return Some((char::from(last), rest));
    }
    // A character has at most four bytes, and all but its first are continuation bytes.
    let start = (text.len().saturating_sub(4)..text.len()).rev().find(|&i| text[i] & 0xc0 != 0x80);
    let found = start.and_then(|start| {
        let mut chars = std::str::from_utf8(&text[start..]).ok()?.chars();
        let c = chars.next()?;
        chars.next().is_none().then_some((c, &text[..start]))
    });
    Some(found.unwrap_or(('\u{fffd}', rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_white_space_goes() {
        for (text, want) in [
            (&b" \t\n\x0b\x0c\ra b \xc2\x85\xe3\x80\x80"[..], &b"a b"[..]),
            (b"\x85a\xa0", b"\x85a\xa0"),
            (b"\xe3\x80", b"\xe3\x80"),
            (b"  ", b""),
        ] {
            assert_eq!(trim_space(text), want);
        }
    }

    #[test]
    fn broken_characters_are_single_bytes() {
        assert_eq!(first_char(b"\xe2\x82a"), Some(('\u{fffd}', &b"\x82a"[..])));
        assert_eq!(first_char("€a".as_bytes()), Some(('€', &b"a"[..])));
        assert_eq!(last_char("a€".as_bytes()), Some(('€', &b"a"[..])));
        assert_eq!(last_char(b"a\xe2\x82"), Some(('\u{fffd}', &b"a\xe2"[..])));
        assert_eq!(last_char(b"\x82\x82\x82\x82\x82"), Some(('\u{fffd}', &b"\x82\x82\x82\x82"[..])));
    }
}
