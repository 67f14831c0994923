//! The rules of a document: their texts with their places, and the groups that they stand in.
//!
//! Texts are those of the document as they are written, references to variables included, so that what is said about them points
//! at what people see.
//! INVARIANT: a document is read once for each of its states.
//! Deliberately elsewhere: what the rules mean, and what is wrong with them.

use ottl_diagnostics::{Code, Span, TextMap};
use ottl_schema::{ContextId, context};

use crate::checks;
use crate::config::{self, Asked, Configuration, Entry, Place, ProcessorKind, ReadOptions, Rules};
use crate::config::{Origins, ScalarStyle, Text};
use crate::{Compiler, RuleKind, Signal};

use super::DocumentKind;

/// What a document holds.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// In the order of the configuration.
    pub groups: Vec<Group>,
    /// In the order of the document.
    pub rules: Vec<Rule>,
    /// Whether the document is not YAML, and has to be.
    pub is_broken: bool,
    /// Whether it is no configuration, or one without OTTL.
    pub is_foreign: bool,
}

/// Rules that stand in one list.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// The processor or component; empty for a document that is rules alone.
    pub owner: String,
    /// The key of the list of the signal, or of the processor.
    pub key: Span,
    pub signal: Signal,
    /// The context that is written beside the rules, or that their place says.
    pub configured: Option<ContextId>,
    /// Whether the rules are those of a filter, each of which tells its context by itself.
    pub is_filter: bool,
    /// Whether they stand in the filter processor's older lists or other components, where paths may go without a context.
    pub is_check: bool,
}

/// A statement, condition or value.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// The number of its group.
    pub group: usize,
    pub kind: RuleKind,
    pub text: Text,
    /// The token, quotes included.
    pub span: Span,
    /// How it is written; none in a document that is no YAML.
    pub style: Option<ScalarStyle>,
    /// Whether it stands in a text of the file that has escapes of its own.
    pub is_rewritten: bool,
}

impl Rule {
    pub fn map(&self) -> TextMap {
        self.text.map()
    }

    /// The token without what stands behind its last character: a block goes on to the start of the next line.
    pub fn token(&self, document: &str) -> Span {
        let end = self.span.start + self.span.of(document).trim_end().len() as u32;
        Span::new(self.span.start, end)
    }

    /// Where its last character ends in the document, without a closing quote.
    pub fn content_end(&self, document: &str) -> u32 {
        match self.style {
            Some(ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) => self.span.end.saturating_sub(1),
            _ => self.span.start + self.span.of(document).trim_end().len() as u32,
        }
    }
}

impl Reading {
    /// Reads a document.
    pub fn new(compiler: &Compiler, kind: DocumentKind, text: &str) -> Reading {
        match kind {
            DocumentKind::Configuration(kind) => of_configuration(compiler, kind, text),
            DocumentKind::Rules { kind, signal, context } => of_rules(kind, signal, context, text),
        }
    }

    /// The rules of a group.
    pub fn of_group(&self, group: usize) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.group == group)
    }

    /// The context that a rule runs in; none if nothing tells it yet.
    pub fn context(&self, compiler: &Compiler, rule: &Rule) -> Option<ContextId> {
        let group = &self.groups[rule.group];
        group.configured.or_else(|| {
            if group.is_check {
                let asked = match rule.kind {
                    RuleKind::Statement => Asked::Statement,
                    RuleKind::Condition => Asked::Condition,
                    RuleKind::Value => Asked::Value,
                };
                return Some(checks::told(&compiler.rules, asked, rule.text.as_str()));
            }
            let texts = |kind: RuleKind| -> Vec<&str> {
                let all = self.of_group(rule.group).filter(|other| other.kind == kind);
                all.map(|other| other.text.as_str()).collect()
            };
            let (statements, conditions) = match group.is_filter {
                true => (Vec::new(), vec![rule.text.as_str()]),
                false => (texts(RuleKind::Statement), texts(RuleKind::Condition)),
            };
            compiler.rules.infer(group.signal, group.is_filter, &statements, &conditions)
        })
    }

    /// The rule at a place, if it is in one or right behind it.
    pub fn rule_at(&self, at: u32) -> Option<&Rule> {
        let next = self.rules.partition_point(|rule| rule.span.start <= at);
        self.rules[..next].iter().rev().take(4).find(|rule| at <= rule.span.end)
    }
}

