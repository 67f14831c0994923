//! The check that lists and maps of a message pass before they are values.
//!
//! INVARIANT: it does not recurse: how deep a message is must not decide how much stack is used.

use super::{Glance, MAX_DEPTH, Members, glance, short_field, short_key_value, tags};
use crate::wire::fields::{any_value, array_value, key_value as pair, key_value_list};
use crate::wire::{Field, Reader, WireError, WireErrorKind};
use arrayvec::ArrayVec;

/// What kind of message is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    List,
    Map,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Any,
    Pair,
    List,
    Map,
}

/// A message whose fields are being walked.
struct Open<'a> {
    /// What is left of it.
    rest: &'a [u8],
    kind: Kind,
    /// Where that begins in what is checked.
    at: usize,
}

impl<'a> Open<'a> {
    fn pass(&mut self, rest: &'a [u8]) {
        self.at += self.rest.len() - rest.len();
        self.rest = rest;
    }
}

/// The messages around the open one. Memory is asked for where they lie deep inside each other only: maps are read for every
/// record.
struct Outer<'a> {
    inline: ArrayVec<Open<'a>, INLINE>,
    deeper: Vec<Open<'a>>,
}

/// How many messages lie inside each other in a map with a list of maps.
const INLINE: usize = 8;

impl<'a> Outer<'a> {
    fn push(&mut self, open: Open<'a>) {
        if let Err(full) = self.inline.try_push(open) {
            self.deeper.push(full.element());
        }
    }

    fn pop(&mut self) -> Option<Open<'a>> {
        self.deeper.pop().or_else(|| self.inline.pop())
    }
}

/// Checks the content of an `ArrayValue` or `KeyValueList`; returns how many lists and maps lie inside each other, this
/// one included.
///
/// # Errors
/// Damage anywhere in it, or more than [`MAX_DEPTH`] of them; the offset counts from the start of `bytes`.
pub(super) fn check(bytes: &[u8], container: Container) -> Result<u16, WireError> {
    let kind = match container {
        Container::List => Kind::List,
        Container::Map => Kind::Map,
    };
    let rest = behind_usual_members(bytes, kind);
    if rest.is_empty() {
        return Ok(1);
    }
    let mut open = Open { rest, kind, at: bytes.len() - rest.len() };
    let mut outer = Outer { inline: ArrayVec::new(), deeper: Vec::new() };
    let (mut depth, mut deepest) = (1, 1);
    loop {
        let usual = usual_container(open.rest, open.kind);
        let (kind, content, rest) = match usual {
            Some(found) => found,
            None => {
                let field = Reader::new(open.rest).next_field().map_err(|e| e.offset_by(open.at))?;
                let Some(field) = field else {
                    if matches!(open.kind, Kind::List | Kind::Map) {
                        depth -= 1;
                    }
                    let Some(around) = outer.pop() else { return Ok(deepest) };
                    open = around;
                    open.pass(behind_usual_members(open.rest, open.kind));
                    continue;
                };
                let inner = inside(open.kind, &field).map_err(|e| e.offset_by(open.at))?;
                let rest = &open.rest[field.end..];
                match inner {
                    Some((kind, content)) if kind != Kind::Any || glance(content) == Glance::Unclear => {
                        (kind, content, rest)
                    }
                    _ => {
                        open.pass(rest);
                        continue;
                    }
                }
            }
        };
        // Content ends where the field does, unless the field is a pair that a map or list was found in.
        let at = open.at + (content.as_ptr() as usize - open.rest.as_ptr() as usize);
        open.pass(rest);
        if matches!(kind, Kind::List | Kind::Map) {
            depth += 1;
            deepest = deepest.max(depth);
            if u32::from(depth) > MAX_DEPTH {
                return Err(WireError::new(WireErrorKind::TooDeep, at));
            }
        }
        let mut inner = Open { rest: content, kind, at };
        inner.pass(behind_usual_members(content, kind));
        outer.push(std::mem::replace(&mut open, inner));
    }
}

/// What is behind the members in front that are short and hold what a glance shows to be sound.
///
/// PERF (functions): most lists and maps have no other members.
fn behind_usual_members(bytes: &[u8], kind: Kind) -> &[u8] {
    let mut rest = bytes;
    while let Kind::List | Kind::Map = kind
        && let Some((member, behind)) = Members::next_short(rest)
    {
        let any = if kind == Kind::List { Some(member) } else { short_key_value(member).map(|pair| pair.value) };
        if any.is_none_or(|any| glance(any) == Glance::Unclear) {
            break;
        }
        rest = behind;
    }
    rest
}

/// The list or map in the member in front, its content and what is behind the member, if all of that is short and written as
/// nearly all writers do.
///
/// PERF (bodies that are maps): one step takes the place of three, for member, pair and value.
fn usual_container(bytes: &[u8], kind: Kind) -> Option<(Kind, &[u8], &[u8])> {
    let any_and_rest = match kind {
        Kind::List => Members::next_short(bytes)?,
        Kind::Map => {
            let (member, rest) = Members::next_short(bytes)?;
            (short_key_value(member)?.value, rest)
        }
        Kind::Any | Kind::Pair => return None,
    };
    let (any, rest) = any_and_rest;
    let tag = *any.first()?;
    let (content, []) = short_field(tag, any)? else { return None };
    match tag {
        tags::LIST => Some((Kind::List, content, rest)),
        tags::MAP => Some((Kind::Map, content, rest)),
        _ => None,
    }
}

/// The message that a field holds, if one has to be walked.
#[inline]
fn inside<'a>(kind: Kind, field: &Field<'a>) -> Result<Option<(Kind, &'a [u8])>, WireError> {
    let inner = match (kind, field.number) {
        (Kind::Any, any_value::ARRAY_VALUE) => Kind::List,
        (Kind::Any, any_value::KVLIST_VALUE) => Kind::Map,
        (Kind::Any, any_value::STRING_VALUE | any_value::BYTES_VALUE) | (Kind::Pair, pair::KEY) => {
            return field.bytes().map(|_| None);
        }
        (Kind::Any, any_value::BOOL_VALUE | any_value::INT_VALUE) => return field.varint().map(|_| None),
        (Kind::Any, any_value::DOUBLE_VALUE) => return field.fixed64().map(|_| None),
        (Kind::Pair, pair::VALUE) | (Kind::List, array_value::VALUES) => Kind::Any,
        (Kind::Map, key_value_list::VALUES) => Kind::Pair,
        _ => return Ok(None),
    };
    Ok(Some((inner, field.bytes()?)))
}
