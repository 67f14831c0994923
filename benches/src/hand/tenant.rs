//! The loop for `tenant`: one walk notes where the parts of a record lie and what becomes of its attributes, one pass over
//! the body says whether it has to be looked at closer, then the record is put together in memory of its own and appended.
//!
//! It relies on a severity text before a body before attributes, on these standing together, on bodies that are texts, on a
//! resource before its scopes, on status codes that are numbers, on no key twice, and on no attributes with the keys that statements make up. It gives up where
//! a message is not like that.

mod pen;
mod resource;
mod texts;

use std::cell::RefCell;

use ottl::Status;
use ottl_otlp::wire::{put_len_field, read_varint};
use sha2::block_api::compress256;
use sha2::{Digest, Sha256};

use super::redaction::{EMAIL, next_address};
use super::walk::{Fate, Rules, field, rewrite, varint};
use pen::Pen;
use texts::{BODY_LIMIT, VALUE_LIMIT, has_at, is_alarm, query, redact, redact_addresses, signs};

/// As many attributes as a record has here.
const MOST: usize = 64;

/// As many attributes as a record may have.
const LIMIT: usize = 24;

/// `SEVERITY_NUMBER_ERROR`.
const ERROR: u64 = 17;

/// Where a record begins in the memory in which it is put together: there is room for its length before it.
const HEAD: usize = 8;

/// Severity texts, as fields.
const TEXT_ERROR: &[u8] = b"\x1a\x05ERROR";
const TEXT_INFO: &[u8] = b"\x1a\x04INFO";
const TEXT_WARN: &[u8] = b"\x1a\x04WARN";

