//! Lists: the reference has several kinds, and programs can tell them apart.

use ottl_otlp::wire::Reader;

use super::{Value, decode_any};

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
}

/// A list of values.
#[derive(Clone, Copy, Debug)]
pub enum List<'a> {
    /// The content of a checked `ArrayValue` message; its kind is [`ListKind::Slice`].
    Wire(&'a [u8]),
    /// Values in the arena.
    Values(ListKind, &'a [Value<'a>]),
}

impl<'a> List<'a> {
    /// The kind.
    pub fn kind(&self) -> ListKind {
        match self {
            List::Wire(_) => ListKind::Slice,
            List::Values(kind, _) => *kind,
        }
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        match self {
            List::Wire(_) => self.iter().count(),
            List::Values(_, v) => v.len(),
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
            List::Wire(bytes) => ListIter(Inner::Wire(Reader::new(bytes))),
            List::Values(_, v) => ListIter(Inner::Values(v.iter())),
        }
    }

    /// Element `idx`, if there is one.
    pub fn get(&self, idx: i64) -> Option<Value<'a>> {
        let idx = usize::try_from(idx).ok()?;
        match self {
            List::Wire(_) => self.iter().nth(idx),
            List::Values(_, v) => v.get(idx).copied(),
        }
    }
}

/// The elements of a list, in order.
#[derive(Clone, Debug)]
pub struct ListIter<'a>(Inner<'a>);

#[derive(Clone, Debug)]
enum Inner<'a> {
    Wire(Reader<'a>),
    Values(std::slice::Iter<'a, Value<'a>>),
}

impl<'a> Iterator for ListIter<'a> {
    type Item = Value<'a>;

    #[inline]
    fn next(&mut self) -> Option<Value<'a>> {
        match &mut self.0 {
            Inner::Values(iter) => iter.next().copied(),
            Inner::Wire(reader) => next_on_wire(reader),
        }
    }
}

fn next_on_wire<'a>(reader: &mut Reader<'a>) -> Option<Value<'a>> {
    loop {
        // See the invariant of the module `value`: these bytes were checked.
        let field = reader.next_field().ok()??;
        if field.number == 1 {
            return field.bytes().and_then(decode_any).ok();
        }
    }
}
