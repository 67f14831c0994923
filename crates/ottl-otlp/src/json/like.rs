//! [`Original`]: the text that a message was read from, so that what no rule changed is written as it was.
//!
//! A record, resource or scope whose bytes are those of one in the original is written as the text that it was read from:
//! with members that OTLP does not have, and with numbers, names and blanks as they were. Where something changed, it is
//! written anew, and the unknown members that stood in it follow its own.
//!
//! INVARIANT: a text stands for a message only if it was read into the same bytes, so what is written means what is written
//! without an original; which of several equal records a text is from makes no difference to that.

use std::hash::{BuildHasher, RandomState};

use super::layout::{Style, put_text};
use super::notes::{Notes, Object, Stranger, is_kept};
use crate::schema::{Kind, MessageDef, MessageId, Signal};
use crate::wire::{Payload, Reader};

/// The text that a message was read from with [`super::read`], what it was read into, and the notes of that.
#[derive(Clone, Copy, Debug)]
pub struct Original<'a> {
    /// The document.
    pub text: &'a [u8],
    /// The message as it was read.
    pub protobuf: &'a [u8],
    /// What was noted.
    pub notes: &'a Notes,
    /// Whether messages of other signals in the document stay in it.
    pub others: bool,
}

/// Which texts of the original stand for which parts of a message.
pub(super) struct Kept<'a> {
    text: &'a [u8],
    objects: &'a [Object],
    /// Unknown members, by object.
    strangers: &'a [Stranger],
    /// Members of the whole document that stay with it.
    others: &'a [Stranger],
    /// Parts of the message that have a counterpart, by where their content starts.
    places: Vec<Place>,
    /// Where the next place is looked for: a writer goes forward, as a rule.
    next: usize,
    has_breaks: bool,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    start: u32,
    object: u32,
    is_same: bool,
}

/// A part of the original for a part of the message.
#[derive(Clone, Copy, Debug)]
pub(super) enum Counterpart {
    /// Its text stands for it.
    Same(u32),
    /// It is what the part was made from.
    Changed(u32),
}

impl Counterpart {
    /// The part of the original.
    pub(super) const fn object(self) -> u32 {
        match self {
            Self::Same(object) | Self::Changed(object) => object,
        }
    }
}

/// The index of nothing.
const NONE: u32 = u32::MAX;

/// Comparing a message with its original takes memory for each of its parts, about 64 bytes. Texts with less than this for
/// each part, and with less than [`FREE`] to begin with, are not compared: no telemetry looks so.
const BYTES_PER_PART: usize = 64;
const FREE: usize = 64 << 10;

/// The whole message among [`Notes::objects`].
pub(super) const ROOT: u32 = 0;

impl<'a> Kept<'a> {
    /// Compares a message with its original; nothing where the original has no notes of its parts.
    pub(super) fn new(signal: Signal, message: &[u8], original: Original<'a>) -> Option<Self> {
        let Original { text, protobuf, notes, others } = original;
        let most = (text.len() + FREE) / BYTES_PER_PART;
        if notes.objects.len() > most {
            return None;
        }
        let before = outline(signal, protobuf, most)?;
        let after = outline(signal, message, most)?;
        if notes.objects.len() != before.len() + 1 {
            return None;
        }
        let mut pairs = Pairs { of: vec![(NONE, false); after.len()], before: &before, after: &after };
        pairs.records(signal, protobuf, message);
        pairs.parents();
        pairs.only_children(protobuf, message);
        let mut places: Vec<Place> = Vec::with_capacity(after.len());
        for (node, (of, is_same)) in after.iter().zip(&pairs.of) {
            if *of != NONE {
                places.push(Place { start: node.start, object: of + 1, is_same: *is_same });
            }
        }
        let has_breaks = memchr::memchr(b'\n', text).is_some();
        let others = if others { &notes.other_members[..] } else { &[] };
        Some(Self { text, objects: &notes.objects, strangers: &notes.strangers, others, places, next: 0, has_breaks })
    }

    /// The part of the original that belongs to the part of the message whose content starts here.
    pub(super) fn counterpart(&mut self, start: usize) -> Option<Counterpart> {
        let wanted = u32::try_from(start).ok()?;
        if self.places.get(self.next).is_none_or(|place| place.start != wanted) {
            self.next = self.places.binary_search_by_key(&wanted, |place| place.start).ok()?;
        }
        let place = self.places[self.next];
        self.next += 1;
        Some(if place.is_same { Counterpart::Same(place.object) } else { Counterpart::Changed(place.object) })
    }

    /// Appends the text of a part of the original.
    pub(super) fn put(&self, object: u32, out: &mut Vec<u8>, style: Style, indent: usize) {
        let Some(object) = self.objects.get(object as usize) else { return };
        self.put_range(object.start, object.end, out, style, indent);
    }

