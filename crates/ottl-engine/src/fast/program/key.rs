//! [`Key`]: a key of an attribute map that rules name.

use ottl_core::edit::NamedKey;

/// A key with its number.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    key: Vec<u8>,
    /// Its number among the known keys of its level, if it has one.
    known: u8,
}

impl Key {
    /// A key with its number among the known keys of its level; what is no number of one says that it has none.
    pub fn new(key: &[u8], known: u8) -> Key {
        Key { key: key.to_vec(), known }
    }

    /// Its number among the known keys of its level; what is no number of one is none.
    #[inline]
    pub fn number(&self) -> u8 {
        self.known
    }

    #[inline]
    pub fn named(&self) -> NamedKey<'_> {
        NamedKey { key: &self.key, known: self.known }
    }
}
