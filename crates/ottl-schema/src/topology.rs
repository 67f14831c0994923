//! Where the records of each context lie: their message, what is around them, and the data of metrics.
//!
//! INVARIANT: numbers and names come from the messages' tables ([`ottl_otlp::schema`]); here stands only which message a
//! context is.

use ottl_core::StructKind;
use ottl_otlp::Signal;
use ottl_otlp::schema::{FieldDef, Kind, MessageId, Presence, topology};

use crate::{ContextId, PointKind, context};

impl ContextId {
    /// The context of a signal's records: spans, metrics, log records, profiles.
    pub const fn of_records(signal: Signal) -> ContextId {
        match signal {
            Signal::Traces => ContextId::Span,
            Signal::Metrics => ContextId::Metric,
            Signal::Logs => ContextId::Log,
            Signal::Profiles => ContextId::Profile,
        }
    }

    /// The message of its records, for data points that of this kind; client information has none.
    pub const fn message(self, kind: PointKind) -> Option<MessageId> {
        Some(match self {
            ContextId::Resource => MessageId::Resource,
            ContextId::Scope => MessageId::InstrumentationScope,
            ContextId::Span => MessageId::Span,
            ContextId::SpanEvent => MessageId::SpanEvent,
            ContextId::Metric => MessageId::Metric,
            ContextId::DataPoint => kind.message(),
            ContextId::Exemplar => MessageId::Exemplar,
            ContextId::Log => MessageId::LogRecord,
            ContextId::Profile => MessageId::Profile,
            ContextId::ProfileSample => MessageId::Sample,
            ContextId::OtelCol => return None,
        })
    }

    /// The context of the records that its own lie in; none for resources and client information.
    pub const fn parent(self) -> Option<ContextId> {
        match context(self).reaches {
            // Its statements cannot name the profile.
            _ if matches!(self, ContextId::ProfileSample) => Some(ContextId::Profile),
            [_, ContextId::OtelCol, ..] | [_] | [] => None,
            [_, parent, ..] => Some(*parent),
        }
    }

    /// How many lists lead to its records from the message: 1 for resources, 0 for client information, which is not in it.
    pub const fn depth(self) -> usize {
        let (mut depth, mut at) = (if matches!(self, ContextId::OtelCol) { 0 } else { 1 }, self);
        while let Some(parent) = at.parent() {
            (depth, at) = (depth + 1, parent);
        }
        depth
    }
}

impl PointKind {
    /// All kinds.
    pub const ALL: [PointKind; 4] =
        [PointKind::Number, PointKind::Histogram, PointKind::Exponential, PointKind::Summary];

    /// The message of its points.
    pub const fn message(self) -> MessageId {
        match self {
            PointKind::Number => MessageId::NumberDataPoint,
            PointKind::Histogram => MessageId::HistogramDataPoint,
            PointKind::Exponential => MessageId::ExponentialHistogramDataPoint,
            PointKind::Summary => MessageId::SummaryDataPoint,
        }
    }

    /// The field of its points that holds their exemplars; summaries have none.
    pub const fn exemplars(self) -> Option<u32> {
        match topology::list_of(self.message(), Some(MessageId::Exemplar)) {
            Some(list) => Some(list.number),
            None => None,
        }
    }
}

/// One of the fields of a metric that hold its points, each in a data message of its own: `gauge`, `sum` ...
#[derive(Clone, Copy, Debug)]
pub struct MetricData {
    /// The field's number.
    pub number: u32,
    /// Its name in JSON.
    pub name: &'static str,
    /// The data message.
    pub message: MessageId,
    /// What `metric.type` is then: METRIC_DATA_TYPE_….
    pub ty: i64,
    /// The kind of the points.
    pub kind: PointKind,
    /// What the points are as a whole.
    pub points: StructKind,
    /// The number of the data message's `aggregation_temporality`, if it has that.
    pub temporality: Option<u32>,
    /// The number of the data message's `is_monotonic`, if it has that.
    pub monotonic: Option<u32>,
}

