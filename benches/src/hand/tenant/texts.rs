//! What rules look for in texts.

use memchr::memchr;

use super::super::redaction::{EMAIL, next_address};

/// Bytes that a body may have, and a text of an attribute.
pub const BODY_LIMIT: usize = 8192;
pub const VALUE_LIMIT: usize = 256;

/// What a look at a whole text says may be in it.
#[derive(Clone, Copy, Default)]
pub struct Signs {
    /// A password, a token or a card.
    pub secret: bool,
    /// `panic` or `fatal`, in letters of any case.
    pub alarm: bool,
}

const BLOCK: usize = 16;
/// How far apart the bytes are that are looked at together.
const REACH: usize = 4;

/// Looks at each place of the block: the first and the last letter of `panic` and `fatal`; an equals sign behind the last
/// letter of `password` and `token`; a dash behind four bytes of which the first and the last are digits.
#[inline(always)]
fn look(block: &[u8; BLOCK + REACH], secret: &mut [u8; BLOCK], alarm: &mut [u8; BLOCK]) {
    let mask = |is: bool| if is { 0xff } else { 0 };
    for i in 0..BLOCK {
        let (first, before, last) = (block[i], block[i + REACH - 1], block[i + REACH]);
        let digit = |byte: u8| mask(byte.wrapping_sub(b'0') < 10);
        let (low, high) = (first | 0x20, last | 0x20);
        alarm[i] |= (mask(low == b'p') & mask(high == b'c')) | (mask(low == b'f') & mask(high == b'l'));
        secret[i] |= (mask(last == b'=') & (mask(before == b'd') | mask(before == b'n')))
            | (mask(last == b'-') & digit(first) & digit(before));
    }
}

/// What may be in this text.
#[inline(always)]
pub fn signs(text: &[u8]) -> Signs {
    let (mut secret, mut alarm) = ([0; BLOCK], [0; BLOCK]);
    let mut rest = text;
    while let Some(block) = rest.first_chunk() {
        look(block, &mut secret, &mut alarm);
        rest = &rest[BLOCK..];
    }
    match text.last_chunk() {
        Some(block) => look(block, &mut secret, &mut alarm),
        None => {
            let mut block = [0; BLOCK + REACH];
            block[..text.len()].copy_from_slice(text);
            look(&block, &mut secret, &mut alarm);
        }
    }
    Signs { secret: u128::from_le_bytes(secret) != 0, alarm: u128::from_le_bytes(alarm) != 0 }
}

/// Whether it says panic or fatal.
#[cold]
pub fn is_alarm(text: &[u8]) -> bool {
    text.windows(5).any(|word| word.eq_ignore_ascii_case(b"panic") || word.eq_ignore_ascii_case(b"fatal"))
}

/// Puts the body with asterisks for passwords and tokens, and `<card>` for numbers of cards.
#[inline(always)]
pub fn redact(text: &[u8], out: &mut Vec<u8>) {
    out.clear();
    // Where a password or a token ends behind which nothing was written yet, where the search goes on, and where the last token
    // ends: its text is no longer there for another one, but it is for a password, which is looked for first.
    let (mut run, mut next, mut token) = (0, 0, 0);
    while let Some(found) = memchr(b'=', &text[next..]) {
        let at = next + found;
        next = at + 1;
        let value = &text[next..];
        let len = if text[..at].ends_with(b"password") {
            memchr(b' ', value).unwrap_or(value.len())
        } else if text[run.max(token)..at].ends_with(b"token") {
            let of_token = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
            let len = value.iter().take_while(|byte| of_token(byte)).count();
            token = next + len;
            len
        } else {
            0
        };
        if len > 0 {
            cards(&text[run..next], out);
            out.extend_from_slice(b"***");
            run = next + len;
            next = run;
        }
    }
    cards(&text[run..], out);
}

/// Puts the text with `<card>` for numbers of cards.
#[inline(always)]
fn cards(text: &[u8], out: &mut Vec<u8>) {
    const LEN: usize = 19;
    let is_card = |number: &[u8]| {
        number.iter().enumerate().all(|(i, byte)| if i % 5 == 4 { *byte == b'-' } else { byte.is_ascii_digit() })
    };
    let (mut run, mut next) = (0, 4);
    while let Some(found) = text.get(next..).and_then(|rest| memchr(b'-', rest)) {
        let start = next + found - 4;
        match text.get(start..start + LEN) {
            Some(number) if is_card(number) => {
                out.extend_from_slice(&text[run..start]);
                out.extend_from_slice(b"<card>");
                run = start + LEN;
                next = run + 4;
            }
            _ => next += found + 1,
        }
    }
    out.extend_from_slice(&text[run..]);
}

/// Puts the text with `<email>` for addresses, cut.
pub fn redact_addresses(text: &[u8], out: &mut Vec<u8>) {
    let mut run = 0;
    while let Some((start, end)) = next_address(text, run) {
        out.extend_from_slice(&text[run..start]);
        out.extend_from_slice(EMAIL);
        run = end;
    }
    out.extend_from_slice(&text[run..]);
    out.truncate(cut(out));
}

/// How much of a value's text stays: what fits, and no part of a character.
pub fn cut(text: &[u8]) -> usize {
    match text.get(VALUE_LIMIT) {
        None => text.len(),
        Some(_) => (0..=VALUE_LIMIT).rev().find(|end| text[*end] & 0xc0 != 0x80).unwrap_or(0),
    }
}

/// Where the query of a path begins: the first question mark of its last line.
#[inline(always)]
pub fn query(path: &[u8]) -> usize {
    match memchr(b'?', path) {
        None => path.len(),
        Some(first) if memchr(b'\n', &path[first..]).is_none() => first,
        Some(_) => {
            let line = memchr::memrchr(b'\n', path).map_or(0, |end| end + 1);
            memchr(b'?', &path[line..]).map_or(path.len(), |first| line + first)
        }
    }
}

/// Whether the text between these places of a record has an `@`.
#[inline(always)]
pub fn has_at(record: &[u8], start: usize, end: usize) -> bool {
    // The shortest address has five bytes.
    end - start >= 5 && memchr(b'@', &record[start..end]).is_some()
}
