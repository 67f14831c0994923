//! [`Program`]: the body of a processor as data.

use std::fmt::Write as _;

use ottl_schema::{ContextId, Signal};

use crate::{Choices, Term};

/// Which processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Processor {
    /// Statements that change data.
    Transform,
    /// Conditions that drop data.
    Filter,
    /// Statements that change profiles, also in contexts that the reference's library has and its processors do not take.
    Library,
}

impl Processor {
    /// As the harness and the oracle name it.
    pub fn name(self) -> &'static str {
        match self {
            Processor::Transform => "transform",
            Processor::Filter => "filter",
            Processor::Library => "library",
        }
    }
}

/// How the rules are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A flat list of texts.
    Basic,
    /// A list of groups.
    Structured,
    /// The filter's lists by context.
    Older,
}

/// Whether the records of a message get a resource and scope of their own before a transform, and how that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flatten {
    /// They keep what they share.
    No,
    /// As version 0.165 has it.
    Log,
    /// As versions before it have it.
    Data,
}

impl Flatten {
    /// Flattens logs once in `n` times.
    pub(crate) fn of(choices: &mut Choices<'_>, signal: Signal, n: usize) -> Flatten {
        match signal == Signal::Logs && choices.one_in(n) {
            true => choices.pick(&[Flatten::Log, Flatten::Data]),
            false => Flatten::No,
        }
    }
}

/// One group of statements, or of a filter's conditions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// The context, if it is told.
    pub context: Option<ContextId>,
    /// Conditions.
    pub conditions: Vec<Term>,
    /// Statements; empty in filters.
    pub statements: Vec<Term>,
    /// The error mode, if it is told.
    pub error_mode: Option<&'static str>,
    /// Whether the records share a cache.
    pub shared_cache: bool,
    /// Whether records are isolated.
    pub isolate: bool,
}

/// A processor's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Which processor.
    pub processor: Processor,
    /// For which signal.
    pub signal: Signal,
    /// How it is written down.
    pub style: Style,
    /// The error mode, if it is told.
    pub error_mode: Option<&'static str>,
    /// Whether records get a resource and scope of their own first.
    pub flatten: Flatten,
    /// The groups, at least one.
    pub groups: Vec<Group>,
}

impl Program {
    /// The body as YAML.
    pub fn yaml(&self) -> String {
        let mut out = String::new();
        if let Some(mode) = self.error_mode {
            let _ = writeln!(out, "error_mode: {mode}");
        }
        out.push_str(match self.flatten {
            Flatten::No => "",
            Flatten::Log => "flatten: {log: true}\n",
            Flatten::Data => "flatten_data: true\n",
        });
        let signal = self.signal.name().trim_end_matches('s');
        if self.style == Style::Older {
            let _ = writeln!(out, "{signal}s:");
            for group in &self.groups {
                let name = match group.context {
                    Some(ContextId::Log) => "log_record",
                    Some(context) => context.name(),
                    None => "resource",
                };
                let _ = writeln!(out, "  {name}:");
                list(&mut out, "    ", &group.conditions);
            }
            return out;
        }
        let noun = if self.processor == Processor::Filter { "conditions" } else { "statements" };
        let _ = writeln!(out, "{signal}_{noun}:");
        for group in &self.groups {
            if self.style == Style::Basic {
                list(
                    &mut out,
                    "  ",
                    if self.processor == Processor::Filter { &group.conditions } else { &group.statements },
                );
                continue;
            }
            let mut lead = "  - ";
            let mut line = |out: &mut String, text: &str| {
                let _ = writeln!(out, "{lead}{text}");
                lead = "    ";
            };
            if let Some(context) = group.context {
                line(&mut out, &format!("context: {}", context.name()));
            }
            if let Some(mode) = group.error_mode {
                line(&mut out, &format!("error_mode: {mode}"));
            }
            if group.shared_cache {
                line(&mut out, "shared_cache: true");
            }
            if group.isolate {
                line(&mut out, "isolate: true");
            }
            if !group.conditions.is_empty() {
                line(&mut out, "conditions:");
                list(&mut out, "      ", &group.conditions);
            }
            if self.processor != Processor::Filter {
                line(&mut out, if group.statements.is_empty() { "statements: []" } else { "statements:" });
                list(&mut out, "      ", &group.statements);
            }
        }
        out
    }

