//! [`Place`]: a value behind keys in an `AnyValue`, which is written without taking apart what lies beside it.

use super::{Members, short_field, short_key_value, tags};
use crate::wire::fields::key_value as pair;
use crate::wire::{put_len_field, put_varint, varint_len};

use arrayvec::ArrayVec;

/// Through how many maps a [`Place`] leads at most; others are for whoever decodes values.
pub const DEEPEST_PLACE: usize = 8;

/// A value in a map in an `AnyValue`, in maps in which each pair on the way is short and written as nearly all writers do.
#[derive(Debug)]
pub struct Place<'a> {
    maps: ArrayVec<Passed<'a>, DEEPEST_PLACE>,
}

/// A map on the way.
#[derive(Debug)]
struct Passed<'a> {
    /// The pairs before the one that the way goes through, or all.
    before: &'a [u8],
    /// The key of that pair.
    key: &'a [u8],
    /// The pairs behind it.
    behind: &'a [u8],
}

impl<'a> Place<'a> {
    /// The place behind these keys. All but the last one have to be there and to lead to maps.
    #[must_use]
    pub fn find(any: &'a [u8], keys: impl ExactSizeIterator<Item = &'a [u8]>) -> Option<Place<'a>> {
        let (mut any, mut maps) = (any, ArrayVec::new());
        let mut left = keys.len();
        for key in keys {
            left -= 1;
            let (map, []) = short_field(tags::MAP, any)? else { return None };
            let mut rest = map;
            let found = loop {
                if rest.is_empty() {
                    break None;
                }
                let (member, behind) = Members::next_short(rest)?;
                let pair = short_key_value(member)?;
                if pair.key == key {
                    break Some((pair.value, behind));
                }
                rest = behind;
            };
            if found.is_none() && left > 0 {
                return None;
            }
            let (value, behind) = found.unwrap_or_default();
            maps.try_push(Passed { before: &map[..map.len() - rest.len()], key, behind }).ok()?;
            any = value;
        }
        (!maps.is_empty()).then_some(Place { maps })
    }

    /// Appends the `AnyValue` with this one at the place. Where the last map does not have the key, it gets it at its end.
    pub fn put(&self, out: &mut Vec<u8>, value: &[u8]) {
        // Lengths stand in front of what they are of, so they are known from the innermost one on.
        let mut lens: ArrayVec<Lens, DEEPEST_PLACE> = ArrayVec::new();
        let mut any = value.len();
        for passed in self.maps.iter().rev() {
            let pair = field_len(passed.key.len()) + field_len(any);
            let map = passed.before.len() + field_len(pair) + passed.behind.len();
            lens.push(Lens { map, pair, any });
            any = field_len(map);
        }
        out.reserve(any);
        for (passed, lens) in self.maps.iter().zip(lens.iter().rev()) {
            put_head(out, tags::MAP, lens.map);
            out.extend_from_slice(passed.before);
            put_head(out, tags::MEMBER, lens.pair);
            put_len_field(out, pair::KEY, passed.key);
            put_head(out, tags::VALUE, lens.any);
        }
        out.extend_from_slice(value);
        self.maps.iter().rev().for_each(|passed| out.extend_from_slice(passed.behind));
    }
}

/// The lengths of what a map on the way becomes.
struct Lens {
    map: usize,
    pair: usize,
    any: usize,
}

/// How long a field is whose tag has one byte and whose content has this length.
fn field_len(len: usize) -> usize {
    1 + varint_len(len as u64) + len
}

fn put_head(out: &mut Vec<u8>, tag: u8, len: usize) {
    out.push(tag);
    put_varint(out, len as u64);
}

#[cfg(test)]
mod tests {
    use super::Place;
    use crate::any::{AnyRef, Members, key_value};

    fn map(pairs: &[(&[u8], &[u8])]) -> Vec<u8> {
        let mut content = Vec::new();
        for (key, value) in pairs {
            let mut pair = Vec::new();
            super::put_len_field(&mut pair, super::pair::KEY, key);
            super::put_len_field(&mut pair, super::pair::VALUE, value);
            super::put_head(&mut content, super::tags::MEMBER, pair.len());
            content.extend_from_slice(&pair);
        }
        let mut any = Vec::new();
        super::put_head(&mut any, super::tags::MAP, content.len());
        any.extend_from_slice(&content);
        any
    }

    fn put(any: &[u8], keys: &[&[u8]], value: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        Place::find(any, keys.iter().copied())?.put(&mut out, value);
        Some(out)
    }

    #[test]
    fn values_are_written_between_what_lies_beside_them() {
        let (one, two, long) = (&[0x18, 1][..], &[0x18, 2][..], [&[0x0a, 0xc8, 1][..], &[b'x'; 200]].concat());
        for (first, second) in [(one, two), (two, &long), (&long[..], one)] {
            let inner = map(&[(b"b", one), (b"c", two)]);
            let any = map(&[(b"x", two), (b"a", &inner), (b"y", &long)]);
            let wanted = map(&[(b"x", two), (b"a", &map(&[(b"b", first), (b"c", two)])), (b"y", &long)]);
            assert_eq!(put(&any, &[b"a", b"b"], first), Some(wanted));
            let wanted =
                map(&[(b"x", two), (b"a", &map(&[(b"b", one), (b"c", two), (b"new", second)])), (b"y", &long)]);
            assert_eq!(put(&any, &[b"a", b"new"], second), Some(wanted));
            let wanted = map(&[(b"x", two), (b"a", second), (b"y", &long)]);
            assert_eq!(put(&any, &[b"a"], second), Some(wanted));
        }
    }

    #[test]
    fn what_is_not_written_as_usual_is_no_place() {
        let any = map(&[(b"a", &[0x18, 1])]);
        assert_eq!(put(&any, &[b"x", b"y"], &[]), None, "nothing leads there");
        assert_eq!(put(&any, &[b"a", b"y"], &[]), None, "a number has no keys");
        let twice = [&[0x32, 11, 0x0a, 9][..], &[0x0a, 1, b'k', 0x12, 0, 0x12, 2, 0x18, 1]].concat();
        assert_eq!(put(&twice, &[b"k"], &[]), None, "a value that is there twice");
        assert_eq!(put(&any, &[], &[]), None);
        let deep = [&b"a"[..]; 9];
        let nested = (0..9).fold(vec![0x18, 1], |any, _| map(&[(b"a", &any)]));
        assert_eq!(put(&nested, &deep, &[]), None);
        assert!(put(&nested, &deep[1..], &[]).is_some());
    }

    #[test]
    fn a_pair_that_begins_with_its_value_gets_its_key_in_front() {
        let any = [0x32, 10, 0x0a, 8, 0x12, 3, 0x0a, 1, b'v', 0x0a, 1, b'k'];
        let out = put(&any, &[b"k"], &[0x18, 7]).expect("it is usual");
        let Ok(AnyRef::Map(read)) = AnyRef::read(&out) else { panic!("a map") };
        let pairs: Vec<_> = Members::new(read.bytes).map(|pair| key_value(pair).expect("whole")).collect();
        assert_eq!((pairs.len(), pairs[0].key, pairs[0].value), (1, &b"k"[..], &[0x18, 7][..]));
    }
}