    /// The unknown members of a part of the original.
    pub(super) fn strangers(&self, object: u32) -> impl Iterator<Item = Stranger> + use<'_, 'a> {
        let first = self.strangers.partition_point(|stranger| stranger.object < object);
        let own = self.strangers[first..].iter().take_while(move |stranger| stranger.object == object);
        let others = if object == ROOT { self.others } else { &[] };
        own.chain(others).copied()
    }

    /// Appends an unknown member.
    pub(super) fn put_stranger(&self, stranger: Stranger, out: &mut Vec<u8>, style: Style, indent: usize) {
        self.put_range(stranger.start, stranger.end, out, style, indent);
    }

    fn put_range(&self, start: u32, end: u32, out: &mut Vec<u8>, style: Style, indent: usize) {
        let text = &self.text[start as usize..end as usize];
        if style == Style::Compact && !self.has_breaks {
            out.extend_from_slice(text);
        } else {
            put_text(out, text, style, indent);
        }
    }
}

/// A part of a message of which a text is noted.
#[derive(Clone, Copy, Debug)]
struct Node {
    id: MessageId,
    /// Where its content is.
    start: u32,
    end: u32,
    /// The index of what it is in; none for resources' parents, which are in the whole message.
    parent: u32,
}

impl Node {
    fn content<'m>(&self, message: &'m [u8]) -> &'m [u8] {
        &message[self.start as usize..self.end as usize]
    }
}

/// What a node is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// It holds scopes.
    OfResource,
    /// It holds records.
    OfScope,
    /// The one resource or scope of such a message.
    Only,
    Record,
}

const fn role(id: MessageId) -> Role {
    match id {
        MessageId::ResourceSpans
        | MessageId::ResourceLogs
        | MessageId::ResourceMetrics
        | MessageId::ResourceProfiles => Role::OfResource,
        MessageId::ScopeSpans | MessageId::ScopeLogs | MessageId::ScopeMetrics | MessageId::ScopeProfiles => {
            Role::OfScope
        }
        MessageId::Resource | MessageId::InstrumentationScope => Role::Only,
        _ => Role::Record,
    }
}

/// The parts of a message in the order in which they begin, as the reader notes them; nothing for damaged messages, for
/// those beyond 4 GiB and for those with more parts than this.
fn outline(signal: Signal, message: &[u8], most: usize) -> Option<Vec<Node>> {
    u32::try_from(message.len()).ok()?;
    let mut nodes = Vec::new();
    add(signal.message().def(), message, 0, NONE, &mut nodes, most)?;
    Some(nodes)
}

/// Adds what is in a message that starts here. The schema bounds the depth: records are three levels down.
fn add(
    def: &'static MessageDef,
    message: &[u8],
    base: usize,
    parent: u32,
    nodes: &mut Vec<Node>,
    most: usize,
) -> Option<()> {
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field().ok()? {
        let Some(Kind::Message(id)) = def.field(field.number).map(|field| field.kind) else { continue };
        let Payload::Bytes(content) = field.payload else { continue };
        if !is_kept(id) {
            continue;
        }
        if nodes.len() >= most {
            return None;
        }
        let start = base + field.content_start();
        let index = nodes.len() as u32;
        nodes.push(Node { id, start: start as u32, end: (start + content.len()) as u32, parent });
        if matches!(role(id), Role::OfResource | Role::OfScope) {
            add(id.def(), content, start, index, nodes, most)?;
        }
    }
    Some(())
}

/// Which node before each node after comes from, and whether it is the same still.
struct Pairs<'n> {
    of: Vec<(u32, bool)>,
    before: &'n [Node],
    after: &'n [Node],
}

