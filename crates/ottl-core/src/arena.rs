//! [`Arena`]: where the values of one message live, and what they may take.
//!
//! INVARIANT: what an arena holds never passes its limit, whatever is asked for. A request that would is refused with
//! [`ErrorKind::Budget`], before memory is asked for, and the statement that made it fails.
//!
//! PERF: the limit is looked at where the arena asks the system for memory, which is once for many values; requests that
//! the current piece of memory can serve cost what they cost without a limit.

use std::cell::Cell;

use bumpalo::Bump;
use bumpalo::boxed::Box as BumpBox;
use bumpalo::collections::{CollectionAllocErr, Vec as BumpVec};
use ottl_regex::TextSink;

use crate::value::{Entry, Extent};
use crate::{ErrorKind, EvalError, List, ListKind, Map, Value};

/// The name of the limit, as messages and options write it.
pub const SCRATCH_BYTES: &str = "scratch_bytes";

/// The part of what is left that a single request may take, so that one record cannot take everything from the others.
const SHARE: usize = 2;

/// Requests below this size are served while there is memory at all.
const SMALL: usize = 4096;

/// Memory for the values of one message.
///
/// All methods that make something fail with [`ErrorKind::Budget`] when it would pass the limit.
#[derive(Debug, Default)]
pub struct Arena {
    bump: Bump,
    /// What is left of the work that functions do by themselves; none without a limit.
    work: Cell<Option<u64>>,
}

/// The error of a request that would pass the limit.
#[cold]
#[inline(never)]
pub fn over_budget() -> EvalError {
    ErrorKind::Budget(SCRATCH_BYTES).into()
}

impl Arena {
    /// An empty arena without a limit.
    pub fn new() -> Arena {
        Arena::default()
    }

    /// An empty arena that holds at most this many bytes.
    pub fn with_limit(limit: usize) -> Arena {
        let arena = Arena::default();
        arena.bump.set_allocation_limit(Some(limit));
        arena
    }

    /// Sets how many bytes the arena may hold.
    pub fn set_limit(&self, limit: usize) {
        self.bump.set_allocation_limit(Some(limit));
    }

    /// How many bytes the arena may hold.
    pub fn limit(&self) -> usize {
        self.bump.allocation_limit().unwrap_or(usize::MAX)
    }

    /// Sets how much work functions may do by themselves, in steps: what they cannot tell before they do it, and what the
    /// engine therefore does not charge for a call.
    pub fn set_work(&self, steps: u64) {
        self.work.set(Some(steps));
    }

    /// How much of that work is left, in steps.
    pub fn work_left(&self) -> u64 {
        self.work.get().unwrap_or(u64::MAX)
    }

    /// Takes steps of that work.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`]: there are not so many left.
    pub fn spend(&self, steps: u64) -> Result<(), EvalError> {
        let Some(left) = self.work.get() else { return Ok(()) };
        self.work.set(Some(left.saturating_sub(steps)));
        if steps > left { Err(ErrorKind::Limit("steps").into()) } else { Ok(()) }
    }

    /// Forgets everything, and keeps the memory for what comes next if it is at most `kept` bytes.
    pub fn reset(&mut self, kept: usize) {
        if self.bump.allocated_bytes() > kept {
            self.bump = Bump::new();
        } else {
            self.bump.reset();
        }
    }

    /// How many bytes the arena holds.
    pub fn held(&self) -> usize {
        self.bump.allocated_bytes()
    }

    /// How many bytes one more request may ask for.
    pub fn room(&self) -> usize {
        match self.bump.allocation_limit() {
            Some(limit) => (limit.saturating_sub(self.bump.allocated_bytes()) / SHARE).max(self.bump.chunk_capacity()),
            None => usize::MAX,
        }
    }

    /// Fails if something of this many bytes, built elsewhere, would not fit.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`].
    #[inline]
    pub fn check(&self, len: usize) -> Result<(), EvalError> {
        if len > SMALL && len > self.room() { Err(over_budget()) } else { Ok(()) }
    }

    /// Does work that holds this many bytes outside the arena: while it lasts, they count as if they lay inside.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`] if they would not fit; the errors of the work.
    pub fn beside<T>(&self, bytes: usize, work: impl FnOnce() -> Result<T, EvalError>) -> Result<T, EvalError> {
        let Some(limit) = self.bump.allocation_limit() else { return work() };
        if bytes > limit.saturating_sub(self.held()) {
            return Err(over_budget());
        }
        self.bump.set_allocation_limit(Some(limit - bytes));
        let result = work();
        self.bump.set_allocation_limit(Some(limit));
        result
    }

