//! Expressions, calls, and what functions may ask of the engine.

use std::collections::HashMap;

use ottl_core::edit::{MapEdit, MetricEdit, MetricView};
use ottl_core::function::{
    CallContext, FunctionRef, Host, LambdaRef, MapEditor, MetricEditor, MetricText, PathRef, ThunkRef,
};
use ottl_core::ops::{
    Coercion, Key, arithmetic, coerce, compare, index_converter, map_key, map_literal, negate, normalised,
};
use ottl_core::value::too_deep;
use ottl_core::{Arena, ErrorKind, EvalError, List, ListKind, Site, Time, Value};
use ottl_otlp::schema::topology::groups;
use ottl_otlp::wire::fields;
use ottl_plan::{Arg, CallSite, Expr, ExprId, KeyExpr, Plan};
use ottl_schema::{Access, PointKind};

use super::model::{Content, Model, NodeId};
use super::paths::Place;
use crate::conflicts::{Conflicts, SharedPlaces};
use crate::map_target::{MOST_KEYS, no_map};
use crate::named;
use crate::place::DEPTH;
use crate::profiles::Dictionary;
use crate::steps::Steps;
use crate::trace::Tracer;
use crate::{Env, Report, RunError};

/// The state of a run.
pub(super) struct Interp<'a> {
    pub(super) plan: &'a Plan,
    pub(super) env: &'a Env<'a>,
    pub(super) arena: &'a Arena,
    pub(super) model: Model<'a>,
    pub(super) place: Place,
    pub(super) report: &'a mut Report,
    /// The indexes of the records that it stands on.
    pub(super) at: [u32; DEPTH],
    /// Where the record was that is alone in a message of its own.
    pub(super) alone_at: Option<[u32; DEPTH]>,
    /// Where the records of a flattened message were before.
    pub(super) before_flattening: Vec<[u32; 3]>,
    /// How much work is left.
    pub(super) steps: Steps<'a>,
    /// What profiles share.
    pub(super) dictionary: Dictionary,
    /// How many lambdas are being evaluated.
    pub(super) lambdas: u32,
    /// A node without fields, for levels that a context does not have.
    pub(super) nowhere: NodeId,
    /// The statement that is running: its number in the plan's sources.
    pub(super) source: u32,
    /// What statements write of what records share, and what was written there last.
    pub(super) shared_places: SharedPlaces,
    pub(super) conflicts: Conflicts,
    locals: Vec<Value<'a>>,
    /// The metrics that `copy_metric` made.
    copies: Vec<NodeId>,
    /// How many metrics a statement appended to a scope.
    appended: HashMap<(u32, NodeId), u32>,
    /// Who takes down what happens, if somebody does.
    pub(super) tracer: Option<Tracer<'a>>,
}

