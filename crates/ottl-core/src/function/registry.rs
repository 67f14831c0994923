//! The functions that a rule set may call, by name.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::{Compile, Const, FunctionDef, Kernel};

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
    /// Why the call cannot be, for the user.
    pub fn kernel(&self, literals: &[Const<'_>]) -> Result<Kernel, String> {
        match &self.0 {
            Row::Owned(_, Some(compile)) => compile(literals),
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
    by_name: Arc<BTreeMap<&'static str, Function>>,
}

impl Registry {
    /// A registry of these functions; of two with one name the later stays.
    pub fn new<F: Into<Function>>(functions: impl IntoIterator<Item = F>) -> Self {
        let named = |function: F| {
            let function = function.into();
            (function.name, function)
        };
        Registry { by_name: Arc::new(functions.into_iter().map(named).collect()) }
    }

    /// Adds a function, or replaces the one of this name.
    pub fn add(&mut self, function: impl Into<Function>) {
        let function = function.into();
        Arc::make_mut(&mut self.by_name).insert(function.name, function);
    }

    /// The function of this name.
    pub fn find(&self, name: &str) -> Option<&Function> {
        self.by_name.get(name)
    }

    /// All functions, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Function> {
        self.by_name.values()
    }
}
