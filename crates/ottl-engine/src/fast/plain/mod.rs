//! Plain steps: statements that name their attributes and fields, on messages that are written as nearly all are.
//!
//! Where all statements of a level are plain, a message of it is scanned, judged, edited and written in one go
//! ([`record`]), without a node and without values. Whatever is not plain gives the message up before anything came of
//! it, and it takes the general way: unusual encodings, repeated keys, errors, values of other types.
//! INVARIANT: results equal those of the general way; a message that is given up has changed nothing.

pub(super) mod record;

use ottl_core::Bump;
use ottl_core::edit::MAX_KNOWN;
use ottl_plan::{Group, Literal};
use ottl_schema::{ContextId, PointKind};

use super::action::{Action, Source};
use super::code::{Code, Key, Step};
use super::cond::{Cond, TextOf, bytes_against, nil_against, number_of, usual_text};
use super::node::{BODY, shape};
use super::plan::{Pass, bit};
use super::state::{Parent, State};
use record::{Record, SizedPair, bytes_of};

/// How many steps a level may have: a bit of a word for each.
const MAX_STEPS: usize = 64;

/// Marks the levels of a pass that can be run here.
pub(super) fn mark(pass: &mut Pass, groups: &[Group], code: &Code) {
    for level in ContextId::ALL {
        let numbers = &pass.groups[level as usize];
        let steps = || numbers.iter().flat_map(|number| &code.groups[*number as usize].steps);
        let plain = !numbers.is_empty()
            && pass.from_below & bit(level) == 0
            && numbers.iter().all(|number| groups[*number as usize].conditions.is_empty())
            && steps().count() <= MAX_STEPS
            && steps().all(|step| is_plain(step, level));
        if plain {
            pass.plain |= bit(level);
        }
    }
}

/// Whether a step needs nothing but known keys and fields of its own level, and what is known for resource and scope.
fn is_plain(step: &Step, level: ContextId) -> bool {
    let action = match &step.action {
        Action::Delete { level: of, key } => *of == level && key.is_known(),
        Action::Assign { level: of, key, source, .. } => {
            *of == level && key.is_known() && !matches!(source, Source::Expr(_))
        }
        Action::SetField { level: of, number, .. } => *of == level && is_plain_field(level, *number),
        Action::Call(_) | Action::EditMap { .. } => false,
    };
    action && step.condition.as_ref().is_none_or(|condition| is_plain_condition(condition, level))
}

/// Whether a field is neither one of a oneof nor a message that merges, and has a tag of one byte.
fn is_plain_field(level: ContextId, number: u32) -> bool {
    let shape = shape::of(level, PointKind::Number);
    number < 16 && (shape.oneof | shape.merged) >> number & 1 == 0
}

fn is_plain_condition(condition: &Cond, level: ContextId) -> bool {
    match condition {
        Cond::Attribute { level: of, key, .. } => *of == level && key.is_known(),
        Cond::Field { level: of, number, .. } | Cond::FieldText { level: of, number, .. } => {
            *of == level && is_plain_field(level, *number)
        }
        Cond::Text { level: of, of: text, .. } => {
            *of == level
                && match text {
                    TextOf::Attribute(key) => key.is_known(),
                    TextOf::Field(number) => is_plain_field(level, *number),
                    TextOf::Body => true,
                }
        }
        Cond::And(parts) | Cond::Or(parts) => parts.iter().all(|part| is_plain_condition(part, level)),
        Cond::Not(inner) => is_plain_condition(inner, level),
        Cond::PerParent { .. } => true,
        Cond::Expr(_) => false,
    }
}

/// Which steps did what, a bit each.
#[derive(Clone, Copy, Default)]
pub(super) struct Done {
    matched: u64,
    changed: u64,
}

impl<'a> State<'a, '_> {
    /// Runs a level's steps on a record that was scanned. `None` if it has to be given up.
    #[inline]
    pub fn run_plain(&mut self, record: &mut Record<'a>, numbers: &[u32]) -> Option<Done> {
        let mut done = Done::default();
        let mut bit = 1;
        for number in numbers {
            for step in &self.code.groups[*number as usize].steps {
                let holds = match &step.condition {
                    Some(condition) => self.plain_holds(record, condition)?,
                    None => true,
                };
                if holds {
                    done.matched |= bit;
                    if self.plain_act(record, &step.action)? {
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
    pub fn count_plain(&mut self, numbers: &[u32], done: Done) {
        let Done { mut matched, mut changed } = done;
        for number in numbers {
            self.visited[*number as usize] += 1;
            for step in &self.code.groups[*number as usize].steps {
                let counters = self.report.source(step.source);
                counters.evaluated += 1;
                counters.matched += matched & 1;
                counters.changed += changed & 1;
                matched >>= 1;
                changed >>= 1;
            }
        }
    }

    #[inline]
    fn plain_act(&mut self, record: &mut Record<'a>, action: &'a Action) -> Option<bool> {
        match action {
            Action::Delete { key, .. } => Some(record.remove(key.number())),
            Action::Assign { key, source, .. } => {
                let pair = match source {
                    Source::Encoded(pair) => pair.sized(),
                    Source::Parent(slot, _) => match self.parent(*slot) {
                        Parent::Pair(pair) => pair,
                        _ => return None,
                    },
                    Source::Expr(_) => return None,
                };
                record.put(key.number(), pair)?;
                Some(true)
            }
            Action::SetField { number, value, .. } => {
                record.set_field(*number, value);
                Some(true)
            }
            Action::Call(_) | Action::EditMap { .. } => None,
        }
    }

    #[inline]
    fn plain_holds(&mut self, record: &Record<'a>, condition: &'a Cond) -> Option<bool> {
        match condition {
            Cond::Attribute { key, op, literal, any, .. } => {
                let literal: &Literal = self.plan.literals.get(*literal as usize)?;
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
                let prepared = self.plan.calls[*call as usize].prepared.as_ref();
                let any = match of {
                    TextOf::Attribute(key) => record.attribute(key.number()).unwrap_or_default(),
                    TextOf::Field(number) => return Some(test(prepared, Some(bytes_of(record.field(*number))?))),
                    TextOf::Body => bytes_of(record.field(BODY))?,
                };
                match usual_text(any) {
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
            Cond::Attribute { .. } | Cond::Field { .. } | Cond::Expr(_) => None,
        }
    }
}

impl Key {
    fn is_known(&self) -> bool {
        usize::from(self.number()) < MAX_KNOWN
    }
}

/// A pair that is the same for every record.
#[derive(Debug)]
pub(super) struct EncodedPair {
    bytes: Vec<u8>,
    pair_at: usize,
    any_at: usize,
}

impl EncodedPair {
    /// From a `KeyValue`, and where the value starts in it.
    pub fn new(pair: &[u8], any_at: usize) -> EncodedPair {
        let mut bytes = Vec::with_capacity(pair.len() + 2);
        ottl_otlp::wire::put_varint(&mut bytes, pair.len() as u64);
        let pair_at = bytes.len();
        bytes.extend_from_slice(pair);
        EncodedPair { bytes, pair_at, any_at: pair_at + any_at }
    }

    /// The pair, ready to be written.
    #[inline]
    pub fn sized(&self) -> SizedPair<'_> {
        SizedPair { bytes: &self.bytes, pair_at: self.pair_at, any_at: self.any_at }
    }

    /// The same in the arena.
    pub fn in_arena<'a>(&self, arena: &'a Bump) -> SizedPair<'a> {
        SizedPair { bytes: arena.alloc_slice_copy(&self.bytes), pair_at: self.pair_at, any_at: self.any_at }
    }
}
