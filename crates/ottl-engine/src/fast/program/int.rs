//! [`IntExpr`]: an int computed from fields, lists and literals, as data.

use ottl_core::ops::MathOp;
use ottl_core::{Time, Value};
use ottl_schema::{ContextId, Conv};

/// An int.
#[derive(Clone, Debug)]
pub(crate) enum IntExpr {
    Literal(i64),
    /// A singular field that is read as an int.
    Field {
        level: ContextId,
        number: u32,
        conv: Conv,
    },
    /// The same of a singular message field.
    Inner {
        level: ContextId,
        outer: u32,
        number: u32,
        conv: Conv,
    },
    /// The type of the metric.
    MetricType,
    /// How many messages a list has.
    Count {
        level: ContextId,
        number: u32,
    },
    /// A duration in whole units of so many nanoseconds.
    Units {
        unit: i64,
        of: Box<IntExpr>,
    },
    Math {
        op: MathOp,
        operands: Box<[IntExpr; 2]>,
    },
    /// From the second time to the first.
    Since(Box<[IntExpr; 2]>),
    /// A time after a duration, or before it.
    Moved {
        is_back: bool,
        operands: Box<[IntExpr; 2]>,
    },
}

/// What an int stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IntKind {
    Int,
    /// Nanoseconds since the epoch.
    Time,
    /// Nanoseconds.
    Duration,
}

impl IntKind {
    /// The value that an int of this kind is.
    pub fn value(self, int: i64) -> Value<'static> {
        match self {
            IntKind::Int => Value::Int(int),
            IntKind::Time => Value::Time(Time::from_unix_nanos(int)),
            IntKind::Duration => Value::Duration(int),
        }
    }
}

/// The operators of a plan that are computed without values, by the numbers of their expressions.
#[derive(Debug, Default)]
pub(crate) struct Ints(Vec<Option<(IntExpr, IntKind)>>);

impl Ints {
    pub fn new(ints: impl Iterator<Item = Option<(IntExpr, IntKind)>>) -> Ints {
        let mut ints: Vec<_> = ints.collect();
        let len = ints.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        ints.truncate(len);
        Ints(ints)
    }

    /// The operator of this number.
    #[inline]
    pub fn get(&self, number: u32) -> Option<&(IntExpr, IntKind)> {
        self.0.get(number as usize)?.as_ref()
    }
}