    fn check_items<T>(&self, count: usize) -> Result<(), EvalError> {
        self.check(count.saturating_mul(size_of::<T>()))
    }

    /// A value.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`].
    #[inline]
    pub fn alloc<T>(&self, value: T) -> Result<&mut T, EvalError> {
        self.bump.try_alloc(value).map_err(|_| over_budget())
    }

    /// A copy of a slice.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`].
    #[inline]
    pub fn copy<T: Copy>(&self, items: &[T]) -> Result<&mut [T], EvalError> {
        self.check_items::<T>(items.len())?;
        self.bump.try_alloc_slice_copy(items).map_err(|_| over_budget())
    }

    /// A slice of `count` times the same.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`].
    #[inline]
    pub fn repeat<T: Copy>(&self, count: usize, item: T) -> Result<&mut [T], EvalError> {
        self.check_items::<T>(count)?;
        self.bump.try_alloc_slice_fill_copy(count, item).map_err(|_| over_budget())
    }

    /// A slice of what `make` gives for each index.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`].
    #[inline]
    pub fn fill<T>(&self, count: usize, make: impl FnMut(usize) -> T) -> Result<&mut [T], EvalError> {
        self.check_items::<T>(count)?;
        self.bump.try_alloc_slice_fill_with(count, make).map_err(|_| over_budget())
    }

    /// A slice of what an iterator gives.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`].
    #[inline]
    pub fn collect<T>(
        &self,
        items: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
    ) -> Result<&mut [T], EvalError> {
        let items = items.into_iter();
        self.check_items::<T>(items.len())?;
        self.bump.try_alloc_slice_fill_iter(items).map_err(|_| over_budget())
    }

    /// A list of values. Values may be shared, so a list can be larger than the memory that it takes; one that is too large
    /// to be written is refused.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`], also for one that is too deep.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn list<'a>(&self, kind: ListKind, values: &'a [Value<'a>]) -> Result<Value<'a>, EvalError> {
        let extent = Extent::admitted(Extent::of_list(values))?;
        self.check(extent.size())?;
        Ok(Value::List(List::Values(kind, values, extent)))
    }

    /// The same for a map.
    ///
    /// # Errors
    /// As [`Arena::list`].
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn map<'a>(&self, entries: &'a [Entry<'a>]) -> Result<Value<'a>, EvalError> {
        let extent = Extent::admitted(Extent::of_map(entries))?;
        self.check(extent.size())?;
        Ok(Value::Map(Map::Entries(entries, extent)))
    }

    /// An empty vector.
    #[inline]
    pub fn vec<T>(&self) -> ArenaVec<'_, T> {
        ArenaVec { arena: self, items: BumpVec::new_in(&self.bump) }
    }

    /// An empty vector with room for this many items.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`].
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn vec_for<T>(&self, count: usize) -> Result<ArenaVec<'_, T>, EvalError> {
        // PERF (benches, redaction, spans): what fits into the current piece of memory cannot fail, and costs a tenth of what
        // may.
        // The size of one more item is at least what aligning the first one takes.
        if count < self.bump.chunk_capacity() / size_of::<T>().max(1) {
            return Ok(ArenaVec { arena: self, items: BumpVec::with_capacity_in(count, &self.bump) });
        }
        // PERF (calls): what comes from there comes through memory, and is not to be put where the other one stays.
        match self.items_for(count) {
            Ok(items) => Ok(ArenaVec { arena: self, items }),
            Err(error) => Err(error),
        }
    }

    #[cold]
    #[inline(never)]
    fn items_for<T>(&self, count: usize) -> Result<BumpVec<'_, T>, EvalError> {
        let mut vec = self.vec();
        vec.grow(count)?;
        Ok(vec.items)
    }

    /// Something that is dropped with its box. For engines, which keep a few of them for each message: the limit does
    /// not count here, because a message must be able to end in order when it is reached.
    pub fn boxed<T>(&self, value: T) -> ArenaBox<'_, T> {
        self.without_limit(|| ArenaBox(BumpBox::new_in(value, &self.bump)))
    }

    /// The same for something that owns nothing outside of the arena, and is not dropped. It is made where it stays.
    #[inline]
    pub fn placed<T>(&self, make: impl FnOnce() -> T) -> &mut T {
        self.without_limit(|| self.bump.alloc_with(make))
    }

    #[inline]
    fn without_limit<T>(&self, make: impl FnOnce() -> T) -> T {
        let limit = self.bump.allocation_limit();
        self.bump.set_allocation_limit(None);
        let made = make();
        self.bump.set_allocation_limit(limit);
        made
    }
}

