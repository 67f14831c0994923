//! The filter processor: what matches a condition is spliced out, and what lost all its members with it.

use ottl_core::Arena;
use ottl_otlp::edit::Splicer;
use ottl_otlp::schema::topology::DATA_POINTS;
use ottl_otlp::schema::topology::groups::{MEMBERS, RESOURCES};
use ottl_otlp::wire::Reader;
use ottl_otlp::wire::fields::span::EVENTS;
use ottl_plan::FilterStage;
use ottl_schema::{ContextId, PointKind};

use super::code::StageCode;
use super::metric::data_field;
use super::plan::bit;
use super::segment::Members;
use super::state::{At, GroupNode, State};
use super::transform::Place;
use crate::{ReportedError, RunError};

/// What the conditions of a level say of an item.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Keep,
    Drop,
    /// A condition failed under `propagate`: the item stays, and its children are not looked at.
    Failed,
}

/// One stage of a filter program over one message.
pub(super) struct Filter<'t, 'a, 'e> {
    pub state: State<'a, 'e>,
    pub stage: &'t FilterStage,
    /// Its conditions.
    pub code: &'a StageCode,
    /// The level of the signal's records.
    pub record: ContextId,
    /// The first error under `propagate`.
    pub failure: Option<ReportedError>,
    /// Memory for segments, one for each list of members on the way to the records.
    pub segments: &'e mut [Arena],
}

impl<'a> Filter<'_, 'a, '_> {
    /// Runs the stage: whether anything was taken out, and whether anything is left.
    pub fn run(&mut self, input: &'a [u8], out: &mut Vec<u8>) -> Result<(bool, bool), RunError> {
        let mut splicer = Splicer::new(input, out);
        let mut kept = false;
        self.state.at = At::default();
        let mut reader = Reader::new(input);
        while let Some(field) = reader.next_field()? {
            if field.number == RESOURCES {
                self.state.at.enter(0);
                kept |= self.resource(field.bytes()?, Place::of(&field, 0), &mut splicer)?;
                if self.state.is_full() {
                    let members = Members { of: None, number: RESOURCES, base: 0, skips: true };
                    kept |= self.in_segments(members, &mut reader, &mut splicer)?;
                }
            }
        }
        Ok((splicer.finish(), kept))
    }

    /// Whether the stage looks at a level.
    fn judges(&self, level: ContextId) -> bool {
        self.code.levels & bit(level) != 0
    }

    /// Whether the stage looks at what is inside records.
    fn has_parts(&self) -> bool {
        self.judges(ContextId::SpanEvent) || self.judges(ContextId::DataPoint)
    }

    fn judge(&mut self, level: ContextId) -> Result<Verdict, RunError> {
        for (condition, source) in &self.code.conditions[level as usize] {
            self.state.report.source(*source).evaluated += 1;
            match self.state.holds(condition) {
                Ok(false) => {}
                Ok(true) => {
                    self.state.report.source(*source).matched += 1;
                    return Ok(Verdict::Drop);
                }
                Err(error) => match self.state.failed(self.stage.error_mode, *source, error, level) {
                    Ok(()) => {}
                    Err(RunError::Failed(error)) => {
                        self.failure.get_or_insert(error);
                        return Ok(Verdict::Failed);
                    }
                    Err(error) => return Err(error),
                },
            }
        }
        Ok(Verdict::Keep)
    }

    pub fn resource(
        &mut self,
        content: &'a [u8],
        place: Place,
        splicer: &mut Splicer<'_, '_>,
    ) -> Result<bool, RunError> {
        use ContextId::{DataPoint, Log, Metric, Resource, Scope, Span, SpanEvent};
        let (resource, members) = self.state.subject(Resource, content)?;
        self.state.groups[0] = GroupNode::new(content);
        self.state.enter(Resource, resource, PointKind::Number);
        match self.judge(Resource)? {
            Verdict::Keep => {}
            Verdict::Failed => return Ok(true),
            Verdict::Drop => {
                self.count_group(content, members)?;
                splicer.replace(place.start, place.end);
                return Ok(false);
            }
        }
        let deeper = [Scope, Span, SpanEvent, Metric, DataPoint, Log].iter().any(|l| self.judges(*l));
        let mut kept = false;
        splicer.enter(place.number, place.start, place.content, place.end);
        let mut reader = Reader::new(content);
        while let Some(field) = reader.next_field()? {
            if field.number == members {
                self.state.at.enter(1);
                kept |= !deeper || self.scope(field.bytes()?, Place::of(&field, place.content), splicer)?;
                if deeper && self.state.is_full() {
                    let members = Members::of(Resource, members, place.content, true);
                    kept |= self.in_segments(members, &mut reader, splicer)?;
                }
            }
        }
        if kept {
            splicer.leave()
        } else {
            splicer.leave_dropped()
        }
        Ok(kept)
    }