impl MetricData {
    /// All of them, in the order of METRIC_DATA_TYPE_….
    pub const ALL: [MetricData; 5] = {
        let (fields, mut at) = (MessageId::Metric.def().fields, 0);
        while !matches!(fields[at].presence, Presence::Oneof) {
            at += 1;
        }
        let first = at;
        let mut all = [MetricData::new(&fields[first], 1); 5];
        while at - first < all.len() {
            all[at - first] = MetricData::new(&fields[at], 1 + (at - first) as i64);
            at += 1;
        }
        assert!(!matches!(fields[at].presence, Presence::Oneof), "these are all");
        all
    };

    const fn new(field: &'static FieldDef, ty: i64) -> MetricData {
        let Kind::Message(data) = field.kind else { panic!("data is a message") };
        let kind = match topology::field(data, "data_points").kind {
            Kind::Message(MessageId::NumberDataPoint) => PointKind::Number,
            Kind::Message(MessageId::HistogramDataPoint) => PointKind::Histogram,
            Kind::Message(MessageId::ExponentialHistogramDataPoint) => PointKind::Exponential,
            Kind::Message(MessageId::SummaryDataPoint) => PointKind::Summary,
            _ => panic!("data has points"),
        };
        let points = match kind {
            PointKind::Number => StructKind::NumberPoints,
            PointKind::Histogram => StructKind::HistogramPoints,
            PointKind::Exponential => StructKind::ExponentialHistogramPoints,
            PointKind::Summary => StructKind::SummaryPoints,
        };
        let temporality = number(data, "aggregation_temporality");
        let monotonic = number(data, "is_monotonic");
        let (number, name, message) = (field.number, field.name, data);
        MetricData { number, name, message, ty, kind, points, temporality, monotonic }
    }

    /// The one that a field of a metric is.
    #[inline]
    pub const fn of(number: u32) -> Option<&'static MetricData> {
        const ALL: &[MetricData] = &MetricData::ALL;
        let mut at = 0;
        while at < ALL.len() {
            if ALL[at].number == number {
                return Some(&ALL[at]);
            }
            at += 1;
        }
        None
    }
}

const fn number(message: MessageId, name: &str) -> Option<u32> {
    match topology::find(message, name) {
        Some(field) => Some(field.number),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ottl_otlp::schema::topology::groups;

    #[test]
    fn contexts_lie_in_each_other_as_their_messages_do() {
        for id in ContextId::ALL {
            let reaches: Vec<_> =
                std::iter::successors(Some(id), |id| id.parent()).chain([ContextId::OtelCol]).collect();
            let unnamed = |parent: &ContextId| (id, *parent) == (ContextId::ProfileSample, ContextId::Profile);
            let reaches: Vec<_> = reaches.into_iter().filter(|parent| !unnamed(parent)).collect();
            let expected = if id == ContextId::OtelCol { &reaches[..1] } else { &reaches[..] };
            assert_eq!(context(id).reaches, expected, "{id:?}");
            for kind in PointKind::ALL {
                let (Some(message), Some(parent)) = (id.message(kind), id.parent().and_then(|p| p.message(kind)))
                else {
                    continue;
                };
                // Scopes and records lie in groups, points in the metric's data.
                let holds_it = |holder: MessageId| topology::list_of(holder, Some(message)).is_some();
                let grouped = Signal::ALL.iter().any(|signal| signal.lists()[2].message() == Some(message));
                let in_data = MetricData::ALL.iter().any(|data| holds_it(data.message));
                let is_child = id == ContextId::Scope || grouped || in_data || holds_it(parent);
                let has_none = (id, kind) == (ContextId::Exemplar, PointKind::Summary);
                assert_eq!(is_child, !has_none, "{id:?} {kind:?}");
            }
        }
        let depths = ContextId::ALL.map(ContextId::depth);
        assert_eq!(depths, [1, 2, 3, 4, 3, 4, 5, 3, 3, 4, 0]);
    }

    #[test]
    fn data_of_metrics_has_the_types_of_the_enum() {
        for data in &MetricData::ALL {
            let field = MessageId::Metric.def().field(data.number).expect("a field");
            let symbol = format!("METRIC_DATA_TYPE_{}", field.snake_name.to_uppercase());
            assert!(context(ContextId::Metric).enums.contains(&(&symbol, data.ty)), "{symbol}");
            assert_eq!(MetricData::of(data.number).map(|found| found.ty), Some(data.ty));
        }
        assert_eq!(MetricData::of(groups::RESOURCES).map(|found| found.ty), None);
    }
}
