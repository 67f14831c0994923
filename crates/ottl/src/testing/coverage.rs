//! Which statements cases ran, and which sides of their conditions they met.
//!
//! A statement is known by its place in its file: rule sets of several cases that hold it count together.

use std::collections::HashMap;

use ottl_diagnostics::Location;
use ottl_plan::{Expr, ExprId, Plan, Program};

use super::telemetry::Message;
use crate::{Error, ProcessorKind, RuleSet, StatementRef, Trace, TraceOptions, TracedResult, TracedStep, TracedValue};

/// What stands between a statement and its condition.
const WHERE: &str = "where";

/// Steps that are held at a time.
const MOST_STEPS: usize = 100_000;

/// Points, events and the like of a record that are reckoned with: each is a step of a statement about them.
const PARTS: usize = 10;

/// What cases did with rules.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    files: Vec<CoveredFile>,
    rows: Vec<CoveredStatement>,
    known: HashMap<(usize, u32, u32), usize>,
}

/// A file of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CoveredFile {
    /// As the caller named it.
    pub name: String,
    /// Its text. Of rules that stand in a case file, the lines of that.
    pub text: String,
}

/// A statement, or a condition of a group or filter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CoveredStatement {
    /// Its file: a number among [`Coverage::files`].
    pub file: usize,
    /// Where it begins.
    pub location: Location,
    /// The text as it stands in the file.
    pub text: String,
    /// Whether it is a condition, and not a statement.
    pub is_condition: bool,
    /// How often a record came to it.
    pub evaluated: u64,
    /// How often it ran, or held. A statement that failed ran, if its condition held.
    pub matched: u64,
    /// Its condition, and behind that the operands of that where there are several.
    pub conditions: Vec<CoveredCondition>,
}

/// A condition or an operand of one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CoveredCondition {
    /// The text as it stands in the file.
    pub text: String,
    /// Where it begins in the statement's text, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// How often it held.
    pub held: u64,
    /// How often it did not.
    pub not_held: u64,
    /// How often it failed: then it met no side.
    pub failed: u64,
}

/// How much of something was met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// How much was.
    pub met: usize,
    /// How much there is.
    pub all: usize,
}

impl CoveredStatement {
    /// Whether it ran; a condition, whether it was asked.
    pub fn is_met(&self) -> bool {
        if self.is_condition { self.evaluated > 0 } else { self.matched > 0 }
    }
}

impl Coverage {
    /// The files in the order in which their rules came first.
    pub fn files(&self) -> &[CoveredFile] {
        &self.files
    }

    /// The statements of a file in their order.
    pub fn statements(&self, file: usize) -> impl Iterator<Item = &CoveredStatement> {
        let mut rows: Vec<&CoveredStatement> = self.rows.iter().filter(|row| row.file == file).collect();
        rows.sort_by_key(|row| (row.location.line, row.location.column));
        rows.into_iter()
    }

