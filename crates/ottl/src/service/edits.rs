//! [`TextEdit`]: changes of a document, as editors apply them.

use ottl_diagnostics::Span;
use serde::Serialize;

use super::reading::Rule;
use super::{Document, DocumentKind};
use crate::{StandardForm, standard_form};

/// A part of a document, and what takes its place. Those of one answer do not overlap, and all count from the text as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TextEdit {
    /// What is replaced; empty where something is inserted.
    pub range: Span,
    /// What is written there.
    pub replacement: String,
}

impl Document {
    /// The edits that put the rules into the standard form, as `ottl fmt` does, with long ones in lines of a width if there is one.
    ///
    /// # Errors
    /// Why the document stays as it is.
    pub fn format(&self, width: Option<usize>) -> Result<Vec<TextEdit>, String> {
        match self.kind {
            DocumentKind::Configuration(_) => {
                let formatted = self.compiler.format(&self.text, width)?;
                Ok(self.edits_to(&formatted.text))
            }
            DocumentKind::Rules { .. } => Ok(self.reading().rules.iter().filter_map(standard).collect()),
        }
    }

    /// The edits that apply the fixes of all that was found, as `ottl check --fix` does; none if there are no fixes.
    pub fn mend(&self) -> Vec<TextEdit> {
        match self.kind {
            DocumentKind::Configuration(kind) => {
                let compiler = kind.map_or_else(|| self.compiler.clone(), |kind| self.compiler.clone().processor(kind));
                self.edits_to(compiler.mend(&self.text).text())
            }
            DocumentKind::Rules { .. } => {
                let mut out: Vec<TextEdit> = Vec::new();
                for fix in self.diagnostics().iter().filter_map(|found| found.fix.as_ref()) {
                    if out.last().is_none_or(|last| last.range.end < fix.span.start) {
                        out.push(TextEdit { range: fix.span, replacement: fix.replacement.clone() });
                    }
                }
                out
            }
        }
    }
}

/// The edit that puts a rule into its standard form, if it has another one. Lines that it is broken into stay.
fn standard(rule: &Rule) -> Option<TextEdit> {
    let text = rule.text.as_str();
    let joined = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    match standard_form(text, Some(rule.kind)) {
        StandardForm::Text(form) if form != joined => Some(TextEdit { range: rule.span, replacement: form }),
        _ => None,
    }
}

/// The edits that make one text another, a line at least each: lines that are in both stay.
pub(super) fn between(old: &str, new: &str) -> Vec<TextEdit> {
    let (before, after): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let mut out = Vec::new();
    let mut push = |at: usize, old: &[&str], new: &[&str]| {
        if old != new {
            let length: usize = old.iter().map(|line| line.len()).sum();
            out.push(TextEdit { range: Span::new(at as u32, (at + length) as u32), replacement: new.concat() });
        }
    };
    if before.len() == after.len() {
        // What formats and mends rarely changes the number of lines: then each stands against its own.
        let mut at = 0;
        for (old, new) in before.iter().zip(&after) {
            push(at, &[old], &[new]);
            at += old.len();
        }
        return out;
    }
    let head = before.iter().zip(&after).take_while(|(old, new)| old == new).count();
    let most = before.len().min(after.len()) - head;
    let tail = before.iter().rev().zip(after.iter().rev()).take(most).take_while(|(old, new)| old == new).count();
    let at: usize = before[..head].iter().map(|line| line.len()).sum();
    push(at, &before[head..before.len() - tail], &after[head..after.len() - tail]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_make_one_text_the_other() {
        for (old, new, count) in [
            ("a\nb\nc\n", "a\nb\nc\n", 0),
            ("a\nb\nc\n", "a\nB\nC\n", 2),
            ("a\nb\nc\n", "a\nb\nx\ny\nc\n", 1),
            ("a\nb\nb\nc", "a\nb\nc", 1),
            ("", "a\n", 1),
            ("a\nb", "a\nb\n", 1),
        ] {
            let edits = between(old, new);
            let mut text = old.to_owned();
            for edit in edits.iter().rev() {
                text.replace_range(edit.range.start as usize..edit.range.end as usize, &edit.replacement);
            }
            assert_eq!((text.as_str(), edits.len()), (new, count), "{old:?}");
        }
    }
}
