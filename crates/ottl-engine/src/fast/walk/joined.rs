//! [`Joined`]: the records of a resource, each of which was alone in a message, in as few groups as say what the records saw.
//!
//! INVARIANT: a record stays below the parents that it came from, and those below one parent are joined where all that it
//! says beside its records came out the same. Groups come in the order of their first records, and records in theirs.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher as _};

use arrayvec::ArrayVec;
use ottl_core::{Arena, EvalError, over_budget};
use ottl_otlp::Signal;
use ottl_otlp::schema::topology::DATA_POINTS;
use ottl_otlp::schema::topology::groups::{MEMBERS, RESOURCES};
use ottl_otlp::wire::fields::span::EVENTS;
use ottl_otlp::wire::{Field, Reader, WireError, begin_len, end_len, put_len_field};
use ottl_schema::{ContextId, MetricData, PointKind};

use crate::fast::exec::metric::data_field;
use crate::fast::group::subject;
use crate::group_key::{push_message, push_text, shell_message};

/// A message without its members, or without the data that holds them.
#[derive(Clone, Debug)]
pub(super) struct Frame<'m> {
    /// The field that it lies in.
    pub number: u32,
    /// Its fields in front of the first member.
    pub head: &'m [u8],
    /// Those behind that.
    pub tail: Cow<'m, [u8]>,
}

/// A message of a level that may have members: its frames, the outer one first, and where the members are.
#[derive(Clone, Debug)]
pub(super) struct Opened<'m> {
    pub level: ContextId,
    pub frames: ArrayVec<Frame<'m>, 2>,
    /// The message that lists the members, and the number of their field.
    list: Option<(&'m [u8], u32)>,
    /// Of the points of a metric.
    pub kind: PointKind,
}

