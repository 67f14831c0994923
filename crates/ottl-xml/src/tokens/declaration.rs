//! Processing instructions, and what the one named `xml` declares: version and encoding.

use memchr::{memchr, memmem};
use ottl_core::EvalError;

use super::{Source, Token, Tokens, fault};

impl<'a> Tokens<'a> {
    /// The piece behind `<?`.
    pub(super) fn instruction(&mut self) -> Result<Token<'a>, EvalError> {
        let target = self.name()?;
        self.skip_space();
        let text = self.until(b"?>")?;
        if target == b"xml" {
            let version = declared(text, b"version=");
            if !version.is_empty() && version != b"1.0" {
                return fault("XML of another version than 1.0");
            }
            let encoding = declared(text, b"encoding=");
            if !encoding.is_empty() && !encoding.eq_ignore_ascii_case(b"utf-8") {
                self.decode(encoding)?;
            }
        }
        Ok(Token::Instruction(target, text))
    }

    /// Goes on with the rest of the text in UTF-8.
    fn decode(&mut self, label: &[u8]) -> Result<(), EvalError> {
        let Some(charset) = self.charset else { return fault("XML in another encoding than UTF-8") };
        let rest = &self.input[self.at..];
        let Some(text) = charset(label, rest, self.arena)? else {
            return fault("XML declares an encoding that is not known");
        };
        let Some(growth) = self.growth.checked_sub(text.len()) else {
            return fault("XML declares encodings again and again");
        };
        self.growth = growth;
        self.input = text;
        self.at = 0;
        self.source = Source::Rest(rest);
        Ok(())
    }
}

/// The quoted value behind a name with its `=`; none is empty. COMPAT: the name may be the end of another one, and where
/// no quote follows, the next place of it counts.
fn declared<'a>(mut text: &'a [u8], name: &[u8]) -> &'a [u8] {
    while let Some(at) = memmem::find(text, name) {
        let Some((&quote, rest)) = text[at + name.len()..].split_first() else { break };
        if matches!(quote, b'"' | b'\'') {
            return memchr(quote, rest).map_or(&[], |len| &rest[..len]);
        }
        text = rest;
    }
    &[]
}
