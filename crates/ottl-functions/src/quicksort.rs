//! The sort of Go's library, for elements that compare equal and still differ, such as `1` and `"1"`.
//!
//! It is a pattern-defeating quicksort (Peters, arXiv:2106.05123) and not stable, but it decides nothing by chance. So which
//! of several equal elements comes first is a part of what the reference does, and follows from the steps below: lengths,
//! the choice of pivots and the order of swaps are all seen from outside.

/// Runs up to this length are sorted by insertion, so equal elements keep their order.
const SHORT: usize = 12;

/// From this length on, a pivot is the median of three medians, and single elements that are out of place are moved.
const LONG: usize = 50;

/// Exchanges while a pivot of a long run is chosen where that run descends.
const MOST_EXCHANGES: u32 = 12;

/// Sorts as Go's `slices.SortFunc` and `sort.Slice` do.
pub fn sort<T: Copy>(run: &mut [T], less: impl Fn(&T, &T) -> bool) {
    let bad_pivots = usize::BITS - run.len().leading_zeros();
    quicksort(run, None, bad_pivots, &less);
}

/// Sorts a run behind an element that is not greater than any of it, if there is one. After so many bad pivots it takes
/// a heap.
fn quicksort<T: Copy>(mut run: &mut [T], mut before: Option<T>, mut bad_pivots: u32, less: &impl Fn(&T, &T) -> bool) {
    let (mut balanced, mut in_parts) = (true, true);
    loop {
        let length = run.len();
        if length <= SHORT {
            return insert_all(run, less);
        }
        if bad_pivots == 0 {
            return heap(run, less);
        }
        if !balanced {
            scatter(run);
            bad_pivots -= 1;
        }
        let (mut pivot, exchanges) = choose_pivot(run, less);
        if exchanges == MOST_EXCHANGES {
            run.reverse();
            pivot = length - 1 - pivot;
        }
        let ascends = exchanges == 0 || exchanges == MOST_EXCHANGES;
        if balanced && in_parts && ascends && move_few(run, less) {
            return;
        }
        if before.is_some_and(|before| !less(&before, &run[pivot])) {
            let greater = part_equal(run, pivot, less);
            run = &mut run[greater..];
            continue;
        }
        let middle;
        (middle, in_parts) = part(run, pivot, less);
        let (left, right) = run.split_at_mut(middle);
        // The pivot counts as one of the right.
        balanced = left.len().min(right.len()) >= length / 8;
        let smaller_left = left.len() < right.len();
        let Some((pivot, right)) = right.split_first_mut() else { return };
        if smaller_left {
            quicksort(left, before, bad_pivots, less);
            (run, before) = (right, Some(*pivot));
        } else {
            quicksort(right, Some(*pivot), bad_pivots, less);
            run = left;
        }
    }
}

/// Moves the elements less than the pivot in front of it. Where it is then, and whether nothing else had to move.
fn part<T>(run: &mut [T], pivot: usize, less: &impl Fn(&T, &T) -> bool) -> (usize, bool) {
    run.swap(0, pivot);
    let (mut low, mut high) = (1, run.len() - 1);
    let mut nothing_moved = true;
    loop {
        while low <= high && less(&run[low], &run[0]) {
            low += 1;
        }
        while low <= high && !less(&run[high], &run[0]) {
            high -= 1;
        }
        if low > high {
            break;
        }
        run.swap(low, high);
        (low, high) = (low + 1, high - 1);
        nothing_moved = false;
    }
    run.swap(high, 0);
    (high, nothing_moved)
}

/// Moves the elements equal to the pivot in front of the others, which are greater. Where those begin.
fn part_equal<T>(run: &mut [T], pivot: usize, less: &impl Fn(&T, &T) -> bool) -> usize {
    run.swap(0, pivot);
    let (mut low, mut high) = (1, run.len() - 1);
    loop {
        while low <= high && !less(&run[0], &run[low]) {
            low += 1;
        }
        while low <= high && less(&run[0], &run[high]) {
            high -= 1;
        }
        if low > high {
            return low;
        }
        run.swap(low, high);
        (low, high) = (low + 1, high - 1);
    }
}

/// Sorts a run where at most a few elements are out of place; false where it gave up.
fn move_few<T>(run: &mut [T], less: &impl Fn(&T, &T) -> bool) -> bool {
    const MOST_MOVED: usize = 5;
    let mut at = 1;
    for _ in 0..MOST_MOVED {
        while at < run.len() && !less(&run[at], &run[at - 1]) {
            at += 1;
        }
        if at == run.len() {
            return true;
        }
        if run.len() < LONG {
            return false;
        }
        run.swap(at, at - 1);
        insert_last(&mut run[..at], less);
        for next in at + 1..run.len() {
            if !less(&run[next], &run[next - 1]) {
                break;
            }
            run.swap(next, next - 1);
        }
    }
    false
}

fn insert_all<T>(run: &mut [T], less: &impl Fn(&T, &T) -> bool) {
    for end in 2..=run.len() {
        insert_last(&mut run[..end], less);
    }
}

/// Moves the last element to its place among the others.
fn insert_last<T>(run: &mut [T], less: &impl Fn(&T, &T) -> bool) {
    for at in (1..run.len()).rev() {
        if !less(&run[at], &run[at - 1]) {
            break;
        }
        run.swap(at, at - 1);
    }
}

