//! JSON strings: the run of bytes that needs no care, and writing with escapes.

/// How many leading bytes are plain: no quote, no backslash, no control character below 0x20.
///
/// Eight bytes at a time: subtracting makes the top bit of a byte show whether it was in the wanted range, and the
/// lowest byte so flagged is always a true hit.
#[inline]
pub(super) fn plain_len(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x8080_8080_8080_8080;
    let (chunks, tail) = bytes.as_chunks::<8>();
    for (index, chunk) in chunks.iter().enumerate() {
        let word = u64::from_le_bytes(*chunk);
        let quote = word ^ (ONES * b'"' as u64);
        let slash = word ^ (ONES * b'\\' as u64);
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let hits = (quote.wrapping_sub(ONES) & !quote | slash.wrapping_sub(ONES) & !slash | control) & TOPS;
        if hits != 0 {
            return index * 8 + hits.trailing_zeros() as usize / 8;
        }
    }
    let done = bytes.len() - tail.len();
    done + tail.iter().position(|&byte| is_special(byte)).unwrap_or(tail.len())
}

#[inline]
const fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Appends a string in quotes, as the reference writes it: quote, backslash and control characters escaped (`\n`,
/// `\r`, `\t`, else `\u00..`), everything else as it is, invalid UTF-8 included.
pub fn put_string(out: &mut Vec<u8>, text: &[u8]) {
    // Long texts would otherwise double the buffer on the way.
    out.reserve(text.len() + 2);
    out.push(b'"');
    let mut rest = text;
    loop {
        let plain = plain_len(rest);
        out.extend_from_slice(&rest[..plain]);
        let Some(&special) = rest.get(plain) else {
            break;
        };
        put_escape(out, special);
        rest = &rest[plain + 1..];
    }
    out.push(b'"');
}

fn put_escape(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        b'"' | b'\\' => byte,
        _ => {
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_len_agrees_with_a_simple_loop() {
        let mut text: Vec<u8> = (0u8..=255).cycle().take(700).collect();
        text.retain(|byte| byte % 7 != 3);
        for start in 0..text.len() {
            let bytes = &text[start..];
            let expected = bytes.iter().position(|&byte| is_special(byte)).unwrap_or(bytes.len());
            assert_eq!(plain_len(bytes), expected, "from byte {start}");
        }
    }

    #[test]
    fn strings_are_escaped_as_the_reference_does() {
        let rows: [(&[u8], &[u8]); 5] = [
            (b"", b"\"\""),
            (b"a<>&\x7f/", b"\"a<>&\x7f/\""),
            (b"\"\\\n\r\t", br#""\"\\\n\r\t""#),
            (b"\x00\x08\x1f", br#""\u0000\u0008\u001f""#),
            (b"\xff\xe2\x80\xa8", b"\"\xff\xe2\x80\xa8\""),
        ];
        for (text, expected) in rows {
            let mut out = Vec::new();
            put_string(&mut out, text);
            assert_eq!(out, expected);
        }
    }
}
