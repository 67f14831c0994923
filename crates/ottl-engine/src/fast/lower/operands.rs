//! [`Operands`]: the computed values that several steps of a level ask about: keys of caches and behind keys, and what
//! converters give.
//!
//! Tried one by one, five hundred rules about `cache["level"]` or `ToLowerCase(attributes["a"])` compute the same value five
//! hundred times. The screen computes it once when the record is entered, and once more behind each step that may write what
//! it looks at; what it equals is found by one look into a table. The values behind several keys of one map are one value here:
//! what is asked about each is asked in one pass over the pairs of the map, and of a key that is not there mostly nothing is.
//!
//! Why results stay the same: such a value is pure, and looks at nothing that another level of the walk writes while the
//! steps run. Between two writes to what it looks at it is the same wherever it is computed. Where computing it fails, all
//! steps that ask about it are tried, and fail by themselves. In two kinds of groups it is a value of its own, which no other
//! group asks about: where it looks at a cache, which is empty when the group begins, and nothing else that an earlier
//! group may write; and where the group has conditions, because it is not computed before one of them holds.

use std::collections::HashMap;
use std::ops::Range;

use ottl_core::edit::KnownKeys;
use ottl_core::function::{Kernel, TextPredicate};
use ottl_core::ops::{Coercion, CompareOp};
use ottl_plan::{Arg, Expr, ExprId, KeyExpr, Literal, Plan};
use ottl_regex::TextPattern;
use ottl_schema::{Access, ContextId, path};

use super::alike::Alike;
use super::writes::{Reads, Written};
use crate::fast::program::cond::Cond;
use crate::fast::program::screen::{Asked, AskedKeys, AskedOperand};
use crate::fast::program::{GroupProgram, Step};

/// So many conditions ask about a value that is computed for all of them.
///
/// PERF: what one or two ask costs no more where it stands, and is often not asked at all.
const SEVERAL: usize = 3;

/// A question about a computed value.
#[derive(Clone, Copy)]
pub(super) enum Question<'p> {
    /// It is this text.
    Text(&'p [u8]),
    /// It is one of these texts.
    Texts(&'p [Vec<u8>]),
    /// It is this number.
    Int(i64),
    /// How it compares with the literal of this number.
    Compare(CompareOp, u32),
    /// It is a text that matches; the call that asks, and whether nil does not match.
    Pattern(&'p TextPattern, u32, bool),
}

/// What a condition asks.
#[derive(Clone, Copy)]
pub(super) struct Asking<'p> {
    /// The number of the computed value.
    pub operand: usize,
    /// Where those behind several keys of a map are one: the key.
    pub key: Option<&'p [u8]>,
    pub question: Question<'p>,
}

/// A computed value.
pub(super) struct Operand<'p> {
    /// Where those behind several keys of a map are one, the value behind one of them.
    pub expr: ExprId,
    /// The steps that may ask about it.
    pub steps: Range<usize>,
    reads: Reads<'p>,
    looks_at_cache: bool,
    /// The group that has to be run before it is computed, if that has conditions.
    behind: Option<usize>,
    /// How many conditions ask about it.
    conditions: usize,
    /// Where it is behind a key of a map: what says which map, by number, and the key.
    of_map: Option<(u32, &'p [u8])>,
    /// Where those behind several keys of a map are one: a path to one of them.
    keys: Option<u32>,
}

impl Operand<'_> {
    /// Whether what step `at` writes may change it, if no key is there twice.
    pub fn sees(&self, at: usize, written: &Written<'_>, known: &KnownKeys) -> bool {
        let is_in = self.steps.contains(&at);
        self.reads.sees(written, known, true) && (is_in || self.behind.is_none()) || self.is_in_cache_of(at, written)
    }

    /// Whether a step may write the cache that it looks at.
    pub fn is_in_cache_of(&self, at: usize, written: &Written<'_>) -> bool {
        self.looks_at_cache && written.caches && self.steps.contains(&at)
    }
}

impl From<&Operand<'_>> for AskedOperand {
    fn from(operand: &Operand<'_>) -> AskedOperand {
        AskedOperand {
            expr: operand.expr,
            steps: operand.steps.clone(),
            looks_at_cache: operand.looks_at_cache,
            behind: operand.behind,
            asked: Asked::default(),
            keys: operand.keys.map(AskedKeys::new),
        }
    }
}

