//! Diagnostics with the text they are about.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use ottl_core::data::DataSet;
use ottl_diagnostics::json::Record;
use ottl_diagnostics::{Diagnostic, Locator, Severity, Span, visible};
use serde::{Serialize, Serializer};

use crate::config::{Part, Sources, back};

/// More diagnostics of one file are not kept: nobody reads them, and each costs memory.
const MOST: usize = 1000;

/// What compiling found, with the file it is about; ranges are byte ranges in that file.
///
/// Of a configuration of several files ([`crate::Compiler::compile_files`], [`crate::Compiler::files`]) ranges are those of all texts one behind
/// the other, and [`Diagnostics::by_file`] gives each file with what was found there.
#[derive(Clone, Debug)]
pub struct Diagnostics {
    sources: Arc<Sources>,
    list: Vec<Diagnostic>,
    /// How many more there were.
    left_out: usize,
    /// Those of each file by themselves, where there are several.
    split: Vec<Diagnostics>,
}

impl Diagnostics {
    pub(crate) fn new(sources: &Sources, list: Vec<Diagnostic>) -> Self {
        Diagnostics::of(Arc::new(sources.clone()), list)
    }

    /// The same about texts that others are about, too.
    pub(crate) fn of(sources: Arc<Sources>, mut list: Vec<Diagnostic>) -> Self {
        let left_out = list.len().saturating_sub(MOST);
        if left_out > 0 {
            // Errors first, so that rules with too many warnings before the first error are still refused.
            list.sort_by_key(|diagnostic| diagnostic.severity() != Severity::Error);
            list.truncate(MOST);
        }
        let text = sources.text();
        let mut list: Vec<_> =
            list.into_iter().map(|found| found.printable().map_spans(|span| characters(text, span))).collect();
        list.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.code.as_str()));
        list.dedup();
        let mut found = Diagnostics { sources, list, left_out, split: Vec::new() };
        found.split();
        found
    }

    /// The same with other help in those of a code.
    #[cfg(feature = "testing")]
    pub(crate) fn with_help(mut self, code: ottl_diagnostics::Code, help: impl Fn(&str) -> String) -> Self {
        for found in self.list.iter_mut().filter(|found| found.code == code) {
            found.help = found.help.take().map(|text| help(&text));
        }
        self.split();
        self
    }

    /// Gives each file its own. Fixes stay where the file was given: what a reference reads is not for this one to edit.
    fn split(&mut self) {
        let sources = &self.sources;
        if sources.parts().len() < 2 {
            return;
        }
        let mut lists: Vec<Vec<Diagnostic>> = vec![Vec::new(); sources.parts().len()];
        for found in &self.list {
            let part = sources.part_at(found.span.start);
            lists[part].push(of_part(found, sources, part));
        }
        let own = |(part, list): (usize, Vec<Diagnostic>)| {
            let name = &sources.parts()[part].name;
            let sources = Arc::new(Sources::of(name, sources.part(part)));
            Diagnostics { sources, list, left_out: 0, split: Vec::new() }
        };
        self.split = lists.into_iter().enumerate().map(own).collect();
    }

    /// The texts that they are about.
    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Takes the fixes of some diagnostics away, by their numbers.
    pub(crate) fn drop_fixes(&mut self, numbers: &[usize]) {
        for number in numbers {
            if let Some(diagnostic) = self.list.get_mut(*number) {
                diagnostic.fix = None;
            }
        }
        self.split();
    }

    /// Diagnostics about a text of the caller's own, for those whose ranges the caller has moved there.
    pub fn about(file: &str, text: &str, list: Vec<Diagnostic>) -> Diagnostics {
        Diagnostics::new(&Sources::of(&Arc::from(file), text), list)
    }

    /// Those of each file, with ranges in it: of the files that were given and of those that they read, in this order. What a diagnostic
    /// says of a place in another file is in its help.
    pub fn by_file(&self) -> &[Diagnostics] {
        if self.split.is_empty() { std::slice::from_ref(self) } else { &self.split }
    }

    /// The name of the file, as the caller gave it; of several the first one's.
    pub fn file(&self) -> &str {
        self.sources.parts().first().map_or("", |part| &part.name)
    }

    /// The contents of the file; of several all, one behind the other.
    pub fn text(&self) -> &str {
        self.sources.text()
    }

    /// The diagnostics in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// How many more there were of several files or of one: of thousands the first thousand are kept, errors first, without fixes.
    pub fn left_out(&self) -> usize {
        self.left_out
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
        self.split();
    }

    /// Whether there is an error or a warning among them, and not hints alone.
    pub fn has_warnings(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.severity() != Severity::Hint)
    }

    /// The data sets that calls need and that are not there; see [`crate::DataSet::load`].
    pub fn missing_data(&self) -> impl Iterator<Item = DataSet> {
        DataSet::ALL.into_iter().filter(|set| self.list.iter().any(|found| found.data == Some(set.name())))
    }

    /// The same with warnings and hints that stand in several places told once, at the first of them, with the lines of the others
    /// in the help ([`Diagnostic::repeats`]): people mend them all in the same way.
    #[must_use]
    pub fn merged(&self) -> Diagnostics {
        let split = self.split.iter().map(Diagnostics::merged).collect();
        let list = told_once(&self.list, self.text());
        Diagnostics { sources: self.sources.clone(), list, left_out: self.left_out, split }
    }

    /// The diagnostics as records for machines: file, code, range, line and column, message, help, fix.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.by_file()
            .iter()
            .flat_map(|found| found.list.iter().map(|one| Record::new(one, found.file(), found.text())))
    }

    /// A line for each, those of each file together: `rules.yaml:3:7: error[E0102]: ...`, with the lines of those that are told once.
    pub fn lines(&self) -> Vec<String> {
        let all = self.by_file().iter().flat_map(|found| found.list.iter().map(move |diagnostic| (found, diagnostic)));
        all.map(|(found, diagnostic)| {
            let place = ottl_diagnostics::locate(found.text(), diagnostic.span.start);
            let line = format!("{}:{}:{}: {diagnostic}", visible(found.file()), place.line, place.column);
            match diagnostic.repeats.is_empty() {
                true => line,
                false => format!("{line} ({})", again(diagnostic, &Locator::new(found.text()))),
            }
        })
        .collect()
    }

    /// The diagnostics as pictures for a terminal, with ANSI colours if `color`.
    #[cfg(feature = "render")]
    pub fn render(&self, color: bool) -> String {
        let pictures = self
            .by_file()
            .iter()
            .filter(|found| !found.is_empty())
            .map(|found| ottl_diagnostics::render::render(&found.list, found.file(), found.text(), color));
        pictures.collect::<Vec<_>>().join("\n")
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
    /// The lines of [`Diagnostics::lines`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().join("\n"))
    }
}

