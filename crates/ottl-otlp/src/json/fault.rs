//! [`JsonFault`]: a [`JsonError`] as people need it: at which member, what belongs there, and what stands there.
//!
//! INVARIANT: values are never shown, only their kind.

use std::borrow::Cow;
use std::fmt;

use super::error::{JsonError, JsonErrorKind};
use super::walk::{Walk, Wants};
use crate::schema::{FieldDef, Kind, MAX_DEPTH, MessageId, Presence, Signal};

/// A fault of a document, explained.
///
/// ```
/// use ottl_otlp::{Signal, json};
///
/// let text = br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":{"k":"v"}}]}]}]}"#;
/// let error = json::to_protobuf(Signal::Logs, text, &mut Vec::new()).unwrap_err();
/// assert_eq!(
///     error.explain(Signal::Logs, text).to_string(),
///     r#"resourceLogs[0].scopeLogs[0].logRecords[0].attributes: a list of {"key", "value"} is wanted, this is an object"#,
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JsonFault {
    /// The member or element at fault, as names and indices: `resourceLogs[0].scopeLogs[2]`; where the text itself is
    /// damaged, the object or list around. Empty outside of all.
    pub path: String,
    /// Line of the fault in the document, from 1.
    pub line: usize,
    /// Column of the fault in characters, from 1.
    pub column: usize,
    /// What belongs there.
    pub wanted: Cow<'static, str>,
    /// The kind of what stands there; never the value.
    pub found: Cow<'static, str>,
}

impl fmt::Display for JsonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{} is wanted, this is {}", self.wanted, self.found)
    }
}

impl JsonError {
    /// What this error of reading `text` as a message of `signal` means. It costs about as much as reading up to the
    /// fault did.
    #[must_use]
    pub fn explain(&self, signal: Signal, text: &[u8]) -> JsonFault {
        let walk = Walk::to(signal, text, self.offset);
        let (line, column) = self.line_column(text);
        let token = &text[walk.token.clone()];
        let (wanted, found) = match self.kind {
            JsonErrorKind::ControlCharacter => {
                ("a string without raw control characters".into(), control(text.get(self.offset)).into())
            }
            JsonErrorKind::BadEscape => {
                (r"an escape such as `\n` or `\u00e4`".into(), "something else behind a backslash".into())
            }
            JsonErrorKind::TooDeep => {
                (format!("nesting of at most {MAX_DEPTH} levels").into(), "one level more".into())
            }
            _ if walk.wants == Wants::Value => {
                let field = walk.field();
                let wanted = match field {
                    Some(field) => wanted(field, walk.is_element()),
                    None if walk.is_outermost() => r#"a message such as {"resourceLogs": [...]}"#.into(),
                    None => "a value".into(),
                };
                (wanted, found_value(self.kind, field, token, walk.is_outermost()))
            }
            JsonErrorKind::UnexpectedEnd if token.starts_with(b"\"") => {
                (punctuation(&walk), "a string that does not end".into())
            }
            _ => (punctuation(&walk), found_token(token)),
        };
        JsonFault { path: walk.path(), line, column, wanted, found }
    }
}

/// What belongs at a place that is no value.
fn punctuation(walk: &Walk<'_>) -> Cow<'static, str> {
    let closing = walk.closing().unwrap_or('}');
    match walk.wants {
        Wants::Name { first: true } => "the name of a member in quotes, or `}`,".into(),
        Wants::Name { first: false } => "the name of a member in quotes".into(),
        Wants::Colon => "a colon".into(),
        Wants::More => format!("a comma or `{closing}`").into(),
        Wants::End | Wants::Value => "nothing more".into(),
    }
}

/// What belongs into a field, or into its list.
fn wanted(field: &FieldDef, is_element: bool) -> Cow<'static, str> {
    let is_list = field.presence == Presence::Repeated && !is_element;
    match field.kind {
        Kind::Message(MessageId::KeyValue) if is_list => r#"a list of {"key", "value"}"#.into(),
        Kind::Message(MessageId::KeyValue) => r#"an object {"key", "value"}"#.into(),
        Kind::Message(MessageId::AnyValue) if is_list => r#"a list of objects such as {"stringValue": "..."}"#.into(),
        Kind::Message(MessageId::AnyValue) => r#"an object such as {"stringValue": "..."}"#.into(),
        Kind::Message(_) if is_list => "a list of objects".into(),
        Kind::Message(_) => "an object".into(),
        Kind::String if is_list => "a list of strings".into(),
        Kind::Double if is_list => "a list of numbers".into(),
        _ if is_list => "a list of integers".into(),
        Kind::String => "a string".into(),
        Kind::Bytes => "a string of padded base64".into(),
        Kind::Id(len) => format!("a string of {} hex digits", 2 * u32::from(len)).into(),
        Kind::Bool => "true or false".into(),
        Kind::Double => "a number".into(),
        Kind::Enum(names) => match names.get(1) {
            Some(example) => format!("a number or a name such as {}", example.name).into(),
            None => "a number".into(),
        },
        Kind::Fixed64 if field.name.ends_with("UnixNano") => "an integer of nanoseconds since 1970".into(),
        Kind::Uint32 | Kind::Fixed32 => "an integer from 0 to 4294967295".into(),
        Kind::Int32 | Kind::Sint32 => "an integer of 32 bits".into(),
        Kind::Uint64 | Kind::Fixed64 => "an integer of 64 bits from 0".into(),
        Kind::Int64 | Kind::Sfixed64 => "an integer of 64 bits".into(),
    }
}

