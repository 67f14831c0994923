//! [`Walk`]: one way through a message: what a pass does on each level is run there, and what becomes of it is spliced into
//! the output.
//!
//! Transforms and filters are walked alike. A step of a filter drops its record: it is left out of the splice, and parents
//! that lost all their members go with them. `DROPS` says that the steps of the pass are of that kind; both kinds are
//! compiled apart from this one text.
//! INVARIANT: what is counted, bounded and numbered on the way is so for both in one place.

mod alone;
mod dropped;
mod joined;
mod metric;
mod own;
mod own_fields;
mod record;
mod segment;
mod span;
mod steps;

use ottl_core::{Arena, SCRATCH_BYTES};
use ottl_otlp::edit::Splicer;
use ottl_otlp::schema::topology::groups::{MEMBERS, RESOURCES, SUBJECT};
use ottl_otlp::wire::{Field, Reader};
use ottl_schema::{ContextId, PointKind};

use crate::fast::exec::state::State;
use crate::fast::group::{GroupNode, Parts, parts};
use crate::fast::levels::bit;
use crate::fast::program::pass::Pass;
use crate::{ReportedError, RunError};
use own::{OwnField, Passed};
use own_fields::GroupFields;
use record::Leaves;
use segment::Members;

/// The tags of the resources of a message, of the resource or scope in its group, and of the scopes or records there.
const RESOURCE_TAG: u8 = (RESOURCES << 3 | 2) as u8;
const SUBJECT_TAG: u8 = (SUBJECT << 3 | 2) as u8;
const MEMBER_TAG: u8 = (MEMBERS << 3 | 2) as u8;

/// What comes of a part of the walk.
///
/// PERF: the error is boxed, so that what nearly all records come to is passed in registers.
pub(super) type Walked<T> = Result<T, Box<RunError>>;

/// Where a length-delimited field lies in the splicer's input.
#[derive(Clone, Copy)]
struct Place {
    number: u32,
    start: usize,
    content: usize,
    end: usize,
}

impl Place {
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn of(field: &Field<'_>, base: usize) -> Place {
        Place {
            number: field.number,
            start: base + field.start,
            content: base + field.content_start(),
            end: base + field.end,
        }
    }
}

/// What becomes of a message after the steps of its level. Nothing but the first comes of a pass that drops nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays, and the walk goes on inside it.
    Stays,
    /// A step failed under `propagate`: it stays as it is, and what is inside is not looked at.
    Failed,
    /// It is dropped with all that is inside.
    Dropped,
}

/// What comes of a pass, or of all.
#[derive(Clone, Copy)]
pub(super) struct Passage {
    /// Whether anything was written, or dropped.
    pub changed: bool,
    /// Whether anything is left.
    pub kept: bool,
}

/// A plan's passes on their way through one message.
pub(super) struct Walk<'a, 'e, const DROPS: bool> {
    pub state: State<'a, 'e>,
    pub pass: &'a Pass,
    /// The level of the signal's records.
    pub record: ContextId,
    /// The first error of a pass that drops under `propagate`; behind all passes, unless one of them hid it.
    pub failure: Option<ReportedError>,
    /// Memory for segments, one for each list of members on the way to the records.
    pub segments: &'e mut [Arena],
}

