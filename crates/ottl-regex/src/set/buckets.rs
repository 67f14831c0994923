//! [`Buckets`]: items by a hash of sixteen bits, in two arrays.

/// Items by hash.
#[derive(Debug)]
pub(super) struct Buckets<T> {
    /// Where the items of each bucket begin; the next bucket begins where they end.
    starts: Box<[u32]>,
    items: Box<[T]>,
    /// What is left of a hash is its bucket.
    shift: u32,
}

impl<T: Copy> Buckets<T> {
    /// The items, each with its hash. Those of a bucket keep their order.
    pub(super) fn new(mut hashed: Vec<(u16, T)>) -> Buckets<T> {
        let bits = hashed.len().next_power_of_two().ilog2().clamp(1, 16);
        let shift = 16 - bits;
        hashed.sort_by_key(|(hash, _)| hash >> shift);
        let mut starts = vec![0; (1 << bits) + 1];
        for (hash, _) in &hashed {
            starts[usize::from(hash >> shift) + 1] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        Buckets { starts: starts.into(), items: hashed.into_iter().map(|(_, item)| item).collect(), shift }
    }

    /// The items of this hash, among others of the same bucket.
    #[inline]
    pub(super) fn of(&self, hash: u16) -> &[T] {
        let bucket = usize::from(hash >> self.shift);
        let ends = (self.starts.get(bucket), self.starts.get(bucket + 1));
        let (Some(&start), Some(&end)) = ends else { return &[] };
        self.items.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Memory that they take, in bytes.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.starts) + size_of_val(&*self.items)
    }
}
