//! [`CallContext`] and [`Host`]: what a kernel may ask for.

use crate::Arena;

use super::{FunctionRef, LambdaRef, PathRef, ThunkRef};
use crate::edit::{MapEdit, MetricEdit, MetricView};
use crate::{EvalError, Time, Value};

/// Where the time comes from. The embedder passes it in, so that tests and WASM are deterministic.
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> Time;

    /// The current time as a [tick](tick_of). A clock that several calls may find at the same place should count on, so that
    /// identifiers made of ticks are in order.
    fn tick(&self) -> i64 {
        tick_of(self.now())
    }
}

/// A time as one number for identifiers: milliseconds since 1970 above 12 bits that count 256 nanoseconds each, as RFC 9562,
/// section 6.2, method 3, proposes.
pub fn tick_of(time: Time) -> i64 {
    const MILLI: i64 = 1_000_000;
    let nanos = time.unix_nanos();
    (nanos / MILLI) << 12 | (nanos % MILLI) >> 8
}

/// A clock that stands still.
#[derive(Clone, Copy, Debug, Default)]
pub struct FixedClock(pub Time);

impl Clock for FixedClock {
    fn now(&self) -> Time {
        self.0
    }
}

/// Where chance comes from.
pub trait Rng: Send + Sync {
    /// Sixteen random bytes.
    fn bytes(&self) -> [u8; 16];
}

/// A counter in place of chance, for tests.
#[derive(Debug, Default)]
pub struct SequenceRng(std::sync::atomic::AtomicU64);

impl Rng for SequenceRng {
    fn bytes(&self) -> [u8; 16] {
        let n = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut out = [0; 16];
        out[8..].copy_from_slice(&n.to_be_bytes());
        out
    }
}

/// A text field of a metric that `copy_metric` overrides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricText {
    /// `metric.name`
    Name,
    /// `metric.description`
    Description,
    /// `metric.unit`
    Unit,
}

