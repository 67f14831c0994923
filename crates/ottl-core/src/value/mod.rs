//! What an expression can be at run time.
//!
//! A [`Value`] is small, `Copy`, and borrows from the message or from the batch's arena. Strings are byte strings: the
//! reference carries invalid UTF-8 from the wire, and its own functions can make it.
//! INVARIANT: the bytes behind [`Map::Wire`] and [`List::Wire`] have been checked by [`decode_any`], so walking them
//! cannot fail.

mod extent;
mod list;
mod map;
mod time;
mod wire;
mod zone;

pub(crate) use extent::Measure;
pub use extent::{Extent, too_deep};
pub use list::{List, ListIter, ListKind};
pub use map::{Entry, Map, MapIter};
pub use time::Time;
pub(crate) use wire::encode_sized_any;
pub use wire::{any_len, decode_any, encode_any, encode_key_value, encode_sized_pair};
pub use zone::Zone;

/// How deep values are, whether they are read or made, and how pairs are read.
pub use ottl_otlp::any::{MAX_DEPTH, RawPair, key_value};

use std::fmt;

use crate::function::{FunctionRef, LambdaRef, PathRef, ThunkRef};

/// A value of an expression, or (the last four variants) an argument that a function evaluates itself.
///
/// PERF (redaction, spans): with a tag of eight bytes every payload is aligned. With a tag of one byte values were moved by
/// loads that straddle earlier stores, which stall; that took a sixth of the time of rules with calls.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
pub enum Value<'a> {
    /// `nil`: nothing there, or an empty `AnyValue`.
    Nil,
    /// A boolean.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A 64-bit float.
    Float(f64),
    /// Text, not necessarily valid UTF-8.
    Str(&'a [u8]),
    /// Bytes that are no text.
    Bytes(&'a [u8]),
    /// An ordered list of pairs.
    Map(Map<'a>),
    /// A list.
    List(List<'a>),
    /// A point in time, with the zone it prints in.
    Time(Time),
    /// A length of time in nanoseconds.
    Duration(i64),
    /// A trace id.
    TraceId([u8; 16]),
    /// A span id.
    SpanId([u8; 8]),
    /// The id of a profile.
    ProfileId([u8; 16]),
    /// The reference's platform-sized integer (only `URL(…)["url.port"]`): equal to no literal.
    GoInt(i64),
    /// A part of a record that can only be copied, counted and compared with itself.
    Struct(Struct<'a>),
    /// Argument: a lambda, to be called through the host.
    Lambda(LambdaRef),
    /// Argument: a function named without parentheses.
    Function(FunctionRef),
    /// Argument: the path that an editor works on.
    Path(PathRef),
    /// Argument: an expression that the function evaluates when it needs it.
    Thunk(ThunkRef),
    /// Argument: an optional parameter that was not given; not the same as `nil`.
    Absent,
}

/// The parts of records that are values of their own only to be copied or counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StructKind {
    /// `span.events`.
    SpanEvents,
    /// `span.links`.
    SpanLinks,
    /// `span.status`.
    Status,
    /// `metric.data_points` of a gauge or sum.
    NumberPoints,
    /// `metric.data_points` of a histogram.
    HistogramPoints,
    /// `metric.data_points` of an exponential histogram.
    ExponentialHistogramPoints,
    /// `metric.data_points` of a summary.
    SummaryPoints,
    /// `datapoint.exemplars`.
    Exemplars,
    /// `datapoint.positive`, `datapoint.negative`.
    Buckets,
    /// `datapoint.quantile_values`.
    QuantileValues,
    /// `profile.sample_type`, `profile.period_type`.
    ValueType,
    /// `profile.sample`.
    Samples,
}

impl StructKind {
    /// Whether it is any number of messages, not one.
    pub fn is_list(self) -> bool {
        !matches!(self, StructKind::Status | StructKind::Buckets | StructKind::ValueType)
    }

    /// Whether it is a list to functions: `Len` counts it.
    ///
    /// COMPAT: the reference's functions do not know the lists of profiles.
    pub fn is_counted(self) -> bool {
        self.is_list() && self != StructKind::Samples
    }
}

/// A part of a record: its messages, one after the other, each with a varint length before it.
#[derive(Clone, Copy, Debug)]
pub struct Struct<'a> {
    /// What it is.
    pub kind: StructKind,
    /// How many messages.
    pub count: u32,
    /// The messages, each as a varint length and its bytes.
    pub messages: &'a [u8],
}

/// The type of a value, as error texts and type tests name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TypeName {
    /// `nil`.
    Nil,
    /// bool.
    Bool,
    /// 64-bit integer.
    Int,
    /// 64-bit float.
    Float,
    /// Text.
    String,
    /// Bytes.
    Bytes,
    /// Map.
    Map,
    /// List of any kind.
    List,
    /// Time.
    Time,
    /// Duration.
    Duration,
    /// Trace id.
    TraceId,
    /// Span id.
    SpanId,
    /// Profile id.
    ProfileId,
    /// Platform integer.
    GoInt,
    /// Part of a record.
    Struct,
    /// Lambda, function name, path or thunk.
    Argument,
}

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TypeName::Nil => "nil",
            TypeName::Bool => "bool",
            TypeName::Int => "int64",
            TypeName::Float => "float64",
            TypeName::String => "string",
            TypeName::Bytes => "bytes",
            TypeName::Map => "map",
            TypeName::List => "list",
            TypeName::Time => "time",
            TypeName::Duration => "duration",
            TypeName::TraceId => "trace id",
            TypeName::SpanId => "span id",
            TypeName::ProfileId => "profile id",
            TypeName::GoInt => "int",
            TypeName::Struct => "part of a record",
            TypeName::Argument => "function argument",
        })
    }
}