fn of_configuration(compiler: &Compiler, kind: Option<ProcessorKind>, text: &str) -> Reading {
    const NO_YAML: [Code; 3] = [Code::INVALID_YAML, Code::CONFIGURATION_TOO_LARGE, Code::UNRENDERED_TEMPLATE];
    const FOREIGN: [Code; 2] = [Code::UNRECOGNIZED_CONFIGURATION, Code::WITHOUT_RULES];
    let options = compiler.read_options(true, usize::MAX);
    let options = ReadOptions { raw: true, kind: kind.or(options.kind), ..options };
    let configuration = config::read(compiler.sources(text), &options);
    let mut reading = Reading {
        is_broken: configuration.processors.is_empty()
            && configuration.diagnostics.iter().any(|found| NO_YAML.contains(&found.code)),
        is_foreign: configuration.diagnostics.iter().any(|found| FOREIGN.contains(&found.code)),
        ..Reading::default()
    };
    for processor in &configuration.processors {
        for (signal, rules) in &processor.body.rules {
            let key = processor.body.keys.iter().find(|(of, _)| of == signal).map(|(_, key)| *key);
            let group = |configured, is_filter, is_check| Group {
                owner: processor.name.clone(),
                key: key.unwrap_or(processor.key),
                signal: *signal,
                configured,
                is_filter,
                is_check,
            };
            match rules {
                Rules::Transform(entries) | Rules::Filter(entries) => {
                    let is_filter = matches!(rules, Rules::Filter(_));
                    for entry in entries {
                        reading.add_entry(&configuration, entry, group(entry.context, is_filter, false));
                    }
                }
                Rules::OlderFilter(lists) => {
                    for list in lists {
                        let group = group(Some(list.context), true, true);
                        reading.add(&configuration, group, &[(&list.conditions, RuleKind::Condition)]);
                    }
                }
            }
        }
    }
    for check in &configuration.checks {
        let kind = match check.asked {
            Asked::Condition => RuleKind::Condition,
            Asked::Value => RuleKind::Value,
            Asked::Statement => RuleKind::Statement,
        };
        let signal = check.context.and_then(|id| context(id).signals.first().copied()).unwrap_or(Signal::Logs);
        let group = Group {
            owner: String::new(),
            key: Span::default(),
            signal,
            configured: check.context,
            is_filter: true,
            is_check: true,
        };
        reading.add(&configuration, group, &[(&[check.place], kind)]);
    }
    reading.rules.sort_by_key(|rule| (rule.span.start, rule.span.end));
    // Aliases name a text again.
    reading.rules.dedup_by(|one, other| one.span == other.span && one.text == other.text);
    reading
}

impl Reading {
    fn add_entry(&mut self, configuration: &Configuration, entry: &Entry, group: Group) {
        let rules = [(&entry.conditions[..], RuleKind::Condition), (&entry.statements[..], RuleKind::Statement)];
        self.add(configuration, group, &rules);
    }

    fn add(&mut self, configuration: &Configuration, group: Group, rules: &[(&[u32], RuleKind)]) {
        let number = self.groups.len();
        self.groups.push(group);
        for (places, kind) in rules {
            for place in places.iter().filter_map(|place| configuration.places.get(*place as usize)) {
                let Place::Text { text, span, translated: false } = place else { continue };
                self.rules.push(Rule {
                    group: number,
                    kind: *kind,
                    text: text.clone(),
                    span: *span,
                    style: configuration.styles.get(span).copied(),
                    is_rewritten: configuration.is_rewritten(*span),
                });
            }
        }
    }
}

/// Whether a text is a block of lines below its header.
pub(super) fn is_block(style: ScalarStyle) -> bool {
    matches!(style, ScalarStyle::Literal | ScalarStyle::Folded)
}

/// A text that stands in the document as it is.
pub(super) fn plain(text: &str, start: u32) -> Text {
    Text::new(text, Origins::run(start, text.len()), start)
}