    /// How many of these statements ran.
    pub fn ran<'s>(rows: impl Iterator<Item = &'s CoveredStatement>) -> Share {
        rows.fold(Share::default(), |sum, row| Share { met: sum.met + usize::from(row.is_met()), all: sum.all + 1 })
    }

    /// How many sides of the conditions of these statements were met: each has two.
    pub fn sides<'s>(rows: impl Iterator<Item = &'s CoveredStatement>) -> Share {
        rows.flat_map(|row| &row.conditions).fold(Share::default(), |sum, condition| Share {
            met: sum.met + usize::from(condition.held > 0) + usize::from(condition.not_held > 0),
            all: sum.all + 2,
        })
    }

    /// Adds the statements of rules, which no case has met yet.
    pub fn add_rules(&mut self, rules: &RuleSet) {
        for part in rules.warnings().by_file() {
            self.file(part.file(), part.text());
        }
        for signal in rules.signals() {
            for statement in rules.statements(signal) {
                self.row(statement);
            }
        }
    }

    /// Adds what rules do with messages.
    ///
    /// # Errors
    /// Damage of a message.
    pub fn add(&mut self, rules: &RuleSet, messages: &[Message]) -> Result<(), Error> {
        self.add_rules(rules);
        for Message { signal, bytes } in messages {
            let rows: Vec<usize> = rules.statements(*signal).map(|statement| self.row(statement)).collect();
            let at_once = (MOST_STEPS / PARTS / rows.len().max(1)).max(1) as u64;
            let (mut first, mut records) = (0, 1);
            while first < records {
                let wanted = (first..first + at_once).collect();
                let options = TraceOptions { records: Some(wanted), most: MOST_STEPS, ..TraceOptions::default() };
                let trace = rules.trace(*signal, bytes, &options)?;
                self.count(&trace, &rows);
                records = trace.records;
                first += at_once;
            }
        }
        Ok(())
    }

    /// Adds what was counted elsewhere.
    pub fn merge(&mut self, other: &Coverage) {
        for row in &other.rows {
            let file = &other.files[row.file];
            let file = self.file(&file.name, &file.text);
            let (line, column) = (row.location.line, row.location.column);
            let Some(&at) = self.known.get(&(file, line, column)) else {
                self.known.insert((file, line, column), self.rows.len());
                self.rows.push(CoveredStatement { file, ..row.clone() });
                continue;
            };
            let ours = &mut self.rows[at];
            ours.evaluated += row.evaluated;
            ours.matched += row.matched;
            for (ours, theirs) in ours.conditions.iter_mut().zip(&row.conditions) {
                ours.held += theirs.held;
                ours.not_held += theirs.not_held;
                ours.failed += theirs.failed;
            }
        }
    }

    fn file(&mut self, name: &str, text: &str) -> usize {
        let found = self.files.iter().position(|file| file.name == name);
        let at = found.unwrap_or_else(|| {
            self.files.push(CoveredFile { name: name.to_owned(), text: String::new() });
            self.files.len() - 1
        });
        // Rules of a case file are pieces of it with blank lines in front: each adds its own lines.
        let file = &mut self.files[at];
        if file.text.is_empty() {
            file.text = text.to_owned();
        } else if file.text != text {
            file.text = overlaid(&file.text, text);
        }
        at
    }

    fn row(&mut self, statement: StatementRef<'_>) -> usize {
        let file = self.file(statement.file(), "");
        let location = statement.location();
        let next = self.rows.len();
        let at = *self.known.entry((file, location.line, location.column)).or_insert(next);
        if at == next {
            let (plan, source) = statement.plan();
            let (is_condition, condition) = condition_of(plan, source);
            self.rows.push(CoveredStatement {
                file,
                location,
                text: statement.text().to_owned(),
                is_condition: is_condition || statement.kind() == ProcessorKind::Filter,
                evaluated: 0,
                matched: 0,
                conditions: condition.map(|id| conditions(plan, id, &statement)).unwrap_or_default(),
            });
        }
        at
    }

    fn count(&mut self, trace: &Trace, rows: &[usize]) {
        for step in &trace.steps {
            let Some(row) = rows.get(step.statement).and_then(|at| self.rows.get_mut(*at)) else { continue };
            row.evaluated += 1;
            let ran = |condition: &CoveredCondition| answer(step, condition) == Some(true);
            let matched = match step.result {
                TracedResult::NotMatched => false,
                TracedResult::Failed => !row.is_condition && row.conditions.first().is_none_or(ran),
                _ => true,
            };
            row.matched += u64::from(matched);
            for (number, condition) in row.conditions.iter_mut().enumerate() {
                let held = match (number, step.result) {
                    (0, TracedResult::NotMatched) => Some(false),
                    (0, _) if matched => Some(true),
                    _ => answer(step, condition),
                };
                match held {
                    Some(true) => condition.held += 1,
                    Some(false) => condition.not_held += 1,
                    None if number == 0 || failed(step, condition) => condition.failed += 1,
                    None => {}
                }
            }
        }
    }
}

