//! [`Looked`]: what the last look at a text has shown.

/// What patterns may match the text that was looked at last.
///
/// INVARIANT: it is forgotten before the memory is used again in which the text lay; see [`Looked::forget`].
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// Where the text lies, and how long it is.
    pub text: Option<(usize, usize)>,
    /// A bit for each pattern of the set.
    pub candidates: Vec<u64>,
}

impl Looked {
    /// Forgets what was looked at.
    pub fn forget(all: &mut [Looked]) {
        all.iter_mut().for_each(|looked| looked.text = None);
    }
}
