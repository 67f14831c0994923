//! Taking down what statements and conditions do, for [`crate::trace`].

use ottl_core::{EvalError, Value};
use ottl_otlp::schema::topology::{field, groups};
use ottl_otlp::schema::{Kind, MessageId};
use ottl_otlp::wire::Payload;
use ottl_otlp::wire::fields::{profile, span};
use ottl_otlp::{Difference, differences};
use ottl_plan::{Expr, ExprId};
use ottl_schema::{ContextId, FieldValue, Signal};

use super::eval::Interp;
use super::model::{Content, NodeId};
use super::paths::CACHE_PAIRS;
use crate::place::Place;
use crate::trace::{Change, LEFT_OUT, RECORD_NUMBER, StepResult, Tracer, unmark_record};

/// The parts of a message that a statement may write, as they were before.
#[derive(Default)]
pub(super) struct Before<'a> {
    messages: Vec<(ContextId, MessageId, NodeId, &'a [u8])>,
    cache: &'a [u8],
    metrics: usize,
}

impl<'a> Interp<'a> {
    /// The value of an expression, taken down.
    pub(super) fn eval_traced(&mut self, id: ExprId) -> Result<Value<'a>, EvalError> {
        let plan = self.plan;
        if matches!(plan.exprs[id.0 as usize], Expr::Test { .. }) {
            // It is what its operand is.
            let result = self.eval_now(id);
            if let (Some(tracer), Ok(Value::Bool(answer))) = (&mut self.tracer, &result) {
                tracer.answer(id, *answer);
            }
            return result;
        }
        let place = self.tracer.as_mut().and_then(|tracer| tracer.enter(plan, id));
        let result = self.eval_now(id);
        if let Some(tracer) = &mut self.tracer {
            tracer.leave(id, place, result.as_ref().map_err(|error| *error));
        }
        result
    }

    /// A statement or condition of a context begins.
    pub(super) fn begin_step(&mut self, source: u32, context: ContextId) {
        let Some(mut tracer) = self.tracer.take() else { return };
        tracer.begin(source, self.is_wanted(&tracer, context));
        self.tracer = Some(tracer);
    }

    /// It has ended.
    pub(super) fn end_step(
        &mut self,
        source: u32,
        context: ContextId,
        (condition, result): (Option<ExprId>, StepResult),
        changes: Vec<Change>,
    ) {
        if !self.tracer.as_ref().is_some_and(Tracer::is_on) {
            return;
        }
        let (place, record) = (self.place_now(context), self.record_number(context));
        if let Some(tracer) = &mut self.tracer {
            let decided = condition.and_then(|id| tracer.decided(self.plan, id));
            tracer.end((source, place, record), decided, result, changes);
        }
    }

    /// Where the current record is; of a resource or scope, where it was in the message that came in.
    fn place_now(&mut self, context: ContextId) -> Place {
        let mut place = self.record(context);
        if matches!(context, ContextId::Resource | ContextId::Scope) {
            for (depth, group) in [self.place.group, self.place.scope_group].into_iter().enumerate() {
                if let Some(number) = self.group_number(group) {
                    place = place.with_index(depth, number);
                }
            }
        }
        place
    }

    /// Whether the current record is asked for: of a resource or scope, whether one inside is.
    fn is_wanted(&mut self, tracer: &Tracer<'_>, context: ContextId) -> bool {
        if !tracer.is_choosy() {
            return true;
        }
        let scopes = match context {
            ContextId::Resource => self.model.scopes(self.place.group).unwrap_or_default(),
            ContextId::Scope => vec![self.place.scope_group],
            _ => return self.record_number(context).is_some_and(|record| tracer.wants(record)),
        };
        scopes.into_iter().any(|scope| {
            let mut records = self.model.repeated(scope, groups::RECORDS);
            records.any(|record| self.number_of(record).is_some_and(|record| tracer.wants(record)))
        })
    }

    fn record_number(&self, context: ContextId) -> Option<u64> {
        match context {
            ContextId::Resource | ContextId::Scope => None,
            _ => self.number_of(Content::Node(self.place.item)),
        }
    }

    /// The number of a record, or of the group of a resource or scope.
    fn number_of(&self, content: Content<'a>) -> Option<u64> {
        self.number_in(content, RECORD_NUMBER)
    }

    /// Which one a group of a resource or scope was in the message that came in, if that is traced.
    pub(super) fn group_number(&self, group: NodeId) -> Option<u32> {
        self.tracer.as_ref()?;
        self.number_of(Content::Node(group)).map(|number| number as u32)
    }

    fn number_in(&self, content: Content<'a>, field: u32) -> Option<u64> {
        let number = match content {
            Content::Node(node) => self.model.scalar(node, field),
            Content::Bytes(bytes) => self.model.scalar_in(bytes, field).ok()?,
            _ => return None,
        };
        match number {
            FieldValue::Present(Payload::Varint(number)) => Some(number),
            _ => None,
        }
    }

    /// A copy of a record is none of those that came in.
    pub(super) fn forget_number(&mut self, record: NodeId) {
        if self.tracer.is_some() {
            self.model.set(record, RECORD_NUMBER, None);
        }
    }

    /// The same for a record that is made of another one.
    ///
    /// # Errors
    /// The arena is full, or the record is damaged.
    pub(super) fn without_number(&self, record: &'a [u8]) -> Result<&'a [u8], EvalError> {
        match &self.tracer {
            Some(_) => Ok(self.arena.copy(&unmark_record(record)?)?),
            None => Ok(record),
        }
    }

    /// What a statement may write, before it does; nothing if nobody asks.
    pub(super) fn before_edit(&mut self) -> Option<Before<'a>> {
        self.tracer.as_ref().filter(|tracer| tracer.is_on())?;
        let [resource, scope, record] = self.plan.signal.lists().map(|list| match list.kind {
            Kind::Message(id) => id,
            _ => MessageId::Resource,
        });
        let subject = |group: MessageId| match group.def().field(groups::SUBJECT).map(|field| field.kind) {
            Some(Kind::Message(id)) => id,
            _ => MessageId::Resource,
        };
        let mut before = Before { metrics: self.metrics(), ..Before::default() };
        for (level, id, node) in [
            (ContextId::Resource, subject(resource), self.place.resource),
            (ContextId::Scope, subject(scope), self.place.scope),
            (ContextId::of_records(self.plan.signal), record, self.place.item),
        ] {
            if node != self.nowhere {
                before.messages.push((level, id, node, self.model.bytes(Content::Node(node)).ok()?));
            }
        }
        before.cache = self.model.bytes(Content::Node(self.place.cache)).ok()?;
        Some(before)
    }

    fn metrics(&self) -> usize {
        match self.plan.signal {
            Signal::Metrics => self.model.repeated(self.place.scope_group, groups::RECORDS).count(),
            _ => 0,
        }
    }

    /// What is different now.
    pub(super) fn changes_since(&mut self, before: Option<Before<'a>>, context: ContextId) -> Vec<Change> {
        let Some(before) = before else { return Vec::new() };
        let mut changes = Vec::new();
        let part = self.part_prefix(context);
        for (level, id, node, old) in before.messages {
            let Ok(new) = self.model.bytes(Content::Node(node)) else { continue };
            for mut difference in differences(id, old, new).unwrap_or_default() {
                let mut level = level;
                if let Some(rest) = part.as_ref().and_then(|part| difference.path.strip_prefix(part.as_str())) {
                    (level, difference.path) = (context, rest.to_owned());
                }
                changes.push(Change { level: Some(level), difference });
            }
        }
        if let Ok(new) = self.model.bytes(Content::Node(self.place.cache)) {
            const { assert!(CACHE_PAIRS == 1, "the cache is written as a list of pairs") }
            for mut difference in differences(MessageId::KeyValueList, before.cache, new).unwrap_or_default() {
                difference.path = difference.path.trim_start_matches("values").to_owned();
                changes.push(Change { level: None, difference });
            }
        }
        let left_out = self.number_in(Content::Node(self.place.scope_group), LEFT_OUT).unwrap_or_default();
        changes.extend((before.metrics..self.metrics()).map(|at| Change {
            level: Some(ContextId::Scope),
            difference: Difference {
                path: format!("metrics[{}]", at as u64 + left_out),
                before: None,
                after: Some(self.metric_name(at)),
            },
        }));
        changes
    }

    /// The name of a metric of the current scope, as JSON.
    fn metric_name(&self, at: usize) -> String {
        let metric = self.model.repeated(self.place.scope_group, groups::RECORDS).nth(at);
        let name = metric.and_then(|metric| self.model.bytes(metric).ok()).and_then(|metric| {
            let all = differences(MessageId::Metric, &[], metric).ok()?;
            all.into_iter().find(|difference| difference.path == "name")?.after
        });
        name.unwrap_or_else(|| "\"\"".to_owned())
    }

    /// The place of a part of the record inside it.
    fn part_prefix(&mut self, context: ContextId) -> Option<String> {
        let at = self.at;
        match context {
            ContextId::SpanEvent => Some(format!("{}[{}].", name(MessageId::Span, span::EVENTS), at[3])),
            ContextId::ProfileSample => Some(format!("{}[{}].", name(MessageId::Profile, profile::SAMPLES), at[3])),
            ContextId::DataPoint | ContextId::Exemplar => {
                let data = self.model.metric_data(self.place.item).ok().flatten()?.is;
                let points = field(data.message, "data_points").snake_name;
                let point = format!("{}.{points}[{}].", name(MessageId::Metric, data.number), at[3]);
                let exemplars = || field(MessageId::NumberDataPoint, "exemplars").snake_name;
                Some(if context == ContextId::Exemplar { format!("{point}{}[{}].", exemplars(), at[4]) } else { point })
            }
            _ => None,
        }
    }
}

/// The name of a field in protobuf.
fn name(id: MessageId, number: u32) -> &'static str {
    id.def().field(number).map_or("", |field| field.snake_name)
}
