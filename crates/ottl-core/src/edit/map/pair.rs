//! One pair of a map: as editors see it, and as it is kept.

use std::ops::Range;

use ottl_otlp::any::tags;
use ottl_otlp::wire::WireError;

use crate::value::{decode_any, key_value};
use crate::{EvalError, Value};

/// The value of a pair: still on the wire, or known.
#[derive(Clone, Copy, Debug)]
pub enum Slot<'a> {
    /// Bytes of an `AnyValue` that nobody has read.
    Wire(&'a [u8]),
    /// A value that was written, or read and kept.
    Value(Value<'a>),
}

/// One pair.
#[derive(Clone, Copy, Debug)]
pub struct MapEntry<'a> {
    /// The key.
    pub key: &'a [u8],
    /// The value.
    pub value: Slot<'a>,
    /// The bytes of the whole `KeyValue` message as long as they say what key and value say; empty when they do not.
    pub raw: &'a [u8],
}

impl<'a> MapEntry<'a> {
    /// A pair that is not what the message says.
    #[inline]
    pub fn new(key: &'a [u8], value: Slot<'a>) -> Self {
        MapEntry { key, value, raw: &[] }
    }

    pub(super) fn from_wire(raw: &'a [u8]) -> Result<Self, WireError> {
        let pair = key_value(raw)?;
        Ok(MapEntry { key: pair.key, value: Slot::Wire(pair.value), raw })
    }

    /// The value.
    ///
    /// # Errors
    /// Damage in bytes that had not been read yet.
    #[inline]
    pub fn value(&self) -> Result<Value<'a>, EvalError> {
        match self.value {
            Slot::Value(v) => Ok(v),
            Slot::Wire(bytes) => Ok(decode_any(bytes)?),
        }
    }
}

/// Where a pair is: a field of the input, or an element of `others`.
///
/// A pair of the input is usual if it is written as nearly all are: key and value once each, in either order (the
/// reference's marshaler puts the value first), the length of the key in one byte, other lengths in one or two, and none
/// in more than it needs. Of usual pairs all places follow from where the field starts and how long field and key are;
/// the others are taken apart when somebody looks at them. For engines.
///
/// PERF (metrics): one number. A struct is written field by field and then moved as a whole, before the store buffer has
/// let go of it, which cost a tenth of the time of steps that take pairs out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair(u64);

/// What a pair is.
const KIND: u64 = 0xc0;
/// A usual pair of the input, key first.
const KEY_FIRST: u64 = 0x00;
/// A usual pair of the input, value first.
const VALUE_FIRST: u64 = 0x40;
/// Any other pair of the input.
const UNUSUAL: u64 = 0x80;
/// An element of `others`.
const OTHER: u64 = 0xc0;
/// The number of its key among the known ones; all bits for none.
const KNOWN: u64 = 0x3f;

/// The length that stands for the keys of unusual pairs and for those that do not fit.
pub(super) const LONG_KEY: u8 = u8::MAX;

impl Pair {
    /// No pair.
    pub const NONE: Pair = Pair(UNUSUAL);

    #[inline(always)]
    fn of(kind: u64, start: u32, len: u16, key_len: u8, known: u8) -> Pair {
        let key = u64::from(key_len) << 8 | kind | u64::from(known) & KNOWN;
        Pair(u64::from(start) << 32 | u64::from(len) << 16 | key)
    }

    /// A usual pair of the input: whether its key comes first, where the field starts, how many bytes it has, the length of
    /// its key, and the number of that among the known ones.
    #[inline(always)]
    pub fn usual(key_first: bool, start: u32, len: u16, key_len: u8, known: u8) -> Pair {
        Pair::of(if key_first { KEY_FIRST } else { VALUE_FIRST }, start, len, key_len, known)
    }

    /// A pair of the input of which nothing is known but where it starts.
    #[inline]
    pub(super) fn unusual(start: u32, known: u8) -> Pair {
        Pair::of(UNUSUAL, start, 0, LONG_KEY, known)
    }

    /// The pair of this number in `others`.
    #[inline]
    pub fn other(idx: u32, key_len: u8, known: u8) -> Pair {
        Pair::of(OTHER, idx, 0, key_len, known)
    }

    /// Its number in `others`, if it is there.
    #[inline]
    pub fn in_others(self) -> Option<usize> {
        (self.0 & KIND == OTHER).then_some((self.0 >> 32) as usize)
    }

    /// Whether this is a usual pair of the input.
    #[inline]
    pub fn is_usual(self) -> bool {
        self.0 & KIND <= VALUE_FIRST
    }

    /// Where the field of a pair of the input starts.
    #[inline]
    pub fn start(self) -> usize {
        (self.0 >> 32) as usize
    }

