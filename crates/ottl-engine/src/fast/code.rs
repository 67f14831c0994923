//! Conditions and statements in the forms that rules mostly have, lowered once so that running them needs no values.
//!
//! What has no such form stays an expression of the plan, evaluated by [`super::eval`]; both give the same results.
//! A condition that looks only at resource and scope, and that nothing below can change, is computed once for each of
//! them, on first use; its error is raised again for every record.

use ottl_core::function::{Eval, Purity};
use ottl_core::ops::{CompareOp, compare, storable};
use ottl_core::value::{decode_any, encode_any};
use ottl_core::{ErrorKind, EvalError, Site, Value};
use ottl_plan::{Arg, Expr, ExprId, KeyExpr, Literal, Plan};
use ottl_schema::{Access, ContextId, Conv, FieldValue, PathDecl, path};

use super::node::InputAttribute;
use super::plan::{Survey, bit};
use super::state::State;

/// A condition.
#[derive(Debug)]
pub(super) enum Cond {
    /// An expression of the plan.
    Expr(ExprId),
    /// All of these.
    And(Vec<Cond>),
    /// Any of these.
    Or(Vec<Cond>),
    /// The opposite.
    Not(Box<Cond>),
    /// An attribute against a literal.
    Attribute {
        level: ContextId,
        key: Vec<u8>,
        op: CompareOp,
        /// The literal's number in the plan.
        literal: u32,
        /// For `==` and `!=` with a text: its `AnyValue` as everybody writes it.
        any: Vec<u8>,
    },
    /// A field of the record against an int.
    Field { level: ContextId, number: u32, conv: Conv, op: CompareOp, value: i64 },
    /// One that holds or not for a whole resource or scope.
    PerParent { slot: u32, condition: Box<Cond> },
}

/// What a statement does.
#[derive(Debug)]
pub(super) enum Action {
    /// A call of the plan.
    Call(u32),
    /// Writes an attribute.
    Assign { level: ContextId, key: Vec<u8>, source: Source, site: Site, path: u32 },
    /// Takes an attribute out.
    Delete { level: ContextId, key: Vec<u8> },
}

/// Where an assigned value comes from.
#[derive(Debug)]
pub(super) enum Source {
    /// A literal that attributes can hold.
    Literal(u32),
    /// Any expression.
    Expr(ExprId),
}

/// The lowered forms of a plan's conditions and calls.
#[derive(Debug, Default)]
pub(super) struct Code {
    /// By the number of the condition's expression.
    conditions: Vec<Option<Cond>>,
    /// By the number of the statement's call.
    actions: Vec<Option<Action>>,
    /// How many conditions are computed once for a resource, and for a scope.
    pub slots: [u32; 2],
}

/// An attribute path with one literal key.
fn attribute(plan: &Plan, n: u32) -> Option<(ContextId, &[u8])> {
    let used = plan.paths.get(n as usize)?;
    let decl = path(used.path);
    match (decl.access, used.keys.as_slice()) {
        (Access::Attributes(_), [KeyExpr::Str(key)]) => Some((decl.context, key)),
        _ => None,
    }
}

impl Code {
    /// Lowers the conditions and calls that `roots` names.
    pub fn new(plan: &Plan, conditions: impl Iterator<Item = (ExprId, u16)>, calls: impl Iterator<Item = u32>) -> Code {
        let mut code = Code::default();
        code.conditions.resize_with(plan.exprs.len(), || None);
        code.actions.resize_with(plan.calls.len(), || None);
        for (id, written_below) in conditions {
            let condition = code.root(plan, id, written_below);
            code.conditions[id.0 as usize] = Some(condition);
        }
        for call in calls {
            code.actions[call as usize] = Some(action(plan, call));
        }
        code
    }

    #[inline]
    pub fn condition(&self, id: ExprId) -> Option<&Cond> {
        self.conditions.get(id.0 as usize)?.as_ref()
    }

    #[inline]
    pub fn action(&self, call: u32) -> Option<&Action> {
        self.actions.get(call as usize)?.as_ref()
    }

    /// `written_below`: levels that statements below them may write.
    fn root(&mut self, plan: &Plan, id: ExprId, written_below: u16) -> Cond {
        if let Some(level) = parent_only(plan, id, written_below) {
            let slots = &mut self.slots[usize::from(level == ContextId::Scope)];
            let slot = *slots * 2 + u32::from(level == ContextId::Scope);
            *slots += 1;
            return Cond::PerParent { slot, condition: Box::new(self.lower(plan, id, !0)) };
        }
        self.lower(plan, id, written_below)
    }

