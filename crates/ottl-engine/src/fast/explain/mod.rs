//! The program of a rule set as text, for people who ask why rules are fast or slow: walk by walk and level by level, what is
//! looked for in the records, what is asked of them together, how they are kept, what is computed once for a resource or scope,
//! each step with its condition, and why a rewrite did not apply.
//!
//! INVARIANT: the text depends on the plan and the options alone, so that tests compare it as it is.

mod screen;
mod shared;
mod words;

use std::borrow::Borrow;
use std::fmt::{Error, Result, Write};

use ottl_plan::{Expr, ExprId, Plan, Program};
use ottl_schema::ContextId;

use super::Engine;
use crate::Engine as _;
use crate::fast::levels::{LEVELS, bit};
use crate::fast::lower::{PerRecord, of_parent};
use crate::fast::options::{Options, Rewrite};
use crate::fast::program::Lowered;
use crate::fast::program::cond::Cond;
use crate::fast::program::pass::{Alone, Cut, Pass};
use crate::fast::program::screen::Screen;
use crate::fast::program::{GroupProgram, LevelProgram, Step};
use words::{counted, text};

/// The text of an engine's program.
pub(super) fn explain<P: Borrow<Plan>>(engine: &Engine<P>) -> String {
    let Engine { lowered, passes, options, .. } = engine;
    let mut explain = Explain { plan: engine.rules(), lowered, options: *options, out: String::new() };
    // A `String` takes everything.
    let _ = explain.program(passes);
    if let Some(why) = engine.why_whole() {
        let _ = writeln!(explain.out, "threads do not share the resources of a message: {why}");
    }
    explain.out
}

struct Explain<'x> {
    plan: &'x Plan,
    lowered: &'x Lowered,
    options: Options,
    out: String,
}

/// A walk over the message.
#[derive(Clone, Copy)]
struct Walk<'x> {
    levels: &'x [LevelProgram],
    /// Bit per level: its rules look at it.
    looked_at: u16,
    /// By level, a bit per level: what may be written while its statements run.
    written: [u16; LEVELS],
    /// Bit per level: statements of lower levels write it.
    from_below: u16,
    /// Whether spans may be compact though their events are visited.
    events_first: bool,
    /// The level of other messages that may be so though those in them are visited.
    compact_outer: Option<ContextId>,
    /// How its steps are called.
    step: &'static str,
}