impl<'m> Opened<'m> {
    /// Takes apart a message of a level that lies in the field of this number; `kind` is that of a point.
    pub fn new(level: ContextId, number: u32, bytes: &'m [u8], kind: PointKind) -> Result<Opened<'m>, EvalError> {
        let mut opened = Opened { level, frames: ArrayVec::new(), list: None, kind };
        let members = match level {
            ContextId::Resource => Some(subject(bytes, &Arena::new()).map(|(_, members)| members)?),
            ContextId::Scope => Some(MEMBERS),
            ContextId::Span => Some(EVENTS),
            ContextId::DataPoint => kind.exemplars(),
            ContextId::Metric => match data_field(bytes)? {
                Some((start, kind)) => {
                    let (frame, data) = Frame::around(number, bytes, |field| field.start == start)?;
                    opened.frames.push(frame);
                    opened.kind = kind;
                    let Some(data) = data else { return Ok(opened) };
                    let content = data.bytes()?;
                    opened.frames.push(Frame::around(data.number, content, |field| field.number == DATA_POINTS)?.0);
                    opened.list = Some((content, DATA_POINTS));
                    return Ok(opened);
                }
                None => None,
            },
            _ => None,
        };
        let is_member = |field: &Field<'_>| Some(field.number) == members;
        opened.frames.push(Frame::around(number, bytes, is_member)?.0);
        opened.list = members.map(|members| (bytes, members));
        Ok(opened)
    }

    /// The number of the members' field.
    pub fn number(&self) -> u32 {
        self.list.map_or(0, |(_, number)| number)
    }

    /// The members.
    pub fn members(&self) -> impl Iterator<Item = Result<&'m [u8], WireError>> + use<'m> {
        let (holder, number) = self.list.unwrap_or((&[], 0));
        let mut reader = Reader::new(holder);
        std::iter::from_fn(move || {
            loop {
                match reader.next_field() {
                    Ok(Some(field)) if field.number == number => return Some(field.bytes()),
                    Ok(Some(_)) => {}
                    Ok(None) => return None,
                    Err(error) => {
                        reader = Reader::new(&[]);
                        return Some(Err(error));
                    }
                }
            }
        })
    }

    /// How many bytes it has beside its members.
    pub fn len(&self) -> usize {
        self.frames.iter().map(|frame| frame.head.len() + frame.tail.len() + 6).sum()
    }

    /// A hash of its bytes beside its members.
    ///
    /// PERF: of a large resource, a hash that resists those who look for collisions took half the time of a record. Here they would
    /// gain a look by what it says.
    fn hash(&self) -> u64 {
        let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let add = |hash: u64, bytes: &[u8]| {
            let (words, rest) = bytes.as_chunks::<8>();
            let hash = words.iter().fold(hash, |hash, word| mix(hash, u64::from_le_bytes(*word)));
            rest.iter().fold(mix(hash, bytes.len() as u64), |hash, byte| mix(hash, u64::from(*byte)))
        };
        self.frames.iter().fold(0, |hash, frame| add(add(hash, frame.head), &frame.tail))
    }

    /// What it says beside its members: the same bytes for what says the same.
    fn key(&self, signal: Signal) -> Result<Vec<u8>, WireError> {
        let (mut key, mut shell) = (Vec::with_capacity(self.len()), Vec::new());
        for (at, frame) in self.frames.iter().enumerate() {
            let message = match MetricData::of(frame.number) {
                Some(data) if at > 0 => {
                    key.push(frame.number as u8);
                    data.message
                }
                _ => shell_message(signal, self.level, self.kind),
            };
            let mut ordered = Vec::new();
            shell.clear();
            shell.extend_from_slice(frame.head);
            shell.extend_from_slice(&frame.tail);
            push_message(&mut ordered, message, &shell)?;
            push_text(&mut key, &ordered);
        }
        Ok(key)
    }
}

impl<'m> Frame<'m> {
    /// The fields of a message around its members, and the last of these.
    fn around(
        number: u32,
        bytes: &'m [u8],
        is_member: impl Fn(&Field<'m>) -> bool,
    ) -> Result<(Frame<'m>, Option<Field<'m>>), WireError> {
        let (mut head, mut between, mut from, mut last) = (bytes, Vec::new(), bytes.len(), None);
        let mut reader = Reader::new(bytes);
        while let Some(field) = reader.next_field()? {
            if !is_member(&field) {
                continue;
            }
            match last {
                None => head = &bytes[..field.start],
                Some(_) => between.extend_from_slice(&bytes[from..field.start]),
            }
            (from, last) = (field.end, Some(field));
        }
        let rest = &bytes[from..];
        let tail = if between.is_empty() {
            Cow::Borrowed(rest)
        } else {
            between.extend_from_slice(rest);
            Cow::Owned(between)
        };
        Ok((Frame { number, head, tail }, last))
    }
}

/// Appends messages in each other around what is written in the innermost one.
pub(super) fn put_around(out: &mut Vec<u8>, frames: &[&Frame<'_>], inside: usize, write: impl FnOnce(&mut Vec<u8>)) {
    let mut marks = ArrayVec::<_, 8>::new();
    let mut left: usize = frames.iter().map(|frame| frame.head.len() + frame.tail.len() + 6).sum::<usize>() + inside;
    for frame in frames {
        // There are four levels at most, and one of them has two frames.
        marks.push(begin_len(out, frame.number, left.saturating_sub(6)));
        left = left.saturating_sub(frame.head.len() + frame.tail.len() + 6);
        out.extend_from_slice(frame.head);
    }
    write(out);
    for (frame, mark) in frames.iter().zip(marks).rev() {
        out.extend_from_slice(&frame.tail);
        end_len(out, mark);
    }
}

/// A place in [`Joined::bytes`].
type Span = (u32, u32);

/// What stands for no group.
const NONE: u32 = u32::MAX;

/// A message with those that were joined in it; the first one is no message, and holds the groups of the resource.
#[derive(Debug)]
struct Group {
    /// Which of the message's parents it comes from, and what it lies in.
    of: u32,
    above: u32,
    level: ContextId,
    kind: PointKind,
    frames: ArrayVec<(u32, Span, Span), 2>,
    /// The number of its members' field.
    number: u32,
    members: Vec<Member>,
    /// The first group in it. Only when there is another one is it looked for by what it says.
    first: u32,
    has_more: bool,
    /// Another group with the same hash.
    next: u32,
}

#[derive(Debug)]
enum Member {
    Group(u32),
    /// The content of the field.
    Leaf(Span),
}

/// What is joined of the current resource.
#[derive(Debug, Default)]
pub(super) struct Joined {
    groups: Vec<Group>,
    /// By what they lie in, what they come from, and a hash of what they say.
    owners: HashMap<(u32, u32, u64), u32>,
    /// The same with a hash of their bytes: what was written so before needs no other look.
    written: HashMap<(u32, u32, u64), u32>,
    bytes: Vec<u8>,
    /// The groups of the last record, the outermost first.
    current: ArrayVec<u32, 4>,
    /// Bytes that it takes beside `bytes`.
    beside: usize,
    /// Whether any record, or what is above it, was written.
    pub has_changed: bool,
}

impl Group {
    fn of_resource() -> Group {
        Group {
            of: NONE,
            above: NONE,
            level: ContextId::Resource,
            kind: PointKind::Number,
            frames: ArrayVec::new(),
            number: RESOURCES,
            members: Vec::new(),
            first: NONE,
            has_more: false,
            next: NONE,
        }
    }
}

impl Joined {
    /// Forgets everything for the next resource.
    pub fn restart(&mut self) {
        self.groups.clear();
        self.groups.push(Group::of_resource());
        self.owners.clear();
        self.written.clear();
        self.bytes.clear();
        self.current.clear();
        self.beside = 0;
        self.has_changed = false;
    }

    /// How many bytes it will become, at least.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// How many bytes of memory it takes.
    pub fn held(&self) -> usize {
        self.bytes.len() + self.beside
    }

    /// Adds the group of a resource that one record, which lay in these parents, has for itself.
    pub fn add(&mut self, signal: Signal, parents: &[(u32, ContextId)], message: &[u8]) -> Result<(), EvalError> {
        let (mut into, mut message, mut kind) = (0, message, PointKind::Number);
        let mut others: Vec<(u32, &[u8])> = Vec::new();
        for (depth, (of, level)) in parents.iter().enumerate() {
            let opened = Opened::new(*level, self.groups[into as usize].number, message, kind)?;
            kind = opened.kind;
            into = self.owner(signal, into, depth, *of, &opened)?;
            let mut members = opened.members();
            let Some(first) = members.next() else { break };
            message = first?;
            for member in members {
                others.push((into, member?));
            }
            if depth + 1 == parents.len() {
                self.put(into, message)?;
            }
        }
        // Metrics that were appended, and what the record has put into the list beside itself.
        others.into_iter().try_for_each(|(group, member)| self.put(group, member))
    }

    /// Adds what has no records in it as it was, to its parents as they were.
    pub fn add_childless(
        &mut self,
        signal: Signal,
        parents: &[(u32, &Opened<'_>)],
        leaf: &[u8],
    ) -> Result<(), EvalError> {
        let mut into = 0;
        for (depth, (of, opened)) in parents.iter().enumerate() {
            into = self.owner(signal, into, depth, *of, opened)?;
        }
        self.put(into, leaf)
    }

    fn put(&mut self, into: u32, leaf: &[u8]) -> Result<(), EvalError> {
        let span = self.keep(leaf)?;
        self.beside += 2 * size_of::<Member>();
        self.groups[into as usize].members.push(Member::Leaf(span));
        Ok(())
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<Span, EvalError> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        match (u32::try_from(start), u32::try_from(self.bytes.len())) {
            (Ok(start), Ok(end)) => Ok((start, end)),
            _ => Err(over_budget()),
        }
    }

    fn kept(&self, (start, end): Span) -> &[u8] {
        &self.bytes[start as usize..end as usize]
    }

    /// The group for what lies in such a message.
    fn owner(
        &mut self,
        signal: Signal,
        above: u32,
        depth: usize,
        of: u32,
        opened: &Opened<'_>,
    ) -> Result<u32, EvalError> {
        let Group { first, has_more, .. } = self.groups[above as usize];
        let likely = self.current.get(depth).copied().filter(|last| self.groups[*last as usize].above == above);
        let likely = likely.or((first != NONE).then_some(first));
        if let Some(likely) = likely
            && self.groups[likely as usize].of == of
            && self.is_written_so(likely, opened)
        {
            self.current.truncate(depth);
            self.current.push(likely);
            return Ok(likely);
        }
        self.current.truncate(depth);
        let owner = if first == NONE {
            let new = self.new_group(above, of, opened)?;
            self.groups[above as usize].first = new;
            new
        } else {
            if !has_more {
                self.groups[above as usize].has_more = true;
                let (key, bytes) = (self.key(signal, first)?, self.opened(first).hash());
                self.written.insert((above, self.groups[first as usize].of, bytes), first);
                self.enter((above, self.groups[first as usize].of, hash(&key)), first);
            }
            self.same_or_new(signal, above, of, opened)?
        };
        self.current.push(owner);
        Ok(owner)
    }

    /// The group that says the same, or a new one.
    fn same_or_new(&mut self, signal: Signal, above: u32, of: u32, opened: &Opened<'_>) -> Result<u32, EvalError> {
        let bytes = (above, of, opened.hash());
        if let Some(known) = self.written.get(&bytes).copied()
            && self.is_written_so(known, opened)
        {
            return Ok(known);
        }
        let key = opened.key(signal)?;
        let place = (above, of, hash(&key));
        let mut known = self.owners.get(&place).copied().unwrap_or(NONE);
        while known != NONE {
            if self.is_written_so(known, opened) || self.key(signal, known)? == key {
                return Ok(known);
            }
            known = self.groups[known as usize].next;
        }
        let new = self.new_group(above, of, opened)?;
        self.enter(place, new);
        self.written.insert(bytes, new);
        Ok(new)
    }

    fn enter(&mut self, place: (u32, u32, u64), group: u32) {
        // An entry of each table.
        self.beside += 4 * size_of::<((u32, u32, u64), u32)>();
        if let Some(before) = self.owners.insert(place, group) {
            self.groups[group as usize].next = before;
        }
    }

    fn new_group(&mut self, above: u32, of: u32, opened: &Opened<'_>) -> Result<u32, EvalError> {
        let mut frames = ArrayVec::new();
        for frame in &opened.frames {
            frames.push((frame.number, self.keep(frame.head)?, self.keep(&frame.tail)?));
        }
        let (level, kind, number) = (opened.level, opened.kind, opened.number());
        let new = u32::try_from(self.groups.len()).map_err(|_| over_budget())?;
        self.groups.push(Group { of, above, level, kind, frames, number, ..Group::of_resource() });
        self.groups[above as usize].members.push(Member::Group(new));
        self.beside += 2 * size_of::<Group>() + 4 * size_of::<Member>();
        Ok(new)
    }

    fn is_written_so(&self, group: u32, opened: &Opened<'_>) -> bool {
        let frames = &self.groups[group as usize].frames;
        frames.len() == opened.frames.len()
            && frames.iter().zip(&opened.frames).all(|((number, head, tail), frame)| {
                *number == frame.number && self.kept(*head) == frame.head && self.kept(*tail) == &*frame.tail
            })
    }

    /// A group as it was opened, without its members.
    fn opened(&self, group: u32) -> Opened<'_> {
        let Group { level, kind, frames, .. } = &self.groups[group as usize];
        let frame = |(number, head, tail): &(u32, Span, Span)| Frame {
            number: *number,
            head: self.kept(*head),
            tail: Cow::Borrowed(self.kept(*tail)),
        };
        Opened { level: *level, frames: frames.iter().map(frame).collect(), list: None, kind: *kind }
    }

    fn key(&self, signal: Signal, group: u32) -> Result<Vec<u8>, WireError> {
        self.opened(group).key(signal)
    }

    /// Appends the groups of the resource.
    pub fn write(&self, out: &mut Vec<u8>) {
        self.write_members(0, out);
    }

    fn write_members(&self, group: u32, out: &mut Vec<u8>) {
        let Group { number, members, .. } = &self.groups[group as usize];
        for member in members {
            match member {
                Member::Leaf(span) => put_len_field(out, *number, self.kept(*span)),
                Member::Group(inner) => self.write_group(*inner, out),
            }
        }
    }

    fn write_group(&self, group: u32, out: &mut Vec<u8>) {
        let opened = self.opened(group);
        let frames: ArrayVec<&Frame<'_>, 2> = opened.frames.iter().collect();
        let inside = self.groups[group as usize].members.iter().map(|member| match member {
            Member::Leaf((start, end)) => (end - start) as usize + 3,
            Member::Group(_) => 0x100,
        });
        put_around(out, &frames, inside.sum(), |out| self.write_members(group, out));
    }
}

fn hash(key: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(key);
    hasher.finish()
}
