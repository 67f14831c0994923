//! Records of the walk, and what is inside them: events, points, exemplars and samples.

use ottl_otlp::edit::Splicer;
use ottl_otlp::schema::topology::groups::MEMBERS;
use ottl_otlp::wire::fields::profile::SAMPLES;
use ottl_otlp::wire::fields::span::EVENTS;
use ottl_otlp::wire::{Reader, begin_len, end_len};
use ottl_schema::{ContextId, PointKind};

use super::own::{Own as _, Passed};
use super::own_fields::RecordFields;
use super::{Fate, Place, Walk, Walked, own_field};
use crate::fast::exec::metric::{DATA_FIELDS, data_field};
use crate::fast::exec::screen::Verdict;
use crate::fast::levels::bit;
use crate::fast::node::next_field_of;
use crate::fast::program::{GroupProgram, Step};

/// A list of messages without children of interest.
#[derive(Clone, Copy)]
pub(super) struct Leaves {
    pub level: ContextId,
    pub kind: PointKind,
    /// How many lists it lies in.
    pub depth: usize,
    /// Their tag, which is of one byte.
    pub tag: u8,
    /// Where the reader's slice starts in the splicer's input.
    pub base: usize,
}

/// The steps of a filter that are asked of the bytes of records.
#[derive(Clone, Copy)]
struct Peek<'a> {
    steps: &'a [Step],
    group: &'a GroupProgram,
    /// The number of the field of attributes.
    attributes: u32,
}

