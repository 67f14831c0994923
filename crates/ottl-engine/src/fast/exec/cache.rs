//! [`Caches`]: what statements keep beside the message.

use ottl_core::edit::{MapEdit, MapMemory};
use ottl_core::{Arena, ArenaBox};
use ottl_schema::ContextId;

use crate::fast::levels::LEVELS;

/// A cache and whether it holds anything.
#[derive(Debug, Default)]
pub(crate) struct Cache<'a> {
    pub map: MapEdit<'a>,
    pub used: bool,
}

/// The caches of all levels. They live in the arena, once something asks for them.
#[derive(Debug, Default)]
pub(crate) struct Caches<'a> {
    of_records: [Option<ArenaBox<'a, Cache<'a>>>; LEVELS],
    shared: [Option<ArenaBox<'a, Cache<'a>>>; LEVELS],
    /// Whether the group being run shares its cache with the message's other records.
    pub is_shared: bool,
}

impl<'a> Caches<'a> {
    /// Empties the cache of a level, before the next group.
    #[inline]
    pub fn clear(&mut self, level: ContextId) {
        if let Some(cache) = &mut self.of_records[level as usize]
            && cache.used
        {
            cache.map.reset();
            cache.used = false;
        }
    }

    /// The cache of a level that the group being run uses.
    pub fn of(&mut self, level: ContextId, arena: &'a Arena, memory: &mut Vec<MapMemory>) -> &mut Cache<'a> {
        let caches = if self.is_shared { &mut self.shared } else { &mut self.of_records };
        caches[level as usize].get_or_insert_with(|| {
            let map = MapEdit::with_memory(memory.pop().unwrap_or_default());
            arena.boxed(Cache { map, used: false })
        })
    }

    /// Hands on the memory of all.
    pub fn finish(&mut self, memory: &mut Vec<MapMemory>) {
        for cache in self.of_records.iter_mut().chain(&mut self.shared).filter_map(Option::take) {
            memory.push(ArenaBox::into_inner(cache).map.into_memory());
        }
    }
}
