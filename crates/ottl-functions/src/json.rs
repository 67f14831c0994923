//! JSON text to values in the arena, in one pass, as lenient as the reference's decoder (goccy/go-json 0.10).
//!
//! Every number becomes a float; of a repeated key the first place and the last value stay; strings without escapes
//! are borrowed from the text. Beyond the standard it takes leading zeros, `1.` and `-.5`, control characters in
//! strings, bytes that are no UTF-8, `null` as a key (the empty one), and anything behind a NUL byte at the end;
//! a lone surrogate becomes U+FFFD.
//! INVARIANT: containers nest at most [`MAX_DEPTH`] deep, as on the wire, because everything that walks values
//! recurses. The reference stops at 10 000.
//! Deliberately elsewhere: OTLP/JSON (`ottl-otlp`) and values to JSON text (`ottl_core::ops`).

use std::collections::HashMap;

use ottl_core::Arena;
use ottl_core::number::parse_float;
use ottl_core::value::{Entry, Extent, MAX_DEPTH};
use ottl_core::{EvalError, List, ListKind, Map, Value};
use smallvec::SmallVec;

/// Entries that wait for the end of their container; more than these move to the heap.
const WAITING: usize = 32;

/// Open containers; more than these move to the heap.
const OPEN: usize = 8;

/// Up to this many members, repeated keys are looked for without an index.
const FEW_MEMBERS: usize = 64;

/// How many bytes of text are read between two looks at the memory of what waits.
const STRETCH: usize = 4096;

/// A container whose end has not been met.
#[derive(Clone, Copy)]
struct Open<'a> {
    /// The byte that ends it; NUL for the text itself, which is no container.
    close: u8,
    /// How many lists and maps lie inside each other in it so far.
    depth: u16,
    /// Where its text begins.
    from: u32,
    /// Its first member or element among the waiting ones.
    start: usize,
    /// The key that it has in the container around it.
    key: &'a [u8],
    /// The bits of the keys seen in it: only when the bit of a new one is set, keys are compared.
    seen: u64,
    /// The bits that more than one key had.
    shared: u64,
}

impl Open<'_> {
    /// The text itself.
    const TEXT: Open<'static> = Open { close: 0, depth: 0, from: 0, start: 0, key: &[], seen: 0, shared: 0 };

    /// How large the container is, which ends at this place of the text.
    ///
    /// PERF (benches, json-bodies): its text bounds it, so its elements need not be looked at again. An element has two
    /// bytes at least.
    #[inline]
    fn extent(&self, end: usize) -> Extent {
        Extent::at_most(self.depth + 1, (end - self.from as usize).saturating_mul(1 + Extent::ELEMENT / 2))
    }

    /// Notes that a member has this key.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn note(&mut self, key: &[u8]) {
        let bit = Map::key_bit(key);
        self.shared |= self.seen & bit;
        self.seen |= bit;
    }
}

