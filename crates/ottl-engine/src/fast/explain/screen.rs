//! A screen as text.

use std::fmt::{Result, Write};

use ottl_schema::ContextId;

use super::words::{counted, numbers, place, text};
use crate::fast::program::screen::{Mask, Patterns, Screen, next_bit};

impl Screen {
    /// Writes what is asked of a record, a line for each attribute and field.
    pub fn explain(&self, level: ContextId, out: &mut String) -> Result {
        for need in &self.needs {
            write!(out, "      c{}, before a record is looked at; for", need.test + 1)?;
            numbers(out, need.steps.bits())?;
        }
        for (key, asked) in self.keys.iter().zip(&self.pairs) {
            write!(out, "      {}.attributes[{}]", level.name(), text(key))?;
            let asks = [
                (asked.texts.len(), "text in a table"),
                (patterns(asked.patterns.as_ref()), "pattern in one search"),
                (asked.tests.len(), "question"),
            ];
            line(out, &asks, !asked.present.is_empty(), &asked.readers)?;
        }
        for asked in &self.fields {
            write!(out, "      {}", place(level, asked.number))?;
            let asks = [
                (asked.texts.len(), "text in a table"),
                (patterns(asked.patterns.as_ref()), "pattern in one search"),
                (asked.tests.len(), "question"),
            ];
            line(out, &asks, false, &asked.readers)?;
        }
        if let Some(values) = &self.values {
            write!(out, "      the values of {}.attributes", level.name())?;
            line(out, &[(values.steps.len(), "pattern in one search")], false, &values.all)?;
        }
        let mut always = std::iter::successors(next_bit(&self.base, 0), |bit| next_bit(&self.base, bit + 1)).peekable();
        if always.peek().is_some() {
            write!(out, "      not known before they are tried:")?;
            numbers(out, always.map(|bit| bit as u32))?;
        }
        Ok(())
    }
}

fn patterns(patterns: Option<&Patterns>) -> usize {
    patterns.map_or(0, |patterns| patterns.steps.len())
}

fn line(out: &mut String, asks: &[(usize, &str)], asks_presence: bool, readers: &Mask) -> Result {
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
    if asks_presence {
        write!(out, "{between}whether it is there")?;
    }
    out.write_str("; for")?;
    numbers(out, readers.bits())
}