/// Something in an arena that is dropped with its box.
#[derive(Debug)]
pub struct ArenaBox<'a, T>(BumpBox<'a, T>);

impl<T> std::ops::Deref for ArenaBox<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> std::ops::DerefMut for ArenaBox<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// A vector in an arena.
#[derive(Debug)]
pub struct ArenaVec<'a, T> {
    arena: &'a Arena,
    items: BumpVec<'a, T>,
}

impl<'a, T> ArenaVec<'a, T> {
    /// Makes room for more items.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`].
    #[inline]
    pub fn reserve(&mut self, more: usize) -> Result<(), EvalError> {
        if self.items.capacity() - self.items.len() >= more { Ok(()) } else { self.grow(more) }
    }

    /// Whether there is no room for another item.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.items.len() == self.items.capacity()
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, more: usize) -> Result<(), EvalError> {
        // The vector doubles, so that is what has to fit.
        self.arena
            .check_items::<T>(self.items.len().saturating_add(more).max(self.items.capacity().saturating_mul(2)))?;
        self.items.try_reserve(more).map_err(|_: CollectionAllocErr| over_budget())
    }

    /// Appends an item.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`].
    #[inline]
    pub fn push(&mut self, item: T) -> Result<(), EvalError> {
        if self.is_full() {
            self.grow(1)?;
        }
        self.items.push(item);
        Ok(())
    }

    /// Appends what an iterator gives.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`]; what came before stays.
    #[inline]
    pub fn extend(&mut self, items: impl IntoIterator<Item = T>) -> Result<(), EvalError> {
        items.into_iter().try_for_each(|item| self.push(item))
    }

    /// The items as a slice that lives as long as the arena.
    #[inline]
    pub fn into_slice(self) -> &'a mut [T] {
        self.items.into_bump_slice_mut()
    }

    /// Removes all items.
    #[inline]
    pub fn clear(&mut self) {
        self.items.clear();
    }

    /// Removes the last item.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        self.items.pop()
    }

    /// The arena.
    #[inline]
    pub fn arena(&self) -> &'a Arena {
        self.arena
    }
}

impl<T: Copy> ArenaVec<'_, T> {
    /// Appends copies of items.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`].
    #[inline]
    pub fn extend_from_slice(&mut self, items: &[T]) -> Result<(), EvalError> {
        self.reserve(items.len())?;
        self.items.extend_from_slice_copy(items);
        Ok(())
    }

    /// Makes the vector this long, with copies of an item where it grows.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`].
    pub fn resize(&mut self, len: usize, item: T) -> Result<(), EvalError> {
        self.reserve(len.saturating_sub(self.items.len()))?;
        self.items.resize(len, item);
        Ok(())
    }
}

impl TextSink for ArenaVec<'_, u8> {
    type Error = EvalError;

    #[inline]
    fn push_bytes(&mut self, bytes: &[u8]) -> Result<(), EvalError> {
        self.extend_from_slice(bytes)
    }
}

impl<T> std::ops::Deref for ArenaVec<'_, T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T> std::ops::DerefMut for ArenaVec<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.items
    }
}

#[cfg(test)]
mod tests {
    use super::{Arena, SMALL};

    #[test]
    fn nothing_passes_the_limit() {
        let arena = Arena::with_limit(1 << 20);
        assert!(arena.repeat(1 << 20, 0u8).is_err());
        assert!(arena.fill(usize::MAX / 8, |i| i).is_err());
        let mut vec = arena.vec();
        assert!((0..1 << 20).any(|i| vec.push(i).is_err()));
        while arena.repeat(SMALL / 2, 1u8).is_ok() {}
        assert!(arena.held() <= 1 << 20, "{}", arena.held());
        // A message ends in order all the same.
        assert_eq!(*arena.boxed(7), 7);
        assert!(arena.alloc([0u8; SMALL]).is_err());
    }

    #[test]
    fn one_request_leaves_room_for_others() {
        let arena = Arena::with_limit(1 << 20);
        for _ in 0..8 {
            let mut greedy = arena.vec();
            while greedy.push(1u64).is_ok() {}
        }
        assert!(arena.copy(b"the next record").is_ok());
    }

    #[test]
    fn memory_is_used_again_and_large_memory_is_given_back() {
        let mut arena = Arena::with_limit(1 << 24);
        for (len, kept) in [(1 << 10, true), (1 << 22, false)] {
            assert!(arena.repeat(len, 0u8).is_ok());
            arena.reset(1 << 20);
            assert_eq!(arena.held() > 0, kept);
        }
    }
}