fn of_rules(kind: Option<RuleKind>, signal: Option<Signal>, configured: Option<ContextId>, text: &str) -> Reading {
    let mut reading = Reading::default();
    let texts = texts(text);
    let told = signal.or_else(|| configured.and_then(|id| context(id).signals.first().copied()));
    let signal = told.unwrap_or_else(|| signal_of(texts.iter().map(|span| span.of(text))));
    for kind in [RuleKind::Statement, RuleKind::Condition] {
        reading.groups.push(Group {
            owner: String::new(),
            key: Span::default(),
            signal,
            configured,
            is_filter: kind == RuleKind::Condition,
            is_check: false,
        });
    }
    for span in texts {
        let written = span.of(text);
        let kind = kind.unwrap_or_else(|| role_of(written));
        reading.rules.push(Rule {
            group: usize::from(kind != RuleKind::Statement),
            kind,
            text: plain(written, span.start),
            span,
            style: None,
            is_rewritten: false,
        });
    }
    reading
}

/// The texts of a document of rules: each begins a line, lines that begin with a blank go on, and empty lines and comments are
/// between them.
fn texts(text: &str) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    let (mut at, mut goes_on) = (0, false);
    for line in text.split_inclusive('\n') {
        let written = line.trim();
        let start = at + (line.len() - line.trim_start().len());
        let is_rule = !written.is_empty() && !written.starts_with('#');
        if is_rule {
            let span = Span::new(start as u32, (start + written.len()) as u32);
            match out.last_mut().filter(|_| goes_on && line.starts_with([' ', '\t'])) {
                Some(last) => last.end = span.end,
                None => out.push(span),
            }
        }
        goes_on = is_rule;
        at += line.len();
    }
    out
}

/// What a text that stands alone is meant as: a condition if it is one, or begins like one.
pub(super) fn role_of(text: &str) -> RuleKind {
    let name = text.trim_start();
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let rest = name.trim_start_matches(is_name);
    let begins_call = rest.len() < name.len() && rest.trim_start().starts_with('(');
    let is_editor = begins_call && !matches!(&name[..name.len() - rest.len()], "not" | "and" | "or");
    if is_editor
        || rest.is_empty()
        || !ottl_syntax::parse_condition(text).diagnostics.is_empty() && !begins_like_one(name)
    {
        RuleKind::Statement
    } else {
        RuleKind::Condition
    }
}

/// Whether a text begins as conditions do: with a path, a converter, `not`, a parenthesis or a literal.
fn begins_like_one(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '(' | '"' | '[' | '{' | '-'))
        || text.starts_with("not ")
        || ContextId::ALL.iter().any(|id| text.strip_prefix(id.name()).is_some_and(|rest| rest.starts_with('.')))
}

/// The signal that paths tell: that of the first context that only one signal has.
fn signal_of<'t>(texts: impl Iterator<Item = &'t str>) -> Signal {
    for text in texts {
        let tokens = ottl_syntax::token::lex(text).tokens;
        let names = tokens.windows(2).filter(|pair| pair[1].span.of(text) == ".").map(|pair| pair[0].span.of(text));
        for found in names.filter_map(ottl_schema::context_by_name) {
            if let [only] = context(found).signals {
                return *only;
            }
        }
    }
    Signal::Logs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_begin_lines_and_go_on_in_indented_ones() {
        let text = "# a\n  set(log.body,\n    1)\n\nlog.body == 1\n   # b\n   set(x)";
        let found: Vec<&str> = texts(text).into_iter().map(|span| span.of(text)).collect();
        assert_eq!(found, ["set(log.body,\n    1)", "log.body == 1", "set(x)"]);
    }

    #[test]
    fn half_written_texts_have_a_kind_and_a_signal() {
        for (text, want) in [
            ("se", RuleKind::Statement),
            ("set(log.body, ", RuleKind::Statement),
            ("route() where ", RuleKind::Statement),
            ("log.body == ", RuleKind::Condition),
            ("not (log.body", RuleKind::Condition),
            ("not(log.body == 1)", RuleKind::Condition),
            ("IsMatch(log.body, \"", RuleKind::Condition),
            ("true", RuleKind::Statement),
        ] {
            assert_eq!(role_of(text), want, "{text}");
        }
        assert_eq!(signal_of(["set(resource.attributes[\"a\"], 1)", "span."].into_iter()), Signal::Traces);
        assert_eq!(signal_of([""].into_iter()), Signal::Logs);
    }
}
