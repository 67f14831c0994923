//! The transform processor: groups of statements over all records of their context.

use ottl_core::{ErrorKind, EvalError};
use ottl_plan::{CacheKey, ErrorMode, Group, GroupSource, Statement, TransformProgram};
use ottl_schema::ContextId;

use super::eval::Interp;
use super::flatten;
use super::model::{Content, Model, NodeId};
use super::paths::Place;
use crate::conflicts::{SharedPlace, fingerprint};
use crate::trace::{StepResult, TRACE_BYTES};
use crate::{Place as RecordPlace, ReportedError, RunError};
use ottl_otlp::schema::topology::{DATA_POINTS, groups};
use ottl_otlp::wire::fields;

use std::collections::HashMap;

/// Runs the groups, each over the whole message.
pub(super) fn run(interp: &mut Interp<'_>, program: &TransformProgram) -> Result<(), RunError> {
    interp.check_framing()?;
    if program.flatten_data {
        flatten::flatten(interp)?;
    }
    let private = interp.place.cache;
    let mut shared: HashMap<ContextId, NodeId> = HashMap::new();
    let before = interp.env.caches_before();
    for group in &program.groups {
        interp.place.cache = match group.cache {
            CacheKey::PerRecord => private,
            CacheKey::Shared(context) => match shared.get(&context) {
                Some(cache) => *cache,
                None => {
                    let cache = interp.model.scratch_node();
                    if let Some(pairs) = before.of(context) {
                        interp.model.overwrite(cache, interp.arena.copy(pairs)?)?;
                    }
                    shared.insert(context, cache);
                    cache
                }
            },
        };
        let visitor: &mut Visitor<'_, '_> = &mut |interp| {
            if group.cache == CacheKey::PerRecord {
                interp.model.clear(private);
            }
            interp.run_group(group)
        };
        match group.isolate {
            true => interp.visit_alone(group.context, visitor)?,
            false => interp.visit(group.context, visitor)?,
        }
    }
    if program.flatten_data {
        flatten::regroup(interp)?;
    }
    if interp.env.caches.is_some() {
        for (context, cache) in shared {
            interp.env.leave_cache(context, interp.model.bytes(Content::Node(cache))?.to_vec());
        }
    }
    Ok(())
}

