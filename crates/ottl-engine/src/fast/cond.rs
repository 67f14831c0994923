//! Conditions: their lowered forms, and whether they hold.

use ottl_core::function::{Kernel, TextPredicate};
use ottl_core::ops::{Coercion, CompareOp, compare};
use ottl_core::value::{decode_any, encode_any};
use ottl_core::{Arena, ErrorKind, EvalError, Value};
use ottl_otlp::any::{self, AnyRef, Glance, Number};
use ottl_otlp::wire::{Payload, WireError};
use ottl_plan::{Arg, Expr, ExprId, Literal};
use ottl_schema::{Access, ContextId, Conv, FieldValue, PathDecl, PointKind, path};

use super::code::{Hoisted, Lowering};
use super::key::Key;
use super::node::{BODY, InputAttribute};
use super::options::Rewrite;
use super::parents::Parent;
use super::parents::ParentSlot;
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
        key: Key,
        op: CompareOp,
        /// The literal's number in the plan.
        literal: u32,
        /// For a text: its `AnyValue` as everybody writes it.
        any: Vec<u8>,
    },
    /// A field of the record against an int.
    Field { level: ContextId, number: u32, conv: Conv, op: CompareOp, value: i64 },
    /// A `string` field of the record against a literal, by `==` or, negated, by `!=`.
    FieldText { level: ContextId, number: u32, text: Vec<u8>, negated: bool },
    /// A question about a text of the record.
    Text {
        level: ContextId,
        of: TextOf,
        predicate: TextPredicate,
        /// The call that asks it.
        call: u32,
        /// Whether nil may be asked about; otherwise, and for all other values, the expression decides.
        nil_passes: bool,
        expr: ExprId,
    },
    /// One that holds or not for a whole resource or scope.
    PerParent {
        slot: ParentSlot,
        /// Its number among those.
        test: u32,
        can_fail: bool,
    },
}

/// Where a text stands.
#[derive(Debug)]
pub(super) enum TextOf {
    Attribute(Key),
    /// A `string` field of the message.
    Field(u32),
    /// The body of a log record.
    Body,
}

