//! Lists: the reference has several kinds, and programs can tell them apart.

use ottl_otlp::any::Members;

use super::wire::{decode_inside, decode_inside_to};
use super::{Extent, Value};
use crate::EvalError;

/// Which of the reference's list types a list is. They differ in what they equal and where they can be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// `pcommon.Slice`: lists of attributes, results of ParseJSON, Keys, Values, Filter, MapEach.
    Slice,
    /// `[]any`: list literals, Sort.
    Any,
    /// `[]string`: Split.
    Strings,
    /// `[]int64`.
    Ints,
    /// `[]uint64`: bucket counts. The elements are ints holding the same 64 bits.
    Uints,
    /// `[]float64`: explicit bounds.
    Floats,
    /// `[]bool`.
    Bools,
    /// `[]time.Time`: when a sample was taken.
    Times,
}

impl ListKind {
    /// Whether only paths make such lists: the reference's functions do not know the type for a list, and it cannot be stored.
    pub const fn is_foreign(self) -> bool {
        matches!(self, ListKind::Uints | ListKind::Times)
    }
}

/// A list of values.
#[derive(Clone, Copy, Debug)]
pub enum List<'a> {
    /// The content of a checked `ArrayValue` message, and how deep it is: see [`Extent::depth`]. Its kind is
    /// [`ListKind::Slice`].
    Wire(&'a [u8], u16),
    /// Values in the arena; made by [`List::new`].
    Values(ListKind, &'a [Value<'a>], Extent),
}

impl<'a> List<'a> {
    /// A list of values.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Budget`] if it is deeper than [`super::MAX_DEPTH`] or its message longer than 4 GiB.
    ///
    /// PERF (calls): inlined, so that it is made where it stays.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn new(kind: ListKind, values: &'a [Value<'a>]) -> Result<List<'a>, EvalError> {
        Ok(List::Values(kind, values, Extent::admitted(Extent::of_list(values))?))
    }

    /// A list without elements.
    pub const fn empty(kind: ListKind) -> List<'static> {
        List::Values(kind, &[], Extent::FLAT)
    }

    /// How large the list is.
    #[inline]
    pub const fn extent(&self) -> Extent {
        match self {
            List::Wire(bytes, depth) => Extent::on_wire(bytes, *depth),
            List::Values(_, _, extent) => *extent,
        }
    }

    /// The kind.
    pub fn kind(&self) -> ListKind {
        match self {
            List::Wire(..) => ListKind::Slice,
            List::Values(kind, ..) => *kind,
        }
    }

    /// Does something with each element, in order, until it fails.
    ///
    /// PERF (calls): elements are looked at where they lie. Copied, they are read before all of them has left the store buffer.
    #[inline]
    pub fn try_each<E>(&self, mut each: impl FnMut(&Value<'a>) -> Result<(), E>) -> Result<(), E> {
        match self {
            List::Values(_, values, _) => values.iter().try_for_each(each),
            List::Wire(..) => self.iter().try_for_each(|value| each(&value)),
        }
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        match self {
            List::Wire(bytes, _) => Members::new(bytes).count(),
            List::Values(_, v, _) => v.len(),
        }
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The elements in order.
    #[inline]
    pub fn iter(&self) -> ListIter<'a> {
        match self {
            List::Wire(bytes, depth) => ListIter(Inner::Wire(Members::new(bytes), *depth)),
            List::Values(_, v, _) => ListIter(Inner::Values(v.iter())),
        }
    }

    /// Element `idx`, if there is one.
    pub fn get(&self, idx: i64) -> Option<Value<'a>> {
        let mut value = Value::Nil;
        self.get_to(idx, &mut value).then_some(value)
    }

    /// The same, put to `to`. Whether there is one.
    #[inline]
    pub fn get_to(&self, idx: i64, to: &mut Value<'a>) -> bool {
        let Ok(idx) = usize::try_from(idx) else { return false };
        match self {
            List::Wire(bytes, depth) => {
                Members::new(bytes).nth(idx).is_some_and(|element| decode_inside_to(element, *depth, to))
            }
            List::Values(_, values, _) => {
                let Some(value) = values.get(idx) else { return false };
                *to = *value;
                true
            }
        }
    }
}

/// The elements of a list, in order.
#[derive(Clone, Debug)]
pub struct ListIter<'a>(Inner<'a>);

#[derive(Clone, Debug)]
enum Inner<'a> {
    Wire(Members<'a>, u16),
    Values(std::slice::Iter<'a, Value<'a>>),
}

impl<'a> Iterator for ListIter<'a> {
    type Item = Value<'a>;

    #[inline]
    fn next(&mut self) -> Option<Value<'a>> {
        match &mut self.0 {
            Inner::Values(iter) => iter.next().copied(),
            Inner::Wire(elements, depth) => next_on_wire(elements, *depth),
        }
    }
}

fn next_on_wire<'a>(elements: &mut Members<'a>, depth: u16) -> Option<Value<'a>> {
    // See the invariant of the module `value`: these bytes were checked.
    decode_inside(elements.next()?, depth).ok()
}