impl Pairs<'_> {
    /// Pairs records. Engines keep their order; they leave some out, and append metrics.
    fn records(&mut self, signal: Signal, old: &[u8], new: &[u8]) {
        let of_role = |nodes: &[Node]| -> Vec<u32> {
            let records = nodes.iter().enumerate().filter(|(_, node)| role(node.id) == Role::Record);
            records.map(|(index, _)| index as u32).collect()
        };
        let (before, after) = (of_role(self.before), of_role(self.after));
        let old_of = |index: u32| self.before[index as usize].content(old);
        let new_of = |index: u32| self.after[index as usize].content(new);
        let same = |(before, after): (&u32, &u32)| old_of(*before) == new_of(*after);
        if before.len() == after.len() && signal != Signal::Metrics {
            // None was left out.
            for pair in before.iter().zip(&after) {
                self.of[*pair.1 as usize] = (*pair.0, same(pair));
            }
            return;
        }
        let mut search = Search::default();
        // The first record that no record of the new message comes from yet.
        let mut low = 0;
        // The records after the last pair, which may have changed.
        let mut gap = 0;
        let mut found = vec![NONE; after.len()];
        for (at, index) in after.iter().enumerate() {
            let content = new_of(*index);
            let at_low = before.get(low).is_some_and(|before| old_of(*before) == content);
            let place =
                if at_low { Some(low) } else { search.find(content, low, before.len(), |at| old_of(before[at])) };
            let Some(place) = place else { continue };
            self.of[*index as usize] = (before[place], true);
            if place < low {
                // A record that was made equal to one in front, or that one, whose place the other took.
                continue;
            }
            // As many records on both sides of a pair and the pair before it are the same records, changed.
            if at - gap == place - low && signal != Signal::Metrics {
                (gap..at).zip(low..place).for_each(|(after, before)| found[after] = before as u32);
            }
            (low, gap) = (place + 1, at + 1);
        }
        if after.len() - gap == before.len() - low && signal != Signal::Metrics {
            (gap..after.len()).zip(low..before.len()).for_each(|(after, before)| found[after] = before as u32);
        }
        for (index, place) in after.iter().zip(found) {
            if place != NONE && self.of[*index as usize].0 == NONE {
                self.of[*index as usize] = (before[place as usize], false);
            }
        }
    }

    /// Pairs what holds records: by what it holds, and by order where none was left out.
    fn parents(&mut self) {
        for index in 0..self.after.len() {
            let (mut of, _) = self.of[index];
            let mut node = index;
            while of != NONE {
                let (parent, parent_of) = (self.after[node].parent, self.before[of as usize].parent);
                if parent == NONE || self.of[parent as usize].0 != NONE {
                    break;
                }
                self.of[parent as usize].0 = parent_of;
                (node, of) = (parent as usize, parent_of);
            }
        }
        for wanted in [Role::OfResource, Role::OfScope] {
            let count = |nodes: &[Node]| nodes.iter().filter(|node| role(node.id) == wanted).count();
            if count(self.before) != count(self.after) {
                continue;
            }
            let before = self.before.iter().enumerate().filter(|(_, node)| role(node.id) == wanted);
            let after = self.after.iter().enumerate().filter(|(_, node)| role(node.id) == wanted);
            for ((old, _), (new, _)) in before.zip(after) {
                self.of[new].0 = old as u32;
            }
        }
    }

    /// Pairs resources and scopes where there is one of them on both sides.
    fn only_children(&mut self, old: &[u8], new: &[u8]) {
        let children = |nodes: &[Node]| -> Vec<u32> {
            let mut child = vec![NONE; nodes.len()];
            let mut several = vec![false; nodes.len()];
            for (index, node) in nodes.iter().enumerate().filter(|(_, node)| role(node.id) == Role::Only) {
                let parent = node.parent as usize;
                several[parent] |= child[parent] != NONE;
                child[parent] = index as u32;
            }
            child.iter().zip(several).map(|(child, several)| if several { NONE } else { *child }).collect()
        };
        let (before, after) = (children(self.before), children(self.after));
        for (parent, child) in after.iter().enumerate().filter(|(_, child)| **child != NONE) {
            let of = self.of[parent].0;
            if of != NONE && before[of as usize] != NONE {
                let of = before[of as usize];
                let is_same = self.before[of as usize].content(old) == self.after[*child as usize].content(new);
                self.of[*child as usize] = (of, is_same);
            }
        }
    }
}

/// Finds records by their bytes, once they are not where they were.
#[derive(Default)]
struct Search {
    hasher: RandomState,
    /// Hashes with places, sorted; made on first use.
    hashes: Option<Vec<(u64, u32)>>,
}

impl Search {
    /// The first place from `low` on whose content is this, else the first one.
    fn find<'m>(&mut self, content: &[u8], low: usize, len: usize, at: impl Fn(usize) -> &'m [u8]) -> Option<usize> {
        let hasher = &self.hasher;
        let hashes = self.hashes.get_or_insert_with(|| {
            let mut hashes: Vec<_> = (0..len).map(|place| (hasher.hash_one(at(place)), place as u32)).collect();
            hashes.sort_unstable();
            hashes
        });
        let wanted = hasher.hash_one(content);
        let from = |low: usize| {
            let first = hashes.partition_point(|pair| *pair < (wanted, low as u32));
            let candidates = hashes[first..].iter().take_while(|(hash, _)| *hash == wanted);
            candidates.map(|(_, place)| *place as usize).find(|place| at(*place) == content)
        };
        from(low).or_else(|| from(0))
    }
}
