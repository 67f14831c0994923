//! The program of a rule set as text: what [`Engine::explain`] gives, for people who ask why rules are fast or slow.
//!
//! INVARIANT: the text depends on the plan and the options alone, so that tests compare it as it is.

use std::borrow::Borrow;
use std::fmt::{Result, Write};

use ottl_core::function::TextPredicate;
use ottl_core::ops::CompareOp;
use ottl_plan::{ErrorMode, Literal, Plan, Program};
use ottl_regex::TextPattern;
use ottl_schema::{ContextId, PointKind};

use super::Engine;
use super::action::{Action, FieldLiteral, Source, WholeMap};
use super::cond::{Cond, TextOf};
use super::plan::{Touch, bit};
use super::program::{GroupProgram, LevelProgram, Step};

/// How many things of one kind are listed; of more, the first ones and how many there are.
const LISTED: usize = 12;

impl<P: Borrow<Plan>> Engine<P> {
    /// What is done with a message, as text: walk by walk and level by level, what is looked for in the records, what is asked
    /// of them together, how they are kept, what is computed once for a resource or scope, and each step with its condition.
    pub fn explain(&self) -> String {
        let mut out = String::new();
        // A `String` takes everything.
        let _ = Explain { plan: self.plan.borrow(), engine: self, out: &mut out }.program();
        out
    }
}

struct Explain<'x, P: Borrow<Plan>> {
    plan: &'x Plan,
    engine: &'x Engine<P>,
    out: &'x mut String,
}

