//! [`KeyFilter`]: which pairs of a map stay, by their keys, as data, so that engines can decide it where they find the pairs.

use ottl_regex::Regex;

use crate::edit::MapEdit;
use crate::{Arena, EvalError};

/// A set of keys that is fixed when the rules are compiled.
#[derive(Clone, Debug)]
pub struct KeySet {
    /// Sorted by length and then by bytes: most keys differ in length from all of them.
    keys: Vec<Box<[u8]>>,
    /// Bit per length: some key has it; the last bit stands for all longer ones.
    lengths: u64,
}

impl KeySet {
    /// The set of these keys.
    pub fn new<'k>(keys: impl IntoIterator<Item = &'k [u8]>) -> Self {
        let mut keys: Vec<Box<[u8]>> = keys.into_iter().map(Box::from).collect();
        keys.sort_unstable_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
        keys.dedup();
        let lengths = keys.iter().fold(0, |bits, key| bits | 1 << key.len().min(63));
        KeySet { keys, lengths }
    }

    /// The keys.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.keys.iter().map(|key| &**key)
    }

    /// Whether the key is in it.
    #[inline]
    pub fn contains(&self, key: &[u8]) -> bool {
        self.lengths >> key.len().min(63) & 1 != 0 && self.search(key)
    }

    /// The number of a key, which no other key has.
    #[inline]
    pub fn number(&self, key: &[u8]) -> Option<usize> {
        let may_be = self.lengths >> key.len().min(63) & 1 != 0;
        if may_be { self.keys.binary_search_by(|k| (k.len(), &**k).cmp(&(key.len(), key))).ok() } else { None }
    }

    fn search(&self, key: &[u8]) -> bool {
        if self.keys.len() <= 8 {
            return self.keys.iter().any(|k| k.len() == key.len() && &**k == key);
        }
        self.keys.binary_search_by(|k| (k.len(), &**k).cmp(&(key.len(), key))).is_ok()
    }
}

/// Which pairs of a map stay; those that do keep their order.
#[derive(Clone, Debug)]
pub enum KeyFilter {
    /// Those whose keys are in the set.
    Only(KeySet),
    /// Those whose keys match.
    Matching(Regex),
    /// Those whose keys do not match.
    NotMatching(Regex),
    /// All of a map that is small enough, else some keys and as many of the others, the first ones, as there is room for.
    AtMost(AtMost),
}

/// See [`KeyFilter::AtMost`].
#[derive(Clone, Debug)]
pub struct AtMost {
    limit: usize,
    priority: KeySet,
    /// By the number of a priority key: how often it is listed. A key that is listed twice takes the room of two.
    listed: Vec<usize>,
}

impl AtMost {
    /// A limit, and the keys that stay in any case.
    pub fn new<'k>(limit: usize, priority: impl IntoIterator<Item = &'k [u8]> + Clone) -> AtMost {
        let set = KeySet::new(priority.clone());
        let mut listed = vec![0; set.keys.len()];
        priority.into_iter().filter_map(|key| set.number(key)).for_each(|number| listed[number] += 1);
        AtMost { limit, priority: set, listed }
    }

    /// How many pairs stay.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// The keys that stay in any case.
    pub fn priority(&self) -> &KeySet {
        &self.priority
    }

    /// Whether each of those takes the room of one.
    pub fn is_listed_once(&self) -> bool {
        self.listed.iter().all(|times| *times == 1)
    }

    /// Tells which of the keys are priority keys, and the room that these take.
    fn priority_keys<'k>(&self, keys: impl Iterator<Item = &'k [u8]>, is_priority: &mut [bool]) -> usize {
        let mut count = 0;
        // A key counts once, however often the map has it; what was seen is a bit for the first keys of the list.
        let (mut seen, mut rest) = (0u64, Vec::new());
        for (key, is_priority) in keys.zip(is_priority) {
            let number = self.priority.number(key);
            *is_priority = number.is_some();
            if let Some(number) = number {
                let known = match number {
                    0..64 => {
                        let known = seen >> number & 1 != 0;
                        seen |= 1 << number;
                        known
                    }
                    _ if rest.contains(&number) => true,
                    _ => {
                        rest.push(number);
                        false
                    }
                };
                if !known {
                    count += self.listed[number];
                }
            }
        }
        count
    }
}

impl KeyFilter {
    /// Whether all pairs of a map of this many stay, whatever their keys.
    #[inline]
    pub fn keeps_all(&self, pairs: usize) -> bool {
        matches!(self, KeyFilter::AtMost(filter) if pairs <= filter.limit)
    }

    /// Says of each of the keys of a map whether its pair stays.
    pub fn keep<'k>(&self, keys: impl Iterator<Item = &'k [u8]>, stays: &mut [bool]) {
        match self {
            KeyFilter::Only(set) => stays.iter_mut().zip(keys).for_each(|(stays, key)| *stays = set.contains(key)),
            KeyFilter::Matching(regex) => {
                stays.iter_mut().zip(keys).for_each(|(stays, key)| *stays = regex.is_match(key));
            }
            KeyFilter::NotMatching(regex) => {
                stays.iter_mut().zip(keys).for_each(|(stays, key)| *stays = !regex.is_match(key));
            }
            KeyFilter::AtMost(filter) if stays.len() <= filter.limit => stays.fill(true),
            KeyFilter::AtMost(filter) => {
                let mut count = filter.priority_keys(keys, stays);
                for stays in stays.iter_mut().filter(|stays| !**stays) {
                    *stays = count < filter.limit;
                    count += usize::from(*stays);
                }
            }
        }
    }

    /// Takes the pairs out of a map that do not stay.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Budget`].
    pub fn apply(&self, map: &mut MapEdit<'_>, arena: &Arena) -> Result<(), EvalError> {
        match self {
            KeyFilter::Only(set) => map.retain_keys(|key| set.contains(key)),
            KeyFilter::Matching(regex) => map.retain_keys(|key| regex.is_match(key)),
            KeyFilter::NotMatching(regex) => map.retain_keys(|key| !regex.is_match(key)),
            KeyFilter::AtMost(filter) if map.len() <= filter.limit => map.leave(),
            KeyFilter::AtMost(_) => {
                let stays = arena.repeat(map.len(), false)?;
                self.keep(map.keys(), stays);
                match stays.iter().position(|stays| !stays) {
                    // What goes are the last ones.
                    Some(left) if !stays[left..].contains(&true) => map.truncate(left),
                    _ => map.retain_places(|idx| stays[idx]),
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::KeySet;

    #[test]
    fn key_sets_contain_what_they_were_made_of() {
        for count in [0, 3, 8, 9, 30] {
            let names: Vec<String> = (0..count).map(|i| "k".repeat(i % 4 + 1) + &i.to_string()).collect();
            let set = KeySet::new(names.iter().map(|n| n.as_bytes()));
            assert!(names.iter().all(|n| set.contains(n.as_bytes())));
            assert!(!set.contains(b"") && !set.contains(b"kkkkkkkkk"));
        }
    }
}