impl Explain<'_> {
    fn program(&mut self, passes: &[Pass]) -> Result {
        let off: Vec<_> = Rewrite::ALL.into_iter().filter(|one| !self.options.has(*one)).map(Rewrite::name).collect();
        if !off.is_empty() {
            writeln!(self.out, "switched off: {}", off.join(", "))?;
        }
        match &self.plan.program {
            Program::Transform(program) => {
                if program.flatten_data {
                    writeln!(
                        self.out,
                        "before: each record gets a resource and a scope of its own; after: equal ones are joined"
                    )?;
                }
                for (number, pass) in passes.iter().enumerate() {
                    write!(self.out, "walk {} of {}", number + 1, passes.len())?;
                    self.cut(number, pass.cut)?;
                    if pass.isolates {
                        writeln!(
                            self.out,
                            "  isolated: each record is run in a message of its own; those that leave the same above them are joined"
                        )?;
                    }
                    if pass.shares_cache {
                        writeln!(self.out, "  records share a cache: their memory is kept to the end of the message")?;
                    }
                    self.walk(Walk {
                        levels: &pass.levels,
                        looked_at: pass.touched.any,
                        written: ContextId::ALL.map(|level| pass.written_at(level)),
                        from_below: pass.from_below,
                        events_first: pass.has_events_first(),
                        compact_outer: pass.compact_outer,
                        step: "statement",
                    })?;
                }
            }
            Program::Filter(_) => {
                for (number, pass) in passes.iter().enumerate() {
                    write!(self.out, "walk {} of {}", number + 1, passes.len())?;
                    writeln!(self.out, "{}", if number > 0 { ", over what the one before left" } else { "" })?;
                    self.walk(Walk {
                        levels: &pass.levels,
                        looked_at: !0,
                        written: [0; LEVELS],
                        from_below: 0,
                        events_first: pass.has_events_first(),
                        compact_outer: None,
                        step: "condition",
                    })?;
                }
            }
        }
        Ok(())
    }

    /// Why a walk is not part of the one before.
    fn cut(&mut self, number: usize, cut: Option<Cut>) -> Result {
        let Some(cut) = cut else { return writeln!(self.out) };
        write!(self.out, ", apart from walk {number}: ")?;
        match cut {
            Cut::Alone(group, why) => {
                write!(self.out, "group {} ", group + 1)?;
                match why {
                    Alone::WritesAbove(levels) => {
                        writeln!(self.out, "writes to {}, above its own level", words::levels(levels))
                    }
                    Alone::ReplacesParts(levels) => {
                        writeln!(self.out, "may replace what lies inside {}", words::levels(levels))
                    }
                    Alone::Propagates => writeln!(self.out, "has error_mode propagate and may end the message"),
                }
            }
            Cut::Above => writeln!(self.out, "it goes back to a higher level"),
            Cut::Cache(context) => writeln!(self.out, "groups of both share the cache of {}", context.name()),
            Cut::Shared => writeln!(self.out, "groups of both use what the profiles share, and add to it"),
            Cut::SwitchedOff => writeln!(self.out, "merge is switched off"),
        }
    }

    fn walk(&mut self, walk: Walk<'_>) -> Result {
        self.once(walk)?;
        self.extractions()?;
        self.kept()?;
        ContextId::ALL.into_iter().try_for_each(|level| self.level(level, walk))
    }

    /// The conditions that are computed once for a resource or scope, with what uses them.
    fn once(&mut self, walk: Walk<'_>) -> Result {
        let plan = self.plan;
        let mut is_first = true;
        for (number, condition) in self.lowered.code.hoisted.iter().enumerate() {
            let mut users = Vec::new();
            let mut of_scope = false;
            for level in ContextId::ALL {
                let program = &walk.levels[level as usize];
                let mut uses = |condition: &Cond| uses(condition, number, &mut of_scope);
                let groups = program.groups.iter().filter(|group| group.conditions.iter().any(|(one, _)| uses(one)));
                users.extend(groups.map(|group| format!("group {}", group.number + 1)));
                let steps = program.steps.iter().enumerate();
                let steps = steps.filter(|(_, step)| step.condition.as_ref().is_some_and(&mut uses));
                users.extend(steps.map(|(at, _)| format!("{} {}", level.name(), at + 1)));
            }
            if users.is_empty() {
                continue;
            }
            if is_first {
                writeln!(self.out, "  computed once, when it is first asked for:")?;
                is_first = false;
            }
            let parent = if of_scope { "scope" } else { "resource" };
            write!(self.out, "    c{}, for each {parent}: ", number + 1)?;
            words::condition(&mut self.out, plan, condition)?;
            self.out.push_str("; for");
            words::list(&mut self.out, users.into_iter())?;
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn level(&mut self, level: ContextId, walk: Walk<'_>) -> Result {
        let program = &walk.levels[level as usize];
        let touch = &self.lowered.wanted[level as usize];
        let is_read = walk.looked_at & bit(level) != 0 && !touch.nothing && level != ContextId::OtelCol;
        if program.steps.is_empty() && !is_read {
            return Ok(());
        }
        writeln!(self.out, "  {}: {}", level.name(), counted(program.steps.len(), walk.step))?;
        self.scan(level, program)?;
        if walk.from_below & bit(level) != 0 {
            writeln!(self.out, "    written by statements of lower levels")?;
        }
        if program.steps.is_empty() {
            return Ok(());
        }
        let is_compact = self.layout(level, program, walk)?;
        self.screen(level, program)?;
        self.shared(program)?;
        if program.drops {
            writeln!(self.out, "    conditions")?;
            return program.groups.iter().try_for_each(|group| self.steps(program, group, false));
        }
        for group in &program.groups {
            self.group(group, program, is_compact)?;
            self.not_once(level, group, walk.written[level as usize])?;
        }
        Ok(())
    }

    fn scan(&mut self, level: ContextId, program: &LevelProgram) -> Result {
        let touch = &self.lowered.wanted[level as usize];
        let scan = &touch.scans[0];
        let is_probed = self.lowered.few & bit(level) != 0 && program.screen.is_none();
        let how = if is_probed { "looked for without a scan:" } else { "scanned for:" };
        if !scan.has_pairs() && !scan.any_field() {
            return writeln!(self.out, "    not looked at");
        }
        write!(self.out, "    {how}")?;
        if scan.has_pairs() {
            self.out.push_str(" attributes");
            words::list(&mut self.out, touch.keys.iter().map(text))?;
        }
        if scan.any_field() {
            self.out.push_str(if scan.has_pairs() { "; fields" } else { " fields" });
            let fields = (0..32).filter(|number| scan.is_wanted(*number));
            words::list(&mut self.out, fields.filter_map(|number| words::field(level, number)))?;
        }
        writeln!(self.out)
    }

    /// How records are kept, and whether they are compact.
    fn layout(&mut self, level: ContextId, program: &LevelProgram, walk: Walk<'_>) -> std::result::Result<bool, Error> {
        // A filter keeps nothing of its records, and of resources and scopes there are few.
        if walk.compact_outer == Some(level) {
            writeln!(self.out, "    layout: compact")?;
            return Ok(true);
        }
        if program.drops || matches!(level, ContextId::Resource | ContextId::Scope) {
            return Ok(false);
        }
        let is_inside = |of: ContextId| std::iter::successors(of.parent(), |at| at.parent()).any(|at| at == level);
        let has_steps = |of: &ContextId| !walk.levels[*of as usize].steps.is_empty();
        let is_apart = level == ContextId::Span && walk.events_first;
        let below = ContextId::ALL.into_iter().find(|of| !is_apart && has_steps(of) && is_inside(*of));
        self.out.push_str("    layout: ");
        match (below, program.needs_general()) {
            (None, _) if program.is_compact => {
                writeln!(self.out, "compact")?;
                return Ok(true);
            }
            (_, Some(number)) => {
                writeln!(self.out, "general, because of: {}", words::source(self.plan, number))?;
            }
            (Some(below), None) => {
                writeln!(self.out, "general, because the same walk runs statements of {}", below.name())?;
            }
            (None, None) => writeln!(self.out, "general, because compact is switched off")?,
        }
        Ok(false)
    }

    fn screen(&mut self, level: ContextId, program: &LevelProgram) -> Result {
        if let Some(screen) = &program.screen {
            writeln!(self.out, "    asked at once:")?;
            return screen.explain(self.plan, level, &mut self.out);
        }
        if program.steps.iter().all(|step| step.condition.is_none()) {
            return Ok(());
        }
        if program.peeks {
            return writeln!(self.out, "    asked one by one, of the bytes of each record");
        }
        let why = if !self.options.has(Rewrite::Screen) {
            "screen is switched off"
        } else if !Screen::is_for(level) {
            "there are few of them"
        } else {
            "with so few that costs less"
        };
        writeln!(self.out, "    asked one by one: {why}")
    }

    fn group(&mut self, group: &GroupProgram, program: &LevelProgram, is_compact: bool) -> Result {
        writeln!(self.out, "    group {}, error_mode {}", group.number + 1, words::mode(group.mode))?;
        for (number, (condition, _)) in group.conditions.iter().enumerate() {
            self.out.write_str(if number == 0 { "      only where " } else { "      or where " })?;
            words::condition(&mut self.out, self.plan, condition)?;
            writeln!(self.out)?;
        }
        self.steps(program, group, is_compact)
    }

    fn steps(&mut self, program: &LevelProgram, group: &GroupProgram, is_compact: bool) -> Result {
        let mut left_out = group.left_out.iter().peekable();
        for at in group.steps.0..=group.steps.1 {
            while let Some(one) = left_out.next_if(|one| one.before == at - group.steps.0) {
                let source = words::source(self.plan, one.source);
                writeln!(self.out, "      left out: {source}\n         no record meets it")?;
            }
            if let Some(step) = program.steps.get(at).filter(|_| at < group.steps.1) {
                self.step(at, step, is_compact)?;
            }
        }
        Ok(())
    }

    fn step(&mut self, at: usize, step: &Step, is_compact: bool) -> Result {
        let source = words::source(self.plan, step.source);
        writeln!(self.out, "      {}. {source}", at + 1)?;
        self.out.write_str("         ")?;
        if let Some(condition) = &step.condition {
            let mut asked = String::new();
            words::condition(&mut asked, self.plan, condition)?;
            // What is asked as it is written is not said again.
            match source.strip_suffix(&asked) {
                Some(before) if before.is_empty() || before.ends_with(" where ") => self.out.write_str("then: ")?,
                _ => write!(self.out, "if {asked}: ")?,
            }
        }
        words::action(&mut self.out, self.plan, &step.action)?;
        writeln!(self.out, "{}", if is_compact && step.does_general { "; the record becomes general" } else { "" })
    }

    /// The conditions of a group that look only at resource or scope, but are computed for each record.
    fn not_once(&mut self, level: ContextId, group: &GroupProgram, written: u16) -> Result {
        let Program::Transform(program) = &self.plan.program else { return Ok(()) };
        let Some(group) = program.groups.get(group.number) else { return Ok(()) };
        // Where it is switched off, it is for all.
        if !self.options.has(Rewrite::Hoist) || matches!(level, ContextId::Resource | ContextId::Scope) {
            return Ok(());
        }
        let of_group = group.conditions.iter().map(|(condition, _)| *condition);
        let of_steps = group.statements.iter().filter_map(|statement| statement.condition);
        let mut seen: Vec<String> = Vec::new();
        for condition in of_group.chain(of_steps) {
            self.per_record(condition, written, &mut seen);
        }
        if !seen.is_empty() {
            writeln!(self.out, "      computed for each {}, not once:", level.name())?;
        }
        seen.iter().try_for_each(|line| writeln!(self.out, "        {line}"))
    }

    /// The parts of a condition that look only at resource or scope, but are computed for each record; each once.
    fn per_record(&self, condition: ExprId, written: u16, seen: &mut Vec<String>) {
        let Err(why) = of_parent(self.plan, condition, written) else { return };
        match &self.plan.exprs[condition.0 as usize] {
            Expr::And(parts) | Expr::Or(parts) if self.options.has(Rewrite::Lower) => {
                return parts.iter().for_each(|part| self.per_record(*part, written, seen));
            }
            Expr::Not(inner) if self.options.has(Rewrite::Lower) => return self.per_record(*inner, written, seen),
            _ => {}
        }
        let why = match why {
            PerRecord::LooksElsewhere => return,
            PerRecord::Written(levels) => format!("statements of this walk write to {}", words::levels(levels)),
            PerRecord::Impure => "it may give something else each time".to_owned(),
        };
        let line = format!("{}: {why}", words::expression(self.plan, condition));
        if !seen.contains(&line) {
            seen.push(line);
        }
    }
}

/// Whether a condition uses the one of this number that is computed once, and if so, whether that looks at the scope.
fn uses(condition: &Cond, number: usize, of_scope: &mut bool) -> bool {
    match condition {
        Cond::PerParent { test, slot, .. } if *test as usize == number => {
            *of_scope |= slot.scope;
            true
        }
        Cond::And(parts) | Cond::Or(parts) => parts.iter().any(|part| uses(part, number, of_scope)),
        Cond::Not(inner) | Cond::Shared { condition: inner, .. } => uses(inner, number, of_scope),
        _ => false,
    }
}