/// The values of an operand.
fn found<'s>(step: &'s TracedStep, condition: &CoveredCondition) -> impl Iterator<Item = &'s TracedValue> {
    let place = (condition.start, condition.end);
    step.values.iter().filter(move |value| (value.part.start, value.part.end) == place)
}

/// What an operand was found to be; nothing where others decided, and where it failed.
fn answer(step: &TracedStep, condition: &CoveredCondition) -> Option<bool> {
    let value = found(step, condition).find(|value| value.type_name.as_deref() == Some("bool"))?;
    Some(value.value.as_deref() == Some("true"))
}

/// Whether an operand was asked and failed.
fn failed(step: &TracedStep, condition: &CoveredCondition) -> bool {
    found(step, condition).any(|value| value.error.is_some())
}

/// Whether a text of a plan is a condition of its own, and the condition that it is or has.
fn condition_of(plan: &Plan, source: u32) -> (bool, Option<ExprId>) {
    match &plan.program {
        Program::Transform(transform) => {
            for group in &transform.groups {
                if let Some((id, _)) = group.conditions.iter().find(|(_, of)| *of == source) {
                    return (true, Some(*id));
                }
                if let Some(statement) = group.statements.iter().find(|statement| statement.source == source) {
                    return (false, statement.condition);
                }
            }
            (false, None)
        }
        Program::Filter(filter) => {
            let mut all = filter.stages.iter().flat_map(|stage| &stage.conditions).flat_map(|(_, list)| list);
            (true, all.find(|(_, of)| *of == source).map(|(id, _)| *id))
        }
    }
}

/// A condition, and its operands where there are several.
fn conditions(plan: &Plan, id: ExprId, statement: &StatementRef<'_>) -> Vec<CoveredCondition> {
    let mut leaves = Vec::new();
    operands(plan, id, &mut leaves);
    let covered = |id: ExprId| {
        let span = plan.spans.get(id.0 as usize).copied()?;
        let part = statement.traced_part(span)?;
        Some(CoveredCondition { text: part.text, start: part.start, end: part.end, held: 0, not_held: 0, failed: 0 })
    };
    let mut all: Vec<CoveredCondition> = covered(id).into_iter().collect();
    if let Some(whole) = all.first_mut() {
        // Brackets around and at the end of operands are of no expression.
        let text = statement.text();
        let begin = text.get(..whole.start).and_then(|before| before.rfind(WHERE)).map_or(0, |at| at + WHERE.len());
        whole.text = text[begin..].trim().to_owned();
    }
    if leaves.len() > 1 {
        all.extend(leaves.into_iter().filter_map(covered));
    }
    all
}

/// What a condition is made of by `and`, `or` and `not`; constants are never asked.
fn operands(plan: &Plan, id: ExprId, out: &mut Vec<ExprId>) {
    match &plan.exprs[id.0 as usize] {
        Expr::Not(operand) => operands(plan, *operand, out),
        Expr::Test { operand, .. } => operands(plan, *operand, out),
        Expr::And(list) | Expr::Or(list) => list.iter().for_each(|operand| operands(plan, *operand, out)),
        Expr::Const(_) => {}
        _ => out.push(id),
    }
}

/// A text with the lines of another one where it has none.
fn overlaid(one: &str, other: &str) -> String {
    let (mut ours, mut theirs) = (one.lines(), other.lines());
    let mut out = String::with_capacity(one.len().max(other.len()));
    loop {
        let (ours, theirs) = (ours.next(), theirs.next());
        if ours.is_none() && theirs.is_none() {
            return out;
        }
        let line = ours.filter(|line| !line.trim().is_empty()).or(theirs).unwrap_or_default();
        out.push_str(line);
        out.push('\n');
    }
}