    fn lower(&mut self, plan: &Plan, id: ExprId, written_below: u16) -> Cond {
        let mut part = |id: &ExprId| {
            if written_below == !0 { self.lower(plan, *id, !0) } else { self.root(plan, *id, written_below) }
        };
        match &plan.exprs[id.0 as usize] {
            Expr::And(parts) => Cond::And(parts.iter().map(part).collect()),
            Expr::Or(parts) => Cond::Or(parts.iter().map(part).collect()),
            Expr::Not(inner) => Cond::Not(Box::new(part(inner))),
            Expr::Compare { op, left, right } => comparison(plan, *op, *left, *right).unwrap_or(Cond::Expr(id)),
            _ => Cond::Expr(id),
        }
    }
}

fn comparison(plan: &Plan, op: CompareOp, left: ExprId, right: ExprId) -> Option<Cond> {
    let (Expr::Path(n), Expr::Const(literal)) = (&plan.exprs[left.0 as usize], &plan.exprs[right.0 as usize]) else {
        return None;
    };
    let value = plan.literals.get(*literal as usize)?;
    if let Some((level, key)) = attribute(plan, *n) {
        let mut any = Vec::new();
        match value {
            Literal::Str(text) => encode_any(&mut any, &Value::Str(text)),
            Literal::Nil | Literal::Bool(_) | Literal::Int(_) | Literal::Float(_) | Literal::Bytes(_) => {}
            _ => return None,
        }
        return Some(Cond::Attribute { level, key: key.to_vec(), op, literal: *literal, any });
    }
    let used = plan.paths.get(*n as usize)?;
    let PathDecl { context, access, .. } = path(used.path);
    match (access, value) {
        (Access::Field(fields, conv @ (Conv::I32 | Conv::U32 | Conv::Nanos | Conv::FixedInt)), Literal::Int(value))
            if used.keys.is_empty() && *context != ContextId::DataPoint =>
        {
            Some(Cond::Field {
                level: *context,
                number: fields.number(ottl_schema::PointKind::Number)?,
                conv: *conv,
                op,
                value: *value,
            })
        }
        _ => None,
    }
}

/// The lower of resource and scope, if the expression looks at nothing else, always gives the same, and nothing below
/// writes what it looks at.
fn parent_only(plan: &Plan, id: ExprId, written_below: u16) -> Option<ContextId> {
    let mut survey = Survey::new(plan);
    survey.expr(id);
    let parents = bit(ContextId::Resource) | bit(ContextId::Scope);
    let any = survey.touched.any;
    let fixed = any != 0 && any & !parents == 0 && any & written_below == 0 && !survey.cache && survey.pure;
    fixed.then_some(if any & bit(ContextId::Scope) != 0 { ContextId::Scope } else { ContextId::Resource })
}

fn action(plan: &Plan, call: u32) -> Action {
    let site = &plan.calls[call as usize];
    match (&site.function.eval, site.args.as_slice()) {
        (Eval::Assign(_), [Arg::Path(target), source]) => {
            let Some((level, key)) = attribute(plan, *target) else { return Action::Call(call) };
            let source = match source {
                Arg::Eager { expr, coerce: None, each: None } => match &plan.exprs[expr.0 as usize] {
                    Expr::Const(literal) if is_scalar(&plan.literals[*literal as usize]) => Source::Literal(*literal),
                    _ => Source::Expr(*expr),
                },
                _ => return Action::Call(call),
            };
            Action::Assign { level, key: key.to_vec(), source, site: site.site, path: *target }
        }
        (Eval::DeleteKey(_), [Arg::Path(target), Arg::Const(Literal::Str(key))]) => {
            let used = &plan.paths[*target as usize];
            let decl = path(used.path);
            match decl.access {
                Access::Attributes(_) if used.keys.is_empty() => {
                    Action::Delete { level: decl.context, key: key.clone() }
                }
                _ => Action::Call(call),
            }
        }
        _ => Action::Call(call),
    }
}

fn is_scalar(literal: &Literal) -> bool {
    matches!(literal, Literal::Bool(_) | Literal::Int(_) | Literal::Float(_) | Literal::Str(_) | Literal::Bytes(_))
}

/// Whether calls of this purity can be computed once.
pub(super) fn repeatable(purity: Purity) -> bool {
    purity == Purity::Pure
}