impl<'a> Interp<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        message: &'a [u8],
        env: &'a Env<'a>,
        arena: &'a Arena,
        report: &'a mut Report,
    ) -> Result<Self, RunError> {
        let mut model = Model::new(message, arena)?;
        let nowhere = model.scratch_node();
        let mut dictionary = Dictionary::default();
        dictionary.begin(env.limits.written(message.len()));
        let (shared_places, mut conflicts) = (SharedPlaces::new(plan), Conflicts::default());
        conflicts.begin(&shared_places);
        let place = Place {
            group: nowhere,
            resource: nowhere,
            scope_group: nowhere,
            scope: nowhere,
            item: nowhere,
            part: nowhere,
            point: PointKind::Number,
            exemplar: nowhere,
            cache: model.scratch_node(),
        };
        Ok(Interp {
            plan,
            env,
            arena,
            model,
            place,
            report,
            at: [0; DEPTH],
            alone_at: None,
            before_flattening: Vec::new(),
            steps: Steps::new(env.limits.steps, message.len(), env.cancel),
            dictionary,
            lambdas: 0,
            nowhere,
            source: 0,
            shared_places,
            conflicts,
            locals: vec![Value::Nil; plan.locals as usize],
            copies: Vec::new(),
            appended: HashMap::new(),
            tracer: None,
        })
    }

    /// The value of an expression.
    pub(super) fn eval(&mut self, id: ExprId) -> Result<Value<'a>, EvalError> {
        if self.tracer.as_ref().is_some_and(Tracer::is_on) { self.eval_traced(id) } else { self.eval_now(id) }
    }

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn eval_now(&mut self, id: ExprId) -> Result<Value<'a>, EvalError> {
        let plan = self.plan;
        match &plan.exprs[id.0 as usize] {
            Expr::Const(n) => plan.literals[*n as usize].value(self.arena),
            Expr::Path(n) => self.read_path(&plan.paths[*n as usize]),
            Expr::Call(n) => self.call(&plan.calls[*n as usize]),
            Expr::Index { base, keys, site } => {
                let mut value = self.eval(*base)?;
                for key in keys {
                    let key = self.key(key)?;
                    self.steps.call(&[value])?;
                    value = index_converter(&value, key).map_err(|e| located(e, *site))?;
                }
                Ok(value)
            }
            Expr::Local(slot) => Ok(self.locals[*slot as usize]),
            Expr::Math { .. } => self.math(id),
            Expr::Negate { operand, site } => {
                let value = self.eval(*operand)?;
                negate(value).map_err(|e| located(e, *site))
            }
            Expr::List(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.push(self.eval(*item)?);
                }
                self.arena.list(ListKind::Any, self.arena.copy(&values)?)
            }
            Expr::Map { pairs, site } => {
                let mut values = Vec::with_capacity(pairs.len());
                for (key, value) in pairs {
                    let key = match key {
                        KeyExpr::Str(key) => &key[..],
                        computed => self.map_key(computed).map_err(|e| located(e, *site))?,
                    };
                    values.push((key, self.eval(*value)?));
                }
                map_literal(&values, self.arena).map_err(|e| located(e, *site))
            }
            Expr::Lambda(n) => Ok(Value::Lambda(LambdaRef(*n))),
            Expr::Compare { op, left, right } => {
                let left = self.eval(*left)?;
                let right = self.eval(*right)?;
                Ok(Value::Bool(compare(*op, &left, &right)))
            }
            Expr::And(items) => {
                for item in items {
                    if !self.condition(*item)? {
                        return Ok(Value::Bool(false));
                    }
                }
                Ok(Value::Bool(true))
            }
            Expr::Or(items) => {
                for item in items {
                    if self.condition(*item)? {
                        return Ok(Value::Bool(true));
                    }
                }
                Ok(Value::Bool(false))
            }
            Expr::Not(operand) => Ok(Value::Bool(!self.condition(*operand)?)),
            Expr::Test { operand, site } => self.condition(*operand).map(Value::Bool).map_err(|e| located(e, *site)),
        }
    }

    /// The value of an expression that must be a bool.
    pub(super) fn condition(&mut self, id: ExprId) -> Result<bool, EvalError> {
        match self.eval(id)? {
            Value::Bool(b) => Ok(b),
            other => Err(ErrorKind::NotBool(other.type_name()).into()),
        }
    }

    /// The value of an index key.
    pub(super) fn key(&mut self, key: &'a KeyExpr) -> Result<Key<'a>, EvalError> {
        match key {
            KeyExpr::Str(name) => Ok(Key::Str(name)),
            KeyExpr::Int(idx) => Ok(Key::Int(*idx)),
            KeyExpr::Expr(id) => self.eval(*id).map(Key::from_value),
        }
    }

    /// The value of an operator. Chains lean to the left and may be a thousand operators long, so this goes down them in
    /// frames of its own, which are small.
    #[inline(never)]
    fn math(&mut self, id: ExprId) -> Result<Value<'a>, EvalError> {
        let plan = self.plan;
        let Expr::Math { op, left, right, site } = &plan.exprs[id.0 as usize] else { return self.eval(id) };
        let left = self.math(*left)?;
        let right = self.eval(*right)?;
        arithmetic(*op, left, right).map_err(|e| located(e, *site))
    }

    /// Calls a function: the value of a converter; nil for an editor.
    fn call(&mut self, call: &'a CallSite) -> Result<Value<'a>, EvalError> {
        let args = self.args(call).and_then(|args| self.steps.call(&args).map(|()| args));
        let result = args.and_then(|args| call.kernel.call(&mut CallContext::new(self), &args));
        result.map_err(|e| located(e, call.site))
    }

    /// The key of a pair in a map literal.
    fn map_key(&mut self, key: &'a KeyExpr) -> Result<&'a [u8], EvalError> {
        map_key(match key {
            KeyExpr::Str(key) => Value::Str(key),
            KeyExpr::Int(number) => Value::Int(*number),
            KeyExpr::Expr(id) => self.eval(*id)?,
        })
    }

    /// Runs an editor call.
    pub(super) fn edit(&mut self, call: &'a CallSite) -> Result<(), EvalError> {
        self.call(call).map(|_| ())
    }

    fn args(&mut self, call: &'a CallSite) -> Result<Vec<Value<'a>>, EvalError> {
        let args = call.looked_at();
        let mut values = Vec::with_capacity(args.len());
        for (idx, arg) in args.iter().enumerate() {
            values.push(match arg {
                Arg::Absent => Value::Absent,
                Arg::Const(literal) => literal.value(self.arena)?,
                Arg::Eager { expr, coerce: to, each } => {
                    let value = self.eval(*expr)?;
                    self.coerced(value, *to, *each).map_err(|e| e.of(idx))?
                }
                Arg::Lazy(thunk) => Value::Thunk(ThunkRef(*thunk)),
                Arg::LazyList(thunks) => {
                    let items = self.arena.fill(thunks.len(), |i| Value::Thunk(ThunkRef(thunks[i])))?;
                    Value::List(List::new(ListKind::Any, items)?)
                }
                Arg::Path(n) => Value::Path(PathRef(*n)),
                Arg::Lambda(n) => Value::Lambda(LambdaRef(*n)),
                Arg::Function(n) => Value::Function(FunctionRef(*n)),
            });
        }
        Ok(values)
    }

    fn coerced(&self, value: Value<'a>, to: Option<Coercion>, each: Option<Coercion>) -> Result<Value<'a>, EvalError> {
        let value = match to {
            Some(to) => coerce(to, value, self.arena)?,
            None => value,
        };
        let Some(each) = each else { return Ok(value) };
        let Value::List(list) = value else {
            return Err(ErrorKind::Type { expected: "list", got: value.type_name() }.into());
        };
        let mut items = Vec::new();
        for item in list.iter() {
            items.push(coerce(each, item, self.arena)?);
        }
        Ok(Value::List(List::new(ListKind::Any, self.arena.copy(&items)?)?))
    }

    /// Counts a metric that the running statement appends to the current scope.
    fn count_new_metric(&mut self) -> Result<(), EvalError> {
        let count = self.appended.entry((self.source, self.place.scope_group)).or_insert(0);
        if *count >= self.env.limits.new_metrics {
            return Err(ErrorKind::Limit("new_metrics").into());
        }
        *count += 1;
        Ok(())
    }
}

/// Fills in the place of an error that does not have one yet.
fn located(error: EvalError, site: Site) -> EvalError {
    if error.site == Site::default() { error.at(site) } else { error }
}

impl<'a> Host<'a> for Interp<'a> {
    fn arena(&self) -> &'a Arena {
        self.arena
    }

    fn force(&mut self, thunk: ThunkRef) -> Result<Value<'a>, EvalError> {
        let (expr, to) = self.plan.thunks[thunk.0 as usize];
        let value = self.eval(expr)?;
        self.coerced(value, to, None)
    }

    fn read(&mut self, path: PathRef) -> Result<Value<'a>, EvalError> {
        self.read_path(&self.plan.paths[path.0 as usize])
    }

    fn write(&mut self, path: PathRef, value: Value<'a>) -> Result<(), EvalError> {
        if value.is_nil() && !self.env.allow_nil {
            return Ok(());
        }
        if self.plan.paths[path.0 as usize].keys.len() > MOST_KEYS {
            return Err(too_deep());
        }
        self.write_path(&self.plan.paths[path.0 as usize], value)
    }

    fn edit_map(&mut self, path: PathRef, edit: &mut MapEditor<'_, 'a>) -> Result<(), EvalError> {
        let used = &self.plan.paths[path.0 as usize];
        let mut map = MapEdit::new();
        let field = self.map_field(used);
        match field {
            Some((node, number)) => self.model.load_map(node, number, &mut map)?,
            None => match self.read_path(used)? {
                Value::Map(value) => map.load(value)?,
                other => return Err(no_map(other)),
            },
        }
        self.steps.take(map.len() as u64 / 8)?;
        self.arena.check(map.len().saturating_mul(size_of::<ottl_core::edit::MapEntry<'_>>()))?;
        let result = edit(self, &mut map);
        // What must not be written fails even where nothing changed. The editor's own error comes first.
        let decl = ottl_schema::path(used.path);
        // COMPAT: attributes of the dictionary are written in any case, which loses their units.
        let is_of_table = matches!(decl.access, Access::TableAttributes(_)) && !map.is_left();
        if map.changed() || !decl.writable || is_of_table {
            let written = match field {
                Some((node, number)) => self.model.store_map(node, number, &map),
                None => map.to_map(self.arena).and_then(|map| self.write_path(used, Value::Map(map))),
            };
            return result.and(written);
        }
        result
    }

    fn call_lambda(&mut self, lambda: LambdaRef, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
        let lambda = self.plan.lambdas[lambda.0 as usize];
        for (slot, arg) in (lambda.first_local as usize..).zip(args.iter().take(lambda.params as usize)) {
            self.locals[slot] = normalised(*arg);
        }
        self.steps.take(1)?;
        self.lambdas += 1;
        let result = self.eval(lambda.body);
        self.lambdas -= 1;
        result
    }

    fn call_function(&mut self, function: FunctionRef, arg: Value<'a>) -> Result<Value<'a>, EvalError> {
        let plan = self.plan;
        named::call(self, &plan.functions[function.0 as usize], arg)
    }

    fn now(&self) -> Time {
        self.env.clock.now()
    }

    fn tick(&self) -> i64 {
        self.env.clock.tick()
    }

    fn random(&mut self) -> [u8; 16] {
        self.env.rng.bytes()
    }

    fn edit_metric(&mut self, edit: &mut MetricEditor<'_, 'a>) -> Result<(), EvalError> {
        let before = self.model.bytes(Content::Node(self.place.item))?;
        self.steps.look_at(before.len())?;
        let mut metric = MetricEdit::decode(before)?;
        let result = edit(&mut metric);
        if !matches!(result, Ok(false)) {
            let (mut after, mut same) = (Vec::with_capacity(before.len()), Vec::new());
            metric.encode(&mut after);
            // A failing edit does not say whether it changed anything before.
            if result.is_err() {
                MetricEdit::decode(before)?.encode(&mut same);
            }
            if result.is_ok() || after != same {
                let after = self.arena.copy(&after)?;
                self.replace_metric(after)?;
            }
        }
        result.map(|_| ())
    }

    fn read_metric(&mut self) -> Result<MetricView<'a>, EvalError> {
        let bytes = self.model.bytes(Content::Node(self.place.item))?;
        self.steps.look_at(bytes.len())?;
        Ok(MetricView::new(bytes)?)
    }

    fn replace_metric(&mut self, metric: &'a [u8]) -> Result<(), EvalError> {
        self.model.overwrite(self.place.item, metric)
    }

    fn copy_metric(&mut self) -> Result<u32, EvalError> {
        self.count_new_metric()?;
        let copy = self.model.copy(self.place.item);
        self.forget_number(copy);
        self.model.push(self.place.scope_group, groups::RECORDS, Content::Node(copy));
        self.copies.push(copy);
        Ok((self.copies.len() - 1) as u32)
    }

    fn append_metric(&mut self, metric: &'a [u8]) -> Result<(), EvalError> {
        self.count_new_metric()?;
        let metric = self.without_number(metric)?;
        self.model.push(self.place.scope_group, groups::RECORDS, Content::Bytes(metric));
        Ok(())
    }

    fn patch_metric_copy(&mut self, copy: u32, field: MetricText, text: &'a [u8]) {
        let Some(&node) = self.copies.get(copy as usize) else { return };
        let number = match field {
            MetricText::Name => fields::metric::NAME,
            MetricText::Description => fields::metric::DESCRIPTION,
            MetricText::Unit => fields::metric::UNIT,
        };
        self.model.set(node, number, (!text.is_empty()).then_some(Content::Bytes(text)));
    }
}
