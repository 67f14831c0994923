//! Isolated passes: every record is run alone in a message of its own, with copies of all that is above it.
//!
//! As many of these as fill a piece of memory lie beside each other in one message, which is walked as any other. What comes
//! out is joined resource by resource ([`Joined`]); a resource of which nothing was written is copied as it was.
//! INVARIANT: what is made of one piece is gone before the next is made, but for what is joined of the current resource, which
//! counts as output.

use std::ops::Range;
use std::rc::Rc;

use arrayvec::ArrayVec;
use ottl_core::SCRATCH_BYTES;
use ottl_otlp::schema::topology::groups::RESOURCES;
use ottl_otlp::wire::{Reader, put_len_field};
use ottl_schema::{ContextId, PointKind};

use super::joined::{Frame, Joined, Opened, put_around};
use super::{Passage, Walk, Walked};
use crate::RunError;
use crate::group_key::levels_of;
use crate::place::DEPTH;

/// A message of the input that holds others, and that it lies in.
struct Parent<'a> {
    /// Its number in the message.
    number: u32,
    above: Above<'a>,
    opened: Opened<'a>,
}

/// What something lies in, if that is not the message as a whole. It is kept for as long as something in it is to be run.
type Above<'a> = Option<Rc<Parent<'a>>>;

/// What follows each other in the message.
enum Item<'a> {
    /// A record, below this parent.
    Record(Above<'a>),
    /// What could hold records, and holds none.
    Childless(Above<'a>, &'a [u8]),
    /// The end of a resource, which lies there.
    End(Range<usize>),
    /// Another field of the message.
    Other(Range<usize>),
}

/// Records that are run together.
struct Batch<'a> {
    levels: Vec<ContextId>,
    /// How many parents there were.
    opened: u32,
    items: Vec<Item<'a>>,
    /// The records, each in a message of its own.
    chunk: Vec<u8>,
    /// Where they were.
    places: Vec<[u32; DEPTH]>,
    joined: Joined,
    has_changed: bool,
}

/// With more items than these a batch is run, so that what is known of them stays small.
const MOST_ITEMS: usize = 1 << 14;

