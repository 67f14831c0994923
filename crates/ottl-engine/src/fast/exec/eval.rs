//! Evaluation of expressions over the current tree of nodes, and what functions may ask for.

use arrayvec::ArrayVec;
use ottl_core::edit::MetricView;
use ottl_core::function::{
    CallContext, FunctionRef, Host, LambdaRef, MAX_PARAMS, MapEditor, MetricEditor, MetricText, PathRef, ThunkRef,
};
use ottl_core::ops::{
    Coercion, Key, arithmetic, coerce, compare, index_converter, map_key, map_literal, negate, normalised,
};
use ottl_core::value::too_deep;
use ottl_core::{Arena, ErrorKind, EvalError, List, ListKind, Map, Site, Time, Value};
use ottl_plan::{Arg, CallSite, Expr, ExprId, KeyExpr, Literal};
use ottl_schema::Access;

use super::state::State;
use crate::fast::compare::usual_against;
use crate::fast::program::action::{WholeMap, whole_map};
use crate::fast::program::paths::PathCode;
use crate::map_target::{MOST_KEYS, no_map};
use crate::named;

/// Most calls have no more arguments.
const FEW_ARGS: usize = 4;

impl<'a> State<'a, '_> {
    /// The value of an expression.
    #[inline]
    pub fn eval(&mut self, id: ExprId) -> Result<Value<'a>, EvalError> {
        let mut value = Value::Absent;
        self.eval_to(id, &mut value).map(|()| value)
    }

    /// Puts the value of an expression to `to`.
    ///
    /// PERF (calls, json-bodies): a value is made where it is needed. Each time it is handed on, it is read as a whole before its
    /// parts have left the store buffer, and that takes as long as forty instructions.
    pub fn eval_to(&mut self, id: ExprId, to: &mut Value<'a>) -> Result<(), EvalError> {
        let plan = self.plan;
        match &plan.exprs[id.0 as usize] {
            Expr::Path(n) => {
                if !self.path_at_hand(*n, to) {
                    *to = self.read_path(*n)?;
                }
            }
            Expr::Call(n) => *to = self.call(*n)?,
            _ => return self.eval_others(id, to),
        }
        Ok(())
    }

    /// The same of an expression that is neither a path nor a call.
    #[inline(never)]
    fn eval_others(&mut self, id: ExprId, to: &mut Value<'a>) -> Result<(), EvalError> {
        let (plan, arena) = (self.plan, self.arena);
        match &plan.exprs[id.0 as usize] {
            Expr::Const(n) => *to = plan.literals[*n as usize].value(arena)?,
            Expr::Path(_) | Expr::Call(_) => self.eval_to(id, to)?,
            Expr::Index { base, keys, site } => {
                self.eval_to(*base, to)?;
                for key in keys {
                    let key = self.key(key)?;
                    self.steps.call(std::slice::from_ref(to))?;
                    *to = index_converter(to, key).map_err(|e| e.at(*site))?;
                }
            }
            Expr::Local(slot) => *to = self.locals.get(*slot as usize).copied().unwrap_or(Value::Nil),
            Expr::Math { .. } => *to = self.operator(id)?,
            Expr::Negate { operand, site } => {
                self.eval_to(*operand, to)?;
                *to = negate(*to).map_err(|e| e.at(*site))?;
            }
            Expr::List(items) => {
                let values = arena.repeat(items.len(), Value::Absent)?;
                for (item, value) in items.iter().zip(&mut *values) {
                    self.eval_to(*item, value)?;
                }
                *to = arena.list(ListKind::Any, values)?;
            }
            Expr::Map { pairs, site } => {
                let mut out = arena.vec_for(pairs.len())?;
                for (key, value) in pairs {
                    let key = match key {
                        KeyExpr::Str(key) => key.as_slice(),
                        KeyExpr::Int(number) => map_key(Value::Int(*number)).map_err(|e| e.at(*site))?,
                        KeyExpr::Expr(id) => self.eval(*id).and_then(map_key).map_err(|e| located(e, *site))?,
                    };
                    out.push((key, self.eval(*value)?))?;
                }
                *to = map_literal(&out, arena).map_err(|e| e.at(*site))?;
            }
            Expr::Lambda(n) => *to = Value::Lambda(LambdaRef(*n)),
            Expr::Compare { .. } | Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Test { .. } => {
                *to = Value::Bool(self.test(id)?);
            }
        }
        Ok(())
    }

    /// The value of an operator, computed without values where it can be. In lambdas, each look takes steps.
    #[inline(never)]
    fn operator(&mut self, id: ExprId) -> Result<Value<'a>, EvalError> {
        if self.lambdas == 0
            && let Some((int, kind)) = self.code.ints.get(id.0)
            && let Some(int) = self.int(int)?
        {
            return Ok(kind.value(int));
        }
        self.math(id)
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

    /// Whether a condition holds.
    pub fn test(&mut self, id: ExprId) -> Result<bool, EvalError> {
        let plan = self.plan;
        match &plan.exprs[id.0 as usize] {
            Expr::Compare { op, left, right } => {
                let [mut a, mut b] = [Value::Absent; 2];
                self.eval_to(*left, &mut a)?;
                // PERF (bodies): nearly all compare with a literal, most with nil.
                if let Expr::Const(n) = &plan.exprs[right.0 as usize]
                    && let Some(holds) = usual_against(*op, &a, &plan.literals[*n as usize])
                {
                    return Ok(holds);
                }
                self.eval_to(*right, &mut b)?;
                Ok(compare(*op, &a, &b))
            }
            Expr::And(operands) => {
                for operand in operands {
                    if !self.test(*operand)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Expr::Or(operands) => {
                for operand in operands {
                    if self.test(*operand)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Expr::Not(operand) => self.test(*operand).map(|b| !b),
            Expr::Test { operand, site } => {
                let mut value = Value::Absent;
                self.eval_to(*operand, &mut value).map_err(|e| located(e, *site))?;
                match value {
                    Value::Bool(b) => Ok(b),
                    other => Err(EvalError::new(ErrorKind::NotBool(other.type_name())).at(*site)),
                }
            }
            _ => {
                let mut value = Value::Absent;
                self.eval_to(id, &mut value)?;
                match value {
                    Value::Bool(b) => Ok(b),
                    other => Err(ErrorKind::NotBool(other.type_name()).into()),
                }
            }
        }
    }

    /// An index key, evaluated.
    pub fn key(&mut self, key: &'a KeyExpr) -> Result<Key<'a>, EvalError> {
        match key {
            KeyExpr::Str(s) => Ok(Key::Str(s)),
            KeyExpr::Int(i) => Ok(Key::Int(*i)),
            KeyExpr::Expr(e) => self.eval(*e).map(Key::from_value),
        }
    }

    /// Calls a function: the value of a converter; nil for an editor.
    pub fn call(&mut self, n: u32) -> Result<Value<'a>, EvalError> {
        let site = &self.plan.calls[n as usize];
        match self.code.extractions.place(n) {
            Some(place) => self.extract(site, place),
            None => self.call_at(site),
        }
    }

    /// PERF: most converters have one argument or two. The result stays where the kernel has put it.
    #[inline]
    fn call_at(&mut self, site: &'a CallSite) -> Result<Value<'a>, EvalError> {
        let mut result = match site.looked_at() {
            [a] => {
                let mut args = [Value::Absent];
                match self.put_arg(a, 0, &mut args[0]) {
                    Ok(()) => self.call_kernel(site, &args),
                    Err(error) => Err(error),
                }
            }
            [a, b] => {
                let mut args = [Value::Absent; 2];
                let [first, second] = &mut args;
                match self.put_arg(a, 0, first).and_then(|()| self.put_arg(b, 1, second)) {
                    Ok(()) => self.call_kernel(site, &args),
                    Err(error) => Err(error),
                }
            }
            _ => return self.with_args(site, |state, args| state.call_kernel(site, args)),
        };
        locate(&mut result, site.site);
        result
    }

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn call_kernel(&mut self, site: &'a CallSite, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
        self.steps.call(args)?;
        site.kernel.call(&mut CallContext::new(self), args)
    }

    /// Evaluates the arguments of a call and hands them over.
    #[inline]
    pub fn with_args<R>(
        &mut self,
        site: &'a CallSite,
        run: impl FnOnce(&mut Self, &[Value<'a>]) -> Result<R, EvalError>,
    ) -> Result<R, EvalError> {
        let args = site.looked_at();
        // PERF: nearly all calls have few arguments.
        let mut few = [Value::Absent; FEW_ARGS];
        let mut result = match few.get_mut(..args.len()) {
            Some(values) => {
                let mut each = args.iter().zip(values).enumerate();
                each.try_for_each(|(idx, (arg, value))| self.put_arg(arg, idx, value))
                    .and_then(|()| run(self, few.get(..args.len()).unwrap_or_default()))
            }
            None => {
                let mut values = ArrayVec::new();
                self.long_args(args, &mut values).and_then(|()| run(self, &values))
            }
        };
        locate(&mut result, site.site);
        result
    }

    /// The same where the value of the first argument is known.
    pub fn with_args_from<R>(
        &mut self,
        site: &'a CallSite,
        first: Value<'a>,
        run: impl FnOnce(&mut Self, &[Value<'a>]) -> Result<R, EvalError>,
    ) -> Result<R, EvalError> {
        let mut values = ArrayVec::from_iter([first]);
        let result = self.long_args(site.looked_at(), &mut values).and_then(|()| run(self, &values));
        result.map_err(|e| located(e, site.site))
    }

    /// The value of one argument of a call.
    pub fn argument(&mut self, site: &'a CallSite, idx: usize) -> Result<Value<'a>, EvalError> {
        self.arg(&site.args[idx], idx).map_err(|e| located(e, site.site))
    }

    /// Adds the arguments behind those that are there.
    fn long_args(&mut self, args: &'a [Arg], values: &mut ArrayVec<Value<'a>, MAX_PARAMS>) -> Result<(), EvalError> {
        for (idx, arg) in args.iter().enumerate().skip(values.len()) {
            let is_full = values.try_push(Value::Absent).is_err();
            match values.last_mut() {
                Some(value) if !is_full => self.put_arg(arg, idx, value)?,
                _ => return Err(EvalError::function("the function has too many parameters")),
            }
        }
        Ok(())
    }

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn arg(&mut self, arg: &'a Arg, idx: usize) -> Result<Value<'a>, EvalError> {
        let mut value = Value::Absent;
        self.put_arg(arg, idx, &mut value).map(|()| value)
    }

    /// PERF (redaction): most arguments are literals and paths, and they are made where they are needed.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn put_arg(&mut self, arg: &'a Arg, idx: usize, to: &mut Value<'a>) -> Result<(), EvalError> {
        match arg {
            Arg::Absent => {}
            Arg::Const(Literal::Str(text)) => *to = Value::Str(text),
            Arg::Const(literal) => *to = literal.value(self.arena)?,
            Arg::Path(n) => *to = Value::Path(PathRef(*n)),
            arg if self.argument_at_hand(arg, to) => {}
            arg => self.computed_arg(arg, idx, to)?,
        }
        Ok(())
    }

    /// Whether an argument is at hand and stays as it is; then it is put to `to`.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn argument_at_hand(&mut self, arg: &'a Arg, to: &mut Value<'a>) -> bool {
        match arg {
            Arg::Eager { expr, coerce, each: None } => {
                self.at_hand(*expr, to) && coerce.is_none_or(|coerce| coerce.keeps(to))
            }
            _ => false,
        }
    }

    #[inline(never)]
    fn computed_arg(&mut self, arg: &'a Arg, idx: usize, to: &mut Value<'a>) -> Result<(), EvalError> {
        *to = match arg {
            Arg::Absent | Arg::Const(_) | Arg::Path(_) => self.arg(arg, idx)?,
            Arg::Eager { expr, coerce: into, each } => {
                self.eval_to(*expr, to)?;
                match (into, each) {
                    (None, None) => return Ok(()),
                    (Some(into), _) if into.keeps(to) => return Ok(()),
                    (Some(into), _) => coerce(*into, *to, self.arena).map_err(|e| e.of(idx))?,
                    (None, Some(each)) => self.coerce_each(*each, *to).map_err(|e| e.of(idx))?,
                }
            }
            Arg::Lazy(thunk) => Value::Thunk(ThunkRef(*thunk)),
            Arg::LazyList(thunks) => Value::List(List::new(
                ListKind::Any,
                self.arena.fill(thunks.len(), |i| Value::Thunk(ThunkRef(thunks[i])))?,
            )?),
            Arg::Lambda(n) => Value::Lambda(LambdaRef(*n)),
            Arg::Function(n) => Value::Function(FunctionRef(*n)),
        };
        Ok(())
    }

    pub(crate) fn coerce_each(&mut self, to: Coercion, list: Value<'a>) -> Result<Value<'a>, EvalError> {
        let Value::List(list) = list else {
            return Err(ErrorKind::Type { expected: "list", got: list.type_name() }.into());
        };
        let mut out = self.arena.vec_for(list.len())?;
        for item in list.iter() {
            out.push(coerce(to, item, self.arena)?)?;
        }
        Ok(Value::List(List::new(ListKind::Any, out.into_slice())?))
    }
}

/// [`located`] for the error of a result, which stays where it is.
#[inline]
fn locate<T>(result: &mut Result<T, EvalError>, site: Site) {
    if let Err(error) = result {
        *error = located(*error, site);
    }
}

/// The error at a place, unless a deeper place is known.
pub(crate) fn located(error: EvalError, site: Site) -> EvalError {
    if error.site == Site::default() { error.at(site) } else { error }
}

impl<'a> Host<'a> for State<'a, '_> {
    fn arena(&self) -> &'a Arena {
        self.arena
    }

    fn force(&mut self, thunk: ThunkRef) -> Result<Value<'a>, EvalError> {
        let (expr, to) = self.plan.thunks[thunk.0 as usize];
        let value = self.eval(expr)?;
        match to {
            Some(to) => coerce(to, value, self.arena),
            None => Ok(value),
        }
    }

    fn read(&mut self, path: PathRef) -> Result<Value<'a>, EvalError> {
        self.read_path(path.0)
    }

    fn write(&mut self, path: PathRef, value: Value<'a>) -> Result<(), EvalError> {
        if value.is_nil() && !self.env.allow_nil {
            return Ok(());
        }
        if self.plan.paths[path.0 as usize].keys.len() > MOST_KEYS {
            return Err(too_deep());
        }
        self.write_path(path.0, value)
    }

    fn edit_map(&mut self, path: PathRef, edit: &mut MapEditor<'_, 'a>) -> Result<(), EvalError> {
        let code = self.paths.at(path.0);
        // An argument that is evaluated during the edit reads the map as it was before.
        let is_read = !self.plan.thunks.is_empty();
        let whole = whole_map(code.access, code.level, &self.plan.paths[path.0 as usize].keys);
        if let Some(WholeMap::Attributes(level)) = whole {
            let len = self.node(level)?.map().len();
            self.edits_pairs(len)?;
            let node = self.node(level)?;
            let mut map = if is_read { node.copy_map()? } else { node.take_map()? };
            let before = map.changes();
            let result = edit(self, &mut map);
            self.wrote |= map.changes() != before;
            self.node(level)?.put_map(map);
            return result;
        }
        if let Some(WholeMap::Cache(level)) = whole {
            self.cache(level).used = true;
            let len = self.cache(level).map.len();
            self.edits_pairs(len)?;
            let cache = &mut self.cache(level).map;
            let mut map = if is_read { cache.clone() } else { std::mem::take(cache) };
            let result = edit(self, &mut map);
            self.cache(level).map = map;
            return result;
        }
        let value = self.read_path(path.0)?;
        let Value::Map(map) = value else {
            return Err(no_map(value));
        };
        if let (Access::Body, [], Map::Wire(list, depth)) =
            (code.access, self.plan.paths[path.0 as usize].keys.as_slice(), map)
        {
            return self.edit_body(path, (list, depth), edit);
        }
        let mut pairs = self.spare_maps.pop().unwrap_or_default();
        pairs.load(map)?;
        self.edits_pairs(pairs.len())?;
        let result = edit(self, &mut pairs);
        // The reference writes back whether or not anything changed: a path that cannot be written fails, and attributes of
        // the dictionary lose their units.
        let access = self.paths.at(path.0).access;
        let matters = match access {
            Access::OtelCol(_) | Access::EventIndex => true,
            Access::TableAttributes(_) => !pairs.is_left(),
            _ => false,
        };
        let written = if pairs.changed() || matters {
            pairs.to_map(self.arena).and_then(|map| self.write_path(path.0, Value::Map(map)))
        } else {
            Ok(())
        };
        pairs.reset();
        self.spare_maps.push(pairs);
        result.and(written)
    }

    fn read_key(&mut self, path: PathRef, key: &[u8]) -> Result<Option<Value<'a>>, EvalError> {
        let PathCode { level, access, .. } = *self.paths.at(path.0);
        let whole = whole_map(access, level, &self.plan.paths[path.0 as usize].keys);
        if let Some(WholeMap::Attributes(level)) = whole
            && let Some(record) = self.messages.compact(level)
        {
            let (len, found) = (record.len(), record.value_of(key));
            self.edits_pairs(len)?;
            return found.map(|any| self.decode(any)).transpose();
        }
        let mut found = None;
        self.edit_map(path, &mut |_, map| {
            found = map.value_of(key)?;
            Ok(())
        })?;
        Ok(found)
    }

    fn write_key(&mut self, path: PathRef, key: &'a [u8], value: Value<'a>) -> Result<(), EvalError> {
        let PathCode { level, access, .. } = *self.paths.at(path.0);
        let whole = whole_map(access, level, &self.plan.paths[path.0 as usize].keys);
        if let Some(WholeMap::Attributes(level)) = whole
            && let Some(known) = self.messages.wanted[level as usize].keys.number(key)
            && let Some(record) = self.messages.compact(level)
        {
            let len = record.len();
            self.edits_pairs(len)?;
            return self.put_attribute(level, (key, Some(known)), value);
        }
        self.edit_map(path, &mut |_, map| Ok(map.try_put(key, value)?))
    }

    fn call_lambda(&mut self, lambda: LambdaRef, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
        let def = self.plan.lambdas[lambda.0 as usize];
        let first = def.first_local as usize;
        if self.locals.len() < first + def.params as usize {
            self.locals.resize(first + def.params as usize, Value::Nil);
        }
        for (i, arg) in args.iter().take(def.params as usize).enumerate() {
            self.locals[first + i] = normalised(*arg);
        }
        self.steps.take(1)?;
        self.lambdas += 1;
        let result = self.eval(def.body);
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
        self.edit_current_metric(edit)
    }

    fn read_metric(&mut self) -> Result<MetricView<'a>, EvalError> {
        self.read_current_metric()
    }

    fn replace_metric(&mut self, metric: &'a [u8]) -> Result<(), EvalError> {
        self.replace_current_metric(metric);
        Ok(())
    }

    fn copy_metric(&mut self) -> Result<u32, EvalError> {
        self.copy_current_metric()
    }

    fn append_metric(&mut self, metric: &'a [u8]) -> Result<(), EvalError> {
        self.append_new_metric(metric).map(|_| ())
    }

    fn patch_metric_copy(&mut self, copy: u32, field: MetricText, text: &'a [u8]) {
        self.patch_copy(copy, field, text);
    }
}
