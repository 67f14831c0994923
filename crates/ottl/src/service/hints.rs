//! What a reader would have to work out: the context of rules, and how often they run.

use ottl_schema::{ContextId, context};
use serde::Serialize;

use super::Document;
use crate::RuleKind;

/// A remark between the characters of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hint {
    /// In front of which byte.
    pub at: u32,
    /// The remark, in a few words.
    pub label: String,
    /// The same in a sentence.
    pub tooltip: String,
}

/// What statements of a context run once for.
fn record(id: ContextId) -> &'static str {
    match id {
        ContextId::Resource => "resource",
        ContextId::Scope => "scope",
        ContextId::Span => "span",
        ContextId::SpanEvent => "span event",
        ContextId::Metric => "metric",
        ContextId::DataPoint => "data point",
        ContextId::Exemplar => "exemplar",
        ContextId::Log => "log record",
        ContextId::Profile => "profile",
        ContextId::ProfileSample => "sample of a profile",
        ContextId::OtelCol => "request",
    }
}

impl Document {
    /// The contexts of groups, and how often their rules run, behind the first rule of each; of filters behind each condition.
    pub fn hints(&self) -> Vec<Hint> {
        let reading = self.reading();
        let mut out = Vec::new();
        let mut last = None;
        for rule in &reading.rules {
            let group = &reading.groups[rule.group];
            // Statements before conditions: these say when the others run.
            let is_first = last.replace((rule.group, rule.kind)) != Some((rule.group, rule.kind));
            let says_more = group.is_filter && group.configured.is_none() && !group.is_check;
            if !(is_first || says_more) || group.is_check || rule.kind == RuleKind::Value {
                continue;
            }
            let Some(id) = reading.context(&self.compiler, rule) else { continue };
            let (what, name) = (record(id), context(id).name);
            let label = match group.configured {
                Some(_) => format!("for each {what}"),
                None => format!("{name}, for each {what}"),
            };
            let told = match group.configured {
                Some(_) => format!("The context {name} is configured."),
                None => format!("The context {name} is told by the paths."),
            };
            let runs = match (rule.kind, group.is_filter) {
                (RuleKind::Statement, _) => format!("These statements run once for each {what}."),
                (_, false) => {
                    format!("The statements of the group run for each {what} for which one of these conditions holds.")
                }
                (_, true) => format!("Each {what} for which one of these conditions holds is dropped."),
            };
            out.push(Hint { at: rule.token(&self.text).end, label, tooltip: format!("{told} {runs}") });
        }
        out
    }
}