/// What stands where a value belongs.
fn found_value(
    kind: JsonErrorKind,
    field: Option<&'static FieldDef>,
    token: &[u8],
    is_outermost: bool,
) -> Cow<'static, str> {
    let content = token.strip_prefix(b"\"").map(|rest| rest.strip_suffix(b"\"").unwrap_or(rest));
    let field = field.map(|field| field.kind);
    match (kind, content) {
        (JsonErrorKind::UnexpectedEnd, Some(_)) => "a string that does not end".into(),
        (JsonErrorKind::BadId, Some(content)) => id(field, content),
        (JsonErrorKind::BadBase64, Some(content)) => base64(content).into(),
        (JsonErrorKind::UnknownEnumName, _) => "another name".into(),
        (JsonErrorKind::NumberOutOfRange, _) => match content.unwrap_or(token) {
            [b'-', ..] if !matches!(field, Some(Kind::Double)) => "a negative number or one too small".into(),
            _ => "a number out of range".into(),
        },
        (JsonErrorKind::BadNumber, Some(content)) => number_text(content, field).into(),
        (JsonErrorKind::BadNumber, None) => number(token).into(),
        _ if is_outermost && token == b"[" => "a list: `jq -c '.[]'` makes a message of each of its elements".into(),
        _ => found_token(token),
    }
}

/// The kind of a token.
fn found_token(token: &[u8]) -> Cow<'static, str> {
    match token {
        [] => "the end of the text".into(),
        [b'{', ..] => "an object".into(),
        [b'[', ..] => "a list".into(),
        [b'"', ..] => "a string".into(),
        [b'-' | b'0'..=b'9', ..] => "a number".into(),
        b"true" | b"false" => "a boolean".into(),
        b"null" => "null".into(),
        [byte @ (b'}' | b']' | b',' | b':'), ..] => format!("`{}`", char::from(*byte)).into(),
        [b'\'', ..] => "a single quote".into(),
        [0, ..] => "a zero byte, as texts in UTF-16 have them".into(),
        [b'#', ..] | [b'/', b'/' | b'*', ..] => "a comment, which JSON does not have".into(),
        [first, ..] if first.is_ascii_alphabetic() => "a word without quotes".into(),
        _ => "another character".into(),
    }
}

fn control(byte: Option<&u8>) -> &'static str {
    match byte {
        Some(b'\n' | b'\r') => "a line break",
        Some(b'\t') => "a tab",
        _ => "a control character",
    }
}

fn id(field: Option<Kind>, content: &[u8]) -> Cow<'static, str> {
    let Some(Kind::Id(len)) = field else { return "something else".into() };
    let len = usize::from(len);
    if content.len() == 2 * len {
        "a string with other characters".into()
    } else if content.len() == len.div_ceil(3) * 4 && content.ends_with(b"=") {
        "base64, it seems, as protobuf's own JSON has it".into()
    } else if content.len() == 36 && content.iter().filter(|byte| **byte == b'-').count() == 4 {
        "a UUID with dashes, it seems".into()
    } else {
        format!("a string of {} bytes", content.len()).into()
    }
}

fn base64(content: &[u8]) -> &'static str {
    let is_standard = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=\r\n".contains(byte);
    if content.iter().all(is_standard) {
        "base64 without padding, or cut off"
    } else if content.iter().all(|byte| is_standard(byte) || b"-_".contains(byte)) {
        "base64 of URLs"
    } else {
        "a string that is no base64"
    }
}

fn number(token: &[u8]) -> &'static str {
    if token.iter().any(|byte| b"eE".contains(byte)) {
        "a number with an exponent"
    } else if token.contains(&b'.') {
        "a number with a fraction"
    } else {
        "a malformed number"
    }
}

fn number_text(content: &[u8], field: Option<Kind>) -> &'static str {
    let is_digits =
        |range: std::ops::Range<usize>| content.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    if content.is_empty() {
        "an empty string"
    } else if is_digits(0..4) && content.get(4) == Some(&b'-') && is_digits(5..7) {
        "a time as RFC 3339 writes it, it seems"
    } else if !matches!(field, Some(Kind::Double))
        && content.strip_prefix(b"-").is_some_and(|rest| !rest.is_empty() && rest.iter().all(u8::is_ascii_digit))
    {
        "a negative number"
    } else if !matches!(field, Some(Kind::Double))
        && content.iter().any(u8::is_ascii_digit)
        && content.iter().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(byte))
    {
        "a string of a number with a fraction or an exponent"
    } else {
        "a string that is no number"
    }
}
