//! One automaton per pattern text: the process-wide table of literal patterns, and a bounded
//! cache for patterns that are computed at run time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use super::{Core, Regex, RegexError};

#[derive(Default)]
struct Table {
    cores: HashMap<Box<[u8]>, Weak<Core>>,
    /// Table size at which entries of dropped patterns are swept out next.
    sweep_at: usize,
}

/// The live core for this text, or a new one. The table holds weak references only, so it never
/// keeps a pattern alive, and it is swept whenever it has doubled.
pub(super) fn intern(pattern: &[u8]) -> Result<Arc<Core>, RegexError> {
    static TABLE: OnceLock<Mutex<Table>> = OnceLock::new();
    let table = TABLE.get_or_init(Mutex::default);
    {
        let table = table.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(core) = table.cores.get(pattern).and_then(Weak::upgrade) {
            return Ok(core);
        }
    }
    // Parsed outside the lock; of two racing threads the first entry wins.
    let fresh = Arc::new(Core::new(pattern, false)?);
    let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(core) = table.cores.get(pattern).and_then(Weak::upgrade) {
        return Ok(core);
    }
    if table.cores.len() >= table.sweep_at {
        table.cores.retain(|_, core| core.strong_count() > 0);
        table.sweep_at = (table.cores.len() * 2).max(64);
    }
    table.cores.insert(pattern.into(), Arc::downgrade(&fresh));
    Ok(fresh)
}

/// A bounded cache of patterns that are only known at run time, owned by one worker.
///
/// When it is full it starts over: patterns that vary without end gain nothing from a cleverer
/// order, and those that do not will be back at once.
#[derive(Debug)]
pub struct RegexCache {
    entries: HashMap<Box<[u8]>, Regex>,
    capacity: usize,
    /// What the patterns weigh together.
    weight: u64,
}

/// What the patterns of a cache may weigh together, in bytes.
const CACHE_WEIGHT: u64 = 16 << 20;

impl RegexCache {
    /// A cache of at most `capacity` patterns (at least one).
    pub fn new(capacity: usize) -> RegexCache {
        RegexCache { entries: HashMap::new(), capacity: capacity.max(1), weight: 0 }
    }

    /// The compiled pattern, from the cache or new. Refused patterns are not remembered.
    ///
    /// # Errors
    /// As [`Regex::new`].
    pub fn regex(&mut self, pattern: &[u8]) -> Result<&Regex, RegexError> {
        if !self.entries.contains_key(pattern) {
            let regex = Regex::of_data(pattern)?;
            self.weight += regex.weight();
            if self.entries.len() >= self.capacity || self.weight > CACHE_WEIGHT {
                self.entries.clear();
                self.weight = regex.weight();
            }
            return Ok(self.entries.entry(pattern.into()).or_insert(regex));
        }
        // Looked up twice because the borrow of a hit would otherwise outlive the insertion.
        match self.entries.get(pattern) {
            Some(regex) => Ok(regex),
            None => Err(RegexError::at(super::ErrorKind::TooLarge, pattern, 0, pattern.len())),
        }
    }
}
