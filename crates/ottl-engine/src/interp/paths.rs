//! Reading and writing paths: what each kind of access in the schema's rows means on the model.

use ottl_core::ops::{Key, pdata_text};
use ottl_core::value::encode_any;
use ottl_core::{ErrorKind, EvalError, Struct, StructKind, Value};
use ottl_otlp::schema::topology::DATA_POINTS;
use ottl_otlp::wire::{Payload, WireError, fields, read_varint};
use ottl_plan::{KeyExpr, PathUse};
use ottl_schema::{
    Access, ContextId, Conv, FieldValue, Keys, MetricData, PathDecl, PointKind, packed_floats, packed_ints, path,
    read_packed_floats, read_packed_ints, trace_state_member, with_trace_state_member,
};

use super::client;
use super::eval::Interp;
use super::keyed::Slot;
use super::model::{Content, Model, NodeId};

/// Where the engine stands in the message: the record and everything around it. In contexts that lack a level, its
/// node is an empty one that no path reaches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The group that holds the resource (`ResourceLogs` and the like).
    pub(super) group: NodeId,
    pub(super) resource: NodeId,
    /// The group that holds the scope (`ScopeLogs` and the like).
    pub(super) scope_group: NodeId,
    pub(super) scope: NodeId,
    /// The span, log record, metric or profile.
    pub(super) item: NodeId,
    /// The span event, data point or sample.
    pub(super) part: NodeId,
    pub(super) point: PointKind,
    pub(super) exemplar: NodeId,
    pub(super) cache: NodeId,
}

/// The data message of a metric.
#[derive(Clone, Copy, Debug)]
pub(super) struct Data {
    /// Which of the metric's fields holds it, and what points it has.
    pub(super) is: &'static MetricData,
    /// The message.
    pub(super) node: NodeId,
}

impl<'a> Model<'a> {
    /// The data of a metric: one of a oneof, so the last that is there.
    pub(super) fn metric_data(&mut self, metric: NodeId) -> Result<Option<Data>, EvalError> {
        let data = |number: u32| MetricData::of(number);
        let found = self.fields(metric).iter().enumerate().rev().find_map(|(idx, f)| Some((idx, data(f.number)?)));
        let Some((idx, is)) = found else { return Ok(None) };
        Ok(Some(Data { is, node: self.child(metric, idx)? }))
    }
}

fn unsupported(expected: &'static str, value: &Value<'_>) -> EvalError {
    if value.is_nil() {
        return ErrorKind::NilWrite.into();
    }
    ErrorKind::UnsupportedWrite { expected, got: value.type_name() }.into()
}

/// The error of writing what the data point at hand does not have.
const WRONG_POINT: ErrorKind = ErrorKind::WrongRecord("this kind of data point has no such field");

impl<'a> Interp<'a> {
    fn node(&self, context: ContextId) -> NodeId {
        match context {
            ContextId::Resource => self.place.resource,
            ContextId::Scope => self.place.scope,
            ContextId::Span | ContextId::Log | ContextId::Metric | ContextId::Profile => self.place.item,
            ContextId::SpanEvent | ContextId::DataPoint | ContextId::ProfileSample => self.place.part,
            ContextId::Exemplar => self.place.exemplar,
            ContextId::OtelCol => self.place.cache,
        }
    }

    fn group(&self, context: ContextId) -> NodeId {
        if context == ContextId::Scope { self.place.scope_group } else { self.place.group }
    }

    fn point_kind(&self, decl: &PathDecl) -> PointKind {
        if decl.context == ContextId::DataPoint { self.place.point } else { PointKind::Number }
    }

    /// The slot of a path whose value has keys.
    fn slot(&self, decl: &PathDecl) -> Option<Slot> {
        let node = self.node(decl.context);
        match decl.access {
            Access::Attributes(numbers) => numbers.number(self.point_kind(decl)).map(|number| Slot::Map(node, number)),
            Access::Cache => Some(Slot::Map(self.place.cache, CACHE_PAIRS)),
            Access::Body => Some(Slot::Any(node, fields::log_record::BODY)),
            _ => None,
        }
    }

    /// The map of a path without keys, as a repeated field.
    pub(super) fn map_field(&self, used: &PathUse) -> Option<(NodeId, u32)> {
        match self.slot(path(used.path)) {
            Some(Slot::Map(node, number)) if used.keys.is_empty() => Some((node, number)),
            _ => None,
        }
    }

