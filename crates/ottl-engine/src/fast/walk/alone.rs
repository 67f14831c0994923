//! Isolated passes: every record is run alone in a message of its own, with copies of all that is above it.
//!
//! As many of these as fill a piece of memory lie beside each other in one message, which is walked as any other. What comes
//! out is joined resource by resource ([`Joined`]); a resource of which nothing was written is copied as it was.
//! INVARIANT: what is made of one piece is gone before the next is made, but for what is joined of the current resource, which
//! counts as output.

use std::ops::Range;

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
    above: Option<usize>,
    opened: Opened<'a>,
}

/// What follows each other in the message.
enum Item<'a> {
    /// A record, below this parent.
    Record(Option<usize>),
    /// What could hold records, and holds none.
    Childless(Option<usize>, &'a [u8]),
    /// The end of a resource, which lies there.
    End(Range<usize>),
    /// Another field of the message.
    Other(Range<usize>),
}

/// Records that are run together.
struct Batch<'a> {
    levels: Vec<ContextId>,
    /// Those that items name.
    parents: Vec<Parent<'a>>,
    opened: u32,
    items: Vec<Item<'a>>,
    /// The records, each in a message of its own.
    chunk: Vec<u8>,
    /// Where they were.
    places: Vec<[u32; DEPTH]>,
    joined: Joined,
    has_changed: bool,
}

/// How many parents are kept for what comes behind them.
const KEPT_PARENTS: usize = 1024;

impl<'a, const DROPS: bool> Walk<'a, '_, DROPS> {
    /// Runs the pass with every record alone. The output is in `out` if anything was changed.
    pub(super) fn pass_alone(&mut self, input: &'a [u8], out: &mut Vec<u8>) -> Walked<Passage> {
        let Some(level) = ContextId::ALL.into_iter().find(|level| !self.pass.groups[*level as usize].is_empty()) else {
            return Ok(Passage { changed: false, kept: true });
        };
        let mut batch = Batch {
            levels: levels_of(level),
            parents: Vec::new(),
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
                self.spread(&mut batch, (0, field.bytes()?, PointKind::Number), None, at, (input, base, out))?;
                at[0] += 1;
                batch.items.push(Item::End(field.start..field.end));
            } else {
                batch.items.push(Item::Other(field.start..field.end));
            }
            if batch.parents.len() > KEPT_PARENTS || batch.items.len() > KEPT_PARENTS {
                self.run_batch(&mut batch, (input, base, out))?;
                batch.parents.clear();
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
        above: Option<usize>,
        mut at: [u32; DEPTH],
        (input, base, out): (&'a [u8], usize, &mut Vec<u8>),
    ) -> Walked<()> {
        if depth + 1 == batch.levels.len() {
            batch.add_record(above, bytes, at);
            self.state.steps.look_at(batch.len_above(above) + bytes.len())?;
            if self.pass.shares_cache {
                // All of them are run together, and their copies are made twice.
                self.state.arena.check(batch.chunk.len().saturating_mul(2))?;
            } else if batch.chunk.len() > self.state.env.limits.segment {
                self.run_batch(batch, (input, base, out))?;
            }
            return Ok(());
        }
        let number = above.map_or(RESOURCES, |above| batch.parents[above].opened.number());
        let opened = Opened::new(batch.levels[depth], number, bytes, kind)?;
        let (kind, mut members) = (opened.kind, opened.members().peekable());
        if members.peek().is_none() {
            batch.items.push(Item::Childless(above, bytes));
            return Ok(());
        }
        batch.parents.push(Parent { number: batch.opened, above, opened });
        batch.opened += 1;
        let parent = Some(batch.parents.len() - 1);
        for (idx, member) in (0..).zip(members) {
            at[depth + 1] = idx;
            self.spread(batch, (depth + 1, member?, kind), parent, at, (input, base, &mut *out))?;
        }
        Ok(())
    }

    /// Runs the records of a batch, and joins what comes out.
    fn run_batch(&mut self, batch: &mut Batch<'a>, (input, base, out): (&'a [u8], usize, &mut Vec<u8>)) -> Walked<()> {
        let mut walked = Vec::new();
        let is_walked = !batch.chunk.is_empty() && self.run_chunk(&batch.chunk, &batch.places, &mut walked)?;
        let after = if is_walked { &walked } else { &batch.chunk };
        let (mut before, mut after) = (Reader::new(&batch.chunk), Reader::new(after));
        let signal = self.state.plan.signal;
        for item in &batch.items {
            match item {
                Item::Record(above) => {
                    let (Some(was), Some(is)) = (before.next_field()?, after.next_field()?) else { break };
                    let (was, is) = (was.bytes()?, is.bytes()?);
                    batch.joined.has_changed |= was != is;
                    let parents: ArrayVec<_, 4> = chain(&batch.parents, *above)
                        .iter()
                        .map(|parent| (parent.number, parent.opened.level))
                        .collect();
                    batch.joined.add(signal, &parents, is)?;
                }
                Item::Childless(above, leaf) => {
                    let parents: ArrayVec<_, 4> =
                        chain(&batch.parents, *above).iter().map(|parent| (parent.number, &parent.opened)).collect();
                    batch.joined.add_childless(signal, &parents, leaf)?;
                }
                Item::End(place) => {
                    match batch.joined.has_changed {
                        true => batch.joined.write(out),
                        false => out.extend_from_slice(&input[place.clone()]),
                    }
                    batch.has_changed |= batch.joined.has_changed;
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
        if self.pass.shares_cache {
            // What one record leaves in the cache is for the next.
            self.state.at.alone = self.state.arena.copy(places)?;
            let chunk = self.state.arena.copy(chunk)?;
            let passage = self.pass(chunk, out);
            self.state.at.alone = &[];
            return Ok(passage?.changed);
        }
        let Some((arena, segments)) = self.segments.split_first_mut() else { return Ok(false) };
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

impl Batch<'_> {
    /// Adds a record in a message of its own.
    fn add_record(&mut self, above: Option<usize>, bytes: &[u8], at: [u32; DEPTH]) {
        let parents = chain(&self.parents, above);
        let frames: ArrayVec<&Frame<'_>, 8> = parents.iter().flat_map(|parent| &parent.opened.frames).collect();
        let number = parents.last().map_or(RESOURCES, |parent| parent.opened.number());
        put_around(&mut self.chunk, &frames, bytes.len() + 6, |out| put_len_field(out, number, bytes));
        self.items.push(Item::Record(above));
        self.places.push(at);
    }

    /// How many bytes are copied for a record of this parent.
    fn len_above(&self, above: Option<usize>) -> usize {
        chain(&self.parents, above).iter().map(|parent| parent.opened.len()).sum()
    }
}

/// A parent with all that it lies in, the outermost first.
fn chain<'p, 'a>(parents: &'p [Parent<'a>], innermost: Option<usize>) -> ArrayVec<&'p Parent<'a>, 4> {
    let mut chain: ArrayVec<&Parent<'_>, 4> =
        std::iter::successors(innermost.and_then(|at| parents.get(at)), |parent| parents.get(parent.above?)).collect();
    chain.reverse();
    chain
}
