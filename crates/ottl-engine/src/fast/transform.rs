//! The transform processor: passes over the message, statements on every record, edits spliced into the output.

use ottl_core::Arena;
use ottl_otlp::edit::Splicer;
use ottl_otlp::schema::topology::DATA_POINTS;
use ottl_otlp::schema::topology::groups::{DEPRECATED_SCOPES, MEMBERS, RESOURCES, SUBJECT};
use ottl_otlp::wire::fields::span::EVENTS;
use ottl_otlp::wire::{Reader, begin_len, end_len};
use ottl_plan::TransformProgram;
use ottl_schema::{ContextId, PointKind};

use super::metric::{data_field, point_kind};
use super::node::{FIELDS, Node, merged};
use super::own::{OwnField, Passed};
use super::own_fields::{DataFields, GroupFields, RecordFields};
use super::plan::{Pass, bit};
use super::screen::{Screening, Verdict};
use super::segment::Members;
use super::state::{At, GroupNode, State};
use crate::RunError;

/// The tag of a scope's records.
const RECORD_TAG: u8 = (MEMBERS << 3 | 2) as u8;
/// The tag of a metric's points.
const POINT_TAG: u8 = (DATA_POINTS << 3 | 2) as u8;

/// Where a length-delimited field lies in the splicer's input.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub number: u32,
    pub start: usize,
    pub content: usize,
    pub end: usize,
}

impl Place {
    pub fn of(field: &ottl_otlp::wire::Field<'_>, base: usize) -> Place {
        Place {
            number: field.number,
            start: base + field.start,
            content: base + field.content_start(),
            end: base + field.end,
        }
    }
}

/// One pass of a transform program over one message.
pub(super) struct Transform<'a, 'e> {
    pub state: State<'a, 'e>,
    pub program: &'a TransformProgram,
    pub pass: &'a Pass,
    /// The level of the signal's records.
    pub record: ContextId,
    /// Memory for segments, one for each list of members on the way to the records.
    pub segments: &'e mut [Arena],
}

