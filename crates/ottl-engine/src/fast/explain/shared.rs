//! What the steps and groups of a level share, as text.

use std::fmt::{Result, Write};

use ottl_plan::Arg;

use super::{Explain, words};
use crate::fast::program::cond::Cond;
use crate::fast::program::extractions::PatternPlace;
use crate::fast::program::{LevelProgram, NotShared};

impl Explain<'_> {
    /// The calls that extract from one text, whose patterns are looked for together.
    pub(super) fn extractions(&mut self) -> Result {
        let extractions = &self.lowered.code.extractions;
        for (number, set) in extractions.sets.iter().enumerate() {
            let is_of = |place: &Option<PatternPlace>| place.is_some_and(|place| place.set == number);
            let first = extractions.places.iter().position(is_of).and_then(|call| self.plan.calls[call].args.first());
            let Some(Arg::Eager { expr, .. }) = first else { continue };
            let text = words::expression(self.plan, *expr);
            let calls = words::counted(set.patterns().len(), "call");
            writeln!(self.out, "  looked for together, once in each text: what {calls} extract from {text}")?;
        }
        Ok(())
    }

    /// The places in bodies that are looked up once.
    pub(super) fn kept(&mut self) -> Result {
        let places = &self.lowered.code.kept.places;
        if places.is_empty() {
            return Ok(());
        }
        self.out.push_str("  looked up once, until the body is another one:");
        words::list(&mut self.out, places.iter().map(|place| format!("log.body{}", words::keys(&place.keys))))?;
        writeln!(self.out)
    }

    /// The conditions that are asked once for a record, with their places, and those that are asked in each of theirs.
    pub(super) fn shared(&mut self, program: &LevelProgram) -> Result {
        if program.shared > 0 {
            writeln!(self.out, "    asked once, until a write makes it stale:")?;
        }
        for bit in 0..program.shared {
            let mut places = Vec::new();
            let mut asked = None;
            for group in &program.groups {
                if group.conditions.iter().filter(|(condition, _)| find(condition, bit, &mut asked)).count() > 0 {
                    places.push(format!("group {}", group.number + 1));
                }
                let steps = program.steps.iter().enumerate().take(group.steps.1).skip(group.steps.0);
                let of_steps = steps.filter(|(_, step)| {
                    step.condition.as_ref().is_some_and(|condition| find(condition, bit, &mut asked))
                });
                places.extend(of_steps.map(|(at, _)| (at + 1).to_string()));
            }
            let Some(condition) = asked else { continue };
            self.out.push_str("      ");
            words::condition(&mut self.out, self.plan, condition)?;
            self.out.push_str("; for");
            words::list(&mut self.out, places.into_iter())?;
            let stales = program.steps.iter().enumerate().filter(|(_, step)| step.stales.general >> bit & 1 != 0);
            let mut stales = stales.map(|(at, _)| (at + 1).to_string()).peekable();
            if stales.peek().is_some() {
                self.out.push_str("; stale when something was written by");
                words::list(&mut self.out, stales)?;
            }
            writeln!(self.out)?;
        }
        for (source, why) in &program.not_shared {
            let why = match why {
                NotShared::LooksBeside => "it looks at a cache, or at what the call brings",
                NotShared::Impure => "it may give something else each time",
                NotShared::WrittenElsewhere => "statements of other levels write what it looks at",
                NotShared::Stale => "what it looks at is written in between",
            };
            let source = words::source(self.plan, *source);
            writeln!(self.out, "    asked each time, the condition of {source}: {why}")?;
        }
        Ok(())
    }
}

/// Whether a condition asks the one that is shared under a bit, which is kept.
fn find<'c>(condition: &'c Cond, bit: u8, found: &mut Option<&'c Cond>) -> bool {
    match condition {
        Cond::Shared { bit: other, condition } if *other == bit => {
            *found = Some(condition);
            true
        }
        Cond::Shared { condition, .. } | Cond::Not(condition) => find(condition, bit, found),
        Cond::And(parts) | Cond::Or(parts) => {
            let mut any = false;
            for part in parts {
                any |= find(part, bit, found);
            }
            any
        }
        _ => false,
    }
}
