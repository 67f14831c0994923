//! [`State`]: what one run knows while it goes through a message.

use bumpalo::boxed::Box as ArenaBox;
use ottl_core::edit::{MapEdit, MapMemory, NamedKey, emptied};
use ottl_core::value::{any_len, encode_any};
use ottl_core::{Arena, EvalError, SCRATCH_BYTES, Struct, Value};
use ottl_otlp::wire::fields::any_value;
use ottl_otlp::wire::{WireError, WireType, put_tag, put_varint};
use ottl_plan::{ErrorMode, Plan};
use ottl_schema::{ContextId, FieldValue, PointKind};

use super::code::{Code, Lowered, ParentSlot};
use super::eval::SpareMaps;
use super::flatten;
use super::node::{InputAttribute, Node, last_field, put_with_field, raw_attribute};
use super::plain::record::SizedPair;
use super::plan::{FEW, Paths, Touch, bit};
use crate::place::DEPTH;
use crate::steps::Steps;
use crate::{Env, Place, Report, ReportedError, RunError};

/// Number of contexts, `otelcol` included.
pub(super) const LEVELS: usize = ContextId::ALL.len();

/// The message that holds a resource or scope: only its schema URL matters to rules.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct GroupNode<'a> {
    /// Its content.
    pub raw: &'a [u8],
    /// The schema URL that was written, if any.
    pub schema_url: Option<FieldValue<'a>>,
    /// That of the input, once it was looked for: the search goes over all records of the group.
    pub input_schema_url: Option<FieldValue<'a>>,
}

impl<'a> GroupNode<'a> {
    /// A group of which nothing was looked at.
    pub fn new(raw: &'a [u8]) -> Self {
        GroupNode { raw, ..GroupNode::default() }
    }
}

/// A message that is not scanned yet.
#[derive(Clone, Copy, Debug)]
struct Pending<'a> {
    raw: &'a [u8],
    kind: PointKind,
    /// How often rules have looked for a place of it.
    looks: u8,
}

