//! One pair of a map: as editors see it, and as it is kept.

use std::ops::Range;

use ottl_otlp::any::tags;
use ottl_otlp::wire::WireError;

use super::known::last_of;
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
/// From its lowest bit: the number of its key (6 bits), its kind (2), the length of the field (16), the length of the key (8),
/// where the field starts (32). In the message lengths of one byte lie alike. Of a pair in `others`, the length of the field
/// is the last two bytes of its key, or nothing.
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

/// The bytes of a tag and a length of one byte each.
const SHORT_HEAD: u64 = 2;

/// The length that stands for the keys of unusual pairs and for those that do not fit.
pub(super) const LONG_KEY: u8 = u8::MAX;

impl Pair {
    /// What stands where no pair is.
    // PERF (messages of one record): all bytes of a table of them are 0, as of others next to it, and all are filled at once.
    pub const NONE: Pair = Pair(0);

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn of(kind: u64, start: u32, len: u16, key_len: u8, known: u8) -> Pair {
        let key = u64::from(key_len) << 24 | kind | u64::from(known) & KNOWN;
        Pair(u64::from(start) << 32 | u64::from(len) << 8 | key)
    }

    /// A usual pair of the input whose key comes first and is not looked at, from where the field starts and its first four
    /// bytes.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn key_first(start: u32, head: u32) -> Pair {
        Pair((u64::from(start) << 32) + (u64::from(head & 0xff00_ff00) + (SHORT_HEAD << 8 | KEY_FIRST | KNOWN)))
    }

    /// The same of one whose value comes first, and the length of its key.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn value_first(start: u32, head: u32, key_len: u32) -> Pair {
        let lens = u64::from(key_len << 24 | head & 0xff00);
        Pair((u64::from(start) << 32) + (lens + (SHORT_HEAD << 8 | VALUE_FIRST | KNOWN)))
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

    /// The same with the last bytes of its key (see [`last_of`]), of one that is in `others`.
    #[inline]
    #[must_use]
    pub(super) fn like(self, key: &[u8]) -> Pair {
        Pair(self.0 & !(0xffff << 8) | u64::from(last_of(key)) << 8)
    }

    /// What a pair is like, as [`Pair::like`] makes it, whose key has this length and ends like this one.
    #[inline]
    pub(super) fn likeness(key: &[u8], key_len: u8) -> Pair {
        Pair::other(0, key_len, 0).like(key)
    }

    /// Whether it is in `others`, and like that.
    #[inline]
    pub(super) fn is_like(self, likeness: Pair) -> bool {
        self.0 << 32 >> 38 == likeness.0 >> 6
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

    /// The bytes of the field of a usual pair, tag and length included; of those that [`Pair::other`] makes zero.
    #[inline]
    #[expect(clippy::len_without_is_empty, reason = "no field is empty")]
    pub fn len(self) -> usize {
        (self.0 >> 8 & 0xffff) as usize
    }

    /// The length of its key; of keys that are longer than that, 255.
    #[inline]
    pub fn key_len(self) -> u8 {
        (self.0 >> 24) as u8
    }

    /// The number of its key among the known ones; a number that no key has if it is none of them.
    #[inline]
    pub fn known(self) -> u8 {
        (self.0 & KNOWN) as u8
    }

    /// The same with the number of its key among the known ones.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
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

    /// Whether key and then value come with lengths of one byte: then all lies at fixed distances.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn is_short_key_first(self) -> bool {
        // Key first, and the length of the field, less than 0x80, of one byte.
        self.0 & (KIND | 0xff80 << 8) == KEY_FIRST
    }

    /// Where the key of a usual pair ends.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn key_end(self) -> u32 {
        if self.is_short_key_first() {
            return (self.0 >> 32) as u32 + 4 + u32::from(self.key_len());
        }
        self.key_end_at_length()
    }

    #[inline(never)]
    fn key_end_at_length(self) -> u32 {
        self.key().end as u32
    }

    /// Where the `AnyValue` of a usual pair lies.
    ///
    /// PERF (tenant): of a record whose attributes twenty rules ask about, this is a fortieth of all.
    #[inline]
    pub fn value(self) -> Range<usize> {
        if self.is_short_key_first() {
            return self.start() + 6 + usize::from(self.key_len())..self.start() + self.len();
        }
        self.value_at_length()
    }

    #[inline(never)]
    fn value_at_length(self) -> Range<usize> {
        let Range { start, end } = self.value_field();
        start + head(end - start)..end
    }

    /// Where the field of the value of a usual pair lies, its tag and length included.
    #[inline]
    pub fn value_field(self) -> Range<usize> {
        let (start, head_len) = (self.start(), head(self.len()));
        let key = usize::from(self.key_len()) + 2;
        match self.0 & KIND {
            KEY_FIRST => start + head_len + key..start + self.len(),
            _ => start + head_len..start + self.len() - key,
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

/// A usual pair, its key not looked at, and what tells where it lies (see [`pair_at`]).
#[derive(Clone, Copy, Debug)]
pub struct PairAt {
    /// The pair.
    pub pair: Pair,
    /// Where the field ends: in a message that ends before, anywhere behind it.
    pub end: u32,
    /// Where the key starts.
    pub key_at: u32,
    /// The last byte of the key, or of what is in front of an empty one, and the byte before; the last one is the higher one.
    pub last: u32,
}

/// The shortest usual pair: tag and length of the field, and of an empty key and an empty value.
pub(super) const SHORTEST: usize = 6;

/// The usual pair in the field at `pos`, which begins so, if it has this tag and lengths of one byte, and key and value come in
/// this order.
///
/// PERF (structural, metrics): tags and the first length are one comparison, and so are tag and length of the second member.
/// What is kept is mostly what was loaded. That the field ends in the message is left to the caller, who looks for another
/// one there. Places have 32 bits, so that the compiler sees that sums do not wrap: one bounds check instead of two.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub(super) fn short_pair_at<const KEY_FIRST: bool>(
    message: &[u8],
    pos: u32,
    tag: u8,
    front: &[u8; SHORTEST],
) -> Option<PairAt> {
    let head = u32::from_le_bytes(*front.first_chunk()?);
    let (first, second) = if KEY_FIRST { (tags::KEY, tags::VALUE) } else { (tags::VALUE, tags::KEY) };
    if head & 0x00ff_80ff != u32::from(tag) | u32::from(first) << 16 {
        return None;
    }
    let (len, split) = (head >> 8 & 0xff, head >> 24);
    // The length that the second member must have; where there is no room for it, none.
    let rest = len.wrapping_sub(split + 4);
    let end = pos.wrapping_add(2 + len);
    // The last two bytes of the first member, and the first two of the second one.
    let middle = pos.wrapping_add(2 + split) as usize;
    let next = u32::from_le_bytes(*message.get(middle..middle + 4)?.first_chunk()?);
    if next >> 16 != u32::from(second) | rest << 8 {
        return None;
    }
    if KEY_FIRST {
        let pair = Pair::key_first(pos, head);
        return Some(PairAt { pair, end, key_at: pos.wrapping_add(4), last: next & 0xffff });
    }
    let at = end as usize;
    let last = u16::from_le_bytes(*message.get(at.wrapping_sub(2)..at)?.first_chunk()?);
    let pair = Pair::value_first(pos, head, rest);
    Some(PairAt { pair, end, key_at: end.wrapping_sub(rest), last: u32::from(last) })
}

/// The usual pair in the field at `pos`, whose tag has one byte, if it ends in the message. For engines.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
pub fn pair_at(message: &[u8], pos: u32) -> Option<PairAt> {
    let at = pos as usize;
    let front = message.get(at..at + SHORTEST)?.first_chunk()?;
    let tag = front[0];
    short_pair_at::<true>(message, pos, tag, front)
        .or_else(|| short_pair_at::<false>(message, pos, tag, front))
        .filter(|at| at.end as usize <= message.len())
        .or_else(|| longer_pair_at(message, pos))
}

/// The same where lengths may have two bytes.
#[inline(never)]
fn longer_pair_at(message: &[u8], pos: u32) -> Option<PairAt> {
    let at = pos as usize;
    let (content, end) = short_field(message, at)?;
    let message = message.get(..end)?;
    let kind = match *message.get(content)? {
        tags::KEY => KEY_FIRST,
        tags::VALUE => VALUE_FIRST,
        _ => return None,
    };
    let (first_start, first_end) = short_field(message, content)?;
    if *message.get(first_end)? != if kind == KEY_FIRST { tags::VALUE } else { tags::KEY } {
        return None;
    }
    let (second_start, second_end) = short_field(message, first_end)?;
    let key = if kind == KEY_FIRST { first_start..first_end } else { second_start..second_end };
    if second_end != end || key.len() >= 0x80 {
        return None;
    }
    let last = message.get(key.end - 2..key.end)?.first_chunk()?;
    Some(PairAt {
        pair: Pair::of(kind, pos, (end - at) as u16, key.len() as u8, UNKNOWN),
        end: end as u32,
        key_at: key.start as u32,
        last: u32::from(u16::from_le_bytes(*last)),
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