/// The value of a JSON text.
///
/// # Errors
/// What is wrong with the text.
pub(crate) fn parse<'a>(text: &'a [u8], arena: &'a Arena) -> Result<Value<'a>, EvalError> {
    // The reference's decoder ends its buffer with a NUL and takes any for that end.
    let text = Text(&text[..memchr::memchr(0, text).unwrap_or(text.len())]);
    // PERF (benches, json-bodies): one loop instead of functions that call each other, so that the position and the
    // container stay in registers, and containers cost no calls.
    let mut at = 0;
    let mut inner = Open::TEXT;
    let mut outer: SmallVec<[Open<'a>; OPEN]> = SmallVec::new();
    // The members and elements of the containers that are open, innermost last. The keys of elements mean nothing.
    let mut waiting: SmallVec<[Entry<'a>; WAITING]> = SmallVec::new();
    let mut key: &[u8] = &[];
    // Where the memory of what waits is looked at again.
    let mut due = STRETCH;
    loop {
        // PERF (benches, json-bodies): each kind of value is put where it waits by itself. A value that is any of them
        // would be taken to pieces and put together again.
        match text.next_byte(&mut at) {
            b'"' => waiting.push(Entry { key, value: Value::Str(text.string(&mut at, arena)?) }),
            b'-' | b'0'..=b'9' => waiting.push(Entry { key, value: Value::Float(text.number(&mut at)?) }),
            byte @ (b'{' | b'[') => {
                if outer.len() >= MAX_DEPTH as usize {
                    return Err(EvalError::function_at("JSON nests too deep", at));
                }
                at += 1;
                // Both closing brackets stand two places behind their opening ones.
                let close = byte + 2;
                if text.next_byte(&mut at) != close {
                    outer.push(inner);
                    inner = Open { close, from: at as u32, start: waiting.len(), key, ..Open::TEXT };
                    if close == b'}' {
                        key = text.key(&mut at, arena)?;
                        inner.note(key);
                    }
                    continue;
                }
                at += 1;
                inner.depth = inner.depth.max(1);
                let list = close == b']';
                let value = if list { Value::List(List::empty(ListKind::Slice)) } else { Value::Map(Map::EMPTY) };
                waiting.push(Entry { key, value });
            }
            b't' => waiting.push(Entry { key, value: text.word(&mut at, b"true", Value::Bool(true))? }),
            b'f' => waiting.push(Entry { key, value: text.word(&mut at, b"false", Value::Bool(false))? }),
            b'n' => waiting.push(Entry { key, value: text.word(&mut at, b"null", Value::Nil)? }),
            _ => return Err(text.cut_or(at, "not the beginning of a JSON value")),
        }
        // The value may be the last of its container, which is then a value itself.
        loop {
            match text.next_byte(&mut at) {
                b',' if inner.close != 0 => break,
                byte if byte == inner.close => {}
                _ => return Err(text.unfinished(inner.close, at)),
            }
            let value = match inner.close {
                b'}' => {
                    if inner.shared != 0 {
                        drop_repeated(&mut waiting, inner.start, inner.shared);
                    }
                    Value::Map(Map::Entries(arena.copy(&waiting[inner.start..])?, inner.extent(at)))
                }
                b']' => {
                    let elements = &waiting[inner.start..];
                    let items = arena.fill(elements.len(), |i| elements[i].value)?;
                    Value::List(List::Values(ListKind::Slice, items, inner.extent(at)))
                }
                _ => return Ok(waiting.pop().map_or(Value::Nil, |entry| entry.value)),
            };
            at += 1;
            waiting.truncate(inner.start);
            waiting.push(Entry { key: inner.key, value });
            let depth = inner.depth + 1;
            inner = outer.pop().unwrap_or(Open::TEXT);
            inner.depth = inner.depth.max(depth);
        }
        at += 1;
        if inner.close == b'}' {
            key = text.key(&mut at, arena)?;
            inner.note(key);
        }
        // PERF (benches, json-bodies): now and then is enough, and costs less than asking for the capacity.
        if at >= due {
            due = at + STRETCH;
            arena.check(waiting.len() * 2 * size_of::<Entry<'a>>())?;
        }
    }
}

/// Leaves of each key the first entry with the last value. Keys whose bit is not among the shared ones do not repeat.
#[inline(never)]
fn drop_repeated(waiting: &mut SmallVec<[Entry<'_>; WAITING]>, start: usize, shared: u64) {
    let many = waiting.len() - start > FEW_MEMBERS;
    let mut places = HashMap::with_capacity(if many { waiting.len() - start } else { 0 });
    let mut kept = start;
    for i in start..waiting.len() {
        let entry = waiting[i];
        let place = if Map::key_bit(entry.key) & shared == 0 {
            kept
        } else if many {
            *places.entry(entry.key).or_insert(kept)
        } else {
            waiting[start..kept].iter().position(|e| e.key == entry.key).map_or(kept, |place| start + place)
        };
        if place == kept {
            kept += 1;
            waiting[place] = entry;
        } else {
            waiting[place].value = entry.value;
        }
    }
    waiting.truncate(kept);
}

/// A text without NUL. What is read inline moves the position itself, what is out of line answers with the new one.
#[derive(Clone, Copy)]
struct Text<'a>(&'a [u8]);

impl<'a> Text<'a> {
    /// The error of a container of this closing byte in which neither a comma nor its end follows a value.
    #[cold]
    fn unfinished(self, close: u8, at: usize) -> EvalError {
        self.cut_or(
            at,
            match close {
                b'}' => "a JSON object needs a comma or its end",
                b']' => "a JSON array needs a comma or its end",
                _ => "text after the JSON value",
            },
        )
    }

    /// An error at a place, or that of a text that ends there.
    #[cold]
    fn cut_or(self, at: usize, reason: &'static str) -> EvalError {
        match at {
            0 if self.0.is_empty() => EvalError::function("there is no JSON in an empty text"),
            at if at >= self.0.len() => EvalError::function_at("the JSON text ends in the middle", at),
            at => EvalError::function_at(reason, at),
        }
    }

    /// The byte at `at`; NUL at the end.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn byte(self, at: usize) -> u8 {
        self.0.get(at).copied().unwrap_or(0)
    }

    /// Skips white space; the byte behind it, which stays.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn next_byte(self, at: &mut usize) -> u8 {
        match self.byte(*at) {
            byte @ b'!'.. => byte,
            _ => {
                *at = self.behind_space(*at);
                self.byte(*at)
            }
        }
    }

    #[inline(never)]
    fn behind_space(self, mut at: usize) -> usize {
        while let b' ' | b'\n' | b'\t' | b'\r' = self.byte(at) {
            at += 1;
        }
        at
    }

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn word(self, at: &mut usize, word: &'static [u8], value: Value<'a>) -> Result<Value<'a>, EvalError> {
        let end = *at + word.len();
        if self.0.get(*at..end) == Some(word) {
            *at = end;
            return Ok(value);
        }
        Err(EvalError::function_at("not the beginning of a JSON value", *at))
    }

    /// The key of a member and the colon behind it.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn key(self, at: &mut usize, arena: &'a Arena) -> Result<&'a [u8], EvalError> {
        // PERF: nearly all keys have no space around them and no escapes.
        if self.byte(*at) == b'"' {
            let start = *at + 1;
            let end = special(self.0, start);
            if self.0.get(end..end + 2) == Some(b"\":") {
                *at = end + 2;
                return Ok(&self.0[start..end]);
            }
        }
        let (key, behind) = self.general_key(*at, arena)?;
        *at = behind;
        Ok(key)
    }

    /// Any other key, and where the colon behind it ends.
    #[inline(never)]
    fn general_key(self, mut at: usize, arena: &'a Arena) -> Result<(&'a [u8], usize), EvalError> {
        let key = match self.next_byte(&mut at) {
            b'"' => self.string(&mut at, arena)?,
            b'n' => self.word(&mut at, b"null", Value::Nil).map(|_| &[][..])?,
            _ => return Err(self.cut_or(at, "a JSON object needs a string as key")),
        };
        if self.next_byte(&mut at) != b':' {
            return Err(self.cut_or(at, "a JSON key needs a colon behind it"));
        }
        Ok((key, at + 1))
    }

    /// A string; `at` is at its opening quote.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn string(self, at: &mut usize, arena: &'a Arena) -> Result<&'a [u8], EvalError> {
        let start = *at + 1;
        let end = special(self.0, start);
        if self.byte(end) == b'"' {
            *at = end + 1;
            return Ok(&self.0[start..end]);
        }
        let (string, behind) = self.escaped_string(start, end, arena)?;
        *at = behind;
        Ok(string)
    }

    /// A string whose first backslash (or the text's end) is at `at`, and where it ends.
    #[inline(never)]
    fn escaped_string(self, start: usize, mut at: usize, arena: &'a Arena) -> Result<(&'a [u8], usize), EvalError> {
        let mut out = arena.vec_for(at - start + 32)?;
        let mut plain = start;
        loop {
            out.extend_from_slice(&self.0[plain..at])?;
            match self.byte(at) {
                b'"' => break,
                b'\\' => {}
                _ => return Err(EvalError::function_at("a JSON string has no end", start - 1)),
            }
            let byte = match self.byte(at + 1) {
                b'b' => 8,
                b'f' => 12,
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'u' => {
                    let (c, end) = self.unicode_escape(at + 2)?;
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes())?;
                    plain = end;
                    at = special(self.0, end);
                    continue;
                }
                byte @ (b'"' | b'\\' | b'/') => byte,
                _ => return Err(EvalError::function_at("an unknown escape in a JSON string", at)),
            };
            out.push(byte)?;
            plain = at + 2;
            at = special(self.0, plain);
        }
        Ok((out.into_slice(), at + 1))
    }

    /// The character of the escape whose digits start at `at`, and where it ends.
    fn unicode_escape(self, at: usize) -> Result<(char, usize), EvalError> {
        const BROKEN: &str = "a JSON escape needs four hexadecimal digits";
        let high = self.unit(at).ok_or_else(|| EvalError::function_at(BROKEN, at.saturating_sub(2)))?;
        let end = at + 4;
        if (0xd800..0xdc00).contains(&high)
            && self.byte(end) == b'\\'
            && self.byte(end + 1) == b'u'
            && let Some(low @ 0xdc00..0xe000) = self.unit(end + 2)
        {
            let c = char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
            return Ok((c.unwrap_or('\u{fffd}'), end + 6));
        }
        Ok((char::from_u32(high).unwrap_or('\u{fffd}'), end))
    }

    fn unit(self, at: usize) -> Option<u32> {
        let digits = self.0.get(at..at + 4)?;
        digits.iter().try_fold(0, |unit, &digit| Some(unit << 4 | char::from(digit).to_digit(16)?))
    }

    /// A number; `at` is at its sign or first digit.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn number(self, position: &mut usize) -> Result<f64, EvalError> {
        let start = *position;
        let whole_start = start + usize::from(self.byte(start) == b'-');
        let (mut mantissa, mut at) = self.digits(0, whole_start);
        let (mut digits, mut fraction) = (at - whole_start, 0);
        if self.byte(at) == b'.' {
            let fraction_start = at + 1;
            (mantissa, at) = self.digits(mantissa, fraction_start);
            fraction = at - fraction_start;
            digits += fraction;
        }
        // A mantissa below 2^53 and a power of ten up to 22 are exact, so one division rounds correctly.
        if (1..=19).contains(&digits)
            && mantissa < 1 << 53
            && let Some(power) = EXACT_POWERS.get(fraction)
            && ends_number(self.byte(at))
        {
            *position = at;
            let size = mantissa as f64 / power;
            return Ok(if whole_start > start { -size } else { size });
        }
        let (number, end) = self.general_number(start, at)?;
        *position = end;
        Ok(number)
    }

    /// Reads digits on from a mantissa, which wraps around.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn digits(self, mut mantissa: u64, mut at: usize) -> (u64, usize) {
        while let digit @ b'0'..=b'9' = self.byte(at) {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            at += 1;
        }
        (mantissa, at)
    }

    /// Any other number: exponents, many digits; and where it ends. `at` is behind the digits that were seen.
    #[inline(never)]
    fn general_number(self, start: usize, mut at: usize) -> Result<(f64, usize), EvalError> {
        while matches!(self.byte(at), b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-') {
            at += 1;
        }
        if !ends_number(self.byte(at)) {
            return Err(EvalError::function_at("a JSON number has no end", start));
        }
        match parse_float(&self.0[start..at]) {
            Ok(number) => Ok((number, at)),
            Err(_) => Err(EvalError::function_at("not a JSON number, or too large", start)),
        }
    }
}

