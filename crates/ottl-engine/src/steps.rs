//! [`Steps`]: how much work the statements of one message may still do.
//!
//! A step is about what a call of a lambda costs, some tens of nanoseconds, or what looking at 64 bytes does. Work that grows
//! with the message alone is not counted one by one; what statements can multiply is: lambdas, texts that functions look
//! at, look-ups in lambdas, editors of whole maps.
//! INVARIANT: a message costs no more than a fixed amount of work and a multiple of its size, whatever the statements do.

use std::sync::atomic::{AtomicBool, Ordering};

use ottl_core::{ErrorKind, EvalError, Value};

/// How many steps are granted for each byte of a message.
const STEPS_PER_BYTE: u64 = 16;

/// After how many steps cancellation is looked at.
const WATCH: u64 = 1 << 12;

/// What is left for a message.
#[derive(Debug)]
pub(crate) struct Steps<'e> {
    left: u64,
    cancel: Option<&'e AtomicBool>,
}

impl<'e> Steps<'e> {
    /// For a message of this length.
    pub fn new(limit: u64, message_len: usize, cancel: Option<&'e AtomicBool>) -> Self {
        Steps { left: granted(limit, message_len), cancel }
    }

    /// How many steps are left.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Goes on with so many.
    pub fn set_left(&mut self, left: u64) {
        self.left = left;
    }

    /// Takes steps.
    ///
    /// # Errors
    /// There are not so many left, or the run was cancelled.
    #[inline]
    pub fn take(&mut self, count: u64) -> Result<(), EvalError> {
        let before = self.left;
        match before.checked_sub(count) {
            None => return Err(spent()),
            Some(left) => self.left = left,
        }
        if before / WATCH != self.left / WATCH { self.watch() } else { Ok(()) }
    }

    /// Takes what it costs to look at this many bytes.
    ///
    /// # Errors
    /// As [`Steps::take`].
    #[inline]
    pub fn look_at(&mut self, bytes: usize) -> Result<(), EvalError> {
        if bytes < 64 { Ok(()) } else { self.take(bytes as u64 / 64) }
    }

    /// Takes what it costs a function to look at its arguments.
    ///
    /// # Errors
    /// As [`Steps::take`].
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn call(&mut self, args: &[Value<'_>]) -> Result<(), EvalError> {
        for arg in args {
            match arg {
                Value::Str(text) | Value::Bytes(text) => self.look_at(text.len())?,
                // Their elements were read one by one.
                Value::Map(map) => self.look_at(map.extent().size().saturating_mul(2))?,
                Value::List(list) => self.look_at(list.extent().size().saturating_mul(2))?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Fails if the run was cancelled.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`].
    #[inline]
    pub fn watch(&self) -> Result<(), EvalError> {
        match self.cancel {
            Some(flag) if flag.load(Ordering::Relaxed) => Err(ErrorKind::Cancelled.into()),
            _ => Ok(()),
        }
    }
}

/// How many steps a message of this length may take, and functions by themselves once more.
pub(crate) fn granted(limit: u64, message_len: usize) -> u64 {
    limit.saturating_add((message_len as u64).saturating_mul(STEPS_PER_BYTE))
}

#[cold]
#[inline(never)]
fn spent() -> EvalError {
    ErrorKind::Limit("steps").into()
}
