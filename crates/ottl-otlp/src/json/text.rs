//! JSON strings: the run of bytes that needs no care, and writing with escapes.

use wide::u8x16;

/// How many leading bytes are plain: no quote, no backslash, no control character below 0x20.
///
/// Sixteen bytes at a time, and a tail together with plain bytes in front of it.
#[inline]
pub(super) fn plain_len(bytes: &[u8]) -> usize {
    let (chunks, tail) = bytes.as_chunks::<16>();
    for (index, chunk) in chunks.iter().enumerate() {
        let hits = special(chunk);
        if hits != 0 {
            return index * 16 + hits.trailing_zeros() as usize;
        }
    }
    match bytes.last_chunk::<16>() {
        Some(last) if !tail.is_empty() => {
            let hits = special(last);
            if hits == 0 { bytes.len() } else { bytes.len() - 16 + hits.trailing_zeros() as usize }
        }
        Some(_) => bytes.len(),
        None => short_plain_len(bytes),
    }
}

/// The bytes that are not plain, a bit for each.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn special(bytes: &[u8; 16]) -> u32 {
    let lanes = u8x16::new(*bytes);
    let is = |byte| lanes.simd_eq(u8x16::splat(byte));
    (is(b'"') | is(b'\\') | lanes.min(u8x16::splat(0x1f)).simd_eq(lanes)).to_bitmask()
}

/// [`plain_len`] of fewer than sixteen bytes: eight of them together, where there are so many, by the highest bits of a word's
/// bytes. The lowest bit so found is right, those above it need not be.
#[inline]
fn short_plain_len(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x8080_8080_8080_8080;
    let special = |chunk: &[u8; 8]| {
        let word = u64::from_le_bytes(*chunk);
        let quote = word ^ (ONES * b'"' as u64);
        let slash = word ^ (ONES * b'\\' as u64);
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        (quote.wrapping_sub(ONES) & !quote | slash.wrapping_sub(ONES) & !slash | control) & TOPS
    };
    let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) else {
        return bytes.iter().position(|&byte| is_special(byte)).unwrap_or(bytes.len());
    };
    for (chunk, at) in [(first, 0), (last, bytes.len() - 8)] {
        let hits = special(chunk);
        if hits != 0 {
            return at + hits.trailing_zeros() as usize / 8;
        }
    }
    bytes.len()
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
