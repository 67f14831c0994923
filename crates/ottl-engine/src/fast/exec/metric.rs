//! What rules see of a metric as a whole: its type, its points, and the metric functions.

use ottl_core::edit::{MetricEdit, MetricView};
use ottl_core::function::{MetricEditor, MetricText};
use ottl_core::{ErrorKind, EvalError, Struct, Value};
use ottl_otlp::schema::topology::DATA_POINTS;
use ottl_otlp::wire::fields::metric;
use ottl_otlp::wire::{Payload, Reader, WireError, begin_len, end_len, put_len_field, put_varint};
use ottl_schema::{Access, ContextId, FieldValue, MetricData, PointKind};

use super::metric_edits::WalkedPoints;
use super::state::State;
use crate::fast::node::{
    MAX_LEN, Node, head_at, last_field, messages, put_payload, put_with_field, short_end, with_address,
};

/// The data fields of a metric.
const DATA: [MetricData; 5] = MetricData::ALL;

/// Bit per number of a data field of a metric.
pub(crate) const DATA_FIELDS: u32 = {
    let (mut bits, mut idx) = (0, 0);
    while idx < DATA.len() {
        bits |= 1 << DATA[idx].number;
        idx += 1;
    }
    bits
};

/// By the number of a field of a metric: the kind of points that it holds.
const KINDS: [Option<PointKind>; u32::BITS as usize] = {
    let (mut kinds, mut idx) = ([None; u32::BITS as usize], 0);
    while idx < DATA.len() {
        kinds[DATA[idx].number as usize] = Some(DATA[idx].kind);
        idx += 1;
    }
    kinds
};

/// The kind of points that a data field of a metric holds.
#[inline]
pub(crate) fn point_kind(number: u32) -> Option<PointKind> {
    *KINDS.get(number as usize)?
}

