//! [`AskedOperand`]: what a screen asks about a value that is computed: a key of a cache or behind a key, or what a converter
//! gives.

use std::ops::Range;

use ottl_plan::ExprId;

use super::Asked;

/// All that is asked about one computed value.
#[derive(Debug)]
pub(crate) struct AskedOperand {
    pub expr: ExprId,
    /// The steps that may ask about it: those of one group where it looks at a cache, else all.
    pub steps: Range<usize>,
    pub looks_at_cache: bool,
    /// The number of the group that has to be run before it is computed, if that has conditions.
    pub behind: Option<usize>,
    /// Texts, ints and patterns, and the steps that are triggered where it is nil.
    pub asked: Asked,
}