    /// The value that the first `count` keys of a path lead to: all of them, where it is none of a map.
    pub(super) fn read_keys(&mut self, used: &'a PathUse, count: usize) -> Result<Value<'a>, EvalError> {
        match self.slot(path(used.path)) {
            Some(slot) => self.read_keyed(slot, &used.keys[..count]),
            None => self.read_path(used),
        }
    }

    /// The value of a path.
    pub(super) fn read_path(&mut self, used: &'a PathUse) -> Result<Value<'a>, EvalError> {
        let decl = path(used.path);
        if self.lambdas > 0 {
            let fields = self.model.fields(self.node(decl.context)).len();
            self.steps.take(1 + fields as u64 / 8)?;
        }
        if let Some(slot) = self.slot(decl) {
            return self.read_keyed(slot, &used.keys);
        }
        let node = self.node(decl.context);
        let kind = self.point_kind(decl);
        match decl.access {
            Access::Field(_, conv) if decl.keys == Keys::TraceState && !used.keys.is_empty() => {
                let name = self.trace_state_key(&used.keys)?;
                let state = conv.read(self.model.scalar(node, fields::span::TRACE_STATE), self.arena)?;
                let member = state.as_str().and_then(|state| trace_state_member(state, name));
                Ok(member.map_or(Value::Nil, Value::Str))
            }
            Access::Field(numbers, conv) => match numbers.number(kind) {
                Some(number) => conv.read(self.model.scalar(node, number), self.arena),
                None => Ok(Value::Nil),
            },
            Access::Group(number, conv) => {
                conv.read(self.model.scalar(self.group(decl.context), u32::from(number)), self.arena)
            }
            Access::Nested(outer, inner, conv) => match outer.number(kind) {
                Some(outer) => {
                    let bytes = self.model.merged(node, outer)?.unwrap_or_default();
                    conv.read(self.model.scalar_in(bytes, u32::from(inner))?, self.arena)
                }
                None => Ok(Value::Nil),
            },
            Access::BodyText => {
                let body = self.model.any(node, fields::log_record::BODY)?;
                pdata_text(&body, self.arena).map(Value::Str)
            }
            Access::Part(numbers, kinds) => match numbers.number(kind) {
                Some(number) => self.read_part(node, number, kinds[kind as usize]),
                None => Ok(Value::Nil),
            },
            Access::Ints { inside, field, ints } => match self.list_bytes(node, inside, field.number(kind))? {
                Some((bytes, number)) => read_packed_ints(bytes, number, ints, self.arena),
                None => Ok(Value::Nil),
            },
            Access::Floats(numbers) => match self.list_bytes(node, 0, numbers.number(kind))? {
                Some((bytes, number)) => read_packed_floats(bytes, number, self.arena),
                None => Ok(Value::Nil),
            },
            Access::OneofInt { double, int } => Ok(match double.number(kind) {
                None => Value::Nil,
                Some(double) => match self.oneof(node, double, u32::from(int))? {
                    Value::Int(i) => Value::Int(i),
                    _ => Value::Int(0),
                },
            }),
            Access::OneofDouble { double, int } => Ok(match double.number(kind) {
                None => Value::Nil,
                Some(double) => match self.oneof(node, double, u32::from(int))? {
                    Value::Float(f) => Value::Float(f),
                    _ => Value::Float(0.0),
                },
            }),
            Access::MetricType => Ok(Value::Int(self.model.metric_data(node)?.map_or(0, |data| data.is.ty))),
            Access::MetricTemporality => match self.metric_scalar(node, |data| data.temporality)? {
                Some((data, number)) => Conv::I32.read(self.model.scalar(data, number), self.arena),
                None => Ok(Value::Nil),
            },
            Access::MetricMonotonic => Ok(match self.metric_scalar(node, |data| data.monotonic)? {
                Some((data, number)) => {
                    let field = self.model.scalar(data, number);
                    Value::Bool(matches!(field, FieldValue::Present(Payload::Varint(1..))))
                }
                None => Value::Nil,
            }),
            Access::MetricPoints => match self.model.metric_data(node)? {
                Some(data) => self.read_part(data.node, DATA_POINTS, data.is.points),
                None => Ok(Value::Nil),
            },
            Access::TableText(outer, inner) => self.read_table_text(node, outer, inner),
            Access::TableAttributes(numbers) => self.read_table_attributes(node, numbers, &used.keys),
            Access::OtelCol(what) => client::read(self, what, &used.keys),
            Access::EventIndex => Err(ErrorKind::WrongRecord("the processors do not set event_index").into()),
            Access::Attributes(_) | Access::Cache | Access::Body => Ok(Value::Nil),
        }
    }

    /// Writes a path.
    pub(super) fn write_path(&mut self, used: &'a PathUse, value: Value<'a>) -> Result<(), EvalError> {
        let decl = path(used.path);
        if !decl.writable && decl.context == ContextId::OtelCol {
            return Err(ErrorKind::ReadOnly.into());
        }
        if let Some(slot) = self.slot(decl) {
            return self.write_keyed(slot, &used.keys, value);
        }
        let node = self.node(decl.context);
        let kind = self.point_kind(decl);
        match decl.access {
            Access::Field(..) if decl.keys == Keys::TraceState && !used.keys.is_empty() => {
                let Value::Str(text) = value else { return Err(unsupported("string", &value)) };
                let name = self.trace_state_key(&used.keys)?;
                let state = match self.model.scalar(node, fields::span::TRACE_STATE) {
                    FieldValue::Present(Payload::Bytes(state)) => state,
                    _ => &[],
                };
                // A state or member that is not valid leaves the field as it is, without an error.
                if let Some(new) = with_trace_state_member(state, name, text) {
                    let new = Content::Bytes(self.arena.copy(&new)?);
                    self.model.set(node, fields::span::TRACE_STATE, Some(new));
                }
                Ok(())
            }
            Access::Field(numbers, conv) => {
                let stored = conv.write(value, self.arena)?;
                let number = numbers.number(kind).ok_or(WRONG_POINT)?;
                self.model.set_scalar(node, number, stored);
                Ok(())
            }
            Access::Group(number, conv) => {
                let stored = conv.write(value, self.arena)?;
                self.model.set_scalar(self.group(decl.context), u32::from(number), stored);
                Ok(())
            }
            Access::Nested(outer, inner, conv) => {
                let stored = conv.write(value, self.arena)?;
                let outer = outer.number(kind).ok_or(WRONG_POINT)?;
                let bytes = self.model.merged(node, outer)?.unwrap_or_default();
                let bytes = self.model.with_scalar(bytes, u32::from(inner), stored)?;
                self.model.set(node, outer, Some(Content::Bytes(bytes)));
                Ok(())
            }
            Access::BodyText => {
                let Value::Str(_) = value else { return Err(unsupported("string", &value)) };
                let mut out = Vec::new();
                encode_any(&mut out, &value);
                let bytes = self.arena.copy(&out)?;
                self.model.set(node, fields::log_record::BODY, Some(Content::Bytes(bytes)));
                Ok(())
            }
            Access::Part(numbers, kinds) => {
                let number = numbers.number(kind).ok_or(WRONG_POINT)?;
                self.write_part(node, number, kinds[kind as usize], value)
            }
            Access::Ints { inside, field, ints } => {
                let number = field.number(kind).ok_or(WRONG_POINT)?;
                let packed = packed_ints(value, ints, self.arena)?;
                self.write_list(node, u32::from(inside), number, packed)
            }
            Access::Floats(numbers) => {
                let number = numbers.number(kind).ok_or(WRONG_POINT)?;
                let packed = packed_floats(value, self.arena)?;
                self.write_list(node, 0, number, packed)
            }
            Access::OneofInt { double, int } => {
                let Value::Int(i) = value else { return Err(unsupported("int64", &value)) };
                let double = double.number(kind).ok_or(WRONG_POINT)?;
                self.model.set(node, double, None);
                self.model.set(node, u32::from(int), Some(Content::Fixed64(i as u64)));
                Ok(())
            }
            Access::OneofDouble { double, int } => {
                let Value::Float(f) = value else { return Err(unsupported("float64", &value)) };
                let double = double.number(kind).ok_or(WRONG_POINT)?;
                self.model.set(node, u32::from(int), None);
                self.model.set(node, double, Some(Content::Fixed64(f.to_bits())));
                Ok(())
            }
            Access::MetricType => Ok(()),
            Access::MetricTemporality => {
                let stored = Conv::I32.write(value, self.arena)?;
                if let Some((data, number)) = self.metric_scalar(node, |data| data.temporality)? {
                    self.model.set_scalar(data, number, stored);
                }
                Ok(())
            }
            Access::MetricMonotonic => {
                let Value::Bool(b) = value else { return Err(unsupported("bool", &value)) };
                if let Some((data, number)) = self.metric_scalar(node, |data| data.monotonic)? {
                    self.model.set(data, number, b.then_some(Content::Varint(1)));
                }
                Ok(())
            }
            Access::MetricPoints => match self.model.metric_data(node)? {
                Some(data) => self.write_part(data.node, DATA_POINTS, data.is.points, value),
                None => Ok(()),
            },
            Access::TableText(outer, inner) => self.write_table_text(node, outer, inner, value),
            Access::TableAttributes(numbers) => self.write_table_attributes(node, numbers, &used.keys, value),
            Access::OtelCol(_) | Access::EventIndex | Access::Attributes(_) | Access::Cache | Access::Body => {
                Err(ErrorKind::ReadOnly.into())
            }
        }
    }

    /// The one key of `trace_state`, which must be a string literal.
    fn trace_state_key(&mut self, keys: &'a [KeyExpr]) -> Result<&'a [u8], EvalError> {
        match keys {
            [KeyExpr::Str(name)] => Ok(name),
            [key] => Err(match self.key(key)? {
                Key::Str(_) => EvalError::function("a member of the trace state is named by a string literal"),
                other => other.misfit(),
            }),
            _ => Err(EvalError::function("the trace state takes one key")),
        }
    }

    /// The data message of a metric and the number of one of its scalars, if it has that.
    fn metric_scalar(
        &mut self,
        metric: NodeId,
        number: impl Fn(&MetricData) -> Option<u32>,
    ) -> Result<Option<(NodeId, u32)>, EvalError> {
        Ok(self.model.metric_data(metric)?.and_then(|data| Some((data.node, number(data.is)?))))
    }

    /// The number of the oneof's member that is set last, as a value.
    fn oneof(&self, node: NodeId, double: u32, int: u32) -> Result<Value<'a>, EvalError> {
        let last = self.model.fields(node).iter().rfind(|f| f.number == double || f.number == int);
        let Some(last) = last else { return Ok(Value::Nil) };
        let conv = if last.number == double { Conv::Double } else { Conv::FixedInt };
        conv.read(self.model.scalar(node, last.number), self.arena)
    }

    /// The message that holds a list of numbers, and the list's field.
    fn list_bytes(
        &mut self,
        node: NodeId,
        inside: u8,
        number: Option<u32>,
    ) -> Result<Option<(&'a [u8], u32)>, EvalError> {
        let Some(number) = number else { return Ok(None) };
        let bytes = match inside {
            0 => self.model.bytes(Content::Node(node))?,
            outer => self.model.merged(node, u32::from(outer))?.unwrap_or_default(),
        };
        Ok(Some((bytes, number)))
    }

    fn write_list(&mut self, node: NodeId, inside: u32, number: u32, packed: &'a [u8]) -> Result<(), EvalError> {
        let content = (!packed.is_empty()).then_some(packed);
        if inside == 0 {
            self.model.replace(node, number, content.map(Content::Bytes));
            return Ok(());
        }
        let stored = content.map_or(FieldValue::Absent, |packed| FieldValue::Present(Payload::Bytes(packed)));
        let bytes = self.model.merged(node, inside)?.unwrap_or_default();
        let bytes = self.model.with_scalar(bytes, number, stored)?;
        self.model.set(node, inside, Some(Content::Bytes(bytes)));
        Ok(())
    }

    fn read_part(&mut self, node: NodeId, number: u32, kind: StructKind) -> Result<Value<'a>, EvalError> {
        if let Some(value) = self.model.remembered(node, number) {
            return Ok(value);
        }
        let value = if kind.is_list() {
            let (count, messages) = self.model.part(node, number)?;
            Struct { kind, count, messages }
        } else {
            let bytes = self.model.merged(node, number)?.unwrap_or_default();
            let mut messages = Vec::with_capacity(bytes.len() + 5);
            ottl_otlp::wire::put_varint(&mut messages, bytes.len() as u64);
            messages.extend_from_slice(bytes);
            Struct { kind, count: 1, messages: self.arena.copy(&messages)? }
        };
        Ok(self.model.remember(node, number, Value::Struct(value)))
    }

    fn write_part(&mut self, node: NodeId, number: u32, kind: StructKind, value: Value<'a>) -> Result<(), EvalError> {
        let expected = match kind {
            StructKind::NumberPoints
            | StructKind::HistogramPoints
            | StructKind::ExponentialHistogramPoints
            | StructKind::SummaryPoints => "the points of a metric of the same type",
            _ => "the same part of a record",
        };
        if let (Value::Struct(part), Some(Value::Struct(now))) = (value, self.model.remembered(node, number))
            && part.kind == now.kind
            && std::ptr::eq(part.messages, now.messages)
        {
            // Copied into itself, a part stays what it is.
            return Ok(());
        }
        let messages = match value {
            Value::Struct(part) if part.kind == kind => messages(part.messages)?,
            Value::Nil if kind.is_list() => Vec::new(),
            other => return Err(unsupported(expected, &other)),
        };
        if kind.is_list() {
            self.model.replace_messages(node, number, &messages)?;
        } else {
            let bytes = messages.first().copied().unwrap_or_default();
            self.model.set(node, number, Some(Content::Bytes(bytes)));
        }
        Ok(())
    }
}

/// The field of the cache's node that holds its pairs.
pub(super) const CACHE_PAIRS: u32 = 1;

/// Takes messages with varint lengths apart.
fn messages(mut bytes: &[u8]) -> Result<Vec<&[u8]>, WireError> {
    let mut messages = Vec::new();
    while !bytes.is_empty() {
        let (len, start) = read_varint(bytes, 0)?;
        let end = start.saturating_add(usize::try_from(len).unwrap_or(usize::MAX)).min(bytes.len());
        messages.push(&bytes[start..end]);
        bytes = &bytes[end..];
    }
    Ok(messages)
}
