//! [`Scanner`]: JSON tokens out of a byte slice, and values skipped whole.
//!
//! COMPAT: as in the reference, a raw control character is refused only before the first escape of a string, a lone
//! surrogate becomes U+FFFD, and bytes need not be UTF-8.

use super::error::{JsonError, JsonErrorKind};
use super::text::plain_len;
use crate::schema::MAX_DEPTH;

pub(crate) struct Scanner<'t> {
    text: &'t [u8],
    pos: usize,
    /// Open brackets of a value being skipped.
    open: Vec<u8>,
}

impl<'t> Scanner<'t> {
    pub(crate) const fn new(text: &'t [u8]) -> Self {
        Self { text, pos: 0, open: Vec::new() }
    }

    #[inline]
    pub(crate) const fn pos(&self) -> usize {
        self.pos
    }

    /// What has not been consumed.
    #[inline]
    pub(crate) fn rest(&self) -> &'t [u8] {
        &self.text[self.pos..]
    }

    /// Consumes so many bytes of it.
    #[inline]
    pub(crate) fn skip(&mut self, bytes: usize) {
        self.pos += bytes;
    }

    /// All of the text.
    pub(crate) const fn text(&self) -> &'t [u8] {
        self.text
    }

    /// Consumes white space; where the value after it starts.
    pub(crate) fn value_start(&mut self) -> usize {
        self.peek();
        self.pos
    }

    #[inline]
    pub(crate) const fn remaining(&self) -> usize {
        self.text.len() - self.pos
    }

    /// An error at the byte consumed last.
    #[cold]
    pub(crate) fn error(&self, kind: JsonErrorKind) -> JsonError {
        JsonError::new(kind, self.pos.saturating_sub(1))
    }

    /// Consumes white space and looks at the byte after it.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.get(self.pos) {
                Some(b' ' | b'\n' | b'\t' | b'\r') => self.pos += 1,
                other => return other.copied(),
            }
        }
    }

    /// Consumes white space and the byte after it.
    #[inline]
    pub(crate) fn token(&mut self) -> Result<u8, JsonError> {
        match self.peek() {
            Some(byte) => {
                self.pos += 1;
                Ok(byte)
            }
            None => Err(JsonError::new(JsonErrorKind::UnexpectedEnd, self.pos)),
        }
    }

    /// Consumes a byte that must come next.
    #[inline]
    pub(crate) fn expect(&mut self, wanted: u8) -> Result<(), JsonError> {
        if self.token()? == wanted { Ok(()) } else { Err(self.error(JsonErrorKind::UnexpectedByte)) }
    }

    /// Consumes the rest of `null`, `true` or `false` after its first letter.
    #[inline]
    pub(crate) fn literal(&mut self, rest: &[u8]) -> Result<(), JsonError> {
        match self.text[self.pos..].strip_prefix(rest) {
            Some(_) => {
                self.pos += rest.len();
                Ok(())
            }
            None => Err(self.error(JsonErrorKind::UnexpectedByte)),
        }
    }

    /// Nothing but white space may be left.
    pub(crate) fn end(&mut self) -> Result<(), JsonError> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(JsonError::new(JsonErrorKind::TrailingData, self.pos)),
        }
    }

    /// A string after its opening quote, when it has no escape: its bytes, closing quote consumed. Otherwise nothing
    /// is consumed and the caller goes through [`Scanner::unescape`].
    #[inline]
    pub(crate) fn plain_string(&mut self) -> Result<Option<&'t [u8]>, JsonError> {
        let rest = &self.text[self.pos..];
        let len = plain_len(rest);
        match rest.get(len) {
            Some(b'"') => {
                self.pos += len + 1;
                Ok(Some(&rest[..len]))
            }
            Some(b'\\') => Ok(None),
            Some(_) => Err(JsonError::new(JsonErrorKind::ControlCharacter, self.pos + len)),
            None => Err(JsonError::new(JsonErrorKind::UnexpectedEnd, self.text.len())),
        }
    }

    /// A string after its opening quote as it stands, escapes included, up to the next quote.
    ///
    /// COMPAT: the reference reads ids and base64 so; an escape in them is an error of the value.
    #[inline]
    pub(crate) fn raw_string(&mut self) -> Result<&'t [u8], JsonError> {
        let rest = &self.text[self.pos..];
        match memchr::memchr(b'"', rest) {
            Some(len) => {
                self.pos += len + 1;
                Ok(&rest[..len])
            }
            None => Err(JsonError::new(JsonErrorKind::UnexpectedEnd, self.text.len())),
        }
    }

    /// A string after its opening quote, with `scratch` for one that has escapes.
    #[inline]
    pub(crate) fn string<'s>(&mut self, scratch: &'s mut Vec<u8>) -> Result<&'s [u8], JsonError>
    where
        't: 's,
    {
        match self.plain_string()? {
            Some(text) => Ok(text),
            None => {
                scratch.clear();
                self.unescape(scratch)?;
                Ok(scratch)
            }
        }
    }

    /// Appends a string after its opening quote, escapes resolved.
    pub(crate) fn unescape(&mut self, out: &mut Vec<u8>) -> Result<(), JsonError> {
        loop {
            let rest = &self.text[self.pos..];
            let len = memchr::memchr2(b'"', b'\\', rest)
                .ok_or(JsonError::new(JsonErrorKind::UnexpectedEnd, self.text.len()))?;
            out.extend_from_slice(&rest[..len]);
            self.pos += len + 1;
            if rest[len] == b'"' {
                return Ok(());
            }
            self.escape(out)?;
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), JsonError> {
        let byte = self.byte()?;
        let plain = match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => return self.unicode_escape(out),
            _ => return Err(self.error(JsonErrorKind::BadEscape)),
        };
        out.push(plain);
        Ok(())
    }

    fn unicode_escape(&mut self, out: &mut Vec<u8>) -> Result<(), JsonError> {
        let first = self.hex4()?;
        let mut unit = first;
        if (0xd800..0xe000).contains(&first) {
            if !self.text[self.pos..].starts_with(b"\\u") {
                put_char(out, first);
                return Ok(());
            }
            self.pos += 2;
            let second = self.hex4()?;
            if first < 0xdc00 && (0xdc00..0xe000).contains(&second) {
                unit = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            } else {
                put_char(out, first);
                unit = second;
            }
        }
        put_char(out, unit);
        Ok(())
    }

    fn hex4(&mut self) -> Result<u32, JsonError> {
        let mut unit = 0;
        for _ in 0..4 {
            let byte = self.byte()?;
            let digit = char::from(byte).to_digit(16).ok_or(self.error(JsonErrorKind::BadEscape))?;
            unit = unit << 4 | digit;
        }
        Ok(unit)
    }

    #[inline]
    fn byte(&mut self) -> Result<u8, JsonError> {
        match self.text.get(self.pos) {
            Some(&byte) => {
                self.pos += 1;
                Ok(byte)
            }
            None => Err(JsonError::new(JsonErrorKind::UnexpectedEnd, self.pos)),
        }
    }

    /// The text of a number whose first byte (a digit or a minus) is consumed already. The grammar is JSON's: no
    /// leading zeros, digits on both sides of a dot.
    pub(crate) fn number(&mut self) -> Result<&'t [u8], JsonError> {
        let start = self.pos - 1;
        let text = &self.text[start..];
        let digits = |from: usize| text[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let bad = JsonError::new(JsonErrorKind::BadNumber, start);
        let mut len = usize::from(text[0] == b'-');
        let whole = digits(len);
        if whole == 0 || (whole > 1 && text[len] == b'0') {
            return Err(bad);
        }
        len += whole;
        if text.get(len) == Some(&b'.') {
            let fraction = digits(len + 1);
            if fraction == 0 {
                return Err(bad);
            }
            len += 1 + fraction;
        }
        if let Some(b'e' | b'E') = text.get(len) {
            len += 1;
            len += usize::from(matches!(text.get(len), Some(b'+' | b'-')));
            let exponent = digits(len);
            if exponent == 0 {
                return Err(bad);
            }
            len += exponent;
        }
        self.pos = start + len;
        Ok(&text[..len])
    }

    /// Consumes one value of any type and shape.
    pub(crate) fn skip_value(&mut self) -> Result<(), JsonError> {
        self.open.clear();
        loop {
            match self.token()? {
                b'"' => self.skip_string()?,
                b'n' => self.literal(b"ull")?,
                b't' => self.literal(b"rue")?,
                b'f' => self.literal(b"alse")?,
                b'-' | b'0'..=b'9' => drop(self.number()?),
                bracket @ (b'{' | b'[') => {
                    if self.open.len() >= MAX_DEPTH {
                        return Err(self.error(JsonErrorKind::TooDeep));
                    }
                    // The closing bracket is two above the opening one in ASCII, for both kinds.
                    if self.peek() == Some(bracket + 2) {
                        self.pos += 1;
                    } else {
                        self.open.push(bracket);
                        if bracket == b'{' {
                            self.skip_key()?;
                        }
                        continue;
                    }
                }
                _ => return Err(self.error(JsonErrorKind::UnexpectedByte)),
            }
            // A value is complete: close whatever it completes, or go on to the next one.
            loop {
                let Some(&bracket) = self.open.last() else {
                    return Ok(());
                };
                match self.token()? {
                    b',' => {
                        if bracket == b'{' {
                            self.skip_key()?;
                        }
                        break;
                    }
                    close if close == bracket + 2 => drop(self.open.pop()),
                    _ => return Err(self.error(JsonErrorKind::UnexpectedByte)),
                }
            }
        }
    }

    fn skip_key(&mut self) -> Result<(), JsonError> {
        self.expect(b'"')?;
        self.skip_string()?;
        self.expect(b':')
    }

    fn skip_string(&mut self) -> Result<(), JsonError> {
        if self.plain_string()?.is_some() {
            return Ok(());
        }
        loop {
            let rest = &self.text[self.pos..];
            let len = memchr::memchr2(b'"', b'\\', rest)
                .ok_or(JsonError::new(JsonErrorKind::UnexpectedEnd, self.text.len()))?;
            self.pos += len + 1;
            if rest[len] == b'"' {
                return Ok(());
            }
            match self.byte()? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                b'u' => drop(self.hex4()?),
                _ => return Err(self.error(JsonErrorKind::BadEscape)),
            }
        }
    }
}

/// Appends a character as UTF-8; a surrogate becomes U+FFFD.
fn put_char(out: &mut Vec<u8>, code: u32) {
    let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}