/// The computed values of a level.
#[derive(Default)]
pub(super) struct Operands<'p> {
    pub all: Vec<Operand<'p>>,
    /// By group and condition: what it asks.
    questions: HashMap<(usize, ExprId), Asking<'p>>,
}

impl<'p> Operands<'p> {
    /// Those that several conditions of these steps and groups ask about. Bits of `written` are the levels that
    /// something of the walk writes.
    pub fn new(
        plan: &'p Plan,
        level: ContextId,
        written: u16,
        steps: &'p [Step],
        groups: &'p [GroupProgram],
    ) -> Operands<'p> {
        let mut found = Found {
            of: Place { plan, level, written, steps: steps.len() },
            alike: Alike::new(plan),
            by_number: HashMap::new(),
            operands: Operands::default(),
        };
        for (number, group) in groups.iter().enumerate() {
            group.conditions.iter().for_each(|(condition, _)| found.condition(condition, number, None));
            let conditions = steps.get(group.steps.0..group.steps.1).unwrap_or_default().iter();
            for condition in conditions.filter_map(|step| step.condition.as_ref()) {
                found.condition(condition, number, Some(group));
            }
        }
        found.operands.of_maps(plan).of_several()
    }

    /// The same where the values behind several keys of a map are one.
    fn of_maps(mut self, plan: &Plan) -> Operands<'p> {
        let mut first_of = HashMap::new();
        let mut one_of: Vec<usize> = (0..self.all.len()).collect();
        for (at, one) in one_of.iter_mut().enumerate() {
            let Operand { of_map: Some((map, _)), behind, conditions, .. } = self.all[at] else { continue };
            let first = *first_of.entry((map, self.all[at].steps.start, behind)).or_insert(at);
            let Expr::Path(path) = plan.exprs[self.all[first].expr.0 as usize] else { continue };
            if first != at {
                *one = first;
                self.all[first].keys = Some(path);
                self.all[first].conditions += conditions;
                self.all[at].conditions = 0;
            }
        }
        for asking in self.questions.values_mut() {
            let key = self.all[asking.operand].of_map.map(|(_, key)| key);
            asking.operand = one_of[asking.operand];
            asking.key = key.filter(|_| self.all[asking.operand].keys.is_some());
        }
        self
    }

    /// Those that several conditions ask about.
    fn of_several(self) -> Operands<'p> {
        let mut next = 0..;
        let mut number = |operand: &Operand<'_>| if operand.conditions >= SEVERAL { next.next() } else { None };
        let numbers: Vec<Option<usize>> = self.all.iter().map(&mut number).collect();
        let questions = self.questions.into_iter();
        let renumbered = |asking: Asking<'p>| Some(Asking { operand: numbers[asking.operand]?, ..asking });
        Operands {
            questions: questions.filter_map(|(of, asking)| Some((of, renumbered(asking)?))).collect(),
            all: self.all.into_iter().filter(|operand| operand.conditions >= SEVERAL).collect(),
        }
    }

    /// What a condition of a group asks about a computed value.
    pub fn question(&self, group: usize, condition: ExprId) -> Option<Asking<'p>> {
        self.questions.get(&(group, condition)).copied()
    }
}

/// Where values are computed.
struct Place<'p> {
    plan: &'p Plan,
    level: ContextId,
    written: u16,
    steps: usize,
}

/// What was found so far.
struct Found<'p> {
    of: Place<'p>,
    alike: Alike<'p>,
    /// By what it says, and by group where it is a value of its own: the number of a value, if it can be computed once.
    by_number: HashMap<(u32, Option<usize>), Option<usize>>,
    operands: Operands<'p>,
}

impl<'p> Found<'p> {
    /// Takes in a condition. `group` is that of a step: the conditions of groups see no cache.
    fn condition(&mut self, condition: &'p Cond, number: usize, group: Option<&GroupProgram>) {
        match condition {
            Cond::And(parts) | Cond::Or(parts) => {
                parts.iter().for_each(|part| self.condition(part, number, group));
            }
            Cond::Expr(id) | Cond::Sure(id) | Cond::Ints { expr: id, .. } => {
                let Some((expr, question)) = question(self.of.plan, *id) else { return };
                if let Some(operand) = self.operand(expr, number, group) {
                    self.operands.all[operand].conditions += 1;
                    self.operands.questions.insert((number, *id), Asking { operand, key: None, question });
                }
            }
            _ => {}
        }
    }

