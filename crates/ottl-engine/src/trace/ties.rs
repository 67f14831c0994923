//! [`Ties`]: what records leave to each other while rules run, and the parts of a program in which they leave the same.

use std::ops::Range;

use ottl_core::function::FunctionKind;
use ottl_plan::{Arg, CacheKey, CallSite, ErrorMode, Group, Plan, Program, TransformProgram};
use ottl_schema::{Access, ContextId, Signal, path};

/// What a record finds of those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ties {
    /// Nothing.
    None,
    /// What statements of resources and scopes wrote to what these share.
    Groups,
    /// What statements of records of the resource wrote to what these share, and the metrics that they appended.
    Records,
    /// The same with a cache, which all records of the message share.
    Message,
    /// What cannot be handed on.
    All,
}

/// Groups of a transform program that follow each other, or all that a filter program does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub ties: Ties,
    /// Nothing where it is the whole program.
    pub groups: Option<Range<usize>>,
    /// Whether resources and scopes are others afterwards, by what all records say.
    pub regroups: bool,
}

impl Unit {
    /// Whether the records are not all that a later part needs.
    pub fn is_tied(&self) -> bool {
        self.ties != Ties::None || self.regroups
    }
}

/// The parts of a program. Where one has all ties, it is the only one.
pub(super) fn units(plan: &Plan) -> Vec<Unit> {
    let all = |ties, regroups| vec![Unit { ties, groups: None, regroups }];
    let Program::Transform(program) = &plan.program else { return all(Ties::None, false) };
    let mut units: Vec<Unit> = Vec::new();
    for (number, group) in program.groups.iter().enumerate() {
        let ties = ties(plan, program, group);
        if ties == Ties::All {
            return all(ties, false);
        }
        match units.last_mut() {
            Some(Unit { ties: Ties::None, groups: Some(groups), .. }) if ties == Ties::None => groups.end = number + 1,
            _ => units.push(Unit { ties, groups: Some(number..number + 1), regroups: false }),
        }
    }
    match &units[..] {
        // Records that are flattened have no ties, so that they are one part.
        [] => all(Ties::None, program.flatten_data),
        [only] => all(only.ties, program.flatten_data),
        _ => units,
    }
}

fn ties(plan: &Plan, program: &TransformProgram, group: &Group) -> Ties {
    let editors = || group.statements.iter().map(|statement| &plan.calls[statement.editor as usize]);
    // What is added to the tables of a dictionary has a place there that depends on what was added before.
    let adds = |path: Access| matches!(path, Access::TableText(..) | Access::TableAttributes(_));
    if plan.signal == Signal::Profiles && editors().any(|call| written(plan, call).any(|path| adds(path.access))) {
        return Ties::All;
    }
    // An editor without a target works on the metric, and may append others to the scope.
    let may_append = editors().any(|call| {
        call.function.kind == FunctionKind::Editor && !call.args.iter().any(|arg| matches!(arg, Arg::Path(_)))
    });
    let has_own_parents = group.isolate || program.flatten_data;
    let record = ContextId::of_records(plan.signal).depth();
    let lowest = group.context.depth().min(record);
    let writes_above = editors().any(|call| written(plan, call).any(|path| path.context.depth() < lowest));
    let shares_cache = group.cache != CacheKey::PerRecord;
    match (may_append || shares_cache, has_own_parents) {
        (true, true) => Ties::All,
        (false, true) => Ties::None,
        (is_tied, false) if !is_tied && !writes_above => Ties::None,
        (_, false) if group.context.depth() < record => Ties::Groups,
        (_, false) if shares_cache => Ties::Message,
        (_, false) => Ties::Records,
    }
}

/// What an editor may write.
fn written<'p>(plan: &'p Plan, call: &'p CallSite) -> impl Iterator<Item = &'static ottl_schema::PathDecl> + 'p {
    call.args.iter().filter_map(|arg| match arg {
        Arg::Path(used) => Some(path(plan.paths[*used as usize].path)),
        _ => None,
    })
}

/// Whether an error with one record can be the end of a message: then all records decide whether anything comes out.
pub fn may_fail(plan: &Plan) -> bool {
    match &plan.program {
        Program::Filter(filter) => filter.stages.iter().any(|stage| stage.error_mode == ErrorMode::Propagate),
        Program::Transform(transform) => {
            let mut groups = transform.groups.iter();
            groups.any(|group| {
                group.error_mode == ErrorMode::Propagate
                    || ties(plan, transform, group) == Ties::Records && plan.signal == Signal::Metrics
            })
        }
    }
}
