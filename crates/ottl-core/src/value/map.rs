//! Maps: ordered lists of pairs, on the wire or in the arena.

use ottl_otlp::any::{Members, value_of};

use super::wire::{decode_inside, decode_inside_to};
use super::{Extent, Measure, Value, key_value};
use crate::{EvalError, over_budget};

/// One pair of a map in the arena.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The key, byte for byte.
    pub key: &'a [u8],
    /// Its value.
    pub value: Value<'a>,
}

/// An ordered list of pairs. Keys may repeat on the wire; reads take the first.
#[derive(Clone, Copy, Debug)]
pub enum Map<'a> {
    /// The content of a checked `KeyValueList` message, and how deep it is: see [`Extent::depth`].
    Wire(&'a [u8], u16),
    /// Pairs in the arena; made by [`Map::new`].
    Entries(&'a [Entry<'a>], Extent),
}

impl<'a> Map<'a> {
    /// A map without pairs.
    pub const EMPTY: Map<'static> = Map::Entries(&[], Extent::FLAT);

    /// A map of pairs.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Budget`] if it is deeper than [`super::MAX_DEPTH`] or its message longer than 4 GiB.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn new(entries: &'a [Entry<'a>]) -> Result<Map<'a>, EvalError> {
        Ok(Map::Entries(entries, Extent::admitted(Extent::of_map(entries))?))
    }

    /// The pairs of a whole attribute map, which is no `AnyValue` itself: it may be one level deeper than a value.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Budget`] if its message is longer than 4 GiB.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn whole(entries: &'a [Entry<'a>]) -> Result<Map<'a>, EvalError> {
        Ok(Map::Entries(entries, Extent::of_map(entries).ok_or_else(over_budget)?))
    }

    /// The same for pairs that were measured when they were made.
    #[inline]
    pub(crate) fn measured(entries: &'a [Entry<'a>], measure: Measure) -> Result<Map<'a>, EvalError> {
        Ok(Map::Entries(entries, measure.extent().ok_or_else(over_budget)?))
    }

    /// How large the map is.
    #[inline]
    pub const fn extent(&self) -> Extent {
        match self {
            Map::Wire(bytes, depth) => Extent::on_wire(bytes, *depth),
            Map::Entries(_, extent) => *extent,
        }
    }

    /// One bit of 64 for a key, by its length and its last byte, in which the keys of most maps differ.
    ///
    /// PERF (benches, json-bodies): a key need not be looked for among keys none of which has its bit.
    #[inline]
    pub fn key_bit(key: &[u8]) -> u64 {
        let last = key.last().copied().unwrap_or_default();
        1 << (key.len().wrapping_mul(7).wrapping_add(usize::from(last) * 11) & 63)
    }

    /// Number of pairs, repeated keys counted each time.
    pub fn len(&self) -> usize {
        match self {
            Map::Wire(bytes, _) => Members::new(bytes).count(),
            Map::Entries(e, _) => e.len(),
        }
    }

    /// Whether there is no pair.
    pub fn is_empty(&self) -> bool {
        match self {
            Map::Wire(..) => self.iter().next().is_none(),
            Map::Entries(e, _) => e.is_empty(),
        }
    }

    /// The pairs in order.
    #[inline]
    pub fn iter(&self) -> MapIter<'a> {
        match self {
            Map::Wire(bytes, depth) => MapIter(Inner::Wire(Members::new(bytes), *depth)),
            Map::Entries(e, _) => MapIter(Inner::Entries(e.iter())),
        }
    }

    /// Does something with each pair, in order, until it fails: with its key and its value.
    ///
    /// PERF (json-bodies): as [`List::try_each`](super::List::try_each).
    #[inline]
    pub fn try_each<E>(&self, mut each: impl FnMut(&'a [u8], &Value<'a>) -> Result<(), E>) -> Result<(), E> {
        match self {
            Map::Entries(entries, _) => entries.iter().try_for_each(|entry| each(entry.key, &entry.value)),
            Map::Wire(..) => self.iter().try_for_each(|entry| each(entry.key, &entry.value)),
        }
    }

    /// The value of the first pair with this key.
    pub fn get(&self, key: &[u8]) -> Option<Value<'a>> {
        let mut value = Value::Nil;
        self.get_to(key, &mut value).then_some(value)
    }

    /// The same, put to `to`. Whether there is one.
    #[inline]
    pub fn get_to(&self, key: &[u8], to: &mut Value<'a>) -> bool {
        match self {
            Map::Entries(entries, _) => {
                let Some(entry) = entries.iter().find(|entry| entry.key == key) else { return false };
                *to = entry.value;
                true
            }
            Map::Wire(bytes, depth) => value_of(bytes, key).is_some_and(|any| decode_inside_to(any, *depth, to)),
        }
    }
}

/// The pairs of a map, in order.
#[derive(Clone, Debug)]
pub struct MapIter<'a>(Inner<'a>);

#[derive(Clone, Debug)]
enum Inner<'a> {
    Wire(Members<'a>, u16),
    Entries(std::slice::Iter<'a, Entry<'a>>),
}

impl<'a> Iterator for MapIter<'a> {
    type Item = Entry<'a>;

    #[inline]
    fn next(&mut self) -> Option<Entry<'a>> {
        match &mut self.0 {
            Inner::Entries(iter) => iter.next().copied(),
            Inner::Wire(pairs, depth) => next_on_wire(pairs, *depth),
        }
    }
}

fn next_on_wire<'a>(pairs: &mut Members<'a>, depth: u16) -> Option<Entry<'a>> {
    // Checked when the value was read (see the module's invariant): an error here would be a bug, and ending the walk is the
    // harmless answer to it.
    let pair = key_value(pairs.next()?).ok()?;
    Some(Entry { key: pair.key, value: decode_inside(pair.value, depth).ok()? })
}
