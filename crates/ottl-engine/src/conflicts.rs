//! [`Conflicts`]: writes into what records share that leave another value than a record before them left there.
//!
//! A place is a field or attribute of a resource, scope, span, metric or point, as statements of what lies below name it. Of each
//! only the last write is kept, as a fingerprint of the value: places are visited in the order of the message, so a parent
//! that is left does not come again.
//! INVARIANT: both engines note the same writes, after the statement and only if it wrote; rules that write no parents have
//! no places, and pay for nothing.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use ottl_core::function::FunctionKind;
use ottl_core::{Map, Value};
use ottl_plan::{Arg, Group, KeyExpr, PathUse, Plan, Program};
use ottl_schema::{Access, ContextId, PathId, path};

use crate::place::DEPTH;

/// A place of a parent that a statement writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SharedPlace {
    /// The path: its number in the plan.
    pub path: u32,
    /// How many of its keys, from the first, are literals: what they lead to is the place.
    pub keys: usize,
    /// Its number among the places of the plan: other paths of the group may name the same one.
    number: usize,
    /// How many lists lead to the parent.
    depth: usize,
}

/// The places of parents that the statements of a plan write.
#[derive(Debug, Default)]
pub(crate) struct SharedPlaces {
    /// By statement, as they stand in the plan: the number of its text, and a place.
    of: Vec<(u32, SharedPlace)>,
    count: usize,
}

impl SharedPlaces {
    /// Looks for them.
    pub fn new(plan: &Plan) -> SharedPlaces {
        let mut places = SharedPlaces::default();
        // Flattened records have parents of their own, so none finds what another one has left.
        if let Program::Transform(program) = &plan.program
            && !program.flatten_data
        {
            program.groups.iter().for_each(|group| places.add(plan, group));
        }
        places
    }

    fn add(&mut self, plan: &Plan, group: &Group) {
        let mut known: Vec<(PathId, &[KeyExpr], usize)> = Vec::new();
        for statement in &group.statements {
            for arg in &plan.calls[statement.editor as usize].args {
                let Arg::Path(number) = arg else { continue };
                let used = &plan.paths[*number as usize];
                let Some(keys) = literal_keys(plan, statement.editor, used, group.context) else { continue };
                let place = (used.path, &used.keys[..keys]);
                let found = known.iter().find(|(path, keys, _)| (*path, *keys) == place).map(|(.., number)| *number);
                let found = found.unwrap_or_else(|| {
                    known.push((place.0, place.1, self.count));
                    self.count += 1;
                    self.count - 1
                });
                let depth = path(used.path).context.depth();
                self.of.push((statement.source, SharedPlace { path: *number, keys, number: found, depth }));
            }
        }
    }

    /// Those of a statement, by the number of its text.
    pub fn of(&self, source: u32) -> impl Iterator<Item = SharedPlace> + '_ {
        self.of.iter().filter(move |(of, _)| *of == source).map(|(_, place)| *place)
    }
}

/// How many literal keys lead to the place that a call writes, if it is one of a parent. Lists of other records, which are
/// written whole, are none.
fn literal_keys(plan: &Plan, call: u32, used: &PathUse, own: ContextId) -> Option<usize> {
    let decl = path(used.path);
    let is_editor = plan.calls[call as usize].function.kind == FunctionKind::Editor;
    if !is_editor || !decl.writable || decl.context == own || decl.context == ContextId::OtelCol {
        return None;
    }
    let keys = used.keys.iter().take_while(|key| !matches!(key, KeyExpr::Expr(_))).count();
    match decl.access {
        Access::Attributes(_) => Some(keys),
        Access::Cache | Access::Part(..) | Access::MetricType | Access::MetricPoints => None,
        _ => (keys == used.keys.len()).then_some(keys),
    }
}

/// What was written last into the places of parents, while a message is run.
#[derive(Debug, Default)]
pub(crate) struct Conflicts {
    /// By the number of the place: who wrote it last, and what was there then.
    last: Vec<Option<([u32; DEPTH], u64)>>,
}

impl Conflicts {
    /// Another message comes.
    pub fn begin(&mut self, places: &SharedPlaces) {
        self.last.clear();
        self.last.resize(places.count, None);
    }

    /// A record has written a place, and this value is there now; nothing if it cannot be read. Whether it differs from what
    /// another record of the same parent has left there.
    pub fn note(&mut self, place: &SharedPlace, record: [u32; DEPTH], value: Option<u64>) -> bool {
        let Some(last) = self.last.get_mut(place.number) else { return false };
        let before = std::mem::replace(last, value.map(|value| (record, value)));
        let (Some((other, before)), Some(value)) = (before, value) else { return false };
        other != record && other[..place.depth] == record[..place.depth] && before != value
    }
}

/// A number that is the same for equal values, and hardly ever for others. The order of keys does not matter.
pub(crate) fn fingerprint(value: &Value<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    put(&mut hasher, value);
    hasher.finish()
}

/// The fingerprint of a map of these pairs, each by its own one.
pub(crate) fn fingerprint_of_map(pairs: impl Iterator<Item = u64>) -> u64 {
    let mut hasher = DefaultHasher::new();
    put_pairs(&mut hasher, pairs);
    hasher.finish()
}

/// The fingerprint of a pair.
pub(crate) fn fingerprint_of_pair(key: &[u8], value: &Value<'_>) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    put(&mut hasher, value);
    hasher.finish()
}

fn put_pairs(hasher: &mut DefaultHasher, pairs: impl Iterator<Item = u64>) {
    let (count, sum) = pairs.fold((0u64, 0u64), |(count, sum), pair| (count + 1, sum.wrapping_add(pair)));
    (b'm', count, sum).hash(hasher);
}

fn put(hasher: &mut DefaultHasher, value: &Value<'_>) {
    match value {
        Value::Nil => b'n'.hash(hasher),
        Value::Bool(is) => (b'b', is).hash(hasher),
        Value::Int(int) | Value::GoInt(int) => (b'i', int).hash(hasher),
        Value::Float(float) => (b'f', float.to_bits()).hash(hasher),
        Value::Str(text) => (b's', text).hash(hasher),
        Value::Bytes(bytes) => (b'y', bytes).hash(hasher),
        Value::Map(map) => put_map(hasher, map),
        Value::List(list) => {
            (b'l', list.len()).hash(hasher);
            list.iter().for_each(|item| put(hasher, &item));
        }
        Value::Time(time) => (b't', time.secs, time.nanos).hash(hasher),
        Value::Duration(nanos) => (b'd', nanos).hash(hasher),
        Value::TraceId(id) | Value::ProfileId(id) => (b'p', id).hash(hasher),
        Value::SpanId(id) => (b'q', id).hash(hasher),
        // Parts of records are no places, and the others are arguments.
        Value::Struct(_) | Value::Lambda(_) | Value::Function(_) | Value::Path(_) | Value::Thunk(_) | Value::Absent => {
            b'x'.hash(hasher)
        }
    }
}

fn put_map(hasher: &mut DefaultHasher, map: &Map<'_>) {
    put_pairs(hasher, map.iter().map(|pair| fingerprint_of_pair(pair.key, &pair.value)));
}
