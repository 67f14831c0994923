//! [`AskedOperand`]: what a screen asks about a value that is computed: behind a key of a cache or body, or what a converter
//! gives.

use std::ops::Range;

use ottl_plan::ExprId;

use super::{Asked, TextTable};

/// All that is asked about one computed value.
#[derive(Debug)]
pub(crate) struct AskedOperand {
    pub expr: ExprId,
    /// The steps that may ask about it: those of one group where it looks at a cache, else all.
    pub steps: Range<usize>,
    pub looks_at_cache: bool,
    /// The number of the group that has to be run before it is computed, if that has conditions.
    pub behind: Option<usize>,
    /// Texts, ints and patterns, and the steps that are triggered where it is nil. Where it is several, which steps ask.
    pub asked: Asked,
    /// Where the values behind several keys of a map are one: what is asked about each.
    pub keys: Option<AskedKeys>,
}

/// All that is asked about the values behind the keys of a map.
#[derive(Debug)]
pub(crate) struct AskedKeys {
    /// The number of a path that leads to the map, and to one of its keys.
    pub path: u32,
    pub keys: TextTable,
    /// By the number of the key.
    pub asked: Vec<Asked>,
    /// The keys of which something is asked where they are not there.
    pub missing: Vec<u32>,
}
