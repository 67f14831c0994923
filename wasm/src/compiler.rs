//! The compiler and its options.

use std::collections::HashMap;
use std::sync::Arc;

use ottl::function::FixedClock;
use ottl::{DataSet, Diagnostics, ErrorMode, Gate, Gates, ProcessorKind, Target, Time};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::host::{HostClock, HostRng};
use crate::json;
use crate::rules::Rules;

/// Compiles configurations, with settings.
#[wasm_bindgen]
pub struct Compiler {
    compiler: ottl::Compiler,
    gates: Gates,
    variables: HashMap<String, String>,
}

pub(crate) fn unknown(what: &str, name: &str) -> JsError {
    JsError::new(&format!("there is no {what} `{name}`"))
}

impl Compiler {
    /// The library's compiler with these settings.
    pub(crate) fn compiler(&self) -> ottl::Compiler {
        self.compiler.clone()
    }

    fn set(&mut self, change: impl FnOnce(ottl::Compiler) -> ottl::Compiler) {
        self.compiler = change(self.compiler.clone());
    }
}

#[wasm_bindgen]
impl Compiler {
    /// A compiler with the default settings, the host's clock and its random source.
    #[wasm_bindgen(constructor)]
    #[cfg_attr(
        target_family = "wasm",
        expect(clippy::new_without_default, reason = "this is a constructor for JavaScript")
    )]
    pub fn new() -> Compiler {
        Compiler {
            compiler: ottl::Compiler::with_sources(Arc::new(HostClock), Arc::new(HostRng)),
            gates: Gates::default(),
            variables: HashMap::new(),
        }
    }

    /// The name of the file in diagnostics.
    pub fn file(&mut self, name: &str) {
        self.set(|compiler| compiler.file(name));
    }

    /// `transform` or `filter`, where the keys do not tell.
    ///
    /// # Errors
    /// Another name.
    pub fn processor(&mut self, name: &str) -> Result<(), JsError> {
        let kind = match name {
            "transform" => ProcessorKind::Transform,
            "filter" => ProcessorKind::Filter,
            _ => return Err(unknown("processor", name)),
        };
        self.set(|compiler| compiler.processor(kind));
        Ok(())
    }

    /// The version of the reference.
    ///
    /// # Errors
    /// A version that is not known.
    pub fn target(&mut self, version: &str) -> Result<(), JsError> {
        let target = Target::by_name(version).ok_or_else(|| unknown("version", version))?;
        self.set(|compiler| compiler.target(target));
        Ok(())
    }

    /// Switches a gate of the reference off.
    ///
    /// # Errors
    /// A name that no gate has.
    #[wasm_bindgen(js_name = withoutGate)]
    pub fn without_gate(&mut self, name: &str) -> Result<(), JsError> {
        let gate = Gate::by_name(name).ok_or_else(|| unknown("gate", name))?;
        self.gates = self.gates.without(gate);
        let gates = self.gates;
        self.set(|compiler| compiler.gates(gates));
        Ok(())
    }

    /// The error mode of processors that configure none.
    ///
    /// # Errors
    /// Another name than `ignore`, `silent` and `propagate`.
    #[wasm_bindgen(js_name = errorMode)]
    pub fn error_mode(&mut self, name: &str) -> Result<(), JsError> {
        let mode = match name {
            "ignore" => ErrorMode::Ignore,
            "silent" => ErrorMode::Silent,
            "propagate" => ErrorMode::Propagate,
            _ => return Err(unknown("error mode", name)),
        };
        self.set(|compiler| compiler.error_mode(mode));
        Ok(())
    }

    /// Whether each record's writes to what it shares stay its own.
    pub fn isolate(&mut self, isolate: bool) {
        self.set(|compiler| compiler.isolate(isolate));
    }

    /// Whether `${env:NAME}` and `$$` in a processor's body are expanded.
    pub fn expand(&mut self, expand: bool) {
        self.set(|compiler| compiler.expand(expand));
    }

    /// The value of an environment variable.
    pub fn variable(&mut self, name: String, value: String) {
        self.variables.insert(name, value);
        let variables = self.variables.clone();
        self.set(|compiler| compiler.variables(move |name| variables.get(name).cloned()));
    }

    /// The pipeline of a signal that has several.
    pub fn pipeline(&mut self, name: &str) {
        self.set(|compiler| compiler.pipeline(name));
    }

    /// The configuration of a file that holds several.
    pub fn configuration(&mut self, name: &str) {
        self.set(|compiler| compiler.configuration(name));
    }

    /// Whether statements may run in contexts that no processor of the Collector takes.
    #[wasm_bindgen(js_name = libraryContexts)]
    pub fn library_contexts(&mut self, are_on: bool) {
        self.set(|compiler| compiler.library_contexts(are_on));
    }

    /// The time that `Now` gives, in nanoseconds since 1970, in place of the host's.
    pub fn now(&mut self, nanos: i64) {
        self.set(|compiler| compiler.clock(Arc::new(FixedClock(Time::from_unix_nanos(nanos)))));
    }

    /// Compiles a processor's body or a Collector's configuration.
    pub fn compile(&self, text: &str) -> Compiled {
        match self.compiler.compile(text) {
            Ok(rules) => Compiled { diagnostics: rules.warnings().clone(), rules: Some(Rules::new(rules)) },
            Err(error) => Compiled { diagnostics: error.diagnostics().clone(), rules: None },
        }
    }

    /// Only what is wrong with it; several pipelines of a signal are fine here.
    pub fn check(&self, text: &str) -> Compiled {
        Compiled { diagnostics: self.compiler.check(text), rules: None }
    }
}

/// What compiling gave.
#[wasm_bindgen]
pub struct Compiled {
    diagnostics: Diagnostics,
    rules: Option<Rules>,
}

#[wasm_bindgen]
impl Compiled {
    /// The diagnostics as JSON.
    pub fn diagnostics(&self) -> String {
        json::text(&self.diagnostics)
    }

    /// The names of the data sets that are missing, as JSON.
    #[wasm_bindgen(js_name = missingData)]
    pub fn missing_data(&self) -> String {
        json::text(&self.diagnostics.missing_data().map(DataSet::name).collect::<Vec<_>>())
    }

    /// The rules, if there is no error; they can be taken once.
    #[wasm_bindgen(js_name = takeRules)]
    pub fn take_rules(&mut self) -> Option<Rules> {
        self.rules.take()
    }
}
