//! What rules look for in texts.

use memchr::{memchr, memrchr};

use super::super::redaction::{EMAIL, next_address};

/// Bytes that a body may have, and a text of an attribute.
pub const BODY_LIMIT: usize = 8192;
pub const VALUE_LIMIT: usize = 256;

/// What a look at a whole text says may be in it.
#[derive(Clone, Copy, Default)]
pub struct Signs {
    /// A password or a token.
    pub secret: bool,
    /// The number of a card.
    pub card: bool,
    /// `panic` or `fatal`, in letters of any case.
    pub alarm: bool,
}

const STEP: usize = 16;
/// How far apart the bytes are that are looked at together.
const REACH: usize = 4;

/// Looks at each place of the block: the first and the last letter of `panic` and `fatal`; an equals sign behind the last
/// letter of `password` and `token`; a dash behind a digit.
#[inline(always)]
fn look(block: &[u8; STEP + REACH], found: &mut [[u8; STEP]; 3]) {
    let mask = |is: bool| if is { 0xff } else { 0 };
    for i in 0..STEP {
        let (first, before, last) = (block[i], block[i + REACH - 1], block[i + REACH]);
        let (low, high) = (first | 0x20, last | 0x20);
        found[0][i] |= (mask(low == b'p') & mask(high == b'c')) | (mask(low == b'f') & mask(high == b'l'));
        found[1][i] |= mask(last == b'=') & (mask(before == b'd') | mask(before == b'n'));
        found[2][i] |= mask(last == b'-') & mask(before.wrapping_sub(b'0') < 10);
    }
}

/// What may be in this text.
// Not inlined: it needs the registers for itself.
#[inline(never)]
pub fn signs(text: &[u8]) -> Signs {
    let mut found = [[0; STEP]; 3];
    let mut rest = text;
    while let Some(block) = rest.first_chunk() {
        look(block, &mut found);
        rest = &rest[STEP..];
    }
    match text.last_chunk() {
        Some(block) => look(block, &mut found),
        None => {
            let mut block = [0; STEP + REACH];
            block[..text.len()].copy_from_slice(text);
            look(&block, &mut found);
        }
    }
    let [alarm, secret, card] = found.map(|found| found.iter().fold(false, |any, byte| any | (*byte != 0)));
    Signs { secret, card: card && has_card(text), alarm }
}

#[cold]
fn has_card(text: &[u8]) -> bool {
    text.windows(CARD).any(is_card)
}

/// Whether it says panic or fatal.
#[cold]
pub fn is_alarm(text: &[u8]) -> bool {
    text.windows(5).any(|word| word.eq_ignore_ascii_case(b"panic") || word.eq_ignore_ascii_case(b"fatal"))
}

/// Puts the body with asterisks for passwords and tokens, and `<card>` for numbers of cards.
#[inline(always)]
pub fn redact(text: &[u8], has_card: bool, out: &mut Vec<u8>) {
    out.clear();
    // Where a password or a token ends behind which nothing was written yet, where the search goes on, and where the last token
    // ends: its text is no longer there for another one, but it is for a password, which is looked for first.
    let (mut run, mut next, mut token) = (0, 0, 0);
    let put = |text: &[u8], out: &mut Vec<u8>| if has_card { cards(text, out) } else { out.extend_from_slice(text) };
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
            put(&text[run..next], out);
            out.extend_from_slice(b"***");
            run = next + len;
            next = run;
        }
    }
    put(&text[run..], out);
}

/// Bytes of the number of a card.
const CARD: usize = 19;

fn is_card(number: &[u8]) -> bool {
    number.iter().enumerate().all(|(i, byte)| if i % 5 == 4 { *byte == b'-' } else { byte.is_ascii_digit() })
}

/// Puts the text with `<card>` for numbers of cards.
#[cold]
fn cards(text: &[u8], out: &mut Vec<u8>) {
    let mut run = 0;
    while let Some(start) = text[run..].windows(CARD).position(is_card) {
        out.extend_from_slice(&text[run..run + start]);
        out.extend_from_slice(b"<card>");
        run += start + CARD;
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

/// What a path says.
pub struct Path {
    /// Where it ends without its query.
    pub end: usize,
    /// Probes ask for it.
    pub probe: bool,
    /// It may have an address, or is too long.
    pub text: bool,
}

/// The path between these places of a record.
#[inline(always)]
pub fn path(record: &[u8], start: usize, end: usize) -> Path {
    if may_have(record, start, end, |byte| byte == b'?' || byte == b'@') {
        return unusual_path(record, start, end);
    }
    Path { end, probe: is_probe(&record[start..end]), text: false }
}

#[inline(never)]
fn unusual_path(record: &[u8], start: usize, end: usize) -> Path {
    let path = &record[start..end];
    // Few bytes: a call would take longer than to look at each.
    let first = path.iter().position(|byte| matches!(byte, b'?' | b'@' | b'\n')).unwrap_or(path.len());
    let len = match path.get(first) {
        Some(b'?') if !path[first..].contains(&b'\n') => first,
        None => first,
        _ => {
            let line = memrchr(b'\n', path).map_or(0, |end| end + 1);
            memchr(b'?', &path[line..]).map_or(path.len(), |first| line + first)
        }
    };
    let path = &path[..len];
    Path { end: start + len, probe: is_probe(path), text: first < len || len > VALUE_LIMIT }
}

/// Whether this is the path of a probe.
#[inline(always)]
fn is_probe(path: &[u8]) -> bool {
    match path.len() {
        5 => path == b"/live",
        6 => path == b"/livez" || path == b"/ready",
        7 => path == b"/readyz" || path == b"/health",
        8 => path == b"/healthz",
        _ => false,
    }
}

/// Whether the text between these places of a record may have an address or is too long.
#[inline(always)]
pub fn may_change(record: &[u8], start: usize, end: usize) -> bool {
    // The shortest address has five bytes.
    end - start >= 5 && may_have(record, start, end, |byte| byte == b'@')
}

/// Whether such a byte may be between these places of a record; it may also stand behind them.
#[inline(always)]
fn may_have(record: &[u8], start: usize, end: usize, is: impl Fn(u8) -> bool) -> bool {
    match record[start..].first_chunk::<32>() {
        Some(block) if end - start <= block.len() => {
            // All of them, without a branch: the compiler takes many at once.
            block.iter().fold(false, |found, byte| found | is(*byte))
        }
        _ => end - start > VALUE_LIMIT || record[start..end].iter().any(|byte| is(*byte)),
    }
}
