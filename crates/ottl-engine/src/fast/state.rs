//! [`State`]: what one run knows while it goes through a message.

use ottl_core::edit::{MapEdit, MapMemory, emptied};
use ottl_core::value::{any_len, encode_any, encode_sized_pair};
use ottl_core::{Arena, ArenaBox, EvalError, Struct, Value};
use ottl_otlp::any::tags;
use ottl_otlp::wire::fields::any_value;
use ottl_otlp::wire::{WireType, put_tag, put_varint};
use ottl_plan::{ErrorMode, Plan};
use ottl_schema::{ContextId, FieldValue};

use super::code::{Code, Lowered, ParentSlot};
use super::compact::Compact;
use super::current::Pending;
use super::eval::SpareMaps;
use super::flatten;
use super::group::GroupNode;
use super::node::{Node, put_with_field};
use super::pair::SizedPair;
use super::plan::{Paths, Touch};
use super::program::{LevelProgram, Step};
use super::screen::Screening;
use crate::place::DEPTH;
use crate::steps::Steps;
use crate::{Env, Place, Report, ReportedError, RunError};

/// Number of contexts, `otelcol` included.
pub(super) const LEVELS: usize = ContextId::ALL.len();

/// A cache and whether it holds anything.
#[derive(Debug, Default)]
pub(super) struct Cache<'a> {
    pub map: MapEdit<'a>,
    pub used: bool,
}

