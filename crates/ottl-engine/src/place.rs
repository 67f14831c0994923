//! [`Place`]: which record of a message something happened on.
//!
//! INVARIANT: a place holds numbers only, nothing of the message.

use std::fmt;

use ottl_otlp::schema::{MessageId, topology::field};
use ottl_schema::{ContextId, MetricData, Signal};

/// How many levels of a message can have records of their own: resource, scope, record, event, point or sample,
/// exemplar.
pub(crate) const DEPTH: usize = ContextId::Exemplar.depth();

/// A record of a message, by its index in each list that leads to it, from 0.
///
/// Written as a path into OTLP/JSON: `resourceLogs[0].scopeLogs[0].logRecords[1]`. The indexes are those of the message
/// as the processor got it; the conditions of a filter count in what the entries of the configuration before them left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    signal: Signal,
    level: ContextId,
    at: [u32; DEPTH],
    /// The field of the metric that holds its points, for levels below metrics.
    data: u32,
}

impl Place {
    pub(crate) fn new(signal: Signal, level: ContextId, at: [u32; DEPTH], data: u32) -> Place {
        // What lies below the record is not part of its place.
        let deeper = level.depth();
        Place { signal, level, at: std::array::from_fn(|idx| if idx < deeper { at[idx] } else { 0 }), data }
    }

    /// The place in a message that has so many resources in front of those that it was counted in.
    pub(crate) fn behind(mut self, resources: u32) -> Place {
        self.at[0] += resources;
        self
    }

    /// The same place with another index in the list of this depth, if it goes so far.
    #[must_use]
    pub(crate) fn with_index(mut self, depth: usize, index: u32) -> Place {
        if depth < self.level.depth() {
            self.at[depth] = index;
        }
        self
    }

    /// The same place where the record that it is, lies in, or is around, stood at `record`.
    #[must_use]
    pub fn at_record(mut self, record: &Place) -> Place {
        let shared = self.level.depth().min(record.level.depth());
        self.at[..shared].copy_from_slice(&record.at[..shared]);
        self
    }

    /// The signal of the message.
    pub fn signal(&self) -> Signal {
        self.signal
    }

    /// What the record is: its context.
    pub fn context(&self) -> ContextId {
        self.level
    }

    /// The indexes: of the resource, the scope, the record, the event, point or sample, and the exemplar, as far as the
    /// context goes.
    pub fn indexes(&self) -> &[u32] {
        &self.at[..self.level.depth()]
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [resource, scope, record] = self.signal.lists().map(|list| list.name);
        let points = |data: &MetricData| format!("{}.{}", data.name, field(data.message, "data_points").name);
        let part = match self.signal {
            Signal::Metrics => MetricData::of(self.data).map_or_else(|| "dataPoints".to_owned(), points),
            Signal::Profiles => field(MessageId::Profile, "samples").name.to_owned(),
            _ => field(MessageId::Span, "events").name.to_owned(),
        };
        let exemplars = field(MessageId::NumberDataPoint, "exemplars").name;
        let names = [resource, scope, record, &part, exemplars];
        for (idx, (name, at)) in names.iter().zip(self.indexes()).enumerate() {
            let dot = if idx > 0 { "." } else { "" };
            write!(f, "{dot}{name}[{at}]")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottl_otlp::wire::fields::metric;

    #[test]
    fn places_are_paths_into_the_json_form() {
        let at = [3, 0, 12, 1, 0];
        for (signal, level, data, text) in [
            (Signal::Logs, ContextId::Resource, 0, "resourceLogs[3]"),
            (Signal::Logs, ContextId::Log, 0, "resourceLogs[3].scopeLogs[0].logRecords[12]"),
            (Signal::Traces, ContextId::Scope, 0, "resourceSpans[3].scopeSpans[0]"),
            (Signal::Traces, ContextId::SpanEvent, 0, "resourceSpans[3].scopeSpans[0].spans[12].events[1]"),
            (
                Signal::Profiles,
                ContextId::ProfileSample,
                0,
                "resourceProfiles[3].scopeProfiles[0].profiles[12].samples[1]",
            ),
            (
                Signal::Metrics,
                ContextId::Exemplar,
                metric::SUM,
                "resourceMetrics[3].scopeMetrics[0].metrics[12].sum.dataPoints[1].exemplars[0]",
            ),
        ] {
            let place = Place::new(signal, level, at, data);
            assert_eq!(place.to_string(), text);
            assert_eq!((place.signal(), place.context()), (signal, level));
        }
    }
}
