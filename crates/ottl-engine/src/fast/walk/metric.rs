//! The points of metrics, and what metrics' own statements have written beside them.

use ottl_otlp::edit::Splicer;
use ottl_otlp::schema::topology::DATA_POINTS;
use ottl_otlp::wire::{Reader, WireType, put_len_field};
use ottl_schema::{ContextId, PointKind};

use super::own::Passed;
use super::own_fields::DataFields;
use super::record::Leaves;
use super::{Place, Walk, Walked, next_of, own_field};
use crate::fast::exec::metric::{DATA_FIELDS, data_field, point_kind};
use crate::fast::exec::metric_edits::WalkedPoints;
use crate::fast::exec::screen::Verdict;
use crate::fast::levels::bit;

/// The tag of a metric's points.
const POINT_TAG: u8 = (DATA_POINTS << 3 | 2) as u8;

impl<'a, const DROPS: bool> Walk<'a, '_, DROPS> {
    /// Bits of the fields that the current metric's own statements have written, if nothing else is written to it and it is known
    /// where they lie.
    pub(super) fn written_around_points(&self) -> Option<u32> {
        if self.pass.from_below & bit(ContextId::Metric) != 0 {
            return None;
        }
        self.state.messages.written_fields(ContextId::Metric).filter(|written| written & DATA_FIELDS == 0)
    }

    /// Visits the points of a metric that they write nothing to, with the fields around them that were written to it. Whether the
    /// metric stays.
    ///
    /// PERF (metrics with few points): going over its fields once more took a sixth of a message of one point.
    pub(super) fn points_in_turn(
        &mut self,
        written: u32,
        raw: &'a [u8],
        base: usize,
        splicer: &mut Splicer<'_, '_>,
    ) -> Walked<bool> {
        let data = self.data_place(raw)?;
        let mut left = self.put_fields(written, data.map_or(raw.len(), |(start, _)| start), base, splicer);
        let mut kept = true;
        if let Some((start, kind)) = data
            && let Some(tag) = raw.get(start)
            && let Some(field) = next_of(&mut Reader::new_at(raw, start), tag & 0x78 | WireType::Len as u8)?
        {
            kept = self.points(kind, field.bytes()?, Place::of(&field, base), splicer)?;
        }
        if left != 0 {
            left = self.put_fields(left, raw.len(), base, splicer);
        }
        // Those that the input does not have.
        while left != 0 {
            self.state.messages.emit_field(ContextId::Metric, left.trailing_zeros(), splicer.append());
            left &= left - 1;
        }
        Ok(kept)
    }

    /// Where the data field of the current metric starts that counts, and the kind of its points.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn data_place(&self, raw: &[u8]) -> Walked<Option<(usize, PointKind)>> {
        let record = self.state.messages.as_compact(ContextId::Metric);
        match record.and_then(|record| record.first_of(DATA_FIELDS)) {
            Some((start, _, number)) => Ok(point_kind(number).map(|kind| (start, kind))),
            None => Ok(data_field(raw)?),
        }
    }

    /// Puts those of the fields that were written to a metric in the place of the input's that lie in front of `upto`: the others.
    fn put_fields(&self, mut fields: u32, upto: usize, base: usize, splicer: &mut Splicer<'_, '_>) -> u32 {
        let messages = &self.state.messages;
        while let Some((start, end, number)) = messages.first_of(ContextId::Metric, fields)
            && start < upto
        {
            fields &= !(1 << number);
            messages.emit_field(ContextId::Metric, number, splicer.replace(base + start, base + end));
        }
        fields
    }

    /// The points of a metric's data message: whether any is left.
    pub(super) fn points(
        &mut self,
        kind: PointKind,
        content: &'a [u8],
        place: Place,
        splicer: &mut Splicer<'_, '_>,
    ) -> Walked<bool> {
        self.state.at.data_field = place.number;
        splicer.enter(place.number, place.start, place.content, place.end);
        let written = self.pass.from_below & bit(ContextId::Metric) != 0;
        let deeper = self.active(self.levels_below(ContextId::DataPoint));
        // Statements of the points may ask for the metric as it is by then.
        let is_asked_for = self.pass.touched.parts & bit(ContextId::Metric) != 0;
        self.state.metrics.walked = is_asked_for.then(|| WalkedPoints::new(self.state.arena));
        let list = Leaves { level: ContextId::DataPoint, kind, depth: 3, tag: POINT_TAG, base: place.content };
        let mut kept = !DROPS;
        let mut passed = written.then(|| Passed::new(self.state.arena));
        let mut reader = Reader::new(content);
        loop {
            if !written && !deeper && content.get(reader.pos()) == Some(&POINT_TAG) {
                kept |= self.leaves(list, &mut reader, splicer)?;
            }
            let Some(field) = reader.next_field()? else { break };
            if field.number != DATA_POINTS {
                if let Some(passed) = &mut passed {
                    let own = DataFields { state: &self.state, number: place.number, raw: content };
                    passed.own(own_field(&field, place.content), &own, true, splicer)?;
                }
                continue;
            }
            if let Some(passed) = &mut passed {
                passed.child(&DataFields { state: &self.state, number: place.number, raw: content }, true, splicer);
            }
            self.state.at.enter(3);
            let (raw, point) = (field.bytes()?, Place::of(&field, place.content));
            if deeper {
                self.point_with_exemplars(kind, raw, point, splicer)?;
                kept = true;
            } else if is_asked_for {
                self.point_of_metric(kind, raw, point, splicer)?;
                kept = true;
            } else {
                kept |= self.leaf(ContextId::DataPoint, kind, raw, point, splicer)?;
            }
            if self.state.metrics.points_replaced {
                // The walk goes over the list as it is; what was written of the old one is void.
                splicer.leave();
                return Ok(true);
            }
        }
        if let Some(passed) = passed {
            passed.finish(&DataFields { state: &self.state, number: place.number, raw: content }, splicer);
        }
        self.state.metrics.walked = None;
        splicer.leave();
        Ok(kept)
    }

    /// A point without children of interest, whose statements may ask for the metric that it belongs to.
    fn point_of_metric(
        &mut self,
        kind: PointKind,
        raw: &'a [u8],
        place: Place,
        splicer: &mut Splicer<'_, '_>,
    ) -> Walked<()> {
        self.enter_leaf(ContextId::DataPoint, raw, kind, Verdict::Unknown);
        self.run_groups(ContextId::DataPoint)?;
        let mut changed = None;
        if self.state.messages.changed(ContextId::DataPoint) {
            let bytes = self.state.emitted(ContextId::DataPoint)?;
            put_len_field(splicer.replace(place.start, place.end), place.number, bytes);
            changed = Some(bytes);
        }
        if let Some(walked) = &mut self.state.metrics.walked {
            walked.pass(changed)?;
        }
        self.check_written(splicer)
    }
}
