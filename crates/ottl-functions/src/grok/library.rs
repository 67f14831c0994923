//! The patterns that a grok pattern may name without defining them: those of the reference's library, with all its bundles.
//!
//! They are a data set, [`DataSet::Grok`].

use std::collections::HashMap;

use ottl_core::data::{DataSet, Tables, rows};

static LIBRARY: Tables<HashMap<&[u8], &[u8]>> = Tables::new(DataSet::Grok, |bytes| {
    let rows = rows(bytes).filter_map(|row| row.split_once('\t'));
    rows.map(|(name, pattern)| (name.as_bytes(), pattern.as_bytes())).collect()
});

/// The name's pattern.
pub(super) fn find(name: &[u8]) -> Option<&'static [u8]> {
    LIBRARY.get().get(name).copied()
}

/// All names.
#[cfg(test)]
pub(super) fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = LIBRARY.get().keys().filter_map(|name| std::str::from_utf8(name).ok()).collect();
    names.sort_unstable();
    names
}
