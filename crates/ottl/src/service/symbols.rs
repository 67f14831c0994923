//! The outline of a document: processors, groups, rules.

use ottl_diagnostics::Span;
use serde::Serialize;

use super::Document;
use super::reading::{Group, Rule};
use crate::RuleKind;

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SymbolKind {
    /// A processor, or what other components hold.
    Processor,
    /// A list of rules of one context.
    Group,
    /// A statement.
    Statement,
    /// A condition.
    Condition,
    /// A value.
    Value,
}

/// A part of a document, with its parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Symbol {
    /// What it is called.
    pub name: String,
    /// What else there is to say in a few words.
    pub detail: String,
    /// What it is.
    pub kind: SymbolKind,
    /// All of it.
    pub range: Span,
    /// What is shown of it when it is chosen; in the range.
    pub selection: Span,
    /// Its parts.
    pub children: Vec<Symbol>,
}

/// Characters of a rule that are shown.
const SHOWN: usize = 80;

impl Document {
    /// The processors of a document, their groups, and the rules of these.
    pub fn symbols(&self) -> Vec<Symbol> {
        let reading = self.reading();
        let mut owners: Vec<Symbol> = Vec::new();
        for (number, group) in reading.groups.iter().enumerate() {
            let rules: Vec<Symbol> = reading.of_group(number).map(|rule| of_rule(rule, &self.text)).collect();
            let (Some(first), Some(last)) = (rules.first(), rules.last()) else { continue };
            let whole = first.range.to(last.range);
            if group.owner.is_empty() {
                owners.extend(rules);
                continue;
            }
            let rule = reading.of_group(number).next();
            let context = rule.and_then(|rule| reading.context(&self.compiler, rule));
            let of_group = Symbol {
                name: self.list_name(group),
                detail: context.map(|id| format!("context {}", id.name())).unwrap_or_default(),
                kind: SymbolKind::Group,
                range: whole,
                selection: first.selection,
                children: rules,
            };
            match owners.last_mut().filter(|last| last.kind == SymbolKind::Processor && last.name == group.owner) {
                Some(owner) => {
                    owner.range = owner.range.to(whole);
                    owner.children.push(of_group);
                }
                None => owners.push(Symbol {
                    name: group.owner.clone(),
                    detail: String::new(),
                    kind: SymbolKind::Processor,
                    range: group.key.to(whole),
                    selection: group.key,
                    children: vec![of_group],
                }),
            }
        }
        owners.sort_by_key(|symbol| symbol.range);
        owners
    }

    /// The key of a group's list, or its signal.
    fn list_name(&self, group: &Group) -> String {
        match group.key.of(&self.text) {
            "" => group.signal.name().to_owned(),
            key => key.to_owned(),
        }
    }
}

fn of_rule(rule: &Rule, document: &str) -> Symbol {
    let range = rule.token(document);
    let text = rule.text.as_str();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut name: String = line.chars().take(SHOWN).collect();
    if name.len() < line.len() {
        name.push('…');
    }
    if name.is_empty() {
        // Editors refuse symbols without a name.
        name.push('?');
    }
    Symbol {
        name,
        detail: String::new(),
        kind: match rule.kind {
            RuleKind::Statement => SymbolKind::Statement,
            RuleKind::Condition => SymbolKind::Condition,
            RuleKind::Value => SymbolKind::Value,
        },
        range,
        selection: range,
        children: Vec::new(),
    }
}
