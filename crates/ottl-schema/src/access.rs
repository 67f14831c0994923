//! What a path row says.

use ottl_core::StructKind;
use ottl_core::function::Type;
use ottl_otlp::schema::topology;

use crate::{ContextId, Conv, Ints};

/// The number of a path in the table of all paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PathId(pub u16);

/// The four kinds of data point messages; other records have only the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PointKind {
    /// `NumberDataPoint` (gauges and sums); also every record that is no data point.
    #[default]
    Number,
    /// `HistogramDataPoint`.
    Histogram,
    /// `ExponentialHistogramDataPoint`.
    Exponential,
    /// `SummaryDataPoint`.
    Summary,
}

/// A field number for each kind of data point message; 0 where the message has no such field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fields([u8; 4]);

impl Fields {
    /// The numbers that a field of this protobuf name has in the messages of a context.
    ///
    /// # Panics
    /// If none of them has it: a constant that asks for one does not compile.
    pub(crate) const fn of(context: ContextId, name: &str) -> Fields {
        let (mut numbers, mut at, mut is_there) = ([0; 4], 0, false);
        while at < PointKind::ALL.len() {
            if let Some(message) = context.message(PointKind::ALL[at])
                && let Some(field) = topology::find(message, name)
            {
                (numbers[at], is_there) = (field.number as u8, true);
            }
            at += 1;
        }
        assert!(is_there, "no message of the context has the field");
        Fields(numbers)
    }

    /// A field inside another one, of one kind of data point.
    pub(crate) const fn only(kind: PointKind, number: u8) -> Fields {
        let mut numbers = [0; 4];
        numbers[kind as usize] = number;
        Fields(numbers)
    }

    /// Whether every kind of message has the field.
    pub const fn everywhere(self) -> bool {
        self.0[0] != 0 && self.0[1] != 0 && self.0[2] != 0 && self.0[3] != 0
    }

    /// The field's number in this kind of message.
    #[inline]
    pub const fn number(self, kind: PointKind) -> Option<u32> {
        match self.0[kind as usize] {
            0 => None,
            n => Some(n as u32),
        }
    }
}

/// What client information an `otelcol.` path reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtelCol {
    /// `otelcol.client.addr`
    ClientAddr,
    /// `otelcol.client.metadata`
    ClientMetadata,
    /// `otelcol.client.auth.attributes`
    ClientAuth,
    /// `otelcol.grpc.metadata`
    GrpcMetadata,
}

/// Where a path's data lies and what kind of thing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A singular field of the record's message.
    Field(Fields, Conv),
    /// A singular field of the group that holds the resource or scope (its schema URL).
    Group(u8, Conv),
    /// A singular field of a singular message field: the outer number, the inner number.
    Nested(Fields, u8, Conv),
    /// A map: repeated `KeyValue` messages.
    Attributes(Fields),
    /// A map whose pairs stand in the attribute table of the message's dictionary: repeated `int32` indices into it.
    TableAttributes(Fields),
    /// A text of the string table of the message's dictionary: the number of a singular message field, and that of the
    /// `int32` in it which is the text's index.
    TableText(Fields, u8),
    /// The body of a log record: an `AnyValue`.
    Body,
    /// The body's pdata text; writing makes the body a string.
    BodyText,
    /// A repeated or singular message field that is copied whole.
    Part(Fields, [StructKind; 4]),
    /// Repeated integers.
    Ints {
        /// The singular message that holds the list, or 0.
        inside: u8,
        /// The list's field.
        field: Fields,
        /// What they are on the wire.
        ints: Ints,
    },
    /// Repeated `double`.
    Floats(Fields),
    /// `value_int` of a number point, `int_value` of an exemplar: one of the oneof; double field, int field.
    OneofInt {
        /// The number of the double in the oneof.
        double: Fields,
        /// The number of the integer in the oneof (`sfixed64`).
        int: u8,
    },
    /// `value_double`, `double_value`: the other one.
    OneofDouble {
        /// The number of the double in the oneof.
        double: Fields,
        /// The number of the integer in the oneof (`sfixed64`).
        int: u8,
    },
    /// `metric.type`: which data field is set; writes do nothing.
    MetricType,
    /// `metric.aggregation_temporality`: a field of the data message.
    MetricTemporality,
    /// `metric.is_monotonic`: a field of the sum.
    MetricMonotonic,
    /// `metric.data_points`: all points of the data message.
    MetricPoints,
    /// The scratch map.
    Cache,
    /// Client information, read-only.
    OtelCol(OtelCol),
    /// `spanevent.event_index`: never set by the processors; reading is an error.
    EventIndex,
}

/// Which keys may follow a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// None.
    None,
    /// A string, then whatever the values hold.
    Map,
    /// What a log body holds: strings or ints.
    Body,
    /// One string literal: a member of the W3C trace state.
    TraceState,
    /// A string, then at most one int: request metadata.
    Metadata,
}

/// One path of one context.
#[derive(Clone, Copy, Debug)]
pub struct PathDecl {
    /// The context that owns it.
    pub context: ContextId,
    /// The name without the context: segments joined by dots.
    pub name: &'static str,
    /// Where the data lies.
    pub access: Access,
    /// Keys that may follow.
    pub keys: Keys,
    /// The static type of a read without keys; [`Type::Any`] where it depends on the data.
    pub read: Type,
    /// Whether a read without keys can be nil.
    pub nullable: bool,
    /// Whether it can be written.
    pub writable: bool,
    /// What it is, in a sentence.
    pub doc: &'static str,
}
