//! Records that differ, a few of each kind: those that differ in other fields first.

use std::collections::HashSet;

use ottl::TracedStatement;
use ottl::compare::Fate;

/// A kind of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Failed,
    Mended,
    Dropped,
    Kept,
    Changed,
    Added,
    Removed,
}

impl Kind {
    /// The name for machines.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Failed => "failed",
            Kind::Mended => "mended",
            Kind::Dropped => "dropped",
            Kind::Kept => "kept",
            Kind::Changed => "changed",
            Kind::Added => "added",
            Kind::Removed => "removed",
        }
    }

    /// What happened, for people.
    pub fn text(self) -> &'static str {
        match self {
            Kind::Failed => "failed, and did not before",
            Kind::Mended => "no longer failed",
            Kind::Dropped => "dropped, and kept before",
            Kind::Kept => "kept, and dropped before",
            Kind::Changed => "with other contents than before",
            Kind::Added => "made by a statement, and not before",
            Kind::Removed => "no longer made by a statement",
        }
    }
}

impl From<Fate> for Kind {
    fn from(fate: Fate) -> Kind {
        match fate {
            Fate::Changed => Kind::Changed,
            Fate::Dropped => Kind::Dropped,
            Fate::Kept => Kind::Kept,
            Fate::Added => Kind::Added,
            Fate::Removed => Kind::Removed,
        }
    }
}

/// A statement that did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blame {
    pub text: String,
    pub file: String,
    pub line: u32,
    pub column: u32,
}

impl Blame {
    /// Where it stands: `rules.yaml:3`.
    pub fn place(&self) -> String {
        format!("{}:{}", ottl::visible(&self.file), self.line)
    }

    pub fn of(statement: &TracedStatement) -> Blame {
        let text = statement.text.split_whitespace().collect::<Vec<_>>().join(" ");
        Blame { text, file: statement.file.clone(), line: statement.line, column: statement.column }
    }
}

/// A field that differs.
#[derive(Clone, Debug)]
pub struct Field {
    pub path: String,
    pub old: Option<String>,
    pub new: Option<String>,
    /// Which statement of each side wrote it last.
    pub by: [Option<Blame>; 2],
}

/// Something that differs.
#[derive(Clone, Debug)]
pub struct Sample {
    pub kind: Kind,
    pub file: String,
    pub message: u64,
    /// The record's number over all inputs, from 1, as traces count them; nothing for what statements made and for whole messages.
    pub record: Option<u64>,
    /// Of a data point its number in its metric, from 1.
    pub point: Option<u64>,
    pub place: String,
    /// How many records lie in it.
    pub records: u64,
    pub fields: Vec<Field>,
    /// Fields that are not shown.
    pub more_fields: usize,
    /// The condition that dropped it.
    pub by: Option<Blame>,
    /// Why the message failed.
    pub error: Option<String>,
}

/// Samples as they come.
#[derive(Debug)]
pub struct Samples {
    /// How many of each kind are wanted.
    most: usize,
    first: Vec<Sample>,
    more: Vec<Sample>,
    /// What the samples so far differ in.
    known: HashSet<(u8, String)>,
}

/// How a difference is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is the first that differs so.
    First,
    /// There is room for it.
    More,
    No,
}

impl Samples {
    pub fn new(most: usize) -> Samples {
        Samples { most, first: Vec::new(), more: Vec::new(), known: HashSet::new() }
    }

    /// Whether a difference of this kind, in these fields, is wanted: told before it is made, which costs more.
    pub fn wants(&self, kind: Kind, fields: &str) -> Taken {
        let count = |list: &[Sample]| list.iter().filter(|sample| sample.kind == kind).count();
        let firsts = count(&self.first);
        if firsts >= self.most {
            return Taken::No;
        }
        if !self.known.contains(&(kind as u8, fields.to_owned())) {
            return Taken::First;
        }
        if firsts + count(&self.more) < self.most { Taken::More } else { Taken::No }
    }

    /// Keeps a sample.
    pub fn keep(&mut self, sample: Sample, fields: String, taken: Taken) {
        match taken {
            Taken::First => {
                self.known.insert((sample.kind as u8, fields));
                self.first.push(sample);
            }
            Taken::More => self.more.push(sample),
            Taken::No => {}
        }
    }

    /// Those to show, by kind.
    pub fn finish(self) -> Vec<Sample> {
        let most = self.most;
        let mut all: Vec<Sample> = self.first.into_iter().chain(self.more).collect();
        all.sort_by_key(|sample| sample.kind);
        let mut count = (None, 0);
        all.retain(|sample| {
            count = if count.0 == Some(sample.kind) { (count.0, count.1 + 1) } else { (Some(sample.kind), 1) };
            count.1 <= most
        });
        all
    }
}