/// Everything that evaluation reads and writes.
pub(super) struct State<'a, 'e> {
    pub plan: &'a Plan,
    pub lowered: &'a Lowered,
    pub paths: &'a Paths,
    pub code: &'a Code,
    pub arena: &'a Arena,
    pub env: &'e Env<'e>,
    pub report: &'e mut Report,
    /// How much work is left.
    pub steps: Steps<'e>,
    /// How many lambdas are being evaluated.
    pub lambdas: u32,
    /// How many bytes the output may have.
    pub most_written: usize,
    /// With more bytes than these in the arena, a segment of records is full (see [`super::segment`]): more than it kept
    /// from the one before.
    full_at: usize,
    /// The messages that were looked at. They live in the arena: a run costs no more than it looks at.
    pub nodes: [Option<ArenaBox<'a, Node<'a>>>; LEVELS],
    /// The compact record, and the level whose current message it is: one that has no other below it.
    pub compact: Option<ArenaBox<'a, Compact<'a>>>,
    pub compact_at: Option<ContextId>,
    pub pending: [Option<Pending<'a>>; LEVELS],
    /// What the rules look at in the messages of a level.
    pub wanted: &'a [Touch; LEVELS],
    /// Bit per level: rules look only at a few places of a message, so that looking for each costs less than a scan.
    pub few: u16,
    /// The groups around resource and scope.
    pub groups: [GroupNode<'a>; 2],
    caches: [Option<ArenaBox<'a, Cache<'a>>>; LEVELS],
    shared_caches: [Option<ArenaBox<'a, Cache<'a>>>; LEVELS],
    /// Memory for what is made next.
    pub spare: &'e mut Spare,
    /// Which records are the current ones.
    pub at: At,
    /// The field of the current metric that holds its points, once they are walked.
    pub data_field: u32,
    /// The message whose records were given groups of their own.
    pub before_flattening: Option<&'a [u8]>,
    /// Whether the group being run shares its cache with the message's other records.
    pub shares_cache: bool,
    pub locals: Vec<Value<'a>>,
    pub spare_maps: SpareMaps<'a>,
    /// What was computed once for the current resource, and for the current scope.
    pub parents: [Vec<Parent<'a>>; 2],
    /// Whose map (an attribute map, or a cache) was read as a whole last, and where its copy lies.
    pub whole_map: Option<((ContextId, bool), usize)>,
    /// Whether the statement being run wrote anything.
    pub wrote: bool,
    /// Whether any statement has written anything.
    pub has_written: bool,
    /// Copies of metrics made in the current scope, whole messages.
    pub appended: Vec<&'a [u8]>,
    /// The current metric as a metric function left it; its fields are then no longer those of the input.
    pub replaced_metric: Option<&'a [u8]>,
    /// The points of the current metric as they were read last: the data message, and what was made of it.
    pub points_read: Option<(&'a [u8], Struct<'a>)>,
    /// Whether the points of the current metric were replaced as a whole.
    pub points_replaced: bool,
    /// The statement being run, by the number of its text.
    pub statement: u32,
    /// How many copies statements have made in the current scope, by the number of their text.
    pub copies_made: Vec<(u32, u32)>,
}

/// How many bytes the buffer between a value and the arena keeps.
const KEPT_BYTES: usize = 1 << 20;

/// From this length on, a text goes into the arena without a detour.
const LONG_TEXT: usize = 1 << 16;

/// Memory that runs hand on.
#[derive(Debug, Default)]
pub(super) struct Spare {
    pub maps: Vec<MapMemory>,
    parents: [Vec<Parent<'static>>; 2],
    /// By group: on how many records its steps were run, and have not been counted as evaluated.
    pub visits: Vec<u64>,
    /// By level.
    pub screens: [Screening; LEVELS],
    bytes: Vec<u8>,
}

/// Something that is computed once for a resource or scope.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Parent<'a> {
    /// It was not asked for yet, or cannot be kept.
    #[default]
    Unknown,
    /// Whether a condition holds.
    Condition(Result<bool, EvalError>),
    /// A pair to be put into attribute maps.
    Pair(SizedPair<'a>),
}

/// How many records of each list on the way to the current one were entered.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct At([u32; DEPTH + 1]);

impl At {
    /// Enters the next record behind so many other lists: the lists inside it begin.
    #[inline]
    pub fn enter(&mut self, depth: usize) {
        self.0[depth] += 1;
        self.0[depth + 1] = 0;
    }

    /// The indexes of the current records.
    fn indexes(self) -> [u32; DEPTH] {
        std::array::from_fn(|depth| self.0[depth].saturating_sub(1))
    }
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
        let parents = std::mem::take(&mut spare.parents).map(emptied);
        State {
            plan,
            lowered,
            paths: &lowered.paths,
            code: &lowered.code,
            arena,
            env,
            report,
            steps: Steps::new(env.limits.steps, input_len, env.cancel),
            lambdas: 0,
            most_written: env.limits.written(input_len),
            full_at: env.limits.segment.max(arena.held()),
            nodes: Default::default(),
            compact: None,
            compact_at: None,
            pending: [None; LEVELS],
            wanted: &lowered.wanted,
            few: lowered.few,
            groups: [GroupNode::default(); 2],
            caches: Default::default(),
            shared_caches: Default::default(),
            spare,
            at: At::default(),
            data_field: 0,
            before_flattening: None,
            shares_cache: false,
            locals: Vec::new(),
            spare_maps: Vec::new(),
            parents,
            whole_map: None,
            wrote: false,
            has_written: false,
            appended: Vec::new(),
            replaced_metric: None,
            points_read: None,
            points_replaced: false,
            statement: 0,
            copies_made: Vec::new(),
        }
    }

    /// What was computed for the current resource or scope.
    #[inline]
    pub fn parent(&self, slot: ParentSlot) -> Parent<'a> {
        self.parents[usize::from(slot.scope)].get(slot.number as usize).copied().unwrap_or_default()
    }

    /// Keeps something for the current resource or scope.
    pub fn set_parent(&mut self, slot: ParentSlot, value: Parent<'a>) {
        let known = &mut self.parents[usize::from(slot.scope)];
        let number = slot.number as usize;
        if known.len() <= number {
            known.resize(number + 1, Parent::Unknown);
        }
        known[number] = value;
    }

    /// Empties the cache of a level, before the next group.
    pub fn clear_cache(&mut self, level: ContextId) {
        if let Some(cache) = &mut self.caches[level as usize]
            && cache.used
        {
            cache.map.reset();
            cache.used = false;
        }
    }

    /// The cache that the group being run uses.
    pub fn cache(&mut self, level: ContextId) -> &mut Cache<'a> {
        let caches = if self.shares_cache { &mut self.shared_caches } else { &mut self.caches };
        caches[level as usize].get_or_insert_with(|| {
            let map = MapEdit::with_memory(self.spare.maps.pop().unwrap_or_default());
            self.arena.boxed(Cache { map, used: false })
        })
    }

    /// Bytes in the arena.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`].
    pub fn in_arena(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<&'a [u8], EvalError> {
        let bytes = &mut self.spare.bytes;
        bytes.clear();
        write(bytes);
        let made = self.arena.copy(bytes)?;
        if bytes.capacity() > KEPT_BYTES {
            *bytes = Vec::new();
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
        if let Value::Str(text) = value
            && text.len() < 0x80
            && let Some(pair) = SizedPair::new(self.arena, key, [&[tags::TEXT, text.len() as u8], text])?
        {
            return Ok(pair);
        }
        let (mut pair_at, mut any_at) = (0, 0);
        self.arena.check(value.size() + key.len())?;
        let bytes = self.in_arena(|out| (pair_at, any_at) = encode_sized_pair(out, key, value))?;
        Ok(SizedPair { bytes, pair_at, any_at })
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
        let reported =
            ReportedError { source, error, message: self.env.message, line: self.env.line, place: self.place(level) };
        self.report.fail(reported, mode, &self.env.limits, self.plan)
    }

    /// The current record of a level, by its indexes in the message.
    fn place(&self, level: ContextId) -> Place {
        let mut at = self.at.indexes();
        if let Some(message) = self.before_flattening
            && let Some(before) = flatten::place_before(message, at[0])
        {
            at[..3].copy_from_slice(&before);
        }
        let is_part = matches!(level, ContextId::DataPoint | ContextId::Exemplar);
        Place::new(self.plan.signal, level, at, if is_part { self.data_field } else { 0 })
    }

    /// Counts what was run on the records of a level since this was done last.
    pub fn count_visits(&mut self, program: &LevelProgram, level: ContextId) {
        for group in &program.groups {
            let visits = self.spare.visits.get_mut(group.number).map_or(0, std::mem::take);
            if visits > 0 {
                self.count_evaluated(&program.steps[group.steps.0..group.steps.1], visits);
            }
        }
        let Screening { visits, stops, .. } = &mut self.spare.screens[level as usize];
        let mut left = std::mem::take(visits);
        let Some(screen) = program.screen.as_ref().filter(|_| left > 0) else { return };
        for ((at, step), stops) in program.steps.iter().enumerate().zip(stops) {
            let counters = self.report.source(step.source);
            counters.evaluated += left;
            counters.matched += if screen.is_bulk_matched(at) { left } else { 0 };
            left -= std::mem::take(stops);
        }
    }

    /// Counts steps as evaluated.
    pub fn count_evaluated(&mut self, steps: &[Step], times: u64) {
        steps.iter().for_each(|step| self.report.source(step.source).evaluated += times);
    }

    /// Hands the memory of this run on to the next.
    pub fn finish(&mut self) {
        for node in self.nodes.iter_mut().filter_map(Option::take) {
            self.spare.maps.push(node.into_inner().into_map().into_memory());
        }
        for cache in self.caches.iter_mut().chain(&mut self.shared_caches).filter_map(Option::take) {
            self.spare.maps.push(cache.into_inner().map.into_memory());
        }
        self.spare.parents = std::mem::take(&mut self.parents).map(emptied);
    }
}
