//! From a plan to a program: statements and conditions in the forms that rules mostly have, lowered once so that running them
//! needs no values.
//!
//! What has no such form stays an expression or a call of the plan; both give the same results. What looks only at resource
//! and scope, and nothing below can change, is computed once for each of them, on first use; its error is raised again for
//! every record.

mod action;
mod again;
mod alike;
mod asked;
mod atom;
mod collected;
mod cond;
mod copies;
mod extractions;
mod int;
mod kept;
mod layout;
mod operands;
mod order;
mod passes;
mod peek;
mod rename;
mod screen;
mod share;
mod survey;
mod together;
mod wake;
mod writes;

use ottl_core::function::Purity;
use ottl_plan::{CacheKey, ExprId, FilterProgram, Group, KeyExpr, Plan, Statement, TransformProgram};
use ottl_schema::{Access, ContextId, Conv, PointKind, path};

use crate::conflicts::{SharedPlace, SharedPlaces};

use super::levels::{LEVELS, bit};
use super::options::{Options, Rewrite};
use super::program::action::Action;
use super::program::cond::Cond;
use super::program::extractions::Extractions;
use super::program::int::Ints;
use super::program::kept::KeptPlaces;
use super::program::key::Key;
use super::program::pass::Pass;
use super::program::paths::Touch;
use super::program::{Code, GroupProgram, LevelProgram, ParentSlot, Stales, Step};
use action::action;
pub(super) use passes::passes;
use survey::Survey;
pub(super) use survey::touched;

/// Lowers a transform program: the levels of its passes are filled.
pub(crate) fn transform(
    plan: &Plan,
    wanted: &[Touch; LEVELS],
    program: &TransformProgram,
    passes: &mut [Pass],
    options: Options,
) -> Code {
    let mut lowering = Lowering { shared_places: SharedPlaces::new(plan), ..Lowering::new(plan, wanted, options) };
    for pass in passes {
        lowering.slots = [0, 0];
        lowering.hoisted.iter_mut().for_each(|hoisted| hoisted.is_in_use = false);
        for level in ContextId::ALL {
            lowering.written = pass.written_at(level);
            let program_of_level = &mut pass.levels[level as usize];
            for number in &pass.groups[level as usize] {
                lowering.group(*number as usize, &program.groups[*number as usize], program_of_level);
            }
            // Where the parts of a message are replaced, the current one is another one afterwards.
            let keeps_parts = pass.touched.parts == 0;
            let written = if keeps_parts { lowering.written } else { !0 };
            layout::finish(program_of_level, plan, level, &wanted[level as usize], options, (false, written));
            lowering.finish(program_of_level, level, keeps_parts);
        }
        pass.finish();
    }
    lowering.code(program.groups.len())
}

/// Lowers a filter program: a pass for each of its stages.
///
/// Of the levels of `few`, what conditions ask is looked for without a scan.
pub(crate) fn filter(
    plan: &Plan,
    wanted: &[Touch; LEVELS],
    program: &FilterProgram,
    passes: &mut Vec<Pass>,
    options: Options,
    few: u16,
) -> Code {
    let mut lowering = Lowering::new(plan, wanted, options);
    let mut groups = 0;
    for stage in &program.stages {
        let mut pass = Pass { hides_errors: stage.hides_errors, ..Pass::default() };
        for (level, list) in &stage.conditions {
            let program = &mut pass.levels[*level as usize];
            program.drop_where(
                groups,
                stage.error_mode,
                list.iter().map(|(id, source)| lowering.dropping(*id, *source, *level)),
            );
            layout::finish(program, plan, *level, &wanted[*level as usize], options, (few & bit(*level) != 0, 0));
            lowering.finish(program, *level, true);
            pass.active |= bit(*level);
            groups += 1;
        }
        if options.has(Rewrite::Peek) {
            peek::peek(&mut pass);
        }
        pass.finish();
        passes.push(pass);
    }
    lowering.code(groups)
}

