//! [`State`]: what one run knows while it goes through a message.

use ottl_core::edit::{MapEdit, MapMemory};
use ottl_core::value::{any_len, encode_any, encode_sized_pair};
use ottl_core::{Arena, EvalError, Value};
use ottl_otlp::edit::Left;
use ottl_otlp::wire::fields::any_value;
use ottl_otlp::wire::{WireType, put_tag, put_varint};
use ottl_plan::{ErrorMode, Plan};
use ottl_schema::{ContextId, FieldValue};

use super::answers::Answers;
use super::cache::{Cache, Caches};
use super::looked::Looked;
use super::messages::Messages;
use super::metric_edits::MetricEdits;
use super::parents::Parents;
use super::position::Position;
use super::screen::Screening;
use crate::conflicts::Conflicts;
use crate::fast::group::GroupNode;
use crate::fast::levels::LEVELS;
use crate::fast::node::put_with_field;
use crate::fast::pair::SizedPair;
use crate::fast::program::paths::Paths;
use crate::fast::program::{Code, Lowered};
use crate::profiles::Dictionary;
use crate::steps::Steps;
use crate::{Env, Report, ReportedError, RunError};

/// Everything that evaluation reads and writes.
pub(crate) struct State<'a, 'e> {
    pub plan: &'a Plan,
    pub lowered: &'a Lowered,
    pub paths: &'a Paths,
    pub code: &'a Code,
    pub arena: &'a Arena,
    pub env: &'e Env<'e>,
    pub report: &'e mut Report,
    /// The message as it came in, where rules look at what its profiles share.
    pub message: &'a [u8],
    /// How much work is left.
    pub steps: Steps<'e>,
    /// How many lambdas are being evaluated.
    pub lambdas: u32,
    /// With more bytes than these in the arena, a segment of records is full (see `walk::segment`): more than it kept
    /// from the one before.
    full_at: usize,
    /// The current messages.
    pub messages: Messages<'a>,
    /// The groups around resource and scope.
    pub groups: [GroupNode<'a>; 2],
    pub caches: Caches<'a>,
    /// Memory for what is made next.
    pub spare: &'e mut Spare,
    /// Which records are the current ones.
    pub at: Position<'a>,
    pub metrics: MetricEdits<'a>,
    pub locals: Vec<Value<'a>>,
    /// Empty maps for editors that work on a copy.
    pub spare_maps: Vec<MapEdit<'a>>,
    /// What was computed once for the current resource, and for the current scope.
    pub parents: Parents<'a>,
    /// What is known of the conditions that steps share.
    pub answers: Answers,
    /// Whose map (an attribute map, or a cache) was read as a whole last, and where its copy lies.
    pub whole_map: Option<((ContextId, bool), usize)>,
    /// The list or map that was decoded last, and where it lies: memory that is not written again.
    pub decoded: Option<(&'a [u8], Value<'a>)>,
    /// By number of a kept place: a body, and what was found there, which is [`Value::Absent`] where nothing is.
    pub(super) kept: &'a mut [(&'a [u8], Value<'a>)],
    /// Whether the statement being run wrote anything.
    pub wrote: bool,
    /// Whether any statement has written anything.
    pub has_written: bool,
    /// The statement being run, by the number of its text.
    pub statement: u32,
    /// The one that has done what the step behind it does, if the last that may do so has; or [`NOT_RENAMED`].
    pub renamed: u32,
}

/// No statement.
pub(super) const NOT_RENAMED: u32 = u32::MAX;

/// How many bytes the buffer between a value and the arena keeps.
const KEPT_BYTES: usize = 1 << 20;

/// From this length on, a text goes into the arena without a detour.
const LONG_TEXT: usize = 1 << 16;

/// Memory that runs hand on.
#[derive(Debug, Default)]
pub(crate) struct Spare {
    pub maps: Vec<MapMemory>,
    /// Memory for which keys of a map are there.
    pub found_keys: Vec<u64>,
    /// By group: on how many records its steps were run, and have not been counted as evaluated.
    pub visits: Vec<u64>,
    /// By level.
    pub screens: [Screening; LEVELS],
    /// Bit per level: the masks of its screen are those of the current scope, and of the metric or span around its messages if it
    /// asks about that.
    pub fresh_screens: u16,
    /// Bit per level: its screen asks about that.
    pub asks_above: u16,
    /// For those questions.
    pub above: Screening,
    /// What the input's runs are noted in, where the output leaves them where they are.
    pub left: Option<Box<Left>>,
    /// What the profiles of the message share.
    pub dictionary: Dictionary,
    /// What was written last into places of parents.
    pub conflicts: Conflicts,
    /// By set: what the last look at a text has shown of patterns that are looked for together.
    pub looked: Vec<Looked>,
    /// For the events of a span, as they are written.
    pub events: Vec<u8>,
    bytes: Vec<u8>,
}

impl<'a, 'e> State<'a, 'e> {
    pub fn new(
        plan: &'a Plan,
        lowered: &'a Lowered,
        arena: &'a Arena,
        env: &'e Env<'e>,
        report: &'e mut Report,
        input_len: usize,
        spare: &'e mut Spare,
    ) -> Self {
        Looked::forget(&mut spare.looked);
        State {
            plan,
            lowered,
            paths: &lowered.paths,
            code: &lowered.code,
            arena,
            env,
            report,
            message: &[],
            steps: Steps::new(env.limits.steps, input_len, env.cancel),
            lambdas: 0,
            full_at: env.limits.segment.max(arena.held()),
            messages: Messages::new(lowered, arena, env.limits.written(input_len)),
            groups: [GroupNode::default(); 2],
            caches: Caches::default(),
            spare,
            at: Position::default(),
            metrics: MetricEdits::default(),
            locals: Vec::new(),
            spare_maps: Vec::new(),
            parents: Parents::default(),
            answers: Answers::default(),
            whole_map: None,
            decoded: None,
            kept: &mut [],
            wrote: false,
            has_written: false,
            statement: 0,
            renamed: NOT_RENAMED,
        }
    }