impl<P: Borrow<Plan>> Explain<'_, P> {
    fn program(&mut self) -> Result {
        match &self.plan.program {
            Program::Transform(program) => {
                if program.flatten_data {
                    writeln!(
                        self.out,
                        "each record gets a resource and a scope of its own before, and shares them after"
                    )?;
                }
                let count = self.engine.passes.len();
                for (number, pass) in self.engine.passes.iter().enumerate() {
                    writeln!(self.out, "walk {} of {count}", number + 1)?;
                    if pass.shares_cache {
                        writeln!(self.out, "  records share a cache: their memory is kept to the end of the message")?;
                    }
                    for level in ContextId::ALL {
                        let below = pass.from_below & bit(level) != 0;
                        self.level(level, &pass.levels[level as usize], below)?;
                    }
                }
            }
            Program::Filter(_) => {
                let count = self.engine.lowered.code.stages.len();
                for (number, stage) in self.engine.lowered.code.stages.iter().enumerate() {
                    writeln!(self.out, "walk {} of {count}: drops what a condition holds on", number + 1)?;
                    for level in ContextId::ALL {
                        self.level(level, &stage.levels[level as usize], false)?;
                    }
                }
            }
        }
        self.hoisted()
    }

    fn level(&mut self, level: ContextId, program: &LevelProgram, from_below: bool) -> Result {
        if program.steps.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "  {}: {}", level.name(), counted(program.steps.len(), "step"))?;
        self.scan(level, &self.engine.lowered.wanted[level as usize], program)?;
        if from_below {
            writeln!(self.out, "    statements of lower levels write it")?;
        }
        self.layout(level, program)?;
        match &program.screen {
            Some(screen) => {
                writeln!(self.out, "    asked at once:")?;
                screen.explain(level, self.out)?;
            }
            None if program.groups.iter().any(|group| !group.conditions.is_empty()) => {
                writeln!(self.out, "    tried one after the other: groups have conditions")?;
            }
            None => writeln!(self.out, "    tried one after the other: that costs less with so few")?,
        }
        if program.groups.is_empty() {
            return self.steps(&program.steps, 0);
        }
        program.groups.iter().try_for_each(|group| self.group(group, program))
    }

    fn scan(&mut self, level: ContextId, touch: &Touch, program: &LevelProgram) -> Result {
        let scan = &touch.scans[0];
        if self.engine.lowered.few & bit(level) != 0 && program.screen.is_none() {
            writeln!(self.out, "    what is asked is looked for, without a scan")?;
        }
        if scan.has_pairs() {
            write!(self.out, "    attributes")?;
            listed(self.out, touch.keys.iter().map(text))?;
        }
        if scan.any_field() {
            write!(self.out, "    fields")?;
            let fields = (0..32).filter(|number| scan.is_wanted(*number)).filter_map(|number| field(level, number));
            listed(self.out, fields)?;
        }
        Ok(())
    }

    fn layout(&mut self, level: ContextId, program: &LevelProgram) -> Result {
        if program.groups.is_empty() {
            // A filter keeps nothing of its records.
            return Ok(());
        }
        if program.is_compact {
            return writeln!(self.out, "    kept as compact records");
        }
        let always = |step: &&Step| step.asks_general || step.does_general && step.condition.is_none();
        match program.steps.iter().find(always) {
            Some(step) => writeln!(self.out, "    kept as general records, for: {}", source(self.plan, step.source)),
            None => writeln!(self.out, "    kept as general records of {}", level.name()),
        }
    }

    fn group(&mut self, group: &GroupProgram, program: &LevelProgram) -> Result {
        writeln!(self.out, "    group {}, error_mode {}", group.number + 1, mode(group.mode))?;
        for (condition, _) in &group.conditions {
            write!(self.out, "      only where ")?;
            self.condition(condition)?;
            writeln!(self.out)?;
        }
        let (from, to) = group.steps;
        self.steps(&program.steps[from..to], from)
    }

    fn steps(&mut self, steps: &[Step], first: usize) -> Result {
        for (number, step) in steps.iter().enumerate() {
            writeln!(self.out, "      {}. {}", first + number + 1, source(self.plan, step.source))?;
            if let Some(condition) = &step.condition {
                write!(self.out, "         where ")?;
                self.condition(condition)?;
                writeln!(self.out)?;
            }
            write!(self.out, "         ")?;
            self.action(&step.action)?;
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn condition(&mut self, condition: &Cond) -> Result {
        match condition {
            Cond::Expr(id) => write!(self.out, "expression {}", self.plan.show(*id)),
            Cond::And(parts) => self.parts(parts, " and "),
            Cond::Or(parts) => self.parts(parts, " or "),
            Cond::Not(inner) => {
                self.out.write_str("not ")?;
                self.condition(inner)
            }
            Cond::Attribute { level, key, op, literal, .. } => {
                let literal = self.plan.literals.get(*literal as usize);
                write!(self.out, "{}.attributes[{}] {} ", level.name(), text(key.named().key), symbol(*op))?;
                literal.map_or(Ok(()), |literal| write!(self.out, "{}", shown(literal)))
            }
            Cond::Field { level, number, op, value, .. } => {
                write!(self.out, "{} {} {value}", place(*level, *number), symbol(*op))
            }
            Cond::FieldText { level, number, text: literal, negated } => {
                let op = if *negated { "!=" } else { "==" };
                write!(self.out, "{} {op} {}", place(*level, *number), text(literal))
            }
            Cond::Text { level, of, predicate, .. } => {
                self.text_of(*level, of)?;
                self.out.write_str(" ")?;
                match predicate {
                    TextPredicate::IsText => self.out.write_str("is a text"),
                    TextPredicate::Matches(pattern) => write!(self.out, "{}", pattern_text(pattern)),
                }
            }
            Cond::PerParent { test, slot, .. } => {
                write!(self.out, "condition {} of the {}", test + 1, if slot.scope { "scope" } else { "resource" })
            }
        }
    }

    fn parts(&mut self, parts: &[Cond], between: &str) -> Result {
        for (idx, part) in parts.iter().enumerate() {
            self.out.write_str(if idx > 0 { between } else { "" })?;
            let nested = matches!(part, Cond::And(_) | Cond::Or(_));
            self.out.write_str(if nested { "(" } else { "" })?;
            self.condition(part)?;
            self.out.write_str(if nested { ")" } else { "" })?;
        }
        Ok(())
    }

    fn text_of(&mut self, level: ContextId, of: &TextOf) -> Result {
        match of {
            TextOf::Attribute(key) => write!(self.out, "{}.attributes[{}]", level.name(), text(key.named().key)),
            TextOf::Field(number) => write!(self.out, "{}", place(level, *number)),
            TextOf::Body => write!(self.out, "{}.body", level.name()),
        }
    }

    fn action(&mut self, action: &Action) -> Result {
        match action {
            Action::Drop => write!(self.out, "drop"),
            Action::Call(call) => match self.plan.calls.get(*call as usize) {
                Some(site) => write!(self.out, "call {}", site.function.name),
                None => Ok(()),
            },
            Action::Assign { level, key, source, .. } => {
                let from = match source {
                    Source::Encoded(_) => "a pair that is encoded once",
                    Source::Parent(..) => "a pair that is encoded once for a resource or scope",
                    Source::Expr(_) => "a value",
                };
                write!(self.out, "write {}.attributes[{}]: {from}", level.name(), text(key.named().key))
            }
            Action::Write { path, .. } => match self.plan.paths.get(*path as usize) {
                Some(used) => {
                    let decl = ottl_schema::path(used.path);
                    write!(self.out, "write {}.{}: a value", decl.context.name(), decl.name)
                }
                None => Ok(()),
            },
            Action::SetField { level, number, value } => {
                let what = if matches!(value, FieldLiteral::Absent) { "nothing" } else { "a literal" };
                write!(self.out, "write {}: {what}", place(*level, *number))
            }
            Action::RewriteText { level, of, .. } => {
                self.out.write_str("rewrite the text ")?;
                self.text_of(*level, of)
            }
            Action::RewriteValues { level, .. } => write!(self.out, "rewrite the texts of {}.attributes", level.name()),
            Action::Delete { level, key } => {
                write!(self.out, "take {}.attributes[{}] out", level.name(), text(key.named().key))
            }
            Action::EditMap { map, pairs, .. } => {
                let how = if pairs.is_some() { "pair by pair" } else { "as a whole" };
                match map {
                    WholeMap::Attributes(level) => write!(self.out, "edit {}.attributes {how}", level.name()),
                    WholeMap::Cache(level) => write!(self.out, "edit {}.cache {how}", level.name()),
                }
            }
        }
    }

    fn hoisted(&mut self) -> Result {
        let engine = self.engine;
        for (number, condition) in engine.lowered.code.hoisted.iter().enumerate() {
            if number == 0 {
                writeln!(self.out, "computed once for each resource or scope:")?;
            }
            if number == LISTED {
                return writeln!(self.out, "  and {} more", engine.lowered.code.hoisted.len() - LISTED);
            }
            write!(self.out, "  condition {}: ", number + 1)?;
            self.condition(condition)?;
            writeln!(self.out)?;
        }
        Ok(())
    }
}

/// The text of a statement or condition.
fn source(plan: &Plan, source: u32) -> &str {
    plan.sources.get(source as usize).map_or("", String::as_str)
}

/// Writes a list, its beginning if it is long, and ends the line.
pub(super) fn listed(out: &mut String, items: impl Iterator<Item = String>) -> Result {
    let mut count = 0;
    for item in items {
        if count < LISTED {
            write!(out, "{} {item}", if count == 0 { "" } else { "," })?;
        }
        count += 1;
    }
    match count {
        0 => writeln!(out, " as a whole"),
        1..=LISTED => writeln!(out),
        _ => writeln!(out, ", {count} in all"),
    }
}

/// A number and what it counts.
pub(super) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Bytes in quotes.
pub(super) fn text(bytes: &[u8]) -> String {
    format!("\"{}\"", bytes.escape_ascii())
}

/// The name of a field of a level's messages.
pub(super) fn field(level: ContextId, number: u32) -> Option<String> {
    let fields = level.message(PointKind::Number)?.def().fields;
    fields.iter().find(|field| field.number == number).map(|field| field.name.to_owned())
}

/// A field with its level.
pub(super) fn place(level: ContextId, number: u32) -> String {
    format!("{}.{}", level.name(), field(level, number).unwrap_or_else(|| number.to_string()))
}

fn mode(mode: ErrorMode) -> &'static str {
    match mode {
        ErrorMode::Ignore => "ignore",
        ErrorMode::Silent => "silent",
        ErrorMode::Propagate => "propagate",
    }
}

fn symbol(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "==",
        CompareOp::Ne => "!=",
        CompareOp::Lt => "<",
        CompareOp::Le => "<=",
        CompareOp::Gt => ">",
        CompareOp::Ge => ">=",
    }
}

fn shown(literal: &Literal) -> String {
    match literal {
        Literal::Str(bytes) => text(bytes),
        Literal::Nil => "nil".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Int(value) => value.to_string(),
        Literal::Float(value) => value.to_string(),
        other => format!("{other:?}"),
    }
}

fn pattern_text(pattern: &TextPattern) -> String {
    match pattern {
        TextPattern::Equals(literal) => format!("is {}", text(literal)),
        TextPattern::Prefix(literal) => format!("begins with {}", text(literal)),
        TextPattern::Suffix(literal) => format!("ends with {}", text(literal)),
        TextPattern::Contains(literal) => format!("contains {}", text(literal)),
        TextPattern::Matches(regex) => format!("matches {}", text(regex.pattern())),
    }
}
