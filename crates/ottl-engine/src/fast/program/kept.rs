//! [`KeptPlaces`]: places in the body of a record that several expressions look at.

use ottl_plan::KeyExpr;

/// What literal keys lead to in a body, for several expressions: it is looked up once, as long as the body is the same.
#[derive(Debug, Default)]
pub(crate) struct KeptPlaces {
    /// Outer ones first.
    pub places: Vec<KeptPlace>,
    /// By number of a path: the innermost of them on the way to it. Empty where there is none.
    pub by_path: Vec<Option<u8>>,
}

/// One of them.
#[derive(Clone, Debug)]
pub(crate) struct KeptPlace {
    /// The keys that lead there from the body.
    pub keys: Vec<KeyExpr>,
    /// The innermost of the others that it lies in, by number, and how many keys lead to that one.
    pub outer: Option<(u8, usize)>,
}

impl KeptPlaces {
    /// The innermost place on the way to a path: its number and itself.
    #[inline]
    pub fn of(&self, path: u32) -> Option<(u8, &KeptPlace)> {
        let number = self.by_path.get(path as usize).copied().flatten()?;
        Some((number, self.places.get(usize::from(number))?))
    }
}
