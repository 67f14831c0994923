//! [`Survey`]: what expressions, calls and whole plans read and write.

use ottl_core::function::{FunctionKind, Kernel};
use ottl_plan::{Arg, Expr, ExprId, Group, KeyExpr, Plan, Program};
use ottl_schema::{Access, ContextId, Fields, PointKind, path};

use super::int::counted;
use super::repeatable;
use crate::fast::levels::bit;
use crate::fast::node::{BODY, PLACES, Shape};
use crate::fast::program::effects::{POINT_KINDS, Touched};

/// What a whole plan touches.
pub(crate) fn touched(plan: &Plan) -> Touched {
    let mut touched = Touched::default();
    match &plan.program {
        Program::Transform(program) => {
            program.groups.iter().for_each(|group| touched.add(survey_group(plan, group)));
        }
        Program::Filter(program) => {
            let mut survey = Survey::new(plan);
            for (condition, _) in program.stages.iter().flat_map(|s| &s.conditions).flat_map(|(_, list)| list) {
                survey.expr(*condition);
            }
            touched = survey.touched;
        }
    }
    touched
}

/// What a group touches.
pub(super) fn survey_group(plan: &Plan, group: &Group) -> Touched {
    let mut survey = Survey::new(plan);
    for (condition, _) in &group.conditions {
        survey.expr(*condition);
    }
    for statement in &group.statements {
        if let Some(condition) = statement.condition {
            survey.expr(condition);
        }
        survey.call(statement.editor);
    }
    survey.touched
}

/// Walks expressions and collects the paths they touch.
pub(crate) struct Survey<'p> {
    pub plan: &'p Plan,
    pub touched: Touched,
    /// Whether a cache is read or written.
    pub cache: bool,
    /// Whether every call gives the same result for the same arguments.
    pub pure: bool,
    /// The paths, by their number in the plan, where somebody wants them.
    pub paths: Option<Vec<u32>>,
}

impl<'p> Survey<'p> {
    pub fn new(plan: &'p Plan) -> Self {
        Survey { plan, touched: Touched::default(), cache: false, pure: true, paths: None }
    }

    pub fn expr(&mut self, id: ExprId) {
        match &self.plan.exprs[id.0 as usize] {
            Expr::Const(_) | Expr::Local(_) => {}
            Expr::Path(n) => self.path(*n, false),
            Expr::Call(n) => self.call(*n),
            Expr::Index { base, keys, .. } => {
                self.expr(*base);
                self.keys(keys);
            }
            Expr::Math { left, right, .. } | Expr::Compare { left, right, .. } => {
                self.expr(*left);
                self.expr(*right);
            }
            Expr::Negate { operand, .. } | Expr::Test { operand, .. } | Expr::Not(operand) => self.expr(*operand),
            Expr::List(items) | Expr::And(items) | Expr::Or(items) => items.iter().for_each(|i| self.expr(*i)),
            Expr::Map { pairs, .. } => {
                for (key, value) in pairs {
                    self.keys(std::slice::from_ref(key));
                    self.expr(*value);
                }
            }
            Expr::Lambda(n) => self.expr(self.plan.lambdas[*n as usize].body),
        }
    }

    fn keys(&mut self, keys: &[KeyExpr]) {
        for key in keys {
            if let KeyExpr::Expr(e) = key {
                self.expr(*e);
            }
        }
    }

