//! Texts and the values of attributes: where they end, entities, line ends, and which characters they may have.

use memchr::{memchr, memchr2, memmem};
use ottl_core::EvalError;

use super::{Tokens, fault, too_short};

impl<'a> Tokens<'a> {
    /// The text up to the next tag.
    pub(super) fn text(&mut self) -> Result<&'a [u8], EvalError> {
        let rest = &self.input[self.at..];
        let text = &rest[..memchr(b'<', rest).unwrap_or(rest.len())];
        self.at += text.len();
        self.characters(text, true)
    }

    /// The value behind a quote, up to the next one, which is skipped.
    pub(super) fn quoted(&mut self, quote: u8) -> Result<&'a [u8], EvalError> {
        let rest = &self.input[self.at..];
        let Some(len) = memchr2(quote, b'<', rest) else { return too_short() };
        if rest[len] == b'<' {
            return fault("the value of an XML attribute has a `<`");
        }
        self.at += len + 1;
        self.characters(&rest[..len], false)
    }

    /// The text of a CDATA section, whose end is skipped.
    pub(super) fn section(&mut self) -> Result<&'a [u8], EvalError> {
        let text = self.until(b"]]>")?;
        let text = if memchr(b'\r', text).is_some() { self.unescaped(text, false, false)? } else { text };
        allowed(text)
    }

    /// The characters that a piece of the source stands for; `]]>` is an error in a text.
    fn characters(&self, raw: &'a [u8], is_text: bool) -> Result<&'a [u8], EvalError> {
        if memchr2(b'&', b'\r', raw).is_some() {
            return allowed(self.unescaped(raw, true, is_text)?);
        }
        if is_text && memmem::find(raw, b"]]>").is_some() {
            return unescaped_end();
        }
        allowed(raw)
    }

    /// Replaces entities, if there are any, and line ends.
    fn unescaped(&self, raw: &[u8], entities: bool, is_text: bool) -> Result<&'a [u8], EvalError> {
        let mut out = self.arena.vec_for(raw.len())?;
        let mut at = 0;
        // Behind an entity `]]` begins anew.
        let mut behind = 0;
        while let Some(&byte) = raw.get(at) {
            match byte {
                b'&' if entities => {
                    let Some((c, len)) = entity(&raw[at + 1..]) else {
                        return fault("an XML text has an unknown or broken entity");
                    };
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes())?;
                    at += 1 + len;
                    behind = at;
                    continue;
                }
                b'>' if is_text && raw[behind..at].ends_with(b"]]") => return unescaped_end(),
                b'\r' => out.push(b'\n')?,
                b'\n' if raw[behind..at].ends_with(b"\r") => {}
                _ => out.push(byte)?,
            }
            at += 1;
        }
        Ok(out.into_slice())
    }
}

fn unescaped_end<T>() -> Result<T, EvalError> {
    fault("an XML text has a `]]>` outside of a CDATA section")
}

/// The character that an entity stands for, and how long the entity is without its `&`.
fn entity(text: &[u8]) -> Option<(char, usize)> {
    // The longest ones are numbers, which may have any number of zeros.
    let len = memchr(b';', text)?;
    let name = &text[..len];
    let c = match name {
        b"lt" => '<',
        b"gt" => '>',
        b"amp" => '&',
        b"apos" => '\'',
        b"quot" => '"',
        [b'#', b'x', digits @ ..] => numbered(digits, 16)?,
        [b'#', digits @ ..] => numbered(digits, 10)?,
        _ => return None,
    };
    Some((c, len + 1))
}

fn numbered(digits: &[u8], radix: u32) -> Option<char> {
    if digits.is_empty() {
        return None;
    }
    let number = digits.iter().try_fold(0u32, |number, &digit| {
        let digit = char::from(digit).to_digit(radix)?;
        number.checked_mul(radix)?.checked_add(digit)
    })?;
    // COMPAT: half of a surrogate pair is U+FFFD.
    if number > u32::from(char::MAX) { None } else { Some(char::from_u32(number).unwrap_or('\u{fffd}')) }
}

/// The text, if it is UTF-8 of characters that XML allows.
fn allowed(text: &[u8]) -> Result<&[u8], EvalError> {
    let is_plain = |byte: u8| byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r');
    if text.is_ascii() {
        return if text.iter().all(|&byte| is_plain(byte)) { Ok(text) } else { illegal() };
    }
    match std::str::from_utf8(text) {
        Ok(valid) if valid.bytes().all(is_plain) && !valid.contains(['\u{fffe}', '\u{ffff}']) => Ok(text),
        _ => illegal(),
    }
}

fn illegal<T>() -> Result<T, EvalError> {
    fault("an XML text is no UTF-8 or has a character that XML does not allow")
}