/// A diagnostic as one of a file alone.
fn of_part(found: &Diagnostic, sources: &Sources, part: usize) -> Diagnostic {
    let range = sources.range(part);
    let mut found = found.clone();
    let (near, far): (Vec<_>, Vec<_>) =
        found.others.drain(..).partition(|other| sources.part_at(other.span.start) == part);
    found.others = near;
    let mut help: Vec<String> = found.help.take().into_iter().collect();
    for other in far {
        let Part { name, .. } = &sources.parts()[sources.part_at(other.span.start)];
        let start = sources.range(sources.part_at(other.span.start)).start as u32;
        let place = ottl_diagnostics::locate(sources.part(sources.part_at(other.span.start)), other.span.start - start);
        help.push(format!("{}: {}:{}:{}", other.text, visible(name), place.line, place.column));
    }
    found.help = (!help.is_empty()).then(|| help.join("; "));
    if !sources.given().contains(&part) {
        found.fix = None;
    }
    // A range that goes on into another file ends with this one.
    let end = (range.end - range.start) as u32;
    found.map_spans(|span| {
        let span = back(span, range.start as u32);
        Span::new(span.start.min(end), span.end.min(end))
    })
}

/// Warnings and hints of which the first of several has the lines of the others in its help.
fn told_once(all: &[Diagnostic], text: &str) -> Vec<Diagnostic> {
    let locator = Locator::new(text);
    let mut list: Vec<Diagnostic> = Vec::new();
    let mut first_of: HashMap<(&str, &str, Option<&str>), usize> = HashMap::new();
    for one in all {
        let key = (one.code.as_str(), one.message.as_str(), one.help.as_deref());
        let known = first_of.get(&key).copied().filter(|_| one.severity() != Severity::Error);
        match known.and_then(|index| list.get_mut(index)) {
            Some(first) => first.repeats.push(one.span),
            None => {
                first_of.insert(key, list.len());
                list.push(one.clone());
            }
        }
    }
    for one in list.iter_mut().filter(|one| !one.repeats.is_empty()) {
        let places = again(one, &locator);
        one.help = Some(match one.help.take() {
            Some(help) => format!("{help}\n{places}"),
            None => places,
        });
    }
    list
}

