//! One automaton per pattern text: the process-wide table of literal patterns, and a bounded
//! cache for patterns that are computed at run time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use super::parse::Groups;
use super::{Core, Regex, RegexError};

#[derive(Default)]
struct Table {
    cores: HashMap<(Groups, Box<[u8]>), Weak<Core>>,
    /// Table size at which entries of dropped patterns are swept out next.
    sweep_at: usize,
}

/// The live core for this text, or a new one. The table holds weak references only, so it never
/// keeps a pattern alive, and it is swept whenever it has doubled.
pub(super) fn intern(pattern: &[u8], groups: Groups) -> Result<Arc<Core>, RegexError> {
    static TABLE: OnceLock<Mutex<Table>> = OnceLock::new();
    let table = TABLE.get_or_init(Mutex::default);
    let key = (groups, Box::from(pattern));
    {
        let table = table.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(core) = table.cores.get(&key).and_then(Weak::upgrade) {
            return Ok(core);
        }
    }
    // Parsed outside the lock; of two racing threads the first entry wins.
    let fresh = Arc::new(Core::new(pattern, groups, false)?);
    let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(core) = table.cores.get(&key).and_then(Weak::upgrade) {
        return Ok(core);
    }
    if table.cores.len() >= table.sweep_at {
        table.cores.retain(|_, core| core.strong_count() > 0);
        table.sweep_at = (table.cores.len() * 2).max(64);
    }
    table.cores.insert(key, Arc::downgrade(&fresh));
    Ok(fresh)
}

/// A bounded cache of what is made of texts that are only known at run time, owned by one worker.
///
/// When it is full it starts over: texts that vary without end gain nothing from a cleverer
/// order, and those that do not will be back at once.
#[derive(Debug)]
pub struct WeighedCache<T> {
    entries: HashMap<Box<[u8]>, T>,
    capacity: usize,
    /// What the entries weigh together.
    weight: u64,
}

/// What the entries of a cache may weigh together, in bytes.
const CACHE_WEIGHT: u64 = 16 << 20;

impl<T> WeighedCache<T> {
    /// A cache of at most `capacity` entries (at least one).
    pub fn new(capacity: usize) -> WeighedCache<T> {
        WeighedCache { entries: HashMap::new(), capacity: capacity.max(1), weight: 0 }
    }

    /// What was made of the text before, or what `make` makes of it now and its weight in bytes. Failures are not remembered.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn get_or_make<E>(&mut self, text: &[u8], make: impl FnOnce() -> Result<(u64, T), E>) -> Result<&T, E> {
        // Looked up twice because the borrow of a hit would otherwise outlive the insertion.
        if !self.entries.contains_key(text) {
            let (weight, made) = make()?;
            self.weight += weight;
            if self.entries.len() >= self.capacity || self.weight > CACHE_WEIGHT {
                self.entries.clear();
                self.weight = weight;
            }
            self.entries.insert(text.into(), made);
        }
        Ok(self.entries.get(text).expect("it was there, or was put there"))
    }
}

/// The patterns that are only known at run time.
pub type RegexCache = WeighedCache<Regex>;

impl RegexCache {
    /// The compiled pattern, from the cache or new.
    ///
    /// # Errors
    /// As [`Regex::new`].
    pub fn regex(&mut self, pattern: &[u8]) -> Result<&Regex, RegexError> {
        self.get_or_make(pattern, || Regex::of_data(pattern).map(|regex| (regex.weight(), regex)))
    }
}
