//! What the parsers of log formats share: `ParseCEF` and others. The reference has them in statements on logs only.

use memchr::memchr;
use ottl_core::function::{Availability, FunctionDef, ParamType, Type};
use ottl_core::value::Entry;
use ottl_core::{Arena, ArenaVec, EvalError, Value};

use crate::arguments;

/// A row without documentation and kernel.
pub(crate) const fn row(name: &'static str, what: &'static str) -> FunctionDef {
    FunctionDef::converter(name)
        .arg("target", ParamType::STRING, what)
        .returns(Type::Map)
        .availability(Availability { statements: &["log"], conditions: &["none"] })
}

/// The text to parse.
///
/// # Errors
/// The empty text, and a value that is no text.
pub(crate) fn message<'a>(args: &[Value<'a>]) -> Result<&'a [u8], EvalError> {
    match arguments::text(args, 0)? {
        [] => Err(fault("there is nothing in an empty text")),
        text => Ok(text),
    }
}

/// A text that does not have the format.
pub(crate) fn fault(reason: &'static str) -> EvalError {
    EvalError::function(reason).of(0)
}

/// The pairs of a result, whose keys are known to differ.
pub(crate) struct Parsed<'a>(ArenaVec<'a, Entry<'a>>);

impl<'a> Parsed<'a> {
    /// No pairs, with room for some.
    pub(crate) fn new(arena: &'a Arena, count: usize) -> Result<Self, EvalError> {
        arena.vec_for(count).map(Parsed)
    }

    pub(crate) fn text(&mut self, key: &'static str, text: &'a [u8]) -> Result<(), EvalError> {
        self.value(key, Value::Str(text))
    }

    pub(crate) fn value(&mut self, key: &'static str, value: Value<'a>) -> Result<(), EvalError> {
        self.0.push(Entry { key: key.as_bytes(), value })
    }

    pub(crate) fn into_map(self, arena: &'a Arena) -> Result<Value<'a>, EvalError> {
        arena.map(self.0.into_slice())
    }
}

/// A text without its escapes. `meant` says of what stands behind a backslash which byte is meant, and by how many bytes;
/// a backslash in front of anything else is itself. A text without escapes is not copied.
pub(crate) fn unescaped<'a>(
    text: &'a [u8],
    arena: &'a Arena,
    meant: impl Fn(&[u8]) -> Option<(u8, usize)>,
) -> Result<&'a [u8], EvalError> {
    let Some(first) = memchr(b'\\', text) else { return Ok(text) };
    let mut out = arena.vec_for(text.len())?;
    out.extend_from_slice(&text[..first])?;
    let mut rest = &text[first..];
    while let [byte, behind @ ..] = rest {
        match (*byte == b'\\').then(|| meant(behind)).flatten() {
            Some((byte, length)) => {
                out.push(byte)?;
                rest = &behind[length..];
            }
            None => {
                out.push(*byte)?;
                rest = behind;
            }
        }
    }
    Ok(out.into_slice())
}
