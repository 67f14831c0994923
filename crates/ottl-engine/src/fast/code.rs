//! Statements and conditions in the forms that rules mostly have, lowered once so that running them needs no values.
//!
//! What has no such form stays an expression or a call of the plan, evaluated by [`super::eval`]; both give the same
//! results. What looks only at resource and scope, and nothing below can change, is computed once for each of them, on
//! first use; its error is raised again for every record.

use ottl_core::edit::NamedKey;
use ottl_core::function::Purity;
use ottl_plan::{ExprId, FilterProgram, Group, GroupSource, KeyExpr, Plan, Statement, TransformProgram};
use ottl_schema::{Access, ContextId, path};

use super::action::{Action, action};
use super::cond::Cond;
use super::options::{Options, Rewrite};
use super::plain::Plain;
use super::plan::{Pass, Paths, Survey, Touch, bit};
use super::state::LEVELS;

/// A condition with the number of its text.
pub(super) type NumberedCond = (Cond, u32);

/// A statement.
#[derive(Debug)]
pub(super) struct Step {
    /// The number of its text.
    pub source: u32,
    pub condition: Option<Cond>,
    pub action: Action,
    /// Its plain form, if it has one.
    pub plain: Option<Plain>,
}

/// A group of statements.
#[derive(Debug, Default)]
pub(super) struct GroupCode {
    pub conditions: Vec<NumberedCond>,
    pub steps: Vec<Step>,
}

/// The conditions of one stage of a filter.
#[derive(Debug, Default)]
pub(super) struct StageCode {
    /// By level.
    pub conditions: [Vec<NumberedCond>; LEVELS],
    /// Bit per level: the stage looks at it. A list without conditions does, too: what is empty is dropped.
    pub levels: u16,
}

/// A program, lowered.
#[derive(Debug, Default)]
pub(super) struct Code {
    /// The groups of a transform program, by their number.
    pub groups: Vec<GroupCode>,
    /// The conditions of a filter program, by the number of the stage and the level.
    pub stages: Vec<StageCode>,
}

/// What an engine works out of a plan once.
#[derive(Debug)]
pub(super) struct Lowered {
    pub paths: Paths,
    pub code: Code,
    /// What rules look at in the messages of a level.
    pub wanted: [Touch; LEVELS],
    /// Bit per level: rules look only at a few places of a message.
    pub few: u16,
}

/// What lowering needs to know of the surroundings.
pub(super) struct Lowering<'p> {
    pub plan: &'p Plan,
    /// By level: the keys that have numbers.
    pub wanted: &'p [Touch; LEVELS],
    /// Bit per level: statements of lower levels, or of its own, may write it.
    pub written: u16,
    /// How many values and conditions are computed once for a resource, and for a scope.
    pub slots: [u32; 2],
    /// What may be done.
    pub options: Options,
}

impl Code {
    /// Lowers a transform program.
    pub fn transform(
        plan: &Plan,
        wanted: &[Touch; LEVELS],
        program: &TransformProgram,
        passes: &[Pass],
        options: Options,
    ) -> Code {
        let mut groups = Vec::new();
        groups.resize_with(program.groups.len(), GroupCode::default);
        for pass in passes {
            // What a resource's own statements write is not fixed while they run.
            let mut lowering =
                Lowering { plan, wanted, written: pass.from_below | pass.touched.written, slots: [0, 0], options };
            for number in pass.groups.iter().flatten() {
                groups[*number as usize] = lowering.group(&program.groups[*number as usize]);
            }
        }
        Code { groups, stages: Vec::new() }
    }

    /// Lowers a filter program.
    pub fn filter(plan: &Plan, wanted: &[Touch; LEVELS], program: &FilterProgram, options: Options) -> Code {
        let mut lowering = Lowering { plan, wanted, written: 0, slots: [0, 0], options };
        let stages = program.stages.iter().map(|stage| {
            let mut code = StageCode::default();
            for (level, list) in &stage.conditions {
                code.conditions[*level as usize] = lowering.conditions(list);
                code.levels |= bit(*level);
            }
            code
        });
        Code { stages: stages.collect(), groups: Vec::new() }
    }
}

impl Lowering<'_> {
    /// A key of the attribute map of a level.
    pub fn key(&self, level: ContextId, key: &[u8]) -> Key {
        let known = self.wanted[level as usize].keys.number(key).unwrap_or(u8::MAX);
        Key { key: key.to_vec(), known }
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

    fn conditions(&mut self, list: &[GroupSource]) -> Vec<NumberedCond> {
        list.iter().map(|(id, source)| (self.condition(*id), *source)).collect()
    }

    fn group(&mut self, group: &Group) -> GroupCode {
        GroupCode {
            conditions: self.conditions(&group.conditions),
            steps: group.statements.iter().map(|statement| self.step(statement, group.context)).collect(),
        }
    }

    fn step(&mut self, statement: &Statement, level: ContextId) -> Step {
        let condition = statement.condition.map(|id| self.condition(id));
        let action = match self.options.has(Rewrite::Lower) {
            true => action(self, statement.editor),
            false => Action::Call(statement.editor),
        };
        let plain = self.plain(condition.as_ref(), &action, statement.editor, level);
        Step { source: statement.source, condition, action, plain }
    }

    /// A place for what is computed once for each resource or scope, if the expression looks at nothing else, always
    /// gives the same, and nothing writes what it looks at.
    pub fn parent_slot(&mut self, id: ExprId) -> Option<ParentSlot> {
        if !self.options.has(Rewrite::Hoist) {
            return None;
        }
        let mut survey = Survey::new(self.plan);
        survey.expr(id);
        let parents = bit(ContextId::Resource) | bit(ContextId::Scope);
        let any = survey.touched.any;
        if any == 0 || any & !parents != 0 || any & self.written != 0 || survey.cache || !survey.pure {
            return None;
        }
        let scope = any & bit(ContextId::Scope) != 0;
        let slots = &mut self.slots[usize::from(scope)];
        *slots += 1;
        Some(ParentSlot { scope, number: *slots - 1 })
    }
}

/// A key of an attribute map that rules name.
#[derive(Debug)]
pub(super) struct Key {
    key: Vec<u8>,
    /// Its number among the known keys of its level, if it has one.
    known: u8,
}

impl Key {
    /// Its number among the known keys of its level; what is no number of one is none.
    #[inline]
    pub fn number(&self) -> u8 {
        self.known
    }

    #[inline]
    pub fn named(&self) -> NamedKey<'_> {
        NamedKey { key: &self.key, known: self.known }
    }
}

/// Where something is kept that is computed once for a resource or a scope.
#[derive(Clone, Copy, Debug)]
pub(super) struct ParentSlot {
    /// Whether it depends on the scope; else only on the resource.
    pub scope: bool,
    pub number: u32,
}

/// Whether calls of this purity can be computed once.
pub(super) fn repeatable(purity: Purity) -> bool {
    purity == Purity::Pure
}
