//! The walk over the attributes of a record.

use ottl_otlp::wire::read_varint;

use super::super::walk::field;
use super::texts::{may_change, path};

/// As many attributes as a record has here.
pub const MOST: usize = 64;

/// What becomes of an attribute.
#[derive(Clone, Copy, PartialEq)]
pub enum Way {
    /// It stays.
    Kept,
    /// It stays, also if there are too many.
    Priority,
    /// It gets another key and stays, also if there are too many.
    Method,
    Path,
    Code,
    /// It goes, and the others close up.
    Internal,
    /// It goes, and the last attribute comes to its place.
    Session,
    Authorization,
    Cookie,
}

/// An attribute: its field, and where the content of its value begins.
#[derive(Clone, Copy)]
pub struct Item {
    pub start: u32,
    pub value: u32,
    /// Of a path without its query.
    pub end: u32,
    pub way: Way,
    /// Its text may have addresses or is too long.
    pub text: bool,
}

impl Item {
    pub const NONE: Item = Item { start: 0, value: 0, end: 0, way: Way::Kept, text: false };

    /// Whether it stays if there are too many.
    pub fn is_priority(&self) -> bool {
        matches!(self.way, Way::Priority | Way::Method | Way::Path | Way::Code)
    }
}

/// Keys that a record has, and what it gets behind its attributes, as bits.
pub const SESSION: u32 = 1;
pub const AUTHORIZATION: u32 = 2;
pub const COOKIE: u32 = 4;
pub const METHOD: u32 = 8;
pub const PATH: u32 = 16;
pub const CODE: u32 = 32;
pub const ADDRESS: u32 = 64;
pub const DURATION: u32 = 128;
pub const USER: u32 = 1 << 8;
pub const SLOW: u32 = 1 << 9;
pub const CLASS: u32 = 1 << 10;
pub const ENV: u32 = 1 << 11;
pub const TEAM: u32 = 1 << 12;
pub const PROBE: u32 = 1 << 13;

/// What the walk found besides.
#[derive(Default)]
pub struct Found {
    /// Bits.
    pub has: u32,
    pub count: usize,
    pub session: usize,
    pub internals: usize,
    /// The text of the e-mail address.
    pub email: (usize, usize),
    /// The first digit of the status code, 4 or 5.
    pub class: u8,
}

impl Found {
    /// Takes an attribute out; the last one comes to its place.
    #[inline(always)]
    pub fn swap_remove(&mut self, items: &mut [Item; MOST], index: usize) {
        self.count -= 1;
        items[index] = items[self.count];
    }
}

/// Where an attribute's parts begin and end: its key, and the content of its value.
#[derive(Clone, Copy, Default)]
pub struct Parts {
    pub key: usize,
    pub key_end: usize,
    pub value: usize,
    pub end: usize,
    /// Where the text begins that the value is; 0 if it is none.
    pub text: usize,
}

/// The parts of the attribute at `at`, where `rest` begins, which is a field of this tag that begins with `head`; None also if
/// its lengths have more than one byte.
#[inline(always)]
fn usual_parts<const TAG: u8>(rest: &[u8], at: usize, head: u32) -> Option<Parts> {
    if head & 0x80ff_80ff != 0x000a_0000 | TAG as u32 {
        return None;
    }
    // The lengths of the pair, the key and the value.
    let (pair, key) = ((head >> 8 & 0xff) as usize, (head >> 24) as usize);
    let len = (pair as u32).wrapping_sub(key as u32 + 4);
    let next = u32::from_le_bytes(*rest.get(..pair + 2)?.get(key + 4..key + 8)?.first_chunk()?);
    let text = if next == len.wrapping_mul(0x0100_0100).wrapping_add(0xfe0a_0012) {
        at + key + 8
    } else if next & 0xffff == len << 8 | 0x12 && next >> 16 & 0xff != 0x0a {
        0
    } else {
        return None;
    };
    Some(Parts { key: at + 4, key_end: at + 4 + key, value: at + key + 6, end: at + pair + 2, text })
}

/// The parts of the attribute at `at`, which is a field of this tag.
pub fn parts<const TAG: u8>(message: &[u8], at: usize) -> Option<Parts> {
    let rest = message.get(at..)?;
    let head = rest.first_chunk().map(|head| u32::from_le_bytes(*head));
    head.and_then(|head| usual_parts::<TAG>(rest, at, head)).or_else(|| long_parts::<TAG>(message, at))
}

/// The same, whatever lengths it has.
#[cold]
fn long_parts<const TAG: u8>(message: &[u8], at: usize) -> Option<Parts> {
    let whole = field(message, at)?;
    let pair = &message[..whole.end];
    let key = field(pair, whole.content)?;
    let value = field(pair, key.end)?;
    (whole.tag == TAG && key.tag == 0x0a && value.tag == 0x12 && value.end == whole.end).then_some(())?;
    let text = text_of(pair, value.content, value.end).unwrap_or(0);
    Some(Parts { key: key.content, key_end: key.end, value: value.content, end: whole.end, text })
}

/// Where the text begins that the value between these places is. None if it is no text.
pub fn text_of(message: &[u8], value: usize, end: usize) -> Option<usize> {
    field(&message[..end], value).filter(|text| text.tag == 0x0a && text.end == end).map(|text| text.content)
}

