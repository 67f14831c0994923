//! Values as text. Two algorithms are visible to users, and they differ in small things.
//!
//! JSON text serves every parameter that converts to a string; pdata text serves `stringify_all`,
//! `log.body.string` and their kin. Pdata text sorts map keys by their bytes, JSON text as they are written, with the
//! closing quote: a blank and an exclamation mark stand before it, and all that is escaped where the backslash does.

use std::ops::Range;

use crate::Arena;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::number::{INT_TEXT, int_text, push_float_es6, push_float_json, push_int};
use crate::value::Entry;
use crate::{ErrorKind, EvalError, List, ListKind, Map, Time, Value};

/// The JSON text of a value, in the arena. A top-level string is itself; top-level bytes are the caller's business.
///
/// # Errors
/// NaN or an infinity anywhere, and record parts, have no JSON text.
pub fn json_text<'a>(value: &Value<'a>, arena: &'a Arena) -> Result<&'a [u8], EvalError> {
    match value {
        Value::Str(s) => return Ok(s),
        Value::Int(i) => return Ok(arena.copy(int_text(*i, &mut [0; INT_TEXT]))?),
        _ => {}
    }
    let mut out = room_for(value, arena)?;
    push_json_text(&mut out, value)?;
    Ok(arena.copy(&out)?)
}

/// Appends the JSON text of a value; strings are quoted, `<`, `>` and `&` escaped.
///
/// # Errors
/// As [`json_text`].
pub fn push_json_text(out: &mut Vec<u8>, value: &Value<'_>) -> Result<(), EvalError> {
    push_json(out, value, Flavour::Json)
}

/// The pdata text of a value, in the arena: nil is empty, bytes are base64, containers JSON without HTML escapes.
///
/// # Errors
/// [`ErrorKind::Budget`].
pub fn pdata_text<'a>(value: &Value<'a>, arena: &'a Arena) -> Result<&'a [u8], EvalError> {
    match value {
        Value::Str(s) => return Ok(s),
        Value::Int(i) => return Ok(arena.copy(int_text(*i, &mut [0; INT_TEXT]))?),
        _ => {}
    }
    let mut out = room_for(value, arena)?;
    push_pdata_text(&mut out, value);
    Ok(arena.copy(&out)?)
}

/// Fails before a text is built of a value that is too large for one: elements may be shared, and a text repeats them.
///
/// PERF (functions): most texts fit into the room that they get at once.
fn room_for(value: &Value<'_>, arena: &Arena) -> Result<Vec<u8>, EvalError> {
    let size = value.size();
    arena.check(size)?;
    Ok(Vec::with_capacity(size.clamp(32, 1024)))
}

