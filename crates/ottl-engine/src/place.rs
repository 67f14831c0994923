//! [`Place`]: which record of a message something happened on.
//!
//! INVARIANT: a place holds numbers only, nothing of the message.

use std::fmt;

use ottl_otlp::wire::fields::metric;
use ottl_schema::{ContextId, Signal};

/// How many levels of a message can have records of their own: resource, scope, record, event or point, exemplar.
pub(crate) const DEPTH: usize = 5;

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
        let deeper = depth(level);
        Place { signal, level, at: std::array::from_fn(|idx| if idx < deeper { at[idx] } else { 0 }), data }
    }

    /// The signal of the message.
    pub fn signal(&self) -> Signal {
        self.signal
    }

    /// What the record is: its context.
    pub fn context(&self) -> ContextId {
        self.level
    }

    /// The indexes: of the resource, the scope, the record, the event or point, and the exemplar, as far as the context
    /// goes.
    pub fn indexes(&self) -> &[u32] {
        &self.at[..depth(self.level)]
    }
}

/// How many lists lead to a record of a context.
pub(crate) fn depth(level: ContextId) -> usize {
    match level {
        ContextId::Resource | ContextId::OtelCol => 1,
        ContextId::Scope => 2,
        ContextId::Span | ContextId::Metric | ContextId::Log => 3,
        ContextId::SpanEvent | ContextId::DataPoint => 4,
        ContextId::Exemplar => 5,
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [resource, scope, record] = match self.signal {
            Signal::Traces => ["resourceSpans", "scopeSpans", "spans"],
            Signal::Metrics => ["resourceMetrics", "scopeMetrics", "metrics"],
            Signal::Logs => ["resourceLogs", "scopeLogs", "logRecords"],
            Signal::Profiles => ["resourceProfiles", "scopeProfiles", "profiles"],
        };
        let part = match (self.signal, self.data) {
            (Signal::Traces, _) => "events",
            (_, metric::GAUGE) => "gauge.dataPoints",
            (_, metric::SUM) => "sum.dataPoints",
            (_, metric::HISTOGRAM) => "histogram.dataPoints",
            (_, metric::EXPONENTIAL_HISTOGRAM) => "exponentialHistogram.dataPoints",
            (_, metric::SUMMARY) => "summary.dataPoints",
            _ => "dataPoints",
        };
        let names = [resource, scope, record, part, "exemplars"];
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

    #[test]
    fn places_are_paths_into_the_json_form() {
        let at = [3, 0, 12, 1, 0];
        for (signal, level, data, text) in [
            (Signal::Logs, ContextId::Resource, 0, "resourceLogs[3]"),
            (Signal::Logs, ContextId::Log, 0, "resourceLogs[3].scopeLogs[0].logRecords[12]"),
            (Signal::Traces, ContextId::Scope, 0, "resourceSpans[3].scopeSpans[0]"),
            (Signal::Traces, ContextId::SpanEvent, 0, "resourceSpans[3].scopeSpans[0].spans[12].events[1]"),
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