/// The number that the value at the beginning is.
#[inline(always)]
fn number(any: &[u8]) -> Option<f64> {
    match any {
        [0x18, low, high @ ..0x80, ..] if *low >= 0x80 => {
            Some(f64::from(u32::from(low & 0x7f) | u32::from(*high) << 7))
        }
        [0x18, ..] => Some(read_varint(any, 1).ok()?.0 as i64 as f64),
        [0x21, double @ ..] => Some(f64::from_le_bytes(double.try_into().ok()?)),
        _ => None,
    }
}

/// The tag of an attribute of a record.
pub const ATTRIBUTE: u8 = 0x32;

/// As much of an attribute as is looked at at once, and of its key.
const WINDOW: usize = 40;
type Key = [u8; WINDOW - 4];

/// Notes the attributes, of which the first is at `at`; where the last one ends.
// Not inlined: it needs the registers for itself.
#[inline(never)]
pub fn attributes(record: &[u8], mut at: usize, items: &mut [Item; MOST], found: &mut Found) -> Option<usize> {
    loop {
        let rest = record.get(at..)?;
        let Some(window) = rest.first_chunk::<WINDOW>() else {
            if rest.first() != Some(&ATTRIBUTE) {
                break;
            }
            at = rare(record, at, items, found)?;
            continue;
        };
        // Nearly all have lengths of one byte.
        let head = u32::from_le_bytes(*window.first_chunk()?);
        let Some(parts) = usual_parts::<ATTRIBUTE>(rest, at, head) else {
            if head as u8 != ATTRIBUTE {
                break;
            }
            at = rare(record, at, items, found)?;
            continue;
        };
        let end = parts.end;
        note(record, at, parts, window[4..].first_chunk()?, items, found)?;
        at = end;
    }
    Some(at)
}

/// Notes an attribute that is long or near the end of its record; where it ends.
#[cold]
fn rare(record: &[u8], at: usize, items: &mut [Item; MOST], found: &mut Found) -> Option<usize> {
    let parts = parts::<ATTRIBUTE>(record, at)?;
    let rest = &record[parts.key..];
    let mut key = [0; WINDOW - 4];
    let len = rest.len().min(key.len());
    key[..len].copy_from_slice(&rest[..len]);
    note(record, at, parts, &key, items, found)?;
    Some(parts.end)
}

/// Notes an attribute.
#[inline(always)]
fn note(
    record: &[u8],
    start: usize,
    parts: Parts,
    key: &Key,
    items: &mut [Item; MOST],
    found: &mut Found,
) -> Option<()> {
    let Parts { value, mut end, text, .. } = parts;
    macro_rules! is {
        ($text:literal) => {
            key[..$text.len()] == *$text
        };
    }
    macro_rules! once {
        ($key:ident) => {
            if found.has & $key != 0 {
                return None;
            }
            found.has |= $key;
        };
    }
    let mut is_text = false;
    let way = match parts.key_end - parts.key {
        11 if is!(b"http.method") => {
            once!(METHOD);
            // No value is not given to another key.
            if value == end {
                return None;
            }
            is_text = text != 0 && may_change(record, text, end);
            Way::Method
        }
        11 if is!(b"duration_ms") => {
            once!(DURATION);
            if number(&record[value..end]).is_some_and(|number| number > 900.0) {
                found.has |= SLOW;
            }
            Way::Kept
        }
        len @ (8 | 11) if len == 11 && is!(b"http.target") || len == 8 && is!(b"url.path") => {
            once!(PATH);
            if text == 0 {
                return None;
            }
            let path = path(record, text, end);
            (end, is_text) = (path.end, path.text);
            found.has |= if path.probe { PROBE } else { 0 };
            Way::Path
        }
        len @ (16 | 25) if len == 16 && is!(b"http.status_code") || len == 25 && is!(b"http.response.status_code") => {
            once!(CODE);
            let code = number(&record[value..end])?;
            found.class = if code >= 500.0 { b'5' } else { b'4' };
            found.has |= if code >= 400.0 { CLASS } else { 0 };
            Way::Code
        }
        19 if is!(b"http.request.method") => {
            once!(METHOD);
            is_text = text != 0 && may_change(record, text, end);
            Way::Priority
        }
        10 if is!(b"user.email") => {
            once!(ADDRESS);
            if text != 0 {
                if record[text..end] != *b"anonymous" {
                    found.email = (text, end);
                    found.has |= USER;
                }
                is_text = may_change(record, text, end);
            }
            Way::Kept
        }
        10 if is!(b"session.id") => {
            once!(SESSION);
            found.session = found.count;
            Way::Session
        }
        26 if is!(b"http.request.header.cookie") => {
            once!(COOKIE);
            Way::Cookie
        }
        33 if is!(b"http.request.header.authorization") => {
            once!(AUTHORIZATION);
            Way::Authorization
        }
        3 if is!(b"env") => return None,
        4 if is!(b"slow") || is!(b"team") => return None,
        5 if is!(b"probe") => return None,
        10 if is!(b"enduser.id") => return None,
        17 if is!(b"http.status_class") => return None,
        9.. if is!(b"internal.") => {
            found.internals += 1;
            Way::Internal
        }
        _ => {
            is_text = text != 0 && may_change(record, text, end);
            Way::Kept
        }
    };
    let item = Item { start: start as u32, value: value as u32, end: end as u32, way, text: is_text };
    *items.get_mut(found.count)? = item;
    found.count += 1;
    Some(())
}
