//! What each statement did under both rule sets: statements are the same if they say the same in rules of the same signal.

use std::collections::HashMap;

use ottl::{SourceReport, StatementRef};

use super::side::Side;

/// A statement or condition of either rule set.
#[derive(Clone, Debug)]
pub struct Row {
    pub text: String,
    pub signal: &'static str,
    /// Under the old rules and under the new ones, as far as it is one of theirs.
    pub sides: [Option<Counted>; 2],
}

/// What a statement did.
#[derive(Clone, Debug)]
pub struct Counted {
    pub file: String,
    pub line: u32,
    pub column: u32,
    pub processor: String,
    pub counters: SourceReport,
}

impl Row {
    /// Whether it did the same under both.
    pub fn is_same(&self) -> bool {
        match &self.sides {
            [Some(old), Some(new)] => {
                let of =
                    |counters: &SourceReport| (counters.evaluated, counters.matched, counters.changed, counters.failed);
                of(&old.counters) == of(&new.counters)
            }
            _ => false,
        }
    }
}

/// All statements, in the order of the new rules; those that are gone stand behind the one that they stood behind.
pub fn rows(old: &Side, new: &Side) -> Vec<Row> {
    let (old, new) = (counted(old), counted(new));
    // Of texts that stand there several times the first is the first one, and so on.
    let mut places: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for (at, (signal, text, _)) in new.iter().enumerate().rev() {
        places.entry((*signal, text.as_str())).or_default().push(at);
    }
    let mut rows: Vec<Row> = new
        .iter()
        .map(|(signal, text, counted)| Row { text: text.clone(), signal, sides: [None, Some(counted.clone())] })
        .collect();
    // What is gone, with the number of rows that come before it.
    let mut gone: Vec<(usize, Row)> = Vec::new();
    let mut behind = 0;
    for (signal, text, counted) in &old {
        match places.get_mut(&(*signal, text.as_str())).and_then(Vec::pop) {
            Some(at) => {
                rows[at].sides[0] = Some(counted.clone());
                behind = at + 1;
            }
            None => gone.push((behind, Row { text: text.clone(), signal, sides: [Some(counted.clone()), None] })),
        }
    }
    gone.sort_by_key(|(behind, _)| *behind);
    for (behind, row) in gone.into_iter().rev() {
        rows.insert(behind, row);
    }
    rows
}

/// The statements of a side with their signals, texts without needless blanks, and what they did.
fn counted(side: &Side) -> Vec<(&'static str, String, Counted)> {
    let mut reports = side.worker().report().statements().peekable();
    let has_run = reports.peek().is_some();
    let of = |statement: StatementRef<'_>, counters: SourceReport| {
        let text = statement.text().split_whitespace().collect::<Vec<_>>().join(" ");
        let place = statement.location();
        let counted = Counted {
            file: statement.file().to_owned(),
            line: place.line,
            column: place.column,
            processor: statement.processor().to_owned(),
            counters,
        };
        (statement.signal().name(), text, counted)
    };
    match has_run {
        true => reports.map(|row| of(row.statement, row.counters)).collect(),
        false => side.program.statements().map(|statement| of(statement, SourceReport::default())).collect(),
    }
}
