//! The functions that a rule set may call, by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::FunctionDef;

/// A set of functions. The library's own comes from `ottl-functions`; embedders add theirs. Copies share the set.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    by_name: Arc<BTreeMap<&'static str, &'static FunctionDef>>,
}

impl Registry {
    /// A registry of these functions; of two with one name the later stays.
    pub fn new(functions: impl IntoIterator<Item = &'static FunctionDef>) -> Self {
        Registry { by_name: Arc::new(functions.into_iter().map(|f| (f.name, f)).collect()) }
    }

    /// Adds a function, or replaces the one of this name.
    pub fn add(&mut self, function: &'static FunctionDef) {
        Arc::make_mut(&mut self.by_name).insert(function.name, function);
    }

    /// The function of this name.
    pub fn find(&self, name: &str) -> Option<&'static FunctionDef> {
        self.by_name.get(name).copied()
    }

    /// All functions, by name.
    pub fn iter(&self) -> impl Iterator<Item = &'static FunctionDef> + '_ {
        self.by_name.values().copied()
    }
}