impl<'a> State<'a, '_> {
    fn metric_data(&mut self) -> Result<Option<(usize, &'a [u8])>, EvalError> {
        let node = self.node(ContextId::Metric)?;
        Ok(DATA.iter().position(|d| node.has(d.number)).map(|i| (i, node.message(DATA[i].number))))
    }

    /// The type of the current metric.
    ///
    /// # Errors
    /// Damage of its framing.
    pub(crate) fn metric_type(&mut self) -> Result<i64, EvalError> {
        self.node(ContextId::Metric).map(|node| type_of(node))
    }

    pub(crate) fn read_metric(&mut self, access: Access) -> Result<Value<'a>, EvalError> {
        if access == Access::MetricType {
            return self.metric_type().map(Value::Int);
        }
        let arena = self.arena;
        let data = self.metric_data()?;
        Ok(match (access, data) {
            (_, None) => Value::Nil,
            (Access::MetricTemporality, Some((i, message))) => match DATA[i].temporality {
                Some(number) => ottl_schema::Conv::I32.read(self.field_of_data(message, number)?, arena)?,
                None => Value::Nil,
            },
            (Access::MetricMonotonic, Some((i, message))) => match DATA[i].monotonic {
                Some(number) => {
                    let field = self.field_of_data(message, number)?;
                    Value::Bool(matches!(field, FieldValue::Present(Payload::Varint(1..))))
                }
                None => Value::Nil,
            },
            (Access::MetricPoints, Some((i, message))) => {
                // Reading twice gives the same handle, as in the reference.
                if let Some((known, part)) = self.metrics.points_read
                    && std::ptr::eq(known, message)
                {
                    return Ok(Value::Struct(part));
                }
                let mut out = Vec::new();
                let mut count = 0;
                let mut reader = Reader::new(message);
                while let Some(field) = reader.next_field()? {
                    if field.number == DATA_POINTS {
                        put_varint(&mut out, field.bytes()?.len() as u64);
                        out.extend_from_slice(field.bytes()?);
                        count += 1;
                    }
                }
                let part = Struct { kind: DATA[i].points, count, messages: with_address(&out, arena)? };
                self.metrics.points_read = Some((message, part));
                Value::Struct(part)
            }
            _ => Value::Nil,
        })
    }

    /// The type of the current metric, if it was looked at already.
    pub(crate) fn metric_type_at_hand(&self) -> Option<Value<'a>> {
        self.messages.scanned(ContextId::Metric).map(|node| Value::Int(type_of(node)))
    }

    /// A field of the message that holds the points of the current metric, each of which may ask for it.
    fn field_of_data(&mut self, message: &'a [u8], number: u32) -> Result<FieldValue<'a>, WireError> {
        let read = &mut self.metrics.data_read[number as usize % 2];
        if let Some((known, of, field)) = *read
            && std::ptr::eq(known, message)
            && of == number
        {
            return Ok(field);
        }
        let field = last_field(message, number)?;
        *read = Some((message, number, field));
        Ok(field)
    }

    /// Writes a path of the metric: whether anything was written.
    pub(crate) fn write_metric(&mut self, access: Access, value: Value<'a>) -> Result<bool, EvalError> {
        let arena = self.arena;
        // Types are checked before it matters whether the metric has the field.
        let stored = match access {
            Access::MetricTemporality => ottl_schema::Conv::I32.write(value, arena)?,
            Access::MetricMonotonic => match value {
                Value::Bool(false) => FieldValue::Absent,
                Value::Bool(true) => FieldValue::Present(Payload::Varint(1)),
                Value::Nil => return Err(ErrorKind::NilWrite.into()),
                other => return Err(ErrorKind::UnsupportedWrite { expected: "bool", got: other.type_name() }.into()),
            },
            Access::MetricPoints => return self.write_points(value),
            _ => return Ok(false),
        };
        let Some((i, message)) = self.metric_data()? else { return Ok(false) };
        let number = if access == Access::MetricTemporality { DATA[i].temporality } else { DATA[i].monotonic };
        let Some(number) = number else { return Ok(false) };
        let message = self.with_field(message, number, stored)?;
        self.node(ContextId::Metric)?.set_field(DATA[i].number, FieldValue::Present(Payload::Bytes(message)));
        Ok(true)
    }

    fn write_points(&mut self, value: Value<'a>) -> Result<bool, EvalError> {
        let Some((i, message)) = self.metric_data()? else { return Ok(false) };
        if let (Value::Struct(part), Some((known, read))) = (&value, self.metrics.points_read)
            && std::ptr::eq(known, message)
            && std::ptr::eq(part.messages, read.messages)
        {
            // Copied into themselves, points stay what they are.
            return Ok(false);
        }
        let points = match value {
            Value::Nil => &[][..],
            Value::Struct(part) if part.kind == DATA[i].points => part.messages,
            other => {
                return Err(ErrorKind::UnsupportedWrite {
                    expected: "the points of a metric of the same type",
                    got: other.type_name(),
                }
                .into());
            }
        };
        let mut result = Ok(());
        let message = self.in_arena(|out| {
            result = put_with_field(out, message, DATA_POINTS, FieldValue::Absent);
            messages(points).for_each(|point| put_len_field(out, DATA_POINTS, point));
        })?;
        result?;
        self.metrics.points_replaced = true;
        if points.is_empty() {
            // A point that is gone reads as empty to whoever still stands on it.
            self.messages.enter(ContextId::DataPoint, &[], DATA[i].kind);
        }
        self.node(ContextId::Metric)?.set_field(DATA[i].number, FieldValue::Present(Payload::Bytes(message)));
        Ok(true)
    }

    pub(crate) fn edit_current_metric(&mut self, edit: &mut MetricEditor<'_, 'a>) -> Result<(), EvalError> {
        let bytes = self.metric_now()?;
        self.steps.look_at(bytes.len())?;
        let arena = self.arena;
        arena.beside(MetricEdit::memory(bytes)?, || {
            let mut metric = MetricEdit::decode(bytes)?;
            let result = edit(&mut metric);
            if result.is_err() || matches!(result, Ok(true)) {
                let out = self.in_arena(|out| metric.encode(out))?;
                drop(metric);
                // A failing edit does not say whether it changed anything before.
                let mut same = Vec::new();
                if result.is_err() {
                    MetricEdit::decode(bytes)?.encode(&mut same);
                }
                if result.is_ok() || out != same {
                    self.replace_current_metric(out);
                }
            }
            result.map(|_| ())
        })
    }

    pub(crate) fn read_current_metric(&mut self) -> Result<MetricView<'a>, EvalError> {
        let bytes = self.metric_now()?;
        self.steps.look_at(bytes.len())?;
        Ok(MetricView::new(bytes)?)
    }

    /// The current metric with everything that was written to it, and to its points so far.
    fn metric_now(&mut self) -> Result<&'a [u8], EvalError> {
        let points_changed = self.metrics.walked.as_ref().is_some_and(|walked| !walked.changed.is_empty())
            || self.messages.changed(ContextId::DataPoint);
        if !points_changed && let Some(bytes) = self.messages.unchanged(ContextId::Metric) {
            return Ok(bytes);
        }
        let mut bytes = self.spare_bytes();
        self.node(ContextId::Metric)?.emit(&mut bytes)?;
        if let Some(walked) = &self.metrics.walked
            && !self.metrics.points_replaced
        {
            let mut current = Vec::new();
            self.messages.emit(ContextId::DataPoint, &mut current)?;
            let mut out = Vec::with_capacity(bytes.len() + current.len());
            put_with_points(&mut out, &bytes, walked, &current)?;
            bytes = out;
        }
        self.keep(bytes)
    }

    /// Makes every field of the metric what `bytes` says.
    pub(crate) fn replace_current_metric(&mut self, bytes: &'a [u8]) {
        self.wrote = true;
        self.metrics.replaced = Some(bytes);
        self.messages.enter(ContextId::Metric, bytes, PointKind::Number);
    }

    pub(crate) fn copy_current_metric(&mut self) -> Result<u32, EvalError> {
        let mut bytes = self.spare_bytes();
        self.node(ContextId::Metric)?.emit(&mut bytes)?;
        let copy = self.keep(bytes)?;
        self.append_new_metric(copy)
    }

    /// Appends a metric to the current scope: its number.
    pub(crate) fn append_new_metric(&mut self, metric: &'a [u8]) -> Result<u32, EvalError> {
        if !self.metrics.count_new(self.statement, self.env.limits.new_metrics) {
            return Err(ErrorKind::Limit("new_metrics").into());
        }
        self.wrote = true;
        Ok(self.metrics.append(metric))
    }

    pub(crate) fn patch_copy(&mut self, copy: u32, field: MetricText, text: &'a [u8]) {
        let number = match field {
            MetricText::Name => metric::NAME,
            MetricText::Description => metric::DESCRIPTION,
            MetricText::Unit => metric::UNIT,
        };
        let value = if text.is_empty() { FieldValue::Absent } else { FieldValue::Present(Payload::Bytes(text)) };
        if let Some(bytes) = self.metrics.appended.get(copy as usize).copied()
            && let Ok(patched) = self.with_field(bytes, number, value)
        {
            self.metrics.appended[copy as usize] = patched;
        }
    }
}

