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

/// A cache for each level, as far as something asked for them.
type OfLevel<'a> = [Option<ArenaBox<'a, Cache<'a>>>; LEVELS];

/// The caches of all levels. They live in the arena, once something asks for one: most rules have none.
#[derive(Debug, Default)]
pub(crate) struct Caches<'a> {
    /// Those of records, and those that all records share.
    all: Option<ArenaBox<'a, [OfLevel<'a>; 2]>>,
    /// Whether the group being run shares its cache with the message's other records.
    pub is_shared: bool,
}

impl<'a> Caches<'a> {
    /// Empties the cache of a level, before the next group.
    #[inline]
    pub fn clear(&mut self, level: ContextId) {
        if let Some([of_records, _]) = self.all.as_deref_mut()
            && let Some(cache) = &mut of_records[level as usize]
            && cache.used
        {
            cache.map.reset();
            cache.used = false;
        }
    }

    /// The cache of a level that the group being run uses.
    pub fn of(&mut self, level: ContextId, arena: &'a Arena, memory: &mut Vec<MapMemory>) -> &mut Cache<'a> {
        let [of_records, shared] = &mut **self.all.get_or_insert_with(|| arena.boxed(Default::default()));
        let caches = if self.is_shared { shared } else { of_records };
        caches[level as usize].get_or_insert_with(|| {
            let map = MapEdit::with_memory(memory.pop().unwrap_or_default());
            arena.boxed(Cache { map, used: false })
        })
    }

    /// Hands on the memory of all.
    pub fn finish(&mut self, memory: &mut Vec<MapMemory>) {
        let Some(mut all) = self.all.take() else { return };
        for mut cache in all.iter_mut().flatten().filter_map(Option::take) {
            memory.push(cache.map.take_memory());
        }
    }
}
