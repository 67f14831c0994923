//! [`Compiler::rule_texts`]: where a file holds OTTL, for tools that show or rewrite it.

use std::ops::Range;

use granit_parser::ScalarStyle;
use ottl_diagnostics::Code;

use crate::config::{self, Asked, Configuration, Place, ReadOptions, Rules};
use crate::stack::on_own_stack;
use crate::{CompileError, Compiler};

/// What a text of rules is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuleKind {
    /// A statement.
    Statement,
    /// A condition.
    Condition,
    /// A value, which some connectors make metrics of.
    Value,
}

/// How a text is written in YAML.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TextStyle {
    /// Without quotes.
    Plain,
    /// In single quotes.
    SingleQuoted,
    /// In double quotes.
    DoubleQuoted,
    /// A block whose lines stay, `|`.
    Literal,
    /// A block whose lines are joined, `>`.
    Folded,
}

/// A statement, condition or value of a file, as it stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleText {
    text: String,
    range: Range<usize>,
    kind: RuleKind,
    style: TextStyle,
    is_editable: bool,
}

impl RuleText {
    /// The text, without the quotes, escapes and indentation of YAML. References to variables stand in it as in the file.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the file that it takes, quotes included. Of a block these are about its lines.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// What it is.
    pub fn kind(&self) -> RuleKind {
        self.kind
    }

    /// How it is written.
    pub fn style(&self) -> TextStyle {
        self.style
    }

    /// Whether another text may be written in its place: not if the file around it is itself a text in quotes, and not if it shares
    /// its place with others.
    pub fn is_editable(&self) -> bool {
        self.is_editable
    }
}

impl Compiler {
    /// The statements, conditions and values of a file, in their order, wherever it keeps them: in transform and filter processors, in
    /// the other components that hold OTTL, and these in custom resources, values of charts and texts of ConfigMaps. Whether they
    /// compile does not matter.
    ///
    /// ```
    /// let file = "config:\n  connectors:\n    count: {logs: {errors: {conditions: ['severity_number > 16']}}}\n";
    /// let texts = ottl::Compiler::new().rule_texts(file).unwrap();
    /// assert_eq!((texts[0].text(), &file[texts[0].range()]), ("severity_number > 16", "'severity_number > 16'"));
    /// ```
    ///
    /// # Errors
    /// The file cannot be read: it is not YAML, too large, or no configuration.
    pub fn rule_texts(&self, text: &str) -> Result<Vec<RuleText>, CompileError> {
        on_own_stack(|| self.rule_texts_here(text))
    }

    fn rule_texts_here(&self, text: &str) -> Result<Vec<RuleText>, CompileError> {
        const UNREADABLE: [Code; 4] = [
            Code::INVALID_YAML,
            Code::CONFIGURATION_TOO_LARGE,
            Code::UNRECOGNIZED_CONFIGURATION,
            Code::UNRENDERED_TEMPLATE,
        ];
        let options = ReadOptions { raw: true, ..self.read_options(true, usize::MAX) };
        let mut configuration = config::read(self.sources(text), &options);
        if configuration.diagnostics.iter().any(|found| UNREADABLE.contains(&found.code)) {
            let found = std::mem::take(&mut configuration.diagnostics);
            return Err(CompileError::new(self.diagnostics(text, found)));
        }
        let mut out: Vec<RuleText> = places(&configuration)
            .into_iter()
            .filter_map(|(place, kind)| written(&configuration, place, kind))
            .collect();
        out.sort_by_key(|one| (one.range.start, one.range.end));
        // Aliases name a text again.
        out.dedup();
        for at in 1..out.len() {
            if out[at].range.start < out[at - 1].range.end {
                out[at].is_editable = false;
                out[at - 1].is_editable = false;
            }
        }
        Ok(out)
    }
}

/// The numbers of the places that are rules, and what they are.
fn places(configuration: &Configuration) -> Vec<(u32, RuleKind)> {
    let mut out = Vec::new();
    let mut add = |places: &[u32], kind| out.extend(places.iter().map(|place| (*place, kind)));
    for (_, rules) in configuration.processors.iter().flat_map(|processor| &processor.body.rules) {
        match rules {
            Rules::Transform(entries) | Rules::Filter(entries) => {
                for entry in entries {
                    add(&entry.conditions, RuleKind::Condition);
                    add(&entry.statements, RuleKind::Statement);
                }
            }
            Rules::OlderFilter(lists) => lists.iter().for_each(|list| add(&list.conditions, RuleKind::Condition)),
        }
    }
    for check in &configuration.checks {
        let kind = match check.asked {
            Asked::Condition => RuleKind::Condition,
            Asked::Value => RuleKind::Value,
            Asked::Statement => RuleKind::Statement,
        };
        add(&[check.place], kind);
    }
    out
}

/// A place as it is written; none for what stands in no file.
fn written(configuration: &Configuration, place: u32, kind: RuleKind) -> Option<RuleText> {
    let place = configuration.places.get(place as usize)?;
    let Place::Text { text, span, translated: false } = place else { return None };
    let style = match configuration.styles.get(span)? {
        ScalarStyle::Plain => TextStyle::Plain,
        ScalarStyle::SingleQuoted => TextStyle::SingleQuoted,
        ScalarStyle::DoubleQuoted => TextStyle::DoubleQuoted,
        ScalarStyle::Literal => TextStyle::Literal,
        ScalarStyle::Folded => TextStyle::Folded,
    };
    Some(RuleText {
        text: text.as_str().to_owned(),
        range: span.start as usize..span.end as usize,
        kind,
        style,
        is_editable: !configuration.is_rewritten(*span),
    })
}
