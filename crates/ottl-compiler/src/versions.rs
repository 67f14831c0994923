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

    /// Paths and converters as keys of map literals.
    pub const COMPUTED_KEYS: Change = Change {
        what: "a computed key in a map literal",
        versions: Versions::since(Target::V0_165),
        instead: "write the key as a string, or write the map with one `set` for each key",
    };
    /// In a map literal every value of a repeated key is evaluated; before, only the last one was.
    pub const REPEATED_KEYS: Change = Change {
        what: "a repeated key whose every value is evaluated",
        versions: Versions::since(Target::V0_165),
        instead: "",
    };
    /// A lambda where no parameter takes one is a value that nothing can be done with.
    pub const LAMBDA_VALUES: Change = Change {
        what: "a lambda as a value",
        versions: Versions::until(Target::V0_161),
        instead: "write a value; lambdas are arguments of functions such as `Filter`, for the parameter that takes one",
    };
    /// Context inference looks at functions that are named as arguments.
    pub const INFERRED_REFERENCES: Change = Change {
        what: "context inference by functions that are named as arguments",
        versions: Versions::since(Target::V0_165),
        instead: "",
    };
    /// The transform processor's first form of flattening logs.
    pub const FLATTEN_DATA: Change = Change {
        what: "the key `flatten_data`",
        versions: Versions::until(Target::V0_161),
        instead: "write `flatten: {log: true}`; `ottl migrate` does",
    };
    /// The transform processor's second form.
    pub const FLATTEN: Change = Change {
        what: "the key `flatten`",
        versions: Versions::since(Target::V0_165),
        instead: "write `flatten_data: true`",
    };

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
    let message = format!("{what} exists {versions}, and the target is {target}");
    Diagnostic::new(code, span, message)
}