/// Appends the pdata text of a value. A container that holds NaN or an infinity has the empty text.
pub fn push_pdata_text(out: &mut Vec<u8>, value: &Value<'_>) {
    match value {
        Value::Str(s) => out.extend_from_slice(s),
        Value::Bool(b) => out.extend_from_slice(if *b { b"true" } else { b"false" }),
        // What is stored is no integer of Go any more.
        Value::Int(i) | Value::GoInt(i) => push_int(out, *i),
        Value::Float(f) if f.is_nan() => out.extend_from_slice(b"NaN"),
        Value::Float(f) if f.is_infinite() => out.extend_from_slice(if *f > 0.0 { b"Infinity" } else { b"-Infinity" }),
        Value::Float(f) => push_float_es6(out, *f),
        Value::Bytes(b) => out.extend_from_slice(STANDARD.encode(b).as_bytes()),
        Value::Map(_) | Value::List(_) => {
            let start = out.len();
            if push_json(out, value, Flavour::Pdata).is_err() {
                out.truncate(start);
            }
        }
        _ => {}
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Flavour {
    Json,
    Pdata,
}

fn push_json(out: &mut Vec<u8>, value: &Value<'_>, flavour: Flavour) -> Result<(), EvalError> {
    match value {
        Value::Nil | Value::Absent => out.extend_from_slice(b"null"),
        Value::Bool(b) => out.extend_from_slice(if *b { b"true" } else { b"false" }),
        Value::Int(i) | Value::Duration(i) | Value::GoInt(i) => push_int(out, *i),
        Value::Float(f) if !f.is_finite() => return Err(EvalError::function("NaN and infinities have no JSON text")),
        Value::Float(f) if flavour == Flavour::Pdata => push_float_es6(out, *f),
        Value::Float(f) => push_float_json(out, *f),
        Value::Str(s) => push_quoted(out, s, flavour),
        // COMPAT: bytes that are empty are a nil slice in the reference, wherever they come from.
        Value::Bytes(b"") => out.extend_from_slice(b"null"),
        Value::Bytes(b) => {
            out.push(b'"');
            out.extend_from_slice(STANDARD.encode(b).as_bytes());
            out.push(b'"');
        }
        Value::Map(map) => push_map(out, map, flavour)?,
        // COMPAT: the reference reads empty counts, bounds and times as nil slices.
        Value::List(List::Values(ListKind::Uints | ListKind::Floats | ListKind::Times, [], _))
            if flavour == Flavour::Json =>
        {
            out.extend_from_slice(b"null");
        }
        Value::List(list) => {
            let opaque = flavour == Flavour::Json && list.kind() == ListKind::Any;
            out.push(b'[');
            for (i, item) in list.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                match item {
                    // COMPAT: maps and general lists inside a literal list are handles to the reference's encoder, and
                    // handles have no exported fields.
                    Value::Map(_) if opaque => out.extend_from_slice(b"{}"),
                    Value::List(inner) if opaque && inner.kind() == ListKind::Slice => out.extend_from_slice(b"{}"),
                    Value::Int(i) if list.kind() == ListKind::Uints => {
                        out.extend_from_slice(i.cast_unsigned().to_string().as_bytes());
                    }
                    item => push_json(out, &item, flavour)?,
                }
            }
            out.push(b']');
        }
        Value::Time(t) => {
            out.push(b'"');
            push_rfc3339(out, *t)?;
            out.push(b'"');
        }
        Value::TraceId(id) => push_numbers(out, id),
        Value::SpanId(id) => push_numbers(out, id),
        Value::ProfileId(id) => push_numbers(out, id),
        // Record parts have no exported fields, which is all that the reference's encoder looks at.
        Value::Struct(_) | Value::Lambda(_) if flavour == Flavour::Json => out.extend_from_slice(b"{}"),
        Value::Struct(_) | Value::Lambda(_) | Value::Function(_) | Value::Path(_) | Value::Thunk(_) => {
            return Err(ErrorKind::Unconvertible { expected: "string", got: value.type_name() }.into());
        }
    }
    Ok(())
}

fn push_map(out: &mut Vec<u8>, map: &Map<'_>, flavour: Flavour) -> Result<(), EvalError> {
    let mut entries: Vec<Entry<'_>> = map.iter().collect();
    entries.sort_by(|a, b| a.key.cmp(b.key));
    if flavour == Flavour::Json && entries.len() > 1 && !entries.iter().all(|entry| sorts_as_written(entry.key)) {
        sort_as_written(&mut entries);
    }
    // Keys that repeat go through a hash map in the reference, where the last one stays.
    let mut first = true;
    out.push(b'{');
    for (i, entry) in entries.iter().enumerate() {
        if entries.get(i + 1).is_some_and(|next| next.key == entry.key) {
            continue;
        }
        if !first {
            out.push(b',');
        }
        first = false;
        push_quoted(out, entry.key, flavour);
        out.push(b':');
        push_json(out, &entry.value, flavour)?;
    }
    out.push(b'}');
    Ok(())
}

/// Whether nothing in a key is escaped or stands before the closing quote. Beyond ASCII, not all is escaped.
fn sorts_as_written(key: &[u8]) -> bool {
    key.iter().all(|byte| matches!(byte, b'#'..=b'~') && !matches!(byte, b'&' | b'<' | b'>' | b'\\'))
}

/// Sorts by the texts of the keys. Keys that repeat stay together, in their order.
fn sort_as_written(entries: &mut [Entry<'_>]) {
    let mut texts = Vec::new();
    let mut written: Vec<_> = entries.iter().map(|entry| (push_key(&mut texts, entry.key), *entry)).collect();
    written.sort_by(|(one, _), (other, _)| texts[one.clone()].cmp(&texts[other.clone()]));
    for (entry, (_, sorted)) in entries.iter_mut().zip(written) {
        *entry = sorted;
    }
}

fn push_key(texts: &mut Vec<u8>, key: &[u8]) -> Range<usize> {
    let start = texts.len();
    push_quoted(texts, key, Flavour::Json);
    start..texts.len()
}

fn push_numbers(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'[');
    for (i, b) in bytes.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        push_int(out, i64::from(*b));
    }
    out.push(b']');
}

