//! [`SizedPair`]: a pair of an attribute map, encoded once and written wherever it is needed.

use ottl_core::function::Pieces;
use ottl_core::value::{encode_sized_pair, key_value};
use ottl_core::{Arena, EvalError, Value};
use ottl_otlp::any::tags;

/// A pair that is written as a whole: its `KeyValue` with the length in front, which is the field without its tag.
///
/// PERF (spans, tenant): what is no more than a place and a length comes in registers. More than that comes through memory, and is
/// read as a whole before all of it has left the store buffer. Where key and value lie, the first bytes tell.
#[derive(Clone, Copy, Debug)]
pub(super) struct SizedPair<'a>(&'a [u8]);

impl<'a> SizedPair<'a> {
    /// A key and an `AnyValue`, which comes in parts, in the arena. Nothing if the key is empty or has 128 bytes or more, or the
    /// value has 8 KiB or more.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`].
    ///
    /// PERF (tenant, spans): it is written where it stays, since its length is known.
    #[inline(never)]
    pub fn new<const PARTS: usize>(
        arena: &'a Arena,
        key: &[u8],
        any: [&[u8]; PARTS],
    ) -> Result<Option<SizedPair<'a>>, EvalError> {
        let any_len = any.iter().map(|part| part.len()).sum();
        if !(1..0x80).contains(&key.len()) || any_len >= 0x2000 {
            return Ok(None);
        }
        let len = 2 + key.len() + 1 + length_len(any_len) + any_len;
        let pair_at = length_len(len);
        let bytes = arena.repeat(pair_at + len, 0)?;
        let any_at = bytes.len() - any_len;
        // None of these fails: the sum of the parts is the length.
        let Some((head, rest)) = bytes.split_at_mut_checked(pair_at + 2) else { return Ok(None) };
        put_length(head, len);
        if let [.., tag, key_len] = head {
            (*tag, *key_len) = (tags::KEY, key.len() as u8);
        }
        let Some((to, rest)) = rest.split_at_mut_checked(key.len()) else { return Ok(None) };
        to.copy_from_slice(key);
        let Some(([tag, head @ ..], mut rest)) = rest.split_at_mut_checked(any_at - pair_at - 2 - key.len()) else {
            return Ok(None);
        };
        *tag = tags::VALUE;
        put_length(head, any_len);
        for part in any {
            let Some((to, behind)) = rest.split_at_mut_checked(part.len()) else { return Ok(None) };
            match (to, part) {
                ([], _) => {}
                // The head of a short text.
                ([a, b], [tag, len]) => (*a, *b) = (*tag, *len),
                (to, part) => to.copy_from_slice(part),
            }
            rest = behind;
        }
        Ok(Some(SizedPair(bytes)))
    }

    /// A key and a text, in the arena. Nothing if the key is empty or has 128 bytes or more, or the text is long.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`].
    ///
    /// PERF (redaction): the pieces are copied to where they stay; mostly it is one, the rest being empty.
    #[inline]
    pub fn of_text(arena: &'a Arena, key: &[u8], text: &Pieces<'_>) -> Result<Option<SizedPair<'a>>, EvalError> {
        let len = text.len();
        if len >= 0x2000 {
            return Ok(None);
        }
        let [low, high] = varint(len);
        let head = [tags::TEXT, low, high];
        let head = head.get(..1 + length_len(len)).unwrap_or_default();
        match text.0 {
            [one, [], []] | [[], one, []] => SizedPair::new(arena, key, [head, one]),
            [front, middle, back] => SizedPair::new(arena, key, [head, front, middle, back]),
        }
    }

    /// A key and a scalar, in the arena. Nothing for other values, and for keys and texts of 128 bytes or more.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`].
    #[inline]
    pub fn of_scalar(arena: &'a Arena, key: &[u8], value: &Value<'_>) -> Result<Option<SizedPair<'a>>, EvalError> {
        match scalar(value) {
            Some(Scalar { front, len, text }) => {
                SizedPair::new(arena, key, [front.to_le_bytes().get(..len).unwrap_or_default(), text])
            }
            None => Ok(None),
        }
    }

    /// A pair whose `KeyValue` has its length in front.
    #[inline]
    pub const fn of_bytes(bytes: &'a [u8]) -> SizedPair<'a> {
        SizedPair(bytes)
    }

    /// The field without its tag.
    #[inline]
    pub const fn bytes(&self) -> &'a [u8] {
        self.0
    }

    /// The `KeyValue`.
    #[inline]
    pub fn pair(&self) -> &'a [u8] {
        match self.0 {
            [..0x80, pair @ ..] => pair,
            // All bytes of the length but its last one have the highest bit.
            bytes => {
                bytes.iter().position(|byte| *byte < 0x80).and_then(|last| bytes.get(last + 1..)).unwrap_or_default()
            }
        }
    }

    /// The `AnyValue`.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn any(&self) -> &'a [u8] {
        // Of a pair that is shorter than 128 bytes, all lengths have one byte.
        match self.0 {
            [..0x80, tags::KEY, len, rest @ ..] => rest.get(usize::from(*len) + 2..).unwrap_or_default(),
            _ => self.any_at_length(),
        }
    }

    #[inline(never)]
    fn any_at_length(&self) -> &'a [u8] {
        key_value(self.pair()).map_or(&[], |pair| pair.value)
    }

    /// The key, which is shorter than 128 bytes. An empty one is not written.
    #[inline]
    pub fn key(&self) -> &'a [u8] {
        match self.pair() {
            [tags::KEY, len, rest @ ..] => rest.get(..usize::from(*len)).unwrap_or_default(),
            _ => &[],
        }
    }

    /// How many bytes it takes, its tag not counted.
    #[inline]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// From this length on, what begins with a length of one byte is longer than that tells.
