//! The filter processor: what matches is dropped, and so are parents that end up empty.
//!
//! Removal happens after all conditions of a list were evaluated, so every condition sees the list as it was.

use ottl_plan::{FilterProgram, FilterStage, GroupSource};
use ottl_schema::{ContextId, Signal};

use super::eval::Interp;
use super::model::{Model, NodeId};
use crate::RunError;
use ottl_otlp::schema::topology::{DATA_POINTS, groups};
use ottl_otlp::wire::fields;

/// Runs the stages, each over what the one before left; answers whether nothing is left.
///
/// An error of a condition under propagate keeps its item and fails the message at the end.
pub(super) fn run(interp: &mut Interp<'_>, program: &FilterProgram) -> Result<bool, RunError> {
    interp.check_framing()?;
    let mut first_error = None;
    let mut emptied = false;
    for stage in &program.stages {
        let mut run = StageRun { interp: &mut *interp, stage, error: None };
        run.groups()?;
        first_error = first_error.or(run.error);
        emptied = !interp.model.repeated(Model::ROOT, groups::RESOURCES).any(|_| true);
        // COMPAT: in the newer form the signal that nothing is left hides the errors; in the older form it does not.
        if emptied && stage.hides_errors {
            return Ok(true);
        }
    }
    first_error.map_or(Ok(emptied), Err)
}

/// One stage at work.
struct StageRun<'r, 'a, 's> {
    interp: &'r mut Interp<'a>,
    stage: &'s FilterStage,
    /// The first error under propagate.
    error: Option<RunError>,
}

/// What the conditions say of an item.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// No condition of this kind of item, or none held.
    Keep,
    Drop,
    /// A condition failed under propagate: kept, and its children are not looked at.
    Failed,
}