/// The type of a metric.
fn type_of(node: &Node<'_>) -> i64 {
    DATA.iter().find(|data| node.has(data.number)).map_or(0, |data| data.ty)
}

/// Appends a metric with the points as a walk over them has left them: those behind it that it changed, and the current one.
fn put_with_points(
    out: &mut Vec<u8>,
    metric: &[u8],
    walked: &WalkedPoints<'_>,
    current: &[u8],
) -> Result<(), WireError> {
    let data = data_field(metric)?.map(|(start, _)| start);
    let mut reader = Reader::new(metric);
    while let Some(field) = reader.next_field()? {
        if Some(field.start) != data {
            out.extend_from_slice(&metric[field.start..field.end]);
            continue;
        }
        let content = field.bytes()?;
        let mark = begin_len(out, field.number, content.len());
        let (mut number, mut changed) = (0, walked.changed.iter().peekable());
        let mut reader = Reader::new(content);
        while let Some(field) = reader.next_field()? {
            let is_point = field.number == DATA_POINTS;
            match changed.next_if(|(of, _)| is_point && *of == number) {
                Some((_, point)) => put_len_field(out, DATA_POINTS, point),
                None if is_point && number == walked.behind => put_len_field(out, DATA_POINTS, current),
                None => out.extend_from_slice(&content[field.start..field.end]),
            }
            number += usize::from(is_point);
        }
        end_len(out, mark);
    }
    Ok(())
}

/// A field of a message in the arena, for reading lists that were written.
pub(crate) fn single_field<'a>(
    number: u32,
    field: FieldValue<'a>,
    arena: &'a ottl_core::Arena,
) -> Result<&'a [u8], EvalError> {
    let mut message = Vec::new();
    if let FieldValue::Present(payload) = field {
        put_payload(&mut message, number, payload);
    }
    Ok(arena.copy(&message)?)
}

/// Where the data field of a metric starts that counts (the last one), and the kind of its points.
pub(crate) fn data_field(metric: &[u8]) -> Result<Option<(usize, PointKind)>, WireError> {
    let (mut found, mut pos) = (None, 0);
    // Nearly all fields have a tag of one byte and a length of one or two.
    while metric.len() <= MAX_LEN
        && let Some(head) = head_at(metric, pos)
    {
        let (end, number) = (short_end(head, pos), head >> 3 & 0x1f);
        if number == 0 || end as usize > metric.len() {
            break;
        }
        if let Some(kind) = point_kind(number) {
            found = Some((pos as usize, kind));
        }
        pos = end;
    }
    let passed = pos as usize;
    let mut reader = Reader::new(metric.get(passed..).unwrap_or_default());
    while let Some(field) = reader.next_field().map_err(|error| error.offset_by(passed))? {
        if let Some(kind) = point_kind(field.number) {
            found = Some((passed + field.start, kind));
        }
    }
    Ok(found)
}
