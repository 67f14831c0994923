//! The filter processor: what matches a condition is spliced out, and what lost all its members with it.

use ottl_core::{Arena, EvalError};
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
use super::program::Step;
use super::screen::{Screen, Screening, Verdict as Asked, next_bit};
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
        self.state.spare.screens.iter_mut().for_each(Screening::stale);
        let result = self.walk(input, out);
        self.count_screened();
        result
    }

    fn walk(&mut self, input: &'a [u8], out: &mut Vec<u8>) -> Result<(bool, bool), RunError> {
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
        self.code.active & bit(level) != 0
    }

    /// Whether the stage looks at what is inside records.
    fn has_parts(&self) -> bool {
        self.judges(ContextId::SpanEvent) || self.judges(ContextId::DataPoint)
    }

    /// Judges an item, which becomes the current one of its level.
    #[inline]
    fn item_verdict(&mut self, level: ContextId, raw: &'a [u8], kind: PointKind) -> Result<Verdict, RunError> {
        let code = self.code;
        let Some(screen) = &code.levels[level as usize].screen else {
            self.state.enter(level, raw, kind);
            return self.judge(level);
        };
        let asked = self.state.judge(screen, level, raw, kind, false)?;
        self.state.enter(level, raw, kind);
        match asked {
            Asked::Quiet => {
                self.state.count_visit(level);
                Ok(Verdict::Keep)
            }
            Asked::Fired => {
                let mut fire = std::mem::take(&mut self.state.spare.screens[level as usize].fire);
                let verdict = self.judge_fired(level, screen, &mut fire);
                self.state.spare.screens[level as usize].fire = fire;
                verdict
            }
            Asked::Unasked | Asked::Unknown => self.judge(level),
        }
    }

    /// Judges an item by the conditions that it triggers.
    fn judge_fired(&mut self, level: ContextId, screen: &Screen, fire: &mut [u64]) -> Result<Verdict, RunError> {
        let conditions = &self.code.levels[level as usize].steps;
        let mut from = 0;
        while let Some(at) = next_bit(fire, from) {
            from = at + 1;
            let Some(Step { condition: Some(condition), source, .. }) = conditions.get(at) else { break };
            let is_sure = screen.is_sure(at, &self.state.spare.screens[level as usize].unsure);
            let holds = if is_sure { Ok(true) } else { self.state.holds(condition) };
            let Some(verdict) = self.verdict_of(holds, *source, level).transpose() else { continue };
            let screening = &mut self.state.spare.screens[level as usize];
            screening.stops[at] += 1;
            screening.visits += 1;
            return verdict;
        }
        self.state.count_visit(level);
        Ok(Verdict::Keep)
    }

    /// What a condition says of the current item of a level; nothing if the next one is to be asked.
    #[inline]
    fn verdict_of(
        &mut self,
        holds: Result<bool, EvalError>,
        source: u32,
        level: ContextId,
    ) -> Result<Option<Verdict>, RunError> {
        match holds {
            Ok(false) => Ok(None),
            Ok(true) => {
                self.state.report.source(source).matched += 1;
                Ok(Some(Verdict::Drop))
            }
            Err(error) => match self.state.failed(self.stage.error_mode, source, error, level) {
                Ok(()) => Ok(None),
                Err(RunError::Failed(error)) => {
                    self.failure.get_or_insert(error);
                    Ok(Some(Verdict::Failed))
                }
                Err(error) => Err(error),
            },
        }
    }

    /// Counts the conditions that screens judged with.
    fn count_screened(&mut self) {
        for level in ContextId::ALL {
            let idx = level as usize;
            if self.code.levels[idx].screen.is_none() {
                continue;
            }
            let mut visits = std::mem::take(&mut self.state.spare.screens[idx].visits);
            for (at, step) in self.code.levels[idx].steps.iter().enumerate() {
                self.state.report.source(step.source).evaluated += visits;
                if let Some(stops) = self.state.spare.screens[idx].stops.get_mut(at) {
                    visits -= std::mem::take(stops);
                }
            }
        }
    }

    /// Judges the current item of a level, one condition after the other.
    fn judge(&mut self, level: ContextId) -> Result<Verdict, RunError> {
        for step in &self.code.levels[level as usize].steps {
            let Step { condition: Some(condition), source, .. } = step else { continue };
            self.state.report.source(*source).evaluated += 1;
            let holds = self.state.holds(condition);
            if let Some(verdict) = self.verdict_of(holds, *source, level)? {
                return Ok(verdict);
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
        match self.item_verdict(Resource, resource, PointKind::Number)? {
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
        match self.item_verdict(Scope, scope, PointKind::Number)? {
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
        match self.item_verdict(self.record, raw, PointKind::Number)? {
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
                if self.item_verdict(ContextId::SpanEvent, field.bytes()?, PointKind::Number)? == Verdict::Drop {
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
                match self.item_verdict(ContextId::DataPoint, point.bytes()?, kind)? {
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
