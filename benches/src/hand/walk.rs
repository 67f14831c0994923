//! Fields of messages that are written as SDKs write them, and the walk over resources, scopes and records.

use ottl::Status;
use ottl_otlp::wire::{begin_len, end_len, put_len_field, read_varint};

/// A field: where it begins, where its content does, and where it ends.
#[derive(Clone, Copy)]
pub(super) struct Field {
    pub tag: u8,
    pub start: usize,
    pub content: usize,
    pub end: usize,
}

/// The field at `start`. Tags have one byte.
#[inline(always)]
pub(super) fn field(message: &[u8], start: usize) -> Option<Field> {
    let tag = *message.get(start)?;
    let (content, end) = match tag & 7 {
        2 => match *message.get(start + 1)? {
            len @ ..0x80 => (start + 2, start + 2 + usize::from(len)),
            _ => long(message, start)?,
        },
        1 => (start + 1, start + 9),
        0 => {
            let mut last = start + 1;
            while *message.get(last)? >= 0x80 {
                last += 1;
            }
            (start + 1, last + 1)
        }
        5 => (start + 1, start + 5),
        _ => return None,
    };
    (end <= message.len()).then_some(Field { tag, start, content, end })
}

#[cold]
fn long(message: &[u8], start: usize) -> Option<(usize, usize)> {
    let (len, content) = read_varint(message, start + 1).ok()?;
    Some((content, content.checked_add(usize::try_from(len).ok()?)?))
}

/// The record at `start`: mostly its length has two bytes.
#[inline(always)]
fn member(message: &[u8], start: usize) -> Option<Field> {
    if let Some(&[tag @ 0x12, low, high @ ..0x80]) = message.get(start..)?.first_chunk()
        && low >= 0x80
    {
        let content = start + 3;
        let end = content + (usize::from(low & 0x7f) | usize::from(high) << 7);
        return (end <= message.len()).then_some(Field { tag, start, content, end });
    }
    field(message, start)
}

/// The value of a varint field.
pub(super) fn varint(message: &[u8], field: Field) -> Option<u64> {
    Some(read_varint(message, field.content).ok()?.0)
}

/// The encoded value of a pair if its key is this one.
#[inline(always)]
pub(super) fn value_of<'m>(pair: &'m [u8], key: &[u8]) -> Option<&'m [u8]> {
    match pair {
        [0x0a, len, rest @ ..] if usize::from(*len) == key.len() => match rest.strip_prefix(key)? {
            [0x12, len @ ..0x80, value @ ..] if usize::from(*len) == value.len() => Some(value),
            _ => None,
        },
        _ => None,
    }
}

/// The text of an encoded value.
#[inline(always)]
pub(super) fn text(value: &[u8]) -> Option<&[u8]> {
    match value {
        [0x0a, len @ ..0x80, text @ ..] if usize::from(*len) == text.len() => Some(text),
        _ => None,
    }
}

/// The encoded value of an attribute of a resource.
pub(super) fn resource_attribute<'m>(resource: &'m [u8], key: &[u8]) -> Option<&'m [u8]> {
    let mut at = 0;
    while let Some(pair) = field(resource, at) {
        at = pair.end;
        if pair.tag == 0x0a
            && let Some(value) = value_of(&resource[pair.content..pair.end], key)
        {
            return Some(value);
        }
    }
    None
}

/// Something that is found out once for each resource.
pub(super) struct PerResource<T> {
    address: usize,
    found: T,
}

impl<T: Copy> PerResource<T> {
    pub(super) fn new(nothing: T) -> Self {
        PerResource { address: 0, found: nothing }
    }

    #[inline(always)]
    pub(super) fn of(&mut self, resource: &[u8], find: impl FnOnce(&[u8]) -> T) -> T {
        let address = resource.as_ptr() as usize;
        if self.address != address {
            *self = PerResource { address, found: find(resource) };
        }
        self.found
    }
}

/// The attributes of a record, each by where its field lies, in the order in which they are to be written.
pub(super) struct Pairs {
    places: [(u32, u32); MOST],
    count: usize,
}

/// As many attributes as a record has here.
const MOST: usize = 64;

impl Pairs {
    #[inline(always)]
    pub(super) const fn new() -> Self {
        Pairs { places: [(0, 0); MOST], count: 0 }
    }

    pub(super) fn clear(&mut self) {
        self.count = 0;
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Puts one behind the others.
    #[inline(always)]
    pub(super) fn push(&mut self, start: usize, end: usize) -> Option<()> {
        *self.places.get_mut(self.count)? = (start as u32, end as u32);
        self.count += 1;
        Some(())
    }

    /// Takes one out; the last one comes to its place.
    pub(super) fn swap_remove(&mut self, index: usize) {
        self.count -= 1;
        self.places[index] = self.places[self.count];
    }

    /// Takes some out; the others stay in order.
    pub(super) fn retain(&mut self, mut stays: impl FnMut(usize, usize) -> bool) {
        let mut kept = 0;
        for index in 0..self.count {
            let (start, end) = self.places[index];
            if stays(start as usize, end as usize) {
                self.places[kept] = (start, end);
                kept += 1;
            }
        }
        self.count = kept;
    }

    /// Where they lie, neighbours as one.
    #[inline(always)]
    pub(super) fn runs(&self, mut run: impl FnMut(usize, usize)) {
        let mut open = (0, 0);
        for &(start, end) in &self.places[..self.count] {
            if start == open.1 {
                open.1 = end;
            } else {
                run(open.0 as usize, open.1 as usize);
                open = (start, end);
            }
        }
        run(open.0 as usize, open.1 as usize);
    }
}

/// What becomes of a record.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Fate {
    /// It stays as it is.
    Kept,
    /// It goes.
    Dropped,
    /// It is written anew.
    Changed,
}