/// Where a pivot is, and how many exchanges its choice took.
fn choose_pivot<T>(run: &[T], less: &impl Fn(&T, &T) -> bool) -> (usize, u32) {
    let quarter = run.len() / 4;
    let mut exchanges = 0;
    let mut median = |mut one: usize, mut two: usize, mut three: usize| {
        let mut order = |low: &mut usize, high: &mut usize| {
            if less(&run[*high], &run[*low]) {
                std::mem::swap(low, high);
                exchanges += 1;
            }
        };
        order(&mut one, &mut two);
        order(&mut two, &mut three);
        order(&mut one, &mut two);
        two
    };
    let mut three = [quarter, 2 * quarter, 3 * quarter];
    if run.len() >= LONG {
        three = three.map(|at| median(at - 1, at, at + 1));
    }
    let [one, two, three] = three;
    (median(one, two, three), exchanges)
}

/// Exchanges three elements in the middle with others, so that what made the last pivot bad is gone. The numbers follow
/// from the length (an xorshift, Marsaglia 2003).
fn scatter<T>(run: &mut [T]) {
    let mut number = run.len() as u64;
    let mask = u64::MAX >> number.leading_zeros();
    let middle = run.len() / 4 * 2;
    for at in middle - 1..=middle + 1 {
        number ^= number << 13;
        number ^= number >> 7;
        number ^= number << 17;
        let other = (number & mask) as usize;
        run.swap(at, if other < run.len() { other } else { other - run.len() });
    }
}

fn heap<T>(run: &mut [T], less: &impl Fn(&T, &T) -> bool) {
    for root in (0..=(run.len() - 1) / 2).rev() {
        sift(run, root, less);
    }
    for end in (0..run.len()).rev() {
        run.swap(0, end);
        sift(&mut run[..end], 0, less);
    }
}

/// Moves an element of a heap down to where none below it is greater.
fn sift<T>(heap: &mut [T], mut root: usize, less: &impl Fn(&T, &T) -> bool) {
    while 2 * root + 1 < heap.len() {
        let mut child = 2 * root + 1;
        if child + 1 < heap.len() && less(&heap[child], &heap[child + 1]) {
            child += 1;
        }
        if !less(&heap[root], &heap[child]) {
            return;
        }
        heap.swap(root, child);
        root = child;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys that make bad pivots until a heap is taken.
    const BAD: [i32; 40] = [
        2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 0, 11, 28, 21, 30, 22, 20, 12, 27, 29, 1, 19, 18, 27, 15, 14, 17, 24, 28, 20,
        21, 26, 26, 25, 25, 24, 16, 23, 23, 22,
    ];

    /// Where the elements were, in the order that they have when they are sorted by their keys.
    fn sorted(keys: impl Iterator<Item = i32>) -> Vec<usize> {
        let mut elements: Vec<_> = keys.zip(0..).collect();
        sort(&mut elements, |(one, _), (other, _)| one < other);
        assert!(elements.is_sorted_by_key(|(key, _)| *key));
        elements.into_iter().map(|(_, place)| place).collect()
    }

    #[test]
    fn equal_elements_come_as_in_go() {
        assert_eq!(
            sorted((0..24).map(|i| i * 7 % 5)),
            [10, 20, 5, 0, 15, 23, 3, 18, 8, 13, 6, 1, 21, 16, 11, 19, 9, 14, 4, 17, 2, 7, 22, 12,],
            "what a pivot parts"
        );
        assert_eq!(
            sorted((0..52).map(|i| (51 - i) / 3)),
            [
                51, 50, 49, 48, 47, 46, 43, 45, 44, 40, 41, 42, 37, 39, 38, 36, 35, 34, 33, 32, 31, 28, 30, 29, 26, 25,
                27, 24, 23, 22, 21, 20, 19, 16, 18, 17, 15, 14, 13, 10, 12, 11, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
            ],
            "what descends"
        );
        assert_eq!(
            sorted((0..56).map(|i| if i == 41 { 5 } else { i / 4 })),
            [
                0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 41, 24, 25, 26,
                27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53,
                54, 55,
            ],
            "one out of place"
        );
        assert_eq!(
            sorted((0..60).map(|i| i * i % 11)),
            [
                55, 22, 0, 33, 11, 44, 54, 43, 21, 32, 10, 56, 12, 45, 23, 34, 1, 27, 38, 49, 39, 17, 16, 50, 5, 6, 28,
                53, 13, 9, 46, 31, 24, 57, 2, 35, 42, 20, 15, 37, 40, 59, 4, 7, 29, 26, 51, 18, 48, 19, 47, 25, 52, 14,
                8, 30, 36, 3, 58, 41,
            ],
            "few different ones"
        );
        assert_eq!(
            sorted(BAD.into_iter()),
            [
                10, 20, 0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 17, 9, 25, 24, 36, 26, 22, 21, 29, 16, 13, 30, 15, 39, 38, 37,
                27, 35, 34, 33, 32, 31, 23, 18, 28, 12, 19, 14,
            ],
            "bad pivots"
        );
    }

    #[test]
    fn all_lengths_are_sorted() {
        for length in (0..200).chain([1000]) {
            for modulus in [1, 2, 13, 997] {
                let mut places = sorted((0..length).map(|i| i * 7919 % modulus));
                places.sort_unstable();
                assert!(places.into_iter().eq(0..length as usize));
            }
            sorted(0..length);
            sorted((0..length).rev());
        }
    }
}
