//! Counting what is dropped together with the message that it lies in.

use ottl_otlp::schema::topology::DATA_POINTS;
use ottl_otlp::schema::topology::groups::MEMBERS;
use ottl_otlp::wire::Reader;
use ottl_otlp::wire::fields::profile::SAMPLES;
use ottl_schema::ContextId;

use super::{Walk, Walked};
use crate::fast::exec::metric::data_field;

impl<const DROPS: bool> Walk<'_, '_, DROPS> {
    /// Counts what is inside a resource's or scope's group, of which `members` is the number of the field of its members.
    pub(super) fn count_dropped_group(&mut self, level: ContextId, content: &[u8], members: u32) -> Walked<()> {
        let mut reader = Reader::new(content);
        while let Some(field) = reader.next_field()? {
            if field.number != members {
                continue;
            }
            match level {
                ContextId::Resource => self.count_dropped_group(ContextId::Scope, field.bytes()?, MEMBERS)?,
                _ => self.count_dropped_record(field.bytes()?)?,
            }
        }
        Ok(())
    }

    /// Counts a record, or what is inside one: of that, only points count.
    pub(super) fn count_dropped_leaf(&mut self, level: ContextId, raw: &[u8]) -> Walked<()> {
        match level {
            ContextId::SpanEvent => Ok(()),
            ContextId::DataPoint => {
                self.state.report.dropped.data_points += 1;
                Ok(())
            }
            _ => self.count_dropped_record(raw),
        }
    }

    /// Counts a record: of metrics, their points, of profiles, their samples.
    pub(super) fn count_dropped_record(&mut self, raw: &[u8]) -> Walked<()> {
        let dropped = &mut self.state.report.dropped;
        match self.record {
            ContextId::Span => dropped.spans += 1,
            ContextId::Log => dropped.log_records += 1,
            ContextId::Profile => {
                let mut reader = Reader::new(raw);
                while let Some(field) = reader.next_field()? {
                    dropped.samples += u64::from(field.number == SAMPLES);
                }
            }
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
