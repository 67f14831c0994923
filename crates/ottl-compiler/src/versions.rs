//! What changed between versions of the reference, a row each: what it is, which versions have it, and what to write
//! where it is not there.
//!
//! The next version is a row of [`Target`] and rows here. Functions are elsewhere: their rows say themselves which
//! versions have them ([`FunctionDef::versions`](ottl_core::function::FunctionDef::versions)).

use ottl_core::{Target, Versions};
use ottl_diagnostics::{Code, Diagnostic, Span};

/// Something that not every version has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it is called in a sentence; it begins a message.
    pub what: &'static str,
    /// The versions that have it.
    pub versions: Versions,
    /// What to write in a version without it, as help.
    pub instead: &'static str,
}

impl Change {
    /// Functions behind a gate need it even if no argument is a lambda.
    pub const GATED_FUNCTIONS: Change =
        Change { what: "a gate for single functions", versions: Versions::since(Target::V0_165), instead: "" };

    /// Whether a version has it.
    pub fn is_in(self, target: Target) -> bool {
        self.versions.contains(target)
    }

    /// What is said where a version does not have it.
    #[cold]
    pub fn refused(self, code: Code, span: Span, target: Target) -> Diagnostic {
        outside(code, span, self.what, self.versions, target).help(self.instead)
    }
}

/// What is said of something that the version does not have.
#[cold]
pub(crate) fn outside(code: Code, span: Span, what: &str, versions: Versions, target: Target) -> Diagnostic {
    let message = format!("{what} exists {versions} of the reference, and these rules are for {target}");
    Diagnostic::new(code, span, message)
}