const LONG: usize = 0x80;

/// How long keys of pairs with heads are at most.
const LONGEST_KEY: usize = 60;

/// What comes before the value in pairs of one key, for pairs that are shorter than 128 bytes.
#[derive(Debug)]
pub(super) struct PairHead {
    /// Room for the pair's length, the key with its tag and length, the tag of the value, room for its length, and for the value.
    bytes: [u8; LONG],
    /// Where the value starts.
    any_at: u8,
}

impl PairHead {
    /// For a key that is neither empty nor long.
    pub fn new(key: &[u8]) -> Option<PairHead> {
        let mut bytes = [0; LONG];
        let (1..=LONGEST_KEY, [_, tag, key_len, rest @ ..]) = (key.len(), &mut bytes) else { return None };
        (*tag, *key_len) = (tags::KEY, key.len() as u8);
        let (to, rest) = rest.split_at_mut_checked(key.len())?;
        to.copy_from_slice(key);
        *rest.first_mut()? = tags::VALUE;
        Some(PairHead { bytes, any_at: 5 + key.len() as u8 })
    }

    /// A pair of the key and a scalar, in the arena. Nothing for other values, and where the pair is long.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`].
    ///
    /// PERF (a `set` from a converter, redaction): it is written where it stays. Put together elsewhere, it would be read in wide
    /// pieces before what was written in narrow ones has left the store buffer.
    #[inline]
    pub fn with_scalar<'a>(&self, arena: &'a Arena, value: &Value<'_>) -> Result<Option<SizedPair<'a>>, EvalError> {
        match scalar(value) {
            Some(Scalar { front, len, text }) => self.with(arena, front, len, text),
            None => Ok(None),
        }
    }

    /// A pair of the key and an `AnyValue`, in the arena. Nothing where the pair is long.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`].
    #[inline]
    pub fn with_any<'a>(&self, arena: &'a Arena, any: &[u8]) -> Result<Option<SizedPair<'a>>, EvalError> {
        self.with(arena, 0, 0, any)
    }

    /// Whether pairs with a text of `len` bytes are short.
    #[inline]
    pub fn has_room(&self, len: usize) -> bool {
        usize::from(self.any_at) + 2 + len <= self.bytes.len()
    }

    /// A pair of the key and a text of `len` bytes, in the arena, which `write` writes to where it stays. Nothing where the pair is
    /// long.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`].
    #[inline]
    pub fn with_text<'a>(
        &self,
        arena: &'a Arena,
        len: usize,
        write: impl FnOnce(&mut [u8]),
    ) -> Result<Option<SizedPair<'a>>, EvalError> {
        let front = tagged(tags::TEXT, len as u64);
        self.with_front(arena, (front, 2), len, write)
    }

    /// The same of an `AnyValue` in two parts: the first `len` bytes of `front`, of which the lowest is the first, and the rest.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn with<'a>(
        &self,
        arena: &'a Arena,
        front: u128,
        len: usize,
        rest: &[u8],
    ) -> Result<Option<SizedPair<'a>>, EvalError> {
        self.with_front(arena, (front, len), rest.len(), |to| {
            if !rest.is_empty() {
                to.copy_from_slice(rest);
            }
        })
    }

    /// The same where the rest has `rest` bytes, which `write` writes.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn with_front<'a>(
        &self,
        arena: &'a Arena,
        (front, len): (u128, usize),
        rest: usize,
        write: impl FnOnce(&mut [u8]),
    ) -> Result<Option<SizedPair<'a>>, EvalError> {
        let (any_at, any_len) = (usize::from(self.any_at), len + rest);
        let Some(room) = self.bytes.get(..any_at + any_len) else { return Ok(None) };
        let bytes = arena.copy(room)?;
        // None of these fails: the sum of the parts is the length.
        let Some((head, any)) = bytes.split_at_mut_checked(any_at) else { return Ok(None) };
        let Some((to, behind)) = any.split_at_mut_checked(len) else { return Ok(None) };
        if let [pair_len, .., len_at] = head {
            (*pair_len, *len_at) = ((any_at + any_len - 1) as u8, any_len as u8);
        }
        match to {
            [] => {}
            [tag, low] => [*tag, *low] = [front as u8, (front >> 8) as u8],
            to => to.copy_from_slice(front.to_le_bytes().get(..len).unwrap_or_default()),
        }
        write(behind);
        Ok(Some(SizedPair(bytes)))
    }
}

