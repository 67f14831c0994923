//! What every OTLP message looks like: numbers, JSON names, types and presence of its fields, as const tables.
//!
//! The JSON transcoder and [`validate`] are driven by these tables, so a field is described in one place.
//! Field numbers for hand-written readers, in [`crate::wire::fields`] and [`topology`], are computed from them.

mod enums;
mod profiles;
mod recognise;
mod tables;
pub mod topology;
mod validate;

pub use recognise::{Recognised, recognise, recognise_within};
pub(crate) use topology::groups::{DEPRECATED_SCOPES, SCOPES};
pub(crate) use validate::{check_value, validate_nested};
pub use validate::{validate, validate_within};

use crate::wire::WireType;

/// How deep messages may nest, here and in JSON: 10 000 levels.
///
/// The reference has no limit for known fields (a Go stack grows to a gigabyte) and 10 000 for unknown JSON
/// fields. Everything here keeps its own stack on the heap, so the limit bounds memory, not the thread's stack.
pub const MAX_DEPTH: usize = 10_000;

/// The four kinds of telemetry that OTLP carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Signal {
    /// Spans: `TracesData`.
    Traces,
    /// Metrics: `MetricsData`.
    Metrics,
    /// Log records: `LogsData`.
    Logs,
    /// Profiles: `ProfilesData`.
    Profiles,
}

impl Signal {
    /// All of them, in the order of the OTLP specification.
    pub const ALL: [Self; 4] = [Self::Traces, Self::Metrics, Self::Logs, Self::Profiles];

    /// The lower-case name that the Collector's configuration uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
            Self::Logs => "logs",
            Self::Profiles => "profiles",
        }
    }

    /// The message that carries a batch of this signal. It has the same fields as the export request.
    #[must_use]
    pub const fn message(self) -> MessageId {
        match self {
            Self::Traces => MessageId::TracesData,
            Self::Metrics => MessageId::MetricsData,
            Self::Logs => MessageId::LogsData,
            Self::Profiles => MessageId::ProfilesData,
        }
    }
}

/// Names one OTLP message type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum MessageId {
    /// `TracesData`
    TracesData,
    /// `LogsData`
    LogsData,
    /// `MetricsData`
    MetricsData,
    /// `ProfilesData`
    ProfilesData,
    /// `ResourceSpans`
    ResourceSpans,
    /// `ResourceLogs`
    ResourceLogs,
    /// `ResourceMetrics`
    ResourceMetrics,
    /// `ResourceProfiles`
    ResourceProfiles,
    /// `ScopeSpans`
    ScopeSpans,
    /// `ScopeLogs`
    ScopeLogs,
    /// `ScopeMetrics`
    ScopeMetrics,
    /// `ScopeProfiles`
    ScopeProfiles,
    /// `Resource`
    Resource,
    /// `EntityRef`
    EntityRef,
    /// `InstrumentationScope`
    InstrumentationScope,
    /// `KeyValue`
    KeyValue,
    /// `AnyValue`
    AnyValue,
    /// `ArrayValue`
    ArrayValue,
    /// `KeyValueList`
    KeyValueList,
    /// `LogRecord`
    LogRecord,
    /// `Span`
    Span,
    /// `SpanEvent`
    SpanEvent,
    /// `SpanLink`
    SpanLink,
    /// `Status`
    Status,
    /// `Metric`
    Metric,
    /// `Gauge`
    Gauge,
    /// `Sum`
    Sum,
    /// `Histogram`
    Histogram,
    /// `ExponentialHistogram`
    ExponentialHistogram,
    /// `Summary`
    Summary,
    /// `NumberDataPoint`
    NumberDataPoint,
    /// `HistogramDataPoint`
    HistogramDataPoint,
    /// `ExponentialHistogramDataPoint`
    ExponentialHistogramDataPoint,
    /// `ExponentialHistogramDataPoint.Buckets`
    Buckets,
    /// `SummaryDataPoint`
    SummaryDataPoint,
    /// `ValueAtQuantile`
    ValueAtQuantile,
    /// `Exemplar`
    Exemplar,
    /// `ProfilesDictionary`
    ProfilesDictionary,
    /// `Profile`
    Profile,
    /// `Link`
    Link,
    /// `ValueType`
    ValueType,
    /// `Sample`
    Sample,
    /// `Mapping`
    Mapping,
    /// `Stack`
    Stack,
    /// `Location`
    Location,
    /// `Line`
    Line,
    /// `Function`
    Function,
    /// `KeyValueAndUnit`
    KeyValueAndUnit,
}

impl MessageId {
    /// How many message types there are.
    pub const COUNT: usize = Self::KeyValueAndUnit as usize + 1;

    /// Its table.
    #[inline]
    #[must_use]
    pub const fn def(self) -> &'static MessageDef {
        &tables::MESSAGES[self as usize]
    }
}

/// All messages.
#[must_use]
pub fn messages() -> &'static [MessageDef] {
    &tables::MESSAGES
}

