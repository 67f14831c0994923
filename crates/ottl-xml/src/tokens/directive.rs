//! What begins with `<!`: comments, CDATA sections, and directives, which nest.

use ottl_core::EvalError;

use super::{Token, Tokens, fault};

impl<'a> Tokens<'a> {
    /// The piece behind `<!`.
    pub(super) fn markup(&mut self) -> Result<Token<'a>, EvalError> {
        match self.byte()? {
            b'-' if self.byte()? == b'-' => {
                let text = self.until(b"--")?;
                if self.byte()? != b'>' {
                    return fault("an XML comment has `--` in it");
                }
                Ok(Token::Comment(text))
            }
            b'-' => fault("an XML comment begins with one hyphen"),
            b'[' => {
                for &want in b"CDATA[" {
                    if self.byte()? != want {
                        return fault("`<![` begins nothing but a CDATA section in XML");
                    }
                }
                Ok(Token::Text(self.section()?))
            }
            first => self.directive(first),
        }
    }

    /// A directive. It ends at the first `>` that is neither quoted nor the end of something that begins with `<`;
    /// comments in it become a blank.
    fn directive(&mut self, first: u8) -> Result<Token<'a>, EvalError> {
        let mut out = self.arena.vec();
        out.push(first)?;
        let mut quote = None;
        let mut depth = 0usize;
        loop {
            let mut byte = self.byte()?;
            if quote.is_none() && byte == b'>' && depth == 0 {
                return Ok(Token::Directive(out.into_slice()));
            }
            loop {
                out.push(byte)?;
                match (quote, byte) {
                    (Some(quoted), _) if quoted == byte => quote = None,
                    (Some(_), _) => {}
                    (None, b'"' | b'\'') => quote = Some(byte),
                    (None, b'>') => depth -= 1,
                    (None, b'<') => {
                        if let Some((matched, other)) = self.not_a_comment()? {
                            out.extend_from_slice(&b"!--"[..matched])?;
                            depth += 1;
                            byte = other;
                            continue;
                        }
                        out.pop();
                        self.until(b"-->")?;
                        out.push(b' ')?;
                    }
                    _ => {}
                }
                break;
            }
        }
    }

    /// Takes `!--`; else how much of it there was, and the byte behind that, which is taken, too.
    fn not_a_comment(&mut self) -> Result<Option<(usize, u8)>, EvalError> {
        for (matched, &want) in b"!--".iter().enumerate() {
            let byte = self.byte()?;
            if byte != want {
                return Ok(Some((matched, byte)));
            }
        }
        Ok(None)
    }
}