impl Lowering<'_> {
    /// A condition, or a part of one.
    pub fn condition(&mut self, id: ExprId) -> Cond {
        let Some(scope) = self.of_parent(id) else { return self.lower(id) };
        // Its parts need no slots of their own.
        let Lowering { plan, wanted, options, .. } = *self;
        let mut inside = Lowering { plan, wanted, written: !0, slots: [0, 0], hoisted: Vec::new(), options };
        let condition = inside.lower(id);
        let can_fail = !condition.cannot_fail();
        let is_same =
            |known: &Hoisted| known.is_in_use && known.slot.scope == scope && known.condition.is_same(&condition);
        let test = match self.hoisted.iter().position(is_same) {
            Some(known) => known,
            None => {
                let slot = self.new_slot(scope);
                self.hoisted.push(Hoisted { slot, condition, is_in_use: true });
                self.hoisted.len() - 1
            }
        };
        Cond::PerParent { slot: self.hoisted[test].slot, test: test as u32, can_fail }
    }

    fn lower(&mut self, id: ExprId) -> Cond {
        if !self.options.has(Rewrite::Lower) {
            return Cond::Expr(id);
        }
        let plan = self.plan;
        match &plan.exprs[id.0 as usize] {
            Expr::And(parts) => Some(Cond::And(self.parts(parts))),
            Expr::Or(parts) => Some(Cond::Or(self.parts(parts))),
            Expr::Not(inner) => Some(Cond::Not(Box::new(self.condition(*inner)))),
            Expr::Compare { op, left, right } => self.comparison(*op, *left, *right),
            Expr::Test { operand, .. } => self.text_test(*operand),
            _ => None,
        }
        .unwrap_or(Cond::Expr(id))
    }

    /// The operands of `and` and `or`. Where none can fail their order shows nowhere, and those come first that are known
    /// for the whole resource.
    fn parts(&mut self, parts: &[ExprId]) -> Vec<Cond> {
        let mut conditions: Vec<_> = parts.iter().map(|id| self.condition(*id)).collect();
        if conditions.iter().all(Cond::cannot_fail) {
            conditions.sort_by_key(|condition| !matches!(condition, Cond::PerParent { .. }));
        }
        conditions
    }

    fn comparison(&self, op: CompareOp, left: ExprId, right: ExprId) -> Option<Cond> {
        let plan = self.plan;
        let (Expr::Path(n), Expr::Const(literal)) = (&plan.exprs[left.0 as usize], &plan.exprs[right.0 as usize])
        else {
            return None;
        };
        let value = plan.literals.get(*literal as usize)?;
        if let Some((level, key)) = self.attribute(*n) {
            let mut any = Vec::new();
            match value {
                Literal::Str(text) => encode_any(&mut any, &Value::Str(text)),
                Literal::Nil | Literal::Bool(_) | Literal::Int(_) | Literal::Float(_) | Literal::Bytes(_) => {}
                _ => return None,
            }
            return Some(Cond::Attribute { level, key, op, literal: *literal, any });
        }
        let used = plan.paths.get(*n as usize)?;
        let PathDecl { context, access, .. } = path(used.path);
        match (access, value) {
            (
                Access::Field(fields, conv @ (Conv::I32 | Conv::U32 | Conv::Nanos | Conv::FixedInt)),
                Literal::Int(value),
            ) if used.keys.is_empty() && *context != ContextId::DataPoint => {
                let number = fields.number(PointKind::Number)?;
                Some(Cond::Field { level: *context, number, conv: *conv, op, value: *value })
            }
            (Access::Field(fields, Conv::Str), Literal::Str(text))
                if used.keys.is_empty()
                    && *context != ContextId::DataPoint
                    && matches!(op, CompareOp::Eq | CompareOp::Ne) =>
            {
                let number = fields.number(PointKind::Number)?;
                Some(Cond::FieldText { level: *context, number, text: text.clone(), negated: op == CompareOp::Ne })
            }
            _ => None,
        }
    }

    fn text_test(&self, call: ExprId) -> Option<Cond> {
        let plan = self.plan;
        let Expr::Call(n) = &plan.exprs[call.0 as usize] else { return None };
        let site = &plan.calls[*n as usize];
        let Kernel::Predicate(predicate) = &site.kernel else { return None };
        let (Arg::Eager { expr, coerce: to, each: None }, rest) = site.args.split_first()? else { return None };
        let Expr::Path(path_number) = &plan.exprs[expr.0 as usize] else { return None };
        if !rest.iter().all(Arg::is_literal) {
            return None;
        }
        let predicate = predicate.clone();
        let of = self.text_of(*path_number)?;
        let level = path(plan.paths.get(*path_number as usize)?.path).context;
        let nil_passes = matches!(to, None | Some(Coercion::StringLike));
        Some(Cond::Text { level, of, predicate, call: *n, nil_passes, expr: call })
    }

    /// Where the text is that a path names, if it may be one.
    pub fn text_of(&self, n: u32) -> Option<TextOf> {
        let used = self.plan.paths.get(n as usize)?;
        let decl = path(used.path);
        Some(match decl.access {
            Access::Attributes(_) => TextOf::Attribute(self.attribute(n)?.1),
            Access::Body if used.keys.is_empty() => TextOf::Body,
            Access::Field(fields, Conv::Str) if used.keys.is_empty() && decl.context != ContextId::DataPoint => {
                TextOf::Field(fields.number(PointKind::Number)?)
            }
            _ => return None,
        })
    }
}

