//! What is made of a data set when it is first asked for.

use std::sync::OnceLock;

use super::DataSet;

/// Tables that are read from a data set once for a process.
///
/// Where the set is not there they are read from no bytes at all, and read again once it is.
#[derive(Debug)]
pub struct Tables<T: 'static> {
    set: DataSet,
    read: fn(&'static [u8]) -> T,
    there: OnceLock<T>,
    missing: OnceLock<T>,
}

impl<T> Tables<T> {
    /// Tables that this function reads from the bytes of a set.
    pub const fn new(set: DataSet, read: fn(&'static [u8]) -> T) -> Tables<T> {
        Tables { set, read, there: OnceLock::new(), missing: OnceLock::new() }
    }

    /// The tables.
    pub fn get(&self) -> &T {
        match self.set.bytes() {
            Some(bytes) => self.there.get_or_init(|| (self.read)(bytes)),
            None => self.missing.get_or_init(|| (self.read)(b"")),
        }
    }
}

/// The lines of a set of text that are not comments.
pub fn rows(bytes: &'static [u8]) -> impl Iterator<Item = &'static str> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    text.lines().filter(|line| !line.starts_with('#'))
}