impl<'a> Value<'a> {
    /// The value as a map or list of the message holds it, where there are ints of one kind.
    #[inline]
    pub(crate) fn kept(self) -> Value<'a> {
        match self {
            Value::GoInt(int) => Value::Int(int),
            other => other,
        }
    }

    /// The type for error texts.
    pub fn type_name(&self) -> TypeName {
        match self {
            Value::Nil | Value::Absent => TypeName::Nil,
            Value::Bool(_) => TypeName::Bool,
            Value::Int(_) => TypeName::Int,
            Value::Float(_) => TypeName::Float,
            Value::Str(_) => TypeName::String,
            Value::Bytes(_) => TypeName::Bytes,
            Value::Map(_) => TypeName::Map,
            Value::List(_) => TypeName::List,
            Value::Time(_) => TypeName::Time,
            Value::Duration(_) => TypeName::Duration,
            Value::TraceId(_) => TypeName::TraceId,
            Value::SpanId(_) => TypeName::SpanId,
            Value::ProfileId(_) => TypeName::ProfileId,
            Value::GoInt(_) => TypeName::GoInt,
            Value::Struct(_) => TypeName::Struct,
            Value::Lambda(_) | Value::Function(_) | Value::Path(_) | Value::Thunk(_) => TypeName::Argument,
        }
    }

    /// How many lists and maps lie inside each other; 0 for what is neither.
    #[inline]
    pub const fn depth(&self) -> u16 {
        match self {
            Value::Map(map) => map.extent().depth(),
            Value::List(list) => list.extent().depth(),
            _ => 0,
        }
    }

    /// Whether this is a list or map.
    #[inline]
    pub const fn is_container(&self) -> bool {
        matches!(self, Value::Map(_) | Value::List(_))
    }

    /// An upper bound of the bytes of its texts and elements; see [`Extent::size`].
    #[inline]
    pub const fn size(&self) -> usize {
        match self {
            Value::Str(text) | Value::Bytes(text) => text.len(),
            Value::Map(map) => map.extent().size(),
            Value::List(list) => list.extent().size(),
            _ => 0,
        }
    }

    /// Whether this is `nil`.
    pub fn is_nil(&self) -> bool {
        matches!(self, Value::Nil)
    }

    /// Whether an optional argument was left out.
    pub fn is_absent(&self) -> bool {
        matches!(self, Value::Absent)
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&'a [u8]> {
        if let Value::Str(s) = self { Some(s) } else { None }
    }

    /// The integer, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        if let Value::Int(i) = self { Some(*i) } else { None }
    }

    /// The float, if it is one.
    pub fn as_float(&self) -> Option<f64> {
        if let Value::Float(float) = self { Some(*float) } else { None }
    }

    /// The bool, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(b) = self { Some(*b) } else { None }
    }

    /// The map, if it is one.
    pub fn as_map(&self) -> Option<Map<'a>> {
        if let Value::Map(m) = self { Some(*m) } else { None }
    }

    /// The list, if it is one.
    pub fn as_list(&self) -> Option<List<'a>> {
        if let Value::List(l) = self { Some(*l) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn values_stay_small() {
        assert_eq!(size_of::<Value<'_>>(), 32);
        assert_eq!(size_of::<Result<Value<'_>, crate::EvalError>>(), 40);
    }
}