impl Cond {
    /// Whether it is known to say the same as another one.
    fn is_same(&self, other: &Cond) -> bool {
        let all = |a: &[Cond], b: &[Cond]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_same(b));
        match (self, other) {
            (Cond::And(a), Cond::And(b)) | (Cond::Or(a), Cond::Or(b)) => all(a, b),
            (Cond::Not(a), Cond::Not(b)) => a.is_same(b),
            (
                Cond::Attribute { level, key, op, literal, any },
                Cond::Attribute { level: of, key: name, op: by, literal: number, any: bytes },
            ) => {
                let is_same_literal = literal == number || !any.is_empty() && any == bytes;
                level == of && key.named().key == name.named().key && op == by && is_same_literal
            }
            (
                Cond::FieldText { level, number, text, negated },
                Cond::FieldText { level: of, number: field, text: other, negated: not },
            ) => level == of && number == field && text == other && negated == not,
            _ => false,
        }
    }

    /// Whether only damage of the message can keep it from an answer.
    pub fn cannot_fail(&self) -> bool {
        match self {
            Cond::Attribute { .. } | Cond::Field { .. } | Cond::FieldText { .. } => true,
            Cond::And(parts) | Cond::Or(parts) => parts.iter().all(Cond::cannot_fail),
            Cond::Not(inner) => inner.cannot_fail(),
            Cond::PerParent { can_fail, .. } => !can_fail,
            Cond::Expr(_) | Cond::Text { .. } => false,
        }
    }
}

/// The text that an `AnyValue` is; `Some(None)` if it is something else or nothing. `None` if that cannot be told before it
/// is decoded.
#[inline(always)]
pub(super) fn text_of(any: &[u8]) -> Option<Option<&[u8]>> {
    match any::glance(any) {
        Glance::Text(text) => Some(Some(text)),
        Glance::Scalar => Some(None),
        Glance::Unclear => irregular_text_of(any),
    }
}

/// The same for values in other encodings.
#[inline(never)]
fn irregular_text_of(any: &[u8]) -> Option<Option<&[u8]>> {
    match any::single(any)? {
        AnyRef::Text(_) | AnyRef::Empty => None,
        _ => Some(None),
    }
}

/// The text that an `AnyValue` is, in any encoding.
///
/// # Errors
/// Damage of its framing.
#[inline(always)]
pub(super) fn any_text(any: &[u8]) -> Result<Option<&[u8]>, WireError> {
    match text_of(any) {
        Some(text) => Ok(text),
        None => Ok(decode_any(any)?.as_str()),
    }
}

impl<'a> State<'a, '_> {
    /// Whether a condition holds.
    pub fn holds(&mut self, condition: &'a Cond) -> Result<bool, EvalError> {
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
                let literal = &self.plan.literals[*literal as usize];
                match self.input_attribute(*level, key.named())? {
                    InputAttribute::Bytes(bytes) => bytes_against(*op, bytes, literal, any, self.arena),
                    InputAttribute::Missing => Ok(nil_against(*op, literal, self.arena)),
                    InputAttribute::Written(idx) => {
                        let value = self.node(*level)?.map().value_at(idx)?;
                        Ok(against(*op, &value, literal, self.arena))
                    }
                }
            }
            Cond::Field { level, number, conv, op, value } => {
                let field = self.field(*level, *number)?;
                let found = match number_of(field, *conv) {
                    Some(found) => found,
                    None => match conv.read(field, self.arena)? {
                        Value::Int(i) => i,
                        other => return Err(ErrorKind::Operand(other.type_name()).into()),
                    },
                };
                Ok(op.of(&found, value))
            }
            Cond::FieldText { level, number, text, negated } => {
                let found = match self.field(*level, *number)? {
                    FieldValue::Absent => &[],
                    FieldValue::Present(Payload::Bytes(found)) => found,
                    other => match Conv::Str.read(other, self.arena)? {
                        Value::Str(found) => found,
                        other => return Err(ErrorKind::Operand(other.type_name()).into()),
                    },
                };
                Ok((found == text.as_slice()) != *negated)
            }
            Cond::Text { level, of, predicate, nil_passes, expr, .. } => {
                let any = match of {
                    TextOf::Attribute(key) => match self.input_attribute(*level, key.named())? {
                        InputAttribute::Bytes(any) => any,
                        InputAttribute::Missing => &[],
                        InputAttribute::Written(_) => return self.test(*expr),
                    },
                    TextOf::Body => self.message_field(*level, BODY)?,
                    TextOf::Field(number) => match self.field(*level, *number)? {
                        FieldValue::Present(Payload::Bytes(text)) => {
                            self.steps.look_at(text.len())?;
                            return Ok(predicate.holds(Some(text)));
                        }
                        FieldValue::Absent => return Ok(predicate.holds(Some(&[]))),
                        FieldValue::Present(_) => return self.test(*expr),
                    },
                };
                self.steps.look_at(any.len())?;
                match any::text(any) {
                    Some(text) => Ok(predicate.holds(Some(text))),
                    None if any.is_empty() && *nil_passes => Ok(predicate.holds(None)),
                    None => self.test(*expr),
                }
            }
            Cond::PerParent { slot, test, .. } => self.holds_for_parent(*slot, *test),
        }
    }

    /// Whether a condition holds that is computed once for each resource or scope.
    #[inline]
    pub fn holds_for_parent(&mut self, slot: ParentSlot, test: u32) -> Result<bool, EvalError> {
        if let Parent::Condition(known) = self.parents.get(slot) {
            return known;
        }
        let result = self.holds(&self.code.hoisted[test as usize]);
        self.parents.keep(slot, Parent::Condition(result));
        result
    }
}

