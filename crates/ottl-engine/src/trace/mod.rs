//! What statements and conditions did with records, step by step: for people who ask why.
//!
//! Only the plain engine tells ([`crate::interp::Engine::trace`]), so that watching costs nothing where nobody watches.
//! Deliberately elsewhere: names, texts and places in files, which `ottl` adds.

mod chosen;
mod cut;
mod mark;
mod ties;
mod value;

use std::collections::HashMap;

use ottl_core::EvalError;
use ottl_otlp::Difference;
use ottl_plan::{Expr, ExprId, Plan};
use ottl_schema::ContextId;

pub use self::chosen::{Chosen, ChosenTrace, trace_chosen};
pub use self::cut::records_of;
pub(crate) use self::mark::unmark_record;
pub use self::mark::{Marked, mark, unmark};
pub use self::ties::may_fail;
use self::value::shown;
use crate::Place;

/// The number of a field that OTLP does not have. A record that holds it is known by it in the messages of all processors, also
/// where others in front of it are dropped: its value is the record's number.
pub const RECORD_NUMBER: u32 = 0x1fff_fff0;

/// The number of another field that OTLP does not have. The group of a scope says with it how many metrics it has lost that were not
/// asked for, less those that others have appended meanwhile.
pub(crate) const LEFT_OUT: u32 = RECORD_NUMBER + 1;

/// What a trace keeps.
#[derive(Clone, Debug, Default)]
pub struct TraceOptions {
    /// The records of which steps are kept, by their [`RECORD_NUMBER`], in order; those of all, if there is no list.
    pub records: Option<Vec<u64>>,
    /// The statement or condition of which steps are kept, by the number of its text in the plan; those of all without it.
    pub source: Option<u32>,
    /// At most so many steps are kept.
    pub most: usize,
}

/// What a statement or condition did with a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The statement or condition: the number of its text in the plan.
    pub source: u32,
    /// The record, in the message as this processor got it.
    pub place: Place,
    /// Its [`RECORD_NUMBER`], if it has one: resources and scopes have none, and neither have records that statements made.
    pub record: Option<u64>,
    /// What became of it.
    pub result: StepResult,
    /// The operand that decided whether the condition holds, by its place in the text; nothing where there is no condition, where
    /// all operands decided, or where it failed.
    pub decided: Option<(u32, u32)>,
    /// The values of expressions, outer ones first, operands in the order in which they were evaluated.
    pub values: Vec<Evaluated>,
    /// Values that did not fit.
    pub more_values: usize,
    /// What was written.
    pub changes: Vec<Change>,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StepResult {
    /// The condition did not hold.
    NotMatched,
    /// A condition of a filter or group held.
    Held,
    /// The statement ran and wrote something.
    Changed,
    /// The statement ran, and everything was so already.
    Unchanged,
    /// It failed.
    Failed(EvalError),
}

/// The value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    /// Where it stands in the text of the statement or condition, in bytes.
    pub span: (u32, u32),
    /// How many expressions it lies in.
    pub depth: u32,
    /// The type and the value as text, or why there is none.
    pub result: Result<ShownValue, EvalError>,
}

/// A value for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownValue {
    /// Its type, as errors name it.
    pub type_name: String,
    /// Its text, as JSON where JSON has such values.
    pub text: String,
}

/// Something that a statement wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Of the resource, the scope, the record or what lies in it; nothing for the cache.
    pub level: Option<ContextId>,
    /// What differs.
    pub difference: Difference,
}

/// Bytes that a trace may take beyond what a run may.
pub(crate) const TRACE_BYTES: usize = 256 << 20;

/// Expressions of one step that are kept.
const MOST_VALUES: usize = 256;

/// Takes down what a run does.
#[derive(Debug)]
pub(crate) struct Tracer<'t> {
    options: &'t TraceOptions,
    steps: &'t mut Vec<Step>,
    /// Whether the record at hand is one that is asked for.
    is_on: bool,
    depth: u32,
    values: Vec<Evaluated>,
    more_values: usize,
    /// What conditions of the step were found to be.
    answers: HashMap<ExprId, bool>,
}

impl<'t> Tracer<'t> {
    pub fn new(options: &'t TraceOptions, steps: &'t mut Vec<Step>) -> Self {
        let (values, answers) = (Vec::new(), HashMap::new());
        Tracer { options, steps, is_on: false, depth: 0, values, more_values: 0, answers }
    }

    /// Whether steps of a record are asked for.
    pub fn wants(&self, record: u64) -> bool {
        self.options.records.as_ref().is_none_or(|records| records.binary_search(&record).is_ok())
    }

    /// Whether only some records are asked for.
    pub fn is_choosy(&self) -> bool {
        self.options.records.is_some()
    }

    /// A statement or condition begins, on a record that is asked for or not.
    pub fn begin(&mut self, source: u32, wanted: bool) {
        let is_source = self.options.source.is_none_or(|only| only == source);
        self.is_on = wanted && is_source && self.steps.len() < self.options.most;
        self.depth = 0;
        self.values.clear();
        self.more_values = 0;
        self.answers.clear();
    }

    /// Whether what happens now is taken down.
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// An expression begins: the place of its value, if that is kept.
    pub fn enter(&mut self, plan: &Plan, id: ExprId) -> Option<usize> {
        self.depth += 1;
        if matches!(plan.exprs[id.0 as usize], Expr::Const(_) | Expr::Lambda(_)) {
            return None;
        }
        if self.values.len() == MOST_VALUES {
            self.more_values += 1;
            return None;
        }
        let span = plan.spans.get(id.0 as usize).copied().unwrap_or_default();
        let nothing = ShownValue { type_name: String::new(), text: String::new() };
        self.values.push(Evaluated { span, depth: self.depth - 1, result: Ok(nothing) });
        Some(self.values.len() - 1)
    }

    /// The expression has its value.
    pub fn leave(&mut self, id: ExprId, place: Option<usize>, result: Result<&ottl_core::Value<'_>, EvalError>) {
        self.depth = self.depth.saturating_sub(1);
        if let Ok(ottl_core::Value::Bool(answer)) = result {
            self.answer(id, *answer);
        }
        if let Some(value) = place.and_then(|place| self.values.get_mut(place)) {
            value.result = result.map(shown);
        }
    }

    /// A condition has its answer.
    pub fn answer(&mut self, id: ExprId, answer: bool) {
        self.answers.insert(id, answer);
    }

    /// The step is over.
    pub fn end(
        &mut self,
        (source, place, record): (u32, Place, Option<u64>),
        decided: Option<(u32, u32)>,
        result: StepResult,
        changes: Vec<Change>,
    ) {
        if !std::mem::take(&mut self.is_on) {
            return;
        }
        let (values, more_values) = (std::mem::take(&mut self.values), self.more_values);
        self.steps.push(Step { source, place, record, result, decided, values, more_values, changes });
    }

    /// Which operand decided a condition, by its place in the text.
    pub fn decided(&self, plan: &Plan, mut id: ExprId) -> Option<(u32, u32)> {
        loop {
            let answer = *self.answers.get(&id)?;
            let operands = match &plan.exprs[id.0 as usize] {
                Expr::Not(operand) => {
                    id = *operand;
                    continue;
                }
                Expr::And(operands) if !answer => operands,
                Expr::Or(operands) if answer => operands,
                Expr::And(_) | Expr::Or(_) => return None,
                _ => return plan.spans.get(id.0 as usize).copied(),
            };
            // The last one that was asked.
            id = *operands.iter().rev().find(|operand| self.answers.get(operand) == Some(&answer))?;
        }
    }
}