impl<'a> State<'a, '_> {
    /// Whether a condition of the plan holds.
    #[inline]
    pub fn condition(&mut self, id: ExprId) -> Result<bool, EvalError> {
        match self.code.condition(id) {
            Some(condition) => self.holds(condition),
            None => self.test(id),
        }
    }

    fn holds(&mut self, condition: &'a Cond) -> Result<bool, EvalError> {
        match condition {
            Cond::Expr(id) => self.test(*id),
            Cond::And(parts) => {
                for part in parts {
                    if !self.holds(part)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Cond::Or(parts) => {
                for part in parts {
                    if self.holds(part)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Cond::Not(inner) => self.holds(inner).map(|b| !b),
            Cond::Attribute { level, key, op, literal, any } => {
                let node = self.node(*level)?;
                match node.input_attribute(key)? {
                    // PERF: equal texts have equal bytes when both are written as everybody writes them.
                    InputAttribute::Bytes(bytes) if !any.is_empty() && bytes == any => {
                        Ok(matches!(op, CompareOp::Eq | CompareOp::Le | CompareOp::Ge))
                    }
                    InputAttribute::Bytes(bytes) => {
                        let value = decode_any(bytes)?;
                        Ok(self.against(*op, &value, *literal))
                    }
                    InputAttribute::Missing => Ok(self.against(*op, &Value::Nil, *literal)),
                    InputAttribute::Written(idx) => {
                        let value = node.map().value_at(idx)?;
                        Ok(self.against(*op, &value, *literal))
                    }
                }
            }
            Cond::Field { level, number, conv, op, value } => {
                let arena = self.arena;
                let found = match self.node(*level)?.field(*number) {
                    FieldValue::Absent => 0,
                    present => match conv.read(present, arena)? {
                        Value::Int(i) => i,
                        other => return Err(ErrorKind::Operand(other.type_name()).into()),
                    },
                };
                Ok(compare(*op, &Value::Int(found), &Value::Int(*value)))
            }
            Cond::PerParent { slot, condition } => {
                let (kind, idx) = ((*slot & 1) as usize, (*slot >> 1) as usize);
                if let Some(Some(known)) = self.parents[kind].get(idx) {
                    return *known;
                }
                let result = self.holds(condition);
                if self.parents[kind].len() <= idx {
                    self.parents[kind].resize(idx + 1, None);
                }
                self.parents[kind][idx] = Some(result);
                result
            }
        }
    }

    #[inline]
    fn against(&self, op: CompareOp, value: &Value<'a>, literal: u32) -> bool {
        match (value, &self.plan.literals[literal as usize]) {
            (Value::Str(a), Literal::Str(b)) if op == CompareOp::Eq => *a == b.as_slice(),
            (Value::Str(a), Literal::Str(b)) if op == CompareOp::Ne => *a != b.as_slice(),
            (value, literal) => compare(op, value, &literal.value(self.arena)),
        }
    }

    /// Does what a statement says; [`State::wrote`] tells whether it wrote anything.
    pub fn act(&mut self, action: &'a Action) -> Result<(), EvalError> {
        match action {
            Action::Call(call) => self.call(*call).map(|_| ()),
            Action::Delete { level, key } => {
                let map = self.node(*level)?.map();
                if let Some(idx) = map.find(key)? {
                    map.swap_remove(idx);
                    self.wrote = true;
                }
                Ok(())
            }
            Action::Assign { level, key, source, site, path } => {
                let value = match source {
                    Source::Literal(n) => {
                        let value = self.plan.literals[*n as usize].value(self.arena);
                        self.wrote = true;
                        self.node(*level)?.map().try_put(key, value)?;
                        return Ok(());
                    }
                    Source::Expr(expr) => self.eval(*expr)?,
                };
                if value.is_nil() && !self.env.allow_nil {
                    return Ok(());
                }
                self.wrote = true;
                if matches!(value, Value::Map(_) | Value::List(_)) {
                    return self.write_path(*path, value).map_err(|e| e.at(*site));
                }
                match storable(value, self.arena) {
                    Ok((stored, error)) => {
                        self.node(*level)?.map().try_put(key, stored)?;
                        error.map_or(Ok(()), |e| Err(e.at(*site)))
                    }
                    Err(error) => {
                        // The key is made before its value is refused.
                        let map = self.node(*level)?.map();
                        if map.find(key)?.is_none() {
                            map.push(key, Value::Nil);
                        }
                        Err(error.at(*site))
                    }
                }
            }
        }
    }
}
