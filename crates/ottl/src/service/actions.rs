//! What may be done about what was found: its fix, and allowing it.

use ottl_diagnostics::{Code, Severity, Span};
use serde::Serialize;

use super::{Document, TextEdit};

/// A change that is offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Action {
    /// What it does, in words.
    pub title: String,
    /// The code of the diagnostic that it is for.
    pub code: &'static str,
    /// The place of that diagnostic.
    pub diagnostic: Span,
    /// Whether it is what should be done: a fix, and not a comment that allows the warning.
    pub is_fix: bool,
    /// The change.
    pub edits: Vec<TextEdit>,
}

impl Document {
    /// What is offered for the diagnostics that touch a range.
    pub fn actions(&self, range: Span) -> Vec<Action> {
        let touched =
            self.diagnostics().iter().filter(|found| found.span.start <= range.end && range.start <= found.span.end);
        let mut out = Vec::new();
        let mut allowed: Vec<Action> = Vec::new();
        for found in touched {
            let (code, diagnostic) = (found.code.as_str(), found.span);
            if let Some(fix) = &found.fix {
                let (old, new) = (fix.span.of(&self.text), fix.replacement.as_str());
                let title = match (old.is_empty(), new.is_empty()) {
                    (_, true) => format!("Remove `{}`", old.trim()),
                    (true, false) => format!("Insert `{}`", new.trim()),
                    (false, false) => format!("Replace `{old}` with `{new}`"),
                };
                let edits = vec![TextEdit { range: fix.span, replacement: fix.replacement.clone() }];
                out.push(Action { title, code, diagnostic, is_fix: true, edits });
            }
            allowed.extend(self.allowance(found.code, found.span));
        }
        allowed.dedup_by(|one, other| one.edits == other.edits);
        out.extend(allowed);
        out
    }

    /// The comment that allows a warning, above the item or line that it is about.
    fn allowance(&self, code: Code, span: Span) -> Option<Action> {
        if code.severity() == Severity::Error {
            return None;
        }
        let at = match self.reading().rule_at(span.start) {
            Some(rule) if rule.is_rewritten => return None,
            // Of a text of several lines the comment stands above the first.
            Some(rule) => rule.span.start.min(span.start),
            None => span.start,
        } as usize;
        let mut start = self.text.get(..at)?.rfind('\n').map_or(0, |before| before + 1);
        let line = |start: usize| self.text[start..].lines().next().unwrap_or_default();
        // A block's header stands on the line before its text.
        if self.reading().rule_at(span.start).is_some_and(|rule| rule.style.is_some_and(super::reading::is_block))
            && !line(start).trim_start().starts_with('-')
            && start > 0
        {
            start = self.text[..start - 1].rfind('\n').map_or(0, |before| before + 1);
        }
        let written = line(start);
        let indent = &written[..written.len() - written.trim_start().len()];
        let edit = TextEdit {
            range: Span::new(start as u32, start as u32),
            replacement: format!("{indent}# ottl: allow({code})\n"),
        };
        Some(Action {
            title: format!("Allow {code} here"),
            code: code.as_str(),
            diagnostic: span,
            is_fix: false,
            edits: vec![edit],
        })
    }
}
