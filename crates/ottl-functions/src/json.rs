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

use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;
use ottl_core::number::parse_float;
use ottl_core::value::{Entry, MAX_DEPTH};
use ottl_core::{List, ListKind, Map, Value};
use smallvec::SmallVec;

/// Why a text is no JSON, as a phrase.
pub(crate) type Fault = &'static str;

/// Entries that wait for the end of their container; more than these move to the heap.
const WAITING: usize = 32;

/// Up to this many members, repeated keys are looked for one by one.
const FEW_MEMBERS: usize = 64;

/// The value of a JSON text.
///
/// # Errors
/// What is wrong with the text.
pub(crate) fn parse<'a>(text: &'a [u8], arena: &'a Bump) -> Result<Value<'a>, Fault> {
    let mut parser = Parser { text, at: 0, arena, waiting: SmallVec::new() };
    let value = parser.value(0)?;
    match parser.next_byte() {
        // The reference's decoder ends its buffer with a NUL and takes any for that end.
        0 => Ok(value),
        _ => Err("text after the JSON value"),
    }
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    arena: &'a Bump,
    /// The members and elements of the containers that are open, innermost last. Elements have an empty key.
    waiting: SmallVec<[Entry<'a>; WAITING]>,
}

impl<'a> Parser<'a> {
    /// The byte at `at`; NUL at the end.
    #[inline]
    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    /// Skips white space; the byte behind it, which stays.
    #[inline]
    fn next_byte(&mut self) -> u8 {
        loop {
            match self.byte(self.at) {
                b' ' | b'\n' | b'\t' | b'\r' => self.at += 1,
                byte => return byte,
            }
        }
    }

    fn value(&mut self, depth: u32) -> Result<Value<'a>, Fault> {
        match self.next_byte() {
            b'"' => self.string().map(Value::Str),
            b'-' | b'0'..=b'9' => self.number(),
            b'{' if depth < MAX_DEPTH => self.object(depth + 1),
            b'[' if depth < MAX_DEPTH => self.array(depth + 1),
            b'{' | b'[' => Err("JSON nests too deep"),
            b't' => self.word(b"true", Value::Bool(true)),
            b'f' => self.word(b"false", Value::Bool(false)),
            b'n' => self.word(b"null", Value::Nil),
            _ => Err("not the beginning of a JSON value"),
        }
    }

    fn word(&mut self, word: &'static [u8], value: Value<'a>) -> Result<Value<'a>, Fault> {
        let end = self.at + word.len();
        if self.text.get(self.at..end) == Some(word) {
            self.at = end;
            return Ok(value);
        }
        Err("a JSON word is misspelt")
    }

    fn object(&mut self, depth: u32) -> Result<Value<'a>, Fault> {
        self.at += 1;
        let start = self.waiting.len();
        if self.next_byte() == b'}' {
            self.at += 1;
            return Ok(Value::Map(Map::EMPTY));
        }
        // One bit for each key seen, by a few of its bytes: only when the bit is set, the keys are compared.
        let mut seen = 0u64;
        loop {
            let key = match self.next_byte() {
                b'"' => self.string()?,
                b'n' => self.word(b"null", Value::Nil).map(|_| &[][..])?,
                _ => return Err("a JSON object needs a string as key"),
            };
            if self.next_byte() != b':' {
                return Err("a JSON key needs a colon behind it");
            }
            self.at += 1;
            let value = self.value(depth)?;
            let bit = 1 << (fingerprint(key) & 63);
            let maybe = seen & bit != 0 && self.waiting.len() - start <= FEW_MEMBERS;
            seen |= bit;
            let same = if maybe { self.waiting[start..].iter_mut().find(|e| e.key == key) } else { None };
            match same {
                Some(entry) => entry.value = value,
                None => self.waiting.push(Entry { key, value }),
            }
            match self.next_byte() {
                b',' => self.at += 1,
                b'}' => break,
                _ => return Err("a JSON object needs a comma or its end"),
            }
        }
        self.at += 1;
        if self.waiting.len() - start > FEW_MEMBERS {
            self.drop_repeated(start);
        }
        let entries = self.arena.alloc_slice_copy(&self.waiting[start..]);
        self.waiting.truncate(start);
        Ok(Value::Map(Map::Entries(entries)))
    }

    /// Leaves of each key the first entry with the last value, in an object of many members.
    #[cold]
    fn drop_repeated(&mut self, start: usize) {
        let mut places = HashMap::with_capacity(self.waiting.len() - start);
        let mut kept = start;
        for i in start..self.waiting.len() {
            let entry = self.waiting[i];
            let place = *places.entry(entry.key).or_insert(kept);
            if place == kept {
                kept += 1;
                self.waiting[place] = entry;
            } else {
                self.waiting[place].value = entry.value;
            }
        }
        self.waiting.truncate(kept);
    }

    fn array(&mut self, depth: u32) -> Result<Value<'a>, Fault> {
        self.at += 1;
        let start = self.waiting.len();
        if self.next_byte() == b']' {
            self.at += 1;
            return Ok(Value::List(List::Values(ListKind::Slice, &[])));
        }
        loop {
            let value = self.value(depth)?;
            self.waiting.push(Entry { key: &[], value });
            match self.next_byte() {
                b',' => self.at += 1,
                b']' => break,
                _ => return Err("a JSON array needs a comma or its end"),
            }
        }
        self.at += 1;
        let waiting = &self.waiting[start..];
        let items = self.arena.alloc_slice_fill_with(waiting.len(), |i| waiting[i].value);
        self.waiting.truncate(start);
        Ok(Value::List(List::Values(ListKind::Slice, items)))
    }

    /// A string; the parser stands at its opening quote.
    #[inline]
    fn string(&mut self) -> Result<&'a [u8], Fault> {
        let start = self.at + 1;
        let end = special(self.text, start);
        if self.byte(end) == b'"' {
            self.at = end + 1;
            return Ok(&self.text[start..end]);
        }
        self.escaped_string(start, end)
    }

    /// A string whose first backslash (or NUL, or the text's end) is at `at`.
    fn escaped_string(&mut self, start: usize, mut at: usize) -> Result<&'a [u8], Fault> {
        let mut out = BumpVec::with_capacity_in(at - start + 32, self.arena);
        let mut plain = start;
        loop {
            out.extend_from_slice(&self.text[plain..at]);
            match self.byte(at) {
                b'"' => break,
                b'\\' => {}
                _ => return Err("a JSON string has no end"),
            }
            let byte = match self.byte(at + 1) {
                b'b' => 8,
                b'f' => 12,
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'u' => {
                    let (c, end) = self.unicode_escape(at + 2)?;
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                    plain = end;
                    at = special(self.text, end);
                    continue;
                }
                byte @ (b'"' | b'\\' | b'/') => byte,
                _ => return Err("an unknown escape in a JSON string"),
            };
            out.push(byte);
            plain = at + 2;
            at = special(self.text, plain);
        }
        self.at = at + 1;
        Ok(out.into_bump_slice())
    }

    /// The character of the escape whose digits start at `at`, and where it ends.
    fn unicode_escape(&self, at: usize) -> Result<(char, usize), Fault> {
        const BROKEN: Fault = "a JSON escape needs four hexadecimal digits";
        let high = self.unit(at).ok_or(BROKEN)?;
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

    fn unit(&self, at: usize) -> Option<u32> {
        let digits = self.text.get(at..at + 4)?;
        digits.iter().try_fold(0, |unit, &digit| Some(unit << 4 | char::from(digit).to_digit(16)?))
    }

    /// A number; the parser stands at its sign or first digit.
    fn number(&mut self) -> Result<Value<'a>, Fault> {
        let start = self.at;
        let mut at = start + usize::from(self.byte(start) == b'-');
        let (whole_start, mut mantissa) = (at, 0u64);
        while let digit @ b'0'..=b'9' = self.byte(at) {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            at += 1;
        }
        let (mut digits, mut fraction) = (at - whole_start, 0);
        if self.byte(at) == b'.' {
            let fraction_start = at + 1;
            at = fraction_start;
            while let digit @ b'0'..=b'9' = self.byte(at) {
                mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
                at += 1;
            }
            fraction = at - fraction_start;
            digits += fraction;
        }
        // A mantissa below 2^53 and a power of ten up to 22 are exact, so one division rounds correctly.
        let simple = (1..=19).contains(&digits) && mantissa < 1 << 53 && fraction < EXACT_POWERS.len();
        if !simple || !ends_number(self.byte(at)) {
            return self.general_number(start, at);
        }
        self.at = at;
        let size = mantissa as f64 / EXACT_POWERS[fraction];
        Ok(Value::Float(if whole_start > start { -size } else { size }))
    }

    /// Any other number: exponents, many digits. `at` is behind the digits that were seen.
    fn general_number(&mut self, start: usize, mut at: usize) -> Result<Value<'a>, Fault> {
        while matches!(self.byte(at), b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-') {
            at += 1;
        }
        if !ends_number(self.byte(at)) {
            return Err("a JSON number has no end");
        }
        self.at = at;
        parse_float(&self.text[start..at]).map(Value::Float).map_err(|_| "not a JSON number, or too large")
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