/// The `AnyValue` of a scalar: the first `len` bytes of `front`, of which the lowest is the first, and then the text.
///
/// PERF (redaction): what is a number needs no memory, from which it would be read before it has left the store buffer.
struct Scalar<'a> {
    front: u128,
    len: usize,
    text: &'a [u8],
}

/// Nothing for other values, and for texts of 128 bytes or more.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn scalar<'a>(value: &Value<'a>) -> Option<Scalar<'a>> {
    let (front, len) = match value {
        Value::Str(text) if text.len() < LONG => {
            return Some(Scalar { front: tagged(tags::TEXT, text.len() as u64), len: 2, text });
        }
        Value::Int(int) => tagged_varint(tags::INT, *int as u64),
        Value::Bool(bool) => (tagged(tags::BOOL, u64::from(*bool)), 2),
        Value::Float(float) => (tagged(tags::DOUBLE, float.to_bits()), 9),
        _ => return None,
    };
    Some(Scalar { front, len, text: &[] })
}

/// A tag with what stands behind it.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn tagged(tag: u8, behind: u64) -> u128 {
    u128::from(behind) << 8 | u128::from(tag)
}

/// A tag with a varint, and how long both are.
#[inline]
fn tagged_varint(tag: u8, mut value: u64) -> (u128, usize) {
    let (mut front, mut len) = (u128::from(tag), 1);
    while value >= 0x80 {
        front |= u128::from(value as u8 | 0x80) << (len * 8);
        value >>= 7;
        len += 1;
    }
    (front | u128::from(value) << (len * 8), len + 1)
}

/// How many bytes the varint of a length below 16 384 has.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn length_len(len: usize) -> usize {
    if len < 0x80 { 1 } else { 2 }
}

/// Such a varint; the second byte is 0 if it has one.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn varint(len: usize) -> [u8; 2] {
    if len < 0x80 { [len as u8, 0] } else { [len as u8 | 0x80, (len >> 7) as u8] }
}

/// Writes such a varint.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn put_length(to: &mut [u8], len: usize) {
    match (to, varint(len)) {
        ([to, ..], [low, 0]) => *to = low,
        ([to, next, ..], [low, high]) => (*to, *next) = (low, high),
        _ => {}
    }
}

/// A pair that is the same for every record.
#[derive(Debug)]
pub(super) struct EncodedPair(Vec<u8>);

impl EncodedPair {
    /// From key and value.
    pub fn new(key: &[u8], value: &Value<'_>) -> EncodedPair {
        let mut bytes = Vec::new();
        encode_sized_pair(&mut bytes, key, value);
        EncodedPair(bytes)
    }

