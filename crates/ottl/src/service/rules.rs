//! What is wrong with a document that is rules alone: as if its statements were the list of a transform processor, and its
//! conditions that of a filter.

use ottl_compiler::{FilterRules, FilterSpec, GroupSpec, Limits as RuleLimits, SourceText, TransformOptions};
use ottl_diagnostics::{Diagnostic, Span};

use crate::config::Sources;
use crate::{CompileError, Compiler, Diagnostics, RuleKind, fixes};

use super::DocumentKind;
use super::reading::{Reading, Rule};

/// What turns a value into a condition, which is what can be compiled.
const AS_CONDITION: &str = " != nil";

/// The diagnostics of a document, with the fixes that hold.
pub(super) fn diagnostics(compiler: &Compiler, kind: DocumentKind, text: &str) -> Diagnostics {
    let check = |sources: &Sources| {
        let checked = compiler.with_stack(sources, |limits, _| {
            let found = compiler.judged(sources, found(compiler, kind, sources.text(), limits));
            if found.has_errors() { Err(CompileError::new(found)) } else { Ok(found) }
        });
        checked.unwrap_or_else(CompileError::into_diagnostics)
    };
    let mut diagnostics = check(&compiler.sources(text));
    fixes::keep_sound(&mut diagnostics, check);
    diagnostics
}

fn found(compiler: &Compiler, kind: DocumentKind, text: &str, limits: RuleLimits) -> Vec<Diagnostic> {
    let reading = Reading::new(compiler, kind, text);
    let rules = ottl_compiler::Compiler { limits, ..compiler.rules.clone() };
    let of = |kind: RuleKind| -> Vec<(u32, &Rule)> {
        (0u32..).zip(&reading.rules).filter(|(_, rule)| rule.kind == kind).collect()
    };
    fn texts<'r>(some: &[(u32, &'r Rule)]) -> Vec<SourceText<'r>> {
        some.iter().map(|(id, rule)| SourceText { text: rule.text.as_str(), id: *id }).collect()
    }
    let mut out = Vec::new();
    let mut add = |found: Vec<(u32, Diagnostic)>| {
        out.extend(found.into_iter().map(|(id, diagnostic)| match reading.rules.get(id as usize) {
            Some(rule) => in_document(diagnostic, rule.span),
            None => diagnostic,
        }));
    };
    let (statements, conditions, values) = (of(RuleKind::Statement), of(RuleKind::Condition), of(RuleKind::Value));
    let Some(group) = reading.groups.first() else { return out };
    if !statements.is_empty() {
        let first = statements[0].0;
        let group_of_all =
            GroupSpec { id: first, context: group.configured, statements: texts(&statements), ..GroupSpec::default() };
        add(rules.compile_transform(group.signal, &[group_of_all], TransformOptions::default()).diagnostics);
    }
    if !conditions.is_empty() {
        let spec = FilterSpec {
            id: conditions[0].0,
            context: group.configured,
            conditions: texts(&conditions),
            ..FilterSpec::default()
        };
        let filter = FilterRules::Newer(vec![spec]);
        add(rules.compile_filter(group.signal, &filter, compiler.default_mode()).diagnostics);
    }
    for (id, rule) in values {
        let text = rule.text.as_str();
        let parsed = rules.limits.text.parse_value(text).diagnostics;
        if !parsed.is_empty() {
            add(parsed.into_iter().map(|found| (id, found)).collect());
            continue;
        }
        let whole = format!("{text}{AS_CONDITION}");
        let conditions = vec![SourceText { text: &whole, id }];
        let spec = FilterSpec { id, context: group.configured, conditions, ..FilterSpec::default() };
        let found = rules.compile_filter(group.signal, &FilterRules::Newer(vec![spec]), compiler.default_mode());
        // The comparison is ours, so that warnings about it are about nothing.
        add(found
            .diagnostics
            .into_iter()
            .filter(|(_, found)| found.code.severity() == crate::Severity::Error)
            .collect());
    }
    out
}

/// A diagnostic about a rule that stands in the document as it is.
fn in_document(diagnostic: Diagnostic, rule: Span) -> Diagnostic {
    diagnostic
        .map_spans(|span| Span::new((rule.start + span.start).min(rule.end), (rule.start + span.end).min(rule.end)))
}
