//! [`Extent`]: how deep and how long a list or map is, known where it is made.
//!
//! INVARIANT: no list or map is made that is deeper than [`MAX_DEPTH`], so whatever walks values may recurse. Lists and maps
//! in the arena may share their elements; the length counts each as often as it occurs, because that is what writing it
//! takes.

use super::{Entry, MAX_DEPTH, Value, any_len, key_value_len, len_len};
use crate::{ErrorKind, EvalError};

/// How large a list or map is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    depth: u16,
    /// The low and the high half. PERF: with an alignment of two bytes it fits between the tags and the pointer of a value,
    /// which stays as small as without it.
    len: [u16; 2],
}

/// The name of the limit, as messages and options write it.
const VALUE_DEPTH: &str = "value_depth";

impl Extent {
    /// That of a list or map that holds nothing.
    pub const FLAT: Extent = Extent { depth: 1, len: [0, 0] };

    /// That of the content of a checked message.
    #[inline]
    pub(super) const fn on_wire(bytes: &[u8], depth: u16) -> Extent {
        // Messages have less than 4 GiB: readers refuse longer ones.
        Extent { depth, len: halves(bytes.len()) }
    }

    /// How many lists and maps lie inside each other, this one included.
    #[inline]
    pub const fn depth(self) -> u16 {
        self.depth
    }

    /// How many bytes the content of its message takes.
    #[inline]
    pub const fn len(self) -> usize {
        self.len[0] as usize | (self.len[1] as usize) << 16
    }

    /// Whether its message is empty.
    #[inline]
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// That of a list of these values; none if its message were longer than 4 GiB.
    #[inline]
    pub const fn of_list(values: &[Value<'_>]) -> Option<Extent> {
        let (mut extent, mut idx) = (Extent::FLAT, 0);
        while idx < values.len() {
            match extent.with(&values[idx], any_len(&values[idx])) {
                Some(larger) => extent = larger,
                None => return None,
            }
            idx += 1;
        }
        Some(extent)
    }

    /// That of a map of these pairs; none if its message were longer than 4 GiB.
    #[inline]
    pub const fn of_map(entries: &[Entry<'_>]) -> Option<Extent> {
        let (mut extent, mut idx) = (Extent::FLAT, 0);
        while idx < entries.len() {
            let Entry { key, value } = &entries[idx];
            match extent.with(value, key_value_len(key, value)) {
                Some(larger) => extent = larger,
                None => return None,
            }
            idx += 1;
        }
        Some(extent)
    }

    /// The same with one more element, whose message has this length.
    #[inline]
    const fn with(self, value: &Value<'_>, len: usize) -> Option<Extent> {
        let below = value.depth().saturating_add(1);
        let depth = if below > self.depth { below } else { self.depth };
        let len = self.len() + 1 + len_len(len);
        if len > u32::MAX as usize { None } else { Some(Extent { depth, len: halves(len) }) }
    }

    /// Whether a list or map may be so deep.
    #[inline]
    pub(super) fn admit(self) -> Result<(), EvalError> {
        if u32::from(self.depth) > MAX_DEPTH { Err(too_deep()) } else { Ok(()) }
    }
}

const fn halves(len: usize) -> [u16; 2] {
    [len as u16, (len >> 16) as u16]
}

/// The error of a value that would be too deep.
#[cold]
#[inline(never)]
pub fn too_deep() -> EvalError {
    ErrorKind::Budget(VALUE_DEPTH).into()
}