impl<'a, const DROPS: bool> Walk<'a, '_, DROPS> {
    /// A span, metric or log record of the input: whether it stays.
    pub(super) fn record(&mut self, raw: &'a [u8], place: Place, splicer: &mut Splicer<'_, '_>) -> Walked<bool> {
        self.state.at.enter(2);
        if self.active(self.levels_below(self.record)) {
            self.record_with_children(raw, place, splicer)
        } else {
            self.leaf(self.record, PointKind::Number, raw, place, splicer)
        }
    }

    fn record_with_children(&mut self, raw: &'a [u8], place: Place, splicer: &mut Splicer<'_, '_>) -> Walked<bool> {
        let level = self.record;
        if level == ContextId::Span && self.pass.has_events_first() {
            return self.span_with_events(raw, place, splicer);
        }
        let verdict = self.judge(level, raw, PointKind::Number)?;
        match self.pass.compact_outer == Some(level) {
            true => self.enter_outer(level, raw, verdict),
            false => self.state.enter(level, raw, PointKind::Number),
        }
        let fate = self.run_level(level, verdict)?;
        if let Some(stays) = self.ends_with(fate, raw, place, splicer)? {
            return Ok(stays);
        }
        if level == ContextId::Metric
            && self.state.metrics.replaced.is_none()
            && let Some(written) = self.written_around_points()
        {
            splicer.enter(place.number, place.start, place.content, place.end);
            let kept = self.points_in_turn(written, raw, place.content, splicer)?;
            if kept {
                splicer.leave()
            } else {
                splicer.leave_dropped()
            }
            self.check_written(splicer)?;
            return Ok(kept);
        }
        if self.state.messages.is_compact(level) {
            // That is written by a node.
            self.state.node(level)?;
        }
        if self.state.metrics.replaced.is_some() || self.state.messages.changed(level) && self.children_written(level) {
            // The children are those of the message as it is now.
            let bytes = self.state.emitted(level)?;
            let out = splicer.replace(place.start, place.end);
            let mark = begin_len(out, place.number, bytes.len());
            self.children_in_place(level, bytes, out)?;
            end_len(out, mark);
            self.check_written(splicer)?;
            return Ok(true);
        }
        self.children_in_turn(level, raw, place, splicer)
    }

    /// Whether a record stays whose children are not visited because of what its statements or conditions came to. Nothing if
    /// they are.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn ends_with(
        &mut self,
        fate: Fate,
        raw: &[u8],
        place: Place,
        splicer: &mut Splicer<'_, '_>,
    ) -> Walked<Option<bool>> {
        Ok(match fate {
            Fate::Stays => None,
            Fate::Failed => Some(true),
            Fate::Dropped => {
                self.count_dropped_record(raw)?;
                splicer.replace(place.start, place.end);
                Some(false)
            }
        })
    }

    /// Visits the children of a record, each as it comes to lie in the output. Whether the record stays.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn children_in_turn(
        &mut self,
        level: ContextId,
        raw: &'a [u8],
        place: Place,
        splicer: &mut Splicer<'_, '_>,
    ) -> Walked<bool> {
        splicer.enter(place.number, place.start, place.content, place.end);
        let kept = self.children(level, raw, place, splicer)?;
        self.check_written(splicer)?;
        Ok(kept)
    }

    /// Metrics that statements appended to the scope are visited like the others, and may append more.
    pub(super) fn visit_appended(&mut self, splicer: &mut Splicer<'_, '_>) -> Walked<()> {
        let mut next = 0;
        while let Some(bytes) = self.state.metrics.appended.get(next).copied() {
            next += 1;
            let out = splicer.append();
            let mark = begin_len(out, MEMBERS, bytes.len());
            self.metric_in_place(bytes, out)?;
            end_len(out, mark);
            self.check_written(splicer)?;
        }
        Ok(())
    }

    /// A metric that is not part of the input: visited and appended whole.
    fn metric_in_place(&mut self, bytes: &'a [u8], out: &mut Vec<u8>) -> Walked<()> {
        self.state.at.enter(2);
        self.state.enter(ContextId::Metric, bytes, PointKind::Number);
        self.run_groups(ContextId::Metric)?;
        if !self.active(self.levels_below(ContextId::Metric)) {
            self.state.messages.emit(ContextId::Metric, out)?;
            return Ok(());
        }
        let now = self.state.emitted(ContextId::Metric)?;
        self.children_in_place(ContextId::Metric, now, out)
    }

    /// Visits the children of a record that exists in the arena only, and appends its content.
    fn children_in_place(&mut self, level: ContextId, bytes: &'a [u8], out: &mut Vec<u8>) -> Walked<()> {
        self.state.messages.enter(level, bytes, PointKind::Number);
        let base = out.len();
        let mut inner = Splicer::new(bytes, out);
        // The whole input is the record's content; the field around it is the caller's.
        self.walk_children(level, bytes, 0, &mut inner)?;
        if !inner.finish() {
            out.extend_from_slice(bytes);
        }
        if self.children_replaced(level)? {
            // A child's statement replaced the list of children: what was written of it is void.
            out.truncate(base);
            self.state.messages.emit(level, out)?;
        }
        Ok(())
    }

    /// Visits the children of a record of the input, whose field the splicer has entered, and leaves it. Whether it stays.
    fn children(
        &mut self,
        level: ContextId,
        raw: &'a [u8],
        place: Place,
        splicer: &mut Splicer<'_, '_>,
    ) -> Walked<bool> {
        let kept = self.walk_children(level, raw, place.content, splicer)?;
        if !kept {
            splicer.leave_dropped();
        } else if self.children_replaced(level)? {
            // A child's statement replaced the list of children: what was written of it is void.
            splicer.leave_dropped();
            let out = splicer.replace(place.end, place.end);
            let mark = begin_len(out, place.number, raw.len());
            self.state.messages.emit(level, out)?;
            end_len(out, mark);
        } else {
            splicer.leave();
        }
        Ok(kept)
    }

    /// Whether statements of a record have written what holds its children.
    fn children_written(&self, level: ContextId) -> bool {
        self.state.messages.changed_node(level).is_some_and(|node| match level {
            ContextId::Span => node.rewrites(EVENTS),
            ContextId::Profile => node.rewrites(SAMPLES),
            ContextId::Metric => node.written() & DATA_FIELDS != 0,
            _ => true,
        })
    }

    /// Whether the list of children that is being walked has been written.
    fn children_replaced(&mut self, level: ContextId) -> Walked<bool> {
        if level == ContextId::DataPoint && self.state.metrics.points_replaced {
            // The point that is being walked is gone.
            return Ok(true);
        }
        if self.pass.from_below & bit(level) == 0 || self.pass.touched.parts & bit(level) == 0 {
            return Ok(false);
        }
        Ok(match level {
            ContextId::Span => self.state.node(level)?.replaces(EVENTS),
            ContextId::Profile => self.state.node(level)?.replaces(SAMPLES),
            ContextId::DataPoint => {
                let node = self.state.node(level)?;
                node.kind.exemplars().is_some_and(|n| node.replaces(n))
            }
            ContextId::Metric => self.state.metrics.points_replaced,
            _ => false,
        })
    }

    /// Whether the record stays. A metric that holds points goes with the last of them; one without a type stays, and so does
    /// a span without events.
    fn walk_children(
        &mut self,
        level: ContextId,
        raw: &'a [u8],
        base: usize,
        splicer: &mut Splicer<'_, '_>,
    ) -> Walked<bool> {
        let more_writes = self.pass.from_below & bit(level) != 0;
        if level == ContextId::Metric
            && let Some(written) = self.written_around_points()
        {
            return self.points_in_turn(written, raw, base, splicer);
        }
        let written =
            self.pass.touched.written & bit(level) != 0 && (more_writes || self.state.messages.changed(level));
        // Where children write nothing of it, what differs from the input is known.
        let own = RecordFields { state: &self.state, level };
        let differs = if written && !more_writes { own.written() & own.candidates() } else { u32::MAX };
        let data = match level {
            ContextId::Metric => data_field(raw)?,
            _ => None,
        };
        let exemplars = match level {
            ContextId::DataPoint => self.state.messages.kind(level).exemplars(),
            _ => None,
        };
        let mut kept = true;
        let mut passed = written.then(|| Passed::new(self.state.arena));
        let mut reader = Reader::new(raw);
        loop {
            if passed.is_none() {
                // What is no child does not matter.
                let at = match (level, data) {
                    (ContextId::Metric, Some((start, _))) if reader.pos() <= start => start,
                    (ContextId::Metric, _) => break,
                    (ContextId::Span, _) => next_field_of(raw, reader.pos(), EVENTS),
                    (ContextId::Profile, _) => next_field_of(raw, reader.pos(), SAMPLES),
                    _ => exemplars.map_or(raw.len(), |number| next_field_of(raw, reader.pos(), number)),
                };
                reader = Reader::new_at(raw, at);
            }
            let Some(field) = reader.next_field()? else { break };
            let is_child = match level {
                ContextId::Span => field.number == EVENTS,
                ContextId::Profile => field.number == SAMPLES,
                ContextId::Metric => data.is_some_and(|(start, _)| start == field.start),
                _ => Some(field.number) == exemplars,
            };
            if !is_child {
                if let Some(passed) = &mut passed
                    && differs.checked_shr(field.number).unwrap_or(0) & 1 != 0
                {
                    let own = RecordFields { state: &self.state, level };
                    passed.own(own_field(&field, base), &own, more_writes, splicer)?;
                }
                continue;
            }
            if let Some(passed) = &mut passed {
                passed.child(&RecordFields { state: &self.state, level }, more_writes, splicer);
            }
            let place = Place::of(&field, base);
            match (level, data) {
                (ContextId::Span | ContextId::Profile, _) => {
                    let child = if level == ContextId::Span { ContextId::SpanEvent } else { ContextId::ProfileSample };
                    self.state.at.enter(3);
                    self.leaf(child, PointKind::Number, field.bytes()?, place, splicer)?;
                }
                (ContextId::Metric, Some((_, kind))) => kept = self.points(kind, field.bytes()?, place, splicer)?,
                _ => {
                    self.state.at.enter(4);
                    self.leaf(ContextId::Exemplar, PointKind::Number, field.bytes()?, place, splicer)?;
                }
            }
            if self.children_replaced(level)? {
                return Ok(true);
            }
        }
        if let Some(passed) = passed {
            passed.finish(&RecordFields { state: &self.state, level }, splicer);
        }
        Ok(kept)
    }

    pub(super) fn point_with_exemplars(
        &mut self,
        kind: PointKind,
        raw: &'a [u8],
        place: Place,
        splicer: &mut Splicer<'_, '_>,
    ) -> Walked<()> {
        self.state.enter(ContextId::DataPoint, raw, kind);
        self.run_groups(ContextId::DataPoint)?;
        if self.state.messages.changed_node(ContextId::DataPoint).is_none() {
            if kind.exemplars().is_none_or(|number| next_field_of(raw, 0, number) == raw.len()) {
                return Ok(());
            }
            splicer.enter(place.number, place.start, place.content, place.end);
            self.children(ContextId::DataPoint, raw, place, splicer)?;
            return Ok(());
        }
        let bytes = self.state.emitted(ContextId::DataPoint)?;
        let out = splicer.replace(place.start, place.end);
        let mark = begin_len(out, place.number, bytes.len());
        self.state.enter(ContextId::DataPoint, bytes, kind);
        let mut inner = Splicer::new(bytes, out);
        self.walk_children(ContextId::DataPoint, bytes, 0, &mut inner)?;
        if !inner.finish() {
            out.extend_from_slice(bytes);
        }
        end_len(out, mark);
        Ok(())
    }

    /// The messages of a list that come next, as long as they are written canonically and memory is not full: whether any of
    /// them stays.
    ///
    /// PERF (metrics, filter-logs): a message consists nearly wholly of such lists, so what a record costs is kept together.
    #[inline(never)]
    pub(super) fn leaves(
        &mut self,
        list: Leaves,
        reader: &mut Reader<'a>,
        splicer: &mut Splicer<'_, '_>,
    ) -> Walked<bool> {
        let Leaves { level, kind, depth, tag, base } = list;
        let mut kept = !DROPS;
        let mut ahead = *reader;
        let peek = self.can_peek(level, kind);
        while let Some(field) = ahead.next_member(tag) {
            self.state.at.enter(depth);
            let raw = field.bytes()?;
            if DROPS
                && let Some(peek) = peek
                && let Some(drops) = self.peek(peek, raw)
            {
                kept |= self.leave_or_drop(drops, level, raw, Place::of(&field, base), splicer)?;
                if self.state.is_full() {
                    break;
                }
                continue;
            }
            let verdict = self.judge(level, raw, kind)?;
            if verdict == Verdict::Quiet {
                kept = true;
                self.state.count_visit(level);
                self.state.steps.watch()?;
                continue;
            }
            kept |= self.run_leaf(level, kind, verdict, raw, Place::of(&field, base), splicer)?;
            if self.state.is_full() {
                break;
            }
        }
        *reader = ahead;
        Ok(kept)
    }

    /// What is asked of the bytes of a level's records, if all is.
    fn can_peek(&self, level: ContextId, kind: PointKind) -> Option<Peek<'a>> {
        let program = &self.pass.levels[level as usize];
        let group = program.groups.first().filter(|_| program.peeks)?;
        let attributes = self.state.messages.wanted[level as usize].scans[kind as usize].shape.attributes;
        Some(Peek { steps: &program.steps, group, attributes })
    }

    /// Whether a record is dropped, if its bytes tell; then it is counted.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn peek(&mut self, Peek { steps, group, attributes }: Peek<'a>, raw: &'a [u8]) -> Option<bool> {
        let granted = self.state.steps.left();
        for (idx, step) in steps.iter().enumerate() {
            let Some(condition) = &step.condition else { continue };
            match self.state.peek(raw, attributes, condition) {
                Some(true) => {
                    self.state.count_dropping(group, steps, idx);
                    return Some(true);
                }
                Some(false) => {}
                None => {
                    // The record is asked again, and looks are taken as if it had not been.
                    self.state.steps.set_left(granted);
                    return None;
                }
            }
        }
        if let Some(visits) = self.state.spare.visits.get_mut(group.number) {
            *visits += 1;
        }
        Some(false)
    }

    /// Leaves a record of a filter where it is, or drops it: whether it stays.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn leave_or_drop(
        &mut self,
        drops: bool,
        level: ContextId,
        raw: &[u8],
        place: Place,
        splicer: &mut Splicer<'_, '_>,
    ) -> Walked<bool> {
        if drops {
            self.count_dropped_leaf(level, raw)?;
            splicer.replace(place.start, place.end);
        }
        self.state.steps.watch()?;
        Ok(!drops)
    }

    /// A message without children of interest: whether it stays.
    pub(super) fn leaf(
        &mut self,
        level: ContextId,
        kind: PointKind,
        raw: &'a [u8],
        place: Place,
        splicer: &mut Splicer<'_, '_>,
    ) -> Walked<bool> {
        if DROPS
            && let Some(peek) = self.can_peek(level, kind)
            && let Some(drops) = self.peek(peek, raw)
        {
            return self.leave_or_drop(drops, level, raw, place, splicer);
        }
        let verdict = self.judge(level, raw, kind)?;
        if verdict == Verdict::Quiet {
            self.state.count_visit(level);
            self.state.steps.watch()?;
            return Ok(true);
        }
        self.run_leaf(level, kind, verdict, raw, place, splicer)
    }

    /// The same after it was judged.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn run_leaf(
        &mut self,
        level: ContextId,
        kind: PointKind,
        verdict: Verdict,
        raw: &'a [u8],
        place: Place,
        splicer: &mut Splicer<'_, '_>,
    ) -> Walked<bool> {
        self.enter_leaf(level, raw, kind, verdict);
        let fate = self.run_level(level, verdict)?;
        if DROPS {
            return self.leave_or_drop(fate == Fate::Dropped, level, raw, place, splicer);
        }
        if self.state.messages.changed(level) || level == ContextId::Metric && self.state.metrics.replaced.is_some() {
            let out = splicer.replace(place.start, place.end);
            let mark = begin_len(out, place.number, raw.len());
            self.state.messages.emit(level, out)?;
            end_len(out, mark);
        }
        self.check_written(splicer)?;
        Ok(true)
    }
}