/// The bytes of an attribute against a literal, of which `any` is the `AnyValue` if it is a text.
#[inline]
pub(super) fn bytes_against(
    op: CompareOp,
    bytes: &[u8],
    literal: &Literal,
    any: &[u8],
    arena: &Arena,
) -> Result<bool, EvalError> {
    if !any.is_empty() {
        // PERF: equal texts have equal bytes when both are written as everybody writes them.
        if bytes == any {
            return Ok(matches!(op, CompareOp::Eq | CompareOp::Le | CompareOp::Ge));
        }
        // Two texts that are both written so and differ are not equal.
        if matches!(op, CompareOp::Eq | CompareOp::Ne) && any::text(bytes).is_some() {
            return Ok(op == CompareOp::Ne);
        }
    }
    // PERF (tenant, structural): numbers in canonical encoding are compared without a value being made.
    match (any::number(bytes), literal) {
        (Some(Number::Int(a)), Literal::Int(b)) => return Ok(op.of(&a, b)),
        (Some(Number::Int(a)), Literal::Float(b)) => return Ok(op.of(&(a as f64), b)),
        (Some(Number::Double(a)), Literal::Float(b)) => return Ok(op.of(&a, b)),
        (Some(Number::Double(a)), Literal::Int(b)) => return Ok(op.of(&a, &(*b as f64))),
        (_, Literal::Nil) if any::is_canonical_scalar(bytes) => return Ok(op == CompareOp::Ne),
        _ => {}
    }
    let value = decode_any(bytes)?;
    Ok(against(op, &value, literal, arena))
}

/// What is not there against a literal.
#[inline]
pub(super) fn nil_against(op: CompareOp, literal: &Literal, arena: &Arena) -> bool {
    match (op, literal) {
        (CompareOp::Eq, Literal::Nil) => true,
        (CompareOp::Ne, Literal::Nil) => false,
        _ => against(op, &Value::Nil, literal, arena),
    }
}

#[inline]
fn against(op: CompareOp, value: &Value<'_>, literal: &Literal, arena: &Arena) -> bool {
    match (value, literal) {
        (Value::Int(a), Literal::Int(b)) => op.of(a, b),
        (Value::Str(a), Literal::Str(b)) if op == CompareOp::Eq => *a == b.as_slice(),
        (Value::Str(a), Literal::Str(b)) if op == CompareOp::Ne => *a != b.as_slice(),
        // Containers are compared by the general way: a literal that is one never comes here.
        (value, literal) => literal.value(arena).is_ok_and(|literal| compare(op, value, &literal)),
    }
}

/// An integer field against a number, unless its wire type is not the schema's.
#[inline]
pub(super) fn number_of(field: FieldValue<'_>, conv: Conv) -> Option<i64> {
    match (field, conv) {
        (FieldValue::Absent, _) => Some(0),
        (FieldValue::Present(Payload::Varint(v)), Conv::I32) => Some(i64::from(v as i32)),
        (FieldValue::Present(Payload::Fixed64(v)), Conv::Nanos | Conv::FixedInt) => Some(v as i64),
        _ => None,
    }
}
