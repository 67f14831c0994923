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

/// What lies in a group.
pub(super) struct Parts<'a> {
    /// The resource or scope.
    pub subject: &'a [u8],
    /// The number of the field that holds its members.
    pub members: u32,
    /// Where all of these lie, and nothing besides that has to be looked at if the group's own fields need not be.
    pub list: (usize, usize),
}

impl<'a> Parts<'a> {
    /// Of a group of which only the members matter.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn members_only(content: &'a [u8]) -> Parts<'a> {
        let mut reader = Reader::new(content);
        // In front of its members it has its subject.
        reader.next_member(tag(SUBJECT));
        Parts { subject: &[], members: MEMBERS, list: (reader.pos(), content.len()) }
    }
}

/// The resource or scope message of a group (repeated ones merge), and where its members are.
///
/// COMPAT: scopes may still come under their old number, which counts only in a group that has none under the new one.
///
/// # Errors
/// Damage of its framing, or [`ottl_core::ErrorKind::Budget`].
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(super) fn parts<'a>(content: &'a [u8], arena: &'a Arena) -> Result<Parts<'a>, EvalError> {
    // Nearly all have the subject first, and behind it members alone; the reference's marshaler writes it last.
    let mut reader = Reader::new(content);
    let mut subject = reader.next_member(tag(SUBJECT));
    if subject.is_none() {
        while reader.next_member(tag(SCHEMA_URL)).is_some() {}
    }
    let start = reader.pos();
    while reader.next_member(tag(MEMBERS)).is_some() {}
    let list = (start, reader.pos());
    if subject.is_none() {
        subject = reader.next_member(tag(SUBJECT));
    } else if !reader.is_empty() {
        while reader.next_member(tag(SCHEMA_URL)).is_some() {}
    }
    if reader.is_empty()
        && let Some(subject) = subject
    {
        return Ok(Parts { subject: subject.bytes()?, members: MEMBERS, list });
    }
    let (subject, members) = any_subject(content, arena)?;
    Ok(Parts { subject, members, list: (0, content.len()) })
}

/// The subject of a group, and the number of the field that holds its members.
///
/// # Errors
/// Those of [`parts`].
pub(super) fn subject<'a>(content: &'a [u8], arena: &'a Arena) -> Result<(&'a [u8], u32), EvalError> {
    parts(content, arena).map(|parts| (parts.subject, parts.members))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_in_the_order_of_sdks_and_in_that_of_the_marshaler() {
        let arena = Arena::new();
        let (subject, member, url) = ([0x0a, 1, b's'], [0x12, 2, 1, 2], [0x1a, 1, b'u']);
        let groups: [(&[&[u8]], _); 7] = [
            (&[&subject, &member, &member], (3, 11)),
            (&[&subject, &member, &url], (3, 7)),
            (&[&subject], (3, 3)),
            (&[&url, &member, &member, &subject], (3, 11)),
            (&[&member, &subject], (0, 4)),
            // These are gone through.
            (&[&member, &subject, &member], (0, 11)),
            (&[&member, &url, &subject, &url], (0, 13)),
        ];
        for (fields, list) in groups {
            let content = fields.concat();
            let parts = parts(&content, &arena).expect("it is sound");
            assert_eq!((parts.subject, parts.members, parts.list), (&b"s"[..], MEMBERS, list), "{fields:?}");
        }
    }
}