/// What becomes of an attribute.
#[derive(Clone, Copy, PartialEq, Default)]
enum Way {
    /// It stays.
    #[default]
    Kept,
    /// Its key stays, its text is looked at for addresses and cut.
    Text,
    /// It gets another key.
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
#[derive(Clone, Copy, Default)]
struct Item {
    start: u32,
    value: u32,
    end: u32,
    way: Way,
    /// Its text is looked at for addresses and cut, whatever key it gets.
    text: bool,
    /// It is a priority key of `limit`.
    priority: bool,
}

/// Keys that a record has, and what it gets behind its attributes, as bits.
const SESSION: u32 = 1;
const AUTHORIZATION: u32 = 2;
const COOKIE: u32 = 4;
const METHOD: u32 = 8;
const PATH: u32 = 16;
const CODE: u32 = 32;
const ADDRESS: u32 = 64;
const DURATION: u32 = 128;
const USER: u32 = 1 << 8;
const SLOW: u32 = 1 << 9;
const CLASS: u32 = 1 << 10;
const ENV: u32 = 1 << 11;
const TEAM: u32 = 1 << 12;
const PROBE: u32 = 1 << 13;

/// What the walk over the attributes found.
#[derive(Default)]
struct Found {
    /// Bits.
    has: u32,
    session: usize,
    internals: usize,
    priorities: usize,
    /// The text of the e-mail address.
    email: (usize, usize),
    /// The first digit of the status code, 4 or 5.
    class: u8,
}

impl Found {
    /// Notes a key; None if it was there already.
    #[inline(always)]
    fn once(&mut self, key: u32) -> Option<()> {
        let first = self.has & key == 0;
        self.has |= key;
        first.then_some(())
    }
}

struct Tenant {
    /// Where the resource lies of which the next two are.
    resource: usize,
    /// `env` and, from `team` on, `team`, as fields.
    behind: Vec<u8>,
    team: usize,
    items: [Item; MOST],
    count: usize,
    /// A text that is rewritten.
    text: Vec<u8>,
    /// The record that is put together.
    record: Vec<u8>,
}

thread_local! {
    static TENANT: RefCell<Tenant> = const {
        let item = Item { start: 0, value: 0, end: 0, way: Way::Kept, text: false, priority: false };
        RefCell::new(Tenant {
            resource: 0,
            behind: Vec::new(),
            team: 0,
            items: [item; MOST],
            count: 0,
            text: Vec::new(),
            record: Vec::new(),
        })
    };
}

/// Where the text of an encoded value begins in it. None if it is none.
#[inline(always)]
fn text_of(any: &[u8]) -> Option<usize> {
    match any {
        [0x0a, len @ ..0x80, rest @ ..] if usize::from(*len) == rest.len() => Some(2),
        [0x0a, ..] => long_text(any),
        _ => None,
    }
}

#[cold]
fn long_text(any: &[u8]) -> Option<usize> {
    field(any, 0).filter(|text| text.end == any.len()).map(|text| text.content)
}

/// The key of an attribute, and where the content of its value begins.
#[inline(always)]
fn split(pair: &[u8]) -> Option<(&[u8], usize)> {
    let [0x0a, len @ ..0x80, rest @ ..] = pair else { return None };
    let (key, value) = rest.split_at_checked(usize::from(*len))?;
    match value {
        [0x12, len @ ..0x80, any @ ..] if usize::from(*len) == any.len() => Some((key, pair.len() - any.len())),
        _ => long_value(pair, key.len() + 2),
    }
}

#[cold]
fn long_value(pair: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let value = field(pair, at)?;
    (value.tag == 0x12 && value.end == pair.len()).then(|| (&pair[2..at], value.content))
}

/// The number that a value is.
#[inline(always)]
fn number(any: &[u8]) -> Option<f64> {
    match any {
        [0x18, ..] => Some(read_varint(any, 1).ok()?.0 as i64 as f64),
        [0x21, double @ ..] => Some(f64::from_le_bytes(double.try_into().ok()?)),
        _ => None,
    }
}

/// The digest of a text, as digits.
#[inline(always)]
fn digest(text: &[u8]) -> [u8; 64] {
    let mut digest = [0; 32];
    if text.len() < 56 {
        let mut block = [0; 64];
        block[..text.len()].copy_from_slice(text);
        block[text.len()] = 0x80;
        block[56..].copy_from_slice(&(8 * text.len() as u64).to_be_bytes());
        let mut state =
            [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
        compress256(&mut state, &[block]);
        digest.as_chunks_mut().0.iter_mut().zip(state).for_each(|(bytes, word)| *bytes = u32::to_be_bytes(word));
    } else {
        digest = Sha256::digest(text).into();
    }
    let digit = |nibble: u8| nibble + if nibble < 10 { b'0' } else { b'a' - 10 };
    let mut digits = [0; 64];
    for (pair, byte) in digits.as_chunks_mut().0.iter_mut().zip(digest) {
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
    digits
}

impl Tenant {
    /// Notes the attributes, of which the first is at `at`; where the last one ends.
    #[inline(always)]
    fn attributes(&mut self, record: &[u8], mut at: usize, found: &mut Found) -> Option<usize> {
        let mut count = 0;
        while record.get(at) == Some(&0x32) {
            let part = field(record, at)?;
            let pair = &record[part.content..part.end];
            let (key, value) = split(pair)?;
            let any = &pair[value..];
            let value = part.content + value;
            let (mut way, mut priority) = (Way::Kept, false);
            match key.len() {
                8 if key == b"url.path" => (way, priority) = (Way::Path, true),
                10 if key == b"session.id" => {
                    found.once(SESSION)?;
                    found.session = count;
                    way = Way::Session;
                }
                10 if key == b"user.email" => {
                    found.once(ADDRESS)?;
                    if let Some(text) = text_of(any).filter(|start| any[*start..] != *b"anonymous") {
                        found.email = (value + text, part.end);
                        found.has |= USER;
                    }
                }
                11 if key == b"duration_ms" => {
                    found.once(DURATION)?;
                    if number(any).is_some_and(|number| number > 900.0) {
                        found.has |= SLOW;
                    }
                }
                11 if key == b"http.method" => {
                    found.once(METHOD)?;
                    (way, priority) = (Way::Method, true);
                }
                11 if key == b"http.target" => (way, priority) = (Way::Path, true),
                16 if key == b"http.status_code" => (way, priority) = (Way::Code, true),
                19 if key == b"http.request.method" => {
                    found.once(METHOD)?;
                    priority = true;
                }
                25 if key == b"http.response.status_code" => (way, priority) = (Way::Code, true),
                26 if key == b"http.request.header.cookie" => {
                    found.once(COOKIE)?;
                    way = Way::Cookie;
                }
                33 if key == b"http.request.header.authorization" => {
                    found.once(AUTHORIZATION)?;
                    way = Way::Authorization;
                }
                3 if key == b"env" => return None,
                4 if key == b"slow" || key == b"team" => return None,
                5 if key == b"probe" => return None,
                10 if key == b"enduser.id" => return None,
                17 if key == b"http.status_class" => return None,
                9.. if key.starts_with(b"internal.") => {
                    found.internals += 1;
                    way = Way::Internal;
                }
                _ => {}
            }
            let mut item =
                Item { start: at as u32, value: value as u32, end: part.end as u32, way, text: false, priority };
            found.priorities += usize::from(priority);
            at = part.end;
            // A value that is none is not given to another key.
            if priority && any.is_empty() {
                return None;
            }
            match way {
                Way::Kept | Way::Method | Way::Path => {
                    if way == Way::Path {
                        found.once(PATH)?;
                    }
                    if let Some(start) = text_of(any).map(|start| value + start) {
                        let mut end = part.end;
                        if way == Way::Path {
                            end = start + query(&record[start..end]);
                            item.end = end as u32;
                            if is_probe(&record[start..end]) {
                                found.has |= PROBE;
                            }
                        }
                        if has_at(record, start, end) || end - start > VALUE_LIMIT {
                            item.text = true;
                            if way == Way::Kept {
                                item.way = Way::Text;
                            }
                        }
                    }
                }
                Way::Code => {
                    found.once(CODE)?;
                    match number(any) {
                        Some(code) if code >= 500.0 => found.class = b'5',
                        Some(code) if code >= 400.0 => found.class = b'4',
                        Some(_) => {}
                        None => return None,
                    }
                    if found.class != 0 {
                        found.has |= CLASS;
                    }
                }
                _ => {}
            }
            *self.items.get_mut(count)? = item;
            count += 1;
        }
        self.count = count;
        Some(at)
    }

    /// Takes one out; the last one comes to its place.
    #[inline(always)]
    fn swap_remove(&mut self, index: usize) {
        self.count -= 1;
        self.items[index] = self.items[self.count];
    }

    #[cold]
    fn remove_headers(&mut self) {
        for way in [Way::Authorization, Way::Cookie] {
            if let Some(index) = self.items[..self.count].iter().position(|item| item.way == way) {
                self.swap_remove(index);
            }
        }
    }

    /// Leaves as many attributes as a record may have; what it would get behind them as bits.
    #[cold]
    fn limit(&mut self, found: &mut Found) {
        let mut others = LIMIT - found.priorities;
        let mut stays = |priority: bool| {
            let stays = priority || others > 0;
            others -= usize::from(stays && !priority);
            stays
        };
        for item in &mut self.items[..self.count] {
            if item.way != Way::Internal && !stays(item.priority) {
                item.way = Way::Internal;
            }
        }
        for bit in [USER, SLOW, CLASS, ENV, TEAM, PROBE] {
            if found.has & bit != 0 && !stays(false) {
                found.has &= !bit;
            }
        }
    }
}

/// Writes an attribute that does not stay as it is.
#[inline(always)]
fn attribute(record: &[u8], item: &Item, pen: &mut Pen<'_>) -> Option<()> {
    let (start, value, end) = (item.start as usize, item.value as usize, item.end as usize);
    // Another key has nine bytes more at most, and an address of five bytes becomes seven.
    if record[start + 1] > 90 {
        pen.put(&long(record, item)?);
        return Some(());
    }
    let begun = pen.at();
    match item.way {
        Way::Method => pen.put(b"\x32\0\x0a\x13http.request.method"),
        Way::Path => pen.put(b"\x32\0\x0a\x08url.path"),
        Way::Code => pen.put(b"\x32\0\x0a\x19http.response.status_code"),
        _ => pen.copy(record, start, value - 2),
    }
    let len_at = pen.at() + 1;
    if item.text {
        pen.put(b"\x12\0\x0a\0");
        let mut run = value + 2;
        while let Some((from, to)) = next_address(&record[..end], run) {
            pen.copy(record, run, from);
            pen.put(EMAIL);
            run = to;
        }
        pen.copy(record, run, end);
    } else {
        pen.copy(record, value - 2, end);
    }
    if record[value] == 0x0a {
        pen.patch(len_at, pen.at() - len_at - 1);
        pen.patch(len_at + 2, pen.at() - len_at - 3);
    }
    pen.patch(begun + 1, pen.at() - begun - 2);
    Some(())
}

/// The field of an attribute whose lengths may have any number of bytes.
#[cold]
fn long(record: &[u8], item: &Item) -> Option<Vec<u8>> {
    let whole = field(record, item.start as usize)?;
    let (key, value) = split(&record[whole.content..whole.end])?;
    let mut any = &record[whole.content + value..whole.end];
    let key = match item.way {
        Way::Method => &b"http.request.method"[..],
        Way::Path => b"url.path",
        Way::Code => b"http.response.status_code",
        _ => key,
    };
    let (mut text, mut encoded, mut pair, mut field) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    if let Some(start) = text_of(any) {
        redact_addresses(&record[item.value as usize + start..item.end as usize], &mut text);
        put_len_field(&mut encoded, 1, &text);
        any = &encoded;
    }
    put_len_field(&mut pair, 1, key);
    put_len_field(&mut pair, 2, any);
    put_len_field(&mut field, 6, &pair);
    Some(field)
}

/// Whether this is the path of a probe.
#[inline(always)]
fn is_probe(path: &[u8]) -> bool {
    matches!(path, b"/health" | b"/healthz" | b"/ready" | b"/readyz" | b"/live" | b"/livez")
}

impl Rules for Tenant {
    fn resource(&mut self, content: &[u8], out: &mut Vec<u8>) -> Option<()> {
        self.resource = content.as_ptr() as usize;
        self.team = resource::resource(content, out, &mut self.behind)?;
        Some(())
    }

    #[inline(always)]
    fn decide(&mut self, resource: &[u8], _: &[u8]) -> Option<Fate> {
        (resource.as_ptr() as usize == self.resource).then_some(Fate::Changed)
    }

    #[inline(always)]
    fn write(&mut self, record: &[u8], out: &mut Vec<u8>) -> Option<()> {
        // What stands before the attributes.
        let (mut number, mut severity, mut body, mut at) = (None, None, None, 0);
        while at < record.len() && record[at] != 0x32 {
            let part = field(record, at)?;
            match part.tag {
                0x10 => number = Some(part),
                0x1a => severity = Some(part),
                0x2a => body = Some(part),
                _ => {}
            }
            at = part.end;
        }
        let (severity, body) = (severity?, body?);
        let text = body.content + text_of(&record[body.content..body.end])?;
        let first = at;
        let mut found = Found::default();
        let last = self.attributes(record, at, &mut found)?;
        at = last;
        while at < record.len() {
            let part = field(record, at)?;
            if matches!(part.tag, 0x10 | 0x1a | 0x2a | 0x32) {
                return None;
            }
            at = part.end;
        }
        if severity.start > body.start {
            return None;
        }

        // The order of attributes.
        if found.has & SESSION != 0 {
            self.swap_remove(found.session);
        }
        if found.has & (AUTHORIZATION | COOKIE) != 0 {
            self.remove_headers();
        }
        if !self.behind.is_empty() {
            found.has |= if self.team > 0 { ENV } else { 0 };
            found.has |= if self.team < self.behind.len() { TEAM } else { 0 };
        }
        let made = (found.has & (USER | SLOW | CLASS | ENV | TEAM | PROBE)).count_ones() as usize;
        if self.count - found.internals + made > LIMIT {
            self.limit(&mut found);
        }

        // Severity and body.
        let signs = signs(&record[text..body.end]);
        if signs.secret {
            redact(&record[text..body.end], &mut self.text);
        }
        let level = match number {
            Some(number) => varint(record, number)?,
            None => 0,
        };
        let mut set_level = false;
        let mut set_text = match &record[severity.content..severity.end] {
            b"err" => {
                set_level = level != ERROR;
                Some(TEXT_ERROR)
            }
            b"info" => Some(TEXT_INFO),
            b"warning" => Some(TEXT_WARN),
            _ => None,
        };
        if signs.alarm && !set_level && (level as i32) < ERROR as i32 {
            let body = if signs.secret { &self.text } else { &record[text..body.end] };
            if is_alarm(body) {
                set_text = Some(TEXT_ERROR);
            }
        }

        let needed = 2 * record.len() + self.behind.len() + 1024;
        if self.record.len() < needed {
            self.record.resize(needed, 0);
        }
        let mut pen = Pen::new(&mut self.record, HEAD);
        let mut run = 0;
        if let Some(text) = set_text {
            pen.copy(record, 0, severity.start);
            if set_level {
                let number =
                    number.filter(|number| number.end == number.content + 1 && number.end <= severity.start)?;
                pen.patch(HEAD + number.content, ERROR as usize);
            }
            pen.put(text);
            run = severity.end;
        }
        let whole = if signs.secret { self.text.len() } else { body.end - text };
        if signs.secret || whole > BODY_LIMIT {
            pen.copy(record, run, body.start);
            let len = whole.min(BODY_LIMIT);
            pen.begin([0x2a, 0x0a], len);
            if signs.secret {
                pen.copy(&self.text, 0, len);
            } else {
                pen.copy(record, text, text + len);
            }
            run = body.end;
        }

        // Attributes.
        let mut end = first;
        for item in &self.items[..self.count] {
            let start = item.start as usize;
            match item.way {
                Way::Internal => continue,
                Way::Kept if start == end => {}
                Way::Kept => {
                    pen.copy(record, run, end);
                    run = start;
                }
                _ => {
                    pen.copy(record, run, end);
                    attribute(record, item, &mut pen)?;
                    run = item.end as usize;
                }
            }
            end = item.end as usize;
        }
        pen.copy(record, run, end);
        if found.has & USER != 0 {
            pen.put(b"\x32\x50\x0a\x0aenduser.id\x12\x42\x0a\x40");
            pen.put(&digest(&record[found.email.0..found.email.1]));
        }
        if found.has & SLOW != 0 {
            pen.put(b"\x32\x0a\x0a\x04slow\x12\x02\x10\x01");
        }
        if found.has & CLASS != 0 {
            pen.put(b"\x32\x1a\x0a\x11http.status_class\x12\x05\x0a\x03");
            pen.put(&[found.class, b'x', b'x']);
        }
        if found.has & ENV != 0 {
            pen.copy(&self.behind, 0, self.team);
        }
        if found.has & TEAM != 0 {
            pen.copy(&self.behind, self.team, self.behind.len());
        }
        if found.has & PROBE != 0 {
            pen.put(b"\x32\x0b\x0a\x05probe\x12\x02\x10\x01");
        }
        pen.copy(record, last, record.len());
        pen.finish(HEAD, out);
        Some(())
    }
}

/// `tenant`.
pub fn tenant(input: &[u8], out: &mut Vec<u8>) -> Option<Status> {
    TENANT.with_borrow_mut(|tenant| {
        tenant.resource = 0;
        rewrite(input, out, tenant)
    })
}

#[cfg(test)]
mod tests {
    use super::tenant;
    use crate::data::{Shape, Special, special_logs};
    use crate::rows::find;
    use ottl::{Output, RuleSet, Status};

    fn check(message: &[u8]) {
        let row = find("tenant").expect("a row");
        let rules = RuleSet::compile(&row.rules).expect("the rules compile");
        let Output::Changed(ours) = rules.transform(row.signal, message).expect("the message is sound").output else {
            panic!("all records change")
        };
        let mut out = Vec::new();
        assert_eq!(tenant(message, &mut out), Some(Status::Changed));
        assert!(out == ours);
    }

    const BODIES: [&str; 20] = [
        "",
        "short",
        "password=",
        "password= token= password=a",
        "a password=token=b token=password=c d",
        "token=tokentoken=x token=a/token=b tokentoken=c",
        "passwordpassword=1 Password=2 token=-._Z9!",
        "token=password= token=password",
        "card 1234-5678-9012-3456, 1234-5678-9012-34567 and 01234-5678-9012-3456-7890-1234-5678-9012",
        "1234-5678-9012-345 12345678-9012-3456-1234-1234",
        "password=1234-5678-9012-3456 1234-5678-9012-3456-token=1234-5678-9012-3456",
        "token=a1234-5678-9012-3456",
        "550e8400-e29b-41d4-a716-446655440000 and 1111-2222-3333-4444",
        "PANIC",
        "no panic at all in a text of some length",
        "in the end it is FaTaL",
        "password=panic token=fatal are no alarms of this text",
        "paniC: password=1 token=2",
        "p...c f...l fata panics",
        "é panic é password=é€ é",
    ];

    const TEXTS: [&str; 15] = [
        "a@b.c",
        "a@b",
        "/healthz",
        "/ready?x",
        "/live",
        "/health\n",
        "/live?a\nb?c@d.ef",
        "/x@y.zz?q",
        "a.b@c.d and A_e@f.g1 and h@i.jk",
        "@@@",
        "",
        "anonymous",
        "text of more than thirty-two bytes, and then an address@example.com",
        "x@y.zz x@y.zz x@y.zz x@y.zz x@y.zz x@y.zz x@y.zz x@y.zz x@y.zz x@y.zz x@y.zz x@y.zz",
        "?",
    ];

    const KEYS: [&str; 12] = [
        "http.method",
        "http.target",
        "url.path",
        "http.request.method",
        "session.id",
        "user.email",
        "http.request.header.cookie",
        "http.request.header.authorization",
        "internal.",
        "internal",
        "internal.shard",
        "note",
    ];

    fn text(number: usize) -> String {
        match number % 19 {
            15 => format!("{}é", "x".repeat(255)),
            16 => format!("{} y@z.zz", "x".repeat(253)),
            17 => "y".repeat(100 + number % 60),
            18 => format!("{}@example.com", "x".repeat(20 + number % 60)),
            n => TEXTS[n].to_owned(),
        }
    }

    #[test]
    fn unusual_records_are_written_as_the_engine_writes_them() {
        let special = |i: usize, attributes| Special {
            body: Some(match i % 23 {
                20 => format!("{} password=a panic", "x".repeat(8175 + i % 40)),
                21 => "x".repeat(8185 + i % 16),
                22 => format!("token={} 1111-2222-3333-4444", "x".repeat(i % 200)),
                n => BODIES[n].to_owned(),
            }),
            severity: Some([(9, "INFO"), (9, "err"), (13, "warning"), (17, "err"), (17, "info"), (18, "x")][i % 6]),
            attributes,
        };
        // Among the usual attributes, up to more than may stay.
        check(&special_logs(2000, |i| {
            special(
                i,
                (0..i % 29)
                    .map(|n| (format!("{}{n}", ["note", "internal."][(i / 29 + n) % 5 / 4]), text(i + n)))
                    .collect(),
            )
        }));
        // Without the usual ones.
        let shape = Shape { records: 5000, attributes: Some(1), body: None };
        check(&special_logs(shape, |i| {
            let mut keys = KEYS.to_vec();
            let of_method = [0, 3][i % 2];
            let of_path = [1, 2][i / 2 % 2];
            keys.retain(|key| ![KEYS[3 - of_method], KEYS[3 - of_path]].contains(key));
            keys.rotate_left(i % 10);
            keys.truncate(1 + i / 7 % 10);
            special(i, keys.into_iter().enumerate().map(|(n, key)| (key.to_owned(), text(i * 7 + n))).collect())
        }));
    }
}
