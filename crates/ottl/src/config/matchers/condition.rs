//! Conditions under construction: trees of `and`, `or` and `not` over texts of OTTL, and the text of all of it.
//!
//! INVARIANT: the text is in the standard form, and parts that the user wrote know where they stand in the file.
//! Deliberately elsewhere: what the texts say (`values`, `properties`).

use ottl_diagnostics::Span;
use ottl_syntax::print::string_char_to;

use crate::config::text::{Builder, Text};

/// A condition.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    Leaf(Builder),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
}

impl Condition {
    /// All of them; one alone stays itself.
    pub fn all(conditions: Vec<Condition>) -> Condition {
        let mut flat = Vec::with_capacity(conditions.len());
        for condition in conditions {
            match condition {
                Condition::All(parts) => flat.extend(parts),
                other => flat.push(other),
            }
        }
        if flat.len() == 1 { flat.remove(0) } else { Condition::All(flat) }
    }

    /// One of them; one alone stays itself.
    pub fn any(conditions: Vec<Condition>) -> Condition {
        let mut flat = Vec::with_capacity(conditions.len());
        for condition in conditions {
            match condition {
                Condition::Any(parts) => flat.extend(parts),
                other => flat.push(other),
            }
        }
        if flat.len() == 1 { flat.remove(0) } else { Condition::Any(flat) }
    }

    pub fn negated(self) -> Condition {
        Condition::Not(Box::new(self))
    }

    /// The condition as a text; what is said about words of ours points at `at`.
    pub fn text(&self, at: u32) -> Text {
        let mut out = Builder::default();
        self.write(&mut out, at);
        out.finish(at)
    }

    fn write(&self, out: &mut Builder, at: u32) {
        match self {
            Condition::Leaf(text) => out.append(text),
            Condition::All(parts) => {
                chain(out, parts, " and ", at, |part| matches!(part, Condition::All(_) | Condition::Any(_)));
            }
            Condition::Any(parts) => chain(out, parts, " or ", at, |part| matches!(part, Condition::Any(_))),
            Condition::Not(inner) => {
                out.word("not ", at);
                enclosed(out, inner, at, !matches!(**inner, Condition::Leaf(_)));
            }
        }
    }
}

fn chain(out: &mut Builder, parts: &[Condition], operator: &str, at: u32, parentheses: fn(&Condition) -> bool) {
    for (idx, part) in parts.iter().enumerate() {
        if idx > 0 {
            out.word(operator, at);
        }
        enclosed(out, part, at, parentheses(part));
    }
}

fn enclosed(out: &mut Builder, condition: &Condition, at: u32, parentheses: bool) {
    if parentheses {
        out.word("(", at);
    }
    condition.write(out, at);
    if parentheses {
        out.word(")", at);
    }
}

/// A text of the user and its token in the file.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub text: Text,
    pub span: Span,
}

/// A text of OTTL under construction.
#[derive(Clone, Debug, Default)]
pub(super) struct Phrase {
    text: Builder,
    /// Where words of ours stand.
    at: u32,
}

impl Phrase {
    pub fn new(words: &str, at: u32) -> Phrase {
        Phrase { at, ..Phrase::default() }.word(words)
    }

    pub fn word(mut self, words: &str) -> Phrase {
        self.text.word(words, self.at);
        self
    }

    pub fn then(mut self, other: &Phrase) -> Phrase {
        self.text.append(&other.text);
        self
    }

    /// Adds a text as it stands.
    pub fn raw(mut self, text: &Text) -> Phrase {
        self.text.push(text, 0, text.as_str().len());
        self
    }

    /// Adds a string literal whose contents are the user's text. Its quotes stand at the ends of the text's token.
    pub fn string(mut self, item: &Item) -> Phrase {
        let text = item.text.as_str();
        self.text.word("\"", item.span.start);
        let mut done = 0;
        let mut escaped = String::new();
        for (idx, c) in text.char_indices() {
            escaped.clear();
            string_char_to(&mut escaped, c);
            let end = idx + c.len_utf8();
            if escaped != text[idx..end] {
                self.text.push(&item.text, done, idx);
                self.text.word(&escaped, item.text.span(idx, end).start);
                done = end;
            }
        }
        self.text.push(&item.text, done, text.len());
        self.text.word("\"", item.span.end.saturating_sub(1).max(item.span.start));
        self
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    pub fn condition(self) -> Condition {
        Condition::Leaf(self.text)
    }
}