/// A condition that is computed once for each resource or scope.
#[derive(Debug)]
pub(crate) struct Hoisted {
    pub slot: ParentSlot,
    pub condition: Cond,
    /// Whether it belongs to the pass that is being lowered: slots are those of one pass.
    pub is_in_use: bool,
}

/// What lowering needs to know of the surroundings.
pub(crate) struct Lowering<'p> {
    pub plan: &'p Plan,
    /// By level: the keys that have numbers.
    pub wanted: &'p [Touch; LEVELS],
    /// Bit per level: it may be written while the statements run that are being lowered.
    pub written: u16,
    /// How many values and conditions are computed once for a resource, and for a scope.
    pub slots: [u32; 2],
    /// Those conditions, of all passes.
    pub hoisted: Vec<Hoisted>,
    /// What statements write of parents.
    pub shared_places: SharedPlaces,
    /// What may be done.
    pub options: Options,
}

/// Why something is computed for each record, not once for each resource or scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PerRecord {
    /// It looks at other things as well, or at nothing of the message.
    LooksElsewhere,
    /// Statements write what it looks at: a bit per level.
    Written(u16),
    /// It calls what may give something else each time.
    Impure,
}

/// Whether an expression looks only at resource or scope, at no level of `written`, and always gives the same; and then,
/// whether it looks at the scope.
pub(crate) fn of_parent(plan: &Plan, id: ExprId, written: u16) -> Result<bool, PerRecord> {
    let mut survey = Survey::new(plan);
    survey.expr(id);
    let parents = bit(ContextId::Resource) | bit(ContextId::Scope);
    let any = survey.touched.any;
    if any == 0 || any & !parents != 0 || survey.cache {
        return Err(PerRecord::LooksElsewhere);
    }
    if any & written != 0 {
        return Err(PerRecord::Written(any & written));
    }
    if !survey.pure {
        return Err(PerRecord::Impure);
    }
    Ok(any & bit(ContextId::Scope) != 0)
}

