//! Segments: resources, scopes and records, as many at a time as fill a piece of memory that is emptied behind them.
//!
//! What statements compute stays in the arena of the message until its end. When the members of a list have filled it, the
//! ones that follow are run over an arena of their own, in a state that begins with the messages around them as they are at
//! that moment; nothing of it is left when the next segment begins. So a message costs the memory of its largest record, not
//! of all of them.
//! INVARIANT: a segment is only begun where members leave nothing to each other ([`Pass::separates`]): they share no cache
//! and write nothing of the messages around them. What else goes from one to the next is handed over: steps, places,
//! counters, and the metrics that statements append to a scope.
//!
//! PERF (json-bodies): a small segment stays in the cache of the processor.

use std::mem::take;

use ottl_core::Arena;
use ottl_otlp::edit::Splicer;
use ottl_otlp::wire::{Field, Reader};
use ottl_schema::{ContextId, PointKind};

use super::{Place, Walk, Walked};
use crate::fast::KEPT_ARENA;
use crate::fast::exec::position::Position;
use crate::fast::exec::state::State;
use crate::fast::levels::bit;
use crate::fast::program::pass::Pass;

/// A list of members that is being walked.
#[derive(Clone, Copy)]
pub(super) struct Members {
    /// What they are members of; nothing for the message as a whole.
    pub of: Option<ContextId>,
    /// The number of their field.
    pub number: u32,
    /// Where the reader's slice starts in the input.
    pub base: usize,
    /// Whether other fields between them are passed over; if not, the walk ends before one.
    pub skips: bool,
}

/// What a segment hands over.
pub(super) struct Carried<'a> {
    /// The steps that are left, and the work that functions may do by themselves.
    steps: u64,
    work: u64,
    at: Position<'a>,
    has_written: bool,
    made: Vec<(u32, u32)>,
}

impl Members {
    /// The members of a resource or scope.
    pub fn of(level: ContextId, number: u32, base: usize, skips: bool) -> Members {
        Members { of: Some(level), number, base, skips }
    }
}

impl Pass {
    /// Whether the members of a message leave nothing to each other.
    fn separates(&self, of: Option<ContextId>) -> bool {
        let around = match of {
            None => 0,
            Some(ContextId::Resource) => bit(ContextId::Resource),
            Some(_) => bit(ContextId::Resource) | bit(ContextId::Scope),
        };
        !self.shares_cache && self.from_below & around == 0
    }
}

impl<'a, const DROPS: bool> Walk<'a, '_, DROPS> {
    /// Runs the members that come next in segments: whether any of them stays.
    ///
    /// # Errors
    /// Those of the members.
    #[cold]
    pub(super) fn in_segments(
        &mut self,
        members: Members,
        reader: &mut Reader<'a>,
        splicer: &mut Splicer<'_, '_>,
    ) -> Walked<bool> {
        let mut kept = !DROPS;
        if !self.pass.separates(members.of) {
            return Ok(kept);
        }
        let subjects = self.state.subjects(members.of)?;
        let Some((arena, segments)) = self.segments.split_first_mut() else { return Ok(kept) };
        let mut is_full = true;
        while is_full {
            let mut segment = Walk::<DROPS> {
                state: self.state.segment(arena, subjects),
                pass: self.pass,
                record: self.record,
                failure: self.failure,
                segments: &mut *segments,
            };
            let result = segment.segment(members, reader, splicer);
            let (carried, appended) = (segment.state.carried(), take(&mut segment.state.metrics.appended));
            let failure = segment.failure;
            drop(segment);
            self.state.carry(carried);
            self.failure = failure;
            let stays;
            (is_full, stays) = result?;
            kept |= stays;
            if members.of == Some(ContextId::Scope) {
                for metric in appended {
                    self.state.metrics.appended.push(self.state.arena.copy(metric)?);
                }
            }
            arena.reset(self.state.env.limits.segment.saturating_mul(2).min(KEPT_ARENA));
        }
        Ok(kept)
    }

    /// Runs members until the segment is full: whether it is, and whether any of them stays.
    fn segment<'i: 'a>(
        &mut self,
        members: Members,
        reader: &mut Reader<'i>,
        splicer: &mut Splicer<'_, '_>,
    ) -> Walked<(bool, bool)> {
        let mut kept = false;
        while let Some(field) = next_member(members, reader)? {
            let (content, place) = (field.bytes()?, Place::of(&field, members.base));
            kept |= match members.of {
                None => self.resource(content, place, splicer)?,
                Some(ContextId::Resource) => self.scope(content, place, splicer)?,
                Some(_) => self.record(content, place, splicer)?,
            };
            self.check_written(splicer)?;
            if self.state.is_full() {
                return Ok((true, kept));
            }
        }
        Ok((false, kept))
    }
}

/// The next member; nothing at the end of the list.
fn next_member<'i>(members: Members, reader: &mut Reader<'i>) -> Walked<Option<Field<'i>>> {
    let mut ahead = *reader;
    while let Some(field) = ahead.next_field()? {
        let is_member = field.number == members.number;
        if !is_member && !members.skips {
            break;
        }
        *reader = ahead;
        if is_member {
            return Ok(Some(field));
        }
    }
    Ok(None)
}

impl<'a> State<'a, '_> {
    /// The resource, and the scope, as they are now.
    fn subjects(&mut self, of: Option<ContextId>) -> Walked<[Option<&'a [u8]>; 2]> {
        let mut subjects = [None; 2];
        let levels = match of {
            None => 0,
            Some(ContextId::Resource) => 1,
            Some(_) => 2,
        };
        for (now, level) in subjects.iter_mut().zip([ContextId::Resource, ContextId::Scope]).take(levels) {
            *now = Some(match self.messages.unchanged(level) {
                Some(raw) => raw,
                None => {
                    let mut out = Vec::new();
                    self.messages.emit(level, &mut out)?;
                    self.arena.copy(&out)?
                }
            });
        }
        Ok(subjects)
    }

    /// A state for a segment.
    pub(super) fn segment<'b, 's>(&'s mut self, arena: &'b mut Arena, subjects: [Option<&'b [u8]>; 2]) -> State<'b, 's>
    where
        'a: 'b,
    {
        let left = self.arena.limit().saturating_sub(self.arena.held());
        arena.set_limit(left);
        arena.set_work(self.arena.work_left());
        let mut state = State::new(self.plan, self.lowered, arena, self.env, self.report, 0, self.spare);
        state.steps.set_left(self.steps.left());
        state.messages.most_written = self.messages.most_written;
        state.groups = self.groups;
        state.message = self.message;
        state.at = self.at;
        state.metrics.made = take(&mut self.metrics.made);
        for (subject, level) in subjects.into_iter().zip([ContextId::Resource, ContextId::Scope]) {
            if let Some(subject) = subject {
                state.enter(level, subject, PointKind::Number);
            }
        }
        state
    }

    /// Ends a segment.
    pub(super) fn carried(&mut self) -> Carried<'a> {
        self.finish();
        let made = take(&mut self.metrics.made);
        Carried {
            steps: self.steps.left(),
            work: self.arena.work_left(),
            at: self.at,
            has_written: self.has_written,
            made,
        }
    }

    /// Goes on after a segment.
    pub(super) fn carry(&mut self, Carried { steps, work, at, has_written, made }: Carried<'_>) {
        self.steps.set_left(steps);
        self.arena.set_work(work);
        self.at.go_on(at);
        self.has_written |= has_written;
        self.metrics.made = made;
    }
}
