//! [`ShortList`]: a few elements as a value that constants can hold and `const fn` can grow.

use std::fmt;
use std::ops::Deref;

/// A list of at most `N` elements.
#[derive(Clone, Copy)]
pub struct ShortList<T: 'static, const N: usize> {
    /// Those behind the last stand for nothing.
    elements: [T; N],
    len: usize,
}

impl<T: Copy, const N: usize> ShortList<T, N> {
    /// No elements; `any` fills the places of those to come.
    pub(super) const fn empty(any: T) -> Self {
        ShortList { elements: [any; N], len: 0 }
    }

    /// One element more.
    ///
    /// # Panics
    /// The list is full; in a constant that is an error of the compiler's.
    pub(super) const fn with(mut self, element: T) -> Self {
        assert!(self.len < N, "more parameters or examples than a function may have");
        self.elements[self.len] = element;
        self.len += 1;
        self
    }
}

impl<T, const N: usize> Deref for ShortList<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.elements.get(..self.len).unwrap_or_default()
    }
}

impl<'l, T, const N: usize> IntoIterator for &'l ShortList<T, N> {
    type Item = &'l T;
    type IntoIter = std::slice::Iter<'l, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: fmt::Debug, const N: usize> fmt::Debug for ShortList<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
