//! A screen as text.

use std::fmt::{Result, Write};

use ottl_plan::Plan;
use ottl_schema::ContextId;

use super::words::{self, counted, place, text};
use crate::fast::program::screen::{Asked, AskedOf, AskedOperand, Mask, Patterns, Screen, Wakes, next_bit};

impl Screen {
    /// Writes what is asked of a record, a line for each attribute and field.
    pub fn explain(&self, plan: &Plan, level: ContextId, out: &mut String) -> Result {
        if let Some(above) = &self.above {
            above.screen.explain_places(above.level, out)?;
        }
        for need in &self.needs {
            write!(out, "      c{}, before a record is looked at; for", need.test + 1)?;
            self.list(out, need.steps.bits())?;
        }
        self.explain_places(level, out)?;
        self.explain_operands(plan, out)?;
        let all = self.after(|of| of == AskedOf::All);
        if !all.is_empty() {
            write!(out, "      all of this again after")?;
            self.list(out, all.into_iter())?;
        }
        let mut always = std::iter::successors(next_bit(&self.base, 0), |bit| next_bit(&self.base, bit + 1)).peekable();
        if always.peek().is_some() {
            write!(out, "      not known before they are tried:")?;
            self.list(out, always.map(|bit| bit as u32))?;
        }
        for gate in self.gates.iter().filter(|gate| gate.bit.is_some() && !gate.always.is_empty()) {
            write!(out, "      not known before group {} is run:", gate.number + 1)?;
            self.list(out, gate.always.bits())?;
        }
        Ok(())
    }

    /// A line for each attribute and field.
    fn explain_places(&self, level: ContextId, out: &mut String) -> Result {
        for (number, (key, asked)) in self.keys.iter().zip(&self.pairs).enumerate() {
            write!(out, "      {}.attributes[{}]", level.name(), text(key))?;
            if let Some(copied) = self.copies.iter().find(|copied| copied.to as usize == number) {
                write!(out, " as {} makes it", copied.at + 1)?;
            }
            let again = self.after(|of| of == AskedOf::Pair(number));
            let presence = [(&asked.present, "whether it is there"), (&asked.absent, "whether it is missing")];
            let presence: Vec<_> =
                presence.into_iter().filter(|(steps, _)| !steps.is_empty()).map(|(_, what)| what).collect();
            self.line(out, &questions(asked), &presence, &asked.readers, &again)?;
        }
        for asked in &self.fields {
            write!(out, "      {}", place(level, asked.number))?;
            let asks = [
                (asked.texts.len(), "text in a table"),
                (patterns(asked.patterns.as_ref()), "pattern in one search"),
                (asked.tests.len(), "question"),
            ];
            let again =
                self.after(|of| matches!(of, AskedOf::Fields(fields) if fields >> (asked.number & 31) & 1 != 0));
            self.line(out, &asks, &[], &asked.readers, &again)?;
        }
        if let Some(values) = &self.values {
            write!(out, "      the keys and values of {}.attributes", level.name())?;
            self.line(out, &[(values.steps.len(), "pattern in one search")], &[], &values.all, &[])?;
        }
        Ok(())
    }

    /// A line for each computed value.
    fn explain_operands(&self, plan: &Plan, out: &mut String) -> Result {
        for (number, AskedOperand { expr, asked, keys, .. }) in (0..).zip(&self.operands) {
            if asked.readers.is_empty() {
                continue;
            }
            let steps = (0..).zip(&self.wakes);
            let asks_again = |wakes: &Wakes| wakes.again.as_ref().is_some_and(|again| again.operands.contains(&number));
            let again: Vec<u32> = steps.filter(|(_, wakes)| asks_again(wakes)).map(|(at, _)| at).collect();
            let value = words::expression(plan, *expr);
            let Some(keys) = keys else {
                write!(out, "      {value}")?;
                self.line(out, &questions(asked), &[], &asked.readers, &again)?;
                continue;
            };
            // Without the key of the one that stands for all.
            write!(out, "      {}", value.rsplit_once('[').map_or(&*value, |(map, _)| map))?;
            self.line(out, &[(keys.keys.len(), "key in one pass")], &[], &asked.readers, &again)?;
            for (key, asked) in keys.keys.iter().zip(&keys.asked) {
                write!(out, "        {}", text(key))?;
                self.line(out, &questions(asked), &[], &asked.readers, &[])?;
            }
        }
        Ok(())
    }

    /// Writes the numbers of steps by their bits, and the groups whose conditions have a bit, and ends the line.
    fn list(&self, out: &mut String, bits: impl Iterator<Item = u32>) -> Result {
        self.numbers(out, bits)?;
        writeln!(out)
    }

    fn numbers(&self, out: &mut String, bits: impl Iterator<Item = u32>) -> Result {
        let name = |bit: u32| match self.gates.iter().find(|gate| gate.bit == Some(bit)) {
            Some(gate) => format!("group {}", gate.number + 1),
            None => (bit + 1).to_string(),
        };
        words::list(out, bits.map(name))
    }

    /// The steps after whose writes something is asked again.
    fn after(&self, is_asked: impl Fn(AskedOf) -> bool) -> Vec<u32> {
        let steps = (0..).zip(&self.wakes);
        let again = steps.filter(|(_, wakes)| wakes.again.as_ref().is_some_and(|again| is_asked(again.of)));
        again.map(|(at, _)| at).collect()
    }

    fn line(
        &self,
        out: &mut String,
        asks: &[(usize, &str)],
        presence: &[&str],
        readers: &Mask,
        again: &[u32],
    ) -> Result {
        let mut between = ": ";
        for (count, what) in asks.iter().filter(|(count, _)| *count > 0) {
            // "2 texts in a table", not "2 text in a tables".
            let (head, tail) = what.split_once(' ').unwrap_or((what, ""));
            write!(out, "{between}{}", counted(*count, head))?;
            if !tail.is_empty() {
                write!(out, " {tail}")?;
            }
            between = ", ";
        }
        for what in presence {
            write!(out, "{between}{what}")?;
            between = ", ";
        }
        out.write_str("; for")?;
        if again.is_empty() {
            return self.list(out, readers.bits());
        }
        self.numbers(out, readers.bits())?;
        out.write_str("; again after")?;
        self.list(out, again.iter().copied())
    }
}

/// What is asked about a value, and how often.
fn questions(asked: &Asked) -> [(usize, &'static str); 4] {
    [
        (asked.texts.len(), "text in a table"),
        (asked.ints.len(), "int in a table"),
        (patterns(asked.patterns.as_ref()), "pattern in one search"),
        (asked.tests.len(), "question"),
    ]
}

fn patterns(patterns: Option<&Patterns>) -> usize {
    patterns.map_or(0, |patterns| patterns.steps.len())
}
