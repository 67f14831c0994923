//! OTLP/JSON as values: what [`ottl_otlp::json`] writes, read again.
//!
//! YAML takes most of JSON, and not all of it: some characters, long keys and deep lists are none of its. So JSON that comes from
//! messages is read as what it is. Numbers stay as they are written: what they are is for the reader of fields to say.
//!
//! INVARIANT: lists and objects lie at most [`DEEPEST`] deep inside each other, so whoever recurses into the value is bounded.

use ottl_diagnostics::Span;
use ottl_otlp::wire::{WireError, WireErrorKind};

use super::value::{self, Content, Value, pair};

/// Lists and objects inside each other: a map in a map of telemetry takes four.
const DEEPEST: usize = 4 * value::DEEPEST;

/// The value of a text without white space.
///
/// # Errors
/// It lies too deep, or is no JSON.
pub(super) fn parse(text: &str) -> Result<Value, WireError> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let content = reader.value()?;
    Ok(of(content))
}

fn of(content: Content) -> Value {
    Value::at(Span::default(), content)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn fault(&self, kind: WireErrorKind) -> WireError {
        WireError::new(kind, self.at)
    }

    /// Whether this comes next, which is then consumed.
    fn takes(&mut self, wanted: &str) -> bool {
        let is_next = self.text[self.at..].starts_with(wanted);
        if is_next {
            self.at += wanted.len();
        }
        is_next
    }

    fn expect(&mut self, wanted: &str) -> Result<(), WireError> {
        if self.takes(wanted) { Ok(()) } else { Err(self.fault(WireErrorKind::Truncated)) }
    }

    fn value(&mut self) -> Result<Content, WireError> {
        if self.depth >= DEEPEST {
            return Err(self.fault(WireErrorKind::TooDeep));
        }
        self.depth += 1;
        let content = match self.text.as_bytes().get(self.at) {
            Some(b'{') => self.object()?,
            Some(b'[') => self.list()?,
            Some(b'"') => Value::word(&self.string()?).content,
            _ => self.scalar()?,
        };
        self.depth -= 1;
        Ok(content)
    }

    fn object(&mut self) -> Result<Content, WireError> {
        let mut pairs = Vec::new();
        self.expect("{")?;
        while !self.takes("}") {
            if !pairs.is_empty() {
                self.expect(",")?;
            }
            let key = self.string()?;
            self.expect(":")?;
            pairs.push(pair(&key, of(self.value()?)));
        }
        Ok(Content::Map(pairs))
    }

    fn list(&mut self) -> Result<Content, WireError> {
        let mut items = Vec::new();
        self.expect("[")?;
        while !self.takes("]") {
            if !items.is_empty() {
                self.expect(",")?;
            }
            items.push(of(self.value()?));
        }
        Ok(Content::List(items))
    }

    fn string(&mut self) -> Result<String, WireError> {
        self.expect("\"")?;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(len) = rest.find(['"', '\\']) else { return Err(self.fault(WireErrorKind::Truncated)) };
            out.push_str(&rest[..len]);
            self.at += len;
            if self.takes("\"") {
                return Ok(out);
            }
            self.expect("\\")?;
            out.push(self.escaped()?);
        }
    }

    /// What stands behind a backslash; what is beyond the control characters is never escaped.
    fn escaped(&mut self) -> Result<char, WireError> {
        if self.takes("u") {
            let digits = self.text.get(self.at..self.at + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
            let found = digits.and_then(char::from_u32).ok_or_else(|| self.fault(WireErrorKind::Truncated))?;
            self.at += 4;
            return Ok(found);
        }
        let known = [("n", '\n'), ("r", '\r'), ("t", '\t'), ("\"", '"'), ("\\", '\\')];
        let found = known.into_iter().find(|(name, _)| self.takes(name));
        found.map(|(_, c)| c).ok_or_else(|| self.fault(WireErrorKind::Truncated))
    }

    fn scalar(&mut self) -> Result<Content, WireError> {
        let rest: &'t str = &self.text[self.at..];
        let word = &rest[..rest.find([',', ']', '}']).unwrap_or(rest.len())];
        let content = match word {
            "true" => Content::Bool(true),
            "false" => Content::Bool(false),
            "null" => Content::Null,
            digits if digits.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit()) => {
                Content::Int(digits.to_owned())
            }
            number => Content::Float(number.parse().map_err(|_| self.fault(WireErrorKind::Truncated))?),
        };
        self.at += word.len();
        Ok(content)
    }
}