impl<'a> Transform<'a, '_> {
    /// Runs the pass. Answers whether anything was written; the output is in `out` then.
    pub fn run(&mut self, input: &'a [u8], out: &mut Vec<u8>) -> Result<bool, RunError> {
        let result = self.walk(input, out);
        for (program, level) in self.pass.levels.iter().zip(ContextId::ALL) {
            self.state.count_visits(program, level);
        }
        result
    }

    fn walk(&mut self, input: &'a [u8], out: &mut Vec<u8>) -> Result<bool, RunError> {
        let mut splicer = Splicer::new(input, out);
        let mut reader = Reader::new(input);
        self.state.at = At::default();
        self.state.spare.screens.iter_mut().for_each(Screening::stale);
        while let Some(field) = reader.next_field()? {
            if field.number == RESOURCES {
                self.state.at.enter(0);
                self.group(ContextId::Resource, field.bytes()?, Place::of(&field, 0), &mut splicer)?;
                if self.state.is_full() {
                    self.in_segments(
                        Members { of: None, number: RESOURCES, base: 0, skips: true },
                        &mut reader,
                        &mut splicer,
                    )?;
                }
            }
        }
        // Fields that a child might have written may have moved for nothing.
        Ok(splicer.finish() && self.state.has_written)
    }

    /// Whether the pass has groups at one of these levels.
    fn active(&self, levels: u16) -> bool {
        self.pass.active & levels != 0
    }

    fn levels_below(&self, level: ContextId) -> u16 {
        use ContextId::{DataPoint, Exemplar, Log, Metric, Resource, Scope, Span, SpanEvent};
        let records = bit(Span) | bit(Metric) | bit(Log) | bit(SpanEvent) | bit(DataPoint) | bit(Exemplar);
        match level {
            Resource => records | bit(Scope),
            Scope => records,
            Span => bit(SpanEvent),
            Metric => bit(DataPoint) | bit(Exemplar),
            DataPoint => bit(Exemplar),
            _ => 0,
        }
    }

    /// A resource's or a scope's group: its subject, then its members.
    pub fn group(
        &mut self,
        level: ContextId,
        content: &'a [u8],
        place: Place,
        splicer: &mut Splicer<'_, '_>,
    ) -> Result<(), RunError> {
        let (subject, members) = self.state.subject(level, content)?;
        self.state.groups[usize::from(level == ContextId::Scope)] = GroupNode::new(content);
        self.state.enter(level, subject, PointKind::Number);
        if level == ContextId::Scope {
            self.state.appended.clear();
            self.state.copies_made.clear();
        }
        self.run_groups(level)?;
        let written = self.pass.touched.written & bit(level) != 0;
        if !written && !self.active(self.levels_below(level)) {
            return Ok(());
        }
        splicer.enter(place.number, place.start, place.content, place.end);
        let more_writes = self.pass.from_below & bit(level) != 0;
        let mut passed = Passed::new(self.state.arena);
        let deeper = self.active(self.levels_below(level));
        let records = level == ContextId::Scope && deeper && !written;
        let mut reader = Reader::new(content);
        loop {
            if records && let Some(field) = reader.next_member(RECORD_TAG) {
                self.record(field.bytes()?, Place::of(&field, place.content), splicer)?;
                self.state.check_written(splicer.written())?;
                if self.state.is_full() {
                    self.in_segments(Members::of(level, members, place.content, true), &mut reader, splicer)?;
                }
                continue;
            }
            let Some(field) = reader.next_field()? else { break };
            if field.number == members && deeper {
                let member = Place::of(&field, place.content);
                if written {
                    passed.child(&GroupFields { state: &self.state, level }, more_writes, splicer);
                }
                match level {
                    ContextId::Resource => {
                        self.state.at.enter(1);
                        self.group(ContextId::Scope, field.bytes()?, member, splicer)?;
                    }
                    _ => {
                        self.record(field.bytes()?, member, splicer)?;
                        self.state.check_written(splicer.written())?;
                    }
                }
                if self.state.is_full() {
                    self.in_segments(Members::of(level, members, place.content, !written), &mut reader, splicer)?;
                }
            } else if written {
                let own = own_field(&field, place.content);
                passed.own(own, &GroupFields { state: &self.state, level }, more_writes, splicer)?;
            }
        }
        if level == ContextId::Scope && !self.state.appended.is_empty() {
            if written {
                // Copies go behind everything, and their statements may still write the scope.
                passed.child(&GroupFields { state: &self.state, level }, more_writes, splicer);
            }
            self.visit_copies(splicer)?;
        }
        if written {
            passed.finish(&GroupFields { state: &self.state, level }, splicer);
            // Maps are cut where they pass the limit, and there need not be a record that tells.
            self.state.check_written(splicer.written())?;
        }
        splicer.leave();
        Ok(())
    }

    /// Metrics that statements appended to the scope are visited like the others, and may append more.
    fn visit_copies(&mut self, splicer: &mut Splicer<'_, '_>) -> Result<(), RunError> {
        let mut next = 0;
        while let Some(bytes) = self.state.appended.get(next).copied() {
            next += 1;
            let out = splicer.append();
            let mark = begin_len(out, MEMBERS, bytes.len());
            self.metric_in_place(bytes, out)?;
            end_len(out, mark);
            self.state.check_written(splicer.written())?;
        }
        Ok(())
    }

    pub fn record(&mut self, raw: &'a [u8], place: Place, splicer: &mut Splicer<'_, '_>) -> Result<(), RunError> {
        let level = self.record;
        let leaf = !self.active(self.levels_below(level));
        self.state.at.enter(2);
        let verdict = self.judge(level, raw, PointKind::Number)?;
        if leaf {
            if verdict == Verdict::Quiet {
                self.state.count_visit(level);
                return Ok(());
            }
            self.enter_leaf(level, raw, PointKind::Number, verdict);
        } else {
            self.state.enter(level, raw, PointKind::Number);
        }
        self.state.replaced_metric = None;
        self.state.points_replaced = false;
        self.state.points_read = None;
        self.run_level(level, verdict)?;
        let changed = self.state.changed(level);
        if leaf {
            if changed || self.state.replaced_metric.is_some() {
                let out = splicer.replace(place.start, place.end);
                let mark = begin_len(out, place.number, raw.len());
                self.state.emit(level, out)?;
                end_len(out, mark);
            }
            return Ok(());
        }
        if self.state.replaced_metric.is_some() || changed && self.children_written(level) {
            // The children are those of the message as it is now.
            let mut bytes = Vec::with_capacity(raw.len());
            self.state.emit(level, &mut bytes)?;
            let bytes: &'a [u8] = self.state.arena.copy(&bytes)?;
            let out = splicer.replace(place.start, place.end);
            let mark = begin_len(out, place.number, bytes.len());
            self.children_in_place(level, bytes, out)?;
            end_len(out, mark);
            return Ok(());
        }
        splicer.enter(place.number, place.start, place.content, place.end);
        self.children(level, raw, place, splicer)
    }

    /// A metric that is not part of the input: visited and appended whole.
    fn metric_in_place(&mut self, bytes: &'a [u8], out: &mut Vec<u8>) -> Result<(), RunError> {
        self.state.at.enter(2);
        self.state.enter(ContextId::Metric, bytes, PointKind::Number);
        self.run_groups(ContextId::Metric)?;
        if !self.active(self.levels_below(ContextId::Metric)) {
            self.state.emit(ContextId::Metric, out)?;
            return Ok(());
        }
        let mut now = Vec::new();
        self.state.emit(ContextId::Metric, &mut now)?;
        self.children_in_place(ContextId::Metric, self.state.arena.copy(&now)?, out)
    }

    /// Visits the children of a record that exists in the arena only, and appends its content.
    fn children_in_place(&mut self, level: ContextId, bytes: &'a [u8], out: &mut Vec<u8>) -> Result<(), RunError> {
        self.state.enter_again(level, bytes);
        let mut inner = Splicer::new(bytes, out);
        // The whole input is the record's content; the field around it is the caller's.
        self.walk_children(level, bytes, 0, &mut inner)?;
        if !inner.finish() {
            out.extend_from_slice(bytes);
        }
        Ok(())
    }

    /// Visits the children of a record of the input, whose field the splicer has entered, and leaves it.
    fn children(
        &mut self,
        level: ContextId,
        raw: &'a [u8],
        place: Place,
        splicer: &mut Splicer<'_, '_>,
    ) -> Result<(), RunError> {
        self.walk_children(level, raw, place.content, splicer)?;
        if self.children_replaced(level)? {
            // A child's statement replaced the list of children: what was written of it is void.
            splicer.leave_dropped();
            let out = splicer.replace(place.end, place.end);
            let mark = begin_len(out, place.number, raw.len());
            self.state.emit(level, out)?;
            end_len(out, mark);
        } else {
            splicer.leave();
        }
        Ok(())
    }

    /// Whether statements of a record have written what holds its children.
    fn children_written(&self, level: ContextId) -> bool {
        self.state.changed_node(level).is_some_and(|node| match level {
            ContextId::Span => node.rewrites(EVENTS),
            ContextId::Metric => (0..FIELDS as u32).any(|n| point_kind(n).is_some() && node.rewrites(n)),
            _ => true,
        })
    }

    /// Whether the list of children that is being walked has been written.
    fn children_replaced(&mut self, level: ContextId) -> Result<bool, RunError> {
        if level == ContextId::DataPoint && self.state.points_replaced {
            // The point that is being walked is gone.
            return Ok(true);
        }
        if self.pass.from_below & bit(level) == 0 || self.pass.touched.parts & bit(level) == 0 {
            return Ok(false);
        }
        Ok(match level {
            ContextId::Span => self.node(level)?.replaces(EVENTS),
            ContextId::DataPoint => {
                let node = self.node(level)?;
                node.kind.exemplars().is_some_and(|n| node.replaces(n))
            }
            ContextId::Metric => self.state.points_replaced,
            _ => false,
        })
    }

    fn node(&mut self, level: ContextId) -> Result<&mut Node<'a>, RunError> {
        Ok(self.state.node(level)?)
    }

    fn walk_children(
        &mut self,
        level: ContextId,
        raw: &'a [u8],
        base: usize,
        splicer: &mut Splicer<'_, '_>,
    ) -> Result<(), RunError> {
        let written = self.pass.touched.written & bit(level) != 0;
        let more_writes = self.pass.from_below & bit(level) != 0;
        let data = match level {
            ContextId::Metric => data_field(raw)?,
            _ => None,
        };
        let exemplars = match level {
            ContextId::DataPoint => {
                let kind = self.node(level)?.kind;
                kind.exemplars()
            }
            _ => None,
        };
        let mut passed = Passed::new(self.state.arena);
        let mut reader = Reader::new(raw);
        while let Some(field) = reader.next_field()? {
            let is_child = match level {
                ContextId::Span => field.number == EVENTS,
                ContextId::Metric => data.is_some_and(|(start, _)| start == field.start),
                _ => Some(field.number) == exemplars,
            };
            if !is_child {
                if written {
                    let own = RecordFields { state: &self.state, level };
                    passed.own(own_field(&field, base), &own, more_writes, splicer)?;
                }
                continue;
            }
            if written {
                passed.child(&RecordFields { state: &self.state, level }, more_writes, splicer);
            }
            let place = Place::of(&field, base);
            match (level, data) {
                (ContextId::Span, _) => {
                    self.state.at.enter(3);
                    self.leaf(ContextId::SpanEvent, PointKind::Number, field.bytes()?, place, splicer)?
                }
                (ContextId::Metric, Some((_, kind))) => self.points(kind, field.bytes()?, place, splicer)?,
                _ => {
                    self.state.at.enter(4);
                    self.leaf(ContextId::Exemplar, PointKind::Number, field.bytes()?, place, splicer)?;
                }
            }
            if self.children_replaced(level)? {
                return Ok(());
            }
        }
        if written {
            passed.finish(&RecordFields { state: &self.state, level }, splicer);
        }
        Ok(())
    }

    /// The points of a metric's data message.
    fn points(
        &mut self,
        kind: PointKind,
        content: &'a [u8],
        place: Place,
        splicer: &mut Splicer<'_, '_>,
    ) -> Result<(), RunError> {
        self.state.data_field = place.number;
        splicer.enter(place.number, place.start, place.content, place.end);
        let written = self.pass.from_below & bit(ContextId::Metric) != 0;
        let deeper = self.active(self.levels_below(ContextId::DataPoint));
        let plain = !written && !deeper;
        let mut passed = Passed::new(self.state.arena);
        let mut reader = Reader::new(content);
        loop {
            if plain && let Some(field) = reader.next_member(POINT_TAG) {
                self.state.at.enter(3);
                self.leaf(ContextId::DataPoint, kind, field.bytes()?, Place::of(&field, place.content), splicer)?;
                continue;
            }
            let Some(field) = reader.next_field()? else { break };
            if field.number != DATA_POINTS {
                if written {
                    let own = DataFields { state: &self.state, number: place.number, raw: content };
                    passed.own(own_field(&field, place.content), &own, true, splicer)?;
                }
                continue;
            }
            if written {
                passed.child(&DataFields { state: &self.state, number: place.number, raw: content }, true, splicer);
            }
            self.state.at.enter(3);
            let point = Place::of(&field, place.content);
            let raw = field.bytes()?;
            if deeper {
                self.state.enter(ContextId::DataPoint, raw, kind);
                self.run_groups(ContextId::DataPoint)?;
                if self.state.changed_node(ContextId::DataPoint).is_some() {
                    let mut bytes = Vec::new();
                    self.state.emit(ContextId::DataPoint, &mut bytes)?;
                    let bytes: &'a [u8] = self.state.arena.copy(&bytes)?;
                    let out = splicer.replace(point.start, point.end);
                    let mark = begin_len(out, point.number, bytes.len());
                    self.state.enter(ContextId::DataPoint, bytes, kind);
                    let mut inner = Splicer::new(bytes, out);
                    self.walk_children(ContextId::DataPoint, bytes, 0, &mut inner)?;
                    if !inner.finish() {
                        out.extend_from_slice(bytes);
                    }
                    end_len(out, mark);
                } else {
                    splicer.enter(point.number, point.start, point.content, point.end);
                    self.children(ContextId::DataPoint, raw, point, splicer)?;
                }
            } else {
                self.leaf(ContextId::DataPoint, kind, raw, point, splicer)?;
            }
            if self.state.points_replaced {
                // The walk goes over the list as it is; what was written of the old one is void.
                splicer.leave();
                return Ok(());
            }
        }
        if written {
            passed.finish(&DataFields { state: &self.state, number: place.number, raw: content }, splicer);
        }
        splicer.leave();
        Ok(())
    }

    /// A message without children of interest.
    fn leaf(
        &mut self,
        level: ContextId,
        kind: PointKind,
        raw: &'a [u8],
        place: Place,
        splicer: &mut Splicer<'_, '_>,
    ) -> Result<(), RunError> {
        let verdict = self.judge(level, raw, kind)?;
        if verdict == Verdict::Quiet {
            self.state.count_visit(level);
            return Ok(self.state.steps.watch()?);
        }
        self.enter_leaf(level, raw, kind, verdict);
        self.run_level(level, verdict)?;
        if self.state.changed(level) {
            let out = splicer.replace(place.start, place.end);
            let mark = begin_len(out, place.number, raw.len());
            self.state.emit(level, out)?;
            end_len(out, mark);
        }
        self.state.check_written(splicer.written())
    }
}

