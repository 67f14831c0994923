//! Percent escapes: which bytes each part of a URL escapes, as `net/url` decides it.

use std::borrow::Cow;

use super::quote;

/// The part of a URL that a text belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Path,
    Host,
    Zone,
    UserPassword,
    Query,
    Fragment,
}

/// For each part, which bytes it escapes.
static ESCAPED: [[bool; 256]; 6] = {
    let modes = [Mode::Path, Mode::Host, Mode::Zone, Mode::UserPassword, Mode::Query, Mode::Fragment];
    let (mut table, mut n) = ([[false; 256]; 6], 0);
    while n < modes.len() * 256 {
        let (mode, byte) = (modes[n / 256], n % 256);
        table[mode as usize][byte] = is_escaped(byte as u8, mode);
        n += 1;
    }
    table
};

fn should_escape(byte: u8, mode: Mode) -> bool {
    ESCAPED[mode as usize][usize::from(byte)]
}

const fn is_escaped(byte: u8, mode: Mode) -> bool {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
        return false;
    }
    if matches!(mode, Mode::Host | Mode::Zone) {
        return !matches!(byte, b'!' | b'$' | b'&'..=b',' | b';' | b'=' | b':' | b'[' | b']' | b'<' | b'>' | b'"');
    }
    match byte {
        b'$' | b'&' | b'+' | b',' | b'/' | b':' | b';' | b'=' | b'?' | b'@' => match mode {
            Mode::Path => byte == b'?',
            Mode::UserPassword => matches!(byte, b'@' | b'/' | b'?' | b':'),
            Mode::Query => true,
            _ => false,
        },
        b'!' | b'(' | b')' | b'*' => !matches!(mode, Mode::Fragment),
        _ => true,
    }
}

/// Whether a text is a possible spelling of an escaped part.
pub(super) fn valid_encoded(text: &[u8], mode: Mode) -> bool {
    text.iter().all(|byte| b"!$&'()*+,;=:@[]%".contains(byte) || !should_escape(*byte, mode))
}

pub(super) fn escape(text: &[u8], mode: Mode) -> Cow<'_, [u8]> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let Some(plain) = text.iter().position(|byte| should_escape(*byte, mode)) else { return Cow::Borrowed(text) };
    let mut out = Vec::with_capacity(text.len() + 16);
    out.extend_from_slice(&text[..plain]);
    for &byte in &text[plain..] {
        if !should_escape(byte, mode) {
            out.push(byte);
        } else if byte == b' ' && mode == Mode::Query {
            out.push(b'+');
        } else {
            out.extend([b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
    Cow::Owned(out)
}

/// Whether a byte stands for itself.
fn is_plain(byte: u8, mode: Mode) -> bool {
    match byte {
        b'%' => false,
        b'+' => mode != Mode::Query,
        _ => !matches!(mode, Mode::Host | Mode::Zone) || byte >= 0x80 || !should_escape(byte, mode),
    }
}

pub(super) fn unescape(text: &[u8], mode: Mode) -> Result<Cow<'_, [u8]>, String> {
    let bad = |text: &[u8]| Err(format!("invalid URL escape {}", quote(text)));
    let Some(mut at) = text.iter().position(|byte| !is_plain(*byte, mode)) else { return Ok(Cow::Borrowed(text)) };
    let mut out = Vec::with_capacity(text.len());
    out.extend_from_slice(&text[..at]);
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'%' => {
                let code = &text[at - 1..text.len().min(at + 2)];
                let hex = |at: usize| code.get(at).and_then(|&digit| char::from(digit).to_digit(16));
                let (Some(high), Some(low)) = (hex(1), hex(2)) else { return bad(code) };
                let value = (high * 16 + low) as u8;
                let refused = match mode {
                    // Hosts may only escape what is not ASCII, zones a blank as well.
                    Mode::Host => high < 8,
                    Mode::Zone => value != b' ' && should_escape(value, Mode::Host),
                    _ => false,
                };
                if refused && code != b"%25" {
                    return bad(code);
                }
                out.push(value);
                at += 2;
            }
            b'+' if mode == Mode::Query => out.push(b' '),
            _ if is_plain(byte, mode) => out.push(byte),
            _ => return Err(format!("invalid character {} in host name", quote(&[byte]))),
        }
    }
    Ok(Cow::Owned(out))
}
