//! Regular expressions, globs and replacement templates as Go's libraries have them, over byte strings.
//!
//! - [`Regex`]: Go's `regexp`, RE2 syntax with leftmost-first matches.
//! - [`PatternSet`]: many questions about one text, answered by one look at it.
//! - [`Glob`]: the globs of the `replace_match` editors.
//! - [`Template`]: what `$1` and `${name}` stand for in a replacement.
//!
//! INVARIANT: the crate stands below all others of the workspace and knows nothing of OTTL. Whoever searches says where results go
//! ([`TextSink`]), what the patterns of a rule set may weigh ([`budget`]), and what patterns that data chose may cost ([`meter`]).

mod glob;
mod regex;
mod set;
mod sink;
mod template;

pub use self::glob::Glob;
pub use self::regex::{
    Captures, Checked, ErrorKind, FindIter, MAX_NESTING, NeededBytes, Pattern, Regex, RegexCache, RegexError, Replaced,
    WeighedCache, budget, find_byte, meter,
};
pub use self::set::{Arising, PatternSet, TextPattern};
pub use self::sink::TextSink;
pub use self::template::{GroupReference, Template};
