//! Diagnostics with the text they are about.

use std::fmt;
use std::sync::Arc;

use ottl_core::data::DataSet;
use ottl_diagnostics::json::Record;
use ottl_diagnostics::{Diagnostic, Severity, Span};
use serde::{Serialize, Serializer};

/// More diagnostics of one file are not kept: nobody reads them, and each costs memory.
const MOST: usize = 1000;

/// What compiling found, with the file it is about; ranges are byte ranges in that file.
#[derive(Clone, Debug)]
pub struct Diagnostics {
    file: Arc<str>,
    text: Arc<str>,
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    pub(crate) fn new(file: Arc<str>, text: Arc<str>, mut list: Vec<Diagnostic>) -> Self {
        if list.len() > MOST {
            // Errors first, so that rules with too many warnings before the first error are still refused.
            list.sort_by_key(|diagnostic| diagnostic.severity() != Severity::Error);
            list.truncate(MOST);
        }
        let mut list: Vec<_> = list.into_iter().map(|found| found.map_spans(|span| characters(&text, span))).collect();
        list.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.code.as_str()));
        list.dedup();
        Diagnostics { file, text, list }
    }

    /// Takes the fixes of some diagnostics away, by their numbers.
    pub(crate) fn drop_fixes(&mut self, numbers: &[usize]) {
        for number in numbers {
            if let Some(diagnostic) = self.list.get_mut(*number) {
                diagnostic.fix = None;
            }
        }
    }

    /// Diagnostics about a text of the caller's own, for those whose ranges the caller has moved there.
    pub fn about(file: &str, text: &str, list: Vec<Diagnostic>) -> Diagnostics {
        Diagnostics::new(Arc::from(file), Arc::from(text), list)
    }

    /// The name of the file, as the caller gave it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The contents of the file.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The diagnostics in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether there is an error among them.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.severity() == Severity::Error)
    }

    /// Leaves out the diagnostics that are not to be kept.
    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.list.retain(keep);
    }

    /// Whether there is an error or a warning among them, and not hints alone.
    pub fn has_warnings(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.severity() != Severity::Hint)
    }

    /// The data sets that calls need and that are not there; see [`crate::DataSet::load`].
    pub fn missing_data(&self) -> impl Iterator<Item = DataSet> {
        DataSet::ALL.into_iter().filter(|set| self.list.iter().any(|found| found.data == Some(set.name())))
    }

    /// The diagnostics as records for machines: file, code, range, line and column, message, help, fix.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.list.iter().map(|diagnostic| Record::new(diagnostic, &self.file, &self.text))
    }

    /// The diagnostics as pictures for a terminal, with ANSI colours if `color`.
    #[cfg(feature = "render")]
    pub fn render(&self, color: bool) -> String {
        ottl_diagnostics::render::render(&self.list, &self.file, &self.text, color)
    }
}

impl<'d> IntoIterator for &'d Diagnostics {
    type Item = &'d Diagnostic;
    type IntoIter = std::slice::Iter<'d, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Serialize for Diagnostics {
    /// A list of records; see [`Diagnostics::records`].
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.records())
    }
}

impl fmt::Display for Diagnostics {
    /// One line each: `rules.yaml:3:7: error[E0102]: ...`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (idx, diagnostic) in self.list.iter().enumerate() {
            let place = ottl_diagnostics::locate(&self.text, diagnostic.span.start);
            let separator = if idx == 0 { "" } else { "\n" };
            write!(f, "{separator}{}:{}:{}: {diagnostic}", self.file, place.line, place.column)?;
        }
        Ok(())
    }
}

/// The characters that a range touches. Where the place of a byte is only known roughly, ranges may end inside of one.
fn characters(text: &str, span: Span) -> Span {
    let mut start = (span.start as usize).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = (span.end as usize).clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    Span::new(start as u32, end as u32)
}

/// Rules that were not taken: what is wrong with them, warnings included.
///
/// ```
/// let error = ottl::RuleSet::compile("log_statements:\n  - set(log.boddy, 1)\n").unwrap_err();
/// let record = error.diagnostics().records().next().unwrap();
/// assert_eq!((record.line, record.column, record.name), (2, 9, "unknown-path"));
/// assert!(error.render(false).contains("log.boddy"));
/// ```
#[derive(Clone, Debug)]
pub struct CompileError(Box<Diagnostics>);

impl CompileError {
    #[cold]
    pub(crate) fn new(diagnostics: Diagnostics) -> Self {
        CompileError(Box::new(diagnostics))
    }

    /// What is wrong.
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.0
    }

    pub(crate) fn diagnostics_mut(&mut self) -> &mut Diagnostics {
        &mut self.0
    }

    pub(crate) fn into_diagnostics(self) -> Diagnostics {
        *self.0
    }

    /// The diagnostics as pictures for a terminal, with ANSI colours if `color`.
    #[cfg(feature = "render")]
    pub fn render(&self, color: bool) -> String {
        self.0.render(color)
    }
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for CompileError {}

#[cfg(test)]
mod tests {
    use super::{Span, characters};

    #[test]
    fn ranges_are_made_of_characters() {
        for (start, end, want) in
            [(0, 1, (0, 1)), (2, 2, (1, 3)), (1, 2, (1, 3)), (3, 9, (3, 4)), (7, 9, (4, 4)), (2, 1, (1, 1))]
        {
            assert_eq!(characters("aéb", Span::new(start, end)), Span::new(want.0, want.1), "{start}..{end}");
        }
    }
}
