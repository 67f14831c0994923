//! [`Extractions`]: calls that extract by patterns from the same text.

use ottl_regex::PatternSet;

/// Calls whose patterns are looked for together.
#[derive(Debug, Default)]
pub(crate) struct Extractions {
    /// By number of a call: where its pattern stands. Empty where there is no set.
    pub places: Vec<Option<PatternPlace>>,
    /// The patterns that are looked for in one text.
    pub sets: Vec<PatternSet>,
}

/// A pattern of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PatternPlace {
    /// The number of the set.
    pub set: usize,
    /// The pattern's number in it.
    pub number: usize,
}

impl Extractions {
    /// Where the pattern of a call stands, if it is looked for together with others.
    #[inline]
    pub fn place(&self, call: u32) -> Option<PatternPlace> {
        self.places.get(call as usize).copied().flatten()
    }
}
