//! [`MapMemory`]: what a map has allocated, handed on to the next one.

use std::mem::take;

use super::pair::Pair;
use super::{MapEdit, MapEntry};

/// The memory of a map, without its content. For engines, which make maps for every message.
#[derive(Debug, Default)]
pub struct MapMemory {
    pairs: Vec<Pair>,
    others: Vec<MapEntry<'static>>,
}

/// Of how many pairs memory is kept; that of larger maps is given back.
const KEPT: usize = 4096;

/// An empty vector with the memory of another one, whose elements live another time.
///
/// The standard library collects in place where the layouts are equal. It does not promise that: without it the memory
/// would be given back and asked for anew, and a test that counts allocations would say so.
fn emptied<T, U>(mut vec: Vec<T>) -> Vec<U> {
    if !(1..=KEPT).contains(&vec.capacity()) {
        return Vec::new();
    }
    vec.clear();
    vec.into_iter().filter_map(|_| None).collect()
}

impl<'a> MapEdit<'a> {
    /// An empty map that uses this memory.
    pub fn with_memory(memory: MapMemory) -> Self {
        MapEdit { pairs: memory.pairs, others: memory.others, ..MapEdit::default() }
    }

    /// The memory of a map that is not used any more.
    pub fn take_memory(&mut self) -> MapMemory {
        MapMemory { pairs: emptied(take(&mut self.pairs)), others: emptied(take(&mut self.others)) }
    }
}
