//! Why a text is no OTLP/JSON, and where.

use std::fmt;

/// What is wrong with the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JsonErrorKind {
    /// The text ends inside a value.
    UnexpectedEnd,
    /// A byte that cannot stand at this place.
    UnexpectedByte,
    /// Something other than white space follows the message.
    TrailingData,
    /// A control character stands unescaped in a string.
    ControlCharacter,
    /// A backslash is followed by something that is no escape.
    BadEscape,
    /// A number is malformed, or has a fraction or an exponent where an integer belongs.
    BadNumber,
    /// A number does not fit the field.
    NumberOutOfRange,
    /// A string is no padded standard base64.
    BadBase64,
    /// An id is not hex, or has not its exact length.
    BadId,
    /// An enum has no value of this name.
    UnknownEnumName,
    /// The value has another type than the field.
    WrongType,
    /// Values are nested deeper than [`crate::schema::MAX_DEPTH`].
    TooDeep,
}

/// A text that is no OTLP/JSON: what is wrong, and at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JsonError {
    /// What is wrong.
    pub kind: JsonErrorKind,
    /// Byte offset in the text.
    pub offset: usize,
}

impl JsonError {
    pub(crate) const fn new(kind: JsonErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }

    /// Line and column of the error in the text that was read, both from 1; columns count characters.
    #[must_use]
    pub fn line_column(&self, text: &[u8]) -> (usize, usize) {
        let before = &text[..self.offset.min(text.len())];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        // Continuation bytes of UTF-8 do not start a character.
        let column = before[line_start..].iter().filter(|&&byte| byte & 0xc0 != 0x80).count() + 1;
        (line, column)
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            JsonErrorKind::UnexpectedEnd => "the text ends inside a value",
            JsonErrorKind::UnexpectedByte => "unexpected character",
            JsonErrorKind::TrailingData => "something follows the message",
            JsonErrorKind::ControlCharacter => "unescaped control character in a string",
            JsonErrorKind::BadEscape => "invalid escape in a string",
            JsonErrorKind::BadNumber => "malformed number",
            JsonErrorKind::NumberOutOfRange => "the number does not fit the field",
            JsonErrorKind::BadBase64 => "invalid base64",
            JsonErrorKind::BadId => "an id is neither empty nor hex of its exact length",
            JsonErrorKind::UnknownEnumName => "unknown enum name",
            JsonErrorKind::WrongType => "the value has the wrong type for its field",
            JsonErrorKind::TooDeep => "values are nested too deep",
        };
        write!(f, "{what} (byte {})", self.offset)
    }
}

impl std::error::Error for JsonError {}