impl<'a, const DROPS: bool> Walk<'a, '_, DROPS> {
    /// Runs all passes over a message that is a piece of one: caches that groups share are filled first, and left behind.
    #[cold]
    pub fn piece(&mut self, passes: &'a [Pass], input: &'a [u8], out: &mut Vec<u8>) -> Walked<Passage> {
        let State { caches, env, arena, paths, spare, .. } = &mut self.state;
        caches.load(env, arena, (paths, &mut spare.maps))?;
        let run = self.run_in_turn(passes, input, out)?;
        self.state.caches.leave(self.state.env)?;
        Ok(run)
    }

    /// Runs all passes, each over what the one before left. What comes of the last is appended to `out` if any of them
    /// changed anything.
    ///
    /// PERF (messages of one record): most rules need one pass, which has nothing to hand on.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn run(&mut self, passes: &'a [Pass], input: &'a [u8], out: &mut Vec<u8>) -> Walked<Passage> {
        let [pass] = passes else { return self.run_in_turn(passes, input, out) };
        if pass.isolates {
            return self.run_in_turn(passes, input, out);
        }
        let base = out.len();
        self.pass = pass;
        let passage = self.go_through(input, out);
        self.count_passed(pass);
        let passage = passage?;
        if !passage.changed {
            // Fields that a child might have written may have moved for nothing.
            out.truncate(base);
        }
        if DROPS && !passage.kept && pass.hides_errors {
            self.failure = None;
        }
        Ok(passage)
    }

    /// The same of several passes, or of one whose records are run alone.
    #[inline(never)]
    fn run_in_turn(&mut self, passes: &'a [Pass], input: &'a [u8], out: &mut Vec<u8>) -> Walked<Passage> {
        let base = out.len();
        let mut run = Passage { changed: false, kept: true };
        let (mut now, mut is_in_out, mut is_hidden) = (input, false, false);
        for pass in passes {
            if is_in_out {
                now = self.state.arena.copy(&out[base..])?;
                out.truncate(base);
            }
            self.pass = pass;
            let passage = if pass.isolates { self.pass_alone(now, out) } else { self.pass(now, out) };
            self.count_passed(pass);
            let Passage { changed, kept } = passage?;
            is_in_out = changed;
            if !changed {
                // Fields that a child might have written may have moved for nothing.
                out.truncate(base);
            }
            run.changed |= changed;
            run.kept = kept;
            is_hidden |= !kept && pass.hides_errors;
        }
        if run.changed && !is_in_out {
            out.extend_from_slice(now);
        }
        if is_hidden {
            self.failure = None;
        }
        Ok(run)
    }

    /// Counts what a pass has run.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn count_passed(&mut self, pass: &Pass) {
        // Other levels have no groups, and no screens.
        let mut active = pass.active;
        while active != 0 {
            let level = active.trailing_zeros() as usize;
            active &= active - 1;
            self.state.count_visits(&pass.levels[level], level);
        }
    }

    /// Runs the pass. The output is in `out` if anything was changed.
    #[inline(never)]
    fn pass(&mut self, input: &'a [u8], out: &mut Vec<u8>) -> Walked<Passage> {
        self.go_through(input, out)
    }

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn go_through(&mut self, input: &'a [u8], out: &mut Vec<u8>) -> Walked<Passage> {
        let mut splicer = Splicer::leaving(input, out, self.state.spare.left.take());
        let mut reader = Reader::new(input);
        self.state.at.restart();
        self.state.spare.fresh_screens = 0;
        self.state.spare.asks_above = self.pass.asks_above;
        let mut kept = !DROPS;
        while let Some(field) = next_of(&mut reader, RESOURCE_TAG)? {
            if field.number == RESOURCES {
                kept |= self.resource(field.bytes()?, Place::of(&field, 0), &mut splicer)?;
                if self.state.is_full() {
                    let members = Members { of: None, number: RESOURCES, base: 0, skips: true };
                    kept |= self.in_segments(members, &mut reader, &mut splicer)?;
                }
            }
        }
        let (changed, left) = splicer.finish_leaving();
        self.state.spare.left = left;
        Ok(Passage { changed: changed && (DROPS || self.state.has_written), kept })
    }

    /// Whether the pass has groups at one of these levels.
    fn active(&self, levels: u16) -> bool {
        self.pass.active & levels != 0
    }

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn levels_below(&self, level: ContextId) -> u16 {
        use ContextId::{DataPoint, Exemplar, Log, Metric, Profile, ProfileSample, Resource, Scope, Span, SpanEvent};
        let records = bit(Span) | bit(Metric) | bit(Log) | bit(Profile);
        let records = records | bit(SpanEvent) | bit(DataPoint) | bit(Exemplar) | bit(ProfileSample);
        match level {
            Resource => records | bit(Scope),
            Scope => records,
            Span => bit(SpanEvent),
            Profile => bit(ProfileSample),
            Metric => bit(DataPoint) | bit(Exemplar),
            DataPoint => bit(Exemplar),
            _ => 0,
        }
    }

    /// A resource's group: its resource, then its scopes. Whether it stays.
    #[inline(never)]
    fn resource(&mut self, content: &'a [u8], place: Place, splicer: &mut Splicer<'_, '_>) -> Walked<bool> {
        self.group(ContextId::Resource, content, place, splicer)
    }

    /// A scope's group: its scope, then its records. Whether it stays.
    #[inline(never)]
    fn scope(&mut self, content: &'a [u8], place: Place, splicer: &mut Splicer<'_, '_>) -> Walked<bool> {
        self.group(ContextId::Scope, content, place, splicer)
    }

    /// A resource's or a scope's group: its subject, then its members. Whether it stays.
    ///
    /// PERF (messages of one record): both are compiled apart from this one text, which takes a third off them.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn group(
        &mut self,
        level: ContextId,
        content: &'a [u8],
        place: Place,
        splicer: &mut Splicer<'_, '_>,
    ) -> Walked<bool> {
        self.state.at.enter(usize::from(level == ContextId::Scope));
        let Parts { subject, members, list: (first, end) } = self.state.parts(level, content)?;
        self.state.groups[usize::from(level == ContextId::Scope)] = GroupNode::new(content);
        self.state.enter(level, subject, PointKind::Number);
        match level {
            ContextId::Scope => self.state.metrics.enter_scope(),
            _ if self.pass.compact_outer == Some(level) => self.state.messages.begin_outer(level),
            _ => {}
        }
        match self.run_groups(level)? {
            Fate::Stays => {}
            Fate::Failed => return Ok(true),
            Fate::Dropped => {
                self.count_dropped_group(level, content, members)?;
                splicer.replace(place.start, place.end);
                return Ok(false);
            }
        }
        let written = self.pass.touched.written & bit(level) != 0;
        let deeper = self.active(self.levels_below(level));
        if !DROPS && !written && !deeper {
            return Ok(true);
        }
        splicer.enter(place.number, place.start, place.content, place.end);
        let more_writes = self.pass.from_below & bit(level) != 0;
        let mut passed = written.then(|| Passed::new(self.state.arena));
        let are_leaves = level == ContextId::Scope
            && deeper
            && !written
            && members == MEMBERS
            && !self.active(self.levels_below(self.record));
        let list =
            Leaves { level: self.record, kind: PointKind::Number, depth: 2, tag: MEMBER_TAG, base: place.content };
        // A group that has lost all its members goes with them, and so does one that had none.
        let mut kept = !DROPS;
        let mut reader = match written {
            true => Reader::new(content),
            false => Reader::new_at(content.get(..end).unwrap_or(content), first),
        };
        loop {
            if are_leaves && content.get(reader.pos()) == Some(&MEMBER_TAG) {
                kept |= self.leaves(list, &mut reader, splicer)?;
                if self.state.is_full() {
                    let members = Members::of(level, members, place.content, true);
                    kept |= self.in_segments(members, &mut reader, splicer)?;
                }
                // The reference's marshaler writes the subject behind its members.
                reader.next_member(SUBJECT_TAG);
            }
            let Some(field) = next_of(&mut reader, MEMBER_TAG)? else { break };
            if field.number == members && !deeper {
                kept = true;
            }
            if field.number == members && deeper {
                let member = Place::of(&field, place.content);
                if let Some(passed) = &mut passed {
                    passed.child(&GroupFields { state: &self.state, level }, more_writes, splicer);
                }
                kept |= match level {
                    ContextId::Resource => self.scope(field.bytes()?, member, splicer)?,
                    _ => self.record(field.bytes()?, member, splicer)?,
                };
                if self.state.is_full() {
                    let members = Members::of(level, members, place.content, !written);
                    kept |= self.in_segments(members, &mut reader, splicer)?;
                }
            } else if let Some(passed) = &mut passed {
                let own = own_field(&field, place.content);
                passed.own(own, &GroupFields { state: &self.state, level }, more_writes, splicer)?;
            }
        }
        if level == ContextId::Scope && !self.state.metrics.appended.is_empty() {
            if let Some(passed) = &mut passed {
                // They go behind everything, and their statements may still write the scope.
                passed.child(&GroupFields { state: &self.state, level }, more_writes, splicer);
            }
            self.visit_appended(splicer)?;
        }
        if let Some(passed) = passed {
            passed.finish(&GroupFields { state: &self.state, level }, splicer);
            // Maps are cut where they pass the limit, and there need not be a record that tells.
            self.check_written(splicer)?;
        }
        if kept {
            splicer.leave();
        } else {
            splicer.leave_dropped();
        }
        Ok(kept)
    }

    /// After a record: fails when more was written than a message may become, because what records share is written for
    /// each of them, and when the run was cancelled.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn check_written(&self, splicer: &Splicer<'_, '_>) -> Walked<()> {
        if splicer.written() > self.state.messages.most_written {
            return Err(Box::new(RunError::limit(SCRATCH_BYTES)));
        }
        Ok(self.state.steps.watch()?)
    }
}

/// The next field, which is mostly one of this tag.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn next_of<'a>(reader: &mut Reader<'a>, tag: u8) -> Walked<Option<Field<'a>>> {
    match reader.next_member(tag) {
        None => Ok(reader.next_field()?),
        member => Ok(member),
    }
}

/// Where a field lies in the splicer's input.
fn own_field(field: &Field<'_>, base: usize) -> OwnField {
    OwnField { number: field.number, start: base + field.start, end: base + field.end }
}

impl<'a> State<'a, '_> {
    /// [`parts`], unless it is a scope that no rule looks at. Scopes alone have an old number in their group; records have none.
    ///
    /// PERF (spans): the walk over a scope's records before they are visited cost an eighth of the time: it jumps from
    /// record to record, where nothing of the next one is in the cache yet.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn parts(&self, level: ContextId, content: &'a [u8]) -> Walked<Parts<'a>> {
        if level == ContextId::Scope && self.messages.wanted[level as usize].nothing {
            return Ok(Parts::members_only(content));
        }
        let parts = parts(content, self.arena)?;
        Ok(Parts { members: if level == ContextId::Scope { MEMBERS } else { parts.members }, ..parts })
    }
}
