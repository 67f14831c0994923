//! [`Extent`]: how deep and how large a list or map is, known where it is made.
//!
//! INVARIANT: no list or map is made that is deeper than [`MAX_DEPTH`], so whatever walks values may recurse. Lists and maps
//! in the arena may share their elements; the size counts each as often as it occurs, because that is what walking and
//! writing it takes.

use super::{Entry, MAX_DEPTH, Value};
use crate::{ErrorKind, EvalError, over_budget};

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
    #[inline(never)]
    pub const fn of_list(values: &[Value<'_>]) -> Option<Extent> {
        let (mut measure, mut idx) = (Measure::NOTHING, 0);
        while idx < values.len() {
            measure.add(&[], &values[idx]);
            idx += 1;
        }
        measure.extent()
    }

    /// That of a map of these pairs; none if it were larger than 4 GiB.
    #[inline(never)]
    pub const fn of_map(entries: &[Entry<'_>]) -> Option<Extent> {
        let (mut measure, mut idx) = (Measure::NOTHING, 0);
        while idx < entries.len() {
            measure.add(entries[idx].key, &entries[idx].value);
            idx += 1;
        }
        measure.extent()
    }

    /// That of a list or map, unless it is too deep or too large.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(crate) fn admitted(extent: Option<Extent>) -> Result<Extent, EvalError> {
        match extent {
            Some(extent) if u32::from(extent.depth) <= MAX_DEPTH => Ok(extent),
            Some(_) => Err(too_deep()),
            None => Err(over_budget()),
        }
    }
}

/// The elements of a list or map that is being made, added up.
///
/// PERF (benches, json-bodies): a bound takes a third of the instructions that exact lengths take, and half of those again
/// where elements are measured as they are copied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measure {
    /// The depth of the deepest element.
    depth: u16,
    /// Wide enough for elements that are shared, wherever it runs.
    size: u64,
}

impl Measure {
    /// That of no elements.
    pub const NOTHING: Measure = Measure { depth: 0, size: 0 };

    /// Adds an element. In a list it has an empty key.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub const fn add(&mut self, key: &[u8], value: &Value<'_>) {
        self.size += (key.len() + Extent::ELEMENT) as u64;
        match value {
            Value::Str(text) => self.size += text.len() as u64,
            value => {
                self.size += value.size() as u64;
                let depth = value.depth();
                if depth > self.depth {
                    self.depth = depth;
                }
            }
        }
    }

    /// That of a list or map of the elements; none if it were larger than 4 GiB.
    #[inline]
    pub const fn extent(self) -> Option<Extent> {
        if self.size > u32::MAX as u64 {
            return None;
        }
        Some(Extent { depth: self.depth.saturating_add(1), size: halves(self.size as usize) })
    }
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