/// What runs on every record of a walk; it finds the record in `interp.place`.
pub(super) type Visitor<'v, 'a> = dyn FnMut(&mut Interp<'a>) -> Result<(), RunError> + 'v;

impl<'a> Model<'a> {
    /// The field of a resource group that holds its scope groups: the one of today, or the deprecated one where that
    /// is the only one, as the reference reads old messages.
    pub(super) fn scopes_field(&self, group: NodeId) -> u32 {
        let (today, deprecated) = (groups::SCOPES, groups::DEPRECATED_SCOPES);
        let has = |number| self.fields(group).iter().any(|f| f.number == number);
        if !has(today) && has(deprecated) { deprecated } else { today }
    }

    /// The scope groups of a resource group.
    pub(super) fn scopes(&mut self, group: NodeId) -> Result<Vec<NodeId>, EvalError> {
        self.children(group, self.scopes_field(group))
    }
}

impl<'a> Interp<'a> {
    /// Checks the framing of the message down to its records.
    pub(super) fn check_framing(&mut self) -> Result<(), RunError> {
        for group in self.model.children(Model::ROOT, groups::RESOURCES)? {
            self.model.singular(group, groups::SUBJECT)?;
            for scope in self.model.scopes(group)? {
                self.model.singular(scope, groups::SUBJECT)?;
                self.model.children(scope, groups::RECORDS)?;
            }
        }
        Ok(())
    }

    /// Stands on a resource group.
    pub(super) fn enter_group(&mut self, group: NodeId) -> Result<(), RunError> {
        let nowhere = self.nowhere;
        self.place = Place {
            group,
            resource: self.model.singular(group, groups::SUBJECT)?,
            scope_group: nowhere,
            scope: nowhere,
            item: nowhere,
            part: nowhere,
            exemplar: nowhere,
            ..self.place
        };
        Ok(())
    }

    /// Stands on a scope group of the current resource group.
    pub(super) fn enter_scope(&mut self, scope: NodeId) -> Result<(), RunError> {
        self.place.scope_group = scope;
        self.place.scope = self.model.singular(scope, groups::SUBJECT)?;
        Ok(())
    }

    /// Visits every record of a context, in the order of the message.
    fn visit(&mut self, context: ContextId, visitor: &mut Visitor<'_, 'a>) -> Result<(), RunError> {
        for (r, group) in (0..).zip(self.model.children(Model::ROOT, groups::RESOURCES)?) {
            self.at[0] = r;
            self.visit_group(context, group, visitor)?;
        }
        Ok(())
    }

    /// Visits the records of a resource group.
    pub(super) fn visit_group(
        &mut self,
        context: ContextId,
        group: NodeId,
        visitor: &mut Visitor<'_, 'a>,
    ) -> Result<(), RunError> {
        self.enter_group(group)?;
        if context == ContextId::Resource {
            return visitor(self);
        }
        for (s, scope) in (0..).zip(self.model.scopes(group)?) {
            self.enter_scope(scope)?;
            self.at[1] = s;
            if context == ContextId::Scope {
                visitor(self)?;
                continue;
            }
            self.visit_list(2, scope, groups::RECORDS, &mut |interp, item| {
                interp.place.item = item;
                interp.visit_item(context, visitor)
            })?;
        }
        Ok(())
    }

    fn visit_item(&mut self, context: ContextId, visitor: &mut Visitor<'_, 'a>) -> Result<(), RunError> {
        let item = self.place.item;
        match context {
            ContextId::SpanEvent | ContextId::ProfileSample => {
                let list =
                    if context == ContextId::SpanEvent { fields::span::EVENTS } else { fields::profile::SAMPLES };
                self.visit_list(3, item, list, &mut |interp, part| {
                    interp.place.part = part;
                    visitor(interp)
                })
            }
            ContextId::DataPoint | ContextId::Exemplar => {
                let Some(data) = self.model.metric_data(item)? else { return Ok(()) };
                self.place.point = data.is.kind;
                let exemplars = data.is.kind.exemplars();
                self.visit_list(3, data.node, DATA_POINTS, &mut |interp, point| {
                    interp.place.part = point;
                    match (context, exemplars) {
                        (ContextId::DataPoint, _) => visitor(interp),
                        (_, None) => Ok(()),
                        (_, Some(field)) => interp.visit_list(4, point, field, &mut |interp, exemplar| {
                            interp.place.exemplar = exemplar;
                            visitor(interp)
                        }),
                    }
                })
            }
            _ => visitor(self),
        }
    }

    /// Visits the messages of a list behind so many other lists, also those that the visitor appends on the way.
    fn visit_list(
        &mut self,
        depth: usize,
        node: NodeId,
        number: u32,
        visitor: &mut dyn FnMut(&mut Interp<'a>, NodeId) -> Result<(), RunError>,
    ) -> Result<(), RunError> {
        let mut list = Vec::new();
        let (mut scanned, mut moves) = (0, self.model.moves(node));
        let mut idx = 0;
        loop {
            if self.model.moves(node) != moves {
                (list, scanned, moves) = (Vec::new(), 0, self.model.moves(node));
            }
            if idx >= list.len() {
                self.model.more_children(node, number, scanned, &mut list)?;
                scanned = self.model.fields(node).len();
            }
            let Some(&child) = list.get(idx) else { return Ok(()) };
            self.at[depth] = idx as u32;
            visitor(self, child)?;
            idx += 1;
        }
    }

    fn run_group(&mut self, group: &Group) -> Result<(), RunError> {
        if !group.conditions.is_empty() && !self.any_holds(&group.conditions, group.context, group.error_mode)? {
            return Ok(());
        }
        for statement in &group.statements {
            let result = self.run_statement(statement, group.context);
            self.settle(result, statement.source, group.context, group.error_mode)?;
        }
        Ok(())
    }

    fn run_statement(&mut self, statement: &Statement, context: ContextId) -> Result<(), EvalError> {
        self.source = statement.source;
        self.begin_step(statement.source, context);
        self.report.source(statement.source).evaluated += 1;
        let holds = statement.condition.map_or(Ok(true), |condition| self.condition(condition));
        if !matches!(holds, Ok(true)) {
            let ended = holds.map_or_else(StepResult::Failed, |_| StepResult::NotMatched);
            self.end_step(statement.source, context, (statement.condition, ended), Vec::new());
            return holds.map(|_| ());
        }
        self.report.source(statement.source).matched += 1;
        let (writes, before) = (self.model.writes(), self.before_edit());
        let result = self.edit(&self.plan.calls[statement.editor as usize]);
        let has_written = self.model.writes() != writes;
        if has_written {
            self.report.source(statement.source).changed += 1;
            self.note_shared(statement.source);
        }
        let changes = self.changes_since(before, context);
        let ended = match result {
            Err(error) => StepResult::Failed(error),
            Ok(()) if has_written || !changes.is_empty() => StepResult::Changed,
            Ok(()) => StepResult::Unchanged,
        };
        self.end_step(statement.source, context, (statement.condition, ended), changes);
        result
    }

    /// After a statement that wrote: counts the places of parents that another record has left otherwise. Traces count nothing.
    fn note_shared(&mut self, source: u32) {
        if self.tracer.is_some() {
            return;
        }
        let (plan, at) = (self.plan, self.alone_at.unwrap_or(self.at));
        let places: Vec<SharedPlace> = self.shared_places.of(source).collect();
        for place in places {
            let now = self.read_keys(&plan.paths[place.path as usize], place.keys).ok().map(|now| fingerprint(&now));
            self.report.source(source).conflicting += u64::from(self.conflicts.note(&place, at, now));
        }
    }

    /// Whether any of the conditions holds. What fails and is ignored does not hold.
    pub(super) fn any_holds(
        &mut self,
        conditions: &[GroupSource],
        context: ContextId,
        mode: ErrorMode,
    ) -> Result<bool, RunError> {
        for (condition, source) in conditions {
            self.source = *source;
            self.report.source(*source).evaluated += 1;
            self.begin_step(*source, context);
            let result = self.condition(*condition);
            let holds = matches!(result, Ok(true));
            let ended = match result {
                Ok(true) => StepResult::Held,
                Ok(false) => StepResult::NotMatched,
                Err(error) => StepResult::Failed(error),
            };
            self.end_step(*source, context, (Some(*condition), ended), Vec::new());
            self.report.source(*source).matched += u64::from(holds);
            self.settle(result.map(|_| ()), *source, context, mode)?;
            if holds {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What becomes of the result of a statement or condition: damage and limits always end the run, other errors as the
    /// mode says.
    fn settle(
        &mut self,
        result: Result<(), EvalError>,
        source: u32,
        context: ContextId,
        mode: ErrorMode,
    ) -> Result<(), RunError> {
        for error in [result.err(), self.check_limits().err()].into_iter().flatten() {
            let reported = ReportedError {
                source,
                error,
                message: self.env.message,
                line: self.env.line,
                place: self.record(context),
            };
            self.report.fail(reported, mode, &self.env.limits, self.plan)?;
        }
        Ok(())
    }

    pub(super) fn check_limits(&self) -> Result<(), EvalError> {
        let traced = if self.tracer.is_some() { TRACE_BYTES } else { 0 };
        let limit = self.env.limits.scratch(self.model.input_len(), 0).saturating_add(traced);
        if self.arena.held().saturating_add(self.model.copied_bytes()) > limit {
            return Err(ErrorKind::Limit("scratch_bytes").into());
        }
        Ok(())
    }

    /// The current record of a context, by its indexes in the message.
    pub(super) fn record(&mut self, context: ContextId) -> RecordPlace {
        let mut at = self.alone_at.unwrap_or(self.at);
        if let Some(before) = self.before_flattening.get(at[0] as usize) {
            at[..3].copy_from_slice(before);
        }
        let data = match context {
            ContextId::DataPoint | ContextId::Exemplar => self.model.metric_data(self.place.item).ok().flatten(),
            _ => None,
        };
        RecordPlace::new(self.plan.signal, context, at, data.map_or(0, |data| data.is.number))
    }
}
