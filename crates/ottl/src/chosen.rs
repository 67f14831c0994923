//! Processors of a configuration that are chosen by name.

use ottl_diagnostics::{Code, Diagnostic, Span, near_name};

use crate::{Compiler, config};

impl Compiler {
    /// The processors that run, in this order, whether a pipeline names them or not; without any, those of the pipelines. A name that
    /// the configuration does not have is an error.
    ///
    /// ```
    /// let configuration = "\
    /// processors:
    ///   transform/a: {log_statements: ['set(log.body, 1)']}
    ///   transform/b: {log_statements: ['set(log.body, 2)']}
    /// service: {pipelines: {logs: {processors: [transform/b, transform/a]}}}
    /// ";
    /// let rules = ottl::Compiler::new().only_processors(["transform/b"]).compile(configuration).unwrap();
    /// assert!(rules.statements(ottl::Signal::Logs).map(|statement| statement.text()).eq(["set(log.body, 2)"]));
    /// ```
    #[must_use]
    pub fn only_processors(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.only = names.into_iter().map(Into::into).collect();
        self
    }

    /// What is wrong with the processors that were asked for.
    pub(crate) fn unknown_processors(&self, known: &[config::Processor]) -> Vec<Diagnostic> {
        let unknown = |name: &&String| !known.iter().any(|known| known.name == **name);
        let names = || known.iter().map(|known| known.name.as_str());
        let fault = |name: &String| {
            let message = format!("there is no processor `{name}` with rules");
            let fault = Diagnostic::new(Code::UNKNOWN_PROCESSOR, Span::default(), message);
            match near_name(name, names()) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None => fault.help(format!("there are {}", names().collect::<Vec<_>>().join(", "))),
            }
        };
        self.only.iter().filter(unknown).map(fault).collect()
    }
}
