//! [`Tokens`]: an XML text in pieces, as Go's `encoding/xml` takes it apart in its strict mode.
//!
//! Of XML's rules these are checked: names, quotes, entities and characters of texts and attributes, that elements close
//! in order, `--` in comments, version and encoding of a declaration. These are not: that a name is an attribute once,
//! what stands where, and anything inside comments, instructions and directives.
//!
//! INVARIANT: a text that is accepted is UTF-8 of characters that XML allows. Comments, instructions and directives may
//! hold any bytes.

mod declaration;
mod directive;
mod text;

use ottl_core::{Arena, ArenaVec, ErrorKind, EvalError};

use crate::Charset;
use crate::names::{is_name, is_name_byte};

/// The namespace that the prefix `xml` stands for.
pub const XML_NAMESPACE: &[u8] = b"http://www.w3.org/XML/1998/namespace";

/// Steps of the message's work that are as much as looking at this many namespaces.
const NAMESPACES: usize = 32;

/// How many times its length a text may grow by declaring encodings, some again and again.
const GROWTH: usize = 16;

/// A name as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct RawName<'a> {
    prefix: &'a [u8],
    local: &'a [u8],
}

/// A name with what its prefix stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    /// The namespace; the prefix itself, if nothing says what it stands for.
    pub space: &'a [u8],
    /// The name without its prefix.
    pub local: &'a [u8],
}

/// An attribute of an element.
#[derive(Clone, Copy, Debug)]
pub struct Attribute<'a> {
    /// Its prefix; as tokens have it the same as `uri`.
    pub prefix: &'a [u8],
    /// Its name without prefix.
    pub local: &'a [u8],
    /// Its value.
    pub value: &'a [u8],
    /// Its namespace.
    pub uri: &'a [u8],
}

