//! [`Extent`]: how deep and how large a list or map is, known where it is made.
//!
//! INVARIANT: no list or map is made that is deeper than [`MAX_DEPTH`], so whatever walks values may recurse. Lists and maps
//! in the arena may share their elements; the size counts each as often as it occurs, because that is what walking and
//! writing it takes.

use super::{Entry, MAX_DEPTH, Value};
use crate::{ErrorKind, EvalError};

/// The name of the limit, as messages and options write it.
const VALUE_DEPTH: &str = "value_depth";

/// How large a list or map is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    depth: u16,
    /// The low and the high half. PERF: with an alignment of two bytes it fits between the tags and the pointer of a value,
    /// which stays as small as without it.
    size: [u16; 2],
}

impl Extent {
    /// What an element counts beside its text: more than its lengths and tags take on the wire.
    pub const ELEMENT: usize = 16;

    /// That of a list or map that holds nothing.
    pub const FLAT: Extent = Extent { depth: 1, size: [0, 0] };

    /// That of the content of a checked message.
    #[inline]
    pub(super) const fn on_wire(bytes: &[u8], depth: u16) -> Extent {
        // Messages have less than 4 GiB: readers refuse longer ones.
        Extent { depth, size: halves(bytes.len()) }
    }

    /// How many lists and maps lie inside each other, this one included.
    #[inline]
    pub const fn depth(self) -> u16 {
        self.depth
    }

    /// An upper bound of the bytes that the content of its message takes, elements counted as often as they occur.
    #[inline]
    pub const fn size(self) -> usize {
        self.size[0] as usize | (self.size[1] as usize) << 16
    }

    /// That of a list or map of which a bound is known, and whose elements are not shared.
    #[inline]
    pub const fn at_most(depth: u16, size: usize) -> Extent {
        Extent { depth, size: halves(if size > u32::MAX as usize { u32::MAX as usize } else { size }) }
    }

    /// That of a list of these values; none if it were larger than 4 GiB.
    ///
    /// PERF (benches, json-bodies): a bound takes a third of the instructions that exact lengths take.
    #[inline]
    pub const fn of_list(values: &[Value<'_>]) -> Option<Extent> {
        let (mut depth, mut size, mut idx) = (0, 0usize, 0);
        while idx < values.len() {
            size += Extent::ELEMENT;
            match &values[idx] {
                Value::Str(text) => size += text.len(),
                value if value.is_container() => (depth, size) = below(value, depth, size),
                value => size += value.size(),
            }
            idx += 1;
        }
        Extent::around(depth, size)
    }

    /// That of a map of these pairs; none if it were larger than 4 GiB.
    #[inline]
    pub const fn of_map(entries: &[Entry<'_>]) -> Option<Extent> {
        let (mut depth, mut size, mut idx) = (0, 0usize, 0);
        while idx < entries.len() {
            let Entry { key, value } = &entries[idx];
            size += key.len() + Extent::ELEMENT;
            match value {
                Value::Str(text) => size += text.len(),
                value if value.is_container() => (depth, size) = below(value, depth, size),
                value => size += value.size(),
            }
            idx += 1;
        }
        Extent::around(depth, size)
    }

    #[inline]
    const fn around(depth: u16, size: usize) -> Option<Extent> {
        if size > u32::MAX as usize {
            return None;
        }
        Some(Extent { depth: depth.saturating_add(1), size: halves(size) })
    }

    /// Whether a list or map may be so deep.
    #[inline]
    pub(super) fn admit(self) -> Result<(), EvalError> {
        if u32::from(self.depth) > MAX_DEPTH { Err(too_deep()) } else { Ok(()) }
    }
}

/// The same with a list or map among the elements.
const fn below(value: &Value<'_>, depth: u16, size: usize) -> (u16, usize) {
    let own = value.depth();
    (if own > depth { own } else { depth }, size + value.size())
}

const fn halves(size: usize) -> [u16; 2] {
    [size as u16, (size >> 16) as u16]
}

/// The error of a value that would be too deep.
#[cold]
#[inline(never)]
pub fn too_deep() -> EvalError {
    ErrorKind::Budget(VALUE_DEPTH).into()
}