impl<'a, const DROPS: bool> Walk<'a, '_, DROPS> {
    /// Runs the pass with every record alone. The output is in `out` if anything was changed.
    pub(super) fn pass_alone(&mut self, input: &'a [u8], out: &mut Vec<u8>) -> Walked<Passage> {
        let Some(level) = ContextId::ALL.into_iter().find(|level| !self.pass.groups[*level as usize].is_empty()) else {
            return Ok(Passage { changed: false, kept: true });
        };
        let mut batch = Batch {
            levels: levels_of(level),
            opened: 0,
            items: Vec::new(),
            chunk: Vec::new(),
            places: Vec::new(),
            joined: Joined::default(),
            has_changed: false,
        };
        batch.joined.restart();
        let (mut reader, mut at) = (Reader::new(input), [0; DEPTH]);
        let base = out.len();
        while let Some(field) = reader.next_field()? {
            if field.number == RESOURCES {
                self.spread(&mut batch, (0, field.bytes()?, PointKind::Number), &None, at, (input, base, out))?;
                at[0] += 1;
                batch.items.push(Item::End(field.start..field.end));
            } else {
                batch.items.push(Item::Other(field.start..field.end));
            }
            if batch.items.len() > MOST_ITEMS && !self.pass.shares_cache {
                self.run_batch(&mut batch, (input, base, out))?;
            }
        }
        self.run_batch(&mut batch, (input, base, out))?;
        Ok(Passage { changed: batch.has_changed, kept: true })
    }

    /// Adds what lies in a message of the level of this depth; runs what there is by then where that fills a piece of memory.
    fn spread(
        &mut self,
        batch: &mut Batch<'a>,
        (depth, bytes, kind): (usize, &'a [u8], PointKind),
        above: &Above<'a>,
        mut at: [u32; DEPTH],
        (input, base, out): (&'a [u8], usize, &mut Vec<u8>),
    ) -> Walked<()> {
        let is_record = depth + 1 == batch.levels.len();
        if is_record {
            batch.add_record(above, bytes, at);
            self.state.steps.look_at(len_of(above) + bytes.len())?;
        } else {
            let number = above.as_ref().map_or(RESOURCES, |above| above.opened.number());
            let opened = Opened::new(batch.levels[depth], number, bytes, kind)?;
            let (kind, mut members) = (opened.kind, opened.members().peekable());
            if members.peek().is_some() {
                let parent = Some(Rc::new(Parent { number: batch.opened, above: above.clone(), opened }));
                batch.opened = batch.opened.wrapping_add(1);
                for (idx, member) in (0..).zip(members) {
                    at[depth + 1] = idx;
                    self.spread(batch, (depth + 1, member?, kind), &parent, at, (input, base, &mut *out))?;
                }
                return Ok(());
            }
            batch.items.push(Item::Childless(above.clone(), bytes));
        }
        if self.pass.shares_cache {
            // All of them are run together, and their copies are made twice.
            self.state.arena.check(batch.chunk.len().saturating_mul(2))?;
        } else if batch.chunk.len() > self.state.env.limits.segment || batch.items.len() > MOST_ITEMS {
            self.run_batch(batch, (input, base, out))?;
        }
        Ok(())
    }

    /// Runs the records of a batch, and joins what comes out.
    fn run_batch(&mut self, batch: &mut Batch<'a>, (input, base, out): (&'a [u8], usize, &mut Vec<u8>)) -> Walked<()> {
        let mut walked = Vec::new();
        let is_walked = !batch.chunk.is_empty() && self.run_chunk(&batch.chunk, &batch.places, &mut walked)?;
        // What is written is a change, also where it was the same before.
        batch.has_changed |= is_walked;
        let after = if is_walked { &walked } else { &batch.chunk };
        let (mut before, mut after) = (Reader::new(&batch.chunk), Reader::new(after));
        let signal = self.state.plan.signal;
        for item in &batch.items {
            match item {
                Item::Record(above) => {
                    let (Some(was), Some(is)) = (before.next_field()?, after.next_field()?) else { break };
                    let (was, is) = (was.bytes()?, is.bytes()?);
                    batch.joined.has_changed |= was != is;
                    let parents: ArrayVec<_, 4> =
                        chain(above).iter().map(|parent| (parent.number, parent.opened.level)).collect();
                    batch.joined.add(signal, &parents, is)?;
                }
                Item::Childless(above, leaf) => {
                    let parents: ArrayVec<_, 4> =
                        chain(above).iter().map(|parent| (parent.number, &parent.opened)).collect();
                    batch.joined.add_childless(signal, &parents, leaf)?;
                }
                Item::End(place) => {
                    match batch.joined.has_changed {
                        true => batch.joined.write(out),
                        false => out.extend_from_slice(&input[place.clone()]),
                    }
                    batch.joined.restart();
                }
                Item::Other(place) => out.extend_from_slice(&input[place.clone()]),
            }
            let arena = self.state.arena;
            if out.len() - base + batch.joined.len() > self.state.messages.most_written
                || batch.joined.held() > arena.limit().saturating_sub(arena.held())
            {
                return Err(Box::new(RunError::limit(SCRATCH_BYTES)));
            }
        }
        batch.items.clear();
        batch.chunk.clear();
        batch.places.clear();
        Ok(())
    }

    /// Walks a message of records that are alone: whether anything was written.
    fn run_chunk(&mut self, chunk: &[u8], places: &[[u32; DEPTH]], out: &mut Vec<u8>) -> Walked<bool> {
        let Some((arena, segments)) = self.segments.split_first_mut().filter(|_| !self.pass.shares_cache) else {
            // What one record leaves in the cache is for the next.
            self.state.at.alone = self.state.arena.copy(places)?;
            let chunk = self.state.arena.copy(chunk)?;
            let passage = self.pass(chunk, out);
            self.state.at.alone = &[];
            return Ok(passage?.changed);
        };
        let passage = {
            let mut walk = Walk::<DROPS> {
                state: self.state.segment(arena, [None; 2]),
                pass: self.pass,
                record: self.record,
                failure: None,
                segments: &mut *segments,
            };
            walk.state.at.alone = places;
            let passage = walk.pass(chunk, out);
            let carried = walk.state.carried();
            drop(walk);
            self.state.carry(carried);
            passage
        };
        arena.reset(self.state.env.limits.segment.saturating_mul(2).min(crate::fast::KEPT_ARENA));
        Ok(passage?.changed)
    }
}

impl<'a> Batch<'a> {
    /// Adds a record in a message of its own.
    fn add_record(&mut self, above: &Above<'a>, bytes: &[u8], at: [u32; DEPTH]) {
        let parents = chain(above);
        let frames: ArrayVec<&Frame<'_>, 8> = parents.iter().flat_map(|parent| &parent.opened.frames).collect();
        let number = parents.last().map_or(RESOURCES, |parent| parent.opened.number());
        put_around(&mut self.chunk, &frames, bytes.len() + 6, |out| put_len_field(out, number, bytes));
        self.items.push(Item::Record(above.clone()));
        self.places.push(at);
    }
}

/// How many bytes are copied for something that lies in this.
fn len_of(above: &Above<'_>) -> usize {
    chain(above).iter().map(|parent| parent.opened.len()).sum()
}

/// A parent with all that it lies in, the outermost first.
fn chain<'p, 'a>(innermost: &'p Above<'a>) -> ArrayVec<&'p Parent<'a>, 4> {
    let mut chain: ArrayVec<&Parent<'_>, 4> =
        std::iter::successors(innermost.as_deref(), |parent| parent.above.as_deref()).collect();
    chain.reverse();
    chain
}