    /// Isolates all groups, as far as the processor has statements.
    pub fn isolate(&mut self) {
        if self.processor == Processor::Transform {
            // Only groups that are written as such can say so.
            self.style = Style::Structured;
            self.groups.iter_mut().for_each(|group| group.isolate = true);
        }
    }

    /// Whether some term of the program fulfils a condition.
    pub fn any(&self, mut test: impl FnMut(&Term) -> bool) -> bool {
        self.groups.iter().any(|g| g.conditions.iter().chain(&g.statements).any(|t| t.any(&mut test)))
    }

    /// Whether something in it comes out of an unordered map in the reference.
    pub fn through_a_map(&self) -> bool {
        const FUNCTIONS: &[&str] = &[
            "ParseJSON",
            "ParseKeyValue",
            "URL",
            "ExtractPatterns",
            "ExtractGrokPatterns",
            "UserAgent",
            "ParseCSV",
            "ParseLEEF",
            "aggregate_on_attributes",
        ];
        self.any(|term| match term {
            Term::Call(name, ..) => FUNCTIONS.contains(&name.as_str()),
            _ => false,
        })
    }

    /// Smaller programs, those that leave most out first. Not all of them are valid.
    pub fn smaller(&self) -> Vec<Program> {
        let mut out = Vec::new();
        for idx in 0..self.groups.len() {
            if self.groups.len() > 1 {
                let mut copy = self.clone();
                copy.groups.remove(idx);
                out.push(copy);
            }
        }
        // Halves of long rule sets first.
        for g in 0..self.groups.len() {
            for of_statements in [true, false] {
                let list = |group: &Group| if of_statements { group.statements.len() } else { group.conditions.len() };
                let many = list(&self.groups[g]);
                for part in [2, 4, 8].into_iter().filter(|part| many >= 2 * part) {
                    for at in (0..part).map(|at| at * many / part) {
                        let mut copy = self.clone();
                        let group = &mut copy.groups[g];
                        let terms = if of_statements { &mut group.statements } else { &mut group.conditions };
                        drop(terms.drain(at..at + many / part));
                        out.push(copy);
                    }
                }
            }
        }
        let mut change = |change: &dyn Fn(&mut Program)| {
            let mut copy = self.clone();
            change(&mut copy);
            if copy != *self {
                out.push(copy);
            }
        };
        change(&|p| p.error_mode = None);
        change(&|p| p.flatten = Flatten::No);
        for (g, group) in self.groups.iter().enumerate() {
            change(&|p| p.groups[g].error_mode = None);
            change(&|p| p.groups[g].shared_cache = false);
            change(&|p| p.groups[g].isolate = false);
            if group.context.is_some() && self.style == Style::Structured {
                change(&|p| p.groups[g].context = None);
            }
            let texts = group.conditions.len() + group.statements.len();
            for (i, _) in group.conditions.iter().enumerate() {
                if texts > 1 {
                    change(&|p| drop(p.groups[g].conditions.remove(i)));
                }
            }
            for (i, _) in group.statements.iter().enumerate() {
                if texts > 1 {
                    change(&|p| drop(p.groups[g].statements.remove(i)));
                }
            }
        }
        for (g, group) in self.groups.iter().enumerate() {
            for (i, term) in group.conditions.iter().enumerate() {
                for smaller in term.smaller() {
                    change(&|p| p.groups[g].conditions[i] = smaller.clone());
                }
            }
            for (i, term) in group.statements.iter().enumerate() {
                for smaller in term.smaller() {
                    change(&|p| p.groups[g].statements[i] = smaller.clone());
                }
            }
        }
        out
    }
}

fn list(out: &mut String, indent: &str, terms: &[Term]) {
    for term in terms {
        let _ = writeln!(out, "{indent}- {}", scalar(&term.to_string()));
    }
}

/// A YAML scalar that gives the text back: single-quoted where that is exact, else with escapes.
fn scalar(text: &str) -> String {
    if !text.chars().any(char::is_control) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