/// How often a diagnostic is there again, and in which lines.
fn again(one: &Diagnostic, locator: &Locator<'_>) -> String {
    places(&one.repeats.iter().map(|span| locator.locate(span.start).line).collect::<Vec<_>>())
}

/// The same of lines.
fn places(lines: &[u32]) -> String {
    const MOST_LINES: usize = 12;
    let mut listed: Vec<u32> = lines.to_vec();
    listed.dedup();
    let numbers: Vec<String> = listed.iter().take(MOST_LINES).map(u32::to_string).collect();
    let rest = if listed.len() > MOST_LINES { ", ..." } else { "" };
    let places = if lines.len() == 1 { "place" } else { "places" };
    let line = if listed.len() == 1 { "line" } else { "lines" };
    format!("the same in {} more {places}: {line} {}{rest}", lines.len(), numbers.join(", "))
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
#[derive(Clone)]
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

impl fmt::Debug for CompileError {
    /// Its lines: this is what a program shows that unwraps it, or whose `main` gives it back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.lines()).finish()
    }
}

impl std::error::Error for CompileError {}

#[cfg(test)]
mod tests {
    use super::{Span, characters};

    #[test]
    fn repeats_are_told_once() {
        let text = "log_statements:\n  - set(log.body, log.attributes[\"a\"])\n  - set(log.attributes[\"b\"], log.attributes[\"a\"])\n  \
                    - set(log.attributes[\"c\"], log.attributes[\"x\"])\n  - set(log.attributes[\"d\"], log.attributes[\"a\"])\n";
        let found = crate::Compiler::new().check(text);
        let merged = found.merged();
        assert_eq!((found.len(), merged.len()), (4, 2), "{found}");
        let help = merged.iter().next().and_then(|one| one.help.clone()).unwrap_or_default();
        assert!(help.ends_with("the same in 2 more places: lines 3, 5"), "{help}");
        assert_eq!(super::places(&[7]), "the same in 1 more place: line 7");
        let errors = crate::Compiler::new().check("log_conditions:\n  - nope(1)\n  - nope(1)\n");
        assert_eq!(errors.merged().len(), errors.len());
    }

    #[test]
    fn ranges_are_made_of_characters() {
        for (start, end, want) in
            [(0, 1, (0, 1)), (2, 2, (1, 3)), (1, 2, (1, 3)), (3, 9, (3, 4)), (7, 9, (4, 4)), (2, 1, (1, 1))]
        {
            assert_eq!(characters("aéb", Span::new(start, end)), Span::new(want.0, want.1), "{start}..{end}");
        }
    }
}