/// One name of an enum value in OTLP/JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnumName {
    /// The name as protobuf spells it.
    pub name: &'static str,
    /// Its number.
    pub value: i32,
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `bool`
    Bool,
    /// `int32`
    Int32,
    /// `sint32`, zigzag on the wire.
    Sint32,
    /// `uint32`
    Uint32,
    /// `fixed32`
    Fixed32,
    /// `int64`
    Int64,
    /// `uint64`
    Uint64,
    /// `fixed64`
    Fixed64,
    /// `sfixed64`
    Sfixed64,
    /// `double`
    Double,
    /// `string`; bytes that need not be UTF-8, as in the reference.
    String,
    /// `bytes`; base64 in JSON.
    Bytes,
    /// `bytes` that are an id of exactly this many bytes, or empty; hex in JSON.
    Id(u8),
    /// An enum, with its names.
    Enum(&'static [EnumName]),
    /// A message.
    Message(MessageId),
}

impl Kind {
    /// How a single value of this type travels.
    #[inline]
    #[must_use]
    pub const fn wire_type(self) -> WireType {
        match self {
            Self::Bool | Self::Int32 | Self::Sint32 | Self::Uint32 | Self::Int64 | Self::Uint64 | Self::Enum(_) => {
                WireType::Varint
            }
            Self::Fixed32 => WireType::Fixed32,
            Self::Fixed64 | Self::Sfixed64 | Self::Double => WireType::Fixed64,
            Self::String | Self::Bytes | Self::Id(_) | Self::Message(_) => WireType::Len,
        }
    }

    /// Whether repeated values of this type may share one length-delimited field.
    #[inline]
    #[must_use]
    pub const fn packable(self) -> bool {
        !matches!(self.wire_type(), WireType::Len)
    }
}

/// How often a field occurs, and when it counts as set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// At most one value; zero is the same as absent.
    Implicit,
    /// A message that is always there: absent is the same as empty, and JSON always shows it. Several
    /// occurrences merge.
    Always,
    /// At most one value, and zero is not absent.
    Optional,
    /// A member of the message's one oneof: the last member on the wire is the value, whole.
    Oneof,
    /// Any number of values. Packable numbers are written packed and read either way.
    Repeated,
}

/// One field of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldDef {
    /// The field number.
    pub number: u32,
    /// The JSON name, camelCase.
    pub name: &'static str,
    /// The protobuf name, snake_case, which JSON readers accept too.
    pub snake_name: &'static str,
    /// The type of a value.
    pub kind: Kind,
    /// How often it occurs.
    pub presence: Presence,
}

/// Field numbers below this have a direct lookup; OTLP uses 1 to 16 (and 1000).
const DIRECT: usize = 17;
const NO_FIELD: u8 = u8::MAX;

/// One message type.
#[derive(Clone, Copy, Debug)]
pub struct MessageDef {
    /// Which one.
    pub id: MessageId,
    /// Its protobuf name without the package.
    pub name: &'static str,
    /// Its fields in the order in which the reference writes them as JSON.
    pub fields: &'static [FieldDef],
    by_number: [u8; DIRECT],
}

impl MessageDef {
    const fn new(id: MessageId, name: &'static str, fields: &'static [FieldDef]) -> Self {
        let mut by_number = [NO_FIELD; DIRECT];
        let mut index = 0;
        while index < fields.len() {
            let number = fields[index].number as usize;
            if number < DIRECT {
                by_number[number] = index as u8;
            }
            index += 1;
        }
        Self { id, name, fields, by_number }
    }

    /// The index in [`MessageDef::fields`] of the field with this number.
    #[inline]
    #[must_use]
    pub fn index_of(&self, number: u32) -> Option<usize> {
        match self.by_number.get(number as usize) {
            Some(&NO_FIELD) => None,
            Some(&index) => Some(usize::from(index)),
            None => self.fields.iter().position(|field| field.number == number),
        }
    }

    /// The field with this number.
    #[inline]
    #[must_use]
    pub fn field(&self, number: u32) -> Option<&'static FieldDef> {
        self.index_of(number).map(|index| &self.fields[index])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_consistent() {
        for (index, message) in tables::MESSAGES.iter().enumerate() {
            assert_eq!(message.id as usize, index, "{} stands at the wrong place", message.name);
            assert!(message.fields.len() <= 32, "{} has more fields than the transcoder's mask", message.name);
            for (at, field) in message.fields.iter().enumerate() {
                assert_eq!(message.index_of(field.number), Some(at), "{}.{}", message.name, field.name);
                let twins = message.fields.iter().filter(|other| other.name == field.name).count();
                assert_eq!(twins, 1, "{}.{} is there twice", message.name, field.name);
                let is_message = matches!(field.kind, Kind::Message(_));
                assert!(is_message || field.presence != Presence::Always, "{}.{}", message.name, field.name);
            }
            assert_eq!(message.index_of(0), None);
            assert_eq!(message.index_of(999), None);
        }
    }
}
