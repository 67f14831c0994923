//! [`Env`]: what goes into a run beside plan and message, and its [`Limits`]; the same for both engines.

use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use ottl_core::function::{Clock, Rng};
use ottl_schema::ContextId;

/// What a run may use of the world around it, and how far it may go.
pub struct Env<'e> {
    /// Where `Now` and the like take the time from.
    pub clock: &'e dyn Clock,
    /// Where `UUID` and the like take chance from.
    pub rng: &'e dyn Rng,
    /// What `otelcol.` paths read; without it they are nil or empty.
    pub client: Option<&'e ClientInfo>,
    /// Bounds of the work.
    pub limits: Limits,
    /// Whether writing nil reaches the path (the reference's gate `ottl.set.allowNil`, on by default); when off, it
    /// does nothing.
    pub allow_nil: bool,
    /// Ends the run soon after it is set, with [`RunError::Cancelled`](crate::RunError::Cancelled): for embedders, from
    /// another thread or by a clock.
    pub cancel: Option<&'e AtomicBool>,
    /// The message's number, which goes into what the report notes of errors.
    pub message: u64,
    /// The line of its input that the message begins in, from 1, where that has lines; it goes there as well.
    pub line: Option<u64>,
    /// What the caches that groups share hold when the run begins, and what they hold at its end: for messages that are run in
    /// pieces.
    pub caches: Option<&'e Mutex<SharedCaches>>,
}

/// What the caches that groups share hold: of the groups of each context a message `KeyValueList`.
#[derive(Clone, Debug, Default)]
pub struct SharedCaches(Vec<(ContextId, Vec<u8>)>);

impl SharedCaches {
    /// That of the groups of a context.
    pub(crate) fn of(&self, context: ContextId) -> Option<&[u8]> {
        self.0.iter().find(|(of, _)| *of == context).map(|(_, pairs)| &pairs[..])
    }

    /// Takes in what the cache of the groups of a context holds.
    pub(crate) fn put(&mut self, context: ContextId, pairs: Vec<u8>) {
        self.0.retain(|(of, _)| *of != context);
        self.0.push((context, pairs));
    }
}

impl<'e> Env<'e> {
    /// An environment with the defaults: no client information, default limits, nil is written.
    pub fn new(clock: &'e dyn Clock, rng: &'e dyn Rng) -> Env<'e> {
        Env {
            clock,
            rng,
            client: None,
            limits: Limits::default(),
            allow_nil: true,
            cancel: None,
            message: 0,
            line: None,
            caches: None,
        }
    }
}

impl Env<'_> {
    /// What the caches held before this run.
    pub(crate) fn caches_before(&self) -> SharedCaches {
        let caches = self.caches.map(|caches| caches.lock().unwrap_or_else(PoisonError::into_inner).clone());
        caches.unwrap_or_default()
    }

    /// Says what the cache of the groups of a context holds behind it.
    pub(crate) fn leave_cache(&self, context: ContextId, pairs: Vec<u8>) {
        if let Some(caches) = self.caches {
            caches.lock().unwrap_or_else(PoisonError::into_inner).put(context, pairs);
        }
    }
}

impl fmt::Debug for Env<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Env").field("limits", &self.limits).field("allow_nil", &self.allow_nil).finish_non_exhaustive()
    }
}

/// Request metadata: a key and its values, in order.
pub type Metadata = Vec<(String, Vec<String>)>;

/// The client of the call that brought the message, as an embedding server knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientInfo {
    /// The network address as text.
    pub addr: Option<String>,
    /// The request's metadata; keys are compared without regard to case.
    pub metadata: Metadata,
    /// What authentication found out, as text by name.
    pub auth: Vec<(String, String)>,
    /// The incoming gRPC metadata; keys are in lower case.
    pub grpc: Metadata,
}

/// Bounds on what a run may do. The reference has none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many metrics one statement may append to one scope.
    pub new_metrics: u32,
    /// The largest list that writing to an index of an empty value makes.
    pub list_padding: u32,
    /// How many bytes what statements compute and copy for one message may take, besides what [`Limits::scratch`] grants
    /// for the message itself.
    pub scratch_bytes: usize,
    /// How many steps the statements of one message may take, besides 16 for each byte of the message: about as many calls
    /// of lambdas, or looks at 64 bytes.
    pub steps: u64,
    /// How many errors a report lists one by one; the counters go on.
    pub listed_errors: usize,
    /// How many bytes of memory records fill before it is emptied, where they leave nothing to each other. Results do not
    /// depend on it unless a limit is reached.
    pub segment: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            new_metrics: 10_000,
            list_padding: 10_000,
            scratch_bytes: 64 << 20,
            steps: 50_000_000,
            listed_errors: 100,
            segment: 1 << 20,
        }
    }
}

/// How many bytes are granted for each byte of a message, and at most for all of them. What is computed for a record is
/// given back before the next ones come, except where records write to what they share; a JSON text that is parsed takes
/// up to forty times its length.
const SCRATCH_PER_BYTE: usize = 16;
const MOST_FOR_BYTES: usize = 64 << 20;

/// How many bytes a message may become for each byte of it, beside half of `scratch_bytes`: records may share what is written
/// for each.
const WRITTEN_PER_BYTE: usize = 8;

impl Limits {
    /// How many bytes what is computed and copied for a message of this length may take; `passes` is how often the message
    /// as a whole is copied.
    ///
    /// INVARIANT: a hostile message costs no more than a fixed amount and a multiple of its size.
    pub fn scratch(&self, message_len: usize, passes: usize) -> usize {
        let for_message = message_len.saturating_mul(SCRATCH_PER_BYTE).min(MOST_FOR_BYTES);
        let for_passes = message_len.saturating_mul(2 * passes);
        self.scratch_bytes.saturating_add(for_message).saturating_add(for_passes)
    }

    /// How many bytes a message of this length may become.
    pub fn written(&self, message_len: usize) -> usize {
        (self.scratch_bytes / 2).saturating_add(message_len.saturating_mul(WRITTEN_PER_BYTE))
    }
}
