//! Running plain steps on a record.
//!
//! Everything here answers `None` to give the record up.

use arrayvec::ArrayVec;
use ottl_core::function::{CallContext, PairsKernel, Prepared, Rewritten, TextKernel};
use ottl_core::ops::{arithmetic, coerce, compare, index_converter, negate, storable};
use ottl_core::value::{decode_any, encode_sized_pair};
use ottl_core::{EvalError, List, ListKind, Value};
use ottl_otlp::any::{AnyRef, Glance, glance, single, text};
use ottl_otlp::wire::Payload;
use ottl_plan::{Arg, Expr, ExprId, KeyExpr};
use ottl_schema::{Access, Conv, FieldValue, PointKind, path};

use super::super::action::{Action, Source};
use super::super::code::Step;
use super::super::cond::{Cond, TextOf, bytes_against, nil_against, number_of};
use super::super::node::{BODY, last_field};
use super::super::state::{Parent, State};
use super::record::{MAX_PAIRS, Record, SizedPair, bytes_of};
use super::{MAX_ARGS, Plain};

/// Which steps did what, a bit each.
#[derive(Clone, Copy, Default)]
pub(in crate::fast) struct Done {
    matched: u64,
    changed: u64,
}

impl<'a> State<'a, '_> {
    /// Runs a level's groups on a record.
    #[inline]
    pub fn run_plain(&mut self, record: &mut Record<'a>, groups: &[u32]) -> Option<Done> {
        let mut done = Done::default();
        let mut bit = 1;
        for group in groups {
            for step in &self.code.groups[*group as usize].steps {
                let holds = match &step.condition {
                    Some(condition) => self.plain_holds(record, condition)?,
                    None => true,
                };
                if holds {
                    done.matched |= bit;
                    if self.plain_act(record, step)? {
                        done.changed |= bit;
                    }
                }
                bit <<= 1;
            }
        }
        Some(done)
    }

    /// Counts what steps did.
    #[inline]
    pub fn count_plain(&mut self, groups: &[u32], done: Done) {
        let Done { mut matched, mut changed } = done;
        for group in groups {
            for step in &self.code.groups[*group as usize].steps {
                let counters = self.report.source(step.source);
                counters.evaluated += 1;
                counters.matched += matched & 1;
                counters.changed += changed & 1;
                matched >>= 1;
                changed >>= 1;
            }
        }
    }

    /// Does what a step says. Whether it wrote anything.
    #[inline]
    fn plain_act(&mut self, record: &mut Record<'a>, step: &'a Step) -> Option<bool> {
        match (&step.action, step.plain.as_ref()?) {
            (Action::Delete { key, .. }, Plain::Action) => Some(record.remove(key.number())),
            (Action::Assign { key, source, .. }, Plain::Action) => {
                let pair = match source {
                    Source::Encoded(pair) => pair.sized(),
                    Source::Parent(slot, _) => match self.parent(*slot) {
                        Parent::Pair(pair) => pair,
                        _ => return None,
                    },
                    Source::Expr(expr) => {
                        let value = self.plain_value(record, *expr)?;
                        if value.is_nil() && !self.env.allow_nil {
                            return Some(false);
                        }
                        self.plain_pair(key.named().key, value)?
                    }
                };
                record.put(key.number(), pair)?;
                Some(true)
            }
            (Action::SetField { number, value, .. }, Plain::Action) => {
                record.set_field(*number, value.content());
                Some(true)
            }
            (_, plain) => self.plain_edit(record, plain),
        }
    }

    #[inline(never)]
    fn plain_edit(&mut self, record: &mut Record<'a>, plain: &'a Plain) -> Option<bool> {
        match plain {
            Plain::Action => None,
            Plain::Pairs { kernel: PairsKernel::Keep { keep, all }, call } => {
                let prepared = self.prepared(*call)?;
                if all.is_some_and(|all| all(prepared, record.len())) {
                    return Some(false);
                }
                let mut keys = ArrayVec::<&[u8], MAX_PAIRS>::new();
                for idx in 0..record.len() {
                    keys.try_push(record.key(idx)?).ok()?;
                }
                let mut stays = [true; MAX_PAIRS];
                let stays = stays.get_mut(..keys.len())?;
                keep(prepared, &keys, stays);
                Some(record.retain(stays))
            }
            Plain::Pairs { kernel: PairsKernel::Texts { rewrite, short }, call } => {
                let prepared = self.prepared(*call)?;
                let short = short.map(|short| short(prepared));
                self.plain_texts(record, *rewrite, short, prepared)
            }
            Plain::Text { of, rewrite, call } => self.plain_text(record, of, *rewrite, self.prepared(*call)?),
            Plain::Field { number, inside, conv, call } => {
                let Some(value) = self.plain_argument(record, *call)? else { return Some(false) };
                let stored = conv.write(value, self.arena).ok()?;
                let stored = match inside {
                    None => stored,
                    Some(inner) => {
                        let before = bytes_of(record.field(*number))?;
                        FieldValue::Present(Payload::Bytes(self.with_field(before, *inner, stored).ok()?))
                    }
                };
                record.set_field(*number, stored);
                Some(true)
            }
            Plain::Body { call } => {
                let Some(value) = self.plain_argument(record, *call)? else { return Some(false) };
                let any = self.plain_any(value)?;
                record.set_field(BODY, FieldValue::Present(Payload::Bytes(any)));
                Some(true)
            }
        }
    }

    /// The second argument of a call; nothing if it is nil and writing nil does nothing.
    fn plain_argument(&mut self, record: &Record<'a>, call: u32) -> Option<Option<Value<'a>>> {
        let value = self.plain_arg(record, self.plan.calls[call as usize].args.get(1)?)?;
        Some((!value.is_nil() || self.env.allow_nil).then_some(value))
    }

    /// Rewrites one text.
    fn plain_text(
        &mut self,
        record: &mut Record<'a>,
        of: &'a TextOf,
        rewrite: TextKernel,
        prepared: &Prepared,
    ) -> Option<bool> {
        let text = match of {
            TextOf::Attribute(key) => text_of(record.attribute(key.number()).unwrap_or_default())?,
            TextOf::Body => text_of(bytes_of(record.field(BODY))?)?,
            TextOf::Field(number) => Some(bytes_of(record.field(*number))?),
        };
        let Some(text) = text else { return Some(false) };
        let text = match rewrite(prepared, text, self.arena).ok()? {
            Rewritten::Same => return Some(false),
            Rewritten::Text(text) => Value::Str(text),
            Rewritten::Declined => return None,
        };
        match of {
            TextOf::Attribute(key) => {
                let pair = self.plain_pair(key.named().key, text)?;
                record.put(key.number(), pair)?;
            }
            TextOf::Body => {
                let any = self.any_bytes(&text).ok()?;
                record.set_field(BODY, FieldValue::Present(Payload::Bytes(any)));
            }
            TextOf::Field(number) => record.set_field(*number, Conv::Str.write(text, self.arena).ok()?),
        }
        Some(true)
    }

    /// Rewrites the texts of all attributes.
    fn plain_texts(
        &mut self,
        record: &mut Record<'a>,
        rewrite: TextKernel,
        short: Option<usize>,
        prepared: &Prepared,
    ) -> Option<bool> {
        let mut changed = false;
        for idx in 0..record.len() {
            // What is not longer as a whole has no longer value.
            if short.is_some_and(|short| record.size(idx) <= short) {
                continue;
            }
            let Some(text) = text_of(record.any(idx)?)? else { continue };
            match rewrite(prepared, text, self.arena).ok()? {
                Rewritten::Same => {}
                Rewritten::Text(text) => {
                    let key = record.key(idx)?;
                    if key.is_empty() {
                        // Its pair would be written without a key.
                        return None;
                    }
                    let pair = self.plain_pair(key, Value::Str(text))?;
                    record.put_at(idx, pair)?;
                    changed = true;
                }
                Rewritten::Declined => return None,
            }
        }
        Some(changed)
    }

    /// The `AnyValue` of a value that is no container and can be stored as it is.
    fn plain_any(&mut self, value: Value<'a>) -> Option<&'a [u8]> {
        let value = self.plain_stored(value)?;
        self.any_bytes(&value).ok()
    }

    fn plain_stored(&self, value: Value<'a>) -> Option<Value<'a>> {
        match value {
            Value::Str(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_) => Some(value),
            Value::Map(_) | Value::List(_) => None,
            _ => match storable(value, self.arena) {
                Ok((stored, None)) => Some(stored),
                _ => None,
            },
        }
    }

    /// A pair of an attribute map with such a value.
    fn plain_pair(&mut self, key: &[u8], value: Value<'a>) -> Option<SizedPair<'a>> {
        let value = self.plain_stored(value)?;
        self.sized_pair(key, &value).ok()
    }

    /// A pair of an attribute map in the arena.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`].
    pub fn sized_pair(&mut self, key: &[u8], value: &Value<'_>) -> Result<SizedPair<'a>, EvalError> {
        let (mut pair_at, mut any_at) = (0, 0);
        self.arena.check(value.size() + key.len())?;
        let bytes = self.in_arena(|out| (pair_at, any_at) = encode_sized_pair(out, key, value))?;
        Ok(SizedPair { bytes, pair_at, any_at })
    }

    /// The value of a plain expression.
    fn plain_value(&mut self, record: &Record<'a>, expr: ExprId) -> Option<Value<'a>> {
        let plan = self.plan;
        match &plan.exprs[expr.0 as usize] {
            Expr::Const(n) => plan.literals[*n as usize].value(self.arena).ok(),
            Expr::Path(n) => self.plain_read(record, *n),
            Expr::Math { .. } => self.plain_math(record, expr),
            Expr::Negate { operand, .. } => negate(self.plain_value(record, *operand)?).ok(),
            Expr::Index { base, keys, .. } => {
                let mut value = self.plain_value(record, *base)?;
                for key in keys {
                    value = index_converter(&value, self.key(key).ok()?).ok()?;
                }
                Some(value)
            }
            Expr::List(items) => {
                let mut out = self.arena.vec_for(items.len()).ok()?;
                for item in items {
                    out.push(self.plain_value(record, *item)?).ok()?;
                }
                List::new(ListKind::Any, out.into_slice()).map(Value::List).ok()
            }
            Expr::Call(n) => {
                let site = &plan.calls[*n as usize];
                let mut args = ArrayVec::<Value<'a>, MAX_ARGS>::new();
                for arg in &site.args {
                    args.try_push(self.plain_arg(record, arg)?).ok()?;
                }
                CallContext::new(self, site.prepared.as_ref()).call(site.function.eval, &args).ok()
            }
            _ => self.plain_test(record, expr).map(Value::Bool),
        }
    }

    /// The value of an operator: see the general way for why it has frames of its own.
    #[inline(never)]
    fn plain_math(&mut self, record: &Record<'a>, expr: ExprId) -> Option<Value<'a>> {
        let plan = self.plan;
        let Expr::Math { op, left, right, .. } = &plan.exprs[expr.0 as usize] else {
            return self.plain_value(record, expr);
        };
        let left = self.plain_math(record, *left)?;
        let right = self.plain_value(record, *right)?;
        arithmetic(*op, left, right).ok()
    }

    fn plain_arg(&mut self, record: &Record<'a>, arg: &'a Arg) -> Option<Value<'a>> {
        match arg {
            Arg::Absent => Some(Value::Absent),
            Arg::Const(literal) => literal.value(self.arena).ok(),
            Arg::Eager { expr, coerce: to, each } => {
                let value = self.plain_value(record, *expr)?;
                match (to, each) {
                    (None, None) => Some(value),
                    (Some(to), _) => coerce(*to, value, self.arena).ok(),
                    (None, Some(each)) => self.coerce_each(*each, value).ok(),
                }
            }
            _ => None,
        }
    }

    /// Whether a plain expression that is a condition holds.
    fn plain_test(&mut self, record: &Record<'a>, expr: ExprId) -> Option<bool> {
        let plan = self.plan;
        match &plan.exprs[expr.0 as usize] {
            Expr::Compare { op, left, right } => {
                let left = self.plain_value(record, *left)?;
                let right = self.plain_value(record, *right)?;
                Some(compare(*op, &left, &right))
            }
            Expr::And(operands) => {
                for operand in operands {
                    if !self.plain_test(record, *operand)? {
                        return Some(false);
                    }
                }
                Some(true)
            }
            Expr::Or(operands) => {
                for operand in operands {
                    if self.plain_test(record, *operand)? {
                        return Some(true);
                    }
                }
                Some(false)
            }
            Expr::Not(operand) => self.plain_test(record, *operand).map(|holds| !holds),
            Expr::Test { operand, .. } => self.plain_truth(record, *operand),
            Expr::Const(_) | Expr::Path(_) | Expr::Call(_) => self.plain_truth(record, expr),
            _ => None,
        }
    }

    fn plain_truth(&mut self, record: &Record<'a>, expr: ExprId) -> Option<bool> {
        match self.plain_value(record, expr)? {
            Value::Bool(holds) => Some(holds),
            _ => None,
        }
    }

    /// The value of a path.
    fn plain_read(&mut self, record: &Record<'a>, n: u32) -> Option<Value<'a>> {
        let used = &self.plan.paths[n as usize];
        let code = self.paths.at(n);
        if code.level != record.level {
            let value = self.read_path(n).ok()?;
            // What records share is looked at once for each of them.
            if let Value::Str(text) | Value::Bytes(text) = value {
                self.steps.look_at(text.len()).ok()?;
            }
            return Some(value);
        }
        match (code.access, used.keys.as_slice()) {
            (Access::Attributes(_), [KeyExpr::Str(_)]) => match record.attribute(code.known) {
                Some(any) => decode_any(any).ok(),
                None => Some(Value::Nil),
            },
            (Access::Field(fields, conv), []) => {
                conv.read(record.field(fields.number(PointKind::Number)?), self.arena).ok()
            }
            (Access::Nested(outer, inner, conv), []) => {
                let message = bytes_of(record.field(outer.number(PointKind::Number)?))?;
                conv.read(last_field(message, u32::from(inner)).ok()?, self.arena).ok()
            }
            (Access::Body, []) => decode_any(bytes_of(record.field(BODY))?).ok(),
            _ => {
                debug_assert!(false, "{} is no plain path", path(used.path).name);
                None
            }
        }
    }

    #[inline]
    fn plain_holds(&mut self, record: &Record<'a>, condition: &'a Cond) -> Option<bool> {
        match condition {
            Cond::Attribute { key, op, literal, any, .. } => {
                let literal = self.plan.literals.get(*literal as usize)?;
                match record.attribute(key.number()) {
                    Some(bytes) => bytes_against(*op, bytes, literal, any, self.arena).ok(),
                    None => Some(nil_against(*op, literal, self.arena)),
                }
            }
            Cond::Field { number, conv, op, value, .. } => {
                Some(op.of(&number_of(record.field(*number), *conv)?, value))
            }
            other => self.plain_holds_otherwise(record, other),
        }
    }

    fn plain_holds_otherwise(&mut self, record: &Record<'a>, condition: &'a Cond) -> Option<bool> {
        match condition {
            Cond::FieldText { number, text, negated, .. } => {
                Some((bytes_of(record.field(*number))? == text.as_slice()) != *negated)
            }
            Cond::Text { of, test, call, nil_passes, .. } => {
                let prepared = self.prepared(*call);
                let any = match of {
                    TextOf::Attribute(key) => record.attribute(key.number()).unwrap_or_default(),
                    TextOf::Field(number) => return Some(test(prepared, Some(bytes_of(record.field(*number))?))),
                    TextOf::Body => bytes_of(record.field(BODY))?,
                };
                match text(any) {
                    Some(text) => Some(test(prepared, Some(text))),
                    None if any.is_empty() && *nil_passes => Some(test(prepared, None)),
                    None => None,
                }
            }
            Cond::And(parts) => {
                for part in parts {
                    if !self.plain_holds(record, part)? {
                        return Some(false);
                    }
                }
                Some(true)
            }
            Cond::Or(parts) => {
                for part in parts {
                    if self.plain_holds(record, part)? {
                        return Some(true);
                    }
                }
                Some(false)
            }
            Cond::Not(inner) => self.plain_holds(record, inner).map(|holds| !holds),
            // It looks at other levels alone; its error is raised again where it is reported.
            Cond::PerParent { .. } => self.holds(condition).ok(),
            Cond::Expr(expr) => self.plain_test(record, *expr),
            Cond::Attribute { .. } | Cond::Field { .. } => None,
        }
    }
}

/// The text that an `AnyValue` is; `Some(None)` if it is something else or nothing. `None` if it is not written as nearly
/// all are.
#[inline(always)]
fn text_of(any: &[u8]) -> Option<Option<&[u8]>> {
    match glance(any) {
        Glance::Text(text) => Some(Some(text)),
        Glance::Scalar => Some(None),
        Glance::Unclear => irregular_text_of(any),
    }
}

/// The same for values that are written in some other way.
#[inline(never)]
fn irregular_text_of(any: &[u8]) -> Option<Option<&[u8]>> {
    match single(any)? {
        AnyRef::Text(_) | AnyRef::Empty => None,
        _ => Some(None),
    }
}