/// A few bits that differ between most keys of one object.
#[inline]
fn fingerprint(key: &[u8]) -> usize {
    match key {
        [] => 0,
        [first, .., last] => key.len() * 7 + usize::from(*first) * 3 + usize::from(*last) * 11,
        [only] => usize::from(*only),
    }
}

/// Where the first quote, backslash or NUL at or behind `at` is; the text's length if there is none.
#[inline]
fn special(text: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // Where a byte is zero; borrows spoil only the bytes above the first zero, and only the first counts.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & (ONES << 7);
    // PERF: most strings are short; the vector search pays off behind the first few words.
    for _ in 0..4 {
        let Some(bytes) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) else {
            break;
        };
        let word = u64::from_le_bytes(*bytes);
        let found = zeros(word ^ (ONES * b'"' as u64)) | zeros(word ^ (ONES * b'\\' as u64)) | zeros(word);
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = text.get(at..).unwrap_or_default();
    memchr::memchr3(b'"', b'\\', 0, rest).map_or(text.len(), |offset| at + offset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_call::show;

    #[test]
    fn texts() {
        let arena = Bump::new();
        for (text, want) in [
            (r#"{"a":1,"b":[true,false,null],"c":{"d":"x"}}"#, r#"{a: 1.0, b: Slice[true, false, nil], c: {d: "x"}}"#),
            (r#" { "a" : { } , "b" : [ ] } "#, "{a: {}, b: Slice[]}"),
            (r#"{"a":1,"b":2,"a":3}"#, "{a: 3.0, b: 2.0}"),
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
        let arena = Bump::new();
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
        let arena = Bump::new();
        let text = br#"{"a":[1,-2.5e3,"x\u00e9\n"],"b":{"c":null,"d":true},"a long key without an escape":""}"#;
        assert!(parse(text, &arena).is_ok());
        for end in 0..text.len() {
            assert!(parse(&text[..end], &arena).is_err(), "{end}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let arena = Bump::new();
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse(nested(MAX_DEPTH as usize).as_bytes(), &arena).is_ok());
        assert!(parse(nested(MAX_DEPTH as usize + 1).as_bytes(), &arena).is_err());
        assert!(parse("[{\"a\":".repeat(100_000).as_bytes(), &arena).is_err());
    }

    #[test]
    fn many_members_keep_their_last_values() {
        let arena = Bump::new();
        let members: Vec<_> = (0..1000).map(|i| format!("\"k{}\":{i}", i % 400)).collect();
        let text = format!("{{{}}}", members.join(","));
        let value = parse(text.as_bytes(), &arena).expect("valid");
        let map = value.as_map().expect("an object");
        assert_eq!(map.len(), 400);
        assert_eq!(map.get(b"k0").map(|v| show(&v)), Some("800.0".to_owned()));
        assert_eq!(map.get(b"k399").map(|v| show(&v)), Some("799.0".to_owned()));
    }
}