    /// The cache that the group being run uses.
    pub fn cache(&mut self, level: ContextId) -> &mut Cache<'a> {
        self.caches.of(level, self.arena, (self.paths, &mut self.spare.maps))
    }

    /// Bytes in the arena.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`].
    pub fn in_arena(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<&'a [u8], EvalError> {
        let mut bytes = self.spare_bytes();
        write(&mut bytes);
        self.keep(bytes)
    }

    /// An empty buffer, for [`State::keep`].
    pub fn spare_bytes(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.spare.bytes);
        bytes.clear();
        bytes
    }

    /// The content of a buffer in the arena; the buffer serves the next one.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`].
    pub fn keep(&mut self, bytes: Vec<u8>) -> Result<&'a [u8], EvalError> {
        let made = self.arena.copy(&bytes)?;
        if bytes.capacity() <= KEPT_BYTES {
            self.spare.bytes = bytes;
        }
        Ok(made)
    }

    /// The bytes of an `AnyValue` message in the arena.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`].
    pub fn any_bytes(&mut self, value: &Value<'a>) -> Result<&'a [u8], EvalError> {
        let text = match value {
            Value::Str(text) if text.len() >= LONG_TEXT => *text,
            _ => {
                self.arena.check(value.size())?;
                return self.in_arena(|out| encode_any(out, value));
            }
        };
        // By way of a buffer, a long text would be held twice.
        let mut out = self.arena.vec_for(any_len(value))?;
        let bytes = &mut self.spare.bytes;
        bytes.clear();
        put_tag(bytes, any_value::STRING_VALUE, WireType::Len);
        put_varint(bytes, text.len() as u64);
        out.extend_from_slice(bytes)?;
        out.extend_from_slice(text)?;
        Ok(out.into_slice())
    }

    /// A pair of an attribute map in the arena.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`].
    pub fn sized_pair(&mut self, key: &[u8], value: &Value<'_>) -> Result<SizedPair<'a>, EvalError> {
        if let Some(pair) = SizedPair::of_scalar(self.arena, key, value)? {
            return Ok(pair);
        }
        self.arena.check(value.size() + key.len())?;
        Ok(SizedPair::of_bytes(self.in_arena(|out| encode_sized_pair(out, key, value))?))
    }

    /// A copy of a message in the arena with one singular field replaced.
    ///
    /// # Errors
    /// Damage of the message's framing, or [`ottl_core::ErrorKind::Budget`].
    pub fn with_field(&mut self, message: &[u8], number: u32, value: FieldValue<'_>) -> Result<&'a [u8], EvalError> {
        let mut result = Ok(());
        let bytes = self.in_arena(|out| result = put_with_field(out, message, number, value))?;
        Ok(result.map(|()| bytes)?)
    }

    /// After a record: whether the ones that follow should have memory of their own.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.arena.held() > self.full_at
    }

    /// Reports an error of a statement or condition on the current record of a level.
    ///
    /// # Errors
    /// The message is given up.
    #[cold]
    pub fn failed(&mut self, mode: ErrorMode, source: u32, error: EvalError, level: ContextId) -> Result<(), RunError> {
        if self.report.fail_again(source, &error, (mode, self.env.message), &self.env.limits) {
            return Ok(());
        }
        let place = self.at.place(self.plan.signal, level);
        let reported = ReportedError { source, error, message: self.env.message, line: self.env.line, place };
        self.report.fail(reported, mode, &self.env.limits, self.plan)
    }

    /// Hands the memory of this run on to the next. What was looked at lies in memory that is used again from here on.
    #[inline]
    pub fn finish(&mut self) {
        Looked::forget(&mut self.spare.looked);
        self.messages.finish(&mut self.spare.maps);
        self.caches.finish(&mut self.spare.maps);
    }
}
