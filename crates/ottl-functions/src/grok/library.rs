//! The patterns that a grok pattern may name without defining them: those of the reference's library, with all its bundles.
//!
//! They are data of that library, written by `cargo xtask data`, and a feature: without it calls do not compile, and say why.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Names and patterns; none without the feature.
const ROWS: &str = if cfg!(feature = "grok") { include_str!("../../data/grok.txt") } else { "" };

static LIBRARY: LazyLock<HashMap<&[u8], &[u8]>> = LazyLock::new(|| {
    let rows = ROWS.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|row| row.split_once('\t')).map(|(name, pattern)| (name.as_bytes(), pattern.as_bytes())).collect()
});

/// The name's pattern.
pub(super) fn find(name: &[u8]) -> Option<&'static [u8]> {
    LIBRARY.get(name).copied()
}

/// All names.
#[cfg(test)]
pub(super) fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = LIBRARY.keys().filter_map(|name| std::str::from_utf8(name).ok()).collect();
    names.sort_unstable();
    names
}