/// Appends a JSON string. Invalid UTF-8 becomes U+FFFD, a byte at a time, as Go's encoders write it.
fn push_quoted(out: &mut Vec<u8>, text: &[u8], flavour: Flavour) {
    // PERF (functions): what is written as it stands is copied in runs. The last byte begins line and paragraph separators.
    let may_be_escaped = |byte: u8| {
        matches!(byte, ..b' ' | b'"' | b'\\' | 0xe2) || flavour == Flavour::Json && matches!(byte, b'<' | b'>' | b'&')
    };
    out.push(b'"');
    for chunk in text.utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some(at) = rest.bytes().position(may_be_escaped) {
            let (plain, special) = rest.split_at(at);
            out.extend_from_slice(plain.as_bytes());
            let mut chars = special.chars();
            if let Some(c) = chars.next() {
                push_escaped(out, c, flavour);
            }
            rest = chars.as_str();
        }
        out.extend_from_slice(rest.as_bytes());
        for _ in chunk.invalid() {
            out.extend_from_slice(b"\\ufffd");
        }
    }
    out.push(b'"');
}

fn push_escaped(out: &mut Vec<u8>, c: char, flavour: Flavour) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match c {
        '"' => out.extend_from_slice(b"\\\""),
        '\\' => out.extend_from_slice(b"\\\\"),
        '\n' => out.extend_from_slice(b"\\n"),
        '\r' => out.extend_from_slice(b"\\r"),
        '\t' => out.extend_from_slice(b"\\t"),
        '\u{8}' if flavour == Flavour::Pdata => out.extend_from_slice(b"\\b"),
        '\u{c}' if flavour == Flavour::Pdata => out.extend_from_slice(b"\\f"),
        '<' | '>' | '&' if flavour == Flavour::Json => push_u(out, c as u32, HEX),
        '\0'..='\u{1f}' | '\u{2028}' | '\u{2029}' => push_u(out, c as u32, HEX),
        c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

fn push_u(out: &mut Vec<u8>, code: u32, hex: &[u8; 16]) {
    out.extend_from_slice(b"\\u");
    for shift in [12, 8, 4, 0] {
        out.push(hex[(code >> shift & 15) as usize]);
    }
}

/// Appends a time as RFC 3339 with nanoseconds, trailing zeros dropped. Years have four digits and zones at most two for
/// hours up to 23; others are an error.
fn push_rfc3339(out: &mut Vec<u8>, time: Time) -> Result<(), EvalError> {
    let offset = time.zone.offset(time.secs);
    let local = time.secs.saturating_add(i64::from(offset));
    let (days, rest) = (local.div_euclid(86_400), local.rem_euclid(86_400));
    // Beyond this the year has five digits anyway, and the calendar's arithmetic could overflow.
    let (year, month, day) = civil(days.clamp(-4_000_000, 4_000_000));
    if !(0..=9999).contains(&year) {
        return Err(EvalError::function("a time outside the years 0 to 9999 has no JSON text"));
    }
    out.extend_from_slice(
        format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60).as_bytes(),
    );
    if time.nanos != 0 {
        let digits = format!("{:09}", time.nanos);
        out.push(b'.');
        out.extend_from_slice(digits.trim_end_matches('0').as_bytes());
    }
    if offset == 0 {
        out.push(b'Z');
    } else {
        let sign = if offset < 0 { '-' } else { '+' };
        let minutes = offset.unsigned_abs() / 60;
        if minutes >= 24 * 60 {
            return Err(EvalError::function("a time a day or more from UTC has no JSON text"));
        }
        out.extend_from_slice(format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60).as_bytes());
    }
    Ok(())
}

/// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar.
///
/// Eras of 400 years (146 097 days) that start on a 1 March; see Howard Hinnant, "chrono-compatible low-level date
/// algorithms".
fn civil(days: i64) -> (i64, u32, u32) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u32;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 } as u32;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_algorithms_differ_in_escapes_and_empties() {
        let arena = Arena::new();
        let entries = [Entry { key: b"b<", value: Value::Nil }, Entry { key: b"a", value: Value::Bytes(b"\x01\x02") }];
        let map = Value::Map(Map::new(&entries).expect("flat"));
        assert_eq!(json_text(&map, &arena).expect("finite"), br#"{"a":"AQI=","b\u003c":null}"#);
        assert_eq!(pdata_text(&map, &arena).expect("fits"), br#"{"a":"AQI=","b<":null}"#);
        let items = [Value::Float(1e-7), Value::Bytes(b"")];
        let list = Value::List(List::new(ListKind::Slice, &items).expect("flat"));
        assert_eq!(json_text(&list, &arena).expect("finite"), b"[1e-07,null]");
        assert_eq!(pdata_text(&list, &arena).expect("fits"), b"[1e-7,null]");
        assert_eq!(pdata_text(&Value::Nil, &arena).expect("fits"), b"");
        assert!(json_text(&Value::Float(f64::NAN), &arena).is_err());
    }

    #[test]
    fn keys_stand_in_the_order_of_what_is_written() {
        let arena = Arena::new();
        let keys: [&[u8]; 15] = [
            b"",
            b" ",
            b"!",
            b"b",
            b"b ",
            b"b!",
            b"b\"",
            b"b#",
            b"b<",
            b"bZ",
            b"b\\",
            b"b]",
            b"b\n",
            b"b\xff",
            "b\u{2028}".as_bytes(),
        ];
        let entries = keys.map(|key| Entry { key, value: Value::Nil });
        let map = Value::Map(Map::new(&entries).expect("flat"));
        let json = String::from_utf8(json_text(&map, &arena).expect("finite").to_vec()).expect("ASCII");
        assert_eq!(
            json.replace(":null", ""),
            r#"{" ","!","","b ","b!","b","b#","bZ","b\"","b\\","b\n","b\u003c","b\u2028","b\ufffd","b]"}"#
        );
        let pdata = String::from_utf8(pdata_text(&map, &arena).expect("fits").to_vec()).expect("ASCII");
        assert_eq!(
            pdata.replace(":null", ""),
            r#"{""," ","!","b","b\n","b ","b!","b\"","b#","b<","bZ","b\\","b]","b\u2028","b\ufffd"}"#
        );
        let twice = [(b" ", 1), (b"\xff", 2), (b" ", 3), (b"\xfe", 4), (b"\xff", 5)];
        let entries = twice.map(|(key, value)| Entry { key, value: Value::Int(value) });
        let map = Value::Map(Map::new(&entries).expect("flat"));
        assert_eq!(json_text(&map, &arena).expect("finite"), br#"{" ":3,"\ufffd":4,"\ufffd":5}"#);
    }

    #[test]
    fn times_print_as_rfc3339() {
        let arena = Arena::new();
        let text = |nanos, zone| {
            let time = Time { zone, ..Time::from_unix_nanos(nanos) };
            String::from_utf8(json_text(&Value::Time(time), &arena).expect("a time").to_vec()).expect("ASCII")
        };
        assert_eq!(text(1_700_000_000_120_000_000, crate::Zone::Utc), "\"2023-11-14T22:13:20.12Z\"");
        assert_eq!(text(-1_000_000_000, crate::Zone::Fixed(-5400)), "\"1969-12-31T22:29:59-01:30\"");
    }
}
