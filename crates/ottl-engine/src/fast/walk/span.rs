//! Spans whose events matter: the events are visited first, then the span is written with all that has become of both.
//!
//! So a span may be a compact record, and statements of its events may write to it at any time. Where statements may replace the
//! list of events, and where events do not lie together, spans are walked like other records with children.

use ottl_otlp::edit::Splicer;
use ottl_otlp::wire::fields::span::{ATTRIBUTES, EVENTS};
use ottl_otlp::wire::{Reader, begin_len, end_len};
use ottl_schema::{ContextId, PointKind};

use super::record::Leaves;
use super::{Place, Walk, Walked};
use crate::fast::levels::bit;
use crate::fast::node::{Inner, run_of};

/// The tag of a span's attributes.
const ATTRIBUTE_TAG: u8 = (ATTRIBUTES << 3 | 2) as u8;

/// The tag of a span's events.
const EVENT_TAG: u8 = (EVENTS << 3 | 2) as u8;

impl<'a, const DROPS: bool> Walk<'a, '_, DROPS> {
    /// A span of the input, and its events: whether it stays.
    pub(super) fn span_with_events(
        &mut self,
        raw: &'a [u8],
        place: Place,
        splicer: &mut Splicer<'_, '_>,
    ) -> Walked<bool> {
        let level = ContextId::Span;
        let verdict = self.judge(level, raw, PointKind::Number)?;
        self.enter_outer(level, raw, verdict);
        let fate = self.run_level(level, verdict)?;
        if let Some(stays) = self.ends_with(fate, raw, place, splicer)? {
            return Ok(stays);
        }
        let attributes = self.state.messages.as_compact(level).map_or(0..0, |record| record.attributes());
        let Some(events) = run_of(raw, EVENT_TAG, (ATTRIBUTE_TAG, (attributes.start as u32, attributes.end as u32)))
        else {
            // Those are written by a node.
            if self.state.messages.is_compact(level) {
                self.state.node(level)?;
            }
            self.state.messages.forget_compact(level);
            return self.children_in_turn(level, raw, place, splicer);
        };
        let list = raw.get(events.0 as usize..events.1 as usize).unwrap_or_default();
        if self.pass.touched.written & bit(level) == 0 {
            // Nothing but its events can change.
            if !list.is_empty() {
                splicer.enter(place.number, place.start, place.content, place.end);
                self.events(list, place.content + events.0 as usize, splicer)?;
                splicer.leave();
            }
            return Ok(true);
        }
        let mut bytes = std::mem::take(&mut self.state.spare.events);
        bytes.clear();
        let mut splicer_of_list = Splicer::new(list, &mut bytes);
        self.events(list, 0, &mut splicer_of_list)?;
        let have_changed = splicer_of_list.finish();
        if have_changed || self.state.messages.changed(level) {
            let inner = have_changed.then_some(Inner { number: EVENTS, place: events, bytes: &bytes });
            let out = splicer.replace(place.start, place.end);
            let mark = begin_len(out, place.number, raw.len());
            self.state.messages.emit_around(level, inner.as_ref(), out)?;
            end_len(out, mark);
        }
        self.state.spare.events = bytes;
        self.check_written(splicer)?;
        Ok(true)
    }

    /// The events of a span, whose fields are all of a list that starts at `base` in the splicer's input.
    fn events(&mut self, list: &'a [u8], base: usize, splicer: &mut Splicer<'_, '_>) -> Walked<()> {
        let (level, kind) = (ContextId::SpanEvent, PointKind::Number);
        let leaves = Leaves { level, kind, depth: 3, tag: EVENT_TAG, base };
        let mut reader = Reader::new(list);
        while !reader.is_empty() {
            self.leaves(leaves, &mut reader, splicer)?;
            // One that is not written canonically.
            if let Some(field) = reader.next_field()? {
                self.state.at.enter(3);
                self.leaf(level, kind, field.bytes()?, Place::of(&field, base), splicer)?;
            }
        }
        Ok(())
    }
}
