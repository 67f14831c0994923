//! Calls before there is a record: of pure functions whose arguments are all known.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{
    CallContext, FunctionRef, Host, Kernel, LambdaRef, MapEditor, MetricEditor, MetricText, PathRef, ThunkRef,
};
use crate::edit::MetricView;
use crate::ops::{Coercion, coerce};
use crate::{Arena, EvalError, List, ListKind, Time, Value};

/// What a call gives, or fails with, on every record. None if it looks at the record, or panics: a panic is a matter of the
/// message that meets it. How much it may do is what the arena has left of its work.
pub fn call_without_record<'a>(
    kernel: &Kernel,
    args: &[Value<'a>],
    arena: &'a Arena,
) -> Option<Result<Value<'a>, EvalError>> {
    let call = AssertUnwindSafe(|| {
        let mut host = NoRecord { arena, is_asked: false };
        let result = kernel.call(&mut CallContext::new(&mut host), args);
        (!host.is_asked).then_some(result)
    });
    catch_unwind(call).ok()?
}

/// The value of an argument as its parameter receives it: converted, and each item of a list by itself.
///
/// # Errors
/// Those of the conversion; that there is no list where the items are to be converted.
pub fn coerce_argument<'a>(
    value: Value<'a>,
    to: Option<Coercion>,
    each: Option<Coercion>,
    arena: &'a Arena,
) -> Result<Value<'a>, EvalError> {
    let value = match to {
        Some(to) => coerce(to, value, arena)?,
        None => value,
    };
    let Some(each) = each else { return Ok(value) };
    let Value::List(list) = value else { return Err(EvalError::function("a list is wanted")) };
    let mut items = arena.vec_for(list.len())?;
    for item in list.iter() {
        items.push(coerce(each, item, arena)?)?;
    }
    List::new(ListKind::Any, items.into_slice()).map(Value::List)
}

/// What a call finds before there is a record: nothing but its arguments and memory.
struct NoRecord<'a> {
    arena: &'a Arena,
    /// Whether more was asked for than there is.
    is_asked: bool,
}

impl NoRecord<'_> {
    #[cold]
    fn asked<T>(&mut self) -> Result<T, EvalError> {
        self.is_asked = true;
        Err(EvalError::function("there is no record yet"))
    }
}

impl<'a> Host<'a> for NoRecord<'a> {
    fn arena(&self) -> &'a Arena {
        self.arena
    }

    fn force(&mut self, _: ThunkRef) -> Result<Value<'a>, EvalError> {
        self.asked()
    }

    fn read(&mut self, _: PathRef) -> Result<Value<'a>, EvalError> {
        self.asked()
    }

    fn write(&mut self, _: PathRef, _: Value<'a>) -> Result<(), EvalError> {
        self.asked()
    }

    fn edit_map(&mut self, _: PathRef, _: &mut MapEditor<'_, 'a>) -> Result<(), EvalError> {
        self.asked()
    }

    fn call_lambda(&mut self, _: LambdaRef, _: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
        self.asked()
    }

    fn call_function(&mut self, _: FunctionRef, _: Value<'a>) -> Result<Value<'a>, EvalError> {
        self.asked()
    }

    /// No pure function asks for it.
    fn now(&self) -> Time {
        Time::from_unix_nanos(0)
    }

    /// No pure function asks for them.
    fn random(&mut self) -> [u8; 16] {
        [0; 16]
    }

    fn edit_metric(&mut self, _: &mut MetricEditor<'_, 'a>) -> Result<(), EvalError> {
        self.asked()
    }

    fn read_metric(&mut self) -> Result<MetricView<'a>, EvalError> {
        self.asked()
    }

    fn replace_metric(&mut self, _: &'a [u8]) -> Result<(), EvalError> {
        self.asked()
    }

    fn copy_metric(&mut self) -> Result<u32, EvalError> {
        self.asked()
    }

    fn append_metric(&mut self, _: &'a [u8]) -> Result<(), EvalError> {
        self.asked()
    }

    fn patch_metric_copy(&mut self, _: u32, _: MetricText, _: &'a [u8]) {}
}
