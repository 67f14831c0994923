//! The functions that a rule set may call, by name.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::{Compile, Const, FunctionDef, FunctionKind, Kernel};
use crate::{Target, Versions};

/// What makes the kernels of a function that owns things.
type CompileFn = dyn Fn(&[Const<'_>]) -> Result<Kernel, String> + Send + Sync;

/// A function as registries and plans hold it: its row, and the closure that makes its kernels if it owns things. Copies
/// share both.
#[derive(Clone)]
pub struct Function(Row);

#[derive(Clone)]
enum Row {
    Constant(&'static FunctionDef),
    Owned(Arc<FunctionDef>, Option<Arc<CompileFn>>),
}

impl Function {
    pub(super) fn with(def: FunctionDef, compile: Arc<CompileFn>) -> Function {
        Function(Row::Owned(Arc::new(def), Some(compile)))
    }

    /// The kernel of a call site, by what is known of its arguments: one for each parameter, hidden ones included.
    ///
    /// # Errors
    /// Why the call cannot be, for the user; also a closure's kernel that gives no value for a converter, or one for an editor.
    pub fn kernel(&self, literals: &[Const<'_>]) -> Result<Kernel, String> {
        match &self.0 {
            Row::Owned(def, Some(compile)) => {
                let kernel = compile(literals)?;
                match (def.kind, kernel.gives_value()) {
                    (FunctionKind::Converter, false) => {
                        Err("it is a converter, and its kernel gives no value".to_owned())
                    }
                    (FunctionKind::Editor, true) => Err("it is an editor, and its kernel changes nothing".to_owned()),
                    _ => Ok(kernel),
                }
            }
            _ => self.compile.kernel(literals),
        }
    }

    /// Whether its row is a constant of the program: all that its calls do is in their arguments and the engine. What was made at
    /// run time may own things that nobody knows of.
    pub fn is_constant(&self) -> bool {
        matches!(self.0, Row::Constant(_))
    }

    /// Whether kernels may depend on what is known of the arguments.
    pub fn depends_on_literals(&self) -> bool {
        matches!(self.0, Row::Owned(_, Some(_))) || matches!(self.compile, Compile::CallSite(_))
    }
}

impl Deref for Function {
    type Target = FunctionDef;

    fn deref(&self) -> &FunctionDef {
        match &self.0 {
            Row::Constant(def) => def,
            Row::Owned(def, _) => def,
        }
    }
}

impl From<&'static FunctionDef> for Function {
    fn from(def: &'static FunctionDef) -> Function {
        Function(Row::Constant(def))
    }
}

impl From<FunctionDef> for Function {
    fn from(def: FunctionDef) -> Function {
        Function(Row::Owned(Arc::new(def), None))
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Function").field(&self.name).finish()
    }
}

/// A set of functions. The library's own comes from `ottl-functions`; embedders add theirs. Copies share the set.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    by_name: Arc<BTreeMap<&'static str, Forms>>,
}

/// A function in the form of the newest version that has it, and in those of earlier ones.
#[derive(Clone, Debug)]
struct Forms {
    newest: Function,
    earlier: Vec<Function>,
}

impl From<Function> for Forms {
    fn from(newest: Function) -> Forms {
        let earlier = std::iter::successors(newest.before, |form| form.before).map(Function::from).collect();
        Forms { newest, earlier }
    }
}

impl Forms {
    fn iter(&self) -> impl Iterator<Item = &Function> {
        std::iter::once(&self.newest).chain(&self.earlier)
    }
}

impl Registry {
    /// A registry of these functions; of two with one name the later stays.
    pub fn new<F: Into<Function>>(functions: impl IntoIterator<Item = F>) -> Self {
        let named = |function: F| {
            let function = function.into();
            (function.name, function.into())
        };
        Registry { by_name: Arc::new(functions.into_iter().map(named).collect()) }
    }

    /// Adds a function, or replaces the one of this name.
    pub fn add(&mut self, function: impl Into<Function>) {
        let function = function.into();
        Arc::make_mut(&mut self.by_name).insert(function.name, function.into());
    }

    /// The function of this name in its newest form.
    pub fn find(&self, name: &str) -> Option<&Function> {
        self.by_name.get(name).map(|forms| &forms.newest)
    }

    /// The function of this name as a version of the reference has it.
    pub fn find_in(&self, target: Target, name: &str) -> Option<&Function> {
        self.by_name.get(name)?.iter().find(|form| form.versions.contains(target))
    }

    /// The versions that have a function of this name in any form.
    pub fn versions(&self, name: &str) -> Option<Versions> {
        let forms = self.by_name.get(name)?;
        let since = forms.iter().map(|form| form.versions.since).min()?;
        Some(Versions { since, until: forms.newest.versions.until })
    }

    /// All functions in their newest form, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Function> {
        self.by_name.values().map(|forms| &forms.newest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: FunctionDef = FunctionDef::converter("Form").until(Target::V0_161).docs("old");
    const NEW: FunctionDef = FunctionDef::converter("Form").since(Target::V0_165).docs("new").before(&OLD);
    const ADDED: FunctionDef = FunctionDef::converter("Added").since(Target::V0_165);
    const GONE: FunctionDef = FunctionDef::converter("Gone").until(Target::V0_161);

    #[test]
    fn each_version_has_its_form() {
        let registry = Registry::new([NEW, ADDED, GONE]);
        let docs = |target, name| registry.find_in(target, name).map(|found| found.docs);
        for (name, old, new, versions) in [
            ("Form", Some("old"), Some("new"), Some(Versions::ALL)),
            ("Added", None, Some(""), Some(Versions::since(Target::V0_165))),
            ("Gone", Some(""), None, Some(Versions::until(Target::V0_161))),
            ("Nothing", None, None, None),
        ] {
            assert_eq!((docs(Target::V0_161, name), docs(Target::V0_165, name)), (old, new), "{name}");
            assert_eq!(registry.versions(name), versions, "{name}");
        }
        assert_eq!(registry.find("Form").map(|found| found.docs), Some("new"));
        assert_eq!(registry.iter().count(), 3);
    }
}
