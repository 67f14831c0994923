//! A screen as text.

use std::fmt::{Result, Write};

use ottl_schema::ContextId;

use super::super::explain::{counted, place, text};
use super::{Mask, Patterns, Screen};

impl Screen {
    /// Writes what is asked of a record, a line for each attribute and field.
    pub fn explain(&self, level: ContextId, out: &mut String) -> Result {
        let always: u32 = self.base.iter().map(|word| word.count_ones()).sum();
        if always > 0 {
            writeln!(out, "      {} on every record", counted(always as usize, "step"))?;
        }
        for (key, asked) in self.keys.iter().zip(&self.pairs) {
            write!(out, "      {}.attributes[{}]", level.name(), text(key))?;
            let questions = [
                (asked.texts.len(), "text in a table"),
                (patterns(asked.patterns.as_ref()), "pattern in a set"),
                (asked.tests.len(), "question"),
                (usize::from(!asked.present.is_empty()), "look whether it is there"),
            ];
            line(out, &questions, &asked.readers)?;
        }
        for asked in &self.fields {
            write!(out, "      {}", place(level, asked.number))?;
            let questions = [
                (asked.texts.len(), "text in a table"),
                (patterns(asked.patterns.as_ref()), "pattern in a set"),
                (asked.tests.len(), "question"),
            ];
            line(out, &questions, &asked.readers)?;
        }
        if !self.needs.is_empty() {
            let conditions = counted(self.needs.len(), "condition");
            writeln!(out, "      {conditions} of resource or scope, before any record is looked at")?;
        }
        Ok(())
    }
}

fn patterns(patterns: Option<&Patterns>) -> usize {
    patterns.map_or(0, |patterns| patterns.steps.len())
}

fn line(out: &mut String, questions: &[(usize, &str)], readers: &Mask) -> Result {
    let mut between = ": ";
    for (count, what) in questions.iter().filter(|(count, _)| *count > 0) {
        // "2 texts in a table", not "2 text in a tables".
        let (head, tail) = what.split_once(' ').unwrap_or((what, ""));
        write!(out, "{between}{} {tail}", counted(*count, head))?;
        between = ", ";
    }
    let steps = readers.count();
    while out.ends_with(' ') {
        out.pop();
    }
    writeln!(out, " (for {})", counted(steps, "step"))
}