    fn operand(&mut self, expr: ExprId, number: usize, group: Option<&GroupProgram>) -> Option<usize> {
        let said = self.alike.expr(expr);
        if let Some(known) = self.by_number.get(&(said, None)).or_else(|| self.by_number.get(&(said, Some(number)))) {
            return *known;
        }
        let Place { plan, level, written, steps } = self.of;
        let (of_group, operand) = match Reads::of_value(plan, level, written, expr) {
            Ok((reads, looks_at_cache)) => {
                let behind = group.filter(|group| !group.conditions.is_empty()).map(|_| number);
                let is_own = looks_at_cache || behind.is_some();
                let range = match group {
                    Some(group) if is_own => group.steps.0..group.steps.1,
                    _ => 0..steps,
                };
                let may_be = match group {
                    _ if !looks_at_cache => reads.is_of_record(),
                    // Where records share a cache, something else may be in it from the start.
                    Some(group) => !group.shares_cache && (range.len() == steps || reads.is_of_cache_alone()),
                    None => false,
                };
                let of_map = self.map_of(expr);
                let operand =
                    Operand { expr, steps: range, reads, looks_at_cache, behind, conditions: 0, of_map, keys: None };
                (is_own.then_some(number), may_be.then_some(operand))
            }
            Err(_) => (None, None),
        };
        let operand = operand.map(|operand| {
            self.operands.all.push(operand);
            self.operands.all.len() - 1
        });
        self.by_number.insert((said, of_group), operand);
        operand
    }

    /// Where a value is behind a key of a map: what says which map, by number, and the key.
    fn map_of(&mut self, expr: ExprId) -> Option<(u32, &'p [u8])> {
        let Expr::Path(number) = self.of.plan.exprs.get(expr.0 as usize)? else { return None };
        let used = self.of.plan.paths.get(*number as usize)?;
        let (KeyExpr::Str(key), outer) = used.keys.split_last()? else { return None };
        let is_map = match path(used.path).access {
            Access::Body => true,
            Access::Cache => matches!(outer.first(), None | Some(KeyExpr::Str(_))),
            // The keys of the attributes themselves are asked about where they are found.
            Access::Attributes(_) => matches!(outer.first(), Some(KeyExpr::Str(_))),
            _ => false,
        };
        is_map.then(|| (self.alike.path_of(used.path, outer), &key[..]))
    }
}

/// The value that a condition asks about, and what it asks, if it is of such a form.
fn question(plan: &Plan, id: ExprId) -> Option<(ExprId, Question<'_>)> {
    match &plan.exprs[id.0 as usize] {
        Expr::Compare { op, left, right } => {
            let Expr::Const(literal) = &plan.exprs[right.0 as usize] else { return None };
            let question = match (op, plan.literals.get(*literal as usize)?) {
                (CompareOp::Eq, Literal::Str(text)) => Question::Text(text),
                (CompareOp::Eq, Literal::Int(int)) => Question::Int(*int),
                _ => Question::Compare(*op, *literal),
            };
            Some((*left, question))
        }
        Expr::Test { operand, .. } => {
            let Expr::Call(call) = &plan.exprs[operand.0 as usize] else { return None };
            let site = &plan.calls[*call as usize];
            if let (Kernel::IsAmong(texts), [_, Arg::Eager { expr, coerce: None, each: None }]) =
                (&site.kernel, &site.args[..])
            {
                return Some((*expr, Question::Texts(texts)));
            }
            let Kernel::Predicate(TextPredicate::Matches(pattern)) = &site.kernel else { return None };
            let (Arg::Eager { expr, coerce, each: None }, others) = site.args.split_first()? else { return None };
            let nil_passes = matches!(coerce, None | Some(Coercion::StringLike));
            let is_known = others.iter().all(Arg::is_literal);
            is_known.then_some((*expr, Question::Pattern(pattern, *call, nil_passes)))
        }
        _ => None,
    }
}
