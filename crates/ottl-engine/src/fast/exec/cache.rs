//! [`Caches`]: what statements keep beside the message.

use ottl_core::edit::{MapEdit, MapMemory};
use ottl_core::value::encode_key_value;
use ottl_core::{Arena, ArenaBox, EvalError};
use ottl_otlp::any::Members;
use ottl_otlp::wire::fields::key_value_list;
use ottl_otlp::wire::put_len_field;
use ottl_schema::ContextId;

use crate::Env;
use crate::fast::levels::LEVELS;
use crate::fast::program::paths::Paths;

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
    pub fn of(
        &mut self,
        level: ContextId,
        arena: &'a Arena,
        (paths, memory): (&'a Paths, &mut Vec<MapMemory>),
    ) -> &mut Cache<'a> {
        let [of_records, shared] = &mut **self.all.get_or_insert_with(|| arena.boxed(Default::default()));
        let caches = if self.is_shared { shared } else { of_records };
        caches[level as usize].get_or_insert_with(|| {
            let mut map = MapEdit::with_memory(memory.pop().unwrap_or_default());
            map.start(&[], paths.cached(level));
            arena.boxed(Cache { map, used: false })
        })
    }

    /// The same if something has asked for it before.
    #[inline]
    pub fn there(&self, level: ContextId) -> Option<&Cache<'a>> {
        let [of_records, shared] = self.all.as_deref()?;
        let caches = if self.is_shared { shared } else { of_records };
        caches[level as usize].as_deref()
    }

    /// Fills the shared ones with what they held when another part of the message was run.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`].
    pub fn load(
        &mut self,
        env: &Env<'_>,
        arena: &'a Arena,
        (paths, memory): (&'a Paths, &mut Vec<MapMemory>),
    ) -> Result<(), EvalError> {
        let before = env.caches_before();
        self.is_shared = true;
        for level in ContextId::ALL {
            let Some(pairs) = before.of(level) else { continue };
            let pairs = arena.copy(pairs)?;
            let cache = self.of(level, arena, (paths, memory));
            for pair in Members::new(pairs) {
                cache.map.load_pair(pair)?;
                cache.used = true;
            }
        }
        self.is_shared = false;
        Ok(())
    }

    /// Says what the shared ones hold.
    ///
    /// # Errors
    /// A value in them is damaged.
    pub fn leave(&self, env: &Env<'_>) -> Result<(), EvalError> {
        let Some([_, shared]) = self.all.as_deref() else { return Ok(()) };
        for (level, cache) in ContextId::ALL.into_iter().zip(shared) {
            let Some(cache) = cache else { continue };
            let (mut pairs, mut pair) = (Vec::new(), Vec::new());
            for entry in cache.map.iter() {
                pair.clear();
                encode_key_value(&mut pair, entry.key, &entry.value()?);
                put_len_field(&mut pairs, key_value_list::VALUES, &pair);
            }
            env.leave_cache(level, pairs);
        }
        Ok(())
    }

    /// Hands on the memory of all.
    #[inline]
    pub fn finish(&mut self, memory: &mut Vec<MapMemory>) {
        if let Some(all) = self.all.take() {
            Caches::release(all, memory);
        }
    }

    #[inline(never)]
    fn release(mut all: ArenaBox<'a, [OfLevel<'a>; 2]>, memory: &mut Vec<MapMemory>) {
        for mut cache in all.iter_mut().flatten().filter_map(Option::take) {
            memory.push(cache.map.take_memory());
        }
    }
}