impl<'s> StageRun<'_, '_, 's> {
    fn conditions(&self, context: ContextId) -> Option<&'s [GroupSource]> {
        self.stage.conditions.iter().find(|(id, _)| *id == context).map(|(_, list)| list.as_slice())
    }

    fn has(&self, context: ContextId) -> bool {
        self.conditions(context).is_some()
    }

    fn judge(&mut self, context: ContextId) -> Result<Verdict, RunError> {
        let Some(conditions) = self.conditions(context) else { return Ok(Verdict::Keep) };
        let cache = self.interp.place.cache;
        self.interp.model.clear(cache);
        match self.interp.any_holds(conditions, context, self.stage.error_mode) {
            Ok(true) => Ok(Verdict::Drop),
            Ok(false) => Ok(Verdict::Keep),
            Err(error @ RunError::Failed(_)) => {
                self.error.get_or_insert(error);
                Ok(Verdict::Failed)
            }
            Err(error) => Err(error),
        }
    }

    fn groups(&mut self) -> Result<(), RunError> {
        let groups = self.interp.model.children(Model::ROOT, groups::RESOURCES)?;
        let mut keep = Vec::with_capacity(groups.len());
        for (r, group) in (0..).zip(groups) {
            self.interp.at[0] = r;
            let kept = self.group(group)?;
            if !kept {
                self.count_group(group)?;
            }
            keep.push(kept);
        }
        self.interp.model.retain(Model::ROOT, groups::RESOURCES, &keep);
        Ok(())
    }

    fn group(&mut self, group: NodeId) -> Result<bool, RunError> {
        self.interp.enter_group(group)?;
        match self.judge(ContextId::Resource)? {
            Verdict::Drop => return Ok(false),
            Verdict::Failed => return Ok(true),
            Verdict::Keep => {}
        }
        let field = self.interp.model.scopes_field(group);
        let scopes = self.interp.model.scopes(group)?;
        if self.stage.conditions.iter().all(|(context, _)| *context == ContextId::Resource) {
            return Ok(!scopes.is_empty());
        }
        let mut keep = Vec::with_capacity(scopes.len());
        for (s, scope) in (0..).zip(scopes) {
            self.interp.at[1] = s;
            let kept = self.scope(scope)?;
            if !kept {
                self.count_scope(scope)?;
            }
            keep.push(kept);
        }
        self.interp.model.retain(group, field, &keep);
        Ok(keep.contains(&true))
    }

    fn scope(&mut self, scope: NodeId) -> Result<bool, RunError> {
        self.interp.enter_scope(scope)?;
        match self.judge(ContextId::Scope)? {
            Verdict::Drop => return Ok(false),
            Verdict::Failed => return Ok(true),
            Verdict::Keep => {}
        }
        let items = self.interp.model.children(scope, groups::RECORDS)?;
        let below = |(context, _): &(ContextId, _)| !matches!(context, ContextId::Resource | ContextId::Scope);
        if !self.stage.conditions.iter().any(below) {
            return Ok(!items.is_empty());
        }
        let mut keep = Vec::with_capacity(items.len());
        for (i, item) in (0..).zip(items) {
            self.interp.at[2] = i;
            self.interp.place.item = item;
            let kept = self.item(item)?;
            if !kept {
                self.count_item(item)?;
            }
            keep.push(kept);
        }
        self.interp.model.retain(scope, groups::RECORDS, &keep);
        Ok(keep.contains(&true))
    }

    fn item(&mut self, item: NodeId) -> Result<bool, RunError> {
        match self.judge(ContextId::of_records(self.interp.plan.signal))? {
            Verdict::Drop => return Ok(false),
            Verdict::Failed => return Ok(true),
            Verdict::Keep => {}
        }
        if self.has(ContextId::SpanEvent) {
            self.parts(item, fields::span::EVENTS, ContextId::SpanEvent)?;
        }
        if self.has(ContextId::DataPoint)
            && let Some(data) = self.interp.model.metric_data(item)?
        {
            self.interp.place.point = data.is.kind;
            self.parts(data.node, DATA_POINTS, ContextId::DataPoint)?;
            return Ok(self.interp.model.repeated(data.node, DATA_POINTS).any(|_| true));
        }
        Ok(true)
    }

    /// Removes the matching events or points.
    fn parts(&mut self, node: NodeId, number: u32, context: ContextId) -> Result<(), RunError> {
        let parts = self.interp.model.children(node, number)?;
        let mut keep = Vec::with_capacity(parts.len());
        for (p, part) in (0..).zip(parts) {
            self.interp.at[3] = p;
            self.interp.place.part = part;
            keep.push(self.judge(context)? != Verdict::Drop);
        }
        if context == ContextId::DataPoint {
            self.interp.report.dropped.data_points += keep.iter().filter(|k| !**k).count() as u64;
        }
        self.interp.model.retain(node, number, &keep);
        Ok(())
    }

    fn count_group(&mut self, group: NodeId) -> Result<(), RunError> {
        for scope in self.interp.model.scopes(group)? {
            self.count_scope(scope)?;
        }
        Ok(())
    }

    fn count_scope(&mut self, scope: NodeId) -> Result<(), RunError> {
        for item in self.interp.model.children(scope, groups::RECORDS)? {
            self.count_item(item)?;
        }
        Ok(())
    }

    fn count_item(&mut self, item: NodeId) -> Result<(), RunError> {
        let dropped = match self.interp.plan.signal {
            Signal::Traces => (1, 0, 0, 0),
            Signal::Logs => (0, 0, 1, 0),
            Signal::Metrics => match self.interp.model.metric_data(item)? {
                Some(data) => (0, self.interp.model.repeated(data.node, DATA_POINTS).count() as u64, 0, 0),
                None => (0, 0, 0, 0),
            },
            Signal::Profiles => (0, 0, 0, self.interp.model.repeated(item, fields::profile::SAMPLES).count() as u64),
        };
        let total = &mut self.interp.report.dropped;
        total.spans += dropped.0;
        total.data_points += dropped.1;
        total.log_records += dropped.2;
        total.samples += dropped.3;
        Ok(())
    }
}