    /// The bytes of the field of a usual pair, tag and length included.
    #[inline]
    #[expect(clippy::len_without_is_empty, reason = "no field is empty")]
    pub fn len(self) -> usize {
        (self.0 >> 16 & 0xffff) as usize
    }

    /// The length of its key; of keys that are longer than that, 255.
    #[inline]
    pub fn key_len(self) -> u8 {
        (self.0 >> 8) as u8
    }

    /// The number of its key among the known ones; a number that no key has if it is none of them.
    #[inline]
    pub fn known(self) -> u8 {
        (self.0 & KNOWN) as u8
    }

    /// The same with the number of its key among the known ones.
    #[inline(always)]
    #[must_use]
    pub fn with_known(self, known: u8) -> Pair {
        Pair(self.0 & !KNOWN | u64::from(known) & KNOWN)
    }

    /// Where the field of a usual pair lies.
    #[inline]
    pub fn field(self) -> Range<usize> {
        self.start()..self.start() + self.len()
    }

    /// Where the key of a usual pair lies.
    #[inline]
    pub fn key(self) -> Range<usize> {
        let len = usize::from(self.key_len());
        let start = match self.0 & KIND {
            KEY_FIRST => self.start() + head(self.len()) + 2,
            _ => self.start() + self.len() - len,
        };
        start..start + len
    }

    /// Where the `AnyValue` of a usual pair lies.
    #[inline]
    pub fn value(self) -> Range<usize> {
        let (start, head_len) = (self.start(), head(self.len()));
        let key = usize::from(self.key_len()) + 2;
        let member = self.len() - head_len - key;
        match self.0 & KIND {
            KEY_FIRST => start + head_len + key + head(member)..start + self.len(),
            _ => start + head_len + head(member)..start + self.len() - key,
        }
    }

    /// Where the `KeyValue` of a usual pair lies.
    #[inline]
    pub fn content(self) -> Range<usize> {
        self.start() + head(self.len())..self.start() + self.len()
    }
}

/// The bytes of tag and length of a field that has `len` bytes in all: one for the tag, one or two for the length.
#[inline]
fn head(len: usize) -> usize {
    if len < 0x82 { 2 } else { 3 }
}

/// No number of a known key.
pub(super) const UNKNOWN: u8 = KNOWN as u8;
/// No number of a known key either: the key begins like a named prefix (see [`KnownKeys::add_prefix`]).
///
/// [`KnownKeys::add_prefix`]: super::KnownKeys::add_prefix
pub const PREFIXED: u8 = UNKNOWN - 1;
const _: () = assert!(PREFIXED as usize >= super::MAX_KNOWN);

/// A length of one or two bytes at `at`, two only where it needs them: the length, and where what it counts starts.
fn short_len(message: &[u8], at: usize) -> Option<(usize, usize)> {
    match *message.get(at..)? {
        [len, ..] if len < 0x80 => Some((usize::from(len), at + 1)),
        [low, high @ 1..0x80, ..] => Some((usize::from(low & 0x7f) | usize::from(high) << 7, at + 2)),
        _ => None,
    }
}

/// Where the content of the field at `pos`, whose tag has one byte, starts and ends, if its length has one or two bytes.
pub(super) fn short_field(message: &[u8], pos: usize) -> Option<(usize, usize)> {
    let (len, content) = short_len(message, pos + 1)?;
    (content + len <= message.len()).then_some((content, content + len))
}

/// Where the parts of a usual pair lie in a message (see [`short_pair`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShortPair {
    /// Where the field ends.
    pub end: usize,
    /// Where the key starts.
    pub key_at: usize,
    /// The length of the key.
    pub key_len: u8,
    /// Where the `AnyValue` starts.
    pub value_at: usize,
    /// Where the `AnyValue` ends.
    pub value_end: usize,
}

/// The pair of an attribute map in the field at `pos`, whose tag has one byte, if it is written as nearly all are: key and
/// value once each, in either order, the length of the key in one byte, other lengths in one or two and in no more than
/// they need. For engines.
///
/// PERF (benches, every row): what every attribute costs. Nearly all pairs have lengths of one byte.
#[inline(always)]
pub fn short_pair(message: &[u8], pos: usize) -> Option<ShortPair> {
    let head = u32::from_le_bytes(*message.get(pos..)?.first_chunk::<4>()?);
    let (len, member, split) = (head >> 8 & 0xff, (head >> 16) as u8, (head >> 24) as usize);
    let end = pos + 2 + len as usize;
    let middle = pos + 4 + split;
    if let Some(&[next, next_len]) = message.get(middle..).and_then(|rest| rest.first_chunk())
        && middle + 2 + usize::from(next_len) == end
        && len < 0x80
        && end <= message.len()
    {
        if member == tags::KEY && next == tags::VALUE {
            let value_at = middle + 2;
            return Some(ShortPair { end, key_at: pos + 4, key_len: split as u8, value_at, value_end: end });
        }
        if member == tags::VALUE && next == tags::KEY {
            let key_at = middle + 2;
            return Some(ShortPair { end, key_at, key_len: next_len, value_at: pos + 4, value_end: middle });
        }
    }
    longer_pair(message, pos)
}