/// Where a field lies in the splicer's input.
fn own_field(field: &ottl_otlp::wire::Field<'_>, base: usize) -> OwnField {
    OwnField { number: field.number, start: base + field.start, end: base + field.end }
}

impl<'a> State<'a, '_> {
    /// [`subject`], unless it is a scope that no rule looks at.
    ///
    /// PERF (spans): the walk over a scope's records before they are visited cost an eighth of the time: it jumps from
    /// record to record, where nothing of the next one is in the cache yet.
    #[inline]
    pub fn subject(&self, level: ContextId, content: &'a [u8]) -> Result<(&'a [u8], u32), RunError> {
        if level == ContextId::Scope && self.wanted[level as usize].nothing {
            return Ok((&[], MEMBERS));
        }
        subject(content, self.arena)
    }
}

/// The resource or scope message of a group (repeated ones merge), and the number of the field that holds its members.
///
/// COMPAT: scopes may still come under their old number, which counts only in a group that has none under the new one.
pub(super) fn subject<'a>(content: &'a [u8], arena: &'a Arena) -> Result<(&'a [u8], u32), RunError> {
    let mut found: Option<&'a [u8]> = None;
    let (mut members, mut deprecated, mut repeated) = (false, false, false);
    let mut reader = Reader::new(content);
    while let Some(field) = reader.next_field()? {
        match field.number {
            MEMBERS => members = true,
            DEPRECATED_SCOPES => deprecated = true,
            SUBJECT => {
                repeated |= found.is_some();
                found = Some(field.bytes()?);
            }
            _ => {}
        }
    }
    if repeated {
        found = Some(merged(content, SUBJECT, arena)?);
    }
    Ok((found.unwrap_or(&[]), if deprecated && !members { DEPRECATED_SCOPES } else { MEMBERS }))
}