impl<'a> Pending<'a> {
    fn new(raw: &'a [u8], kind: PointKind) -> Self {
        Pending { raw, kind, looks: 0 }
    }
}

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
    nodes: [Option<ArenaBox<'a, Node<'a>>>; LEVELS],
    pending: [Option<Pending<'a>>; LEVELS],
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
    parents: [Vec<Parent<'a>>; 2],
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

/// From this length on, going over the pairs of a map takes steps.
const LONG_MAP: usize = 1024;

/// From this length on, a text goes into the arena without a detour.
const LONG_TEXT: usize = 1 << 16;

/// Memory that runs hand on.
#[derive(Debug, Default)]
pub(super) struct Spare {
    maps: Vec<MapMemory>,
    parents: [Vec<Parent<'static>>; 2],
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

    /// A message that nothing was written to, as it came in.
    pub fn unchanged(&self, level: ContextId) -> Option<&'a [u8]> {
        let idx = level as usize;
        match (&self.pending[idx], &self.nodes[idx]) {
            (Some(pending), _) => Some(pending.raw),
            (None, Some(node)) => (!node.changed()).then(|| node.raw()),
            (None, None) => Some(&[]),
        }
    }

    /// Makes a message the current one of its level. It is scanned when something first looks at it.
    #[inline]
    pub fn enter(&mut self, level: ContextId, raw: &'a [u8], kind: PointKind) {
        self.pending[level as usize] = Some(Pending::new(raw, kind));
        match level {
            ContextId::Resource => self.parents.iter_mut().for_each(Vec::clear),
            ContextId::Scope => self.parents[1].clear(),
            _ => {}
        }
        self.clear_cache(level);
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

    /// What the input says of an attribute of the current message of a level.
    ///
    /// # Errors
    /// Damage in what is walked.
    #[inline]
    pub fn input_attribute(&mut self, level: ContextId, key: NamedKey<'_>) -> Result<InputAttribute<'a>, EvalError> {
        if let Some((raw, kind)) = self.look(level) {
            let shape = self.wanted[level as usize].scans[kind as usize].shape;
            return Ok(raw_attribute(raw, shape.attributes, key.key)?);
        }
        let node = self.node(level)?;
        let found = node.input_attribute(key)?;
        if node.map().len() >= LONG_MAP {
            self.searched(level, key.known)?;
        }
        Ok(found)
    }

    /// The value of an attribute of the current message of a level.
    ///
    /// # Errors
    /// Damage in what is walked; the steps are spent.
    #[inline]
    pub fn attribute(&mut self, level: ContextId, key: NamedKey<'_>) -> Result<Option<Value<'a>>, EvalError> {
        let node = self.node(level)?;
        let value = node.attribute(key)?;
        if node.map().len() >= LONG_MAP {
            self.searched(level, key.known)?;
        }
        Ok(value)
    }

    /// Takes the steps of going over a long attribute map for one key: all records of a resource may do so.
    ///
    /// # Errors
    /// Damage of the message's framing; the steps are spent.
    #[cold]
    pub fn searched(&mut self, level: ContextId, known: u8) -> Result<(), EvalError> {
        let pairs = self.node(level)?.map().searched(known);
        self.steps.take(pairs as u64 / 64)
    }

    /// A singular field of the current message of a level that is no message.
    ///
    /// # Errors
    /// Damage of the message's framing.
    #[inline]
    pub fn field(&mut self, level: ContextId, number: u32) -> Result<FieldValue<'a>, EvalError> {
        if let Some((raw, _)) = self.look(level) {
            return Ok(last_field(raw, number)?);
        }
        Ok(self.node(level)?.field(number))
    }

    /// The current message of a level, if a place of it is to be looked for without a scan. The children of a message may
    /// all look at it, so each message has only so many looks.
    #[inline]
    fn look(&mut self, level: ContextId) -> Option<(&'a [u8], PointKind)> {
        if self.few & bit(level) == 0 {
            return None;
        }
        let pending = self.pending[level as usize].as_mut()?;
        pending.looks = pending.looks.saturating_add(1);
        (pending.looks <= FEW).then_some((pending.raw, pending.kind))
    }

    /// Exchanges the current message of a level and keeps its cache.
    pub fn enter_again(&mut self, level: ContextId, raw: &'a [u8]) {
        self.pending[level as usize] = Some(Pending::new(raw, PointKind::Number));
    }

    /// Makes the current message of a level an empty one and keeps its cache.
    pub fn enter_emptied(&mut self, level: ContextId, kind: PointKind) {
        self.pending[level as usize] = Some(Pending::new(&[], kind));
    }

    /// The current message of a level.
    ///
    /// # Errors
    /// Damage of its framing.
    #[inline]
    pub fn node(&mut self, level: ContextId) -> Result<&mut Node<'a>, EvalError> {
        if self.pending[level as usize].is_some() || self.nodes[level as usize].is_none() {
            self.scan(level)?;
        }
        match &mut self.nodes[level as usize] {
            Some(node) => Ok(node),
            None => Err(EvalError::function("there is no such record here")),
        }
    }

    #[inline(never)]
    fn scan(&mut self, level: ContextId) -> Result<(), EvalError> {
        let idx = level as usize;
        let node = self.nodes[idx].get_or_insert_with(|| {
            let map = MapEdit::with_memory(self.spare.maps.pop().unwrap_or_default());
            let mut node = Node::new(map);
            node.most_written = self.most_written;
            self.arena.boxed(node)
        });
        if let Some(Pending { raw, kind, .. }) = self.pending[idx] {
            let Touch { scans, keys, .. } = &self.wanted[idx];
            node.load(raw, &scans[kind as usize], kind, keys, self.arena)?;
            self.pending[idx] = None;
        }
        Ok(())
    }

    /// The current message of a level if anything was written to it.
    #[inline]
    pub fn changed_node(&self, level: ContextId) -> Option<&Node<'a>> {
        let idx = level as usize;
        let node = self.nodes[idx].as_deref()?;
        (self.pending[idx].is_none() && node.changed()).then_some(node)
    }

    /// Appends the current message of a level with everything written to it.
    ///
    /// # Errors
    /// Damage of its framing.
    pub fn emit(&self, level: ContextId, out: &mut Vec<u8>) -> Result<(), WireError> {
        match (self.pending[level as usize], &self.nodes[level as usize]) {
            (Some(pending), _) => out.extend_from_slice(pending.raw),
            (None, Some(node)) => node.emit(out)?,
            (None, None) => {}
        }
        Ok(())
    }

    /// Appends one field of the current message of a level as it is now.
    pub fn emit_field(&self, level: ContextId, number: u32, out: &mut Vec<u8>) {
        let idx = level as usize;
        match (self.pending[idx], &self.nodes[idx]) {
            // Nothing looked at the message: every occurrence stands as it came.
            (Some(pending), _) => copy_fields(pending.raw, number, out),
            (None, Some(node)) if node.rewrites(number) => node.emit_field(number, out),
            (None, Some(node)) => copy_fields(node.raw(), number, out),
            (None, None) => {}
        }
    }

    /// The bytes of a singular message field of the current message of a level.
    pub fn message(&self, level: ContextId, number: u32) -> &'a [u8] {
        self.nodes[level as usize].as_ref().map_or(&[], |node| node.message(number))
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

    /// After a record: fails when more was written than a message may become, because what records share is written for
    /// each of them, and when the run was cancelled.
    #[inline]
    pub fn check_written(&self, written: usize) -> Result<(), RunError> {
        if written > self.most_written {
            return Err(RunError::limit(SCRATCH_BYTES));
        }
        Ok(self.steps.watch()?)
    }

    /// Reports an error of a statement or condition on the current record of a level.
    ///
    /// # Errors
    /// The message is given up.
    #[cold]
    pub fn failed(&mut self, mode: ErrorMode, source: u32, error: EvalError, level: ContextId) -> Result<(), RunError> {
        let reported =
            ReportedError { source, error, message: self.env.message, line: self.env.line, place: self.place(level) };
        self.report.fail(reported, mode, &self.env.limits)
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

    /// Hands the memory of this run on to the next.
    pub fn finish(&mut self) {
        for node in self.nodes.iter_mut().filter_map(Option::take) {
            self.spare.maps.push(ArenaBox::into_inner(node).into_map().into_memory());
        }
        for cache in self.caches.iter_mut().chain(&mut self.shared_caches).filter_map(Option::take) {
            self.spare.maps.push(ArenaBox::into_inner(cache).map.into_memory());
        }
        self.spare.parents = std::mem::take(&mut self.parents).map(emptied);
    }
}

/// Appends every occurrence of a field as it is.
pub(super) fn copy_fields(raw: &[u8], number: u32, out: &mut Vec<u8>) {
    let mut reader = ottl_otlp::wire::Reader::new(raw);
    while let Ok(Some(field)) = reader.next_field() {
        if field.number == number {
            out.extend_from_slice(&raw[field.start..field.end]);
        }
    }
}