impl<'p> Lowering<'p> {
    fn new(plan: &'p Plan, wanted: &'p [Touch; LEVELS], options: Options) -> Lowering<'p> {
        let shared_places = SharedPlaces::default();
        Lowering { plan, wanted, written: 0, slots: [0, 0], hoisted: Vec::new(), shared_places, options }
    }

    /// A key of the attribute map of a level.
    pub fn key(&self, level: ContextId, key: &[u8]) -> Key {
        let known = self.wanted[level as usize].keys.number(key).unwrap_or(u8::MAX);
        Key::new(key, known)
    }

    /// An attribute path with one literal key.
    pub fn attribute(&self, n: u32) -> Option<(ContextId, Key)> {
        let used = self.plan.paths.get(n as usize)?;
        let decl = path(used.path);
        match (decl.access, used.keys.as_slice()) {
            (Access::Attributes(_), [KeyExpr::Str(key)]) => Some((decl.context, self.key(decl.context, key))),
            _ => None,
        }
    }

    /// The singular field that a path names, without keys: its level, number and conversion. Of data points, whose kinds have
    /// numbers of their own, none.
    pub fn field(&self, n: u32) -> Option<(ContextId, u32, Conv)> {
        let used = self.plan.paths.get(n as usize)?;
        let decl = path(used.path);
        match decl.access {
            Access::Field(fields, conv) if used.keys.is_empty() && decl.context != ContextId::DataPoint => {
                Some((decl.context, fields.number(PointKind::Number)?, conv))
            }
            _ => None,
        }
    }

    /// Appends a group to its level.
    fn group(&mut self, number: usize, group: &Group, level: &mut LevelProgram) {
        let conditions = group.conditions.iter().map(|(id, source)| (self.condition(*id), *source)).collect();
        let asks_general = group.conditions.iter().any(|(id, _)| self.asks_general(*id, group.context));
        let from = level.steps.len();
        for statement in &group.statements {
            let step = self.step(statement, group.context);
            level.steps.push(step);
        }
        level.groups.push(GroupProgram {
            number,
            mode: group.error_mode,
            shares_cache: matches!(group.cache, CacheKey::Shared(_)),
            conditions,
            asks_general,
            steps: (from, level.steps.len()),
            left_out: Vec::new(),
            sources: Vec::new(),
            matched: Vec::new(),
        });
    }

    fn step(&mut self, statement: &Statement, level: ContextId) -> Step {
        let condition = statement.condition.map(|id| self.condition(id));
        let asks_general = statement.condition.is_some_and(|id| self.asks_general(id, level));
        let action = match self.options.has(Rewrite::Lower) {
            true => action(self, statement.editor),
            false => Action::Call(statement.editor),
        };
        let does_general = !action.edits_compact() && {
            let mut survey = Survey::new(self.plan);
            survey.call(statement.editor);
            survey.touched.general & bit(level) != 0 || action.puts_container(self.plan)
        };
        let places: Box<[SharedPlace]> = self.shared_places.of(statement.source).collect();
        let action = if places.is_empty() { action } else { Action::Noted { action: Box::new(action), places } };
        Step { source: statement.source, condition, asks_general, action, does_general, stales: Stales::default() }
    }

    /// A condition of a filter.
    fn dropping(&mut self, condition: ExprId, source: u32, level: ContextId) -> Step {
        let asks_general = self.asks_general(condition, level);
        let condition = Some(self.condition(condition));
        Step { source, condition, asks_general, action: Action::Drop, does_general: false, stales: Stales::default() }
    }

    fn asks_general(&self, condition: ExprId, level: ContextId) -> bool {
        let mut survey = Survey::new(self.plan);
        survey.expr(condition);
        survey.touched.general & bit(level) != 0
    }

    /// Whether an expression can be computed once for each resource or scope, and then, whether it looks at the scope.
    pub fn of_parent(&self, id: ExprId) -> Option<bool> {
        if !self.options.has(Rewrite::Hoist) {
            return None;
        }
        of_parent(self.plan, id, self.written).ok()
    }

    /// A place for what is computed once for each resource, or for each scope.
    pub fn new_slot(&mut self, scope: bool) -> ParentSlot {
        let slots = &mut self.slots[usize::from(scope)];
        *slots += 1;
        ParentSlot { scope, number: *slots - 1 }
    }

    /// A place for an expression that is computed once for each resource or scope, if it can be.
    pub fn parent_slot(&mut self, id: ExprId) -> Option<ParentSlot> {
        self.of_parent(id).map(|scope| self.new_slot(scope))
    }

    /// After all else is done with a level: what is shared has to be the whole answer, so it is chosen before searches are left
    /// out.
    fn finish(&self, program: &mut LevelProgram, level: ContextId, may_share: bool) {
        if may_share && self.options.has(Rewrite::Share) {
            share::share(program, self.plan, level, &self.wanted[level as usize].keys, self.written);
        }
        if self.options.has(Rewrite::Order) {
            order::look_behind(program);
        }
        if self.options.has(Rewrite::Rename) {
            rename::rename(program, self.plan, level);
        }
    }

    fn code(self, groups: usize) -> Code {
        let ints = if self.options.has(Rewrite::Lower) { self.ints() } else { Ints::default() };
        let hoisted = self.hoisted.into_iter().map(|hoisted| hoisted.condition).collect();
        let extractions = match self.options.has(Rewrite::Extract) {
            true => extractions::extractions(self.plan),
            false => Extractions::default(),
        };
        let kept = if self.options.has(Rewrite::Share) { kept::kept(self.plan) } else { KeptPlaces::default() };
        Code { groups, hoisted, shared_places: self.shared_places, extractions, kept, ints }
    }
}

/// Whether calls of this purity can be computed once.
pub(crate) fn repeatable(purity: Purity) -> bool {
    purity == Purity::Pure
}
