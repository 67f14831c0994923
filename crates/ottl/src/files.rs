//! Configurations of several files: merged ones, and those that others are read by.

use std::sync::Arc;

use ottl_diagnostics::{Location, Locator};

use crate::compiler::found;
use crate::config::{FileText, Sources};
use crate::{CompileError, Compiler, Diagnostics, RuleSet};

/// A file by its path, or why it cannot be had.
pub(crate) type Files = dyn Fn(&str) -> Result<FileText, String> + Send + Sync;

impl Compiler {
    /// The files that `${file:PATH}` reads, by the path as it stands there, or why one is not to be had. By default none is read: the
    /// library does no I/O, and what a path may name is for the caller to say.
    ///
    /// ```
    /// use ottl::{Compiler, FileText};
    ///
    /// let compiler = Compiler::new().expand(true).files(|path| match path {
    ///     "shared.yaml" => Ok(FileText { name: path.to_owned(), text: "- set(log.boddy, 1)\n".to_owned() }),
    ///     _ => Err(format!("there is no file `{path}`")),
    /// });
    /// let found = compiler.check("log_statements: ${file:shared.yaml}");
    /// assert!(found.to_string().starts_with("shared.yaml:1:7: error[E0203]"), "{found}");
    /// ```
    #[must_use]
    pub fn files(mut self, read: impl Fn(&str) -> Result<FileText, String> + Send + Sync + 'static) -> Self {
        self.files = Some(Arc::new(read));
        self
    }

    /// The same of several files, by their names and texts, which are merged as the Collector merges those of several `--config`: maps key by
    /// key, and anything else of a later file takes the place of what was there. Only a Collector's configuration, or what holds one,
    /// is worth merging: lists of statements are not joined.
    ///
    /// ```
    /// let base = "processors: {transform: {log_statements: ['set(log.body, 1)']}}";
    /// let prod = "service: {pipelines: {logs: {processors: [transform]}}}";
    /// let rules = ottl::Compiler::new().compile_files(&[("base.yaml", base), ("prod.yaml", prod)]).unwrap();
    /// assert_eq!(rules.statements(ottl::Signal::Logs).next().unwrap().file(), "base.yaml");
    /// ```
    ///
    /// # Errors
    /// As [`Compiler::compile`].
    pub fn compile_files(&self, files: &[(&str, &str)]) -> Result<RuleSet, CompileError> {
        self.build(merged(files), false)
    }

    /// All diagnostics of several files, merged as in [`Compiler::compile_files`].
    pub fn check_files(&self, files: &[(&str, &str)]) -> Diagnostics {
        found(self.build(merged(files), true))
    }
}

/// Several files as one configuration.
fn merged(files: &[(&str, &str)]) -> Sources {
    let mut sources = Sources::default();
    files.iter().for_each(|(name, text)| sources.add(Arc::from(*name), text));
    sources
}

/// Places in the files of a configuration.
pub(crate) struct Places<'s> {
    sources: &'s Sources,
    locator: Locator<'s>,
}

impl<'s> Places<'s> {
    pub fn new(sources: &'s Sources) -> Self {
        Places { sources, locator: Locator::new(sources.text()) }
    }

    /// All texts.
    pub fn text(&self) -> &'s str {
        self.sources.text()
    }

    /// Of a byte: the file, and line and column in it.
    pub fn of(&self, at: u32) -> (Arc<str>, Location) {
        let part = &self.sources.parts()[self.sources.part_at(at)];
        let Location { line, column } = self.locator.locate(at);
        // A file begins on a line of its own.
        let above = self.locator.locate(part.start).line - 1;
        (part.name.clone(), Location { line: line - above, column })
    }
}