/// A piece of an XML text.
#[derive(Clone, Copy, Debug)]
pub enum Token<'a> {
    /// The beginning of an element.
    Start(Name<'a>),
    /// The end of an element.
    End,
    /// Text, a CDATA section included.
    Text(&'a [u8]),
    /// `<!--...-->`.
    Comment(&'a [u8]),
    /// `<?target text?>`.
    Instruction(&'a [u8], &'a [u8]),
    /// `<!...>`.
    Directive(&'a [u8]),
}

/// An element whose end has not come.
#[derive(Clone, Copy, Debug)]
struct Open<'a> {
    name: RawName<'a>,
    /// How many prefixes were bound outside of it.
    outer: usize,
}

/// What the reference's reader has set aside of a token's source.
#[derive(Clone, Copy, Debug)]
enum Source<'a> {
    /// The token's own bytes.
    Own,
    /// The bytes behind a declared encoding, for the first token that is read of them.
    Rest(&'a [u8]),
    /// Nothing.
    None,
}

/// An XML text in pieces.
pub struct Tokens<'a> {
    arena: &'a Arena,
    input: &'a [u8],
    at: usize,
    open: ArenaVec<'a, Open<'a>>,
    /// Prefixes and what they stand for; the last one counts.
    bound: ArenaVec<'a, (&'a [u8], &'a [u8])>,
    /// The element that has just begun has ended, too.
    empty: bool,
    /// The last token was a text that ended at a tag.
    ahead: bool,
    source: Source<'a>,
    /// See [`Tokens::source`].
    seen: &'a [u8],
    charset: Option<Charset>,
    /// How many more bytes decoding may make.
    growth: usize,
}

fn fault<T>(text: &'static str) -> Result<T, EvalError> {
    Err(EvalError::function(text))
}

/// The error of a text that ends too early.
fn too_short<T>() -> Result<T, EvalError> {
    fault("the XML text ends in the middle")
}

impl<'a> Tokens<'a> {
    /// The pieces of a text. Without a charset, a declared encoding other than UTF-8 is an error.
    pub fn new(input: &'a [u8], charset: Option<Charset>, arena: &'a Arena) -> Tokens<'a> {
        Tokens {
            arena,
            input,
            at: 0,
            open: arena.vec(),
            bound: arena.vec(),
            empty: false,
            ahead: false,
            source: Source::Own,
            seen: &[],
            charset,
            growth: input.len().saturating_mul(GROWTH),
        }
    }

    /// Whether all of the text has been read.
    pub fn is_at_end(&self) -> bool {
        self.at == self.input.len()
    }

    /// How many elements are open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// The bytes that the last token was read from, and all behind it. Where a text came before it, its first `<` is
    /// missing. COMPAT: behind a declared encoding the reference has this for one token only, and in that encoding.
    pub fn source(&self) -> &'a [u8] {
        self.seen
    }

    /// The next piece; `None` at the end. The attributes of an element are added to the list.
    ///
    /// # Errors
    /// What is wrong with the text; memory.
    pub fn next(&mut self, attributes: &mut ArenaVec<'a, Attribute<'a>>) -> Result<Option<Token<'a>>, EvalError> {
        // Behind a declared encoding places are those of another text.
        let at = matches!(self.source, Source::Own).then_some(self.at);
        self.piece(attributes).map_err(|error| match (error.kind, at) {
            (ErrorKind::Function(reason), Some(at)) => EvalError::function_at(reason, at),
            _ => error,
        })
    }

    fn piece(&mut self, attributes: &mut ArenaVec<'a, Attribute<'a>>) -> Result<Option<Token<'a>>, EvalError> {
        if self.empty {
            self.empty = false;
            self.seen = &[];
            self.close();
            return Ok(Some(Token::End));
        }
        self.seen = match self.source {
            Source::Own => &self.input[(self.at + usize::from(self.ahead)).min(self.input.len())..],
            Source::Rest(rest) => {
                self.source = Source::None;
                rest
            }
            Source::None => &[],
        };
        self.ahead = false;
        let rest = &self.input[self.at..];
        match rest {
            [] if self.open.is_empty() => Ok(None),
            [] | [b'<'] => too_short(),
            [b'<', b'/', ..] => {
                self.at += 2;
                self.end().map(Some)
            }
            [b'<', b'?', ..] => {
                self.at += 2;
                self.instruction().map(Some)
            }
            [b'<', b'!', ..] => {
                self.at += 2;
                self.markup().map(Some)
            }
            [b'<', ..] => {
                self.at += 1;
                self.start(attributes).map(Some)
            }
            _ => {
                let text = self.text()?;
                self.ahead = self.at < self.input.len();
                Ok(Some(Token::Text(text)))
            }
        }
    }

    /// The next byte, which is taken.
    #[inline]
    fn byte(&mut self) -> Result<u8, EvalError> {
        let Some(&byte) = self.input.get(self.at) else { return too_short() };
        self.at += 1;
        Ok(byte)
    }

    /// Skips blanks between the parts of a tag.
    #[inline]
    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.input.get(self.at) {
            self.at += 1;
        }
    }

    /// What stands in front of the next place of `end`, which is skipped.
    fn until(&mut self, end: &[u8]) -> Result<&'a [u8], EvalError> {
        let rest = &self.input[self.at..];
        let Some(len) = memchr::memmem::find(rest, end) else { return too_short() };
        self.at += len + end.len();
        Ok(&rest[..len])
    }

    /// A name with its colons. Something has to follow it.
    fn name(&mut self) -> Result<&'a [u8], EvalError> {
        let rest = &self.input[self.at..];
        let Some(len) = rest.iter().position(|&byte| !is_name_byte(byte)) else { return too_short() };
        let name = &rest[..len];
        if !is_name(name) {
            return fault("an XML name is missing or has a character that names cannot have");
        }
        self.at += len;
        Ok(name)
    }

    fn raw_name(&mut self) -> Result<RawName<'a>, EvalError> {
        let name = self.name()?;
        match memchr::memchr(b':', name) {
            None => Ok(RawName { prefix: &[], local: name }),
            Some(at) if memchr::memchr(b':', &name[at + 1..]).is_some() => fault("an XML name has two colons"),
            Some(at) if at == 0 || at + 1 == name.len() => Ok(RawName { prefix: &[], local: name }),
            Some(at) => Ok(RawName { prefix: &name[..at], local: &name[at + 1..] }),
        }
    }

    fn end(&mut self) -> Result<Token<'a>, EvalError> {
        let name = self.raw_name()?;
        self.skip_space();
        if self.byte()? != b'>' {
            return fault("an XML end tag has more than a name");
        }
        match self.open.last() {
            Some(open) if open.name == name => {
                self.close();
                Ok(Token::End)
            }
            _ => fault("an XML end tag closes another element than the open one"),
        }
    }

    /// The innermost element ends.
    fn close(&mut self) {
        if let Some(open) = self.open.pop() {
            while self.bound.len() > open.outer {
                self.bound.pop();
            }
        }
    }

    fn start(&mut self, attributes: &mut ArenaVec<'a, Attribute<'a>>) -> Result<Token<'a>, EvalError> {
        let name = self.raw_name()?;
        let outer = self.bound.len();
        let first = attributes.len();
        loop {
            self.skip_space();
            match self.byte()? {
                b'>' => break,
                b'/' if self.byte()? == b'>' => {
                    self.empty = true;
                    break;
                }
                b'/' => return fault("an XML tag has a `/` that does not end it"),
                _ => self.at -= 1,
            }
            let RawName { prefix, local } = self.raw_name()?;
            self.skip_space();
            if self.byte()? != b'=' {
                return fault("an XML attribute has no value");
            }
            self.skip_space();
            let quote = self.byte()?;
            if !matches!(quote, b'"' | b'\'') {
                return fault("the value of an XML attribute is not quoted");
            }
            let value = self.quoted(quote)?;
            if prefix == b"xmlns" {
                self.bound.push((local, value))?;
            } else if prefix.is_empty() && local == b"xmlns" {
                self.bound.push((&[], value))?;
            }
            attributes.push(Attribute { prefix, local, value, uri: &[] })?;
        }
        self.open.push(Open { name, outer })?;
        for attribute in &mut attributes[first..] {
            if !attribute.prefix.is_empty() && attribute.prefix != b"xmlns" {
                attribute.prefix = self.space_of(attribute.prefix)?;
            }
            attribute.uri = attribute.prefix;
        }
        let RawName { prefix, local } = name;
        let stays = prefix == b"xmlns" || prefix.is_empty() && local == b"xmlns";
        Ok(Token::Start(Name { space: if stays { prefix } else { self.space_of(prefix)? }, local }))
    }

    /// What a prefix stands for.
    fn space_of(&self, prefix: &'a [u8]) -> Result<&'a [u8], EvalError> {
        if prefix == b"xml" {
            return Ok(XML_NAMESPACE);
        }
        if self.bound.len() >= NAMESPACES {
            self.arena.spend((self.bound.len() / NAMESPACES) as u64)?;
        }
        let bound = self.bound.iter().rev().find(|(bound, _)| *bound == prefix);
        Ok(bound.map_or(prefix, |(_, space)| space))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> String {
        let arena = Arena::new();
        let mut tokens = Tokens::new(text, None, &arena);
        let mut attributes = arena.vec();
        let mut out = String::new();
        loop {
            let first = attributes.len();
            let token = match tokens.next(&mut attributes) {
                Ok(Some(token)) => token,
                Ok(None) => return out,
                Err(_) => return out + "error",
            };
            let show = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
            out += &match token {
                Token::Start(name) => {
                    let mut tag = format!("<{}|{}", show(name.space), show(name.local));
                    for a in &attributes[first..] {
                        tag += &format!(" {}|{}={}", show(a.uri), show(a.local), show(a.value));
                    }
                    tag + ">"
                }
                Token::End => "</>".to_owned(),
                Token::Text(text) => format!("[{}]", show(text)),
                Token::Comment(text) => format!("-{}-", show(text)),
                Token::Instruction(target, text) => format!("?{}:{}?", show(target), show(text)),
                Token::Directive(text) => format!("!{}!", show(text)),
            };
        }
    }

    #[test]
    fn pieces() {
        for (text, want) in [
            (&b"<a>x</a >"[..], "<|a>[x]</>"),
            (b"<a/>", "<|a></>"),
            (b"<a b='1' c=\"&lt;2'\"/>", "<|a |b=1 |c=<2'></>"),
            (b"<a b='1'c='2'/>", "<|a |b=1 |c=2></>"),
            (b"<a b = '1' />", "<|a |b=1></>"),
            (b"<a b='1' b='2'/>", "<|a |b=1 |b=2></>"),
            (b"x<a/>y", "[x]<|a></>[y]"),
            (b"<a>&amp;&#65;&#x42;\r\n\r\x0a&quot;</a>", "<|a>[&AB\n\n\"]</>"),
            (b"<a><![CDATA[<&]]]]></a>", "<|a>[<&]]]</>"),
            (b"<a><![CDATA[]]></a>", "<|a>[]</>"),
            (
                b"<!-- a --><?b c d?><!DOCTYPE x [<!ENTITY y \"z>\"><!-- > -->]><a/>",
                "- a -?b:c d?!DOCTYPE x [<!ENTITY y \"z>\"> ]!<|a></>",
            ),
            (
                b"<a xmlns='u' xmlns:p='v'><p:b q='1' p:q='2' z:q='3' xml:s='4'/></a>",
                "<u|a |xmlns=u xmlns|p=v><v|b |q=1 v|q=2 z|q=3 http://www.w3.org/XML/1998/namespace|s=4></></>",
            ),
            (b"<p:a/>", "<p|a></>"),
            (b"<a:/>", "<|a:></>"),
            (b"", ""),
            (b"<a>", "<|a>error"),
            (b"</a>", "error"),
            (b"<a></b>", "<|a>error"),
            (b"<p:a></a>", "<p|a>error"),
            (b"<a b/>", "error"),
            (b"<a b=1/>", "error"),
            (b"<a b='<'/>", "error"),
            (b"<a b='1", "error"),
            (b"<a:b:c/>", "error"),
            (b"< a/>", "error"),
            (b"<1/>", "error"),
            (b"a]]>b", "error"),
            (b"a]]&gt;b", "[a]]>b]"),
            (b"a]&#93;>b", "[a]]>b]"),
            (b"&nbsp;", "error"),
            (b"& ", "error"),
            (b"&#0;", "error"),
            (b"&#xD800;", "[\u{fffd}]"),
            (b"&#1114112;", "error"),
            (b"\x01", "error"),
            (b"a\xff", "error"),
            (b"\xef\xbf\xbe", "error"),
            (b"<!-- -- -->", "error"),
            (b"<!---->", "--"),
            (b"<!-->", "error"),
            (b"<!->", "error"),
            (b"<![CDATA [x]]>", "error"),
            (b"<!>>", "!>!"),
            (b"<?xml version='1.1'?>", "error"),
            (b"<?xml version='1.0' encoding='UTF-8'?>", "?xml:version='1.0' encoding='UTF-8'?"),
            (b"<?xml encoding='latin1'?>", "error"),
            (b"<?xml encoding=latin1?>", "?xml:encoding=latin1?"),
            (b"<??>", "error"),
            (b"<?a?>", "?a:?"),
        ] {
            assert_eq!(read(text), want, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn names_are_not_read_past_the_end() {
        for text in [
            &b"<"[..],
            b"<a",
            b"<a ",
            b"<a b",
            b"<a b=",
            b"</a",
            b"<?",
            b"<?a",
            b"<!",
            b"<!-",
            b"<!--",
            b"<![",
            b"<!A",
            b"<!A<!-",
        ] {
            assert!(read(text).ends_with("error"), "{}", String::from_utf8_lossy(text));
        }
    }
}