    fn path(&mut self, n: u32, written: bool) {
        let used = &self.plan.paths[n as usize];
        let decl = path(used.path);
        let level = bit(decl.context);
        if let Some(paths) = &mut self.paths {
            paths.push(n);
        }
        self.touched.any |= level;
        let idx = decl.context as usize;
        let place = |touched: &mut Touched| touched.places[idx] = touched.places[idx].saturating_add(1);
        match decl.access {
            Access::Attributes(_) => {
                self.touched.pairs |= level;
                match used.keys.first() {
                    Some(KeyExpr::Str(_)) => place(&mut self.touched),
                    _ => self.touched.whole |= level,
                }
                if !matches!(used.keys.first(), Some(KeyExpr::Str(_))) || written && used.keys.len() > 1 {
                    self.touched.general |= level;
                }
            }
            Access::Field(fields, _) => {
                place(&mut self.touched);
                self.touched.fields[idx] |= numbers(fields);
                self.own_fields(decl.context, fields);
            }
            Access::Body | Access::BodyText => {
                self.touched.whole |= level;
                self.touched.fields[idx] |= 1 << BODY;
            }
            Access::Nested(outer, ..) => {
                self.touched.whole |= level;
                self.touched.fields[idx] |= numbers(outer);
                self.own_fields(decl.context, outer);
            }
            Access::OneofInt { double, int } | Access::OneofDouble { double, int } => {
                self.touched.whole |= level;
                self.touched.fields[idx] |= numbers(double) | 1 << int;
            }
            Access::Cache => self.cache = true,
            Access::OtelCol(_) => {}
            other => {
                self.touched.whole |= level;
                self.touched.general |= level;
                self.touched.fields[idx] = !0;
                let is_shared = matches!(other, Access::TableAttributes(_) | Access::TableText(..));
                self.touched.uses_shared |= is_shared;
                self.touched.adds_shared |= written && is_shared;
                if written && matches!(other, Access::Part(..) | Access::MetricPoints) {
                    self.touched.parts |= level;
                }
            }
        }
        if written {
            self.touched.written |= level;
        }
        self.keys(&used.keys);
    }

    /// Whether a path names attributes, all of them.
    fn names_attributes(&self, n: u32) -> bool {
        let used = &self.plan.paths[n as usize];
        used.keys.is_empty() && matches!(path(used.path).access, Access::Attributes(_))
    }

    /// A compact record knows fields that have places, and of a oneof those that are looked at together.
    fn own_fields(&mut self, level: ContextId, fields: Fields) {
        let unknown = POINT_KINDS.iter().any(|kind| {
            let shape = Shape::of(level, *kind);
            fields.number(*kind).is_some_and(|number| number as usize > PLACES || shape.oneof >> number & 1 != 0)
        });
        if unknown {
            self.touched.general |= bit(level);
        }
    }

    /// A call. An editor without a target works on the metric of the record.
    pub fn call(&mut self, n: u32) {
        let plan = self.plan;
        let site = &plan.calls[n as usize];
        let editor = site.function.kind == FunctionKind::Editor;
        self.pure &= repeatable(site.function.purity);
        let mut has_target = false;
        if let Some((level, _)) = counted(plan, n) {
            // It is counted in the bytes of the message.
            self.touched.any |= bit(level);
            self.touched.whole |= bit(level);
            return;
        }
        for arg in &site.args {
            match arg {
                Arg::Absent | Arg::Const(_) | Arg::Function(_) => {}
                Arg::Eager { expr, .. } => self.expr(*expr),
                Arg::Lazy(thunk) => self.expr(plan.thunks[*thunk as usize].0),
                Arg::LazyList(thunks) => thunks.iter().for_each(|t| self.expr(plan.thunks[*t as usize].0)),
                Arg::Path(n) => {
                    has_target = true;
                    let general = self.touched.general;
                    self.path(*n, editor);
                    if matches!(site.kernel, Kernel::EditByKey(..)) && self.names_attributes(*n) {
                        // Compact records know single keys.
                        self.touched.general = general;
                    }
                }
                Arg::Lambda(n) => self.expr(plan.lambdas[*n as usize].body),
            }
        }
        if editor && !has_target {
            let metric = bit(ContextId::Metric);
            self.touched.any |= metric;
            self.touched.written |= metric;
            self.touched.parts |= metric;
            self.touched.whole |= metric;
            self.touched.fields[ContextId::Metric as usize] = !0;
            self.touched.general |= metric;
        }
    }
}

/// Bits of the numbers of a field in all kinds of point messages.
fn numbers(fields: Fields) -> u32 {
    use PointKind::{Exponential, Histogram, Number, Summary};
    [Number, Histogram, Exponential, Summary].iter().filter_map(|kind| fields.number(*kind)).fold(0, |b, n| b | 1 << n)
}