/// The same as what is kept of it, its key not looked at, where the field ends, and where the key starts. For engines.
///
/// PERF (structural, metrics): the number is put together from what was loaded; places are worked out of it when somebody
/// asks. Tag and length of the second member are one comparison. Places have 32 bits, so that the compiler sees that sums do
/// not wrap: one bounds check instead of two.
#[inline(always)]
pub fn pair_at(message: &[u8], pos: u32) -> Option<(u32, Pair, u32)> {
    let at = pos as usize;
    if let Some(head) = message.get(at..at + 4).and_then(<[u8]>::first_chunk::<4>) {
        let head = u32::from_le_bytes(*head);
        let (len, member, split) = (head >> 8 & 0xff, (head >> 16) as u8, head >> 24);
        // The length that the second member must have; where there is no room for it, no length of one byte.
        let rest = len.wrapping_sub(split + 4);
        let end = pos.wrapping_add(2 + len);
        let middle = pos.wrapping_add(4 + split) as usize;
        if len < 0x80
            && end as usize <= message.len()
            && let Some(next) = message.get(middle..middle + 2).and_then(<[u8]>::first_chunk::<2>)
        {
            let next = u32::from(u16::from_le_bytes(*next));
            let start = u64::from(pos) << 32 | u64::from(len + 2) << 16 | KNOWN;
            if member == tags::KEY && next == u32::from(tags::VALUE) | rest << 8 {
                return Some((end, Pair(start | u64::from(split) << 8 | KEY_FIRST), pos.wrapping_add(4)));
            }
            if member == tags::VALUE && next == u32::from(tags::KEY) | rest << 8 {
                return Some((end, Pair(start | u64::from(rest) << 8 | VALUE_FIRST), middle as u32 + 2));
            }
        }
    }
    longer_pair_at(message, pos)
}

#[inline(never)]
fn longer_pair_at(message: &[u8], pos: u32) -> Option<(u32, Pair, u32)> {
    let pair = longer_pair(message, pos as usize)?;
    let key_first = pair.key_at < pair.value_at;
    let kept = Pair::usual(key_first, pos, (pair.end - pos as usize) as u16, pair.key_len, UNKNOWN);
    Some((pair.end as u32, kept, pair.key_at as u32))
}

#[inline(never)]
fn longer_pair(message: &[u8], pos: usize) -> Option<ShortPair> {
    let (content, end) = short_field(message, pos)?;
    let message = message.get(..end)?;
    let key_first = match *message.get(content)? {
        tags::KEY => true,
        tags::VALUE => false,
        _ => return None,
    };
    let (first_start, first_end) = short_field(message, content)?;
    if *message.get(first_end)? != if key_first { tags::VALUE } else { tags::KEY } {
        return None;
    }
    let (second_start, second_end) = short_field(message, first_end)?;
    let (first, second) = (first_start..first_end, second_start..second_end);
    let (key, value) = if key_first { (first, second) } else { (second, first) };
    (second_end == end && key.len() < 0x80).then_some(ShortPair {
        end,
        key_at: key.start,
        key_len: key.len() as u8,
        value_at: value.start,
        value_end: value.end,
    })
}

/// Whether two keys are equal.
///
/// PERF (metrics): keys are short; comparing them in place costs less than calling the library's comparison.
#[inline]
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    match (a.first_chunk::<8>(), b.first_chunk::<8>(), a.last_chunk::<8>(), b.last_chunk::<8>()) {
        (Some(a_first), Some(b_first), Some(a_last), Some(b_last)) => {
            u64::from_le_bytes(*a_first) == u64::from_le_bytes(*b_first)
                && u64::from_le_bytes(*a_last) == u64::from_le_bytes(*b_last)
                && (a.len() <= 16 || a[8..a.len() - 8] == b[8..b.len() - 8])
        }
        _ => a.iter().zip(b).all(|(a, b)| a == b),
    }
}

/// A pair as [`super::MapEdit::pieces`] hands it out for writing.
#[derive(Clone, Copy, Debug)]
pub enum Piece<'m, 'a> {
    /// The field `start..end` of the message that the map was loaded from, tag and length included.
    Input(usize, usize),
    /// Any other pair.
    Entry(&'m MapEntry<'a>),
}
