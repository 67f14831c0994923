//! The messages that hold a resource or scope: what of them matters, and where their members are.

use ottl_core::{Arena, EvalError};
use ottl_otlp::schema::topology::groups::{DEPRECATED_SCOPES, MEMBERS, SCHEMA_URL, SUBJECT};
use ottl_otlp::wire::Reader;
use ottl_schema::FieldValue;

use super::node::merged;

/// The message that holds a resource or scope: only its schema URL matters to rules.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct GroupNode<'a> {
    /// Its content.
    pub raw: &'a [u8],
    /// The schema URL that was written, if any.
    pub schema_url: Option<FieldValue<'a>>,
    /// That of the input, once it was looked for: the search goes over all records of the group.
    pub input_schema_url: Option<FieldValue<'a>>,
}

impl<'a> GroupNode<'a> {
    /// A group of which nothing was looked at.
    pub fn new(raw: &'a [u8]) -> Self {
        GroupNode { raw, ..GroupNode::default() }
    }
}

/// The tag of a message or text with this field number.
const fn tag(number: u32) -> u8 {
    (number << 3 | 2) as u8
}

/// The resource or scope message of a group (repeated ones merge), and the number of the field that holds its members.
///
/// COMPAT: scopes may still come under their old number, which counts only in a group that has none under the new one.
///
/// # Errors
/// Damage of its framing, or [`ottl_core::ErrorKind::Budget`].
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(super) fn subject<'a>(content: &'a [u8], arena: &'a Arena) -> Result<(&'a [u8], u32), EvalError> {
    // Nearly all have the subject first, and behind it members alone.
    let mut reader = Reader::new(content);
    if let Some(field) = reader.next_member(tag(SUBJECT)) {
        while reader.next_member(tag(MEMBERS)).is_some() {}
        while reader.next_member(tag(SCHEMA_URL)).is_some() {}
        if reader.is_empty() {
            return Ok((field.bytes()?, MEMBERS));
        }
    }
    any_subject(content, arena)
}

/// The same of a group whose fields lie in another order.
#[inline(never)]
fn any_subject<'a>(content: &'a [u8], arena: &'a Arena) -> Result<(&'a [u8], u32), EvalError> {
    let mut found: Option<&'a [u8]> = None;
    let (mut members, mut deprecated, mut repeated) = (false, false, false);
    let mut reader = Reader::new(content);
    while let Some(field) = reader.next_field()? {
        match field.number {
            MEMBERS => members = true,
            DEPRECATED_SCOPES => deprecated = true,
            SUBJECT => {
                repeated |= found.is_some();
                found = Some(field.bytes()?);
            }
            _ => {}
        }
    }
    if repeated {
        found = Some(merged(content, SUBJECT, arena)?);
    }
    Ok((found.unwrap_or(&[]), if deprecated && !members { DEPRECATED_SCOPES } else { MEMBERS }))
}