    pub fn scope(&mut self, content: &'a [u8], place: Place, splicer: &mut Splicer<'_, '_>) -> Result<bool, RunError> {
        use ContextId::Scope;
        let (scope, _) = self.state.subject(Scope, content)?;
        self.state.groups[1] = GroupNode::new(content);
        self.state.enter(Scope, scope, PointKind::Number);
        match self.judge(Scope)? {
            Verdict::Keep => {}
            Verdict::Failed => return Ok(true),
            Verdict::Drop => {
                self.count_scope(content)?;
                splicer.replace(place.start, place.end);
                return Ok(false);
            }
        }
        let records = self.judges(self.record);
        let parts = self.has_parts();
        let mut kept = false;
        splicer.enter(place.number, place.start, place.content, place.end);
        let mut reader = Reader::new(content);
        while let Some(field) = reader.next_field()? {
            if field.number == MEMBERS {
                kept |= !(records || parts) || self.item(field.bytes()?, Place::of(&field, place.content), splicer)?;
                if (records || parts) && self.state.is_full() {
                    let members = Members::of(Scope, MEMBERS, place.content, true);
                    kept |= self.in_segments(members, &mut reader, splicer)?;
                }
            }
        }
        if kept {
            splicer.leave()
        } else {
            splicer.leave_dropped()
        }
        Ok(kept)
    }

    /// A span, metric or log record: whether it stays.
    ///
    /// PERF (filter-logs): a call for every record costs a fiftieth.
    #[inline(always)]
    pub fn item(&mut self, raw: &'a [u8], place: Place, splicer: &mut Splicer<'_, '_>) -> Result<bool, RunError> {
        self.state.at.enter(2);
        self.state.enter(self.record, raw, PointKind::Number);
        match self.judge(self.record)? {
            Verdict::Keep => {}
            Verdict::Failed => return Ok(true),
            Verdict::Drop => {
                self.count_record(raw)?;
                splicer.replace(place.start, place.end);
                return Ok(false);
            }
        }
        match self.record {
            ContextId::Span if self.has_parts() => self.events(raw, place, splicer),
            ContextId::Metric if self.has_parts() => self.points(raw, place, splicer),
            _ => Ok(true),
        }
    }

    fn events(&mut self, raw: &'a [u8], place: Place, splicer: &mut Splicer<'_, '_>) -> Result<bool, RunError> {
        splicer.enter(place.number, place.start, place.content, place.end);
        let mut reader = Reader::new(raw);
        while let Some(field) = reader.next_field()? {
            if field.number == EVENTS {
                self.state.at.enter(3);
                self.state.enter(ContextId::SpanEvent, field.bytes()?, PointKind::Number);
                if self.judge(ContextId::SpanEvent)? == Verdict::Drop {
                    splicer.replace(place.content + field.start, place.content + field.end);
                }
            }
        }
        splicer.leave();
        Ok(true)
    }

    fn points(&mut self, raw: &'a [u8], place: Place, splicer: &mut Splicer<'_, '_>) -> Result<bool, RunError> {
        // A metric without a type stays whatever its points.
        let Some((start, kind)) = data_field(raw)? else { return Ok(true) };
        splicer.enter(place.number, place.start, place.content, place.end);
        let mut kept = false;
        let mut failed = false;
        let mut reader = Reader::new(raw);
        while let Some(field) = reader.next_field()? {
            if field.start != start {
                continue;
            }
            let data = Place::of(&field, place.content);
            self.state.data_field = data.number;
            splicer.enter(data.number, data.start, data.content, data.end);
            let mut points = Reader::new(field.bytes()?);
            while let Some(point) = points.next_field()? {
                if point.number != DATA_POINTS {
                    continue;
                }
                self.state.at.enter(3);
                self.state.enter(ContextId::DataPoint, point.bytes()?, kind);
                match self.judge(ContextId::DataPoint)? {
                    Verdict::Keep => kept = true,
                    Verdict::Failed => (kept, failed) = (true, true),
                    Verdict::Drop => {
                        self.state.report.dropped.data_points += 1;
                        splicer.replace(data.content + point.start, data.content + point.end);
                    }
                }
            }
            splicer.leave();
        }
        if kept || failed && self.stage.keeps_failed_metrics {
            splicer.leave();
            Ok(true)
        } else {
            splicer.leave_dropped();
            Ok(false)
        }
    }

    fn count_group(&mut self, content: &[u8], members: u32) -> Result<(), RunError> {
        let mut reader = Reader::new(content);
        while let Some(field) = reader.next_field()? {
            if field.number == members {
                self.count_scope(field.bytes()?)?;
            }
        }
        Ok(())
    }

    fn count_scope(&mut self, content: &[u8]) -> Result<(), RunError> {
        let mut reader = Reader::new(content);
        while let Some(field) = reader.next_field()? {
            if field.number == MEMBERS {
                self.count_record(field.bytes()?)?;
            }
        }
        Ok(())
    }

    fn count_record(&mut self, raw: &[u8]) -> Result<(), RunError> {
        let dropped = &mut self.state.report.dropped;
        match self.record {
            ContextId::Span => dropped.spans += 1,
            ContextId::Log => dropped.log_records += 1,
            _ => {
                let mut reader = Reader::new(raw);
                let last = data_field(raw)?.map(|(start, _)| start);
                while let Some(field) = reader.next_field()? {
                    if Some(field.start) == last {
                        let mut points = Reader::new(field.bytes()?);
                        while let Some(point) = points.next_field()? {
                            dropped.data_points += u64::from(point.number == DATA_POINTS);
                        }
                    }
                }
            }
        }
        Ok(())
    }
}