/// What an engine does for a function that it calls. Both engines implement it.
pub trait Host<'a> {
    /// The batch's arena.
    fn arena(&self) -> &'a Arena;

    /// Evaluates a lazy argument, converted as its parameter says.
    ///
    /// # Errors
    /// Whatever the expression or the conversion raises.
    fn force(&mut self, thunk: ThunkRef) -> Result<Value<'a>, EvalError>;

    /// The value of a path.
    ///
    /// # Errors
    /// Those of the path's keys and getter.
    fn read(&mut self, path: PathRef) -> Result<Value<'a>, EvalError>;

    /// Writes a path.
    ///
    /// # Errors
    /// Those of the path's keys and setter; the write may have had part of its effect, as in the reference.
    fn write(&mut self, path: PathRef, value: Value<'a>) -> Result<(), EvalError>;

    /// Hands the map at a path to `edit` and writes back what it changed, also when `edit` fails.
    /// While `edit` runs, the path must not be read through the host.
    ///
    /// # Errors
    /// A type error when there is no map; then those of `edit`.
    fn edit_map(&mut self, path: PathRef, edit: &mut MapEditor<'_, 'a>) -> Result<(), EvalError>;

    /// The value of a key in the map at a path, if it is there.
    ///
    /// # Errors
    /// As [`Host::edit_map`].
    fn read_key(&mut self, map: PathRef, key: &[u8]) -> Result<Option<Value<'a>>, EvalError> {
        let mut found = None;
        let mut look = |_: &mut dyn Host<'a>, map: &mut MapEdit<'a>| {
            found = map.value_of(key)?;
            Ok(())
        };
        self.edit_map(map, &mut look)?;
        Ok(found)
    }

    /// Writes a key in the map at a path.
    ///
    /// # Errors
    /// As [`Host::edit_map`].
    fn write_key(&mut self, map: PathRef, key: &'a [u8], value: Value<'a>) -> Result<(), EvalError> {
        let mut put = |_: &mut dyn Host<'a>, map: &mut MapEdit<'a>| Ok(map.try_put(key, value)?);
        self.edit_map(map, &mut put)
    }

    /// Calls a lambda.
    ///
    /// # Errors
    /// Those of its body.
    fn call_lambda(&mut self, lambda: LambdaRef, args: &[Value<'a>]) -> Result<Value<'a>, EvalError>;

    /// Calls a converter that was named as an argument, with one string.
    ///
    /// # Errors
    /// The wrong number or type of parameters, or the converter's own.
    fn call_function(&mut self, function: FunctionRef, arg: Value<'a>) -> Result<Value<'a>, EvalError>;

    /// The current time.
    fn now(&self) -> Time;

    /// The current time as a tick; see [`Clock::tick`].
    fn tick(&self) -> i64 {
        tick_of(self.now())
    }

    /// Sixteen random bytes.
    fn random(&mut self) -> [u8; 16];

    /// Hands the metric of the current record to `edit`. When `edit` answers true, the metric is written back,
    /// also for a metric it changed before failing.
    ///
    /// # Errors
    /// No metric in this context, damage, or those of `edit`.
    fn edit_metric(&mut self, edit: &mut MetricEditor<'_, 'a>) -> Result<(), EvalError>;

    /// The metric of the current record as it is now.
    ///
    /// # Errors
    /// No metric in this context, or damage.
    fn read_metric(&mut self) -> Result<MetricView<'a>, EvalError>;

    /// Puts this message, which lies in the arena, in the place of the metric of the current record.
    ///
    /// # Errors
    /// No metric in this context, or damage.
    fn replace_metric(&mut self, metric: &'a [u8]) -> Result<(), EvalError>;

    /// Appends a copy of the current metric to its scope; returns its number for [`Host::patch_metric_copy`].
    ///
    /// # Errors
    /// No metric in this context, or the limit of new metrics.
    fn copy_metric(&mut self) -> Result<u32, EvalError>;

    /// Appends a metric, which lies in the arena as a message, to the scope of the current record.
    ///
    /// # Errors
    /// The limit of new metrics.
    fn append_metric(&mut self, metric: &'a [u8]) -> Result<(), EvalError>;

    /// Overrides a text of a metric that [`Host::copy_metric`] made.
    fn patch_metric_copy(&mut self, copy: u32, field: MetricText, text: &'a [u8]);
}

/// The closure of [`Host::edit_map`].
pub type MapEditor<'f, 'a> = dyn FnMut(&mut dyn Host<'a>, &mut MapEdit<'a>) -> Result<(), EvalError> + 'f;

/// The closure of [`Host::edit_metric`]; answers whether it changed anything.
pub type MetricEditor<'f, 'a> = dyn FnMut(&mut MetricEdit<'a>) -> Result<bool, EvalError> + 'f;

/// What a kernel gets beside its arguments.
pub struct CallContext<'c, 'a> {
    host: &'c mut dyn Host<'a>,
    arena: &'a Arena,
}

impl<'c, 'a> CallContext<'c, 'a> {
    /// For engines: the context of one call.
    pub fn new(host: &'c mut dyn Host<'a>) -> Self {
        let arena = host.arena();
        CallContext { host, arena }
    }

    /// The batch's arena: results that are not borrowed from arguments live here.
    #[inline]
    pub fn arena(&self) -> &'a Arena {
        self.arena
    }

    /// The engine.
    #[inline]
    pub fn host(&mut self) -> &mut dyn Host<'a> {
        self.host
    }

    /// The value of an argument, evaluated now if it is lazy.
    ///
    /// # Errors
    /// Those of the expression.
    #[inline]
    pub fn force(&mut self, arg: Value<'a>) -> Result<Value<'a>, EvalError> {
        match arg {
            Value::Thunk(thunk) => self.host.force(thunk),
            other => Ok(other),
        }
    }

    /// Reads the target.
    ///
    /// # Errors
    /// Those of the path.
    #[inline]
    pub fn read(&mut self, target: Value<'a>) -> Result<Value<'a>, EvalError> {
        self.host.read(path(target)?)
    }

    /// Writes the target.
    ///
    /// # Errors
    /// Those of the path.
    #[inline]
    pub fn write(&mut self, target: Value<'a>, value: Value<'a>) -> Result<(), EvalError> {
        self.host.write(path(target)?, value)
    }

    /// Edits the map at the target; see [`Host::edit_map`].
    ///
    /// # Errors
    /// A type error when there is no map; then those of `edit`.
    #[inline]
    pub fn edit_map(
        &mut self,
        target: Value<'a>,
        mut edit: impl FnMut(&mut dyn Host<'a>, &mut MapEdit<'a>) -> Result<(), EvalError>,
    ) -> Result<(), EvalError> {
        self.host.edit_map(path(target)?, &mut edit)
    }

    /// The value of a key in the map at the target; see [`Host::read_key`].
    ///
    /// # Errors
    /// A type error when there is no map.
    #[inline]
    pub fn read_key(&mut self, target: Value<'a>, key: &[u8]) -> Result<Option<Value<'a>>, EvalError> {
        self.host.read_key(path(target)?, key)
    }

    /// Writes a key in the map at the target; see [`Host::write_key`].
    ///
    /// # Errors
    /// A type error when there is no map.
    #[inline]
    pub fn write_key(&mut self, target: Value<'a>, key: &'a [u8], value: Value<'a>) -> Result<(), EvalError> {
        self.host.write_key(path(target)?, key, value)
    }

    /// Copies bytes into the arena.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Budget`].
    #[inline]
    pub fn alloc(&self, bytes: &[u8]) -> Result<&'a [u8], EvalError> {
        Ok(self.arena.copy(bytes)?)
    }
}

fn path(target: Value<'_>) -> Result<PathRef, EvalError> {
    match target {
        Value::Path(path) => Ok(path),
        _ => Err(EvalError::function("the target is not a path")),
    }
}