    /// The pair, ready to be written.
    #[inline]
    pub fn sized(&self) -> SizedPair<'_> {
        SizedPair(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use ottl_core::value::encode_any;

    use super::*;

    fn any_of(value: &Value<'_>) -> Vec<u8> {
        let mut any = Vec::new();
        encode_any(&mut any, value);
        any
    }

    #[test]
    fn pairs_of_scalars_are_those_that_encoding_gives() {
        let arena = Arena::new();
        let ints = (0..64).flat_map(|bits| [1i64.wrapping_shl(bits), 1i64.wrapping_shl(bits).wrapping_sub(1)]);
        let ints = ints.flat_map(|int| [int, int.wrapping_neg()]).map(Value::Int);
        let floats = [0.0, -0.0, 1.5, f64::NAN, f64::INFINITY].map(Value::Float);
        let others = [Value::Bool(false), Value::Bool(true), Value::Str(b""), Value::Str(&[b't'; 127])];
        for value in ints.chain(floats).chain(others) {
            let expected = EncodedPair::new(b"key", &value);
            let pair = SizedPair::of_scalar(&arena, b"key", &value).expect("there is memory").expect("it is short");
            let expected = expected.sized();
            assert_eq!((pair.bytes(), pair.any()), (expected.bytes(), &any_of(&value)[..]));
            let head = PairHead::new(b"key").expect("the key is short");
            let pair = head.with_scalar(&arena, &value).expect("there is memory");
            let short = (expected.len() <= LONG).then_some((expected.bytes(), expected.any()));
            assert_eq!(pair.map(|pair| (pair.bytes(), pair.any())), short, "{value:?}");
        }
        assert!(SizedPair::of_scalar(&arena, b"key", &Value::Nil).expect("there is memory").is_none());
    }

    /// Pairs from a head are the ones that encoding gives, or there are none: of long keys and values.
    #[test]
    fn pairs_from_heads_are_those_that_encoding_gives() {
        let arena = Arena::new();
        assert!(PairHead::new(b"").is_none() && PairHead::new(&[b'k'; 61]).is_none());
        for key_len in [1, 2, 30, 59, 60] {
            let key = vec![b'k'; key_len];
            let head = PairHead::new(&key).expect("the key is short");
            for text_len in 0..130 {
                let text = vec![b't'; text_len];
                let expected = EncodedPair::new(&key, &Value::Str(&text));
                let expected = expected.sized();
                let of_text = head.with_scalar(&arena, &Value::Str(&text)).expect("there is memory");
                let of_any = head.with_any(&arena, expected.any()).expect("there is memory");
                let short = (expected.len() <= LONG).then_some(expected.bytes());
                let fill = |to: &mut [u8]| to.fill(b't');
                let filled = if text_len < LONG { head.with_text(&arena, text_len, fill) } else { Ok(of_text) };
                assert!(text_len >= LONG || head.has_room(text_len) == of_text.is_some());
                for pair in [of_text, of_any, filled.expect("there is memory")] {
                    assert_eq!(pair.map(|pair| pair.bytes()), short, "{key_len} {text_len}");
                }
            }
        }
    }

    /// Pairs are the ones that encoding gives, at every length at which a varint grows.
    #[test]
    fn pairs_in_the_arena_are_those_that_encoding_gives() {
        let arena = Arena::new();
        for key_len in [1, 2, 100, 127] {
            for text_len in [0, 1, 2, 20, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127] {
                let (key, text) = (vec![b'k'; key_len], vec![b't'; text_len]);
                let expected = EncodedPair::new(&key, &Value::Str(&text));
                let head = [tags::TEXT, text_len as u8];
                let any = expected.sized().any();
                for any in [[&head[..], &text], [any, &[]]] {
                    let pair = SizedPair::new(&arena, &key, any).expect("there is memory").expect("it is short");
                    assert_eq!(pair.bytes(), expected.sized().bytes(), "{key_len} {text_len}");
                    let value = any_of(&Value::Str(&text));
                    assert_eq!((pair.key(), pair.any()), (&key[..], &value[..]), "{key_len} {text_len}");
                }
            }
        }
        let text = vec![b't'; 0x2000];
        for key_len in [0, 1, 100, 127, 128] {
            for text_len in (0..400).chain([0x1ffc, 0x1ffd]) {
                let (key, text) = (vec![b'k'; key_len], &text[..text_len]);
                let expected = EncodedPair::new(&key, &Value::Str(text));
                let expected = expected.sized();
                let (front, rest) = text.split_at(text_len / 2);
                let (middle, back) = rest.split_at(rest.len() / 2);
                let pair = SizedPair::of_text(&arena, &key, &Pieces([front, middle, back])).expect("there is memory");
                let short = (1..0x80).contains(&key_len) && text_len < 0x1ffd;
                assert_eq!(expected.any(), any_of(&Value::Str(text)), "{key_len} {text_len}");
                let expected = short.then_some(expected.bytes());
                assert_eq!(pair.map(|pair| pair.bytes()), expected, "{key_len} {text_len}");
            }
        }
        let long = vec![b't'; 300];
        let expected = EncodedPair::new(b"key", &Value::Str(&long));
        let pair = SizedPair::new(&arena, b"key", [expected.sized().any(), &[]]).expect("there is memory");
        assert_eq!(pair.map(|pair| pair.bytes()), Some(expected.sized().bytes()));
        for (key, any_len) in [(&[][..], 1), (&[b'k'; 128], 1), (b"k", 0x2000)] {
            let any = vec![0; any_len];
            assert!(SizedPair::new(&arena, key, [&any, &[]]).expect("there is memory").is_none());
        }
    }
}
