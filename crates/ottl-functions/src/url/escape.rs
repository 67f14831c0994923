//! Percent escapes: which bytes each part of a URL escapes, as `net/url` decides it.

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

fn should_escape(byte: u8, mode: Mode) -> bool {
    if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
        return false;
    }
    if matches!(mode, Mode::Host | Mode::Zone) {
        return !b"!$&'()*+,;=:[]<>\"".contains(&byte);
    }
    match byte {
        b'$' | b'&' | b'+' | b',' | b'/' | b':' | b';' | b'=' | b'?' | b'@' => match mode {
            Mode::Path => byte == b'?',
            Mode::UserPassword => b"@/?:".contains(&byte),
            Mode::Query => true,
            _ => false,
        },
        b'!' | b'(' | b')' | b'*' => mode != Mode::Fragment,
        _ => true,
    }
}

/// Whether a text is a possible spelling of an escaped part.
pub(super) fn valid_encoded(text: &[u8], mode: Mode) -> bool {
    text.iter().all(|byte| b"!$&'()*+,;=:@[]%".contains(byte) || !should_escape(*byte, mode))
}

pub(super) fn escape(text: &[u8], mode: Mode) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        if !should_escape(byte, mode) {
            out.push(byte);
        } else if byte == b' ' && mode == Mode::Query {
            out.push(b'+');
        } else {
            out.extend([b'%', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
    }
    out
}

pub(super) fn unescape(text: &[u8], mode: Mode) -> Result<Vec<u8>, String> {
    let bad = |text: &[u8]| Err(format!("invalid URL escape {}", quote(text)));
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
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
            _ if matches!(mode, Mode::Host | Mode::Zone) && byte < 0x80 && should_escape(byte, mode) => {
                return Err(format!("invalid character {} in host name", quote(&[byte])));
            }
            _ => out.push(byte),
        }
    }
    Ok(out)
}