/// The rules of a loop.
pub(super) trait Rules {
    /// Writes the field of a resource of this content.
    fn resource(&mut self, content: &[u8], out: &mut Vec<u8>) -> Option<()> {
        put_len_field(out, 1, content);
        Some(())
    }

    /// What becomes of this record of this resource; both are contents.
    fn decide(&mut self, resource: &[u8], record: &[u8]) -> Option<Fate>;

    /// Writes the field of the record that was just decided to change.
    fn write(&mut self, record: &[u8], out: &mut Vec<u8>) -> Option<()>;
}

/// Whether `is` says yes to one of the records, each with its resource's content.
pub(super) fn any(input: &[u8], mut is: impl FnMut(&[u8], &[u8]) -> bool) -> Option<bool> {
    let mut at = 0;
    while at < input.len() {
        let group = field(input, at)?;
        at = group.end;
        let content = &input[group.content..group.end];
        let mut resource = &[][..];
        let mut at = 0;
        while at < content.len() {
            let part = field(content, at)?;
            at = part.end;
            if part.tag == 0x0a {
                resource = &content[part.content..part.end];
            } else if part.tag == 0x12 {
                let scope = &content[part.content..part.end];
                let mut at = 0;
                while at < scope.len() {
                    let record = member(scope, at)?;
                    at = record.end;
                    if record.tag == 0x12 && is(resource, &scope[record.content..record.end]) {
                        return Some(true);
                    }
                }
            }
        }
    }
    Some(false)
}

/// Writes a message with what becomes of each of its records. Scopes and resources that lost all of theirs go with them.
pub(super) fn rewrite(input: &[u8], out: &mut Vec<u8>, rules: &mut impl Rules) -> Option<Status> {
    let written = out.len();
    let mut at = 0;
    while at < input.len() {
        let group = field(input, at)?;
        at = group.end;
        let content = &input[group.content..group.end];
        let group_start = out.len();
        let group_mark = begin_len(out, 1, content.len());
        let (mut resource, mut scopes_left) = (&[][..], 0);
        let mut at = 0;
        while at < content.len() {
            let part = field(content, at)?;
            at = part.end;
            if part.tag != 0x12 {
                if part.tag == 0x0a {
                    resource = &content[part.content..part.end];
                    rules.resource(resource, out)?;
                } else {
                    out.extend_from_slice(&content[part.start..part.end]);
                }
                continue;
            }
            let scope = &content[part.content..part.end];
            let scope_start = out.len();
            let mark = begin_len(out, 2, scope.len());
            let (mut run, mut left) = (0, 0);
            let mut at = 0;
            while at < scope.len() {
                let member = member(scope, at)?;
                at = member.end;
                if member.tag != 0x12 {
                    continue;
                }
                let record = &scope[member.content..member.end];
                let fate = rules.decide(resource, record)?;
                left += usize::from(fate != Fate::Dropped);
                if fate != Fate::Kept {
                    out.extend_from_slice(&scope[run..member.start]);
                    run = member.end;
                }
                if fate == Fate::Changed {
                    rules.write(record, out)?;
                }
            }
            out.extend_from_slice(&scope[run..]);
            end_len(out, mark);
            if left == 0 {
                out.truncate(scope_start);
            } else {
                scopes_left += 1;
            }
        }
        end_len(out, group_mark);
        if scopes_left == 0 {
            out.truncate(group_start);
        }
    }
    Some(if out.len() == written { Status::Dropped } else { Status::Changed })
}

struct Filter<F>(F);

impl<F: FnMut(&[u8], &[u8]) -> bool> Rules for Filter<F> {
    #[inline(always)]
    fn decide(&mut self, resource: &[u8], record: &[u8]) -> Option<Fate> {
        Some(if self.0(resource, record) { Fate::Dropped } else { Fate::Kept })
    }

    fn write(&mut self, _: &[u8], _: &mut Vec<u8>) -> Option<()> {
        Some(())
    }
}

/// Leaves out the records that `drops` says yes to.
pub(super) fn filter(input: &[u8], out: &mut Vec<u8>, drops: impl FnMut(&[u8], &[u8]) -> bool) -> Option<Status> {
    let mut rules = Filter(drops);
    if !any(input, &mut rules.0)? {
        return Some(Status::Unchanged);
    }
    rewrite(input, out, &mut rules)
}
