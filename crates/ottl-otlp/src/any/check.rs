//! The check that lists and maps of a message pass before they are values.
//!
//! INVARIANT: it does not recurse: how deep a message is must not decide how much stack is used.

use super::{Glance, MAX_DEPTH, Members, glance, short_key_value};
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
    reader: Reader<'a>,
    kind: Kind,
    /// Where it begins in what is checked.
    base: usize,
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
    let usual = usual_members(bytes, container);
    if usual == bytes.len() {
        return Ok(1);
    }
    let mut open = Open { reader: Reader::new(&bytes[usual..]), kind, base: usual };
    let mut outer = Outer { inline: ArrayVec::new(), deeper: Vec::new() };
    let (mut depth, mut deepest) = (1, 1);
    loop {
        let Some(field) = open.reader.next_field().map_err(|e| e.offset_by(open.base))? else {
            if matches!(open.kind, Kind::List | Kind::Map) {
                depth -= 1;
            }
            match outer.pop() {
                Some(around) => open = around,
                None => return Ok(deepest),
            }
            continue;
        };
        let Some((kind, content)) = inside(open.kind, &field).map_err(|e| e.offset_by(open.base))? else { continue };
        if kind == Kind::Any && glance(content) != Glance::Unclear {
            continue;
        }
        let base = open.base + field.content_start();
        if matches!(kind, Kind::List | Kind::Map) {
            depth += 1;
            deepest = deepest.max(depth);
            if u32::from(depth) > MAX_DEPTH {
                return Err(WireError::new(WireErrorKind::TooDeep, base));
            }
        }
        outer.push(std::mem::replace(&mut open, Open { reader: Reader::new(content), kind, base }));
    }
}

/// How many bytes members take, from the first one on, that are short and hold what a glance shows to be sound.
///
/// PERF (functions): most lists and maps have no other members.
fn usual_members(bytes: &[u8], container: Container) -> usize {
    let mut rest = bytes;
    while let Some((member, behind)) = Members::next_short(rest) {
        let any = match container {
            Container::List => Some(member),
            Container::Map => short_key_value(member).map(|pair| pair.value),
        };
        if any.is_none_or(|any| glance(any) == Glance::Unclear) {
            break;
        }
        rest = behind;
    }
    bytes.len() - rest.len()
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
