//! Maps and metrics as editors change them. Both engines hand these out and take them back.

mod map;
mod metric;

pub use map::{
    KnownKeys, MAX_KNOWN, MapEdit, MapEntry, MapMemory, NamedKey, PREFIXED, Pair, PairAt, PairSearch, Piece,
    ScannedPairs, Slot, pair_at,
};
pub use metric::{
    Buckets, CUMULATIVE, DELTA, DataKind, Exemplar, ExponentialPoint, ExponentialSpread, HistogramPoint,
    HistogramSpread, MetricData, MetricEdit, MetricView, NewKind, NewMetric, Number, NumberPoint, PointView, Quantile,
    QuantileOf, RawFields, SummaryPoint, Total,
};