/// Powers of ten that floats hold exactly.
const EXACT_POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

fn ends_number(byte: u8) -> bool {
    matches!(byte, 0 | b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' | b'}' | b']')
}

/// Where the first quote or backslash at or behind `at` is; the text's length if there is none.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn special(text: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // Where a byte is zero; borrows spoil only the bytes above the first zero, and only the first counts.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
    // PERF: most strings are short; the vector search pays off behind the first few words.
    for _ in 0..4 {
        let Some(bytes) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) else {
            break;
        };
        let word = u64::from_le_bytes(*bytes);
        let found = (zeros(word ^ (ONES * b'"' as u64)) | zeros(word ^ (ONES * b'\\' as u64))) & (ONES << 7);
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    far_special(text, at)
}

/// The same for long strings and at the text's end.
#[inline(never)]
fn far_special(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let offset = match rest {
        [_, _, _, _, _, _, _, _, ..] => memchr::memchr2(b'"', b'\\', rest),
        _ => rest.iter().position(|byte| matches!(byte, b'"' | b'\\')),
    };
    offset.map_or(text.len(), |offset| at + offset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_call::show;

    #[test]
    fn texts() {
        let arena = Arena::new();
        for (text, want) in [
            (r#"{"a":1,"b":[true,false,null],"c":{"d":"x"}}"#, r#"{a: 1.0, b: Slice[true, false, nil], c: {d: "x"}}"#),
            (r#" { "a" : { } , "b" : [ ] } "#, "{a: {}, b: Slice[]}"),
            (r#"{"a":1,"b":2,"a":3}"#, "{a: 3.0, b: 2.0}"),
            // Keys of one length and one last byte share a bit.
            (r#"{"xa":1,"ya":2,"za":3,"ya":{"xa":4}}"#, "{xa: 1.0, ya: {xa: 4.0}, za: 3.0}"),
            (r#"{"a":[{"b":1},2,{"b":[]}],"b":{}}"#, "{a: Slice[{b: 1.0}, 2.0, {b: Slice[]}], b: {}}"),
            (r#"{null:1}"#, "{: 1.0}"),
            ("{}\0garbage", "{}"),
            ("[-.5,1.,01,1e3,1.5E-2,-7]", "Slice[-0.5, 1.0, 1.0, 1000.0, 0.015, -7.0]"),
            ("[123456789012345678901,0.1,9007199254740993]", "Slice[1.2345678901234568e20, 0.1, 9007199254740992.0]"),
            (
                r#"["\ud800x\udc00","\ud83d\ude00","\u00e9","\"\\\/\b\f\n\r\t"]"#,
                "Slice[\"\u{fffd}x\u{fffd}\", \"😀\", \"é\", \"\"\\/\u{8}\u{c}\n\r\t\"]",
            ),
            ("[\"a\nb\x01\"]", "Slice[\"a\nb\x01\"]"),
            (r#""only a string""#, r#""only a string""#),
            (
                r#"["01234567890123456789012345678901234567890123456789\n"]"#,
                "Slice[\"01234567890123456789012345678901234567890123456789\n\"]",
            ),
        ] {
            let got = parse(text.as_bytes(), &arena);
            assert_eq!(got.map(|v| show(&v)), Ok(want.to_owned()), "{text}");
        }
    }

    #[test]
    fn faults() {
        let arena = Arena::new();
        for text in [
            "",
            " ",
            "{",
            "[",
            "[1",
            "[1,",
            "[1,]",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":1",
            "{\"a\":1,",
            "{\"a\":1,}",
            "{a:1}",
            "{1:1}",
            "[1 2]",
            "[1],2",
            "1,2",
            "[1}",
            "{\"a\":1]",
            "[\"",
            "[\"a",
            "[\"\\",
            "[\"\\x\"]",
            "[\"\\u12\"]",
            "[\"\\u12g4\"]",
            "[\"a\0b\"]",
            "tru",
            "nul",
            "[falsy]",
            "[-]",
            "[--1]",
            "[1e400]",
            "[1e]",
            "[.5]",
            "[+1]",
            "[1x]",
            "[NaN]",
            "{} x",
            "\u{feff}{}",
            "[1_0]",
            "[0x10]",
        ] {
            assert!(parse(text.as_bytes(), &arena).is_err(), "{text:?}");
        }
    }

    #[test]
    fn every_prefix_is_a_fault() {
        let arena = Arena::new();
        let text = br#"{"a":[1,-2.5e3,"x\u00e9\n"],"b":{"c":null,"d":true},"a long key without an escape":""}"#;
        assert!(parse(text, &arena).is_ok());
        for end in 0..text.len() {
            assert!(parse(&text[..end], &arena).is_err(), "{end}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let arena = Arena::new();
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(MAX_DEPTH as usize).as_bytes(), &arena).is_ok());
        assert!(parse(nested(MAX_DEPTH as usize + 1).as_bytes(), &arena).is_err());
        assert!(parse("[{\"a\":".repeat(100_000).as_bytes(), &arena).is_err());
    }

    #[test]
    fn a_megabyte_of_keys_is_one_object() {
        let arena = Arena::new();
        // Distinct keys, keys whose bits are all the same, and one key again and again.
        for (key, count) in [("k", 100_000_usize), ("", 1)] {
            let members: Vec<_> = (0..100_000).map(|i| format!("\"{key}{:06}x\":{i}", i % count)).collect();
            let text = format!("{{\"nested\":{{{}}}}}", members.join(","));
            let value = parse(text.as_bytes(), &arena).expect("valid");
            let nested = value.as_map().and_then(|map| map.get(b"nested")).and_then(|v| v.as_map()).expect("an object");
            assert_eq!(nested.len(), count);
            assert_eq!(nested.iter().last().map(|e| show(&e.value)), Some("99999.0".to_owned()));
        }
    }

    #[test]
    fn many_members_keep_their_last_values() {
        let arena = Arena::new();
        let members: Vec<_> = (0..1000).map(|i| format!("\"k{}\":{i}", i % 400)).collect();
        let text = format!("{{{}}}", members.join(","));
        let value = parse(text.as_bytes(), &arena).expect("valid");
        let map = value.as_map().expect("an object");
        assert_eq!(map.len(), 400);
        assert_eq!(map.get(b"k0").map(|v| show(&v)), Some("800.0".to_owned()));
        assert_eq!(map.get(b"k399").map(|v| show(&v)), Some("799.0".to_owned()));
    }
}
